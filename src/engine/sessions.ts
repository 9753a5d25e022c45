/** The sessions of a run's hosts, opened on first use and kept over all plays: one for each user that tasks run as. */
import type { Session, Target, Transport } from '../transport/session.js';

export class Sessions {
  /** By host, then by all that is said of how to get there. */
  readonly #open = new Map<string, Map<string, Promise<Session>>>();
  readonly #transport: Transport;
  readonly #signal: AbortSignal;

  constructor(transport: Transport, signal: AbortSignal) {
    this.#transport = transport;
    this.#signal = signal;
  }

  get(target: Target): Promise<Session> {
    const key = JSON.stringify(target);
    const known = this.#of(target).get(key);
    if (known !== undefined) return known;
    const session = this.#transport.open(target, this.#signal);
    this.#keep(target, key, session);
    return session;
  }

  /** A new connection, whatever the state of the old one, which ends. An interrupt does not keep it from that. */
  async renew(target: Target, timeoutMs: number): Promise<Session> {
    const key = JSON.stringify(target);
    const connectTimeoutMs = Math.ceil(Math.min(target.connectTimeoutMs, timeoutMs) / 100) * 100;
    const session = await this.#transport.open({ ...target, connectTimeoutMs, retries: 0 });
    void closed(this.#of(target).get(key));
    this.#keep(target, key, Promise.resolve(session));
    return session;
  }

  async close(host: string): Promise<void> {
    const open = [...(this.#open.get(host)?.values() ?? [])];
    this.#open.delete(host);
    await Promise.all(open.map(closed));
  }

  async closeAll(): Promise<void> {
    await Promise.all([...this.#open.keys()].map((host) => this.close(host)));
  }

  #of({ name }: Target): Map<string, Promise<Session>> {
    const known = this.#open.get(name) ?? new Map<string, Promise<Session>>();
    this.#open.set(name, known);
    return known;
  }

  /** One that could not be opened is tried again by whoever asks next. */
  #keep(target: Target, key: string, session: Promise<Session>): void {
    const open = this.#of(target);
    open.set(key, session);
    session.catch(() => {
      if (open.get(key) === session) open.delete(key);
    });
  }
}

async function closed(session: Promise<Session> | undefined): Promise<void> {
  await session?.then(
    (open) => open.close(),
    () => undefined,
  );
}
