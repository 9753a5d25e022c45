/** Random hosts of made-up links over a reboot: two plays, then the state that both have made. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { planIn, problemsIn } from '../support/apply.js';
import { createNetns } from '../support/netns.js';
import { reboot, twins } from '../support/persist-runs.js';
import { LINK_BRIDGE, linkPlay } from '../support/random-links.js';

const RUNS = process.env.NETPLAY_TEST_ALL === '1' ? 50 : 6;
const SEED = 7_2026;

test(`${RUNS} random hosts are after a reboot what they were before`, { timeout: 1_200_000 }, async () => {
  let rebooted = 0;
  await fc.assert(
    fc.asyncProperty(linkPlay, linkPlay, async (former, desired) => {
      const pair = await twins(createNetns);
      try {
        const plays = [former, desired].map((play) => [LINK_BRIDGE, ...play]);
        fc.pre(problemsIn(planIn(pair.before, plays[0] ?? [], 'boot')).length === 0);
        reboot(pair, plays);
        rebooted += 1;
      } finally {
        pair.close();
      }
    }),
    { numRuns: RUNS, seed: SEED, maxSkipsPerRun: 30, endOnFailure: true },
  );
  expect(rebooted).toBeGreaterThanOrEqual(RUNS);
});
