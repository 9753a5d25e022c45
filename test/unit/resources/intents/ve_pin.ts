import { pinsText, vzConfWith } from '../../../../src/resources/pins/hook-file.js';
import type { Neighbour } from '../../../../src/snapshot/model.js';
import type { OpenVz, Ve } from '../../../../src/snapshot/openvz.js';
import { type Host, snapshotOf } from '../../../support/snapshots.js';
import type { ExpansionCase } from './cases.js';

/** The node of the document: three NICs in one network, for two containers that run and one that does not. */
const ADDRESSES = { eth0: '192.168.18.10', eth3: '192.168.18.11', eth4: '192.168.18.12' };
const NICS = Object.keys(ADDRESSES);
const MAC = '00:0c:29:b3:a2:68';

function ve(id: string, running: boolean | null, addresses: readonly string[], more: Partial<Ve> = {}): Ve {
  const configured = addresses;
  return {
    ...{
      id,
      name: null,
      hostname: `ve${id}`,
      running,
      addresses: running === false ? [] : addresses,
      configured,
    },
    ...{ netifs: [], nameservers: [], searchdomains: [], onboot: true },
    ...more,
  };
}

const OPENVZ: OpenVz = {
  version: 'legacy',
  prlctl: false,
  conf: new Map(),
  listed: true,
  ves: [
    ve('101', true, ['192.168.18.101'], { name: 'www' }),
    ve('102', true, ['192.168.18.102'], { name: 'www2' }),
    ve('103', false, ['192.168.18.103']),
    ve('104', true, []),
  ],
};

const connected = (dev: string, src: string, table = 'main', proto = 'kernel'): string =>
  `192.168.18.0/24 dev ${dev} table ${table} proto ${proto} scope link src ${src}`;
const MAIN = [
  'default via 192.168.18.1 dev eth0 proto boot scope global',
  ...Object.entries(ADDRESSES).map(([dev, address]) => connected(dev, address)),
  '192.168.18.101 dev venet0 proto boot scope link',
  '192.168.18.102 dev venet0 proto boot scope link',
];
const TABLE_503 = [
  'default via 192.168.18.1 dev eth3 table 503 proto 201 scope global',
  '192.168.18.0/24 dev eth3 table 503 proto 201 scope link',
];

const proxy = (dst: string, dev: string): Neighbour => ({
  ...{ family: 4, dst, dev, proxy: true, lladdr: null, nud: null, flags: [], protocol: null },
});
const everywhere = (...addresses: string[]): Neighbour[] =>
  addresses.flatMap((address) => NICS.map((dev) => proxy(address, dev)));

const SYSCTLS = {
  'net/ipv4/ip_forward': '1',
  'net/ipv4/conf/all/arp_ignore': '0',
  'net/ipv4/conf/all/arp_announce': '0',
  ...Object.fromEntries(
    ['all', ...NICS].map((dev) => [`net/ipv4/conf/${dev}/proxy_arp`, dev === 'eth0' ? '1' : '0']),
  ),
};
const STRICT = {
  ...SYSCTLS,
  'net/ipv4/conf/all/arp_ignore': '1',
  'net/ipv4/conf/all/arp_announce': '2',
  'net/ipv4/conf/eth0/proxy_arp': '0',
};

function node(host: Host, neighbours: readonly Neighbour[], openvz: OpenVz = OPENVZ) {
  const files = { '/etc/vz/vz.conf': { content: 'VIRTUOZZO=yes\n', mode: '644' }, ...host.files };
  const base: Host = {
    links: ['lo', ...NICS, 'venet0'],
    addresses: Object.entries(ADDRESSES).map(([dev, address]) => `${dev} ${address}/24`),
    routes4: MAIN.join('\n'),
    rules4: '0: from all lookup local\n32766: from all lookup main\n32767: from all lookup default',
    sysctls: SYSCTLS,
    openvz,
  };
  return { ...snapshotOf({ ...base, ...host, files }), neighbours };
}

const SETTINGS = [
  { sysctl: { name: 'net/ipv4/ip_forward', value: 1 } },
  { sysctl: { name: 'net/ipv4/conf/all/arp_ignore', value: 1 } },
  { sysctl: { name: 'net/ipv4/conf/all/arp_announce', value: 2 } },
];
const FORMER = [
  { path: 'net/ipv4/conf/all/arp_ignore', value: '0' },
  { path: 'net/ipv4/conf/all/arp_announce', value: '0' },
  { path: 'net/ipv4/conf/eth0/proxy_arp', value: '1' },
];
const tableOf = (dev: string, table: number) => [
  { rt_table: { id: table, name: `pin_${dev}` } },
  { route: { dst: '192.168.18.0/24', dev, table } },
  { route: { dst: 'default', via: '192.168.18.1', dev, table } },
];
const pin = (id: string, nic: string, table: number, addresses = [`192.168.18.${id}`]) => ({
  ...{
    ve: id,
    nic,
    table,
    priority: 5000,
    gateway: '192.168.18.1',
    networks: ['192.168.18.0/24'],
    addresses,
  },
});
const of = (address: string, dev: string, table: number) => [
  { rule: { to: address, table: 'main', priority: 4999 } },
  { rule: { from: address, table, priority: 5000 } },
  { neighbour: { dst: address, dev, proxy: true, exclusive: true } },
];

const RULES_OF_101 =
  '0: from all lookup local\n4999: from all to 192.168.18.101 lookup main proto 201\n5000: from 192.168.18.101 lookup 503 proto 201\n32766: from all lookup main\n32767: from all lookup default';
const ONE_PIN = pinsText({ pins: [pin('101', 'eth3', 503)], former: FORMER });
/** 101 is on eth3. */
const PINNED = node(
  {
    sysctls: STRICT,
    routes4: [...MAIN, ...TABLE_503].join('\n'),
    rules4: RULES_OF_101,
    tables: [{ id: 503, name: 'pin_eth3', file: '/etc/iproute2/rt_tables.d/netplay.conf' }],
    files: {
      '/etc/vz/netplay-pins.sh': { content: ONE_PIN, mode: '644' },
      '/etc/vz/vz.conf': { content: vzConfWith('VIRTUOZZO=yes\n', true), mode: '644' },
      '/etc/iproute2/rt_tables.d/netplay.conf': { content: '503\tpin_eth3\n', mode: '644' },
    },
  },
  [proxy('192.168.18.101', 'eth3'), ...everywhere('192.168.18.102')],
);

/** What ends the only pin, but for its proxy entries. */
const ABSENT: readonly unknown[] = [
  { rule: { from: '192.168.18.101', table: 503, priority: 5000, state: 'absent' } },
  { rule: { to: '192.168.18.101', table: 'main', priority: 4999, state: 'absent' } },
  { route: { dst: '0.0.0.0/0', table: 503, dev: 'eth3', state: 'absent' } },
  { route: { dst: '192.168.18.0/24', table: 503, dev: 'eth3', state: 'absent' } },
  { rt_table: { id: 503, name: 'pin_eth3', state: 'absent' } },
  { ve_hook: { ve: '101', state: 'absent' } },
  ...FORMER.map(({ path, value }) => ({ sysctl: { name: path, value, file: null } })),
  ...['net/ipv4/ip_forward', ...FORMER.map(({ path }) => path)].map((name) => ({
    sysctl: { name, state: 'absent' },
  })),
];

export const VE_PIN: readonly ExpansionCase[] = [
  {
    title: 'the four parts of a pin, and what the node needs',
    params: { ve: 101, nic: 'eth3' },
    snapshot: node({}, everywhere('192.168.18.101', '192.168.18.102')),
    parts: [
      ...SETTINGS,
      { sysctl: { name: 'net/ipv4/conf/eth0/proxy_arp', value: 0 } },
      ...tableOf('eth3', 503),
      ...of('192.168.18.101', 'eth3', 503),
      { ve_hook: { ...pin('101', 'eth3', 503), former: FORMER } },
    ],
  },
  {
    title: 'one that does not run: only the hook, and nobody answers for it',
    params: { ve: 103, nic: 'eth4' },
    snapshot: node({ sysctls: STRICT }, everywhere('192.168.18.103')),
    parts: [
      ...SETTINGS,
      ...NICS.map((dev) => ({ neighbour: { dst: '192.168.18.103', dev, proxy: true, state: 'absent' } })),
      { ve_hook: { ...pin('103', 'eth4', 504), former: [] } },
    ],
  },
  {
    title: 'one without an address: the hook waits for it',
    params: { ve: '104', nic: 'eth4' },
    snapshot: node({ sysctls: STRICT }, []),
    parts: [
      ...SETTINGS,
      ...tableOf('eth4', 504),
      { ve_hook: { ...pin('104', 'eth4', 504, []), former: [] } },
    ],
    warnings: ['container 104 has no address yet: it is pinned as soon as it has one'],
  },
  {
    title: 'several by a pattern, with a table, a priority and a gateway of their own',
    params: { ves: ['www*'], nic: 'eth4', table: 44, priority: 77, gateway: '192.168.18.254' },
    snapshot: node({ sysctls: STRICT }, everywhere('192.168.18.101', '192.168.18.102')),
    parts: [
      ...SETTINGS,
      { rt_table: { id: 44, name: 'pin_eth4' } },
      { route: { dst: '192.168.18.0/24', dev: 'eth4', table: 44 } },
      { route: { dst: 'default', via: '192.168.18.254', dev: 'eth4', table: 44 } },
      ...['192.168.18.101', '192.168.18.102'].flatMap((address) => [
        { rule: { to: address, table: 'main', priority: 76 } },
        { rule: { from: address, table: 44, priority: 77 } },
        { neighbour: { dst: address, dev: 'eth4', proxy: true, exclusive: true } },
      ]),
      ...['101', '102'].map((id) => ({
        ve_hook: { ...pin(id, 'eth4', 44), priority: 77, gateway: '192.168.18.254', former: [] },
      })),
    ],
  },
  {
    title: 'moved to another NIC: the old rule goes, and its table with it',
    params: { ve: 101, nic: 'eth4' },
    snapshot: PINNED,
    parts: [
      ...SETTINGS,
      ...tableOf('eth4', 504),
      ...of('192.168.18.101', 'eth4', 504),
      { ve_hook: pin('101', 'eth4', 504) },
      { rule: { from: '192.168.18.101', table: 503, priority: 5000, state: 'absent' } },
      { route: { dst: '0.0.0.0/0', table: 503, dev: 'eth3', state: 'absent' } },
      { route: { dst: '192.168.18.0/24', table: 503, dev: 'eth3', state: 'absent' } },
      { rt_table: { id: 503, name: 'pin_eth3', state: 'absent' } },
    ],
  },
  {
    title: 'moved without its IPv6 address: the pin of that one is not left on the old NIC',
    params: { ve: 101, nic: 'eth3' },
    snapshot: node(
      {
        sysctls: STRICT,
        files: {
          '/etc/vz/netplay-pins.sh': {
            content: pinsText({
              pins: [
                { ...pin('101', 'eth4', 504, []), gateway: '2001:db8::1', networks: ['2001:db8::/64'] },
                { ...pin('102', 'eth4', 504, []), gateway: '2001:db8::1', networks: ['2001:db8::/64'] },
              ],
              former: [],
            }),
            mode: '644',
          },
        },
      },
      everywhere('192.168.18.101'),
    ),
    parts: [
      ...SETTINGS,
      ...tableOf('eth3', 503),
      ...of('192.168.18.101', 'eth3', 503),
      { ve_hook: pin('101', 'eth3', 503) },
      { ve_hook: { ve: '101', gateway: '2001:db8::1', state: 'absent' } },
    ],
  },
  {
    title: 'absent: back to OpenVZ, and the sysctls to what they were',
    params: { ve: 101, state: 'absent' },
    snapshot: PINNED,
    parts: [...NICS.map((dev) => ({ neighbour: { dst: '192.168.18.101', dev, proxy: true } })), ...ABSENT],
  },
  {
    title: 'absent for a container that is gone: its pin is in the file alone',
    params: { ve: 101, state: 'absent' },
    snapshot: { ...PINNED, openvz: { ...OPENVZ, ves: OPENVZ.ves.filter(({ id }) => id !== '101') } },
    parts: [{ neighbour: { dst: '192.168.18.101', dev: 'eth3', proxy: true, state: 'absent' } }, ...ABSENT],
  },
  {
    title: 'absent for one whose address another container has now: that one keeps its pin',
    params: { ve: 101, state: 'absent' },
    snapshot: node(
      {
        sysctls: STRICT,
        routes4: [...MAIN, ...TABLE_503].join('\n'),
        rules4: RULES_OF_101,
        files: {
          '/etc/vz/netplay-pins.sh': {
            content: pinsText({
              pins: [pin('101', 'eth3', 503), pin('102', 'eth3', 503, ['192.168.18.101'])],
              former: [],
            }),
            mode: '644',
          },
        },
      },
      [proxy('192.168.18.101', 'eth3')],
      { ...OPENVZ, ves: [ve('101', true, []), ve('102', true, ['192.168.18.101'])] },
    ),
    parts: [{ ve_hook: { ve: '101', state: 'absent' } }],
  },
  {
    title: 'absent for one whose address another one has now, which is not pinned: who answers is left alone',
    params: { ve: 101, state: 'absent' },
    snapshot: { ...PINNED, openvz: { ...OPENVZ, ves: [ve('102', true, ['192.168.18.101'])] } },
    parts: ABSENT,
  },
  {
    title: 'one that does not run, with the address of one that does: nothing is taken from that one',
    params: { ve: 103, nic: 'eth4' },
    snapshot: {
      ...PINNED,
      openvz: {
        ...OPENVZ,
        ves: [ve('101', true, ['192.168.18.101']), ve('103', false, ['192.168.18.101'])],
      },
    },
    parts: [...SETTINGS, { ve_hook: pin('103', 'eth4', 504, ['192.168.18.101']) }],
  },
  {
    title: 'absent for one that never was',
    params: { ve: 999, state: 'absent' },
    snapshot: node({}, []),
    parts: [],
    warnings: ['nothing is pinned by this name: there is no container 999 on this node'],
  },
  {
    title: 'absent where nothing is pinned',
    params: { ve: 102, state: 'absent' },
    snapshot: node({}, everywhere('192.168.18.102')),
    parts: [],
  },
  {
    title: 'vzlist tells nothing: a way to the container says that it runs',
    params: { ve: 101, nic: 'eth3' },
    snapshot: node({ sysctls: STRICT }, everywhere('192.168.18.101'), {
      ...OPENVZ,
      listed: false,
      ves: [ve('101', null, ['192.168.18.101'])],
    }),
    parts: [
      ...SETTINGS,
      ...tableOf('eth3', 503),
      ...of('192.168.18.101', 'eth3', 503),
      { ve_hook: { ...pin('101', 'eth3', 503), former: [] } },
    ],
  },
  {
    title: 'with a veth pair: the bridge over the NIC, with its MAC and its address, and no more',
    params: { ve: 105, nic: 'eth3' },
    snapshot: (() => {
      const pair = { ifname: 'eth0', mac: null, hostIfname: 'veth105.0', hostMac: null, bridge: 'vmbr0' };
      const bare = node({}, [], { ...OPENVZ, ves: [ve('105', false, [], { netifs: [pair] })] });
      const eth3 = bare.links.get('eth3');
      const links =
        eth3 === undefined ? bare.links : new Map([...bare.links, ['eth3', { ...eth3, mac: MAC }]]);
      return { ...bare, links };
    })(),
    parts: [
      { bridge: { name: 'br_eth3', ports: ['eth3'], mac: MAC, stp: false, forward_delay: 0 } },
      { address: { dev: 'eth3', address: '192.168.18.11/24', state: 'absent' } },
      { address: { dev: 'br_eth3', address: '192.168.18.11/24' } },
      { ve: { ve: '105', netifs: [{ ifname: 'eth0', bridge: 'br_eth3' }] } },
    ],
  },
  {
    title: "another NIC's table is refused as long as another container uses it",
    params: { ve: 102, nic: 'eth4', table: 503 },
    snapshot: PINNED,
    parts: [],
    problems: ['table 503 is in use: what comes from 192.168.18.101 leaves by eth3 through it'],
  },
  {
    title: 'a NIC that is down is said to be',
    params: { ve: 101, nic: 'eth3' },
    snapshot: (() => {
      const bare = node({ routes4: MAIN.filter((line) => !line.includes('dev eth3')).join('\n') }, []);
      const eth3 = bare.links.get('eth3');
      const links = eth3 === undefined ? [] : [['eth3', { ...eth3, flags: ['BROADCAST'] }] as const];
      return { ...bare, links: new Map([...bare.links, ...links]) };
    })(),
    parts: [],
    problems: ['eth3 is down: nothing tells its network'],
  },
  {
    title: 'a container that does not exist is refused, and so is a NIC',
    params: { ves: [999, 'wwx'], nic: 'eth9' },
    snapshot: node({}, []),
    parts: [],
    problems: [
      'there is no container 999 on this node',
      'there is no container wwx on this node; did you mean www?',
      'no interface eth9 on this host',
    ],
  },
];
