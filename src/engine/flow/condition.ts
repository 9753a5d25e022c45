/** Conditions of a task: what `when`, `changed_when`, `failed_when` and `until` say. */
import type { Condition } from '../../playbook/model.js';
import type { Scope, Templates } from '../../template/model.js';

/** The first condition that does not hold, as it is written; undefined where all do. */
export function failingCondition(
  templates: Templates,
  conditions: readonly Condition[],
  scope: Scope,
): string | undefined {
  const failing = conditions.find(({ expression, place }) => !templates.condition(expression, scope, place));
  return failing === undefined ? undefined : String(failing.expression);
}

export function allHold(templates: Templates, conditions: readonly Condition[], scope: Scope): boolean {
  return failingCondition(templates, conditions, scope) === undefined;
}
