/** Fewer cases for every day: an emulated machine takes seconds for what a namespace does in a tenth of one. */
import { beforeEach } from 'vitest';

const ALL = process.env.NETPLAY_TEST_ALL === '1' || process.env.NETPLAY_TEST_VM === '1';

/**
 * Runs one of so many cases of this file, the first one first; all of them with `npm run test:vm` and `test:all`. The
 * others are reported as skipped. To be called before any other hook of the file.
 */
export function sampleCases(every: number): void {
  let seen = 0;
  beforeEach(({ skip }) => {
    if (!ALL && seen++ % every !== 0) skip('a case of `npm run test:vm`');
  });
}
