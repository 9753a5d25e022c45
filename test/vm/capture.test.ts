/** `netplay capture` of what only a stock kernel has: bonds, VLANs, VRFs, tunnels, netem; another machine becomes its equal. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Hosts, lacking, networkOf, randomMacs } from '../support/capture-states.js';
import { changesByHost, netplay, problemsOf, runJson } from '../support/cli.js';
import { makeFolder } from '../support/lab-runs.js';
import { startVm, type Vm } from '../support/vm.js';

/** What somebody typed. */
const TYPED = `set -e
ip link set eth1 up; ip addr add 10.9.1.15/24 dev eth1
ip link add bond0 address 02:00:00:00:00:b0 type bond mode active-backup miimon 100 updelay 200
ip link set eth2 down; ip link set eth2 master bond0; ip link set bond0 up
ip link add link bond0 name bond0.7 type vlan id 7 egress-qos-map 1:3; ip link set bond0.7 up
ip addr add 10.7.0.1/24 dev bond0.7
ip link add link eth1 name eth1.9 type vlan id 9 protocol 802.1ad; ip link set eth1.9 mtu 1400 up
ip link add dum1 address 02:00:00:00:00:d1 type dummy
ip link add vrf1 type vrf table 11; ip link set vrf1 up; ip link set dum1 master vrf1 up
ip addr add 10.11.0.1/24 dev dum1; ip route add default via 10.11.0.2 table 11
ip link add tun1 type gre local 10.9.1.15 remote 10.9.1.2 ttl 64 key 7; ip link set tun1 up; ip addr add 10.99.0.1/30 dev tun1
ip link add tap1 address 02:00:00:00:00:e1 type gretap local 10.9.1.15 remote 10.9.1.3; ip link set tap1 up
ip link add tun2 type ipip local 10.9.1.15 remote 10.9.1.4; ip link set tun2 up
ip link add br0 address 02:00:00:00:00:f0 type bridge vlan_filtering 1; ip link set br0 up; ip link set tap1 master br0
bridge vlan add dev tap1 vid 7 pvid untagged; bridge vlan del dev tap1 vid 1; bridge vlan add dev br0 vid 7 self
ip route add 10.12.0.0/16 via 10.9.1.2 table 12; ip rule add from 10.9.1.15 lookup 12 pref 120
tc qdisc add dev eth1 root handle 1: htb default 10; tc class add dev eth1 parent 1: classid 1:10 htb rate 8mbit
tc qdisc add dev eth1 parent 1:10 netem delay 5ms limit 100
tc qdisc add dev eth1 clsact; tc filter add dev eth1 ingress prio 5 protocol ip matchall action police rate 1mbit burst 10k conform-exceed drop
`;

const folder = makeFolder();
let hand: Vm;
let copy: Vm;

beforeAll(async () => {
  [hand, copy] = await Promise.all([startVm('hand'), startVm('copy')]);
});
afterAll(async () => {
  await Promise.all([hand?.stop(), copy?.stop()]);
  folder.remove();
});

test('bonds, VLANs, VRFs, tunnels and shaping are on the other machine as they are on the first', async () => {
  await hand.must(TYPED);
  const out = join(folder.path, 'out');
  const captured = await netplay(['capture', 'hand', '--as', 'copy', '-i', hand.inventory, '-o', out]);
  expect(captured.stderr).not.toContain('still change');
  expect(captured.code, captured.stderr).toBe(0);
  const site = join(out, 'site.yml');

  const run = await runJson(['-i', copy.inventory, site]);
  expect(problemsOf(run)).toEqual([]);
  expect(run.code).toBe(0);
  const again = await runJson(['-i', copy.inventory, site]);
  expect(Object.values(changesByHost(again)).flat()).toEqual([]);

  const hosts: Hosts = {
    exec: (host, [, , script = '']) => (host === 'hand' ? hand : copy).ssh(script),
  };
  const random = await randomMacs(hosts, 'copy');
  const [is, wanted] = await Promise.all(['copy', 'hand'].map((host) => networkOf(hosts, host, random)));
  expect({ lost: lacking(wanted, is), surplus: lacking(is, wanted) }).toEqual({ lost: [], surplus: [] });
});
