/** Names of devices as systemd takes them (ifname_valid of basic/socket-util.c), and of its files. */

/**
 * Whether the name can stand in a file of networkd's: it takes no name of digits alone, nor `all` and `default`, and
 * `[Match]` has patterns in it.
 */
export function isPlainName(name: string): boolean {
  return (
    /^[\w.+@=~^,#&$(){}|<>-]+$/.test(name) && !/^\d+$/.test(name) && name !== 'all' && name !== 'default'
  );
}
