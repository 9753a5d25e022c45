/**
 * Which kinds of made-up links the host's kernel can make, found out without making one, nor loading a
 * module: by what is loaded, what the kernel says it was built with, and what modprobe finds.
 */
import { quote } from '../shared/shell.js';
import type { KindName } from './kinds/kinds.js';

/** A kind of links, or the VLANs of bridges, which a kernel has or has not beside its bridges. */
export type LinkCapability = KindName | 'bridge_vlan';

/** What stands for no module: it is a part of another one, and built in or not. */
const NO_MODULE = '-';

/** The module that brings each, and the option by which a kernel has it. */
export const MODULES: Readonly<Record<LinkCapability, readonly [module: string, option: string]>> = {
  bridge_vlan: [NO_MODULE, 'BRIDGE_VLAN_FILTERING'],
  veth: ['veth', 'VETH'],
  vlan: ['8021q', 'VLAN_8021Q'],
  dummy: ['dummy', 'DUMMY'],
  macvlan: ['macvlan', 'MACVLAN'],
  vxlan: ['vxlan', 'VXLAN'],
  ifb: ['ifb', 'IFB'],
  gre: ['ip_gre', 'NET_IPGRE'],
  gretap: ['ip_gre', 'NET_IPGRE'],
  ipip: ['ipip', 'NET_IPIP'],
  vrf: ['vrf', 'NET_VRF'],
};

/** `KIND yes`, `KIND no`, or nothing where it can't be told: a container sees the modules of no kernel. */
const SCRIPT = `link_kinds() {
  release=$(uname -r)
  config=$({ zcat /proc/config.gz || cat "/boot/config-$release"; } 2>/dev/null)
  while [ $# -gt 0 ]; do
    kind=$1 module=$2 option=$3
    shift 3
    if [ -d "/sys/module/$module" ]; then echo "$kind yes"; continue; fi
    case $config in
      '') [ "$module" != ${NO_MODULE} ] || continue ;;
      *"
CONFIG_$option=y"*) echo "$kind yes"; continue ;;
      *"
# CONFIG_$option is not set"*) echo "$kind no"; continue ;;
      *) [ "$module" != ${NO_MODULE} ] || { echo "$kind no"; continue; } ;;
    esac
    [ -f "/lib/modules/$release/modules.dep" ] && command -v modprobe >/dev/null 2>&1 || continue
    if modprobe -n -q "$module" 2>/dev/null; then echo "$kind yes"; else echo "$kind no"; fi
  done
}`;

/** The part of the probe's script that asks for these kinds: section `link-kinds`. */
export function linkKindsScript(kinds: readonly LinkCapability[]): string {
  const args = kinds.flatMap((kind) => [kind, ...MODULES[kind]]);
  return `${SCRIPT}\nsection link-kinds link_kinds ${args.map(quote).join(' ')}`;
}

/** By kind: false where the kernel is known to lack it. What can't be told is left out. */
export function parseLinkKinds(text: string): Map<string, boolean> {
  return new Map(
    text.split('\n').flatMap((line): [string, boolean][] => {
      const [kind, answer] = line.trim().split(' ');
      return kind && answer ? [[kind, answer === 'yes']] : [];
    }),
  );
}
