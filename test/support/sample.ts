/** Fewer cases for every day, where all of them take minutes. */
import { beforeEach } from 'vitest';

const ALL = process.env.NETPLAY_TEST_ALL === '1' || process.env.NETPLAY_TEST_VM === '1';

/**
 * Runs one of so many cases of this file, the first one first; all of them with `npm run test:vm` and `test:all`. The
 * others are reported as skipped. To be called before any other hook of the file; what a `beforeEach` makes is cleared
 * away by the function that it returns, since an `afterEach` runs for skipped cases too.
 */
export function sampleCases(every: number): void {
  let seen = 0;
  beforeEach(({ skip }) => {
    if (!ALL && seen++ % every !== 0) skip('a case of `npm run test:vm`');
  });
}

/** One of so many of a list, the first one first; all of it with `npm run test:all`. */
export function sampleOf<T>(all: readonly T[], every: number): readonly T[] {
  return ALL ? all : all.filter((_, at) => at % every === 0);
}
