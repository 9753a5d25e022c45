/** Counts for the recap, and the exit code that they come to. */
import type { Recap } from '../shared/events.js';
import type { HostOutcome } from './host-run.js';

export function emptyRecap(): Recap {
  return { ok: 0, changed: 0, unreachable: 0, failed: 0, skipped: 0, rescued: 0, ignored: 0 };
}

/** Adds a host's play to its recap. As in Ansible `ok` counts what changed and what was ignored too. */
export function addToRecap(recap: Recap | undefined, outcome: HostOutcome): void {
  if (recap === undefined) return;
  if (outcome.status === 'unreachable') recap.unreachable += 1;
  recap.rescued += outcome.rescued ?? 0;
  if (outcome.status === 'rolled_back') recap.rolled_back = (recap.rolled_back ?? 0) + 1;
  for (const task of outcome.tasks) {
    if (task.status === 'ok' || task.status === 'changed' || task.status === 'ignored') recap.ok += 1;
    if (task.status === 'changed') recap.changed += 1;
    if (task.status === 'ignored') recap.ignored += 1;
    if (task.status === 'failed' && task.rescued !== true) recap.failed += 1;
    if (task.status === 'skipped') recap.skipped += 1;
    if (task.status === 'unknown') recap.unknown = (recap.unknown ?? 0) + 1;
  }
  if (outcome.status === 'failed' && outcome.error !== undefined) recap.failed += 1;
}

/** 0 fine; 2 a host failed or was rolled back; 3 changes pending, only where asked for; 4 unreachable and none failed; 130 interrupted. */
export function exitCodeOf(
  recaps: readonly Recap[],
  options: { check: boolean; exitCode: boolean; signal: AbortSignal },
): number {
  if (options.signal.aborted) return 130;
  if (recaps.some((recap) => recap.failed + (recap.rolled_back ?? 0) > 0)) return 2;
  if (recaps.some((recap) => recap.unreachable > 0)) return 4;
  const pending = recaps.some((recap) => recap.changed > 0);
  return options.check && options.exitCode && pending ? 3 : 0;
}
