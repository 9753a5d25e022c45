/** `add_host` and `group_by`: the inventory grows while a run goes on. */
import type { ActionResult } from '../../actions/action.js';
import { addHost, groupBy } from '../../inventory/add.js';
import { isMap } from '../../shared/is-map.js';
import type { LocalCall } from './local.js';

export function addHostAction({ run, params }: LocalCall): ActionResult {
  const { name, hostname, host, groups, groupname, group, ...vars } = params;
  const added = String(name ?? hostname ?? host);
  const inGroups = words(groups ?? groupname ?? group);
  run.state.inventory = addHost(run.state.inventory, { name: added, groups: inGroups, vars });
  return { changed: true, add_host: { host_name: added, groups: inGroups, host_vars: vars } };
}

export function groupByAction({ run, host, params }: LocalCall): ActionResult {
  const key = String(params.key).replaceAll(' ', '-');
  const parents = words(params.parents ?? 'all');
  run.state.inventory = groupBy(run.state.inventory, { host: host.host, group: key, parents });
  return { changed: true, add_group: key, parent_groups: parents };
}

function words(value: unknown): string[] {
  if (value === undefined || value === null || isMap(value)) return [];
  const list = Array.isArray(value) ? value.map(String) : String(value).split(',');
  return list.map((word) => word.trim()).filter((word) => word !== '');
}
