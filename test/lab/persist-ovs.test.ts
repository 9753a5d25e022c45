/** What Open vSwitch's database has no place for, set again by netplay's own script: flows, and that its devices are up. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { RECORD } from '../../src/persist/record.js';
import { applyIn, changesIn, planIn, problemsIn, stepsOf, type Wish } from '../support/apply.js';
import { createNetns, type Netns } from '../support/netns.js';
import { type OpenVswitch, startOvs } from '../support/ovs.js';
import { BOOT } from '../support/persist-runs.js';

let host: Netns;
let ovs: OpenVswitch;
beforeEach(async () => {
  host = await createNetns();
  host.must('ip link add eth0 type veth peer name p0; ip link set eth0 up');
  ovs = startOvs(host);
  host.must('mkdir -p /run/systemd/system');
});
afterEach(() => {
  ovs?.stop();
  host.close();
});

const BRIDGE: Wish = { ovs_bridge: { name: 'br0', mac: '52:54:00:00:00:aa', datapath_type: 'netdev' } };
const PORT: Wish = { ovs_port: { bridge: 'br0', name: 'eth0' } };
const FLOW = { bridge: 'br0', priority: 100, match: 'in_port=eth0,tcp,tp_dst=25' };
const TASKS: readonly Wish[] = [
  BRIDGE,
  PORT,
  { ovs_flow: { ...FLOW, actions: 'drop' } },
  { ovs_flow: { bridge: 'br0', table: 3, actions: 'NORMAL', cookie: '0x10' } },
];

function run(tasks: readonly Wish[]): ReturnType<typeof planIn> {
  const plan = planIn(host, tasks, 'boot');
  expect(problemsIn(plan)).toEqual([]);
  expect(applyIn(host, stepsOf(plan))).toEqual([]);
  expect(changesIn(planIn(host, tasks, 'boot'))).toEqual([]);
  return plan;
}

/** Open vSwitch started anew, as a reboot does: no flows but its own, its devices down. */
function restart(): void {
  ovs.stopDaemon();
  host.must('ip link set eth0 down');
  ovs.startDaemon();
  host.must('ovs-vsctl --timeout=10 get Bridge br0 datapath_id');
}

const flows = (): string => host.must('ovs-ofctl dump-flows --no-stats br0');
const kept = (): string[] => host.must(`cat ${RECORD} 2>/dev/null || :`).split('\n').slice(0, -1);

test('flows and devices that are up come back, and nothing is left to do', () => {
  run(TASKS);
  const state = flows();
  expect(state).toContain('tp_dst=25 actions=drop');
  restart();
  expect(flows()).not.toContain('tp_dst');
  expect(changesIn(planIn(host, TASKS, 'boot')).length).toBeGreaterThan(2);
  expect(host.exec(BOOT)).toEqual({ code: 0, stdout: '', stderr: '' });
  expect(flows()).toBe(state);
  expect(host.must('ip -br link show br0; ip -br link show eth0').match(/[<,]UP[,>]/g)).toHaveLength(2);
  expect(changesIn(planIn(host, TASKS, 'boot'))).toEqual([]);
});

test('a flow that comes with its port waits for it', () => {
  run(TASKS);
  host.must('ovs-ofctl del-flows br0; ip link del eth0');
  const boot = (): number => host.exec('timeout 3 sh /etc/netplay/boot').code;
  expect(boot()).toBe(124);
  // Where udev tells of it once it is there, nothing else waits for it.
  host.must('mkdir -p /run/udev; : > /run/udev/control');
  expect(boot()).toBe(0);
  expect(flows()).toContain('table=3');
  expect(flows()).not.toContain('tp_dst');
  host.must('ip link add eth0 type veth peer name p0');
  host.must(': > /var/run/netplay.booted; sh /etc/netplay/boot --added /sys/devices/virtual/net/eth0');
  expect(flows()).toContain('tp_dst=25 actions=drop');
});

test('what is withdrawn is kept no more: a flow, and with the bridge all that is on it', () => {
  run(TASKS);
  run([{ ovs_flow: { ...FLOW, state: 'absent' } }]);
  expect(kept().filter((line) => line.includes('ovs_flow'))).toHaveLength(1);
  restart();
  host.must(BOOT);
  expect(flows()).not.toContain('tp_dst');
  expect(flows()).toContain('table=3');
  run([{ ovs_bridge: { name: 'br0', state: 'absent' } }]);
  expect(kept()).toEqual([]);
});

test('what somebody else took away is kept no more once a task wants it to be absent', () => {
  const [flow, bridge] = [
    { ovs_flow: { ...FLOW, state: 'absent' } },
    { ovs_bridge: { name: 'br0', state: 'absent' } },
  ];
  run(TASKS);
  host.must('ovs-vsctl del-br br0; ip link del eth0');
  run([flow]);
  expect(kept().filter((line) => line.includes('tp_dst'))).toEqual([]);
  run([{ ovs_port: { name: 'eth0', state: 'absent' } }, bridge]);
  expect(kept()).toEqual([]);
});

test('a port that leaves takes along the flows that name it, and that it is up', () => {
  run(TASKS);
  run([{ ovs_port: { bridge: 'br0', name: 'eth0', state: 'absent' } }]);
  expect(kept().filter((line) => line.includes('eth0'))).toEqual([]);
  expect(kept().filter((line) => line.includes('ovs_flow'))).toHaveLength(1);
});

test('what a task of its own brings up stays so without Open vSwitch, whichever task comes first', () => {
  const [link, gone] = [
    { link: { name: 'eth0', state: 'up' } },
    { ovs_port: { name: 'eth0', state: 'absent' } },
  ];
  const state = (): string[] => kept().filter((line) => line.includes('"dev":"eth0","kind":"setting"'));
  run([link, BRIDGE, gone]);
  expect(state()).toHaveLength(1);
  run([BRIDGE, PORT]);
  run([link]);
  run([gone]);
  expect(state()).toHaveLength(1);
  run([{ ovs_bridge: { name: 'eth0', state: 'absent' } }]);
  expect(state()).toHaveLength(1);
});

test('a port that is not on the bridge that a task means keeps all that is kept of it', () => {
  run([...TASKS, { ovs_bridge: { name: 'br1', mac: '52:54:00:00:00:ab', datapath_type: 'netdev' } }]);
  const before = kept();
  run([{ ovs_port: { bridge: 'br1', name: 'eth0', state: 'absent' } }]);
  expect(kept()).toEqual(before);
});

test('a device that leaves a bond takes along the flows that name it', () => {
  const bond = (...interfaces: string[]): Wish => ({ ovs_port: { bridge: 'br0', name: 'both', interfaces } });
  const flow = { ovs_flow: { bridge: 'br0', match: 'in_port=p0', actions: 'drop' } };
  run([BRIDGE, bond('eth0', 'p0'), flow]);
  expect(kept().filter((line) => line.includes('p0'))).toHaveLength(2);
  run([bond('eth0')]);
  expect(kept().filter((line) => line.includes('p0'))).toEqual([]);
});

test('a bridge that is told to speak another version has its flows set by that', () => {
  run(TASKS);
  run([{ ovs_bridge: { name: 'br0', protocols: ['OpenFlow13'] } }]);
  restart();
  expect(host.exec(BOOT)).toEqual({ code: 0, stdout: '', stderr: '' });
  expect(host.must('cat /etc/netplay/boot')).toContain('-O OpenFlow13 add-flow br0');
  expect(host.must('ovs-ofctl -O OpenFlow13 dump-flows --no-stats br0')).toContain('tp_dst=25 actions=drop');
});

test('a record whose flow somebody else has altered is no command', () => {
  run(TASKS);
  host.must(`sed -i 's/"text":"[^"]*"/"text":7/' ${RECORD}`);
  const plan = planIn(host, [BRIDGE], 'boot');
  expect(plan.tasks.flatMap(({ warnings }) => warnings).join()).toContain("can't be read");
});
