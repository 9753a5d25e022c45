/** Runs a user's program for what it prints, in bounded time and memory, whatever it does. */
import { type ChildProcess, spawn } from 'node:child_process';
import { NetplayError } from '../shared/errors.js';

/** In bytes. */
const MOST_OUTPUT = 64 * 2 ** 20;
const MOST_COMPLAINT = 2 ** 16;

export interface ScriptCall {
  /** Absolute. */
  file: string;
  args: readonly string[];
  /** As it is named in errors. */
  call: string;
  cwd: string;
  /** Ends it, with all that it has started. */
  deadline: AbortSignal;
  /** What the deadline stands for, in milliseconds. */
  timeoutMs: number;
}

/**
 * @returns what the program printed
 * @throws NetplayError `inventory` where it can't be started, fails, prints too much or what is no text, or takes too long
 */
export function runScript({ file, args, call, cwd, deadline, timeoutMs }: ScriptCall): Promise<string> {
  return new Promise((resolve, reject) => {
    // A group of its own: what it starts, and what holds its output open, ends with it.
    const child = spawn(file, args, { cwd, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    const fail = (message: string, hint?: string): void => {
      kill(child.pid);
      child.stdout.destroy();
      child.stderr.destroy();
      const details = hint === undefined ? {} : { hint };
      reject(new NetplayError('inventory', `The inventory script ${call} ${message}`, details));
    };
    const late = (): void =>
      fail(`has not ended within ${timeoutMs / 1000} s`, 'Have it print less, or keep what it finds.');
    deadline.addEventListener('abort', late);
    if (deadline.aborted) late();
    endWithUs(child);
    const printed = new Gathered();
    const complaint = new Gathered();
    child.stdout.on('data', (chunk: Buffer) => {
      if (printed.add(chunk) > MOST_OUTPUT) fail(`printed more than ${MOST_OUTPUT / 2 ** 20} MiB`);
    });
    child.stderr.on('data', (chunk: Buffer) => {
      if (complaint.size < MOST_COMPLAINT) complaint.add(chunk);
    });
    child.on('error', (error) => fail(`can't be started: ${error.message}`));
    child.on('close', (code, signal) => {
      deadline.removeEventListener('abort', late);
      const text = printed.text();
      if (code !== 0) fail(`ended with ${code ?? signal}${said(complaint)}`);
      else if (text === undefined) fail('printed what is no text in UTF-8');
      else resolve(text);
    });
  });
}

const running = new Set<ChildProcess>();

/** In a group of its own a program hears no Ctrl-C: it is ended where we are. */
function endWithUs(child: ChildProcess): void {
  if (running.size === 0) process.on('SIGINT', onSignal).on('SIGTERM', onSignal).on('exit', killAll);
  running.add(child);
  child.once('close', () => {
    running.delete(child);
    if (running.size === 0) stopListening();
  });
}

function stopListening(): void {
  process.off('SIGINT', onSignal).off('SIGTERM', onSignal).off('exit', killAll);
}

function killAll(): void {
  for (const { pid } of running) kill(pid);
}

function onSignal(signal: NodeJS.Signals): void {
  killAll();
  stopListening();
  // With nobody else to hear it, the signal does what it does by itself.
  if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
}

/** The end of what it complained of: the line that names the error comes last. */
function said(complaint: Gathered): string {
  const line = complaint.text()?.trim().split('\n').at(-1)?.slice(0, 300);
  return line === undefined || line === '' ? '' : `: ${line}`;
}

function kill(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

class Gathered {
  readonly #chunks: Buffer[] = [];
  size = 0;

  add(chunk: Buffer): number {
    this.#chunks.push(chunk);
    this.size += chunk.length;
    return this.size;
  }

  /** Undefined where it is no UTF-8. */
  text(): string | undefined {
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(this.#chunks));
    } catch {
      return undefined;
    }
  }
}
