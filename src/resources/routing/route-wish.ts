/** What a route task asks for, with its names resolved: what is not given stays `undefined`. */
import {
  DEFAULT_PREFIX,
  type Family,
  formatPrefix,
  hasHostBits,
  parseAddress,
  parsePrefix,
} from '../../shared/addr.js';
import type { Problem } from '../../shared/change.js';
import type { Link, Route, RouteMetrics, RouteType, Snapshot } from '../../snapshot/model.js';
import {
  resolveProtocol,
  resolveRealms,
  resolveScope,
  resolveTable,
  resolveTos,
  SCOPE,
  TABLE,
} from './names.js';
import { DEFAULT_METRIC, METRICS, type Metric } from './show-route.js';

export interface NexthopParams {
  via?: string | null;
  dev?: string;
  weight?: number;
  onlink?: boolean;
}

type MetricParams = { [M in Metric]?: RouteMetrics[M] | null };

export interface RouteParams extends MetricParams {
  dst: string;
  via?: string | null;
  dev?: string;
  nexthops?: readonly NexthopParams[];
  onlink?: boolean;
  src?: string | null;
  from?: string;
  scope?: string | number;
  metric?: number;
  table?: string | number;
  tos?: string | number;
  type?: RouteType;
  mtu_lock?: boolean;
  lock?: readonly Metric[];
  realms?: string | null;
  pref?: 'low' | 'medium' | 'high' | null;
  protocol?: string | number;
  expires?: number | null;
  family?: Family;
  state?: 'present' | 'absent';
}

/** The next hop is one thing: `via` and `dev` together. Without `via` it is a route to the link itself. */
export interface NexthopWish {
  via: string | null;
  /** Undefined where the task leaves it to the gateway's own network. */
  dev: string | undefined;
  weight: number;
  onlink: boolean | undefined;
}

export interface RouteWish {
  family: Family;
  dst: string;
  table: number;
  tos: number;
  metric: number;
  from: string | null;
  type: RouteType | undefined;
  nexthops: readonly NexthopWish[] | undefined;
  protocol: number | undefined;
  scope: number | undefined;
  src: string | null | undefined;
  /** Those that the task gives. */
  metrics: MetricParams;
  /** By metric, whether it shall be locked. */
  lock: ReadonlyMap<string, boolean>;
  realms: string | null | undefined;
  pref: string | null | undefined;
  expires: number | null | undefined;
}

/** These have no next hop: the kernel refuses one. */
export const WITHOUT_NEXTHOP: ReadonlySet<RouteType> = new Set([
  'blackhole',
  'unreachable',
  'prohibit',
  'throw',
]);
/** iproute2 puts these into table local unless told otherwise (iproute_modify). */
const IN_LOCAL: ReadonlySet<RouteType> = new Set(['local', 'broadcast', 'anycast', 'nat']);

/** The family that a task means, from what it gives: `dst`, else src, from and gateways, else IPv4. */
export function routeFamily(params: RouteParams): Family {
  if (params.family !== undefined) return params.family;
  if (params.dst.includes(':')) return 6;
  if (!['default', 'all', 'any'].includes(params.dst)) return 4;
  const first = params.nexthops?.find((hop) => typeof hop.via === 'string')?.via;
  const told = params.src ?? params.from ?? params.via ?? first ?? '';
  return told.includes(':') ? 6 : 4;
}

/** The families of the routes that a task must see: an IPv4 route can have an IPv6 gateway. */
export function routeFamilies(params: RouteParams): readonly Family[] {
  const family = routeFamily(params);
  const gateways = [params.via, ...(params.nexthops ?? []).map((hop) => hop.via)];
  return family === 4 && gateways.some((via) => via?.includes(':')) ? [4, 6] : [family];
}

/** The link that `dev` names, by its name or another name of it (altname): listings show its own name. */
export function findLink(dev: string, snapshot: Snapshot): Link | undefined {
  return snapshot.links.get(dev) ?? [...snapshot.links.values()].find((link) => link.altnames.includes(dev));
}

function readPrefix(text: string, family: Family, path: string, problems: Problem[]): string | undefined {
  const prefix = parsePrefix(text, family);
  if (prefix === undefined) {
    const other = parsePrefix(text) !== undefined;
    problems.push({
      message: other ? `${path} ${text} is no IPv${family} network` : `${path} '${text}' is no network`,
      path: [path],
    });
    return undefined;
  }
  if (hasHostBits(prefix)) {
    problems.push({
      message: `${path} ${text} has bits set beyond its length`,
      hint: `The network is ${formatPrefix(prefix)}; the one address is ${prefix.address}.`,
      path: [path],
    });
    return undefined;
  }
  return formatPrefix(prefix);
}

function canonical(address: string): string {
  return parseAddress(address)?.address ?? address;
}

function wishHop(hop: NexthopParams, snapshot: Snapshot): NexthopWish {
  return {
    via: typeof hop.via === 'string' ? canonical(hop.via) : null,
    dev: hop.dev === undefined ? undefined : (findLink(hop.dev, snapshot)?.name ?? hop.dev),
    weight: hop.weight ?? 1,
    onlink: hop.onlink,
  };
}

/** Undefined where the task says nothing of the way that packets take. */
function wishHops(
  params: RouteParams,
  snapshot: Snapshot,
  problems: Problem[],
): readonly NexthopWish[] | undefined {
  const { via, dev, onlink, nexthops, type } = params;
  const single = via !== undefined || dev !== undefined;
  if (type !== undefined && WITHOUT_NEXTHOP.has(type)) {
    if (single || nexthops !== undefined)
      problems.push({
        message: `a route of type ${type} has no next hop: leave out via, dev and nexthops`,
        path: [via !== undefined ? 'via' : dev !== undefined ? 'dev' : 'nexthops'],
      });
    return [];
  }
  if (nexthops === undefined) {
    if (!single) return undefined;
    return [
      wishHop(
        {
          ...(via === undefined ? {} : { via }),
          ...(dev === undefined ? {} : { dev }),
          ...(onlink === undefined ? {} : { onlink }),
        },
        snapshot,
      ),
    ];
  }
  if (single)
    problems.push({
      message: 'nexthops stands alone: each of them has its own via and dev',
      path: ['nexthops'],
    });
  const hops = nexthops.map((hop) => wishHop(onlink === undefined ? hop : { onlink, ...hop }, snapshot));
  // One next hop alone is a plain route, which has no weight.
  return hops.length === 1 ? hops.map((hop) => ({ ...hop, weight: 1 })) : hops;
}

/** The kernel keeps no metric of 0: it means the same as none. */
function wishMetrics(params: RouteParams): MetricParams {
  const metrics: Record<string, unknown> = {};
  for (const metric of METRICS)
    if (params[metric] !== undefined) metrics[metric] = params[metric] === 0 ? null : params[metric];
  return metrics;
}

function wishLocks(params: RouteParams): ReadonlyMap<string, boolean> {
  const { lock, mtu_lock: mtuLock } = params;
  const wanted = new Map<string, boolean>();
  if (lock !== undefined) for (const metric of METRICS) wanted.set(metric, lock.includes(metric));
  if (mtuLock !== undefined) wanted.set('mtu', mtuLock);
  // iproute2 locks rto_min whenever it is given, so it can't be wished for or away.
  wanted.delete('rto_min');
  return wanted;
}

function checkFamily(params: RouteParams, family: Family, problems: Problem[]): void {
  if (family === 6 && params.tos !== undefined)
    problems.push({ message: 'IPv6 routes have no tos', path: ['tos'] });
  if (family === 6 && params.realms != null)
    problems.push({ message: 'IPv6 routes have no realms', path: ['realms'] });
  for (const name of ['from', 'pref', 'expires'] as const)
    if (family === 4 && params[name] != null)
      problems.push({ message: `IPv4 routes have no ${name}`, path: [name] });
  if (params.src != null && parseAddress(params.src)?.family !== family)
    problems.push({ message: `src ${params.src} is no IPv${family} address`, path: ['src'] });
}

function checkDefault(wish: RouteWish, params: RouteParams, problems: Problem[]): void {
  const type = wish.type ?? (wish.nexthops === undefined ? undefined : 'unicast');
  if (wish.dst !== DEFAULT_PREFIX[wish.family] || type !== 'unicast' || params.state === 'absent') return;
  const linkScope = params.scope === 'link' || params.scope === SCOPE.link;
  if (linkScope || !wish.nexthops?.some((hop) => hop.via === null && hop.onlink !== true)) return;
  problems.push({
    message: 'a default route without via would ARP for every address in the world',
    hint: 'Give the router as via; where the link really reaches everything, say scope: link or onlink: true.',
    path: params.nexthops === undefined ? ['dst'] : ['nexthops'],
  });
}

/**
 * Reads a task's parameters against a host's names. What can't be meant goes to `problems`; undefined
 * then, since nothing can be compared.
 */
export function readRoute(
  params: RouteParams,
  snapshot: Snapshot,
  problems: Problem[],
): RouteWish | undefined {
  const { names } = snapshot;
  const before = problems.length;
  const family = routeFamily(params);
  checkFamily(params, family, problems);
  const dst = readPrefix(params.dst, family, 'dst', problems);
  const from = params.from === undefined ? null : readPrefix(params.from, 6, 'from', problems);
  const usual = params.type !== undefined && IN_LOCAL.has(params.type) ? TABLE.local : TABLE.main;
  const table = params.table === undefined ? usual : resolveTable(params.table, names, problems);
  const wish = {
    family,
    tos: params.tos === undefined ? 0 : (resolveTos(params.tos, names, problems) ?? 0),
    // The kernel stores 1024 where IPv6 is given metric 0.
    metric: params.metric === undefined || params.metric === 0 ? DEFAULT_METRIC[family] : params.metric,
    type: params.type,
    nexthops: wishHops(params, snapshot, problems),
    protocol: params.protocol === undefined ? undefined : resolveProtocol(params.protocol, names, problems),
    scope:
      params.scope === undefined || family === 6 ? undefined : resolveScope(params.scope, names, problems),
    src: typeof params.src === 'string' ? canonical(params.src) : params.src,
    metrics: wishMetrics(params),
    lock: wishLocks(params),
    realms: typeof params.realms === 'string' ? resolveRealms(params.realms, names, problems) : params.realms,
    pref: params.pref === null ? 'medium' : params.pref,
    expires: params.expires,
  };
  if (problems.length > before || dst === undefined || table === undefined || from === undefined)
    return undefined;
  const whole: RouteWish = { ...wish, dst, table, from: from === '::/0' ? null : from };
  checkDefault(whole, params, problems);
  return problems.length > before ? undefined : whole;
}

/** Whether `route` has the kernel's key that `wish` names. */
export function sameKey(route: Route, wish: RouteWish): boolean {
  return sameDestination(route, wish) && route.metric === wish.metric;
}

/** The key without its metric. */
export function sameDestination(route: Route, wish: RouteWish): boolean {
  return (
    route.dst === wish.dst &&
    route.table === wish.table &&
    route.family === wish.family &&
    route.tos === wish.tos &&
    route.from === wish.from
  );
}
