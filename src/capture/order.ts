/** Puts what makes devices into an order in which each finds those that it needs. */
import type { Captured } from './reading.js';

/** What makes one device, or a pair of them. */
export interface Making {
  makes: readonly string[];
  needs: readonly string[];
  items: readonly Captured[];
}

/**
 * Each behind those that it needs, and those of one resource together where that can be: they become one task. What
 * needs each other in a circle, which no kernel makes, stays in the order given.
 */
export function inOrder(makings: readonly Making[]): Making[] {
  const makers = new Map(makings.flatMap((making) => making.makes.map((name) => [name, making] as const)));
  const left = new Set(makings);
  const ordered: Making[] = [];
  while (left.size > 0) {
    const ready = [...left].filter((making) =>
      making.needs.every((name) => {
        const maker = makers.get(name);
        return maker === undefined || maker === making || !left.has(maker);
      }),
    );
    const last = resourceOf(ordered.at(-1));
    const [first = [...left][0]] = ready;
    const next = ready.find((making) => resourceOf(making) === last) ?? first;
    if (next === undefined) break;
    left.delete(next);
    ordered.push(next);
  }
  return ordered;
}

function resourceOf(making: Making | undefined): string | undefined {
  return making?.items.at(-1)?.resource;
}
