/** A transaction's entry in its host's journal: what was done, by whom, and how it is taken back. */
import type { Change } from '../shared/change.js';
import type { Difference } from '../snapshot/differences.js';

export const JOURNAL_VERSION = 1;

/** What a change comes to stands in the entry's differences. */
export type JournalChange = Omit<Change, 'effects'>;

/** One line of JSON; the host adds `outcome SECONDS WORD REASON` lines below it. */
export interface JournalEntry {
  v: typeof JOURNAL_VERSION;
  id: string;
  run: string;
  play: string;
  /** Who, and from which machine. */
  by: string;
  from: string;
  /** Seconds since 1970, by the controller's clock. */
  time: number;
  /** The id of the transaction that this one takes back. */
  takesBack?: string;
  changes: readonly JournalChange[];
  /** What stands in it and was encrypted for whoever ran it: whoever reads it must show it nowhere. */
  secrets?: readonly string[];
  /** What they come to, taken together; null where the entry would be too big. */
  differences: readonly Difference[] | null;
}

/** Bytes above which an entry keeps only what its changes are called: a journal is no backup of a big table. */
const FULL_ENTRY = 512 * 1024;
/** Bytes of the smallest change there is, with its steps both ways, but for the files that it writes. */
const SMALLEST_CHANGE = 150;

/** Whether an entry would be too big to keep how its changes are taken back; told without making its text. */
export function isTooBig(changes: readonly Pick<Change, 'do' | 'undo'>[]): boolean {
  let bytes = 0;
  for (const change of changes) {
    bytes += SMALLEST_CHANGE;
    for (const step of [...change.do, ...change.undo])
      if (step.kind === 'write') bytes += step.content.length;
    if (bytes > FULL_ENTRY) return true;
  }
  return false;
}

export function journalText(entry: JournalEntry): string {
  if (!isTooBig(entry.changes)) {
    const text = `${JSON.stringify(entry)}\n`;
    if (text.length <= FULL_ENTRY) return text;
  }
  const changes = entry.changes.map((change) => ({ ...change, do: [], undo: [] }));
  return `${JSON.stringify({ ...entry, changes, differences: null })}\n`;
}
