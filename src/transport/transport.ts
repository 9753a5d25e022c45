import { setMaxListeners } from 'node:events';
import { NetplayError } from '../shared/errors.js';
import { openLocal } from './local.js';
import type { Session, Target, Transport } from './session.js';
import type { ShellPipe } from './shell-pipe.js';
import { ShellSession } from './shell-session.js';
import type { Ssh } from './ssh.js';

export interface TransportOptions {
  /** How many connections may be in their start at once; at most 8 of them to the same server. Default 32. */
  connectsInFlight?: number;
}

/** Opens sessions over SSH and on this machine. `close` ends all of them, also those being opened. */
export function createTransport(options: TransportOptions = {}): Transport {
  return new SessionTransport(options.connectsInFlight ?? 32);
}

class SessionTransport implements Transport {
  readonly #connectsInFlight: number;
  readonly #closing = new AbortController();
  readonly #pipes = new Set<ShellPipe>();
  #ssh: Promise<Ssh> | undefined;

  constructor(connectsInFlight: number) {
    this.#connectsInFlight = connectsInFlight;
    // One signal for all hosts is how it is meant; Node takes more than ten listeners for a leak.
    setMaxListeners(0, this.#closing.signal);
  }

  async open(target: Target, signal?: AbortSignal): Promise<Session> {
    const both = AbortSignal.any(
      signal === undefined ? [this.#closing.signal] : [this.#closing.signal, signal],
    );
    if (both.aborted) throw interrupted(target);
    const pipe =
      target.connection === 'local'
        ? await openLocal(target, both)
        : await (await this.#loadSsh()).open(target, both);
    if (both.aborted) {
      await pipe.close();
      throw interrupted(target);
    }
    this.#pipes.add(pipe);
    void pipe.closed.then(() => this.#pipes.delete(pipe));
    return new ShellSession(pipe, target.name);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.all([...this.#pipes].map((pipe) => pipe.close()));
    await (await this.#ssh)?.close();
  }

  /** Loaded when the first host needs it: ssh2 is a tenth of a second of start-up. */
  #loadSsh(): Promise<Ssh> {
    this.#ssh ??= import('./ssh.js').then(({ Ssh }) => new Ssh(this.#connectsInFlight, this.#closing.signal));
    return this.#ssh;
  }
}

function interrupted(target: Target): NetplayError {
  return new NetplayError('interrupted', 'Interrupted while connecting', { host: target.name });
}
