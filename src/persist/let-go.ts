/** A daemon that has a device in its hands puts back what is taken away from it, unless it is told before. */
import type { Change, Step } from '../shared/change.js';
import type { Effect } from '../snapshot/effects.js';
import type { Snapshot } from '../snapshot/model.js';
import { backends } from './registry.js';

/**
 * The change, behind what must be told before it.
 * @param before the host's state as it was read, with what it boots with: without that, nobody is told anything
 * @param effects those of all that the change begins, where they are not its own
 */
export function withLetGo(
  change: Change,
  before: Snapshot,
  effects: readonly Effect[] = change.effects,
): Change {
  if (before.boot === undefined) return change;
  const remade = new Set(
    effects.flatMap((effect) => (effect.kind === 'link' && 'set' in effect ? [effect.set.name] : [])),
  );
  const told = effects.flatMap((effect) => {
    // A link that is made anew stays in its hands.
    if (effect.kind === 'link' && 'unset' in effect && remade.has(effect.unset)) return [];
    return backends.flatMap(({ letGo }) => letGo?.(effect, before) ?? []);
  });
  if (told.length === 0) return change;
  const first: Step[] = told.flatMap((each) => each.do);
  return {
    ...change,
    do: [...first, ...change.do],
    undo: [...change.undo, ...told.toReversed().flatMap((each) => each.undo)],
  };
}
