import fc from 'fast-check';
import { expect, test } from 'vitest';
import { prefixContains } from '../../../src/shared/addr.js';
import type { Route } from '../../../src/snapshot/model.js';
import {
  addRoute,
  dropRoute,
  exchangeRoute,
  routesOver,
  routesTo,
} from '../../../src/snapshot/route-index.js';
import { kernelRoute } from '../../../src/snapshot/simulate-route.js';
import { hostState } from '../../support/host-state.js';

const DESTINATIONS = ['0.0.0.0/0', '10.0.0.0/8', '10.1.0.0/16', '10.1.2.3/32', '192.168.1.0/24'];

const anyRoute = fc
  .record({ dst: fc.constantFrom(...DESTINATIONS), metric: fc.nat(3) })
  .map(({ dst, metric }) => routeTo(dst, metric));

function routeTo(dst: string, metric: number): Route {
  return kernelRoute({ family: 4, type: 'unicast', dst, scope: 253, dev: 'eth0', src: null, metric });
}

/** A route more, a route less, or another in its place; the place as a part of the list's length. */
const anyEdit = fc.record({
  place: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
  edit: fc.constantFrom('add', 'exchange', 'drop'),
  metric: fc.nat(3),
  dst: fc.constantFrom(...DESTINATIONS),
});

test('after any changes, the routes to each destination are those of the list, in its order', () => {
  fc.assert(
    fc.property(fc.array(anyRoute), fc.array(anyEdit), (first, edits) => {
      const agrees = (list: readonly Route[]): void => {
        for (const dst of DESTINATIONS)
          expect(routesTo(list, dst)).toEqual(list.filter((route) => route.dst === dst));
      };
      const before = [...first];
      const draft = { ...hostState(), routes: first as readonly Route[] };
      agrees(draft.routes);
      for (const { place, edit, metric, dst } of edits) {
        const expected = [...draft.routes];
        const at = Math.floor(place * expected.length);
        const route = expected[at];
        if (edit === 'add' || route === undefined) {
          const added = routeTo(dst, metric);
          addRoute(draft, added);
          expected.push(added);
        } else if (edit === 'drop') {
          dropRoute(draft, route);
          expected.splice(at, 1);
        } else {
          const other = { ...route, metric };
          exchangeRoute(draft, route, other);
          expected[at] = other;
        }
        expect(draft.routes).toEqual(expected);
        agrees(draft.routes);
      }
      expect(first).toEqual(before);
      agrees(first);
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
