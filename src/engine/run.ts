/** A whole run: every play of a playbook on its hosts. Emits events; prints nothing. */
import type { HostStatus, NetplayEvent, Recap } from '../shared/events.js';
import type { Session, Target, Transport } from '../transport/session.js';
import { type HostOutcome, runHost } from './host.js';
import { forEachLimited } from './pool.js';
import type { PreparedPlay, PreparedRun, RunOptions } from './prepare.js';
import { addToRecap, emptyRecap, exitCodeOf } from './recap.js';
import { reportError } from './results.js';

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
  const lost = new Map<string, HostStatus>();
  for (const [index, prepared] of run.plays.entries()) {
    const hosts = prepared.hosts.filter((host) => !lost.has(host));
    emit({
      type: 'play_start',
      play: index,
      name: prepared.play.name,
      hosts,
      tasks: prepared.play.tasks.length,
    });
    await forEachLimited(hosts, options.forks, async (host) => {
      if (options.signal.aborted) return;
      emit({ type: 'host_start', play: index, host });
      const outcome = await runHostOfPlay(options, prepared, index, host, sessions, emit);
      if (outcome.status === 'failed' || outcome.status === 'unreachable') lost.set(host, outcome.status);
      addToRecap(recap[host], outcome);
      emit(hostEnd(index, host, outcome));
      const needed = run.plays.slice(index + 1).some((later) => later.tasks.has(host));
      if (!needed || lost.has(host)) await sessions.close(host);
    });
    emit({ type: 'play_end', play: index });
  }
  await sessions.closeAll();
  const exitCode = exitCodeOf(Object.values(recap), options);
  emit({ type: 'run_end', recap, exitCode, ms: Math.round(performance.now() - start) });
  return { recap, exitCode };
}

async function runHostOfPlay(
  options: RunOptions,
  prepared: PreparedPlay,
  index: number,
  host: string,
  sessions: Sessions,
  emit: Emit,
): Promise<HostOutcome> {
  const target = prepared.targets.get(host);
  if (target === undefined) throw new Error(`no target for ${host}`);
  return runHost({
    host,
    tasks: prepared.tasks.get(host) ?? [],
    check: options.check,
    signal: options.signal,
    connect: () => sessions.get(target),
    protectSession: options.protectSession ?? false,
    foreseen: (warnings) => emit({ type: 'host_session', play: index, host, warnings }),
    phase: (phase) => emit({ type: 'host_phase', play: index, host, phase }),
  });
}

function hostEnd(play: number, host: string, outcome: HostOutcome): EngineEvent {
  const { status, tasks, ms, roundTrips, error, session } = outcome;
  return {
    type: 'host_end',
    play,
    host,
    status,
    tasks,
    ms,
    roundTrips,
    ...(session !== undefined && { session }),
    ...(error !== undefined && { error: reportError(error) }),
  };
}

/** One session a host over all plays, opened on first use; a play that becomes another user gets its own. */
class Sessions {
  private readonly open = new Map<string, { key: string; session: Session }>();

  constructor(
    private readonly transport: Transport,
    private readonly signal: AbortSignal,
  ) {}

  async get(target: Target): Promise<Session> {
    const key = JSON.stringify(target);
    const existing = this.open.get(target.name);
    if (existing?.key === key) return existing.session;
    await existing?.session.close();
    const session = await this.transport.open(target, this.signal);
    this.open.set(target.name, { key, session });
    return session;
  }

  async close(host: string): Promise<void> {
    const existing = this.open.get(host);
    this.open.delete(host);
    await existing?.session.close();
  }

  async closeAll(): Promise<void> {
    await Promise.all([...this.open.keys()].map((host) => this.close(host)));
  }
}
