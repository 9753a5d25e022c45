/** Compares routes that are there with what is asked for, and merges the two. */
import type { Names, Nexthop, Route, RouteMetrics, RouteType } from '../../snapshot/model.js';
import { PROTOCOL, resolveRealms } from './names.js';
import type { NexthopWish, RouteWish } from './route-wish.js';
import { defaultScope, METRICS } from './show-route.js';

function hopMatches(hop: Nexthop, wish: NexthopWish, weighted: boolean): boolean {
  return (
    hop.via === wish.via &&
    (wish.dev === undefined || hop.dev === wish.dev) &&
    (wish.onlink === undefined || hop.onlink === wish.onlink || wish.via === null) &&
    (!weighted || hop.weight === wish.weight)
  );
}

/** Whether the same next hops are meant, in any order: the kernel keeps IPv6's in an order of its own. */
function hopsMatch(hops: readonly Nexthop[], wishes: readonly NexthopWish[]): boolean {
  if (hops.length !== wishes.length) return false;
  const left = [...hops];
  return wishes.every((wish) => {
    const index = left.findIndex((hop) => hopMatches(hop, wish, wishes.length > 1));
    if (index >= 0) left.splice(index, 1);
    return index >= 0;
  });
}

/** The type that a wish stands for; a task that names a next hop and no type means unicast. */
export function wishedType(wish: RouteWish): RouteType | undefined {
  return wish.type ?? (wish.nexthops === undefined ? undefined : 'unicast');
}

function metricsMatch(metrics: RouteMetrics, wish: RouteWish): boolean {
  if (Object.keys(wish.metrics).length === 0 && wish.lock.size === 0) return true;
  const values = METRICS.every((metric) => {
    const wished = wish.metrics[metric];
    return (
      wished === undefined || (wished === null ? metrics[metric] === undefined : metrics[metric] === wished)
    );
  });
  return (
    values &&
    [...wish.lock].every(
      ([metric, locked]) =>
        metrics[metric as keyof RouteMetrics] === undefined ||
        (metrics.lock?.includes(metric) ?? false) === locked,
    )
  );
}

/** Realms in numbers, so that a listing with names compares equal. */
function realmsOf(route: Route, names: Names): string | null {
  return route.realms === null ? null : (resolveRealms(route.realms, names, []) ?? route.realms);
}

/** Whether `route` has all that was asked for; what was not is not compared. */
export function satisfies(route: Route, wish: RouteWish, names: Names): boolean {
  const type = wishedType(wish);
  return (
    (type === undefined || route.type === type) &&
    (wish.nexthops === undefined || hopsMatch(route.nexthops, wish.nexthops)) &&
    (wish.protocol === undefined || route.protocol === wish.protocol) &&
    (wish.scope === undefined || route.scope === wish.scope) &&
    (wish.src === undefined || route.src === wish.src) &&
    (wish.realms === undefined ||
      (realmsOf(route, names) === wish.realms && route.nexthops.every((hop) => hop.realms === undefined))) &&
    (wish.pref === undefined || (route.pref ?? 'medium') === wish.pref) &&
    // It counts down, so only its being there can be compared.
    (wish.expires === undefined || (route.expires === null) === (wish.expires === null)) &&
    metricsMatch(route.metrics, wish)
  );
}

function mergeMetrics(base: RouteMetrics, wish: RouteWish): RouteMetrics {
  if (Object.keys(wish.metrics).length === 0 && wish.lock.size === 0) return base;
  const merged: Record<string, unknown> = {};
  const lock: string[] = [];
  for (const metric of METRICS) {
    const wished = wish.metrics[metric];
    const value = wished === undefined ? base[metric] : wished;
    if (value === undefined || value === null) continue;
    merged[metric] = value;
    if (metric === 'rto_min' || (wish.lock.get(metric) ?? base.lock?.includes(metric))) lock.push(metric);
  }
  return lock.length === 0 ? merged : { ...merged, lock };
}

function mergeHops(
  base: Route | undefined,
  wish: RouteWish,
  devOf: (hop: NexthopWish) => string | null,
): readonly Nexthop[] {
  if (wish.nexthops === undefined)
    return (base?.nexthops ?? []).map(({ realms, ...hop }) =>
      realms === undefined || wish.realms !== undefined ? hop : { ...hop, realms },
    );
  return wish.nexthops.map((hop) => {
    const old = base?.nexthops.find((other) => other.via === hop.via && (hop.dev ?? other.dev) === other.dev);
    return {
      via: hop.via,
      dev: hop.dev ?? old?.dev ?? devOf(hop),
      weight: hop.weight,
      onlink: hop.via !== null && (hop.onlink ?? old?.onlink ?? false),
      encap: old?.encap ?? null,
      ...(old?.realms === undefined || wish.realms !== undefined ? {} : { realms: old.realms }),
    };
  });
}

/**
 * The route as it will be: what the task gives, over what `base` has, over the kernel's defaults.
 * @param devOf finds the device of a gateway that the task names without one.
 */
export function merge(
  base: Route | undefined,
  wish: RouteWish,
  devOf: (hop: NexthopWish) => string | null,
): Route {
  const type = wishedType(wish) ?? base?.type ?? 'unicast';
  const nexthops = mergeHops(base, wish, devOf);
  const { family } = wish;
  const usual = defaultScope({ family, type, nexthops });
  // A scope that was the default for the old next hop would be wrong for the new one.
  const kept = base !== undefined && base.scope !== defaultScope(base) ? base.scope : usual;
  const sameHops =
    base !== undefined && (wish.nexthops === undefined || hopsMatch(base.nexthops, wish.nexthops));
  return {
    family,
    type,
    nexthops,
    dst: wish.dst,
    table: wish.table,
    tos: wish.tos,
    metric: base?.metric ?? wish.metric,
    from: wish.from,
    protocol: wish.protocol ?? base?.protocol ?? PROTOCOL.netplay,
    scope: wish.scope ?? kept,
    src: wish.src === undefined ? (base?.src ?? null) : wish.src,
    metrics: mergeMetrics(base?.metrics ?? {}, wish),
    // The kernel keeps no preference for a route that leads nowhere.
    pref: wish.family === 4 ? null : nexthops.length === 0 ? 'medium' : (wish.pref ?? base?.pref ?? 'medium'),
    flags: [],
    realms: wish.realms === undefined ? (base?.realms ?? null) : wish.realms,
    expires: wish.expires === undefined ? (base?.expires ?? null) : wish.expires,
    nhid: sameHops ? (base?.nhid ?? null) : null,
  };
}
