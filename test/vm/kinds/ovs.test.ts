/** Open vSwitch in the kernel's datapath, with the kernel's police: what this machine's own kernel may lack. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import {
  applyIn,
  changesIn,
  planBackIn,
  planIn,
  problemsIn,
  stepsOf,
  undoOf,
  type Wish,
} from '../../support/apply.js';
import type { Netns } from '../../support/netns.js';
import { startOvs } from '../../support/ovs.js';
import { expectRates, megabits } from '../../support/rates.js';
import { sampleCases } from '../../support/sample.js';
import { startVmLab, type VmLab } from '../../support/vm-netns.js';

sampleCases(2);

let lab: VmLab;
let host: Netns;
let peer: Netns;
beforeAll(async () => {
  lab = await startVmLab();
});
afterAll(() => lab?.stop());
beforeEach(() => {
  host = lab.createNetns();
  peer = lab.createNetns();
  host.must(
    `ip link add eth0 address 00:16:3e:00:00:01 type veth peer name eth0 netns ${peer.pid} && ip link set eth0 up`,
  );
  peer.must('mount -t tmpfs tmpfs /run; ip addr add 10.0.0.2/24 dev eth0 && ip link set eth0 up');
  const ovs = startOvs(host);
  return () => {
    ovs.stop();
    host.close();
    peer.close();
  };
});

const BRIDGE: readonly Wish[] = [
  { ovs_bridge: { name: 'br0', mac: '52:54:00:00:00:aa', datapath_type: 'system' } },
  { ovs_port: { bridge: 'br0', name: 'eth0' } },
  { address: { dev: 'br0', address: '10.0.0.1/24' } },
];

const DUMP = `for l in 'Bridge name,other_config' 'Port name,tag' 'Interface name,type,ingress_policing_rate,mac,mtu_request'; do
  ovs-vsctl --format=csv --columns=\${l#* } list \${l%% *} | sort; done
ip -o link | grep -v ovs-system | sed 's/^[0-9]*: //; s/@[^:]*:/:/; s/ qdisc [a-z_]*//; s/,LOWER_UP//; s/ state [A-Z]*//' | sort; ip -o -4 addr | sed 's/^[0-9]*: //'; ip route`;

function run(tasks: readonly Wish[]) {
  const plan = planIn(host, tasks);
  expect(problemsIn(plan)).toEqual([]);
  expect(applyIn(host, stepsOf(plan))).toEqual([]);
  expect(changesIn(planIn(host, tasks))).toEqual([]);
  return plan;
}

test('a policed port passes what it may within 15 %, in place after a change, and all when the limit goes', async () => {
  run(BRIDGE);
  const rate = (): number => megabits(peer, host, '10.0.0.1');
  const limit = (mbit: number): Wish => ({
    ovs_rate_limit: { interface: 'eth0', rate: `${mbit}mbit`, burst: `${mbit}mbit` },
  });
  await expectRates(() => [rate()], { over: 25 });
  for (const mbit of [10, 5]) {
    const plan = run([limit(mbit)]);
    // Its kernel can police: nothing is to be warned of.
    expect(plan.tasks[0]?.warnings).toEqual([]);
    await expectRates(() => [rate()], mbit);
  }
  run([{ ovs_rate_limit: { interface: 'eth0', state: 'absent' } }]);
  await expectRates(() => [rate()], { over: 25 });
});

test('linux-htb in the kernel: what arrives is what was asked for', async () => {
  run([
    ...BRIDGE,
    { ovs_qos: { port: 'eth0', max_rate: '10mbit', queues: [{ id: 0, max_rate: '10mbit' }] } },
  ]);
  await expectRates(() => [megabits(host, peer, '10.0.0.2')], 10);
});

test('a flow sends to a queue, and no other packets go there', async () => {
  const queues = [
    { id: 0, max_rate: '12mbit' },
    { id: 1, max_rate: '6mbit' },
  ];
  const flow = { bridge: 'br0', priority: 100, match: 'tcp,tp_dst=5999', actions: 'set_queue:1,NORMAL' };
  run([...BRIDGE, { ovs_qos: { port: 'eth0', max_rate: '12mbit', queues } }, { ovs_flow: flow }]);
  const each = () => [megabits(host, peer, '10.0.0.2', 5999), megabits(host, peer, '10.0.0.2', 6001)];
  await expectRates(each, 6, 12);
});

test('ports of the kernel as links: made, changed, taken back, undone', () => {
  const first = host.must(DUMP);
  const made = run([
    ...BRIDGE,
    { ovs_port: { bridge: 'br0', name: 'int0', type: 'internal', tag: 7 } },
    { address: { dev: 'int0', address: '10.7.0.1/24' } },
    { route: { dst: '10.70.0.0/16', via: '10.7.0.2', dev: 'int0' } },
  ]);
  const second = host.must(DUMP);
  const changed = run([
    { ovs_interface: { name: 'int0', mac: '52:54:00:00:00:bb', mtu_request: 1400, ofport_request: 77 } },
    { ovs_bridge: { name: 'br0', mac: '52:54:00:00:00:ab' } },
  ]);
  expect(host.must('ip route; ip -o link show int0')).toMatch(
    /10\.70\.0\.0\/16 via 10\.7\.0\.2.*mtu 1400.*52:54:00:00:00:bb/s,
  );
  expect(planBackIn(host, changed).problems ?? []).toEqual([]);
  expect(applyIn(host, undoOf(changed))).toEqual([]);
  expect(host.must(DUMP)).toBe(second);
  const gone = run([{ ovs_bridge: { name: 'br0', state: 'absent' } }]);
  expect(applyIn(host, undoOf(gone))).toEqual([]);
  expect(host.must(DUMP)).toBe(second);
  expect(applyIn(host, undoOf(made))).toEqual([]);
  expect(host.must(DUMP)).toBe(first);
});

test('pitfall 36: a bridge that nobody pinned takes the MAC of its port, and keeps it once it is pinned', () => {
  host.must('ovs-vsctl -- add-br br0 -- add-port br0 eth0; ip link set br0 up');
  const mac = (): string =>
    host.must('ovs-vsctl --if-exists del-port eth0; sleep 0.3; cat /sys/class/net/br0/address').trim();
  run([{ ovs_bridge: { name: 'br0' } }]);
  expect(mac()).toBe('00:16:3e:00:00:01');
});
