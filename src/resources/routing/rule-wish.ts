/** What a rule task asks for: one wish for each family and each pair of ports that it names. */
import { type Family, formatPrefix, hasHostBits, parsePrefix } from '../../shared/addr.js';
import type { Problem } from '../../shared/change.js';
import type { Rule, Snapshot } from '../../snapshot/model.js';
import { IP_PROTOCOLS } from '../../snapshot/parse-rule.js';
import { MAX_U32, parseNumber, resolveProtocol, resolveRealms, resolveTable, resolveTos } from './names.js';
import { knowsWord, RULE_WORDS } from './tool-versions.js';

type Ports = string | number | readonly (string | number)[];

export interface RuleParams {
  from?: string | null;
  to?: string | null;
  iif?: string;
  oif?: string;
  fwmark?: string | number;
  fwmask?: string | number;
  tos?: string | number;
  ipproto?: string | number;
  sport?: Ports;
  dport?: Ports;
  uidrange?: string | number;
  not?: boolean;
  l3mdev?: boolean;
  tun_id?: number;
  table?: string | number;
  action?: 'lookup' | 'blackhole' | 'unreachable' | 'prohibit' | 'goto' | 'nop';
  goto?: number;
  suppress_prefixlength?: number;
  suppress_ifgroup?: string | number;
  realms?: string;
  priority?: number;
  protocol?: string | number;
  family?: Family | 'both';
  state?: 'present' | 'absent';
}

/** A rule without its place and its maker: what the kernel tells two rules of one priority apart by. */
export type RuleWish = Omit<Rule, 'priority' | 'protocol' | 'iifDetached' | 'oifDetached'>;

/** Parameters that narrow a rule; without any it holds for every packet. */
export const SELECTORS = [
  'from',
  'to',
  'iif',
  'oif',
  'fwmark',
  'tos',
  'ipproto',
  'sport',
  'dport',
  'uidrange',
  'tun_id',
  'l3mdev',
] as const satisfies readonly (keyof RuleParams)[];

const ANY: ReadonlySet<string> = new Set(['all', 'any', 'default']);

function prefixFamily(text: string | null | undefined): Family | undefined {
  if (text == null || ANY.has(text)) return undefined;
  return text.includes(':') ? 6 : 4;
}

/** The families that a task is for: those of its addresses, else `family`, else IPv4. */
export function ruleFamilies(params: RuleParams): readonly Family[] {
  const told = prefixFamily(params.from) ?? prefixFamily(params.to);
  if (told !== undefined) return [told];
  if (params.family === 'both') return [4, 6];
  return [params.family ?? 4];
}

function readPrefix(
  name: 'from' | 'to',
  params: RuleParams,
  family: Family,
  problems: Problem[],
): string | null {
  const text = params[name];
  if (text == null || ANY.has(text)) return null;
  const prefix = parsePrefix(text, family);
  if (prefix === undefined) {
    problems.push({ message: `${name} ${text} is no IPv${family} address or network`, path: [name] });
    return null;
  }
  if (hasHostBits(prefix))
    problems.push({
      message: `${name} ${text} has bits set beyond its length`,
      hint: `The network is ${formatPrefix(prefix)}; the one address is ${prefix.address}.`,
      path: [name],
    });
  return prefix.length === 0 ? null : formatPrefix(prefix);
}

function readMark(params: RuleParams, problems: Problem[]): Pick<RuleWish, 'fwmark' | 'fwmask'> {
  const none = { fwmark: null, fwmask: MAX_U32 };
  if (params.fwmark === undefined) {
    if (params.fwmask !== undefined)
      problems.push({ message: 'fwmask says nothing without fwmark', path: ['fwmask'] });
    return none;
  }
  const [markText = '', maskText] = String(params.fwmark).split('/');
  const mark = parseNumber(markText);
  const given = params.fwmask ?? maskText;
  const mask = given === undefined ? MAX_U32 : parseNumber(given);
  if (mark === undefined || mark > MAX_U32 || mask === undefined || mask > MAX_U32) {
    problems.push({ message: `fwmark ${params.fwmark} is no mark`, path: ['fwmark'] });
    return none;
  }
  if (mask === 0 || (mark === 0 && given === undefined))
    problems.push({
      message: `fwmark ${params.fwmark} ${mask === 0 ? 'with mask 0' : 'without a mask'} means every packet, marked or not`,
      hint: 'For packets without a mark say fwmark: 0/0xffffffff.',
      path: ['fwmark'],
    });
  return { fwmark: mark, fwmask: mask };
}

function readProtocolNumber(params: RuleParams, problems: Problem[]): number | null {
  if (params.ipproto === undefined) return null;
  const text = String(params.ipproto).toLowerCase();
  const number = parseNumber(text) ?? IP_PROTOCOLS[text];
  if (number === 0) {
    // FRA_IP_PROTO 0 is no selector to the kernel: the rule would hold for all that it was to leave out.
    problems.push({ message: `ipproto ${params.ipproto} means every protocol`, path: ['ipproto'] });
    return null;
  }
  if (number !== undefined && number <= 255) return number;
  problems.push({ message: `ipproto ${params.ipproto} is no IP protocol`, path: ['ipproto'] });
  return null;
}

function readRange(text: string | number): readonly [number, number] {
  const [first, last = first] = String(text).split('-').map(Number);
  return [first ?? 0, last ?? 0];
}

function readPorts(ports: Ports | undefined): readonly (readonly [number, number] | null)[] {
  if (ports === undefined) return [null];
  return (Array.isArray(ports) ? ports : [ports]).map(readRange);
}

function readAction(params: RuleParams, problems: Problem[]): RuleWish['action'] {
  const { action, table, goto, l3mdev } = params;
  const meant = action ?? (goto === undefined ? 'lookup' : 'goto');
  const need = (message: string, path: string) => problems.push({ message, path: [path] });
  if (meant === 'lookup' && table === undefined && !l3mdev && params.state !== 'absent')
    need(
      'a rule needs a table, or an action that needs none (blackhole, unreachable, prohibit, nop)',
      'action',
    );
  if (meant !== 'lookup' && table !== undefined) need(`a rule with action ${meant} has no table`, 'table');
  if (l3mdev && (table !== undefined || meant !== 'lookup'))
    need('an l3mdev rule finds its table by itself', 'l3mdev');
  if ((meant === 'goto') !== (goto !== undefined)) need('goto and action: goto belong together', 'goto');
  for (const name of ['suppress_prefixlength', 'suppress_ifgroup'] as const)
    if (meant !== 'lookup' && params[name] !== undefined)
      need(`${name} belongs to a rule that looks a table up`, name);
  return meant;
}

function readGroup(params: RuleParams, snapshot: Snapshot, problems: Problem[]): number | null {
  const { suppress_ifgroup: group } = params;
  if (group === undefined) return null;
  const number = parseNumber(group) ?? snapshot.names.groups.byName.get(String(group));
  if (number !== undefined) return number;
  problems.push({ message: `no group of links is named ${group} on this host`, path: ['suppress_ifgroup'] });
  return null;
}

/** An old `ip` would refuse these words; it must never come to a rule that is broader than what was asked. */
function checkTools(params: RuleParams, snapshot: Snapshot, problems: Problem[]): void {
  const { iproute2 } = snapshot.tools;
  for (const word of Object.keys(RULE_WORDS) as (keyof typeof RULE_WORDS)[])
    if (params[word] !== undefined && params[word] !== false && !knowsWord(iproute2, word))
      problems.push({ message: `the ip of this host (${iproute2}) knows no ${word} in rules`, path: [word] });
}

function checkFamily(params: RuleParams, family: Family, problems: Problem[]): void {
  const wanted = params.family === undefined || params.family === family;
  for (const name of ['from', 'to'] as const) {
    const told = prefixFamily(params[name]);
    if (told !== undefined && (told !== family || (!wanted && params.family !== undefined)))
      problems.push({
        message: `${name} ${params[name]} is IPv${told}, and family or the other address is not`,
        path: [name],
      });
  }
  if (family === 6 && params.realms !== undefined)
    problems.push({ message: 'IPv6 rules have no realms', path: ['realms'] });
}

/** What a task asks for, or problems. */
export function readRules(params: RuleParams, snapshot: Snapshot, problems: Problem[]): readonly RuleWish[] {
  const { names } = snapshot;
  const before = problems.length;
  const families = ruleFamilies(params);
  checkTools(params, snapshot, problems);
  const action = readAction(params, problems);
  const common = {
    not: params.not ?? false,
    iif: params.iif ?? null,
    oif: params.oif ?? null,
    ...readMark(params, problems),
    tos: params.tos === undefined ? 0 : (resolveTos(params.tos, names, problems) ?? 0),
    ipproto: readProtocolNumber(params, problems),
    uidrange: params.uidrange === undefined ? null : readRange(params.uidrange),
    tunId: params.tun_id ?? null,
    l3mdev: params.l3mdev ?? false,
    action,
    table: params.table === undefined ? null : (resolveTable(params.table, names, problems) ?? null),
    goto: params.goto ?? null,
    suppressPrefixlength: params.suppress_prefixlength ?? null,
    suppressIfgroup: readGroup(params, snapshot, problems),
    realms: params.realms === undefined ? null : (resolveRealms(params.realms, names, problems) ?? null),
  };
  // RTO_ONLINK and ECN aside, the kernel looks at four bits only (IPTOS_TOS_MASK).
  if (common.tos > 0x1c)
    problems.push({
      message: `tos ${params.tos} is beyond what a rule can tell (0x1c at most)`,
      path: ['tos'],
    });
  const wishes = families.flatMap((family) => {
    checkFamily(params, family, problems);
    const ends = {
      from: readPrefix('from', params, family, problems),
      to: readPrefix('to', params, family, problems),
    };
    return readPorts(params.sport).flatMap((sport) =>
      readPorts(params.dport).map((dport) => ({ family, ...ends, ...common, sport, dport })),
    );
  });
  return problems.length > before ? [] : wishes;
}

/** The maker that a task names, or undefined. */
export function wishedProtocol(
  params: RuleParams,
  snapshot: Snapshot,
  problems: Problem[],
): number | undefined {
  if (params.protocol === undefined) return undefined;
  if (!snapshot.tools.ruleProtocol)
    problems.push({
      message: `the ip of this host (${snapshot.tools.iproute2}) knows no protocol in rules`,
      path: ['protocol'],
    });
  return resolveProtocol(params.protocol, snapshot.names, problems);
}
