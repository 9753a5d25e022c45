/** `netplay drift`: which hosts are not as playbooks have them, for cron and for monitoring. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { DriftCollector, driftKey, driftLine, type HostDrift, isDriftKey, oneLine } from '../report/drift.js';
import { runsFolder } from '../report/event-log.js';
import { printable } from '../report/printable.js';
import { createStyle, wantsColor } from '../report/style.js';
import { isMap } from '../shared/is-map.js';
import { makeFolder } from '../shared/make-folder.js';
import type { RunFlags } from './flags.js';
import { isPrinted, printData } from './output.js';
import { checkRuns } from './run.js';
import { replaceFile } from './write-file.js';

export interface DriftFlags extends RunFlags {
  /** Only what has changed from the last time. */
  since?: boolean;
}

/** A host's line of a report about changes. */
interface Since {
  found: HostDrift;
  come: HostDrift['drift'];
  /** Keys of what was told the last time and is as it should be now. */
  gone: readonly string[];
  /** It was ok, drifted or failed the last time, and is otherwise now. */
  turned: boolean;
}

/** What is kept of the last time: the keys of each host's drift, and how it was. */
type Last = Readonly<Record<string, { status: string; drift: readonly string[] }>>;

/** @returns 0: all as it should be; 3: drift; 2: a host failed; 4: one can't be reached, and none failed; 130 */
export async function driftCommand(playbooks: readonly string[], flags: DriftFlags): Promise<number> {
  const collector = new DriftCollector();
  const { json = false, since = false, ...others } = flags;
  const exitCode = await checkRuns(playbooks, { ...others, check: true, exitCode: true }, collector);
  const file = stateFile(playbooks, flags);
  const last = await readLast(file);
  const found = collector.hosts.map((host) => compared(host, last?.[host.host]));
  const shown = since
    ? found.filter(({ come, gone, turned }) => turned || come.length + gone.length > 0)
    : found;
  if (json) for (const each of shown) printData(`${JSON.stringify(asData(each, since))}\n`);
  else printLines(shown, flags, since);
  // What was not told is news the next time.
  if (exitCode !== 130 && (await isPrinted())) await writeLast(file, collector.hosts, last);
  return exitCode;
}

function compared(found: HostDrift, last: Last[string] | undefined): Since {
  // What could not be read has neither come nor gone.
  const told = found.status === 'ok' || found.status === 'drift';
  const now = new Set(found.drift.map(driftKey));
  const before = new Set(last?.drift);
  return {
    found,
    come: found.drift.filter((each) => !before.has(driftKey(each))),
    gone: told ? [...before].filter((key) => !now.has(key)) : [],
    turned: (last?.status ?? 'ok') !== found.status,
  };
}

function asData({ found, come, gone }: Since, since: boolean): unknown {
  return since ? { ...found, come, gone: gone.map(goneItem) } : found;
}

function goneItem(key: string): HostDrift['drift'][number] {
  const [address, before, after] = JSON.parse(key) as [string, string | null, string | null];
  return { resource: '', address, before, after };
}

function printLines(shown: readonly Since[], flags: DriftFlags, since: boolean): void {
  const style = createStyle(wantsColor(process.stdout, process.env));
  const width = Math.max(0, ...shown.map(({ found }) => found.host.length));
  const all = (flags.verbose ?? 0) > 0;
  for (const { found, come, gone, turned } of shown) {
    const news = since ? { ...found, drift: come } : found;
    const line =
      since && found.status === 'drift' && come.length === 0
        ? `${printable(found.host).padEnd(width)}  drift: ${gone.length > 0 ? 'less than before' : 'as before'}`
        : driftLine(news, width, style, all);
    const made =
      gone.length > 0 ? `; no more: ${gone.map((key) => oneLine(goneItem(key).address)).join(', ')}` : '';
    const back = since && turned && found.status === 'ok' ? ' again' : '';
    process.stdout.write(`${line}${back}${since ? made : ''}\n`);
  }
  if (since) return;
  for (const { found } of shown)
    for (const warning of found.warnings ?? [])
      process.stderr.write(`warning: ${printable(found.host)}: ${oneLine(warning)}\n`);
  const count = (status: HostDrift['status']): number =>
    shown.filter(({ found }) => found.status === status).length;
  const parts = (['drift', 'failed', 'unreachable'] as const).flatMap((status) =>
    count(status) > 0 ? [`${count(status)} ${status}`] : [],
  );
  process.stdout.write(
    `\n${shown.length} host${shown.length === 1 ? '' : 's'}, ${parts.length === 0 ? 'no drift' : parts.join(', ')}\n`,
  );
}

/** One for the same playbooks on the same hosts: `hosts.yml` of another folder names others. */
function stateFile(
  playbooks: readonly string[],
  { inventory, limit = '', tags, skipTags }: DriftFlags,
): string {
  const hosts = inventory.map((each) => (each.includes(',') ? each : resolve(each)));
  const what = JSON.stringify([playbooks.map((file) => resolve(file)), hosts, limit, tags, skipTags]);
  const name = createHash('sha256').update(what).digest('hex').slice(0, 16);
  return join(dirname(runsFolder(process.env)), 'drift', `${name}.json`);
}

async function readLast(file: string): Promise<Last | undefined> {
  try {
    const read: unknown = JSON.parse(await readFile(file, 'utf8'));
    return isLast(read) ? read : undefined;
  } catch {
    // The first time, or a file that was cut off: everything is new.
    return undefined;
  }
}

function isLast(read: unknown): read is Last {
  const isKey = (key: unknown): boolean => typeof key === 'string' && isDriftKey(key);
  return (
    isMap(read) &&
    Object.values(read).every(
      (host) =>
        isMap(host) &&
        typeof host.status === 'string' &&
        Array.isArray(host.drift) &&
        host.drift.every(isKey),
    )
  );
}

/** A state that can't be kept must not hide the drift. */
async function writeLast(file: string, hosts: readonly HostDrift[], last: Last | undefined): Promise<void> {
  const state = Object.fromEntries(
    hosts.map(({ host, status, drift }): [string, Last[string]] => {
      const keys = status === 'ok' || status === 'drift' ? drift.map(driftKey) : last?.[host]?.drift;
      return [host, { status, drift: keys ?? [] }];
    }),
  );
  try {
    await makeFolder(dirname(file), 0o700);
    await replaceFile(file, Buffer.from(JSON.stringify(state)));
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    process.stderr.write(`warning: it is not kept for --since: ${words}\n`);
  }
}
