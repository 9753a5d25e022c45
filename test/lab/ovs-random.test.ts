/**
 * Random pairs of (Open vSwitch as it is, what is desired of it) on its real daemons: after applying, a second plan is
 * empty, and the undo brings back all that was there.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  applyIn,
  changesIn,
  planBackIn,
  planIn,
  problemsIn,
  stepsOf,
  undoOf,
  type Wish,
} from '../support/apply.js';
import { createNetns, type Netns } from '../support/netns.js';
import { dumpOvs, type OpenVswitch, startOvs } from '../support/ovs.js';

/** A second each and more, most of it the daemons'. */
const PAIRS = process.env.NETPLAY_TEST_ALL === undefined ? 12 : 200;
const SEED = 20_262;
let netns: Netns;
let ovs: OpenVswitch;

beforeAll(async () => {
  netns = await createNetns();
  netns.must(`echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6
for n in 0 1 2; do ip link add eth$n address 52:54:00:00:00:0$n type veth peer name p$n; ip link set p$n up; done`);
  ovs = startOvs(netns);
});
afterAll(() => {
  ovs?.stop();
  netns?.close();
});

const PORTS = ['eth0', 'eth1', 'eth2', 'int0', 'int1'] as const;
const ids = fc.dictionary(fc.constantFrom('a', 'b b', 'c'), fc.constantFrom('1', 'x y', '"', 'true'), {
  maxKeys: 2,
});

/** One port with what hangs on it; as a state and as a wish. */
interface PortCase {
  name: (typeof PORTS)[number];
  there: boolean;
  tag: number | null;
  trunks: readonly number[];
  ids: Readonly<Record<string, string>>;
  rate: number;
  qos: number;
  queues: Readonly<Record<string, number>>;
  exclusive: boolean;
}
const portCase = (name: PortCase['name']): fc.Arbitrary<PortCase> =>
  fc.record({
    name: fc.constant(name),
    there: fc.constantFrom(true, true, false),
    tag: fc.option(fc.constantFrom(0, 5, 4095)),
    trunks: fc.uniqueArray(fc.constantFrom(1, 20, 300), { maxLength: 2 }),
    ids,
    rate: fc.constantFrom(0, 1000, 20_000),
    qos: fc.constantFrom(0, 0, 5, 30),
    queues: fc.dictionary(fc.constantFrom('0', '1', '7'), fc.constantFrom(1, 2, 3), { maxKeys: 3 }),
    exclusive: fc.boolean(),
  });

interface OvsCase {
  bridge: boolean;
  failMode: 'secure' | 'standalone' | null;
  stp: boolean;
  ids: Readonly<Record<string, string>>;
  ports: readonly PortCase[];
}
const ovsCase: fc.Arbitrary<OvsCase> = fc.record({
  bridge: fc.constantFrom(true, true, true, false),
  failMode: fc.constantFrom('secure', 'standalone', null),
  stp: fc.boolean(),
  ids,
  ports: fc.tuple(...PORTS.map(portCase)),
});

function wishesOf({ bridge, failMode, stp, ids: external_ids, ports }: OvsCase): Wish[] {
  if (!bridge) return [{ ovs_bridge: { name: 'br0', state: 'absent' } }];
  const own = { name: 'br0', datapath_type: 'netdev', mac: '52:54:00:00:00:aa' };
  return [{ ovs_bridge: { ...own, fail_mode: failMode, stp, external_ids } }, ...ports.flatMap(portWishes)];
}

function portWishes({
  name,
  there,
  tag,
  trunks,
  ids: external_ids,
  rate,
  qos,
  queues,
  exclusive,
}: PortCase): Wish[] {
  if (!there) return [{ ovs_port: { name, state: 'absent' } }];
  const type = name.startsWith('int') ? { type: 'internal' } : {};
  const list = Object.entries(queues).map(([id, mbit]) => ({ id: Number(id), max_rate: `${mbit}mbit` }));
  return [
    { ovs_port: { bridge: 'br0', name, ...type, tag, trunks, external_ids } },
    {
      ovs_rate_limit:
        rate === 0 ? { interface: name, state: 'absent' } : { interface: name, rate: `${rate}kbit` },
    },
    {
      ovs_qos:
        qos === 0
          ? { port: name, state: 'absent' }
          : { port: name, max_rate: `${qos}mbit`, queues: list, exclusive },
    },
  ];
}

/** Brings the host there, as any other tool could have; by netplay's own words, whose meaning other tests show. */
function establish(state: OvsCase): void {
  netns.must(`for b in $(ovs-vsctl list-br); do ovs-vsctl del-br $b; done; ovs-vsctl -- --all destroy QoS -- --all destroy Queue
ip link set eth0 up; ip link set eth1 down`);
  expect(applyIn(netns, stepsOf(planIn(netns, wishesOf(state))))).toEqual([]);
}

test(`${PAIRS} random pairs converge in one run, are stable in the second, and come back`, () => {
  fc.assert(
    fc.property(ovsCase, ovsCase, (state, wish) => {
      establish(state);
      const tasks = wishesOf(wish);
      const first = dumpOvs(netns);
      const plan = planIn(netns, tasks);
      expect(problemsIn(plan)).toEqual([]);
      expect(applyIn(netns, stepsOf(plan))).toEqual([]);
      const again = planIn(netns, tasks);
      expect([changesIn(again), problemsIn(again)]).toEqual([[], []]);
      expect(planBackIn(netns, plan).problems ?? []).toEqual([]);
      expect(applyIn(netns, undoOf(plan))).toEqual([]);
      expect(dumpOvs(netns)).toBe(first);
    }),
    { numRuns: PAIRS, seed: SEED, endOnFailure: true },
  );
}, 900_000);
