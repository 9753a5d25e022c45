/** What Open vSwitch would take without a word and not do, or do without a word: refused, found out, or said. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { applyIn, changesIn, planIn, problemsIn, stepsOf, undoOf, type Wish } from '../support/apply.js';
import { createNetns, type Netns } from '../support/netns.js';
import { dumpOvs, type OpenVswitch, startOvs } from '../support/ovs.js';

const HOST = `set -e
echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6
for n in 0 1; do ip link add eth$n type veth peer name p$n; ip link set eth$n up; ip link set p$n up; done
ip link add vmbr0 type bridge; ip link add tap9 type veth peer name q9; ip link set tap9 master vmbr0`;
const BRIDGES = `ovs-vsctl -- add-br br0 -- set Bridge br0 datapath_type=netdev -- add-port br0 eth0 \
-- add-br br1 -- set Bridge br1 datapath_type=netdev`;

let netns: Netns;
let ovs: OpenVswitch;
beforeEach(async () => {
  netns = await createNetns();
  netns.must(HOST);
  ovs = startOvs(netns);
  netns.must(BRIDGES);
});
afterEach(() => {
  ovs.stop();
  netns.close();
});

const refused: readonly [name: string, task: Wish, message: string, path: readonly (string | number)[]][] = [
  [
    'pitfall 43: a device that is not there, which add-port takes with exit code 0',
    { ovs_port: { bridge: 'br0', name: 'nosuch0' } },
    'there is no device nosuch0 on this host',
    ['name'],
  ],
  [
    'pitfall 43: a port of another bridge',
    { ovs_port: { bridge: 'br1', name: 'eth0' } },
    'eth0 is a port of br0: putting it into br1 would take it from there',
    ['bridge'],
  ],
  [
    'a bridge that is not there',
    { ovs_port: { bridge: 'br7', name: 'eth1' } },
    'Open vSwitch has no bridge br7',
    ['bridge'],
  ],
  [
    'a port of a Linux bridge',
    { ovs_port: { bridge: 'br0', name: 'tap9' } },
    "tap9 is a port of vmbr0: it can't be one of Open vSwitch as well",
    ['name'],
  ],
  [
    'a Linux bridge of that name',
    { ovs_bridge: { name: 'vmbr0' } },
    'vmbr0 is there already, and is a bridge, not a bridge of Open vSwitch',
    ['name'],
  ],
  [
    'an internal port whose name a device has',
    { ovs_port: { bridge: 'br0', name: 'eth1', type: 'internal' } },
    "eth1 is there already: Open vSwitch can't make it",
    ['name'],
  ],
  [
    'a tunnel that leads nowhere',
    { ovs_port: { bridge: 'br0', name: 'vx0', type: 'vxlan' } },
    'a port of type vxlan needs options.remote_ip',
    ['options'],
  ],
  [
    "the bridge's own port",
    { ovs_port: { name: 'br0', state: 'absent' } },
    "br0 is the bridge's own port: it goes with the bridge",
    ['name'],
  ],
  [
    'a bond of a port that is taken',
    { ovs_port: { bridge: 'br1', name: 'bond0', interfaces: ['eth0', 'eth1'] } },
    'eth0 belongs to the port eth0',
    ['interfaces'],
  ],
  [
    'pitfall 41: a burst that holds no packet',
    { ovs_rate_limit: { interface: 'eth0', rate: '10mbit', burst: '11kbit' } },
    'a burst of 11kbit holds no packet of 1500 bytes: nothing would pass eth0',
    ['burst'],
  ],
  [
    'pitfall 38: a part of a kbit',
    { ovs_rate_limit: { interface: 'eth0', rate: '1500' } },
    'rate 1500 is no whole number of kbit, in which Open vSwitch counts',
    ['rate'],
  ],
  [
    'a queue whose least is above its most',
    { ovs_qos: { port: 'eth0', queues: [{ id: 1, min_rate: '2mbit', max_rate: '1mbit' }] } },
    'min_rate 2mbit of queue 1 is above its max_rate 1mbit',
    ['queues', 0, 'min_rate'],
  ],
  [
    'a QoS of a port that is not there',
    { ovs_qos: { port: 'eth1', max_rate: '2mbit' } },
    'Open vSwitch has no port eth1',
    ['port'],
  ],
  [
    'a flow that ovs-ofctl does not take',
    { ovs_flow: { bridge: 'br0', match: 'nonsense=1', actions: 'drop' } },
    'ovs-ofctl does not take this flow: ',
    ['match'],
  ],
  [
    'a flow to a port that is not there',
    { ovs_flow: { bridge: 'br0', match: 'ip', actions: 'output:eth7' } },
    'Open vSwitch has no interface eth7',
    ['match'],
  ],
  [
    "an interface that isn't there",
    { ovs_interface: { name: 'eth7', mtu_request: 1400 } },
    'Open vSwitch has no interface eth7',
    ['name'],
  ],
];

test.each(refused)('%s', (_, task, message, path) => {
  const before = dumpOvs(netns);
  const plan = planIn(netns, [task]);
  expect(changesIn(plan)).toEqual([]);
  const [problem] = plan.tasks[0]?.problems ?? [];
  expect(problem?.message).toContain(message);
  expect(problem?.path).toEqual(path);
  expect(dumpOvs(netns)).toBe(before);
});

test('pitfall 43: a port whose device goes is found out though the database has it', () => {
  netns.must('ip link del p0; ip link add other0 type veth peer name other1');
  const task = { ovs_port: { bridge: 'br0', name: 'eth0', tag: 5 } };
  expect(problemsIn(planIn(netns, [task]))).toEqual([
    'there is no device eth0 on this host; did you mean eth1?',
  ]);
  netns.must('ovs-vsctl add-port br0 vx0 -- set Interface vx0 type=vxlan options:remote_ip=nonsense || true');
  const [problem] = problemsIn(planIn(netns, [{ ovs_port: { bridge: 'br0', name: 'vx0' } }]));
  expect(problem).toContain("Open vSwitch can't use vx0: ");
});

test('a bridge in a datapath that the kernel lacks is found out by the second reading', () => {
  const tasks: Wish[] = [{ ovs_bridge: { name: 'br5', up: false } }];
  if (netns.exec('modprobe -n openvswitch').code === 0) return;
  const plan = planIn(netns, tasks);
  expect(problemsIn(plan)).toEqual([]);
  expect(
    applyIn(
      netns,
      stepsOf(plan).filter(({ kind }) => kind === 'ovs'),
    ),
  ).toEqual([]);
  expect(problemsIn(planIn(netns, tasks))).toEqual(["Open vSwitch can't use br5: it gives it no number"]);
});

test('pitfall 43: without ovs-vswitchd nothing is planned, and nothing waits for ever', () => {
  ovs.stopDaemon();
  const started = Date.now();
  const plan = planIn(netns, [{ ovs_port: { bridge: 'br0', name: 'eth1' } }]);
  expect(Date.now() - started).toBeLessThan(5000);
  expect(changesIn(plan)).toEqual([]);
  expect(problemsIn(plan)[0]).toMatch(/^ovs-vswitchd does not run, and without it no change takes effect: /);
  ovs.startDaemon();
  expect(problemsIn(planIn(netns, [{ ovs_port: { bridge: 'br0', name: 'eth1' } }]))).toEqual([]);
});

test('without ovsdb-server, and without Open vSwitch, one line says so; what is to be away is', () => {
  ovs.stop();
  const tasks: Wish[] = [{ ovs_bridge: { name: 'br0' } }];
  expect(problemsIn(planIn(netns, tasks))[0]).toMatch(/^the database of Open vSwitch does not answer: /);
  netns.must('mount -t tmpfs tmpfs /mnt');
  netns.must(`cp -a /usr/bin/. /mnt && rm -f /mnt/ovs-* && mount --bind /mnt /usr/bin`);
  expect(problemsIn(planIn(netns, tasks))).toEqual([
    'Open vSwitch is not installed: there is no command ovs-vsctl',
  ]);
  const absent = planIn(netns, [{ ovs_bridge: { name: 'br0', state: 'absent' } }]);
  expect([changesIn(absent), problemsIn(absent)]).toEqual([[], []]);
});

test('pitfall 43: a limit that this kernel does not enforce is told, and so is a burst that TCP does not like', () => {
  const warnings = (tasks: Wish[]): string[] => planIn(netns, tasks).tasks.flatMap((task) => task.warnings);
  const small = [{ ovs_rate_limit: { interface: 'eth0', rate: '20mbit' } }];
  const hasPolice = netns.exec('[ -d /sys/module/act_police ] || modprobe -n -q act_police').code === 0;
  expect(warnings(small)).toEqual([
    ...(hasPolice
      ? []
      : ['this kernel has no act_police: Open vSwitch takes the limit of eth0 and enforces nothing']),
    'a burst of 8mbit is less than four fifths of the rate: TCP does not reach 20mbit through eth0',
  ]);
});

test('a patch that leads nowhere is told', () => {
  const one = { ovs_port: { bridge: 'br0', name: 'to1', type: 'patch', options: { peer: 'to0' } } };
  const other = { ovs_port: { bridge: 'br1', name: 'to0', type: 'patch', options: { peer: 'to1' } } };
  const told = (tasks: Wish[]): string[] => planIn(netns, tasks).tasks.flatMap((task) => task.warnings);
  expect(told([one])).toEqual(['to1 leads nowhere: there is no patch port to0']);
  expect(told([one, other])).toEqual([]);
});

test('a change that another one of the same transaction makes impossible changes nothing', () => {
  const before = dumpOvs(netns);
  const plan = planIn(netns, [
    { ovs_port: { bridge: 'br0', name: 'eth1', tag: 5 } },
    { ovs_interface: { name: 'eth0', external_ids: { k: 'v' } } },
  ]);
  const broken = [...stepsOf(plan).filter(({ kind }) => kind === 'ovs')];
  expect(
    applyIn(netns, [...broken, { kind: 'ovs', args: ['set', 'Port', 'nosuch0', 'tag=1'] }]),
  ).toHaveLength(1);
  expect(dumpOvs(netns)).toBe(before);
});

test('an undo goes on where a part of it is impossible by now', () => {
  const plan = planIn(netns, [
    { ovs_port: { bridge: 'br0', name: 'eth1', up: true } },
    { ovs_qos: { port: 'eth1', max_rate: '20mbit', queues: [{ id: 1, max_rate: '1mbit' }] } },
  ]);
  const before = dumpOvs(netns);
  expect(applyIn(netns, stepsOf(plan))).toEqual([]);
  netns.must('ovs-vsctl del-port br0 eth1');
  expect(applyIn(netns, undoOf(plan))).toEqual([]);
  expect(dumpOvs(netns)).toBe(before);
});
