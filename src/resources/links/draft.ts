import type { Change, Problem } from '../../shared/change.js';
import type { Effect } from '../../snapshot/effects.js';
import type { Snapshot } from '../../snapshot/model.js';
import { applyEffects } from '../../snapshot/simulate.js';
import { restoreNeighbourSteps } from './neighbour-args.js';
import { lostNeighbours, restoreBridgeSteps } from './restore.js';

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
  plan.changes.push(keepTables(result, plan.state, after));
  plan.state = after;
}

/**
 * A device's neighbours go with its MAC, a bridge's with that of a port; with its bridge go a port's settings, VLANs
 * and forwarding entries: whatever the change, its undo brings them back.
 */
function keepTables(change: Change, before: Snapshot, after: Snapshot): Change {
  const former = change.effects.flatMap((effect): Effect[] => {
    const link = effect.kind === 'link' && 'set' in effect ? before.links.get(effect.set.name) : undefined;
    return link === undefined ? [] : [{ kind: 'link', set: link }];
  });
  const known = new Set(change.undo.map((step) => JSON.stringify(step)));
  if (former.length === 0) return change;
  const back = applyEffects(after, former);
  const lost = lostNeighbours(before, back);
  const steps = [
    ...lost.flatMap((each) => restoreNeighbourSteps(each, after.neighbours)),
    ...restoreBridgeSteps(before, back),
  ];
  return {
    ...change,
    undo: [...change.undo, ...steps.filter((step) => !known.has(JSON.stringify(step)))],
  };
}
