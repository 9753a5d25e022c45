/** Links, addresses, bridges, taps and sysctls on the real kernel: made, found again, undone. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { applyIn, changesIn, planIn, problemsIn, stepsOf } from '../support/apply.js';
import { createNetns, type Netns } from '../support/netns.js';
import { type Case, HOST, roundTrips } from '../support/round-trips.js';

let netns: Netns;
beforeEach(async () => {
  netns = await createNetns();
  netns.must(HOST);
});
afterEach(() => netns.close());

const roundTrip = (cases: readonly Case[]): void => roundTrips(() => netns, cases);

const OWN = '/etc/sysctl.d/zz-netplay.conf';
const ROUTES = `ip route add default via 192.168.1.254 dev eth0
ip route add 192.168.1.0/24 dev eth0 src 192.168.1.1 table 100
ip route add default via 192.168.1.254 dev eth0 table 100
ip -6 route add default via 2001:db8:1::fe dev eth0 metric 50
ip route add 10.0.0.0/8 via 192.168.1.253 dev eth0 metric 5 mtu lock 1400`;

describe('sysctl', () => {
  roundTrip([
    {
      name: 'a key of an interface, in the kernel and in the file',
      tasks: [{ sysctl: { name: 'net.ipv4.conf.eth1.arp_ignore', value: 1 } }],
      changes: [
        // What tightens comes last.
        `${OWN}: net.ipv4.conf.eth1.arp_ignore: absent → 1`,
        'sysctl net.ipv4.conf.eth1.arp_ignore: 0 → 1',
      ],
      shows: {
        'cat /proc/sys/net/ipv4/conf/eth1/arp_ignore': '1',
        [`cat ${OWN}`]: 'net.ipv4.conf.eth1.arp_ignore = 1\n',
      },
    },
    {
      name: 'several tasks share the file',
      before: `printf '# mine\\nnet.ipv4.ip_nonlocal_bind=0\\n' > ${OWN}; chmod 600 ${OWN}`,
      tasks: [
        { sysctl: { name: 'net.ipv4.ip_nonlocal_bind', value: true } },
        { sysctl: { name: 'net.ipv4.conf.all.arp_announce', value: '2' } },
        { sysctl: { name: 'net.ipv4.tcp_rmem', value: '4096 131072 6291456', runtime: false } },
      ],
      changes: [
        'sysctl net.ipv4.ip_nonlocal_bind: 0 → 1',
        `${OWN}: net.ipv4.ip_nonlocal_bind: 0 → 1`,
        `${OWN}: net.ipv4.conf.all.arp_announce: absent → 2`,
        `${OWN}: net.ipv4.tcp_rmem: absent → 4096 131072 6291456`,
        'sysctl net.ipv4.conf.all.arp_announce: 0 → 2',
      ],
      shows: { [`stat -c %a ${OWN}; cat ${OWN}`]: '600\n# mine\nnet.ipv4.ip_nonlocal_bind = 1\n' },
    },
    {
      name: 'pitfall 30: an interface whose name holds dots',
      before: 'ip link add eth0.100 type veth peer name p100',
      tasks: [{ sysctl: { name: 'net.ipv4.conf.eth0.100.rp_filter', value: 2 } }],
      changes: [
        'sysctl net/ipv4/conf/eth0.100/rp_filter: 0 → 2',
        `${OWN}: net/ipv4/conf/eth0.100/rp_filter: absent → 2`,
      ],
      shows: { 'cat /proc/sys/net/ipv4/conf/eth0.100/rp_filter': '2' },
    },
    {
      name: 'pitfall 30: default reaches interfaces without an address, and its undo does as well',
      tasks: [{ sysctl: { name: 'net.ipv4.conf.default.rp_filter', value: 2, file: null } }],
      changes: ['sysctl net.ipv4.conf.default.rp_filter: 0 → 2'],
      shows: {
        'cat /proc/sys/net/ipv4/conf/eth1/rp_filter': '2',
        'cat /proc/sys/net/ipv4/conf/eth0/rp_filter': '0',
      },
    },
    {
      name: 'pitfall 31: ip_forward rewrites the interfaces and accept_redirects, and the undo puts each back',
      before: `cd /proc/sys/net/ipv4/conf; echo 1 > eth1/forwarding; echo 0 > all/accept_redirects; echo 1 > p2/forwarding`,
      tasks: [{ sysctl: { name: 'net.ipv4.ip_forward', value: 1, file: null } }],
      changes: ['sysctl net.ipv4.ip_forward: 0 → 1'],
      shows: { 'cat /proc/sys/net/ipv4/conf/eth2/forwarding': '1' },
    },
    {
      name: 'pitfall 31: what the same play asks for holds whatever the order',
      before: 'echo 1 > /proc/sys/net/ipv4/ip_forward',
      tasks: [
        { sysctl: { name: 'net.ipv4.conf.eth1.forwarding', value: 1, file: null } },
        { sysctl: { name: 'net.ipv4.ip_forward', value: 0, file: null } },
      ],
      changes: ['sysctl net.ipv4.ip_forward: 1 → 0', 'sysctl net.ipv4.conf.eth1.forwarding: 0 → 1'],
      shows: { 'cat /proc/sys/net/ipv4/conf/eth1/forwarding /proc/sys/net/ipv4/ip_forward': '1\n0\n' },
    },
    {
      name: 'IPv6 forwarding of all interfaces',
      before: 'echo 1 > /proc/sys/net/ipv6/conf/eth2/forwarding',
      tasks: [{ sysctl: { name: 'net.ipv6.conf.all.forwarding', value: 1, file: null } }],
      changes: ['sysctl net.ipv6.conf.all.forwarding: 0 → 1'],
    },
    {
      name: 'IPv6 switched off and on again with addresses and routes',
      before: ROUTES,
      tasks: [{ sysctl: { name: 'net.ipv6.conf.eth0.disable_ipv6', value: 1, file: null } }],
      changes: ['sysctl net.ipv6.conf.eth0.disable_ipv6: 0 → 1'],
    },
    {
      name: 'a host without /etc/sysctl.d: the line in /etc/sysctl.conf, whatever its spelling',
      before: `rm -rf /etc/sysctl.d; printf '# net.ipv4.ip_forward = 1\\nnet/ipv4/ip_forward=0\\nkernel.sysrq = 0' > /etc/sysctl.conf`,
      tasks: [
        { sysctl: { name: 'net.ipv4.ip_forward', value: 1 } },
        { sysctl: { name: 'net.ipv4.conf.all.rp_filter', value: 2, runtime: false } },
      ],
      changes: [
        'sysctl net.ipv4.ip_forward: 0 → 1',
        '/etc/sysctl.conf: net.ipv4.ip_forward: 0 → 1',
        '/etc/sysctl.conf: net.ipv4.conf.all.rp_filter: absent → 2',
      ],
      shows: {
        'cat /etc/sysctl.conf':
          '# net.ipv4.ip_forward = 1\nnet.ipv4.ip_forward = 1\nkernel.sysrq = 0\nnet.ipv4.conf.all.rp_filter = 2\n',
      },
    },
    {
      name: 'an interface that is not there yet: the file alone',
      tasks: [{ sysctl: { name: 'net.ipv4.conf.tap9.proxy_arp', value: 1 } }],
      changes: [`${OWN}: net.ipv4.conf.tap9.proxy_arp: absent → 1`],
    },
    {
      name: 'an interface that the same play makes begins with the values of default',
      before: 'echo 2 > /proc/sys/net/ipv4/conf/default/rp_filter',
      tasks: [
        { bridge: { name: 'br0.7', mac: '52:54:00:00:00:77' } },
        { sysctl: { name: 'net.ipv4.conf.br0.7.rp_filter', value: 1, file: null } },
        { sysctl: { name: 'net.ipv4.conf.br0.7.arp_ignore', value: 0, file: null } },
      ],
      changes: [
        'bridge br0.7: absent → mac 52:54:00:00:00:77',
        'link br0.7 state: down → up',
        'sysctl net/ipv4/conf/br0.7/rp_filter: 2 → 1',
      ],
      shows: { 'cat /proc/sys/net/ipv4/conf/br0.7/rp_filter': '1' },
    },
    {
      name: 'absent: out of the file, and the file with its last key',
      before: `printf '# Kept by netplay: what a playbook gives a sysctl is written here, one line a key.\\nnet.ipv4.ip_forward = 1\\n' > ${OWN}`,
      tasks: [{ sysctl: { name: 'net/ipv4/ip_forward', state: 'absent' } }],
      changes: [`${OWN}: net.ipv4.ip_forward: 1 → absent`],
      shows: { [`ls ${OWN} 2>&1 || true`]: 'No such file' },
    },
  ]);
});

describe('link', () => {
  roundTrip([
    {
      name: 'many attributes at once',
      tasks: [
        {
          link: {
            name: 'eth1',
            mtu: 1400,
            mac: '52-54-00-AA-00-01',
            txqueuelen: 0,
            alias: `it's "the" uplink; $(reboot) \`id\``,
            arp: false,
            multicast: false,
            allmulticast: true,
            promisc: true,
            dynamic: true,
            trailers: false,
            group: 7,
            addrgenmode: 'eui64',
            gso_max_size: 30000,
            gso_max_segs: 100,
            altnames: ['uplink', 'a-name-that-is-longer-than-fifteen'],
            state: 'down',
          },
        },
      ],
      changes: [
        'link eth1 state: up → down',
        'link eth1 mac: 52:54:00:00:00:01 → 52:54:00:aa:00:01',
        'link eth1 mtu: 1500 → 1400',
        'link eth1 txqueuelen: 1000 → 0',
        `link eth1 alias: absent → it's "the" uplink; $(reboot) \`id\``,
        'link eth1 group: 0 → 7',
        'link eth1 addrgenmode: none → eui64',
        'link eth1 gso_max_size: 65536 → 30000',
        'link eth1 gso_max_segs: 65535 → 100',
        'link eth1 arp: on → off',
        'link eth1 multicast: on → off',
        'link eth1 allmulticast: off → on',
        'link eth1 promisc: off → on',
        'link eth1 dynamic: off → on',
        'link eth1 trailers: on → off',
        'link eth1 altname uplink: absent → uplink',
        'link eth1 altname a-name-that-is-longer-than-fifteen: absent → a-name-that-is-longer-than-fifteen',
      ],
      shows: { 'ip link show eth1': `alias it's "the" uplink; $(reboot) \`id\`` },
    },
    {
      name: 'null clears',
      before: `ip link add br0 type bridge; ip link set dev eth1 master br0 alias old group 5 txqueuelen 50
ip link property add dev eth1 altname old`,
      tasks: [
        { link: { name: 'eth1', alias: null, master: null, group: null, txqueuelen: null, altnames: null } },
      ],
      changes: [
        'link eth1 txqueuelen: 50 → 1000',
        'link eth1 alias: old → absent',
        'link eth1 group: 5 → 0',
        'link eth1 altname old: old → absent',
        'link eth1 master: br0 → absent',
      ],
    },
    {
      name: 'pitfall 24: a link that goes down takes the routes of all tables, and the undo brings them back',
      before: `${ROUTES}
ip -6 route add 2001:db8:9::/48 via 2001:db8:1::fd dev eth0 table 100
ip addr add 192.168.1.7/24 dev eth0`,
      tasks: [{ link: { name: 'eth0', state: 'down' } }],
      changes: ['link eth0 state: up → down'],
      shows: { 'ip route show table 100 2>/dev/null; echo done': 'done' },
    },
    {
      name: 'pitfalls 19, 24: link-local addresses and routes with a source come back before duplicates are ruled out',
      before: `echo 0 > /proc/sys/net/ipv6/conf/eth1/addr_gen_mode; ip link set eth1 down; ip link set eth1 up
ip addr add 2001:db8:5::1/64 dev eth1
for try in 1 2 3 4 5; do ip -6 route add 2001:db8:6::/48 via fe80::9 dev eth1 src 2001:db8:5::1 && break; sleep 0.2; done
echo 1 > /proc/sys/net/ipv6/conf/eth1/accept_dad`,
      tasks: [{ link: { name: 'eth1', state: 'down' } }],
      changes: ['link eth1 state: up → down'],
    },
    {
      name: 'a link that comes up, with addresses that were waiting, goes down again without them',
      before: 'ip link set eth1 down; ip addr add 10.1.0.1/24 dev eth1',
      tasks: [{ link: { name: 'eth1', state: 'up' } }],
      changes: ['link eth1 state: down → up'],
      shows: { 'ip route show dev eth1': '10.1.0.0/24' },
    },
    {
      name: 'an altname stands for its link, and devices may be called as words of ip are',
      before:
        'ip link property add dev eth1 altname the-uplink-of-this-host; ip link add name up type veth peer name dev',
      tasks: [
        { link: { name: 'the-uplink-of-this-host', mtu: 1300 } },
        { link: { name: 'up', mtu: 1300, state: 'up' } },
        { link: { name: 'dev', promisc: true } },
      ],
      changes: [
        'link eth1 mtu: 1500 → 1300',
        'link up mtu: 1500 → 1300',
        'link up state: down → up',
        'link dev promisc: off → on',
      ],
    },
  ]);

  test('pitfall 25: a carrier that is lost is no difference', () => {
    netns.must('ip link set p1 down');
    expect(netns.must('ip link show eth1')).toContain('state LOWERLAYERDOWN');
    expect(changesIn(planIn(netns, [{ link: { name: 'eth1', state: 'up' } }]))).toEqual([]);
  });
});

describe('address', () => {
  roundTrip([
    {
      name: 'with all that IPv4 has',
      tasks: [
        {
          address: {
            dev: 'eth1',
            address: '10.1.0.1/24',
            broadcast: '+',
            label: 'eth1:web',
            scope: 'link',
            metric: 50,
            noprefixroute: true,
          },
        },
      ],
      changes: [
        'address 10.1.0.1/24 dev eth1: absent → 10.1.0.1/24 broadcast 10.1.0.255 label eth1:web scope link metric 50 noprefixroute',
      ],
    },
    {
      name: 'with all that IPv6 has',
      tasks: [
        {
          address: {
            dev: 'eth1',
            address: '2001:DB8:0:2::0001/64',
            home: true,
            mngtmpaddr: true,
            nodad: true,
            noprefixroute: true,
            metric: 77,
          },
        },
      ],
      changes: [
        'address 2001:db8:0:2::1/64 dev eth1: absent → 2001:db8:0:2::1/64 metric 77 home mngtmpaddr nodad noprefixroute',
      ],
    },
    {
      name: 'a point-to-point address, a bare one and a lifetime',
      tasks: [
        { address: { dev: 'eth1', address: '10.9.0.1', peer: '10.9.0.2' } },
        { address: { dev: 'eth1', address: '10.7.0.1', valid_lft: 3600, preferred_lft: 1800 } },
        { address: { dev: 'eth2', address: '239.1.1.1', autojoin: true } },
      ],
      changes: [
        'address 10.9.0.1 peer 10.9.0.2/32 dev eth1: absent → 10.9.0.1 peer 10.9.0.2/32',
        'address 10.7.0.1/32 dev eth1: absent → 10.7.0.1/32 valid_lft 3600 preferred_lft 1800',
        'address 239.1.1.1/32 dev eth2: absent → 239.1.1.1/32 autojoin',
      ],
    },
    {
      name: 'metric and lifetimes change in place: no route is lost',
      before: ROUTES,
      tasks: [
        { address: { dev: 'eth0', address: '192.168.1.1/24', metric: 9 } },
        { address: { dev: 'eth0', address: '2001:db8:1::1/64', metric: 9, mngtmpaddr: true } },
      ],
      changes: [
        'address 192.168.1.1/24 dev eth0: 192.168.1.1/24 → 192.168.1.1/24 metric 9',
        'address 2001:db8:1::1/64 dev eth0: 2001:db8:1::1/64 → 2001:db8:1::1/64 metric 9 mngtmpaddr',
      ],
      shows: { 'ip route show table all default': 'via 192.168.1.254' },
    },
    {
      name: 'a label changes by delete and add: routes of all tables and the order of addresses stay',
      before: `${ROUTES}
ip addr add 192.168.1.7/24 dev eth0; ip addr add 10.7.0.1/24 dev eth0; ip addr add 192.168.1.8/24 dev eth0`,
      tasks: [
        { address: { dev: 'eth0', address: '192.168.1.1/24', label: 'eth0:1', broadcast: '192.168.1.255' } },
      ],
      changes: [
        'address 192.168.1.1/24 dev eth0: 192.168.1.1/24 → 192.168.1.1/24 broadcast 192.168.1.255 label eth0:1',
      ],
      shows: {
        'ip -4 -o addr show eth0 | grep -o "192[^ ]*/24\\|10[^ ]*/24\\|secondary" | tr "\\n" " "':
          '192.168.1.1/24 10.7.0.1/24 192.168.1.7/24 secondary 192.168.1.8/24 secondary',
        'ip route show table 100': 'default via 192.168.1.254 dev eth0',
        'ip route show 10.0.0.0/8': 'mtu lock 1400',
      },
    },
    {
      name: 'pitfall 24: the last address takes all routes of its device, and the undo brings them back',
      before: `${ROUTES}
ip route add 172.16.0.0/12 dev eth0 scope link table 200`,
      tasks: [{ address: { dev: 'eth0', address: '192.168.1.1/24', state: 'absent' } }],
      changes: ['address 192.168.1.1/24 dev eth0: 192.168.1.1/24 → absent'],
      shows: { 'ip -4 route show table all dev eth0; echo none': 'none' },
    },
    {
      name: 'an IPv6 address goes and comes back as the source of a route',
      // No source as long as it is checked for duplicates.
      before:
        'for n in $(seq 50); do ip -6 route add 2001:db8:77::/48 via 2001:db8:1::9 dev eth0 src 2001:db8:1::1 && break; sleep 0.1; done',
      tasks: [{ address: { dev: 'eth0', address: '2001:db8:1::1/64', state: 'absent' } }],
      changes: ['address 2001:db8:1::1/64 dev eth0: 2001:db8:1::1/64 → absent'],
      shows: { 'ip -6 route show 2001:db8:77::/48': '2001:db8:77::/48 via 2001:db8:1::9 dev eth0 metric' },
    },
    {
      name: 'IPv4, deprecated for good',
      tasks: [{ address: { dev: 'eth0', address: '192.168.1.1/24', preferred_lft: 0 } }],
      changes: ['address 192.168.1.1/24 dev eth0: 192.168.1.1/24 → 192.168.1.1/24 preferred_lft 0'],
      shows: { 'ip -o addr show eth0': 'deprecated' },
    },
    {
      name: 'a primary goes and its secondaries stay, where the kernel would drop them',
      before:
        'ip addr add 192.168.1.7/24 dev eth0; ip addr add 192.168.1.8/24 dev eth0; ip route add 10.0.0.0/8 via 192.168.1.9 src 192.168.1.7',
      tasks: [{ address: { dev: 'eth0', address: '192.168.1.1/24', state: 'absent' } }],
      changes: ['address 192.168.1.1/24 dev eth0: 192.168.1.1/24 → absent'],
      shows: { 'ip -o addr show eth0': '192.168.1.8/24' },
    },
    {
      name: 'a primary goes and the kernel promotes the next',
      before: `echo 1 > /proc/sys/net/ipv4/conf/eth0/promote_secondaries
ip addr add 192.168.1.7/24 dev eth0; ip addr add 192.168.1.8/24 dev eth0
ip route add 10.0.0.0/8 via 192.168.1.9 src 192.168.1.1`,
      tasks: [{ address: { dev: 'eth0', address: '192.168.1.1/24', state: 'absent' } }],
      changes: ['address 192.168.1.1/24 dev eth0: 192.168.1.1/24 → absent'],
    },
    {
      name: 'IPv6 absent',
      before: ROUTES,
      tasks: [{ address: { dev: 'eth0', address: '2001:db8:1::1/64', state: 'absent' } }],
      changes: ['address 2001:db8:1::1/64 dev eth0: 2001:db8:1::1/64 → absent'],
    },
    {
      name: 'an address is moved to another length on purpose',
      tasks: [
        { address: { dev: 'eth0', address: '192.168.1.1/24', state: 'absent' } },
        { address: { dev: 'eth0', address: '192.168.1.1/25' } },
      ],
      changes: [
        'address 192.168.1.1/24 dev eth0: 192.168.1.1/24 → absent',
        'address 192.168.1.1/25 dev eth0: absent → 192.168.1.1/25',
      ],
    },
  ]);
});

describe('bridge and tap', () => {
  const BR = {
    name: 'br0',
    ports: ['eth1'],
    stp: true,
    forward_delay: 4,
    ageing_time: 60.5,
    priority: 4096,
    multicast_snooping: false,
  };
  roundTrip([
    {
      name: 'the MTU that is asked for, whatever the ports have',
      before: 'ip link set eth1 mtu 1400; ip link set eth1 up',
      tasks: [{ bridge: { name: 'br0', ports: ['eth1'], mac: '02:00:00:00:00:0b', mtu: 1500, stp: false } }],
      changes: [
        'bridge br0: absent → mac 02:00:00:00:00:0b stp off',
        'link eth1 master: absent → br0',
        'link br0 state: down → up',
      ],
      shows: { 'cat /sys/class/net/br0/mtu': '1500' },
    },
    {
      name: 'a bridge with a port that is down',
      before: 'ip link set eth1 down',
      tasks: [{ bridge: BR }],
      changes: [
        'bridge br0: absent → mac 52:54:00:00:00:01 forward_delay 4 ageing_time 60.5 priority 4096 multicast_snooping off stp on',
        'link eth1 master: absent → br0',
        'link eth1 state: down → up',
        'link br0 state: down → up',
      ],
      shows: {
        'cat /sys/class/net/br0/addr_assign_type /sys/class/net/br0/address': '3\n52:54:00:00:00:01\n',
        'cat /sys/class/net/br0/bridge/forward_delay /sys/class/net/br0/bridge/ageing_time': '400\n6050\n',
      },
    },
    {
      name: 'options that drifted, surplus ports and an MTU',
      before: `ip link add br0 address 52:54:00:00:00:aa type bridge forward_delay 0 hello_time 300
ip link set eth1 master br0; ip link set eth2 master br0; ip link set br0 up`,
      tasks: [
        {
          bridge: {
            name: 'br0',
            ports: ['eth1'],
            exclusive: true,
            stp: true,
            forward_delay: 2,
            hello_time: 2,
            mtu: 1400,
          },
        },
      ],
      changes: [
        'bridge br0 forward_delay: 0 → 2',
        'bridge br0 hello_time: 3 → 2',
        'bridge br0 stp: off → on',
        'link br0 mtu: 1500 → 1400',
        'link eth2 master: br0 → absent',
      ],
    },
    {
      name: 'a bridge is removed, and the undo makes it again with ports, addresses and routes',
      before: `ip link add br0 address 52:54:00:00:00:aa type bridge forward_delay 200 stp_state 1
ip link set eth1 master br0; ip link set br0 up; ip addr add 10.5.0.1/24 dev br0
ip route add 10.6.0.0/16 via 10.5.0.2; ip -6 addr add 2001:db8:5::1/64 dev br0`,
      tasks: [{ bridge: { name: 'br0', state: 'absent' } }],
      changes: ['bridge br0: ports eth1 → absent'],
    },
    {
      name: 'a tap for a guest in a new bridge',
      tasks: [
        { bridge: { name: 'br0', ports: ['eth1'] } },
        {
          tap: {
            name: 'tap0',
            bridge: 'br0',
            owner: 'root',
            group: 7,
            guest_mac: '52:54:00:84:E3:62',
            mtu: 1450,
          },
        },
      ],
      changes: [
        'bridge br0: absent → mac 52:54:00:00:00:01',
        'link eth1 master: absent → br0',
        'link br0 state: down → up',
        'tap tap0: absent → mode tap owner 0 group 7 mac fe:54:00:84:e3:62',
        'link tap0 mtu: 1500 → 1450',
        'link tap0 master: absent → br0',
        'link tap0 state: down → up',
      ],
      shows: { 'cat /sys/class/net/tap0/owner /sys/class/net/tap0/address': '0\nfe:54:00:84:e3:62\n' },
    },
    {
      name: 'a tap of another owner is made anew, with all that it had',
      before: `ip tuntap add dev tap0 mode tap user 1000 multi_queue; ip link add br0 address 52:54:00:00:00:aa type bridge
ip link set dev tap0 address fe:54:00:00:00:09 mtu 1400 master br0 alias guest; ip link set tap0 up; ip link set br0 up
ip addr add 10.8.0.1/24 dev tap0; ip route add 10.9.0.0/16 via 10.8.0.2`,
      tasks: [{ tap: { name: 'tap0', owner: 'daemon' } }],
      changes: ['tap tap0: mode tap owner 1000 multi_queue → mode tap owner 1 multi_queue'],
      shows: { 'ip -d link show tap0; ip route': 'master br0' },
    },
    {
      name: 'a tap of many queues is removed',
      before:
        'ip tuntap add dev tap0 mode tap multi_queue vnet_hdr; ip link set dev tap0 address fe:54:00:00:00:09 up',
      tasks: [{ tap: { name: 'tap0', state: 'absent' } }],
      changes: ['tap tap0: mode tap multi_queue vnet_hdr → absent'],
    },
    {
      name: 'a tun with an address',
      tasks: [
        { tap: { name: 'vpn0', mode: 'tun', owner: 1000 } },
        { address: { dev: 'vpn0', address: '10.4.0.1/24' } },
      ],
      changes: [
        'tap vpn0: absent → mode tun owner 1000',
        'link vpn0 state: down → up',
        'address 10.4.0.1/24 dev vpn0: absent → 10.4.0.1/24',
      ],
    },
  ]);

  const HOSTILE = `b"$(id)'&x`;
  roundTrip([
    {
      name: 'names that a shell would take apart',
      tasks: [
        { bridge: { name: HOSTILE, mac: '52:54:00:00:00:77' } },
        { tap: { name: '`id`;x', bridge: HOSTILE, mac: 'fe:00:00:00:00:01' } },
        { address: { dev: HOSTILE, address: '10.3.0.1/24', label: HOSTILE } },
        { link: { name: '`id`;x', alias: '*' } },
      ],
      changes: [
        `bridge ${HOSTILE}: absent → mac 52:54:00:00:00:77`,
        `link ${HOSTILE} state: down → up`,
        'tap `id`;x: absent → mode tap mac fe:00:00:00:00:01',
        `link \`id\`;x master: absent → ${HOSTILE}`,
        'link `id`;x state: down → up',
        `address 10.3.0.1/24 dev ${HOSTILE}: absent → 10.3.0.1/24`,
        'link `id`;x alias: absent → *',
      ],
      shows: { 'ip link': HOSTILE },
    },
  ]);

  test('pitfall 36: a bridge that nobody pinned is, though its MAC is the right one already', () => {
    netns.must('ip link add br0 type bridge; ip link set eth1 master br0; ip link set br0 up');
    const tasks = [{ bridge: { name: 'br0', ports: ['eth1'] } }];
    const plans = planIn(netns, tasks);
    expect(changesIn(plans)).toEqual([
      'bridge br0 mac: 52:54:00:00:00:01 (not pinned) → 52:54:00:00:00:01 (pinned)',
    ]);
    expect(applyIn(netns, stepsOf(plans))).toEqual([]);
    expect(changesIn(planIn(netns, tasks))).toEqual([]);
  });

  test("pitfall 36: a tap with a low MAC moves a bridge's MAC, unless netplay made the bridge", () => {
    const mac = (bridge: string): string => netns.must(`cat /sys/class/net/${bridge}/address`).trim();
    const tap = 'ip tuntap add dev low mode tap; ip link set dev low address 02:00:00:00:00:01';
    netns.must('ip link add plain type bridge; ip link set eth2 master plain; ip link set plain up');
    netns.must(`${tap}; ip link set low master plain`);
    expect(mac('plain')).toBe('02:00:00:00:00:01');
    netns.must('ip tuntap del dev low mode tap');

    applyIn(netns, stepsOf(planIn(netns, [{ bridge: { name: 'br0', ports: ['eth1'] } }])));
    expect(mac('br0')).toBe('52:54:00:00:00:01');
    netns.must(`${tap}; ip link set low master br0`);
    expect(mac('br0')).toBe('52:54:00:00:00:01');
    netns.must('ip tuntap del dev low mode tap; ip link set eth1 nomaster');
    expect(mac('br0')).toBe('52:54:00:00:00:01');
  });
});

describe('a link that an earlier task of the play makes', () => {
  roundTrip([
    {
      name: 'both ends of a pair, by a task each, and what hangs on them',
      tasks: [
        { veth: { name: 'a', peer: 'b' } },
        { veth: { name: 'b', peer: 'a', mac: '02:00:00:00:00:77' } },
        { link: { name: 'a', mac: '02:00:00:00:00:78', gso_max_size: 30_000, addrgenmode: 'none' } },
        { address: { address: '10.7.0.1/24', dev: 'b' } },
        { neighbour: { dst: '10.7.0.2', dev: 'b', lladdr: '02:00:00:00:00:78' } },
      ],
      changes: [
        'link a: absent → veth peer b',
        'link a state: down → up',
        'link b mac: absent → 02:00:00:00:00:77',
        'link b state: down → up',
        'link a mac: absent → 02:00:00:00:00:78',
        'link a addrgenmode: absent → none',
        'link a gso_max_size: absent → 30000',
        'address 10.7.0.1/24 dev b: absent → 10.7.0.1/24',
        'neighbour 10.7.0.2 dev b: absent → lladdr 02:00:00:00:00:78 permanent',
      ],
      shows: {
        'ip -br link show b': '02:00:00:00:00:77',
        'ip -br link show a': '02:00:00:00:00:78',
        'ip neigh show dev b': '10.7.0.2 lladdr 02:00:00:00:00:78 PERMANENT',
      },
    },
    {
      name: 'a macvlan that is made, and told more by a later task',
      tasks: [
        { macvlan: { name: 'mv', link: 'eth1' } },
        { macvlan: { name: 'mv', link: 'eth1', mac: '02:00:00:00:00:79', alias: 'mine' } },
      ],
      changes: [
        'link mv: absent → macvlan link eth1',
        'link mv state: down → up',
        'link mv mac: absent → 02:00:00:00:00:79',
        'link mv alias: absent → mine',
      ],
    },
  ]);

  test('one without Ethernet has no MAC to set, and no neighbours', () => {
    const tasks = [
      { tap: { name: 'tun9', mode: 'tun' } },
      { link: { name: 'tun9', mac: '02:00:00:00:00:79' } },
      { neighbour: { dst: '2001:db8::9', dev: 'tun9', lladdr: '02:00:00:00:00:78' } },
    ];
    expect(problemsIn(planIn(netns, tasks)).join('\n')).toMatch(/does not show mac[\s\S]*tun9 has no MACs/);
  });
});
