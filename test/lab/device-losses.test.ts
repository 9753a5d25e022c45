/** What the kernel takes along with a device that is removed or made anew, and what an undo must bring back with it. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { applyIn, planBackIn, planIn, problemsIn, stepsOf, undoOf, type Wish } from '../support/apply.js';
import { createNetns, type Netns } from '../support/netns.js';
import { DUMP, HOST } from '../support/round-trips.js';

const ALL = `${DUMP}
for d in $(ls /sys/class/net | sort); do
  tc -d qdisc show dev $d | sed 's/direct_packets_stat [0-9]*//'; tc -d class show dev $d; tc filter show dev $d; tc filter show dev $d parent ffff: 2>/dev/null || true
done`;

/** A tree on a device: htb with a leaf of its own, a filter, and ingress. */
const tree = (dev: string): string => `tc qdisc add dev ${dev} root handle 1: htb default 10
tc class add dev ${dev} parent 1: classid 1:1 htb rate 20mbit quantum 20000
tc class add dev ${dev} parent 1:1 classid 1:10 htb rate 5mbit ceil 20mbit prio 2 quantum 5000
tc qdisc add dev ${dev} parent 1:10 handle 10: pfifo limit 77
tc filter add dev ${dev} parent 1: protocol ip prio 3 u32 match ip dst 10.2.0.0/16 flowid 1:10
tc qdisc add dev ${dev} handle ffff: ingress
tc filter add dev ${dev} parent ffff: protocol all prio 1 u32 match u32 0 0 action mirred egress redirect dev eth2`;

const PORT = `ip link add br0 address 52:54:00:00:00:b0 type bridge
ip link set br0 up`;

const CASES: readonly (readonly [name: string, before: string, task: Wish])[] = [
  [
    'a veth that is removed: its traffic control, its settings as a port, its forwarding entries',
    `${PORT}
ip link add va type veth peer name vb
ip link set va master br0
ip link set va type bridge_slave cost 7 isolated on learning off
bridge fdb add 52:54:00:aa:bb:cc dev va master static
${tree('va')}`,
    { veth: { name: 'va', peer: 'vb', state: 'absent' } },
  ],
  [
    'a bridge that is removed: its own, and the settings of its ports',
    `${PORT}
ip link set eth1 master br0
ip link set eth1 type bridge_slave priority 9 hairpin on
${tree('br0')}`,
    { bridge: { name: 'br0', state: 'absent' } },
  ],
  [
    'a tap that is removed',
    `${PORT}
ip tuntap add tap0 mode tap user 4711
ip link set tap0 address fe:54:00:00:00:01 master br0
ip link set tap0 up type bridge_slave cost 9
${tree('tap0')}`,
    { tap: { name: 'tap0', state: 'absent' } },
  ],
  [
    'a link that goes with the one below it',
    `ip link add mv0 link eth1 type macvlan mode bridge
${tree('mv0')}
ip link add va type veth peer name vb
ip link add mv1 link vb type macvlan
ip link set vb up; ip link set mv1 up
${tree('mv1')}`,
    { veth: { name: 'va', peer: 'vb', state: 'absent' } },
  ],
];

let netns: Netns;
beforeEach(async () => {
  netns = await createNetns();
  netns.must(HOST);
});
afterEach(() => netns.close());

test.each(CASES)('%s', (_name, before, task) => {
  netns.must(`set -e\n${before}`);
  const first = netns.must(ALL);
  const plan = planIn(netns, [task]);
  expect(problemsIn(plan)).toEqual([]);

  expect(applyIn(netns, stepsOf(plan))).toEqual([]);
  expect(netns.must(ALL)).not.toBe(first);
  expect(applyIn(netns, undoOf(plan))).toEqual([]);
  expect(netns.must(ALL)).toBe(first);

  // And once more from the journal, when the transaction is long confirmed.
  const again = planIn(netns, [task]);
  expect(applyIn(netns, stepsOf(again))).toEqual([]);
  const back = planBackIn(netns, again);
  expect(back.problems ?? []).toEqual([]);
  const steps = back.changes.flatMap((change) => change.do);
  expect(applyIn(netns, steps)).toEqual([]);
  expect(netns.must(ALL)).toBe(first);
});

/** What makes a tap anew, and what it is made with. */
test('a tap that is made anew keeps all but what was asked for', () => {
  netns.must(`set -e\n${CASES[2]?.[1]}`);
  const first = netns.must(ALL);
  const plan = planIn(netns, [{ tap: { name: 'tap0', owner: 4712 } }]);
  expect(problemsIn(plan)).toEqual([]);
  expect(applyIn(netns, stepsOf(plan))).toEqual([]);
  expect(netns.must(ALL)).toBe(
    first.replaceAll('user 4711', 'user 4712').replace('owner\n4711', 'owner\n4712'),
  );
  expect(applyIn(netns, undoOf(plan))).toEqual([]);
  expect(netns.must(ALL)).toBe(first);
});
