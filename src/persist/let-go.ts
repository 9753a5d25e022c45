/** A daemon that has a device in its hands puts back what is taken away from it, unless it is told before. */
import type { Change, Step } from '../shared/change.js';
import type { Effect } from '../snapshot/effects.js';
import type { Snapshot } from '../snapshot/model.js';
import { backends } from './registry.js';

/** Of `ip`: what is set on links. */
const ABOVE_LINKS: ReadonlySet<string> = new Set(['address', 'route', 'neighbour']);

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
    undo: withHandsOn(
      change.undo,
      told.toReversed().flatMap((each) => each.undo),
    ),
  };
}

/**
 * Once links are as they were, and before anything stands on them: as it takes a device into its hands it takes off the
 * addresses that it does not know of, and for a moment lets it have none of IPv6.
 */
function withHandsOn(undo: readonly Step[], handsOn: readonly Step[]): Step[] {
  const first = undo.findIndex((step) => step.kind === 'ip' && ABOVE_LINKS.has(step.args[0] ?? ''));
  const at = first === -1 ? undo.length : first;
  return [...undo.slice(0, at), ...handsOn, ...undo.slice(at)];
}
