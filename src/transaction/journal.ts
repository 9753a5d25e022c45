/** A transaction's entry in its host's journal: what was done, by whom, and how it is taken back. */
import type { Change } from '../shared/change.js';

export const JOURNAL_VERSION = 1;

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
  changes: readonly Change[];
}

/** Bytes above which an entry keeps only what its changes are called: a journal is no backup of a big table. */
const FULL_ENTRY = 512 * 1024;

export function journalText(entry: JournalEntry): string {
  const text = `${JSON.stringify(entry)}\n`;
  if (text.length <= FULL_ENTRY) return text;
  const changes = entry.changes.map((change) => ({ ...change, do: [], undo: [], effects: [] }));
  return `${JSON.stringify({ ...entry, changes })}\n`;
}
