import { recordText } from '../../../../src/resources/pins/record.js';
import type { Container, ContainerDevice } from '../../../../src/snapshot/containers.js';
import type { Link, Neighbour, Snapshot } from '../../../../src/snapshot/model.js';
import { type Host, snapshotOf } from '../../../support/snapshots.js';
import type { ExpansionCase } from './cases.js';

const ADDRESSES = { eth0: '192.168.18.10', eth3: '192.168.18.11', br4: '192.168.18.12' };
const RECORD = '/var/lib/netplay/pins.json';

function device(host: string | null, ...addresses: string[]): ContainerDevice {
  return { name: 'eth0', kind: 'veth', mac: null, host, addresses };
}
const container = (
  type: Container['type'],
  name: string,
  devices: readonly ContainerDevice[],
  more: Partial<Container> = {},
): Container => ({ type, name, running: true, shared: false, devices, ...more });

const CONTAINERS = [
  container('lxc', 'web', [device('vweb', '192.168.18.101', '2001:db8::101')]),
  container('lxc', 'shop', [device('vshop', '192.168.18.102')]),
  container('lxc', 'lan', [device('vlan0', '10.0.3.5')]),
  container('lxc', 'old', [], { running: false }),
  container('lxc', 'db', []),
  container('nspawn', 'host', [], { shared: true }),
  container('libvirt', 'db', [device('vnet0')]),
  container('libvirt', 'both', [device('vnet1'), device('vnet2')]),
  container('netns', 'bare', [device('vbare')]),
  container('netns', 'mac', [{ ...device(null), kind: 'macvlan' }]),
];

/** Which bridge each device is a port of. */
const MASTERS = { eth4: 'br4', eth5: 'br5', vlan0: 'lxcbr0', vnet0: 'br5', vnet1: 'br5', vnet2: 'br4' };
const BRIDGES = ['br4', 'br5', 'lxcbr0', 'br6'];

const connected = (dev: string, src: string): string =>
  `192.168.18.0/24 dev ${dev} proto kernel scope link src ${src}`;
const MAIN = [
  'default via 192.168.18.1 dev eth0 proto boot scope global',
  ...Object.entries(ADDRESSES).map(([dev, address]) => connected(dev, address)),
  '10.0.3.0/24 dev lxcbr0 proto kernel scope link src 10.0.3.1',
  '192.168.18.101 dev vweb proto boot scope link',
];
const RULES = ['0: from all lookup local', '32766: from all lookup main', '32767: from all lookup default'];
const SYSCTLS = {
  ...{ 'net/ipv4/ip_forward': '1', 'net/ipv6/conf/all/forwarding': '1' },
  ...{ 'net/ipv4/conf/all/arp_ignore': '1', 'net/ipv4/conf/all/arp_announce': '2' },
  ...Object.fromEntries(
    ['all', ...Object.keys(ADDRESSES), 'vweb', 'vshop', 'vbare', 'lxcbr0'].map((dev) => [
      `net/ipv4/conf/${dev}/proxy_arp`,
      dev === 'vweb' ? '1' : '0',
    ]),
  ),
};

const proxy = (dst: string, dev: string): Neighbour => ({
  ...{ family: 4, dst, dev, proxy: true, lladdr: null, nud: null, flags: [], protocol: null },
});

function host(more: Host = {}, neighbours: readonly Neighbour[] = []): Snapshot {
  const names = [...Object.keys(MASTERS), ...BRIDGES, 'eth6'];
  const base: Host = {
    links: ['lo', 'eth0', 'eth3', 'vweb', 'vshop', 'vbare', ...names],
    addresses: [...Object.entries({ ...ADDRESSES, lxcbr0: '10.0.3.1' })].map(
      ([dev, to]) => `${dev} ${to}/24`,
    ),
    routes4: MAIN.join('\n'),
    rules4: RULES.join('\n'),
    sysctls: { ...SYSCTLS, ...more.sysctls },
    containers: { all: CONTAINERS, failures: [] },
  };
  const snapshot = snapshotOf({ ...base, ...more, sysctls: { ...SYSCTLS, ...more.sysctls } });
  return {
    ...snapshot,
    neighbours,
    links: new Map([...snapshot.links].map(([name, link]) => [name, kindOf(link)])),
  };
}

function kindOf(link: Link): Link {
  const kind = BRIDGES.includes(link.name)
    ? 'bridge'
    : link.name.startsWith('vnet')
      ? 'tun'
      : link.name.startsWith('v')
        ? 'veth'
        : null;
  const master = Object.entries(MASTERS).find(([name]) => name === link.name)?.[1] ?? null;
  return { ...link, kind, master, mac: `52:54:00:00:00:${String(link.index).padStart(2, '0')}` };
}

const SETTINGS = [
  { sysctl: { name: 'net/ipv4/ip_forward', value: 1 } },
  { sysctl: { name: 'net/ipv4/conf/all/arp_ignore', value: 1 } },
  { sysctl: { name: 'net/ipv4/conf/all/arp_announce', value: 2 } },
];
const TABLE = [
  { rt_table: { id: 503, name: 'pin_eth3' } },
  { route: { dst: '192.168.18.0/24', dev: 'eth3', table: 503 } },
  { route: { dst: 'default', via: '192.168.18.1', dev: 'eth3', table: 503 } },
];
const TABLE_GONE = [
  { route: { dst: '0.0.0.0/0', table: 503, dev: 'eth3', state: 'absent' } },
  { route: { dst: '192.168.18.0/24', table: 503, dev: 'eth3', state: 'absent' } },
  { rt_table: { id: 503, name: 'pin_eth3', state: 'absent' } },
];
const rules = (address: string) => [
  { rule: { to: address, table: 'main', priority: 4999 } },
  { rule: { from: address, table: 503, priority: 5000 } },
];
const answered = (address: string) => ({
  neighbour: { dst: address, dev: 'eth3', proxy: true, exclusive: true },
});
const record = (type: string, name: string, address: string, more: object = {}) => ({
  pin_record: {
    ...{ type, name, nic: 'eth3', addresses: [address], priority: 5000, proxies: [], former: [] },
    ...more,
  },
});
const moved = (nic: string): string =>
  `db is found by ${nic} once it sends something: the switch then learns its way (the host can't, since the MAC is the container's own)`;
const IPV6 = 'eth3 has no IPv6 address: nothing tells its network; not pinned: 2001:db8::101';

/** web is on eth3, where eth0 answered for it before, and its guest's tap was a port of br6. */
const PINNED = host(
  {
    routes4: [
      ...MAIN,
      'default via 192.168.18.1 dev eth3 table 503 proto 201 scope global',
      '192.168.18.0/24 dev eth3 table 503 proto 201 scope link',
      '192.168.18.102 dev vshop proto 201 scope link',
    ].join('\n'),
    rules4: [
      ...RULES.slice(0, 1),
      '4999: from all to 192.168.18.102 lookup main proto 201',
      '5000: from 192.168.18.102 lookup 503 proto 201',
      ...RULES.slice(1),
    ].join('\n'),
    tables: [{ id: 503, name: 'pin_eth3', file: '/etc/iproute2/rt_tables.d/netplay.conf' }],
    files: {
      [RECORD]: {
        content: recordText({
          pins: [
            {
              ...{ type: 'lxc', name: 'shop', nic: 'eth3', addresses: ['192.168.18.102'], priority: 5000 },
              proxies: [{ address: '192.168.18.102', dev: 'eth0' }],
            },
            {
              ...{ type: 'libvirt', name: 'db', nic: 'eth5', addresses: [] },
              ports: [{ dev: 'vnet0', master: 'br6' }],
            },
          ],
          former: [{ path: 'net/ipv4/conf/all/arp_ignore', value: '0' }],
        }),
        mode: '644',
      },
      '/etc/iproute2/rt_tables.d/netplay.conf': { content: '503\tpin_eth3\n', mode: '644' },
    },
  },
  [proxy('192.168.18.102', 'eth3')],
);

const UNPINNED = [
  { neighbour: { dst: '192.168.18.102', dev: 'eth0', proxy: true } },
  { neighbour: { dst: '192.168.18.102', dev: 'eth3', proxy: true, state: 'absent' } },
  { route: { dst: '192.168.18.102', dev: 'vshop', state: 'absent' } },
  { rule: { from: '192.168.18.102', table: 503, priority: 5000, state: 'absent' } },
  { rule: { to: '192.168.18.102', table: 'main', priority: 4999, state: 'absent' } },
  ...TABLE_GONE,
  { pin_record: { type: 'lxc', name: 'shop', state: 'absent' } },
  { sysctl: { name: 'net/ipv4/conf/all/arp_ignore', value: '0', file: null } },
  ...['net/ipv4/ip_forward', 'net/ipv4/conf/all/arp_ignore', 'net/ipv4/conf/all/arp_announce'].map(
    (name) => ({
      sysctl: { name, state: 'absent' },
    }),
  ),
];

/** shop has lost its address to web, which is pinned with it. */
const TAKEN_OVER: Snapshot = {
  ...PINNED,
  files: new Map([
    ...PINNED.files,
    [
      RECORD,
      {
        content: recordText({
          pins: ['shop', 'web'].map((name) => ({
            ...{ type: 'lxc', name, nic: 'eth3', addresses: ['192.168.18.102'], priority: 5000 },
          })),
          former: [],
        }),
        mode: '644',
      },
    ],
  ]),
};

export const CONTAINER_PIN: readonly ExpansionCase[] = [
  {
    title: 'routed to: source rule, proxy ARP on one NIC alone, and what was before',
    params: { container: 'web', nic: 'eth3' },
    snapshot: host({}, [proxy('192.168.18.101', 'eth0')]),
    parts: [
      ...SETTINGS,
      ...TABLE,
      ...rules('192.168.18.101'),
      answered('192.168.18.101'),
      record('lxc', 'web', '192.168.18.101', { proxies: [{ address: '192.168.18.101', dev: 'eth0' }] }),
    ],
    warnings: [IPV6],
  },
  {
    title: 'its route is missing; what answered for everybody goes on where containers need it',
    params: { container: 'shop', nic: 'eth3' },
    snapshot: host({ sysctls: { 'net/ipv4/conf/all/proxy_arp': '1' } }),
    parts: [
      ...SETTINGS,
      ...['vshop', 'lxcbr0', 'vbare'].map((dev) => ({
        sysctl: { name: `net/ipv4/conf/${dev}/proxy_arp`, value: 1, file: null },
      })),
      { sysctl: { name: 'net/ipv4/conf/all/proxy_arp', value: 0 } },
      ...TABLE,
      { route: { dst: '192.168.18.102', dev: 'vshop' } },
      ...rules('192.168.18.102'),
      answered('192.168.18.102'),
      record('lxc', 'shop', '192.168.18.102', {
        former: [
          ...['vshop', 'lxcbr0', 'vbare'].map((dev) => ({
            path: `net/ipv4/conf/${dev}/proxy_arp`,
            value: '0',
          })),
          { path: 'net/ipv4/conf/all/proxy_arp', value: '1' },
        ],
      }),
    ],
  },
  {
    title: 'on a network of its own: the source rule alone',
    params: { container: 'lan', nic: 'eth3' },
    snapshot: host(),
    parts: [...SETTINGS, ...TABLE, ...rules('10.0.3.5'), record('lxc', 'lan', '10.0.3.5')],
  },
  {
    title: 'plain addresses, one of them the host’s own',
    params: { addresses: ['192.168.18.101', '192.168.18.12'], nic: 'eth3' },
    snapshot: host(),
    parts: [
      ...SETTINGS,
      ...TABLE,
      ...rules('192.168.18.101'),
      answered('192.168.18.101'),
      ...rules('192.168.18.12'),
      record('address', '192.168.18.101', '192.168.18.101'),
      record('address', '192.168.18.12', '192.168.18.12'),
    ],
  },
  {
    title: 'a port of a bridge: moved to the one that has the NIC',
    params: { container: 'db', type: 'libvirt', nic: 'eth4' },
    snapshot: host(),
    parts: [
      { bridge: { name: 'br4', ports: ['eth4'] } },
      { link: { name: 'vnet0', master: 'br4' } },
      {
        pin_record: {
          ...{ type: 'libvirt', name: 'db', nic: 'eth4', addresses: [] },
          ports: [{ dev: 'vnet0', master: 'br5' }],
        },
      },
    ],
    warnings: [moved('eth4')],
  },
  {
    title: 'moved on: what was before the first pin is kept',
    params: { container: 'db', type: 'libvirt', nic: 'br4' },
    snapshot: PINNED,
    parts: [
      { bridge: { name: 'br4' } },
      { link: { name: 'vnet0', master: 'br4' } },
      {
        pin_record: {
          ...{ type: 'libvirt', name: 'db', nic: 'br4', addresses: [] },
          ports: [{ dev: 'vnet0', master: 'br6' }],
        },
      },
    ],
    warnings: [moved('br4')],
  },
  {
    title: 'absent: the route that netplay made goes too, and who answered before does again',
    params: { container: 'shop', state: 'absent' },
    snapshot: PINNED,
    parts: UNPINNED,
  },
  {
    title: 'absent: an address that another pin has by now stays',
    params: { container: 'shop', state: 'absent' },
    snapshot: TAKEN_OVER,
    parts: [{ pin_record: { type: 'lxc', name: 'shop', state: 'absent' } }],
  },
  {
    title: 'one that does not run, whose address another pin has by now',
    params: { container: 'shop', nic: 'eth3' },
    snapshot: {
      ...TAKEN_OVER,
      containers: { all: [container('lxc', 'shop', [], { running: false })], failures: [] },
    },
    parts: [],
    warnings: ['shop does not run: run this again when it does'],
  },
  {
    title: 'absent: the tap is where it was',
    params: { container: 'db', state: 'absent' },
    snapshot: PINNED,
    parts: [
      { link: { name: 'vnet0', master: 'br6' } },
      { pin_record: { type: 'libvirt', name: 'db', state: 'absent' } },
    ],
  },
  {
    title: 'absent where nothing is pinned',
    params: { container: 'web', state: 'absent' },
    snapshot: host(),
    parts: [],
  },
  {
    title: 'absent of one that nobody knows, or no more',
    params: { container: 'wbe', state: 'absent' },
    snapshot: host(),
    parts: [],
    warnings: ['nothing is pinned by this name: there is no container wbe on this host; did you mean web?'],
  },
  {
    title: 'absent of one that is gone: what the record has of it goes',
    params: { container: 'shop', state: 'absent' },
    snapshot: { ...PINNED, containers: { all: [], failures: [] } },
    parts: UNPINNED,
  },
  {
    title: 'one that does not run',
    params: { container: 'old', nic: 'eth3' },
    snapshot: host(),
    parts: [],
    warnings: ['old does not run: run this again when it does'],
  },
  ...(
    [
      [{ container: 'wbe', nic: 'eth3' }, 'there is no container wbe on this host; did you mean web?'],
      [{ container: 'web', type: 'nspawn', nic: 'eth3' }, 'there is no nspawn web on this host'],
      [{ container: 'db', nic: 'eth4' }, 'db is the name of several on this host: lxc, libvirt'],
      [
        { container: 'host', nic: 'eth3' },
        "host uses the host's own network: it has no addresses of its own",
      ],
      [{ container: 'bare', nic: 'eth3' }, 'bare has no address that can be seen from the host'],
      [{ container: 'mac', nic: 'eth3' }, 'mac has no device on this host: its eth0 is a macvlan'],
      [
        { container: 'both', nic: 'eth4' },
        'both is a port of bridges by several devices: vnet1 of br5, vnet2 of br4',
      ],
      [
        { container: 'db', type: 'libvirt', nic: 'eth6' },
        'eth6 is no port of a bridge: db needs one there, since its vnet0 is a port of br5',
      ],
      [{ container: 'web', nic: 'eth9' }, 'no interface eth9 on this host'],
      [
        { addresses: ['192.168.18.129'], nic: 'eth3' },
        'no route tells where 192.168.18.129 is: 192.168.18.0/24 is on the wire, by eth0',
      ],
      [{ addresses: ['8.8.8.8'], nic: 'eth3' }, 'no route tells where 8.8.8.8 is: there is none'],
      [
        { container: 'web', type: 'address', nic: 'eth3' },
        'type address pins addresses alone: it takes no container',
      ],
      [{ type: 'lxc', addresses: ['10.0.3.5'], nic: 'eth3' }, 'type lxc needs a container'],
    ] as const
  ).map(([params, problem]) => ({
    title: `refused: ${problem}`,
    ...{ params, snapshot: host(), parts: [], problems: [problem] },
  })),
];
