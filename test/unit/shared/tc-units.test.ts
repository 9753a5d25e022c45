import { expect, test } from 'vitest';
import {
  parsePercent,
  parseSize,
  parseTime,
  sameRate,
  sameSize,
  sameTime,
} from '../../../src/shared/tc-units.js';

test.each([
  ['1600', 1600],
  ['15k', 15_360],
  ['15Kb', 15_360],
  ['32kbit', 4096],
  ['1.5m', 1_572_864],
  ['1600b', 1600],
  ['5x', undefined],
  ['', undefined],
  ['-5', undefined],
  ['5gb', undefined],
])('pitfall 38: the size %s', (text, bytes) => expect(parseSize(text)).toBe(bytes));

test.each([
  ['50ms', 50_000],
  ['1.5s', 1_500_000],
  ['100us', 100],
  ['100', 100],
  ['39.3ms', 39_300],
  ['5m', undefined],
])('the time %s', (text, time) => expect(parseTime(text)).toBe(time));

test.each([
  ['0.3%', 0.3],
  ['1', 1],
  ['101%', undefined],
])('the part %s', (text, part) => expect(parsePercent(text)).toBe(part));

test('a rate is that which tc prints of it: cut off by new versions, rounded by old ones', () => {
  expect(sameRate(1_234_567, 1_234_000)).toBe(true);
  expect(sameRate(1_234_567, 1_235_000)).toBe(true);
  expect(sameRate(1_234_567, 1_236_000)).toBe(false);
  expect(sameRate(80e6, 80e6 + 1e6)).toBe(false);
  expect(sameRate(1227, 1224)).toBe(true);
  expect(sameRate(1240, 1224)).toBe(false);
});

test('sizes and times are as they are rounded', () => {
  expect([
    sameSize(15_365, 15_360),
    sameSize(15_400, 15_360),
    sameSize(1000, 999),
    sameSize(1000, 999, 1),
  ]).toEqual([true, false, false, true]);
  expect([sameTime(39_312, 39_300), sameTime(40_000, 39_300)]).toEqual([true, false]);
});
