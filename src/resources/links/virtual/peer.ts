/** The other end of a veth, in the words of `ip link add … type veth peer`. */
import type { Link, Snapshot } from '../../../snapshot/model.js';

export interface Peer {
  name: string;
  netns?: string | undefined;
  mac?: string | null | undefined;
  mtu?: number | undefined;
  /** `numtxqueues 2`. */
  queues?: readonly string[];
}

/** `peer name b address MAC mtu 1400 netns blue`. */
export function peerWords({ name, netns, mac, mtu, queues = [] }: Peer): string[] {
  return [
    ...['peer', 'name', name],
    ...(mac == null ? [] : ['address', mac]),
    ...(mtu === undefined ? [] : ['mtu', String(mtu)]),
    ...queues,
    ...(netns === undefined ? [] : ['netns', netns]),
  ];
}

/** The other end of a veth, where it can be seen. */
export function peerOf(link: Link, snapshot: Snapshot): Link | undefined {
  const peer = snapshot.links.get(link.lower ?? '');
  return link.kind === 'veth' && peer?.kind === 'veth' && peer.lower === link.name ? peer : undefined;
}
