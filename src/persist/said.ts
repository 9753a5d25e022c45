/** Whether somebody wrote down already what is kept, as a command of `ip` or as its arguments. */

import { ADDRESS_FLAGS } from '../resources/links/address-args.js';
import { lastAddress } from '../resources/links/broadcast.js';
import { defaultScope } from '../resources/routing/show-route.js';
import { type Family, parsePrefix } from '../shared/addr.js';
import { NetplayError } from '../shared/errors.js';
import { sameRoute, sameRule } from '../snapshot/identity.js';
import type { Kept } from '../snapshot/kept.js';
import type { Address, Names, Nexthop, Route, Rule } from '../snapshot/model.js';
import { parseRoutes } from '../snapshot/parse-route.js';
import { parseRules } from '../snapshot/parse-rule.js';
import { createResolver } from '../snapshot/resolver.js';
import { words } from '../snapshot/text.js';

/** A command that says more than one plain command of `ip` does is not looked into. */
const SHELL = /[;&|<>$`\\"'(){}#]/;
const VERBS = ['add', 'append', 'replace', 'change'];

/** @param command as a shell runs it: `ip route add default via 10.0.0.1 dev eth1 table 100 || true` */
export function commandSays(kept: Kept, command: string, names: Names): boolean {
  const plain = command.replace(/\s*\|\|\s*(true|:)\s*$/, '');
  if (SHELL.test(plain)) return false;
  const [tool = '', ...rest] = words(plain);
  if (!/^(\S*\/)?ip$/.test(tool)) return false;
  const flag = /^-([46])$/.exec(rest[0] ?? '')?.[1];
  const [object = '', verb = '', ...args] = flag === undefined ? rest : rest.slice(1);
  if (!VERBS.includes(verb) || (kept.kind !== 'route' && kept.kind !== 'rule')) return false;
  const family = flag === undefined ? kept.item.family : (Number(flag) as Family);
  return kept.kind === object && argumentsSay(kept, args.join(' '), family, names);
}

/** @param text what follows `ip route add` or `ip rule add` */
export function argumentsSay(kept: Kept, text: string, family: Family, names: Names): boolean {
  if ((kept.kind !== 'route' && kept.kind !== 'rule') || kept.item.family !== family) return false;
  try {
    return kept.kind === 'route' ? routeSays(kept.item, text, names) : ruleSays(kept.item, text, names);
  } catch (error) {
    if (error instanceof NetplayError) return false;
    throw error;
  }
}

/** The words of a command, as a listing has them. */
const LISTED: Readonly<Record<string, string>> = { tab: 'table', protocol: 'proto', lookup: 'table' };

/** The route that these arguments make, where netplay can tell. */
export function routeOf(text: string, family: Family, names: Names): Route | undefined {
  try {
    return readRoute(text, family, names);
  } catch (error) {
    if (error instanceof NetplayError) return undefined;
    throw error;
  }
}

function readRoute(text: string, family: Family, names: Names): Route | undefined {
  const all = words(text).map((word) => LISTED[word] ?? word);
  const [said] = parseRoutes(all.join(' '), family, createResolver(names, false));
  if (said === undefined) return undefined;
  return {
    ...said,
    metric: family === 6 && said.metric === 0 ? 1024 : said.metric,
    scope: all.includes('scope') ? said.scope : defaultScope(said),
  };
}

function routeSays(route: Route, text: string, names: Names): boolean {
  const whole = readRoute(text, route.family, names);
  if (whole === undefined) return false;
  return (
    sameRoute(route, whole) &&
    route.type === whole.type &&
    route.src === whole.src &&
    (route.family === 6 || route.scope === whole.scope) &&
    sameHops(route.nexthops, whole.nexthops) &&
    JSON.stringify(route.metrics) === JSON.stringify(whole.metrics)
  );
}

function sameHops(one: readonly Nexthop[], other: readonly Nexthop[]): boolean {
  return (
    one.length === other.length &&
    one.every((hop, at) => {
      const { via, dev, weight, encap } = other[at] ?? {};
      return hop.via === via && hop.dev === dev && hop.weight === weight && hop.encap === encap;
    })
  );
}

function ruleSays(rule: Rule, text: string, names: Names): boolean {
  const all = words(text).map((word) => (word === 'table' || word === 'tab' ? 'lookup' : word));
  const at = all.findIndex((word) => ['priority', 'pref', 'prio', 'order', 'preference'].includes(word));
  if (at < 0) return false;
  const [, priority] = all.splice(at, 2);
  const [said] = parseRules(`${priority}: ${all.join(' ')}`, rule.family, createResolver(names, false));
  return said !== undefined && sameRule(rule, said);
}

/** Whether an address has nothing but what a tool gives each: it may be written as `192.168.1.1/24`. */
export function isPlainAddress(address: Address): boolean {
  const { family, dev, local, length, peer, broadcast, label, scope, metric, validLft, flags } = address;
  const prefix = parsePrefix(`${local}/${length}`, family);
  const usual = prefix === undefined ? null : lastAddress(prefix);
  return (
    peer === null &&
    (broadcast === null || broadcast === usual) &&
    (label === null || label === dev) &&
    scope === 0 &&
    metric === null &&
    validLft === null &&
    !ADDRESS_FLAGS.some((flag) => flags.includes(flag))
  );
}

/** The length of a mask as `255.255.255.0`, or of what is a length already. */
export function maskLength(mask: string): number {
  if (!mask.includes('.')) return Number(mask);
  const bits = mask.split('.').map((byte) => Number(byte).toString(2).padStart(8, '0'));
  return bits.join('').replace(/0+$/, '').length;
}
