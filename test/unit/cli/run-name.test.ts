import { expect, test } from 'vitest';
import { isRunName, newRunName } from '../../../src/cli/run.js';

test('a run has a name of its own that sorts by the millisecond it began in', () => {
  const times = [0, 1, 15, 16, 255, 256, 999, 1000, 1001].map((ms) => Date.UTC(2026, 4, 4, 12) + ms);
  const names = times.map((time) => newRunName(time));
  expect(names.toSorted()).toEqual(names);
  expect(names.every(isRunName)).toBe(true);
  expect(newRunName(times[0])).toMatch(/^20260504T120000Z-000/);
  expect(new Set(Array.from({ length: 50 }, () => newRunName(times[0]))).size).toBeGreaterThan(40);
});
