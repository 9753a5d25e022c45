import type { Change, Problem } from '../../shared/change.js';
import type { Snapshot } from '../../snapshot/model.js';
import { applyEffects } from '../../snapshot/simulate.js';

/** A plan in the making: each change is planned on the state that those before it leave. */
export interface Draft {
  changes: Change[];
  problems: Problem[];
  state: Snapshot;
}

export function draft(snapshot: Snapshot, problems: readonly Problem[] = []): Draft {
  return { changes: [], problems: [...problems], state: snapshot };
}

/** Adds what planning one thing came to; undefined is no difference. */
export function take(plan: Draft, result: Change | Problem | undefined): void {
  if (result === undefined) return;
  if ('message' in result) {
    plan.problems.push(result);
    return;
  }
  plan.changes.push(result);
  plan.state = applyEffects(plan.state, result.effects);
}
