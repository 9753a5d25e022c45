/** What was done to a host, as its journal has it. */
import type { ReportedChange } from '../shared/events.js';
import { renderChanges } from './changes.js';
import type { Style } from './style.js';

/** One transaction of a host. Times are seconds since 1970. */
export interface ReportedTransaction {
  host: string;
  id: string;
  run: string;
  play: string;
  by: string;
  from: string;
  /** By the controller's clock. */
  begun: number;
  /** By the host's clock; null where it is not known to have ended. */
  ended: number | null;
  outcome: 'confirmed' | 'rolled_back' | 'on_trial' | 'unknown';
  /** Why it was undone; empty where there is nothing to say. */
  reason: string;
  /** Seconds until it is undone, where it is on trial. */
  left?: number;
  /** The id of the transaction that it takes back. */
  takesBack?: string;
  /** The id of the one that took it back. */
  takenBackBy?: string;
  changes: readonly ReportedChange[];
}

/** Two lines a transaction, and with `verbose` its changes with their commands. */
export function renderTransaction(past: ReportedTransaction, style: Style, verbose: boolean): string[] {
  const { id, by, from, play, begun, ended, changes } = past;
  const count = `${changes.length} ${changes.length === 1 ? 'change' : 'changes'}`;
  const end = ended === null ? '' : `, ended ${time(ended)} by the host's clock`;
  // The host's name stands above all of them.
  const [, ...lines] = verbose ? renderChanges([endOf(past)], style, { diff: false, commands: true }) : [];
  return [
    `  ${style.bold(id)}  ${outcomeOf(past, style)}  ${count}`,
    `    ${by} from ${from}: ${play}`,
    style.dim(`    begun ${time(begun)}${end}`),
    ...lines.map((line) => `  ${line}`),
  ];
}

function endOf({ host, changes }: ReportedTransaction): Parameters<typeof renderChanges>[0][number] {
  return { host, tasks: [{ index: 0, name: '', status: 'changed', changes, warnings: [], errors: [] }] };
}

function outcomeOf(past: ReportedTransaction, style: Style): string {
  const { outcome, reason, left, takesBack, takenBackBy } = past;
  const more = [
    ...(takesBack === undefined ? [] : [`takes back ${takesBack}`]),
    ...(takenBackBy === undefined ? [] : [`taken back by ${takenBackBy}`]),
  ].map((words) => `, ${words}`);
  const words = {
    confirmed: style.green('confirmed'),
    rolled_back: style.red(`rolled back${reason === '' ? '' : `: ${reason}`}`),
    on_trial: style.yellow(`on trial, ${left} s left`),
    unknown: style.red('its end is not known: the host was rebooted, or it is still under way'),
  };
  return words[outcome] + more.join('');
}

/** `2026-05-04 12:00:00 UTC`. */
function time(seconds: number): string {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? '?' : `${date.toISOString().replace('T', ' ').slice(0, 19)} UTC`;
}
