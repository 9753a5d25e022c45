import { parseMac } from '../shared/addr.js';
import type { Problem } from '../shared/change.js';
import type { Effect } from '../snapshot/effects.js';
import { withSettings } from '../snapshot/kinds/kinds.js';
import { takenAlong } from '../snapshot/kinds/uppers.js';
import type { Link, Snapshot } from '../snapshot/model.js';
import * as attributes from './links/attributes.js';
import { macProblem } from './links/device.js';
import { take } from './links/draft.js';
import { linkSchema } from './links/link-schema.js';
import { newLink } from './links/new-link.js';
import type { Besides, VirtualParams, Wish } from './links/virtual/kind.js';
import { peerWords } from './links/virtual/peer.js';
import { stateChange, virtualLink } from './links/virtual/plan.js';
import { QUEUES } from './links/virtual/queues.js';
import type { JsonSchema } from './resource.js';

interface Peer {
  peer: string;
  peer_netns?: string | null;
  peer_mac?: string;
  peer_mtu?: number;
  peer_up?: boolean;
}

const NETNS_FOLDER = '/run/netns';
const linkProperties = linkSchema.properties as Readonly<Record<string, JsonSchema>>;

function peerOf(params: VirtualParams): Peer {
  return params as unknown as Peer;
}

function check({ params, current, snapshot }: Wish): Problem[] {
  const { peer, peer_netns, peer_mac, peer_up } = peerOf(params);
  const other = peer_netns == null ? snapshot.links.get(peer) : undefined;
  const taken = other !== undefined && !(other.kind === 'veth' && other.lower === params.name);
  const mac = peer_mac === undefined ? undefined : parseMac(peer_mac);
  const names = snapshot.directories.get(NETNS_FOLDER);
  const missing = peer_netns != null && current === undefined && !(names ?? []).includes(peer_netns);
  const all: (Problem | undefined)[] = [
    peer === params.name ? { message: `${peer} can't be its own peer`, path: ['peer'] } : undefined,
    taken
      ? { message: `${peer} is there already, and is not the other end of ${params.name}`, path: ['peer'] }
      : undefined,
    missing
      ? {
          message: `this host has no network namespace ${peer_netns}`,
          hint: `Named ones: ${(names ?? []).join(', ') || 'none'}. Make it with: ip netns add ${peer_netns}`,
          path: ['peer_netns'],
        }
      : undefined,
    peer_netns != null && peer_up !== undefined
      ? {
          message: `whether ${peer} is up in ${peer_netns} is for that namespace to say: it is not seen from here`,
          path: ['peer_up'],
        }
      : undefined,
    mac === undefined ? undefined : macProblem(mac, ['peer_mac']),
    renamingProblem(current, peer, snapshot),
  ];
  return all.filter((problem) => problem !== undefined);
}

/** What stands on the former peer can't stand on nothing. */
function renamingProblem(current: Link | undefined, peer: string, { links }: Snapshot): Problem | undefined {
  const former = links.get(current?.lower ?? '');
  if (current === undefined || former === undefined || former.name === peer) return undefined;
  const upper = takenAlong(links, former).find(({ name }) => name !== current.name);
  if (upper === undefined) return undefined;
  return {
    message: `${upper.name} stands on ${former.name}, which would go: ${peer} would take its place`,
    hint: `Remove ${upper.name} first.`,
    path: ['peer'],
  };
}

/** The other end comes with it; one in another namespace is never seen again. */
function besides({ params }: Wish, made: Link): Besides {
  const { peer, peer_netns, peer_mac, peer_mtu } = peerOf(params);
  if (peer_netns != null) return { do: [], undo: [], effects: [] };
  const mac = peer_mac === undefined ? null : (parseMac(peer_mac) ?? null);
  const bare = newLink(peer, {
    ...(mac !== null && { mac, addrAssignType: 3 }),
    ...(peer_mtu !== undefined && { mtu: peer_mtu }),
  });
  const link = withSettings(bare, 'veth', { peer: made.name, peer_netns: null });
  return { do: [], undo: [], effects: [{ kind: 'link', set: link } satisfies Effect] };
}

/** Ends of a veth: `peer` is compared by its name, the rest where it can be seen. */
export const veth = virtualLink({
  name: 'veth',
  plural: 'veths',
  called: 'one end of the pair',
  summary: 'A pair of links, of which each receives what the other one sends.',
  ethernet: true,
  required: ['peer'],
  properties: {
    peer: {
      type: 'string',
      format: 'interface',
      description: 'The other end. Each end may have a task of its own. A change makes the pair anew.',
      examples: ['veth1'],
    },
    peer_netns: {
      type: ['string', 'null'],
      pattern: '^[^/\\s-][^/\\s]*$',
      description:
        'The named network namespace (`ip netns`) that the other end is put into; null for this one. It is not seen there: only that it is there, and not by what name.',
      examples: ['blue'],
    },
    peer_mac: {
      ...linkProperties.mac,
      description: "The other end's hardware address; in another namespace, when it is made.",
    },
    peer_mtu: {
      ...linkProperties.mtu,
      description: "The other end's MTU; in another namespace, when it is made.",
    },
    peer_up: {
      type: 'boolean',
      description: 'Whether the other end is up. Left out, it is left as it is: down, when it is made.',
    },
    ...QUEUES,
  },
  examples: [
    { veth: { name: 'veth0', peer: 'veth1', peer_up: true } },
    { veth: { name: 'ct7', peer: 'eth0', peer_netns: 'blue', master: 'br0', mtu: 1400 } },
    { veth: { name: 'veth0', state: 'absent' } },
  ],
  fresh: () => ({ flags: ['BROADCAST', 'MULTICAST'] }),
  reads: ({ peer_netns }) => (peer_netns == null ? [] : [{ kind: 'directory', path: NETNS_FOLDER }]),
  check,
  peerWords({ params }) {
    const { peer, peer_netns, peer_mac, peer_mtu } = peerOf(params);
    const mac = peer_mac === undefined ? undefined : parseMac(peer_mac);
    return peerWords({ name: peer, netns: peer_netns ?? undefined, mac, mtu: peer_mtu });
  },
  peerAttributes({ params }, plan) {
    const { peer, peer_netns, peer_mac, peer_mtu, peer_up } = peerOf(params);
    const link = (): Link | undefined => plan.state.links.get(peer);
    if (peer_netns != null || link() === undefined) return;
    const set = <T>(attribute: attributes.Attribute<T>, value: T | undefined): void => {
      const now = link();
      if (value !== undefined && now !== undefined)
        take(plan, attributes.attributeChange('veth', now, attribute, value));
    };
    set(attributes.mac, peer_mac === undefined ? undefined : parseMac(peer_mac));
    set(attributes.mtu, peer_mtu);
    if (peer_up !== undefined) stateChange({ name: 'veth' }, peer, peer_up, plan);
  },
  besides,
});
