import { planTasks } from '../../../../src/engine/plan.js';
import { shape } from '../../../../src/resources/intents/shape.js';
import type { Snapshot } from '../../../../src/snapshot/model.js';
import type { OpenVz, Ve } from '../../../../src/snapshot/openvz.js';
import type { TcItem } from '../../../../src/snapshot/tc.js';
import { type Host, snapshotOf } from '../../../support/snapshots.js';
import type { ExpansionCase } from './cases.js';

/** A host whose kernel ticks finely and has all but what is lacking. */
function shaped(host: Host, items: readonly TcItem[] = [], lacking: readonly string[] = []): Snapshot {
  const tc = { items, tables: new Set<string>(), lacking: new Set(lacking), hz: 1_000_000_000 };
  return { ...snapshotOf(host), tc, linkKinds: new Map([['ifb', !lacking.includes('ifb')]]) };
}

const PLAIN = shaped({});

/** The host once a task is done. */
export function afterShape(params: unknown, snapshot: Snapshot = PLAIN): Snapshot {
  const { state, tasks } = planTasks([{ resource: shape, items: [{ params, path: [] }] }], snapshot);
  const problems = tasks.flatMap((task) => task.problems);
  if (problems.length > 0) throw new Error(problems.map(({ message }) => message).join('; '));
  return state;
}

const root = (dev: string, r2q?: number) => ({
  qdisc: { dev, kind: 'htb', handle: 'c9:', default: '2', ...(r2q !== undefined && { r2q }) },
});
const whole = (dev: string, rate: string, burst: number) => ({
  class: { dev, classid: 'c9:1', parent: 'c9:', rate, ceil: rate, burst, cburst: burst },
});
/** Its rate and ceil with their bursts. */
type Rates = readonly [rate: string, burst: number, ceil: string, cburst: number];
const share = (
  dev: string,
  minor: string,
  [rate, burst, ceil, cburst]: Rates,
  quantum: number,
  prio = 4,
) => ({
  class: { dev, classid: `c9:${minor}`, parent: 'c9:1', rate, ceil, burst, cburst, prio, quantum },
});
const fair = (dev: string, minor: string, target = '5ms', interval = '100ms', quantum = 1514) => ({
  qdisc: { dev, parent: `c9:${minor}`, kind: 'fq_codel', target, interval, quantum, ecn: true },
});
const sort = (dev: string, prio: number, minor: string, match: object) => ({
  filter: {
    ...{ dev, parent: 'c9:', protocol: prio % 10 === 1 ? 'ipv6' : 'ip', prio, kind: 'u32', match },
    classid: `c9:${minor}`,
  },
});

/** Minors that follow from names, as sha256sum tells them. */
const [WEB, VOICE, IN] = ['206', 'c1a2', 'e863'];

const EGRESS = { dev: 'eth1', egress: '100mbit' };
/** Of 100mbit: a millisecond's bytes and a packet. */
const FULL = ['100mbit', 14_014, '100mbit', 14_014] as const;
const PLAIN_TREE = [
  root('eth1', 209),
  whole('eth1', '100mbit', 14_014),
  share('eth1', '2', FULL, 200_000),
  fair('eth1', '2'),
];
const WEB_CLASS = { name: 'web', rate: '30%', match: { protocol: 'tcp', sport: 443 } };
const WEB_RATES = ['30mbit', 5264, '100mbit', 14_014] as const;
const REST_RATES = ['70mbit', 10_264, '100mbit', 14_014] as const;

function ve(id: string, running: boolean, addresses: readonly string[]): Ve {
  return {
    ...{
      id,
      name: null,
      hostname: `www${id}`,
      running,
      addresses: running ? addresses : [],
      configured: addresses,
    },
    ...{ netifs: [], nameservers: [], searchdomains: [], onboot: true },
  };
}

const OPENVZ: OpenVz = {
  ...{ version: 'legacy', prlctl: false, conf: new Map(), listed: true },
  ves: [
    ve('101', true, ['192.168.18.101', '2001:db8::101']),
    ve('102', false, ['192.168.18.102']),
    ve('103', true, []),
  ],
};
const NODE = shaped({ links: ['lo', 'eth1', 'venet0'], openvz: OPENVZ });

const TBF: TcItem = {
  ...{ type: 'qdisc', dev: 'eth1', parent: 'root', handle: '8001:', kind: 'tbf', other: [] },
  options: { rate: 1_000_000, burst: 5000, latency: 50_000 },
};

function refused(
  title: string,
  params: object,
  problems: readonly string[],
  snapshot = PLAIN,
): ExpansionCase {
  return { title: `refused: ${title}`, params: { ...EGRESS, ...params }, snapshot, parts: [], problems };
}

const match = { dst: '192.0.2.1' };
const classes = (...given: readonly object[]) => ({ classes: given });

/** What one class sorts, by its match: egress of eth1 with 100mbit. */
function sorted(
  title: string,
  given: object,
  sorts: readonly object[],
  {
    snapshot = PLAIN,
    dev = 'eth1',
    ...more
  }: { snapshot?: Snapshot; dev?: string; warnings?: readonly string[] } = {},
): ExpansionCase {
  const params = { ...EGRESS, dev, classes: [{ ...WEB_CLASS, match: given }] };
  const tree = [
    ...[root(dev, 209), whole(dev, '100mbit', 14_014)],
    ...[share(dev, WEB, WEB_RATES, 200_000), fair(dev, WEB)],
    ...[share(dev, '2', REST_RATES, 200_000), fair(dev, '2')],
  ];
  return { title: `sorted: ${title}`, params, snapshot, parts: [...tree, ...sorts], ...more };
}

const both = (given: object) => [sort('eth1', 100, WEB, given), sort('eth1', 101, WEB, given)];
const mark = (handle: string, prio: number) => ({
  filter: {
    dev: 'eth1',
    parent: 'c9:',
    protocol: 'all',
    prio,
    kind: 'fw',
    handle,
    classid: `c9:${WEB}`,
  },
});
const inward = (action: object) => [
  { qdisc: { dev: 'eth1', kind: 'ingress' } },
  { filter: { dev: 'eth1', parent: 'ingress', prio: 201, kind: 'u32', action } },
];
const police = (burst: number) => ({ kind: 'police', rate: '20mbit', burst, mtu: 65_536, exceed: 'drop' });
const IFB_TREE = [
  { ifb: { name: 'ifb-eth1' } },
  ...[root('ifb-eth1', 42), whole('ifb-eth1', '20mbit', 4014)],
  share('ifb-eth1', '2', ['20mbit', 4014, '20mbit', 4014], 200_000),
  fair('ifb-eth1', '2'),
  ...inward({ kind: 'mirred', redirect: 'ifb-eth1', direction: 'egress' }),
];
const INGRESS = { dev: 'eth1', ingress: '20mbit' };
const FULL_PARAMS = {
  ...EGRESS,
  ...INGRESS,
  classes: [{ name: 'voice', rate: '5%', match: { dscp: 'ef' } }, WEB_CLASS],
};

export const SHAPE: readonly ExpansionCase[] = [
  { title: 'what leaves, in one class', params: EGRESS, snapshot: PLAIN, parts: PLAIN_TREE },
  sorted('a port, in both families', { protocol: 'tcp', sport: 443 }, both({ protocol: 'tcp', sport: 443 })),
  sorted('a port of no protocol is that of TCP and of UDP', { dport: 53, dst: '192.0.2.0/24' }, [
    sort('eth1', 100, WEB, { dst: '192.0.2.0/24', protocol: 'tcp', dport: 53 }),
    sort('eth1', 100, WEB, { dst: '192.0.2.0/24', protocol: 'udp', dport: 53 }),
  ]),
  sorted(
    'protocols of one family',
    [{ protocol: 'icmp' }, { protocol: 58 }],
    [sort('eth1', 100, WEB, { protocol: 'icmp' }), sort('eth1', 101, WEB, { protocol: 58 })],
  ),
  sorted(
    'DSCP, by name and number',
    [{ dscp: 'af41' }, { dscp: 46 }, { dscp: 'cs6' }],
    [...both({ tos: '0x88/0xfc' }), ...both({ tos: '0xb8/0xfc' }), ...both({ tos: '0xc0/0xfc' })],
  ),
  sorted('what is said twice counts once', [match, { dst: '192.0.2.1' }], [sort('eth1', 100, WEB, match)]),
  sorted(
    'a mark, by a classifier of its own, each mask in a prio of its own',
    [{ mark: '0x1/0xff' }, { mark: 16 }, { mark: '2/255' }, { mark: '0x10/0xffffffff' }],
    [mark('0x1/0xff', 102), mark('0x10', 103), mark('0x2/0xff', 102)],
  ),
  sorted(
    'containers by a NIC: as the source, those that do not run too',
    [{ ve: 101 }, { ve: 'www102', dport: 80, protocol: 'tcp' }, { ve: '*103' }],
    [
      sort('eth1', 100, WEB, { src: '192.168.18.101' }),
      sort('eth1', 101, WEB, { src: '2001:db8::101' }),
      sort('eth1', 100, WEB, { src: '192.168.18.102', protocol: 'tcp', dport: 80 }),
    ],
    { snapshot: NODE, warnings: ['container 103 has no address yet: run again once it has one'] },
  ),
  sorted(
    'containers by venet0: as the destination',
    { ve: 102 },
    [sort('venet0', 100, WEB, { dst: '192.168.18.102' })],
    { snapshot: NODE, dev: 'venet0' },
  ),
  {
    title: 'rates, shares, ceilings, priorities and bursts; those that say no rate share what is left',
    params: {
      ...{ dev: 'eth1', egress: '10mbit', burst: '15k' },
      classes: [
        { name: 'voice', rate: '5%', priority: 0, match: { dscp: 'ef' } },
        { name: 'web', ceil: '50%', match },
        { name: 'backup', rate: '1mbit', ceil: '2mbit', priority: 7, default: true },
      ],
    },
    snapshot: PLAIN,
    parts: [
      ...[root('eth1', 21), whole('eth1', '10mbit', 15_360)],
      share('eth1', VOICE, ['500kbit', 15_360, '10mbit', 15_360], 6250, 0),
      fair('eth1', VOICE, '37ms', '132ms', 300),
      share('eth1', WEB, ['5mbit', 15_360, '5mbit', 15_360], 62_500),
      fair('eth1', WEB, '5ms', '100ms', 300),
      share('eth1', '2', ['1mbit', 15_360, '2mbit', 15_360], 12_500, 7),
      fair('eth1', '2', '19ms', '114ms', 300),
      ...[100, 101].map((prio) => sort('eth1', prio, VOICE, { tos: '0xb8/0xfc' })),
      sort('eth1', 200, WEB, match),
    ],
  },
  {
    title: 'a kernel without fq_codel: sfq',
    params: EGRESS,
    snapshot: shaped({}, [], ['sch_fq_codel']),
    parts: [...PLAIN_TREE.slice(0, 3), { qdisc: { dev: 'eth1', parent: 'c9:2', kind: 'sfq', perturb: 10 } }],
  },
  {
    title: 'a kernel without either: a short queue',
    params: EGRESS,
    snapshot: shaped({}, [], ['sch_fq_codel', 'sch_sfq']),
    parts: [...PLAIN_TREE.slice(0, 3), { qdisc: { dev: 'eth1', parent: 'c9:2', kind: 'pfifo', limit: 826 } }],
  },
  {
    title: 'coarse timers take larger bursts',
    params: { ...EGRESS, classes: [] },
    snapshot: { ...PLAIN, ...(PLAIN.tc && { tc: { ...PLAIN.tc, hz: 100 } }) },
    parts: [
      ...[root('eth1', 209), whole('eth1', '100mbit', 126_514)],
      share('eth1', '2', ['100mbit', 126_514, '100mbit', 126_514], 200_000),
      fair('eth1', '2'),
    ],
  },
  { title: 'what comes in, behind an ifb', params: INGRESS, snapshot: PLAIN, parts: IFB_TREE },
  {
    title: 'what comes in has classes',
    params: {
      dev: 'eth1',
      ingress: { rate: '20mbit', by: 'ifb', classes: [{ name: 'in', rate: '50%', match }] },
    },
    snapshot: PLAIN,
    parts: [
      ...IFB_TREE.slice(0, 3),
      share('ifb-eth1', IN, ['10mbit', 2764, '20mbit', 4014], 125_000),
      fair('ifb-eth1', IN),
      share('ifb-eth1', '2', ['10mbit', 2764, '20mbit', 4014], 125_000),
      fair('ifb-eth1', '2'),
      sort('ifb-eth1', 100, IN, match),
      ...IFB_TREE.slice(-2),
    ],
  },
  {
    title: 'what comes in, without an ifb',
    params: INGRESS,
    snapshot: shaped({}, [], ['ifb']),
    parts: inward(police(250_000)),
  },
  {
    title: 'what comes in, policed on request with a burst of its own',
    params: { dev: 'eth1', ingress: { rate: '20mbit', by: 'police', burst: '500k' } },
    snapshot: PLAIN,
    parts: inward(police(512_000)),
  },
  {
    title: 'police takes the place of an ifb',
    params: { dev: 'eth1', ingress: { rate: '20mbit', by: 'police' } },
    snapshot: afterShape(INGRESS),
    parts: [
      ...inward(police(250_000)).slice(1),
      { qdisc: { dev: 'ifb-eth1', parent: 'root', state: 'absent' } },
      { ifb: { name: 'ifb-eth1', state: 'absent' } },
    ],
  },
  {
    title: 'a foreign root is replaced',
    params: EGRESS,
    snapshot: shaped({}, [TBF]),
    parts: PLAIN_TREE,
    warnings: ['eth1 has a tbf of somebody else at its root, which the shape replaces'],
  },
  {
    title: 'absent: all that is its own',
    params: { dev: 'eth1', state: 'absent' },
    snapshot: afterShape(FULL_PARAMS),
    parts: [
      { qdisc: { dev: 'eth1', parent: 'root', handle: 'c9:', kind: 'htb', state: 'absent' } },
      {
        filter: {
          ...{ dev: 'eth1', parent: 'ingress', protocol: 'all', prio: 201, handle: '800::800' },
          state: 'absent',
        },
      },
      { qdisc: { dev: 'eth1', parent: 'ingress', state: 'absent' } },
      { qdisc: { dev: 'ifb-eth1', parent: 'root', state: 'absent' } },
      { ifb: { name: 'ifb-eth1', state: 'absent' } },
    ],
  },
  {
    title: 'absent: nothing of others',
    params: { dev: 'eth1', state: 'absent' },
    snapshot: shaped({}, [TBF]),
    parts: [],
  },
  refused('a unit that was forgotten', { egress: 100 }, [
    'egress: 100bit is too slow for an SSH session; 64kbit is the least',
  ]),
  refused('a class whose unit was forgotten', classes({ name: 'a', rate: 10, match }), [
    'class a: rate 8bit is less than a packet in a second',
  ]),
  refused(
    'more than there is',
    classes({ name: 'a', rate: '80mbit', match }, { name: 'b', rate: '30%', default: true }),
    ["the classes' rates come to 110mbit (a 80mbit, b 30mbit), and egress is 100mbit"],
  ),
  refused('nothing for the rest', classes({ name: 'a', rate: '100%', match }), [
    "the classes' rates (a 100mbit) leave 0bit of 100mbit for the default class: ARP and all that no class matches would starve",
  ]),
  refused('a ceil above the whole', classes({ name: 'a', rate: '10mbit', ceil: '1gbit', match }), [
    'class a: ceil 1gbit is more than egress has, 100mbit',
  ]),
  refused('a rate above its ceil', classes({ name: 'a', rate: '20mbit', ceil: '10mbit', match }), [
    'class a: rate 20mbit is more than its ceil 10mbit',
  ]),
  refused('two of a name', classes({ name: 'a', match }, { name: 'a', match: { dst: '192.0.2.2' } }), [
    'two classes are named a',
  ]),
  refused('two defaults', classes({ name: 'a', default: true }, { name: 'b', default: true }), [
    'a and b are both the default class; there can be one',
  ]),
  refused('a class that nothing gets into', classes({ name: 'a' }), [
    'nothing gets into class a: it has no match and is not the default',
  ]),
  refused(
    'two classes of one match',
    classes({ name: 'a', match }, { name: 'b', match: { dst: '192.0.2.1/32' } }),
    ['class a has a match that class b has too: ip dst 192.0.2.1/32'],
  ),
  refused('a port of a protocol without', classes({ name: 'a', match: { protocol: 'icmp', dport: 8 } }), [
    'icmp has no ports',
  ]),
  refused('two families', classes({ name: 'a', match: { src: '192.0.2.1', dst: '2001:db8::1' } }), [
    "a packet can't be both IPv4 and IPv6",
  ]),
  refused('bits beyond the length', classes({ name: 'a', match: { dst: '192.0.2.1/24' } }), [
    'dst: 192.0.2.1/24 has bits beyond its length: 192.0.2.0/24',
  ]),
  refused('a mark beside others', classes({ name: 'a', match: { mark: 1, dport: 80 } }), [
    "mark can't stand with other parameters in one match",
  ]),
  refused(
    'a mark, where the kernel takes u32 with one and matches everything',
    classes({ name: 'a', match: { mark: 1 } }),
    ["this host's kernel can't sort by marks: it has no cls_fw"],
    shaped({}, [], ['cls_fw']),
  ),
  refused(
    'more masks than a class has prios',
    classes({
      name: 'a',
      match: Array.from({ length: 9 }, (_, bit) => ({ mark: `0x1/0x${(2 ** bit * 2 + 1).toString(16)}` })),
    }),
    ['class a: there is room for 8 masks of marks'],
  ),
  refused(
    'a mark of what comes in',
    { ingress: { rate: '20mbit', classes: [{ name: 'a', match: { mark: 1 } }] } },
    ['what comes in has no mark yet: the firewall sees it later'],
  ),
  refused('a container on a host that has none', classes({ name: 'a', match: { ve: 101 } }), [
    'this host is no OpenVZ node: it has no /etc/vz/vz.conf or no vzctl',
  ]),
  refused(
    'a container that is not there, and one beside an address',
    classes({ name: 'a', match: [{ ve: 109 }, { ve: 101, src: '192.0.2.1' }] }),
    [
      'there is no container 109 on this node; did you mean 101?',
      've stands for src here, which is given too',
    ],
    NODE,
  ),
  refused('pitfall 41: a burst below a frame', { burst: 506 }, [
    'burst 506 bytes is less than one frame of eth1, 1514: nothing would pass at all',
  ]),
  refused(
    'police with classes',
    { ingress: { rate: '20mbit', by: 'police', classes: [{ name: 'a', match }] } },
    ['police has no classes'],
  ),
  refused(
    'what comes in, by a kernel that can do neither',
    { ingress: '20mbit' },
    ["this host's kernel can't limit what comes in: it has no ifb with act_mirred and no act_police"],
    shaped({}, [], ['act_mirred', 'act_police']),
  ),
  refused('a device that is not there', { dev: 'eth9' }, [
    'there is no device eth9 on this host; did you mean eth0?',
  ]),
  refused(
    'a port of Open vSwitch',
    {},
    ['eth1 is a port of an Open vSwitch bridge, which does its own traffic control there'],
    ovsPort(PLAIN),
  ),
];

function ovsPort(snapshot: Snapshot): Snapshot {
  const links = new Map(snapshot.links);
  const [name, link] = ['eth1', links.get('eth1')];
  if (link !== undefined) links.set(name, { ...link, master: 'ovs-system' });
  return { ...snapshot, links };
}
