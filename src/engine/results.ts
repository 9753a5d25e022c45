/** What plans and failures come to, as the results that are reported. */
import type { Change } from '../shared/change.js';
import { NetplayError } from '../shared/errors.js';
import type { HostStatus, ReportedError, TaskResult, TaskStatus } from '../shared/events.js';
import { formatPlace } from '../shared/place.js';
import type { LockOwner } from '../transaction/begin.js';
import type { Failure } from '../transaction/script.js';
import type { ExpandedTask } from './expand.js';
import type { HostPlan, PlannedTask } from './plan.js';
import { reportChange } from './report-change.js';

export interface Happened {
  /** A task that can't be planned stopped the host before anything was applied. */
  blocked?: boolean;
  /** The run was interrupted before anything was applied. */
  notRun?: boolean;
  /** All that was made was undone. */
  undone?: boolean;
  /** By unit of the plan's sequence. */
  failures?: readonly Failure[];
  /** What a second plan, after applying, still wanted. By index of the task. */
  left?: ReadonlyMap<number, PlannedTask>;
  /** Who may be at fault for what is left. */
  rivals?: string;
}

/** The results of all tasks of a host, in their order. */
export function resultsOf(tasks: readonly ExpandedTask[], plan: HostPlan, happened: Happened): TaskResult[] {
  const made = madeChanges(tasks, plan, happened);
  return tasks.map((task, index) => {
    const planned = plan.tasks[index];
    const errors = errorsOf(task, index, plan, happened);
    const changes = made.get(index) ?? [];
    const undone = happened.undone === true;
    const status = statusOf(task, planned, changes, errors, undone);
    return {
      index,
      name: task.task.name,
      path: formatPlace(task.task.place),
      status,
      changes: undone ? [] : changes.map(reportChange),
      ...(undone && changes.length > 0 && { undone: changes.map(reportChange) }),
      ...reasonOf(task, planned),
      ...partsOf(task, planned),
      warnings: planned?.warnings ?? [],
      errors,
    };
  });
}

/** What was made, or in a check would be, by task: all, or what stands before the unit that failed. */
function madeChanges(
  tasks: readonly ExpandedTask[],
  plan: HostPlan,
  { blocked, notRun, failures = [] }: Happened,
): Map<number, Change[]> {
  const made = new Map<number, Change[]>();
  if (blocked || notRun) return made;
  const failed = new Set(failures.map((failure) => failure.unit));
  for (const [index, { task, changes }] of plan.sequence.entries()) {
    if (failed.has(index) && tasks[task]?.ignoreErrors !== true) return made;
    if (!failed.has(index)) made.set(task, [...(made.get(task) ?? []), ...changes]);
  }
  return made;
}

/** What an intent stands for; a plain task stands for itself. */
function partsOf({ resource }: ExpandedTask, planned: PlannedTask | undefined): Pick<TaskResult, 'parts'> {
  if (!('expand' in resource)) return {};
  const parts = planned?.parts ?? [];
  return { parts: parts.map(({ resource: { name }, params }) => ({ [name]: params })) };
}

function reasonOf(task: ExpandedTask, plan: PlannedTask | undefined): { reason?: string } {
  if (task.skipped !== undefined) return { reason: task.skipped };
  const reasons = [...new Set(plan?.reasons ?? [])];
  return reasons.length === 0 ? {} : { reason: reasons.join('; ') };
}

function statusOf(
  task: ExpandedTask,
  planned: PlannedTask | undefined,
  made: readonly Change[],
  errors: readonly ReportedError[],
  undone: boolean,
): TaskStatus {
  if (task.skipped !== undefined) return 'skipped';
  if (errors.length > 0) return task.ignoreErrors ? 'ignored' : 'failed';
  if (made.length > 0) return undone ? 'undone' : 'changed';
  return (planned?.changes.length ?? 0) > 0 ? 'not-run' : 'ok';
}

/** What a login without rights comes to, in the words of every tool and shell. */
const ROOT_ONLY = 'only root may change this: say `become: true` in the play, or log in as root';

/** What a kernel answers that has no links of a kind; before 4.13 it knows only the latter words. */
const UNKNOWN_KIND = /Unknown device type|Operation not supported/;

function hintOf({ command, words }: Failure): { hint?: string } {
  if (/permission denied|not permitted/i.test(words)) return { hint: ROOT_ONLY };
  const [, kind, more] = /^ip link add .* type (\S+)(.*)/.exec(command) ?? [];
  // Of a bridge with settings it may be one of them.
  if (kind === undefined || (kind === 'bridge' && more !== '') || !UNKNOWN_KIND.test(words)) return {};
  return {
    hint: `the host's kernel knows no links of the kind ${kind}: the module that brings them is missing`,
  };
}

function errorsOf(task: ExpandedTask, index: number, plan: HostPlan, happened: Happened): ReportedError[] {
  const name = task.task.name;
  const problems = (plan.tasks[index]?.problems ?? []).map(
    (problem): ReportedError => ({
      code: 'plan',
      message: problem.message,
      ...(problem.hint !== undefined && { hint: problem.hint }),
      place: task.task.locate(problem.path),
      task: name,
    }),
  );
  const failures = (happened.failures ?? [])
    .filter((failure) => plan.sequence[failure.unit]?.task === index)
    .map(
      (failure): ReportedError => ({
        code: 'apply',
        message: `${failure.command}: ${failure.words === '' ? `exit code ${failure.code}` : failure.words}`,
        ...hintOf(failure),
        place: task.task.place,
        task: name,
      }),
    );
  return [...problems, ...failures, ...leftOver(task, happened.left?.get(index), happened.rivals)];
}

/** After applying, the host's own state does not have what was asked for. */
function leftOver(
  task: ExpandedTask,
  left: PlannedTask | undefined,
  rivals: string | undefined,
): ReportedError[] {
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
      ...(rivals !== undefined && { hint: rivals }),
      place: task.task.place,
      task: task.task.name,
    },
  ];
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

/** Another run has the host. */
export function lockedError({ run, by, from, since, left }: LockOwner): NetplayError {
  const when = new Date(since * 1000).toISOString().replace('T', ' ').slice(0, 19);
  const trial = left === undefined ? '' : `; its changes are on trial, ${left} s are left`;
  return new NetplayError(
    'locked',
    `run ${run} of ${by} from ${from} has this host since ${when} UTC${trial}`,
    {
      hint: 'wait for it, or give --lock-timeout the seconds to wait',
    },
  );
}

const CONNECTION_CODES = new Set(['unreachable', 'host-key', 'auth', 'become', 'timeout', 'lost']);

/** What an error that ended the whole host's play means for its tasks: what was planned is not known to be done. */
export function failedBy(
  error: NetplayError,
  tasks: readonly ExpandedTask[],
  plan: HostPlan,
): { status: HostStatus; tasks: TaskResult[] } {
  const status = CONNECTION_CODES.has(error.code) ? 'unreachable' : 'failed';
  const results = tasks.map(
    (task, index): TaskResult => ({
      index,
      name: task.task.name,
      status: task.skipped === undefined ? 'not-run' : 'skipped',
      changes: [],
      warnings: plan.tasks[index]?.warnings ?? [],
      errors: [],
    }),
  );
  return { status, tasks: results };
}

/** Where nothing went wrong as a whole: what the tasks come to together. */
export function done(tasks: TaskResult[]): { status: HostStatus; tasks: TaskResult[] } {
  if (tasks.some((task) => task.status === 'failed')) return { status: 'failed', tasks };
  return { status: tasks.some((task) => task.status === 'changed') ? 'changed' : 'ok', tasks };
}

/** A problem that is not to be ignored keeps the whole host from being changed. */
export function blocks(task: ExpandedTask, plan: PlannedTask | undefined): boolean {
  return (plan?.problems.length ?? 0) > 0 && !task.ignoreErrors;
}
