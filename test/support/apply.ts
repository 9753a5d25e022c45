/** Plans and applies tasks in a private namespace with the product's own planner, probe and script. */
import { journalEntry } from '../../src/engine/entry.js';
import { type HostPlan, planTasks, readsOf } from '../../src/engine/plan.js';
import { type TakeBack, takeBack } from '../../src/engine/take-back.js';
import type { PersistMode } from '../../src/persist/mode.js';
import { resources } from '../../src/resources/registry.js';
import type { PlanResult } from '../../src/resources/resource.js';
import type { Step } from '../../src/shared/change.js';
import type { Read, Snapshot } from '../../src/snapshot/model.js';
import { parseProbe } from '../../src/snapshot/parse.js';
import { buildProbe } from '../../src/snapshot/probe.js';
import type { JournalEntry } from '../../src/transaction/journal.js';
import { partsOf } from '../../src/transaction/parts.js';
import { type Failure, readFailures } from '../../src/transaction/script.js';
import { partScript, REPLACE_FILE } from '../../src/transaction/steps.js';
import type { Netns } from './netns.js';

/** A task as a playbook has it: `{route: {dst: 'default', …}}`. */
export type Wish = Readonly<Record<string, unknown>>;

function plannable(wishes: readonly Wish[], persist: PersistMode) {
  return wishes.map((wish) => {
    const [[name, params] = ['', {}]] = Object.entries(wish);
    const resource = resources.find((known) => known.name === name);
    if (resource === undefined) throw new Error(`no resource ${name}`);
    return { resource, items: [{ params, path: [] }], persist };
  });
}

/** Reads the namespace and plans. */
export function planIn(
  netns: Netns,
  wishes: readonly Wish[],
  persist: PersistMode = 'off',
): HostPlan & { before: Snapshot; state: Snapshot } {
  const tasks = plannable(wishes, persist);
  const before = snapshotIn(netns, readsOf(tasks));
  return { ...planTasks(tasks, before), before };
}

function snapshotIn(netns: Netns, reads: readonly Read[]): Snapshot {
  return parseProbe(netns.must(['sh'], buildProbe(reads)), reads);
}

/** Plans to take back what was planned and applied, from what a journal keeps of it. */
export function planBackIn(netns: Netns, { before, state, ...plan }: ReturnType<typeof planIn>): PlanResult {
  const author = { id: 'x', run: 'x', play: 'x', by: 'x', from: 'x' };
  const noted = { before, after: state, hides: () => false };
  const entry: JournalEntry = JSON.parse(JSON.stringify(journalEntry(author, plan, noted)));
  const params: TakeBack = { kind: 'take', entry, differences: entry.differences ?? [] };
  return takeBack.plan(params, snapshotIn(netns, takeBack.reads(params)));
}

const FAILED = `failed() { echo "netplay-failed $1 $2"; echo "netplay-failed $1" >&2; exit 1; }`;

/** Runs steps as one unit, files and all, without the guard. */
export function applyIn(netns: Netns, steps: readonly Step[]): Failure[] {
  const units = [{ steps, optional: false }];
  const parts = partsOf(units).map((part, index) => `${partScript(part.steps)} || failed ${index} $?`);
  const { stdout, stderr } = netns.exec(['sh'], [REPLACE_FILE, FAILED, ...parts].join('\n'));
  return readFailures(units, stdout, stderr);
}

export function stepsOf(plan: HostPlan): Step[] {
  return plan.sequence.flatMap((unit) => unit.changes.flatMap((change) => change.do));
}

/** The undo of everything, last change first. */
export function undoOf(plan: HostPlan): Step[] {
  const changes = plan.sequence.flatMap((unit) => unit.changes);
  return changes.reverse().flatMap((change) => change.undo);
}

export function problemsIn(plan: HostPlan): string[] {
  return plan.tasks.flatMap((task) => task.problems.map((problem) => problem.message));
}

export function changesIn(plan: HostPlan): string[] {
  return plan.sequence.flatMap((unit) =>
    unit.changes.map(
      ({ address, before, after }) => `${address}: ${before ?? 'absent'} → ${after ?? 'absent'}`,
    ),
  );
}
