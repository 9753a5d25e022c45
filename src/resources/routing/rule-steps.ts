/** Changes of rules: how each is made, and how it is undone to the very order that was. */
import type { Change } from '../../shared/change.js';
import type { Rule, Snapshot } from '../../snapshot/model.js';
import { rulesLike } from '../../snapshot/rule-index.js';
import { additionSteps, regroup, removalSteps } from './rule-order.js';
import { ruleAddress, ruleStep, showRule } from './rule-text.js';

/** A rule that was not there. */
export function addedRule(wanted: Rule, snapshot: Snapshot): Change {
  const { names, tools } = snapshot;
  const group = groupOf(wanted, snapshot);
  const { steps, order } = additionSteps(wanted, group, tools);
  return {
    resource: 'rule',
    address: ruleAddress(wanted),
    action: 'create',
    before: null,
    after: showRule(wanted, names),
    do: steps,
    undo: steps.length === 1 ? removalSteps(wanted, order, tools) : regroup(order, group, tools),
    effects: [{ kind: 'rule', set: wanted }],
  };
}

/** The new rule first, then the old ones away: no packet meets neither. */
export function movedRule(wanted: Rule, gone: readonly Rule[], snapshot: Snapshot): Change {
  const { names, tools } = snapshot;
  const [first] = gone;
  const sameText = first !== undefined && showRule(first, names) === showRule(wanted, names);
  const told = sameText ? { protocol: true } : {};
  const removals = removedRules(gone, snapshot, wanted);
  const left = groupOf(wanted, snapshot).filter((rule) => !gone.includes(rule));
  return {
    resource: 'rule',
    address: ruleAddress(wanted),
    action: 'update',
    before: first === undefined ? null : showRule(first, names, told),
    after: showRule(wanted, names, told),
    do: [ruleStep(wanted, 'add', tools), ...removals.flatMap((change) => change.do)],
    undo: [
      ...removalSteps(wanted, [...left, wanted], tools),
      ...[...removals].reverse().flatMap((change) => change.undo),
    ],
    // Removals first: of twins that differ in their maker alone, the new one must be left.
    effects: [...removals.flatMap((change) => change.effects), { kind: 'rule', set: wanted }],
  };
}

/**
 * One change for each rule that goes.
 * @param come a rule that is there by then and away again when they are put back
 */
export function removedRules(doomed: readonly Rule[], snapshot: Snapshot, come?: Rule): readonly Change[] {
  const { names, tools } = snapshot;
  const gone = new Set<Rule>();
  return doomed.map((rule) => {
    const group = groupOf(rule, snapshot).filter((other) => !gone.has(other));
    const joined = come?.family === rule.family && come.priority === rule.priority ? [come] : [];
    gone.add(rule);
    return {
      resource: 'rule',
      address: ruleAddress(rule),
      action: 'delete',
      before: showRule(rule, names),
      after: null,
      do: removalSteps(rule, [...group, ...joined], tools),
      undo: regroup(
        group.filter((other) => other !== rule),
        group,
        tools,
      ),
      effects: [{ kind: 'rule', unset: rule }],
    };
  });
}

/** The rules of the same family and priority, in the kernel's order. */
function groupOf({ family, priority }: Rule, { rules }: Snapshot): readonly Rule[] {
  return rulesLike(rules, { family, priority });
}
