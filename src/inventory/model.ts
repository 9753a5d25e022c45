import type { Place } from '../shared/place.js';

export type Vars = Readonly<Record<string, unknown>>;

export interface InventoryHost {
  name: string;
  /** Direct and inherited groups, `all` left out, sorted: Ansible's `group_names`. */
  groupNames: readonly string[];
  /** Group variables (all, parents, children, by Ansible's order) under the host's own. */
  vars: Vars;
  place: Place;
}

export interface Inventory {
  /**
   * In the order in which the sources name them. Of an inventory that was loaded, `get('localhost')` gives
   * this machine even where no source names it; see `local.ts`.
   */
  hosts: ReadonlyMap<string, InventoryHost>;
  /** Every group, `all` and `ungrouped` included, with all its hosts, those of children too. */
  groups: ReadonlyMap<string, readonly string[]>;
  /** The sources as given with -i. */
  sources: readonly string[];
}

/** A group as the sources say it: nothing is inherited. */
export interface Group {
  readonly name: string;
  /** Direct members only, in the order in which they were named. */
  readonly hosts: ReadonlySet<string>;
  /** Names of groups, in the order in which they became children. */
  readonly children: ReadonlySet<string>;
  readonly vars: ReadonlyMap<string, unknown>;
  /** `ansible_group_priority`: among groups of the same depth the higher one wins. */
  readonly priority: number;
}

/** A host as the sources say it. */
export interface HostEntry {
  readonly name: string;
  /** From its line, `inventory_file` and `inventory_dir` included. */
  readonly vars: ReadonlyMap<string, unknown>;
  /** Where it is named first. */
  readonly place: Place;
}

/** What `group_vars/` and `host_vars/` of one folder say, by the names of groups and hosts. */
export interface VarsFolder {
  readonly path: string;
  readonly groups: ReadonlyMap<string, Vars>;
  readonly hosts: ReadonlyMap<string, Vars>;
}

/** All that was said, from which an inventory is worked out, and worked out anew when hosts join at run time. */
export interface Tree {
  readonly groups: ReadonlyMap<string, Group>;
  readonly hosts: ReadonlyMap<string, HostEntry>;
  /** Beside the inventories, in the order of the sources: a later one stands over an earlier one. */
  readonly inventoryFolders: readonly VarsFolder[];
  /** Beside the playbook: over those beside the inventories. */
  readonly playbookFolders: readonly VarsFolder[];
}

/** What `loadInventory` gives, and `add.ts` takes. */
export interface LoadedInventory extends Inventory {
  readonly tree: Tree;
}
