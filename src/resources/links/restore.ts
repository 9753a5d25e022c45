/**
 * What the kernel takes away by itself (a link that goes down takes its routes and IPv6 addresses, the
 * last address of a device takes all of its routes) is brought back by steps: those between two snapshots.
 */
import type { Step } from '../../shared/change.js';
import type { Effect } from '../../snapshot/effects.js';
import { neighbourText, routeText, sameAddress } from '../../snapshot/identity.js';
import { lostRoutes as routesLost } from '../../snapshot/lost-routes.js';
import type { Address, Neighbour, Route, Snapshot } from '../../snapshot/model.js';
import { routesTo } from '../../snapshot/route-index.js';
import { applyEffects } from '../../snapshot/simulate.js';
import { PROTOCOL } from '../routing/names.js';
import { routeStep, waitForSource } from '../routing/route-args.js';
import { addressStep } from './address-args.js';
import { restoreNeighbourSteps } from './neighbour-args.js';
import { relinkEffects, relinkSteps } from './relink.js';

/** The addresses of `before` that `after` lacks, but for those that the kernel alone can make. */
export function lostAddresses(before: Snapshot, after: Snapshot): Address[] {
  return before.addresses.filter(
    (address) =>
      !address.flags.includes('temporary') && !after.addresses.some((other) => sameAddress(address, other)),
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

/**
 * The steps that bring back what `before` had and `after` lacks: links, then addresses, then routes to the links
 * themselves, then those through a gateway, which the kernel takes only once it is reached. An IPv6 address
 * that such a route has as its source is not checked for duplicates, since it could not be used until then.
 * Neighbours come last: they need their device alone.
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
  ];
}

/** The effects that go with `restoreSteps`. */
export function restoreEffects(before: Snapshot, after: Snapshot): Effect[] {
  const linked = applyEffects(after, relinkEffects(before, after));
  return [
    ...relinkEffects(before, after),
    ...lostAddresses(before, linked).map((address): Effect => ({ kind: 'address', set: address })),
    ...lostRoutes(before, linked).map((route): Effect => ({ kind: 'route', set: route })),
    ...lostNeighbours(before, linked).map((neighbour): Effect => ({ kind: 'neighbour', set: neighbour })),
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
