/** `include_tasks` and `include_role`: what they bring, for which hosts. */
import type { Included, IncludeTask } from '../../playbook/model.js';
import { NetplayError } from '../../shared/errors.js';
import type { VarScope } from '../../template/scope.js';
import { failingCondition } from './condition.js';
import type { Flow } from './flow.js';
import type { FlowRun } from './flow-run.js';
import type { HostFlow } from './host-flow.js';
import { loopList, loopVars } from './items.js';
import { failedBy } from './told.js';

export interface Group {
  hosts: HostFlow[];
  included: Included;
}

interface Wanted {
  params: Readonly<Record<string, unknown>>;
  vars: Readonly<Record<string, unknown>>;
}

/** Hosts for which an include, with the item of its loop, comes to the same are one group, as in Ansible. */
export async function readIncludes(
  run: FlowRun,
  flow: Flow,
  task: IncludeTask,
  hosts: readonly HostFlow[],
): Promise<readonly Group[]> {
  const groups = new Map<string, Wanted & { hosts: HostFlow[] }>();
  for (const host of hosts)
    for (const wanted of wantedBy(run, flow, task, host)) {
      const key = JSON.stringify(wanted);
      const group = groups.get(key) ?? { ...wanted, hosts: [] };
      group.hosts.push(host);
      groups.set(key, group);
    }
  const found: Group[] = [];
  for (const { hosts: members, params, vars } of groups.values()) {
    const included = await read(run, flow, task, members, { params, vars });
    if (included !== undefined) found.push({ hosts: members, included });
  }
  return found;
}

function wantedBy(run: FlowRun, flow: Flow, task: IncludeTask, host: HostFlow): Wanted[] {
  const { templates } = run.options;
  const scope = run.scopes.task(host.host, task);
  const wants = (own: VarScope, vars: Readonly<Record<string, unknown>>): Wanted[] => {
    if (failingCondition(templates, task.when, own) !== undefined) return [];
    const params = templates.render(task.params, own, task.place) as Wanted['params'];
    return [{ params, vars: { ...task.given, ...vars } }];
  };
  try {
    const found =
      task.loop === undefined
        ? wants(scope, {})
        : loopList(templates, task, scope).flatMap((_, index, list) => {
            const vars = loopVars(task, list, index);
            return wants(scope.child(vars, { rendered: true }), vars);
          });
    const slot = host.slot();
    if (found.length === 0)
      flow.settle(
        host,
        task,
        slot,
        { changed: false, skipped: true, false_condition: String(task.when[0]?.expression ?? '') },
        scope,
      );
    else flow.settle(host, task, slot, { changed: false }, scope);
    return found;
  } catch (error) {
    if (!(error instanceof NetplayError)) throw error;
    flow.settle(host, task, host.slot(), failedBy(error), scope);
    return [];
  }
}

async function read(
  run: FlowRun,
  flow: Flow,
  task: IncludeTask,
  hosts: readonly HostFlow[],
  { params, vars }: Wanted,
): Promise<Included | undefined> {
  const { includes } = run.options.playbook;
  if (includes === undefined) throw new Error('a playbook with includes can read them');
  try {
    return await includes.read(task, params, vars);
  } catch (error) {
    if (!(error instanceof NetplayError)) throw error;
    for (const host of hosts)
      flow.settle(host, task, host.slot(), failedBy(error), run.scopes.task(host.host, task));
    return undefined;
  }
}
