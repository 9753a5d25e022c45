/** What is kept, withdrawn: by absence, exclusivity, and along with what it stands on. Late devices, and units. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { applyIn, planIn, problemsIn, stepsOf, type Wish } from '../support/apply.js';
import { createNetns } from '../support/netns.js';
import { BOOT, fileSteps, rebootDump, type Twins, twins } from '../support/persist-runs.js';

let pair: Twins;
beforeEach(async () => {
  pair = await twins(createNetns);
});
afterEach(() => pair.close());

const MAC = '02:00:00:00:00:77';
const BUILT: readonly Wish[] = [
  { bridge: { name: 'br0', ports: ['eth1'] } },
  { bridge_port: { dev: 'eth1', cost: 7 } },
  { fdb: { lladdr: '02:00:00:00:00:99', dev: 'eth1' } },
  { veth: { name: 'v0', peer: 'v1', peer_up: true } },
  { macvlan: { name: 'mv', link: 'v1', mode: 'bridge' } },
  { address: { dev: 'mv', address: '10.9.0.1/24' } },
  { route: { dst: '10.10.0.0/16', via: '10.9.0.9', dev: 'mv' } },
  { neighbour: { dst: '10.9.0.7', dev: 'mv', lladdr: MAC } },
  { rule: { from: '10.9.0.1', table: 77, priority: 100 } },
  { qdisc: { dev: 'v0', kind: 'htb', handle: '1:', default: '10' } },
  { class: { dev: 'v0', classid: '1:10', rate: '10mbit' } },
  { filter: { dev: 'v0', parent: '1:', prio: 5, match: { dst: '10.2.0.0/24' }, classid: '1:10' } },
];

/** Runs a play and returns the keys of what is kept then. */
function keysAfter(tasks: readonly Wish[]): string[] {
  const plan = planIn(pair.before, tasks, 'boot');
  expect(problemsIn(plan)).toEqual([]);
  expect(applyIn(pair.before, stepsOf(plan))).toEqual([]);
  expect(applyIn(pair.after, fileSteps(plan))).toEqual([]);
  const script = pair.before.exec('cat /etc/netplay/boot').stdout;
  return script.split('\n').filter((line) => /^ {2}(on|new|port|gone|qdisc|filter) (?!"\$)/.test(line));
}

const naming = (lines: readonly string[], ...names: readonly string[]): string[] =>
  lines.filter((line) => names.some((name) => line.split(/[ ']/).includes(name)));

test('a link takes along all that stands on it; rules stay', () => {
  const all = keysAfter(BUILT);
  expect(naming(all, 'mv').length).toBeGreaterThan(4);
  const left = keysAfter([{ veth: { name: 'v0', state: 'absent' } }]);
  expect(naming(left, 'v0', 'v1', 'mv')).toEqual([]);
  expect(left.some((line) => line.includes(' rule -4 from 10.9.0.1 '))).toBe(true);
  expect(naming(left, 'br0').length).toBeGreaterThan(1);
});

test('what is not there any more is withdrawn by its absence all the same', () => {
  keysAfter(BUILT);
  pair.before.must('ip link del v0; ip link del br0; ip rule del priority 100');
  const left = keysAfter([
    { veth: { name: 'v0', state: 'absent' } },
    { rule: { from: '10.9.0.1', table: 77, priority: 100, state: 'absent' } },
  ]);
  expect(naming(left, 'v0', 'v1', 'mv')).toEqual([]);
  expect(left.some((line) => line.includes('rule'))).toBe(false);
  expect(keysAfter([{ bridge: { name: 'br0', state: 'absent' } }])).toEqual([
    // It was not the bridge's to take: eth1 is up by itself.
    '  on eth1 ip link set dev eth1 up',
  ]);
});

test('a port that leaves, or is not among those that there shall be', () => {
  keysAfter(BUILT);
  const left = keysAfter([{ bridge_port: { dev: 'eth1', bridge: 'br0', state: 'absent' } }]);
  expect(naming(left, 'eth1')).toEqual(['  on eth1 ip link set dev eth1 up']);
  keysAfter(BUILT);
  pair.before.must('ip link set dev eth1 nomaster');
  const none = keysAfter([{ bridge: { name: 'br0', ports: [], exclusive: true } }]);
  expect(none.filter((line) => line.includes('port '))).toEqual([]);
});

test('each other kind by its absence', () => {
  keysAfter(BUILT);
  const kinds: readonly [Wish, string][] = [
    [{ filter: { dev: 'v0', parent: '1:', prio: 5, state: 'absent' } }, 'filter v0'],
    [{ class: { dev: 'v0', classid: '1:10', state: 'absent' } }, 'tc class'],
    [{ qdisc: { dev: 'v0', state: 'absent' } }, 'qdisc v0'],
    [{ neighbour: { dst: '10.9.0.7', dev: 'mv', state: 'absent' } }, 'neighbour'],
    [{ route: { dst: '10.10.0.0/16', state: 'absent' } }, 'route replace'],
    [{ address: { dev: 'mv', address: '10.9.0.1/24', state: 'absent' } }, 'address replace'],
    [{ fdb: { lladdr: '02:00:00:00:00:99', dev: 'eth1', state: 'absent' } }, 'fdb'],
    [{ macvlan: { name: 'mv', state: 'absent' } }, 'macvlan'],
  ];
  for (const [task, word] of kinds) {
    const left = keysAfter([task]);
    expect([word, left.filter((line) => line.includes(word))]).toEqual([word, []]);
  }
});

test('a qdisc takes its classes and filters along', () => {
  keysAfter(BUILT);
  const left = keysAfter([{ qdisc: { dev: 'v0', state: 'absent' } }]);
  expect(left.filter((line) => line.includes('tc '))).toEqual([]);
});

test('a setting that is given back to the kernel is kept no more', () => {
  expect(keysAfter([{ link: { name: 'eth1', alias: 'x', txqueuelen: 7, altnames: ['a1'] } }])).toHaveLength(
    3,
  );
  expect(keysAfter([{ link: { name: 'eth1', alias: null, txqueuelen: null, altnames: [] } }])).toEqual([]);
});

test('what a later task says nothing of stays, what it changes does not', () => {
  keysAfter([
    { bridge: { name: 'br0', stp: true, mtu: 1400 } },
    { veth: { name: 'v0', peer: 'v1', alias: 'x' } },
  ]);
  const both = keysAfter([
    { bridge: { name: 'br0', priority: 7 } },
    { veth: { name: 'v0', peer: 'v1', mtu: 1300 } },
  ]);
  for (const word of ['stp_state 1', 'mtu 1400', 'priority 7', 'alias x', 'mtu 1300'])
    expect([word, both.some((line) => line.includes(word))]).toEqual([word, true]);
  const changed = keysAfter([{ link: { name: 'br0', mtu: 1350 } }, { bridge: { name: 'br0', stp: false } }]);
  expect(changed.some((line) => line.includes('mtu 1400') || line.includes('stp_state 1'))).toBe(false);
});

test('a device that comes late gets its own and all that stands on it, and nothing else', () => {
  keysAfter([
    { bridge: { name: 'br0', ports: ['eth1'] } },
    { macvlan: { name: 'mv', link: 'eth0', mode: 'bridge' } },
    { address: { dev: 'mv', address: '10.9.0.1/24' } },
    { route: { dst: '10.10.0.0/16', via: '10.9.0.9', dev: 'mv' } },
    { address: { dev: 'br0', address: '10.5.0.1/24' } },
  ]);
  const { after } = pair;
  // Before everything was set, a device's own run does nothing.
  after.must('rm -f /var/run/netplay.booted; sh /etc/netplay/boot eth0');
  expect(after.exec('ip link show mv').code).toBe(1);
  after.must(`${BOOT}; ip link del mv; ip addr flush dev br0`);
  after.must('sh /etc/netplay/boot /sys/devices/virtual/net/eth0');
  expect(after.must('ip -o -4 addr show dev mv; ip route show 10.10.0.0/16')).toContain(
    'via 10.9.0.9 dev mv',
  );
  expect(after.must('ip -o -4 addr show dev br0')).toBe('');
  after.must('sh /etc/netplay/boot br0');
  expect(rebootDump(after)).toBe(rebootDump(pair.before));
});

test('a device that was there while everything was set has no turn for that, but each time that it comes again', () => {
  const mac = '02:00:00:00:00:77';
  keysAfter([
    { macvlan: { name: 'mv', link: 'eth0', mode: 'bridge', mac } },
    { address: { dev: 'mv', address: '10.9.0.1/24' } },
    { route: { dst: '10.10.0.0/16', via: '10.9.0.9', dev: 'mv' } },
  ]);
  const { after } = pair;
  const added = 'sh /etc/netplay/boot --added /sys/devices/virtual/net/mv';
  after.must(BOOT);
  const state = rebootDump(after, mac);
  after.must(`ip addr flush dev mv; ${added}`);
  expect(after.must('ip -o -4 addr show dev mv')).toBe('');
  // Back from another namespace: its number is the same.
  const index = after.must('cat /sys/class/net/mv/ifindex');
  after.must('ip netns add c1; ip link set mv netns c1; ip -n c1 link set mv netns $$; ip netns del c1');
  expect(after.must('cat /sys/class/net/mv/ifindex')).toBe(index);
  after.must(`ip link set mv up; ${added}`);
  expect(rebootDump(after, mac)).toBe(state);
  after.must(`ip link del mv; ip link add mv link eth0 address ${mac} type macvlan mode bridge`);
  after.must(`ip link set mv up; ${added}`);
  expect(rebootDump(after, mac)).toBe(state);
});

test('sysctls of a device that has come since are set with it', () => {
  keysAfter([
    { veth: { name: 'v0', peer: 'v.1' } },
    { sysctl: { name: 'net.ipv4.conf.v0.arp_ignore', value: 1 } },
    { sysctl: { name: 'net/ipv4/conf/v.1/rp_filter', value: 2 } },
  ]);
  const { after } = pair;
  after.must(BOOT);
  expect(after.must('cat /proc/sys/net/ipv4/conf/v0/arp_ignore /proc/sys/net/ipv4/conf/v.1/rp_filter')).toBe(
    '1\n2\n',
  );
});

test('systemd takes the units for what they are', () => {
  keysAfter([{ link: { name: 'eth1', mtu: 1400 } }]);
  const units = 'netplay-boot.service netplay-boot@sys-devices-virtual-net-eth1.service';
  const { code, stdout, stderr } = pair.before.exec(
    `chmod 755 /etc/netplay/boot; cd /etc/systemd/system && systemd-analyze verify ${units}`,
  );
  expect([code, stdout, stderr]).toEqual([0, '', '']);
});
