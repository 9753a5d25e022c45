/** Rules as arguments of `ip rule`, and as a person reads them. */
import { displayPrefix } from '../../shared/addr.js';
import type { Step } from '../../shared/change.js';
import type { Names, Rule, Tools } from '../../snapshot/model.js';
import { PROTOCOL, protocolName, tableName } from './names.js';
import { hexadecimal } from './show-route.js';

const ALL_BITS = 0xffff_ffff;

function rangeWord([first, last]: readonly [number, number]): string {
  return first === last ? String(first) : `${first}-${last}`;
}

function markWord(mark: number, mask: number): string {
  // Without its mask a mark of 0 means any mark.
  return mask === ALL_BITS && mark !== 0 ? hexadecimal(mark) : `${hexadecimal(mark)}/${hexadecimal(mask)}`;
}

/** The selector in the order of `ip rule`: `from 192.168.1.1 iif eth0`. */
function selectorWords(rule: Rule): string[] {
  const word = (name: string, value: string | number | null) => (value === null ? [] : [name, String(value)]);
  return [
    ...(rule.not ? ['not'] : []),
    'from',
    rule.from === null ? 'all' : displayPrefix(rule.from),
    ...word('to', rule.to === null ? null : displayPrefix(rule.to)),
    ...(rule.tos === 0 ? [] : ['tos', hexadecimal(rule.tos)]),
    ...word('fwmark', rule.fwmark === null ? null : markWord(rule.fwmark, rule.fwmask)),
    ...word('iif', rule.iif),
    ...word('oif', rule.oif),
    ...word('uidrange', rule.uidrange?.join('-') ?? null),
    ...word('ipproto', rule.ipproto),
    ...word('sport', rule.sport && rangeWord(rule.sport)),
    ...word('dport', rule.dport && rangeWord(rule.dport)),
    ...word('tun_id', rule.tunId),
    ...(rule.other === undefined ? [] : rule.other.split(' ')),
  ];
}

function actionWords(rule: Rule, tableWord: string, table: (id: number) => string): string[] {
  const { action, suppressPrefixlength, suppressIfgroup, realms } = rule;
  return [
    ...(rule.l3mdev ? ['l3mdev'] : []),
    ...(action === 'lookup' && rule.table !== null ? [tableWord, table(rule.table)] : []),
    ...(action === 'goto' ? ['goto', String(rule.goto ?? 0)] : []),
    ...(action === 'lookup' || action === 'goto' ? [] : [action]),
    ...(suppressPrefixlength === null ? [] : ['suppress_prefixlength', String(suppressPrefixlength)]),
    ...(suppressIfgroup === null ? [] : ['suppress_ifgroup', String(suppressIfgroup)]),
    ...(realms === null ? [] : ['realms', realms]),
  ];
}

/**
 * The arguments that make exactly `rule`, or name exactly it: its whole selector and its priority,
 * since less of it could name a stranger's rule. Its protocol where the host's `ip` knows the word.
 */
function ruleArgs(rule: Rule, verb: 'add' | 'del', tools: Pick<Tools, 'ruleProtocol'>): string[] {
  return [
    'rule',
    verb,
    ...selectorWords(rule),
    'priority',
    String(rule.priority),
    ...actionWords(rule, 'table', String),
    ...(tools.ruleProtocol && rule.protocol !== null ? ['protocol', String(rule.protocol)] : []),
  ];
}

export function ruleStep(rule: Rule, verb: 'add' | 'del', tools: Pick<Tools, 'ruleProtocol'>): Step {
  return { kind: 'ip', family: rule.family, args: ruleArgs(rule, verb, tools) };
}

/** A whole rule in one line, as `ip rule` prints it, with the maker where it is a stranger. */
export function showRule(rule: Rule, names: Names, options: { protocol?: boolean } = {}): string {
  const { protocol } = rule;
  const stranger = protocol !== null && protocol !== PROTOCOL.netplay && protocol !== 0;
  const words = [
    `${rule.priority}:`,
    ...selectorWords(rule),
    ...actionWords(rule, 'lookup', (id) => tableName(id, names)),
    ...(protocol !== null && (options.protocol ?? stranger) ? ['proto', protocolName(protocol, names)] : []),
  ];
  return words.join(' ');
}

/** What a rule is called in a report. An IPv6 rule that names no address says its family. */
export function ruleAddress(rule: Rule): string {
  const told = rule.family === 4 || rule.from !== null || rule.to !== null;
  return [...(told ? [] : ['-6']), 'rule', String(rule.priority), ...selectorWords(rule)].join(' ');
}
