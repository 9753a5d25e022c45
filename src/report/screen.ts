/** A run on the screen: a line a host as it ends, then the summary. */
import type { HostEnd, HostSession, NetplayEvent, ProbeAnswered, Reporter, Trial } from '../shared/events.js';
import { renderChanges } from './changes.js';
import { printableAll } from './printable.js';
import type { Style } from './style.js';
import { renderSummary } from './summary.js';
import { besides, type TaskLook, taskEndLines } from './task-lines.js';
import { createTiming } from './timing.js';

export interface ScreenOptions extends TaskLook {
  diff: boolean;
  explain: boolean;
  /** Whether to tell at the end where the time went. */
  timing: boolean;
  /** Prints whole lines; the live window, where there is one, stays below them. */
  print(lines: readonly string[]): void;
}

export function createScreen(options: ScreenOptions): Reporter {
  const { style, print } = options;
  const ends: HostEnd[] = [];
  const timing = createTiming();
  let check = false;
  let width = 0;
  const onEvent = (given: NetplayEvent): void => {
    const event = printableAll(given);
    if (options.timing) timing.event(event);
    switch (event.type) {
      case 'run_start':
        check = event.check;
        if (check) print([style.cyan('CHECK MODE: nothing will be changed'), '']);
        return;
      case 'play_start':
        width = widthOf(event.hosts);
        print([
          style.bold(`PLAY [${event.name}]`) +
            ` ${count(event.hosts.length, 'host')}, ${count(event.tasks, 'task')}`,
        ]);
        return;
      case 'host_phase':
        if (options.verbosity > 3) print([style.dim(`  ${event.host.padEnd(width)}  ${event.phase}`)]);
        return;
      case 'host_session':
        print(sessionLines(event, width, check, style));
        return;
      case 'probe':
        if (options.verbosity > 0) print([probeLine(event, width, style)]);
        return;
      case 'task_end':
        print(taskEndLines(event, width, options));
        return;
      case 'task_retry':
        print([
          `  ${event.host.padEnd(width)}  ${style.cyan('RETRYING')} ${event.name} (${count(event.left, 'retry').replace('retrys', 'retries')} left)`,
        ]);
        return;
      case 'host_end':
        ends.push(event);
        print(hostLines(event, width, check, options));
        return;
      case 'trial':
        print(['', ...trialLines(event, options)]);
        return;
      case 'play_end':
        print(['']);
        return;
      case 'run_end':
        print(
          renderSummary(ends, event.recap, event.ms, style, {
            ...options,
            check,
            verbose: options.verbosity > 0,
          }),
        );
        if (options.timing) print(timing.lines(style));
        return;
      default:
        return;
    }
  };
  return { event: onEvent, close: () => Promise.resolve() };
}

/** What is on trial, before somebody is asked to say yes or no to it. */
function trialLines({ run, hosts }: Trial, { style, diff, verbosity }: ScreenOptions): string[] {
  const changes = renderChanges(hosts, style, { diff, commands: verbosity > 0 });
  return [
    style.bold('ON TRIAL (undone unless somebody says yes)'),
    ...changes,
    '',
    `netplay confirm ${run}    keeps them; netplay rollback ${run} undoes them; netplay extend ${run} 2m leaves more time`,
  ];
}

function count(number: number, word: string): string {
  return `${number} ${word}${number === 1 ? '' : 's'}`;
}

function widthOf(hosts: readonly string[]): number {
  return hosts.reduce((width, host) => Math.min(40, Math.max(width, host.length)), 0);
}

function hostLines(end: HostEnd, width: number, check: boolean, options: ScreenOptions): string[] {
  const { style, verbosity, hidden } = options;
  const name = end.host.padEnd(width);
  const shown = verbosity > 0 ? end.tasks.filter(({ status }) => !hidden.has(status)) : [];
  const tasks = shown.map((task) => taskLine(task, options));
  // A host with nothing to tell is as one of its tasks.
  if (end.status === 'ok' && hidden.has('ok') && tasks.length === 0) return [];
  const head = `  ${colorOf(end, style)(name)}  ${outcome(end, check)}`;
  return [`${head} ${style.dim(`(${timesOf(end, verbosity)})`)}`, ...tasks];
}

/** With `-vvv` phase by phase. */
function timesOf({ ms, roundTrips }: HostEnd, verbosity: number): string {
  const total = `${Object.values(ms).reduce((sum, one) => sum + one, 0)} ms`;
  if (verbosity < 3) return total;
  const phases = Object.entries(ms).map(([phase, time]) => `${phase} ${time}`);
  return [total, ...phases, count(roundTrips, 'round trip')].join(', ');
}

/** Before anything is applied, so that it is on the screen even where the session does not live to tell more. */
function sessionLines(event: HostSession, width: number, check: boolean, style: Style): string[] {
  const head = check ? 'would touch its own session:' : 'touches its own session:';
  return [
    `  ${style.yellow(event.host.padEnd(width))}  ${head}`,
    ...event.warnings.map((warning) => `    ${style.yellow(warning)}`),
  ];
}

function probeLine({ host, probe, passed, seen }: ProbeAnswered, width: number, style: Style): string {
  const color = passed ? style.green : style.red;
  return `  ${color(host.padEnd(width))}  ${passed ? 'saw' : 'did not see'} ${probe}: ${firstLine(seen)}`;
}

function colorOf(end: HostEnd, style: Style): (text: string) => string {
  if (end.status === 'ok') return style.green;
  if (end.status === 'unreachable') return style.brightRed;
  return end.status === 'changed' ? style.yellow : style.red;
}

function outcome(end: HostEnd, check: boolean): string {
  const changes = end.tasks.reduce((sum, task) => sum + task.changes.length, 0);
  switch (end.status) {
    case 'ok':
      return 'ok, nothing to change';
    case 'changed':
      if (check) return `would change: ${count(changes, 'change')}`;
      return `changed: ${count(changes, 'change')}${onTrial(end)}`;
    case 'unreachable':
      return `UNREACHABLE: ${firstLine(end.error?.message)}`;
    case 'not_run':
      return `not run: ${firstLine(end.error?.message)}`;
    case 'rolled_back':
      return `ROLLED BACK: ${firstLine(firstTaskError(end) ?? end.error?.message)}`;
    case 'failed':
      return `FAILED: ${firstLine(end.error?.message ?? firstTaskError(end))}`;
  }
}

function onTrial({ onTrial: seconds }: HostEnd): string {
  return seconds === undefined ? '' : `, ON TRIAL for ${seconds} s`;
}

function firstTaskError(end: HostEnd): string | undefined {
  return end.tasks.find(({ status, rescued }) => status === 'failed' && !rescued)?.errors[0]?.message;
}

function firstLine(text: string | undefined): string {
  return (text ?? '').split('\n')[0] ?? '';
}

function taskLine(task: HostEnd['tasks'][number], { style, verbosity }: ScreenOptions): string {
  const colors: Record<typeof task.status, (text: string) => string> = {
    ok: style.green,
    changed: style.yellow,
    skipped: style.cyan,
    failed: style.red,
    ignored: style.red,
    'not-run': style.dim,
    undone: style.red,
    unknown: style.cyan,
  };
  return `    ${colors[task.status](task.status.padEnd(8))} ${task.name}${besides(task, { style, verbosity })}`;
}
