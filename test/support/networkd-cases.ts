export interface RebootCase {
  name: string;
  commands: string;
  /** What the commands set of links that they do not make: a device, and what follows `ip link set dev X`. */
  settings?: readonly (readonly [dev: string, words: string])[];
}

/** What a host is given by hand, and networkd must bring back. eth1 has 10.0.0.5/24, eth2 has 10.0.2.5/24. */
export const NETWORKD_CASES: readonly RebootCase[] = [
  {
    name: 'addresses',
    commands: `ip addr add 10.0.0.7/24 dev eth1
ip addr add 10.0.0.8/24 broadcast 10.0.0.254 label eth1:x dev eth1
ip addr add 10.0.0.9/24 broadcast + dev eth1
ip addr add 10.1.0.1 peer 10.1.0.2/32 dev eth1
ip addr add 10.2.0.1/24 metric 77 dev eth1
ip addr add 10.3.0.1/24 noprefixroute scope link dev eth1
ip addr add 10.4.0.1/32 dev eth1
ip addr add 169.254.7.7/16 dev eth1
ip addr add 10.5.0.1/24 preferred_lft 0 dev eth1
ip addr add 2001:db8::5/64 nodad dev eth1
ip addr add 2001:db8::6/128 nodad home preferred_lft 0 dev eth1
ip addr add 2001:db8:1::6/64 nodad noprefixroute dev eth1`,
  },
  {
    name: 'routes of IPv4',
    commands: `ip route add default via 10.0.0.1 dev eth1 table 100 proto 201
ip route add 10.9.0.0/16 dev eth1 proto 201
ip route add 10.10.0.0/16 via 10.0.0.1 dev eth1 metric 7 proto 201 src 10.0.0.5 mtu 1400 advmss 1300 initcwnd 11 initrwnd 12 quickack 1 congctl reno
ip route add 10.11.0.0/16 via 10.99.0.1 dev eth1 onlink proto static
ip route add 10.12.0.0/16 proto 201 nexthop via 10.0.0.1 dev eth1 weight 3 nexthop via 10.0.0.2 dev eth1 weight 1
ip route add 10.13.0.0/16 dev eth1 scope host table 100 proto boot
ip route add 10.14.0.0/16 via inet6 fe80::1 dev eth1 proto 201
ip route add blackhole 10.15.0.0/16 proto 201
ip route add unreachable 10.16.0.0/16 table 100 metric 9 proto 201
ip route add throw 10.17.0.0/16 table 100 proto 201
ip route add prohibit 10.18.0.0/16 table 4000000000 proto 201
ip route add local 10.19.0.0/16 dev eth1 table 100 proto 201`,
  },
  {
    name: 'routes of IPv6',
    commands: `ip addr add 2001:db8::5/64 nodad dev eth1
ip route add default via 2001:db8::1 dev eth1 table 100 proto 201
ip route add 2001:db8:1::/48 via fe80::1 dev eth1 metric 77 pref high proto 201
ip route add 2001:db8:2::/48 from 2001:db8::/64 via fe80::1 dev eth1 proto 201
ip route add 2001:db8:3::/48 dev eth1 src 2001:db8::5 mtu 1300 proto 201
ip route add 2001:db8:4::/48 proto 201 nexthop via fe80::1 dev eth1 weight 3 nexthop via fe80::2 dev eth1 weight 1
ip route add blackhole 2001:db8:5::/48 proto 201`,
  },
  {
    name: 'rules',
    commands: `ip rule add from 10.0.0.5 table 100 priority 1000 proto 201
ip rule add not from 10.0.0.0/8 to 10.7.0.0/16 tos 0x10 fwmark 0x7/0xff iif eth2 table 101 priority 1001 proto 201
ip rule add oif eth1 uidrange 5-6 ipproto tcp sport 5 dport 6-7 table 102 priority 1002 proto 201
ip rule add table main suppress_prefixlength 0 priority 1003 proto 201
ip -6 rule add table 4000000000 priority 1004 suppress_ifgroup 5 proto 201
ip -6 rule add from 2001:db8::/32 fwmark 9 table 100 priority 1005 proto 201
ip rule add fwmark 9 table 100 priority 1005 proto 201`,
  },
  {
    name: 'two links with tables of their own',
    commands: `ip route add 10.0.0.0/24 dev eth1 src 10.0.0.5 table 1 proto 201
ip route add default via 10.0.0.1 dev eth1 table 1 proto 201
ip route add 10.0.2.0/24 dev eth2 src 10.0.2.5 table 2 proto 201
ip route add default via 10.0.2.1 dev eth2 table 2 proto 201
ip rule add from 10.0.0.5 table 1 priority 1000 proto 201
ip rule add from 10.0.2.5 table 2 priority 1001 proto 201`,
  },
  {
    name: 'neighbours',
    commands: `ip neigh add 10.0.0.99 lladdr 02:00:00:00:00:99 dev eth1 nud permanent
ip neigh add 2001:db8::99 lladdr 02:00:00:00:00:98 dev eth1 nud permanent
ip neigh add proxy 2001:db8::77 dev eth1`,
  },
  {
    name: 'a bridge with settings, an address and a route',
    commands: `ip link add br0 address 02:00:00:00:00:99 type bridge stp_state 1 forward_delay 400 ageing_time 6000 priority 4096
ip link set br0 up mtu 1400
ip addr add 10.8.0.1/24 dev br0
ip route add 10.81.0.0/16 via 10.8.0.2 dev br0 proto 201`,
  },
  {
    name: 'a bridge with a port of its own',
    commands: `ip link add br0 type bridge mcast_snooping 0
ip link add va address 02:00:00:00:00:91 type veth peer name vb address 02:00:00:00:00:92
ip link set va master br0
ip link set br0 up
ip link set va up
ip link set vb up
bridge link set dev va cost 7 priority 5 isolated on hairpin on
bridge fdb add 02:00:00:00:00:55 dev va master permanent`,
  },
  {
    name: 'a tap, and a pair that is down',
    commands: `ip tuntap add tap0 mode tap user 0 vnet_hdr
ip link set tap0 address 02:00:00:00:00:93 up
ip link add vc mtu 1300 address 02:00:00:00:00:94 type veth peer name vd address 02:00:00:00:00:95`,
  },
  {
    name: 'settings of a link',
    commands: 'ip link set eth2 mtu 1400 address 02:00:00:00:00:77 allmulticast on promisc on group 5',
    settings: [
      ['eth2', 'mtu 1400'],
      ['eth2', 'address 02:00:00:00:00:77'],
      ['eth2', 'allmulticast on'],
      ['eth2', 'promisc on'],
      ['eth2', 'group 5'],
    ],
  },
  {
    name: 'a link that is down',
    // networkd takes the addresses of a link that lost its carrier, a moment later.
    commands: `ip link set eth2 down
for n in $(seq 50); do [ -n "$(ip -4 addr show dev eth2)" ] || exit 0; sleep 0.2; done; exit 1`,
    settings: [['eth2', 'down']],
  },
  {
    name: 'a bridge with a port that is not made here',
    commands: `ip link add br0 address 02:00:00:00:00:99 up type bridge
ip link set eth2 master br0
ip addr add 10.8.0.1/24 dev br0
bridge link set dev eth2 cost 7 priority 5 isolated on`,
    settings: [
      ['eth2', 'master br0'],
      ['eth2', 'type bridge_slave cost 7'],
      ['eth2', 'type bridge_slave priority 5'],
      ['eth2', 'type bridge_slave isolated on'],
    ],
  },
];

/** As `NETWORKD_CASES`, of what netplan has words for. Its routes are `proto static`. */
export const NETPLAN_CASES: readonly RebootCase[] = [
  {
    name: 'addresses',
    commands: `ip addr add 10.0.0.7/24 broadcast + dev eth1
ip addr add 10.0.0.8/24 broadcast + label eth1:x preferred_lft 0 dev eth1
ip addr add 10.4.0.1/32 dev eth2
ip addr add 2001:db8::6/64 dev eth1
sleep 2.5`,
  },
  {
    name: 'routes',
    commands: `ip route add default via 10.0.0.1 dev eth1 table 100 proto static
ip route add 10.10.0.0/16 via 10.0.0.1 dev eth1 metric 7 proto static src 10.0.0.5 mtu 1400 initcwnd 11 initrwnd 12
ip route add 10.11.0.0/16 via 10.99.0.1 dev eth1 onlink proto static
ip route add 10.12.0.0/16 dev eth1 scope link proto static table 7
ip route add 10.13.0.0/16 dev eth1 scope host proto static
ip route add local 10.19.0.0/16 dev eth1 table 100 proto static
ip route add blackhole 10.20.0.0/16 proto static
ip route add throw 10.21.0.0/16 table 100 proto static
ip route add 2001:db8:1::/48 via fe80::1 dev eth1 metric 77 proto static
ip route add 2001:db8:2::/48 dev eth2 proto static`,
  },
  {
    name: 'two links with tables of their own',
    commands: `ip route add 10.0.0.0/24 dev eth1 src 10.0.0.5 table 1 proto static
ip route add default via 10.0.0.1 dev eth1 table 1 proto static
ip route add 10.0.2.0/24 dev eth2 src 10.0.2.5 table 2 proto static
ip route add default via 10.0.2.1 dev eth2 table 2 proto static
ip rule add from 10.0.0.5 table 1 priority 1000
ip rule add from 10.0.2.5 to 10.7.0.0/16 fwmark 0x7 tos 0x10 table 2 priority 1001
ip -6 rule add to 2001:db8::/32 table 2 priority 1002`,
  },
  {
    name: 'a bridge',
    commands: `ip link add br0 address 02:00:00:00:00:99 type bridge stp_state 1 forward_delay 400 ageing_time 6000 priority 4096
ip link set br0 up mtu 1400
ip addr add 10.8.0.1/24 broadcast + dev br0
ip route add 10.81.0.0/16 via 10.8.0.2 dev br0 proto static`,
  },
  {
    name: 'settings of a link',
    commands: 'ip link set eth2 mtu 1400',
    settings: [['eth2', 'mtu 1400']],
  },
  {
    name: 'a bridge with a port that has another name to netplan',
    // netplan gives no port a link-local address, whatever it is told.
    commands: `ip link add br0 address 02:00:00:00:00:99 up type bridge
ip link set eth2 addrgenmode none master br0
bridge link set dev eth2 cost 7 priority 5`,
    settings: [
      ['eth2', 'master br0'],
      ['eth2', 'type bridge_slave cost 7'],
      ['eth2', 'type bridge_slave priority 5'],
    ],
  },
];
