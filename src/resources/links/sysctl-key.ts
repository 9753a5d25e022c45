/** Names of sysctls: dots or slashes, and interfaces whose own names hold dots. */

/** A key of one interface, or of `all` or `default`: `net.ipv4.conf.eth0.rp_filter`. */
export interface DeviceKey {
  /** ipv4, ipv6, mpls. */
  family: string;
  table: 'conf' | 'neigh';
  dev: string;
  key: string;
}

export interface SysctlKey {
  /** Below /proc/sys, with slashes. */
  path: string;
  /** As it is shown and written into files: with dots, or with slashes where an interface holds a dot. */
  name: string;
  device?: DeviceKey;
}

/**
 * Reads a key as people spell it. `net.ipv4.conf.eth0.100.rp_filter`, `net.ipv4.conf.eth0/100.rp_filter` and
 * `net/ipv4/conf/eth0.100/rp_filter` are one key: the first separator tells which one separates, as in
 * sysctl.d(5), and below conf and neigh all that stands before the last word is the interface.
 * @returns undefined where it is no key: no separator, an empty word, a way out of /proc/sys, a blank or `=`.
 */
export function parseSysctlKey(text: string): SysctlKey | undefined {
  const bare = text.replace(/^\/proc\/sys\//, '');
  if (!/[./]/.test(bare) || /[\s=#;\p{Cc}]/u.test(bare)) return undefined;
  const words = bare.match(/[./]/)?.[0] === '/' ? bare.split('/') : bare.replaceAll('/', '.').split('.');
  const device = deviceKey(words);
  if (device !== undefined) {
    if (!isWord(device.dev) || !isWord(device.key)) return undefined;
    return deviceSysctl(device);
  }
  if (!words.every(isWord) || words.some((word) => word.includes('.'))) return undefined;
  return { path: words.join('/'), name: words.join('.') };
}

/** The key of one interface, put together without guessing at dots. */
export function deviceSysctl(device: DeviceKey): SysctlKey {
  const path = `net/${device.family}/${device.table}/${device.dev}/${device.key}`;
  return { path, name: device.dev.includes('.') ? path : path.replaceAll('/', '.'), device };
}

/** `all` and `default` are no interfaces. */
export function isPseudoDevice(dev: string): boolean {
  return dev === 'all' || dev === 'default';
}

function deviceKey(words: readonly string[]): DeviceKey | undefined {
  const [net, family, table] = words;
  if (net !== 'net' || family === undefined || (table !== 'conf' && table !== 'neigh')) return undefined;
  const key = words.at(-1);
  if (key === undefined || words.length < 5) return undefined;
  return { family, table, dev: words.slice(3, -1).join('.'), key };
}

function isWord(word: string): boolean {
  return word !== '' && word !== '.' && word !== '..' && word !== '*';
}
