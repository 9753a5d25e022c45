/** Filters of lists. */
import { item, iterate, MISSING, path } from '../access.js';
import { fits, spend } from '../budget.js';
import { OperationError } from '../errors.js';
import { define, type Invocation, type Registry, type TemplateFunction, text, whole } from '../functions.js';
import { arithmetic, compare, contains, equal, truthy } from '../operators.js';
import { isDict, numberOf, Tuple, typeName, Undefined } from '../values.js';

type Items = readonly unknown[];

/** Compared without regard to case, as Jinja2 does unless it is told otherwise. */
function folded(value: unknown, caseSensitive: unknown): unknown {
  return typeof value === 'string' && !truthy(caseSensitive ?? false) ? value.toLowerCase() : value;
}

function pick(item: unknown, attribute: unknown, invocation: Invocation, fallback?: unknown): unknown {
  if (attribute === undefined || attribute === null) return item;
  const found = path(item, attribute);
  if (found !== MISSING && !(found instanceof Undefined)) return found;
  return fallback === undefined
    ? invocation.undefined(`attribute '${text(attribute)}' of an item`)
    : fallback;
}

function sorted(items: Items, by: (item: unknown) => unknown, reverse: unknown): unknown[] {
  const keyed = items.map((item) => ({ item, key: by(item) }));
  const sign = truthy(reverse ?? false) ? -1 : 1;
  return keyed.sort((a, b) => sign * compare(a.key, b.key)).map(({ item }) => item);
}

/** `attribute` may name several with commas: sorted by the first, then the next. */
function sortKey(attribute: unknown, caseSensitive: unknown, invocation: Invocation) {
  const names = typeof attribute === 'string' ? attribute.split(',') : [attribute];
  return (item: unknown): unknown => {
    const keys = names.map((name) => folded(pick(item, name, invocation), caseSensitive));
    return keys.length === 1 ? keys[0] : keys;
  };
}

/** What a text or number is found by in a Set (as in Python, `1`, `1.0` and `true` are one); else undefined. */
function hashable(value: unknown): string | number | undefined {
  return typeof value === 'string' ? value : numberOf(value);
}

/** Items that differ, the first of each. Linear for texts and numbers, of which long lists are made. */
function unique(items: Items, key: (item: unknown) => unknown = (item) => item): unknown[] {
  const seen = new Set<unknown>();
  const others: unknown[] = [];
  return items.filter((item) => {
    const value = key(item);
    const hash = hashable(value);
    const known = hash === undefined ? contains(others, value) : seen.has(hash);
    if (hash !== undefined) seen.add(hash);
    else if (!known) others.push(value);
    return !known;
  });
}

/** Whether a value is in `items`; quick where it is a text or number. */
function membership(items: Items): (value: unknown) => boolean {
  const hashes = new Set(items.map(hashable));
  const others = items.filter((item) => hashable(item) === undefined);
  return (value) => {
    const hash = hashable(value);
    return hash === undefined ? contains(others, value) : hashes.has(hash);
  };
}

function setOperation(keep: (mine: Items, theirs: Items) => unknown[]): TemplateFunction {
  return define('b', (value, [other]) => unique(keep(iterate(value), iterate(other))));
}

function without(mine: Items, theirs: Items): unknown[] {
  const isTheirs = membership(theirs);
  return mine.filter((item) => !isTheirs(item));
}

function extreme(value: unknown, args: Items, invocation: Invocation, sign: number): unknown {
  const [caseSensitive, attribute] = args;
  const key = (item: unknown) => folded(pick(item, attribute, invocation), caseSensitive);
  const items = iterate(value);
  if (items.length === 0) return invocation.undefined('the extreme of an empty list');
  return items.reduce((best, item) => (sign * compare(key(item), key(best)) < 0 ? item : best));
}

function flattened(items: Items, levels: number, skipNulls: boolean): unknown[] {
  const found = items.flatMap((item) => {
    if (skipNulls && (item === null || item === 'None' || item === 'null')) return [];
    if (Array.isArray(item) && levels !== 0) return flattened(item, levels - 1, skipNulls);
    return [item];
  });
  spend(items.length + found.length);
  return found;
}

function map(value: unknown, args: Items, invocation: Invocation): unknown[] {
  const positional = args[0] as Items;
  const named = new Map(args[1] as ReadonlyMap<string, unknown>);
  const [filter, ...rest] = positional;
  if (filter !== undefined)
    return iterate(value).map((item) => invocation.filter(text(filter), item, rest, named));
  const attribute = named.get('attribute');
  const fallback = named.get('default');
  const strange = [...named.keys()].find((name) => name !== 'attribute' && name !== 'default');
  if (strange !== undefined) throw new OperationError(`'map' has no argument '${strange}'`);
  if (attribute === undefined) throw new OperationError('map needs the name of a filter, or attribute=');
  return iterate(value).map((item) => pick(item, attribute, invocation, fallback));
}

/** `select`, `reject` and their like: with no test named, by truth. */
function selecting(wanted: boolean, byAttribute: boolean): TemplateFunction {
  return define('*', (value, args, invocation) => {
    const all = args[0] as Items;
    if (byAttribute && all.length === 0) throw new OperationError('the name of an attribute is missing');
    const [test, ...rest] = byAttribute ? all.slice(1) : all;
    return iterate(value).filter((item) => {
      const subject = byAttribute ? pick(item, all[0], invocation) : item;
      const holds = test === undefined ? truthy(subject) : invocation.test(text(test), subject, rest);
      return holds === wanted;
    });
  });
}

function batches(items: Items, size: number, fill: unknown): unknown[][] {
  if (size < 1) throw new OperationError('the size of a batch must be at least 1');
  const found: unknown[][] = [];
  for (let at = 0; at < items.length; at += size) found.push(items.slice(at, at + size));
  const last = found.at(-1);
  if (last !== undefined && fill !== undefined && fill !== null) while (last.length < size) last.push(fill);
  return found;
}

function slices(items: Items, count: number, fill: unknown): unknown[][] {
  if (count < 1) throw new OperationError('the number of slices must be at least 1');
  const size = Math.floor(items.length / count);
  const longer = items.length % count;
  let at = 0;
  return Array.from({ length: count }, (_, index) => {
    const end = at + size + (index < longer ? 1 : 0);
    const slice = items.slice(at, end);
    at = end;
    return fill !== undefined && fill !== null && longer > 0 && index >= longer ? [...slice, fill] : slice;
  });
}

function grouped(value: unknown, args: Items, invocation: Invocation): unknown[] {
  const [attribute, fallback, caseSensitive] = args;
  const key = (item: unknown) => folded(pick(item, attribute, invocation, fallback), caseSensitive);
  const groups: { key: unknown; name: unknown; items: unknown[] }[] = [];
  for (const item of sorted(iterate(value), key, false)) {
    const last = groups.at(-1);
    if (last !== undefined && equal(last.key, key(item))) last.items.push(item);
    else groups.push({ key: key(item), name: pick(item, attribute, invocation, fallback), items: [item] });
  }
  return groups.map(({ name, items }) => Tuple.make([name, items], ['grouper', 'list']));
}

function zipped(lists: readonly Items[], length: number, fill: unknown): unknown[] {
  return Array.from({ length }, (_, at) =>
    Tuple.make(lists.map((list) => (at < list.length ? list[at] : fill))),
  );
}

function product(lists: readonly Items[]): unknown[] {
  fits(
    lists.reduce((count, list) => count * list.length, lists.length),
    'list',
  );
  let rows: unknown[][] = [[]];
  for (const list of lists) rows = rows.flatMap((row) => list.map((item) => [...row, item]));
  return rows.map((row) => Tuple.make(row));
}

function first(value: unknown, invocation: Invocation, last: boolean): unknown {
  const items = iterate(value);
  if (items.length === 0) return invocation.undefined(`the ${last ? 'last' : 'first'} item of an empty list`);
  return last ? items.at(-1) : items[0];
}

function length(value: unknown): number {
  if (typeof value !== 'string' && !Array.isArray(value) && !isDict(value))
    throw new OperationError(`a ${typeName(value)} has no length`);
  return iterate(value).length;
}

const count = define('', length);

export const listFilters: Registry = {
  list: define('', (value) => [...iterate(value)]),
  length: count,
  count,
  first: define('', (value, _, invocation) => first(value, invocation, false)),
  last: define('', (value, _, invocation) => first(value, invocation, true)),
  reverse: define('', (value) =>
    typeof value === 'string' ? [...value].reverse().join('') : [...iterate(value)].reverse(),
  ),
  sort: define('reverse case_sensitive attribute', (value, [reverse, caseSensitive, attribute], invocation) =>
    sorted(iterate(value), sortKey(attribute, caseSensitive, invocation), reverse),
  ),
  unique: define('case_sensitive attribute', (value, [caseSensitive, attribute], invocation) =>
    unique(iterate(value), (item) => folded(pick(item, attribute, invocation), caseSensitive)),
  ),
  union: setOperation((mine, theirs) => [...mine, ...theirs]),
  intersect: setOperation((mine, theirs) => mine.filter(membership(theirs))),
  difference: setOperation(without),
  symmetric_difference: setOperation((mine, theirs) => [...without(mine, theirs), ...without(theirs, mine)]),
  flatten: define('levels skip_nulls', (value, [levels, skipNulls]) =>
    flattened(
      iterate(value),
      levels === undefined || levels === null ? -1 : whole(levels, 'the levels'),
      truthy(skipNulls ?? true),
    ),
  ),
  map: define('* **', map),
  select: selecting(true, false),
  reject: selecting(false, false),
  selectattr: selecting(true, true),
  rejectattr: selecting(false, true),
  sum: define('attribute start', (value, [attribute, start], invocation) =>
    iterate(value).reduce(
      (total, item) => arithmetic('+', total, pick(item, attribute, invocation)),
      start ?? 0,
    ),
  ),
  min: define('case_sensitive attribute', (value, args, invocation) => extreme(value, args, invocation, 1)),
  max: define('case_sensitive attribute', (value, args, invocation) => extreme(value, args, invocation, -1)),
  batch: define('linecount fill_with', (value, [size, fill]) =>
    batches(iterate(value), whole(size, 'the size of a batch'), fill),
  ),
  slice: define('slices fill_with', (value, [number, fill]) =>
    slices(iterate(value), whole(number, 'the number of slices'), fill),
  ),
  groupby: define('attribute default case_sensitive', grouped),
  zip: define('*', (value, [others]) => {
    const lists = [value, ...(others as Items)].map(iterate);
    return zipped(lists, Math.min(...lists.map((list) => list.length)), null);
  }),
  zip_longest: define('* fillvalue', (value, [fill, others]) => {
    const lists = [value, ...(others as Items)].map(iterate);
    return zipped(lists, Math.max(...lists.map((list) => list.length)), fill ?? null);
  }),
  product: define('* repeat', (value, [repeat, others]) => {
    const lists = [value, ...(others as Items)].map(iterate);
    return product(repeat === undefined ? lists : Array(whole(repeat, 'repeat')).fill(lists).flat());
  }),
  extract: define('container morekeys', (value, [container, more], invocation) => {
    const steps =
      more === undefined || more === null ? [value] : [value, ...(Array.isArray(more) ? more : [more])];
    return steps.reduce((current, step) => pickKey(current, step, invocation), container);
  }),
};

/** An item by its very key: a dot in it is no path. */
function pickKey(container: unknown, key: unknown, invocation: Invocation): unknown {
  const found = item(container, key);
  return found === MISSING ? invocation.undefined(`item '${text(key)}'`) : found;
}
