/** One play on one host: connect, read, plan, apply, verify. Three round trips, whatever the number of tasks. */
import { NetplayError } from '../shared/errors.js';
import type { HostPhase, HostStatus, TaskResult } from '../shared/events.js';
import { parseProbe } from '../snapshot/parse.js';
import { buildProbe } from '../snapshot/probe.js';
import { applyScript, type Failure, readFailures, type Unit } from '../transaction/script.js';
import type { Session } from '../transport/session.js';
import type { ExpandedTask } from './expand.js';
import { foresee, warningsOf, withSessionReads } from './foresight.js';
import { type HostPlan, type PlannedTask, planTasks, readsOf } from './plan.js';
import { failedBy, hostError, resultsOf } from './results.js';

type Phase = HostPhase['phase'];

export interface HostRun {
  host: string;
  tasks: readonly ExpandedTask[];
  /** Whether to stop before anything is applied. */
  check: boolean;
  /** Opens the host's session, or gives the one that an earlier play opened. */
  connect(): Promise<Session>;
  phase(phase: Phase): void;
  /** Told before anything is applied, where the plan touches the session's own way. */
  foreseen(warnings: readonly string[]): void;
  /** Whether such a plan is refused. */
  protectSession: boolean;
  signal: AbortSignal;
}

export interface HostOutcome {
  status: HostStatus;
  tasks: TaskResult[];
  error?: NetplayError;
  ms: Partial<Record<Phase, number>>;
  roundTrips: number;
  /** What the plan does to the session's own way; left out where that is nothing. */
  session?: readonly string[];
}

/** Some changes wait on the host: for a new IPv6 address to be usable, for one. */
const APPLY_TIMEOUT_MS = 300_000;

/** IPv6 addresses are tentative for a moment; what depends on them settles within these waits (ms). */
const SETTLE_WAITS = [400, 800, 1600];

export async function runHost(run: HostRun): Promise<HostOutcome> {
  const ms: HostOutcome['ms'] = {};
  const timed = async <Result>(phase: Phase, work: () => Result | Promise<Result>): Promise<Result> => {
    run.phase(phase);
    const start = performance.now();
    try {
      return await work();
    } finally {
      ms[phase] = Math.round(performance.now() - start);
    }
  };
  let session: Session | undefined;
  let framesBefore = 0;
  let warnings: readonly string[] = [];
  const outcome = (partial: Pick<HostOutcome, 'status' | 'tasks' | 'error'>): HostOutcome => ({
    ...partial,
    ms,
    roundTrips: (session?.frames ?? 0) - framesBefore,
    ...(warnings.length > 0 && { session: warnings }),
  });
  let plan: HostPlan = { tasks: [], sequence: [] };
  try {
    const opened = await timed('connect', () => run.connect());
    session = opened;
    framesBefore = opened.frames;
    const planned = await timed('read', () => readAndPlan(run, opened));
    plan = planned.plan;
    const blocked = run.tasks.some((task, index) => blocks(task, plan.tasks[index]));
    if (blocked) return outcome({ status: 'failed', tasks: resultsOf(run.tasks, plan, { blocked }) });
    warnings = planned.warnings;
    if (warnings.length > 0) run.foreseen(warnings);
    if (warnings.length > 0 && run.protectSession) throw protectedSession(run.host, warnings);
    const pending = plan.sequence.length > 0;
    if (run.check || !pending || run.signal.aborted)
      return outcome(done(resultsOf(run.tasks, plan, { notRun: pending && run.signal.aborted })));
    const failures = await timed('apply', () => apply(run, opened, plan));
    if (failures.some((failure) => !ignores(run, plan, failure)))
      return outcome({ status: 'failed', tasks: resultsOf(run.tasks, plan, { failures }) });
    const left = await timed('verify', () => verify(run, opened, plan, failures));
    const tasks = resultsOf(run.tasks, plan, { failures, left });
    return outcome(done(tasks));
  } catch (error) {
    const failure = sinceApply(hostError(error, run.host), ms);
    return outcome({ ...failedBy(failure, run.tasks, plan), error: failure });
  }
}

/** A connection that goes once changes are being made leaves it open how many of them hold. */
function sinceApply(error: NetplayError, ms: HostOutcome['ms']): NetplayError {
  if (ms.apply === undefined) return error;
  const when = ms.verify === undefined ? 'while changes were being made' : 'after changes were made';
  return new NetplayError(error.code, `${when}: ${error.message}`, {
    ...(error.host !== undefined && { host: error.host }),
    cause: error,
    hint: 'once the host can be reached, run again with --check to see what is left to change',
  });
}

function done(tasks: TaskResult[]): Pick<HostOutcome, 'status' | 'tasks'> {
  if (tasks.some((task) => task.status === 'failed')) return { status: 'failed', tasks };
  return { status: tasks.some((task) => task.status === 'changed') ? 'changed' : 'ok', tasks };
}

function blocks(task: ExpandedTask, plan: PlannedTask | undefined): boolean {
  return (plan?.problems.length ?? 0) > 0 && !task.ignoreErrors;
}

async function readAndPlan(
  run: HostRun,
  session: Session,
): Promise<{ plan: HostPlan; warnings: readonly string[] }> {
  const reads = withSessionReads(readsOf(run.tasks));
  const frame = await session.run(buildProbe(reads), { signal: run.signal });
  const before = parseProbe(frame.stdout, reads);
  const plan = planTasks(run.tasks, before);
  return { plan, warnings: warningsOf(foresee(before, plan.state, plan)) };
}

function protectedSession(host: string, warnings: readonly string[]): NetplayError {
  return new NetplayError('plan', ['refused by --protect-session:', ...warnings].join('\n'), {
    host,
    hint: 'if that is meant, leave --protect-session out',
  });
}

function ignores(run: HostRun, plan: HostPlan, failure: Failure): boolean {
  const unit = plan.sequence[failure.unit];
  return unit !== undefined && run.tasks[unit.task]?.ignoreErrors === true;
}

/** Applying is never broken off by the first Ctrl-C: half of a change is worse than all of it. */
async function apply(run: HostRun, session: Session, plan: HostPlan): Promise<Failure[]> {
  const units = plan.sequence.map(
    ({ task, changes }): Unit => ({
      steps: changes.flatMap((change) => change.do),
      optional: run.tasks[task]?.ignoreErrors === true,
    }),
  );
  const frame = await session.run(applyScript(units), { timeoutMs: APPLY_TIMEOUT_MS });
  const failures = readFailures(units, frame.stdout, frame.stderr);
  if (frame.code !== 0 && failures.length === 0)
    failures.push({ unit: 0, command: 'sh', code: frame.code, words: frame.stderr.trim() });
  return failures;
}

/** Reads again and plans again: what is left to change is what did not take. */
async function verify(
  run: HostRun,
  session: Session,
  plan: HostPlan,
  failures: readonly Failure[],
): Promise<ReadonlyMap<number, PlannedTask>> {
  const reads = readsOf(run.tasks);
  const ignored = new Set(failures.map((failure) => plan.sequence[failure.unit]?.task));
  for (const wait of [...SETTLE_WAITS, undefined]) {
    const frame = await session.run(buildProbe(reads));
    const snapshot = parseProbe(frame.stdout, reads);
    const again = planTasks(run.tasks, snapshot);
    const left = again.tasks
      .map((task, index) => [index, task] as const)
      .filter(([index, task]) => !ignored.has(index) && task.changes.length + task.problems.length > 0)
      .filter(([index, task]) => task.changes.length > 0 || run.tasks[index]?.ignoreErrors !== true);
    const unsettled = snapshot.addresses.some((address) => address.flags.includes('tentative'));
    if (left.length === 0 || !unsettled || wait === undefined) return new Map(left);
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
  return new Map();
}
