/** Programs with a terminal of their own, on which a test types. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { onTestFailed } from 'vitest';
import { ROOT, STATE_FOLDER } from './cli.js';

/** Which of a program's streams are its terminal; the others are pipes of the test. */
export type TerminalStreams = '0,1,2' | '0,2' | '0';

/** The argv of a program on a terminal. Started `detached`, it is the leader of the terminal's session. */
export function onTerminal(argv: readonly string[], streams: TerminalStreams): string[] {
  return ['python3', join(ROOT, 'test', 'support', 'terminal.py'), streams, ...argv];
}

export interface TerminalProgram {
  readonly pid: number;
  type(keys: string): void;
  /** Closes the terminal, as one closes its window. */
  hangUp(): void;
  signal(signal: NodeJS.Signals): void;
  /** SIGKILL; nothing where it has ended. */
  kill(): void;
  /** All that was shown so far, without what moves the cursor. */
  screen(): string;
  /** Resolves when the screen shows it. @throws Error with the screen where the program ends first */
  shows(words: RegExp): Promise<void>;
  /** The exit code, once all that it has shown is on the screen; null where a signal ended it. */
  readonly ended: Promise<number | null>;
}

/** `netplay ARGS` on a terminal, within a test: one that fails, or waits in vain, shows the screen. */
export function netplayOnTerminal(
  args: readonly string[],
  streams: TerminalStreams = '0,1,2',
): TerminalProgram {
  const [command = '', ...rest] = onTerminal(
    [process.execPath, join(ROOT, 'bin', 'netplay.js'), ...args],
    streams,
  );
  const child = spawn(command, rest, {
    cwd: ROOT,
    detached: true,
    stdio: 'pipe',
    env: { ...process.env, XDG_STATE_HOME: STATE_FOLDER, NO_COLOR: '1', TERM: 'xterm' },
  });
  const program = terminalProgram(child);
  onTestFailed(() => {
    process.stderr.write(`netplay ${args.join(' ')} showed:\n${program.screen()}\n`);
    program.kill();
  });
  return program;
}

function terminalProgram(child: ChildProcessWithoutNullStreams): TerminalProgram {
  const { pid } = child;
  if (pid === undefined) throw new Error('python3 can not be started');
  let bytes = '';
  const screen = (): string => stripVTControlCharacters(bytes);
  let over = false;
  const watchers = new Set<() => void>();
  const look = (): void => {
    for (const watcher of watchers) watcher();
  };
  const show = (chunk: Buffer): void => {
    bytes += chunk.toString();
    look();
  };
  child.stdout.on('data', show);
  child.stderr.on('data', show);
  child.stdin.on('error', () => undefined);
  const ended = new Promise<number | null>((resolve) => {
    child.once('close', (code) => {
      over = true;
      look();
      resolve(code);
    });
  });
  return {
    pid,
    type: (keys) => void child.stdin.write(keys),
    hangUp: () => void child.stdin.end(),
    signal: (signal) => void process.kill(pid, signal),
    kill: () => void child.kill('SIGKILL'),
    screen,
    shows: (words) =>
      new Promise((resolve, reject) => {
        const watcher = (): void => {
          if (!words.test(screen()) && !over) return;
          watchers.delete(watcher);
          if (words.test(screen())) resolve();
          else reject(new Error(`it ended and did not show ${words}:\n${screen()}`));
        };
        watchers.add(watcher);
        watcher();
      }),
    ended,
  };
}
