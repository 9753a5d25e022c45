/** What of a play's tasks must be written down to be there after a reboot: pure, as all planning is. */
import type { AnyKind, Part } from '../resources/resource.js';
import type { Change, Step } from '../shared/change.js';
import { unreadFile } from '../snapshot/boot-script.js';
import { keptThere } from '../snapshot/kept.js';
import type { HostFile, Names, Read, Snapshot } from '../snapshot/model.js';
import type { Written, WrittenFile } from './backend.js';
import { Chooser } from './choose.js';
import { holds } from './holds.js';
import { hasOpenPart, hasPart } from './marked-part.js';
import type { PersistMode } from './mode.js';
import { canonical, type Entry, RECORD, readRecord, recordText, recordWarnings, settled } from './record.js';
import { backends } from './registry.js';
import { returning } from './returning.js';
import { keptText } from './text.js';
import { udevLinks } from './udev-links.js';
import { Wanted } from './wanted.js';

/** What changes of files that keep something are called. */
export const PERSIST = 'persist';

/** A task whose objects are kept, with the plain tasks that it stands for. */
export interface KeptTask {
  index: number;
  by: Exclude<PersistMode, 'off'>;
  parts: readonly Part[];
}

export interface PersistPlan {
  /** By the task that they are told of. */
  changes: readonly { task: number; change: Change }[];
  warnings: readonly string[];
}

/** What must be read of a host for tasks of these kinds; nothing where a reboot loses nothing of them. */
export function persistReads(kinds: readonly AnyKind[]): Read[] {
  return kinds.some((kind) => 'expand' in kind || kind.kept !== undefined)
    ? [{ kind: 'boot' }, { kind: 'links' }]
    : [];
}

/**
 * @param before the host's state as it was read
 * @param after as it will be, once all changes are made
 */
export function planPersistence(tasks: readonly KeptTask[], before: Snapshot, after: Snapshot): PersistPlan {
  if (after.boot === undefined || tasks.length === 0) return { changes: [], warnings: [] };
  const unread = unreadFile(after.boot);
  if (unread !== undefined)
    return {
      changes: [],
      warnings: [
        `only root may read ${unread}: nothing is known of what will be there after a reboot (become: true)`,
      ],
    };
  const record = readRecord(after);
  const wanted = new Wanted(record, after);
  for (const { index, by, parts } of tasks) for (const part of parts) wanted.take(index, by, part);
  wanted.dropLost(before);
  const plan = filesFor(tasks, record, wanted, { before, after });
  const warnings = [...recordWarnings(after), ...plan.warnings, ...returning(backends, before, after)];
  return { ...plan, warnings };
}

/**
 * What a past transaction wrote of the record, taken back: what it kept is kept no more, what it withdrew is kept again. What
 * others have altered since is left as it is.
 * @param differing the record's file before and after that transaction
 * @param after the host's state once all else is taken back
 */
export function planRecordBack(
  differing: { before: HostFile | null; after: HostFile | null },
  after: Snapshot,
): Change[] {
  if (after.boot === undefined) return [];
  const [old, made] = [differing.before, differing.after].map((file) =>
    readRecord({ files: new Map([[RECORD, file]]) }),
  );
  const record = readRecord(after);
  const wanted = new Wanted(record, after);
  for (const key of new Set([...(old?.keys() ?? []), ...(made?.keys() ?? [])])) {
    if (canonical(record.get(key)) !== canonical(made?.get(key))) continue;
    const entry = old?.get(key);
    if (entry === undefined) wanted.entries.delete(key);
    else wanted.entries.set(key, entry);
  }
  return filesFor([], record, wanted, { before: after, after }).changes.map(({ change }) => change);
}

/** Changes of files, each told of the last task that has a part in it. */
function filesFor(
  tasks: readonly KeptTask[],
  record: ReadonlyMap<string, Entry>,
  { entries, told }: Wanted,
  { before, after }: { before: Snapshot; after: Snapshot },
): PersistPlan {
  const { files, by, warnings } = writeAll([...entries.values()], after);
  const old = (path: string): HostFile | null => after.files.get(path) ?? null;
  const differing = files.filter(({ path, file }) => differs(old(path), file));
  if (differing.length === 0) return { changes: [], warnings };
  const isOld = wasSo(before, after);
  const holding = differing.filter(({ keys }) => keys.length > 0);
  const main = holding.length > 0 ? holding : differing.slice(0, 1);
  const helpers = differing.filter((file) => !main.includes(file));
  const unlike = (key: string): boolean =>
    canonical(record.get(key)?.kept) !== canonical(entries.get(key)?.kept);
  const gone = [...record.keys()].filter((key) => !entries.has(key));
  const moved = [...record.values()].some(({ key, by: was }) => (entries.get(key)?.by ?? was) !== was);
  const changes = main.map((file, at) => {
    // The record names all, and holds nothing that a boot reads.
    const keys = file.path === RECORD ? [...entries.keys()] : file.keys;
    const news = keys.filter(unlike);
    const tellers = [...news, ...gone].flatMap((key) => told.get(key) ?? []);
    const named = (of: ReadonlyMap<string, Entry>, all: readonly string[]): Entry[] =>
      all.flatMap((key) => of.get(key) ?? []);
    const said = {
      come: named(entries, news.length > 0 ? news : keys),
      gone: named(record, gone),
      by,
      fresh: news.length > 0,
      running: news.length > 0 && named(entries, news).every(isOld),
      drift: news.length + gone.length === 0,
      moved,
    };
    const written = at === main.length - 1 ? [file, ...helpers] : [file];
    return {
      task: tellers.length > 0 ? Math.max(...tellers) : (tasks.at(-1)?.index ?? 0),
      change: fileChange(written, said, after),
    };
  });
  return { changes, warnings };
}

/** Whether something was there before the play as it is after it. */
function wasSo(before: Snapshot, after: Snapshot): (entry: Entry) => boolean {
  const [old, now] = [keptThere(before), keptThere(after)];
  return ({ key, kept }) => {
    if (kept.kind === 'setting' || kept.kind === 'ethtool') return holds(kept, before);
    const [was, is] = [old.get(key), now.get(key)];
    return was !== undefined && is !== undefined && canonical(settled(was)) === canonical(settled(is));
  };
}

function differs(one: HostFile | null, other: HostFile | null): boolean {
  return one?.content !== other?.content || (one !== null && other !== null && one.mode !== other.mode);
}

interface AllWritten {
  files: WrittenFile[];
  /** By key: who keeps it and why; nobody where it is lost. */
  by: ReadonlyMap<string, string>;
  warnings: string[];
}

/** Each backend is asked, also those that keep nothing now: they may have done so before. */
function writeAll(entries: readonly Entry[], after: Snapshot): AllWritten {
  const chooser = new Chooser(backends, after, entries);
  const by = new Map<string, string>();
  const shares = new Map(backends.map(({ name }) => [name, [] as Entry[]]));
  for (const entry of entries) {
    const { backend, why } = chooser.choose(entry);
    shares.get(backend)?.push(entry);
    by.set(entry.key, `${backend} (${why})`);
  }
  const files: WrittenFile[] = [];
  const warnings: string[] = [];
  for (const { name, write } of backends) {
    const share = shares.get(name) ?? [];
    const written = withoutHidden(write(share, after), share, after);
    files.push(...written.files);
    warnings.push(...(written.warnings ?? []));
    if (name === 'boot') {
      warnings.push(...lostWarnings(written.left, after));
      for (const { entry } of written.left) by.delete(entry.key);
    } else
      for (const { entry, why } of written.left) {
        shares.get('boot')?.push(entry);
        by.set(entry.key, `boot (${name}: ${why})`);
      }
  }
  files.push(...udevLinks(entries, after));
  const content = recordText(entries);
  files.push({ path: RECORD, file: content === null ? null : { content, mode: '600' }, keys: [] });
  return { files, by, warnings: [...chooser.warnings, ...openPartWarnings(after), ...warnings] };
}

function openPartWarnings({ files }: Snapshot): string[] {
  return [...files].flatMap(([path, file]) =>
    file !== null && hasOpenPart(file.content)
      ? [
          `${path}: netplay's part has lost its end: its lines are yours now, and stay when netplay keeps them no more`,
        ]
      : [],
  );
}

/** A file with secrets was not read as a whole, and so is left alone: `boot` keeps what would stand there. */
function withoutHidden(
  { files, left, warnings = [] }: Written,
  entries: readonly Entry[],
  { files: there }: Snapshot,
): Written {
  const closed = files.filter(({ path, file }) => {
    const old = there.get(path) ?? null;
    return old?.hidden === true && differs(old, file);
  });
  if (closed.length === 0) return { files, left, warnings };
  const moved = entries.flatMap((entry) => {
    const file = closed.find(({ keys }) => keys.includes(entry.key));
    return file === undefined
      ? []
      : [{ entry, why: `${file.path} holds secrets: netplay does not write it` }];
  });
  const stale = closed.filter(({ path }) => hasPart(there.get(path)?.content ?? '')).map(({ path }) => path);
  return {
    files: files.filter((file) => !closed.includes(file)),
    left: [...left, ...moved],
    warnings: [
      ...warnings,
      ...stale.map(
        (path) =>
          `${path} holds secrets: netplay's part of it stays as it was; take away by hand what of that is not wanted`,
      ),
    ],
  };
}

function lostWarnings(left: readonly { entry: Entry; why: string }[], { names }: Snapshot): string[] {
  return [...new Set(left.map(({ why }) => why))].map((why) => {
    const entries = left.filter((one) => one.why === why).map(({ entry }) => entry);
    return `will not be there after a reboot: ${list(entries, names)} (${why})`;
  });
}

interface Said {
  come: readonly Entry[];
  gone: readonly Entry[];
  by: ReadonlyMap<string, string>;
  /** All that is new has been there, but would have gone with a reboot. */
  running: boolean;
  /** Some of `come` is new. */
  fresh: boolean;
  /** Nothing is new: the file was changed by somebody else, or was lost. */
  drift: boolean;
  /** Somebody else is to keep something from now on. */
  moved: boolean;
}

function fileChange(written: readonly WrittenFile[], said: Said, { files, names }: Snapshot): Change {
  const old = (at: string): HostFile | null => files.get(at) ?? null;
  const { come, gone, by, drift, fresh } = said;
  const [main] = written;
  const [path, file] = [main?.path ?? RECORD, main?.file ?? null];
  const was = old(path);
  // Where something only goes, what stays is no news.
  const told = drift || gone.length === 0 || fresh;
  return {
    resource: PERSIST,
    address: path,
    action: was === null ? 'create' : file === null ? 'delete' : 'update',
    before: beforeText(said, was, names),
    after: file === null ? null : told ? keepText(come, by, names) : 'does not keep it',
    do: written.flatMap(({ path: at, file: next, first = [], then = [] }) => [
      ...first,
      ...placeSteps(at, old(at), next),
      ...then,
    ]),
    undo: written
      .toReversed()
      .flatMap(({ path: at, file: next, then = [] }) => [...placeSteps(at, next, old(at)), ...then]),
    effects: written.map(({ path: at, file: next }) => ({ kind: 'file', path: at, file: next })),
  };
}

function beforeText({ gone, drift, moved, running }: Said, was: HostFile | null, names: Names): string {
  if (gone.length > 0) return `keeps ${list(gone, names)}`;
  if (drift && moved) return 'kept by another';
  if (drift && was !== null) return 'altered';
  return running || drift ? 'runtime right, not persistent' : 'not persistent';
}

function keepText(come: readonly Entry[], by: Said['by'], names: Names): string {
  // What only helps: a unit of systemd.
  if (come.length === 0) return 'as netplay wrote it';
  const keepers = [...new Set(come.flatMap(({ key }) => by.get(key) ?? []))].join('; ');
  return keepers === '' ? `only notes ${list(come, names)}` : `keeps ${list(come, names)}, by ${keepers}`;
}

/** A file that is there keeps its mode when it is written. */
function placeSteps(path: string, from: HostFile | null, to: HostFile | null): Step[] {
  if (to === null) return [{ kind: 'remove', path }];
  const write: Step = { kind: 'write', path, ...to, parents: true };
  if (from === null || from.mode === to.mode) return [write];
  return [write, { kind: 'run', argv: ['chmod', to.mode, path] }];
}

/** How many of many are named. */
const NAMED = 4;

function list(entries: readonly Entry[], names: Names): string {
  const named = entries.slice(0, NAMED).map(({ kept }) => keptText(kept, names));
  const rest = entries.length - named.length;
  return rest === 0 ? named.join(', ') : `${named.join(', ')} and ${rest} more`;
}
