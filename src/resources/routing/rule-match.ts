/** Compares rules: the whole selector and the action, never the maker. */
import type { Names, Rule, Snapshot } from '../../snapshot/model.js';
import { rulesLike } from '../../snapshot/rule-index.js';
import { PROTOCOL, resolveRealms, TABLE } from './names.js';
import type { RuleParams, RuleWish } from './rule-wish.js';

/** The kernel's three rules: without them there is no routing at all. */
const KERNEL_RULES: ReadonlyMap<number, number> = new Map([
  [0, TABLE.local],
  [32766, TABLE.main],
  [32767, TABLE.default],
]);

/** Whether the kernel itself made the rule, or it stands in the place of one that it made. */
export function isKernelRule(rule: Rule): boolean {
  const plain =
    rule.from === null && rule.to === null && rule.iif === null && rule.oif === null && rule.fwmark === null;
  return (
    rule.protocol === PROTOCOL.kernel ||
    (plain && KERNEL_RULES.get(rule.priority) === rule.table && !rule.not)
  );
}

function samePair(a: readonly [number, number] | null, b: readonly [number, number] | null): boolean {
  return a === b || (a !== null && b !== null && a[0] === b[0] && a[1] === b[1]);
}

/** Realms in numbers, so that a listing with names compares equal. */
function sameRealms(a: string | null, b: string | null, names: Names): boolean {
  return a === b || (a !== null && resolveRealms(a, names, []) === b);
}

/** The rules that a task asks for with whatever priority, in the kernel's order. */
export function twinsOf(wish: RuleWish, { rules, names }: Snapshot): readonly Rule[] {
  const { family, from, to, fwmark, table } = wish;
  return rulesLike(rules, { family, from, to, fwmark, table }).filter((rule) => isTwin(rule, wish, names));
}

/** Whether both choose the same packets and do the same with them. A selector that netplay can't read is no match. */
function isTwin(rule: Rule, wish: RuleWish, names: Names): boolean {
  return (
    rule.other === undefined &&
    rule.family === wish.family &&
    rule.not === wish.not &&
    rule.from === wish.from &&
    rule.to === wish.to &&
    rule.iif === wish.iif &&
    rule.oif === wish.oif &&
    rule.fwmark === wish.fwmark &&
    (rule.fwmark === null || rule.fwmask === wish.fwmask) &&
    rule.tos === wish.tos &&
    rule.ipproto === wish.ipproto &&
    samePair(rule.sport, wish.sport) &&
    samePair(rule.dport, wish.dport) &&
    samePair(rule.uidrange, wish.uidrange) &&
    rule.tunId === wish.tunId &&
    rule.l3mdev === wish.l3mdev &&
    rule.action === wish.action &&
    rule.table === wish.table &&
    rule.goto === wish.goto &&
    rule.suppressPrefixlength === wish.suppressPrefixlength &&
    rule.suppressIfgroup === wish.suppressIfgroup &&
    sameRealms(rule.realms, wish.realms, names)
  );
}

/** The rules that a task with `state: absent` means: only what it gives is compared. */
export function meantBy(wish: RuleWish, params: RuleParams, { rules, names }: Snapshot): readonly Rule[] {
  const { family } = wish;
  const { priority } = params;
  const given = givenOf(wish, params);
  return rulesLike(rules, { ...given, family, ...(priority !== undefined && { priority }) }).filter(
    (rule) => {
      const plain = { ...rule };
      delete plain.other;
      return isTwin(plain, { ...rule, ...given }, names);
    },
  );
}

/** The fields of `wish` that its task gives. */
function givenOf(wish: RuleWish, params: RuleParams): Partial<RuleWish> {
  return pick(wish, {
    from: params.from,
    to: params.to,
    iif: params.iif,
    oif: params.oif,
    fwmark: params.fwmark,
    fwmask: params.fwmark,
    tos: params.tos,
    ipproto: params.ipproto,
    sport: params.sport,
    dport: params.dport,
    uidrange: params.uidrange,
    not: params.not,
    tunId: params.tun_id,
    l3mdev: params.l3mdev,
    table: params.table,
    action: params.action,
    goto: params.goto,
    suppressPrefixlength: params.suppress_prefixlength,
    suppressIfgroup: params.suppress_ifgroup,
    realms: params.realms,
  });
}

/** The fields of `wish` that were given. */
function pick(wish: RuleWish, given: { [K in keyof RuleWish]?: unknown }): Partial<RuleWish> {
  return Object.fromEntries(
    Object.entries(wish).filter(([field]) => given[field as keyof RuleWish] !== undefined),
  );
}
