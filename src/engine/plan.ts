/** Plans a whole play for one host: pure, the same for `--check`, a run and its verification. */

import type { Declared, PlanResult, Resource } from '../resources/resource.js';
import type { Change, Problem } from '../shared/change.js';
import type { Read, Snapshot } from '../snapshot/model.js';
import { applyEffects } from '../snapshot/simulate.js';
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
  resource: Resource<unknown>;
  items: readonly Item[];
  /** A failure of it stops nothing, so its changes stay together. */
  ignoreErrors?: boolean;
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
}

/** Everything that the tasks need to read, each thing once. */
export function readsOf(tasks: readonly PlannableTask[]): Read[] {
  const reads = new Map<string, Read>();
  for (const task of tasks)
    for (const item of task.items) {
      item.reads ??= task.resource.reads(item.params);
      for (const read of item.reads) reads.set(readKey(read), read);
    }
  return [...reads.values()];
}

function readKey(read: Read): string {
  if ('path' in read) return `${read.kind} ${read.path}`;
  return 'family' in read ? `${read.kind} ${read.family}` : read.kind;
}

/**
 * Plans task after task; each change is folded into the snapshot, so that the next task sees the state
 * that will be. What only the whole play can tell (`settle`) comes last.
 */
export function planTasks(tasks: readonly PlannableTask[], snapshot: Snapshot): FoldedPlan {
  let state = snapshot;
  const planned = tasks.map(emptyPlan);
  const sequence: PlannedUnit[] = [];
  const refused = new Set<Item>();
  const planEach = (plan: (task: PlannableTask, item: Item) => PlanResult | undefined): void =>
    tasks.forEach((task, index) => {
      const changes = task.items.flatMap((item) => {
        const result = plan(task, item);
        const made = result === undefined ? [] : collect(planned[index], item, result);
        if ((result?.problems ?? []).length > 0) refused.add(item);
        state = fold(state, made);
        return made;
      });
      if (changes.length > 0) sequence.push({ task: index, changes });
    });
  planEach((task, item) => task.resource.plan(item.params, state));
  const declared = tasks.flatMap((task) =>
    task.items.map((item): Declared => ({ resource: task.resource.name, params: item.params })),
  );
  // What was refused is not there in the end: that is no news.
  planEach((task, item) =>
    refused.has(item) ? undefined : task.resource.settle?.(item.params, declared, state),
  );
  const whole = (index: number): boolean => tasks[index]?.ignoreErrors === true;
  return { tasks: planned, sequence: inOrder(sequence, snapshot, whole), state };
}

function emptyPlan(): PlannedTask {
  return { changes: [], problems: [], warnings: [], reasons: [] };
}

function collect(plan: PlannedTask | undefined, item: Item, result: PlanResult): readonly Change[] {
  if (plan === undefined) return [];
  for (const problem of result.problems ?? [])
    plan.problems.push({ ...problem, path: [...item.path, ...(problem.path ?? [])] });
  plan.warnings.push(...(result.warnings ?? []));
  if (result.reason !== undefined) plan.reasons.push(result.reason);
  // A task that can't be carried out changes nothing, so that what follows is planned on what will be.
  if ((result.problems ?? []).length > 0) return [];
  plan.changes.push(...result.changes);
  return result.changes;
}

function fold(snapshot: Snapshot, changes: readonly Change[]): Snapshot {
  const effects = changes.flatMap((change) => change.effects);
  return effects.length === 0 ? snapshot : applyEffects(snapshot, effects);
}
