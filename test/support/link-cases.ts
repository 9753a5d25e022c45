/**
 * What tasks do to made-up links on a real kernel, as data: the same cases run in a namespace, and, for the
 * kinds that its kernel lacks, in an emulated machine.
 */
import type { KindName } from '../../src/snapshot/kinds/kinds.js';
import type { Wish } from './apply.js';

export interface LinkCase {
  kind: KindName;
  name: string;
  /** What stands there before, in shell. */
  before?: string;
  tasks: readonly Wish[];
  /** As they are shown; left out where there are too many to tell. */
  changes?: readonly string[];
  warnings?: readonly string[];
  /** Commands, each with what it must print afterwards. */
  shows?: Readonly<Record<string, string>>;
}

export interface Refusal {
  kind: KindName;
  name: string;
  before?: string;
  task: Wish;
  problem: string;
}

/** No link-local addresses, no duplicate detection, and MACs that don't change from run to run. */
export const LINK_HOST = `set -e
echo 1 > /proc/sys/net/ipv6/conf/default/addr_gen_mode
echo 0 > /proc/sys/net/ipv6/conf/default/accept_dad
for n in 0 1; do
  ip link add name eth$n address 52:54:00:00:00:0$n type veth peer name p$n address 52:54:00:00:01:0$n
  ip link set dev p$n up
  ip link set dev eth$n up
done
ip addr add 192.168.1.1/24 dev eth0
ip addr add 2001:db8:1::1/64 dev eth0
ip route add default via 192.168.1.254 dev eth0
`;

/** All that a task may change, as the kernel tells it; what changes by itself (carriers, timers, numbers) left out. */
export const LINK_DUMP = `for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
  # The kernel makes an IPv6 address's own route a moment later.
  [ "$(ip -6 -o addr | wc -l)" = "$(ip -6 route show table all type local | wc -l)" ] && break
  sleep 0.05
done
ip -d -o link | sed 's/^[0-9]*: //; s/[a-z_]*timer *[0-9.]*//g; s/NO-CARRIER,//; s/,LOWER_UP//; s/,M-DOWN//; s/ qdisc [a-z_]*//; s/ state [A-Za-z]*//g; s/ port_id [^ ]* port_no [^ ]*//; s/ designated_[a-z]* [^ ]*//g; s/ link-netnsid [0-9]*//; s/ promiscuity [0-9]*  *allmulti [0-9]*//; s/ usedbcqueuelen [0-9]*//; s/permaddr [^ ]*//; s/ tso_max_[a-z]* [0-9]*//g; s/@if[0-9]*/@if/' | sort
ip -o addr | sed 's/^[0-9]*: //; s/ tentative//' | sort -s -k 1,1
ip -4 -d route show table all | sed 's/ linkdown//' | sort; ip -6 -d route show table all | grep -v -e ff00:: -e '^local fe80' | sed 's/ linkdown//' | sort
ip -d rule; ip -d -6 rule; ip neigh show nud permanent | sort; ip neigh show proxy | sort
grep -r '' /proc/sys/net/ipv4/conf /proc/sys/net/ipv6/conf 2>/dev/null | grep -v stable_secret | sort`;

const PAIR = 'ip link add name a address 02:00:00:00:00:0a type veth peer name b address 02:00:00:00:00:0b';
/** All that hangs on a link, to see that it comes back. */
const LOADED = (dev: string): string => `ip link set dev ${dev} up
ip addr add 10.7.0.1/24 dev ${dev}; ip addr add 2001:db8:7::1/64 dev ${dev}
ip route add 10.8.0.0/16 via 10.7.0.9 dev ${dev}; ip route add 10.8.0.0/16 via 10.7.0.9 dev ${dev} table 70
ip -6 route add 2001:db8:8::/64 via 2001:db8:7::9 dev ${dev}
ip rule add iif ${dev} lookup 70 pref 70
ip neigh add 10.7.0.5 lladdr 02:00:00:00:00:55 dev ${dev} nud permanent; ip neigh add proxy 10.7.0.6 dev ${dev}
echo 1 > /proc/sys/net/ipv4/conf/${dev}/arp_ignore; echo 0 > /proc/sys/net/ipv6/conf/${dev}/accept_ra`;

const VETH: readonly LinkCase[] = [
  {
    kind: 'veth',
    name: 'a pair, with all that can be said of it',
    tasks: [
      {
        veth: {
          ...{ name: 'a', peer: 'b', mac: '02:00:00:00:00:0a', mtu: 1400, txqueuelen: 500, alias: 'to b' },
          ...{ peer_mac: '02:00:00:00:00:0b', peer_mtu: 1300, peer_up: true, numtxqueues: 2, numrxqueues: 2 },
        },
      },
    ],
    changes: [
      'link a: absent → veth peer b numtxqueues 2 numrxqueues 2 mac 02:00:00:00:00:0a mtu 1400',
      'link a txqueuelen: 1000 → 500',
      'link a alias: absent → to b',
      'link a state: down → up',
      'link b state: down → up',
    ],
    shows: {
      'ip -o link show dev a': 'mtu 1400',
      'ip -o link show dev b': 'mtu 1300',
      'ip -d -o link show dev a': 'numtxqueues 2 numrxqueues 2',
      'cat /sys/class/net/a/operstate': 'up',
    },
  },
  {
    kind: 'veth',
    name: 'each end has a task of its own',
    tasks: [{ veth: { name: 'a', peer: 'b' } }, { veth: { name: 'b', peer: 'a', mtu: 1400 } }],
    changes: [
      'link a: absent → veth peer b',
      'link a state: down → up',
      'link b mtu: 1500 → 1400',
      'link b state: down → up',
    ],
  },
  {
    kind: 'veth',
    name: 'attributes of both ends change in place',
    before: `${PAIR}; ip link add name br0 address 02:00:00:00:00:b0 type bridge`,
    tasks: [
      {
        veth: {
          ...{
            name: 'a',
            peer: 'b',
            mac: '02:00:00:00:00:1a',
            mtu: 1400,
            alias: 'x',
            txqueuelen: 7,
            master: 'br0',
          },
          ...{ peer_mac: '02:00:00:00:00:1b', peer_mtu: 1300, peer_up: true },
        },
      },
    ],
    shows: { 'ip -o link show dev a': 'master br0', 'ip -o link show dev b': '02:00:00:00:00:1b' },
  },
  {
    kind: 'veth',
    name: 'null clears alias, master and the length of the queue; what is left out stays',
    before: `${PAIR}; ip link add name br0 address 02:00:00:00:00:b0 type bridge; ip link set dev a up mtu 1400 master br0 alias x txqueuelen 7`,
    tasks: [{ veth: { name: 'a', peer: 'b', alias: null, master: null, txqueuelen: null } }],
    changes: ['link a txqueuelen: 7 → 1000', 'link a alias: x → absent', 'link a master: br0 → absent'],
    shows: { 'ip -o link show dev a': 'mtu 1400' },
  },
  {
    kind: 'veth',
    name: 'another peer: made anew, with all that it had',
    before: `${PAIR}; ${LOADED('a')}; ip link set dev b up`,
    tasks: [{ veth: { name: 'a', peer: 'c' } }],
    changes: ['link a: veth peer b → veth peer c'],
    warnings: [
      'a must be made anew to change this; 10.7.0.1/24, 2001:db8:7::1/64, 3 routes go for that moment and are put back',
      'b goes for good: c takes its place, without its addresses and routes',
    ],
    shows: {
      'ip -o link show dev c': '02:00:00:00:00:0b',
      'ip route show table 70': '10.8.0.0/16 via 10.7.0.9 dev a',
      'cat /proc/sys/net/ipv4/conf/a/arp_ignore': '1',
    },
  },
  {
    kind: 'veth',
    name: 'another number of queues: made anew',
    before: `ip link add name a numtxqueues 2 numrxqueues 2 address 02:00:00:00:00:0a type veth peer name b address 02:00:00:00:00:0b; ${LOADED('a')}`,
    tasks: [{ veth: { name: 'a', peer: 'b', numtxqueues: 3 } }],
    shows: { 'ip -d -o link show dev a': 'numtxqueues 3 numrxqueues 2' },
  },
  {
    kind: 'veth',
    name: 'the other end in another namespace',
    before: 'mkdir -p /run/netns; mount -t tmpfs none /run/netns; ip netns add blue',
    tasks: [
      {
        veth: { name: 'a', peer: 'eth0', peer_netns: 'blue', peer_mac: '02:00:00:00:00:0b', peer_mtu: 1400 },
      },
    ],
    changes: ['link a: absent → veth peer eth0 peer_netns blue', 'link a state: down → up'],
    shows: { 'ip netns exec blue ip -o link show dev eth0': 'link/ether 02:00:00:00:00:0b' },
  },
  {
    kind: 'veth',
    name: 'removed with its peer, which comes back with it',
    before: `${PAIR}; ${LOADED('b')}; ip link set dev a up mtu 1400 txqueuelen 7 alias x; ip link property add dev a altname other; ip link set dev a group 5 promisc on`,
    tasks: [{ veth: { name: 'a', state: 'absent' } }],
    changes: ['link a: veth peer b → absent'],
    warnings: ['removing a removes the link b, 10.7.0.1/24, 2001:db8:7::1/64, 3 routes'],
    shows: { 'ip -o link': 'eth0' },
  },
  { kind: 'veth', name: 'absent already', tasks: [{ veth: { name: 'a', state: 'absent' } }], changes: [] },
];

const IFB: readonly LinkCase[] = [
  {
    kind: 'ifb',
    name: 'made, with queues',
    tasks: [{ ifb: { name: 'ifb7', numtxqueues: 2, numrxqueues: 2, mtu: 1400, mac: '02:00:00:00:00:07' } }],
    changes: [
      'link ifb7: absent → ifb numtxqueues 2 numrxqueues 2 mac 02:00:00:00:00:07 mtu 1400',
      'link ifb7 state: down → up',
    ],
    shows: { 'ip -d -o link show dev ifb7': 'numtxqueues 2' },
  },
  {
    kind: 'ifb',
    name: 'other queues: made anew; the length of the queue as new',
    before: `ip link add name ifb7 address 02:00:00:00:00:07 type ifb; ${LOADED('ifb7')}; ip link set dev ifb7 txqueuelen 99`,
    tasks: [{ ifb: { name: 'ifb7', numtxqueues: 3, txqueuelen: null } }],
    shows: { 'ip -d -o link show dev ifb7': 'qlen 32' },
  },
  {
    kind: 'ifb',
    name: 'down, then removed',
    before: `ip link add name ifb7 address 02:00:00:00:00:07 type ifb; ${LOADED('ifb7')}`,
    tasks: [{ ifb: { name: 'ifb7', up: false } }, { ifb: { name: 'ifb7', state: 'absent' } }],
    changes: ['link ifb7 state: up → down', 'link ifb7: ifb → absent'],
  },
  { kind: 'ifb', name: 'absent already', tasks: [{ ifb: { name: 'ifb7', state: 'absent' } }], changes: [] },
];

const MACVLAN_OLD = 'ip link add link eth0 name mv address 02:00:00:00:00:0c type macvlan';
const MACVLAN: readonly LinkCase[] = [
  {
    kind: 'macvlan',
    name: 'made, and changed in place',
    tasks: [
      { macvlan: { name: 'mv', link: 'eth0', mode: 'bridge', mac: '02:00:00:00:00:0c', mtu: 1400 } },
      { macvlan: { name: 'mv', link: 'eth0', mode: 'private', bcqueuelen: 500 } },
      {
        macvlan: {
          name: 'mv',
          link: 'eth0',
          mode: 'source',
          macaddr: ['02:00:00:00:00:02', '02:00:00:00:00:01'],
        },
      },
    ],
    changes: [
      'link mv: absent → macvlan link eth0 mode bridge mac 02:00:00:00:00:0c mtu 1400',
      'link mv state: down → up',
      'link mv mode: bridge → private',
      'link mv bcqueuelen: 1000 → 500',
      'link mv mode: private → source',
      'link mv macaddr: absent → 02:00:00:00:00:01 02:00:00:00:00:02',
    ],
    shows: { 'ip -d -o link show dev mv': 'mode source bcqueuelen 500' },
  },
  {
    kind: 'macvlan',
    name: 'made as source with a list, which changes and is cleared',
    tasks: [
      { macvlan: { name: 'mv', link: 'eth0', mode: 'source', macaddr: ['02:00:00:00:00:02'] } },
      { macvlan: { name: 'mv', link: 'eth0', macaddr: ['02:00:00:00:00:03'] } },
      { macvlan: { name: 'mv', link: 'eth0', macaddr: null, bcqueuelen: null } },
    ],
    shows: { 'ip -d -o link show dev mv': 'remotes (0)' },
  },
  {
    kind: 'macvlan',
    name: 'source with a list becomes bridge: the list goes first',
    before: `${MACVLAN_OLD} mode source; ip link set dev mv up type macvlan macaddr add 02:00:00:00:00:01`,
    tasks: [{ macvlan: { name: 'mv', link: 'eth0', mode: 'bridge' } }],
    changes: ['link mv macaddr: 02:00:00:00:00:01 → absent', 'link mv mode: source → bridge'],
  },
  {
    kind: 'macvlan',
    name: 'to another device, and to passthru: made anew',
    before: `${MACVLAN_OLD} mode bridge; ${LOADED('mv')}`,
    tasks: [
      { macvlan: { name: 'mv', link: 'eth1' } },
      { macvlan: { name: 'mv2', link: 'eth0', mode: 'passthru', nopromisc: true } },
      { macvlan: { name: 'mv2', link: 'eth0', nopromisc: false } },
    ],
    shows: {
      'ip -d -o link show dev mv': 'mv@eth1',
      'ip -d -o link show dev mv2': 'mode passthru bcqueuelen',
    },
  },
  {
    kind: 'macvlan',
    name: 'removed, with addresses, routes, rules and neighbours',
    before: `${MACVLAN_OLD} mode source macaddr add 02:00:00:00:00:01; ${LOADED('mv')}; ip link set dev mv mtu 1400`,
    tasks: [{ macvlan: { name: 'mv', state: 'absent' } }],
    changes: ['link mv: macvlan link eth0 mode source macaddr 02:00:00:00:00:01 → absent'],
  },
  {
    kind: 'macvlan',
    name: 'it goes with the device below, and comes back with it',
    before: `${PAIR}; ip link set dev a up; ip link add link a name mv address 02:00:00:00:00:0c type macvlan mode bridge; ${LOADED('mv')}`,
    tasks: [{ veth: { name: 'b', state: 'absent' } }],
    changes: ['link b: veth peer a → absent'],
    warnings: ['removing b removes the link a, the link mv, 10.7.0.1/24, 2001:db8:7::1/64, 3 routes'],
  },
  {
    kind: 'macvlan',
    name: 'it is never larger than the device below',
    before: `${MACVLAN_OLD} mode bridge; ${LOADED('mv')}`,
    tasks: [{ link: { name: 'eth0', mtu: 1400 } }, { macvlan: { name: 'mv', link: 'eth0', mtu: 1400 } }],
    changes: ['link eth0 mtu: 1500 → 1400'],
  },
  {
    kind: 'macvlan',
    name: 'absent already',
    tasks: [{ macvlan: { name: 'mv', state: 'absent' } }],
    changes: [],
  },
];

const VXLAN_OLD = `ip link add name vx address 02:00:00:00:00:0d type vxlan id 5 local 192.168.1.1 dstport 4789 dev eth0`;
const VXLAN: readonly LinkCase[] = [
  {
    kind: 'vxlan',
    name: 'made with all that can be said of it',
    tasks: [
      {
        vxlan: {
          ...{ name: 'vx', id: 5, remote: '192.168.1.2', local: '192.168.1.1', dev: 'eth0', dstport: 4789 },
          ...{
            srcport: '40000-50000',
            ttl: 5,
            tos: 16,
            df: 'set',
            learning: false,
            ageing: 100,
            maxaddress: 50,
          },
          ...{ proxy: true, rsc: true, l2miss: true, l3miss: true, udpcsum: false, gbp: true },
          ...{ udp6zerocsumtx: true, udp6zerocsumrx: true, mtu: 1400 },
        },
      },
    ],
    shows: {
      'ip -d -o link show dev vx':
        'remote 192.168.1.2 local 192.168.1.1 dev eth0 srcport 40000 50000 dstport 4789',
    },
  },
  {
    kind: 'vxlan',
    name: 'what can be changed in place is',
    before: `${VXLAN_OLD} remote 192.168.1.2; ${LOADED('vx')}`,
    tasks: [
      {
        vxlan: {
          ...{ name: 'vx', id: 5, remote: '192.168.1.3', local: '192.168.1.9', dev: 'eth1' },
          ...{ ttl: 5, tos: 'inherit', df: 'set', learning: false, ageing: 100 },
        },
      },
    ],
    changes: [
      'link vx learning: on → off',
      'link vx remote: 192.168.1.2 → 192.168.1.3',
      'link vx local: 192.168.1.1 → 192.168.1.9',
      'link vx dev: eth0 → eth1',
      'link vx ttl: auto → 5',
      'link vx df: unset → set',
      'link vx ageing: 300 → 100',
    ].toSpliced(0, 0, 'link vx tos: 0x0 → inherit'),
  },
  {
    kind: 'vxlan',
    name: 'from one to a group, and to nobody',
    before: `${VXLAN_OLD} remote 192.168.1.2 ttl 4; ip link set dev vx up`,
    tasks: [
      { vxlan: { name: 'vx', id: 5, group: '239.1.1.1' } },
      { vxlan: { name: 'vx', id: 5, remote: null, ttl: null } },
    ],
    changes: [
      'link vx remote: 192.168.1.2 → 239.1.1.1',
      'link vx remote: 239.1.1.1 → absent',
      'link vx ttl: 4 → auto',
    ],
  },
  {
    kind: 'vxlan',
    name: 'what a VXLAN has from its making: made anew',
    before: `${VXLAN_OLD}; ${LOADED('vx')}`,
    tasks: [
      { vxlan: { name: 'vx', id: 6, dstport: 4790 } },
      { vxlan: { name: 'vx', id: 6, srcport: '1-9', maxaddress: 3, ttl: 'inherit' } },
      {
        vxlan: {
          name: 'vx',
          id: 6,
          proxy: true,
          rsc: true,
          l2miss: true,
          l3miss: true,
          udpcsum: false,
          gbp: true,
        },
      },
      { vxlan: { name: 'vx', id: 6, udp6zerocsumtx: true, udp6zerocsumrx: true, local: null, dev: null } },
    ],
    shows: { 'ip -d -o link show dev vx': 'vxlan id 6 srcport 1 9 dstport 4790' },
  },
  {
    kind: 'vxlan',
    name: 'over IPv6, with a flow label',
    tasks: [
      {
        vxlan: {
          name: 'vx',
          id: 5,
          remote: '2001:DB8:1::2',
          local: '2001:db8:1::1',
          dstport: 4789,
          flowlabel: 5,
        },
      },
      { vxlan: { name: 'vx', id: 5, flowlabel: null } },
    ],
    shows: { 'ip -d -o link show dev vx': 'remote 2001:db8:1::2 local 2001:db8:1::1' },
  },
  {
    kind: 'vxlan',
    name: 'external: each packet says where it goes',
    tasks: [{ vxlan: { name: 'vx', external: true, dstport: 4789 } }],
    shows: { 'ip -d -o link show dev vx': 'external id 0' },
  },
  {
    kind: 'vxlan',
    name: 'it goes with its device, and comes back with it',
    before: `${PAIR}; ip link set dev a up; ip link add name vx address 02:00:00:00:00:0d type vxlan id 5 dstport 4789 dev a; ${LOADED('vx')}`,
    tasks: [{ veth: { name: 'a', state: 'absent' } }],
  },
  {
    kind: 'vxlan',
    name: 'removed',
    before: `${VXLAN_OLD} srcport 5 10 ttl 3 nolearning; ${LOADED('vx')}; ip link set dev vx mtu 1300`,
    tasks: [{ vxlan: { name: 'vx', state: 'absent' } }],
  },
  { kind: 'vxlan', name: 'absent already', tasks: [{ vxlan: { name: 'vx', state: 'absent' } }], changes: [] },
];

const VLAN_OLD = 'ip link add link eth0 name vl type vlan id 5';
const VLAN: readonly LinkCase[] = [
  {
    kind: 'vlan',
    name: 'made with all that can be said of it',
    tasks: [
      {
        vlan: {
          ...{ name: 'eth0.7', link: 'eth0', id: 7, protocol: '802.1ad', reorder_hdr: false, gvrp: true },
          ...{ mvrp: true, loose_binding: true, bridge_binding: true, mac: '02:00:00:00:00:07', mtu: 1400 },
          ...{ ingress_qos_map: { 1: 2, 3: 4 }, egress_qos_map: { 6: 5 } },
        },
      },
    ],
    shows: {
      'ip -d -o link show dev eth0.7': 'protocol 802.1ad id 7 <GVRP,MVRP,LOOSE_BINDING,BRIDGE_BINDING>',
    },
  },
  {
    kind: 'vlan',
    name: 'flags and maps change in place',
    before: `${VLAN_OLD} ingress-qos-map 1:2 3:4 egress-qos-map 2:5; ${LOADED('vl')}`,
    tasks: [
      {
        vlan: {
          ...{ name: 'vl', link: 'eth0', id: 5, reorder_hdr: false, gvrp: true, mvrp: true },
          ...{
            loose_binding: true,
            bridge_binding: true,
            ingress_qos_map: { 3: 5, 7: 1 },
            egress_qos_map: null,
          },
        },
      },
    ],
    changes: [
      'link vl egress_qos_map: 2:5 → absent',
      'link vl reorder_hdr: on → off',
      'link vl gvrp: off → on',
      'link vl mvrp: off → on',
      'link vl loose_binding: off → on',
      'link vl bridge_binding: off → on',
      'link vl ingress_qos_map: 1:2 3:4 → 3:5 7:1',
    ],
  },
  {
    kind: 'vlan',
    name: 'another id, protocol and device: made anew, with the VLAN on top of it',
    before: `${VLAN_OLD} egress-qos-map 2:5; ${LOADED('vl')}; ip link add link vl name inner type vlan id 9; ip link set dev inner up; ip addr add 10.9.0.1/24 dev inner`,
    tasks: [
      { vlan: { name: 'vl', link: 'eth0', id: 6, gvrp: true } },
      { vlan: { name: 'vl', link: 'eth0', id: 6, protocol: '802.1ad' } },
      { vlan: { name: 'vl', link: 'eth1', id: 6 } },
    ],
    changes: [
      'link vl: vlan link eth0 id 5 egress_qos_map 2:5 → vlan link eth0 id 6 gvrp on egress_qos_map 2:5',
      'link vl: vlan link eth0 id 6 gvrp on egress_qos_map 2:5 → vlan link eth0 protocol 802.1ad id 6 gvrp on egress_qos_map 2:5',
      'link vl: vlan link eth0 protocol 802.1ad id 6 gvrp on egress_qos_map 2:5 → vlan link eth1 protocol 802.1ad id 6 gvrp on egress_qos_map 2:5',
    ],
    shows: { 'ip -o link show dev vl': '52:54:00:00:00:01', 'ip -o addr show dev inner': '10.9.0.1/24' },
  },
  {
    kind: 'vlan',
    name: 'on a veth: both go with the pair, and come back',
    before: `${PAIR}; ip link set dev a up; ip link add link a name vl type vlan id 5 egress-qos-map 2:5; ${LOADED('vl')}; ip link add link vl name inner type vlan id 9`,
    tasks: [{ veth: { name: 'b', state: 'absent' } }],
    changes: ['link b: veth peer a → absent'],
  },
  {
    kind: 'vlan',
    name: 'on a bridge: it goes with that, and comes back',
    before: `ip link add name br0 address 02:00:00:00:00:b0 type bridge; ip link set dev br0 up; ip link add link br0 name vl type vlan id 5; ip link set dev vl up; ip addr add 10.7.0.1/24 dev vl; ip route add 10.8.0.0/16 via 10.7.0.9 dev vl`,
    tasks: [{ bridge: { name: 'br0', state: 'absent' } }],
  },
  {
    kind: 'vlan',
    name: 'it goes down and up with the device below',
    before: `${VLAN_OLD}; ${LOADED('vl')}; ip link add link eth0 name vl2 type vlan id 6; ip link add link eth0 name vl3 type vlan id 7 loose_binding on`,
    tasks: [
      { link: { name: 'eth0', state: 'down' } },
      { link: { name: 'eth0', state: 'up' } },
      { vlan: { name: 'vl2', link: 'eth0', id: 6 } },
      { vlan: { name: 'vl3', link: 'eth0', id: 7 } },
    ],
    changes: ['link eth0 state: up → down', 'link eth0 state: down → up', 'link vl3 state: down → up'],
  },
  {
    kind: 'vlan',
    name: 'it has the MAC of the device below, and is no larger',
    before: `${VLAN_OLD}; ${LOADED('vl')}`,
    tasks: [
      { link: { name: 'eth0', mtu: 1400, mac: '02:00:00:00:00:77' } },
      { vlan: { name: 'vl', link: 'eth0', id: 5, mtu: 1400, mac: '02:00:00:00:00:77' } },
    ],
    changes: ['link eth0 mac: 52:54:00:00:00:00 → 02:00:00:00:00:77', 'link eth0 mtu: 1500 → 1400'],
    shows: { 'ip -o link show dev vl': 'mtu 1400' },
  },
  {
    kind: 'vlan',
    name: 'removed',
    before: `${VLAN_OLD} gvrp on; ${LOADED('vl')}`,
    tasks: [{ vlan: { name: 'vl', state: 'absent' } }],
    changes: ['link vl: vlan link eth0 id 5 gvrp on → absent'],
  },
  { kind: 'vlan', name: 'absent already', tasks: [{ vlan: { name: 'vl', state: 'absent' } }], changes: [] },
];

const DUMMY: readonly LinkCase[] = [
  {
    kind: 'dummy',
    name: 'made, with an address',
    tasks: [
      { dummy: { name: 'dummy0', mtu: 9000, mac: '02:00:00:00:00:0e', alias: 'anycast' } },
      { address: { dev: 'dummy0', address: '192.0.2.80/32' } },
    ],
    shows: { 'ip -o addr show dev dummy0': '192.0.2.80/32', 'ip -br link': 'dummy0' },
  },
  {
    kind: 'dummy',
    name: 'removed',
    before: `ip link add name d address 02:00:00:00:00:0e type dummy; ${LOADED('d')}; ip link set dev d arp on`,
    tasks: [{ dummy: { name: 'd', state: 'absent' } }],
    changes: ['link d: dummy → absent'],
  },
  { kind: 'dummy', name: 'absent already', tasks: [{ dummy: { name: 'd', state: 'absent' } }], changes: [] },
];

/** A tunnel, whose device has no ARP. */
const TUNNELLED = (dev: string): string => `ip link set dev ${dev} up
ip addr add 10.7.0.1/24 dev ${dev}; ip addr add 2001:db8:7::1/64 dev ${dev}
ip route add 10.8.0.0/16 dev ${dev}; ip route add 10.8.0.0/16 via 10.7.0.9 dev ${dev} table 70; ip rule add iif ${dev} lookup 70 pref 70
echo 1 > /proc/sys/net/ipv4/conf/${dev}/rp_filter`;
const ENDS = { remote: '192.168.1.2', local: '192.168.1.1' };

const tunnelCases = (kind: 'gre' | 'gretap' | 'ipip'): readonly LinkCase[] => [
  {
    kind,
    name: 'made with what all tunnels have',
    tasks: [{ [kind]: { name: 't', ...ENDS, dev: 'eth0', ttl: 64, tos: 16, fwmark: '0x10', mtu: 1400 } }],
    changes: [
      `link t: absent → ${kind} remote 192.168.1.2 local 192.168.1.1 dev eth0 ttl 64 tos 0x10 fwmark 0x10 mtu 1400`,
      'link t state: down → up',
    ],
  },
  {
    kind,
    name: 'what can be changed in place is',
    before: `ip link add name t type ${kind} remote 192.168.1.2 local 192.168.1.1; ip link set dev t mtu 1300; ${TUNNELLED('t')}`,
    tasks: [
      {
        [kind]: {
          ...{ name: 't', remote: '192.168.1.3', local: '192.168.1.9', ttl: 64, tos: 'inherit', fwmark: 5 },
        },
      },
      { [kind]: { name: 't', local: null, ttl: null, tos: null, fwmark: null, pmtudisc: false } },
      { [kind]: { name: 't', pmtudisc: true } },
    ],
    changes: [
      'link t tos: 0x0 → inherit',
      'link t remote: 192.168.1.2 → 192.168.1.3',
      'link t local: 192.168.1.1 → 192.168.1.9',
      'link t ttl: inherit → 64',
      'link t fwmark: 0x0 → 0x5',
      'link t local: 192.168.1.9 → absent',
      'link t ttl: 64 → inherit',
      'link t pmtudisc: on → off',
      'link t tos: inherit → 0x0',
      'link t fwmark: 0x5 → 0x0',
      'link t pmtudisc: off → on',
    ],
  },
  {
    kind,
    name: 'to any, to a device and to no device: made anew, with all that it had',
    before: `ip link add name t type ${kind} remote 192.168.1.2 local 192.168.1.1 ttl 5; ip link set dev t mtu 1300; ${TUNNELLED('t')}`,
    tasks: [
      { [kind]: { name: 't', remote: null } },
      { [kind]: { name: 't', remote: '192.168.1.2', dev: 'eth0' } },
      { [kind]: { name: 't', dev: null } },
    ],
    shows: { 'ip -d -o link show dev t': 'remote 192.168.1.2 local 192.168.1.1 ttl 5' },
  },
  {
    kind,
    name: 'in UDP: any change makes it anew',
    tasks: [
      { [kind]: { name: 't', ...ENDS, encap: 'fou', encap_dport: 5555, encap_csum: true } },
      { [kind]: { name: 't', encap: 'gue', encap_sport: 7, encap_csum6: true, encap_remcsum: true, ttl: 9 } },
    ],
    shows: { 'ip -d -o link show dev t': 'ttl 9' },
  },
  {
    kind,
    name: 'external',
    tasks: [{ [kind]: { name: 't', external: true } }],
    shows: { 'ip -d -o link show dev t': 'external' },
  },
  {
    kind,
    name: 'removed',
    before: `ip link add name t type ${kind} remote 192.168.1.2 local 192.168.1.1 ttl 5; ${TUNNELLED('t')}`,
    tasks: [{ [kind]: { name: 't', state: 'absent' } }],
    changes: [`link t: ${kind} remote 192.168.1.2 local 192.168.1.1 ttl 5 → absent`],
  },
  { kind, name: 'absent already', tasks: [{ [kind]: { name: 't', state: 'absent' } }], changes: [] },
];

const greCases = (kind: 'gre' | 'gretap'): readonly LinkCase[] => [
  ...tunnelCases(kind),
  {
    kind,
    name: 'key, numbers and checksums, in place; the link is smaller by them',
    before: `ip link add name t type ${kind} remote 192.168.1.2 local 192.168.1.1; ${TUNNELLED('t')}`,
    tasks: [
      { [kind]: { name: 't', key: 5, seq: true, csum: true } },
      { [kind]: { name: 't', ikey: 7, okey: null, iseq: false, oseq: false, icsum: false } },
      { [kind]: { name: 't', key: null, csum: false, pmtudisc: false, ignore_df: true } },
      { [kind]: { name: 't', pmtudisc: true, ignore_df: false } },
    ],
  },
  {
    kind,
    name: 'made with key, numbers and checksums',
    tasks: [
      {
        [kind]: {
          name: 't',
          ...ENDS,
          ikey: 5,
          okey: 6,
          seq: true,
          csum: true,
          pmtudisc: false,
          ignore_df: true,
        },
      },
    ],
    shows: { 'ip -d -o link show dev t': 'ikey 0.0.0.5 okey 0.0.0.6 iseq oseq icsum ocsum' },
  },
];

const IPIP: readonly LinkCase[] = [
  ...tunnelCases('ipip'),
  {
    kind: 'ipip',
    name: 'what it carries: made anew',
    before: `ip link add name t type ipip remote 192.168.1.2 local 192.168.1.1 mode ipip; ${TUNNELLED('t')}`,
    tasks: [{ ipip: { name: 't', mode: 'any' } }, { ipip: { name: 't', mode: 'mplsip' } }],
    shows: { 'ip -d -o link show dev t': 'ipip mplsip' },
  },
];

const VRF_OLD = `ip link add name blue address 02:00:00:00:00:0f type vrf table 10; ip link set dev blue up
ip link set dev eth1 master blue; ip addr add 10.5.0.1/24 dev eth1; ip addr add 2001:db8:5::1/64 dev eth1; ip route add 10.6.0.0/16 via 10.5.0.9 table 10
ip neigh add 10.5.0.5 lladdr 02:00:00:00:00:55 dev eth1 nud permanent`;
const VRF: readonly LinkCase[] = [
  {
    kind: 'vrf',
    name: 'made, with the rule that the kernel adds',
    tasks: [{ vrf: { name: 'blue', table: 10, mac: '02:00:00:00:00:0f' } }],
    shows: { 'ip rule; ip -6 rule': 'l3mdev-table' },
  },
  {
    kind: 'vrf',
    name: 'made where the rule is gone: netplay adds it, by the name of a table',
    before:
      'ip link add name x type vrf table 9; ip link del dev x; ip rule del pref 1000; ip -6 rule del pref 1000',
    tasks: [{ rt_table: { id: 10, name: 'blue' } }, { vrf: { name: 'blue', table: 'blue' } }],
    shows: { 'ip rule': 'l3mdev-table', 'ip -6 rule': 'l3mdev-table' },
  },
  {
    kind: 'vrf',
    name: 'a device joins: its routes move to the table, its other routes go',
    tasks: [
      { vrf: { name: 'blue', table: 10 } },
      { link: { name: 'eth0', master: 'blue' } },
      { address: { dev: 'eth0', address: '192.168.9.1/24' } },
      { route: { dst: '10.9.0.0/16', via: '192.168.9.9', table: 10 } },
    ],
    shows: { 'ip route show table 10': '10.9.0.0/16 via 192.168.9.9 dev eth0' },
  },
  {
    kind: 'vrf',
    name: 'a device leaves, and an undo puts it back with its routes',
    before: VRF_OLD,
    tasks: [{ link: { name: 'eth1', master: null } }],
    shows: { 'ip route': '10.5.0.0/24 dev eth1' },
  },
  {
    kind: 'vrf',
    name: 'another table: made anew, with its devices',
    before: VRF_OLD,
    tasks: [{ vrf: { name: 'blue', table: 11 } }],
    changes: ['link blue: vrf table 10 → vrf table 11'],
    shows: { 'ip route show table 11': '10.5.0.0/24 dev eth1' },
  },
  {
    kind: 'vrf',
    name: 'removed: its devices are free, and an undo takes them in again',
    before: VRF_OLD,
    tasks: [{ vrf: { name: 'blue', state: 'absent' } }],
    changes: ['link blue: vrf table 10 → absent'],
    shows: { 'ip route': '10.5.0.0/24 dev eth1' },
  },
  { kind: 'vrf', name: 'absent already', tasks: [{ vrf: { name: 'blue', state: 'absent' } }], changes: [] },
];

export const LINK_CASES: readonly LinkCase[] = [
  ...VETH,
  ...IFB,
  ...MACVLAN,
  ...VXLAN,
  ...VLAN,
  ...DUMMY,
  ...greCases('gre'),
  ...greCases('gretap'),
  ...IPIP,
  ...VRF,
];
