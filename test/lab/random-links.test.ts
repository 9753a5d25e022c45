/**
 * Random hosts of made-up links, bridges and taps, and random wishes for them, on the real kernel: one run
 * brings them there, a second one changes nothing, and the undo brings everything back.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { applyIn, changesIn, planIn, problemsIn, stepsOf, undoOf } from '../support/apply.js';
import { LINK_DUMP, LINK_HOST } from '../support/link-cases.js';
import { createNetns } from '../support/netns.js';
import { LINK_BRIDGE, linkPlay } from '../support/random-links.js';

const ALL = process.env.NETPLAY_TEST_ALL === '1';
const RUNS = ALL ? 240 : 24;
const SEED = 5_2026;

/** What hangs on links that are there: addresses, routes, neighbours, and links on top of a veth. */
const hanging = fc.subarray([
  'ip addr add 10.7.0.1/24 dev v; ip link set dev v up; ip route add 10.8.0.0/16 via 10.7.0.9 dev v',
  'ip addr add 10.6.0.1/24 dev w; ip neigh add 10.6.0.5 lladdr 02:00:00:00:00:55 dev w nud permanent',
  'ip addr add 2001:db8:6::1/64 dev mv; ip addr add 10.5.0.1/24 dev mv; ip link set dev mv up',
  'ip addr add 10.4.0.1/24 dev vx; ip route add 10.3.0.0/16 via 10.4.0.9 dev vx onlink table 7',
  'ip link add link v name on-v address 02:00:00:00:00:91 type macvlan mode bridge; ip link set dev on-v up; ip addr add 10.2.0.1/24 dev on-v',
  'ip link add name on-w address 02:00:00:00:00:92 type vxlan id 77 dstport 4799 dev w; ip addr add 10.1.0.1/24 dev on-w',
  'echo 1 > /proc/sys/net/ipv4/conf/v/arp_ignore; echo 2 > /proc/sys/net/ipv4/conf/mv/rp_filter',
  'ip rule add iif v lookup 7 pref 70; ip -6 rule add oif mv lookup 7 pref 71',
]);

test(`${RUNS} random hosts converge in one run, are stable in a second, and come back`, {
  timeout: 1_200_000,
}, async () => {
  let [applied, changes] = [0, 0];
  await fc.assert(
    fc.asyncProperty(linkPlay, linkPlay, hanging, async (former, desired, extras) => {
      const netns = await createNetns();
      try {
        netns.must(LINK_HOST);
        const start = planIn(netns, [LINK_BRIDGE, ...former]);
        fc.pre(problemsIn(start).length === 0);
        expect(applyIn(netns, stepsOf(start))).toEqual([]);
        for (const extra of extras) netns.exec(extra);
        // The product's own bridge and links begin it, but no MAC that the kernel made up is to be judged.
        const before = netns.must(LINK_DUMP);

        const tasks = [LINK_BRIDGE, ...desired];
        const plan = planIn(netns, tasks);
        fc.pre(problemsIn(plan).length === 0);
        expect(applyIn(netns, stepsOf(plan))).toEqual([]);
        const again = planIn(netns, tasks);
        expect(problemsIn(again)).toEqual([]);
        expect(changesIn(again)).toEqual([]);

        expect(applyIn(netns, undoOf(plan))).toEqual([]);
        expect(netns.must(LINK_DUMP)).toBe(before);
        applied += 1;
        changes += changesIn(plan).length;
      } finally {
        netns.close();
      }
    }),
    { numRuns: RUNS, seed: SEED, maxSkipsPerRun: 30 },
  );
  expect(applied).toBeGreaterThanOrEqual(RUNS);
  // Were most of them nothing to do, the test would prove nothing.
  expect(changes).toBeGreaterThan(3 * RUNS);
});
