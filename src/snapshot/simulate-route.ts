/** What the kernel does to routes by itself. Measured on Linux 6.18; case by case in test/lab/snapshot-simulate.test.ts. */
import type { Family } from '../shared/addr.js';
import type { Draft } from './draft.js';
import { routeText, sameRoute } from './identity.js';
import type { Route } from './model.js';
import { addRoute, dropRoute, exchangeRoute, routesTo } from './route-index.js';

const LOCAL_TABLE = 255;
export const MAIN_TABLE = 254;

/** Adds a route, or puts it in the place of the first one with the same identity. */
export function setRoute(draft: Draft, route: Route, replaces?: Route): void {
  const found = findRoute(draft.routes, replaces ?? route, replaces !== undefined);
  if (found === undefined) addRoute(draft, route);
  else exchangeRoute(draft, found, route);
}

/**
 * Adds a route behind those of the same identity, as the kernel does with those of a new address. Where it stands
 * among the others means nothing.
 */
export function appendRoute(draft: Draft, route: Route): void {
  const group = routesTo(draft.routes, route.dst).filter((other) => sameRoute(other, route));
  const text = group.length === 0 ? undefined : routeText(route);
  if (!group.some((other) => routeText(other) === text)) addRoute(draft, route);
}

export function unsetRoute(draft: Draft, route: Route): void {
  const found = findRoute(draft.routes, route, true);
  if (found !== undefined) dropRoute(draft, found);
}

/** That very route, else the first one of its identity: IPv4 may list several. */
function findRoute(routes: readonly Route[], wanted: Route, exact: boolean): Route | undefined {
  const group = routesTo(routes, wanted.dst).filter((other) => sameRoute(other, wanted));
  if (!exact || group.length < 2) return group[0];
  const text = routeText(wanted);
  return group.find((other) => routeText(other) === text) ?? group[0];
}

/** How a device loses its routes. */
export interface Loss {
  family: Family;
  /** IPv4 keeps its `local` routes while a link is merely down. */
  keepLocal?: boolean;
  /** The device goes for good: IPv4 drops the whole multipath route, IPv6 that next hop alone. */
  gone?: boolean;
}

/**
 * Takes away the routes that lead through a device, in every table. A multipath route stays as long as one
 * of its next hops lives; the kernel keeps the others in it, marked dead, and revives them.
 */
export function loseRoutes(draft: Draft, dev: string, loss: Loss): void {
  draft.routes = draft.routes.flatMap((route) => {
    if (route.family !== loss.family || !route.nexthops.some((hop) => hop.dev === dev)) return [route];
    if (loss.keepLocal === true && route.type === 'local') return [route];
    const others = route.nexthops.filter((hop) => hop.dev !== dev);
    if (others.every((hop) => route.flags.includes(dead(hop.dev)))) return [];
    if (loss.gone !== true) return [{ ...route, flags: [...new Set([...route.flags, dead(dev)])] }];
    return route.family === 4
      ? []
      : [{ ...route, nexthops: others.length === 1 ? others.map(plain) : others }];
  });
}

/** Brings the dead next hops through a device that has come up back to life. */
export function reviveRoutes(draft: Draft, dev: string, family: Family): void {
  const flag = dead(dev);
  if (!draft.routes.some((route) => route.family === family && route.flags.includes(flag))) return;
  draft.routes = draft.routes.map((route) =>
    route.family === family ? { ...route, flags: route.flags.filter((other) => other !== flag) } : route,
  );
}

/** The flag of one next hop of several, as parse-route.ts gives it. */
function dead(dev: string | null): string {
  return `${dev} dead`;
}

/** A next hop that is left over alone is a plain route's. */
function plain(hop: Route['nexthops'][number]): Route['nexthops'][number] {
  return { ...hop, weight: 1 };
}

/** A route as the kernel makes it for an address. */
export function kernelRoute(
  own: Pick<Route, 'family' | 'type' | 'dst' | 'scope'> & { dev: string; src: string | null; metric: number },
): Route {
  const { dev, ...fields } = own;
  const local = own.type !== 'unicast';
  return {
    tos: 0,
    from: null,
    metrics: {},
    flags: [],
    realms: null,
    expires: null,
    nhid: null,
    protocol: 2,
    table: local ? LOCAL_TABLE : MAIN_TABLE,
    nexthops: [{ via: null, dev, weight: 1, onlink: false, encap: null }],
    pref: own.family === 6 ? 'medium' : null,
    ...fields,
  };
}
