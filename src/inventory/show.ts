/** What was understood of an inventory, in the forms that `ansible-inventory` prints. */
import { NetplayError } from '../shared/errors.js';
import { nearest } from '../shared/nearest.js';
import { byCodePoint } from './groups.js';
import type { Group, LoadedInventory, Vars } from './model.js';
import { mergeVars } from './resolve.js';

export interface ShowOptions {
  /** Over all else, as with `-e`. */
  extraVars?: Vars;
  /** Each variable where it is set, and not what a host sees of it: to be read as an inventory again. */
  export?: boolean;
  /** The groups' own variables are shown with those from beside the playbook. */
  withPlaybook?: boolean;
  /** No other hosts than these. */
  only?: ReadonlySet<string>;
}

/** What everybody knows without being told, and Ansible leaves out. */
const MAGIC: readonly string[] = ['inventory_dir', 'inventory_file'];
/** A tree of groups is written out as often as groups hold each other, which can be without end. */
const MOST_LINES = 200_000;
const MOST_DEPTH = 500;

/** `--list`: every group with what it holds itself, and the variables of every host under `_meta`. */
export function listOf(inventory: LoadedInventory, options: ShowOptions): Record<string, unknown> {
  const show = new Show(inventory, options);
  const groups = [...inventory.tree.groups.values()].flatMap((group) => {
    const shown = show.group(group, { children: [...group.children], hosts: show.hosts(group) });
    return Object.keys(shown).length > 0 ? [[group.name, shown] as const] : [];
  });
  const hosts = (inventory.groups.get('all') ?? []).filter((name) => options.only?.has(name) ?? true);
  const vars = hosts.map((name) => [name, show.hostVars(name)] as const);
  const hostvars = Object.fromEntries(vars.filter(([, found]) => Object.keys(found).length > 0));
  return { _meta: { hostvars }, ...Object.fromEntries(groups) };
}

/**
 * `--list --yaml`: groups within groups, from `all` down; a host's variables where it is named first.
 * @throws NetplayError `inventory` where groups hold each other so often that it has no end worth the name
 */
export function treeOf(inventory: LoadedInventory, options: ShowOptions): Record<string, unknown> {
  const show = new Show(inventory, options);
  const seen = new Set<string>();
  const within = (name: string, depth: number): Record<string, unknown> => {
    const group = show.step(name, depth);
    const children = Object.fromEntries(
      [...group.children].map((child) => [child, within(child, depth + 1)]),
    );
    const hosts = show.hosts(group).map((host) => {
      const vars = seen.has(host) ? {} : show.hostVars(host);
      seen.add(host);
      return [host, vars] as const;
    });
    return show.group(group, { children, hosts: Object.fromEntries(hosts) });
  };
  return { all: within('all', 0) };
}

/**
 * `--list --toml`: every group by its name, with the names of its children; a host's variables where it is named first.
 * @throws NetplayError `inventory`: as `treeOf`
 */
export function tablesOf(inventory: LoadedInventory, options: ShowOptions): Record<string, unknown> {
  const show = new Show(inventory, options);
  const seen = new Set<string>();
  const tables: Record<string, object> = {};
  const walk = (name: string, depth: number): void => {
    const group = show.step(name, depth);
    const shown = [...group.children].filter(
      (child) => child !== 'ungrouped' || show.step(child, 0).hosts.size > 0,
    );
    for (const child of shown) walk(child, depth + 1);
    const hosts = show.hosts(group).map((host) => {
      const vars = seen.has(host) ? {} : show.hostVars(host);
      seen.add(host);
      return [host, vars] as const;
    });
    const children = name === 'all' ? [] : shown;
    tables[name] = show.group(group, { children, hosts: Object.fromEntries(hosts) });
  };
  walk('all', 0);
  return Object.fromEntries(Object.entries(tables).filter(([, table]) => Object.keys(table).length > 0));
}

/**
 * `--graph`: the lines of a tree of groups and hosts.
 * @param top the group to begin with
 * @param print a variable's value as text; without it no variables are shown
 * @throws NetplayError `usage`: no such group; `inventory`: as `treeOf`
 */
export function graphOf(
  inventory: LoadedInventory,
  top: string,
  options: ShowOptions,
  print?: (value: unknown) => string,
): string[] {
  if (!inventory.tree.groups.has(top)) throw noGroup(inventory, top);
  const show = new Show(inventory, options);
  const lines: string[] = [];
  const add = (depth: number, text: string): void =>
    void lines.push(depth === 0 ? text : `${'  |'.repeat(depth)}--${text}`);
  const addVars = (depth: number, vars: () => Vars): void => {
    if (print === undefined) return;
    for (const [name, value] of sorted(vars())) add(depth, `{${name} = ${print(value)}}`);
  };
  const walk = (name: string, depth: number): void => {
    const group = show.step(name, depth);
    add(depth, `@${name}:`);
    for (const child of group.children) walk(child, depth + 1);
    for (const host of show.hosts(group)) {
      add(depth + 1, host);
      addVars(depth + 2, () => show.hostVars(host));
    }
    addVars(depth + 1, () => show.groupVars(group));
  };
  walk(top, 0);
  return lines;
}

/** `--host`: what one host sees. */
export function hostVarsOf(inventory: LoadedInventory, host: string, options: ShowOptions): Vars {
  return new Show(inventory, options).hostVars(host);
}

function sorted(vars: Vars): [string, unknown][] {
  return Object.entries(vars).sort(([a], [b]) => byCodePoint(a, b));
}

function noGroup(inventory: LoadedInventory, name: string): NetplayError {
  const near = nearest(name, inventory.tree.groups.keys());
  const hint = near === undefined ? {} : { hint: `Did you mean "${near}"?` };
  return new NetplayError('usage', `The inventory has no group "${name}"`, hint);
}

class Show {
  #lines = 0;

  constructor(
    private readonly inventory: LoadedInventory,
    private readonly options: ShowOptions,
  ) {}

  /** The group that is written next, `depth` groups below the top. */
  step(name: string, depth: number): Group {
    const group = this.inventory.tree.groups.get(name);
    this.#lines += 1 + (group?.hosts.size ?? 0);
    if (group === undefined || depth > MOST_DEPTH || this.#lines > MOST_LINES)
      throw new NetplayError(
        'inventory',
        'The groups stand within each other too often to be shown as a tree',
        {
          hint: 'Show the inventory as a list: --list',
        },
      );
    return group;
  }

  /** Hosts of `all` itself are not shown: each is in another group, `ungrouped` at least. */
  hosts({ name, hosts }: Group): string[] {
    if (name === 'all') return [];
    return [...hosts].filter((host) => this.options.only?.has(host) ?? true);
  }

  /** A group without the parts that are empty. */
  group(group: Group, parts: Readonly<Record<string, object>>): Record<string, unknown> {
    const vars = this.options.export ? { vars: this.groupVars(group) } : {};
    const all: Readonly<Record<string, object>> = { ...parts, ...vars };
    return Object.fromEntries(Object.entries(all).filter(([, part]) => Object.keys(part).length > 0));
  }

  groupVars({ name, vars, priority }: Group): Vars {
    const { inventoryFolders, playbookFolders } = this.inventory.tree;
    const folders = [...inventoryFolders, ...(this.options.withPlaybook ? playbookFolders : [])];
    const own = priority === 1 ? {} : { ansible_group_priority: priority };
    const files = folders.map(({ groups }) => groups.get(name));
    return withoutMagic(mergeVars([Object.fromEntries(vars), ...files, own]));
  }

  hostVars(name: string): Vars {
    const entry = this.inventory.tree.hosts.get(name);
    if (!this.options.export || entry === undefined)
      return withoutMagic(mergeVars([this.inventory.hosts.get(name)?.vars, this.options.extraVars]));
    const { inventoryFolders, playbookFolders } = this.inventory.tree;
    const folders = [...inventoryFolders, ...(this.options.withPlaybook ? playbookFolders : [])];
    const files = folders.map(({ hosts }) => hosts.get(name));
    return withoutMagic(mergeVars([Object.fromEntries(entry.vars), ...files]));
  }
}

function withoutMagic(vars: Vars): Vars {
  return Object.fromEntries(Object.entries(vars).filter(([name]) => !MAGIC.includes(name)));
}
