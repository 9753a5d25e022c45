/** What one task came to on each host, as `ansible` prints it. Source: ansible-core's callbacks minimal and oneline. */
import { renderChanges } from '../report/changes.js';
import { printable } from '../report/printable.js';
import { sortedJson } from '../report/sorted-json.js';
import type { Style } from '../report/style.js';
import { shownResult } from '../report/task-result-text.js';
import type { HostEnd, NetplayEvent, Reporter, TaskResult } from '../shared/events.js';
import { isMap } from '../shared/is-map.js';

export interface AdHocOptions {
  print(text: string): void;
  warn(text: string): void;
  style: Style;
  /** A line for each host. */
  oneLine: boolean;
  diff: boolean;
  /** Print what hosts say as it is; else without what a terminal would obey. */
  raw: boolean;
  /** Keeps each host's result, too. */
  keep?: (host: string, result: Readonly<Record<string, unknown>>) => Promise<void>;
}

/** What is printed of a host. */
interface Told {
  caption: 'SUCCESS' | 'CHANGED' | 'FAILED' | 'FAILED!' | 'SKIPPED' | 'UNKNOWN' | 'UNREACHABLE!';
  result: Readonly<Record<string, unknown>>;
}

/** Actions whose output is printed as it is, and no JSON. */
const PLAIN = new Set(['command', 'shell', 'raw']);

export function createAdHoc(options: AdHocOptions): Reporter {
  const told = new Set<string>();
  /** Each comes to undefined, or to why a result could not be kept. */
  const kept: Promise<unknown>[] = [];
  const clean = options.raw ? (text: string) => text : printable;
  const tell = (host: string, action: string | undefined, one: Told): void => {
    told.add(host);
    const keeping = options.keep?.(host, shownResult(action, one.result));
    if (keeping !== undefined) kept.push(keeping.catch((error: unknown) => error));
    const words = options.oneLine ? oneLine(host, action, one) : lines(host, action, one);
    options.print(`${colorOf(one, options.style)(clean(words))}\n`);
  };
  const showDiff = (host: string, tasks: readonly TaskResult[]): void => {
    if (!options.diff || options.oneLine) return;
    const shown = tasks.map((task) => ({
      ...task,
      changes: task.changes.filter(({ action }) => action !== 'run'),
    }));
    const diff = renderChanges([{ host, tasks: shown }], options.style, { diff: true, commands: false });
    for (const line of diff) options.print(`${clean(line)}\n`);
  };
  const event = (one: NetplayEvent): void => {
    if (one.type === 'task_end') {
      showDiff(one.host, [one.task]);
      tell(one.host, one.task.action, ofTask(one.task));
    } else if (one.type === 'host_end' && !told.has(one.host)) {
      showDiff(one.host, one.tasks);
      tell(one.host, one.tasks[0]?.action, ofHost(one));
    } else if (one.type === 'host_session')
      for (const warning of one.warnings) options.warn(`warning: ${one.host}: ${printable(warning)}\n`);
    else if (one.type === 'trial')
      options.warn(`on trial: netplay confirm ${one.run} keeps it; netplay rollback ${one.run} undoes it\n`);
  };
  const close = async (): Promise<void> => {
    const failed = (await Promise.all(kept)).find((error) => error !== undefined);
    if (failed !== undefined) throw failed;
  };
  return { event, close };
}

const CAPTIONS: Readonly<Partial<Record<TaskResult['status'], Told['caption']>>> = {
  ok: 'SUCCESS',
  changed: 'CHANGED',
  skipped: 'SKIPPED',
  unknown: 'UNKNOWN',
};

function ofTask(task: TaskResult): Told {
  const result = task.result ?? resultOf(task);
  return { caption: CAPTIONS[task.status] ?? 'FAILED!', result };
}

/** Of a resource's task, whose changes stand or fall with the host's. */
function ofHost({ status, tasks, error, onTrial }: HostEnd): Told {
  const [task] = tasks;
  if (status === 'unreachable')
    return {
      caption: 'UNREACHABLE!',
      result: { changed: false, msg: error?.message ?? '', unreachable: true },
    };
  if (status !== 'ok' && status !== 'changed') {
    const cause = task?.errors[0] ?? error;
    const undone = status === 'rolled_back' ? { rolled_back: true } : {};
    const hint = cause?.hint === undefined ? {} : { hint: cause.hint };
    return {
      caption: 'FAILED!',
      result: { changed: false, msg: cause?.message ?? 'it failed', ...hint, ...undone },
    };
  }
  if (task === undefined) return { caption: 'SUCCESS', result: { changed: false } };
  const told = ofTask(task);
  return onTrial === undefined ? told : { ...told, result: { ...told.result, on_trial: onTrial } };
}

function resultOf({ status, changes, warnings, errors, reason }: TaskResult): Told['result'] {
  const [error] = errors;
  return {
    changed: status === 'changed',
    ...(changes.length > 0 && { changes }),
    ...(warnings.length > 0 && { warnings }),
    ...(reason !== undefined && { reason }),
    ...(error !== undefined && { msg: error.message }),
  };
}

function isPlain(action: string | undefined, { result }: Told): boolean {
  return PLAIN.has(action ?? '') && 'rc' in result;
}

function lines(host: string, action: string | undefined, told: Told): string {
  const { caption, result } = told;
  if (caption === 'SKIPPED' || caption === 'UNKNOWN') return `${host} | ${caption}${why(result)}`;
  if (!isPlain(action, told)) return `${host} | ${caption} => ${sortedJson(shownResult(action, result))}`;
  const said = [result.stdout, result.stderr, result.msg].map(text).filter((part) => part !== '');
  return [`${host} | ${caption.replace('!', '')} | rc=${text(result.rc)} >>`, ...said].join('\n');
}

function oneLine(host: string, action: string | undefined, told: Told): string {
  const { caption, result } = told;
  if (caption === 'SKIPPED' || caption === 'UNKNOWN') return `${host} | ${caption}${why(result)}`;
  if (caption === 'UNREACHABLE!') return `${host} | UNREACHABLE!: ${text(result.msg)}`;
  const flat = (value: unknown): string => text(value).replaceAll('\n', '\\n').replaceAll('\r', '\\r');
  if (!isPlain(action, told) || caption === 'FAILED!')
    return `${host} | ${caption} => ${sortedJson(shownResult(action, result)).replaceAll(/\n */g, '')}`;
  const stderr = text(result.stderr) === '' ? '' : ` (stderr) ${flat(result.stderr)}`;
  return `${host} | ${caption} | rc=${text(result.rc)} | (stdout) ${flat(result.stdout)}${stderr}`;
}

function why({ skipped_reason: reason, msg }: Told['result']): string {
  const words = [reason, msg].find((one) => typeof one === 'string' && one !== '');
  return words === undefined ? '' : `: ${text(words)}`;
}

function text(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string'
    ? value
    : isMap(value) || Array.isArray(value)
      ? JSON.stringify(value)
      : String(value);
}

function colorOf({ caption }: Told, style: Style): (words: string) => string {
  if (caption === 'SUCCESS') return style.green;
  if (caption === 'CHANGED') return style.yellow;
  return caption === 'SKIPPED' || caption === 'UNKNOWN' ? style.cyan : style.red;
}
