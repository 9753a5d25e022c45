/** Who is in which group, and which group's variables win: by Ansible's rules, from what the sources say. */
import { NetplayError } from '../shared/errors.js';
import type { Group, Tree } from './model.js';

/** Hosts of all groups together, and groups below all groups: a few lines can ask for more than fits in memory. */
const MOST_MEMBERSHIPS = 10_000_000;

type Groups = Tree['groups'];

/**
 * The group and all below it, level by level, which is the order Ansible lists their hosts in.
 * @param names also found, each with all that is below it
 */
export function descendants(groups: Groups, ...names: readonly string[]): Set<string> {
  const found = new Set(names);
  // A set's iteration goes on to what is added meanwhile: this is the whole of a breadth-first search.
  for (const name of found) for (const child of groups.get(name)?.children ?? []) found.add(child);
  return found;
}

/**
 * All hosts of each of the groups in `names`, those of children too.
 * @throws NetplayError `inventory` where groups are so entangled that it would take the memory
 */
export function membersOf(groups: Groups, names: Iterable<string>): Map<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  let count = 0;
  for (const name of names) {
    const members = new Set<string>();
    const below = descendants(groups, name);
    for (const group of below) for (const host of groups.get(group)?.hosts ?? []) members.add(host);
    count += below.size + members.size;
    if (count > MOST_MEMBERSHIPS)
      throw new NetplayError(
        'inventory',
        `The groups hold each other and their hosts too often to work out`,
        {
          hint: `All groups together may have ${MOST_MEMBERSHIPS} hosts and groups below them.`,
        },
      );
    found.set(name, [...members]);
  }
  return found;
}

/** The groups that directly hold each group. */
export function parentsOf(groups: Groups): Map<string, string[]> {
  const parents = new Map<string, string[]>();
  for (const { name, children } of groups.values())
    for (const child of children) {
      const known = parents.get(child);
      if (known === undefined) parents.set(child, [name]);
      else known.push(name);
    }
  return parents;
}

/** The groups in `names`, and all above them. */
export function ancestors(
  parents: ReadonlyMap<string, readonly string[]>,
  names: Iterable<string>,
): Set<string> {
  const found = new Set(names);
  for (const name of found) for (const parent of parents.get(name) ?? []) found.add(parent);
  return found;
}

/** All groups, those whose variables win last: by depth (the longest way from `all`), then priority, then name. */
export function byPrecedence(groups: Groups): Group[] {
  const depths = depthsOf(groups);
  const depth = ({ name }: Group): number => depths.get(name) ?? 0;
  return [...groups.values()].sort(
    (a, b) => depth(a) - depth(b) || a.priority - b.priority || byCodePoint(a.name, b.name),
  );
}

/** Each group once, after all of its parents: time by the number of groups and children, however they are nested. */
function depthsOf(groups: Groups): Map<string, number> {
  const waiting = new Map([...parentsOf(groups)].map(([name, parents]) => [name, parents.length]));
  const depths = new Map([...groups.keys()].filter((name) => !waiting.has(name)).map((name) => [name, 0]));
  const ready = new Set(depths.keys());
  for (const name of ready) {
    const depth = (depths.get(name) ?? 0) + 1;
    for (const child of groups.get(name)?.children ?? []) {
      depths.set(child, Math.max(depth, depths.get(child) ?? 0));
      const left = (waiting.get(child) ?? 0) - 1;
      waiting.set(child, left);
      if (left === 0) ready.add(child);
    }
  }
  return depths;
}

/** Python's order of strings, whatever the locale. */
export function byCodePoint(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
