/** What a task says of tc's options, in base units. */
import { expect, test } from 'vitest';
import { baseValue } from '../../../src/resources/tc/options.js';

test.each([
  ['bytes', '1k', 1024],
  ['bytes', 1514, 1514],
  ['size', '32k', 32_768],
  ['rate', '1mbps', 8_000_000],
  ['hex', '0010', '10'],
] as const)('%s %j', (unit, given, value) => {
  expect(baseValue(unit, given)).toBe(value);
});
