/** Runs a command of the lab and gathers what it says. */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { text } from 'node:stream/consumers';

export interface CommandResult {
  /** Exit code; 128 and the signal's number where a signal ended it. */
  code: number;
  stdout: string;
  stderr: string;
}

export interface CommandOptions {
  /** Given on standard input, which is closed after it. */
  input?: string;
  env?: NodeJS.ProcessEnv;
  signal?: AbortSignal;
}

/** @throws the system's error where the command itself can't be started */
export async function runCommand(
  argv: readonly string[],
  { input = '', env = process.env, signal }: CommandOptions = {},
): Promise<CommandResult> {
  const [command = '', ...args] = argv;
  const child = spawn(command, args, {
    env,
    cwd: '/',
    stdio: ['pipe', 'pipe', 'pipe'],
    ...(signal ? { signal } : {}),
  });
  // A command that ends without reading its input is no error of ours.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const ended = new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, killedBy) => resolve(exitCode(code, killedBy)));
  });
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { code, stdout, stderr };
}

/** A shell's way to say it in one number. */
export function exitCode(code: number | null, killedBy: NodeJS.Signals | null): number {
  return code ?? 128 + (killedBy === null ? 0 : (constants.signals[killedBy] ?? 0));
}
