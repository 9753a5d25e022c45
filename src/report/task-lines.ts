/** A task that is no resource's, as it is over on a host: what is worth a line while the run goes on. */
import type { TaskEnd, TaskResult, TaskStatus } from '../shared/events.js';
import type { Style } from './style.js';
import { type ResultFormat, resultLines, shownResult, valueLines } from './task-result-text.js';

export interface TaskLook {
  style: Style;
  /** As many as there are `v` in `-vvv`. */
  verbosity: number;
  /** Of what is no text. */
  format: ResultFormat;
  /** Tasks that end so have no line of their own. */
  hidden: ReadonlySet<TaskStatus>;
}

export function taskEndLines({ host, task }: TaskEnd, width: number, look: TaskLook): string[] {
  const { style, verbosity, hidden } = look;
  if (hidden.has(task.status)) return [];
  const told = said(task, look);
  if (verbosity === 0 && told.length === 0 && ['ok', 'skipped', 'changed'].includes(task.status)) return [];
  const color = colorOf(task.status, style);
  const head = `  ${color(host.padEnd(width))}  ${color(task.status.padEnd(8))} ${task.name}${besides(task, look)}`;
  const failed = task.status === 'failed' || task.status === 'ignored';
  const words = failed ? task.errors.flatMap(({ message }) => message.split('\n')) : told;
  return [head, ...[...words, ...given(task, look)].map((line) => `    ${line}`)];
}

/** Why a task came to nothing, and with `-vv` where it stands. */
export function besides(
  { reason, path }: TaskResult,
  { style, verbosity }: Pick<TaskLook, 'style' | 'verbosity'>,
): string {
  const words = [
    ...(reason === undefined ? [] : [reason]),
    ...(verbosity > 1 && path !== undefined ? [path] : []),
  ];
  return words.map((word) => style.dim(`  ${word}`)).join('');
}

/** With `-v` all that a task gave, with `-vvv` for people to read. */
function given({ action, status, result }: TaskResult, { verbosity, format }: TaskLook): string[] {
  if (verbosity === 0 || result === undefined || status === 'skipped') return [];
  if (action === 'debug' && status !== 'failed') return [];
  return resultLines(shownResult(action, result), { long: verbosity > 2, format });
}

function colorOf(status: TaskStatus, style: Style): (text: string) => string {
  if (status === 'ok') return style.green;
  if (status === 'changed') return style.yellow;
  return status === 'failed' || status === 'ignored' ? style.red : style.cyan;
}

/** What `debug` is there to show. */
function said({ action, result }: TaskResult, { format }: TaskLook): string[] {
  if (action !== 'debug' || result === undefined || result.skipped === true) return [];
  const items = Array.isArray(result.results) ? (result.results as Record<string, unknown>[]) : [result];
  return items.filter(({ skipped }) => skipped !== true).flatMap((item) => shownOf(item, format));
}

/** Of one item: its message, or its variable. */
function shownOf(item: Readonly<Record<string, unknown>>, format: ResultFormat): string[] {
  if (item.msg !== undefined) return lines(item.msg, format);
  return Object.entries(item)
    .filter(([name]) => !['changed', 'failed', 'ansible_loop_var', item.ansible_loop_var].includes(name))
    .flatMap(([name, value]) =>
      lines(value, format).map((line, index) => (index === 0 ? `${name}: ${line}` : line)),
    );
}

function lines(value: unknown, format: ResultFormat): string[] {
  return typeof value === 'string' ? value.split('\n') : valueLines(value, format);
}
