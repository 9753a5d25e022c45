/**
 * Random hosts of made-up links, bridges and taps, and random wishes for them, on the real kernel: one run
 * brings them there, a second one changes nothing, and the undo brings everything back.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { applyIn, changesIn, planIn, problemsIn, stepsOf, undoOf, type Wish } from '../support/apply.js';
import { LINK_DUMP, LINK_HOST } from '../support/link-cases.js';
import { createNetns } from '../support/netns.js';

const ALL = process.env.NETPLAY_TEST_ALL === '1';
const RUNS = ALL ? 240 : 24;
const SEED = 5_2026;

const MACS = ['02:00:00:00:0a:01', '02:00:00:00:0a:02', '02:00:00:00:0a:03'] as const;
const mac = fc.constantFrom(...MACS);
const mtu = fc.constantFrom(1500, 1400, 1350);
const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(value, { nil: undefined });
const lower = fc.constantFrom('eth0', 'eth1');
const peer = fc.constantFrom('192.168.1.2', '192.168.1.3');

/** Parameters that are undefined are not given. */
function given(params: Readonly<Record<string, unknown>>): Wish {
  return Object.fromEntries(Object.entries(params).filter(([, value]) => value !== undefined));
}

const common = {
  mtu: maybe(mtu),
  up: maybe(fc.boolean()),
  txqueuelen: maybe(fc.constantFrom(7, 1000, null)),
};
const alias = maybe(fc.constantFrom('x', null));
const master = maybe(fc.constantFrom('br0', null));

/** One link of each name; a wish may be for its end. */
const wishes: readonly fc.Arbitrary<Wish>[] = [
  fc
    .record({
      ...{
        name: fc.constant('v'),
        peer: fc.constantFrom('w', 'w', 'x'),
        mac: maybe(mac),
        ...common,
        alias,
        master,
      },
      ...{ peer_mtu: maybe(mtu), peer_up: maybe(fc.boolean()), numtxqueues: maybe(fc.constantFrom(1, 2)) },
    })
    .map((params) => ({ veth: given(params) })),
  fc
    .record({
      ...{
        name: fc.constant('mv'),
        link: lower,
        mode: maybe(fc.constantFrom('private', 'vepa', 'bridge', 'source')),
      },
      ...{ mac: maybe(mac), alias, master, mtu: maybe(mtu), up: maybe(fc.boolean()) },
      bcqueuelen: maybe(fc.constantFrom(500, null)),
    })
    .map((params) => ({ macvlan: given(params) })),
  fc
    .record({
      ...{
        name: fc.constant('vx'),
        id: fc.constantFrom(5, 6),
        dstport: fc.constantFrom(4789, 4790),
        ...common,
      },
      ...{
        remote: maybe(fc.oneof(peer, fc.constant(null))),
        local: maybe(fc.constantFrom('192.168.1.1', null)),
      },
      ...{
        dev: maybe(fc.oneof(lower, fc.constant(null))),
        ttl: maybe(fc.constantFrom(5, 'auto', 'inherit', null)),
      },
      ...{ tos: maybe(fc.constantFrom(16, 'inherit', null)), learning: maybe(fc.boolean()), master },
      ...{
        ageing: maybe(fc.constantFrom(100, null)),
        udpcsum: maybe(fc.boolean()),
        proxy: maybe(fc.boolean()),
      },
      ...{ maxaddress: maybe(fc.constantFrom(9, null)), srcport: maybe(fc.constantFrom('5-10', null)) },
    })
    .map((params) => ({ vxlan: given(params) })),
  fc
    .record({
      name: fc.constant('ifb9'),
      mac: maybe(mac),
      ...common,
      numtxqueues: maybe(fc.constantFrom(1, 3)),
    })
    .map((params) => ({ ifb: given(params) })),
  fc
    .record({
      name: fc.constant('tap9'),
      bridge: maybe(fc.constantFrom('br0', null)),
      mac: maybe(mac),
      mtu: maybe(mtu),
    })
    .map((params) => ({ tap: given(params) })),
];

const absences: readonly Wish[] = [
  { veth: { name: 'v', state: 'absent' } },
  { veth: { name: 'w', state: 'absent' } },
  { macvlan: { name: 'mv', state: 'absent' } },
  { vxlan: { name: 'vx', state: 'absent' } },
  { ifb: { name: 'ifb9', state: 'absent' } },
  { tap: { name: 'tap9', state: 'absent' } },
];

/** A link of a name once, in any order; the bridge that they may be ports of comes first. */
const play: fc.Arbitrary<Wish[]> = fc
  .tuple(...wishes.map((wish) => maybe(wish)))
  .chain((all) => fc.shuffledSubarray(all.filter((wish) => wish !== undefined)))
  .chain((some) => {
    const named = new Set(some.map((wish) => Object.keys(wish)[0]));
    const others = absences.filter((wish) => !named.has(Object.keys(wish)[0]));
    return fc
      .shuffledSubarray(others, { maxLength: Math.min(2, others.length) })
      .map((gone) => [...gone, ...some]);
  });

const BRIDGE: Wish = { bridge: { name: 'br0', mac: '02:00:00:00:00:b0', mtu: 1350 } };

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
    fc.asyncProperty(play, play, hanging, async (former, desired, extras) => {
      const netns = await createNetns();
      try {
        netns.must(LINK_HOST);
        const start = planIn(netns, [BRIDGE, ...former]);
        fc.pre(problemsIn(start).length === 0);
        expect(applyIn(netns, stepsOf(start))).toEqual([]);
        for (const extra of extras) netns.exec(extra);
        // The product's own bridge and links begin it, but no MAC that the kernel made up is to be judged.
        const before = netns.must(LINK_DUMP);

        const tasks = [BRIDGE, ...desired];
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
