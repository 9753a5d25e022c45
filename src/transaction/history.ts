/** Reads a host's journal of transactions. */

import { isMap } from '../shared/is-map.js';
import { JOURNAL } from '../shared/journal-folder.js';
import { type Ended, FIND_BASE, readEnded } from './begin.js';
import { readStanding } from './end.js';
import { JOURNAL_VERSION, type JournalEntry } from './journal.js';

/** A transaction with what has become of it. */
export interface PastTransaction {
  entry: JournalEntry;
  /** Undefined where it is under way, or its host was rebooted meanwhile. */
  ended?: Ended;
  /** When it ended: seconds since 1970, by the host's clock. */
  endedAt?: number;
  /** Seconds until the host undoes it, where it is on trial. */
  left?: number;
}

export interface History {
  /** The newest first. */
  past: PastTransaction[];
  /** Names of files in the journal that are no entries of this version. */
  unread: string[];
}

/** @param most so many of the newest entries; all where it is left out */
export function historyScript(most?: number): string {
  return `${FIND_BASE}
if [ -d ${JOURNAL} ] && { [ ! -r ${JOURNAL} ] || [ ! -x ${JOURNAL} ]; }; then echo netplay-denied; exit 0; fi
set -- ${JOURNAL}/*
${most === undefined ? '' : `while [ $# -gt ${most} ]; do shift; done`}
for e do
  [ -f "$e" ] || continue
  printf '\\nnetplay-entry %s\\n' "\${e##*/}"
  cat "$e"
  g=$BASE/tx-\${e##*/}/guard
  if [ -e "$g" ]; then sh "$g" status; fi
done
echo netplay-read
`;
}

/** @returns undefined where the journal could not be read */
export function readHistory(stdout: string): History | undefined {
  if (!/^netplay-read$/m.test(stdout)) return undefined;
  const history: History = { past: [], unread: [] };
  for (const part of stdout
    .split(/^netplay-entry /m)
    .slice(1)
    .reverse()) {
    const [name = '', first = '', ...rest] = part.split('\n');
    const entry = parseEntry(first, name);
    if (entry === undefined) history.unread.push(name);
    else history.past.push({ entry, ...becameOf(rest.join('\n')) });
  }
  return history;
}

function becameOf(text: string): Omit<PastTransaction, 'entry'> {
  const standing = readStanding(text);
  if (standing.kind === 'on-trial') return { left: Math.max(0, standing.left) };
  const ended = readEnded(text);
  const at = [...text.matchAll(/^outcome (\d+) /gm)].at(-1)?.[1];
  return { ...(ended !== undefined && { ended }), ...(at !== undefined && { endedAt: Number(at) }) };
}

function parseEntry(line: string, name: string): JournalEntry | undefined {
  try {
    const value: unknown = JSON.parse(line);
    const whole =
      isMap(value) && value.v === JOURNAL_VERSION && value.id === name && Array.isArray(value.changes);
    return whole ? (value as unknown as JournalEntry) : undefined;
  } catch {
    return undefined;
  }
}

/** What took a transaction back and was not itself taken back since. @param past the newest first */
export function takenBackBy(past: readonly PastTransaction[], id: string): PastTransaction | undefined {
  return past.find(
    ({ entry, ended }) =>
      entry.takesBack === id && ended?.outcome === 'confirmed' && takenBackBy(past, entry.id) === undefined,
  );
}
