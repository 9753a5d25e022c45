/** `ip [-N] -d -o -4|-6 rule show`, iproute2 2.6.33 to 7.1. */
import type { Family } from '../shared/addr.js';
import { NetplayError } from '../shared/errors.js';
import type { Rule } from './model.js';
import { type Resolver, resolveRealms } from './resolver.js';
import { canonicalPrefix, misread, objectLines, words } from './text.js';

/** Names that /etc/protocols gives the numbers of IANA's registry; `ip` prints those of that host's file. */
export const IP_PROTOCOLS: Readonly<Record<string, number>> = {
  ip: 0,
  hopopt: 0,
  icmp: 1,
  igmp: 2,
  ggp: 3,
  ipencap: 4,
  ipip: 4,
  st: 5,
  tcp: 6,
  egp: 8,
  igp: 9,
  pup: 12,
  udp: 17,
  hmp: 20,
  'xns-idp': 22,
  rdp: 27,
  'iso-tp4': 29,
  dccp: 33,
  xtp: 36,
  ddp: 37,
  'idpr-cmtp': 38,
  ipv6: 41,
  'ipv6-route': 43,
  'ipv6-frag': 44,
  idrp: 45,
  rsvp: 46,
  gre: 47,
  esp: 50,
  ah: 51,
  skip: 57,
  'ipv6-icmp': 58,
  'ipv6-nonxt': 59,
  'ipv6-opts': 60,
  rspf: 73,
  vmtp: 81,
  eigrp: 88,
  ospf: 89,
  ospfigp: 89,
  'ax.25': 93,
  etherip: 97,
  encap: 98,
  pim: 103,
  ipcomp: 108,
  vrrp: 112,
  l2tp: 115,
  isis: 124,
  sctp: 132,
  fc: 133,
  'mobility-header': 135,
  udplite: 136,
  'mpls-in-ip': 137,
  manet: 138,
  hip: 139,
  shim6: 140,
  wesp: 141,
  rohc: 142,
  ethernet: 143,
  mptcp: 262,
};

/** FR_ACT_* of linux/fib_rules.h, as `-N` prints them (RTN_* has the same numbers). */
const ACTIONS: Readonly<Record<string, Rule['action']>> = {
  nop: 'nop',
  blackhole: 'blackhole',
  '6': 'blackhole',
  unreachable: 'unreachable',
  '7': 'unreachable',
  prohibit: 'prohibit',
  '8': 'prohibit',
  nat: 'nat',
  masquerade: 'nat',
  '10': 'nat',
};

type MutableRule = { -readonly [K in keyof Rule]: Rule[K] };

/**
 * Reads all rules of one family, in the order listed: by priority, then as they were made.
 * @throws NetplayError `probe` naming a line that can't be understood
 */
export function parseRules(text: string, family: Family, resolve: Resolver): Rule[] {
  return objectLines(text).map((line) => {
    try {
      return parseRule(line, family, resolve);
    } catch (error) {
      if (error instanceof NetplayError) throw error;
      throw misread(`ip -${family} rule`, line, error instanceof Error ? error.message : 'unknown form');
    }
  });
}

function parseRule(line: string, family: Family, resolve: Resolver): Rule {
  const match = /^(\d+):\s*(.*)$/.exec(line);
  if (match === null) throw new Error('it has no priority');
  const rule = emptyRule(family, Number(match[1]));
  const all = words(match[2] ?? '');
  const other: string[] = [];
  let action = false;
  for (let at = 0; at < all.length; ) {
    const word = all[at] ?? '';
    const value = all[at + 1];
    const used = selector(rule, word, value, all[at + 2], resolve);
    if (used > 0) {
      at += used;
      continue;
    }
    const acted = actionWord(rule, word, value, all[at + 2], resolve);
    if (acted > 0) {
      action = true;
      at += acted;
      continue;
    }
    // A selector of a later version: what it says narrows the rule, so it is kept.
    other.push(value === undefined ? word : `${word} ${value}`);
    at += 2;
  }
  if (!action && other.length > 0) throw new Error('it has no action');
  if (other.length > 0) rule.other = other.join(' ');
  return rule;
}

function emptyRule(family: Family, priority: number): MutableRule {
  return {
    family,
    priority,
    not: false,
    from: null,
    to: null,
    iif: null,
    oif: null,
    iifDetached: false,
    oifDetached: false,
    fwmark: null,
    fwmask: 0xffffffff,
    tos: 0,
    ipproto: null,
    sport: null,
    dport: null,
    uidrange: null,
    tunId: null,
    l3mdev: false,
    action: 'nop',
    table: null,
    goto: null,
    suppressPrefixlength: null,
    suppressIfgroup: null,
    realms: null,
    protocol: null,
  };
}

/** Reads one selector into the rule; how many words it took, 0 where it is none. */
function selector(
  rule: MutableRule,
  word: string,
  value: string | undefined,
  after: string | undefined,
  resolve: Resolver,
): number {
  if (word === 'not') {
    rule.not = true;
    return 1;
  }
  if (value === undefined) return 0;
  switch (word) {
    case 'from':
      rule.from = prefix(value, rule.family);
      return 2;
    case 'to':
      rule.to = prefix(value, rule.family);
      return 2;
    case 'iif':
    case 'dev':
      rule.iif = value;
      rule.iifDetached = after === '[detached]';
      return rule.iifDetached ? 3 : 2;
    case 'oif':
      rule.oif = value;
      rule.oifDetached = after === '[detached]';
      return rule.oifDetached ? 3 : 2;
    case 'fwmark': {
      const [mark = '', mask] = value.split('/');
      rule.fwmark = number(mark);
      rule.fwmask = mask === undefined ? 0xffffffff : number(mask);
      return 2;
    }
    case 'tos':
    case 'dsfield':
      rule.tos = resolve('dsfield', value);
      return 2;
    case 'ipproto':
      rule.ipproto = ipProtocol(value);
      return 2;
    case 'sport':
    case 'dport':
      // 7.1 prints a mask (`80/0xfff0`), which the model has no field for.
      if (value.includes('/')) return 0;
      rule[word] = range(value);
      return 2;
    case 'uidrange':
      rule.uidrange = range(value);
      return 2;
    case 'tun_id':
      rule.tunId = number(value);
      return 2;
    case 'suppress_prefixlength':
    case 'suppress_prefixlen':
      rule.suppressPrefixlength = number(value);
      return 2;
    case 'suppress_ifgroup':
      rule.suppressIfgroup = resolve('groups', value);
      return 2;
    case 'realms':
      rule.realms = resolveRealms(resolve, value);
      return 2;
    case 'proto':
      rule.protocol = resolve('protocols', value);
      return 2;
    default:
      return 0;
  }
}

/** Reads the action into the rule; how many words it took, 0 where it is none. */
function actionWord(
  rule: MutableRule,
  word: string,
  value: string | undefined,
  after: string | undefined,
  resolve: Resolver,
): number {
  if ((word === 'lookup' || word === 'table') && value !== undefined) {
    rule.action = 'lookup';
    if (value === '[l3mdev-table]') rule.l3mdev = true;
    else rule.table = resolve('tables', value);
    return 2;
  }
  if (word === 'goto' && value !== undefined) {
    rule.action = 'goto';
    rule.goto = value === 'none' ? null : number(value);
    return after === '[unresolved]' ? 3 : 2;
  }
  if (word === 'map-to' && value !== undefined) {
    rule.action = 'nat';
    return 2;
  }
  const action = ACTIONS[word];
  if (action === undefined) return 0;
  rule.action = action;
  return 1;
}

function prefix(word: string, family: Family): string | null {
  if (word === 'all' || word === 'any' || word === 'default') return null;
  const canonical = canonicalPrefix(word, family);
  if (canonical === undefined) throw new Error(`"${word}" is no prefix`);
  return canonical.endsWith('/0') ? null : canonical;
}

function ipProtocol(word: string): number {
  const numbered = /^(?:ipproto-)?(\d+)$/.exec(word)?.[1];
  const known = numbered === undefined ? IP_PROTOCOLS[word.toLowerCase()] : Number(numbered);
  if (known === undefined) throw new Error(`"${word}" is no IP protocol that netplay knows`);
  return known;
}

function range(word: string): readonly [number, number] {
  const [first = '', last = first] = word.split('-');
  return [number(first), number(last)];
}

function number(word: string): number {
  const value = Number(word);
  if (word === '' || !Number.isInteger(value)) throw new Error(`"${word}" is no number`);
  return value;
}
