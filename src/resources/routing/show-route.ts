/** Routes as a person reads them: the words and the order of `ip route`. */
import { DEFAULT_PREFIX, displayPrefix, familyOf } from '../../shared/addr.js';
import type { Names, Nexthop, Route, RouteMetrics } from '../../snapshot/model.js';
import { PROTOCOL, protocolName, SCOPE, scopeName, TABLE, tableName } from './names.js';

/** Route metrics in the order in which `ip route` prints them. */
export const METRICS = [
  'mtu',
  'window',
  'rtt',
  'rttvar',
  'ssthresh',
  'cwnd',
  'advmss',
  'reordering',
  'hoplimit',
  'initcwnd',
  'features',
  'rto_min',
  'initrwnd',
  'quickack',
  'congctl',
] as const satisfies readonly (keyof RouteMetrics)[];
export type Metric = (typeof METRICS)[number];

/** Kept by the kernel in units of its own, so they are always written with `ms`. */
const MILLISECONDS: ReadonlySet<string> = new Set(['rtt', 'rttvar', 'rto_min']);

/** IPv6's metric where none is given (linux/ipv6_route.h, IP6_RT_PRIO_USER). */
export const DEFAULT_METRIC = { 4: 0, 6: 1024 } as const;

/** `mtu lock 1400 advmss 1360`, as words. */
export function metricWords(metrics: RouteMetrics): string[] {
  if (Object.keys(metrics).length === 0) return [];
  return METRICS.flatMap((metric) => {
    const value = metrics[metric];
    if (value === undefined) return [];
    const locked = metric !== 'rto_min' && metrics.lock?.includes(metric) ? ['lock'] : [];
    return [metric, ...locked, MILLISECONDS.has(metric) ? `${value}ms` : String(value)];
  });
}

/** `via 192.168.1.254 dev eth0`; `via inet6 …` where an IPv4 route has an IPv6 gateway. */
export function nexthopWords(nexthop: Nexthop, family: 4 | 6): string[] {
  const { via, dev, encap } = nexthop;
  const gateway = via === null ? [] : familyOf(via) === family ? ['via', via] : ['via', 'inet6', via];
  return [
    ...(encap === null ? [] : ['encap', ...encap.split(' ')]),
    ...gateway,
    ...(dev === null ? [] : ['dev', dev]),
  ];
}

export function hexadecimal(value: number): string {
  return `0x${value.toString(16)}`;
}

/** The scope that the kernel's tools give a route where none is named (iproute2, iproute_modify). */
export function defaultScope(route: Pick<Route, 'family' | 'type' | 'nexthops'>): number {
  if (route.family === 6) return SCOPE.global;
  if (route.type === 'local' || route.type === 'nat') return SCOPE.host;
  if (route.type === 'broadcast' || route.type === 'multicast' || route.type === 'anycast') return SCOPE.link;
  const linkOnly = route.nexthops.length === 1 && route.nexthops[0]?.via === null;
  return route.type === 'unicast' && linkOnly ? SCOPE.link : SCOPE.global;
}

/** A whole route in one line. The protocol is left out where it is netplay's own or nobody's (boot). */
export function showRoute(route: Route, names: Names, options: { protocol?: boolean } = {}): string {
  const { type, nexthops, protocol } = route;
  const named = options.protocol ?? (protocol !== PROTOCOL.netplay && protocol !== PROTOCOL.boot);
  const [only, ...more] = nexthops;
  const multipath = only !== undefined && more.length > 0;
  const words: string[] = type === 'unicast' ? [] : [type];
  words.push(displayPrefix(route.dst));
  if (route.from !== null) words.push('from', displayPrefix(route.from));
  if (route.tos !== 0) words.push('tos', hexadecimal(route.tos));
  if (route.nhid !== null) words.push('nhid', String(route.nhid));
  if (only !== undefined && !multipath) words.push(...nexthopWords(only, route.family));
  if (route.table !== TABLE.main) words.push('table', tableName(route.table, names));
  if (named) words.push('proto', protocolName(protocol, names));
  if (route.scope !== SCOPE.global && route.family === 4) words.push('scope', scopeName(route.scope, names));
  if (route.src !== null) words.push('src', route.src);
  if (route.metric !== DEFAULT_METRIC[route.family]) words.push('metric', String(route.metric));
  if (!multipath && only?.onlink) words.push('onlink');
  if (route.realms !== null) words.push('realms', route.realms);
  words.push(...metricWords(route.metrics));
  if (route.expires !== null) words.push('expires', `${route.expires}sec`);
  if (route.pref !== null && route.pref !== 'medium') words.push('pref', route.pref);
  if (multipath) for (const hop of nexthops) words.push(...multipathWords(hop, route.family, hop.realms));
  return words.join(' ');
}

/** One `nexthop …` of a multipath route, as `ip route` takes and prints it. */
export function multipathWords(
  nexthop: Nexthop,
  family: 4 | 6,
  realms: string | undefined,
  onlink = true,
): string[] {
  return [
    'nexthop',
    ...nexthopWords(nexthop, family),
    'weight',
    String(nexthop.weight),
    ...(realms === undefined ? [] : ['realms', realms]),
    ...(onlink && nexthop.onlink ? ['onlink'] : []),
  ];
}

/** What a route is called in a report: its identity. IPv6's default is `::/0`, to tell it from IPv4's. */
export function routeAddress(
  route: Pick<Route, 'family' | 'dst' | 'table' | 'tos' | 'metric' | 'from'>,
  names: Names,
): string {
  const dst = route.dst === DEFAULT_PREFIX[6] ? route.dst : displayPrefix(route.dst);
  return [
    'route',
    dst,
    ...(route.from === null ? [] : ['from', displayPrefix(route.from)]),
    ...(route.tos === 0 ? [] : ['tos', hexadecimal(route.tos)]),
    ...(route.table === TABLE.main ? [] : ['table', tableName(route.table, names)]),
    ...(route.metric === DEFAULT_METRIC[route.family] ? [] : ['metric', String(route.metric)]),
  ].join(' ');
}
