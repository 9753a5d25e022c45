/** Reading a host again: what a plan still wants after it was applied, and what an undo did not bring back. */
import { isDeepStrictEqual } from 'node:util';
import type { Probe } from '../probes/probe.js';
import { longestMs, type ProbeResult, probeScript, type Retry, readProbes } from '../probes/script.js';
import { isFallback } from '../resources/links/virtual/checks.js';
import type { ReportedError } from '../shared/events.js';
import { differingFields } from '../snapshot/differences.js';
import { neighbourText } from '../snapshot/identity.js';
import type { Read, Snapshot } from '../snapshot/model.js';
import type { Ve } from '../snapshot/openvz.js';
import { comparableOvs } from '../snapshot/ovs-differences.js';
import { parseProbe } from '../snapshot/parse.js';
import { buildProbe } from '../snapshot/probe.js';
import { applyEffects } from '../snapshot/simulate.js';
import { tcText } from '../snapshot/tc-tree.js';
import { isPersistent } from '../transaction/script.js';
import type { Session } from '../transport/session.js';
import type { ExpandedTask } from './expand.js';
import { type HostPlan, type PlannedTask, planTasks } from './plan.js';

/** IPv6 addresses are tentative for a moment; what depends on them settles within these waits (ms). */
const SETTLE_WAITS = [400, 800, 1600];
/** After a change the neighbours' ARP and the bridges' tables may need a moment. */
const PROBE_RETRY: Retry = { tries: 3, waitMs: 500 };
/** RTPROT_KERNEL (linux/rtnetlink.h). */
const KERNEL = 2;
/** Reading takes this at most (ms), beside the probes. */
const READ_MS = 60_000;

export interface Verification {
  session: Session;
  tasks: readonly ExpandedTask[];
  reads: readonly Read[];
  plan: HostPlan;
  /** Tasks that failed and were allowed to. */
  ignored: ReadonlySet<number | undefined>;
  /** The files are written when the changes are confirmed: until then they are as foretold. */
  trial: boolean;
  /** Those that passed before the changes. */
  baseline: readonly Probe[];
}

export interface Verified {
  /** What a second plan still wants, by index of the task. */
  left: ReadonlyMap<number, PlannedTask>;
  /** What worked before the changes and does not any more. */
  broken: readonly ReportedError[];
  /** What came of each probe, in the order of `baseline`. */
  answers: readonly ProbeResult[];
}

/** Plans again on what the host shows now, and asks again what it was asked before. */
export async function verifyHost(verification: Verification): Promise<Verified> {
  const { baseline } = verification;
  let probes = baseline;
  let answers: readonly ProbeResult[] = [];
  for (const wait of [...SETTLE_WAITS, undefined]) {
    const { left, unsettled, stdout } = await planAgain(verification, probes);
    // Once is enough for the probes: they have their own patience.
    if (probes.length > 0) answers = readProbes(stdout, probes);
    probes = [];
    const broken = brokenBy(answers, baseline);
    if (left.size === 0 || broken.length > 0 || !unsettled || wait === undefined)
      return { left, broken, answers };
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
  return { left: new Map(), broken: [], answers };
}

async function planAgain(verification: Verification, probes: readonly Probe[]) {
  const { session, tasks, reads, ignored, trial } = verification;
  const script = `${buildProbe(reads)}${probeScript(probes, PROBE_RETRY)}`;
  const timeoutMs = READ_MS + longestMs(probes, PROBE_RETRY);
  const { stdout } = await session.run(script, { timeoutMs });
  const snapshot = parseProbe(stdout, reads);
  const again = planTasks(tasks, trial ? withFiles(snapshot, verification) : snapshot);
  const left = again.tasks
    .map((task, index) => [index, task] as const)
    .filter(([index, task]) => !ignored.has(index) && task.changes.length + task.problems.length > 0)
    .filter(([index, task]) => task.changes.length > 0 || tasks[index]?.ignoreErrors !== true);
  const unsettled = snapshot.addresses.some((address) => address.flags.includes('tentative'));
  return { left: new Map(left), unsettled, stdout };
}

function brokenBy(answers: readonly ProbeResult[], probes: readonly Probe[]): ReportedError[] {
  return answers
    .filter(({ passed }) => !passed)
    .map(({ index, words }) => ({
      code: 'verify',
      message: `${probes[index]?.label ?? 'a probe'} worked before the changes and does not after them: ${words}`,
    }));
}

function withFiles(snapshot: Snapshot, { plan, ignored }: Verification): Snapshot {
  const changes = plan.sequence.filter(({ task }) => !ignored.has(task)).flatMap((unit) => unit.changes);
  return applyEffects(
    snapshot,
    changes.filter(isPersistent).flatMap((change) => change.effects),
  );
}

/** The order in which the kernel makes its own routes anew, when a link comes up again, means nothing. */
function comparableRoutes({ routes }: Snapshot): unknown {
  const plain = routes.map(({ flags: _, ...route }) => route);
  const own = plain.filter(({ protocol }) => protocol === KERNEL);
  return [
    own.map((route) => JSON.stringify(route)).sort(),
    plain.filter(({ protocol }) => protocol !== KERNEL),
  ];
}

/** The order of a running container's addresses is the kernel's own. */
function comparableVe(ve: Ve): unknown {
  return { ...ve, addresses: [...ve.addresses].sort() };
}

/** What is not as it was in `before`, in words; nothing where all is. */
export async function differences(
  session: Session,
  reads: readonly Read[],
  before: Snapshot,
): Promise<string[]> {
  const now = withoutFallbacks(parseProbe((await session.run(buildProbe(reads))).stdout, reads), before);
  const kinds: readonly (readonly [string, (snapshot: Snapshot) => unknown])[] = [
    ['addresses', ({ addresses }) => addresses.map(({ flags: _, ...address }) => address)],
    ['routes', comparableRoutes],
    ['rules', ({ rules }) => rules],
    ['neighbours', ({ neighbours }) => neighbours.map(neighbourText).sort()],
    ['sysctls', ({ sysctls }) => sysctls],
    ['files', ({ files }) => files],
    ['qdiscs, classes and filters', ({ tc }) => tc?.items.map(tcText).sort()],
    ['rows of Open vSwitch', ({ ovs }) => comparableOvs(ovs)],
    ['settings of ethtool', ({ ethtool }) => ethtool],
    ['containers', ({ openvz }) => openvz?.ves.map(comparableVe)],
  ];
  const others = kinds
    .filter(([, part]) => !isDeepStrictEqual(part(now), part(before)))
    .map(([kind]) => kind);
  return [...(linksDiffer(before, now) ? ['links'] : []), ...others].map((kind) => `the ${kind} differ`);
}

/** A tunnel brought its module's own devices along, which stay as long as that: nobody can take them away. */
function withoutFallbacks(now: Snapshot, { links: before }: Snapshot): Snapshot {
  const come = [...now.links.keys()].filter((name) => isFallback(name) && !before.has(name));
  if (come.length === 0) return now;
  const isTheirs = (path: string): boolean => path.split('/').some((word) => come.includes(word));
  return {
    ...now,
    links: new Map([...now.links].filter(([name]) => !come.includes(name))),
    addresses: now.addresses.filter(({ dev }) => !come.includes(dev)),
    sysctls: new Map([...now.sysctls].filter(([path]) => !isTheirs(path))),
  };
}

/** As they can be set: their numbers, and what bridges and bonds count by themselves, mean nothing. */
function linksDiffer(before: Snapshot, now: Snapshot): boolean {
  return (
    before.links.size !== now.links.size ||
    [...before.links.values()].some((link) => {
      const other = now.links.get(link.name);
      return other === undefined || differingFields(link, other).length > 0;
    })
  );
}
