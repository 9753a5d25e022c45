import type { Snapshot } from './model.js';

/**
 * A snapshot while effects are folded in. Lists and maps that it was given are never changed: the first change of one
 * makes a copy, which is the draft's own and from then on changed in place, so that folding in thousands of
 * changes one by one does not copy thousands of entries for each. Whoever keeps a draft as a snapshot goes on with
 * a copy of it (`{ ...draft }`), which owns nothing.
 */
export type Draft = { -readonly [K in keyof Snapshot]: Snapshot[K] };

/** Which draft made a list or map. */
const owners = new WeakMap<object, Draft>();

/** Whether this draft may change a list or map in place. */
function owns(draft: Draft, part: object): boolean {
  return owners.get(part) === draft;
}

/** The list as one that the draft may change: itself, or a copy. */
export function ownList<T>(draft: Draft, list: readonly T[]): T[] {
  if (owns(draft, list)) return list as T[];
  const copy = [...list];
  owners.set(copy, draft);
  return copy;
}

/** `list` with `item` behind the last element that `belongs` before it, or at its end. */
export function insertBehind<T>(
  draft: Draft,
  list: readonly T[],
  item: T,
  belongs: (other: T) => boolean,
): T[] {
  const at = list.findLastIndex(belongs);
  return spliced(draft, list, at < 0 ? list.length : at + 1, 0, item);
}

/** `list` with `count` elements from `at` on taken out, and `added` in their place. */
export function spliced<T>(
  draft: Draft,
  list: readonly T[],
  at: number,
  count: number,
  ...added: readonly T[]
): T[] {
  const own = ownList(draft, list);
  own.splice(at, count, ...added);
  return own;
}

/** A map with one value set, or taken out where it is undefined. */
export function withEntry<K, V>(
  draft: Draft,
  map: ReadonlyMap<K, V>,
  key: K,
  value: V | undefined,
): Map<K, V> {
  const own = owns(draft, map) ? (map as Map<K, V>) : new Map(map);
  owners.set(own, draft);
  if (value === undefined) own.delete(key);
  else own.set(key, value);
  return own;
}
