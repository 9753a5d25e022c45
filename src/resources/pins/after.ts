import type { Effect } from '../../snapshot/effects.js';
import type { Snapshot } from '../../snapshot/model.js';
import { applyEffects } from '../../snapshot/simulate.js';
import type { Part } from '../resource.js';

/** What plain tasks, one after the other, do to a host's state. */
export function effectsOf(parts: readonly Part[], snapshot: Snapshot): Effect[] {
  const effects: Effect[] = [];
  let state = snapshot;
  for (const { resource, params } of parts) {
    const made = resource.plan(params, state).changes.flatMap((change) => change.effects);
    effects.push(...made);
    state = applyEffects(state, made);
  }
  return effects;
}

/** The host's state once they are done. */
export function after(parts: readonly Part[], snapshot: Snapshot): Snapshot {
  return parts.length === 0 ? snapshot : applyEffects(snapshot, effectsOf(parts, snapshot));
}
