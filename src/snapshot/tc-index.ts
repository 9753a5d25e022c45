/** Finds items by what names them. A play of a thousand classes asks some ten thousand times. */
import type { Filter, Qdisc, TcClass, TcItem } from './tc.js';

export interface TcIndex {
  /** By device and place: `eth0 root`; ingress and clsact share one. */
  places: Map<string, Qdisc>;
  /** By device and handle: `eth0 1:`. */
  handles: Map<string, Qdisc>;
  /** By device and id: `eth0 1:10`. */
  classes: Map<string, TcClass>;
  /** By device and the id of what is above them. */
  children: Map<string, TcClass[]>;
  /** By device. */
  filters: Map<string, Filter[]>;
  /** By device and prio, then by parent. */
  prios: Map<string, Map<string, Filter[]>>;
}

const known = new WeakMap<readonly TcItem[], TcIndex>();

export function placeOf({ parent }: Pick<Qdisc, 'parent'>): string {
  return parent === 'clsact' ? 'ingress' : parent;
}

export function indexOf(items: readonly TcItem[]): TcIndex {
  const before = known.get(items);
  if (before !== undefined) return before;
  const index: TcIndex = {
    ...{
      places: new Map(),
      handles: new Map(),
      classes: new Map(),
      children: new Map(),
      filters: new Map(),
      prios: new Map(),
    },
  };
  for (const item of items) enter(index, item);
  known.set(items, index);
  return index;
}

/** The same items and one more behind them. The index goes over to them: whoever asks the old ones pays for a new one. */
export function withItem(items: readonly TcItem[], item: TcItem): readonly TcItem[] {
  const index = indexOf(items);
  const longer = [...items, item];
  enter(index, item);
  known.delete(items);
  known.set(longer, index);
  return longer;
}

function enter(index: TcIndex, item: TcItem): void {
  const { dev } = item;
  if (item.type === 'qdisc') {
    index.places.set(`${dev} ${placeOf(item)}`, item);
    index.handles.set(`${dev} ${item.handle}`, item);
  } else if (item.type === 'class') {
    index.classes.set(`${dev} ${item.classid}`, item);
    push(index.children, `${dev} ${item.parent}`, item);
  } else {
    push(index.filters, dev, item);
    const key = `${dev} ${item.prio}`;
    const parents = index.prios.get(key) ?? new Map<string, Filter[]>();
    index.prios.set(key, parents);
    push(parents, item.parent, item);
  }
}

function push<Item>(lists: Map<string, Item[]>, key: string, item: Item): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [item]);
  else list.push(item);
}
