/** One session a host over all plays, opened on first use; a play that becomes another user gets its own. */
import type { Session, Target, Transport } from '../transport/session.js';

export class Sessions {
  readonly #open = new Map<string, { key: string; session: Session }>();
  readonly #transport: Transport;
  readonly #signal: AbortSignal;

  constructor(transport: Transport, signal: AbortSignal) {
    this.#transport = transport;
    this.#signal = signal;
  }

  async get(target: Target): Promise<Session> {
    const key = JSON.stringify(target);
    const existing = this.#open.get(target.name);
    if (existing?.key === key) return existing.session;
    await existing?.session.close();
    const session = await this.#transport.open(target, this.#signal);
    this.#open.set(target.name, { key, session });
    return session;
  }

  /** A new connection, whatever the state of the old one, which ends. An interrupt does not keep it from that. */
  async renew(target: Target, timeoutMs: number): Promise<Session> {
    const key = JSON.stringify(target);
    const connectTimeoutMs = Math.ceil(Math.min(target.connectTimeoutMs, timeoutMs) / 100) * 100;
    const session = await this.#transport.open({ ...target, connectTimeoutMs, retries: 0 });
    void this.#open.get(target.name)?.session.close();
    this.#open.set(target.name, { key, session });
    return session;
  }

  async close(host: string): Promise<void> {
    const existing = this.#open.get(host);
    this.#open.delete(host);
    await existing?.session.close();
  }

  async closeAll(): Promise<void> {
    await Promise.all([...this.#open.keys()].map((host) => this.close(host)));
  }
}
