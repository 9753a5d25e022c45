/** What plans and failures come to, as the results that are reported. */
import type { Change } from '../shared/change.js';
import { NetplayError } from '../shared/errors.js';
import type { HostStatus, ReportedChange, ReportedError, TaskResult, TaskStatus } from '../shared/events.js';
import { describeStep, type Failure } from '../transaction/script.js';
import type { ExpandedTask } from './expand.js';
import type { PlannedTask } from './plan.js';

export interface Happened {
  /** A task that can't be planned stopped the host before anything was applied. */
  blocked?: boolean;
  /** The run was interrupted before anything was applied. */
  notRun?: boolean;
  failures?: readonly Failure[];
  /** What a second plan, after applying, still wanted. By index of the task. */
  left?: ReadonlyMap<number, PlannedTask>;
}

/** The results of all tasks of a host, in their order. */
export function resultsOf(
  tasks: readonly ExpandedTask[],
  planned: readonly PlannedTask[],
  happened: Happened,
): TaskResult[] {
  const fatal = (happened.failures ?? []).find((failure) => !tasks[failure.unit]?.ignoreErrors);
  return tasks.map((task, index) => {
    const plan = planned[index];
    const errors = errorsOf(task, index, plan, happened);
    const status = statusOf(task, index, plan, errors, happened, fatal);
    return {
      index,
      name: task.task.name,
      status,
      changes: status === 'changed' ? (plan?.changes ?? []).map(reportChange) : [],
      ...reasonOf(task, plan),
      warnings: plan?.warnings ?? [],
      errors,
    };
  });
}

function reasonOf(task: ExpandedTask, plan: PlannedTask | undefined): { reason?: string } {
  if (task.skipped !== undefined) return { reason: task.skipped };
  const reasons = [...new Set(plan?.reasons ?? [])];
  return reasons.length === 0 ? {} : { reason: reasons.join('; ') };
}

function statusOf(
  task: ExpandedTask,
  index: number,
  plan: PlannedTask | undefined,
  errors: readonly ReportedError[],
  happened: Happened,
  fatal: Failure | undefined,
): TaskStatus {
  if (task.skipped !== undefined) return 'skipped';
  if (errors.length > 0) return task.ignoreErrors ? 'ignored' : 'failed';
  const changes = (plan?.changes.length ?? 0) > 0;
  if (happened.blocked || happened.notRun) return changes ? 'not-run' : 'ok';
  if (fatal !== undefined && index > fatal.unit) return changes ? 'not-run' : 'ok';
  return changes ? 'changed' : 'ok';
}

function errorsOf(
  task: ExpandedTask,
  index: number,
  plan: PlannedTask | undefined,
  happened: Happened,
): ReportedError[] {
  const name = task.task.name;
  const problems = (plan?.problems ?? []).map(
    (problem): ReportedError => ({
      code: 'plan',
      message: problem.message,
      ...(problem.hint !== undefined && { hint: problem.hint }),
      place: task.task.locate(problem.path),
      task: name,
    }),
  );
  const failures = (happened.failures ?? [])
    .filter((failure) => failure.unit === index)
    .map(
      (failure): ReportedError => ({
        code: 'apply',
        message: `${failure.command}: ${failure.words === '' ? `exit code ${failure.code}` : failure.words}`,
        place: task.task.place,
        task: name,
      }),
    );
  return [...problems, ...failures, ...leftOver(task, happened.left?.get(index))];
}

/** After applying, the host's own state does not have what was asked for. */
function leftOver(task: ExpandedTask, left: PlannedTask | undefined): ReportedError[] {
  if (left === undefined) return [];
  const words = [
    ...left.changes.map(
      (change) => `${change.address} is ${change.before ?? 'absent'}, not ${change.after ?? 'absent'}`,
    ),
    ...left.problems.map((problem) => problem.message),
  ];
  return [
    {
      code: 'verify',
      message: `applied, but the host does not show it: ${words.join('; ')}`,
      hint: 'another program on the host (networkd, NetworkManager, a dhcp client) may have changed it back',
      place: task.task.place,
      task: task.task.name,
    },
  ];
}

export function reportChange(change: Change): ReportedChange {
  const { resource, address, action, before, after } = change;
  return { resource, address, action, before, after, commands: change.do.map(describeStep) };
}

export function reportError(error: NetplayError): ReportedError {
  return {
    code: error.code,
    message: error.message,
    ...(error.hint !== undefined && { hint: error.hint }),
    ...(error.place !== undefined && { place: error.place }),
    ...(error.task !== undefined && { task: error.task }),
  };
}

/** An error as one of this host; a programmer's error is told as one, with its stack as the cause. */
export function hostError(error: unknown, host: string): NetplayError {
  if (error instanceof NetplayError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new NetplayError('plan', `internal error: ${message}`, { host, cause: error });
}

const CONNECTION_CODES = new Set(['unreachable', 'host-key', 'auth', 'become', 'timeout', 'lost']);

/** What an error that ended the whole host's play means for its tasks: what was planned is not known to be done. */
export function failedBy(
  error: NetplayError,
  tasks: readonly ExpandedTask[],
  planned: readonly PlannedTask[],
): { status: HostStatus; tasks: TaskResult[] } {
  const status = CONNECTION_CODES.has(error.code) ? 'unreachable' : 'failed';
  const results = tasks.map(
    (task, index): TaskResult => ({
      index,
      name: task.task.name,
      status: task.skipped === undefined ? 'not-run' : 'skipped',
      changes: [],
      warnings: planned[index]?.warnings ?? [],
      errors: [],
    }),
  );
  return { status, tasks: results };
}
