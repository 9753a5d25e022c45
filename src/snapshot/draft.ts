import type { Snapshot } from './model.js';

/** A snapshot while effects are folded in. Its parts are replaced, never changed, but for the maps it copied. */
export type Draft = { -readonly [K in keyof Snapshot]: Snapshot[K] };

/** `list` with `item` behind the last element that `belongs` before it, or at its end. */
export function insertBehind<T>(list: readonly T[], item: T, belongs: (other: T) => boolean): T[] {
  const at = list.findLastIndex(belongs);
  return at < 0 ? [...list, item] : list.toSpliced(at + 1, 0, item);
}

/** A copy of a map with one value set, or taken out where it is undefined. */
export function withEntry<K, V>(map: ReadonlyMap<K, V>, key: K, value: V | undefined): Map<K, V> {
  const copy = new Map(map);
  if (value === undefined) copy.delete(key);
  else copy.set(key, value);
  return copy;
}
