/** Routes that somebody made, of all tables. */
import { PROTOCOL, scopeName, TABLE } from '../resources/routing/names.js';
import {
  DEFAULT_METRIC,
  defaultScope,
  hexadecimal,
  METRICS,
  showRoute,
} from '../resources/routing/show-route.js';
import { DEFAULT_PREFIX, displayPrefix } from '../shared/addr.js';
import type { Nexthop, Route, RouteMetrics } from '../snapshot/model.js';
import { learned, protocolParam } from './protocols.js';
import { type Captured, given, isCaptured, type Params, type Reading, unless } from './reading.js';
import { tableParam, wordOrNumber } from './words.js';

/** What is on a link comes before what needs a gateway there. */
export function routeItems(reading: Reading): Captured[] {
  const seen = new Set<string>();
  const taken = reading.snapshot.routes.filter((route) => isTaken(route, reading, seen));
  const isOnLink = (route: Route): boolean => route.nexthops.every(({ via }) => via === null);
  return [...taken.filter(isOnLink), ...taken.filter((route) => !isOnLink(route))].map((route) => ({
    resource: 'route',
    params: paramsOf(route, reading),
  }));
}

function isTaken(route: Route, reading: Reading, seen: Set<string>): boolean {
  if (route.protocol === PROTOCOL.kernel) return false;
  const devs = route.nexthops.flatMap(({ dev }) => dev ?? []);
  if (devs.some((dev) => !isCaptured(reading, dev))) return false;
  const { family, dst, table, tos, metric, from } = route;
  const key = JSON.stringify([family, dst, table, tos, metric, from]);
  const why = learned(route.protocol) ?? unable(route) ?? (seen.has(key) ? TWICE : undefined);
  seen.add(key);
  if (why === undefined) return true;
  const dead = { ...route, expires: null };
  reading.leaveOut(`route ${showRoute(dead, reading.snapshot.names, { protocol: false })}`, why);
  return false;
}

const TWICE =
  'the same table has another one with its destination, TOS and metric, and netplay counts them as one';

/** Why the route resource can't say it. */
function unable({ nhid, nexthops, expires, type }: Route): string | undefined {
  if (nhid !== null) return `netplay has no nexthop objects (nhid ${nhid})`;
  if (nexthops.some(({ encap }) => encap !== null)) return 'netplay sets no encapsulation';
  if (nexthops.some(({ realms }) => realms !== undefined))
    return 'netplay sets no realms of a single next hop';
  if (expires !== null) return 'it ends by itself';
  return type === 'nat' ? 'no kernel has routes of type nat any more' : undefined;
}

function paramsOf(route: Route, reading: Reading): Params {
  const { names } = reading.snapshot;
  const { type, table, from, tos, metric, src, metrics, pref, realms, protocol } = route;
  const usualTable = ['local', 'broadcast', 'anycast'].includes(type) ? TABLE.local : TABLE.main;
  return given({
    dst: destination(route),
    type: unless(type, 'unicast'),
    ...hops(route.nexthops),
    from: from === null ? undefined : displayPrefix(from),
    src: src ?? undefined,
    table: table === usualTable ? undefined : tableParam(table, reading),
    metric: unless(metric, DEFAULT_METRIC[route.family]),
    tos: tos === 0 ? undefined : hexadecimal(tos),
    scope: scopeParam(route, reading),
    ...metricParams(metrics),
    realms: realms ?? undefined,
    pref: pref === null ? undefined : unless(pref, 'medium'),
    protocol: protocolParam(protocol, names),
  });
}

/** `default` where the gateway tells its family. */
function destination({ dst, family, nexthops, src }: Route): string {
  if (dst !== DEFAULT_PREFIX[family]) return displayPrefix(dst);
  const told = [src, nexthops[0]?.via].find((address) => address != null);
  if (told === undefined) return family === 4 ? 'default' : dst;
  return told.includes(':') === (family === 6) ? 'default' : dst;
}

function hops(nexthops: readonly Nexthop[]): Params {
  const [only, ...others] = nexthops;
  if (only === undefined) return {};
  const params = (hop: Nexthop): Params =>
    given({ via: hop.via ?? undefined, dev: hop.dev ?? undefined, onlink: unless(hop.onlink, false) });
  if (others.length === 0) return params(only);
  return { nexthops: nexthops.map((hop) => given({ ...params(hop), weight: unless(hop.weight, 1) })) };
}

/** A default route that is on a link must say that it is meant. */
function scopeParam(route: Route, { snapshot }: Reading): string | number | undefined {
  const { dst, family, nexthops, scope } = route;
  const meant =
    dst === DEFAULT_PREFIX[family] &&
    route.type === 'unicast' &&
    nexthops.some(({ via, onlink }) => via === null && !onlink);
  if (meant) return 'link';
  if (family === 6 || scope === defaultScope(route)) return undefined;
  return wordOrNumber(scopeName(scope, snapshot.names));
}

function metricParams(metrics: RouteMetrics): Params {
  // iproute2 locks rto_min by itself.
  const locked = (metrics.lock ?? []).filter((name) => name !== 'rto_min');
  const lock =
    locked.length === 0
      ? {}
      : locked.length === 1 && locked[0] === 'mtu'
        ? { mtu_lock: true }
        : { lock: METRICS.filter((name) => locked.includes(name)) };
  return {
    ...Object.fromEntries(
      METRICS.flatMap((name) => (metrics[name] === undefined ? [] : [[name, metrics[name]]])),
    ),
    ...lock,
  };
}
