/** Plans a whole play for one host: pure, the same for `--check`, a run and its verification. */
import { withLetGo } from '../persist/let-go.js';
import type { PersistMode } from '../persist/mode.js';
import { persistReads, planPersistence } from '../persist/plan.js';
import type { AnyKind, Declared, Expansion, Part, PlanResult, Resource } from '../resources/resource.js';
import type { Change, Problem } from '../shared/change.js';
import { isMap } from '../shared/is-map.js';
import type { Draft } from '../snapshot/draft.js';
import type { Effect } from '../snapshot/effects.js';
import { ethtoolKey } from '../snapshot/ethtool.js';
import type { Read, Snapshot } from '../snapshot/model.js';
import { applyEffects, foldEffects } from '../snapshot/simulate.js';
import { inOrder } from './order.js';

/** One item of a task, rendered and valid. */
export interface Item {
  params: unknown;
  /** Where it stands within the task's parameters. */
  path: readonly (string | number)[];
  /** The resource's reads for these parameters, filled in on first use: equal items share them over hosts. */
  reads?: readonly Read[];
}

export interface PlannableTask {
  resource: AnyKind;
  items: readonly Item[];
  /** A failure of it stops nothing, so its changes stay together. */
  ignoreErrors?: boolean;
  /** How what it sets survives a reboot; not at all where it is left out. */
  persist?: PersistMode;
}

export interface LocatedProblem extends Problem {
  path: readonly (string | number)[];
}

/** A whole play for one host. */
export interface HostPlan {
  /** By index of the task. */
  tasks: readonly PlannedTask[];
  /**
   * All changes in the order in which they are to be made; see order.ts. A task may stand here more than
   * once: what it removes comes after everything that the play adds, so that there is no gap.
   */
  sequence: readonly PlannedUnit[];
}

/** A plan with what it comes to. */
export interface FoldedPlan extends HostPlan {
  /** The host's state once all changes are made. */
  state: Snapshot;
}

export interface PlannedUnit {
  task: number;
  changes: readonly Change[];
  /** It tightens or removes: made once the neighbours know of all that came. */
  late?: true;
}

/** What one task comes to on one host. */
export interface PlannedTask {
  changes: Change[];
  problems: LocatedProblem[];
  warnings: string[];
  reasons: string[];
  /** The plain tasks that it stands for: itself, where it is one. */
  parts: Part[];
}

/** Everything that the tasks need to read, each thing once. */
export function readsOf(tasks: readonly PlannableTask[]): Read[] {
  const reads = new Map<string, Read>();
  for (const task of tasks)
    for (const item of task.items) {
      item.reads ??= task.resource.reads(item.params);
      for (const read of item.reads) reads.set(readKey(read), read);
    }
  const kept = tasks.filter(({ persist = 'off', items }) => persist !== 'off' && items.length > 0);
  return [...reads.values(), ...persistReads(kept.map(({ resource }) => resource))];
}

function readKey(read: Read): string {
  if ('path' in read) return `${read.kind} ${read.path}`;
  if (read.kind === 'tc') return `tc ${read.dev} ${read.parent}`;
  if (read.kind === 'ethtool') return `ethtool ${ethtoolKey(read.dev, read.part)}`;
  if ('name' in read) return `${read.kind} ${read.name}`;
  if ('bridge' in read) return `${read.kind} ${read.bridge} ${read.text}`;
  return 'family' in read ? `${read.kind} ${read.family}` : read.kind;
}

/**
 * Plans task after task; each change is folded into the snapshot, so that the next task sees the state
 * that will be. What only the whole play can tell (`settle`) comes last.
 */
export function planTasks(tasks: readonly PlannableTask[], snapshot: Snapshot): FoldedPlan {
  const planning = new Planning(snapshot);
  const planned = tasks.map(emptyPlan);
  const sequence: PlannedUnit[] = [];
  const planEach = (planItem: (planned: PlannedTask, kind: AnyKind, item: Item) => readonly Change[]): void =>
    planned.forEach((plan, index) => {
      const task = tasks[index];
      const changes = task?.items.flatMap((item) => planItem(plan, task.resource, item)) ?? [];
      if (changes.length > 0) sequence.push({ task: index, changes });
    });
  planEach((plan, kind, item) => planning.plan(plan, kind, item));
  const declared = planned.flatMap(({ parts }) =>
    parts.map(({ resource, params }): Declared => ({ resource: resource.name, params })),
  );
  planEach((plan, _, item) => planning.settle(plan, item, declared));
  // What follows an intent may want more of it: once for all that it lacks, and once to see that it lasts.
  planEach((plan, kind, item) => planning.makeGood(plan, kind, item));
  planEach((plan, kind, item) => planning.holdTo(plan, kind, item));
  planEach((plan, kind, item) => planning.outlast(plan, kind, item));
  sequence.push(...planning.persist(tasks, planned, snapshot));
  const whole = (index: number): boolean => tasks[index]?.ignoreErrors === true;
  const ordered = inOrder(sequence, snapshot, whole).map((unit) => ({
    ...unit,
    changes: unit.changes.map((change) => withLetGo(change, snapshot)),
  }));
  return { tasks: planned, sequence: ordered, state: planning.state };
}

/** The state that will be, as item after item is planned. */
class Planning {
  /** Of each item that can be carried out. */
  private readonly parts = new Map<Item, readonly Part[]>();
  /** The item that changed something last, by the change's address. */
  private readonly last = new Map<string, Item>();

  /** Whether an intent has changed what the tasks behind it led to. */
  private madeGood = false;

  /** How often changes were folded in: now, and by the time that each item was. */
  private folds = 0;
  private readonly foldsAt = new Map<Item, number>();

  /** Of its own, so that folding in a change copies no list that it has copied before. */
  state: Draft;

  constructor(snapshot: Snapshot) {
    this.state = { ...snapshot };
  }

  plan(plan: PlannedTask, kind: AnyKind, item: Item): readonly Change[] {
    const { parts, ...said } = expand(kind, item, this.state);
    const changes = this.collect(plan, item, [
      () => ({ ...said, changes: [] }),
      ...parts.map(
        ({ resource, params }) =>
          () =>
            named(kind, resource, resource.plan(params, this.state)),
      ),
    ]);
    plan.parts.push(...parts);
    if (changes !== undefined) this.parts.set(item, parts);
    this.foldsAt.set(item, this.folds);
    return changes ?? [];
  }

  /** What was refused is not there in the end: that is no news. */
  settle(plan: PlannedTask, item: Item, declared: readonly Declared[]): readonly Change[] {
    const same = this.foldsAt.get(item) === this.folds;
    const settling = (this.parts.get(item) ?? []).flatMap(({ resource, params }) =>
      resource.settle === undefined || (same && resource.settlesChanges)
        ? []
        : [() => resource.settle?.(params, declared, this.state) ?? { changes: [] }],
    );
    return this.collect(plan, item, settling) ?? [];
  }

  /** An intent stands for what the host needs, which later tasks may have changed. */
  makeGood(plan: PlannedTask, kind: AnyKind, item: Item): readonly Change[] {
    if (!('expand' in kind)) return [];
    const changes = this.collect(plan, item, [() => this.wanting(kind, item)]) ?? [];
    this.madeGood ||= changes.length > 0;
    return changes;
  }

  /** Tasks that contradict each other would undo each other in every run. */
  holdTo(plan: PlannedTask, kind: AnyKind, item: Item): readonly Change[] {
    const [first] = this.wanting(kind, item).changes;
    const again = first ?? this.removedAgain(kind, item);
    if (again === undefined) return [];
    const message = `another task of this play undoes this one: ${again.address} would be ${again.before ?? 'absent'}`;
    const hint = 'To have another in its place, the task that makes it is enough.';
    note(plan, item, {
      changes: [],
      problems: [{ message, ...(again.action === 'delete' && { hint }), path: [] }],
    });
    return [];
  }

  /**
   * A plain task describes what is there in the end: one that another task undoes would be found wanting as the
   * run is verified, and all be rolled back. Some resources tell that better themselves.
   */
  outlast(plan: PlannedTask, kind: AnyKind, item: Item): readonly Change[] {
    if ('expand' in kind || kind.settle !== undefined || !this.parts.has(item)) return [];
    // It was found so by then.
    if (plan.problems.length > 0) return [];
    const others = (address: string): boolean => (this.last.get(address) ?? item) !== item;
    const { changes, problems = [] } = kind.plan(item.params, this.state);
    const undone = changes.find(({ address }) => others(address));
    if (undone !== undefined)
      note(plan, item, {
        changes: [],
        problems: [
          {
            message: `another task of this play undoes this one: ${undone.address} would be ${undone.before ?? 'absent'}`,
            hint: 'A play describes one state, the one that is there in the end: drop one of the two, or give it a play of its own.',
            path: [],
          },
        ],
      });
    else if (plan.changes.some(({ address }) => others(address)))
      note(plan, item, { changes: [], problems: problems.map(afterAll) });
    return [];
  }

  /**
   * What must be written down to survive a reboot. A task that may fail is kept once what it sets is there: files are
   * written last, and must not promise what was refused.
   */
  persist(tasks: readonly PlannableTask[], planned: readonly PlannedTask[], before: Snapshot): PlannedUnit[] {
    const kept = planned.flatMap(({ parts, changes, problems }, index) => {
      const { persist: by = 'off', ignoreErrors = false, resource } = tasks[index] ?? {};
      const itself = resource !== undefined && 'expand' in resource && resource.keepsItself === true;
      const open = itself || problems.length > 0 || (ignoreErrors && changes.length > 0);
      return by === 'off' || open ? [] : [{ index, by, parts }];
    });
    const { changes, warnings } = planPersistence(kept, before, this.state);
    planned[kept[0]?.index ?? 0]?.warnings.push(...warnings);
    return changes.map(({ task, change }) => {
      planned[task]?.changes.push(change);
      foldEffects(this.state, change.effects);
      return { task, changes: [change] };
    });
  }

  /** What a plain task wants absent, and a later one makes. */
  private removedAgain(kind: AnyKind, item: Item): Change | undefined {
    const absent = isMap(item.params) && item.params.state === 'absent';
    if (!absent || 'expand' in kind || !this.parts.has(item)) return undefined;
    return kind.plan(item.params, this.state).changes.find(removes);
  }

  /** What an intent lacks of the state that all tasks lead to; a plain task, of what the intents have made of that. */
  private wanting(kind: AnyKind, item: Item): PlanResult {
    if (!this.parts.has(item) || !('expand' in kind || this.madeGood)) return { changes: [] };
    const { parts, problems = [] } = expand(kind, item, this.state);
    const found = { changes: [] as Change[], problems: problems.map(afterAll) };
    let state: Snapshot = this.state;
    for (const { resource, params } of problems.length > 0 ? [] : parts) {
      const { changes, problems: refused = [] } = named(kind, resource, resource.plan(params, state));
      found.changes.push(...changes);
      found.problems.push(...refused.map(afterAll));
      state = applyEffects(state, effectsOf(changes));
    }
    return found;
  }

  /**
   * Notes what each step says, and folds its changes in. An item that can't be carried out whole changes
   * nothing, so that what follows is planned on what will be.
   */
  private collect(plan: PlannedTask, item: Item, steps: readonly (() => PlanResult)[]): Change[] | undefined {
    const before = this.state;
    const changes: Change[] = [];
    for (const [at, step] of steps.entries()) {
      const result = step();
      note(plan, item, result);
      if ((result.problems ?? []).length > 0) {
        this.state = before;
        return undefined;
      }
      changes.push(...result.changes);
      const effects = effectsOf(result.changes);
      if (effects.length === 0) continue;
      // A step that follows may yet be refused: what is gone back to then must stay as it is.
      if (this.state === before && at < steps.length - 1) this.state = { ...before };
      foldEffects(this.state, effects);
      this.folds += 1;
    }
    plan.changes.push(...changes);
    for (const { address } of changes) this.last.set(address, item);
    return changes;
  }
}

/** A plain resource stands for itself. */
function expand(kind: AnyKind, { params }: Item, state: Snapshot): Expansion {
  return 'expand' in kind ? kind.expand(params, state) : { parts: [{ resource: kind, params }] };
}

/** What a part says, as its intent's: its parameters stand in no file, and a reason tells of a part alone. */
function named(kind: AnyKind, resource: Resource<unknown>, result: PlanResult): PlanResult {
  if (kind === resource) return result;
  const { changes, problems = [], warnings = [] } = result;
  const told = problems.map(({ message, hint }) => ({
    message: `${resource.name}: ${message}`,
    ...(hint !== undefined && { hint }),
  }));
  return { changes, problems: told, warnings };
}

function afterAll(problem: Problem): Problem {
  return { ...problem, message: `with what later tasks of this play do: ${problem.message}` };
}

function emptyPlan(): PlannedTask {
  return { changes: [], problems: [], warnings: [], reasons: [], parts: [] };
}

function note(plan: PlannedTask, item: Item, result: PlanResult): void {
  for (const problem of result.problems ?? [])
    plan.problems.push({ ...problem, path: [...item.path, ...(problem.path ?? [])] });
  plan.warnings.push(...(result.warnings ?? []));
  if (result.reason !== undefined) plan.reasons.push(result.reason);
}

/** Without an effect nothing tells whether it is gone. */
function removes({ action, effects }: Change): boolean {
  return action === 'delete' && effects.length > 0;
}

function effectsOf(changes: readonly Change[]): Effect[] {
  return changes.flatMap((change) => change.effects);
}
