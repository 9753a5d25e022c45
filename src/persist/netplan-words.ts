/** Addresses, routes and rules as netplan writes them (netplan 0.106; tried with its generator). */

import { displayPrefix } from '../shared/addr.js';
import type { Address, Route, Rule } from '../snapshot/model.js';
import type { Renderer } from './netplan-definitions.js';
import { routeRefusal, ruleRefusal, usualBroadcast } from './networkd-routing.js';

/** A value of YAML, or why netplan has no words for it. */
export type Word = { value: unknown } | { why: string };

/** It keeps numbers in 32 bits with a sign. */
const MAX = 0x7fff_ffff;
const MAIN = 254;
const ALL_BITS = 0xffff_ffff;
const GLOBAL = 0;
const SCOPES: Readonly<Record<number, string>> = { 253: 'link', 254: 'host' };

export function addressWord(address: Address, renderer: Renderer): Word {
  const { family, local, length, peer, anycast, broadcast, label, dev, scope, metric, flags } = address;
  if (address.validLft !== null || (address.preferredLft !== null && address.preferredLft !== 0))
    return { why: 'an address that ends by itself' };
  if (peer !== null || anycast !== null) return { why: 'an address with a peer or an anycast address' };
  // Without a word it is the usual one, also where there was none.
  if (broadcast !== null && broadcast !== usualBroadcast(address))
    return { why: 'an unusual broadcast address' };
  if (family === 4 && scope !== GLOBAL) return { why: 'the scope of an address' };
  if (metric !== null) return { why: 'the metric of an address' };
  if (flags.length > 0) return { why: `an address with ${flags.join(', ')}` };
  const options = {
    ...(label !== null && label !== dev && { label }),
    ...(address.preferredLft === 0 && { lifetime: 0 }),
  };
  const plain = `${local}/${length}`;
  if (Object.keys(options).length === 0) return { value: plain };
  if (renderer === 'NetworkManager') return { why: 'the options of an address with NetworkManager' };
  return { value: { [plain]: options } };
}

export function routeWord(route: Route, renderer: Renderer): Word {
  const why = routeRefusal(route) ?? narrower(route, renderer);
  if (why !== undefined) return { why };
  const { family, type, dst, src, metric, metrics, table, scope } = route;
  const [hop] = route.nexthops;
  return {
    value: {
      to: dst,
      ...(hop?.via != null && { via: hop.via }),
      ...(hop?.onlink && { 'on-link': true }),
      ...(type !== 'unicast' && { type }),
      ...(family === 4 && scope !== GLOBAL && { scope: SCOPES[scope] }),
      ...(src !== null && { from: src }),
      ...(metric !== (family === 4 ? 0 : 1024) && { metric }),
      ...((table !== MAIN || type === 'local') && { table }),
      ...(metrics.mtu !== undefined && { mtu: metrics.mtu }),
      ...(metrics.initcwnd !== undefined && { 'congestion-window': metrics.initcwnd }),
      ...(metrics.initrwnd !== undefined && { 'advertised-receive-window': metrics.initrwnd }),
    },
  };
}

/** What netplan lacks of networkd. */
function narrower(route: Route, renderer: Renderer): string | undefined {
  const { family, type, scope, nexthops, from, pref, metrics, metric, table } = route;
  const via = nexthops[0]?.via ?? null;
  const known = ['mtu', 'initcwnd', 'initrwnd'];
  const unknown = Object.keys(metrics).find((name) => !known.includes(name));
  if (nexthops.length > 1) return 'a route with several next hops';
  if (from !== null) return 'a route by its source';
  if (pref !== null && pref !== 'medium') return 'the preference of a route';
  if (unknown !== undefined) return `${unknown} of a route`;
  if (metric > MAX || table > MAX) return `a metric or table above ${MAX}`;
  if (via !== null && via.includes(':') !== (family === 6)) return 'a gateway of the other family';
  const direct = type === 'unicast' ? via === null : nexthops.length > 0;
  if (family === 4 && ((direct && scope === GLOBAL) || (scope !== GLOBAL && SCOPES[scope] === undefined)))
    return `a route with the scope ${scope}`;
  if (renderer === 'networkd') return undefined;
  if (type !== 'unicast') return `a route of the type ${type} with NetworkManager`;
  return via !== null && scope !== GLOBAL ? 'a gateway and a scope with NetworkManager' : undefined;
}

export function ruleWord(rule: Rule, renderer: Renderer): Word {
  // Its generator takes them and writes nothing.
  if (renderer === 'NetworkManager') return { why: 'rules with NetworkManager' };
  const why = ruleRefusal(rule) ?? narrowerRule(rule);
  if (why !== undefined) return { why };
  const { from, to, table, priority, fwmark, tos } = rule;
  return {
    value: {
      ...(from !== null && { from: displayPrefix(from) }),
      ...(to !== null && { to: displayPrefix(to) }),
      ...(fwmark !== null && { mark: fwmark }),
      ...(tos !== 0 && { 'type-of-service': tos }),
      table,
      priority,
    },
  };
}

function narrowerRule(rule: Rule): string | undefined {
  const { from, to, not, iif, oif, ipproto, sport, dport, uidrange, suppressPrefixlength } = rule;
  if (from === null && to === null) return 'a rule that names neither from nor to';
  const more = [iif, oif, ipproto, sport, dport, uidrange, suppressPrefixlength, rule.suppressIfgroup];
  if (not || more.some((value) => value !== null)) return 'a rule by more than addresses, mark and TOS';
  if (rule.fwmark !== null && rule.fwmask !== ALL_BITS) return 'a rule with a mask';
  const numbers = [rule.priority, rule.table ?? 0, rule.fwmark ?? 0];
  return numbers.some((value) => value > MAX) ? `a number above ${MAX}` : undefined;
}
