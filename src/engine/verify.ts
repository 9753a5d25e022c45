/** Reading a host again: what a plan still wants after it was applied, and what an undo did not bring back. */
import { isDeepStrictEqual } from 'node:util';
import type { Snapshot } from '../snapshot/model.js';
import { parseProbe } from '../snapshot/parse.js';
import { buildProbe } from '../snapshot/probe.js';
import { applyEffects } from '../snapshot/simulate.js';
import { isPersistent } from '../transaction/script.js';
import type { Session } from '../transport/session.js';
import type { ExpandedTask } from './expand.js';
import { type HostPlan, type PlannedTask, planTasks, readsOf } from './plan.js';

/** IPv6 addresses are tentative for a moment; what depends on them settles within these waits (ms). */
const SETTLE_WAITS = [400, 800, 1600];

export interface Verification {
  session: Session;
  tasks: readonly ExpandedTask[];
  plan: HostPlan;
  /** Tasks that failed and were allowed to. */
  ignored: ReadonlySet<number | undefined>;
  /** The files are written when the changes are confirmed: until then they are as foretold. */
  trial: boolean;
}

/** Plans again on what the host shows now. @returns what is left, by index of the task */
export async function leftToChange(verification: Verification): Promise<ReadonlyMap<number, PlannedTask>> {
  const { session, tasks, ignored } = verification;
  for (const wait of [...SETTLE_WAITS, undefined]) {
    const snapshot = await readAgain(session, tasks);
    const again = planTasks(tasks, verification.trial ? withFiles(snapshot, verification) : snapshot);
    const left = again.tasks
      .map((task, index) => [index, task] as const)
      .filter(([index, task]) => !ignored.has(index) && task.changes.length + task.problems.length > 0)
      .filter(([index, task]) => task.changes.length > 0 || tasks[index]?.ignoreErrors !== true);
    const unsettled = snapshot.addresses.some((address) => address.flags.includes('tentative'));
    if (left.length === 0 || !unsettled || wait === undefined) return new Map(left);
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
  return new Map();
}

async function readAgain(session: Session, tasks: readonly ExpandedTask[]): Promise<Snapshot> {
  const reads = readsOf(tasks);
  return parseProbe((await session.run(buildProbe(reads))).stdout, reads);
}

function withFiles(snapshot: Snapshot, { plan, ignored }: Verification): Snapshot {
  const changes = plan.sequence.filter(({ task }) => !ignored.has(task)).flatMap((unit) => unit.changes);
  return applyEffects(
    snapshot,
    changes.filter(isPersistent).flatMap((change) => change.effects),
  );
}

/** What is not as it was in `before`, in words; nothing where all is. */
export async function differences(
  session: Session,
  tasks: readonly ExpandedTask[],
  before: Snapshot,
): Promise<string[]> {
  const now = await readAgain(session, tasks);
  const kinds: readonly (readonly [string, (snapshot: Snapshot) => unknown])[] = [
    ['links', ({ links }) => [...links.values()].map(({ operstate: _, ...link }) => link)],
    ['addresses', ({ addresses }) => addresses.map(({ flags: _, ...address }) => address)],
    ['routes', ({ routes }) => routes.map(({ flags: _, ...route }) => route)],
    ['rules', ({ rules }) => rules],
    ['sysctls', ({ sysctls }) => sysctls],
    ['files', ({ files }) => files],
  ];
  return kinds
    .filter(([, part]) => !isDeepStrictEqual(part(now), part(before)))
    .map(([kind]) => `the ${kind} differ`);
}
