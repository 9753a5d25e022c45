/** Keys of Wi-Fi, VPNs and 802.1X that stand among a host's network configuration: they are not read. */

/** As extended regular expressions up to the value, which is the rest of the line: ifupdown, ifcfg files, systemd's files. */
const LINES = [
  '^[[:space:]]*(wpa|wireless|openvpn|wireguard|wg)[-a-z]*(psk|key|passw|passphrase|secret|pin)[-a-z0-9]*[[:space:]]+',
  '^[[:space:]]*(export[[:space:]]+)?([A-Z0-9_]*(PSK|PASSWD|PASSWORD|PASSPHRASE|SECRET)|KEY)[0-9]*=',
  '^[[:space:]]*(PrivateKey|PresharedKey|Password)[[:space:]]*=',
];

/** netplan's, whose values may stand in braces with others behind. */
const FLOW = `(^|[^a-z])([a-z-]*passw[a-z]*|passphrase|psk|secret|private|shared)["']?[[:space:]]*:[[:space:]]+`;
const VALUE = `("[^"]*"|'[^']*'|[^,}]*)`;

/** In words of sh. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

const EDITS = [...LINES.map((word) => `s/(${word}).*/\\1?/`), `s/(${FLOW})${VALUE}/\\1"?"/g`];

/**
 * `secret_files` prints those of the files that hold any; `without_secrets` prints one without their values.
 * A line that a backslash ends goes on with the next one. A script of rc.local is netplay's to extend, and what passwords look like in one nobody knows.
 */
export const SECRET_FUNCTIONS = `secret_files() {
  grep -lE ${[...LINES, FLOW].map((word) => `-e ${quoted(word)}`).join(' ')} "$@" /dev/null 2>/dev/null | grep -v '/rc[.]local$'
}
without_secrets() {
  sed -E -e ':a' -e '/\\\\$/{' -e '$!{' -e N -e ba -e '}' -e '}' ${EDITS.map((edit) => `-e ${quoted(edit)}`).join(' ')} "$1"
}`;
