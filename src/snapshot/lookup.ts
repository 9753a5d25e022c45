/**
 * Which route a packet takes, by the rules and tables of a snapshot: linux/net/core/fib_rules.c,
 * net/ipv4/fib_trie.c and fib_rules.c, net/ipv6/route.c and fib6_rules.c; held against `ip route get` on
 * random states in test/lab/lookup-random.test.ts.
 *
 * What a snapshot does not hold is not counted: marks that netfilter sets, VRFs, and gateways that do not
 * answer (IPv6 and IPv4 defaults of one metric pass over those). A rule with a selector that netplay does
 * not know is taken for one that does not fit. Where IPv6 has routes `from` a prefix, a packet without a
 * source is not foretold.
 */
import { type Family, familyOf, prefixContains } from '../shared/addr.js';
import type { Nexthop, Route, RouteType, Rule, Snapshot } from './model.js';
import { routesOver } from './route-index.js';

/** A packet, by what rules and routes can tell apart. */
export interface Flow {
  dst: string;
  /** Null or left out where the kernel is still to choose it. */
  src?: string | null;
  /** Where it came in; left out for a packet that the host itself sends. */
  iif?: string;
  oif?: string;
  mark?: number;
  tos?: number;
  uid?: number;
  /** The number of the protocol: 6 is TCP. */
  ipproto?: number;
  sport?: number;
  dport?: number;
}

/** A route that takes the packet. */
export interface Taken {
  kind: 'taken';
  rule: Rule;
  table: number;
  route: Route;
  /** Those of the route's next hops that live: of several the kernel takes any. */
  hops: readonly Nexthop[];
  dev: string | null;
  via: string | null;
}

/** A rule or route that says no; or `source`: IPv4 sends nothing from an address that is not its own. */
export interface Refused {
  kind: 'refused';
  by: 'blackhole' | 'unreachable' | 'prohibit' | 'nat' | 'source';
  rule?: Rule;
  route?: Route;
}

type Answer = Taken | Refused;

/** The device that a packet of the host itself comes from, to a rule. */
const LOOPBACK = 'lo';

/** Route types that end a lookup with an error; `throw` ends that of its table alone. */
const REFUSING: Partial<Record<RouteType, Refused['by']>> = {
  blackhole: 'blackhole',
  unreachable: 'unreachable',
  prohibit: 'prohibit',
  nat: 'nat',
};

/** What a kernel without policy routing does. */
const PLAIN_TABLES = [
  [0, 255],
  [32_766, 254],
  [32_767, 253],
] as const;

/** @returns undefined where no rule leads to a route */
export function lookup(snapshot: Snapshot, flow: Flow): Answer | undefined {
  const family = familyOf(flow.dst);
  if (family === 4 && flow.iif === undefined && !ownsSource(snapshot, flow))
    return { kind: 'refused', by: 'source' };
  const rules = rulesOf(snapshot, family);
  for (let at = 0; at < rules.length; at++) {
    const rule = rules[at];
    if (rule === undefined || !matchesRule(rule, flow)) continue;
    if (rule.action === 'goto') {
      const target = rules.findIndex((other) => other.priority === rule.goto);
      // The kernel takes a goto whose target is missing for nothing; it never leads back.
      if (target > at) at = target - 1;
      continue;
    }
    const answer = answerOf(snapshot, rule, flow, family);
    if (answer !== undefined) return answer;
  }
  return undefined;
}

function answerOf(snapshot: Snapshot, rule: Rule, flow: Flow, family: Family): Answer | undefined {
  if (rule.action === 'nop' || rule.action === 'goto') return undefined;
  if (rule.action !== 'lookup') return { kind: 'refused', by: rule.action, rule };
  if (rule.table === null) return undefined;
  const found = inTable(snapshot, rule.table, flow, family);
  if (found === undefined) return undefined;
  const { route, hops } = found;
  const by = REFUSING[route.type];
  if (by !== undefined) return { kind: 'refused', by, rule, route };
  if (isSuppressed(snapshot, rule, route, hops)) return undefined;
  const [hop] = hops;
  return {
    kind: 'taken',
    rule,
    table: rule.table,
    route,
    hops,
    dev: hop?.dev ?? null,
    via: hop?.via ?? null,
  };
}

/** The rules of a family in their order. */
function rulesOf(snapshot: Snapshot, family: Family): readonly Rule[] {
  const rules = snapshot.rules.filter((rule) => rule.family === family);
  return rules.length > 0
    ? rules
    : PLAIN_TABLES.map(([priority, table]) => plainRule(family, priority, table));
}

function plainRule(family: Family, priority: number, table: number): Rule {
  return {
    ...{ family, priority, table, not: false, from: null, to: null, iif: null, oif: null },
    ...{ iifDetached: false, oifDetached: false, fwmark: null, fwmask: 0xffffffff, tos: 0, ipproto: null },
    ...{ sport: null, dport: null, uidrange: null, tunId: null, l3mdev: false, action: 'lookup', goto: null },
    ...{ suppressPrefixlength: null, suppressIfgroup: null, realms: null, protocol: null },
  };
}

/** Whether a rule's selector fits a packet, `not` counted in. */
export function matchesRule(rule: Rule, flow: Flow): boolean {
  const known = rule.other === undefined && rule.tunId === null && !rule.l3mdev;
  return (known && matchesSelector(rule, flow)) !== rule.not;
}

function matchesSelector(rule: Rule, flow: Flow): boolean {
  const { iif, oif, fwmark, fwmask, uidrange, sport, dport } = rule;
  return (
    (iif === null || (!rule.iifDetached && iif === (flow.iif ?? LOOPBACK))) &&
    (oif === null || (!rule.oifDetached && oif === flow.oif)) &&
    (fwmark === null || ((fwmark ^ (flow.mark ?? 0)) & fwmask) === 0) &&
    (uidrange === null || (flow.uid !== undefined && isWithin(flow.uid, uidrange))) &&
    (rule.tos === 0 || rule.tos === (flow.tos ?? 0)) &&
    (rule.ipproto === null || rule.ipproto === (flow.ipproto ?? 0)) &&
    (sport === null || isWithin(flow.sport ?? 0, sport)) &&
    (dport === null || isWithin(flow.dport ?? 0, dport)) &&
    (rule.to === null || prefixContains(rule.to, flow.dst)) &&
    (rule.from === null || (flow.src != null && prefixContains(rule.from, flow.src)))
  );
}

function isWithin(value: number, [first, last]: readonly [number, number]): boolean {
  return value >= first && value <= last;
}

interface Found {
  route: Route;
  hops: readonly Nexthop[];
}

/** The first route of a table that can take the packet; a `throw` route ends the search. */
function inTable(snapshot: Snapshot, table: number, flow: Flow, family: Family): Found | undefined {
  const candidates = routesOver(snapshot.routes, flow.dst, family).filter(
    (route) =>
      route.table === table &&
      route.family === family &&
      (family === 4
        ? route.tos === 0 || route.tos === (flow.tos ?? 0)
        : matchesFrom(route, flow.src ?? null)),
  );
  for (const route of candidates.sort(byPrecedence)) {
    if (route.type === 'throw') return undefined;
    if (REFUSING[route.type] !== undefined) return { route, hops: [] };
    const hops = route.nexthops.filter((hop) => isAlive(snapshot, route, hop, flow));
    if (hops.length > 0) return { route, hops };
  }
  return undefined;
}

function matchesFrom(route: Route, src: string | null): boolean {
  return route.from === null || (src !== null && prefixContains(route.from, src));
}

const PREFERENCES: readonly (string | null)[] = ['high', 'medium', 'low'];

/** The narrowest destination first, then the narrowest source, TOS, the lowest metric, and the router that is preferred. */
function byPrecedence(a: Route, b: Route): number {
  const length = (prefix: string | null): number => (prefix === null ? 0 : Number(prefix.split('/')[1]));
  const preference = (route: Route): number => PREFERENCES.indexOf(route.pref ?? 'medium');
  return (
    length(b.dst) - length(a.dst) ||
    length(b.from) - length(a.from) ||
    b.tos - a.tos ||
    a.metric - b.metric ||
    preference(a) - preference(b)
  );
}

function isAlive(snapshot: Snapshot, route: Route, hop: Nexthop, flow: Flow): boolean {
  const has = (flag: string): boolean =>
    route.flags.includes(route.nexthops.length > 1 ? `${hop.dev} ${flag}` : flag);
  if (flow.oif !== undefined && hop.dev !== flow.oif) return false;
  if (has('dead')) return false;
  return !has('linkdown') || !ignoresLinkdown(snapshot, route.family, hop.dev);
}

function ignoresLinkdown({ sysctls }: Snapshot, family: Family, dev: string | null): boolean {
  const on = (name: string | null): boolean =>
    Number(sysctls.get(`net/ipv${family}/conf/${name}/ignore_routes_with_linkdown`) ?? 0) > 0;
  return on(dev) || (family === 4 && on('all'));
}

function isSuppressed(snapshot: Snapshot, rule: Rule, route: Route, hops: readonly Nexthop[]): boolean {
  const { suppressPrefixlength, suppressIfgroup } = rule;
  if (suppressPrefixlength !== null && Number(route.dst.split('/')[1]) <= suppressPrefixlength) return true;
  const dev = hops[0]?.dev;
  return suppressIfgroup !== null && dev != null && snapshot.links.get(dev)?.group === suppressIfgroup;
}

/** Whether IPv4 would send from the packet's source: an address of any device, or one that a local route names. */
function ownsSource(snapshot: Snapshot, { src }: Flow): boolean {
  if (src == null) return true;
  if (snapshot.addresses.some((address) => address.local === src)) return true;
  const narrowest = routesOver(snapshot.routes, src, 4).find((route) => route.table === 255);
  return narrowest?.type === 'local';
}

/** Whether a change of this rule alone could lead the packet elsewhere. */
export function concernsFlow(rule: Rule, flow: Flow): boolean {
  return rule.family === familyOf(flow.dst) && matchesRule(rule, flow);
}

/** Whether a change of this route alone could lead the packet elsewhere. */
export function coversFlow(route: Route, flow: Flow): boolean {
  return route.dst.endsWith('/0') ? route.family === familyOf(flow.dst) : prefixContains(route.dst, flow.dst);
}
