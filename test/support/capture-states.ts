/** Random hosts that somebody set up by hand, as shell, and what of two hosts must be the same. */
import fc from 'fast-check';
import { LINK_DUMP } from './link-cases.js';
import { TC_DUMP } from './tc-cases.js';

const some = <T>(...values: T[]): fc.Arbitrary<T> => fc.constantFrom(...values);
/** Words that may be left out. */
const maybe = (...words: string[]): fc.Arbitrary<string> => fc.constantFrom('', '', ...words);
/** A line of words with one blank between them. */
const line = (...words: (string | fc.Arbitrary<string>)[]): fc.Arbitrary<string> =>
  fc
    .tuple(...words.map((word) => (typeof word === 'string' ? fc.constant(word) : word)))
    .map((all) => all.filter((word) => word !== '').join(' '));
/** Lines that stand together or not at all. */
const block = (...lines: fc.Arbitrary<string>[]): fc.Arbitrary<string> =>
  fc.tuple(...lines).map((all) => all.join('\n'));
/** Each block or not, in their order. */
const anyOf = (...blocks: fc.Arbitrary<string>[]): fc.Arbitrary<string> =>
  fc
    .tuple(...blocks.map((each) => fc.tuple(fc.boolean(), each)))
    .map((all) => all.flatMap(([taken, text]) => (taken ? [text] : [])).join('\n'));
const number = (min: number, max: number): fc.Arbitrary<string> => fc.integer({ min, max }).map(String);

const nics = anyOf(
  line(
    'ip link set dev eth1',
    some('mtu 1400', 'txqueuelen 50', "alias 'to the rack'", 'group 7', 'multicast off'),
  ),
  line('ip link property add dev eth1 altname', some('uplink-to-rack-4', 'x.y')),
);
/** Later blocks hang on what these make; lines that can't be carried out are no part of the state. */
const links = anyOf(
  block(
    line(
      ...[
        'ip link add dev v',
        maybe('address 02:00:00:00:00:11', 'mtu 1350'),
        maybe('numtxqueues 1', 'numtxqueues 4'),
      ],
      ...['type veth peer name w', maybe('address 02:00:00:00:00:12')],
    ),
    line('ip link set dev w', some('up', 'mtu 1300', 'txqueuelen 9')),
    line('ip link set dev v', some('up', 'up', 'alias x')),
  ),
  block(
    line(
      ...['ip link add dev br0', maybe('address 02:00:00:00:00:b0'), 'type bridge', maybe('stp_state 1')],
      ...[
        maybe('forward_delay 400'),
        maybe('ageing_time 10000'),
        maybe('priority 100'),
        maybe('mcast_snooping 0'),
      ],
      ...[maybe('vlan_filtering 1', 'vlan_filtering 1 vlan_default_pvid 0'), maybe('group_fwd_mask 16384')],
    ),
    line('ip link set dev br0', some('up', 'up', 'mtu 1390')),
    line('ip link set dev', some('eth1', 'w'), 'master br0'),
    line(
      'ip link set dev eth1 type bridge_slave',
      some('priority 8', 'cost 50', 'learning off', 'hairpin on', 'isolated on'),
    ),
    line('bridge vlan add dev eth1 vid', some('10', '20-22', '30 pvid untagged', '40 untagged')),
    line('bridge vlan add dev br0 vid', some('5', '6-8'), 'self'),
    line('bridge fdb add 02:00:00:00:00:f1 dev eth1 master static', maybe('sticky', 'vlan 1')),
  ),
  block(
    line('ip tuntap add dev tap0 mode tap', maybe('user 1000', 'group 1001'), maybe('multi_queue')),
    line(
      'ip link set dev tap0',
      some('address fe:54:00:00:00:01', 'mtu 1400', 'alias guest', 'txqueuelen 500'),
    ),
    line('ip link set dev tap0', some('up', 'master br0', 'down')),
  ),
  line('ip tuntap add dev tun9 mode tun', maybe('user 0')),
  block(
    line(
      'ip link add link eth0 name mv',
      maybe('address 02:00:00:00:00:13'),
      'type macvlan mode',
      some('private', 'vepa', 'bridge', 'source'),
    ),
    line('ip link set dev mv', some('up', 'mtu 1350')),
  ),
  block(
    line(
      ...[
        'ip link add dev vx type vxlan id',
        number(1, 9),
        'dstport',
        some('4789', '8472'),
        maybe('dev eth0'),
      ],
      ...[
        maybe('remote 192.0.2.7', 'group 239.1.1.1 dev eth0'),
        maybe('local 10.0.0.1'),
        maybe('ttl 5', 'ttl inherit'),
      ],
      ...[
        maybe('nolearning'),
        maybe('ageing 100'),
        maybe('proxy'),
        maybe('srcport 1000 2000'),
        maybe('tos 0x10'),
      ],
    ),
    line('ip link set dev vx', some('up', 'master br0', 'mtu 1380')),
    line('bridge fdb append 00:00:00:00:00:00 dev vx dst 192.0.2.9', maybe('port 4790', 'vni 7')),
  ),
  block(
    line('ip link add dev ifb9', maybe('numtxqueues 3'), 'type ifb'),
    line('ip link set dev ifb9', some('up', 'arp on')),
  ),
);
const DEV = some('eth0', 'eth0', 'eth1', 'br0', 'v', 'mv', 'lo');
const addresses = anyOf(
  ...[1, 2, 3, 4].map((n) =>
    line(
      `ip addr add 10.0.${n}.1/24 dev`,
      DEV,
      maybe('brd +', `brd 10.0.${n}.255`),
      maybe('metric 50', 'noprefixroute', 'scope link'),
    ),
  ),
  line('ip addr add 10.0.1.2/24 dev eth0', maybe('label eth0:1'), maybe('preferred_lft 0')),
  line('ip addr add 10.9.0.1 peer 10.9.0.2/32 dev', DEV),
  line('ip addr add 2001:db8:1::1/64 dev', DEV, maybe('nodad', 'noprefixroute')),
  line('ip addr add 2001:db8:2::1/64 dev eth0', maybe('preferred_lft 0')),
  line('ip addr add 2001:db8:2::2/64 dev eth0'),
  line('ip addr add fe80::7/64 dev eth1'),
);
const TABLE = maybe('table 100', 'table blue', 'table 70000');
const routes = anyOf(
  line('ip route add default via 10.0.1.254 dev eth0 onlink', TABLE, maybe('metric 5', 'src 10.0.1.1')),
  line('ip route add default via 10.0.2.254 dev eth1 onlink table 200', maybe('proto static', 'proto bird')),
  line('ip route add 10.20.0.0/16 dev', DEV, TABLE, maybe('metric 7', 'scope host', 'tos 0x10')),
  line(
    'ip route add 10.21.0.0/16 via 10.0.1.7 dev eth0 onlink',
    some('mtu 1400', 'mtu lock 1300', 'advmss 1200', 'rto_min 50ms', 'initcwnd 20 quickack 1', 'realms 4'),
  ),
  line(
    'ip route add 10.22.0.0/16 nexthop via 10.0.1.7 dev eth0 weight 3 onlink nexthop via 10.0.2.7 dev eth1 onlink',
    TABLE,
  ),
  line(
    'ip route add',
    some('blackhole', 'unreachable', 'prohibit', 'throw'),
    '10.23.0.0/16',
    TABLE,
    maybe('metric 9'),
  ),
  line('ip route add local 10.24.0.1 dev lo', maybe('table 300')),
  line('ip route add 10.25.0.0/16 via inet6 fe80::9 dev eth0'),
  line('ip -6 route add default via fe80::1 dev eth0', TABLE, maybe('metric 77', 'pref high')),
  line('ip -6 route add 2001:db8:20::/48 dev', DEV, maybe('metric 7', 'mtu 1300')),
  line('ip -6 route add', some('blackhole', 'unreachable'), 'default', TABLE, 'metric 4000'),
  line('ip -6 route add 2001:db8:21::/48 nexthop via fe80::2 dev eth0 nexthop via fe80::3 dev eth1 weight 2'),
);
const rules = anyOf(
  line(
    'ip rule add from 10.0.1.1',
    maybe('to 10.7.0.0/16'),
    TABLE.map((table) => table || 'lookup main'),
    'pref',
    number(100, 199),
  ),
  line(
    'ip rule add fwmark',
    some('1', '0x10/0xff', '0/0x1'),
    'lookup 100 pref',
    number(200, 299),
    maybe('protocol static'),
  ),
  line('ip rule add iif', DEV, some('blackhole', 'prohibit', 'lookup 200'), 'pref', number(300, 399)),
  line(
    'ip rule add not from 10.0.0.0/8 ipproto',
    some('tcp', 'udp'),
    'dport',
    some('80', '1000-2000'),
    'lookup 100 pref 400',
  ),
  line('ip rule add pref 500 goto 32766'),
  line('ip rule add pref 501 lookup main suppress_prefixlength 0'),
  line(
    'ip -6 rule add from 2001:db8:1::/64',
    TABLE.map((table) => table || 'lookup main'),
    'pref',
    number(100, 199),
  ),
  line('ip -6 rule add oif', DEV, 'lookup 100 pref 200'),
);
const neighbours = anyOf(
  line(
    'ip neigh add 10.0.1.50 lladdr 02:00:00:00:00:50 dev',
    some('eth0', 'eth1', 'v'),
    'nud',
    some('permanent', 'noarp'),
  ),
  line('ip neigh add 2001:db8:1::50 lladdr 02:00:00:00:00:51 dev eth0 nud permanent', maybe('router')),
  line('ip neigh add proxy', some('10.0.1.60', '2001:db8:1::60'), 'dev', some('eth0', 'eth1')),
);
const sysctls = anyOf(
  ...[
    ...['net.ipv4.ip_forward=1', 'net.ipv6.conf.all.forwarding=1', 'net.ipv4.conf.all.arp_ignore=1'],
    ...[
      'net.ipv4.conf.default.rp_filter=2',
      'net.ipv4.conf.eth0.arp_announce=2',
      'net.ipv4.conf.v.rp_filter=1',
    ],
    ...['net.ipv4.ip_nonlocal_bind=1', 'net.ipv6.conf.eth0.accept_ra=0', 'net.ipv4.conf.eth1.proxy_arp=1'],
    ...['net.ipv4.conf.br0.forwarding=1', 'net.ipv6.conf.default.autoconf=0'],
  ].map((setting) => line(`sysctl -qw ${setting}`)),
);
const RATE = some('1mbit', '2500kbit', '10mbit', '1gbit', '12345678bit');
const tc = anyOf(
  block(
    line('tc qdisc add dev eth0 root handle 1: htb', maybe('default 10', 'r2q 5')),
    line('tc class add dev eth0 parent 1: classid 1:1 htb rate', RATE),
    line(
      'tc class add dev eth0 parent 1:1 classid 1:10 htb rate',
      RATE,
      'ceil 1gbit',
      maybe('prio 3', 'quantum 3000', 'burst 20k'),
    ),
    line(
      'tc class add dev eth0 parent 1:1 classid 1:20 htb rate',
      RATE,
      maybe('cburst 9k', 'overhead 24 mpu 64'),
    ),
    line(
      'tc qdisc add dev eth0 parent 1:10',
      maybe('handle 10:'),
      some(
        'fq_codel limit 500',
        'sfq perturb 10',
        'pfifo limit 9',
        'fq_codel',
        'tbf rate 5mbit burst 5k latency 20ms',
      ),
    ),
    line(
      'tc filter add dev eth0 parent 1: protocol ip prio 1 u32 match ip dst 10.3.0.0/16',
      maybe('match ip protocol 6 0xff match ip dport 443 0xffff', 'match ip tos 0x10 0xfc'),
      'flowid 1:10',
    ),
    line(
      'tc filter add dev eth0 parent 1: protocol',
      some('ip', 'all', 'ipv6'),
      'prio 2 u32 match u32 0x0a000000 0xff00ff00 at 12 flowid 1:20',
    ),
    line('tc filter add dev eth0 parent 1: prio 3 handle', some('7', '0x5/0xf'), 'fw classid 1:20'),
  ),
  line(
    'tc qdisc add dev eth1 root',
    some(
      'tbf rate 3mbit burst 10k latency 30ms',
      'prio bands 4',
      'fq_codel quantum 300',
      'sfq',
      'bfifo limit 30k',
    ),
  ),
  block(
    line('tc qdisc add dev eth1', some('ingress', 'clsact')),
    line(
      'tc filter add dev eth1 ingress protocol',
      some('all', 'ip'),
      'prio',
      some('1', '5'),
      some('matchall', 'u32 match u32 0 0'),
      'action mirred egress',
      some('redirect', 'mirror'),
      'dev ifb9',
    ),
  ),
);
const names = anyOf(
  line("printf '100\\tblue\\n' >> /etc/iproute2/rt_tables"),
  line("printf '201 red\\n' >> /etc/iproute2/rt_tables"),
);

/** Whatever the other rules say, the lab reaches its hosts. */
const WAY_IN = 'ip rule add to 10.213.0.0/16 lookup main pref 10';

/** Lines of shell, each of which may fail. */
export const handMade: fc.Arbitrary<string> = fc
  .tuple(names, sysctls, nics, links, addresses, routes, rules, neighbours, tc, sysctls)
  .map((parts) => parts.filter((part) => part !== ''))
  .map((parts) => [WAY_IN, ...parts].join('\n'));

/** A lab, or whatever else has hosts by name. */
export interface Hosts {
  exec(host: string, argv: readonly string[]): Promise<{ stdout: string }>;
}

/** Names and what belongs to the lab itself: its own NIC. */
const LAB = /\bmgmt0\b|\b10\.213\.\d+\.\d+/;

/** The kernel's own, made of MACs, where a device ever had a carrier. */
const LINK_LOCAL = /\bfe80:[\da-f:]*ff:fe[\da-f]{2}:|\bfe80::(\/64)? dev .* proto kernel/;
/** Left to the daemon that makes it. */
const OF_DAEMON = / proto bird /;

/** The names of devices whose MAC is by chance. */
const RANDOM_MACS = `for d in /sys/class/net/*; do
  if [ "$(cat $d/addr_assign_type 2>/dev/null)" = 1 ]; then printf '%s ' \${d##*/}; fi
done`;

const DUMP = `${LINK_DUMP}
bridge -d vlan show
bridge fdb show | grep -E ' (static|dst) ' | sort
sed '/^#/d' /etc/iproute2/rt_tables /etc/iproute2/rt_tables.d/*.conf 2>/dev/null | awk 'NF { print $1, $2 }' | sort -u
cat /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv4/ip_nonlocal_bind
${TC_DUMP}`;

/** The text by which a host and its copy are compared. @param random devices whose MAC is nobody's choice */
export async function networkOf(lab: Hosts, host: string, random: readonly string[]): Promise<string[]> {
  const { stdout } = await lab.exec(host, ['sh', '-c', DUMP]);
  const withoutMac = (each: string): string => {
    const device = /^([^@:\s]+)(@\S+)?: </.exec(each)?.[1];
    return device !== undefined && random.includes(device)
      ? each.replace(/link\/ether [\da-f:]+/, 'link/ether RANDOM')
      : each;
  };
  return (
    stdout
      .split('\n')
      .filter((each) => !LAB.test(each) && !OF_DAEMON.test(each) && !LINK_LOCAL.test(each))
      .map(withoutMac)
      // What nobody signed becomes netplay's own.
      .map((each) => each.replace(/ proto (boot|netplay|unspec|201)\b/, ''))
      // That of a bridge whose MAC nobody has set yet is zero until it has a port.
      .map((each) => each.replace(/ bridge_id \S+/, ''))
      // `ingress` and its handle are one parent.
      .map((each) => each.replace(/^filter (ingress |parent ffff: )/, 'filter '))
      // Numbers of qdiscs that the kernel gives by itself.
      .map((each) => each.replaceAll(/\b[89a-f][\da-f]{3}:(?=\d| |$)/g, '?:').trimEnd())
  );
}

export async function randomMacs(lab: Hosts, host: string): Promise<string[]> {
  const { stdout } = await lab.exec(host, ['sh', '-c', RANDOM_MACS]);
  return stdout.split(' ').filter((name) => name !== '');
}

/** Lines of the one that the other has not, or not as often. */
export function lacking(one: readonly string[] = [], other: readonly string[] = []): string[] {
  const left = [...other];
  return one.filter((each) => {
    const at = left.indexOf(each);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}
