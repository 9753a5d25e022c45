/** A transaction on one host, seen from the controller: begun, met again by a new connection, ended. */
import { NetplayError } from '../shared/errors.js';
import { type Begun, beginScript, type Ended, readBegun, type Transaction } from '../transaction/begin.js';
import {
  confirmScript,
  extendScript,
  readStanding,
  releaseScript,
  rollbackScript,
  type Standing,
  statusScript,
} from '../transaction/end.js';
import type { FrameResult, Session } from '../transport/session.js';

/** Some changes wait on the host: for a new IPv6 address to be usable, for one. */
const BEGIN_TIMEOUT_MS = 300_000;
/** A frame of an ending does little; but undoing a table of many routes takes its time. */
const END_TIMEOUT_MS = 60_000;
/** How long before its time is up the host is no longer worth confirming: it may act at any moment. */
const MARGIN_MS = 1500;
/** How long after its time was up a host has surely undone everything. */
const UNDONE_MS = 10_000;
const POLL_MS = 500;
/** A new connection is tried this often, and each try takes no longer than the second figure. */
const TRY_EVERY_MS = 500;
const LONGEST_TRY_MS = 5000;

export interface Way {
  /** A new connection to the host, in `timeoutMs` at most; it takes the place of the old one. */
  reconnect(timeoutMs: number): Promise<Session>;
}

export class Trial {
  readonly #transaction: Transaction;
  readonly #way: Way;
  #session: Session;
  /** When the host undoes it all, by performance.now(); a little late, since the answer took its time. */
  #deadline = Number.POSITIVE_INFINITY;
  /** All was seen to be made: what the host's answer said before the new connection. */
  #made = false;
  /** It was told to hold, by us. */
  #holds = false;
  #frame: Pick<FrameResult, 'stdout' | 'stderr'> = { stdout: '', stderr: '' };

  constructor(transaction: Transaction, session: Session, way: Way) {
    this.#transaction = transaction;
    this.#session = session;
    this.#way = way;
  }

  get session(): Session {
    return this.#session;
  }

  /** What the host said while it applied. */
  get answer(): Pick<FrameResult, 'stdout' | 'stderr'> {
    return this.#frame;
  }

  /** @throws NetplayError `lost`, `timeout`: then the host may be at it all the same */
  async begin(): Promise<Begun> {
    this.#restartClock();
    this.#frame = await this.#session.run(beginScript(this.#transaction), { timeoutMs: BEGIN_TIMEOUT_MS });
    this.#restartClock();
    const begun = readBegun(this.#frame.stdout, this.#frame.stderr);
    this.#made = begun.kind === 'begun' && begun.made;
    return begun;
  }

  /**
   * Reaches the host by a new connection, and where its answer to `begin` was lost, finds all changes made.
   * @returns how it ended, where it did so first
   * @throws NetplayError of the last attempt, once the time is up and the host can't be asked
   */
  async meet(): Promise<Ended | undefined> {
    const met = await this.#reach(this.#deadline - MARGIN_MS);
    if (met instanceof NetplayError) return this.#giveUp(met);
    while (!this.#made) {
      const standing = await this.#ask(statusScript(this.#transaction.id));
      if (standing.kind === 'ended') return standing.ended;
      if (standing.kind === 'unknown') return { outcome: 'rolled_back', reason: 'the host was rebooted' };
      if (standing.kind === 'on-trial' && standing.applied) return undefined;
      await pause(POLL_MS);
    }
    return undefined;
  }

  /** @param hold keep what is needed to take it back until `release` */
  async confirm(hold: boolean): Promise<Ended> {
    this.#holds = hold;
    const ended = await this.#end(confirmScript(this.#transaction.id, hold), hold);
    this.#restartClock();
    return ended;
  }

  /** Finds it still held, and gives it its whole time again. */
  async stillHeld(): Promise<Ended> {
    const { id, confirmTimeout } = this.#transaction;
    const ended = await this.#end(extendScript(id, confirmTimeout ?? 0), true);
    this.#restartClock();
    return ended;
  }

  /** Makes what was held last. */
  async release(): Promise<Ended> {
    return this.#end(releaseScript(this.#transaction.id), false);
  }

  async rollback(reason: string): Promise<Ended> {
    return this.#end(rollbackScript(this.#transaction.id, reason, this.#holds), false);
  }

  /** Gives the host its whole time again. */
  async extend(): Promise<void> {
    await this.#ask(extendScript(this.#transaction.id, this.#transaction.confirmTimeout ?? 0));
    this.#restartClock();
  }

  #restartClock(): void {
    const { confirmTimeout } = this.#transaction;
    if (confirmTimeout !== null) this.#deadline = performance.now() + confirmTimeout * 1000;
  }

  async #ask(script: string): Promise<Standing> {
    const { stdout } = await this.#session.run(script, { timeoutMs: END_TIMEOUT_MS });
    return readStanding(stdout);
  }

  /** An ending whose answer is lost is asked for again by a new connection: the host went on with it. */
  async #end(script: string, hold: boolean): Promise<Ended> {
    try {
      const standing = await this.#ask(script);
      if (standing.kind === 'ended') return standing.ended;
      if (hold && standing.kind === 'held') return { outcome: 'confirmed', reason: '' };
    } catch (error) {
      if (!isLoss(error)) throw error;
      const met = await this.#reach(this.#deadline + UNDONE_MS);
      if (met instanceof NetplayError) throw met;
      const again = await this.#ask(script);
      if (again.kind === 'ended') return again.ended;
    }
    return this.#ended(hold);
  }

  /** Waits for an end that others bring about. */
  async #ended(hold = false): Promise<Ended> {
    for (;;) {
      const standing = await this.#ask(statusScript(this.#transaction.id));
      if (standing.kind === 'ended') return standing.ended;
      if (standing.kind === 'unknown') return { outcome: 'rolled_back', reason: 'the host was rebooted' };
      if (hold && standing.kind === 'held') return { outcome: 'confirmed', reason: '' };
      await pause(POLL_MS);
    }
  }

  /** No new connection: the old one, which may live on for a while, is told to undo; else the host does. */
  async #giveUp(why: NetplayError): Promise<Ended> {
    const reason = `no new connection could be made: ${why.message}`;
    try {
      const { stdout } = await this.#session.run(rollbackScript(this.#transaction.id, reason, false), {
        timeoutMs: LONGEST_TRY_MS,
      });
      const standing = readStanding(stdout);
      if (standing.kind === 'ended') return standing.ended;
    } catch (error) {
      if (!isLoss(error)) throw error;
    }
    const met = await this.#reach(this.#deadline + UNDONE_MS);
    if (met instanceof NetplayError) throw met;
    return this.#ended();
  }

  /** @returns the error of the last attempt, where none worked until then */
  async #reach(until: number): Promise<NetplayError | undefined> {
    for (;;) {
      const left = until - performance.now();
      const began = performance.now();
      try {
        this.#session = await this.#way.reconnect(Math.max(1000, Math.min(LONGEST_TRY_MS, left)));
        return undefined;
      } catch (error) {
        if (!(error instanceof NetplayError)) throw error;
        if (performance.now() + TRY_EVERY_MS > until) return error;
        await pause(Math.max(0, TRY_EVERY_MS - (performance.now() - began)));
      }
    }
  }
}

function isLoss(error: unknown): boolean {
  return error instanceof NetplayError && (error.code === 'lost' || error.code === 'timeout');
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
