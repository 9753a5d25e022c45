/** A task that is done at once, on all hosts of a step: an action, or a resource's task that stands alone. */
import type { ActionResult } from '../../actions/action.js';
import type { ActionTask, ResourceTask, Task } from '../../playbook/model.js';
import { NetplayError, NetplayErrors } from '../../shared/errors.js';
import type { VarScope } from '../../template/scope.js';
import { defaultsOf, expandTask } from '../expand.js';
import { hostPlay, playAlone } from '../play.js';
import { forEachLimited } from '../pool.js';
import { debuggerWord, lookAt, opensDebugger } from './debugger.js';
import type { Flow } from './flow.js';
import type { FlowRun } from './flow-run.js';
import type { HostFlow } from './host-flow.js';
import { runItems } from './items.js';
import { localActions } from './local.js';
import { ownTarget, runRemote, targetOf, withTimeout } from './remote.js';
import { beginOnce } from './segment.js';
import { registered, reportedResult } from './task-result.js';
import { failedBy } from './told.js';

const UNREACHABLE: readonly string[] = ['unreachable', 'host-key', 'auth', 'become', 'timeout', 'lost'];

export async function runTask(
  run: FlowRun,
  flow: Flow,
  task: Exclude<Task, { kind: 'include' }>,
  hosts: readonly HostFlow[],
): Promise<void> {
  const [first] = hosts;
  await forEachLimited(hosts, limitOf(run, task, first), async (host) => {
    if (!run.options.signal.aborted) await onHost(run, flow, task, host);
  });
}

function limitOf(run: FlowRun, task: Task, host: HostFlow | undefined): number {
  const { forks, templates } = run.options;
  if (task.throttle === undefined || host === undefined) return forks;
  const throttle = Number(templates.render(task.throttle, run.scopes.task(host.host, task), task.place));
  return throttle > 0 ? Math.min(forks, throttle) : forks;
}

async function onHost(
  run: FlowRun,
  flow: Flow,
  task: ActionTask | ResourceTask,
  host: HostFlow,
): Promise<void> {
  const scope = run.scopes.task(host.host, task);
  const slot = host.slot();
  beginOnce(run, host);
  try {
    const { templates, signal } = run.options;
    const context = {
      templates,
      signal,
      retrying: (left: number) =>
        run.emit({
          type: 'task_retry',
          play: run.index,
          host: host.host,
          name: flow.told(task, scope).name,
          left,
        }),
    };
    const attempt: Attempt = { task, scope };
    const result = await untilContent(run, flow, host, attempt, () =>
      runItems(context, attempt.task, attempt.scope, (own) => once(run, flow, attempt.task, host, own)),
    );
    flow.settle(host, task, slot, result, attempt.scope);
  } catch (error) {
    if (error instanceof NetplayError && error.code === 'interrupted') throw error;
    fail(run, flow, host, task, { slot, scope, error });
  }
}

/** A task as it is done: with the debugger, otherwise than it is written. */
interface Attempt {
  task: ActionTask | ResourceTask;
  scope: VarScope;
}

/** Does a task, and once more as long as a person at the debugger wants that. */
async function untilContent(
  run: FlowRun,
  flow: Flow,
  host: HostFlow,
  attempt: Attempt,
  work: () => Promise<ActionResult>,
): Promise<ActionResult> {
  const { templates, dialog } = run.options;
  const { task, scope } = attempt;
  const word = task.debugger;
  if (word === undefined || dialog === undefined || task.kind !== 'action') return work();
  const opens = debuggerWord(templates.render(word, scope, task.place), task);
  for (;;) {
    const done = await work().catch((error: unknown) =>
      error instanceof NetplayError ? error : Promise.reject(error),
    );
    const result =
      done instanceof NetplayError
        ? { ...failedBy(done), unreachable: UNREACHABLE.includes(done.code) }
        : done;
    const { name, noLog = false, ignored = false } = flow.told(task, attempt.scope);
    const looked = { task: attempt.task, name, host: host.host, scope: attempt.scope, result, noLog };
    const again = opensDebugger(opens, result, ignored)
      ? await dialog.exclusive((ask) => lookAt(templates, looked, ask))
      : undefined;
    if (again === undefined) {
      if (done instanceof NetplayError) throw done;
      return done;
    }
    attempt.task = again.task as ActionTask;
    attempt.scope = attempt.scope.child(again.vars, { rendered: true });
  }
}

function once(
  run: FlowRun,
  flow: Flow,
  task: ActionTask | ResourceTask,
  host: HostFlow,
  scope: VarScope,
): Promise<ActionResult> {
  if (task.kind === 'resource') return alone(run, task, host, scope);
  const local = localActions.get(task.action);
  if (local === undefined) return runRemote(run, task, host, scope);
  const { templates } = run.options;
  const own = templates.render(task.params, scope, task.place) as Readonly<Record<string, unknown>>;
  const params = { ...defaultsOf(templates, task, scope), ...own };
  return withTimeout(run, task, { scope, host: host.host }, async () =>
    local({ run, flow, task, host, scope, params }),
  );
}

/** A resource's task as a segment of its own, on the host that it is delegated to. */
async function alone(
  run: FlowRun,
  task: ResourceTask,
  host: HostFlow,
  scope: VarScope,
): Promise<ActionResult> {
  const errors: NetplayError[] = [];
  // Its loop and conditions have been seen to.
  const item = { ...task, when: [], loop: undefined };
  const expanded = expandTask(run.context, item, 0, scope, errors);
  const [error] = errors;
  if (error !== undefined) throw error;
  const target =
    task.delegateTo === undefined ? ownTarget(run, task, host, scope) : targetOf(run, task, host, scope);
  const segment = host.segments;
  host.segments += 1;
  const play = hostPlay(run, target?.name ?? host.host, [expanded], {
    segment,
    begin: () => undefined,
    ...(target !== undefined && { target }),
  });
  // Two hosts may have something to do on the same third one, which has one lock.
  await run.delegates.on(target?.name ?? host.host, () => playAlone(run, play, false));
  const outcome = play.outcome();
  host.add(outcome);
  const [result] = outcome.tasks;
  if (outcome.error !== undefined) throw outcome.error;
  return result === undefined ? { changed: false } : registered(result);
}

function fail(
  run: FlowRun,
  flow: Flow,
  host: HostFlow,
  task: Task,
  { slot, scope, error }: { slot: number; scope: VarScope; error: unknown },
): void {
  const [first] = error instanceof NetplayErrors ? error.errors : [error];
  if (!(first instanceof NetplayError)) throw error;
  if (!UNREACHABLE.includes(first.code)) {
    flow.settle(host, task, slot, failedBy(first), scope);
    return;
  }
  const ignored = run.options.templates.condition(task.ignoreUnreachable ?? false, scope, task.place);
  const result = { changed: false, unreachable: true, msg: first.message };
  if (task.register !== undefined) run.runVars.of(host.host).define({ [task.register]: result });
  if (ignored) {
    const told = { ...flow.told(task, scope), ignored };
    const reported = { ...reportedResult(slot, { ...result, failed: true }, told), result };
    host.results[slot] = reported;
    run.emit({ type: 'task_end', play: run.index, host: host.host, task: reported });
    return;
  }
  host.fall = { task, result, status: 'unreachable', error: first };
  run.fell();
}
