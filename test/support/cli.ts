/** Runs the built program as a user does, and reads what `--json` prints. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import type { HostEnd, NetplayEvent, ReportedChange, RunEnd } from '../../src/shared/events.js';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface CliResult {
  code: number;
  stdout: string;
  stderr: string;
}

/** Where runs of tests keep their files. */
export const STATE_FOLDER = mkdtempSync(join(tmpdir(), 'netplay-state-'));

/** Runs `netplay ARGS`; never throws for an exit code. Whatever settings this machine has are not read. */
export async function netplay(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  cwd = ROOT,
): Promise<CliResult> {
  const done = await execa('node', [join(ROOT, 'bin', 'netplay.js'), ...args], {
    cwd,
    reject: false,
    stdin: 'ignore',
    env: { XDG_STATE_HOME: STATE_FOLDER, NO_COLOR: '1', NETPLAY_CONFIG: '/dev/null', ...env },
  });
  return { code: done.exitCode ?? -1, stdout: done.stdout, stderr: done.stderr };
}

export interface RunReport extends CliResult {
  events: NetplayEvent[];
  ends: HostEnd[];
  end: RunEnd | undefined;
}

/** `netplay run ARGS --json`, its events parsed. */
export function runJson(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<RunReport> {
  return eventsOf(['run', ...args], env);
}

/** The events of a command that reports as a run does. */
export async function eventsOf(words: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<RunReport> {
  const result = await netplay([...words, '--json'], env);
  const events = result.stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line): NetplayEvent => JSON.parse(line));
  return {
    ...result,
    events,
    ends: events.filter((event) => event.type === 'host_end'),
    end: events.find((event) => event.type === 'run_end'),
  };
}

/** Every change by host, in the order of the plays and tasks: to compare a check with the run after it. */
export function changesByHost(report: RunReport): Record<string, ReportedChange[]> {
  const byHost: Record<string, ReportedChange[]> = {};
  for (const end of [...report.ends].sort((a, b) => a.play - b.play)) {
    const changes = end.tasks.flatMap((task) => task.changes);
    byHost[end.host] = [...(byHost[end.host] ?? []), ...changes];
  }
  return byHost;
}

/** The words of all errors of a run, for a test's message. */
export function problemsOf(report: RunReport): string[] {
  return report.ends.flatMap((end) => [
    ...(end.error ? [`${end.host}: ${end.error.message}`] : []),
    ...end.tasks.flatMap((task) => task.errors.map((error) => `${end.host}: ${task.name}: ${error.message}`)),
  ]);
}
