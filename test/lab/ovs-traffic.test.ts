/** What a limit of Open vSwitch does to real packets, and what netplay says where it does nothing. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { applyIn, planIn, problemsIn, stepsOf, undoOf, type Wish } from '../support/apply.js';
import { createNetns, type Netns } from '../support/netns.js';
import { type OpenVswitch, startOvs } from '../support/ovs.js';
import { expectRates, megabits } from '../support/rates.js';

/** The host's bridge, and by it another host, which computes its checksums itself: the userspace datapath does not. */
let host: Netns;
let peer: Netns;
let ovs: OpenVswitch;

beforeEach(async () => {
  [host, peer] = await Promise.all([createNetns(), createNetns()]);
  host.must(`set -e
    ip link add eth0 type veth peer name eth0 netns ${peer.pid}
    ip link set eth0 up`);
  peer.must(
    'ip addr add 10.0.0.2/24 dev eth0; ip link set eth0 up; mount -t tmpfs tmpfs /run; ethtool -K eth0 tx off',
  );
  ovs = startOvs(host);
});
afterEach(() => {
  ovs.stop();
  host.close();
  peer.close();
});

const BRIDGE: readonly Wish[] = [
  { ovs_bridge: { name: 'br0', datapath_type: 'netdev', mac: '52:54:00:00:00:aa' } },
  { ovs_port: { bridge: 'br0', name: 'eth0' } },
  { address: { dev: 'br0', address: '10.0.0.1/24' } },
];

function run(tasks: readonly Wish[]) {
  const plan = planIn(host, tasks);
  expect(problemsIn(plan)).toEqual([]);
  expect(applyIn(host, stepsOf(plan))).toEqual([]);
  expect(planIn(host, tasks).sequence).toEqual([]);
  return plan;
}

const QUEUES = [
  { id: 0, max_rate: '30mbit' },
  { id: 1, max_rate: '6mbit' },
];

test('linux-htb: what arrives is what was asked for, and so it is after a change in place', async () => {
  run(BRIDGE);
  await expectRates(() => [megabits(host, peer, '10.0.0.2')], { over: 60 });
  const plan = run([{ ovs_qos: { port: 'eth0', max_rate: '30mbit', queues: QUEUES } }]);
  await expectRates(() => [megabits(host, peer, '10.0.0.2')], 30);
  run([{ ovs_qos: { port: 'eth0', queues: [{ id: 0, max_rate: '15mbit' }] } }]);
  await expectRates(() => [megabits(host, peer, '10.0.0.2')], 15);
  expect(applyIn(host, undoOf(plan))).toEqual([]);
  await expectRates(() => [megabits(host, peer, '10.0.0.2')], { over: 60 });
});

test('the userspace datapath sends nothing to queues by flows, and netplay says so', async () => {
  const flow = { ovs_flow: { bridge: 'br0', match: 'tcp,tp_dst=5999', actions: 'set_queue:1,NORMAL' } };
  const plan = run([...BRIDGE, { ovs_qos: { port: 'eth0', max_rate: '30mbit', queues: QUEUES } }, flow]);
  expect(plan.tasks.flatMap(({ warnings }) => warnings)).toEqual([
    'br0 is in the userspace datapath, which sends nothing to queues: the flow matches, and queue 0 takes it',
  ]);
  await expectRates(() => [megabits(host, peer, '10.0.0.2', 5999)], 30);
});
