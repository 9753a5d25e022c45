/** netplay as a process of its own in the lab's controller: watched by its events, killed at any instant. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import type { TrialAnswer } from '../../../src/engine/trials.js';
import type { Lab } from '../../../src/lab/index.js';
import type { HostEnd, HostPhase, NetplayEvent } from '../../../src/shared/events.js';
import { ROOT, STATE_FOLDER } from '../../support/cli.js';
import { onTerminal } from '../../support/terminal.js';

/** Where a host's part of a run can be. */
export type Phase = HostPhase['phase'];

export interface Ended {
  /** null where a signal ended it. */
  code: number | null;
  events: readonly NetplayEvent[];
  stderr: string;
  /** Milliseconds from the first event to the end. */
  ms: number;
}

export interface Controller {
  readonly pid: number;
  /**
   * Resolves when a host enters a phase (any host where none is named), or when the process has ended.
   * @param time for the how many-th time; a host of many confirms once to hold, and once to be released
   */
  phase(phase: Phase, host?: string, time?: number): Promise<void>;
  /** Resolves when it asks whether its changes shall stay, or has ended. */
  readonly asks: Promise<void>;
  /** Types on its terminal. */
  type(keys: string): void;
  /** Resolves with the name of its run, once it has begun. */
  readonly name: Promise<string>;
  /** Resolves with the first event: from here on hosts are touched. */
  readonly begun: Promise<void>;
  readonly ended: Promise<Ended>;
  /** SIGKILL to it and all that it has started. Nothing where it has ended. */
  kill(): void;
  /** Another signal, to it alone. */
  signal(signal: NodeJS.Signals): void;
}

/** How a controller is started. */
export interface Surroundings {
  /** Whether it has a terminal to ask on; what it reports goes elsewhere. */
  terminal?: boolean;
  env?: NodeJS.ProcessEnv;
}

/**
 * Starts `netplay ARGS` in the network of the lab's controller: its connections are the lab's own.
 * @param args from the subcommand on, `--json` among them
 */
export function startController(
  lab: Lab,
  args: readonly string[],
  { terminal = false, env = {} }: Surroundings = {},
): Controller {
  const enter = `--net=/proc/${lab.hostPid('controller')}/ns/net`;
  const netplay = [process.execPath, join(ROOT, 'bin', 'netplay.js')];
  // `nsenter` for a network alone does not fork: its process becomes netplay's.
  const argv = ['nsenter', enter, ...netplay, ...args];
  const [command = '', ...rest] = terminal ? onTerminal(argv, '0,2') : argv;
  const child = spawn(command, rest, {
    cwd: ROOT,
    detached: true,
    stdio: 'pipe',
    env: { ...process.env, XDG_STATE_HOME: STATE_FOLDER, NO_COLOR: '1', ...env },
  });
  child.stdin.on('error', () => undefined);
  if (!terminal) child.stdin.end();
  const { pid } = child;
  if (pid === undefined) throw new Error('nsenter can not be started');
  const events: NetplayEvent[] = [];
  const waiting = new Set<() => void>();
  let over = false;
  let start: number | undefined;
  createInterface({ input: child.stdout }).on('line', (line) => {
    // The last line of a process that was killed may be half of one.
    if (!line.endsWith('}')) return;
    start ??= performance.now();
    events.push(JSON.parse(line));
    for (const check of waiting) check();
  });
  const until = (happened: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      const check = (): void => {
        if (!happened() && !over) return;
        waiting.delete(check);
        resolve();
      };
      waiting.add(check);
      check();
    });
  const ended = Promise.all([
    text(child.stderr),
    new Promise<number | null>((resolve) => child.once('close', resolve)),
  ]).then(([stderr, code]): Ended => {
    over = true;
    for (const check of waiting) check();
    return { code, events, stderr, ms: start === undefined ? 0 : performance.now() - start };
  });
  const send = (id: number, signal: NodeJS.Signals): void => {
    try {
      if (!over) process.kill(id, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  };
  const nameOf = (): string | undefined => events.find((event) => event.type === 'run_start')?.run;
  return {
    pid,
    asks: until(() => events.some(({ type }) => type === 'trial')),
    type: (keys) => void child.stdin.write(keys),
    name: until(() => nameOf() !== undefined).then(() => nameOf() ?? ''),
    phase: (phase, host, time = 1) =>
      until(() => {
        const seen = events.filter(
          (event) =>
            event.type === 'host_phase' &&
            event.phase === phase &&
            (host === undefined || event.host === host),
        );
        return seen.length >= time;
      }),
    begun: until(() => events.length > 0),
    ended,
    kill: () => send(-pid, 'SIGKILL'),
    signal: (signal) => send(pid, signal),
  };
}

/** `netplay run PLAYBOOK` on some hosts, with the options that every case has. */
export function startRun(
  lab: Lab,
  playbook: string,
  limit: string,
  more: readonly string[] = [],
  surroundings: Surroundings = {},
): Controller {
  const args = ['run', playbook, '-i', lab.inside, '-l', limit, '--json', ...more];
  return startController(lab, args, surroundings);
}

/** What `confirm`, `extend` and `rollback` say of each host; nothing where they were killed first. */
export function answersOf({ events }: Ended): TrialAnswer[] {
  // They print answers where a run prints events.
  return events as unknown as TrialAnswer[];
}

/** How a host's part of a run ended, or undefined where the run never said. */
export function endOf({ events }: Ended, host: string): HostEnd | undefined {
  return events.findLast((event): event is HostEnd => event.type === 'host_end' && event.host === host);
}

/** What a run said about a host that is not as it should be, for a test's message. */
export function wordsOf(ended: Ended, host: string): string {
  const end = endOf(ended, host);
  const errors = [end?.error, ...(end?.tasks.flatMap((task) => task.errors) ?? [])].filter(Boolean);
  const said = errors.map((error) => error?.message).join('; ');
  return `code ${ended.code}, ${end?.status ?? 'no end'}${said === '' ? '' : `: ${said}`} ${ended.stderr.trim()}`.trim();
}
