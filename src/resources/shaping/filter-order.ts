/** The order in which classes are asked, so that one that comes or goes leaves the others' filters where they are. */

/** A class's filters of each kind have a prio of their own, and those of a class stand together. */
export const BLOCK = 10;
/** 65535 is the last prio. */
const LAST = 6552;
/** Blocks from one class to the next in a new list: room for others between. */
const STRIDE = 10;

/**
 * A block of prios for each class, rising in their order. As many as can be stay as they are.
 * @param present each class's block so far; undefined for a new one
 */
export function blocksOf(present: readonly (number | undefined)[]): number[] {
  const kept = longestRising(present);
  const blocks = present.map((block, at) => (kept.has(at) ? block : undefined));
  return filled(blocks) ?? filled(blocks.map(() => undefined)) ?? [];
}

/** Places of the longest rising sequence. */
function longestRising(present: readonly (number | undefined)[]): Set<number> {
  const length: number[] = [];
  const before: (number | undefined)[] = [];
  let end: number | undefined;
  present.forEach((block, at) => {
    length[at] = 0;
    if (block === undefined || block < 1 || block > LAST) return;
    length[at] = 1;
    for (let other = 0; other < at; other++) {
      const earlier = present[other];
      if (length[other] === 0 || earlier === undefined || earlier >= block) continue;
      if ((length[other] ?? 0) < (length[at] ?? 0)) continue;
      length[at] = (length[other] ?? 0) + 1;
      before[at] = other;
    }
    if (end === undefined || (length[at] ?? 0) > (length[end] ?? 0)) end = at;
  });
  const kept = new Set<number>();
  for (let at = end; at !== undefined; at = before[at]) kept.add(at);
  return kept;
}

/** New ones spread between those that stay; undefined where there is no room. */
function filled(blocks: readonly (number | undefined)[]): number[] | undefined {
  const result: number[] = [];
  let at = 0;
  while (at < blocks.length) {
    const from = result.at(-1) ?? 0;
    const next = blocks.findIndex((block, place) => place >= at && block !== undefined);
    const count = (next < 0 ? blocks.length : next) - at;
    const to = next < 0 ? LAST + 1 : (blocks[next] ?? 0);
    if (to - from <= count) return undefined;
    const step = Math.min(STRIDE, (to - from) / (count + 1));
    for (let each = 1; each <= count; each++) result.push(from + Math.floor(step * each));
    if (next >= 0) result.push(to);
    at = next < 0 ? blocks.length : next + 1;
  }
  return result;
}
