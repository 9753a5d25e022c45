/** What the sources say, as they say it: merged, but not yet worked out. `resolve.ts` makes the inventory of it. */
import { dirname } from 'node:path';
import { NetplayError } from '../shared/errors.js';
import type { Place } from '../shared/place.js';
import type { Group, HostEntry } from './model.js';
import type { Trace } from './trace.js';

export interface DraftHost extends HostEntry {
  readonly vars: Map<string, unknown>;
}

export interface DraftGroup extends Group {
  readonly hosts: Set<string>;
  readonly children: Set<string>;
  readonly vars: Map<string, unknown>;
  priority: number;
}

/** A variable, and where its name stands. */
export interface PlacedVar {
  key: string;
  value: unknown;
  place: () => Place;
}

/** More than anybody has: what a slip in a range, or a script gone wild, would fill the memory with. */
export const MOST_HOSTS = 200_000;

/** Of one file: what has more is no inventory, and what follows is not looked at for mistakes. */
export const MOST_ERRORS = 100;

export function newGroup(name: string): DraftGroup {
  return { name, hosts: new Set(), children: new Set(), vars: new Map(), priority: 1 };
}

export class Draft {
  readonly hosts = new Map<string, DraftHost>();
  readonly groups = new Map<string, DraftGroup>();
  /** What is being read: a file's absolute path, or a list of hosts as it was given. */
  source: { name: string; isFile: boolean } | undefined;
  readonly #parents = new Map<string, Set<string>>();

  /** @param trace is told of each variable that is set, for whoever asks where a value comes from */
  constructor(readonly trace?: Trace) {
    this.addChild(this.group('all'), this.group('ungrouped'), { file: '', line: 1, column: 1 });
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
   * Puts the host into the group. A new one is made, with Ansible's `inventory_file` and `inventory_dir` and the
   * port behind its name; a known one keeps those, and its place, of the source that named it first.
   * @throws NetplayError `inventory` where there are too many to go on
   */
  host(name: string, group: DraftGroup, place: Place, port?: number): DraftHost {
    group.hosts.add(name);
    const known = this.hosts.get(name);
    if (known !== undefined) return known;
    if (this.hosts.size >= MOST_HOSTS)
      throw new NetplayError('inventory', `The inventory holds more than ${MOST_HOSTS} hosts`, { place });
    const host = { name, vars: this.#firstVars(), place };
    this.hosts.set(name, host);
    if (port !== undefined) this.setHostVar(host, { key: 'ansible_port', value: port, place: () => place });
    return host;
  }

  #firstVars(): Map<string, unknown> {
    if (this.source === undefined) return new Map();
    const { name, isFile } = this.source;
    return new Map<string, unknown>([
      ['inventory_file', name],
      ['inventory_dir', isFile ? dirname(name) : null],
    ]);
  }

  setHostVar(host: DraftHost, variable: PlacedVar): void {
    host.vars.set(variable.key, variable.value);
    this.trace?.set('host', host.name, variable);
  }

  /** Sets a group's variable, or its priority. Returns what is wrong with the value. */
  setGroupVar(group: DraftGroup, variable: PlacedVar): NetplayError[] {
    const { key, value, place } = variable;
    if (key !== 'ansible_group_priority') {
      group.vars.set(key, value);
      this.trace?.set('group', group.name, variable);
      return [];
    }
    const priority = typeof value === 'string' && /^\s*[+-]?\d+\s*$/.test(value) ? Number(value) : value;
    if (typeof priority !== 'number' || !Number.isInteger(priority))
      return [
        new NetplayError('inventory', 'ansible_group_priority must be a whole number', { place: place() }),
      ];
    group.priority = priority;
    return [];
  }

  /** Makes `child` a child of `parent`. Returns an error where that would make a loop. */
  addChild(parent: DraftGroup, child: DraftGroup, place: Place): NetplayError[] {
    if (child.name !== 'all' && !this.#reaches(child.name, parent.name)) {
      parent.children.add(child.name);
      this.#parentsOf(child.name).add(parent.name);
      return [];
    }
    const path = child.name === 'all' ? ['all', parent.name] : this.#path(child.name, parent.name);
    const loop = inWords([parent.name, ...path]);
    return [
      new NetplayError('inventory', `The group "${parent.name}" would be within itself: ${loop}`, { place }),
    ];
  }

  #parentsOf(name: string): Set<string> {
    const known = this.#parents.get(name);
    if (known !== undefined) return known;
    const parents = new Set<string>();
    this.#parents.set(name, parents);
    return parents;
  }

  /**
   * Whether `to` is `from` or stands below it. Looked for from both ends, a group at a time, so that the shorter
   * way decides: long chains of groups then take time by their length, in whichever order they are written.
   */
  #reaches(from: string, to: string): boolean {
    if (from === to) return true;
    const [below, above] = [new Set([from]), new Set([to])];
    const [downwards, upwards] = [below.values(), above.values()];
    for (;;) {
      const { value: lower } = downwards.next();
      const { value: upper } = upwards.next();
      if (lower === undefined || upper === undefined) return false;
      for (const child of this.group(lower).children) below.add(child);
      for (const parent of this.#parentsOf(upper)) above.add(parent);
      if (below.has(to) || above.has(from)) return true;
    }
  }

  /** The names of the groups from `from` down to `to`, both included: a short way, for the eye. */
  #path(from: string, to: string): string[] {
    const cameFrom = new Map<string, string | undefined>([[from, undefined]]);
    for (const name of cameFrom.keys())
      for (const child of this.group(name).children) if (!cameFrom.has(child)) cameFrom.set(child, name);
    const path: string[] = [];
    for (let name: string | undefined = to; name !== undefined; name = cameFrom.get(name)) path.unshift(name);
    return path;
  }

  /** Ends the reading, by Ansible's rules: nobody is without a group. */
  settle(): void {
    this.#settleUngrouped();
    this.#adoptOrphans();
  }

  /** `ungrouped` holds exactly the hosts that no other group but `all` names. */
  #settleUngrouped(): void {
    const grouped = new Set<string>();
    for (const { name, hosts } of this.groups.values())
      if (name !== 'all' && name !== 'ungrouped') for (const host of hosts) grouped.add(host);
    const ungrouped = this.group('ungrouped').hosts;
    for (const host of this.hosts.keys()) {
      if (grouped.has(host)) ungrouped.delete(host);
      else ungrouped.add(host);
    }
  }

  /** Groups that are nobody's child are children of `all`. */
  #adoptOrphans(): void {
    const all = this.group('all');
    for (const name of this.groups.keys())
      if (name !== 'all' && this.#parentsOf(name).size === 0) {
        all.children.add(name);
        this.#parentsOf(name).add('all');
      }
  }
}

/** A way through groups, of which a long one is told by its ends. */
function inWords(names: readonly string[]): string {
  const shown = names.length > 12 ? [...names.slice(0, 5), '…', ...names.slice(-3)] : names;
  return shown.join(' > ');
}
