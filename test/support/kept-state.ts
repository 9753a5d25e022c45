/** What a host has, and what came to it, as values that are kept over a reboot. */

import { canonical, settled } from '../../src/persist/record.js';
import { type Kept, keptKey } from '../../src/snapshot/kept.js';
import type { Read, Snapshot } from '../../src/snapshot/model.js';
import { parseProbe } from '../../src/snapshot/parse.js';
import { buildProbe } from '../../src/snapshot/probe.js';
import { LINK_LAYER_READS, ROUTING_READS } from '../../src/snapshot/reads.js';
import type { Netns } from './netns.js';

const READS: readonly Read[] = [...ROUTING_READS, ...LINK_LAYER_READS, { kind: 'boot' }];

export function readState(netns: Netns): Snapshot {
  return parseProbe(netns.must(['sh'], buildProbe(READS)), READS);
}

/** RTPROT_KERNEL. */
const KERNEL = 2;

/** All that somebody set, by key; links and their other ends among it. */
export function keptOf(snapshot: Snapshot): Map<string, Kept> {
  const { links, addresses, routes, rules, neighbours, bridgeVlans, fdb } = snapshot;
  const all: readonly Kept[] = [
    ...[...links.values()].map((item) => ({ kind: 'link', item }) as const),
    ...addresses.filter(({ scope }) => scope !== 253).map((item) => ({ kind: 'address', item }) as const),
    ...routes.filter(({ protocol }) => protocol !== KERNEL).map((item) => ({ kind: 'route', item }) as const),
    ...rules.map((item) => ({ kind: 'rule', item }) as const),
    ...neighbours.map((item) => ({ kind: 'neighbour', item }) as const),
    ...(bridgeVlans ?? []).map((item) => ({ kind: 'bridge_vlan', item }) as const),
    ...(fdb ?? []).map((item) => ({ kind: 'fdb', item }) as const),
  ];
  return new Map(all.map((kept) => [keptKey(kept), settled(kept)]));
}

/** What `after` has and `before` has not; a veth that has its other end here is one thing with it. */
export function cameBetween(before: Snapshot, after: Snapshot): Kept[] {
  const old = keptOf(before);
  const news = [...keptOf(after).values()].filter((kept) => !old.has(keptKey(kept)));
  const peers = new Set<string>();
  return news.flatMap((kept): Kept[] => {
    if (kept.kind !== 'link' || kept.item.kind !== 'veth') return [kept];
    if (peers.has(kept.item.name)) return [];
    const peer = news.find((other) => other.kind === 'link' && other.item.name === kept.item.lower);
    if (peer?.kind !== 'link') return [kept];
    peers.add(peer.item.name);
    return [{ ...kept, peer: peer.item }];
  });
}

/**
 * As text, an item a line, to compare two hosts by. What no tool but `ip` can say is left out: who made a rule; and
 * MACs that the kernel draws.
 */
export function stateText(snapshot: Snapshot): string {
  const lines = [...keptOf(snapshot).values()].map((kept) => {
    if (kept.kind === 'rule') return canonical({ ...kept.item, protocol: null });
    if (kept.kind !== 'link') return canonical(kept);
    const { mac, details: _, operstate: __, addrAssignType, port, info, ...link } = kept.item;
    const pinned = addrAssignType === 3 ? mac : null;
    return canonical({ ...link, mac: pinned, port: ownWords(port), info: link.bridge === null ? info : [] });
  });
  return lines.sort().join('\n');
}

/** Settings of a port without its state. */
function ownWords(port: readonly string[]): string[] {
  const settings = [
    'cost',
    'priority',
    'hairpin',
    'learning',
    'flood',
    'mcast_flood',
    'isolated',
    'fastleave',
  ];
  return port.flatMap((word, at) => (settings.includes(word) ? [`${word} ${port[at + 1]}`] : []));
}
