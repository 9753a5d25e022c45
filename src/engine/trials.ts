/**
 * Says yes, no or more time to changes that a run left on trial, by connections of its own: from wherever
 * the hosts can be reached, whatever has become of that run.
 */
import { NetplayError } from '../shared/errors.js';
import type { Ended } from '../transaction/begin.js';
import {
  confirmScript,
  extendScript,
  readStanding,
  readTrials,
  releaseScript,
  rollbackScript,
  type Standing,
  statusScript,
  trialsScript,
} from '../transaction/end.js';
import type { Target, Transport } from '../transport/session.js';
import { forEachLimited } from './pool.js';
import { hostError } from './results.js';
import { Sessions } from './sessions.js';

/** What came of it on one host. */
export type TrialStatus =
  | 'confirmed'
  | 'extended'
  | 'rolled_back'
  /** Still on trial, since another host could not be asked or is not yet done. */
  | 'left'
  /** Its changes are still being made. */
  | 'unfinished'
  | 'confirmed_before'
  | 'rolled_back_before'
  /** The host knows nothing of the run. */
  | 'nothing'
  | 'unreachable';

export interface TrialAnswer {
  host: string;
  status: TrialStatus;
  /** Seconds until the host undoes its changes. */
  left?: number;
  reason?: string;
}

export interface TrialCall {
  run: string;
  targets: ReadonlyMap<string, Target>;
  /** Whether the run's own record says that it changed these hosts: one that knows nothing has lost it. */
  recorded: boolean;
  transport: Transport;
  forks: number;
  signal: AbortSignal;
}

interface HostTrial {
  host: string;
  target: Target;
  /** The transaction that is on trial. */
  id?: string;
  standing: Standing;
  answer?: TrialAnswer;
}

const ASK_MS = 60_000;
const RECONNECT_MS = 5000;
const POLL_MS = 500;

/** All hosts keep their changes, or none does: each can still take them back until all have said yes. */
export async function confirmTrials(call: TrialCall): Promise<TrialAnswer[]> {
  return onTrials(call, async (trials, hosts) => {
    const active = trials.filter(isActive);
    const reason = reasonToWait(trials);
    if (reason !== undefined) {
      for (const trial of active) answer(trial, 'left', { ...leftOf(trial), reason });
      return;
    }
    const gone = trials.find((trial) => isGone(trial, call));
    const failure =
      gone === undefined
        ? ((await holdAll(active, call, hosts)) ?? (await lostSince(active, hosts)))
        : `${gone.host} has not got its changes any more`;
    if (failure === undefined) await releaseAll(active, hosts);
    // Where one host has undone it, nobody can release it on the others.
    else await rollBackAll(active, call, hosts, failure, trials.some(isUndone));
    for (const trial of active) concludes(trial, 'confirmed');
  });
}

/** Nothing is lost by waiting: the hosts undo their changes in their own time, all of them. */
function reasonToWait(trials: readonly HostTrial[]): string | undefined {
  for (const { host, answer: given } of trials) {
    if (given?.status === 'unreachable') return `${host} can't be reached`;
    if (given?.status === 'unfinished') return `${host} is not done yet`;
  }
  return undefined;
}

/** @returns why a host could not; a host alone confirms at once */
async function holdAll(
  active: readonly HostTrial[],
  { forks }: TrialCall,
  hosts: Hosts,
): Promise<string | undefined> {
  let failure: string | undefined;
  await forEachLimited(active, forks, async (trial) => {
    if (failure !== undefined) return;
    await hosts.tell(trial, confirmScript(trial.id ?? '', active.length > 1));
    if (!isKept(trial.standing)) failure ??= `${trial.host} could not confirm`;
  });
  return failure;
}

/** Those that were told first have waited for the last one. @returns which of them is lost meanwhile, and how */
async function lostSince(active: readonly HostTrial[], hosts: Hosts): Promise<string | undefined> {
  const held = active.filter(({ standing }) => standing.kind === 'held');
  await Promise.all(held.map((trial) => hosts.tell(trial, statusScript(trial.id ?? ''))));
  const lost = held.find(({ standing }) => !isKept(standing));
  return lost === undefined ? undefined : `${lost.host} was lost before all had confirmed`;
}

/** From here on nothing can be undone together: so all are told at once, by one short frame each. */
async function releaseAll(active: readonly HostTrial[], hosts: Hosts): Promise<void> {
  const held = active.filter(({ standing }) => standing.kind === 'held');
  await Promise.all(held.map((trial) => hosts.tell(trial, releaseScript(trial.id ?? ''))));
}

/** @param reason for the hosts' journals */
export async function rollBackTrials(call: TrialCall, reason: string): Promise<TrialAnswer[]> {
  return onTrials(call, async (trials, hosts) => {
    const active = trials.filter(isActive);
    await rollBackAll(active, call, hosts, reason, false);
    for (const trial of active) concludes(trial, 'rolled_back');
  });
}

/** @param seconds from now until the hosts undo what is on trial */
export async function extendTrials(call: TrialCall, seconds: number): Promise<TrialAnswer[]> {
  return onTrials(call, async (trials, hosts) => {
    await forEachLimited(trials.filter(isActive), call.forks, async (trial) => {
      await hosts.tell(trial, extendScript(trial.id ?? '', seconds));
      if (trial.standing.kind === 'on-trial') answer(trial, 'extended', leftOf(trial));
      else concludes(trial, 'confirmed');
    });
  });
}

/** Asks every host, has `work` done on what is on trial, and gives each host's answer in the hosts' order. */
async function onTrials(
  call: TrialCall,
  work: (trials: readonly HostTrial[], hosts: Hosts) => Promise<void>,
): Promise<TrialAnswer[]> {
  const hosts = new Hosts(call);
  const trials = [...call.targets].map(
    ([host, target]): HostTrial => ({ host, target, standing: { kind: 'unknown' } }),
  );
  try {
    await forEachLimited(trials, call.forks, (trial) => hosts.ask(trial, call.run));
    await work(trials, hosts);
  } finally {
    await hosts.close();
  }
  return trials.map((trial) => trial.answer ?? { host: trial.host, ...told(trial.standing) });
}

/** What a host says that is not, or no longer, on trial. */
function told(standing: Standing): Omit<TrialAnswer, 'host'> {
  if (standing.kind !== 'ended') return { status: 'nothing' };
  return endedAs(standing.ended, 'confirmed_before', 'rolled_back_before');
}

function endedAs(
  { outcome, reason }: Ended,
  confirmed: TrialStatus,
  rolledBack: TrialStatus,
): Omit<TrialAnswer, 'host'> {
  return outcome === 'confirmed' ? { status: confirmed } : { status: rolledBack, reason };
}

function isActive({ answer: given, standing }: HostTrial): boolean {
  return given === undefined && (standing.kind === 'on-trial' || standing.kind === 'held');
}

/** A host of the run that has been undone meanwhile, or rebooted. */
function isGone({ standing }: HostTrial, { recorded }: TrialCall): boolean {
  return isUndone({ standing }) || (standing.kind === 'unknown' && recorded);
}

function isUndone({ standing }: Pick<HostTrial, 'standing'>): boolean {
  return standing.kind === 'ended' && standing.ended.outcome === 'rolled_back';
}

function isKept(standing: Standing): boolean {
  return standing.kind === 'held' || (standing.kind === 'ended' && standing.ended.outcome === 'confirmed');
}

function leftOf({ standing }: HostTrial): { left?: number } {
  return standing.kind === 'on-trial' ? { left: Math.max(0, standing.left) } : {};
}

function answer(trial: HostTrial, status: TrialStatus, more: { left?: number; reason?: string } = {}): void {
  trial.answer ??= { host: trial.host, status, ...more };
}

/** @param wanted what the host was told to do: another end was somebody else's, who came first */
function concludes(trial: HostTrial, wanted: 'confirmed' | 'rolled_back'): void {
  const { standing } = trial;
  if (standing.kind === 'ended') {
    const { status, ...more } = endedAs(
      standing.ended,
      wanted === 'confirmed' ? 'confirmed' : 'confirmed_before',
      'rolled_back',
    );
    answer(trial, status, more);
  } else if (standing.kind === 'held') answer(trial, 'left', { reason: 'somebody else is confirming it' });
  else answer(trial, 'rolled_back', { reason: 'the host was rebooted' });
}

/** @param own nobody else may want to keep what is held */
async function rollBackAll(
  trials: readonly HostTrial[],
  { forks }: TrialCall,
  hosts: Hosts,
  reason: string,
  own: boolean,
): Promise<void> {
  await forEachLimited(trials, forks, (trial) =>
    hosts.tell(trial, rollbackScript(trial.id ?? '', reason, own)),
  );
}

/** The hosts' connections; none of its methods throws: who can't be reached has that as his answer. */
class Hosts {
  readonly #sessions: Sessions;

  constructor({ transport, signal }: TrialCall) {
    this.#sessions = new Sessions(transport, signal);
  }

  /** Finds the run's transaction that is on trial; where there is none, how its last one ended. */
  async ask(trial: HostTrial, run: string): Promise<void> {
    await this.#reaching(trial, async () => {
      const session = await this.#sessions.get(trial.target);
      const { stdout } = await session.run(trialsScript(run), { timeoutMs: ASK_MS });
      for (const [id, standing] of readTrials(stdout)) {
        if (trial.id !== undefined && standing.kind === 'ended' && standing.ended.outcome === 'confirmed')
          continue;
        trial.id = id;
        trial.standing = standing;
        await this.#settle(trial);
        if (isActive(trial)) break;
      }
      if (trial.standing.kind === 'on-trial' && !trial.standing.applied)
        answer(trial, 'unfinished', leftOf(trial));
    });
  }

  /** What is lost is told again by a new connection: to be told twice does no harm. */
  async tell(trial: HostTrial, script: string): Promise<void> {
    await this.#reaching(trial, async () => {
      try {
        await this.#tellOnce(trial, script);
      } catch (error) {
        if (!(error instanceof NetplayError) || (error.code !== 'lost' && error.code !== 'timeout'))
          throw error;
        await this.#sessions.renew(trial.target, RECONNECT_MS);
        await this.#tellOnce(trial, script);
      }
      await this.#settle(trial);
    });
  }

  close(): Promise<void> {
    return this.#sessions.closeAll();
  }

  async #tellOnce(trial: HostTrial, script: string): Promise<void> {
    const session = await this.#sessions.get(trial.target);
    const { stdout } = await session.run(script, { timeoutMs: ASK_MS });
    trial.standing = readStanding(stdout);
  }

  /** Waits while somebody is ending it. */
  async #settle(trial: HostTrial): Promise<void> {
    const end = performance.now() + ASK_MS;
    while (trial.standing.kind === 'ending' && performance.now() < end) {
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      await this.#tellOnce(trial, statusScript(trial.id ?? ''));
    }
  }

  async #reaching(trial: HostTrial, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      answer(trial, 'unreachable', { reason: hostError(error, trial.host).message });
      trial.standing = { kind: 'unknown' };
    }
  }
}
