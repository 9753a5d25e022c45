/** One play on its hosts: batch after batch, each host for itself or all of them as one transaction. */
import { NetplayError } from '../shared/errors.js';
import type { ReportedError } from '../shared/events.js';
import type { Session, Target } from '../transport/session.js';
import { batches } from './batches.js';
import type { ExpandedTask } from './expand.js';
import { HostPlay } from './host.js';
import type { HostOutcome } from './host-run.js';
import { forEachLimited, type Queue } from './pool.js';
import type { PreparedPlay, RunOptions } from './prepare.js';
import type { Emit } from './run.js';
import { Sessions } from './sessions.js';
import { keepAlive, runTogether, type Together } from './together.js';
import { runVerify } from './verify-section.js';

export interface PlayRun {
  options: RunOptions;
  prepared: PreparedPlay;
  /** Of the play, from 0. */
  index: number;
  /** Those of its hosts that are still in the run. */
  hosts: readonly string[];
  sessions: Sessions;
  emit: Emit;
  /** Of probes that two hosts have a part in: one at a time. */
  queue: Queue;
  /** Called once for each host, when nothing more happens to it in this play. */
  ended(host: string, outcome: HostOutcome): Promise<void>;
}

/** @returns whether the plays behind it are run: not where every host of a batch failed */
export async function runPlay(run: PlayRun): Promise<boolean> {
  const cut = batches(run.hosts, run.prepared.serial).map((hosts) =>
    hosts.map((host) => wholePlay(run, host)),
  );
  const { transaction = 'host' } = run.prepared.play;
  // A check changes nothing, so each host can tell what it would do whatever becomes of the others.
  if (run.options.check || (transaction === 'host' && run.options.decide === undefined))
    return eachForItself(run, cut);
  if (transaction === 'play') {
    await runTogether(cut, together(run));
    await tellAll(run, cut.flat());
    return cut.flat().length === 0 || !cut.flat().every(hasFailed);
  }
  return batchByBatch(run, cut);
}

/** Hosts that have changes of an earlier play on trial: nothing more is done to them before somebody says yes. */
export async function leaveOut(run: PlayRun, hosts: readonly string[]): Promise<void> {
  for (const host of hosts) {
    const play = wholePlay(run, host);
    play.cancel(
      `changes of an earlier play are on trial; once confirmed, go on with --resume ${run.options.run}`,
    );
    await run.ended(host, play.outcome());
  }
}

/** As in Ansible, the next batch is begun unless every host of the last one failed. */
async function eachForItself(run: PlayRun, cut: readonly (readonly HostPlay[])[]): Promise<boolean> {
  let failed = false;
  for (const batch of cut) {
    const outcomes: HostOutcome[] = [];
    await forEachLimited(batch, run.options.forks, async (play) => {
      if (run.options.signal.aborted) return;
      if (failed) play.cancel('every host of the batch before failed');
      else await playAlone(run, play, true);
      outcomes.push(play.outcome());
      await run.ended(play.host, play.outcome());
    });
    failed ||= batch.length > 0 && outcomes.length > 0 && outcomes.every(({ status }) => isFailure(status));
  }
  return !failed;
}

/** All stages of one host. @param last whether the play's `verify` is due */
export async function playAlone(run: PlayRun, play: HostPlay, last: boolean): Promise<void> {
  if (!(await play.prepare()) || !(await play.apply()) || !(await play.prove())) return;
  if (!last) {
    await play.confirm(false);
    return;
  }
  // Probes may take longer than the host would wait for its confirmation.
  const alive = keepAlive([play], run.options.confirmTimeout);
  const faults = await verify(run, [play.host]).finally(alive.stop);
  const [first] = faults;
  if (first === undefined) await play.confirm(false);
  else await play.rollback(first.message, faults);
}

async function batchByBatch(run: PlayRun, cut: readonly (readonly HostPlay[])[]): Promise<boolean> {
  let failure: string | undefined;
  let goesOn = true;
  for (const batch of cut) {
    if (failure === undefined) await runTogether([batch], together(run));
    else for (const play of batch) play.cancel(failure);
    const failed = batch.find((play) => isFailure(play.outcome().status));
    if (failed !== undefined) failure ??= `${failed.host}, of a batch before, failed`;
    await tellAll(run, batch);
    goesOn &&= batch.length === 0 || !batch.every(hasFailed);
  }
  return goesOn;
}

async function tellAll(run: PlayRun, plays: readonly HostPlay[]): Promise<void> {
  for (const play of plays) if (play.begun) await run.ended(play.host, play.outcome());
}

function hasFailed(play: HostPlay): boolean {
  return isFailure(play.outcome().status);
}

function isFailure(status: HostOutcome['status']): boolean {
  return status !== 'ok' && status !== 'changed';
}

/** All stages of hosts that keep their changes together or not at all. */
export function playTogether(run: PlayRun, plays: readonly HostPlay[]): Promise<void> {
  return runTogether([plays], together(run));
}

function together(run: PlayRun): Together {
  const { options, index, emit } = run;
  return {
    forks: options.forks,
    signal: options.signal,
    confirmTimeout: options.confirmTimeout,
    verify: (plays) =>
      verify(
        run,
        plays.map(({ host }) => host),
      ),
    decide: async (plays) => {
      if (options.decide === undefined) return 'keep';
      const hosts = plays.map((play) => ({ host: play.host, tasks: play.outcome().tasks }));
      emit({ type: 'trial', play: index, run: options.run, hosts });
      return options.decide(options.signal);
    },
  };
}

/** Asks the play's `verify` of hosts. @returns what does not hold */
export async function verify(run: PlayRun, hosts: readonly string[]): Promise<ReportedError[]> {
  const { prepared, sessions, options, index, emit, queue } = run;
  if (prepared.verify.length === 0) return [];
  // What takes long is asked beside the sessions, by which hosts on trial are given more time. An interrupt does
  // not keep what was begun from its end.
  const beside = new Sessions(options.transport, new AbortController().signal);
  const long = (options.confirmTimeout ?? Number.POSITIVE_INFINITY) * 500;
  try {
    return await runVerify({
      checks: prepared.verify,
      hosts,
      forks: options.forks,
      queue,
      told: ({ host, label, status, words }) =>
        emit({ type: 'probe', play: index, host, probe: label, passed: status === 'passed', seen: words }),
      session: async (host, ms): Promise<Session> => {
        const target = prepared.targets.get(host);
        if (target === undefined) throw new NetplayError('inventory', `there is no way to ${host}`);
        return (ms > long ? beside : sessions).get(target);
      },
    });
  } finally {
    await beside.closeAll();
  }
}

function wholePlay(run: PlayRun, host: string): HostPlay {
  const begin = (): void => run.emit({ type: 'host_start', play: run.index, host });
  return hostPlay(run, host, run.prepared.tasks.get(host) ?? [], { segment: 0, begin });
}

export interface Segment {
  /** Which of the host's transactions in this play, from 0. */
  segment: number;
  begin(): void;
  /** Where it is no host of the play. */
  target?: Target;
}

/** One transaction of a host. */
export function hostPlay(
  { options, prepared, index, sessions, emit }: PlayRun,
  host: string,
  tasks: readonly ExpandedTask[],
  { segment, begin, target = prepared.targets.get(host) }: Segment,
): HostPlay {
  if (target === undefined) throw new Error(`no target for ${host}`);
  const takesBack = prepared.takesBack?.get(host);
  return new HostPlay({
    host,
    tasks,
    probes: prepared.probes.get(host) ?? [],
    check: options.check,
    confirmTimeout: options.confirmTimeout,
    lockTimeout: options.lockTimeout,
    secretsIn: options.secretsIn,
    author: {
      id:
        segment === 0
          ? `${options.run}.${index}`
          : `${options.run}.${index}.${String(segment).padStart(3, '0')}`,
      run: options.run,
      play: prepared.play.name,
      by: options.by,
      from: options.from,
      ...(takesBack !== undefined && { takesBack }),
    },
    signal: options.signal,
    begin,
    probed: (probe, passed, seen) => emit({ type: 'probe', play: index, host, probe, passed, seen }),
    protectSession: options.protectSession ?? false,
    foreseen: (warnings) => emit({ type: 'host_session', play: index, host, warnings }),
    connect: () => sessions.get(target),
    reconnect: (timeoutMs) => sessions.renew(target, timeoutMs),
    phase: (phase) => emit({ type: 'host_phase', play: index, host, phase }),
  });
}
