/**
 * The part of the probe's script that reads an OpenVZ node: one `grep` over vz.conf, one over all containers'
 * files, and one `vzlist`. vzctl itself is asked, once a container, only where vzlist has nothing to say.
 */

/** What the snapshot has of a container's file. */
export const VE_KEYS = ['IP_ADDRESS', 'NETIF', 'HOSTNAME', 'NAME', 'NAMESERVER', 'SEARCHDOMAIN', 'ONBOOT'];

/**
 * Sections `openvz-conf`, `openvz-files` (ids, then `PATH:LINE`), `openvz-list` (`json`, `text` or `status`,
 * then that listing) and, without content, `openvz-prlctl`; none of them where the host is no OpenVZ node.
 * vzlist's column of addresses is the last one: others are cut to their width.
 */
export const OPENVZ_SCRIPT = `ve_files() {
  set --
  for n in $V; do
    printf '%s\\n' "$n"
    set -- "$@" "/etc/vz/conf/$n.conf"
  done
  grep -E '^[[:space:]]*(${VE_KEYS.join('|')})=' /dev/null "$@" || [ $? -eq 1 ]
}
ve_list() {
  f='ctid,status,ip'
  if o=$(vzlist -a -j -o $f 2>/dev/null) && [ -n "$o" ]; then
    printf 'json\\n%s\\n' "$o"
  elif o=$(vzlist -a -H -t -o $f 2>/dev/null || vzlist -a -H -o $f 2>/dev/null) && [ -n "$o" ]; then
    printf 'text\\n%s\\n' "$o"
  else
    echo status
    for n in $V; do vzctl status "$n" 2>/dev/null; done
    :
  fi
}
if [ -f /etc/vz/vz.conf ] && command -v vzctl >/dev/null 2>&1; then
  V=
  for f in /etc/vz/conf/*.conf; do
    n=\${f##*/}
    n=\${n%.conf}
    case $n in 0 | *[!0-9a-fA-F-]*) ;; *) if [ -f "$f" ]; then V="$V $n"; fi ;; esac
  done
  section openvz-conf grep -E '^[[:space:]]*[A-Za-z_][A-Za-z_0-9]*=' /etc/vz/vz.conf
  section openvz-files ve_files
  section openvz-list ve_list
  if command -v prlctl >/dev/null 2>&1; then printf '\\n%s openvz-prlctl\\n' "$T"; fi
fi`;
