/** A task that is no resource's, as it is over on a host: what is worth a line while the run goes on. */
import type { TaskEnd, TaskStatus } from '../shared/events.js';
import type { Style } from './style.js';

export function taskEndLines(
  { host, task }: TaskEnd,
  width: number,
  { style, verbose }: { style: Style; verbose: boolean },
): string[] {
  const told = said(task.action, task.result);
  if (!verbose && told.length === 0 && ['ok', 'skipped', 'changed'].includes(task.status)) return [];
  const color = colorOf(task.status, style);
  const reason = task.reason === undefined ? '' : style.dim(`  ${task.reason}`);
  const head = `  ${color(host.padEnd(width))}  ${color(task.status.padEnd(8))} ${task.name}${reason}`;
  const failed = task.status === 'failed' || task.status === 'ignored';
  const words = failed ? task.errors.flatMap(({ message }) => message.split('\n')) : told;
  return [head, ...words.map((line) => `    ${line}`)];
}

function colorOf(status: TaskStatus, style: Style): (text: string) => string {
  if (status === 'ok') return style.green;
  if (status === 'changed') return style.yellow;
  return status === 'failed' || status === 'ignored' ? style.red : style.cyan;
}

/** What `debug` is there to show. */
function said(action: string | undefined, result: Readonly<Record<string, unknown>> | undefined): string[] {
  if (action !== 'debug' || result === undefined || result.skipped === true) return [];
  const items = Array.isArray(result.results) ? (result.results as Record<string, unknown>[]) : [result];
  return items.filter(({ skipped }) => skipped !== true).flatMap(shownOf);
}

/** Of one item: its message, or its variable. */
function shownOf(item: Readonly<Record<string, unknown>>): string[] {
  if (item.msg !== undefined) return lines(item.msg);
  return Object.entries(item)
    .filter(([name]) => !['changed', 'failed', 'ansible_loop_var', item.ansible_loop_var].includes(name))
    .flatMap(([name, value]) => lines(value).map((line, index) => (index === 0 ? `${name}: ${line}` : line)));
}

function lines(value: unknown): string[] {
  const text = typeof value === 'string' ? value : (JSON.stringify(value, undefined, 2) ?? 'undefined');
  return text.split('\n');
}
