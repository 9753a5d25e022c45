/** What a host's journal keeps of a plan that is applied. */
import { differencesOf } from '../snapshot/differences.js';
import type { Snapshot } from '../snapshot/model.js';
import { isTooBig, JOURNAL_VERSION, type JournalEntry } from '../transaction/journal.js';
import type { HostPlan } from './plan.js';

/** Who makes a host's changes, and as which transaction. */
export type Author = Pick<JournalEntry, 'id' | 'run' | 'play' | 'by' | 'from' | 'takesBack'>;

/** @param before the host's state that the plan was made on. @param after as it will be */
export function journalEntry(
  author: Author,
  plan: HostPlan,
  before: Snapshot,
  after: Snapshot,
): JournalEntry {
  const changes = plan.sequence.flatMap((unit) => unit.changes);
  return {
    v: JOURNAL_VERSION,
    ...author,
    time: Math.round(Date.now() / 1000),
    changes: changes.map(({ effects: _, ...change }) => change),
    differences: isTooBig(changes)
      ? null
      : differencesOf(
          before,
          after,
          changes.flatMap((change) => change.effects),
        ),
  };
}
