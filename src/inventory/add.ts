/**
 * Hosts and groups that join an inventory while a run goes on: Ansible's `add_host` and `group_by`. Nothing is changed in
 * place: each gives a new inventory, which shares with the old one all hosts and lists that are as they were. One call
 * for all hosts of a task costs about what one for a single host does: time by the number of hosts, and no file is read.
 */
import { isDeepStrictEqual } from 'node:util';
import { NetplayError, throwAll } from '../shared/errors.js';
import type { Place } from '../shared/place.js';
import { ancestors, descendants, membersOf, parentsOf } from './groups.js';
import { HostNameError, parseHostNames } from './host-names.js';
import type { Group, HostEntry, LoadedInventory, Tree, Vars, VarsFolder } from './model.js';
import { resolve } from './resolve.js';
import { type Names, readVarsFolder, type VarsReading } from './vars-files.js';

export interface NewHost {
  /** May end in a port: `web9:2222`. */
  name: string;
  groups?: readonly string[];
  /** As on a host's line in an inventory: `host_vars/` stands over them. */
  vars?: Vars;
  /** Of the task that adds it. */
  place: Place;
}

export interface NewMember {
  /** Of the inventory. */
  host: string;
  group: string;
  /** The groups that `group` becomes a child of; `all` where there are none. */
  parents?: readonly string[];
  place: Place;
}

export interface Added {
  inventory: LoadedInventory;
  /** For each that was asked for, whether anything was new. */
  changed: readonly boolean[];
}

/**
 * `add_host`: hosts that are known get the groups and variables, too.
 * @throws NetplayError `inventory`: a name that is none
 */
export function addHosts(inventory: LoadedInventory, hosts: readonly NewHost[]): Added {
  const growth = new Growth(inventory);
  const changed = hosts.map(({ name, groups = [], vars = {}, place }) => {
    const host = hostName(name, place);
    const own = host.port === undefined ? vars : { ansible_port: host.port, ...vars };
    const news = [
      growth.host(host.name, own, place),
      ...groups.map((group) => growth.join(host.name, group)),
    ];
    return news.includes(true);
  });
  return { inventory: growth.grown(), changed };
}

/**
 * `group_by`: hosts join groups, which are made where they are new.
 * @throws NetplayError `inventory`: a host that the inventory has not; a group within itself
 */
export function groupBy(inventory: LoadedInventory, members: readonly NewMember[]): Added {
  const growth = new Growth(inventory);
  const changed = members.map(({ host, group, parents = [], place }) => {
    if (!inventory.tree.hosts.has(host))
      throw new NetplayError('inventory', `The inventory has no host "${host}"`, { place });
    const nested = parents.map((parent) => growth.nest(group, parent, place));
    return [...nested, growth.join(host, group)].includes(true);
  });
  return { inventory: growth.grown(), changed };
}

/**
 * Reads `group_vars/` and `host_vars/` for names that are about to join: to be called before, so that files hold for them, too.
 * @returns the same inventory where there is nothing for them
 * @throws NetplayError, NetplayErrors `inventory`: all that is wrong with these files
 */
export async function readVarsOfNew(
  inventory: LoadedInventory,
  names: Names,
  reading: VarsReading,
): Promise<LoadedInventory> {
  const { tree } = inventory;
  const news = {
    groups: [...names.groups].filter((name) => !tree.groups.has(name)),
    hosts: [...names.hosts].filter((name) => !tree.hosts.has(name)),
  };
  if (news.groups.length + news.hosts.length === 0) return inventory;
  const read = new Map<string, VarsFolder>();
  const errors: NetplayError[] = [];
  for (const path of new Set([...tree.inventoryFolders, ...tree.playbookFolders].map((one) => one.path))) {
    const found = await readVarsFolder(path, news, reading);
    read.set(path, found.folder);
    errors.push(...found.errors);
  }
  throwAll(errors);
  const grown = (folder: VarsFolder): VarsFolder => {
    const more = read.get(folder.path);
    if (more === undefined || more.groups.size + more.hosts.size === 0) return folder;
    const groups = new Map([...folder.groups, ...more.groups]);
    return { path: folder.path, groups, hosts: new Map([...folder.hosts, ...more.hosts]) };
  };
  const inventoryFolders = tree.inventoryFolders.map(grown);
  const playbookFolders = tree.playbookFolders.map(grown);
  return { ...inventory, tree: { ...tree, inventoryFolders, playbookFolders } };
}

function hostName(text: string, place: Place): { name: string; port?: number } {
  try {
    const { names, port } = parseHostNames(text);
    const [name, ...others] = names;
    if (name === undefined || name === '' || others.length > 0)
      throw new HostNameError(`"${text}" is not the name of one host`);
    return port === undefined ? { name } : { name, port };
  } catch (error) {
    if (!(error instanceof HostNameError)) throw error;
    const hint = error.hint === undefined ? {} : { hint: error.hint };
    throw new NetplayError('inventory', error.message, { place, ...hint });
  }
}

interface OwnGroup extends Group {
  readonly hosts: Set<string>;
  readonly children: Set<string>;
}

/** A tree that takes what joins, copying only what it touches. */
class Growth {
  readonly #before: LoadedInventory;
  readonly #groups: Map<string, Group>;
  readonly #hosts: Map<string, HostEntry>;
  /** Whose variables or groups are others. */
  readonly #touchedHosts = new Set<string>();
  /** Copies, of groups that hold others than before. */
  readonly #owned = new Map<string, OwnGroup>();
  /** Whose parents are others: so are the variables of all below. */
  readonly #nested = new Set<string>();

  constructor(before: LoadedInventory) {
    this.#before = before;
    this.#groups = new Map(before.tree.groups);
    this.#hosts = new Map(before.tree.hosts);
  }

  host(name: string, vars: Vars, place: Place): boolean {
    const known = this.#hosts.get(name);
    const first: [string, unknown][] = [
      ['inventory_file', null],
      ['inventory_dir', null],
    ];
    const all = new Map([...(known?.vars ?? first), ...Object.entries(vars)]);
    if (known !== undefined && isDeepStrictEqual(all, known.vars)) return false;
    this.#hosts.set(name, { name, vars: all, place: known?.place ?? place });
    this.#touchedHosts.add(name);
    return true;
  }

  join(host: string, name: string): boolean {
    if (this.#group(name).hosts.has(host)) return false;
    this.#own(name).hosts.add(host);
    this.#touchedHosts.add(host);
    return true;
  }

  nest(name: string, parentName: string, place: Place): boolean {
    this.#group(name);
    if (this.#group(parentName).children.has(name)) return false;
    if (name === 'all' || descendants(this.#groups, name).has(parentName))
      throw new NetplayError('inventory', `The group "${name}" would be within itself, by "${parentName}"`, {
        place,
      });
    this.#own(parentName).children.add(name);
    this.#nested.add(name);
    return true;
  }

  #group(name: string): Group {
    const known = this.#groups.get(name);
    if (known !== undefined) return known;
    const group: OwnGroup = { name, hosts: new Set(), children: new Set(), vars: new Map(), priority: 1 };
    this.#groups.set(name, group);
    this.#owned.set(name, group);
    return group;
  }

  /** The group as a copy that nobody else has, to be changed in place. */
  #own(name: string): OwnGroup {
    const owned = this.#owned.get(name);
    if (owned !== undefined) return owned;
    const { hosts, children, ...others } = this.#group(name);
    const group = { ...others, hosts: new Set(hosts), children: new Set(children) };
    this.#groups.set(name, group);
    this.#owned.set(name, group);
    return group;
  }

  /** The inventory with all that joined; the one from before where nothing did. */
  grown(): LoadedInventory {
    if (this.#touchedHosts.size + this.#owned.size === 0) return this.#before;
    this.#settleUngrouped();
    this.#adoptOrphans();
    const below = membersOf(this.#groups, this.#nested).values();
    const hosts = new Set([...this.#touchedHosts, ...[...below].flat()]);
    const groups = ancestors(parentsOf(this.#groups), [...this.#owned.keys(), 'all']);
    const tree: Tree = { ...this.#before.tree, groups: this.#groups, hosts: this.#hosts };
    return resolve(tree, this.#before.sources, this.#before, { hosts, groups });
  }

  /** A host leaves `ungrouped` when it joins a group, and is in it where it joins none. */
  #settleUngrouped(): void {
    const grouped = new Set<string>();
    for (const { name, hosts } of this.#groups.values())
      if (name !== 'all' && name !== 'ungrouped')
        for (const host of this.#touchedHosts) if (hosts.has(host)) grouped.add(host);
    const { hosts } = this.#own('ungrouped');
    for (const host of this.#touchedHosts) {
      if (grouped.has(host)) hosts.delete(host);
      else hosts.add(host);
    }
  }

  #adoptOrphans(): void {
    const parents = parentsOf(this.#groups);
    const orphans = [...this.#groups.keys()].filter((name) => name !== 'all' && !parents.has(name));
    for (const name of orphans) this.#own('all').children.add(name);
  }
}
