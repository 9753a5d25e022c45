/** Rules beside the three that every host has. */
import { PROTOCOL } from '../resources/routing/names.js';
import { isKernelRule } from '../resources/routing/rule-match.js';
import { showRule } from '../resources/routing/rule-text.js';
import { hexadecimal } from '../resources/routing/show-route.js';
import { displayPrefix } from '../shared/addr.js';
import type { Rule } from '../snapshot/model.js';
import { IP_PROTOCOLS } from '../snapshot/parse-rule.js';
import { learned, protocolParam } from './protocols.js';
import { type Captured, given, type Params, type Reading, unless } from './reading.js';
import { tableParam } from './words.js';

const WHOLE_MASK = 0xffff_ffff;

/** In the kernel's order; of IPv4 and IPv6 one after the other. */
export function ruleItems(reading: Reading): Captured[] {
  noteMissing(reading);
  return reading.snapshot.rules
    .filter((rule) => isTaken(rule, reading))
    .map((rule) => ({ resource: 'rule', params: paramsOf(rule, reading) }));
}

/** Netplay never removes the kernel's own. */
function noteMissing({ snapshot: { rules }, leaveOut }: Reading): void {
  for (const family of [4, 6] as const) {
    const own = rules.filter((rule) => rule.family === family);
    if (own.length === 0) continue;
    const usual = family === 4 ? [0, 32_766, 32_767] : [0, 32_766];
    for (const priority of usual)
      if (!own.some((rule) => rule.priority === priority && isKernelRule(rule)))
        leaveOut(
          `IPv${family} has no rule ${priority}, which the kernel makes`,
          'netplay does not take away the rules without which there is no routing',
        );
  }
}

function isTaken(rule: Rule, reading: Reading): boolean {
  if (isKernelRule(rule) || isOfVrf(rule, reading)) return false;
  const why = learned(rule.protocol) ?? unable(rule);
  if (why === undefined) return true;
  reading.leaveOut(`rule ${showRule(rule, reading.snapshot.names, { protocol: false })}`, why);
  return false;
}

/** The kernel adds it with the first VRF, and so does netplay where it is missing. */
function isOfVrf({ l3mdev, priority }: Rule, { snapshot: { links } }: Reading): boolean {
  return l3mdev && priority === 1000 && [...links.values()].some(({ kind }) => kind === 'vrf');
}

function unable({ other, action, protocol }: Rule): string | undefined {
  if (other !== undefined) return `netplay has no parameter for ${other}`;
  if (protocol === PROTOCOL.kernel) return 'the kernel makes it';
  return action === 'nat' ? 'no kernel has rules of action nat any more' : undefined;
}

function paramsOf(rule: Rule, reading: Reading): Params {
  const { snapshot } = reading;
  const { family, from, to, iif, oif, fwmark, fwmask, tos, ipproto, l3mdev, action, table, protocol } = rule;
  const told = from ?? to;
  return given({
    priority: rule.priority,
    from: from === null ? undefined : displayPrefix(from),
    to: to === null ? undefined : displayPrefix(to),
    not: unless(rule.not, false),
    iif: iif ?? undefined,
    oif: oif ?? undefined,
    fwmark: fwmark === null ? undefined : markText(fwmark, fwmask),
    tos: tos === 0 ? undefined : hexadecimal(tos),
    ipproto: ipproto === null ? undefined : protocolWord(ipproto),
    sport: rangeParam(rule.sport),
    dport: rangeParam(rule.dport),
    uidrange: rangeParam(rule.uidrange),
    tun_id: rule.tunId ?? undefined,
    l3mdev: unless(l3mdev, false),
    table: table === null ? undefined : tableParam(table, reading),
    goto: rule.goto ?? undefined,
    action: action === 'lookup' || action === 'goto' ? undefined : action,
    suppress_prefixlength: rule.suppressPrefixlength ?? undefined,
    suppress_ifgroup:
      rule.suppressIfgroup === null
        ? undefined
        : (snapshot.names.groups.byId.get(rule.suppressIfgroup) ?? rule.suppressIfgroup),
    realms: rule.realms ?? undefined,
    family: family === 6 && told === null ? 6 : undefined,
    protocol: protocolParam(protocol, snapshot.names),
  });
}

function markText(mark: number, mask: number): string {
  return mask === WHOLE_MASK && mark !== 0 ? hexadecimal(mark) : `${hexadecimal(mark)}/${hexadecimal(mask)}`;
}

function protocolWord(number: number): string | number {
  return Object.entries(IP_PROTOCOLS).find(([, id]) => id === number)?.[0] ?? number;
}

function rangeParam(range: readonly [number, number] | null): string | number | undefined {
  if (range === null) return undefined;
  const [first, last] = range;
  return first === last ? first : `${first}-${last}`;
}
