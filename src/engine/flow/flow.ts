/**
 * Hosts on their way through a play, in step: each task is done on all of them before the next begins. Tasks of
 * resources wait, to be planned together, until something needs to know what became of them.
 */
import type { ActionResult } from '../../actions/action.js';
import { fullName } from '../../playbook/listing.js';
import type { Block, IncludeTask, Play, ResourceTask, Step, Task } from '../../playbook/model.js';
import { NetplayError } from '../../shared/errors.js';
import type { VarScope } from '../../template/scope.js';
import { holdsTemplate } from '../../template/templates.js';
import { expandTask, flagOf } from '../expand.js';
import { noted } from '../probes.js';
import { saysOwnWay } from '../target-for.js';
import { failingCondition } from './condition.js';
import { gatherWhereAsked } from './facts.js';
import type { FlowRun } from './flow-run.js';
import type { HostFlow } from './host-flow.js';
import { readIncludes } from './include.js';
import { ownTarget } from './remote.js';
import { flushSegment } from './segment.js';
import { runTask } from './task.js';
import { asRegistered, reportedResult, type Told } from './task-result.js';
import { actionOf, failedBy } from './told.js';

/** Actions that are done once for all hosts. */
const ONCE: readonly string[] = ['add_host', 'pause'];

export class Flow {
  readonly #run: FlowRun;
  readonly hosts: readonly HostFlow[];
  /** Handlers of roles that were included, behind those of the play. */
  readonly #handlers: Task[] = [];
  /** By `meta: end_play` and any_errors_fatal. */
  #stopped = false;
  /** Whether what fails now is made good by a `rescue` around it. */
  #isRescued = false;

  constructor(run: FlowRun, hosts: readonly HostFlow[]) {
    this.#run = run;
    this.hosts = hosts;
  }

  get play(): Play {
    return this.#run.prepared.play;
  }

  /** The whole play. */
  async run(): Promise<void> {
    await this.steps(this.play.steps, this.hosts);
    await this.flush(this.hosts, true);
    for (const host of this.hosts) leaveUndone(host);
    const forced = flagOf(
      this.#run.options.templates,
      this.play.forceHandlers,
      this.#anyScope(),
      this.play.place,
    );
    if (forced) await this.#handlersOf(this.hosts, true);
  }

  end(): void {
    this.#stopped = true;
  }

  /** Does steps one after another on those of the hosts that are on the way. */
  async steps(steps: readonly Step[], hosts: readonly HostFlow[]): Promise<void> {
    for (const step of steps) {
      if (this.#stopped || this.#run.options.signal.aborted) return;
      const active = hosts.filter((host) => host.active && !hasDone(host, step));
      if (active.length === 0) continue;
      if (step.kind === 'flush') await this.#handlersOf(active);
      else if (isFlush(step)) await this.#flushHandlers(step, active);
      else if (step.kind === 'block') await this.#block(step, active);
      else if (this.#run.selected(step)) await this.#task(step, active);
    }
  }

  /** `meta: flush_handlers`, on hosts where its conditions hold. */
  async #flushHandlers(step: Task, hosts: readonly HostFlow[]): Promise<void> {
    if (!this.#run.selected(step)) return;
    if (step.when.length > 0) await this.flush(hosts);
    const { templates } = this.#run.options;
    const held = hosts.filter(
      (host) => host.active && failingCondition(templates, step.when, this.#scope(host, step)) === undefined,
    );
    if (held.length > 0) await this.#handlersOf(held);
  }

  /** Makes what waits. @param last whether nothing follows, so that the play's `verify` is due */
  async flush(hosts: readonly HostFlow[], last = false): Promise<void> {
    await flushSegment(this.#run, this, hosts, last);
    this.#told(hosts);
  }

  async #block({ block, rescue, always }: Block, hosts: readonly HostFlow[]): Promise<void> {
    // What stands before a block is no part of what its rescue would make good.
    await this.flush(hosts);
    const active = hosts.filter((host) => host.active);
    const outer = this.#isRescued;
    this.#isRescued ||= rescue.length > 0;
    await this.steps(block, active);
    await this.flush(active);
    this.#isRescued = outer;
    // Unlike Ansible's, a rescue is for hosts that were not reached, too: it may work on them from elsewhere.
    const fallen = active.filter((host) => host.fall !== undefined);
    if (rescue.length > 0 && fallen.length > 0) await this.#rescue(rescue, fallen);
    if (always.length > 0) await this.#always(always, active);
  }

  async #rescue(steps: readonly Step[], hosts: readonly HostFlow[]): Promise<void> {
    for (const host of hosts) {
      const { fall } = host;
      host.rescue();
      this.#run.runVars.of(host.host).define({
        ansible_failed_task: { name: fall?.task?.name ?? '', action: actionOf(fall?.task) },
        ansible_failed_result: fall?.result ?? { failed: true },
      });
    }
    this.#run.fell();
    await this.steps(steps, hosts);
    await this.flush(hosts);
  }

  /** Hosts that fell take part, and are then as they were. */
  async #always(steps: readonly Step[], hosts: readonly HostFlow[]): Promise<void> {
    const left = hosts.filter(({ ended }) => !ended);
    const falls = left.map((host) => host.fall);
    for (const host of left) host.fall = undefined;
    await this.steps(steps, left);
    await this.flush(left);
    left.forEach((host, index) => {
      host.fall ??= falls[index];
    });
  }

  async #task(task: Task, hosts: readonly HostFlow[]): Promise<void> {
    if (!(await this.#isWanted(task, hosts))) return;
    const once = this.#isOnce(task, hosts[0]);
    const [first] = hosts;
    const doing = once && first !== undefined ? [first] : hosts;
    await gatherWhereAsked(this.#run, this, task, doing);
    if (task.kind === 'resource' && !isAlone(task))
      await this.#queue(
        task,
        doing.filter((host) => host.active),
      );
    else
      await this.#now(
        task,
        doing.filter((host) => host.active),
      );
    if (once) await this.#copy(task, first, hosts);
    this.#countFalls();
    await this.#heed(task, hosts, once);
  }

  #isOnce(task: Task, host: HostFlow | undefined): boolean {
    if (task.kind === 'action' && ONCE.includes(task.action)) return true;
    return flagOf(this.#run.options.templates, task.runOnce, this.#scope(host, task), task.place);
  }

  /** Whether a person wants it done, where one is asked: when all that stands before it is over. */
  async #isWanted(task: Task, hosts: readonly HostFlow[]): Promise<boolean> {
    const { confirmTask } = this.#run.options;
    if (confirmTask === undefined) return true;
    await this.flush(hosts);
    const { name } = this.told(task, this.#scope(hosts[0], task));
    return confirmTask(fullName({ ...task, name }));
  }

  /** A resource's task waits, unless it depends on one that does. */
  async #queue(task: ResourceTask, hosts: readonly HostFlow[]): Promise<void> {
    const waiting = hosts.some((host) => this.#dependsOnPending(task, host) || this.#goesApart(task, host));
    if (waiting) await this.flush(hosts);
    for (const host of hosts.filter(({ active }) => active)) {
      const slot = host.slot();
      const errors: NetplayError[] = [];
      const scope = this.#run.scopes.task(host.host, task);
      const expanded = expandTask(this.#run.context, task, slot, scope, errors);
      const target = noted(errors, () => ownTarget(this.#run, task, host, scope));
      const [error] = errors;
      if (error === undefined)
        host.pending.push({ task, expanded, slot, ...(target !== undefined && { target }) });
      else {
        await this.flush([host]);
        if (host.active) this.settle(host, task, slot, failedBy(error), scope);
      }
    }
  }

  /** Whatever can't wait: what waits is made first, then all hosts do it, and then the next task begins. */
  async #now(task: Task, hosts: readonly HostFlow[]): Promise<void> {
    await this.flush(hosts);
    const active = hosts.filter((host) => host.active);
    if (task.kind === 'include') return this.#include(task, active);
    await runTask(this.#run, this, task, active);
  }

  /** Hosts for which an include comes to the same do it together. */
  async #include(task: IncludeTask, hosts: readonly HostFlow[]): Promise<void> {
    for (const { hosts: group, included } of await readIncludes(this.#run, this, task, hosts)) {
      this.#handlers.push(...included.handlers);
      this.#run.scopes.import(included.imported);
      await this.steps(included.steps, group);
    }
  }

  /** Handlers that were told since they last ran, each on the hosts that told it, in the order of the play. */
  async #handlersOf(hosts: readonly HostFlow[], forced = false): Promise<void> {
    if (this.#notifies()) await this.flush(hosts);
    for (const handler of [...this.play.handlers, ...this.#handlers]) {
      const told = hosts.filter((host) => (host.active || forced) && host.notified.delete(handler));
      const falls = told.map((host) => host.fall);
      if (forced) for (const host of told) host.fall = undefined;
      if (told.length > 0) await this.#task(handler, told);
      await this.flush(told);
      told.forEach((host, index) => {
        host.fall ??= falls[index];
      });
    }
  }

  #notifies(): boolean {
    return this.hosts.some((host) => host.pending.some(({ task }) => task.notify.length > 0));
  }

  /** Takes a result over: keeps it, tells it, and takes the host off the way where it failed. */
  settle(host: HostFlow, task: Task, slot: number, result: ActionResult, scope: VarScope): void {
    const { runVars, emit, index } = this.#run;
    const told = this.told(task, scope);
    const reported = reportedResult(slot, result, told);
    host.results[slot] = reported;
    if (task.register !== undefined) runVars.of(host.host).define({ [task.register]: asRegistered(result) });
    if (result.changed && !result.failed) this.notify(host, task, scope);
    emit({ type: 'task_end', play: index, host: host.host, task: reported });
    if (!result.failed || told.ignored) return;
    host.fall = { task, result, status: 'failed' };
    this.#run.fell();
  }

  /** How a task is told of. */
  told(task: Task, scope: VarScope): Told {
    const { templates } = this.#run.options;
    const flag = (value: boolean | string | undefined): boolean =>
      flagOf(templates, value, scope, task.place);
    const own = holds(() => String(templates.render(task.name, scope, task.place))) ?? task.name;
    const name = task.role === undefined ? own : `${task.role.name} : ${own}`;
    return {
      task,
      name,
      kind: actionOf(task),
      ignored: holds(() => flag(task.ignoreErrors)) ?? false,
      noLog: holds(() => flag(task.noLog)) ?? true,
    };
  }

  /** Tells handlers that a task changed something. @throws NetplayError where nobody listens to that */
  notify(host: HostFlow, task: Task, scope: VarScope): void {
    for (const written of task.notify) {
      const rendered = this.#run.options.templates.render(written, scope, task.place);
      for (const word of Array.isArray(rendered) ? rendered.map(String) : [String(rendered)]) {
        const all = [...this.play.handlers, ...this.#handlers];
        const listening = all.filter(({ listen }) => listen.includes(word));
        const answering = all.filter((handler) => this.#answersTo(handler, word, host));
        // Those of a later role, and of the play, stand before those of an earlier one; within one the first counts.
        const named = answering.filter(({ role }) => role === answering.at(-1)?.role).slice(0, 1);
        if (listening.length + named.length === 0)
          throw new NetplayError('playbook', `notify: there is no handler '${word}'`, {
            place: task.place,
            task: task.name,
          });
        for (const handler of [...named, ...listening]) host.notified.add(handler);
      }
    }
  }

  /** Whether a handler has a name, which may be a template of the play's variables. */
  #answersTo(handler: Task, word: string, host: HostFlow): boolean {
    const { templates } = this.#run.options;
    const name = holdsTemplate(handler.name)
      ? holds(() => templates.render(handler.name, this.#scope(host, handler), handler.place))
      : handler.name;
    return name === word || (handler.role !== undefined && `${handler.role.name} : ${name}` === word);
  }

  /** What a task that ran once came to is so for all. */
  async #copy(task: Task, first: HostFlow | undefined, hosts: readonly HostFlow[]): Promise<void> {
    if (first === undefined || task.register === undefined) return;
    await this.flush([first]);
    const value = this.#run.runVars.of(first.host).set[task.register];
    for (const host of hosts)
      if (host !== first) this.#run.runVars.of(host.host).define({ [task.register]: value });
  }

  /** Too many failed hosts end the play for those that are left, too. */
  #countFalls(): void {
    const { maxFailPercentage, place } = this.play;
    if (maxFailPercentage === undefined || this.#isRescued) return;
    const fallen = this.hosts.filter(({ fall }) => fall !== undefined).length;
    const most = Number(this.#run.options.templates.render(maxFailPercentage, this.#anyScope(), place));
    if ((fallen / this.hosts.length) * 100 > most) this.#stopped = true;
  }

  /** any_errors_fatal, and a task that ran once and failed, end the play for all. */
  async #heed(task: Task, hosts: readonly HostFlow[], once: boolean): Promise<void> {
    const { templates } = this.#run.options;
    const scope = this.#scope(hosts[0], task);
    if (!once && !flagOf(templates, task.anyErrorsFatal, scope, task.place)) return;
    await this.flush(hosts);
    // As in Ansible, what is rescued on its own host is no matter of the others, unless it was done for them too.
    const matters = once || !this.#isRescued;
    const fallen = hosts.find(({ fall }) => fall !== undefined);
    if (fallen === undefined || !matters) return;
    for (const host of this.hosts.filter(({ active }) => active))
      host.fall = {
        task,
        result: { changed: false, failed: true, msg: `${fallen.host} failed, and any_errors_fatal is set` },
        status: 'not_run',
        error: new NetplayError('task', `${fallen.host} failed, and any_errors_fatal is set`, {
          place: task.place,
        }),
      };
  }

  #dependsOnPending(task: Task, host: HostFlow): boolean {
    const registered = new Set(host.pending.flatMap((one) => one.task.register ?? []));
    if (registered.size === 0) return false;
    return this.#run.names.reaches(task, this.#run.scopes.task(host.host, task), (name) =>
      registered.has(name),
    );
  }

  /** Whether what waits goes another way to the host. */
  #goesApart(task: ResourceTask, host: HostFlow): boolean {
    const [first] = host.pending;
    if (first === undefined) return false;
    if (first.target === undefined && !saysOwnWay(task, this.play)) return false;
    const own = noted([], () => ownTarget(this.#run, task, host, this.#run.scopes.task(host.host, task)));
    return JSON.stringify(own) !== JSON.stringify(first.target);
  }

  #told(hosts: readonly HostFlow[]): void {
    if (hosts.some((host) => !host.active)) this.#run.fell();
  }

  #scope(host: HostFlow | undefined, task: Task): VarScope {
    if (host === undefined) return this.#anyScope();
    return this.#run.scopes.task(host.host, task);
  }

  #anyScope(): VarScope {
    const [first] = this.hosts;
    if (first === undefined) throw new Error('a flow has hosts');
    return this.#run.scopes.host(first.host);
  }
}

/** Whether a resource's task has to be over before the next one begins. */
function isAlone(task: ResourceTask): boolean {
  return (
    task.until !== undefined ||
    task.retries !== undefined ||
    task.changedWhen !== undefined ||
    task.failedWhen !== undefined ||
    task.delegateTo !== undefined
  );
}

/** What an interrupt kept from being begun. */
function leaveUndone(host: HostFlow): void {
  for (const { slot, task } of host.pending)
    host.results[slot] = {
      index: slot,
      name: task.name,
      status: 'not-run',
      changes: [],
      warnings: [],
      errors: [],
    };
  host.pending = [];
}

function hasDone(host: HostFlow, step: Step): boolean {
  return step.kind !== 'flush' && step.kind !== 'block' && host.hasDone(step);
}

/** `meta: flush_handlers`, which stands wherever a task can. */
function isFlush(step: Step): step is Task {
  return step.kind === 'action' && step.action === 'meta' && step.params.free_form === 'flush_handlers';
}

/** What can't be worked out is an error of the task, which is told elsewhere. */
function holds<Result>(work: () => Result): Result | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof NetplayError) return undefined;
    throw error;
  }
}
