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
  const change = keepLosses(result, plan.state, after);
  plan.changes.push({ ...change, effects: [...change.effects, ...followed(change, plan.state, after)] });
  plan.state = after;
}

/** Links that a change of another one changes, named: whoever orders changes must know that it touches them. */
function followed({ effects }: Change, before: Snapshot, after: Snapshot): Effect[] {
  if (before.links === after.links) return [];
  const named = new Set(
    effects.flatMap((effect) =>
      effect.kind === 'link' ? ['set' in effect ? effect.set.name : effect.unset] : [],
    ),
  );
  return [...after.links.values()].flatMap((link): Effect[] => {
    const former = before.links.get(link.name);
    return former === undefined || former === link || named.has(link.name)
      ? []
      : [{ kind: 'link', set: link }];
  });
}

/**
 * What a change of a link costs beside what it says (neighbours go with a MAC, VLANs fall with the link below
 * them, routes go where a VRF is joined): whatever the change, its undo brings that back.
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
