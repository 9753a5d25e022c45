import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { batches, serialOf } from '../../../src/engine/batches.js';
import { batchSizes } from '../../../src/playbook/serial.js';
import { createScope } from '../../../src/template/scope.js';
import { createTemplates } from '../../../src/template/templates.js';

const place = { file: 'p.yml', line: 2, column: 11 };
const hostsOf = (count: number): string[] => Array.from({ length: count }, (_, index) => `h${index}`);
const sizesOf = (count: number, serial: unknown): number[] =>
  batches(hostsOf(count), batchSizes(serial)).map((batch) => batch.length);

/** As ansible-core 2.14 cuts them. */
const cases: [hosts: number, serial: unknown, expected: number[]][] = [
  [5, [], [5]],
  [0, 2, []],
  [5, 2, [2, 2, 1]],
  [5, '2', [2, 2, 1]],
  [5, 9, [5]],
  [5, 0, [5]],
  [5, -1, [5]],
  [10, '30%', [3, 3, 3, 1]],
  [3, '30%', [1, 1, 1]],
  [3, '0%', [1, 1, 1]],
  [3, '-50%', [3]],
  [4, '200%', [4]],
  [10, [1, 5, 10], [1, 5, 4]],
  [12, [1, 5], [1, 5, 5, 1]],
  [10, ['10%', '50%', '100%'], [1, 5, 4]],
  [10, [1, '30%'], [1, 3, 3, 3]],
  [10, [2, 0, 1], [2, 8]],
  // 0.29 * 100 is 28.999999999999996 in floating point, for Python too.
  [100, ['29%', 0], [28, 72]],
];
test.each(cases)('%i hosts, serial %j', (count, serial, expected) => {
  expect(sizesOf(count, serial)).toEqual(expected);
});

test('every host is in one batch, in the order of the play', () => {
  const size = fc.oneof(
    fc.integer({ min: -2, max: 12 }),
    fc.integer({ min: 0, max: 150 }).map((n) => `${n}%`),
  );
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 60 }), fc.array(size, { maxLength: 4 }), (count, serial) => {
      const cut = batches(hostsOf(count), batchSizes(serial));
      expect(cut.flat()).toEqual(hostsOf(count));
      expect(cut.every((batch) => batch.length > 0)).toBe(true);
    }),
  );
});

describe('a serial with templates', () => {
  const templates = createTemplates();
  const scope = createScope([{ n: 3, share: '30%', many: [1, '50%'], bad: 'half' }], templates);
  const rendered = (value: unknown) => serialOf({ value, place }, templates, scope);

  test('is what these give', () => {
    expect(rendered('{{ n }}')).toEqual([{ hosts: 3 }]);
    expect(rendered('{{ n * 10 }}%')).toEqual([{ percent: 30 }]);
    expect(rendered('{{ many }}')).toEqual([{ hosts: 1 }, { percent: 50 }]);
    expect(rendered([1, '{{ share }}'])).toEqual([{ hosts: 1 }, { percent: 30 }]);
    expect(serialOf(undefined, templates, scope)).toEqual([]);
  });

  test('that give no size is refused with its place', () => {
    expect(() => rendered('{{ bad }}')).toThrow(
      expect.objectContaining({
        code: 'playbook',
        place,
        message:
          'serial: must be a number of hosts, a percentage such as "30%", or a list of these, not "half"',
      }),
    );
  });
});
