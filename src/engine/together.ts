/** One transaction over many hosts: all of them keep their changes, or none does. */
import type { ReportedError } from '../shared/events.js';
import type { HostPlay } from './host.js';
import { forEachLimited } from './pool.js';

const INTERRUPTED = 'the run was interrupted';

export interface Together {
  forks: number;
  /** Once aborted no further host is begun, and what was begun is undone. */
  signal: AbortSignal;
  /** Seconds that a host waits for its confirmation; null: nothing is on trial, nor can be undone together. */
  confirmTimeout: number | null;
  /** Whether what was applied works, before any host is confirmed. @returns what does not */
  verify(plays: readonly HostPlay[]): Promise<ReportedError[]>;
  /** `keep` or `undo` at once; `leave`: on trial, for somebody to say later. */
  decide(plays: readonly HostPlay[]): Promise<'keep' | 'undo' | 'leave'>;
}

/**
 * Runs batches one after another; a later one is not touched where an earlier one fails.
 * @param batches the hosts in their order, the canary first
 */
export async function runTogether(
  batches: readonly (readonly HostPlay[])[],
  together: Together,
): Promise<void> {
  const proven: HostPlay[] = [];
  const alive = keepAlive(proven, together.confirmTimeout);
  try {
    for (const [index, batch] of batches.entries()) {
      const failure = await applyBatch(batch, proven, together);
      if (failure !== undefined) {
        const rest = batches.slice(index + 1).flat();
        for (const play of rest) play.cancel(failure);
        await undo(proven, together, failure);
        return;
      }
    }
    await settle(proven, together);
  } finally {
    alive.stop();
  }
}

/** Nothing is applied to any host of a batch before all of them are planned. @returns why it failed */
async function applyBatch(
  batch: readonly HostPlay[],
  proven: HostPlay[],
  { forks, signal }: Together,
): Promise<string | undefined> {
  const ready: HostPlay[] = [];
  let failure: string | undefined;
  await forEachLimited(batch, forks, async (play) => {
    if (signal.aborted) failure ??= INTERRUPTED;
    if (failure !== undefined) play.cancel(failure);
    else if (await play.prepare()) ready.push(play);
    else failure ??= failureOf(play);
  });
  await forEachLimited(ready, forks, async (play) => {
    if (signal.aborted) failure ??= INTERRUPTED;
    if (failure !== undefined) {
      play.cancel(failure);
      return;
    }
    if ((await play.apply()) && (await play.prove())) proven.push(play);
    else failure ??= failureOf(play);
  });
  return failure;
}

/** Confirms all, each still to be taken back until all are. */
async function settle(proven: readonly HostPlay[], together: Together): Promise<void> {
  if (proven.length === 0) return;
  const faults = await together.verify(proven);
  const [first] = faults;
  if (first !== undefined) return undo(proven, together, first.message, faults);
  const decision = await together.decide(proven);
  if (decision === 'undo')
    return undo(proven, together, together.signal.aborted ? INTERRUPTED : 'you said so');
  if (decision === 'leave') {
    for (const play of proven) play.leaveOnTrial();
    return;
  }
  const held = proven.length > 1;
  const failed = (play: HostPlay): string => failureOf(play) ?? 'a host failed';
  let failure: string | undefined;
  await forEachLimited(proven, together.forks, async (play) => {
    if (failure === undefined && !(await play.confirm(held))) failure = failed(play);
  });
  // Those that were told first have waited for the last one: none of them may have been lost meanwhile.
  if (failure === undefined && held)
    await Promise.all(
      proven.map(async (play) => {
        if (!(await play.holds())) failure ??= failed(play);
      }),
    );
  if (failure !== undefined) await undo(proven, together, failure);
  // From here on nothing can be undone together: so all are told at once, by one short frame each.
  else if (held) await Promise.all(proven.map((play) => play.release()));
}

function undo(
  plays: readonly HostPlay[],
  { forks }: Together,
  reason: string,
  faults: readonly ReportedError[] = [],
): Promise<void> {
  return forEachLimited(plays, forks, async (play) => {
    const { status } = play.outcome();
    if (status === 'changed') await play.rollback(reason, faults);
  });
}

/** What a host says of itself, which its neighbours need not repeat. */
const UNDONE = /^all changes were undone: /;

function failureOf(play: HostPlay): string | undefined {
  const { status, error, tasks } = play.outcome();
  if (status === 'ok' || status === 'changed') return undefined;
  const words = error?.message ?? tasks.flatMap((task) => task.errors)[0]?.message ?? status;
  return `${play.host} failed: ${words.replace(UNDONE, '')}`;
}

/**
 * Hosts that are done wait for the others, or for probes: their time must not run out meanwhile.
 * @param confirmTimeout seconds; null: nothing is on trial
 */
export function keepAlive(plays: readonly HostPlay[], confirmTimeout: number | null): { stop(): void } {
  if (confirmTimeout === null) return { stop: () => undefined };
  const timer = setInterval(
    () => void Promise.all(plays.map((play) => play.extend())),
    (confirmTimeout * 1000) / 3,
  );
  return { stop: () => clearInterval(timer) };
}
