/** The `local` connection: tasks run on the machine that netplay runs on. */
import { spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { awaitBecome, becomeCommand, becomeMarkers } from './become.js';
import type { Target } from './session.js';
import type { ShellPipe } from './shell-pipe.js';

/** Milliseconds that a shell gets to end by itself. */
const GRACE_MS = 1000;

/**
 * Starts a shell on this machine, in a process group of its own, so that an interrupt typed at the
 * terminal does not cut a script in half.
 * @throws NetplayError `become`, `interrupted`
 */
export async function openLocal(target: Target, signal: AbortSignal): Promise<ShellPipe> {
  const markers = becomeMarkers();
  const argv = target.become === undefined ? ['/bin/sh'] : becomeCommand(target.become, markers);
  const pipe = spawnShell(argv);
  if (target.become !== undefined)
    try {
      const wait = { host: target.name, timeoutMs: target.connectTimeoutMs, signal };
      await awaitBecome(pipe, target.become, markers, wait);
    } catch (error) {
      await pipe.close();
      throw error;
    }
  return pipe;
}

function spawnShell(argv: readonly string[]): ShellPipe {
  const [program = '/bin/sh', ...args] = argv;
  // The session that a user has with this machine is not one that netplay has with a host.
  const { SSH_CONNECTION: _, ...env } = process.env;
  const child = spawn(program, args, { stdio: 'pipe', detached: true, env });
  child.stdin.on('error', () => undefined);
  const exited = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(`it could not be started (${error.message})`));
    child.once('exit', (code, signal) =>
      resolve(signal === null ? `it exited with ${code}` : `${signal} ended it`),
    );
  });
  // A process that the script left behind may hold the pipes open: `close` is waited for, but not for long.
  const drained = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const closed = exited.then(async (reason) => {
    await Promise.race([drained, delay(100, undefined, { ref: false })]);
    return `its shell is gone, ${reason}`;
  });
  const close = async (): Promise<void> => {
    child.stdin.end();
    if ((await Promise.race([exited, delay(GRACE_MS, undefined, { ref: false })])) === undefined)
      kill(child.pid);
    await closed;
    child.stdout.destroy();
    child.stderr.destroy();
  };
  return { stdin: child.stdin, stdout: child.stdout, stderr: child.stderr, closed, close };
}

function kill(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has just ended, or it belongs to another user: its standard input is closed, so it will end.
  }
}
