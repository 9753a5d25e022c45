import { describe, expect, test } from 'vitest';
import { itemsOf } from '../../../src/playbook/items.js';
import { NetplayError } from '../../../src/shared/errors.js';

const routes = { plural: 'routes', mapKey: 'dst' };
const sysctls = { plural: 'sysctls', mapKey: 'name', mapValue: 'value' };

const cases: [string, typeof routes & { mapValue?: string }, unknown, unknown][] = [
  [
    'a list',
    routes,
    [{ dst: 'a' }, { dst: 'b' }],
    [
      [{ dst: 'a' }, [0]],
      [{ dst: 'b' }, [1]],
    ],
  ],
  ['an empty list', routes, [], []],
  ['a null in a list', routes, [null], [[{}, [0]]]],
  ['a map of maps', routes, { a: { via: 'x' } }, [[{ dst: 'a', via: 'x' }, ['a']]]],
  ['a null in a map', routes, { a: null }, [[{ dst: 'a' }, ['a']]]],
  ['a plain value where there is none to be', routes, { a: 1 }, [[1, ['a']]]],
  [
    'plain values',
    sysctls,
    { a: 1, b: '2' },
    [
      [{ name: 'a', value: 1 }, ['a']],
      [{ name: 'b', value: '2' }, ['b']],
    ],
  ],
  ['a list as a plain value', sysctls, { a: [1] }, [[{ name: 'a', value: [1] }, ['a']]]],
  ['maps where plain values may be', sysctls, { a: { value: 1 } }, [[{ name: 'a', value: 1 }, ['a']]]],
];

describe('itemsOf', () => {
  test.each(cases)('%s', (_, resource, params, expected) => {
    expect(itemsOf(params, resource).map((item) => [item.params, item.path])).toEqual(expected);
  });

  test.each([null, 'text', 5, undefined])('%s is refused', (params) => {
    expect(() => itemsOf(params, routes)).toThrow(NetplayError);
    expect(() => itemsOf(params, routes)).toThrow('routes: must be a list, or a map by dst');
  });
});
