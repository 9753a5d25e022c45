/** Removing a made-up link, and making it anew where a change can't be made in place. */
import { parseMac } from '../../../shared/addr.js';
import type { Change, Problem } from '../../../shared/change.js';
import type { Effect } from '../../../snapshot/effects.js';
import { type KindName, settingsOf, withSettings } from '../../../snapshot/kinds/kinds.js';
import type { Values } from '../../../snapshot/kinds/setting.js';
import { withTaken } from '../../../snapshot/kinds/uppers.js';
import type { Link, Snapshot } from '../../../snapshot/model.js';
import { applyEffects } from '../../../snapshot/simulate.js';
import type { PlanResult } from '../../resource.js';
import { SCOPE } from '../../routing/names.js';
import { remakeProblem } from '../relink.js';
import { lostAddresses, lostRoutes, restoreEffects, restoreSteps } from '../restore.js';
import type { LinkKind, VirtualParams, Wish } from './kind.js';
import { removeLink, showLink } from './make.js';
import { peerOf } from './peer.js';

/** Why the link must not be removed: its undo could not bring everything back. */
export function removalProblems(link: Link, params: VirtualParams, snapshot: Snapshot): Problem[] {
  const lost = remakeProblem(withTaken(snapshot.links, link), link.name);
  const problems = lost === undefined ? [] : [lost];
  const hidden = hiddenPeerProblem(link, params);
  return hidden === undefined ? problems : [...problems, hidden];
}

/** An end that can't be seen is made again only as the task tells it. */
export function hiddenPeerProblem(link: Link, params: VirtualParams): Problem | undefined {
  const { details } = withHiddenPeer(link, params);
  if (!isPeerHidden(link) || (details.peer !== undefined && details['link-netns'] !== undefined))
    return undefined;
  const message = `the other end of ${link.name} is in another network namespace, and its name can't be told`;
  const hint = 'Say peer and peer_netns, so that the pair can be made again.';
  return { message, hint, path: ['name'] };
}

/** Whether the other end of a veth is in another namespace. */
export function isPeerHidden(link: Link): boolean {
  return link.kind === 'veth' && settingsOf(link).peer === undefined;
}

/** What it has there, nobody here sees: an undo makes it bare, and down. */
function hiddenPeerWarnings(link: Link): string[] {
  return isPeerHidden(link)
    ? [
        `the other end of ${link.name}, in another network namespace, goes with it: its addresses, routes and settings there do not come back`,
      ]
    : [];
}

/** What the task says of an end that can't be seen. */
function withHiddenPeer(link: Link, { peer, peer_netns }: VirtualParams): Link {
  if (!isPeerHidden(link)) return link;
  const details = {
    ...link.details,
    ...(typeof peer === 'string' && { peer }),
    ...(typeof peer_netns === 'string' && { 'link-netns': peer_netns }),
  };
  return { ...link, details };
}

export function removal(
  kind: KindName,
  link: Link,
  params: VirtualParams,
  snapshot: Snapshot,
): Required<Pick<PlanResult, 'changes' | 'warnings'>> {
  const effects: Effect[] = [{ kind: 'link', unset: link.name }];
  const bare = applyEffects(snapshot, effects);
  const change: Change = {
    resource: kind,
    address: `link ${link.name}`,
    action: 'delete',
    before: showLink(kind, settingsOf(link), settingsOf(link)),
    after: null,
    do: [removeLink(link.name)],
    undo: restoreSteps(withLink(snapshot, link, withHiddenPeer(link, params)), bare),
    effects,
  };
  const lost = lossWords(link, snapshot, bare);
  const warnings = lost.length === 0 ? [] : [`removing ${link.name} removes ${lost.join(', ')}`];
  return { changes: [change], warnings: [...warnings, ...hiddenPeerWarnings(link)] };
}

/** The MAC that a link is to have which takes one only as it is made; undefined where it has it. */
export function fixedMac(kind: LinkKind, { params, current }: Wish): string | undefined {
  const mac = kind.fixedMac && params.mac !== undefined ? parseMac(params.mac) : undefined;
  return mac === current?.mac ? undefined : mac;
}

/** Deletes the link and makes it again with its new settings, and all that went with it as it was. */
export function renewal(kind: LinkKind, wish: Wish, current: Link): Change {
  const { snapshot, wanted, params } = wish;
  const mac = fixedMac(kind, wish);
  const renewed = {
    ...renewedLink(kind, wanted, current, snapshot),
    ...(mac !== undefined && { mac, addrAssignType: 3 }),
  };
  const shown = (link: Link): string => (mac === undefined ? '' : ` mac ${link.mac}`);
  const swap: Effect[] = [{ kind: 'link', unset: current.name }];
  const bare = applyEffects(snapshot, swap);
  const target = withLink(snapshot, current, renewed);
  const former = withLink(snapshot, current, withHiddenPeer(current, params));
  return {
    resource: kind.name,
    address: `link ${params.name}`,
    action: 'update',
    before: `${showLink(kind.name, settingsOf(current), wanted)}${shown(current)}`,
    after: `${showLink(kind.name, wanted, settingsOf(current))}${shown(renewed)}`,
    do: [removeLink(current.name), ...restoreSteps(target, bare)],
    undo: [removeLink(current.name), ...restoreSteps(former, bare)],
    effects: [...swap, ...restoreEffects(target, bare)],
  };
}

/** On another device it has that one's MAC, where it had none of its own, and is no larger than that allows. */
function renewedLink(kind: LinkKind, wanted: Values, current: Link, snapshot: Snapshot): Link {
  const renewed = withSettings(current, kind.name, wanted);
  const below = kind.name === 'vxlan' ? 'dev' : 'link';
  const moved = (wanted[below] ?? null) !== (settingsOf(current)[below] ?? null);
  if (!moved || wanted[below] === undefined || kind.name.startsWith('gre')) return renewed;
  const { mac, mtu = renewed.mtu, addrAssignType } = kind.fresh(wanted, snapshot);
  const follows = renewed.addrAssignType === addrAssignType && mac !== undefined;
  return { ...renewed, mtu: Math.min(renewed.mtu, mtu), ...(follows && { mac }) };
}

/** The snapshot with another link in the place of one, and its peer with it; what hangs on a link that is gone is not there. */
function withLink(snapshot: Snapshot, current: Link, wanted: Link): Snapshot {
  if (current === wanted) return snapshot;
  const links = new Map(snapshot.links).set(wanted.name, wanted);
  const peer = peerOf(current, snapshot);
  if (peer !== undefined && wanted.lower !== peer.name) {
    links.delete(peer.name);
    if (wanted.lower !== null) links.set(wanted.lower, { ...peer, name: wanted.lower });
  }
  const there = (dev: string | null): boolean => dev === null || links.has(dev);
  return {
    ...snapshot,
    links,
    addresses: snapshot.addresses.filter(({ dev }) => there(dev)),
    routes: snapshot.routes.filter(({ nexthops }) => nexthops.every(({ dev }) => there(dev))),
    neighbours: snapshot.neighbours.filter(({ dev }) => there(dev)),
  };
}

/** What making the link anew costs. @param wanted its settings then */
export function renewalWarnings(link: Link, wanted: Values, snapshot: Snapshot): string[] {
  const bare = applyEffects(snapshot, [{ kind: 'link', unset: link.name }]);
  const peer = peerOf(link, snapshot);
  const former = peer !== undefined && wanted.peer !== peer.name ? peer.name : undefined;
  const own = snapshot.addresses
    .filter(({ dev, scope }) => dev === former && scope !== SCOPE.link)
    .map(({ local, length }) => `${local}/${length}`);
  const lost = lossWords(link, snapshot, bare).filter(
    (word) => word !== `the link ${former}` && !own.includes(word),
  );
  const back = lost.length === 0 ? '' : `; ${lost.join(', ')} go for that moment and are put back`;
  const all = own.length === 0 ? '' : ` (${own.join(', ')})`;
  return [
    `${link.name} must be made anew to change this${back}`,
    ...(former === undefined
      ? []
      : [`${former} goes for good: ${wanted.peer} takes its place, without its addresses and routes${all}`]),
    ...hiddenPeerWarnings(link),
  ];
}

function lossWords(link: Link, before: Snapshot, after: Snapshot): string[] {
  const taken = withTaken(before.links, link).slice(1);
  const ports = [...before.links.values()].filter(({ master }) => master === link.name);
  const addresses = lostAddresses(before, after).filter(({ scope }) => scope !== SCOPE.link);
  const routes = lostRoutes(before, after).length;
  return [
    ...taken.map(({ name }) => `the link ${name}`),
    ...ports.map(({ name }) => `the port ${name}`),
    ...addresses.map(({ local, length }) => `${local}/${length}`),
    ...(routes === 0 ? [] : [`${routes} route${routes === 1 ? '' : 's'}`]),
  ];
}
