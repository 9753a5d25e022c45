/** A play whose tasks depend on what others came to: its hosts in step (strategy linear), or each for itself. */
import { NetplayError } from '../../shared/errors.js';
import { batches } from '../batches.js';
import { forEachLimited } from '../pool.js';
import { Flow } from './flow.js';
import type { FlowRun } from './flow-run.js';
import { HostFlow } from './host-flow.js';

/** @returns whether the plays behind it are run */
export async function runFlow(given: Omit<FlowRun, 'fell'>): Promise<boolean> {
  const cut = batches(given.hosts, given.prepared.serial).map((batch) =>
    batch.map((host) => new HostFlow(host)),
  );
  let stopped: string | undefined;
  for (const hosts of cut) {
    const run: FlowRun = { ...given, fell: () => given.scopes.setActive(names(cut.flat()), names(hosts)) };
    run.fell();
    if (stopped === undefined) await runBatch(run, hosts);
    else for (const host of hosts) host.fall = leftOut(stopped);
    for (const host of hosts)
      if (host.begun || host.fall !== undefined) await run.ended(host.host, host.outcome());
    stopped ??= reasonToStop(run, hosts);
  }
  return stopped === undefined;
}

async function runBatch(run: FlowRun, hosts: readonly HostFlow[]): Promise<void> {
  const { strategy = 'linear' } = run.prepared.play;
  // Nobody can be asked about hosts that are each somewhere else.
  const inStep = strategy === 'linear' || run.options.confirmTask !== undefined;
  if (inStep) await new Flow(run, hosts).run();
  else await forEachLimited(hosts, run.options.forks, (host) => new Flow(run, [host]).run());
}

function names(hosts: readonly HostFlow[]): string[] {
  return hosts.filter((host) => host.active).map(({ host }) => host);
}

function leftOut(reason: string): HostFlow['fall'] {
  return {
    task: undefined,
    result: { changed: false, failed: true, msg: reason },
    status: 'not_run',
    error: new NetplayError('task', `nothing was changed: ${reason}`),
  };
}

/** As in Ansible, a batch of which every host failed is the last one, and so is one with too many that did. */
function reasonToStop(run: FlowRun, hosts: readonly HostFlow[]): string | undefined {
  const fallen = hosts.filter(({ fall, forgiven }) => fall !== undefined && !forgiven);
  if (hosts.length === 0 || fallen.length === 0) return undefined;
  if (fallen.length === hosts.length) return 'every host of the batch before failed';
  const { maxFailPercentage, anyErrorsFatal, place } = run.prepared.play;
  const [first] = hosts;
  if (first === undefined) return undefined;
  const { templates } = run.options;
  const scope = run.scopes.host(first.host);
  if (templates.condition(anyErrorsFatal ?? false, scope, place))
    return `${fallen[0]?.host} failed, and any_errors_fatal is set`;
  if (maxFailPercentage === undefined) return undefined;
  const most = Number(templates.render(maxFailPercentage, scope, place));
  const share = (fallen.length / hosts.length) * 100;
  return share > most
    ? `${fallen.length} of ${hosts.length} hosts failed, more than max_fail_percentage: ${most}`
    : undefined;
}
