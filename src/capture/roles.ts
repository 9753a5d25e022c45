/** Which devices a playbook finds, which it makes, and which it leaves to those who make them. */
import { isFallback } from '../resources/links/virtual/checks.js';
import { isKnownKind } from '../snapshot/kinds/kinds.js';
import type { Link, Snapshot } from '../snapshot/model.js';
import type { Role } from './reading.js';

/** Devices that a program makes at its start, by the names that it gives. */
const OF_DAEMONS: readonly (readonly [RegExp, string])[] = [
  [/^docker\d+$|^docker_gwbridge$|^br-[0-9a-f]{12}$/, 'Docker makes it'],
  [/^virbr\d+(-nic)?$/, 'libvirt makes it'],
  [/^(lxcbr|lxdbr|incusbr)\d+$/, 'LXC makes it'],
  [
    /^(cni\d+|flannel\.\d+|cali[0-9a-f]{11}|tunl-calico|cilium_\w+|kube-ipvs0|kube-bridge|weave)$/,
    'Kubernetes makes it',
  ],
  [/^(podman|cni-podman)\d+$/, 'Podman makes it'],
  [/^venet\d+$/, 'OpenVZ makes it'],
];

/** Devices of Open vSwitch's own: its datapaths, and the tunnels below its ports. */
const OF_OVS =
  /^(ovs-system|ovs-netdev|(vxlan|gre|geneve|genev|erspan|ip6gre|ip6erspan|lisp|stt|gtpu|bareudp)_sys(_\d+)?)$/;

/** @returns a role for each link */
export function rolesOf(snapshot: Snapshot): Map<string, Role> {
  const { links } = snapshot;
  const hasHardware = [...links.values()].some((link) => link.kind === null && !isLoopback(link));
  return new Map([...links.values()].map((link) => [link.name, roleOf(link, snapshot, hasHardware)]));
}

function roleOf(link: Link, { links, ovs }: Snapshot, hasHardware: boolean): Role {
  const { name, kind } = link;
  if (isLoopback(link)) return { kind: 'loopback' };
  if (OF_OVS.test(name) || isFallback(name)) return { kind: 'left', why: null };
  const row = ovs?.interfaces.get(name);
  if (row !== undefined && row.columns.type !== '' && row.columns.type !== 'system') return { kind: 'ovs' };
  const daemon = OF_DAEMONS.find(([pattern]) => pattern.test(name));
  if (daemon !== undefined) return { kind: 'left', why: daemon[1] };
  if (kind === 'veth' && !links.has(link.lower ?? '')) return vethRole(link, hasHardware);
  if (kind === 'tun') return tunRole(link);
  if (kind === null) return { kind: 'nic' };
  if (kind === 'bond' && link.info[0] !== 'mode')
    return { kind: 'left', why: "this host's ip does not tell a bond's settings" };
  if (kind === 'bridge' || kind === 'bond' || isKnownKind(kind)) return { kind: 'made' };
  return { kind: 'left', why: `netplay makes no links of the kind ${kind}` };
}

function isLoopback({ flags }: Link): boolean {
  return flags.includes('LOOPBACK');
}

/** In a container the end of a veth stands for a NIC; on a machine it leads into one. */
function vethRole({ details }: Link, hasHardware: boolean): Role {
  const named = details['link-netns'];
  if (named !== undefined)
    return {
      kind: 'left',
      why: `its other end is in the namespace ${named}, and its name is not seen from here`,
    };
  if (!hasHardware) return { kind: 'nic' };
  return { kind: 'left', why: "its other end is a container's, or in a namespace without a name" };
}

function tunRole({ tun }: Link): Role {
  if (tun === null) return { kind: 'left', why: "this host's kernel does not tell a tap's settings" };
  return tun.persistent ? { kind: 'made' } : { kind: 'left', why: 'it ends with the program that made it' };
}
