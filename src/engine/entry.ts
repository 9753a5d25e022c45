/** What a host's journal keeps of a plan that is applied. */
import { differencesOf } from '../snapshot/differences.js';
import type { Snapshot } from '../snapshot/model.js';
import { isTooBig, JOURNAL_VERSION, type JournalEntry } from '../transaction/journal.js';
import type { HostPlan } from './plan.js';

/** Who makes a host's changes, and as which transaction. */
export type Author = Pick<JournalEntry, 'id' | 'run' | 'play' | 'by' | 'from' | 'takesBack'>;

interface Noted {
  /** The host's state that the plan was made on. */
  before: Snapshot;
  /** As it will be. */
  after: Snapshot;
  /** Whether a task, by its index, has `no_log`. */
  hides(task: number): boolean;
  /** What of a value must not be shown. */
  secretsIn?: ((value: unknown) => string[]) | undefined;
}

export function journalEntry(author: Author, plan: HostPlan, noted: Noted): JournalEntry {
  const { before, after, hides, secretsIn } = noted;
  const changes = plan.sequence.flatMap((unit) => unit.changes);
  const kept = plan.sequence.flatMap(({ task, changes: own }) =>
    own.map(({ effects: _, ...change }) => (hides(task) ? { ...change, hidden: true as const } : change)),
  );
  const secrets = secretsIn?.([author.play, kept]) ?? [];
  return {
    v: JOURNAL_VERSION,
    ...author,
    time: Math.round(Date.now() / 1000),
    changes: kept,
    ...(secrets.length > 0 && { secrets }),
    differences: isTooBig(changes)
      ? null
      : differencesOf(
          before,
          after,
          changes.flatMap((change) => change.effects),
        ),
  };
}
