/** What the sources say, as they say it: merged, but not yet worked out. `resolve.ts` makes the inventory of it. */
import { dirname } from 'node:path';
import { NetplayError } from '../shared/errors.js';
import type { Place } from '../shared/place.js';

export interface DraftHost {
  name: string;
  vars: Map<string, unknown>;
  place: Place;
}

export interface DraftGroup {
  name: string;
  /** Direct members only. */
  hosts: Set<string>;
  children: Set<string>;
  vars: Map<string, unknown>;
  /** `ansible_group_priority`: among groups of the same depth the higher one wins. */
  priority: number;
}

/** Host and group variables from `host_vars/` and `group_vars/`, which stand over those of the sources. */
export interface FileVars {
  hosts: Map<string, Map<string, unknown>>;
  groups: Map<string, Map<string, unknown>>;
}

export function newGroup(name: string): DraftGroup {
  return { name, hosts: new Set(), children: new Set(), vars: new Map(), priority: 1 };
}

export class Draft {
  readonly hosts = new Map<string, DraftHost>();
  readonly groups = new Map<string, DraftGroup>();
  /** Absolute path of the file that is being read; undefined for a list of hosts. */
  file: string | undefined;
  readonly fileVars: FileVars = { hosts: new Map(), groups: new Map() };

  constructor() {
    this.group('all').children.add(this.group('ungrouped').name);
  }

  /** The group of that name, made where it is new. */
  group(name: string): DraftGroup {
    const known = this.groups.get(name);
    if (known !== undefined) return known;
    const group = newGroup(name);
    this.groups.set(name, group);
    return group;
  }

  /**
   * Puts the host into the group. A new one is made, with Ansible's `inventory_file` and `inventory_dir`;
   * a known one keeps those, and its place, of the source that named it first.
   */
  host(name: string, group: DraftGroup, place: Place): DraftHost {
    group.hosts.add(name);
    const known = this.hosts.get(name);
    if (known !== undefined) return known;
    const vars = new Map<string, unknown>();
    if (this.file !== undefined)
      vars.set('inventory_file', this.file).set('inventory_dir', dirname(this.file));
    const host = { name, vars, place };
    this.hosts.set(name, host);
    return host;
  }

  /** Sets a group's variable, or its priority. Returns what is wrong with the value. */
  setGroupVar(group: DraftGroup, key: string, value: unknown, place: Place): NetplayError[] {
    if (key !== 'ansible_group_priority') {
      group.vars.set(key, value);
      return [];
    }
    const priority = typeof value === 'string' ? Number.parseInt(value, 10) : value;
    if (typeof priority !== 'number' || !Number.isInteger(priority))
      return [new NetplayError('inventory', 'ansible_group_priority must be a whole number', { place })];
    group.priority = priority;
    return [];
  }

  /** Makes `child` a child of `parent`. Returns an error where that would make a loop. */
  addChild(parent: DraftGroup, child: DraftGroup, place: Place): NetplayError[] {
    const path = child.name === 'all' ? ['all', parent.name] : this.#path(child, parent.name);
    if (path === undefined) {
      parent.children.add(child.name);
      return [];
    }
    const loop = [parent.name, ...path].join(' > ');
    return [
      new NetplayError('inventory', `The group "${parent.name}" would be within itself: ${loop}`, { place }),
    ];
  }

  /** The names of the groups from `from` down to `name`, both included. */
  #path(from: DraftGroup, name: string, seen = new Set<string>()): string[] | undefined {
    if (from.name === name) return [name];
    if (seen.has(from.name)) return undefined;
    seen.add(from.name);
    for (const child of from.children) {
      const path = this.#path(this.group(child), name, seen);
      if (path !== undefined) return [from.name, ...path];
    }
    return undefined;
  }
}
