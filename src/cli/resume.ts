/** `--resume RUN`: what an earlier run has left to do, told from its events. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runsFolder } from '../report/event-log.js';
import { NetplayError } from '../shared/errors.js';
import type { HostEnd, NetplayEvent, RunStart } from '../shared/events.js';

export interface Unfinished {
  start: RunStart;
  /** Hosts on which not every play has ended well. */
  left: ReadonlySet<string>;
}

/** @throws NetplayError `usage` where there is no such run, or nothing of it is left */
export async function readUnfinished(run: string): Promise<Unfinished> {
  const events = await readRun(run);
  const start = events.find((event) => event.type === 'run_start');
  if (start === undefined) throw new NetplayError('usage', `--resume: the record of run ${run} is empty`);
  const left = leftOf(events);
  if (left.size === 0)
    throw new NetplayError('usage', `--resume: run ${run} left no host undone`, {
      hint: 'run the playbook again without --resume',
    });
  return { start, left };
}

/**
 * The events of a run; those of one that was killed may end in half a line.
 * @throws NetplayError `usage` where there is no record of it
 */
export async function readRun(run: string): Promise<NetplayEvent[]> {
  const file = join(runsFolder(process.env), `${run}.jsonl`);
  if (!/^[\w-]+$/.test(run)) throw new NetplayError('usage', `'${run}' is no run`, { hint: HINT });
  try {
    return parseEvents(await readFile(file, 'utf8'));
  } catch (error) {
    throw new NetplayError('usage', `there is no record of run ${run}`, { hint: HINT, cause: error });
  }
}

const HINT = "a run's name stands in the first event of --json, and in `netplay history HOST`";

function parseEvents(text: string): NetplayEvent[] {
  return text.split('\n').flatMap((line) => {
    try {
      return [JSON.parse(line) as NetplayEvent];
    } catch {
      return [];
    }
  });
}

/** Hosts of which not every play has ended well. */
function leftOf(events: readonly NetplayEvent[]): Set<string> {
  const plays = new Map<string, number>();
  for (const event of events) {
    if (event.type === 'run_start')
      for (const [host, count] of Object.entries(event.plays ?? {})) plays.set(host, count);
    if (event.type === 'host_end' && isDone(event)) plays.set(event.host, (plays.get(event.host) ?? 0) - 1);
  }
  return new Set([...plays].flatMap(([host, count]) => (count > 0 ? [host] : [])));
}

function isDone({ status, onTrial }: HostEnd): boolean {
  return (status === 'ok' || status === 'changed') && onTrial === undefined;
}
