/** What hangs on what: a qdisc's classes, filters and further qdiscs go with it. */

import type { Filter, Qdisc, TcClass, TcItem, TrafficControl } from './tc.js';
import { indexOf, placeOf } from './tc-index.js';

/** The number of the qdisc that an id is of: `1` of `1:` and `1:10`. */
export function majorOf(id: string): string {
  return id.split(':')[0] ?? '';
}

/** Two items that the kernel keeps in one place. A filter has a number within its prio, but not before it is made. */
export function sameTc(a: TcItem, b: TcItem): boolean {
  if (a.dev !== b.dev) return false;
  if (a.type === 'class') return b.type === 'class' && a.classid === b.classid;
  if (a.type === 'qdisc') return b.type === 'qdisc' && placeOf(a) === placeOf(b);
  if (b.type !== 'filter' || a.prio !== b.prio || a.parent !== b.parent || a.kind !== b.kind) return false;
  return a.chain === b.chain && numberOf(a) === numberOf(b);
}

/** What an item is called on its device: `qdisc root`, `class 1:10`, `filter 1: prio 5 handle 800::801`. */
export function tcKey(item: TcItem): string {
  if (item.type === 'qdisc') return `qdisc ${placeOf(item)}`;
  if (item.type === 'class') return `class ${item.classid}`;
  const { parent, prio, kind, chain } = item;
  return `filter ${parent} chain ${chain} prio ${prio} ${kind} ${numberOf(item)}`;
}

/** A filter's number within its prio; that of u32's table may not be known yet, and is one a prio. */
function numberOf({ kind, handle }: Filter): string {
  return kind === 'u32' ? handle.slice(handle.indexOf(':')) : handle;
}

/** All that tells two items apart, as text; the numbers that the kernel gave are left out. */
export function tcText(item: TcItem): string {
  const plain = (options: object): unknown => Object.entries(options).sort(([a], [b]) => (a < b ? -1 : 1));
  if (item.type !== 'filter') {
    const number = item.type === 'qdisc' ? item.handle : item.classid;
    return JSON.stringify([
      item.type,
      item.dev,
      item.parent,
      number,
      item.kind,
      plain(item.options),
      item.other,
    ]);
  }
  const { keys, match, classid, actions, other, protocol, dev } = item;
  const done = actions.map((action) => [action.kind, plain(action.options), action.other]);
  return JSON.stringify([dev, tcKey(item), protocol, keys, plain(match), classid, done, other]);
}

/** The item of the same place that is there. */
export function foundTc(tc: TrafficControl, item: TcItem): TcItem | undefined {
  if (item.type === 'qdisc') return qdiscAt(tc, item.dev, item.parent);
  if (item.type === 'class') return classBy(tc, item.dev, item.classid);
  return filtersOfPrio(tc, item.dev, item.prio)
    .get(item.parent)
    ?.find((other) => sameTc(other, item));
}

export function qdiscAt(tc: TrafficControl, dev: string, parent: string): Qdisc | undefined {
  return indexOf(tc.items).places.get(`${dev} ${placeOf({ parent })}`);
}

export function qdiscBy(tc: TrafficControl, dev: string, major: string): Qdisc | undefined {
  return indexOf(tc.items).handles.get(`${dev} ${major}:`);
}

export function classBy(tc: TrafficControl, dev: string, classid: string): TcClass | undefined {
  return indexOf(tc.items).classes.get(`${dev} ${classid}`);
}

/** The classes right below a class or qdisc. */
export function childrenOf(tc: TrafficControl, dev: string, id: string): readonly TcClass[] {
  return indexOf(tc.items).children.get(`${dev} ${id}`) ?? [];
}

export function filtersOn(tc: TrafficControl, dev: string): readonly Filter[] {
  return indexOf(tc.items).filters.get(dev) ?? [];
}

/** The filters of a prio, by their parent. */
export function filtersOfPrio(
  tc: TrafficControl,
  dev: string,
  prio: number,
): ReadonlyMap<string, readonly Filter[]> {
  return indexOf(tc.items).prios.get(`${dev} ${prio}`) ?? new Map();
}

/** The handle's number of the qdisc that a filter's parent is of, or is. */
export function filterMajor({ parent }: Pick<Filter, 'parent'>): string {
  return parent === 'ingress' || parent === 'egress' ? 'ffff' : majorOf(parent);
}

/** All that goes with a qdisc, itself left out: in the order in which it is made anew. */
export function below(tc: TrafficControl, { dev, handle }: Pick<Qdisc, 'dev' | 'handle'>): TcItem[] {
  const major = majorOf(handle);
  const own = tc.items.filter((item) => item.dev === dev);
  const classes = own.filter((item) => item.type === 'class' && majorOf(item.classid) === major);
  const qdiscs = own.filter((item): item is Qdisc => item.type === 'qdisc' && isLeafOf(item, major));
  const filters = own.filter((item) => item.type === 'filter' && filterMajor(item) === major);
  return [
    ...parentsFirst(classes as TcClass[]),
    ...qdiscs.flatMap((qdisc) => [qdisc, ...below(tc, qdisc)]),
    ...filters,
  ];
}

function isLeafOf({ parent }: Qdisc, major: string): boolean {
  return parent.includes(':') && majorOf(parent) === major;
}

/** A class, those below it and the qdiscs that are their leaves, in the order in which they are made anew. */
export function branch(tc: TrafficControl, root: TcClass): TcItem[] {
  const taken = [root];
  for (const above of taken) taken.push(...childrenOf(tc, root.dev, above.classid));
  const leaves = taken.flatMap(({ classid }) => qdiscAt(tc, root.dev, classid) ?? []);
  return [...taken, ...leaves.flatMap((qdisc) => [qdisc, ...below(tc, qdisc)])];
}

function parentsFirst(classes: readonly TcClass[]): TcClass[] {
  const children = new Map<string, TcClass[]>();
  for (const each of classes) children.set(each.parent, [...(children.get(each.parent) ?? []), each]);
  const ids = new Set(classes.map(({ classid }) => classid));
  const ordered = classes.filter(({ parent }) => !ids.has(parent));
  for (const { classid } of ordered) ordered.push(...(children.get(classid) ?? []));
  return ordered;
}
