/** Open vSwitch that was set up by hand, captured and made anew beside other daemons. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { capture, captureReads } from '../../src/capture/capture.js';
import { playbookText } from '../../src/capture/playbook.js';
import { applyIn, changesIn, planIn, problemsIn, stepsOf, type Wish } from '../support/apply.js';
import { readSnapshot } from '../support/facts.js';
import { createNetns, type Netns } from '../support/netns.js';
import { dumpOvs, type OpenVswitch, startOvs } from '../support/ovs.js';

interface Host {
  netns: Netns;
  ovs: OpenVswitch;
}
let [hand, copy]: Host[] = [];

async function newHost(): Promise<Host> {
  const netns = await createNetns();
  const ovs = startOvs(netns);
  netns.must(`echo 1 > /proc/sys/net/ipv6/conf/default/addr_gen_mode
for n in 0 1; do
  ip link add eth$n address 52:54:00:00:00:0$n type veth peer name p$n address 52:54:00:00:01:0$n
  ip link set p$n up
done`);
  return { netns, ovs };
}

beforeEach(async () => {
  [hand, copy] = await Promise.all([newHost(), newHost()]);
});
afterEach(() => {
  for (const host of [hand, copy]) {
    host?.ovs.stop();
    host?.netns.close();
  }
});

const BY_HAND = `set -e
ovs-vsctl add-br br0 -- set bridge br0 datapath_type=netdev other_config:hwaddr=02:00:00:00:00:b0 rstp_enable=true external_ids:owner=me
ovs-vsctl add-br br1 -- set bridge br1 datapath_type=netdev other_config:hwaddr=02:00:00:00:00:b1 fail_mode=secure
ip link set eth0 up
ovs-vsctl add-port br0 eth0 tag=10 -- set interface eth0 ofport_request=7 ingress_policing_rate=20000 ingress_policing_burst=8000
ip link set eth1 up
ovs-vsctl add-port br0 eth1 trunks=10,20
ovs-vsctl add-port br0 in0 -- set interface in0 type=internal mac='"02:00:00:00:00:11"' external_ids:iface-id=vm1
ovs-vsctl add-port br0 pa -- set interface pa type=patch options:peer=pb -- add-port br1 pb -- set interface pb type=patch options:peer=pa
ovs-vsctl add-port br1 vx -- set interface vx type=vxlan options:remote_ip=192.0.2.2 options:key=7
ip link set br0 up
ip link set in0 up
ip addr add 10.0.0.1/24 dev in0
ip route add 10.9.0.0/16 via 10.0.0.9 dev in0
ip link add link in0 name mv address 02:00:00:00:00:13 type macvlan mode bridge
ip addr add 10.1.0.1/24 dev mv
ovs-vsctl set port eth1 qos=@q -- --id=@q create qos type=linux-htb other-config:max-rate=100000000 queues:1=@q1 external_ids:netplay=eth1 -- --id=@q1 create queue other-config:max-rate=20000000 other-config:min-rate=1000000 dscp=46 external_ids:netplay=eth1/1
ovs-ofctl add-flow br1 'priority=100,ip,nw_dst=10.2.0.0/16,in_port=pb,actions=output:vx'
ovs-ofctl add-flow br0 'table=1,arp,cookie=0x5,actions=drop'`;

/** Tasks one by one, as a playbook has them. */
function wishesOf(netns: Netns): { wishes: Wish[]; text: string; leftOut: readonly string[] } {
  const captured = capture(readSnapshot(netns, captureReads));
  return {
    wishes: captured.tasks.flatMap(({ resource, items }) =>
      items.map((params) => ({ [resource.name]: params })),
    ),
    text: playbookText([{ host: 'h', ...captured, differs: [] }]),
    leftOut: captured.leftOut.map(({ what, why }) => `${what}: ${why}`),
  };
}

function comparable(dump: string): string[] {
  return (
    dump
      // What nobody signed becomes netplay's own.
      .replaceAll(/ proto (boot|netplay)| cookie=0x6e6574706c6179,/g, '')
      .replaceAll(/link\/ether (?!02:00|52:54)[\da-f:]+/g, 'link/ether RANDOM')
      .replaceAll(
        / (qlen|promiscuity|usedbcqueuelen|numtxqueues) \d+| bridge_id \S+| designated_\S+ \S+/g,
        '',
      )
      .split('\n')
      .filter((line) => !/\bfe80:/.test(line))
  );
}

test('a copy has all of it, a second run changes nothing, and its capture is the same', () => {
  if (hand === undefined || copy === undefined) throw new Error('both hosts are there');
  hand.netns.must(BY_HAND);
  const { wishes, text, leftOut } = wishesOf(hand.netns);
  expect(leftOut).toEqual([]);
  const own = planIn(hand.netns, wishes);
  expect([
    ...problemsIn(own),
    ...changesIn(own).filter((change) => !/sysctl\.d|rt_proto/.test(change)),
  ]).toEqual([]);

  const plan = planIn(copy.netns, wishes);
  expect(problemsIn(plan)).toEqual([]);
  expect(applyIn(copy.netns, stepsOf(plan))).toEqual([]);
  const again = planIn(copy.netns, wishes);
  expect([...problemsIn(again), ...changesIn(again)]).toEqual([]);
  expect(comparable(dumpOvs(copy.netns))).toEqual(comparable(dumpOvs(hand.netns)));
  expect(wishesOf(copy.netns).text).toBe(text);
});
