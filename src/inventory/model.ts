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
  /** In the order in which the sources name them. */
  hosts: ReadonlyMap<string, InventoryHost>;
  /** Every group, `all` and `ungrouped` included, with all its hosts, those of children too. */
  groups: ReadonlyMap<string, readonly string[]>;
  /** The sources as given with -i. */
  sources: readonly string[];
}
