/** The `Session` over any running shell: frames one after another, each with its time-out and its end. */
import { randomBytes } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { NetplayError } from '../shared/errors.js';
import { bytesOf } from './bytes.js';
import { FrameReader, frameInput, PREAMBLE } from './framing.js';
import type { FrameOptions, FrameResult, Session } from './session.js';
import type { ShellPipe } from './shell-pipe.js';

const DEFAULT_FRAME_TIMEOUT_MS = 60_000;

interface Streams {
  stdout: FrameReader;
  stderr: FrameReader;
}

/** The frame that the shell works on. */
interface Frame extends Streams {
  /** Called after each piece of output. */
  progress: () => void;
  /** Called when the shell is gone. */
  lost: (reason: string) => void;
}

export class ShellSession implements Session {
  readonly #pipe: ShellPipe;
  readonly #host: string;
  readonly #id = randomBytes(8).toString('hex');
  #frames = 0;
  #current: Frame | undefined;
  #queue: Promise<unknown> = Promise.resolve();
  /** Why no further frame can run. */
  #ended: string | undefined;

  /** @param host the name in the inventory, for messages */
  constructor(pipe: ShellPipe, host: string) {
    this.#pipe = pipe;
    this.#host = host;
    pipe.stdout.on('data', (chunk: Buffer) => this.#receive('stdout', chunk));
    pipe.stderr.on('data', (chunk: Buffer) => this.#receive('stderr', chunk));
    void pipe.closed.then((reason) => {
      this.#ended ??= reason;
      this.#current?.lost(reason);
    });
  }

  get frames(): number {
    return this.#frames;
  }

  run(script: string, options: FrameOptions = {}): Promise<FrameResult> {
    const result = this.#queue.then(() => this.#exchange(script, options));
    this.#queue = result.catch(() => undefined);
    return result;
  }

  close(): Promise<void> {
    this.#ended ??= 'it was closed';
    return this.#pipe.close();
  }

  #receive(stream: keyof Streams, chunk: Buffer): void {
    if (this.#current === undefined) return;
    this.#current[stream].push(chunk);
    this.#current.progress();
  }

  async #exchange(script: string, options: FrameOptions): Promise<FrameResult> {
    if (this.#ended !== undefined) throw this.#lost(this.#ended);
    if (options.signal?.aborted) throw this.#error('interrupted', 'Interrupted before the host was asked');
    const id = `${this.#id}x${this.#frames}`;
    const input = (this.#frames === 0 ? `${PREAMBLE}\n` : '') + frameInput(script, id);
    this.#frames += 1;
    const stdout = new FrameReader(id);
    const stderr = new FrameReader(id);
    const began = performance.now();
    await this.#finished(input, { stdout, stderr }, options);
    return { code: stdout.code, stdout: stdout.text, stderr: stderr.text, ms: performance.now() - began };
  }

  /** Sends a frame and waits for its end; any other outcome ends the session: the script may still run. */
  #finished(
    input: string,
    streams: Streams,
    { timeoutMs = DEFAULT_FRAME_TIMEOUT_MS, signal }: FrameOptions,
  ): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (error?: NetplayError): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', interrupt);
        this.#current = undefined;
        if (error === undefined) {
          resolve();
          return;
        }
        this.#ended ??= 'an earlier script on it did not end';
        void this.#pipe.close();
        reject(error);
      };
      const interrupt = (): void => settle(this.#error('interrupted', 'Interrupted while the host worked'));
      const timer = setTimeout(() => settle(this.#timedOut(streams, timeoutMs)), timeoutMs);
      // A run has one signal for all of its hosts; Node takes more than ten listeners for a leak.
      if (signal !== undefined) setMaxListeners(0, signal);
      signal?.addEventListener('abort', interrupt, { once: true });
      this.#current = {
        ...streams,
        progress: () => {
          if (streams.stdout.done && streams.stderr.done) settle();
        },
        lost: (reason) => settle(this.#lost(reason, streams)),
      };
      this.#pipe.stdin.write(bytesOf(input));
    });
  }

  #lost(reason: string, streams?: Streams): NetplayError {
    return this.#error('lost', `The session with the host is gone: ${reason}${heard(streams)}`);
  }

  #timedOut(streams: Streams, timeoutMs: number): NetplayError {
    return this.#error('timeout', `The host did not answer within ${timeoutMs / 1000} s${heard(streams)}`);
  }

  #error(code: 'lost' | 'timeout' | 'interrupted', message: string): NetplayError {
    return new NetplayError(code, message, { host: this.#host });
  }
}

/** What came in place of an answer: a login shell says here why it will not serve. */
function heard(streams: Streams | undefined): string {
  const said = streams === undefined ? '' : lastLine(streams.stderr.noise) || lastLine(streams.stdout.noise);
  return said === '' ? '' : `; it said “${said}”`;
}

/** The last line that holds anything, cut to what fits a message. */
export function lastLine(text: string): string {
  return text.trim().split('\n').at(-1)?.trim().slice(0, 200) ?? '';
}
