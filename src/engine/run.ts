/** A whole run: every play of a playbook on its hosts. Emits events; prints nothing. */
import { type NetplayError, throwAll } from '../shared/errors.js';
import type { NetplayEvent, Recap } from '../shared/events.js';
import { Names } from './flow/names.js';
import { runFlow } from './flow/run-flow.js';
import type { HostOutcome } from './host-run.js';
import { tasksIn } from './plain.js';
import { leaveOut, type PlayRun, runPlay } from './play.js';
import { titleOf } from './play-heading.js';
import { Queue, Queues } from './pool.js';
import { type PreparedPlay, type PreparedRun, preparePlay, type RunOptions } from './prepare.js';
import { addToRecap, emptyRecap, exitCodeOf } from './recap.js';
import { reportError } from './results.js';
import { Sessions } from './sessions.js';

export interface RunResult {
  recap: Record<string, Recap>;
  exitCode: number;
}

/** Without `time`, which `emit` adds. */
export type EngineEvent = NetplayEvent extends infer Event
  ? Event extends NetplayEvent
    ? Omit<Event, 'time'>
    : never
  : never;
export type Emit = (event: EngineEvent) => void;

/** Runs what was prepared. Hosts that failed or could not be reached take no part in later plays. */
export async function executeRun(options: RunOptions, run: PreparedRun, emit: Emit): Promise<RunResult> {
  const start = performance.now();
  const recap = Object.fromEntries(run.hosts.map((host) => [host, emptyRecap()]));
  const sessions = new Sessions(options.transport, options.signal);
  const lost = new Set<string>();
  const onTrial = new Set<string>();
  for (const [index, earlier] of run.plays.entries()) {
    const prepared = await upToDate(options, run, earlier);
    for (const host of prepared.hosts) recap[host] ??= emptyRecap();
    const hosts = prepared.hosts.filter((host) => !lost.has(host));
    const name = titleOf(prepared.play, options, run.state.prompted.get(prepared.play) ?? {});
    emit({ type: 'play_start', play: index, name, hosts, tasks: tasksIn(prepared.play.steps).length });
    const playRun: PlayRun = {
      options,
      prepared,
      index,
      hosts: hosts.filter((host) => !onTrial.has(host)),
      sessions,
      emit,
      queue: new Queue(),
      ended: async (host, outcome) => {
        if (outcome.onTrial !== undefined) onTrial.add(host);
        const failed = outcome.status !== 'ok' && outcome.status !== 'changed';
        if (failed && !outcome.forgiven) lost.add(host);
        addToRecap(recap[host], outcome);
        emit(hostEnd(index, host, outcome));
        if (lost.has(host) || !isNeeded(host, run.plays.slice(index + 1))) await sessions.close(host);
      },
    };
    await leaveOut(
      playRun,
      hosts.filter((host) => onTrial.has(host)),
    );
    const goesOn = await playOn(playRun, run);
    emit({ type: 'play_end', play: index });
    if (!goesOn) break;
  }
  await sessions.closeAll();
  const exitCode = exitCodeOf(Object.values(recap), options);
  emit({ type: 'run_end', recap, exitCode, ms: Math.round(performance.now() - start) });
  return { recap, exitCode };
}

/** A play that follows on others is prepared anew: they may have added hosts, and variables that name them. */
async function upToDate(options: RunOptions, run: PreparedRun, play: PreparedPlay): Promise<PreparedPlay> {
  if (run.state.inventory === options.inventory) return play;
  const errors: NetplayError[] = [];
  const fresh = await preparePlay(options, play.play, { errors, state: run.state, after: true });
  throwAll(errors);
  return fresh;
}

/** @returns whether the plays behind it are run: as in Ansible, not where all of a batch failed */
async function playOn(playRun: PlayRun, { state }: PreparedRun): Promise<boolean> {
  const { options, prepared } = playRun;
  if (prepared.flow === undefined) return runPlay(playRun);
  return runFlow({
    ...playRun,
    delegates: new Queues(),
    ...prepared.flow,
    state,
    runVars: state.vars,
    names: new Names(options.templates),
    selected: options.selects ?? (() => true),
  });
}

function isNeeded(host: string, later: readonly PreparedPlay[]): boolean {
  return later.some((play) => play.targets.has(host));
}

function hostEnd(play: number, host: string, outcome: HostOutcome): EngineEvent {
  const { status, tasks, ms, roundTrips, error, onTrial, session, rescued } = outcome;
  return {
    type: 'host_end',
    play,
    host,
    status,
    tasks,
    ...(onTrial !== undefined && { onTrial }),
    ...(rescued !== undefined && { rescued }),
    ms,
    roundTrips,
    ...(session !== undefined && { session }),
    ...(error !== undefined && { error: reportError(error) }),
  };
}
