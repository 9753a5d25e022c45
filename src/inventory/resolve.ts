/** Works out of a draft who is in which group and which variables each host has, by Ansible's rules. */
import type { Draft, DraftGroup } from './draft.js';
import type { Inventory, InventoryHost } from './model.js';

export function resolve(draft: Draft, sources: readonly string[]): Inventory {
  settleUngrouped(draft);
  adoptOrphans(draft);
  const groupsOf = memberships(draft);
  const order = byPrecedence(draft);
  const shared = new Map<string, ReadonlyMap<string, unknown>>();
  const hosts = new Map<string, InventoryHost>();
  for (const { name, vars, place } of draft.hosts.values()) {
    const mine = groupsOf.get(name) ?? new Set();
    const groupNames = [...mine].filter((group) => group !== 'all').sort(byCodePoint);
    const key = JSON.stringify(groupNames);
    const groupVars = shared.get(key) ?? groupVarsOf(order, mine, draft);
    shared.set(key, groupVars);
    const all = new Map([...groupVars, ...vars, ...(draft.fileVars.hosts.get(name) ?? [])]);
    hosts.set(name, { name, groupNames, vars: Object.fromEntries(all), place });
  }
  const groups = new Map([...draft.groups.keys()].map((name) => [name, membersOf(draft, name)]));
  return { hosts, groups, sources };
}

/** `ungrouped` holds exactly the hosts that no other group but `all` names. */
function settleUngrouped(draft: Draft): void {
  const grouped = new Set<string>();
  for (const { name, hosts } of draft.groups.values())
    if (name !== 'all' && name !== 'ungrouped') for (const host of hosts) grouped.add(host);
  const ungrouped = draft.group('ungrouped').hosts;
  for (const host of draft.hosts.keys()) {
    if (grouped.has(host)) ungrouped.delete(host);
    else ungrouped.add(host);
  }
}

/** Groups that are nobody's child are children of `all`. */
function adoptOrphans(draft: Draft): void {
  const adopted = new Set([...draft.groups.values()].flatMap(({ children }) => [...children]));
  const all = draft.group('all');
  for (const name of draft.groups.keys()) if (name !== 'all' && !adopted.has(name)) all.children.add(name);
}

/** The group and all below it, level by level, which is the order Ansible lists their hosts in. */
function descendants(draft: Draft, name: string): Set<string> {
  const found = new Set([name]);
  // A set's iteration goes on to what is added meanwhile: this is the whole of a breadth-first search.
  for (const group of found) for (const child of draft.group(group).children) found.add(child);
  return found;
}

function membersOf(draft: Draft, name: string): string[] {
  const members = new Set<string>();
  for (const group of descendants(draft, name))
    for (const host of draft.group(group).hosts) members.add(host);
  return [...members];
}

/** Every host's groups, those above the ones that name it included. */
function memberships(draft: Draft): Map<string, Set<string>> {
  const found = new Map([...draft.hosts.keys()].map((host) => [host, new Set(['all'])]));
  for (const name of draft.groups.keys())
    for (const host of membersOf(draft, name)) found.get(host)?.add(name);
  return found;
}

/** All groups, those whose variables win last: by depth, then priority, then name. */
function byPrecedence(draft: Draft): DraftGroup[] {
  const depths = new Map<string, number>();
  const sink = (name: string, depth: number): void => {
    if (depth <= (depths.get(name) ?? -1)) return;
    depths.set(name, depth);
    for (const child of draft.group(name).children) sink(child, depth + 1);
  };
  sink('all', 0);
  const depth = ({ name }: DraftGroup): number => depths.get(name) ?? 0;
  return [...draft.groups.values()].sort(
    (a, b) => depth(a) - depth(b) || a.priority - b.priority || byCodePoint(a.name, b.name),
  );
}

/** The sources' variables of all groups first, then those of group_vars/, each in the order of precedence. */
function groupVarsOf(
  order: readonly DraftGroup[],
  names: ReadonlySet<string>,
  draft: Draft,
): ReadonlyMap<string, unknown> {
  const mine = order.filter(({ name }) => names.has(name));
  const fromFiles = mine.flatMap(({ name }) => [...(draft.fileVars.groups.get(name) ?? [])]);
  return new Map([...mine.flatMap(({ vars }) => [...vars]), ...fromFiles]);
}

/** Python's order of strings, whatever the locale. */
function byCodePoint(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
