/**
 * Taking back a past transaction, as a task like any other: what it wants is the state from before that
 * transaction, and it can be had only where the transaction's result still stands.
 */
import { withLetGo } from '../persist/let-go.js';
import { PERSIST, planRecordBack } from '../persist/plan.js';
import { RECORD } from '../persist/record.js';
import type { PlanResult, Resource } from '../resources/resource.js';
import type { Change, Problem } from '../shared/change.js';
import { type Difference, effectsOf, readsOfDifferences, reversed, stands } from '../snapshot/differences.js';
import type { Snapshot } from '../snapshot/model.js';
import { applyEffects } from '../snapshot/simulate.js';
import { type History, type PastTransaction, takenBackBy } from '../transaction/history.js';
import type { JournalEntry } from '../transaction/journal.js';
import { isPersistent } from '../transaction/script.js';
import { changedSince, lostBy } from './since.js';

/** What is to be taken back on a host, or why nothing is. */
export type TakeBack =
  | { kind: 'take'; entry: JournalEntry; differences: readonly Difference[] }
  /** It has been taken back already. */
  | { kind: 'done'; words: string }
  | { kind: 'refused'; problem: Problem };

/**
 * @param id of the transaction; without it the newest one that was confirmed
 * @param history all of the host's
 */
export function chooseTakeBack({ past }: History, id?: string): TakeBack {
  const chosen = id === undefined ? newestConfirmed(past) : past.find(({ entry }) => entry.id === id);
  if (chosen === undefined)
    return refused(id === undefined ? 'nothing was confirmed on it' : `it has no transaction ${id}`, HISTORY);
  const { entry, ended } = chosen;
  // The last thing that was done was to take one back: that is no reason to make it anew.
  if (id === undefined && entry.takesBack !== undefined) return done(entry.takesBack, chosen);
  const taken = takenBackBy(past, entry.id);
  if (taken !== undefined) return done(entry.id, taken);
  if (ended?.outcome !== 'confirmed')
    return refused(`${entry.id} was not confirmed: ${endOf(chosen)}`, HISTORY);
  if (entry.differences === null)
    return refused(
      `${entry.id} was too big for the journal: how to take it back is not kept`,
      'write a playbook that does',
    );
  if (entry.differences.length === 0)
    return refused(`${entry.id} left nothing by which its result could be told from what was before`);
  return { kind: 'take', entry, differences: entry.differences };
}

const HISTORY = '`netplay history HOST` shows what there is';

function newestConfirmed(past: readonly PastTransaction[]): PastTransaction | undefined {
  return past.find(({ ended }) => ended?.outcome === 'confirmed');
}

function endOf({ ended, left }: PastTransaction): string {
  if (left !== undefined) return `it is on trial, ${left} s are left`;
  return ended === undefined ? 'how it ended is not known' : `it was undone (${ended.reason})`;
}

function refused(message: string, hint?: string): TakeBack {
  return { kind: 'refused', problem: { message, ...(hint !== undefined && { hint }) } };
}

function done(id: string, by: PastTransaction): TakeBack {
  return {
    kind: 'done',
    words: `${id} was taken back already, by ${by.entry.id} of ${by.entry.by} from ${by.entry.from}`,
  };
}

/** Not one that playbooks know: its parameters come from a host's own journal. */
export const takeBack: Resource<TakeBack> = {
  name: 'transaction',
  plural: 'transactions',
  mapKey: 'id',
  summary: 'A past transaction, taken back.',
  schema: {},
  examples: [],
  reads: (params) => {
    if (params.kind !== 'take') return [];
    const { differences, record } = withoutKept(params);
    return [...readsOfDifferences(differences), ...(record === undefined ? [] : [{ kind: 'boot' } as const])];
  },
  plan,
};

function plan(params: TakeBack, snapshot: Snapshot): PlanResult {
  if (params.kind === 'done') return { changes: [], warnings: [params.words] };
  if (params.kind === 'refused') return { changes: [], problems: [params.problem] };
  const { entry, differences, record } = withoutKept(params);
  const back = reversed(differences);
  const kept = record === undefined ? [] : planRecordBack(record, applyEffects(snapshot, effectsOf(back)));
  if (back.every((difference) => stands(difference, snapshot)))
    return { changes: kept, reason: `all is as it was before ${entry.id}` };
  const since = changedSince(differences, snapshot);
  const hint = `nothing is taken back: not all is as ${entry.id} left it`;
  if (since.length > 0) return { changes: [], problems: since.map((message) => ({ message, hint })) };
  const [first, ...others] = changesBack(entry, back);
  const changes = first === undefined ? [] : [withLetGo(first, snapshot, effectsOf(back)), ...others];
  const steps = changes.flatMap((change) => change.do);
  const lost = lostBy(back, steps, snapshot).map((what) => ({
    message: `${what} would be lost: it came after ${entry.id}, and hangs on what that made`,
  }));
  return lost.length > 0 ? { changes: [], problems: lost } : { changes: [...changes, ...kept] };
}

/**
 * All but what was written for a reboot: later runs write those files as well, so that they are made anew of the record,
 * which is taken back entry by entry.
 */
function withoutKept({ entry, differences }: Extract<TakeBack, { kind: 'take' }>) {
  const written = entry.changes.filter(({ resource }) => resource === PERSIST);
  const paths = new Set(
    written.flatMap((change) => change.do.flatMap((step) => ('path' in step ? [step.path] : []))),
  );
  const ofFiles = (difference: Difference): boolean =>
    difference.kind === 'file' && paths.has(difference.path);
  const record = differences.find((difference) => difference.kind === 'file' && difference.path === RECORD);
  return {
    entry: { ...entry, changes: entry.changes.filter((change) => !written.includes(change)) },
    differences: differences.filter((difference) => !ofFiles(difference)),
    ...(record?.kind === 'file' && { record }),
  };
}

/** The entry's changes, the last first, each the other way round; their effects are those of the whole. */
export function changesBack({ changes }: JournalEntry, back: readonly Difference[]): Change[] {
  const swapped = changes.toReversed().map(
    (change): Change => ({
      ...change,
      action: change.action === 'create' ? 'delete' : change.action === 'delete' ? 'create' : 'update',
      before: change.after,
      after: change.before,
      do: change.undo,
      undo: change.do,
      effects: [],
    }),
  );
  const effects = effectsOf(back);
  const files = effects.filter((effect) => effect.kind === 'file');
  const others = effects.filter((effect) => effect.kind !== 'file');
  const last = swapped.findLastIndex((change) => !isPersistent(change));
  return swapped.map((change, index) => ({
    ...change,
    effects: [
      ...(index === last ? others : []),
      ...files.filter((file) => isLastWrite(swapped, index, file.path)),
    ],
  }));
}

/** A file's effect goes with the change that writes it last: it is made when that one is. */
function isLastWrite(changes: readonly Change[], index: number, path: string): boolean {
  return (
    index ===
    changes.findLastIndex((change) => change.do.some((step) => 'path' in step && step.path === path))
  );
}
