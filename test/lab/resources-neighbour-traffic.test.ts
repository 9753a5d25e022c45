/** What neighbours and proxy entries do on the wire: who answers for an address, and whom packets are sent to. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { applyIn, planIn, problemsIn, stepsOf, type Wish } from '../support/apply.js';
import { createNetns, type Netns } from '../support/netns.js';

let node: Netns;
let client: Netns;

/** A node with three NICs in the client's network, and a guest behind it that only the node can reach. */
beforeEach(async () => {
  [node, client] = await Promise.all([createNetns(), createNetns()]);
  client.must('ip link add lan address 52:54:00:00:00:ff type bridge; ip link set lan up');
  client.must('ip addr add 192.168.18.129/24 dev lan; ip -6 addr add 2001:db8:18::129/64 dev lan nodad');
  node.must(`set -e
echo 1 > /proc/sys/net/ipv4/ip_forward; echo 1 > /proc/sys/net/ipv6/conf/all/forwarding
ip link add guest type veth peer name inner; ip link set guest up; ip link set inner up
ip route add 192.168.18.101 dev guest; ip -6 route add 2001:db8:18::101 dev guest`);
  for (const n of [0, 3, 4]) {
    node.must(`set -e
ip link add eth${n} address 52:54:00:00:00:0${n} type veth peer name p${n} netns ${client.pid}
echo 0 > /proc/sys/net/ipv4/neigh/eth${n}/proxy_delay; echo 0 > /proc/sys/net/ipv6/neigh/eth${n}/proxy_delay
ip link set eth${n} up; ip addr add 192.168.18.1${n}/24 dev eth${n}; ip -6 addr add 2001:db8:18::1${n}/64 dev eth${n} nodad
echo 1 > /proc/sys/net/ipv4/conf/eth${n}/arp_ignore`);
    client.must(`ip link set p${n} master lan; ip link set p${n} up`);
  }
});
afterEach(() => {
  node.close();
  client.close();
});

function run(...wishes: Wish[]): void {
  const plan = planIn(node, wishes);
  expect(problemsIn(plan)).toEqual([]);
  expect(applyIn(node, stepsOf(plan))).toEqual([]);
}

/** The NICs whose MACs answer ARP requests for the guest. */
function answering(): string[] {
  const { stdout } = client.exec(['arping', '-b', '-w', '1', '-I', 'lan', '192.168.18.101']);
  const macs = [...stdout.matchAll(/\[52:54:00:00:00:0(\d)\]/g)].map(([, number]) => `eth${number}`);
  return [...new Set(macs)].sort();
}

/** The NIC whose MAC the client learns for the guest by NDP; undefined where nobody answers. */
function learned(): string | undefined {
  client.must('ip -6 neigh flush dev lan');
  client.exec(['ping', '-6', '-c', '1', '-W', '1', '2001:db8:18::101']);
  const shown = client.must('ip -6 neigh show 2001:db8:18::101');
  const number = /lladdr 52:54:00:00:00:0(\d)/.exec(shown)?.[1];
  return number === undefined ? undefined : `eth${number}`;
}

const GUEST = { dst: '192.168.18.101', proxy: true };
const GUEST6 = { dst: '2001:db8:18::101', proxy: true };

test('an exclusive proxy entry: of three MACs that answer one is left, and the next task moves it', () => {
  node.must('for n in 0 3 4; do ip neigh add proxy 192.168.18.101 dev eth$n; done');
  expect(answering()).toEqual(['eth0', 'eth3', 'eth4']);
  run({ neighbour: { ...GUEST, dev: 'eth3', exclusive: true } });
  expect(answering()).toEqual(['eth3']);
  run({ neighbour: { ...GUEST, dev: 'eth4', exclusive: true } });
  expect(answering()).toEqual(['eth4']);
  run({ neighbour: { ...GUEST, state: 'absent' } });
  expect(answering()).toEqual([]);
});

test('a proxy entry answers nobody where its device does not forward, and the task says so', () => {
  node.must('echo 0 > /proc/sys/net/ipv4/conf/eth3/forwarding');
  const plan = planIn(node, [{ neighbour: { ...GUEST, dev: 'eth3' } }]);
  expect(plan.tasks[0]?.warnings).toEqual([
    'proxy 192.168.18.101 dev eth3 answers nobody while net/ipv4/conf/eth3/forwarding is 0',
  ]);
  expect(applyIn(node, stepsOf(plan))).toEqual([]);
  expect(answering()).toEqual([]);
  const [task] = planIn(node, [
    { neighbour: { ...GUEST, dev: 'eth3' } },
    { sysctl: { name: 'net.ipv4.conf.eth3.forwarding', value: 1, file: null } },
  ]).tasks;
  expect(task?.warnings).toEqual([]);
});

test('an IPv6 proxy entry answers with proxy_ndp alone, and moves', () => {
  const plan = planIn(node, [{ neighbour: { ...GUEST6, dev: 'eth3' } }]);
  expect(plan.tasks[0]?.warnings).toEqual([
    'proxy 2001:db8:18::101 dev eth3 answers nobody while net/ipv6/conf/eth3/proxy_ndp is 0',
  ]);
  expect(applyIn(node, stepsOf(plan))).toEqual([]);
  expect(learned()).toBeUndefined();
  const settings = { sysctl: { name: 'net.ipv6.conf.all.proxy_ndp', value: 1, file: null } };
  run({ neighbour: { ...GUEST6, dev: 'eth3', exclusive: true } }, settings);
  expect(learned()).toBe('eth3');
  run({ neighbour: { ...GUEST6, dev: 'eth4', exclusive: true } });
  expect(learned()).toBe('eth4');
});

test('a neighbour that answers no ARP is reached by the MAC that was set, and by no other', () => {
  const ping = (): boolean =>
    node.exec(['ping', '-c', '1', '-W', '1', '-I', 'eth3', '192.168.18.129']).code === 0;
  client.must('ip link set lan arp off');
  client.must('ip neigh replace 192.168.18.13 lladdr 52:54:00:00:00:03 dev lan nud permanent');
  expect(ping()).toBe(false);
  run({ neighbour: { dst: '192.168.18.129', dev: 'eth3', lladdr: '52:54:00:00:00:ff' } });
  expect(ping()).toBe(true);
  run({ neighbour: { dst: '192.168.18.129', dev: 'eth3', lladdr: '52:54:00:00:00:ee' } });
  expect(ping()).toBe(false);
});
