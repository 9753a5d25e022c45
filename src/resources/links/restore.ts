/**
 * What the kernel takes away by itself (a link that goes down takes its routes and IPv6 addresses, the
 * last address of a device takes all of its routes) is brought back by steps: those between two snapshots.
 */
import type { Step } from '../../shared/change.js';
import type { BridgeVlan, FdbEntry } from '../../snapshot/bridge.js';
import type { Effect } from '../../snapshot/effects.js';
import { fdbText, neighbourText, routeText, sameAddress, vlanText } from '../../snapshot/identity.js';
import { lostRoutes as routesLost } from '../../snapshot/lost-routes.js';
import type { Address, Link, Neighbour, Route, Snapshot } from '../../snapshot/model.js';
import { routesTo } from '../../snapshot/route-index.js';
import { applyEffects } from '../../snapshot/simulate.js';
import type { Qdisc, TcItem } from '../../snapshot/tc.js';
import { below, foundTc } from '../../snapshot/tc-tree.js';
import { PROTOCOL } from '../routing/names.js';
import { routeStep, waitForSource } from '../routing/route-args.js';
import { addSteps, canRestore, setEffects } from '../tc/build.js';
import { addressStep } from './address-args.js';
import { restoreFdbSteps } from './fdb-restore.js';
import { restoreNeighbourSteps } from './neighbour-args.js';
import { restorePortSteps } from './port-options.js';
import { relinkEffects, relinkSteps } from './relink.js';
import { vlanStepsBetween } from './vlan-args.js';

/** The addresses of `before` that `after` lacks, but for those that the kernel alone can make. */
export function lostAddresses(before: Snapshot, after: Snapshot): Address[] {
  const kept = new Set(after.addresses);
  return before.addresses.filter(
    (address) =>
      !kept.has(address) &&
      !address.flags.includes('temporary') &&
      !after.addresses.some((other) => sameAddress(address, other)),
  );
}

/** The routes of `before` that `after` lacks, those of the kernel itself left out: they come with their address. */
export function lostRoutes(before: Snapshot, after: Snapshot): Route[] {
  return routesLost(before, after).filter((route) => route.protocol !== PROTOCOL.kernel);
}

/** The neighbours of `before` that `after` lacks or has otherwise. */
export function lostNeighbours(before: Snapshot, after: Snapshot): Neighbour[] {
  if (before.neighbours === after.neighbours) return [];
  const left = new Set(after.neighbours.map(neighbourText));
  return before.neighbours.filter((neighbour) => !left.has(neighbourText(neighbour)));
}

/** The entries of forwarding tables of `before` that `after` lacks or has otherwise. */
export function lostFdb(before: Snapshot, after: Snapshot): FdbEntry[] {
  if (before.fdb == null || before.fdb === after.fdb) return [];
  const left = new Set(after.fdb?.map(fdbText));
  return before.fdb.filter((entry) => !left.has(fdbText(entry)));
}

/** Ports of a bridge that have lost their settings, since they left it and came back. */
export function lostPorts(before: Snapshot, after: Snapshot): Link[] {
  if (before.links === after.links) return [];
  return [...before.links.values()].filter(({ name, master, port }) => {
    const now = after.links.get(name);
    const bridged = master !== null && before.links.get(master)?.kind === 'bridge';
    return bridged && now?.master === master && now.port.length === 0 && port.length > 0;
  });
}

/** Traffic control that went with its device and can be made again, in the order in which it is made: filters last. */
export function lostTc(before: Snapshot, after: Snapshot): TcItem[] {
  const { tc } = before;
  if (tc === undefined || tc === after.tc) return [];
  const items = tc.items.filter((item) => item.type === 'qdisc' && !item.parent.includes(':'));
  const trees = (items as Qdisc[]).flatMap((root) => [root, ...below(tc, root)]);
  const lost = trees.filter(
    (item) => canRestore(item) && (after.tc === undefined || foundTc(after.tc, item) === undefined),
  );
  return [...lost.filter(({ type }) => type !== 'filter'), ...lost.filter(({ type }) => type === 'filter')];
}

function sameVlan(a: BridgeVlan, b: BridgeVlan): boolean {
  return a.dev === b.dev && a.vid === b.vid;
}

/** The steps that bring back what bridges knew of their ports: settings, VLANs, entries of MACs. */
export function restoreBridgeSteps(before: Snapshot, after: Snapshot): Step[] {
  const vlans = (snapshot: Snapshot, dev: string) =>
    snapshot.bridgeVlans?.filter((vlan) => vlan.dev === dev) ?? [];
  const changed =
    before.bridgeVlans === after.bridgeVlans
      ? []
      : [...new Set([...(before.bridgeVlans ?? []), ...(after.bridgeVlans ?? [])].map(({ dev }) => dev))];
  return [
    ...lostPorts(before, after).flatMap((port) => restorePortSteps(port, before.tools)),
    ...changed.flatMap((dev) => {
      const [old, now] = [vlans(before, dev), vlans(after, dev)];
      return old.map(vlanText).join() === now.map(vlanText).join() ? [] : vlanStepsBetween(now, old, before);
    }),
    ...restoreFdbSteps(before, after),
  ];
}

/**
 * The steps that bring back what `before` had and `after` lacks: links, then addresses, then routes to the links
 * themselves, then those through a gateway, which the kernel takes only once it is reached. An IPv6 address
 * that such a route has as its source is not checked for duplicates, since it could not be used until then.
 * Neighbours come last: they need their device alone, as what bridges know of their ports does.
 */
export function restoreSteps(before: Snapshot, after: Snapshot): Step[] {
  const addresses = lostAddresses(before, after);
  const routes = lostRoutes(before, after);
  const direct = routes.filter((route) => route.nexthops.every((hop) => hop.via === null));
  const others = routes.filter((route) => !direct.includes(route));
  const hurried = addresses.filter(
    ({ family, local, flags }) =>
      family === 6 && !flags.includes('nodad') && routes.some((route) => route.src === local),
  );
  const atOnce = (address: Address): Address =>
    hurried.includes(address) ? { ...address, flags: [...address.flags, 'nodad'] } : address;
  return [
    ...relinkSteps(before, after),
    ...addresses.map((address) => addressStep(atOnce(address), 'replace')),
    ...[...direct, ...others].flatMap((route) => [
      ...waitForSource(route),
      routeStep(route, isStripped(route, after) ? 'replace' : 'append'),
    ]),
    ...hurried.map((address) => addressStep(address, 'change')),
    ...lostNeighbours(before, after).flatMap((each) => restoreNeighbourSteps(each, after.neighbours)),
    ...restoreBridgeSteps(before, applyEffects(after, relinkEffects(before, after))),
    ...(before.tc === undefined ? [] : addSteps(lostTc(before, after), before.tc)),
  ];
}

/** The effects that go with `restoreSteps`. */
export function restoreEffects(before: Snapshot, after: Snapshot): Effect[] {
  const relinked = relinkEffects(before, after);
  const linked = applyEffects(after, relinked);
  return [
    ...relinked,
    ...lostAddresses(before, linked).map((address): Effect => ({ kind: 'address', set: address })),
    ...lostRoutes(before, linked).map((route): Effect => ({ kind: 'route', set: route })),
    ...lostNeighbours(before, linked).map((neighbour): Effect => ({ kind: 'neighbour', set: neighbour })),
    ...lostPorts(before, linked).map(
      ({ name, port }): Effect => ({ kind: 'link', set: { ...linkIn(linked, name), port } }),
    ),
    ...vlanEffects(before, linked),
    ...lostFdb(before, linked).map((entry): Effect => ({ kind: 'fdb', set: entry })),
    ...setEffects(lostTc(before, linked)),
  ];
}

function linkIn({ links }: Snapshot, name: string): Link {
  const link = links.get(name);
  if (link === undefined) throw new Error(`${name} was brought back`);
  return link;
}

function vlanEffects(before: Snapshot, after: Snapshot): Effect[] {
  if (before.bridgeVlans === after.bridgeVlans) return [];
  const own = before.bridgeVlans ?? [];
  const surplus = after.bridgeVlans?.filter((vlan) => !own.some((other) => sameVlan(vlan, other))) ?? [];
  return [
    ...surplus.map((vlan): Effect => ({ kind: 'bridge_vlan', unset: vlan })),
    ...own.map((vlan): Effect => ({ kind: 'bridge_vlan', set: vlan })),
  ];
}

/** IPv6 keeps a route whose source address goes, without that source: it stands in the way of its former self. */
function isStripped(route: Route, after: Snapshot): boolean {
  if (route.family === 4 || route.src === null) return false;
  const text = routeText({ ...route, src: null });
  return routesTo(after.routes, route.dst).some((other) => routeText(other) === text);
}

/**
 * The undo of a change: its own steps, and what the kernel took on the way there and back.
 * @param effects of the change. @param reversal effects of `steps`, which undo it.
 */
export function undoWithLosses(
  snapshot: Snapshot,
  effects: readonly Effect[],
  steps: readonly Step[],
  reversal: readonly Effect[],
): Step[] {
  const back = applyEffects(applyEffects(snapshot, effects), reversal);
  return [...steps, ...restoreSteps(snapshot, back)];
}
