/** Plans a task on a real namespace, makes the changes, and undoes them. */
import type { PlanResult, Resource } from '../../src/resources/resource.js';
import type { Change, Step } from '../../src/shared/change.js';
import type { Snapshot } from '../../src/snapshot/model.js';
import { parseProbe } from '../../src/snapshot/parse.js';
import { buildProbe } from '../../src/snapshot/probe.js';
import type { Netns } from './netns.js';

/** Reads what a task needs, by the probe that real hosts get. */
export function probe<P>(netns: Netns, resource: Resource<P>, params: P): Snapshot {
  const reads = resource.reads(params);
  return parseProbe(netns.must(['sh'], buildProbe(reads)), reads);
}

/** Plans one task against the state that is. */
export function planOn<P>(netns: Netns, resource: Resource<P>, params: P): PlanResult {
  return resource.plan(params, probe(netns, resource, params));
}

function runStep(netns: Netns, step: Step): void {
  switch (step.kind) {
    case 'ip':
      netns.must(['ip', ...(step.family === undefined ? [] : [`-${step.family}`]), ...step.args]);
      return;
    case 'tc':
    case 'bridge':
      netns.must([step.kind, ...step.args]);
      return;
    case 'ovs':
      netns.must(['ovs-vsctl', '--timeout=10', '--', ...step.args]);
      return;
    case 'run':
      netns.must([...step.argv]);
      return;
    case 'write':
      netns.must(['sh', '-c', 'cat > "$1"', 'sh', step.path], step.content);
      return;
    case 'remove':
      netns.must(['rm', '-f', step.path]);
      return;
    case 'sysctl':
      netns.must(['sh', '-c', 'cat > "$1"', 'sh', `/proc/sys/${step.path}`], step.value);
  }
}

export function apply(netns: Netns, changes: readonly Change[]): void {
  for (const step of changes.flatMap((change) => change.do)) runStep(netns, step);
}

/** Undoes changes, the last one first. */
export function undo(netns: Netns, changes: readonly Change[]): void {
  for (const change of [...changes].reverse()) for (const step of change.undo) runStep(netns, step);
}

/** All routes and rules of a namespace, as the kernel and `ip` tell them, in their order; without seconds left. */
export function dump(netns: Netns): string {
  const text = netns.must(
    'ip -4 -d route show table all; ip -6 -d route show table all; ip -4 -d rule; ip -6 -d rule; cat /etc/iproute2/rt_tables /etc/iproute2/rt_*.d/* 2>/dev/null || true',
  );
  return text.replace(/expires \d+sec/g, 'expires');
}
