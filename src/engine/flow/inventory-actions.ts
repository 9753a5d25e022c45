/** `add_host` and `group_by`: the inventory grows while a run goes on. */
import type { ActionResult } from '../../actions/action.js';
import { type Added, addHosts, groupBy, readVarsOfNew } from '../../inventory/add.js';
import type { LoadedInventory } from '../../inventory/model.js';
import type { Names } from '../../inventory/vars-files.js';
import { isMap } from '../../shared/is-map.js';
import type { FlowRun } from './flow-run.js';
import type { LocalCall } from './local.js';

export async function addHostAction({ run, task, params }: LocalCall): Promise<ActionResult> {
  const { name, hostname, host, groups, groupname, group, ...vars } = params;
  const added = String(name ?? hostname ?? host);
  const inGroups = words(groups ?? groupname ?? group);
  const changed = await grow(run, { groups: inGroups, hosts: [added] }, (inventory) =>
    addHosts(inventory, [{ name: added, groups: inGroups, vars, place: task.place }]),
  );
  return { changed, add_host: { host_name: added, groups: inGroups, host_vars: vars } };
}

export async function groupByAction({ run, task, host, params }: LocalCall): Promise<ActionResult> {
  const group = String(params.key).replaceAll(' ', '-');
  const parents = words(params.parents ?? 'all');
  const changed = await grow(run, { groups: [group, ...parents], hosts: [] }, (inventory) =>
    groupBy(inventory, [{ host: host.host, group, parents, place: task.place }]),
  );
  return { changed, add_group: group, parent_groups: parents };
}

/** One host's growth after another's: each takes what the one before it left. @returns whether anything is new */
function grow(run: FlowRun, names: Names, work: (inventory: LoadedInventory) => Added): Promise<boolean> {
  return run.delegates.on('the inventory', async () => {
    const read = await readVarsOfNew(run.state.inventory, names, {
      cwd: process.cwd(),
      vault: run.options.vault,
    });
    const { inventory, changed } = work(read);
    run.state.inventory = inventory;
    run.fell();
    return changed.includes(true);
  });
}

function words(value: unknown): string[] {
  if (value === undefined || value === null || isMap(value)) return [];
  const list = Array.isArray(value) ? value.map(String) : String(value).split(',');
  return list.map((word) => word.trim()).filter((word) => word !== '');
}
