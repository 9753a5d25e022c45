/** Open vSwitch on its real daemons, with the userspace datapath: made, found again, changed, undone. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  applyIn,
  changesIn,
  planBackIn,
  planIn,
  problemsIn,
  stepsOf,
  undoOf,
  type Wish,
} from '../support/apply.js';
import { createNetns, type Netns } from '../support/netns.js';
import { dumpOvs, type OpenVswitch, startOvs } from '../support/ovs.js';

/** No IPv6, whose addresses come and go by themselves. */
const HOST = `set -e
echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6
for n in 0 1 2; do
  ip link add eth$n address 52:54:00:00:00:0$n type veth peer name p$n
  ip link set p$n up
done
ip link set eth0 up; ip link set eth1 up`;

/** A bridge with a VLAN port and an internal one. */
const BRIDGE = `ovs-vsctl -- add-br br0 -- set Bridge br0 datapath_type=netdev other_config:hwaddr='"52:54:00:00:00:aa"' \
-- add-port br0 eth0 -- set Port eth0 tag=5 trunks=1,2 vlan_mode=native-tagged 'external_ids:"a b"="x \\"y\\", z"' \
-- add-port br0 int0 -- set Interface int0 type=internal external_ids:iface-id=vm1
ip link set br0 up; ip link set int0 up`;
const QOS = `ovs-vsctl -- set Port eth0 qos=@q -- --id=@q create QoS type=linux-htb other_config:max-rate=30000000 queues:0=@q0 queues:1=@q1 \
-- --id=@q0 create Queue other_config:max-rate=30000000 -- --id=@q1 create Queue other_config:max-rate=5000000 dscp=46 > /dev/null`;

interface Case {
  name: string;
  /** What stands there before, in shell. */
  before?: string;
  tasks: readonly Wish[];
  /** As they are shown. */
  changes: readonly string[];
  /** Commands, each with what it must print afterwards. */
  shows?: Readonly<Record<string, string>>;
}

let netns: Netns;
let ovs: OpenVswitch;
beforeEach(async () => {
  netns = await createNetns();
  netns.must(HOST);
  ovs = startOvs(netns);
});
afterEach(() => {
  ovs.stop();
  netns.close();
});

/** Brings the host to what is asked for, finds nothing more to do, takes it back by the journal, and by the undo. */
function roundTrip(cases: readonly Case[]): void {
  test.each(cases)('$name', ({ before, tasks, changes, shows = {} }) => {
    if (before !== undefined) netns.must(`set -e\n${before}`);
    const first = dumpOvs(netns);

    const plans = planIn(netns, tasks);
    expect(problemsIn(plans)).toEqual([]);
    expect(changesIn(plans)).toEqual(changes);
    expect(dumpOvs(netns)).toBe(first);
    expect(applyIn(netns, stepsOf(plans))).toEqual([]);

    for (const [command, expected] of Object.entries(shows)) expect(netns.must(command)).toContain(expected);
    const again = planIn(netns, tasks);
    expect(problemsIn(again)).toEqual([]);
    expect(changesIn(again)).toEqual([]);

    const back = planBackIn(netns, plans);
    expect(back.problems ?? []).toEqual([]);
    expect(back.changes).toHaveLength(changes.length);

    expect(applyIn(netns, undoOf(plans))).toEqual([]);
    expect(dumpOvs(netns)).toBe(first);
  });
}

const get = (table: string, row: string, ...columns: string[]): string =>
  `ovs-vsctl get ${table} ${row} ${columns.join(' ')} | tr '\\n' ' '`;

describe('ovs_bridge', () => {
  roundTrip([
    {
      name: 'a bridge with every parameter',
      tasks: [
        {
          ovs_bridge: {
            ...{ name: 'br1', datapath_type: 'netdev', mac: '52:54:00:00:00:BB', fail_mode: 'secure' },
            ...{ stp: true, mcast_snooping: true, protocols: ['OpenFlow13', 'OpenFlow10'] },
            ...{
              controllers: ['tcp:127.0.0.1:6653', 'ptcp:0:127.0.0.1'],
              external_ids: { 'a b': 'x "y", z' },
            },
            other_config: { 'mac-table-size': 4096, 'forward-bpdu': true },
          },
        },
      ],
      changes: [
        'ovs_bridge br1: absent → datapath_type netdev fail_mode secure mcast_snooping_enable true protocols OpenFlow10,OpenFlow13 stp_enable true external_ids:a b x "y", z other_config:forward-bpdu true other_config:hwaddr 52:54:00:00:00:bb other_config:mac-table-size 4096 controllers ptcp:0:127.0.0.1 tcp:127.0.0.1:6653',
        'link br1 state: down → up',
      ],
      shows: {
        'ip link show br1': '52:54:00:00:00:bb',
        [get('Bridge', 'br1', 'fail_mode', 'stp_enable', 'external_ids')]:
          'secure true {"a b"="x \\"y\\", z"}',
      },
    },
    {
      name: 'every parameter of a bridge that is there',
      before: `${BRIDGE}; ovs-vsctl -- set Bridge br0 external_ids:x=1 -- set Bridge br0 external_ids:y=2 -- set-controller br0 tcp:127.0.0.1:1`,
      tasks: [
        {
          ovs_bridge: {
            ...{
              name: 'br0',
              mac: '52:54:00:00:00:cc',
              fail_mode: 'secure',
              rstp: true,
              mcast_snooping: true,
            },
            ...{ protocols: ['OpenFlow10', 'OpenFlow13'], controllers: ['tcp:127.0.0.1:6653'] },
            ...{ external_ids: { x: null, z: 3 }, other_config: { 'mac-aging-time': '60' }, up: false },
          },
        },
      ],
      changes: [
        'ovs_bridge br0: fail_mode none mcast_snooping_enable false protocols none rstp_enable false external_ids:x 1 external_ids:z none other_config:hwaddr 52:54:00:00:00:aa other_config:mac-aging-time none controllers tcp:127.0.0.1:1 → fail_mode secure mcast_snooping_enable true protocols OpenFlow10,OpenFlow13 rstp_enable true external_ids:x none external_ids:z 3 other_config:hwaddr 52:54:00:00:00:cc other_config:mac-aging-time 60 controllers tcp:127.0.0.1:6653',
        'link br0 state: up → down',
      ],
      shows: {
        [get('Bridge', 'br0', 'external_ids', 'rstp_enable')]: '{y="2", z="3"} true',
        'ip link show br0': '52:54:00:00:00:cc',
      },
    },
    {
      name: 'null clears, and what is left out stays',
      before: `${BRIDGE}; ovs-vsctl -- set Bridge br0 fail_mode=secure protocols=OpenFlow10,OpenFlow13 stp_enable=true external_ids:x=1 other_config:mac-aging-time=60 -- set-controller br0 tcp:127.0.0.1:1`,
      tasks: [
        {
          ovs_bridge: {
            ...{ name: 'br0', fail_mode: null, protocols: null, controllers: null, external_ids: null },
            other_config: { 'mac-aging-time': null },
          },
        },
      ],
      changes: [
        'ovs_bridge br0: fail_mode secure protocols OpenFlow10,OpenFlow13 external_ids:x 1 other_config:mac-aging-time 60 controllers tcp:127.0.0.1:1 → fail_mode none protocols none external_ids:x none other_config:mac-aging-time none controllers none',
      ],
      shows: { [get('Bridge', 'br0', 'stp_enable', 'other_config')]: 'true {hwaddr="52:54:00:00:00:aa"}' },
    },
    {
      name: 'a bridge goes with its ports, their QoS, addresses and routes',
      before: `${BRIDGE}; ${QOS}; ip addr add 10.9.0.1/24 dev br0; ip route add 10.10.0.0/16 via 10.9.0.2; ip addr add 10.8.0.1/24 dev int0
ovs-vsctl -- set-controller br0 tcp:127.0.0.1:1 -- set Interface eth0 ingress_policing_rate=1000 ingress_policing_burst=800`,
      tasks: [{ ovs_bridge: { name: 'br0', state: 'absent' } }],
      changes: [
        'ovs_bridge br0: datapath_type netdev other_config:hwaddr 52:54:00:00:00:aa controllers tcp:127.0.0.1:1 ports eth0, int0 → absent',
      ],
      shows: { 'ovs-vsctl -- list Bridge -- list Port -- list QoS -- list Queue; echo none': 'none' },
    },
    {
      name: 'absent again, and a host without the bridge',
      tasks: [
        { ovs_bridge: { name: 'br7', state: 'absent' } },
        { ovs_port: { name: 'eth7', state: 'absent' } },
        { ovs_qos: { port: 'eth7', state: 'absent' } },
        { ovs_rate_limit: { interface: 'eth7', state: 'absent' } },
        { ovs_flow: { bridge: 'br7', match: 'ip', state: 'absent' } },
      ],
      changes: [],
    },
  ]);
});

test('pitfall 36: a bridge whose MAC nobody set is pinned to the one that it has', () => {
  netns.must('ovs-vsctl -- add-br br0 -- set Bridge br0 datapath_type=netdev -- add-port br0 eth0');
  const mac = (): string => netns.must(['cat', '/sys/class/net/br0/address']).trim();
  const [own, first] = [mac(), dumpOvs(netns)];
  const plan = planIn(netns, [{ ovs_bridge: { name: 'br0', up: false } }]);
  expect(changesIn(plan)).toEqual([`ovs_bridge br0: other_config:hwaddr none → other_config:hwaddr ${own}`]);
  expect(applyIn(netns, stepsOf(plan))).toEqual([]);
  // Ovs-vswitchd that starts anew would choose another one.
  ovs.stopDaemon();
  netns.must('ip link del br0');
  ovs.startDaemon();
  expect(mac()).toBe(own);
  expect(applyIn(netns, undoOf(plan))).toEqual([]);
  expect(dumpOvs(netns)).toBe(first);
});

describe('ovs_port and ovs_interface', () => {
  roundTrip([
    {
      name: 'a device, a patch to another bridge, and what is planned upon an internal port',
      before: BRIDGE,
      tasks: [
        { ovs_bridge: { name: 'br1', datapath_type: 'netdev', mac: '52:54:00:00:00:bb' } },
        { ovs_port: { bridge: 'br0', name: 'to1', type: 'patch', options: { peer: 'to0' } } },
        { ovs_port: { bridge: 'br1', name: 'to0', type: 'patch', options: { peer: 'to1' } } },
        {
          ovs_port: {
            bridge: 'br1',
            name: 'eth2',
            vlan_mode: 'trunk',
            trunks: [20, 10],
            external_ids: { k: 'v' },
          },
        },
        {
          ovs_port: {
            bridge: 'br1',
            name: 'int1',
            type: 'internal',
            tag: 7,
            other_config: { 'stp-enable': false },
          },
        },
        { ovs_interface: { name: 'int1', mac: '52:54:00:00:00:dd', mtu_request: 1400 } },
        { address: { dev: 'int1', address: '10.7.0.1/24' } },
        { route: { dst: '10.70.0.0/16', via: '10.7.0.2', dev: 'int1' } },
      ],
      changes: [
        'ovs_bridge br1: absent → datapath_type netdev other_config:hwaddr 52:54:00:00:00:bb',
        'link br1 state: down → up',
        'ovs_port to1: absent → bridge br0 options:peer to0 type patch',
        'ovs_port to0: absent → bridge br1 options:peer to1 type patch',
        'ovs_port eth2: absent → bridge br1 trunks 10,20 vlan_mode trunk external_ids:k v',
        'link eth2 state: down → up',
        'ovs_port int1: absent → bridge br1 tag 7 other_config:stp-enable false type internal',
        'link int1 state: down → up',
        'ovs_interface int1: mac none mtu_request none → mac 52:54:00:00:00:dd mtu_request 1400',
        'address 10.7.0.1/24 dev int1: absent → 10.7.0.1/24',
        'rt_proto netplay: absent → 201 netplay',
        'route 10.70.0.0/16: absent → 10.70.0.0/16 via 10.7.0.2 dev int1',
      ],
      shows: { 'ip link show int1': 'mtu 1400', 'ip link show dev int1': '52:54:00:00:00:dd' },
    },
    {
      name: 'every parameter of a port that is there',
      before: BRIDGE,
      tasks: [
        {
          ovs_port: {
            ...{ bridge: 'br0', name: 'eth0', tag: 7, trunks: [3], vlan_mode: 'native-untagged', up: false },
            ...{ bond_updelay: 100, bond_downdelay: 200, lacp: 'passive', bond_mode: 'balance-slb' },
            ...{ external_ids: { 'a b': null, n: 1 }, other_config: { 'rstp-enable': 'false' } },
          },
        },
        { ovs_port: { name: 'int0', up: false, tag: 9 } },
      ],
      changes: [
        'ovs_port eth0 port: bond_downdelay 0 bond_mode none bond_updelay 0 lacp none tag 5 trunks 1,2 vlan_mode native-tagged external_ids:a b x "y", z external_ids:n none other_config:rstp-enable none → bond_downdelay 200 bond_mode balance-slb bond_updelay 100 lacp passive tag 7 trunks 3 vlan_mode native-untagged external_ids:a b none external_ids:n 1 other_config:rstp-enable false',
        'link eth0 state: up → down',
        'ovs_port int0 port: tag none → tag 9',
        'link int0 state: up → down',
      ],
    },
    {
      name: 'null clears a port, and what is left out stays',
      before: BRIDGE,
      tasks: [{ ovs_port: { name: 'eth0', tag: null, trunks: null, vlan_mode: null } }],
      changes: [
        'ovs_port eth0 port: tag 5 trunks 1,2 vlan_mode native-tagged → tag none trunks none vlan_mode none',
      ],
      shows: { [get('Port', 'eth0', 'tag', 'external_ids')]: '[] {"a b"=' },
    },
    {
      name: 'every parameter of an interface, and null',
      before: `${BRIDGE}; ovs-vsctl -- add-port br0 vx0 -- set Interface vx0 type=vxlan options:remote_ip=127.0.0.2 options:key=7 ofport_request=9`,
      tasks: [
        {
          ovs_interface: {
            ...{ name: 'int0', mac: '52:54:00:00:00:dd', mtu_request: 1300, ofport_request: 12 },
            ...{
              bfd: { enable: 'true' },
              lldp: { enable: 'true' },
              external_ids: { 'iface-id': null, x: 'y' },
            },
            other_config: { 'tx-steering': 'hash' },
          },
        },
        {
          ovs_interface: {
            name: 'vx0',
            options: { remote_ip: '127.0.0.3', key: null },
            ofport_request: null,
          },
        },
        { ovs_interface: { name: 'eth0', mtu_request: 1450 } },
      ],
      changes: [
        'ovs_interface int0: bfd:enable none lldp:enable none mac none mtu_request none ofport_request none external_ids:iface-id vm1 external_ids:x none other_config:tx-steering none → bfd:enable true lldp:enable true mac 52:54:00:00:00:dd mtu_request 1300 ofport_request 12 external_ids:iface-id none external_ids:x y other_config:tx-steering hash',
        'ovs_interface vx0: ofport_request 9 options:key 7 options:remote_ip 127.0.0.2 → ofport_request none options:key none options:remote_ip 127.0.0.3',
        'ovs_interface eth0: mtu_request none → mtu_request 1450',
      ],
      shows: { 'ip link show int0': 'mtu 1300', [get('Interface', 'int0', 'ofport')]: '12' },
    },
    {
      name: 'a bond, whose interfaces come and go while it stays',
      before: `${BRIDGE}; ip link set eth2 up; ovs-vsctl -- add-bond br0 bond0 eth1 eth2 -- set Port bond0 bond_mode=active-backup -- set Interface eth1 external_ids:k=v; ip link add eth3 type veth peer name p3; ip link set p3 up`,
      tasks: [{ ovs_port: { name: 'bond0', interfaces: ['eth2', 'eth3'], bond_mode: 'balance-slb' } }],
      changes: [
        'ovs_port bond0 interfaces: eth1,eth2 → eth2,eth3',
        'ovs_port bond0 port: bond_mode active-backup → bond_mode balance-slb',
        'link eth3 state: down → up',
      ],
      shows: { 'sleep 0.5; ovs-appctl bond/show bond0': 'eth3: enabled' },
    },
    {
      name: 'a bond is made, and goes',
      before: BRIDGE,
      tasks: [
        {
          ovs_port: {
            bridge: 'br0',
            name: 'bond0',
            interfaces: ['eth2', 'eth1'],
            lacp: 'active',
            bond_mode: 'balance-tcp',
          },
        },
      ],
      changes: [
        'ovs_port bond0: absent → bridge br0 interfaces eth1,eth2 bond_mode balance-tcp lacp active',
        'link eth2 state: down → up',
      ],
      shows: { 'ovs-appctl bond/show bond0': 'bond_mode: balance-tcp' },
    },
    {
      name: 'a port goes with its settings and its QoS; a device of the host stays',
      before: `${BRIDGE}; ${QOS}; ip addr add 10.8.0.1/24 dev int0; ip route add 10.80.0.0/16 via 10.8.0.2
ovs-vsctl -- add-bond br0 bond0 eth1 eth2 -- set Port bond0 lacp=active -- set Interface eth2 external_ids:k=v`,
      tasks: ['eth0', 'int0', 'bond0'].map((name) => ({ ovs_port: { name, state: 'absent' } })),
      changes: [
        'ovs_port eth0: bridge br0 tag 5 trunks 1,2 vlan_mode native-tagged external_ids:a b x "y", z → absent',
        'ovs_port int0: bridge br0 → absent',
        'ovs_port bond0: bridge br0 interfaces eth1,eth2 lacp active → absent',
      ],
      shows: { 'ovs-vsctl list-ports br0; ovs-vsctl list Queue; ip -br link show eth0': 'UP' },
    },
    {
      name: 'an interface becomes another kind of one',
      before: `${BRIDGE}; ip addr add 10.8.0.1/24 dev int0`,
      tasks: [{ ovs_port: { name: 'int0', type: 'patch', options: { peer: 'elsewhere' } } }],
      changes: ['ovs_port int0: options:peer none type internal → options:peer elsewhere type patch'],
      shows: { 'ip -br link show int0 2>&1 || true': 'does not exist' },
    },
  ]);
});

describe('ovs_rate_limit', () => {
  roundTrip([
    {
      name: 'pitfall 38: rates in any unit, in the kbit of Open vSwitch',
      before: BRIDGE,
      tasks: [
        {
          ovs_rate_limit: {
            interface: 'eth0',
            rate: '2.5mbps',
            burst: '16mbit',
            kpkts_rate: 10,
            kpkts_burst: 5,
          },
        },
        { ovs_rate_limit: { interface: 'int0', rate: '64000', burst: '64kbit' } },
      ],
      changes: [
        'ovs_rate_limit eth0: ingress_policing_burst 0 ingress_policing_kpkts_burst 0 ingress_policing_kpkts_rate 0 ingress_policing_rate 0 → ingress_policing_burst 16000 ingress_policing_kpkts_burst 5 ingress_policing_kpkts_rate 10 ingress_policing_rate 20000',
        'ovs_rate_limit int0: ingress_policing_burst 0 ingress_policing_rate 0 → ingress_policing_burst 64 ingress_policing_rate 64',
      ],
    },
    {
      name: 'a limit changes in place, is cleared by null, and goes',
      before: `${BRIDGE}; ovs-vsctl -- set Interface eth0 ingress_policing_rate=1000 ingress_policing_burst=800 -- set Interface int0 ingress_policing_rate=1000 ingress_policing_kpkts_rate=3`,
      tasks: [
        { ovs_rate_limit: { interface: 'eth0', rate: '1gbit', burst: null } },
        { ovs_rate_limit: { interface: 'int0', state: 'absent' } },
      ],
      changes: [
        'ovs_rate_limit eth0: ingress_policing_burst 800 ingress_policing_rate 1000 → ingress_policing_burst 0 ingress_policing_rate 1000000',
        'ovs_rate_limit int0: ingress_policing_kpkts_rate 3 ingress_policing_rate 1000 → ingress_policing_kpkts_rate 0 ingress_policing_rate 0',
      ],
    },
  ]);
});

const ROWS =
  'ovs-vsctl --bare --columns=_uuid list QoS | grep -c -; ovs-vsctl --bare --columns=_uuid list Queue | grep -c - || true';

describe('ovs_qos', () => {
  roundTrip([
    {
      name: 'a QoS with queues of every parameter',
      before: BRIDGE,
      tasks: [
        {
          ovs_qos: {
            port: 'eth0',
            max_rate: '100mbit',
            external_ids: { who: 'me' },
            queues: [
              { id: 0, max_rate: '100mbit' },
              { id: 3, min_rate: '1mbps', max_rate: '20mbit', burst: '1mbit', priority: 5, dscp: 46 },
            ],
          },
        },
        { ovs_qos: { port: 'int0', type: 'linux-hfsc', max_rate: '1gbit' } },
      ],
      changes: [
        'ovs_qos eth0: absent → linux-htb, max-rate 100mbit, queue 0 max-rate 100mbit, queue 3 burst 1mbit max-rate 20mbit min-rate 8mbit priority 5 dscp 46',
        'ovs_qos int0: absent → linux-hfsc, max-rate 1gbit',
      ],
      shows: { 'tc class show dev eth0': 'class htb 1:4 parent 1:fffe prio 5 rate 8Mbit ceil 20Mbit' },
    },
    {
      name: 'pitfall 43: a QoS that is there is changed in place, and leaves no rows behind',
      before: `${BRIDGE}; ${QOS}`,
      tasks: [
        {
          ovs_qos: {
            ...{ port: 'eth0', max_rate: '20mbit', type: 'linux-hfsc' },
            queues: [
              { id: 1, max_rate: '10mbit', min_rate: '1mbit', dscp: null },
              { id: 2, max_rate: '2mbit' },
            ],
          },
        },
      ],
      changes: [
        'ovs_qos eth0: linux-htb, max-rate 30mbit, queue 1 max-rate 5mbit dscp 46 → linux-hfsc, max-rate 20mbit, queue 1 max-rate 10mbit min-rate 1mbit, queue 2 max-rate 2mbit',
      ],
      shows: { [ROWS]: '1\n3\n' },
    },
    {
      name: 'exclusive takes the other queues away, null a setting, and absent all',
      before: `${BRIDGE}; ${QOS}; ovs-vsctl -- set Port int0 qos=@q -- --id=@q create QoS type=linux-htb external_ids:netplay=int0 > /dev/null`,
      tasks: [
        { ovs_qos: { port: 'eth0', max_rate: null, exclusive: true, queues: [{ id: 1 }] } },
        { ovs_qos: { port: 'int0', state: 'absent' } },
      ],
      changes: [
        'ovs_qos eth0: linux-htb, max-rate 30mbit, queue 0 max-rate 30mbit → linux-htb',
        'ovs_qos int0: linux-htb → absent',
      ],
      shows: { [ROWS]: '1\n1\n' },
    },
    {
      name: 'pitfall 43: orphans of netplay are cleared away, those of others are not',
      before: `${BRIDGE}; ${QOS}; ovs-vsctl -- create Queue external_ids:netplay=eth9/1 other_config:max-rate=5 -- create Queue external_ids:who=me > /dev/null`,
      tasks: [{ ovs_qos: { port: 'eth0', state: 'absent' } }],
      changes: [
        'ovs_qos eth0: linux-htb, max-rate 30mbit, queue 0 max-rate 30mbit, queue 1 max-rate 5mbit dscp 46 → absent',
        'ovs_qos rows that no port has: Queue max-rate 5bit → absent',
      ],
      shows: { 'ovs-vsctl --bare --columns=external_ids list Queue': 'who=me', [ROWS]: '0\n1\n' },
    },
    {
      name: 'what other ports and other QoS have as well stays',
      before: `${BRIDGE}; ${QOS}; u=$(ovs-vsctl get Port eth0 qos); ovs-vsctl set Port int0 qos=$u
q=$(ovs-vsctl --bare --columns=_uuid find Queue dscp=46); ovs-vsctl -- add-port br0 eth1 -- set Port eth1 qos=@q -- --id=@q create QoS type=linux-htb queues:1=$q > /dev/null`,
      tasks: [
        { ovs_qos: { port: 'eth0', state: 'absent' } },
        { ovs_qos: { port: 'eth1', queues: [{ id: 1, max_rate: '7mbit' }] } },
      ],
      changes: [
        'ovs_qos eth0: linux-htb, max-rate 30mbit, queue 0 max-rate 30mbit, queue 1 max-rate 5mbit dscp 46 → absent',
        'ovs_qos eth1: linux-htb, queue 1 max-rate 5mbit dscp 46 → linux-htb, queue 1 max-rate 7mbit dscp 46',
      ],
      shows: { [ROWS]: '2\n3\n' },
    },
    {
      name: 'two tasks add their queues to one QoS',
      before: BRIDGE,
      tasks: [
        { ovs_qos: { port: 'eth0', max_rate: '50mbit', queues: [{ id: 0, max_rate: '50mbit' }] } },
        { ovs_qos: { port: 'eth0', queues: [{ id: 1, max_rate: '5mbit' }] } },
      ],
      changes: [
        'ovs_qos eth0: absent → linux-htb, max-rate 50mbit, queue 0 max-rate 50mbit',
        'ovs_qos eth0: linux-htb, max-rate 50mbit → linux-htb, max-rate 50mbit, queue 1 max-rate 5mbit',
      ],
    },
  ]);
});

describe('ovs_flow', () => {
  roundTrip([
    {
      name: 'flows in any spelling, by the names of ports',
      before: BRIDGE,
      tasks: [
        {
          ovs_flow: {
            bridge: 'br0',
            priority: 9,
            match: 'dl_type=0x0800,in_port=int0,nw_dst=10.1.2.3/8',
            actions: 'enqueue:eth0:1',
          },
        },
        {
          ovs_flow: {
            bridge: 'br0',
            table: 3,
            match: 'tcp,tcp_dst=25,reg0=1',
            actions: 'drop',
            cookie: '0x10',
          },
        },
        {
          ovs_flow: {
            bridge: 'br0',
            priority: 7,
            match: 'in_port=eth0',
            actions: 'set_queue:2,output:int0,LOCAL',
          },
        },
        { ovs_flow: { bridge: 'br0', priority: 1, actions: 'normal' } },
      ],
      changes: [
        'ovs_flow br0 table=0 priority=9 in_port=int0,ip,nw_dst=10.0.0.0/8: absent → actions set_queue:1,output:eth0,pop_queue',
        'ovs_flow br0 table=3 priority=32768 reg0=0x1,tcp,tp_dst=25: absent → cookie 0x10 actions drop',
        'ovs_flow br0 table=0 priority=7 in_port=eth0: absent → actions set_queue:2,output:int0,LOCAL',
        'ovs_flow br0 table=0 priority=1: absent → actions NORMAL',
      ],
    },
    {
      name: 'a flow with the same match gets other actions, one goes, others stay',
      before: `${BRIDGE}; ovs-ofctl add-flow br0 cookie=7,priority=9,ip,actions=drop; ovs-ofctl add-flow br0 in_port=eth0,idle_timeout=600,cookie=5,actions=drop; ovs-ofctl add-flow br0 udp,actions=drop`,
      tasks: [
        { ovs_flow: { bridge: 'br0', priority: 9, match: 'ip', actions: 'set_queue:1,NORMAL' } },
        { ovs_flow: { bridge: 'br0', match: 'in_port=eth0', state: 'absent' } },
      ],
      changes: [
        'ovs_flow br0 table=0 priority=9 ip: cookie 0x7 actions drop → cookie 0x7 actions set_queue:1,NORMAL',
        'ovs_flow br0 table=0 priority=32768 in_port=eth0: cookie 0x5 idle_timeout=600 actions drop → absent',
      ],
    },
    {
      name: 'a bridge that speaks OpenFlow 1.3 alone',
      before: `${BRIDGE}; ovs-vsctl set Bridge br0 protocols=OpenFlow13`,
      tasks: [
        { ovs_flow: { bridge: 'br0', match: 'in_port=eth0,ip', actions: 'enqueue:int0:1,mod_vlan_vid:7' } },
      ],
      changes: [
        'ovs_flow br0 table=0 priority=32768 in_port=eth0,ip: absent → actions set_queue:1,output:int0,pop_queue,push_vlan:0x8100,set_field:4103->vlan_vid',
      ],
    },
  ]);
});
