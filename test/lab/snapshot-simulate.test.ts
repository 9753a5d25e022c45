/** What the simulation foretells is what the kernel does: real commands in a namespace, read again, compared. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Effect } from '../../src/snapshot/effects.js';
import { lostRoutes } from '../../src/snapshot/lost-routes.js';
import type { Address, Neighbour, Snapshot } from '../../src/snapshot/model.js';
import { applyEffects } from '../../src/snapshot/simulate.js';
import { comparable, readSnapshot } from '../support/facts.js';
import { createNetns, DROP_WIDE_PROXIES, type Netns } from '../support/netns.js';
import { address, addressCommand, linkWith, TWO_LINKS, upDown } from '../support/network.js';

let netns: Netns;
beforeEach(async () => {
  netns = await createNetns();
  netns.must(TWO_LINKS);
});
afterEach(() => {
  netns.must(DROP_WIDE_PROXIES);
  netns.close();
});

interface Scenario {
  name: string;
  setup: string;
  command: string;
  effects: (snapshot: Snapshot) => Effect[];
}

const add = (own: Address): Pick<Scenario, 'command' | 'effects'> => ({
  command: addressCommand('add', own),
  effects: () => [{ kind: 'address', set: own }],
});
const del = (own: Address): Pick<Scenario, 'command' | 'effects'> => ({
  command: addressCommand('del', own),
  effects: () => [{ kind: 'address', unset: own }],
});
const switchLink = (name: string, up: boolean): Pick<Scenario, 'command' | 'effects'> => ({
  command: `ip link set ${name} ${up ? 'up' : 'down'}`,
  effects: (snapshot) => [upDown(snapshot, name, up)],
});
const setMaster = (name: string, master: string | null): Pick<Scenario, 'command' | 'effects'> => ({
  command: `ip link set ${name} ${master === null ? 'nomaster' : `master ${master}`}`,
  effects: (snapshot) => [linkWith(snapshot, name, { master })],
});

const TWO_DEVICES = `
ip addr add 10.0.0.1/24 dev v0; ip addr add 10.1.0.1/24 dev w0
ip addr add 2001:db8::1/64 dev v0 nodad; ip addr add 2001:db8:1::1/64 dev w0 nodad
ip route add default via 10.0.0.9 table 7; ip route add 10.9.0.0/16 via 10.0.0.9 metric 5
ip route add blackhole 10.99.0.0/16
ip route add 10.77.0.0/16 nexthop via 10.0.0.9 dev v0 nexthop via 10.1.0.9 dev w0
ip -6 route add 2001:db8:77::/64 nexthop via 2001:db8::9 dev v0 nexthop via 2001:db8:1::9 dev w0
ip -6 route add 2001:db8:78::/64 via 2001:db8::9 table 7
ip route add local 10.14.0.1 dev v0 table 300
ip rule add iif v0 lookup 7 priority 70
`;
const SECONDARIES = `ip addr add 10.0.0.1/24 dev v0; ip addr add 10.0.0.2/24 dev v0; ip addr add 10.0.0.3/24 dev v0; ip addr add 10.5.0.1/24 dev v0
ip route add 10.80.0.0/16 dev v0 src 10.0.0.2; ip route add 10.81.0.0/16 dev v0 src 10.0.0.1; ip route add 10.81.0.0/16 dev v0 src 10.0.0.1 table 9`;
const BRIDGE = `ip link set v1 address 02:00:00:00:00:05; ip link set w1 address 02:00:00:00:00:03; ip link add br0 type bridge`;

const NEIGHBOURS = `${TWO_DEVICES}ip link add br0 type bridge; ip link set br0 up
for d in v0 w0 br0; do
  ip neigh add 10.0.0.9 lladdr 02:00:00:00:00:09 dev $d nud permanent
  ip neigh add 10.0.0.10 lladdr 02:00:00:00:00:10 dev $d nud noarp
  ip neigh add 2001:db8::9 lladdr 02:00:00:00:00:09 dev $d nud permanent router
  ip neigh add proxy 10.0.0.50 dev $d; ip neigh add proxy 2001:db8::50 dev $d
done
`;
const neighbour = (dst: string, dev: string | null, more: Partial<Neighbour> = {}): Neighbour => {
  const family = dst.includes(':') ? 6 : 4;
  const proxy = more.lladdr === undefined;
  const nud = proxy ? null : 'permanent';
  return { family, dst, dev, proxy, lladdr: null, nud, flags: [], protocol: null, ...more };
};
const MAC = '02:00:00:00:00:77';

const NEIGHBOUR_SCENARIOS: readonly Scenario[] = [
  {
    name: 'neighbours and proxy entries come, and change in their place',
    setup: NEIGHBOURS,
    command: `ip neigh replace 10.0.0.9 lladdr ${MAC} dev v0 nud noarp; ip neigh add proxy 10.0.0.9 dev v0
ip neigh replace 2001:db8::9 lladdr ${MAC} dev v0 nud permanent; ip neigh add proxy 2001:db8::50 dev v0 router`,
    effects: () => [
      { kind: 'neighbour', set: neighbour('10.0.0.9', 'v0', { lladdr: MAC, nud: 'noarp' }) },
      { kind: 'neighbour', set: neighbour('10.0.0.9', 'v0') },
      { kind: 'neighbour', set: neighbour('2001:db8::9', 'v0', { lladdr: MAC }) },
      { kind: 'neighbour', set: neighbour('2001:db8::50', 'v0', { flags: ['router'] }) },
    ],
  },
  {
    name: 'neighbours and proxy entries go',
    setup: `${NEIGHBOURS}ip neigh add proxy 10.0.0.51`,
    command:
      'ip neigh del 10.0.0.9 dev v0; ip neigh del proxy 10.0.0.50 dev v0; ip neigh del proxy 10.0.0.51; ip neigh del proxy 2001:db8::50 dev w0',
    effects: () => [
      { kind: 'neighbour', unset: neighbour('10.0.0.9', 'v0', { lladdr: MAC }) },
      { kind: 'neighbour', unset: neighbour('10.0.0.50', 'v0') },
      { kind: 'neighbour', unset: neighbour('10.0.0.51', null) },
      { kind: 'neighbour', unset: neighbour('2001:db8::50', 'w0') },
    ],
  },
  {
    name: 'a proxy entry of every device swallows that of one, and not one that is there',
    setup: `${NEIGHBOURS}ip neigh add proxy 10.0.0.51`,
    command:
      'ip neigh add proxy 10.0.0.51 dev v0; ip neigh add proxy 10.0.0.50; ip neigh add proxy 10.0.0.50 dev w0; ip neigh del proxy 10.0.0.50',
    effects: () => [
      { kind: 'neighbour', set: neighbour('10.0.0.51', 'v0') },
      { kind: 'neighbour', set: neighbour('10.0.0.50', null) },
      { kind: 'neighbour', set: neighbour('10.0.0.50', 'w0') },
      { kind: 'neighbour', unset: neighbour('10.0.0.50', null) },
    ],
  },
  {
    name: 'pitfall 25: a link goes down, with all of its neighbours',
    setup: NEIGHBOURS,
    ...switchLink('v0', false),
  },
  {
    name: 'a link that is down gets neighbours, and comes up with them',
    setup: `${NEIGHBOURS}ip link set v0 down; ip neigh add proxy 10.0.0.50 dev v0; ip neigh add 10.0.0.9 lladdr ${MAC} dev v0 nud permanent`,
    ...switchLink('v0', true),
  },
  {
    name: 'the last IPv4 address goes: all IPv4 neighbours of the device, proxy entries too',
    setup: NEIGHBOURS,
    ...del(address('v0', '10.0.0.1/24')),
  },
  {
    name: 'the last IPv4 address of a device that is down goes: what was set since goes too',
    setup: `${NEIGHBOURS}ip link set v0 down; ip neigh add proxy 10.0.0.50 dev v0; ip neigh add 10.0.0.9 lladdr ${MAC} dev v0 nud permanent`,
    ...del(address('v0', '10.0.0.1/24')),
  },
  {
    name: 'one of two IPv4 addresses goes: the neighbours stay',
    setup: `${NEIGHBOURS}ip addr add 10.7.0.1/24 dev v0`,
    ...del(address('v0', '10.0.0.1/24')),
  },
  {
    name: 'the last IPv6 address goes: the neighbours stay',
    setup: NEIGHBOURS,
    ...del(address('v0', '2001:db8::1/64')),
  },
  {
    name: 'another MAC: the neighbours go, the proxy entries stay',
    setup: NEIGHBOURS,
    command: `ip link set v0 address ${MAC}`,
    effects: (snapshot) => [linkWith(snapshot, 'v0', { mac: MAC })],
  },
  {
    name: 'another MAC while down',
    setup: `${NEIGHBOURS}ip link set v0 down; ip neigh add proxy 10.0.0.50 dev v0; ip neigh add 10.0.0.9 lladdr ${MAC} dev v0 nud permanent`,
    command: `ip link set v0 address ${MAC}`,
    effects: (snapshot) => [linkWith(snapshot, 'v0', { mac: MAC })],
  },
  ...[true, false].map(
    (up): Scenario => ({
      name: `ARP off on a device that is ${up ? 'up' : 'down'}`,
      setup: `${NEIGHBOURS}${up ? '' : `ip link set v0 down; ip neigh add 10.0.0.9 lladdr ${MAC} dev v0 nud permanent`}`,
      command: 'ip link set v0 arp off',
      effects: (snapshot) => [
        linkWith(snapshot, 'v0', { flags: [...(snapshot.links.get('v0')?.flags ?? []), 'NOARP'] }),
      ],
    }),
  ),
  {
    name: 'a link too small for IPv6 loses the neighbours of IPv6',
    setup: NEIGHBOURS,
    command: 'ip link set v0 mtu 1000',
    effects: (snapshot) => [linkWith(snapshot, 'v0', { mtu: 1000 })],
  },
  {
    name: "a bridge gets its first port's MAC, and loses its neighbours",
    setup: NEIGHBOURS,
    ...setMaster('v1', 'br0'),
  },
  {
    name: 'a link with neighbours is deleted',
    setup: NEIGHBOURS,
    command: 'ip link del v0',
    effects: () => [
      { kind: 'link', unset: 'v0' },
      { kind: 'link', unset: 'v1' },
    ],
  },
];

const STANDING = `${TWO_DEVICES}ip link add link v0 name mv address 02:00:00:00:00:91 type macvlan mode bridge; ip link set mv up
ip addr add 10.3.0.1/24 dev mv; ip addr add 2001:db8:3::1/64 dev mv nodad; ip route add 10.4.0.0/16 via 10.3.0.9 dev mv
ip link add name vx type vxlan id 5 dstport 4789 dev v1; ip link set vx up; ip addr add 10.5.0.1/24 dev vx
ip link add name br0 type bridge; ip link set br0 mtu 1450; ip link set vx master br0; ip rule add iif mv lookup 7 priority 71
`;

const SCENARIOS: readonly Scenario[] = [
  {
    name: 'a veth goes with its peer, and with what stands on either of them',
    setup: STANDING,
    command: 'ip link del dev v1',
    effects: () => [{ kind: 'link', unset: 'v1' }],
  },
  {
    name: 'a link that becomes smaller makes what stands on it smaller, and not larger again',
    setup: STANDING,
    command: 'ip link set dev v0 mtu 1200; ip link set dev v0 mtu 1400',
    effects: (snapshot) => [linkWith(snapshot, 'v0', { mtu: 1200 }), linkWith(snapshot, 'v0', { mtu: 1400 })],
  },
  { name: 'an address on a link that is up', setup: '', ...add(address('v0', '10.0.0.1/24')) },
  {
    name: 'an address with its broadcast',
    setup: '',
    ...add(address('v0', '10.0.0.1/24', { broadcast: '10.0.0.255' })),
  },
  {
    name: 'an address with another broadcast',
    setup: '',
    ...add(address('v0', '10.0.0.1/24', { broadcast: '10.0.0.254' })),
  },
  {
    name: 'an address on a link that is down',
    setup: 'ip link set v0 down',
    ...add(address('v0', '10.0.0.1/24')),
  },
  { name: 'a /32 address', setup: '', ...add(address('v0', '10.0.0.1/32')) },
  { name: 'a /31 address', setup: '', ...add(address('v0', '10.0.0.0/31')) },
  {
    name: 'an address without a route to its prefix',
    setup: '',
    ...add(address('v0', '10.0.0.1/24', { flags: ['noprefixroute'] })),
  },
  { name: 'an address with a metric', setup: '', ...add(address('v0', '10.0.0.1/24', { metric: 77 })) },
  {
    name: 'an address of scope link',
    setup: 'ip addr add 10.7.0.1/24 dev v0',
    ...add(address('v0', '10.0.0.1/24', { scope: 253 })),
  },
  { name: 'an address with a peer', setup: '', ...add(address('v0', '10.0.0.1/32', { peer: '10.3.0.9' })) },
  {
    name: 'an address with a peer in a subnet',
    setup: '',
    ...add(address('v0', '10.0.0.1/24', { peer: '10.3.0.9' })),
  },
  {
    name: 'a second address of a subnet',
    setup: 'ip addr add 10.0.0.1/24 dev v0',
    ...add(address('v0', '10.0.0.2/24')),
  },
  {
    name: 'the same subnet on a second device',
    setup: 'ip addr add 10.0.0.1/24 dev v0',
    ...add(address('w0', '10.0.0.2/24')),
  },
  { name: 'an address of loopback', setup: '', ...add(address('lo', '10.50.0.1/24')) },
  { name: 'an IPv6 address', setup: '', ...add(address('v0', '2001:db8::1/64')) },
  {
    name: 'a second IPv6 address of a prefix',
    setup: 'ip addr add 2001:db8::1/64 dev v0 nodad',
    ...add(address('v0', '2001:db8::2/64')),
  },
  {
    name: 'an IPv6 address on a link that is down',
    setup: 'ip link set v0 down',
    ...add(address('v0', '2001:db8::1/64')),
  },
  { name: 'an IPv6 /128', setup: '', ...add(address('v0', '2001:db8::1/128')) },
  { name: 'an IPv6 peer', setup: '', ...add(address('v0', '2001:db8::1/64', { peer: '2001:db8:5::1' })) },
  {
    name: 'an IPv6 address with a metric',
    setup: '',
    ...add(address('v0', '2001:db8::1/64', { metric: 99 })),
  },
  {
    name: 'an IPv6 address without a route to its prefix',
    setup: '',
    ...add(address('v0', '2001:db8::1/64', { flags: ['noprefixroute'] })),
  },
  {
    name: 'the last IPv4 address goes: all IPv4 routes of the device',
    setup: TWO_DEVICES,
    ...del(address('v0', '10.0.0.1/24')),
  },
  {
    name: 'one of several goes: routes from it in main alone',
    setup: SECONDARIES,
    ...del(address('v0', '10.0.0.2/24')),
  },
  { name: 'a primary goes: its secondaries too', setup: SECONDARIES, ...del(address('v0', '10.0.0.1/24')) },
  {
    name: 'a primary goes, a secondary is promoted',
    setup: `${SECONDARIES}; echo 1 > /proc/sys/net/ipv4/conf/v0/promote_secondaries`,
    ...del(address('v0', '10.0.0.1/24')),
  },
  {
    name: 'a primary goes, and the broadcasts of the promoted one are its own',
    setup:
      'ip addr add 10.0.0.3/24 dev v0; ip addr add 10.0.0.1/24 brd + dev v0; ip addr add 10.0.0.2/24 brd 10.0.0.254 dev v0; echo 1 > /proc/sys/net/ipv4/conf/v0/promote_secondaries',
    ...del(address('v0', '10.0.0.3/24')),
  },
  {
    name: 'an address that another device has too keeps the routes from it',
    setup:
      'ip addr add 10.3.0.1/24 dev w0; ip addr add 10.3.0.1/24 dev v0; ip addr add 10.4.0.1/24 dev w0; ip route add 10.90.0.0/16 dev w0 src 10.3.0.1',
    ...del(address('w0', '10.3.0.1/24')),
  },
  { name: 'an IPv6 address goes: its prefix', setup: TWO_DEVICES, ...del(address('v0', '2001:db8::1/64')) },
  {
    name: 'one of two IPv6 addresses goes: the prefix stays, sources are cleared',
    setup:
      'ip addr add 2001:db8::1/64 dev v0 nodad; ip addr add 2001:db8::2/64 dev v0 nodad; ip -6 route add 2001:db8:9::/64 via 2001:db8::9 src 2001:db8::1; ip -6 route add 2001:db8:9::/64 via 2001:db8::9 dev v0 src 2001:db8::1 table 9',
    ...del(address('v0', '2001:db8::1/64')),
  },
  {
    name: 'an IPv6 prefix stays while an address without a route to it is left',
    setup: 'ip addr add 2001:db8::2/64 dev v0 noprefixroute nodad; ip addr add 2001:db8::1/64 dev v0 nodad',
    ...del(address('v0', '2001:db8::1/64')),
  },
  {
    name: 'an IPv6 address takes a better route to its prefix along, whoever made it',
    setup: 'ip addr add 2001:db8::1/64 dev v0 nodad; ip -6 route add 2001:db8::/64 dev v0 metric 5 proto 201',
    ...del(address('v0', '2001:db8::1/64')),
  },
  {
    name: 'an IPv6 peer goes',
    setup:
      'ip addr add 2001:db8::1 peer 2001:db8:5::1/64 dev v0 nodad; ip addr add 2001:db8::2/64 dev v0 nodad',
    ...del(address('v0', '2001:db8::1/64', { peer: '2001:db8:5::1' })),
  },
  { name: 'a link goes down', setup: TWO_DEVICES, ...switchLink('v0', false) },
  { name: 'a link comes up again', setup: `${TWO_DEVICES}ip link set v0 down`, ...switchLink('v0', true) },
  {
    name: 'a link goes down that keeps its IPv6 addresses',
    setup: `${TWO_DEVICES}echo 1 > /proc/sys/net/ipv6/conf/v0/keep_addr_on_down`,
    ...switchLink('v0', false),
  },
  {
    name: 'a link comes up that kept its IPv6 addresses',
    setup: `${TWO_DEVICES}echo 1 > /proc/sys/net/ipv6/conf/v0/keep_addr_on_down; ip link set v0 down`,
    ...switchLink('v0', true),
  },
  {
    name: 'a link too small for IPv6',
    setup: TWO_DEVICES,
    command: 'ip link set v0 mtu 1000',
    effects: (snapshot) => [linkWith(snapshot, 'v0', { mtu: 1000 })],
  },
  {
    name: 'a link is deleted',
    setup: TWO_DEVICES,
    command: 'ip link del v0',
    effects: () => [
      { kind: 'link', unset: 'v0' },
      { kind: 'link', unset: 'v1' },
    ],
  },
  { name: 'a first port gives its bridge a MAC', setup: BRIDGE, ...setMaster('v1', 'br0') },
  {
    name: 'a lower port changes the MAC',
    setup: `${BRIDGE}; ip link set v1 master br0`,
    ...setMaster('w1', 'br0'),
  },
  {
    name: 'a lower port leaves',
    setup: `${BRIDGE}; ip link set v1 master br0; ip link set w1 master br0`,
    ...setMaster('w1', null),
  },
  { name: 'the last port leaves', setup: `${BRIDGE}; ip link set v1 master br0`, ...setMaster('v1', null) },
  {
    name: 'a bridge with a set MAC keeps it',
    setup: `${BRIDGE}; ip link set br0 address 02:00:00:00:00:77`,
    ...setMaster('v1', 'br0'),
  },
  {
    name: 'a port gets a lower MAC',
    setup: `${BRIDGE}; ip link set v1 master br0`,
    command: 'ip link set v1 address 02:00:00:00:00:01',
    effects: (snapshot) => [linkWith(snapshot, 'v1', { mac: '02:00:00:00:00:01' })],
  },
  {
    name: 'a port of a bridge is deleted',
    setup: `${BRIDGE}; ip link set v1 master br0; ip link set w1 master br0`,
    command: 'ip link del w1',
    effects: () => [
      { kind: 'link', unset: 'w1' },
      { kind: 'link', unset: 'w0' },
    ],
  },
];

describe('one change', () => {
  test.each([...SCENARIOS, ...NEIGHBOUR_SCENARIOS])('$name', async ({ setup, command, effects }) => {
    netns.must(`set -e\n${setup}`);
    const before = readSnapshot(netns);
    netns.must(command);
    const foretold = applyEffects(before, effects(before));
    // Routes of IPv6 addresses are a work queue's, also without duplicate address detection (addrconf_dad_work).
    await expect.poll(() => comparable(readSnapshot(netns))).toEqual(comparable(foretold));
  });
});

test('a link that appears attaches the rules that name it, and its sysctls are no longer known to be missing', () => {
  const path = 'net/ipv4/conf/later/rp_filter';
  netns.must('ip rule add iif later oif never lookup 7 priority 70');
  const before = readSnapshot(netns, [
    { kind: 'rules', family: 4 },
    { kind: 'sysctl', path },
  ]);
  expect(before.sysctls.get(path)).toBeNull();
  netns.must('ip link add later type bridge');
  const after = readSnapshot(netns);
  const made = after.links.get('later');
  if (made === undefined) throw new Error('the bridge was not made');
  const foretold = applyEffects(before, [{ kind: 'link', set: made }]);
  expect(foretold.rules).toEqual(after.rules.filter((rule) => rule.family === 4));
  expect(foretold.rules.find((rule) => rule.priority === 70)).toMatchObject({
    iifDetached: false,
    oifDetached: true,
  });
  expect(foretold.sysctls.has(path)).toBe(false);
  expect(before.sysctls.get(path)).toBeNull();
});

test('lostRoutes names what went with a link', () => {
  netns.must(`set -e\n${TWO_DEVICES}`);
  const before = readSnapshot(netns);
  const lost = lostRoutes(before, applyEffects(before, [upDown(before, 'v0', false)]));
  expect(lost.filter((route) => route.protocol === 3).map((route) => route.dst)).toEqual([
    '0.0.0.0/0',
    '10.9.0.0/16',
    '2001:db8:78::/64',
  ]);
});
