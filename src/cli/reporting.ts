/** Who reads the events of a run: the screen or `--json`, the run's own file, and what settings ask for besides. */
import { appendFile, writeFile } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { tasksIn } from '../engine/plain.js';
import type { PreparedRun, RunOptions } from '../engine/prepare.js';
import { type EngineEvent, executeRun } from '../engine/run.js';
import { createEventLog, runsFolder } from '../report/event-log.js';
import { createJson } from '../report/json.js';
import { createJunit } from '../report/junit.js';
import { createPlainLog } from '../report/plain-log.js';
import { redactEvent } from '../report/redacted.js';
import { createScreen, type ScreenOptions } from '../report/screen.js';
import { createStyle, wantsColor } from '../report/style.js';
import { createWindow } from '../report/window.js';
import type { NetplayEvent, Reporter, RunStart, TaskStatus } from '../shared/events.js';
import { makeFolder } from '../shared/make-folder.js';
import type { RunFlags } from './flags.js';
import { printData, secrets } from './output.js';
import { createRetry } from './retry.js';

type Start = Omit<RunStart, 'time'>;

const warn = (message: string): void => void process.stderr.write(`warning: ${message}\n`);

/**
 * Runs what was prepared, and tells all who listen.
 * @param reader shows the run; by default the screen. --json goes before either
 * @returns the exit code
 */
export async function report(
  options: RunOptions,
  prepared: PreparedRun,
  start: Start,
  flags: RunFlags,
  reader?: Reporter,
): Promise<number> {
  const log = await createEventLog(runsFolder(process.env), start.run, warn);
  const retry = createRetry(start, flags);
  const besides = [log, retry, ...askedFor(start, options, flags)];
  const run = async (readers: readonly Reporter[]): Promise<number> => {
    const emit = (event: EngineEvent | Start): void => {
      const timed = redactEvent({ ...event, time: Date.now() / 1000 } as NetplayEvent, secrets);
      for (const listener of [...besides, ...readers]) listener.event(timed);
    };
    emit(start);
    const { exitCode } = await executeRun(options, prepared, emit);
    await Promise.all([...besides, ...readers].map((listener) => listener.close()));
    return exitCode;
  };
  const exitCode = await runShown(run, options, flags, reader);
  await retry.tell(warn, (line) => void process.stderr.write(`${line}\n`));
  return exitCode;
}

type Run = (readers: readonly Reporter[]) => Promise<number>;

function runShown(
  run: Run,
  options: RunOptions,
  flags: RunFlags,
  reader: Reporter | undefined,
): Promise<number> {
  if (flags.json) return run([createJson(printData)]);
  return reader === undefined ? onScreen(options, flags, run) : run([reader]);
}

/** Files that settings name. One that can't be written is told, and stops no run. */
function askedFor({ playbook, run }: Start, options: RunOptions, flags: RunFlags): Reporter[] {
  const { junit, logPath } = flags;
  const readers: Reporter[] = [];
  if (junit !== undefined) {
    const name = basename(playbook, extname(playbook)).replaceAll(/[^\w.-]+/g, '-');
    readers.push(createJunit({ title: playbook, save: saver(join(junit, `${name}-${run}.xml`)) }));
  }
  if (logPath !== undefined) {
    const append = (text: string): Promise<void> => appendFile(logPath, text, { mode: 0o600 });
    readers.push(
      createPlainLog({ ...lookOf(options, flags), style: createStyle(false) }, orWarned(logPath, append)),
    );
  }
  return readers;
}

function saver(file: string): (text: string) => Promise<void> {
  return orWarned(file, async (text) => {
    await makeFolder(dirname(file));
    await writeFile(file, text);
  });
}

function orWarned(file: string, write: (text: string) => Promise<void>): (text: string) => Promise<void> {
  return async (text) => {
    try {
      await write(text);
    } catch (error) {
      warn(`${file} can't be written: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
}

/** How a run looks on the screen and in a log, but for its colours and its places. */
function lookOf(options: RunOptions, flags: RunFlags): Omit<ScreenOptions, 'print' | 'style'> {
  const hidden: TaskStatus[] = [
    ...(flags.displaySkippedHosts === false ? (['skipped'] as const) : []),
    ...(flags.displayOkHosts === false ? (['ok'] as const) : []),
  ];
  return {
    diff: options.diff,
    verbosity: flags.verbose ?? 0,
    explain: flags.explain ?? false,
    timing: flags.timing ?? false,
    format: flags.callbackResultFormat === 'yaml' ? 'yaml' : 'json',
    hidden: new Set(hidden),
  };
}

async function onScreen(options: RunOptions, flags: RunFlags, run: Run): Promise<number> {
  const style = createStyle(wantsColor(process.stdout, process.env));
  const shared = { ...lookOf(options, flags), style };
  // A question and a window that is drawn anew all the time do not go together.
  if (!process.stdout.isTTY || asksOnTheWay(options)) {
    const print = (lines: readonly string[]): void =>
      void process.stdout.write(lines.map((line) => `${line}\n`).join(''));
    return run([createScreen({ ...shared, print })]);
  }
  const { LiveView, runLive } = await import('../report/live.js');
  const window = createWindow(style);
  const view = new LiveView(window, process.stdout);
  const screen = createScreen({ ...shared, print: (lines) => view.print(lines) });
  return runLive(view, () => run([{ event: window.event, close: () => Promise.resolve() }, screen]));
}

function asksOnTheWay({ decide, confirmTask, playbook }: RunOptions): boolean {
  if (decide !== undefined || confirmTask !== undefined) return true;
  const tasks = playbook.plays.flatMap(({ steps, handlers }) => [...tasksIn(steps), ...handlers]);
  return tasks.some(
    (task) => task.kind === 'action' && (task.action === 'pause' || task.debugger !== undefined),
  );
}
