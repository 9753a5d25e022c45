/**
 * A host's routes by destination: a host with a full table has 20,000 of them, and 10,000 tasks must not
 * look at each. The index of a list is made when it is first asked for, and kept as routes are folded in.
 */
import { type Family, MAX_LENGTH, prefixOf } from '../shared/addr.js';
import { type Draft, ownList } from './draft.js';
import type { Route } from './model.js';

interface RouteIndex {
  byDestination: Map<string, readonly Route[]>;
  /** Every prefix length that a destination has, or had. */
  lengths: Set<number>;
  /** By address, the prefixes of these lengths that hold it, the narrowest first. */
  over: Map<string, readonly string[]>;
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
  const made = { byDestination, lengths: new Set([...byDestination.keys()].map(lengthOf)), over: new Map() };
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
  const index = indexOf(routes);
  return prefixesOver(index, address, family).flatMap((prefix) => index.byDestination.get(prefix) ?? []);
}

/** Thousands of routes have the same gateway: what may hold it is worked out once. */
function prefixesOver({ lengths, over }: RouteIndex, address: string, family: Family): readonly string[] {
  const known = over.get(address);
  if (known !== undefined) return known;
  const narrowestFirst = [...lengths].filter((length) => length <= MAX_LENGTH[family]).sort((a, b) => b - a);
  const prefixes = narrowestFirst.flatMap((length) => prefixOf(address, length) ?? []);
  over.set(address, prefixes);
  return prefixes;
}

/** The draft's routes with one more, behind all others. */
export function addRoute(draft: Draft, route: Route): void {
  const { list, index } = own(draft);
  list.push(route);
  setGroup(index, route.dst, [...(index.byDestination.get(route.dst) ?? []), route]);
}

/** The draft's routes with `after` in the place of `before`, which is one of them and has the same destination. */
export function exchangeRoute(draft: Draft, before: Route, after: Route): void {
  const { list, index } = own(draft);
  list[list.indexOf(before)] = after;
  const group = index.byDestination.get(before.dst) ?? [];
  setGroup(
    index,
    before.dst,
    group.map((route) => (route === before ? after : route)),
  );
}

/** The draft's routes without `route`, which is one of them. */
export function dropRoute(draft: Draft, route: Route): void {
  const { list, index } = own(draft);
  list.splice(list.indexOf(route), 1);
  const group = index.byDestination.get(route.dst) ?? [];
  setGroup(
    index,
    route.dst,
    group.filter((other) => other !== route),
  );
}

function setGroup({ byDestination, lengths, over }: RouteIndex, dst: string, group: readonly Route[]): void {
  if (group.length === 0) byDestination.delete(dst);
  else byDestination.set(dst, group);
  const length = lengthOf(dst);
  if (lengths.has(length)) return;
  lengths.add(length);
  over.clear();
}

/** The routes as a list that the draft may change, with an index of its own. */
function own(draft: Draft): { list: Route[]; index: RouteIndex } {
  const index = indexOf(draft.routes);
  const list = ownList(draft, draft.routes);
  const known = indexes.get(list);
  if (known !== undefined) return { list, index: known };
  const copy = {
    byDestination: new Map(index.byDestination),
    lengths: new Set(index.lengths),
    over: new Map(),
  };
  indexes.set(list, copy);
  draft.routes = list;
  return { list, index: copy };
}
