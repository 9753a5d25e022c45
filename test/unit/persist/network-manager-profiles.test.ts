/** Profiles of NetworkManager: netplay's part of them, and what can't stand in one. */
import { describe, expect, test } from 'vitest';
import { addressLines, routeLines, ruleLines, saysSame } from '../../../src/persist/nm/ip.js';
import { type Line, withLines, withoutLines } from '../../../src/persist/nm/part.js';
import { profileUuid } from '../../../src/persist/nm/profiles.js';
import { ethtoolLines, settingLines } from '../../../src/persist/nm/settings.js';
import type { Address, Link, Route, Rule } from '../../../src/snapshot/model.js';

const PROFILE = `# mine
[connection]
id=lan
type=802-3-ethernet

[802-3-ethernet]
mtu=1400

[ipv4]
method = disabled
route1=10.1.0.0/16,10.0.0.9,0
route1_options=table=7,onlink=true

[bridge-port]
vlans=5 untagged
`;
const LINES: readonly Line[] = [
  { section: 'ethernet', key: 'mtu', value: '9000' },
  { section: 'ipv4', key: 'method', value: 'manual' },
  { section: 'ipv4', key: 'address', value: '10.0.0.6/24' },
  { section: 'ipv4', key: 'route', value: '10.2.0.0/16,10.0.0.9,0', options: 'src=10.0.0.6,table=100' },
  { section: 'ipv4', key: 'routing-rule', value: 'priority 5 from 10.0.0.6 table 100' },
  { section: 'bridge-port', key: 'vlans', value: '6 pvid' },
];
const MADE = withLines(PROFILE, LINES, saysSame);

test('a part is added in its places, and marked in [user]', () => {
  expect(MADE).toBe(`# mine
[connection]
id=lan
type=802-3-ethernet

[802-3-ethernet]
mtu=9000

[ipv4]
method=manual
route1=10.1.0.0/16,10.0.0.9,0
route1_options=table=7,onlink=true
address1=10.0.0.6/24
route2=10.2.0.0/16,10.0.0.9,0
route2_options=src=10.0.0.6,table=100
routing-rule1=priority 5 from 10.0.0.6 table 100

[bridge-port]
vlans=5 untagged, 6 pvid

[user]
org.netplay.1=ethernet mtu 9000 was 1400
org.netplay.2=ipv4 method manual was disabled
org.netplay.3=ipv4 address 10.0.0.6/24
org.netplay.4=ipv4 route 10.2.0.0/16,10.0.0.9,0 src=10.0.0.6,table=100
org.netplay.5=ipv4 routing-rule priority 5 from 10.0.0.6 table 100
org.netplay.6=bridge-port vlans 6 pvid
`);
});

test('the same part once more is the same text, also in another order', () => {
  expect(withLines(MADE, LINES, saysSame)).toBe(MADE);
  expect(withLines(MADE, LINES.toReversed(), saysSame)).toBe(MADE);
});

test('without its part the profile is as it was, values that stood there included', () => {
  expect(withoutLines(MADE)).toBe(PROFILE.replace('method = disabled', 'method=disabled'));
});

test('what somebody altered since is left as it is, and what somebody took away comes again', () => {
  expect(withoutLines(MADE.replace('mtu=9000', 'mtu=2000'))).toContain('mtu=2000');
  const lost = MADE.replace(/address1.*\n/, '');
  expect(withLines(lost, LINES, saysSame)).toContain('address1=10.0.0.6/24');
});

test('options and words in another order, and a single host with its length, say the same', () => {
  const rewritten = MADE.replace(
    'src=10.0.0.6,table=100\nrouting',
    'table=100,src=10.0.0.6\nrouting',
  ).replace('routing-rule1=priority 5 from 10.0.0.6', 'routing-rule1=from 10.0.0.6 priority 5');
  expect(withLines(rewritten, LINES, saysSame)).toBe(rewritten);
});

test('what the admin says already gets no mark: an address with a gateway, the route of that gateway', () => {
  const said = '[ipv4]\naddress1=10.0.0.6/24,10.0.0.1\n';
  const lines: Line[] = [
    { section: 'ipv4', key: 'address', value: '10.0.0.6/24' },
    { section: 'ipv4', key: 'route', value: '0.0.0.0/0,10.0.0.1,100' },
  ];
  expect(withLines(said, lines, saysSame)).toBe(said);
  // One of the kernel's own metric is another route beside it.
  const bare: Line = { section: 'ipv4', key: 'route', value: '0.0.0.0/0,10.0.0.1,0' };
  expect(withLines(said, [bare], saysSame)).toContain('route1=0.0.0.0/0,10.0.0.1,0');
});

const ROUTE: Route = {
  ...{
    family: 4,
    type: 'unicast',
    dst: '10.2.0.0/16',
    table: 254,
    tos: 0,
    metric: 0,
    protocol: 201,
    scope: 0,
  },
  ...{ src: null, from: null, metrics: {}, pref: null, flags: [], realms: null, expires: null, nhid: null },
  nexthops: [{ via: '10.0.0.9', dev: 'eth1', weight: 1, onlink: false, encap: null }],
};
const HOP = ROUTE.nexthops[0] as Route['nexthops'][number];

describe('routes', () => {
  test.each<[string, Partial<Route>, string, string?]>([
    ['plain', {}, '10.2.0.0/16,10.0.0.9,0'],
    ['on link', { nexthops: [{ ...HOP, via: null }], scope: 253 }, '10.2.0.0/16,0.0.0.0,0'],
    [
      'with options',
      { table: 7, src: '10.0.0.6', metrics: { mtu: 1400, lock: ['mtu'], rto_min: 200 } },
      '10.2.0.0/16,10.0.0.9,0',
      'lock-mtu=true,mtu=1400,rto_min=200,src=10.0.0.6,table=7',
    ],
    [
      'of IPv6',
      { family: 6, dst: 'fd00::/64', metric: 1024, nexthops: [{ ...HOP, via: 'fe80::1' }] },
      'fd00::/64,fe80::1,1024',
    ],
  ])('%s', (_, change, value, options) => {
    expect(routeLines({ ...ROUTE, ...change })).toMatchObject([
      { key: 'route', value, ...(options && { options }) },
    ]);
  });
  test.each<[string, Partial<Route>]>([
    ['it orders several next hops in a way of its own', { nexthops: [HOP, HOP] }],
    ['it would need a device to belong to', { type: 'blackhole', nexthops: [] }],
    ['it makes all routes as static', { protocol: 12 }],
    ['it gives each route the usual scope', { scope: 253 }],
    ['it has no realms', { realms: '5' }],
    ['it has no word for congctl', { metrics: { congctl: 'bbr' } }],
    ['it has no multicast routes', { type: 'multicast' }],
  ])('left: %s', (why, change) => {
    expect(routeLines({ ...ROUTE, ...change })).toBe(why);
  });
});

const RULE: Rule = {
  ...{ family: 4, priority: 5, not: false, from: '10.0.0.6/32', to: null, iif: null, oif: null, tos: 0 },
  ...{
    iifDetached: false,
    oifDetached: false,
    fwmark: null,
    fwmask: 0xffff_ffff,
    ipproto: null,
    sport: null,
  },
  ...{ dport: null, uidrange: null, tunId: null, l3mdev: false, action: 'lookup', table: 100, goto: null },
  ...{ suppressPrefixlength: null, suppressIfgroup: null, realms: null, protocol: 201 },
} as Rule;

describe('rules', () => {
  test.each<[Partial<Rule>, string]>([
    [{}, 'priority 5 from 10.0.0.6 table 100'],
    [{ from: null }, 'priority 5 from 0.0.0.0/0 table 100'],
    [
      { from: null, to: '10.9.0.0/16', not: true, iif: 'eth1' },
      'priority 5 not to 10.9.0.0/16 iif eth1 table 100',
    ],
    [
      { fwmark: 1, fwmask: 255, ipproto: 6, dport: [80, 90], sport: [5, 5] },
      'priority 5 from 10.0.0.6 ipproto 6 fwmark 0x1/0xff sport 5 dport 80-90 table 100',
    ],
    [
      { action: 'prohibit', table: null, uidrange: [5, 9] },
      'priority 5 from 10.0.0.6 uidrange 5-9 type prohibit',
    ],
  ])('%j', (change, value) => {
    expect(ruleLines({ ...RULE, ...change })).toMatchObject([{ key: 'routing-rule', value }]);
  });
  test.each<[string, Partial<Rule>]>([
    ['it has no rules with goto', { action: 'goto', goto: 9, table: null }],
    ['it has no rules with l3mdev', { l3mdev: true }],
    ['it has no word for dscp', { other: 'dscp 5' }],
    ['the name a b does not fit its profiles', { iif: 'a b' }],
  ])('left: %s', (why, change) => {
    expect(ruleLines({ ...RULE, ...change })).toBe(why);
  });
});

test.each<[string, Partial<Address>]>([
  ['it has no addresses with a peer', { peer: '10.0.0.7' }],
  ['it keeps no address that ends', { validLft: 60 }],
  ['it has no word for nodad', { flags: ['nodad'] }],
  ['its profiles hold no labels of addresses', { label: 'eth1:1' }],
  ['it gives each address the usual broadcast address', { broadcast: '10.0.0.254' }],
])('addresses left: %s', (why, change) => {
  const address: Address = {
    ...{ family: 4, dev: 'eth1', local: '10.0.0.6', length: 24, peer: null, broadcast: '10.0.0.255' },
    ...{
      anycast: null,
      label: 'eth1',
      scope: 0,
      flags: [],
      validLft: null,
      preferredLft: null,
      metric: null,
    },
  };
  expect(addressLines(address)).toMatchObject([{ key: 'address', value: '10.0.0.6/24' }]);
  expect(addressLines({ ...address, ...change })).toBe(why);
});

test('settings by the words of ip and ethtool', () => {
  const snapshot = { links: new Map<string, Link>() };
  const said = (...words: string[]) =>
    settingLines({ kind: 'setting', dev: 'eth1', name: '', words }, snapshot);
  expect(said('mtu', '1400')).toEqual([{ section: 'ethernet', key: 'mtu', value: '1400' }]);
  expect(said('type', 'bridge_slave', 'hairpin', 'on')).toEqual([
    { section: 'bridge-port', key: 'hairpin-mode', value: 'true' },
  ]);
  expect(said('alias', 'x')).toBe('it has no word for alias');
  expect(said('master', 'br9')).toBe('it knows br9 for no bridge, bond or VRF');
  const part = {
    kind: 'ethtool',
    dev: 'eth1',
    part: 'features',
    name: 'tcp-segmentation-offload',
    value: 'off',
  } as const;
  expect(ethtoolLines(part)).toMatchObject([{ key: 'feature-tso', value: 'false' }]);
  expect(ethtoolLines({ ...part, part: 'link', name: 'speed' })).toBe("it has no words for ethtool's link");
});

test('a link has the same UUID in every run, and another than the next', () => {
  expect(profileUuid('br0')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(profileUuid('br0')).toBe(profileUuid('br0'));
  expect(profileUuid('br0')).not.toBe(profileUuid('br1'));
});
