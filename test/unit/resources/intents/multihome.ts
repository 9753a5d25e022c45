import { type Host, snapshotOf } from '../../../support/snapshots.js';
import type { ExpansionCase } from './cases.js';

const CONF = 'net/ipv4/conf';
const TABLE_FILE = '/etc/iproute2/rt_tables.d/netplay.conf';
const BOOT_FILE = '/etc/sysctl.d/zz-netplay.conf';
/** The kernel's, with others between them. */
const rulesWith = (others = ''): string =>
  `0: from all lookup local\n${others}32766: from all lookup main\n32767: from all lookup default\n`;
const [DX, WT] = [
  { dev: 'eth1', address: '192.168.1.162/24', gateway: '192.168.1.1', table: 101, name: 'dx' },
  { dev: 'eth0', address: '172.16.1.162/24', gateway: '172.16.1.1', table: 102, name: 'wt' },
];

function sysctlsOf(values: Readonly<Record<string, string>>): Record<string, string> {
  const names = ['all', 'default', 'eth0', 'eth1'].flatMap((dev) =>
    ['rp_filter', 'arp_ignore', 'arp_announce'].map((key) => [`${CONF}/${dev}/${key}`, '0']),
  );
  return { ...Object.fromEntries(names), 'net/ipv4/ip_forward': '0', ...values };
}

/** The server of two providers: eth0 leads out. */
function edge(more: Host = {}): ReturnType<typeof snapshotOf> {
  return snapshotOf({
    addresses: ['eth0 172.16.1.162/24', 'eth1 192.168.1.162/24'],
    ...more,
    routes4: `unicast default via 172.16.1.1 dev eth0 proto boot scope global
unicast 172.16.1.0/24 dev eth0 proto kernel scope link src 172.16.1.162
unicast 192.168.1.0/24 dev eth1 proto kernel scope link src 192.168.1.162
${more.routes4 ?? ''}`,
    rules4: rulesWith(more.rules4),
    directories: { '/etc/iproute2/rt_tables.d': [], '/etc/sysctl.d': [] },
    sysctls: sysctlsOf(more.sysctls ?? {}),
  });
}

/** What `multihome` made of it. */
const MADE: Host = {
  routes4: `unicast default via 192.168.1.1 dev eth1 table 101 proto 201 scope global src 192.168.1.162
unicast 192.168.1.0/24 dev eth1 table 101 proto 201 scope link src 192.168.1.162
unicast default via 172.16.1.1 dev eth0 table 102 proto 201 scope global src 172.16.1.162
unicast 172.16.1.0/24 dev eth0 table 102 proto 201 scope link src 172.16.1.162
`,
  rules4: '101: from 192.168.1.162 lookup 101 proto 201\n102: from 172.16.1.162 lookup 102 proto 201\n',
  tables: [
    { id: 101, name: 'dx', file: TABLE_FILE },
    { id: 102, name: 'wt', file: TABLE_FILE },
  ],
  files: { [TABLE_FILE]: { content: '101\tdx\n102\twt\n', mode: '644' } },
};

const DX_PARTS = [
  { route: { dst: '192.168.1.0/24', dev: 'eth1', src: '192.168.1.162', table: 101 } },
  { route: { dst: 'default', via: '192.168.1.1', dev: 'eth1', src: '192.168.1.162', table: 101 } },
];
const WT_PARTS = [
  { route: { dst: '172.16.1.0/24', dev: 'eth0', src: '172.16.1.162', table: 102 } },
  { route: { dst: 'default', via: '172.16.1.1', dev: 'eth0', src: '172.16.1.162', table: 102 } },
];
const NAMES = [{ rt_table: { id: 101, name: 'dx' } }, { rt_table: { id: 102, name: 'wt' } }];
const RULES = [
  { rule: { from: '192.168.1.162', table: 101, priority: 101 } },
  { rule: { from: '172.16.1.162', table: 102, priority: 102 } },
];
const TABLES = [...NAMES, ...DX_PARTS, ...WT_PARTS, ...RULES];

/** Two NICs in one network. */
const TWIN = [
  { dev: 'eth0', address: '192.168.1.1/24', gateway: '192.168.1.254', table: 100 },
  { dev: 'eth1', address: '192.168.1.253/24', gateway: '192.168.1.254', table: 200, priority: 300 },
];
function twin(more: Host = {}): ReturnType<typeof snapshotOf> {
  return snapshotOf({
    addresses: ['eth0 192.168.1.1/24', 'eth1 192.168.1.253/24'],
    directories: { '/etc/iproute2/rt_tables.d': [], '/etc/sysctl.d': [] },
    ...more,
    routes4: `unicast default via 192.168.1.254 dev eth0 proto boot scope global
unicast 192.168.1.0/24 dev eth0 proto kernel scope link src 192.168.1.1
unicast 192.168.1.0/24 dev eth1 proto kernel scope link src 192.168.1.253
${more.routes4 ?? ''}`,
    rules4: rulesWith(more.rules4),
    sysctls: sysctlsOf(more.sysctls ?? {}),
  });
}

const SIX = [
  { dev: 'eth0', address: '2001:db8:1::2/64', gateway: 'fe80::1', table: 102, weight: 3 },
  { dev: 'eth1', address: '2001:DB8:2:0::2/64', gateway: '2001:db8:2::1', table: 101 },
];

export const MULTIHOME: readonly ExpansionCase[] = [
  {
    title: "two uplinks: a table and a rule each, and main's default is left alone",
    params: { uplinks: [DX, WT] },
    snapshot: edge(),
    parts: TABLES,
  },
  {
    title: 'a weight each: main goes by both, and each way has its own source',
    params: {
      uplinks: [
        { ...DX, weight: 1 },
        { ...WT, weight: 3 },
      ],
    },
    snapshot: edge(),
    parts: [
      ...TABLES,
      {
        route: {
          dst: 'default',
          nexthops: [
            { via: '192.168.1.1', dev: 'eth1', weight: 1 },
            { via: '172.16.1.1', dev: 'eth0', weight: 3 },
          ],
          src: null,
        },
      },
    ],
  },
  {
    title: 'a metric each: the default that stood before them all goes',
    params: {
      uplinks: [
        { ...DX, metric: 10 },
        { ...WT, metric: 20 },
      ],
    },
    snapshot: edge(),
    parts: [
      ...TABLES,
      { route: { dst: 'default', via: '192.168.1.1', dev: 'eth1', src: '192.168.1.162', metric: 10 } },
      { route: { dst: 'default', via: '172.16.1.1', dev: 'eth0', src: '172.16.1.162', metric: 20 } },
      { route: { dst: 'default', via: '172.16.1.1', dev: 'eth0', metric: 0, state: 'absent' } },
    ],
  },
  {
    title: 'an uplink that may not carry the default, though it has a weight',
    params: {
      uplinks: [
        { ...DX, weight: 1 },
        { ...WT, weight: 3, default: false },
      ],
    },
    snapshot: edge(),
    parts: [...TABLES, { route: { dst: 'default', via: '192.168.1.1', dev: 'eth1', src: '192.168.1.162' } }],
  },
  {
    title: 'no uplink may carry the default: it goes, and that is said',
    params: {
      uplinks: [
        { ...DX, default: false },
        { ...WT, default: false },
      ],
    },
    snapshot: edge(),
    parts: [
      ...TABLES,
      { route: { dst: 'default', via: '172.16.1.1', dev: 'eth0', metric: 0, state: 'absent' } },
    ],
    warnings: [
      "no uplink may carry main's default route: without it this host itself begins nothing beyond its networks (IPv4)",
    ],
  },
  {
    title: 'a default that DHCP keeps stays, and is named',
    params: { uplinks: [{ ...DX, metric: 10 }, WT] },
    snapshot: edge({ routes4: 'unicast default via 172.16.1.1 dev eth0 proto dhcp metric 5 scope global\n' }),
    parts: [
      ...TABLES,
      { route: { dst: 'default', via: '192.168.1.1', dev: 'eth1', src: '192.168.1.162', metric: 10 } },
      { route: { dst: 'default', via: '172.16.1.1', dev: 'eth0', metric: 0, state: 'absent' } },
    ],
    warnings: ['main keeps its default route via 172.16.1.1 dev eth0 (metric 5): dhcp made it'],
  },
  {
    title: 'two NICs in one network: ARP by the NIC that has the address',
    params: { uplinks: TWIN },
    snapshot: twin(),
    parts: [
      { route: { dst: '192.168.1.0/24', dev: 'eth0', src: '192.168.1.1', table: 100 } },
      { route: { dst: 'default', via: '192.168.1.254', dev: 'eth0', src: '192.168.1.1', table: 100 } },
      { route: { dst: '192.168.1.0/24', dev: 'eth1', src: '192.168.1.253', table: 200 } },
      { route: { dst: 'default', via: '192.168.1.254', dev: 'eth1', src: '192.168.1.253', table: 200 } },
      { rule: { from: '192.168.1.1', table: 100, priority: 100 } },
      { rule: { from: '192.168.1.253', table: 200, priority: 300 } },
      { sysctl: { name: `${CONF}/all/arp_ignore`, value: 1 } },
      { sysctl: { name: `${CONF}/all/arp_announce`, value: 2 } },
    ],
  },
  {
    title: 'a strict filter stays where each address has its own way back',
    params: { uplinks: [DX, WT] },
    snapshot: edge({ sysctls: { [`${CONF}/all/rp_filter`]: '1' } }),
    parts: TABLES,
  },
  {
    title: 'a strict filter becomes loose where a device has another address',
    params: { uplinks: [DX, WT] },
    snapshot: edge({
      addresses: ['eth0 172.16.1.162/24', 'eth1 192.168.1.162/24', 'eth1 192.168.1.163/24 secondary'],
      sysctls: { [`${CONF}/all/rp_filter`]: '1' },
    }),
    parts: [...TABLES, { sysctl: { name: `${CONF}/eth1/rp_filter`, value: 2 } }],
  },
  {
    title: 'and where the host passes on what comes in by an uplink that is not the default',
    params: { uplinks: [DX, WT] },
    snapshot: edge({ sysctls: { [`${CONF}/eth1/rp_filter`]: '1', 'net/ipv4/ip_forward': '1' } }),
    parts: [...TABLES, { sysctl: { name: `${CONF}/eth1/rp_filter`, value: 2 } }],
  },
  {
    title: 'IPv6, by weight, through a link-local router and one with a name of its own',
    params: { uplinks: SIX },
    snapshot: snapshotOf({
      addresses: ['eth0 2001:db8:1::2/64', 'eth1 2001:db8:2::2/64'],
      routes6:
        '2001:db8:1::/64 dev eth0 proto kernel metric 256\n2001:db8:2::/64 dev eth1 proto kernel metric 256\n',
      sysctls: { ...sysctlsOf({}), 'net/ipv6/conf/all/disable_ipv6': '0' },
    }),
    parts: [
      { route: { dst: '2001:db8:1::/64', dev: 'eth0', src: '2001:db8:1::2', table: 102 } },
      { route: { dst: 'default', via: 'fe80::1', dev: 'eth0', src: '2001:db8:1::2', table: 102 } },
      { route: { dst: '2001:db8:2::/64', dev: 'eth1', src: '2001:db8:2::2', table: 101 } },
      { route: { dst: 'default', via: '2001:db8:2::1', dev: 'eth1', src: '2001:db8:2::2', table: 101 } },
      { rule: { from: '2001:db8:1::2', table: 102, priority: 102 } },
      { rule: { from: '2001:db8:2::2', table: 101, priority: 101 } },
      { route: { dst: 'default', via: 'fe80::1', dev: 'eth0', src: '2001:db8:1::2' } },
    ],
  },
  {
    title: 'addresses where they are asked for, and a gateway out of their network',
    params: {
      manage_addresses: true,
      uplinks: [{ dev: 'eth1', address: '10.7.0.9/32', gateway: '10.0.0.1', table: 7, onlink: true }],
    },
    snapshot: edge(),
    parts: [
      { address: { dev: 'eth1', address: '10.7.0.9/32' } },
      { route: { dst: 'default', via: '10.0.0.1', dev: 'eth1', onlink: true, src: '10.7.0.9', table: 7 } },
      { rule: { from: '10.7.0.9', table: 7, priority: 7 } },
    ],
  },
  {
    title: 'another gateway: its route is replaced in place',
    params: { uplinks: [{ ...DX, gateway: '192.168.1.9' }, WT] },
    snapshot: edge(MADE),
    parts: [
      ...NAMES,
      { route: { dst: '192.168.1.0/24', dev: 'eth1', src: '192.168.1.162', table: 101 } },
      { route: { dst: 'default', via: '192.168.1.9', dev: 'eth1', src: '192.168.1.162', table: 101 } },
      ...WT_PARTS,
      ...RULES,
    ],
  },
  {
    title: 'another table: the old one goes with its rule and its name',
    params: { uplinks: [{ ...DX, table: 111, name: 'dx2' }, WT] },
    snapshot: edge(MADE),
    parts: [
      { rt_table: { id: 111, name: 'dx2' } },
      { rt_table: { id: 102, name: 'wt' } },
      { route: { dst: '192.168.1.0/24', dev: 'eth1', src: '192.168.1.162', table: 111 } },
      { route: { dst: 'default', via: '192.168.1.1', dev: 'eth1', src: '192.168.1.162', table: 111 } },
      ...WT_PARTS,
      { rule: { from: '192.168.1.162', table: 111, priority: 111 } },
      { rule: { from: '172.16.1.162', table: 102, priority: 102 } },
      { rule: { from: '192.168.1.162', table: 101, priority: 101, state: 'absent' } },
      {
        route: {
          dst: 'default',
          via: '192.168.1.1',
          dev: 'eth1',
          src: '192.168.1.162',
          table: 101,
          metric: 0,
          protocol: 201,
          state: 'absent',
        },
      },
      {
        route: {
          dst: '192.168.1.0/24',
          via: null,
          dev: 'eth1',
          src: '192.168.1.162',
          table: 101,
          metric: 0,
          protocol: 201,
          state: 'absent',
        },
      },
      { rt_table: { id: 101, name: 'dx', state: 'absent' } },
    ],
  },
  {
    title: 'another address: the rule of the old one goes',
    params: { uplinks: [{ ...DX, address: '192.168.1.170/24' }] },
    snapshot: edge({
      ...MADE,
      addresses: ['eth0 172.16.1.162/24', 'eth1 192.168.1.162/24', 'eth1 192.168.1.170/24'],
    }),
    parts: [
      { rt_table: { id: 101, name: 'dx' } },
      { route: { dst: '192.168.1.0/24', dev: 'eth1', src: '192.168.1.170', table: 101 } },
      { route: { dst: 'default', via: '192.168.1.1', dev: 'eth1', src: '192.168.1.170', table: 101 } },
      { rule: { from: '192.168.1.170', table: 101, priority: 101 } },
      { rule: { from: '192.168.1.162', table: 101, priority: 101, state: 'absent' } },
    ],
  },
  {
    title: "what other tasks put into an uplink's table, and lead there, stays",
    params: { uplinks: [DX, WT] },
    snapshot: edge({
      ...MADE,
      routes4: `${MADE.routes4}unicast 10.0.0.0/8 via 192.168.1.7 dev eth1 table 101 proto 201 scope global src 192.168.1.162
unicast default via 172.16.1.9 dev eth0 table 500 proto 201 scope global src 192.168.1.162
`,
      rules4: `${MADE.rules4}90: from 192.168.1.162 fwmark 0x1 lookup 500 proto 201\n95: from 192.168.1.99 lookup 101 proto 201\n`,
    }),
    parts: TABLES,
  },
  {
    title: 'absent: rules, then tables, then names',
    params: { uplinks: [DX], state: 'absent' },
    snapshot: edge(MADE),
    parts: [
      { rule: { from: '192.168.1.162', table: 101, priority: 101, state: 'absent' } },
      {
        route: {
          dst: 'default',
          via: '192.168.1.1',
          dev: 'eth1',
          src: '192.168.1.162',
          table: 101,
          family: 4,
          state: 'absent',
        },
      },
      { route: { dst: '192.168.1.0/24', dev: 'eth1', src: '192.168.1.162', table: 101, state: 'absent' } },
      { rt_table: { id: 101, name: 'dx', state: 'absent' } },
    ],
  },
  {
    title: 'absent: what it set for ARP goes back too',
    params: { uplinks: TWIN, state: 'absent' },
    snapshot: twin({
      rules4: '100: from 192.168.1.1 lookup 100 proto 201\n',
      sysctls: { [`${CONF}/all/arp_ignore`]: '1', [`${CONF}/all/arp_announce`]: '2' },
      files: {
        [BOOT_FILE]: {
          content: 'net.ipv4.conf.all.arp_ignore = 1\nnet.ipv4.conf.all.arp_announce = 2\n',
          mode: '644',
        },
      },
    }),
    parts: [
      { rule: { from: '192.168.1.1', table: 100, priority: 100, state: 'absent' } },
      { rule: { from: '192.168.1.253', table: 200, priority: 300, state: 'absent' } },
      ...TWIN.flatMap(({ dev, address, table }) => [
        {
          route: {
            dst: 'default',
            via: '192.168.1.254',
            dev,
            src: address.slice(0, -3),
            table,
            family: 4,
            state: 'absent',
          },
        },
        { route: { dst: '192.168.1.0/24', dev, src: address.slice(0, -3), table, state: 'absent' } },
      ]),
      { sysctl: { name: `${CONF}/all/arp_ignore`, value: 0, file: null } },
      { sysctl: { name: `${CONF}/all/arp_ignore`, state: 'absent' } },
      { sysctl: { name: `${CONF}/all/arp_announce`, value: 0, file: null } },
      { sysctl: { name: `${CONF}/all/arp_announce`, state: 'absent' } },
    ],
  },
  {
    title: 'absent: main loses what netplay made, and keeps what it only changed',
    params: {
      uplinks: [
        { ...DX, weight: 1 },
        { ...WT, metric: 5 },
      ],
      state: 'absent',
    },
    snapshot: snapshotOf({
      ...{ directories: {}, sysctls: sysctlsOf({}), rules4: rulesWith() },
      routes4: `unicast default proto boot scope global
\tnexthop via 192.168.1.1 dev eth1 weight 1
\tnexthop via 172.16.1.1 dev eth0 weight 1
unicast default via 172.16.1.1 dev eth0 proto 201 metric 5 scope global src 172.16.1.162
`,
    }),
    parts: [
      { rule: { from: '192.168.1.162', table: 101, priority: 101, state: 'absent' } },
      { rule: { from: '172.16.1.162', table: 102, priority: 102, state: 'absent' } },
      {
        route: {
          dst: 'default',
          via: '172.16.1.1',
          dev: 'eth0',
          src: '172.16.1.162',
          metric: 5,
          protocol: 201,
          state: 'absent',
        },
      },
      ...[DX, WT].flatMap(({ dev, address, gateway, table }) => [
        {
          route: {
            dst: 'default',
            via: gateway,
            dev,
            src: address.slice(0, -3),
            table,
            family: 4,
            state: 'absent',
          },
        },
        {
          route: {
            dst: dev === 'eth1' ? '192.168.1.0/24' : '172.16.1.0/24',
            dev,
            src: address.slice(0, -3),
            table,
            state: 'absent',
          },
        },
      ]),
      { rt_table: { id: 101, name: 'dx', state: 'absent' } },
      { rt_table: { id: 102, name: 'wt', state: 'absent' } },
    ],
    warnings: [
      'main keeps its default route via 192.168.1.1 dev eth1 and via 172.16.1.1 dev eth0 (metric 0): boot made it',
    ],
  },
  {
    title: 'refused: what the host has not, and what two uplinks can not both have',
    params: {
      uplinks: [
        { ...DX, dev: 'eth0' },
        { ...WT, gateway: '10.0.0.1' },
        { ...WT, dev: 'eth7', address: '10.1.0.1/24' },
        { ...WT, address: '172.16.1.162/16', table: 300, gateway: '172.16.1.162' },
      ],
    },
    snapshot: edge(),
    parts: [],
    problems: [
      '192.168.1.162 is on eth1 as 192.168.1.162/24, not on eth0 as 192.168.1.162/24',
      'gateway 10.0.0.1 is not in the network of 172.16.1.162/24',
      'there is no device eth7 on this host; did you mean eth0?',
      "gateway 172.16.1.162 is this host's own address",
      'two uplinks of IPv4 have table 102',
      '172.16.1.162 is given twice',
      'wt names table 102 and table 300',
    ],
  },
  {
    title: 'refused: another family, a table of the kernel, a priority behind main',
    params: {
      uplinks: [
        { ...DX, gateway: '2001:db8::1', table: 254 },
        { ...WT, table: 40_000 },
      ],
    },
    snapshot: edge(),
    parts: [],
    problems: [
      'gateway 2001:db8::1 is no IPv4 address, as 192.168.1.162/24 is',
      "table 254 is the host's own",
      'priority 40000 stands behind the rule for main (32766), which has an answer for all',
    ],
  },
];
