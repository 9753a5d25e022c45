/** `ip [-N] -d -o -4|-6 route show table all`, iproute2 2.6.33 to 7.1. */
import type { Family } from '../shared/addr.js';
import { NetplayError } from '../shared/errors.js';
import { type Nexthop, ROUTE_TYPES, type Route, type RouteMetrics, type RouteType } from './model.js';
import { type Resolver, resolveRealms } from './resolver.js';
import {
  canonicalAddress,
  canonicalPrefix,
  milliseconds,
  misread,
  objectLines,
  segments,
  words,
} from './text.js';

const TYPES: ReadonlySet<string> = new Set(ROUTE_TYPES);

/** Types that name no way out; IPv6 lists them with `dev lo`, which means nothing. */
const WITHOUT_NEXTHOP: ReadonlySet<RouteType> = new Set(['blackhole', 'unreachable', 'prohibit', 'throw']);

/** Words that stand alone. */
const FLAGS: ReadonlySet<string> = new Set([
  'dead',
  'linkdown',
  'pervasive',
  'offload',
  'offload_failed',
  'rt_offload',
  'rt_offload_failed',
  'trap',
  'rt_trap',
  'unresolved',
  'notify',
]);

const NUMBERS = [
  'mtu',
  'advmss',
  'window',
  'initcwnd',
  'initrwnd',
  'cwnd',
  'ssthresh',
  'reordering',
  'hoplimit',
  'quickack',
] as const satisfies readonly (keyof RouteMetrics)[];
const TIMES = ['rtt', 'rttvar', 'rto_min'] as const satisfies readonly (keyof RouteMetrics)[];
const NUMBER_WORDS: ReadonlySet<string> = new Set(NUMBERS);
const TIME_WORDS: ReadonlySet<string> = new Set(TIMES);
const FEATURES = /^(ecn|tcp_usec_ts|0x[0-9a-f]+)$/;

/** Words that end an encapsulation: `encap ip id 5 src A dst B … via`. */
const AFTER_ENCAP: ReadonlySet<string> = new Set([
  'via',
  'dev',
  'nexthop',
  'table',
  'proto',
  'scope',
  'metric',
]);

/** Words that a value follows; also where an unknown word's value is looked for, this ends it. */
const KEYWORDS: ReadonlySet<string> = new Set([
  ...['via', 'dev', 'table', 'proto', 'scope', 'src', 'metric', 'from', 'tos', 'dsfield', 'realm', 'realms'],
  ...[
    'pref',
    'expires',
    'nhid',
    'encap',
    'weight',
    'nexthop',
    'onlink',
    'features',
    'congctl',
    'cache',
    'error',
  ],
  ...NUMBERS,
  ...TIMES,
  ...FLAGS,
]);

type MutableRoute = { -readonly [K in keyof Route]: Route[K] } & { flags: string[]; nexthops: Nexthop[] };
type MutableNexthop = { -readonly [K in keyof Nexthop]: Nexthop[K] };

/** A line's words with a position in them. */
interface Cursor {
  readonly all: readonly string[];
  at: number;
}

function next(cursor: Cursor): string {
  const word = cursor.all[cursor.at];
  if (word === undefined) throw new RangeError('a value is missing at its end');
  cursor.at += 1;
  return word;
}

/**
 * Reads all routes, in the order listed. Cached clones (kernels before 4.2) are left out.
 * @throws NetplayError `probe` naming a line that can't be understood
 */
export function parseRoutes(text: string, family: Family, resolve: Resolver): Route[] {
  const routes: Route[] = [];
  for (const line of objectLines(text)) {
    try {
      const route = parseRoute(line, family, resolve);
      if (route !== undefined) routes.push(route);
    } catch (error) {
      if (error instanceof NetplayError) throw error;
      const why = error instanceof Error ? error.message : 'unknown form';
      throw misread(`ip -${family} route`, line, why);
    }
  }
  return routes;
}

function parseRoute(line: string, family: Family, resolve: Resolver): Route | undefined {
  const [head = '', ...rest] = segments(line);
  const cursor: Cursor = { all: words(head), at: 0 };
  const type = routeType(cursor);
  const word = next(cursor);
  const dst = canonicalPrefix(word, family);
  if (dst === undefined) throw new Error(`"${word}" is no destination`);
  const route = emptyRoute(family, type, dst);
  const first = emptyNexthop();
  while (cursor.at < cursor.all.length) if (!routeWord(route, first, cursor, resolve)) return undefined;
  for (const segment of rest) {
    const tail: Cursor = { all: words(segment), at: 0 };
    const opening = tail.all[0];
    if (opening === 'cache') return undefined;
    // `nh_info` and `nh_group` (-d) repeat a nexthop object's content.
    if (opening === 'nexthop') readNexthops(route, tail, resolve);
  }
  shareRealms(route);
  const single = first.via !== null || first.dev !== null;
  if (single && route.nexthops.length === 0 && !WITHOUT_NEXTHOP.has(type)) route.nexthops.push(first);
  return route;
}

function routeType(cursor: Cursor): RouteType {
  const word = cursor.all[cursor.at] ?? '';
  // ROUTE_TYPES is in the order of RTN_* of linux/rtnetlink.h, which `-N` prints and which begins at 1.
  const numbered = /^\d+$/.test(word) ? ROUTE_TYPES[Number(word) - 1] : undefined;
  if (numbered === undefined && !TYPES.has(word)) return 'unicast';
  cursor.at += 1;
  return numbered ?? (word as RouteType);
}

function emptyRoute(family: Family, type: RouteType, dst: string): MutableRoute {
  return {
    family,
    type,
    dst,
    table: 254,
    tos: 0,
    // Each version prints an IPv6 route's metric; IPv4's only where it is not 0.
    metric: 0,
    protocol: 3,
    scope: 0,
    src: null,
    from: null,
    nexthops: [],
    metrics: {},
    pref: null,
    flags: [],
    realms: null,
    expires: null,
    nhid: null,
  };
}

function emptyNexthop(): MutableNexthop {
  return { via: null, dev: null, weight: 1, onlink: false, encap: null };
}

/** Reads one word and its value into the route. False where the route is a cached clone. */
function routeWord(route: MutableRoute, nexthop: MutableNexthop, cursor: Cursor, resolve: Resolver): boolean {
  const word = next(cursor);
  switch (word) {
    case 'table':
      route.table = resolve('tables', next(cursor));
      return true;
    case 'proto':
      route.protocol = resolve('protocols', next(cursor));
      return true;
    case 'scope':
      route.scope = resolve('scopes', next(cursor));
      return true;
    case 'metric':
      route.metric = Number(next(cursor));
      return true;
    case 'src':
      route.src = address(next(cursor));
      return true;
    case 'from':
      route.from = canonicalPrefix(next(cursor), route.family) ?? null;
      return true;
    case 'tos':
    case 'dsfield':
      route.tos = resolve('dsfield', next(cursor));
      return true;
    case 'realm':
    case 'realms':
      route.realms = resolveRealms(resolve, next(cursor));
      return true;
    case 'pref':
      route.pref = next(cursor);
      return true;
    case 'expires':
      route.expires = Number.parseInt(next(cursor), 10);
      return true;
    case 'nhid':
      route.nhid = Number(next(cursor));
      return true;
    case 'cache':
      return false;
    case 'nexthop':
      cursor.at -= 1;
      readNexthops(route, cursor, resolve);
      return true;
    default:
      if (FLAGS.has(word)) route.flags = [...route.flags, word];
      else if (!nexthopWord(nexthop, word, cursor) && !metricWord(route, word, cursor)) skipValue(cursor);
      return true;
  }
}

/** `via [inet6] A`, `dev D`, `weight N`, `onlink`, `encap …`: what a route and each of its next hops has. */
function nexthopWord(nexthop: MutableNexthop, word: string, cursor: Cursor): boolean {
  switch (word) {
    case 'via': {
      const value = next(cursor);
      nexthop.via = address(value === 'inet' || value === 'inet6' ? next(cursor) : value);
      return true;
    }
    case 'dev':
      nexthop.dev = next(cursor);
      return true;
    case 'weight':
      nexthop.weight = Number(next(cursor));
      return true;
    case 'onlink':
      nexthop.onlink = true;
      return true;
    case 'encap': {
      const from = cursor.at;
      while (cursor.at < cursor.all.length && !AFTER_ENCAP.has(cursor.all[cursor.at] ?? '')) cursor.at += 1;
      nexthop.encap = cursor.all.slice(from, cursor.at).join(' ');
      return true;
    }
    default:
      return false;
  }
}

/** Reads all `nexthop …` groups from here to the end of the words. */
function readNexthops(route: MutableRoute, cursor: Cursor, resolve: Resolver): void {
  const found: MutableNexthop[] = [];
  while (cursor.at < cursor.all.length) {
    const word = next(cursor);
    if (word === 'nexthop') {
      found.push(emptyNexthop());
      continue;
    }
    const current = found.at(-1);
    if (current === undefined) throw new Error(`"${word}" stands before any next hop`);
    if (FLAGS.has(word)) route.flags = [...route.flags, `${current.dev} ${word}`];
    else if (word === 'realm' || word === 'realms') current.realms = resolveRealms(resolve, next(cursor));
    else if (!nexthopWord(current, word, cursor)) skipValue(cursor);
  }
  route.nexthops.push(...found);
}

/** The kernel keeps a multipath route's realms with each next hop; those that all have are the route's. */
function shareRealms(route: MutableRoute): void {
  const shared = route.nexthops[0]?.realms;
  if (shared === undefined || route.nexthops.some((hop) => hop.realms !== shared)) return;
  route.realms = shared;
  route.nexthops = route.nexthops.map(({ realms: _shared, ...hop }) => hop);
}

function metricWord(route: MutableRoute, word: string, cursor: Cursor): boolean {
  const number = NUMBER_WORDS.has(word);
  const time = TIME_WORDS.has(word);
  if (!number && !time && word !== 'features' && word !== 'congctl') return false;
  const metrics: RouteMetrics = { ...route.metrics };
  if (cursor.all[cursor.at] === 'lock') {
    cursor.at += 1;
    metrics.lock = [...(metrics.lock ?? []), word];
  }
  if (number) metrics[word as (typeof NUMBERS)[number]] = Number(next(cursor));
  else if (time) metrics[word as (typeof TIMES)[number]] = milliseconds(next(cursor));
  else if (word === 'congctl') metrics.congctl = next(cursor);
  else {
    const from = cursor.at;
    while (FEATURES.test(cursor.all[cursor.at] ?? '')) cursor.at += 1;
    metrics.features = cursor.all.slice(from, cursor.at).join(' ');
  }
  route.metrics = metrics;
  return true;
}

/** Passes over the value of a word that a later version may have brought: it has one unless a known word follows. */
function skipValue(cursor: Cursor): void {
  const value = cursor.all[cursor.at];
  if (value !== undefined && !KEYWORDS.has(value)) cursor.at += 1;
}

function address(word: string): string {
  const canonical = canonicalAddress(word);
  if (canonical === undefined) throw new Error(`"${word}" is no address`);
  return canonical;
}
