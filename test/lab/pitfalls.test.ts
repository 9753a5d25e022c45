/** Pitfalls that belong to no single resource, on the real kernel; docs/pitfalls.md lists them all. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { applyIn, changesIn, planIn, problemsIn, stepsOf, type Wish } from '../support/apply.js';
import { createNetns, type Netns } from '../support/netns.js';
import { dump } from '../support/resource-lab.js';

let netns: Netns;
beforeEach(async () => {
  netns = await createNetns();
  netns.must(`set -e
for n in 0 1; do
  ip link add eth$n type veth peer name p$n
  echo 1 > /proc/sys/net/ipv6/conf/eth$n/addr_gen_mode; echo 1 > /proc/sys/net/ipv6/conf/p$n/addr_gen_mode
  ip link set p$n up; ip link set eth$n up
done
ip addr add 192.168.1.1/24 dev eth0
ip addr add 192.168.2.1/24 dev eth1
mkdir -p /etc/iproute2/rt_protos.d
printf '201\\tnetplay\\n' > /etc/iproute2/rt_protos.d/local.conf`);
});
afterEach(() => netns.close());

const MULTIPATH: Wish = {
  route: {
    dst: '10.0.0.0/8',
    nexthops: [
      { via: '192.168.1.254', dev: 'eth0' },
      { via: '192.168.2.254', dev: 'eth1' },
    ],
  },
};
const RULE: Wish = { rule: { from: '192.168.1.1', table: 777, priority: 100 } };

test('pitfall 22: a multipath route is seen, though `ip route show dev` hides it', () => {
  netns.must('ip route add 10.0.0.0/8 nexthop via 192.168.1.254 dev eth0 nexthop via 192.168.2.254 dev eth1');
  expect(netns.must('ip route show dev eth0')).not.toContain('10.0.0.0/8');
  expect(changesIn(planIn(netns, [MULTIPATH]))).toEqual([]);
});

test('pitfall 22: a table that is not there yet is an empty one, though `ip` fails for it', () => {
  expect(netns.exec('ip route show table 777').code).not.toBe(0);
  const wish = { route: { dst: '10.0.0.0/8', type: 'blackhole', table: 777 } };
  const plan = planIn(netns, [wish]);
  expect(problemsIn(plan)).toEqual([]);
  expect(applyIn(netns, stepsOf(plan))).toEqual([]);
  expect(changesIn(planIn(netns, [wish]))).toEqual([]);
});

test('pitfall 23: what another program made in between is told in the words of the kernel, and is there next time', () => {
  const plan = planIn(netns, [RULE]);
  netns.must('ip rule add from 192.168.1.1 table 777 priority 100 protocol 201');
  expect(applyIn(netns, stepsOf(plan))).toMatchObject([
    {
      unit: 0,
      command: expect.stringContaining('ip rule add from 192.168.1.1'),
      words: expect.stringContaining('exists'),
    },
  ]);
  expect(changesIn(planIn(netns, [RULE]))).toEqual([]);
});

test('pitfall 27: what another program takes away is found and made again', () => {
  const routes = { route: { dst: '10.0.0.0/8', via: '192.168.1.254', dev: 'eth0', table: 777 } };
  const plan = planIn(netns, [RULE, routes]);
  expect(applyIn(netns, stepsOf(plan))).toEqual([]);
  expect(changesIn(planIn(netns, [RULE, routes]))).toEqual([]);
  netns.must('ip rule del priority 100; ip route flush table 777');
  expect(changesIn(planIn(netns, [RULE, routes]))).toEqual(changesIn(plan));
});

test('pitfall 27: the running value and the one for the next boot are two changes', () => {
  const wish = { sysctl: { name: 'net.ipv4.ip_nonlocal_bind', value: 1 } };
  const file = '/etc/sysctl.d/zz-netplay.conf: net.ipv4.ip_nonlocal_bind: absent → 1';
  const now = 'sysctl net.ipv4.ip_nonlocal_bind: 0 → 1';
  expect(changesIn(planIn(netns, [wish]))).toEqual([now, file]);
  netns.must('echo 1 > /proc/sys/net/ipv4/ip_nonlocal_bind');
  expect(changesIn(planIn(netns, [wish]))).toEqual([file]);
});

test('pitfall 29: after the first command that fails nothing more is made, and it is named', () => {
  const plan = planIn(netns, [
    { route: { dst: '10.1.0.0/16', dev: 'eth0' } },
    { route: { dst: '10.2.0.0/16', dev: 'eth1' } },
    { route: { dst: '10.3.0.0/16', dev: 'eth0' } },
  ]);
  netns.must('ip link set eth1 down');
  expect(applyIn(netns, stepsOf(plan))).toMatchObject([
    { command: expect.stringContaining('ip route add 10.2.0.0/16 dev eth1') },
  ]);
  const routes = netns.must('ip route');
  expect(routes).toContain('10.1.0.0/16');
  expect(routes).not.toContain('10.3.0.0/16');
});

test('pitfall 47: planning reads, and changes nothing of what it plans to change', () => {
  const before = dump(netns);
  const plan = planIn(netns, [MULTIPATH, RULE, { rt_table: { id: 777, name: 'seven' } }]);
  expect(changesIn(plan)).toHaveLength(3);
  expect(dump(netns)).toBe(before);
});
