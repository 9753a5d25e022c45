/** Works out of what the sources say which groups and variables each host has, by Ansible's rules. */
import { ancestors, byCodePoint, byPrecedence, membersOf, parentsOf } from './groups.js';
import { Hosts, LOCAL_CONNECTION } from './local.js';
import type { Group, HostEntry, InventoryHost, LoadedInventory, Tree, Vars, VarsFolder } from './model.js';

/** What is worked out anew where something joined an inventory: the rest is taken over as it is. */
export interface Affected {
  hosts: ReadonlySet<string>;
  /** Whose members are others than before. */
  groups: ReadonlySet<string>;
}

/**
 * @param before the inventory that `tree` grew out of; all that is not in `affected` is shared with it
 * @throws NetplayError `inventory` where groups are so entangled that it would take the memory
 */
export function resolve(
  tree: Tree,
  sources: readonly string[],
  before?: LoadedInventory,
  affected?: Affected,
): LoadedInventory {
  const members = membersOf(tree.groups, affected?.groups ?? tree.groups.keys());
  const groups = new Map<string, readonly string[]>([...(before?.groups ?? []), ...members]);
  const variables = new Variables(tree);
  const direct = directGroups(tree, affected?.hosts);
  const known = new Map<string, InventoryHost>(before?.hosts);
  for (const name of affected?.hosts ?? tree.hosts.keys()) {
    const entry = tree.hosts.get(name);
    if (entry !== undefined) known.set(name, variables.host(entry, direct.get(name) ?? []));
  }
  const hosts = new Hosts(known, (name) => variables.local(name));
  return { hosts, groups, sources, tree };
}

/** The groups that name each host itself. @param wanted the hosts that are asked for: all where it is left out */
function directGroups(tree: Tree, wanted?: ReadonlySet<string>): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const group of tree.groups.values())
    for (const host of group.hosts) {
      if (wanted?.has(host) === false) continue;
      const names = found.get(host);
      if (names === undefined) found.set(host, [group.name]);
      else names.push(group.name);
    }
  return found;
}

/** Later ones stand over earlier ones; a map is replaced, not merged. */
export function mergeVars(parts: readonly (Vars | undefined)[]): Vars {
  const merged: Record<string, unknown> = {};
  for (const part of parts)
    for (const key of Object.keys(part ?? {})) {
      // By assignment, a variable of that name would change what the object is.
      if (key === '__proto__') Object.defineProperty(merged, key, { value: part?.[key], ...PLAIN });
      else merged[key] = part?.[key];
    }
  return merged;
}

const PLAIN = { enumerable: true, writable: true, configurable: true };

/** What all hosts of the same groups share. */
interface Membership {
  groupNames: readonly string[];
  vars: Vars;
}

class Variables {
  readonly #order: readonly Group[];
  readonly #parents: ReadonlyMap<string, readonly string[]>;
  readonly #shared = new Map<string, Membership>();

  constructor(private readonly tree: Tree) {
    this.#order = byPrecedence(tree.groups);
    this.#parents = parentsOf(tree.groups);
  }

  host({ name, vars, place }: HostEntry, direct: readonly string[]): InventoryHost {
    const { groupNames, vars: groupVars } = this.#membership(direct);
    return { name, groupNames, vars: this.#over(groupVars, name, vars), place };
  }

  /** The host that stands for this machine where no source names it: in no group, with the variables of `all`. */
  local(name: string): InventoryHost {
    const vars = this.#over(this.#groupVars(new Set(['all'])), name, LOCAL_CONNECTION);
    return { name, groupNames: [], vars, place: { file: name, line: 1, column: 1 } };
  }

  #over(groupVars: Vars, host: string, own: ReadonlyMap<string, unknown>): Vars {
    const { inventoryFolders, playbookFolders } = this.tree;
    const files = [...inventoryFolders, ...playbookFolders].map(({ hosts }) => hosts.get(host));
    return mergeVars([groupVars, Object.fromEntries(own), ...files]);
  }

  #membership(direct: readonly string[]): Membership {
    const key = JSON.stringify(direct);
    const known = this.#shared.get(key);
    if (known !== undefined) return known;
    const names = ancestors(this.#parents, ['all', ...direct]);
    const groupNames = [...names].filter((name) => name !== 'all').sort(byCodePoint);
    const membership = { groupNames, vars: this.#groupVars(names) };
    this.#shared.set(key, membership);
    return membership;
  }

  /**
   * In Ansible's order: the sources' own, then files for `all`, then files for the other groups; of each, those beside the
   * inventories before those beside the playbook, and a whole folder before the next.
   */
  #groupVars(names: ReadonlySet<string>): Vars {
    const { inventoryFolders, playbookFolders } = this.tree;
    const folders = [...inventoryFolders, ...playbookFolders];
    const mine = this.#order.filter(({ name }) => names.has(name));
    const others = mine.filter(({ name }) => name !== 'all');
    const of = ({ groups }: VarsFolder) => others.map(({ name }) => groups.get(name));
    return mergeVars([
      ...mine.map(({ vars }) => Object.fromEntries(vars)),
      ...folders.map(({ groups }) => groups.get('all')),
      ...folders.flatMap(of),
    ]);
  }
}
