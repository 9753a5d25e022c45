/**
 * Steps that change which rules stand at one priority, and leave the others in their order. The kernel puts a new rule
 * behind those of its priority, and takes out the first that fits what the deletion gives: what the rule leaves open is
 * left open there too, so that the deletion of a broad rule hits a narrower one that stands before it (fib_rules.c,
 * rule_find).
 */
import type { Step } from '../../shared/change.js';
import type { Rule, Tools } from '../../snapshot/model.js';
import { ruleStep } from './rule-text.js';

type RuleTools = Pick<Tools, 'ruleProtocol'>;

/** Takes one rule out. @param group all rules of its family and priority, in the kernel's order */
export function removalSteps(rule: Rule, group: readonly Rule[], tools: RuleTools): Step[] {
  const before = group.slice(0, group.indexOf(rule));
  if (!before.some((other) => isHit(other, rule, tools))) return [ruleStep(rule, 'del', tools)];
  return regroup(
    group,
    group.filter((other) => other !== rule),
    tools,
  );
}

/**
 * Puts a rule behind the others of its priority. The kernel does not take a broad one (EEXIST) beside one that does the
 * same for a narrower source, destination or TOS, which therefore goes and comes again behind it.
 * @param group all rules of its family and priority, in the kernel's order
 * @returns the steps, and the order that they lead to
 */
export function additionSteps(
  rule: Rule,
  group: readonly Rule[],
  tools: RuleTools,
): { steps: Step[]; order: readonly Rule[] } {
  const narrower = group.filter((other) => isInWay(other, rule, tools));
  if (narrower.length === 0) return { steps: [ruleStep(rule, 'add', tools)], order: [...group, rule] };
  const order = [...group.filter((other) => !narrower.includes(other)), rule, ...narrower];
  return { steps: regroup(group, order, tools), order };
}

const EXACT = [
  ...['iif', 'oif', 'fwmark', 'fwmask', 'ipproto', 'tunId', 'l3mdev', 'suppressPrefixlength'],
  ...['suppressIfgroup', 'protocol', 'sport', 'dport', 'uidrange'],
] as const satisfies readonly (keyof Rule)[];

/** What rule_exists (fib_rules.c) compares: all but source, destination and TOS as they are. */
function isInWay(rule: Rule, coming: Rule, tools: RuleTools): boolean {
  return isHit(rule, coming, tools) && EXACT.every((field) => String(rule[field]) === String(coming[field]));
}

/**
 * Leads from one order of a priority's rules to another; those that both have stand in the same order in both. Where
 * they differ, rules are taken out from the front on, so that each deletion meets its own rule first, and put in again
 * behind all others. A broad rule is not taken (EEXIST) beside a narrower one, which therefore goes before it comes.
 */
export function regroup(now: readonly Rule[], wanted: readonly Rule[], tools: RuleTools): Step[] {
  const kept = keptOf(now, wanted, tools);
  const left = now.slice(kept);
  const takeOut = (count: number): Step[] =>
    left.splice(0, count).map((rule) => ruleStep(rule, 'del', tools));
  const steps = wanted.slice(kept).flatMap((rule) => {
    const last = left.findLastIndex((other) => other === rule || isHit(other, rule, tools));
    return [...takeOut(last + 1), ruleStep(rule, 'add', tools)];
  });
  return [...steps, ...takeOut(left.length)];
}

/** How many rules at the front can stay: both begin with them, and no deletion of one behind them hits one. */
function keptOf(now: readonly Rule[], wanted: readonly Rule[], tools: RuleTools): number {
  const same = now.findIndex((rule, index) => rule !== wanted[index]);
  let kept = same < 0 ? now.length : same;
  for (;;) {
    const hit = now
      .slice(0, kept)
      .findIndex((rule) => now.slice(kept).some((one) => isHit(rule, one, tools)));
    if (hit < 0) return kept;
    kept = hit;
  }
}

/**
 * Whether the kernel would take `rule` for the one that is meant when `doomed` is deleted. What it does not compare
 * (`not`, the target of `goto`), and what netplay can't tell, counts as fitting.
 */
function isHit(rule: Rule, doomed: Rule, tools: RuleTools): boolean {
  const open = (field: keyof Rule): boolean => doomed[field] === null || rule[field] === doomed[field];
  const range = (field: 'sport' | 'dport' | 'uidrange'): boolean =>
    doomed[field] === null || String(rule[field]) === String(doomed[field]);
  return (
    rule.action === doomed.action &&
    (['table', 'from', 'to', 'iif', 'oif', 'ipproto', 'tunId'] as const).every(open) &&
    (['suppressPrefixlength', 'suppressIfgroup'] as const).every(open) &&
    (['sport', 'dport', 'uidrange'] as const).every(range) &&
    (doomed.tos === 0 || rule.tos === doomed.tos) &&
    (!doomed.l3mdev || rule.l3mdev) &&
    // A mark of 0 is not compared, its mask is.
    (doomed.fwmark === null ||
      ((doomed.fwmark === 0 || rule.fwmark === doomed.fwmark) && rule.fwmask === doomed.fwmask)) &&
    (!tools.ruleProtocol || !doomed.protocol || rule.protocol === doomed.protocol)
  );
}
