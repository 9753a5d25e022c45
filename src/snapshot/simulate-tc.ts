/** Qdiscs, classes and filters that come and go, and what the kernel takes along. Measured on Linux 6.18. */
import type { Draft } from './draft.js';
import type { TcItem, TrafficControl } from './tc.js';
import { withItem } from './tc-index.js';
import {
  below,
  branch,
  classBy,
  filterMajor,
  filtersOfPrio,
  filtersOn,
  foundTc,
  qdiscAt,
} from './tc-tree.js';

export function setTc(draft: Draft, item: TcItem): void {
  if (draft.tc === undefined) return;
  const before = foundTc(draft.tc, item);
  const moved = before?.type === 'qdisc' && item.type === 'qdisc' && before.handle !== item.handle;
  if (moved) unsetTc(draft, before);
  // A class that gets another below it is a leaf no more: its own qdisc goes.
  const above = item.type === 'class' ? classBy(draft.tc, item.dev, item.parent) : undefined;
  const leaf = above && qdiscAt(draft.tc, above.dev, above.classid);
  if (leaf !== undefined) unsetTc(draft, leaf);
  const { items } = draft.tc;
  const known = before !== undefined && !moved;
  draft.tc = {
    ...draft.tc,
    items: known ? items.map((other) => (other === before ? item : other)) : withItem(items, item),
  };
}

export function unsetTc(draft: Draft, item: TcItem): void {
  const { tc } = draft;
  const found = tc && foundTc(tc, item);
  if (tc === undefined || found === undefined) return;
  const gone = new Set([found, ...goneWith(tc, found)]);
  const handles = new Set(
    [...gone].flatMap((each) => (each.type === 'qdisc' ? `${each.dev} ${each.handle}` : [])),
  );
  draft.tc = {
    ...tc,
    items: tc.items.filter((other) => !gone.has(other)),
    tables: handles.size === 0 ? tc.tables : new Set([...tc.tables].filter((each) => !handles.has(each))),
  };
}

function goneWith(tc: TrafficControl, item: TcItem): TcItem[] {
  if (item.type === 'filter') return [];
  return item.type === 'qdisc' ? below(tc, item) : branch(tc, item);
}

/** A device takes all of its own along; filters of others that send to it stay, and send nowhere. */
export function loseTc(draft: Draft, dev: string): void {
  const { tc } = draft;
  if (tc === undefined || !tc.items.some((item) => item.dev === dev)) return;
  draft.tc = {
    ...tc,
    items: tc.items.filter((item) => item.dev !== dev),
    tables: new Set([...tc.tables].filter((each) => !each.startsWith(`${dev} `))),
  };
}

/** The table that a filter of u32 will stand in; undefined where only the kernel can tell. */
export function tableOf(
  tc: TrafficControl,
  dev: string,
  place: { parent: string; prio: number },
): string | undefined {
  const major = filterMajor(place);
  const [own] = filtersOfPrio(tc, dev, place.prio).get(place.parent) ?? [];
  const numberOf = (handle: string): string => handle.split(':')[0] ?? '';
  if (own !== undefined) return numberOf(own.handle) || undefined;
  if (tc.tables.has(`${dev} ${major}:`)) return undefined;
  const siblings = filtersOn(tc, dev).filter((item) => item.kind === 'u32' && filterMajor(item) === major);
  const numbers = siblings.map(({ handle }) => Number.parseInt(numberOf(handle), 16));
  if (numbers.some(Number.isNaN)) return undefined;
  return (Math.max(0x7ff, ...numbers) + 1).toString(16);
}
