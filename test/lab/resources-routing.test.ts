/** The routing resources on the real kernel: what they make is there, is found again, and can be undone. */
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Resource } from '../../src/resources/resource.js';
import { route } from '../../src/resources/route.js';
import type { RouteParams } from '../../src/resources/routing/route-wish.js';
import { removedRules } from '../../src/resources/routing/rule-steps.js';
import type { RuleParams } from '../../src/resources/routing/rule-wish.js';
import { type RtTableParams, rtTable } from '../../src/resources/rt_table.js';
import { rule } from '../../src/resources/rule.js';
import { readSnapshot } from '../support/facts.js';
import { createNetns, type Netns } from '../support/netns.js';
import { apply, dump, planOn, undo } from '../support/resource-lab.js';

/** Two NICs in one network and one in another, with both families; veth peers stand for the wire. */
const HOST = `set -e
# Addresses are there at once: no duplicate address detection.
echo 0 > /proc/sys/net/ipv6/conf/default/accept_dad
for n in 0 1 2; do
  ip link add eth$n type veth peer name p$n
  ip link set p$n up
  ip link set eth$n up
done
ip addr add 192.168.1.1/24 dev eth0
ip addr add 192.168.1.2/24 dev eth1
ip addr add 192.168.2.2/24 dev eth2
ip addr add 2001:db8:1::1/64 dev eth0 nodad
ip addr add 2001:db8:2::1/64 dev eth2 nodad
# The kernel makes link-local addresses and the routes of all addresses a moment later, 23 of IPv6 together:
# a dump before that would differ.
while [ "$(ip -6 route show table all | grep -c .)" != 23 ]; do sleep 0.05; done`;

interface Case<P> {
  name: string;
  /** What stands there before, in shell. */
  before?: string;
  params: P;
  /** A line that \`show\` must print afterwards, where something is made. */
  shows?: string;
  /** A line that must be gone. */
  hides?: string;
  /** How many changes, the registration of the protocol's name left out; 1 where not given. */
  changes?: number;
}

let netns: Netns;
beforeEach(async () => {
  netns = await createNetns();
  netns.must(HOST);
});
afterEach(() => netns.close());

/** Brings a host from \`before\` to what is asked for, finds nothing more to do, and goes all the way back. */
function roundTrip<P>(resource: Resource<P>, cases: readonly Case<P>[]): void {
  test.each(cases)('$name', ({ before, params, shows, hides, changes = 1 }) => {
    if (before !== undefined) netns.must(before);
    const first = dump(netns);

    const plan = planOn(netns, resource, params);
    expect(plan.problems ?? []).toEqual([]);
    const made = plan.changes.filter((change) => change.address !== 'rt_proto netplay');
    expect(made).toHaveLength(changes);
    if (hides !== undefined) expect(first).toContain(hides);
    apply(netns, plan.changes);

    const after = dump(netns);
    if (shows !== undefined) expect(after).toContain(shows);
    if (hides !== undefined) expect(after).not.toContain(hides);
    const again = planOn(netns, resource, params);
    expect(again.problems ?? []).toEqual([]);
    expect(again.changes).toEqual([]);

    undo(netns, plan.changes);
    expect(dump(netns)).toBe(first);
  });
}

const GW = '192.168.1.254';
const LINK_100 = 'ip route add 192.168.1.0/24 dev eth0 src 192.168.1.1 table 100';

const ROUTES: Case<RouteParams>[] = [
  {
    name: 'a link route in a table',
    params: { dst: '192.168.1.0/24', dev: 'eth0', src: '192.168.1.1', table: 100 },
    shows: 'unicast 192.168.1.0/24 dev eth0 table 100 proto netplay scope link src 192.168.1.1',
  },
  {
    name: 'a default route in a table, after the route to its gateway',
    before: LINK_100,
    params: { dst: 'default', via: GW, dev: 'eth0', table: 100 },
    shows: 'unicast default via 192.168.1.254 dev eth0 table 100 proto netplay scope global',
  },
  {
    name: 'pitfall 18: the device that is named, not the one that the kernel would take',
    params: { dst: 'default', via: GW, dev: 'eth1', table: 100 },
    shows: 'unicast default via 192.168.1.254 dev eth1 table 100 proto netplay',
  },
  {
    name: 'a default route that is on the link, said aloud',
    params: { dst: 'default', dev: 'eth0', scope: 'link', table: 100 },
    shows: 'unicast default dev eth0 table 100 proto netplay scope link',
  },
  {
    name: 'pitfall 20: scope global without a gateway, asked for, is there and found again',
    params: { dst: '10.0.0.0/8', dev: 'eth0', scope: 'global' },
    shows: 'unicast 10.0.0.0/8 dev eth0 table main proto netplay scope global',
  },
  {
    name: 'the device of a gateway that is in one network only',
    params: { dst: '10/8', via: '192.168.2.254' },
    shows: 'unicast 10.0.0.0/8 via 192.168.2.254 dev eth2 table main proto netplay',
  },
  {
    name: 'pitfall 21: onlink, where no prefix holds the gateway',
    params: { dst: '10.0.0.0/8', via: '172.16.0.1', dev: 'eth0', onlink: true },
    shows: 'unicast 10.0.0.0/8 via 172.16.0.1 dev eth0 table main proto netplay scope global onlink',
  },
  ...(['blackhole', 'unreachable', 'prohibit', 'throw'] as const).flatMap((type) => [
    {
      name: `${type}, IPv4`,
      params: { dst: '10.0.0.0/8', type },
      shows: `${type} 10.0.0.0/8 table main proto netplay`,
    },
    {
      name: `${type}, IPv6`,
      params: { dst: '2001:db8:9::/48', type, table: 100 },
      shows: `${type} 2001:db8:9::/48 dev lo table 100 proto netplay`,
    },
  ]),
  {
    name: 'type local goes to table local, as with ip',
    params: { dst: '10.5.0.0/16', type: 'local', dev: 'lo' },
    shows: 'local 10.5.0.0/16 dev lo table local proto netplay scope host',
  },
  {
    name: 'multipath with weights',
    params: {
      dst: '10.0.0.0/8',
      nexthops: [
        { via: GW, dev: 'eth0', weight: 2 },
        { via: '192.168.2.254', dev: 'eth2' },
      ],
    },
    shows: 'nexthop via 192.168.1.254 dev eth0 weight 2',
  },
  {
    name: 'one next hop in a list is a plain route, whatever its weight',
    params: { dst: '10.9.0.0/16', nexthops: [{ via: GW, dev: 'eth0', weight: 3 }] },
    shows: 'unicast 10.9.0.0/16 via 192.168.1.254 dev eth0 table main proto netplay scope global',
  },
  {
    name: 'the realms of a multipath route are given to each next hop',
    params: {
      dst: '10.9.0.0/16',
      realms: '4/5',
      nexthops: [
        { via: GW, dev: 'eth0' },
        { via: '192.168.2.254', dev: 'eth2' },
      ],
    },
    shows: 'nexthop via 192.168.2.254 realms 4/5 dev eth2 weight 1',
  },
  {
    name: 'the realms that one next hop has for itself stay with it',
    before: `ip route add 10.9.0.0/16 nexthop via ${GW} dev eth0 realms 4/5 nexthop via 192.168.2.254 dev eth2`,
    params: {
      dst: '10.9.0.0/16',
      nexthops: [
        { via: GW, dev: 'eth0' },
        { via: '192.168.2.254', dev: 'eth2', weight: 2 },
      ],
    },
    shows: 'nexthop via 192.168.1.254 realms 4/5 dev eth0 weight 1',
  },
  {
    name: 'the realms of each next hop are cleared',
    before: `ip route add 10.9.0.0/16 nexthop via ${GW} dev eth0 realms 4/5 nexthop via 192.168.2.254 dev eth2`,
    params: { dst: '10.9.0.0/16', realms: null },
    hides: 'realms 4/5',
  },
  {
    name: 'a metric of 0 clears it, and is no difference where there is none',
    before: `ip route add 10.9.0.0/16 via ${GW} dev eth0 mtu 1400`,
    params: { dst: '10.9.0.0/16', mtu: 0, advmss: 0, quickack: 0 },
    hides: 'mtu 1400 \n',
  },
  {
    name: 'a route that was to end stays for good',
    before: 'ip -6 route add 2001:db8:9::/48 dev eth0 expires 9000',
    params: { dst: '2001:db8:9::/48', expires: null },
    hides: 'expires',
  },
  {
    name: 'an IPv4 route with an IPv6 gateway in a network of the device',
    params: { dst: '10.9.0.0/16', via: '2001:db8:1::fe', dev: 'eth0' },
    shows: 'unicast 10.9.0.0/16 via inet6 2001:db8:1::fe dev eth0',
  },
  {
    name: 'pitfall 15: IPv6 multipath is one route, and is replaced as a whole',
    before: `ip -6 route add 2001:db8:5::/48 via 2001:db8:1::fe dev eth0
             ip -6 route append 2001:db8:5::/48 via 2001:db8:2::fe dev eth2`,
    params: {
      dst: '2001:db8:5::/48',
      nexthops: [
        { via: '2001:db8:1::fd', dev: 'eth0', weight: 3 },
        { via: '2001:db8:2::fe', dev: 'eth2' },
      ],
    },
    shows: 'nexthop via 2001:db8:1::fd dev eth0 weight 3',
    hides: '2001:db8:1::fe',
  },
  {
    name: 'pitfall 15: one gateway in place of two',
    before: `ip -6 route add 2001:db8:5::/48 via 2001:db8:1::fe dev eth0
             ip -6 route append 2001:db8:5::/48 via 2001:db8:2::fe dev eth2`,
    params: { dst: '2001:db8:5::/48', via: '2001:db8:1::fe', dev: 'eth0' },
    hides: '2001:db8:2::fe',
  },
  {
    name: 'all metrics, some of them locked',
    params: {
      dst: '10.0.0.0/8',
      via: GW,
      dev: 'eth0',
      mtu: 1400,
      lock: ['mtu', 'advmss', 'cwnd'],
      advmss: 1360,
      window: 65536,
      initcwnd: 10,
      initrwnd: 20,
      rtt: 100,
      rttvar: 50,
      rto_min: 300,
      ssthresh: 6,
      cwnd: 40,
      reordering: 9,
      hoplimit: 64,
      quickack: 1,
      features: 'ecn',
      congctl: 'cubic',
      realms: '4/5',
    },
    shows: 'mtu lock 1400 window 65536 rtt 100ms rttvar 50ms ssthresh 6 cwnd lock 40 advmss lock 1360',
  },
  {
    name: 'pitfall 22: a lock that is asked for where the mtu is there without',
    before: `ip route add 10.0.0.0/8 via ${GW} dev eth0 mtu 1400`,
    params: { dst: '10.0.0.0/8', via: GW, dev: 'eth0', mtu: 1400, mtu_lock: true },
    shows: 'mtu lock 1400',
  },
  {
    name: 'null clears, what is not given stays',
    before: `ip route add 10.0.0.0/8 via ${GW} dev eth0 src 192.168.1.1 mtu 1400 advmss 1360`,
    params: { dst: '10.0.0.0/8', via: GW, mtu: null, src: null },
    shows: 'unicast 10.0.0.0/8 via 192.168.1.254 dev eth0 table main proto boot scope global advmss 1360',
    hides: 'mtu 1400',
  },
  {
    name: 'a drifted gateway is changed in place and keeps its maker',
    before: `ip route add 10.0.0.0/8 via 192.168.1.253 dev eth0 proto static`,
    params: { dst: '10.0.0.0/8', via: GW, dev: 'eth0' },
    shows: 'unicast 10.0.0.0/8 via 192.168.1.254 dev eth0 table main proto static scope global',
    hides: 'via 192.168.1.253',
  },
  {
    name: 'a maker that is asked for',
    before: `ip route add 10.0.0.0/8 via ${GW} dev eth0 proto static`,
    params: { dst: '10.0.0.0/8', via: GW, dev: 'eth0', protocol: 'netplay' },
    shows: 'proto netplay',
    hides: 'proto static',
  },
  {
    name: 'a link route that becomes one with a gateway gets its scope',
    before: 'ip route add 10.0.0.0/8 dev eth0',
    params: { dst: '10.0.0.0/8', via: GW, dev: 'eth0' },
    shows: 'via 192.168.1.254 dev eth0 table main proto boot scope global',
  },
  {
    name: 'pitfall 16: the wanted route is there, but behind another one of its key',
    before: `${LINK_100}
             ip route add 10.0.0.0/8 via 192.168.1.253 dev eth0 table 100
             ip route append 10.0.0.0/8 via ${GW} dev eth0 table 100
             ip route append 10.0.0.0/8 via 192.168.1.252 dev eth0 table 100`,
    params: { dst: '10.0.0.0/8', via: GW, dev: 'eth0', table: 100 },
    hides: 'via 192.168.1.253',
  },
  {
    name: 'pitfall 17: a blackhole of the same key is replaced',
    before: 'ip route add blackhole 10.0.0.0/8',
    params: { dst: '10.0.0.0/8', via: GW, dev: 'eth0' },
    hides: 'blackhole',
  },
  {
    name: 'pitfall 14: IPv6 metric 0 is 1024',
    params: { dst: '2001:db8:9::/48', via: '2001:db8:1::fe', dev: 'eth0', metric: 0 },
    shows: 'via 2001:db8:1::fe dev eth0 table main proto netplay scope global metric 1024',
  },
  {
    name: 'IPv6 with from, src, pref and hop limit',
    params: {
      dst: '2001:DB8:9::/48',
      from: '2001:db8:7::/64',
      via: 'fe80::1',
      dev: 'eth0',
      src: '2001:db8:1::1',
      pref: 'high',
      hoplimit: 9,
    },
    shows: 'unicast 2001:db8:9::/48 from 2001:db8:7::/64 via fe80::1 dev eth0',
  },
  {
    name: 'an IPv6 gateway of an IPv4 route',
    params: { dst: '10.6.0.0/16', via: 'fe80::1', dev: 'eth0' },
    shows: '10.6.0.0/16 via inet6 fe80::1 dev eth0',
  },
  {
    name: 'tos and metric are other routes beside the one without',
    before: `ip route add 10.0.0.0/8 via ${GW} dev eth0`,
    params: { dst: '10.0.0.0/8', via: GW, dev: 'eth1', metric: 50, tos: '0x10' },
    shows: 'tos 0x10 via 192.168.1.254 dev eth1',
  },
  {
    name: "the kernel's own connected route gets an mtu, its twin of the other NIC stays",
    params: { dst: '192.168.1.0/24', dev: 'eth1', mtu: 1400 },
    shows: 'unicast 192.168.1.0/24 dev eth0 table main proto kernel scope link src 192.168.1.1',
  },
  {
    name: "the kernel's own connected route of the first NIC gets an mtu",
    params: { dst: '192.168.1.0/24', dev: 'eth0', mtu: 1400 },
    shows: 'unicast 192.168.1.0/24 dev eth1 table main proto kernel scope link src 192.168.1.2',
  },
  {
    name: 'the connected routes that the kernel made are there already, each of them',
    params: { dst: '192.168.1.0/24', dev: 'eth1', src: '192.168.1.2' },
    changes: 0,
  },
  {
    name: "the kernel's IPv6 connected route is there already, whatever its metric",
    params: { dst: '2001:db8:1::/64', dev: 'eth0' },
    changes: 0,
  },
  {
    name: 'pitfall 25: a link without carrier changes nothing',
    before: `ip route add 10.0.0.0/8 via ${GW} dev eth0; ip link set p0 down; sleep 0.1`,
    params: { dst: '10.0.0.0/8', via: GW, dev: 'eth0' },
    changes: 0,
  },
  {
    name: 'absent: all that fit go, whoever made them',
    before: `ip route add 10.0.0.0/8 via ${GW} dev eth0
             ip route append 10.0.0.0/8 via 192.168.2.254 dev eth2 proto static
             ip route add 10.0.0.0/8 dev eth1 metric 7`,
    params: { dst: '10.0.0.0/8', state: 'absent' },
    hides: '10.0.0.0/8',
    changes: 3,
  },
  {
    name: 'absent: only what is named, from between two others',
    before: `ip route add 10.0.0.0/8 via ${GW} dev eth0
             ip route append 10.0.0.0/8 via 192.168.2.254 dev eth2
             ip route append 10.0.0.0/8 via 192.168.1.253 dev eth1`,
    params: { dst: '10.0.0.0/8', dev: 'eth2', state: 'absent' },
    hides: '192.168.2.254',
  },
  {
    name: 'absent: the first of two',
    before: `ip route add 10.0.0.0/8 via ${GW} dev eth0 mtu lock 1400
             ip route append 10.0.0.0/8 via 192.168.2.254 dev eth2`,
    params: { dst: '10.0.0.0/8', via: GW, state: 'absent' },
    hides: 'via 192.168.1.254',
  },
  {
    name: "absent never takes the kernel's connected route",
    params: { dst: '192.168.2.0/24', state: 'absent' },
    changes: 0,
  },
  {
    name: 'absent: IPv6 multipath, blackhole and metrics',
    before: `ip -6 route add 2001:db8:5::/48 via 2001:db8:1::fe dev eth0 mtu 1400
             ip -6 route append 2001:db8:5::/48 via 2001:db8:2::fe dev eth2 mtu 1400
             ip -6 route add blackhole 2001:db8:5::/48 metric 5`,
    params: { dst: '2001:db8:5::/48', state: 'absent' },
    changes: 2,
  },
];

const RULES: Case<RuleParams>[] = [
  {
    name: 'from an address',
    params: { from: '192.168.1.1', table: 100, priority: 100 },
    shows: '100:\tfrom 192.168.1.1 lookup 100 proto netplay',
  },
  {
    name: 'pitfall 7 and 8: without a priority it gets one that is found again',
    before: 'ip rule add from 10.9.9.9 table 9 priority 1000',
    params: { from: '192.168.1.1', table: 100 },
    shows: '30000:\tfrom 192.168.1.1 lookup 100 proto netplay',
  },
  {
    name: "pitfall 9: a stranger's rule is there, and is not made twice",
    before: 'ip rule add from 192.168.1.1 table 100 priority 100 protocol 99',
    params: { from: '192.168.1.1/32', table: 100, priority: 100 },
    changes: 0,
  },
  {
    name: 'everything at once',
    params: {
      not: true,
      from: '10.0.0.0/8',
      to: '10.1.0.0/16',
      iif: 'eth0',
      oif: 'eth1',
      fwmark: '0x1/0xff',
      tos: '0x10',
      ipproto: 'tcp',
      sport: '80',
      dport: '8000-8080',
      uidrange: '0-100',
      tun_id: 5,
      table: 100,
      suppress_prefixlength: 0,
      suppress_ifgroup: 'default',
      realms: '4/5',
      priority: 100,
    },
    shows:
      'not from 10.0.0.0/8 to 10.1.0.0/16 tos 0x10 fwmark 0x1/0xff iif eth0 oif eth1 uidrange 0-100 ipproto tcp sport 80 dport 8000-8080 tun_id 5 lookup 100 suppress_prefixlength 0 suppress_ifgroup default',
  },
  {
    name: 'ports as a list make a rule for each',
    params: { ipproto: 6, dport: ['80', '443'], table: 100, family: 'both' },
    changes: 4,
    shows: '30001:\tfrom all ipproto tcp dport 443 lookup 100 proto netplay',
  },
  {
    name: 'pitfall 12: a mark of 0 with its mask',
    params: { fwmark: '0/0xffffffff', table: 100, priority: 100 },
    shows: '100:\tfrom all fwmark 0',
  },
  ...(['blackhole', 'unreachable', 'prohibit', 'nop'] as const).map((action) => ({
    name: `action ${action}`,
    params: { from: '10.0.0.0/8', action, priority: 100 },
    shows: `100:\tfrom 10.0.0.0/8 ${action} proto netplay`,
  })),
  {
    name: 'goto',
    params: { from: '10.0.0.0/8', goto: 32766, priority: 100 },
    shows: '100:\tfrom 10.0.0.0/8 goto 32766 proto netplay',
  },
  {
    name: 'l3mdev',
    params: { l3mdev: true, priority: 100 },
    shows: '100:\tfrom all lookup [l3mdev-table] proto netplay',
  },
  {
    name: "main's routes except its default",
    params: { table: 'main', suppress_prefixlength: 0, priority: 90 },
    shows: '90:\tfrom all lookup main suppress_prefixlength 0 proto netplay',
  },
  {
    name: 'pitfall 13: IPv6 and IPv4 have rules of their own',
    before: 'ip -4 rule add iif eth0 table 100 priority 100',
    params: { iif: 'eth0', table: 100, priority: 100, family: 6 },
    shows: '100:\tfrom all iif eth0 lookup 100 proto netplay',
  },
  {
    name: 'another priority: the new one is made, the old one that netplay made goes',
    before: `ip rule add from 192.168.1.1 table 100 priority 500 protocol 201
             ip rule add from 192.168.9.9 table 100 priority 500`,
    params: { from: '192.168.1.1', table: 100, priority: 100 },
    hides: '500:\tfrom 192.168.1.1 ',
  },
  {
    name: "another priority: a stranger's stays",
    before: 'ip rule add from 192.168.1.1 table 100 priority 500',
    params: { from: '192.168.1.1', table: 100, priority: 100 },
    shows: '500:\tfrom 192.168.1.1 lookup 100',
  },
  {
    name: 'a maker that is asked for',
    before: 'ip rule add from 192.168.1.1 table 100 priority 100',
    params: { from: '192.168.1.1', table: 100, priority: 100, protocol: 'static' },
    shows: '100:\tfrom 192.168.1.1 lookup 100 proto static',
    hides: 'lookup 100 proto unspec',
  },
  {
    name: 'pitfall 26: a rule whose device is missing is there all the same',
    before: 'ip rule add iif eth9 table 100 priority 100',
    params: { iif: 'eth9', table: 100, priority: 100 },
    changes: 0,
  },
  {
    name: 'absent: from the middle of its priority, and back to its very place',
    before: `ip rule add from 10.0.0.1 table 1 priority 100
             ip rule add from 10.0.0.2 table 1 priority 100 protocol 201
             ip rule add from 10.0.0.3 table 1 priority 100 protocol 99`,
    params: { from: '10.0.0.2', state: 'absent' },
    hides: 'from 10.0.0.2',
  },
  {
    name: 'pitfall 10: absent deletes by the whole selector, not the first that looks alike',
    before: `ip rule add from 10.0.0.1 iif eth0 table 1 priority 90
             ip rule add from 10.0.0.1 table 1 priority 100`,
    params: { from: '10.0.0.1', priority: 100, state: 'absent' },
    shows: '90:\tfrom 10.0.0.1 iif eth0 lookup 1',
    hides: '100:\tfrom 10.0.0.1 lookup',
  },
  {
    name: 'pitfall 10: a broad rule is moved away, and not a narrower one that stands before it',
    before: `ip rule add from 10.0.0.1 iif eth0 table 9 priority 100 protocol 201
             ip rule add fwmark 7 table 9 priority 100 protocol 201
             ip rule add from 10.0.0.1 table 9 priority 100 protocol 201
             ip rule add from 10.0.0.2 table 9 priority 100 protocol 201`,
    params: { from: '10.0.0.1', table: 9, priority: 200 },
    shows: '100:\tfrom 10.0.0.1 iif eth0 lookup 9',
    hides: '100:\tfrom 10.0.0.1 lookup 9',
  },
  {
    name: 'pitfall 10: the undo of a broad rule spares a narrower one that stands before it',
    before: 'ip rule add from 10.0.0.1 table 9 priority 100 protocol 201',
    params: { iif: 'eth0', table: 9, priority: 100 },
    shows: '100:\tfrom all iif eth0 lookup 9',
  },
  {
    name: 'pitfall 9: a broad rule comes beside narrower ones that do the same, where the kernel would say File exists',
    before: `ip rule add from 10.0.0.1 table 9 priority 100 protocol 201
             ip rule add from 10.0.0.2 iif eth0 table 9 priority 100 protocol 201
             ip rule add to 10.0.0.3 table 9 priority 100 protocol 201`,
    params: { from: 'all', table: 9, priority: 100 },
    shows: '100:\tfrom all lookup 9',
  },
  {
    name: 'absent: whatever table it looks up',
    before: `ip rule add from 10.0.0.1 table 1 priority 90
             ip rule add from 10.0.0.1 prohibit priority 100`,
    params: { from: '10.0.0.1', state: 'absent' },
    changes: 2,
  },
  {
    name: "pitfall 11: the kernel's three rules stay",
    params: { from: 'all', table: 'main', state: 'absent' },
    shows: '32766:\tfrom all lookup main proto kernel',
    changes: 0,
  },
];

const TABLES: Case<RtTableParams>[] = [
  { name: 'a name', params: { id: 100, name: 'local100' }, shows: '100\tlocal100' },
  {
    name: 'a second name beside the first',
    before:
      "mkdir -p /etc/iproute2/rt_tables.d; printf '100\\tlocal100\\n' > /etc/iproute2/rt_tables.d/netplay.conf",
    params: { id: 200, name: 'local200' },
    shows: '200\tlocal200',
  },
  {
    name: 'a name that is there in another file',
    before: "printf '100 local100' >> /etc/iproute2/rt_tables",
    params: { id: 100, name: 'local100' },
    changes: 0,
  },
  {
    name: 'another id for our own name',
    before:
      "mkdir -p /etc/iproute2/rt_tables.d; printf '100\\tlocal100\\n' > /etc/iproute2/rt_tables.d/netplay.conf",
    params: { id: 101, name: 'local100' },
    shows: '101\tlocal100',
    hides: '100\tlocal100',
  },
  {
    name: 'absent removes our own name',
    before:
      "mkdir -p /etc/iproute2/rt_tables.d; printf '100\\tlocal100\\n' > /etc/iproute2/rt_tables.d/netplay.conf",
    params: { name: 'local100', state: 'absent' },
    hides: 'local100',
  },
  {
    name: "absent leaves a stranger's name",
    before: "printf '100 local100\\n' >> /etc/iproute2/rt_tables",
    params: { name: 'local100', state: 'absent' },
    changes: 0,
  },
];

test('pitfall 19: an IPv6 source address that the host has only just got is waited for', () => {
  netns.must('echo 1 > /proc/sys/net/ipv6/conf/eth2/accept_dad; ip -6 addr add 2001:db8:3::1/64 dev eth2');
  const params: RouteParams = {
    dst: '2001:db8:9::/48',
    via: '2001:db8:2::fe',
    dev: 'eth2',
    src: '2001:db8:3::1',
  };
  const direct = 'ip -6 route add 2001:db8:8::/48 via 2001:db8:2::fe dev eth2 src 2001:db8:3::1';
  expect(netns.exec(direct).code).not.toBe(0);
  const { changes } = planOn(netns, route, params);
  apply(netns, changes);
  expect(planOn(netns, route, params)).toEqual({ changes: [] });
});

test('a device that does no IPv6 takes no IPv6 route, and the kernel agrees', () => {
  netns.must('echo 1 > /proc/sys/net/ipv6/conf/eth1/disable_ipv6');
  expect(netns.exec('ip -6 route add 2001:db8:9::/48 dev eth1').code).not.toBe(0);
  const { changes, problems } = planOn(netns, route, { dst: '2001:db8:9::/48', dev: 'eth1' });
  expect(changes).toEqual([]);
  expect(problems?.[0]?.message).toBe('IPv6 is switched off on eth1 (disable_ipv6 = 1)');
  expect(planOn(netns, route, { dst: '2001:db8:9::/48', dev: 'eth0' }).problems ?? []).toEqual([]);
});

test('a host without IPv6 takes no IPv6 rule, and what is to be absent is', () => {
  // What such a kernel lacks is hidden: nobody can take it from a running one.
  netns.must('mount -t tmpfs tmpfs /proc/sys/net');
  const params: RuleParams = { from: '2001:db8::/32', table: 100 };
  expect(planOn(netns, rule, params).problems?.[0]?.message).toBe('this host has no IPv6');
  expect(planOn(netns, rule, { ...params, state: 'absent' })).toEqual({ changes: [], warnings: [] });
});

describe('route', () => roundTrip(route, ROUTES));
describe('rule', () => roundTrip(rule, RULES));
describe('rt_table', () => roundTrip(rtTable, TABLES));

/** Few values each, so that random routes meet under one key. */
const anyRoute = fc.record(
  {
    dst: fc.constantFrom('10.0.0.0/8', '10.1.0.0/16', 'default'),
    hop: fc.constantFrom<Partial<RouteParams>>(
      { via: GW, dev: 'eth0' },
      { via: '192.168.1.253', dev: 'eth1' },
      { dev: 'eth2', scope: 'link' },
      { type: 'blackhole' },
      { type: 'throw' },
      { via: '172.16.0.1', dev: 'eth0', onlink: true },
      {
        nexthops: [
          { via: GW, dev: 'eth0' },
          { via: '192.168.2.254', dev: 'eth2', weight: 3 },
        ],
      },
    ),
    table: fc.constantFrom(100, 254),
    metric: fc.constantFrom(0, 7),
    mtu: fc.constantFrom(1300, 1400, null),
    initcwnd: fc.constantFrom(5, null),
    src: fc.constantFrom('192.168.1.1', '192.168.2.2', null),
    state: fc.constantFrom('present' as const, 'absent' as const),
  },
  { requiredKeys: ['dst', 'hop', 'table'] },
);
const routeParams = anyRoute.map(({ hop, ...rest }): RouteParams => ({ ...rest, ...hop }));
const anyRoute6 = fc.record(
  {
    dst: fc.constantFrom('2001:db8:5::/48', '2001:db8:6::/48'),
    hop: fc.constantFrom<Partial<RouteParams>>(
      { via: '2001:db8:1::fe', dev: 'eth0' },
      { via: '2001:db8:2::fe', dev: 'eth2' },
      { dev: 'eth1' },
      { type: 'unreachable' },
      {
        nexthops: [
          { via: '2001:db8:1::fe', dev: 'eth0' },
          { via: 'fe80::9', dev: 'eth2', weight: 2 },
        ],
      },
    ),
    table: fc.constantFrom(100, 254),
    metric: fc.constantFrom(0, 7),
    mtu: fc.constantFrom(1300, null),
    pref: fc.constantFrom('high' as const, null),
    state: fc.constantFrom('present' as const, 'absent' as const),
  },
  { requiredKeys: ['dst', 'hop', 'table'] },
);
const route6Params = anyRoute6.map(({ hop, ...rest }): RouteParams => ({ ...rest, ...hop }));
const ruleParams: fc.Arbitrary<RuleParams> = fc.record(
  {
    from: fc.constantFrom('192.168.1.1', '10.0.0.0/8'),
    iif: fc.constantFrom('eth0', 'eth9'),
    fwmark: fc.constantFrom('0x1/0xff', 2),
    dport: fc.constantFrom('80', '80-90'),
    not: fc.boolean(),
    table: fc.constantFrom(100, 101),
    priority: fc.constantFrom(100, 101, 30000),
    protocol: fc.constantFrom('static', 'netplay'),
    suppress_prefixlength: fc.constantFrom(0, 8),
    state: fc.constantFrom('present' as const, 'absent' as const),
  },
  { requiredKeys: ['from', 'table'] },
);

/** Rules and routes that others made, under the same keys as the tasks'. */
const strangers = fc.subarray([
  `ip route append 10.0.0.0/8 via ${GW} dev eth0 proto static table 100 mtu lock 1350`,
  `ip route append 10.0.0.0/8 via 192.168.1.253 dev eth1 table 100`,
  'ip route append 10.1.0.0/16 dev eth2 src 192.168.2.2',
  'ip route append 10.1.0.0/16 via 192.168.1.253 dev eth1 metric 7 initcwnd 9',
  'ip -6 route append 2001:db8:5::/48 via 2001:db8:1::fe dev eth0',
  'ip -6 route append 2001:db8:5::/48 via 2001:db8:2::fe dev eth2',
  'ip -6 route append 2001:db8:6::/48 dev eth1 table 100 pref low',
  'ip -6 route append 2001:db8:6::/48 dev eth0 table 100',
  'ip rule add from 192.168.1.1 table 100 priority 100',
  'ip rule add from 192.168.1.1 table 100 priority 101 protocol 201',
  'ip rule add from 192.168.1.1 table 100 priority 101 protocol 99',
  'ip rule add from 10.0.0.0/8 iif eth9 table 101 priority 30000',
]);

const task = fc.oneof(
  routeParams.map((params) => ({ resource: route as Resource<never>, params: params as never })),
  route6Params.map((params) => ({ resource: route as Resource<never>, params: params as never })),
  ruleParams.map((params) => ({ resource: rule as Resource<never>, params: params as never })),
);

/** Rules of one priority and table, many of which the kernel takes for another one when that is deleted. */
const ALIKE = [
  ...['from all', 'from 10.0.0.1', 'from 10.0.0.1 iif eth0', 'not from 10.0.0.1', 'from all iif eth0'],
  ...[
    'from all to 10.9.0.0/16',
    'from 10.0.0.1 to 10.9.0.0/16',
    'from all fwmark 0x7',
    'from 10.0.0.1 fwmark 0x7',
  ],
  ...['from all fwmark 0/0xf', 'from all ipproto 6', 'from all ipproto 6 dport 80', 'from all tos 0x10'],
  ...['from all uidrange 1-9 iif eth0', 'from all suppress_prefixlength 0'],
];

test('pitfall 10: of rules that look alike, any can go and come back without moving another', () => {
  const alike = fc.shuffledSubarray(ALIKE, { minLength: 2, maxLength: 6 });
  fc.assert(
    fc.property(alike, fc.nat(), fc.boolean(), (selectors, pick, both) => {
      const add = (selector: string): string => {
        const [match = '', suppress] = selector.split(' suppress_prefixlength ');
        return `ip rule add ${match} priority 100 table 9 ${suppress === undefined ? '' : `suppress_prefixlength ${suppress}`} protocol 201`;
      };
      // The kernel takes no broad rule beside one with a narrower `from`, `to` or `tos`.
      netns.must([RESET, ...selectors.map((selector) => `${add(selector)} 2>/dev/null`), 'true'].join('\n'));
      const first = netns.must('ip rule show');
      const snapshot = readSnapshot(netns);
      const group = snapshot.rules.filter((one) => one.priority === 100);
      const doomed = group.filter((_, index) => index === pick % group.length || (both && index === 0));
      const changes = removedRules(doomed, snapshot);
      apply(netns, changes);
      const lines = first.split('\n').filter((line) => line.startsWith('100:'));
      const left = lines.filter((_, index) => !(index === pick % group.length || (both && index === 0)));
      const now = netns.must('ip rule show').split('\n');
      expect(now.filter((line) => line.startsWith('100:'))).toEqual(left);
      undo(netns, changes);
      expect(netns.must('ip rule show')).toBe(first);
    }),
    { numRuns: 60 },
  );
});

/** Whatever an earlier run left behind where it failed. */
const RESET = `for f in -4 -6; do
  for p in boot static netplay; do ip $f route flush table all proto $p 2>/dev/null; done
  for n in 100 101 30000 30001 30002 30003; do while ip $f rule del priority $n 2>/dev/null; do :; done; done
done
ip rule show`;

test('random states and tasks: a second plan is empty, undo brings all back', () => {
  fc.assert(
    fc.property(strangers, fc.array(task, { minLength: 1, maxLength: 4 }), (before, tasks) => {
      netns.must([RESET, 'set -e', ...before].join('\n'));
      const first = dump(netns);
      const made = tasks.flatMap(({ resource, params }) => {
        const { changes, problems = [] } = planOn(netns, resource, params);
        if (problems.length > 0) return [];
        apply(netns, changes);
        expect(planOn(netns, resource, params).changes).toEqual([]);
        return changes;
      });
      undo(netns, made);
      expect(dump(netns)).toBe(first);
    }),
    { numRuns: 60 },
  );
});
