/** Tasks of resources that are planned together: what they came to, for each host. */

import type { Task } from '../../playbook/model.js';
import { NetplayError } from '../../shared/errors.js';
import type { TaskResult } from '../../shared/events.js';
import type { VarScope } from '../../template/scope.js';
import type { HostPlay } from '../host.js';
import { hostPlay, playAlone, playTogether, verify } from '../play.js';
import { forEachLimited } from '../pool.js';
import type { Flow } from './flow.js';
import type { FlowRun } from './flow-run.js';
import type { HostFlow, Pending, Planned } from './host-flow.js';
import { censored, registered } from './task-result.js';
import { failedBy } from './told.js';

/**
 * Plans and makes what waits on these hosts.
 * @param last whether nothing follows: the play's `verify` is asked while all can still be undone
 */
export async function flushSegment(
  run: FlowRun,
  flow: Flow,
  hosts: readonly HostFlow[],
  last: boolean,
): Promise<void> {
  for (const host of hosts.filter(({ active }) => active)) leaveIdle(run, flow, host);
  const waiting = hosts.filter((host) => host.active && host.pending.length > 0);
  if (last)
    await verifyOthers(
      run,
      hosts.filter((host) => !waiting.includes(host)),
    );
  if (waiting.length === 0) return;
  const plays = waiting.map((host) => ({ host, pending: host.pending, play: playOf(run, host) }));
  for (const { host } of plays) host.pending = [];
  const { transaction = 'host' } = run.prepared.play;
  const alone = run.options.check || (transaction === 'host' && run.options.decide === undefined);
  if (alone)
    await forEachLimited(plays, run.options.forks, async ({ play }) => {
      if (!run.options.signal.aborted) await playAlone(run, play, last);
    });
  else
    await playTogether(
      run,
      plays.map(({ play }) => play),
    );
  for (const { host, pending, play } of plays) take(run, flow, host, pending, play);
}

/** Tasks that their conditions leave out need no host to be asked. */
function leaveIdle(run: FlowRun, flow: Flow, host: HostFlow): void {
  if (host.pending.length === 0 || host.pending.some(({ expanded }) => expanded.items.length > 0)) return;
  beginOnce(run, host);
  for (const { task, slot, expanded } of host.pending) {
    const scope = run.scopes.task(host.host, task);
    const result: TaskResult = {
      index: slot,
      name: flow.told(task, scope).name,
      status: 'skipped',
      changes: [],
      ...(expanded.skipped !== undefined && { reason: expanded.skipped }),
      warnings: [],
      errors: [],
    };
    host.results[slot] = result;
    if (task.register !== undefined)
      run.runVars.of(host.host).define({ [task.register]: registered(result) });
  }
  host.pending = [];
}

/** Where nothing waits to be made, what was made before is kept already: it can't be undone with the answer. */
async function verifyOthers(run: FlowRun, hosts: readonly HostFlow[]): Promise<void> {
  if (run.options.check) return;
  const changed = hosts.filter((host) => host.active && host.outcome().status === 'changed');
  await forEachLimited(changed, run.options.forks, async (host) => {
    const [fault] = await verify(run, [host.host]);
    if (fault === undefined) return;
    const error = new NetplayError('verify', fault.message, {
      hint: `Its changes stay: netplay rollback ${host.host} takes the last of them back.`,
      ...(fault.place !== undefined && { place: fault.place }),
    });
    host.fall = {
      task: undefined,
      result: { changed: false, failed: true, msg: fault.message },
      status: 'failed',
      error,
    };
  });
}

function playOf(run: FlowRun, host: HostFlow): HostPlay {
  const own = host.pending.map(({ expanded }) => expanded);
  const target = host.pending[0]?.target ?? run.prepared.targets.get(host.host);
  if (target === undefined) throw new Error(`no target for ${host.host}`);
  const all = run.options.check ? plannedWith(host, { tasks: own, target }) : { tasks: own, target };
  const segment = host.segments;
  host.segments += 1;
  return hostPlay(run, host.host, all.tasks, {
    segment,
    begin: () => beginOnce(run, host),
    target: all.target,
  });
}

/** With what a check planned on that machine before, read by who may read most. */
function plannedWith(host: HostFlow, { tasks, target }: Planned): Planned {
  const machine = `${target.connection} ${target.address} ${target.port ?? ''}`;
  const before = host.planned.get(machine);
  const all: Planned = {
    tasks: [...(before?.tasks ?? []), ...tasks],
    target: target.become === undefined ? (before?.target ?? target) : target,
  };
  host.planned.set(machine, all);
  return all;
}

export function beginOnce(run: FlowRun, host: HostFlow): void {
  if (host.begun) return;
  host.begun = true;
  run.emit({ type: 'host_start', play: run.index, host: host.host });
}

/** Puts each task's result where it belongs, and tells what follows from it. */
function take(run: FlowRun, flow: Flow, host: HostFlow, pending: readonly Pending[], play: HostPlay): void {
  const outcome = play.outcome();
  host.add(outcome);
  const own = outcome.tasks.slice(outcome.tasks.length - pending.length);
  pending.forEach(({ task, slot }, at) => {
    const found = own[at];
    if (found === undefined) return;
    const scope = run.scopes.task(host.host, task);
    const { name, noLog } = flow.told(task, scope);
    const result: TaskResult = { ...found, index: slot, name };
    host.results[slot] = noLog ? censored(result) : result;
    if (task.register !== undefined)
      run.runVars.of(host.host).define({ [task.register]: registered(result) });
    if (result.status === 'changed') tell(flow, host, task, scope);
  });
  if (outcome.status === 'ok' || outcome.status === 'changed') return;
  const failed = pending.find((_, at) => own[at]?.status === 'failed');
  const result = failed === undefined ? undefined : host.results[failed.slot];
  host.fall = {
    task: failed?.task ?? pending[0]?.task,
    result:
      result === undefined
        ? {
            changed: false,
            ...(outcome.status === 'unreachable' ? { unreachable: true } : { failed: true }),
            msg: outcome.error?.message ?? outcome.status,
          }
        : registered(result),
    status: outcome.status,
    ...(outcome.error !== undefined && { error: outcome.error }),
  };
}

/** A handler that nobody has, named by a template, fails the host: what it was to be told of is made. */
function tell(flow: Flow, host: HostFlow, task: Task, scope: VarScope): void {
  try {
    flow.notify(host, task, scope);
  } catch (error) {
    if (!(error instanceof NetplayError)) throw error;
    host.fall = { task, result: failedBy(error), status: 'failed', error };
  }
}
