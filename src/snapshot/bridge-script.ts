/**
 * The part of the probe's script that reads the tables of bridges, by iproute2's `bridge`. The VLANs of many ports
 * are thousands of lines unless ranges are told as such, which the oldest ones can't. `-d` is not asked for: it
 * fails where the kernel has no VLANs of bridges.
 */
export const VLANS_SCRIPT = `vlans() {
  bridge -compressvlans vlan show 2>/dev/null || bridge vlan show
}
if command -v bridge >/dev/null 2>&1; then section bridge-vlans vlans; fi`;

export const FDB_SCRIPT = 'if command -v bridge >/dev/null 2>&1; then section fdb bridge fdb show; fi';
