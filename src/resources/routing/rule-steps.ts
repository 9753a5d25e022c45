/** Changes of rules: how each is made, and how it is undone to the very order that was. */
import type { Change, Step } from '../../shared/change.js';
import type { Rule, Snapshot } from '../../snapshot/model.js';
import { rulesLike } from '../../snapshot/rule-index.js';
import { ruleAddress, ruleStep, showRule } from './rule-text.js';

/** A rule that was not there. */
export function addedRule(wanted: Rule, { names, tools }: Snapshot): Change {
  return {
    resource: 'rule',
    address: ruleAddress(wanted),
    action: 'create',
    before: null,
    after: showRule(wanted, names),
    do: [ruleStep(wanted, 'add', tools)],
    undo: [ruleStep(wanted, 'del', tools)],
    effects: [{ kind: 'rule', set: wanted }],
  };
}

/** The new rule first, then the old ones away: no packet meets neither. */
export function movedRule(wanted: Rule, gone: readonly Rule[], snapshot: Snapshot): Change {
  const { names, tools } = snapshot;
  const [first] = gone;
  const sameText = first !== undefined && showRule(first, names) === showRule(wanted, names);
  const told = sameText ? { protocol: true } : {};
  const removals = removedRules(gone, snapshot);
  return {
    resource: 'rule',
    address: ruleAddress(wanted),
    action: 'update',
    before: first === undefined ? null : showRule(first, names, told),
    after: showRule(wanted, names, told),
    do: [ruleStep(wanted, 'add', tools), ...removals.flatMap((change) => change.do)],
    // The kernel takes the first that fits: with the new one gone first, an old twin can't be hit.
    undo: [ruleStep(wanted, 'del', tools), ...[...removals].reverse().flatMap((change) => change.undo)],
    // Removals first: of twins that differ in their maker alone, the new one must be left.
    effects: [...removals.flatMap((change) => change.effects), { kind: 'rule', set: wanted }],
  };
}

/** One change for each rule that goes. */
export function removedRules(doomed: readonly Rule[], snapshot: Snapshot): readonly Change[] {
  const { names, tools } = snapshot;
  const gone = new Set<Rule>();
  return doomed.map((rule) => {
    const followers = followersOf(rule, snapshot.rules).filter((entry) => !gone.has(entry));
    gone.add(rule);
    return {
      resource: 'rule',
      address: ruleAddress(rule),
      action: 'delete',
      before: showRule(rule, names),
      after: null,
      do: [ruleStep(rule, 'del', tools)],
      undo: restored(rule, followers, tools),
      effects: [{ kind: 'rule', unset: rule }],
    };
  });
}

/** A new rule goes behind those of its priority, so those that stood behind it are put there again. */
function restored(rule: Rule, followers: readonly Rule[], tools: Snapshot['tools']): Step[] {
  return [
    ruleStep(rule, 'add', tools),
    ...followers.flatMap((follower) => [ruleStep(follower, 'del', tools), ruleStep(follower, 'add', tools)]),
  ];
}

function followersOf(rule: Rule, rules: readonly Rule[]): readonly Rule[] {
  const { family, priority } = rule;
  const same = rulesLike(rules, { family, priority });
  return same.slice(same.indexOf(rule) + 1);
}
