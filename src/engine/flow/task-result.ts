/** What an action came to, as it is reported. */
import type { ActionResult, FileDiff } from '../../actions/action.js';
import type { Task } from '../../playbook/model.js';
import type { ReportedChange, ReportedError, TaskResult, TaskStatus } from '../../shared/events.js';
import { isMap } from '../../shared/is-map.js';
import { formatPlace, type Place } from '../../shared/place.js';
import { censoredChange } from '../report-change.js';

const CENSORED =
  "the output has been hidden due to the fact that 'no_log: true' was specified for this result";

export interface Told {
  task: Task;
  /** The task's name without templates. */
  name: string;
  /** What it does: `command`. */
  kind: string;
  ignored: boolean;
  noLog: boolean;
}

export function reportedResult(index: number, result: ActionResult, told: Told): TaskResult {
  const status = statusOf(result, told.ignored);
  const shown = told.noLog ? { censored: CENSORED, changed: result.changed } : result;
  return {
    index,
    name: told.name,
    path: formatPlace(told.task.place),
    status,
    changes: status === 'changed' && !told.noLog ? changesOf(result, told) : [],
    ...reasonOf(result),
    warnings: told.noLog ? [] : warningsOf(result),
    errors: result.failed ? [errorOf(result, told)] : [],
    action: told.kind,
    result: shown,
  };
}

function statusOf(result: ActionResult, ignored: boolean): TaskStatus {
  if (result.failed) return ignored ? 'ignored' : 'failed';
  if (result.unknown) return 'unknown';
  if (result.skipped) return 'skipped';
  return result.changed ? 'changed' : 'ok';
}

function reasonOf({ false_condition: condition, skipped_reason: reason }: ActionResult): { reason?: string } {
  if (typeof condition === 'string') return { reason: `when: ${condition}` };
  return typeof reason === 'string' ? { reason } : {};
}

function itemsOf({ results }: ActionResult): ActionResult[] {
  return Array.isArray(results) ? (results as ActionResult[]) : [];
}

function changesOf(result: ActionResult, { kind, name }: Told): ReportedChange[] {
  const items = itemsOf(result);
  if (items.length > 0)
    return items
      .filter(({ changed }) => changed)
      .flatMap((item) => changesOf({ ...item, results: [] }, { kind, name } as Told));
  const diffs = (result.diff ?? []).map((diff) => fileChange(diff, kind));
  return diffs.length > 0
    ? diffs
    : [
        {
          resource: kind,
          ...doneTo(result, kind, name),
          action: 'run',
          before: null,
          commands: [],
        },
      ];
}

/** What it was done to, where the result names that; else the task itself, which ran. */
function doneTo(result: ActionResult, kind: string, name: string): Pick<ReportedChange, 'address' | 'after'> {
  const thing =
    result.dest ?? result.path ?? (kind === 'service' || kind === 'systemd' ? result.name : undefined);
  if (typeof thing === 'string') return { address: `${kind} ${thing}`, after: 'changed' };
  return { address: name === kind ? `${kind}${calledWith(result)}` : `${kind} ${name}`, after: null };
}

/** What a task without a name ran. */
function calledWith({ cmd }: ActionResult): string {
  if (typeof cmd !== 'string' && !Array.isArray(cmd)) return '';
  return ` ${short(Array.isArray(cmd) ? cmd.join(' ') : cmd)}`;
}

function fileChange({ path, ...diff }: FileDiff, kind: string): ReportedChange {
  const [before, after] = [shownText(diff.before), shownText(diff.after)];
  const action = before === '' ? 'create' : after === '' ? 'delete' : 'update';
  return { resource: kind, address: `${kind} ${path}`, action, before, after, commands: [] };
}

function shownText(content: FileDiff['before']): string {
  return typeof content === 'string'
    ? content
    : `(${content.hidden === 'binary' ? 'no text' : 'too long to show'})`;
}

function warningsOf({ warnings }: ActionResult): string[] {
  return Array.isArray(warnings) ? warnings.map(String) : [];
}

function errorOf(result: ActionResult, { task, name, noLog }: Told): ReportedError {
  return {
    code: 'task',
    message: noLog ? CENSORED : failureText(result),
    place: noLog ? withoutSource(task.place) : task.place,
    task: name,
  };
}

function withoutSource({ source: _, ...place }: Place): Place {
  return place;
}

/** So many lines of what a command said are shown where it failed: the last ones. */
const MOST_LINES = 10;

/** The words that tell a failure best: of a command not that it failed, but what it said. */
function failureText(result: ActionResult): string {
  const failed = itemsOf(result).find((item) => item.failed);
  if (failed !== undefined) {
    const variable = failed.ansible_loop_var;
    const item = typeof variable === 'string' ? ` (item: ${short(failed[variable])})` : '';
    return `${failureText(failed)}${item}`;
  }
  const { msg, stderr, stdout, rc } = result;
  const inOrder = typeof rc === 'number' && rc !== 0 ? [stderr, stdout, msg] : [msg, stderr, stdout];
  const words = inOrder.find((text) => typeof text === 'string' && text.trim() !== '');
  const text = typeof words === 'string' ? lastLines(words) : msg === undefined ? 'it failed' : short(msg);
  if (typeof rc !== 'number') return text;
  return text.includes('\n') ? `exit code ${rc}\n${text}` : `${text} (exit code ${rc})`;
}

function lastLines(text: string): string {
  const lines = text.trim().split('\n');
  const left = lines.length - MOST_LINES;
  return left <= 0 ? lines.join('\n') : [`… ${left} lines before`, ...lines.slice(-MOST_LINES)].join('\n');
}

function short(value: unknown): string {
  const text =
    typeof value === 'string'
      ? value
      : isMap(value) || Array.isArray(value)
        ? JSON.stringify(value)
        : String(value);
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

/** A resource's result of which `no_log` lets nothing be told but what it came to. */
export function censored(result: TaskResult): TaskResult {
  const { parts: _, reason: __, undone, ...told } = result;
  return {
    ...told,
    changes: result.changes.map(censoredChange),
    ...(undone !== undefined && { undone: undone.map(censoredChange) }),
    warnings: [],
    errors: result.errors.map(({ code, place, task }) => ({
      code,
      message: CENSORED,
      ...(place !== undefined && { place: withoutSource(place) }),
      ...(task !== undefined && { task }),
    })),
  };
}

/** An action's result as `register` keeps it: a diff has Ansible's names. */
export function asRegistered({ diff, ...result }: ActionResult): ActionResult {
  const items = itemsOf(result);
  const own: ActionResult = items.length === 0 ? result : { ...result, results: items.map(asRegistered) };
  if (diff === undefined) return own;
  const shown = diff.map(({ path, before, after, beforeHeader = path, afterHeader = path }) => ({
    before: shownText(before),
    after: shownText(after),
    before_header: beforeHeader,
    after_header: afterHeader,
  }));
  return { ...own, diff: (shown.length === 1 ? shown[0] : shown) as never };
}

/** A resource's result as `register` keeps it. */
export function registered(result: TaskResult): ActionResult {
  const failed = result.status === 'failed' || result.status === 'ignored';
  const [error] = result.errors;
  return {
    changed: result.status === 'changed',
    ...(failed && { failed: true, msg: error?.message ?? 'it failed' }),
    ...(result.status === 'skipped' && {
      skipped: true,
      skip_reason: 'Conditional result was False',
      ...(result.reason !== undefined && { false_condition: result.reason.replace(/^when: /, '') }),
    }),
    changes: result.changes,
    ...(result.warnings.length > 0 && { warnings: result.warnings }),
  };
}
