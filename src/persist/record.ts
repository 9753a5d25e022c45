/** What netplay keeps over a reboot on a host, as the host itself has it written down: one entry a line. */
import { isMap } from '../shared/is-map.js';
import { type Kept, keptKey } from '../snapshot/kept.js';
import type { HostFile, Link, Snapshot } from '../snapshot/model.js';
import { hasPart } from './marked-part.js';
import { isPersistMode, type PersistMode } from './mode.js';
import { isKept } from './shape.js';

/** All files of netplay's are made of this one; runs add to it and take away from it. */
export const RECORD = '/etc/netplay/persistent.jsonl';

export interface Entry {
  key: string;
  /** Who is to keep it: `auto` is found out in each run. */
  by: Exclude<PersistMode, 'off'>;
  kept: Kept;
}

/** By key. A line that can't be read, which somebody else must have written, is left out: it is written anew. */
export function readRecord(snapshot: Pick<Snapshot, 'files'>): Map<string, Entry> {
  return new Map(
    recordLines(snapshot).flatMap((line): [string, Entry][] => {
      const entry = readEntry(line);
      return entry === undefined ? [] : [[entry.key, entry]];
    }),
  );
}

/** How many lines of the record can't be read. */
export function unreadable(snapshot: Pick<Snapshot, 'files'>): number {
  return recordLines(snapshot).filter((line) => readEntry(line) === undefined).length;
}

/** What is lost with it, or with a line of it: each run sets its own alone. */
export function recordWarnings({ files }: Pick<Snapshot, 'files'>): string[] {
  const lost = unreadable({ files });
  if (lost > 0)
    return [
      `${lost === 1 ? 'a line' : `${lost} lines`} of ${RECORD} can't be read: what netplay kept by ${lost === 1 ? 'it' : 'them'} is kept no more`,
    ];
  if ((files.get(RECORD) ?? null) !== null) return [];
  const [left] = [...files].find(([, file]) => file !== null && !file.hidden && isMadeOf(file)) ?? [];
  return left === undefined
    ? []
    : [`${RECORD} is gone: what other playbooks keep in ${left} and the like is kept no more`];
}

/** netplay's files name the record, and a part in another one's file is marked. */
function isMadeOf({ content }: HostFile): boolean {
  return content.includes(RECORD) || hasPart(content);
}

function recordLines({ files }: Pick<Snapshot, 'files'>): string[] {
  return (files.get(RECORD)?.content ?? '').split('\n').filter((line) => line !== '');
}

function readEntry(line: string): Entry | undefined {
  try {
    const { by, kept } = JSON.parse(line) as { by: unknown; kept: unknown };
    if (!isPersistMode(by) || by === 'off' || !isKept(kept)) return undefined;
    return { key: keptKey(kept), by, kept };
  } catch {
    return undefined;
  }
}

/** The record's text; null where nothing is kept. */
export function recordText(entries: Iterable<Entry>): string | null {
  const lines = [...entries].map(({ by, kept }) => `{"by":${JSON.stringify(by)},"kept":${canonical(kept)}}`);
  return lines.length === 0 ? null : `${lines.join('\n')}\n`;
}

/** One text for one value: names in order, what is not there left out. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (!isMap(value)) return JSON.stringify(value ?? null);
  const names = Object.keys(value).filter((name) => value[name] !== undefined);
  return `{${names
    .sort()
    .map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`)
    .join(',')}}`;
}

/** Flags of a link that somebody sets. */
const SET_FLAGS = ['UP', 'NOARP', 'MULTICAST', 'ALLMULTI', 'PROMISC', 'DYNAMIC', 'NOTRAILERS'];
/** Flags of an address and of a route that come and go by themselves. */
const PASSING = ['tentative', 'dadfailed', 'deprecated', 'dynamic', 'secondary', 'permanent'];

/** Without what the kernel counts by itself, so that one state has one text. */
export function settled(kept: Kept): Kept {
  switch (kept.kind) {
    case 'link':
      return {
        ...kept,
        item: settledLink(kept.item),
        ...(kept.peer !== undefined && { peer: settledLink(kept.peer) }),
      };
    case 'address':
      return {
        ...kept,
        item: { ...kept.item, flags: kept.item.flags.filter((flag) => !PASSING.includes(flag)) },
      };
    case 'route':
      return { ...kept, item: { ...kept.item, flags: [] } };
    case 'rule':
      return { ...kept, item: { ...kept.item, iifDetached: false, oifDetached: false } };
    default:
      return kept;
  }
}

function settledLink(link: Link): Link {
  return {
    ...link,
    index: 0,
    operstate: '',
    flags: SET_FLAGS.filter((flag) => link.flags.includes(flag)),
    altnames: [...link.altnames].sort(),
  };
}
