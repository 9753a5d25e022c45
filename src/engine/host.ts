/**
 * One play on one host, in stages: read and plan, apply, prove, confirm. Three round trips without a change
 * on trial, and one more with a new connection where there is one, whatever the number of tasks.
 */
import { NetplayError } from '../shared/errors.js';
import type { ReportedError } from '../shared/events.js';
import { HELD } from '../shared/journal-folder.js';
import type { Read, Snapshot } from '../snapshot/model.js';
import { parseProbe } from '../snapshot/parse.js';
import { buildProbe } from '../snapshot/probe.js';
import type { Begun, Ended, Transaction } from '../transaction/begin.js';
import { type ChangeUnit, type Failure, readFailures, runtimeUnits } from '../transaction/script.js';
import type { Session } from '../transport/session.js';
import { announcements } from './announce.js';
import { Baseline, withBaselineReads } from './baseline.js';
import { journalEntry } from './entry.js';
import { foresee, warningsOf, withSessionReads } from './foresight.js';
import type { HostOutcome, HostRun, Phase } from './host-run.js';
import { type HostPlan, planTasks, readsOf } from './plan.js';
import { blocks, done, failedBy, type Happened, hostError, lockedError, resultsOf } from './results.js';
import { rivalsHint } from './rivals.js';
import { Trial } from './trial.js';
import { differences, type Verified, verifyHost } from './verify.js';

/** What is known of a host's play when it has ended. */
type End = Pick<HostOutcome, 'status' | 'tasks' | 'error'>;

const ON_TRIAL = 'another run has changes on trial on this host: what was read may still be undone';
const ABANDONED = 'an earlier run died on this host: what it had not ended was ended first';
const NO_JOURNAL =
  'its journal can not be written: `netplay history` will not tell of this run, nor can it be taken back';
const NOT_SHOWN = 'the host does not show what was applied';
const CUT =
  'the changes seem to cut the way between here and the host: look at its routes, rules, addresses and links';

/** How often a plan is made anew because somebody else changed the host meanwhile. */
const REPLANS = 3;

/** Each stage gives true where the next one is due; else `outcome` is final. */
export class HostPlay {
  readonly #run: HostRun;
  readonly #reads: readonly Read[];
  readonly #ms: HostOutcome['ms'] = {};
  #session: Session | undefined;
  #framesBefore = 0;
  #framesOfOld = 0;
  #before: Snapshot | undefined;
  /** As it will be once all of the plan is made. */
  #after: Snapshot | undefined;
  #plan: HostPlan = { tasks: [], sequence: [] };
  #trial: Trial | undefined;
  #failures: readonly Failure[] = [];
  #end: End | undefined;
  #onTrial: number | undefined;
  #warnings: readonly string[] = [];
  #wasBegun = false;
  /** What was asked before the changes, and passed. */
  #baseline: Baseline | undefined;

  constructor(run: HostRun) {
    this.#run = run;
    const reads = withSessionReads(readsOf(run.tasks));
    this.#reads = run.check || run.confirmTimeout === null ? reads : withBaselineReads(reads);
  }

  get host(): string {
    return this.#run.host;
  }

  /** Whether anything was tried, or another host's failure kept it from being tried. */
  get begun(): boolean {
    return this.#wasBegun || this.#end !== undefined;
  }

  outcome(): HostOutcome {
    const end = this.#end ?? { status: 'ok', tasks: [] };
    const onTrial = this.#onTrial !== undefined && { onTrial: this.#onTrial };
    const session = this.#warnings.length > 0 && { session: this.#warnings };
    return { ...end, ...onTrial, ...session, ms: this.#ms, roundTrips: this.#roundTrips() };
  }

  /** Connects, reads and plans. */
  prepare(): Promise<boolean> {
    const { run, tasks } = { run: this.#run, tasks: this.#run.tasks };
    this.#wasBegun = true;
    run.begin();
    return this.#stage(async () => {
      this.#session = await this.#timed('connect', () => run.connect());
      this.#framesBefore = this.#session.frames;
      await this.#timed('read', () => this.#readAndPlan());
      const blocked = tasks.some((task, index) => blocks(task, this.#plan.tasks[index]));
      if (blocked)
        return this.#finish({ status: 'failed', tasks: resultsOf(tasks, this.#plan, { blocked }) });
      this.#foresee();
      const pending = this.#plan.sequence.length > 0;
      if (!run.check && pending && !run.signal.aborted) return true;
      return this.#finish(done(resultsOf(tasks, this.#plan, { notRun: pending && run.signal.aborted })));
    });
  }

  /** Makes the changes, on trial. */
  apply(): Promise<boolean> {
    return this.#stage(() => this.#timed('apply', () => this.#begin()));
  }

  /** By a new connection where the changes are on trial: all is as it was foretold. */
  prove(): Promise<boolean> {
    return this.#stage(async () => {
      const trial = this.#trial;
      if (trial === undefined) return false;
      if (this.#run.confirmTimeout !== null) {
        const ended = await this.#timed('reconnect', () => trial.meet());
        if (ended?.outcome === 'rolled_back') return this.#undone(ended);
      }
      const { left, broken } = await this.#timed('verify', () => this.#verify(trial));
      const rivals = left.size > 0 && { rivals: await rivalsHint(trial.session) };
      const happened = { failures: this.#failures, left, ...rivals };
      const results = resultsOf(this.#run.tasks, this.#plan, happened);
      if (broken.length > 0 || results.some((task) => task.status === 'failed')) {
        if (this.#run.confirmTimeout === null) return this.#finish(done(results));
        const reason = broken[0]?.message ?? NOT_SHOWN;
        const ended = await trial.rollback(reason);
        // The host was quicker: what is missing was not refused but undone already.
        return this.#undone(ended, ended.reason === reason ? { ...happened, faults: broken } : {});
      }
      this.#end = done(results);
      return true;
    });
  }

  /** Makes it last. @param hold until `release`, it can still be taken back */
  confirm(hold: boolean): Promise<boolean> {
    return this.#stage(async () => {
      const trial = this.#trial;
      if (trial === undefined || this.#run.confirmTimeout === null) return true;
      const ended = await this.#timed('confirm', () => trial.confirm(hold));
      return ended.outcome === 'confirmed' || this.#undone(ended);
    });
  }

  /** Another host of the same transaction failed before anything was changed here. */
  cancel(reason: string): void {
    const error = new NetplayError('undo', `nothing was changed: ${reason}`);
    const { tasks } = failedBy(error, this.#run.tasks, this.#plan);
    this.#end = { status: 'not_run', tasks, error };
  }

  /** Leaves the changes on trial: a person will say yes or no before the host's time is up. */
  leaveOnTrial(): void {
    this.#onTrial = this.#run.confirmTimeout ?? undefined;
  }

  /** Gives the host its whole time again. A host that can't be reached is found out when it is confirmed. */
  async extend(): Promise<void> {
    await this.#trial?.extend().catch(() => undefined);
  }

  /** Whether it can still be reached, and keeps what it holds. */
  holds(): Promise<boolean> {
    return this.#stage(async () => {
      const ended = await this.#trial?.stillHeld();
      return ended === undefined || ended.outcome === 'confirmed' || this.#undone(ended);
    });
  }

  /** Makes what was held last. Without it the host undoes it, in its own time. */
  release(): Promise<boolean> {
    return this.#stage(async () => {
      const trial = this.#trial;
      if (trial === undefined) return true;
      const ended = await this.#timed('confirm', () => trial.release());
      return ended.outcome === 'confirmed' || this.#undone(ended);
    });
  }

  /** Takes back what is on trial, or confirmed and held. */
  async rollback(reason: string, faults: readonly ReportedError[] = []): Promise<void> {
    await this.#stage(async () => {
      const trial = this.#trial;
      if (trial === undefined) return false;
      const ended = await this.#timed('undo', () => trial.rollback(reason));
      return this.#undone(ended, { faults });
    });
  }

  async #readAndPlan(): Promise<void> {
    if (this.#session === undefined) return;
    const frame = await this.#session.run(buildProbe(this.#reads), { signal: this.#run.signal });
    this.#before = parseProbe(frame.stdout, this.#reads);
    const { state, ...plan } = planTasks(this.#run.tasks, this.#before);
    this.#after = state;
    this.#plan = plan;
    if (this.#before.journal.endsWith(HELD)) plan.tasks[0]?.warnings.push(ON_TRIAL);
  }

  /** @throws NetplayError `plan` where the session is to be protected from what the plan does to it */
  #foresee(): void {
    if (this.#before === undefined || this.#after === undefined || this.#plan.sequence.length === 0) return;
    this.#warnings = warningsOf(foresee(this.#before, this.#after, this.#plan));
    if (this.#warnings.length === 0) return;
    this.#run.foreseen(this.#warnings);
    if (this.#run.protectSession)
      throw new NetplayError('plan', ['refused by --protect-session:', ...this.#warnings].join('\n'), {
        host: this.#run.host,
        hint: 'if that is meant, leave --protect-session out',
      });
  }

  async #begin(): Promise<boolean> {
    for (let replans = 0; ; replans += 1) {
      if (this.#session === undefined || this.#before === undefined) return false;
      if (this.#run.confirmTimeout !== null)
        this.#baseline = new Baseline(this.#before, this.#after ?? this.#before, this.#run.probes);
      const trial = new Trial(this.#transaction(this.#before, this.#after ?? this.#before), this.#session, {
        reconnect: (timeoutMs) => this.#reconnect(timeoutMs),
      });
      const begun = await this.#beginOn(trial);
      if (begun === undefined) return true;
      if (begun.kind !== 'stale') return this.#begun(trial, begun);
      if (replans >= REPLANS)
        throw new NetplayError('locked', 'others keep changing this host; run again later');
      await this.#readAndPlan();
      if (begun.abandoned) this.#plan.tasks[0]?.warnings.push(ABANDONED);
      if (this.#plan.sequence.length === 0)
        return this.#finish(done(resultsOf(this.#run.tasks, this.#plan, {})));
    }
  }

  /** @returns undefined where the connection went: what came of it is asked by a new one */
  async #beginOn(trial: Trial): Promise<Begun | undefined> {
    try {
      return await trial.begin();
    } catch (error) {
      const lost = error instanceof NetplayError && (error.code === 'lost' || error.code === 'timeout');
      if (!lost || this.#run.confirmTimeout === null) throw error;
      this.#trial = trial;
      return undefined;
    }
  }

  async #begun(trial: Trial, begun: Exclude<Begun, { kind: 'stale' }>): Promise<boolean> {
    if (begun.kind === 'locked') throw lockedError(begun.owner);
    if (begun.kind === 'refused')
      throw new NetplayError('apply', `nothing was changed: ${begun.words || 'the host did not begin'}`, {
        ...(/permission denied|not permitted/i.test(begun.words) && {
          hint: 'only root may change this: say `become: true` in the play, or log in as root',
        }),
      });
    this.#trial = trial;
    if (!begun.journal) this.#plan.tasks[0]?.warnings.push(NO_JOURNAL);
    const { stdout, stderr } = trial.answer;
    this.#failures = readFailures(runtimeUnits(this.#units()), stdout, stderr);
    if (begun.made) return true;
    return this.#undone(begun.ended ?? { outcome: 'rolled_back', reason: 'the changes were broken off' });
  }

  #units(): ChangeUnit[] {
    return this.#plan.sequence.map(({ task, changes, late }) => ({
      changes,
      optional: this.#run.tasks[task]?.ignoreErrors === true,
      ...(late && { late }),
    }));
  }

  #transaction(before: Snapshot, after: Snapshot): Transaction {
    const { author, confirmTimeout, lockTimeout, secretsIn, tasks } = this.#run;
    const hides = (task: number): boolean => tasks[task]?.hidden === true;
    const entry = journalEntry(author, this.#plan, { before, after, hides, secretsIn });
    const baseline = this.#baseline?.script ?? '';
    const seen = before.journal;
    const announced = { made: announcements(before, after), undone: announcements(after, before) };
    const units = this.#units();
    return { id: author.id, entry, units, announced, confirmTimeout, lockTimeout, seen, baseline };
  }

  async #verify(trial: Trial): Promise<Verified> {
    const baseline = this.#baseline?.passed(trial.answer.stdout) ?? [];
    const verified = await verifyHost({
      session: trial.session,
      tasks: this.#run.tasks,
      reads: this.#reads,
      plan: this.#plan,
      ignored: new Set(this.#failures.map((failure) => this.#plan.sequence[failure.unit]?.task)),
      trial: this.#run.confirmTimeout !== null,
      baseline,
    });
    for (const { index, passed, words } of verified.answers)
      this.#run.probed?.(baseline[index]?.label ?? '', passed, words);
    return verified;
  }

  /** The host is as it was: says so, and why, and where it is not quite, what differs. */
  async #undone(
    ended: Ended,
    {
      faults = [],
      ...happened
    }: Pick<Happened, 'left' | 'rivals'> & { faults?: readonly ReportedError[] } = {},
  ): Promise<false> {
    if (ended.outcome === 'confirmed')
      throw new NetplayError('undo', 'its changes stay: they were confirmed already', {
        hint: 'netplay rollback HOST takes them back',
      });
    const tasks = resultsOf(this.#run.tasks, this.#plan, {
      failures: this.#failures,
      undone: true,
      ...happened,
    });
    const told = tasks.some((task) => task.status === 'failed');
    const error = await this.#undoError(ended, told, faults);
    return this.#finish({ status: 'rolled_back', tasks, ...(error !== undefined && { error }) });
  }

  async #undoError(
    ended: Ended,
    told: boolean,
    [fault]: readonly ReportedError[],
  ): Promise<NetplayError | undefined> {
    const session = this.#trial?.session;
    const before = this.#before;
    const differing =
      session === undefined || before === undefined ? [] : await differences(session, this.#reads, before);
    if (differing.length > 0)
      return new NetplayError('undo', `undone, but not all is as it was before: ${differing.join('; ')}`, {
        hint: 'another program on the host may have changed it meanwhile',
      });
    if (told) return undefined;
    const cut = /nobody confirmed|no new connection/.test(ended.reason);
    return new NetplayError('undo', `all changes were undone: ${fault?.message ?? ended.reason}`, {
      ...(cut && { hint: CUT }),
      ...(fault?.place !== undefined && { place: fault.place }),
    });
  }

  async #reconnect(timeoutMs: number): Promise<Session> {
    const old = this.#session;
    const fresh = await this.#run.reconnect(timeoutMs);
    this.#framesOfOld += (old?.frames ?? 0) - this.#framesBefore;
    this.#framesBefore = fresh.frames;
    this.#session = fresh;
    return fresh;
  }

  #roundTrips(): number {
    return this.#framesOfOld + (this.#session?.frames ?? 0) - this.#framesBefore;
  }

  #finish(end: End): false {
    this.#end = end;
    return false;
  }

  /** An error that ends the play on this host is its outcome. */
  async #stage(work: () => Promise<boolean>): Promise<boolean> {
    try {
      return await work();
    } catch (error) {
      const failure = this.#sinceApply(hostError(error, this.#run.host));
      return this.#finish({ ...failedBy(failure, this.#run.tasks, this.#plan), error: failure });
    }
  }

  /** A connection that goes once changes are being made leaves it open which state the host is in. */
  #sinceApply(error: NetplayError): NetplayError {
    if (this.#ms.apply === undefined || ['locked', 'apply', 'undo'].includes(error.code)) return error;
    const made = this.#ms.verify === undefined ? 'while changes were being made' : 'after changes were made';
    const { confirmTimeout } = this.#run;
    const hint =
      this.#ms.confirm !== undefined
        ? 'it is not known whether it kept its changes: see `netplay history` once it can be reached'
        : confirmTimeout === null
          ? 'once the host can be reached, run again with --check to see what is left to change'
          : `the host undoes everything by itself within ${confirmTimeout} s; run again once it can be reached`;
    const host = error.host !== undefined && { host: error.host };
    return new NetplayError(error.code, `${made}: ${error.message}`, { ...host, cause: error, hint });
  }

  async #timed<Result>(phase: Phase, work: () => Promise<Result>): Promise<Result> {
    this.#run.phase(phase);
    const start = performance.now();
    try {
      return await work();
    } finally {
      this.#ms[phase] = Math.round(performance.now() - start) + (this.#ms[phase] ?? 0);
    }
  }
}
