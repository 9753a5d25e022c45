import fc from 'fast-check';
import { expect, test } from 'vitest';
import { prefixContains } from '../../../src/shared/addr.js';
import type { Route } from '../../../src/snapshot/model.js';
import { routesOver, routesTo, splicedRoutes } from '../../../src/snapshot/route-index.js';
import { kernelRoute } from '../../../src/snapshot/simulate-route.js';

const DESTINATIONS = ['0.0.0.0/0', '10.0.0.0/8', '10.1.0.0/16', '10.1.2.3/32', '192.168.1.0/24'];

const anyRoute = fc
  .record({ dst: fc.constantFrom(...DESTINATIONS), metric: fc.nat(3) })
  .map(({ dst, metric }) =>
    kernelRoute({ family: 4, type: 'unicast', dst, scope: 253, dev: 'eth0', src: null, metric }),
  );

/** A route more, a route less, or another in its place; the place as a part of the list's length. */
const anySplice = fc.record({
  place: fc.double({ min: 0, max: 1, noNaN: true }),
  count: fc.constantFrom<0 | 1>(0, 1),
  added: fc.array(anyRoute, { maxLength: 1 }),
});

test('after any changes, the routes to each destination are those of the list, in its order', () => {
  fc.assert(
    fc.property(fc.array(anyRoute), fc.array(anySplice), (first, splices) => {
      const agrees = (list: readonly Route[]): void => {
        for (const dst of DESTINATIONS)
          expect(routesTo(list, dst)).toEqual(list.filter((route) => route.dst === dst));
      };
      let list: readonly Route[] = first;
      agrees(list);
      for (const { place, count, added } of splices) {
        const before = [...list];
        const next = splicedRoutes(list, Math.floor(place * list.length), count, ...added);
        agrees(next);
        expect(list).toEqual(before);
        agrees(list);
        list = next;
      }
    }),
  );
});

test('the routes over an address are all that hold it, the narrowest first', () => {
  const list = DESTINATIONS.map((dst) =>
    kernelRoute({ family: 4, type: 'unicast', dst, scope: 253, dev: 'eth0', src: null, metric: 0 }),
  );
  const over = routesOver(list, '10.1.2.3', 4);
  expect(over.map((route) => route.dst)).toEqual(['10.1.2.3/32', '10.1.0.0/16', '10.0.0.0/8', '0.0.0.0/0']);
  expect(list.filter((route) => !over.includes(route) && prefixContains(route.dst, '10.1.2.3'))).toEqual([]);
});
