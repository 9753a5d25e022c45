/** Addresses, routes and rules as NetworkManager's profiles spell them. */

import { ADDRESS_FLAGS, naturalScope } from '../../resources/links/address-args.js';
import { lastAddress } from '../../resources/links/broadcast.js';
import { PROTOCOL, TABLE } from '../../resources/routing/names.js';
import { METRICS } from '../../resources/routing/show-route.js';
import { displayPrefix, type Family, parsePrefix } from '../../shared/addr.js';
import type { Address, Route, RouteMetrics, Rule } from '../../snapshot/model.js';
import type { Line } from './part.js';

/** Lines, or why NetworkManager has no words for it. */
export type Said = readonly Line[] | string;

/** A device's name that neither a key file nor the words of a rule would take for something else. */
export function isPlain(name: string): boolean {
  return /^[\w.:@+-]+$/.test(name);
}

const any = (family: Family): string => (family === 4 ? '0.0.0.0' : '::');
const section = (family: Family): string => `ipv${family}`;

export function addressLines(address: Address): Said {
  const { family, local, length, peer, broadcast, label, dev, scope, metric, validLft, flags } = address;
  if (peer !== null) return 'it has no addresses with a peer';
  if (validLft !== null) return 'it keeps no address that ends';
  if (label !== null && label !== dev) return 'its profiles hold no labels of addresses';
  if (scope !== naturalScope(address)) return 'it has no scopes of addresses';
  if (metric !== null) return 'it has no metrics of single addresses';
  const prefix = parsePrefix(`${local}/${length}`);
  if (broadcast !== null && (prefix === undefined || length > 30 || broadcast !== lastAddress(prefix)))
    return 'it gives each address the usual broadcast address';
  const flag = ADDRESS_FLAGS.find((each) => each !== 'noprefixroute' && flags.includes(each));
  if (flag !== undefined) return `it has no word for ${flag}`;
  return [{ section: section(family), key: 'address', value: `${local}/${length}` }];
}

/** NetworkManager's words for metrics, each with the version 1.X that has it first. */
const METRIC_WORDS: Readonly<Partial<Record<keyof RouteMetrics, number>>> = {
  ...{ mtu: 8, window: 8, cwnd: 8, initcwnd: 8, initrwnd: 8 },
  ...{ advmss: 36, quickack: 36, rto_min: 36 },
};
const LOCKS = ['mtu', 'window', 'cwnd', 'initcwnd', 'initrwnd', 'advmss'];
/** NetworkManager makes routes as `static`, whoever they were from. */
const MAKERS: readonly number[] = [PROTOCOL.netplay, PROTOCOL.static, PROTOCOL.boot];

export function routeLines(route: Route): Said {
  const [hop, more] = route.nexthops;
  if (hop === undefined) return 'it would need a device to belong to';
  if (more !== undefined) return 'it orders several next hops in a way of its own';
  const why = wordless(route);
  if (why !== undefined) return why;
  const { family, dst, metric, table } = route;
  if (hop.encap !== null) return 'it has no encapsulations of routes';
  const since = Math.max(0, ...Object.keys(route.metrics).map((name) => METRIC_WORDS[name as never] ?? 0));
  const options = [
    ...(hop.onlink ? ['onlink=true'] : []),
    ...(route.src === null ? [] : [`src=${route.src}`]),
    ...(route.from === null ? [] : [`from=${route.from}`]),
    ...(table === TABLE.main ? [] : [`table=${table}`]),
    ...(route.tos === 0 ? [] : [`tos=${route.tos}`]),
    ...(route.type === 'unicast' ? [] : [`type=${route.type}`]),
    ...metricOptions(route.metrics),
  ];
  return [
    {
      section: section(family),
      key: 'route',
      value: `${dst},${hop.via ?? any(family)},${metric}`,
      ...(options.length > 0 && { options: options.sort().join(',') }),
      since: Math.max(
        since,
        hop.onlink ? 12 : 0,
        table === TABLE.main ? 0 : 10,
        route.type === 'local' ? 36 : 0,
      ),
    },
  ];
}

function wordless(route: Route): string | undefined {
  const { family, type, table, protocol, scope, nexthops, realms, expires, nhid, pref, metrics } = route;
  if (type !== 'unicast' && !(type === 'local' && table === TABLE.local)) return `it has no ${type} routes`;
  if (!MAKERS.includes(protocol)) return 'it makes all routes as static';
  const usual = family === 6 ? 0 : type === 'local' ? 254 : nexthops[0]?.via === null ? 253 : 0;
  if (scope !== usual) return 'it gives each route the usual scope';
  if (realms !== null) return 'it has no realms';
  if (expires !== null) return 'it has no routes that end';
  if (nhid !== null) return 'it has no objects of next hops';
  if (pref !== null && pref !== 'medium') return 'it has no preferences of routers';
  const metric = METRICS.find((name) => metrics[name] !== undefined && METRIC_WORDS[name] === undefined);
  if (metric !== undefined) return `it has no word for ${metric}`;
  const lock = metrics.lock?.find((name) => !LOCKS.includes(name));
  return lock === undefined ? undefined : `it can't lock ${lock}`;
}

function metricOptions(metrics: RouteMetrics): string[] {
  return METRICS.flatMap((name) => {
    const value = metrics[name];
    if (value === undefined) return [];
    const said = name === 'quickack' ? String(value !== 0 && value !== '0') : String(value);
    return [`${name}=${said}`, ...(metrics.lock?.includes(name) ? [`lock-${name}=true`] : [])];
  });
}

/** NetworkManager's actions, each with the version 1.X that has it first. */
const ACTIONS: Readonly<Partial<Record<Rule['action'], number>>> = {
  ...{ lookup: 18, blackhole: 32, unreachable: 32, prohibit: 32 },
};

export function ruleLines(rule: Rule): Said {
  const since = ACTIONS[rule.action];
  if (since === undefined) return `it has no rules with ${rule.action}`;
  if (rule.l3mdev) return 'it has no rules with l3mdev';
  if (rule.tunId !== null) return 'it has no word for tun_id';
  if (rule.suppressIfgroup !== null) return 'it has no word for suppress_ifgroup';
  if (rule.realms !== null) return 'it has no realms';
  if (rule.other !== undefined) return `it has no word for ${rule.other.split(' ')[0]}`;
  if (rule.fwmark === 0 && rule.fwmask === 0) return 'it has no mark without bits';
  const odd = [rule.iif, rule.oif].find((dev) => dev !== null && !isPlain(dev));
  if (odd !== undefined) return `the name ${odd} does not fit its profiles`;
  return [
    {
      section: section(rule.family),
      key: 'routing-rule',
      value: ruleWords(rule).join(' '),
      since: Math.max(since, rule.suppressPrefixlength === null ? 0 : 20, rule.uidrange === null ? 0 : 32),
    },
  ];
}

/** In the order in which NetworkManager writes them. */
function ruleWords(rule: Rule): string[] {
  const word = (name: string, value: string | number | null): string[] =>
    value === null ? [] : [name, String(value)];
  const range = (of: readonly [number, number] | null): string | null =>
    of === null ? null : of[0] === of[1] ? String(of[0]) : of.join('-');
  const hex = (value: number): string => `0x${value.toString(16)}`;
  const { fwmark, fwmask, from, to, family } = rule;
  const mark = fwmark === null ? null : `${hex(fwmark)}${fwmask === 0xffff_ffff ? '' : `/${hex(fwmask)}`}`;
  const whole = `${any(family)}/0`;
  const selector = (prefix: string | null): string | null => (prefix === null ? null : bare(prefix, whole));
  return [
    ...['priority', String(rule.priority)],
    ...(rule.not ? ['not'] : []),
    ...word('from', selector(from) ?? (to === null ? whole : null)),
    ...word('to', selector(to)),
    ...word('tos', rule.tos === 0 ? null : hex(rule.tos)),
    ...word('ipproto', rule.ipproto),
    ...word('fwmark', mark),
    ...word('sport', range(rule.sport)),
    ...word('dport', range(rule.dport)),
    ...word('uidrange', rule.uidrange?.join('-') ?? null),
    ...word('iif', rule.iif),
    ...word('oif', rule.oif),
    ...(rule.action === 'lookup' ? word('table', rule.table) : ['type', rule.action]),
    ...word('suppress_prefixlength', rule.suppressPrefixlength),
  ];
}

/** A single host without its length, and everything with it, since NetworkManager has no word for it. */
function bare(prefix: string, whole: string): string {
  return prefix === whole ? whole : displayPrefix(prefix);
}

/** Whether somebody's line of a profile says what netplay would write. */
export function saysSame(foreign: Line, own: Line): boolean {
  if (own.key === 'address') return prefixText(foreign.value.split(',')[0]) === prefixText(own.value);
  if (own.key !== 'route') return false;
  const [theirs, ours] = [routeParts(foreign), routeParts(own)];
  // Where a line has none, NetworkManager takes one of its own, which is never what the kernel would take.
  const metric = theirs.metric ?? (['0', '1024'].includes(ours.metric ?? '') ? undefined : ours.metric);
  return (
    theirs.dst === ours.dst &&
    theirs.via === ours.via &&
    theirs.options === ours.options &&
    metric === ours.metric
  );
}

function prefixText(text = ''): string {
  const prefix = parsePrefix(text);
  return prefix === undefined ? text : `${prefix.address}/${prefix.length}`;
}

function routeParts({ value, options = '' }: Line): {
  dst: string;
  via: string;
  metric?: string;
  options: string;
} {
  const [dst, via = '', metric] = value.split(',').map((part) => part.trim());
  return {
    dst: prefixText(dst),
    via: via === '' || via === '0.0.0.0' || via === '::' ? '' : via,
    ...(metric !== undefined && metric !== '' && { metric }),
    options: options.split(',').sort().join(','),
  };
}
