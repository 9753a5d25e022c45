/** Filters that choose and order items of lists. */
import { item as itemOf, iterate, MISSING } from '../access.js';
import { fits, spend } from '../budget.js';
import { OperationError } from '../errors.js';
import { define, type Registry, text, whole } from '../functions.js';
import { subelements } from '../lookups/items.js';
import { dictKey, truthy } from '../operators.js';
import { dictEntries, isDict, makeDict, Tuple, typeName } from '../values.js';
import { seeded } from './numbers.js';

type Items = readonly unknown[];

function permutations(items: Items, size: number): Tuple[] {
  if (size > items.length) return [];
  let count = 1;
  for (let left = items.length; left > items.length - size; left--) count *= left;
  fits(count * Math.max(1, size), 'list');
  const found: Tuple[] = [];
  const extend = (row: readonly number[]): void => {
    spend(1);
    if (row.length === size) found.push(Tuple.make(row.map((at) => items[at])));
    else for (const at of items.keys()) if (!row.includes(at)) extend([...row, at]);
  };
  extend([]);
  return found;
}

function combinations(items: Items, size: number): Tuple[] {
  let count = 1;
  for (let at = 1; at <= size; at++) count = (count * (items.length - size + at)) / at;
  if (size > items.length) return [];
  fits(count * Math.max(1, size), 'list');
  const found: Tuple[] = [];
  const extend = (row: Items, from: number): void => {
    spend(1);
    if (row.length === size) found.push(Tuple.make(row));
    else for (let at = from; at < items.length; at++) extend([...row, items[at]], at + 1);
  };
  extend([], 0);
  return found;
}

/** Fisher and Yates' way. With a seed always the same order, though not the one that Python gives. */
function shuffled(items: Items, seed: unknown): unknown[] {
  const list = [...items];
  for (let left = list.length - 1; left > 0; left--) {
    const chance = seed === undefined || seed === null ? Math.random() : seeded(`${text(seed)}/${left}`);
    const other = Math.floor(chance * (left + 1));
    [list[left], list[other]] = [list[other], list[left]];
  }
  return list;
}

/** A dict of dicts, by what each has under `key`. */
function rekeyed(value: unknown, key: unknown, duplicates: unknown): unknown {
  const way = duplicates ?? 'error';
  if (way !== 'error' && way !== 'overwrite')
    throw new OperationError("duplicates of rekey_on_member is 'error' or 'overwrite'");
  const list = isDict(value) ? dictEntries(value).map(([, entry]) => entry) : iterate(value);
  const found = new Map<string, unknown>();
  for (const entry of list) {
    if (!isDict(entry)) throw new OperationError(`rekey_on_member needs dicts, not ${typeName(entry)}`);
    const member = itemOf(entry, key);
    if (member === MISSING) throw new OperationError(`an item has no '${text(key)}'`);
    const name = dictKey(member);
    if (way === 'error' && truthy(found.get(name) ?? false))
      throw new OperationError(`two items have '${name}' as their '${text(key)}'`);
    found.set(name, entry);
  }
  return makeDict(found);
}

export const choiceFilters: Registry = {
  permutations: define('r', (value, [size]) => {
    const items = iterate(value);
    return permutations(
      items,
      size === undefined || size === null ? items.length : whole(size, 'the length'),
    );
  }),
  combinations: define('r', (value, [size]) => combinations(iterate(value), whole(size, 'the length'))),
  shuffle: define('seed', (value, [seed]) => shuffled(iterate(value), seed)),
  subelements: define('subelements skip_missing', (value, [key, skip]) => {
    const path = Array.isArray(key) ? key.map(text).join('.') : key;
    return subelements(value, path, truthy(skip ?? false));
  }),
  rekey_on_member: define('key duplicates', (value, [key, duplicates]) => rekeyed(value, key, duplicates)),
};
