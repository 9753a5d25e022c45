/** A whole run: every play of a playbook on its hosts. Emits events; prints nothing. */
import type { Inventory, Vars } from '../inventory/model.js';
import { selectHosts } from '../inventory/patterns.js';
import type { Play, Playbook } from '../playbook/model.js';
import type { Resource } from '../resources/resource.js';
import { NetplayError, throwAll } from '../shared/errors.js';
import type { HostStatus, NetplayEvent, Recap } from '../shared/events.js';
import type { Templates } from '../template/model.js';
import type { Session, Target, Transport } from '../transport/session.js';
import { type TargetDefaults, targetFromVars } from '../transport/target.js';
import { type ExpandContext, type ExpandedTask, expandTask, hostScope, isStatic } from './expand.js';
import { type HostOutcome, runHost } from './host.js';
import { forEachLimited } from './pool.js';
import { addToRecap, emptyRecap, exitCodeOf } from './recap.js';
import { reportError } from './results.js';

export interface RunOptions {
  inventory: Inventory;
  playbook: Playbook;
  registry: readonly Resource<unknown>[];
  templates: Templates;
  transport: Transport;
  /** Host pattern that narrows every play's hosts. */
  limit?: string;
  /** Hosts at once. */
  forks: number;
  extraVars: Vars;
  check: boolean;
  diff: boolean;
  /** Exit with 3 where a check finds changes. */
  exitCode: boolean;
  target: TargetDefaults;
  /** Starts no further host, and applies nothing more, once aborted. */
  signal: AbortSignal;
}

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

/** A play with its hosts, and for each host what is to be done and how to get there. */
interface PreparedPlay {
  play: Play;
  hosts: readonly string[];
  tasks: ReadonlyMap<string, readonly ExpandedTask[]>;
  targets: ReadonlyMap<string, Target>;
}

export interface PreparedRun {
  plays: readonly PreparedPlay[];
  /** Distinct hosts over all plays. */
  hosts: readonly string[];
}

/**
 * Everything that can be found out without a host: which hosts, and every task of every host, rendered
 * and checked.
 * @throws NetplayError | NetplayErrors all errors at once
 */
export function prepareRun(options: RunOptions): PreparedRun {
  const errors: NetplayError[] = [];
  const plays = options.playbook.plays.map((play) => preparePlay(options, play, errors));
  throwAll(foldErrors(errors));
  const hosts = [...new Set(plays.flatMap((play) => play.hosts))];
  if (hosts.length === 0)
    throw new NetplayError(
      'inventory',
      `no host is left to run on: --limit ${options.limit ?? ''} leaves none`,
    );
  return { plays, hosts };
}

function preparePlay(options: RunOptions, play: Play, errors: NetplayError[]): PreparedPlay {
  let hosts: string[] = [];
  try {
    hosts = selectHosts(options.inventory, play.hosts, options.limit);
  } catch (error) {
    if (!(error instanceof NetplayError)) throw error;
    errors.push(error.place ? error : placed(error, play));
  }
  const context: ExpandContext = {
    ...options,
    play,
    playHosts: hosts,
    registry: new Map(options.registry.map((resource) => [resource.name, resource])),
  };
  const shared = new Map<number, ExpandedTask>();
  const tasks = new Map<string, readonly ExpandedTask[]>();
  const targets = new Map<string, Target>();
  for (const host of hosts) {
    const scope = hostScope(context, host);
    const own: NetplayError[] = [];
    tasks.set(
      host,
      play.tasks.map((task, index) => {
        if (!isStatic(task)) return expandTask(context, task, index, scope, own);
        const expanded = shared.get(index) ?? expandTask(context, task, index, scope, own);
        shared.set(index, expanded);
        return expanded;
      }),
    );
    try {
      targets.set(host, targetFor(options, play, host, context));
    } catch (error) {
      if (!(error instanceof NetplayError)) throw error;
      own.push(error);
    }
    errors.push(...own.map((error) => ofHost(error, host)));
  }
  return { play, hosts, tasks, targets };
}

function targetFor(options: RunOptions, play: Play, host: string, context: ExpandContext): Target {
  const scope = hostScope(context, host);
  const vars: Record<string, unknown> = {};
  for (const name of scope.names()) if (name.startsWith('ansible_')) vars[name] = scope.get(name);
  const become = [play, ...play.tasks].find((keywords) => keywords.become === true);
  return targetFromVars(host, vars, {
    ...options.target,
    ...(play.connection !== undefined && { connection: play.connection }),
    ...(play.remoteUser !== undefined && { user: play.remoteUser }),
    ...(become !== undefined && { become: true }),
    ...(become?.becomeUser !== undefined && { becomeUser: become.becomeUser }),
  });
}

function placed(error: NetplayError, play: Play): NetplayError {
  return new NetplayError(error.code, error.message, { ...detailsOf(error), place: play.place });
}

function ofHost(error: NetplayError, host: string): NetplayError {
  return new NetplayError(error.code, error.message, { ...detailsOf(error), host: error.host ?? host });
}

function detailsOf(error: NetplayError) {
  const { hint, place, host, task } = error;
  return {
    ...(hint !== undefined && { hint }),
    ...(place !== undefined && { place }),
    ...(host !== undefined && { host }),
    ...(task !== undefined && { task }),
    cause: error,
  };
}

/** The same mistake on many hosts is one error that names the first of them and counts the rest. */
function foldErrors(errors: readonly NetplayError[]): NetplayError[] {
  const groups = new Map<string, { error: NetplayError; hosts: Set<string> }>();
  for (const error of errors) {
    const { place } = error;
    const key = `${error.message}\0${place ? `${place.file}:${place.line}:${place.column}` : ''}`;
    const group = groups.get(key) ?? { error, hosts: new Set<string>() };
    if (error.host !== undefined) group.hosts.add(error.host);
    groups.set(key, group);
  }
  return [...groups.values()].map(({ error, hosts }) => {
    const [first, ...others] = hosts;
    if (first === undefined) return error;
    const host = others.length === 0 ? first : `${first} and ${others.length} more`;
    return new NetplayError(error.code, error.message, { ...detailsOf(error), host });
  });
}

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
    phase: (phase) => emit({ type: 'host_phase', play: index, host, phase }),
  });
}

function hostEnd(play: number, host: string, outcome: HostOutcome): EngineEvent {
  const { status, tasks, ms, roundTrips, error } = outcome;
  return {
    type: 'host_end',
    play,
    host,
    status,
    tasks,
    ms,
    roundTrips,
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
