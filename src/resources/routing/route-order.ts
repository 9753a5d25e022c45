/** Steps that bring the entries of one key from one order to another: the kernel keeps them as a list. */
import { isDeepStrictEqual } from 'node:util';
import type { Step } from '../../shared/change.js';
import type { Route } from '../../snapshot/model.js';
import { routeStep } from './route-args.js';

/** Whether two entries are the same to the kernel: flags aside, and how much time is left. */
export function sameRoute(a: Route, b: Route): boolean {
  const { flags: _a, expires: endsA, ...first } = a;
  const { flags: _b, expires: endsB, ...second } = b;
  return (endsA === null) === (endsB === null) && isDeepStrictEqual(first, second);
}

/**
 * The steps that turn the entries `now` into `wanted`; both hold all entries of one key, in order. What
 * both begin with stays untouched. One entry alone is replaced in place, so that no packet is lost.
 */
export function reorder(now: readonly Route[], wanted: readonly Route[]): Step[] {
  const [first] = wanted;
  if (
    first !== undefined &&
    now.length === wanted.length &&
    sameTail(now, wanted, 1, 1) &&
    replacedBy(first, now) === now[0]
  )
    return isSame(now[0], first) ? [] : [routeStep(first, 'replace')];
  if (now.length > 0 && first?.family === 4 && sameTail(now, wanted, 0, 1))
    return [routeStep(first, 'prepend')];
  const same = now.findIndex((route, index) => !isSame(wanted[index], route));
  const differs = same < 0 ? now.length : same;
  const doomed = now.slice(differs);
  const hit = now.findIndex((route) => doomed.some((other) => isMistakable(other, route)));
  const kept = hit < 0 ? differs : Math.min(hit, differs);
  // From the front on: each deletion then meets the very entry that it means.
  return [
    ...now.slice(kept).map((route) => routeStep(route, 'del')),
    ...wanted.slice(kept).map((route, index) => routeStep(route, kept + index === 0 ? 'add' : 'append')),
  ];
}

/** Deletes one of the entries of a key. */
export function removeFrom(group: readonly Route[], route: Route): Step[] {
  const before = group.slice(0, group.indexOf(route));
  if (!before.some((other) => isMistakable(route, other))) return [routeStep(route, 'del')];
  return reorder(
    group,
    group.filter((entry) => entry !== route),
  );
}

/**
 * Whether deleting `route` would take `earlier` instead: IPv6 reads a deletion without a gateway as one of
 * any gateway on that device (ip6_route_del).
 */
function isMistakable(route: Route, earlier: Route): boolean {
  const [hop] = route.nexthops;
  if (route.family === 4 || route === earlier || hop === undefined || hop.via !== null) return false;
  return earlier.nexthops.some((other) => other.via !== null && other.dev === hop.dev);
}

/** The entry of `group`, all of one key, that `ip route replace` of `wanted` rewrites. */
export function replacedBy(
  wanted: { family: 4 | 6; nexthops?: readonly { via: string | null }[] | undefined },
  group: readonly Route[],
): Route | undefined {
  if (wanted.family === 4) return group[0];
  // IPv6 takes the first entry that has, or has not, a gateway as the new one (fib6_add_rt2node).
  const hasGateway = (hops: readonly { via: string | null }[]) => hops.some((hop) => hop.via !== null);
  const gateway = hasGateway(wanted.nexthops ?? []);
  return group.find((entry) => hasGateway(entry.nexthops) === gateway) ?? group[0];
}

function isSame(a: Route | undefined, b: Route): boolean {
  return a !== undefined && sameRoute(a, b);
}

/** Whether `now` from `start` on is `wanted` from `wantedStart` on. */
function sameTail(
  now: readonly Route[],
  wanted: readonly Route[],
  start: number,
  wantedStart: number,
): boolean {
  const rest = wanted.slice(wantedStart);
  return (
    now.length - start === rest.length && rest.every((route, index) => isSame(now[start + index], route))
  );
}
