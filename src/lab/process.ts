/** Processes told apart by their start time, so that nobody else's is ever taken for ours. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { NetplayError } from '../shared/errors.js';

export interface ProcessId {
  pid: number;
  /** Clock ticks from boot to its start: field 22 of /proc/PID/stat (proc(5)). */
  start: string;
}

/** Field 3 (state) and 22 (start time) of /proc/PID/stat; the name in field 2 may hold blanks. */
function stat(pid: number): { state: string; start: string } | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return undefined;
  }
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state, start] = [fields[0], fields[19]];
  return state === undefined || start === undefined ? undefined : { state, start };
}

export function identify(pid: number): ProcessId | undefined {
  const found = stat(pid);
  return found && { pid, start: found.start };
}

/** Whether that very process still runs; a zombie, which nobody has waited for, doesn't. */
export function isAlive({ pid, start }: ProcessId): boolean {
  const found = stat(pid);
  return found !== undefined && found.start === start && found.state !== 'Z' && found.state !== 'X';
}

/** `PID START`, as the start-up scripts write it. */
export function parseProcessId(text: string): ProcessId | undefined {
  const match = /^(\d+) (\d+)\s*$/.exec(text);
  return match?.[1] !== undefined && match[2] !== undefined
    ? { pid: Number(match[1]), start: match[2] }
    : undefined;
}

export function formatProcessId({ pid, start }: ProcessId): string {
  return `${pid} ${start}\n`;
}

/** Changes at each boot; process ids of another boot mean nothing. */
export function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
}

/**
 * Kills (SIGKILL) and waits until they are gone; the first process of a PID namespace takes all others along.
 * @throws NetplayError `lab` where one is still there after 20 seconds
 */
export async function killAll(ids: readonly ProcessId[]): Promise<void> {
  for (const id of ids) {
    if (!isAlive(id)) continue;
    try {
      process.kill(id.pid, 'SIGKILL');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
  const deadline = Date.now() + 20_000;
  for (let left = ids.filter(isAlive); left.length > 0; left = left.filter(isAlive)) {
    if (Date.now() > deadline)
      throw new NetplayError('lab', `process ${left[0]?.pid} of the lab does not end`, {
        hint: 'a process in it may wait for a disk; try `netplay lab down` again',
      });
    await sleep(10);
  }
}
