import type { Change, Problem } from '../../shared/change.js';
import type { Effect } from '../../snapshot/effects.js';
import type { Snapshot } from '../../snapshot/model.js';
import { applyEffects } from '../../snapshot/simulate.js';
import { restoreSteps } from './restore.js';

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
  const after = applyEffects(plan.state, result.effects);
  plan.changes.push(keepLosses(result, plan.state, after));
  plan.state = after;
}

/**
 * What a change of a link costs beside what it says (neighbours go with a MAC, VLANs fall with the link below
 * them, routes go where a VRF is joined; with its bridge go a port's settings, VLANs and forwarding entries):
 * whatever the change, its undo brings that back.
 */
function keepLosses(change: Change, before: Snapshot, after: Snapshot): Change {
  const former = change.effects.flatMap((effect): Effect[] => {
    const link = effect.kind === 'link' && 'set' in effect ? before.links.get(effect.set.name) : undefined;
    return link === undefined ? [] : [{ kind: 'link', set: link }];
  });
  if (former.length === 0) return change;
  const known = new Set(change.undo.map((step) => JSON.stringify(step)));
  const steps = restoreSteps(before, applyEffects(after, former));
  return {
    ...change,
    undo: [...change.undo, ...steps.filter((step) => !known.has(JSON.stringify(step)))],
  };
}
