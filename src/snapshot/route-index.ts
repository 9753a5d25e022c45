/**
 * A host's routes by destination: a host with a full table has 20,000 of them, and 500 tasks must not
 * look at each. The index of a list is made when it is first asked for, and handed on from list to list
 * as routes are folded in.
 */
import { type Family, formatPrefix, MAX_LENGTH, parsePrefix } from '../shared/addr.js';
import type { Route } from './model.js';

const indexes = new WeakMap<readonly Route[], Map<string, Route[]>>();

function indexOf(routes: readonly Route[]): Map<string, Route[]> {
  const known = indexes.get(routes);
  if (known !== undefined) return known;
  const made = new Map<string, Route[]>();
  for (const route of routes) {
    const list = made.get(route.dst);
    if (list === undefined) made.set(route.dst, [route]);
    else list.push(route);
  }
  indexes.set(routes, made);
  return made;
}

/** The routes to exactly this destination (a canonical prefix), of every table, in the kernel's order. */
export function routesTo(routes: readonly Route[], dst: string): readonly Route[] {
  return indexOf(routes).get(dst) ?? [];
}

/** The routes whose destination holds this address, the narrowest first. */
export function routesOver(routes: readonly Route[], address: string, family: Family): readonly Route[] {
  const index = indexOf(routes);
  const found: Route[] = [];
  for (let length = MAX_LENGTH[family]; length >= 0; length--) {
    const prefix = parsePrefix(`${address}/${length}`, family);
    if (prefix !== undefined) found.push(...(index.get(formatPrefix(prefix)) ?? []));
  }
  return found;
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
    const own = [...(index.get(dst) ?? []), ...added.filter((route) => route.dst === dst)];
    const places = new Map(own.map((route) => [route, next.indexOf(route)]));
    const left = [...places.keys()].filter((route) => places.get(route) !== -1);
    left.sort((a, b) => (places.get(a) ?? 0) - (places.get(b) ?? 0));
    index.set(dst, left);
  }
  indexes.set(next, index);
  return next;
}
