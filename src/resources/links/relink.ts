/**
 * Links between two snapshots: those that are lost are made again with all that they had, and what the
 * kernel changed of the others along with another one is set back.
 */
import type { Problem, Step } from '../../shared/change.js';
import type { Effect } from '../../snapshot/effects.js';
import { isKnownKind, settingsOf } from '../../snapshot/kinds/kinds.js';
import type { Link, Snapshot } from '../../snapshot/model.js';
import * as attributes from './attributes.js';
import { isUp } from './device.js';
import { moveSteps } from './enslave.js';
import { newLink } from './new-link.js';
import { addLink, queueWords } from './virtual/make.js';
import { peerOf, peerWords } from './virtual/peer.js';

/** /sys/class/net/X/addr_assign_type. */
const RANDOM = 1;
const SET_BY_USER = 3;

/** The links of `before` that `after` lacks and that can be made again, each behind those that it stands on. */
function lostLinks(before: Snapshot, after: Snapshot): Link[] {
  const lost = [...before.links.values()].filter(
    (link) => !after.links.has(link.name) && isKnownKind(link.kind),
  );
  const names = new Set(lost.map((link) => link.name));
  const ordered: Link[] = [];
  const place = (link: Link): void => {
    if (!names.delete(link.name)) return;
    for (const below of lost) if (standsOn(link, below)) place(below);
    ordered.push(link);
  };
  for (const link of lost) place(link);
  return ordered;
}

/** Of a veth's two ends neither stands on the other. */
function standsOn(link: Link, below: Link): boolean {
  if (link.kind === 'veth') return false;
  return link.lower === below.name || link.info[link.info.indexOf('dev') + 1] === below.name;
}

/** Why links that would be lost with another one can't be made again, were that undone. */
export function remakeProblem(taken: readonly Link[], root: string): Problem | undefined {
  const strange = taken.find((link) => link.name !== root && !isKnownKind(link.kind));
  if (strange === undefined) return undefined;
  return {
    message: `${strange.name} (${strange.kind}) stands on ${root}, would go with it, and can't be made again`,
    hint: `Remove ${strange.name} first.`,
    path: ['name'],
  };
}

/** What brings the links of `before` back: lost ones made, others in their bridge and up or down as they were. */
export function relinkSteps(before: Snapshot, after: Snapshot): Step[] {
  if (before.links === after.links) return [];
  const lost = lostLinks(before, after);
  const made = new Set<string>();
  const making = lost.flatMap((link) => {
    if (made.has(link.name)) return [];
    const peer = peerOf(link, before);
    made.add(link.name);
    if (peer !== undefined) made.add(peer.name);
    return makeSteps(link, peer);
  });
  const own = lost.flatMap((link) => [...attributeSteps(link), ...sysctlSteps(link.name, before)]);
  const settled = [...before.links.values()].flatMap((link): readonly Pair[] => {
    const now = after.links.get(link.name);
    if (now === undefined) return made.has(link.name) ? [[link, undefined]] : [];
    return now === link ? [] : [[link, now]];
  });
  const there = (name: string | null): boolean => name === null || after.links.has(name) || made.has(name);
  return [
    ...making,
    ...own,
    ...settled.flatMap(([link, now]) => mtuSteps(link, now)),
    ...settled.flatMap(([link, now]) =>
      there(link.master) ? moveSteps(link.name, now?.master ?? null, link.master, before) : [],
    ),
    ...upSteps(settled),
  ];
}

/** A link as it was, and as it is now; undefined for one that was made again. */
type Pair = readonly [link: Link, now: Link | undefined];

/** The effects that go with `relinkSteps`. */
export function relinkEffects(before: Snapshot, after: Snapshot): Effect[] {
  const lost = lostLinks(before, after).map(withSetMac);
  const names = new Set(lost.map((link) => link.name));
  // What a bridge knew of a port is not set back here: see `restoreBridgeSteps`.
  const others = [...before.links.values()].flatMap((link): Link[] => {
    const now = after.links.get(link.name);
    if (now === undefined || now === link || names.has(link.name)) return [];
    return [{ ...link, port: now.port }];
  });
  // Those that are ports come behind what they are ports of.
  const all = [...lost.map((link) => ({ ...link, master: null })), ...lost, ...others];
  return all.map((link): Effect => ({ kind: 'link', set: link }));
}

/** The MAC of a link that is made again is given to it: the kernel takes it for one that a user set. */
function withSetMac(link: Link): Link {
  const given = link.mac !== null && link.addrAssignType === RANDOM;
  return given ? { ...link, addrAssignType: SET_BY_USER } : link;
}

function makeSteps(link: Link, peer: Link | undefined): Step[] {
  const { kind } = link;
  if (!isKnownKind(kind)) return [];
  const hidden = link.details.peer;
  const other =
    peer !== undefined
      ? peerWords({ ...peer, queues: queueWords(settingsOf(peer)) })
      : hidden && peerWords({ name: hidden, netns: link.details['link-netns'] });
  return addLink(link, kind, link.mtu, other || []);
}

/** What `ip link add` does not take. What is as with any new link is left out. */
function attributeSteps(link: Link): Step[] {
  const fresh = newLink(link.name, {});
  const { txqueuelen, alias, group, broadcast, switches, addrgenmode } = attributes;
  const set = <T>(attribute: attributes.Attribute<T>, from: Link | undefined): Step[] => {
    const [value, usual] = [attribute.read(link), from && attribute.read(from)];
    return value === undefined || value === usual
      ? []
      : [attributes.setLink(link.name, attribute.args(value))];
  };
  const unusual = [switches.allmulticast, switches.promisc, switches.dynamic, switches.protodown] as const;
  return [
    ...set(txqueuelen, undefined),
    ...set(alias, fresh),
    ...set(group, fresh),
    ...(link.broadcast === null || link.mac === null ? [] : set(broadcast, fresh)),
    ...unusual.flatMap((each) => set(each, fresh)),
    ...arpSteps(link),
    ...(link.addrgenmode === 'eui64' ? [] : set(addrgenmode, fresh)),
    ...link.altnames.map(
      (name): Step => ({ kind: 'ip', args: ['link', 'property', 'add', 'dev', link.name, 'altname', name] }),
    ),
  ];
}

/** Kinds that have no ARP have none by themselves. */
function arpSteps(link: Link): Step[] {
  const { arp } = attributes.switches;
  const silent = ['dummy', 'ifb', 'gre', 'ipip', 'vrf'].includes(link.kind ?? '');
  return arp.read(link) === !silent ? [] : [attributes.setLink(link.name, arp.args(silent))];
}

function mtuSteps(link: Link, now: Link | undefined): Step[] {
  return now === undefined || now.mtu === link.mtu
    ? []
    : [attributes.setLink(link.name, attributes.mtu.args(link.mtu))];
}

/** Down first and up last; a link below comes before those that stand on it. */
function upSteps(pairs: readonly Pair[]): Step[] {
  const differing = pairs.filter(([link, now]) => isUp(link) !== (now !== undefined && isUp(now)));
  const up = differing.flatMap(([link]) => (isUp(link) ? [attributes.setLink(link.name, ['up'])] : []));
  // What came up along with the link below it.
  const down = pairs.flatMap(([link, now]) =>
    isUp(link) || (now === undefined ? link.kind !== 'vlan' : !isUp(now))
      ? []
      : [attributes.setLink(link.name, ['down'])],
  );
  return [...up, ...down];
}

/** A device's sysctls begin with the values of `default`, where both were read: what differs is written. */
function sysctlSteps(name: string, { sysctls }: Snapshot): Step[] {
  return [...sysctls].flatMap(([path, value]): Step[] => {
    const [, family, table, dev, key] = path.split('/');
    // IPv6's MTU is that of the device, where nobody made it smaller: a new one may be smaller itself.
    if (dev !== name || key === 'mtu' || value === null || value === '') return [];
    const usual = sysctls.get(`net/${family}/${table}/default/${key}`);
    return usual === undefined || usual === value ? [] : [{ kind: 'sysctl', path, value }];
  });
}
