/** docs/pitfalls.md says which test holds each pitfall: it is there, and carries the number in its name. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const page = readFileSync(join(ROOT, 'docs/pitfalls.md'), 'utf8');
const rows = [...page.matchAll(/^\| (\d+) .*\| ([^|]+?) +\|$/gm)].map(([, number = '', tests = '']) => ({
  number,
  tests,
}));

/** `unit/resources/route, address` stands for two files of one folder; `-routing` for a name's other end. */
function filesOf(tests: string): string[] {
  let before = '';
  return tests.split(', ').map((word) => {
    const name = word.startsWith('-')
      ? before.replace(/-[^-/]*$/, word)
      : word.includes('/')
        ? word
        : join(before, '..', word);
    before = name;
    return join(ROOT, 'test', `${name}.test.ts`);
  });
}

test('every number from 1 to 42, and 47 and 48', () => {
  const all = [...Array.from({ length: 42 }, (_, index) => index + 1), 47, 48];
  expect(rows.map((row) => Number(row.number))).toEqual(all);
});

test.each(rows)('pitfall $number has a test of its name in each of $tests', ({ number, tests }) => {
  const named = new RegExp(`pitfalls? (\\d+ and )?${number}( and \\d+)?: `);
  for (const file of filesOf(tests)) expect(readFileSync(file, 'utf8')).toMatch(named);
});
