/**
 * A host's routes by destination: a host with a full table has 20,000 of them, and 500 tasks must not
 * look at each. The index of a list is made when it is first asked for, and handed on from list to list
 * as routes are folded in.
 */
import { type Family, formatPrefix, MAX_LENGTH, parsePrefix } from '../shared/addr.js';
import type { Route } from './model.js';

interface RouteIndex {
  byDestination: Map<string, readonly Route[]>;
  /** Every prefix length that a destination has, or had. */
  lengths: Set<number>;
}

const indexes = new WeakMap<readonly Route[], RouteIndex>();

function indexOf(routes: readonly Route[]): RouteIndex {
  const known = indexes.get(routes);
  if (known !== undefined) return known;
  const byDestination = new Map<string, Route[]>();
  for (const route of routes) {
    const list = byDestination.get(route.dst);
    if (list === undefined) byDestination.set(route.dst, [route]);
    else list.push(route);
  }
  const made = { byDestination, lengths: new Set([...byDestination.keys()].map(lengthOf)) };
  indexes.set(routes, made);
  return made;
}

function lengthOf(dst: string): number {
  return Number(dst.slice(dst.indexOf('/') + 1));
}

/** The routes to exactly this destination (a canonical prefix), of every table, in the kernel's order. */
export function routesTo(routes: readonly Route[], dst: string): readonly Route[] {
  return indexOf(routes).byDestination.get(dst) ?? [];
}

/** The routes whose destination holds this address, the narrowest first. */
export function routesOver(routes: readonly Route[], address: string, family: Family): readonly Route[] {
  const { byDestination, lengths } = indexOf(routes);
  const narrowestFirst = [...lengths].filter((length) => length <= MAX_LENGTH[family]).sort((a, b) => b - a);
  return narrowestFirst.flatMap((length) => {
    const prefix = parsePrefix(`${address}/${length}`, family);
    return prefix === undefined ? [] : (byDestination.get(formatPrefix(prefix)) ?? []);
  });
}

/**
 * The list with the route at `at` taken out (where `count` is 1), and `added` in its place. The index goes
 * to the new list: the old one, which is hardly ever asked again, would have to make its own anew.
 */
export function splicedRoutes(
  routes: readonly Route[],
  at: number,
  count: 0 | 1,
  ...added: readonly Route[]
): readonly Route[] {
  const next = routes.toSpliced(at, count, ...added);
  const index = indexes.get(routes);
  if (index === undefined) return next;
  indexes.delete(routes);
  const touched = new Set([...routes.slice(at, at + count), ...added].map((route) => route.dst));
  for (const dst of touched) {
    const own = [...(index.byDestination.get(dst) ?? []), ...added.filter((route) => route.dst === dst)];
    const places = new Map(own.map((route) => [route, next.indexOf(route)]));
    const left = [...places.keys()].filter((route) => places.get(route) !== -1);
    left.sort((a, b) => (places.get(a) ?? 0) - (places.get(b) ?? 0));
    index.byDestination.set(dst, left);
    index.lengths.add(lengthOf(dst));
  }
  indexes.set(next, index);
  return next;
}
