/** A host on its way through a play whose tasks depend on what the ones before came to. */
import type { ActionResult } from '../../actions/action.js';
import type { Role, Task } from '../../playbook/model.js';
import type { NetplayError } from '../../shared/errors.js';
import type { HostStatus, TaskResult } from '../../shared/events.js';
import type { Target } from '../../transport/session.js';
import type { ExpandedTask } from '../expand.js';
import type { HostOutcome, Phase } from '../host-run.js';

/** A resource's task that waits to be planned with its neighbours. */
export interface Pending {
  task: Task;
  expanded: ExpandedTask;
  /** Where its result belongs. */
  slot: number;
  /** Where it says of the way to the host something else than the play does. */
  target?: Target;
}

/** What a check planned on one machine. */
export interface Planned {
  tasks: readonly ExpandedTask[];
  /** How it was reached. */
  target: Target;
}

/** Why a host left the way, for `rescue`. */
export interface Fall {
  task: Task | undefined;
  result: ActionResult;
  status: Exclude<HostStatus, 'ok' | 'changed'>;
  error?: NetplayError;
}

export class HostFlow {
  readonly host: string;
  /** In the order of the play; a slot is empty while its task is pending. */
  readonly results: (TaskResult | undefined)[] = [];
  pending: Pending[] = [];
  /** Of earlier segments, by machine, which a check plans again, since it has changed nothing. */
  readonly planned = new Map<string, Planned>();
  /** What took it off the way; undefined while it is on it. */
  fall: Fall | undefined;
  /** By `meta: end_host` and its like: it takes no further part, and nothing is wrong with it. */
  ended = false;
  /** By `meta: clear_host_errors`: what took it off the way is nothing to later plays. */
  forgiven = false;
  /** Falls that a `rescue` made good. */
  rescued = 0;
  readonly notified = new Set<Task>();
  /** By its key, the first use of each role: others that differ in nothing are left out. */
  readonly #roles = new Map<string, Role>();
  segments = 0;
  begun = false;
  roundTrips = 0;
  readonly ms: Partial<Record<Phase, number>> = {};
  session: readonly string[] = [];
  onTrial: number | undefined;

  constructor(host: string) {
    this.host = host;
  }

  get active(): boolean {
    return this.fall === undefined && !this.ended;
  }

  /** Whether a task is of a role that the host has been through already. */
  hasDone({ role }: Task): boolean {
    if (role === undefined || role.allowDuplicates) return false;
    const first = this.#roles.get(role.key) ?? role;
    this.#roles.set(role.key, first);
    return first !== role;
  }

  /** Puts it on the way again: what took it off is made good. */
  rescue(): void {
    if (this.fall?.status === 'unreachable') this.#noteUnreached(this.fall);
    const failed = this.results.findLastIndex((result) => result?.status === 'failed');
    const result = this.results[failed];
    if (result !== undefined) this.results[failed] = { ...result, rescued: true };
    // One that fell with another host had no failure of its own.
    if (this.fall?.status !== 'not_run') this.rescued += 1;
    this.fall = undefined;
  }

  /** What a rescue makes good is told of the task, since the host as a whole is reached again. */
  #noteUnreached({ task, error, result }: Fall): void {
    const index = this.slot();
    const place = task?.place;
    const message = error?.message ?? String(result.msg);
    this.results[index] = {
      ...{ index, name: task?.name ?? '', status: 'failed', changes: [], warnings: [] },
      errors: [{ code: error?.code ?? 'unreachable', message, ...(place !== undefined && { place }) }],
    };
  }

  /** Keeps a place for a task's result. */
  slot(): number {
    this.results.push(undefined);
    return this.results.length - 1;
  }

  /** Counts the time that something takes. */
  async timed<Result>(phase: Phase, work: () => Promise<Result>): Promise<Result> {
    const start = performance.now();
    try {
      return await work();
    } finally {
      this.ms[phase] = (this.ms[phase] ?? 0) + Math.round(performance.now() - start);
    }
  }

  /** Takes over what a segment came to as a whole. */
  add({ ms, roundTrips, session, onTrial }: HostOutcome): void {
    for (const [phase, time] of Object.entries(ms) as [Phase, number][])
      this.ms[phase] = (this.ms[phase] ?? 0) + time;
    this.roundTrips += roundTrips;
    if (session !== undefined) this.session = [...this.session, ...session];
    if (onTrial !== undefined) this.onTrial = onTrial;
  }

  outcome(): HostOutcome {
    const tasks = this.results.filter((result) => result !== undefined);
    const changed = tasks.some(({ status }) => status === 'changed');
    const { fall } = this;
    return {
      status: fall?.status ?? (changed ? 'changed' : 'ok'),
      tasks,
      ms: this.ms,
      roundTrips: this.roundTrips,
      ...(this.forgiven && { forgiven: true as const }),
      ...(this.rescued > 0 && { rescued: this.rescued }),
      ...(fall?.error !== undefined && { error: fall.error }),
      ...(this.session.length > 0 && { session: this.session }),
      ...(this.onTrial !== undefined && { onTrial: this.onTrial }),
    };
  }
}
