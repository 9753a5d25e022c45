import { Ajv } from 'ajv';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { planTasks } from '../../../src/engine/plan.js';
import { route } from '../../../src/resources/route.js';
import type { RouteParams } from '../../../src/resources/routing/route-wish.js';
import { rtTable } from '../../../src/resources/rt_table.js';
import { applyEffects } from '../../../src/snapshot/simulate.js';
import { describeStep } from '../../../src/transaction/steps.js';
import { type Host, snapshotOf } from '../../support/snapshots.js';

/** Two NICs in one network, as the mission's servers have them. */
const DUAL: Host = {
  addresses: ['eth0 192.168.1.1/24', 'eth1 192.168.1.2/24', 'eth0 2001:db8:1::1/64'],
  routes4: `unicast 192.168.1.0/24 dev eth0 table main proto kernel scope link src 192.168.1.1
unicast 192.168.1.0/24 dev eth1 table main proto kernel scope link src 192.168.1.2
local 192.168.1.1 dev eth0 table local proto kernel scope host src 192.168.1.1`,
  routes6: `unicast 2001:db8:1::/64 dev eth0 table main proto kernel scope global metric 256 pref medium`,
  tables: [{ id: 100, name: 'local100', file: '/etc/iproute2/rt_tables' }],
};

const also = (host: Host, routes4: string): Host => ({
  ...host,
  routes4: `${host.routes4 ?? ''}\n${routes4}`,
});

const lines = (steps: readonly Parameters<typeof describeStep>[0][]) => steps.map(describeStep);

interface Planned {
  name: string;
  host?: Host;
  params: RouteParams;
  address?: string;
  before?: string | null;
  after?: string | null;
  do: readonly string[];
  undo: readonly string[];
}

const CHANGES: Planned[] = [
  {
    name: 'pitfall 4: a table by name is sent as its number and shown by its name',
    params: { dst: '192.168.1.0/24', dev: 'eth0', src: '192.168.1.1', table: 'local100' },
    address: 'route 192.168.1.0/24 table local100',
    before: null,
    after: '192.168.1.0/24 dev eth0 table local100 scope link src 192.168.1.1',
    do: ['ip route add 192.168.1.0/24 dev eth0 table 100 proto 201 src 192.168.1.1'],
    undo: ['ip route del 192.168.1.0/24 dev eth0 table 100 proto 201 scope 253 src 192.168.1.1'],
  },
  {
    name: 'a default route',
    params: { dst: 'default', via: '192.168.1.254', dev: 'eth0', table: 'local100' },
    address: 'route default table local100',
    after: 'default via 192.168.1.254 dev eth0 table local100',
    do: ['ip route add default via 192.168.1.254 dev eth0 table 100 proto 201'],
    undo: ['ip route del default via 192.168.1.254 dev eth0 table 100 proto 201 scope 0'],
  },
  {
    name: 'table 0 is main',
    params: { dst: '10.0.0.0/8', dev: 'eth0', table: 0 },
    address: 'route 10.0.0.0/8',
    do: ['ip route add 10.0.0.0/8 dev eth0 table 254 proto 201'],
    undo: ['ip route del 10.0.0.0/8 dev eth0 table 254 proto 201 scope 253'],
  },
  {
    name: 'pitfall 16: a replaced route keeps its maker, and undo brings its all back',
    host: also(
      DUAL,
      'unicast default via 192.168.1.253 dev eth0 table main proto static scope global src 192.168.1.1 mtu lock 1400',
    ),
    params: { dst: 'default', via: '192.168.1.254', dev: 'eth0' },
    before: 'default via 192.168.1.253 dev eth0 proto static src 192.168.1.1 mtu lock 1400',
    after: 'default via 192.168.1.254 dev eth0 proto static src 192.168.1.1 mtu lock 1400',
    do: [
      'ip route replace default via 192.168.1.254 dev eth0 table 254 proto 4 src 192.168.1.1 mtu lock 1400',
    ],
    undo: [
      'ip route replace default via 192.168.1.253 dev eth0 table 254 proto 4 src 192.168.1.1 mtu lock 1400',
    ],
  },
  {
    name: 'pitfall 16: the wanted one is second: replace would fail with EEXIST',
    host: also(
      DUAL,
      `unicast 10.0.0.0/8 via 192.168.1.253 dev eth0 table main proto boot scope global
unicast 10.0.0.0/8 via 192.168.1.254 dev eth0 table main proto boot scope global`,
    ),
    params: { dst: '10/8', via: '192.168.1.254', dev: 'eth0' },
    do: [
      'ip route del 10.0.0.0/8 via 192.168.1.254 dev eth0 table 254 proto 3 scope 0',
      'ip route replace 10.0.0.0/8 via 192.168.1.254 dev eth0 table 254 proto 3',
    ],
    undo: ['ip route prepend 10.0.0.0/8 via 192.168.1.253 dev eth0 table 254 proto 3'],
  },
  {
    name: 'pitfall 14: IPv6 has metric 1024, said aloud',
    params: { dst: '2001:DB8:0005:0::/64', via: '2001:db8:1::fe', dev: 'eth0' },
    address: 'route 2001:db8:5::/64',
    do: ['ip -6 route add 2001:db8:5::/64 via 2001:db8:1::fe dev eth0 table 254 proto 201 metric 1024'],
    undo: ['ip -6 route del 2001:db8:5::/64 via 2001:db8:1::fe dev eth0 table 254 proto 201 metric 1024'],
  },
  {
    name: "IPv6's default has an address of its own in reports",
    params: { dst: 'default', via: 'fe80::1', dev: 'eth0' },
    address: 'route ::/0',
    after: 'default via fe80::1 dev eth0',
    do: ['ip -6 route add default via fe80::1 dev eth0 table 254 proto 201 metric 1024'],
    undo: ['ip -6 route del default via fe80::1 dev eth0 table 254 proto 201 metric 1024'],
  },
  {
    name: 'pitfall 17: a blackhole in the place of a unicast route',
    host: also(DUAL, 'unicast 10.0.0.0/8 via 192.168.1.254 dev eth0 table main proto 201 scope global'),
    params: { dst: '10.0.0.0/8', type: 'blackhole' },
    before: '10.0.0.0/8 via 192.168.1.254 dev eth0',
    after: 'blackhole 10.0.0.0/8',
    do: ['ip route replace blackhole 10.0.0.0/8 table 254 proto 201'],
    undo: ['ip route replace 10.0.0.0/8 via 192.168.1.254 dev eth0 table 254 proto 201'],
  },
  {
    name: 'only the maker differs: both lines tell it',
    host: also(DUAL, 'unicast 10.0.0.0/8 dev eth0 table main proto boot scope link'),
    params: { dst: '10.0.0.0/8', dev: 'eth0', protocol: 'netplay' },
    before: '10.0.0.0/8 dev eth0 proto boot scope link',
    after: '10.0.0.0/8 dev eth0 proto netplay scope link',
    do: ['ip route replace 10.0.0.0/8 dev eth0 table 254 proto 201'],
    undo: ['ip route replace 10.0.0.0/8 dev eth0 table 254 proto 3'],
  },
  {
    name: 'a route that a nexthop object carries goes back to that object',
    host: also(
      DUAL,
      'unicast 10.0.0.0/8 nhid 7 via 192.168.1.253 dev eth0 table main proto boot scope global',
    ),
    params: { dst: '10.0.0.0/8', via: '192.168.1.254', dev: 'eth0' },
    do: ['ip route replace 10.0.0.0/8 via 192.168.1.254 dev eth0 table 254 proto 3'],
    undo: ['ip route replace 10.0.0.0/8 nhid 7 table 254 proto 3'],
  },
  {
    name: 'absent deletes by all that tells it apart',
    host: also(
      DUAL,
      'unicast 10.0.0.0/8 via 192.168.1.254 dev eth0 table 100 proto static scope global src 192.168.1.1 metric 7',
    ),
    params: { dst: '10.0.0.0/8', table: 'local100', state: 'absent' },
    address: 'route 10.0.0.0/8 table local100 metric 7',
    before: '10.0.0.0/8 via 192.168.1.254 dev eth0 table local100 proto static src 192.168.1.1 metric 7',
    after: null,
    do: [
      'ip route del 10.0.0.0/8 via 192.168.1.254 dev eth0 table 100 proto 4 scope 0 src 192.168.1.1 metric 7',
    ],
    undo: ['ip route add 10.0.0.0/8 via 192.168.1.254 dev eth0 table 100 proto 4 src 192.168.1.1 metric 7'],
  },
];

describe('changes', () => {
  test.each(CHANGES)('$name', ({ host = DUAL, params, ...expected }) => {
    const snapshot = snapshotOf(host);
    const { changes, problems } = route.plan(params, snapshot);
    expect(problems ?? []).toEqual([]);
    expect(changes).toHaveLength(1);
    const [change] = changes;
    expect(lines(change?.do ?? [])).toEqual(expected.do);
    expect(lines(change?.undo ?? [])).toEqual(expected.undo);
    for (const field of ['address', 'before', 'after'] as const)
      if (expected[field] !== undefined) expect(change?.[field]).toBe(expected[field]);
    const after = applyEffects(
      snapshot,
      changes.flatMap((each) => each.effects),
    );
    expect(route.plan(params, after).changes).toEqual([]);
  });
});

const DEFAULT_100 = 'unicast default via 192.168.1.254 dev eth0 table 100 proto boot scope global';

interface Same {
  name: string;
  host?: Host;
  params: RouteParams;
  reason?: string;
}

const UNCHANGED: Same[] = [
  ...['default', '0.0.0.0/0', '0/0', 'all', 'any'].map((dst) => ({
    name: `pitfall 1: ${dst} is the default route`,
    host: also(DUAL, DEFAULT_100),
    params: { dst, via: '192.168.1.254', dev: 'eth0', table: 100 },
  })),
  {
    name: 'pitfall 2: a host route is listed without its length',
    host: also(DUAL, 'unicast 10.1.2.3 dev eth0 table main proto boot scope link'),
    params: { dst: '10.1.2.3/32', dev: 'eth0' },
  },
  {
    name: 'pitfall 1: bare 0.0.0.0 is a host route',
    host: also(DUAL, 'unicast 0.0.0.0 dev eth0 table main proto boot scope link'),
    params: { dst: '0.0.0.0', dev: 'eth0' },
  },
  {
    name: 'pitfall 18: a gateway without a device is there, through whichever device',
    host: also(DUAL, 'unicast 10.0.0.0/8 via 192.168.1.254 dev eth1 table main proto boot scope global'),
    params: { dst: '10.0.0.0/8', via: '192.168.1.254' },
  },
  {
    name: 'pitfall 25: linkdown is not a difference',
    host: also(DUAL, `${DEFAULT_100} linkdown`),
    params: { dst: 'default', via: '192.168.1.254', dev: 'eth0', table: 100 },
  },
  {
    name: "the kernel's connected route, the second of two",
    params: { dst: '192.168.1.0/24', dev: 'eth1', src: '192.168.1.2' },
    reason: 'made by the kernel',
  },
  {
    name: "pitfall 14: the kernel's IPv6 connected route has a metric of its own",
    params: { dst: '2001:db8:1::/64', dev: 'eth0' },
    reason: 'made by the kernel',
  },
  {
    name: "a stranger's attributes are left alone",
    host: also(DUAL, `${DEFAULT_100} src 192.168.1.1 mtu lock 1400 initcwnd 5`),
    params: { dst: 'default', via: '192.168.1.254', dev: 'eth0', table: 100 },
  },
  {
    name: 'next hops in another order',
    host: also(
      DUAL,
      'unicast 10.0.0.0/8 table main proto boot scope global \\\tnexthop via 192.168.1.253 dev eth0 weight 1 \\\tnexthop via 192.168.1.254 dev eth1 weight 2',
    ),
    params: {
      dst: '10.0.0.0/8',
      nexthops: [
        { via: '192.168.1.254', dev: 'eth1', weight: 2 },
        { via: '192.168.1.253', dev: 'eth0' },
      ],
    },
  },
  { name: 'absent, and absent it is', params: { dst: '10.0.0.0/8', state: 'absent' } },
  {
    name: 'absent does not take the connected route',
    params: { dst: '192.168.1.0/24', state: 'absent' },
    reason: 'the only such route was made by the kernel; name protocol: kernel to remove it',
  },
];

describe('nothing to do', () => {
  test.each(UNCHANGED)('$name', ({ host = DUAL, params, reason }) => {
    const plan = route.plan(params, snapshotOf(host));
    expect(plan.problems ?? []).toEqual([]);
    expect(plan.changes).toEqual([]);
    expect(plan.reason).toBe(reason);
  });
});

interface Refused {
  name: string;
  host?: Host;
  params: RouteParams;
  message: string;
  hint?: string;
  path: readonly string[];
}

const REFUSED: Refused[] = [
  {
    name: 'pitfall 18: a default without via would ARP for every address',
    params: { dst: 'default', dev: 'eth0', table: 100 },
    message: 'would ARP for every address in the world',
    path: ['dst'],
  },
  {
    name: 'pitfall 18: a gateway that two NICs reach',
    params: { dst: '10.0.0.0/8', via: '192.168.1.254' },
    message: "via 192.168.1.254 is reached through eth0 and eth1: which one is meant can't be told",
    path: ['via'],
  },
  {
    name: 'pitfall 3: host bits, IPv4',
    params: { dst: '192.168.1.5/24', dev: 'eth0' },
    message: 'dst 192.168.1.5/24 has bits set beyond its length',
    hint: 'The network is 192.168.1.0/24; the one address is 192.168.1.5.',
    path: ['dst'],
  },
  {
    name: 'pitfall 3: host bits, which the kernel would mask silently in IPv6',
    params: { dst: '2001:db8:4::1/48', dev: 'eth0' },
    message: 'dst 2001:db8:4::1/48 has bits set beyond its length',
    path: ['dst'],
  },
  {
    name: 'a gateway that is the host itself',
    params: { dst: 'default', via: '192.168.1.2', dev: 'eth0' },
    message: "via 192.168.1.2 is this host's own address (on eth1)",
    path: ['via'],
  },
  {
    name: 'a gateway that is no host: broadcast',
    host: also(DUAL, 'broadcast 192.168.1.255 dev eth0 table local proto kernel scope link'),
    params: { dst: '10.0.0.0/8', via: '192.168.1.255', dev: 'eth0' },
    message: 'via 192.168.1.255 is the broadcast address of a network here',
    path: ['via'],
  },
  {
    name: 'a gateway that is no host: multicast, which onlink does not help',
    params: { dst: '10.0.0.0/8', via: '224.0.0.5', dev: 'eth0', onlink: true },
    message: 'via 224.0.0.5 is a multicast address',
    path: ['via'],
  },
  {
    name: 'a scope that no gateway can be in',
    params: { dst: '10.0.0.0/8', via: '192.168.1.254', dev: 'eth0', scope: 'link' },
    message: 'a route through a gateway has no scope link',
    path: ['scope'],
  },
  {
    name: 'IPv6 multipath without gateways',
    params: { dst: '2001:db8:9::/48', nexthops: [{ dev: 'eth0' }, { dev: 'eth1' }] },
    message: 'nexthops of an IPv6 route need a gateway each: dev eth0 alone is not taken',
    path: ['nexthops'],
  },
  {
    name: 'IPv6 multipath with one way twice',
    params: {
      dst: '2001:db8:9::/48',
      nexthops: [
        { via: '2001:db8:1::9', dev: 'eth0' },
        { via: '2001:db8:1::9', dev: 'eth0' },
      ],
    },
    message: 'via 2001:db8:1::9 dev eth0 is given twice',
    hint: 'Give it one greater weight.',
    path: ['nexthops'],
  },
  {
    name: 'an IPv6 source that holds on another device only',
    host: { ...DUAL, addresses: [...(DUAL.addresses ?? []), 'lo ::1/128'] },
    params: { dst: '2001:db8:9::/48', dev: 'eth0', src: '::1' },
    message: 'src ::1 holds on lo only, where this route does not go',
    path: ['src'],
  },
  {
    name: 'pitfall 21: a gateway in no network of the device',
    params: { dst: 'default', via: '10.0.0.1', dev: 'eth0' },
    message: 'via 10.0.0.1 is not in a network of eth0: eth0 is in 192.168.1.0/24',
    path: ['via'],
  },
  {
    name: 'a route to the link with scope global carries no gateway',
    host: also(DUAL, 'unicast 8.8.8.8 dev eth0 table main proto boot scope global'),
    params: { dst: '10.0.0.0/8', via: '8.8.8.8', dev: 'eth0' },
    message: 'via 8.8.8.8 is not in a network of eth0',
    path: ['via'],
  },
  {
    name: 'pitfall 19: a source that is no address of the host',
    params: { dst: '10.0.0.0/8', dev: 'eth0', src: '192.168.1.9' },
    message: 'src 192.168.1.9 is not an address of this host',
    hint: 'IPv4 addresses here: 192.168.1.1 (eth0).',
    path: ['src'],
  },
  {
    name: 'a device that is not there',
    params: { dst: '10.0.0.0/8', dev: 'eth2' },
    message: 'there is no device eth2 on this host; did you mean eth0?',
    hint: 'Devices here: lo, eth0, eth1.',
    path: ['dev'],
  },
  {
    name: 'pitfall 24: a link that is down',
    host: { ...DUAL, links: ['lo', 'eth0!', 'eth1'] },
    params: { dst: '10.0.0.0/8', dev: 'eth0' },
    message: 'eth0 is down',
    hint: 'Put a task before this one: link: {name: eth0, state: up}',
    path: ['dev'],
  },
  {
    name: 'an unknown table, with the nearest',
    params: { dst: '10.0.0.0/8', dev: 'eth0', table: 'locl100' },
    message: "no table is named 'locl100' on this host. Did you mean 'local100'?",
    hint: 'Put an rt_table task before this one: rt_table: {id: NUMBER, name: locl100}',
    path: ['table'],
  },
  {
    name: 'pitfall 5: octal as ip would read it',
    params: { dst: '10.0.0.0/8', dev: 'eth0', table: '064' },
    message: 'table 064 is not a number',
    path: ['table'],
  },
  {
    name: 'a blackhole with a next hop',
    params: { dst: '10.0.0.0/8', type: 'blackhole', dev: 'eth0' },
    message: 'a route of type blackhole has no next hop',
    path: ['dev'],
  },
  {
    name: 'a preference of a route without a next hop, which the kernel would not keep',
    params: { dst: '2001:db8:5::/48', type: 'unreachable', pref: 'high' },
    message: 'a route of type unreachable has no pref',
    path: ['pref'],
  },
  {
    name: 'a new route that leads nowhere',
    params: { dst: '10.0.0.0/8', mtu: 1400 },
    message: 'the route to 10.0.0.0/8 needs via or dev',
    path: ['dst'],
  },
  {
    name: 'ECN bits in tos',
    params: { dst: '10.0.0.0/8', dev: 'eth0', tos: 3 },
    message: 'tos 3 has one of its two lowest bits set',
    path: ['tos'],
  },
  {
    name: 'tos in IPv6',
    params: { dst: '2001:db8:5::/48', dev: 'eth0', tos: 16 },
    message: 'IPv6 routes have no tos',
    path: ['tos'],
  },
  {
    name: 'an IPv6 gateway that is link-local, without a device',
    params: { dst: '2001:db8:5::/48', via: 'fe80::1' },
    message: 'via fe80::1 is link-local and says nothing of the device',
    path: ['via'],
  },
];

describe('refused before anything is touched', () => {
  test.each(REFUSED)('$name', ({ host = DUAL, params, message, hint, path }) => {
    const { changes, problems } = route.plan(params, snapshotOf(host));
    expect(changes).toEqual([]);
    const [problem] = problems ?? [];
    expect(problem?.message).toContain(message);
    expect(problem?.path).toEqual(path);
    if (hint !== undefined) expect(problem?.hint).toBe(hint);
  });
});

describe('the name of protocol 201', () => {
  const bare: Host = {
    ...DUAL,
    protocols: [],
    directories: { '/etc/iproute2/rt_protos.d': null },
    files: {},
  };
  const params: RouteParams = { dst: '10.0.0.0/8', dev: 'eth0' };
  const FILE = '/etc/iproute2/rt_protos.d/netplay.conf';

  test('is registered once, by the first change that needs it', () => {
    const tasks = [params, { dst: '11.0.0.0/8', dev: 'eth0' }].map((each) => ({
      resource: route,
      items: [{ params: each, path: [] }],
    }));
    const planned = planTasks(tasks, snapshotOf(bare)).tasks.map((task) =>
      task.changes.map((change) => change.address),
    );
    expect(planned).toEqual([['rt_proto netplay', 'route 10.0.0.0/8'], ['route 11.0.0.0/8']]);
  });

  test('makes the directory that it needs, and takes both away again', () => {
    const [change] = route.plan(params, snapshotOf(bare)).changes;
    expect(change?.do.map((step) => step.kind)).toEqual(['run', 'write']);
    expect(change?.undo).toEqual([
      { kind: 'remove', path: FILE },
      { kind: 'run', argv: ['rmdir', '/etc/iproute2/rt_protos.d'] },
    ]);
  });

  test.each([
    ['an ip that reads no such directory', { ...bare, tools: { protocolsDirectory: false } }, params],
    ['a name that 201 has already', { ...bare, protocols: [{ id: 201, name: 'mine', file: 'x' }] }, params],
    ['a route of another protocol', bare, { ...params, protocol: 'static' }],
  ] as const)('is left out: %s', (_name, host, given) => {
    expect(route.plan(given, snapshotOf(host)).changes).toHaveLength(1);
  });
});

describe('a whole play', () => {
  const play = (...params: RouteParams[]) =>
    planTasks(
      params.map((each) => ({ resource: route, items: [{ params: each, path: [] }] })),
      snapshotOf(DUAL),
    ).tasks;

  test('pitfall 21: a gateway is reached by a route that an earlier task makes', () => {
    const planned = play(
      { dst: '172.16.0.0/16', dev: 'eth0', table: 100 },
      { dst: 'default', via: '172.16.0.1', dev: 'eth0', table: 100 },
    );
    expect(planned.flatMap((task) => task.problems)).toEqual([]);
    expect(planned.map((task) => task.changes.length)).toEqual([1, 1]);
  });

  test('two tasks that want one key differently are told so', () => {
    const planned = play(
      { dst: '10.0.0.0/8', via: '192.168.1.253', dev: 'eth0' },
      { dst: '10.0.0.0/8', via: '192.168.1.254', dev: 'eth0' },
    );
    expect(planned[0]?.problems[0]?.message).toContain('a later task of this play undoes this one');
  });

  test('a table that an earlier task names', () => {
    const planned = planTasks(
      [
        { resource: rtTable, items: [{ params: { id: 300, name: 'dx' }, path: [] }] },
        { resource: route, items: [{ params: { dst: '10.0.0.0/8', dev: 'eth0', table: 'dx' }, path: [] }] },
      ],
      snapshotOf(DUAL),
    ).tasks;
    expect(planned.flatMap((task) => task.problems)).toEqual([]);
    expect(lines(planned[1]?.changes[0]?.do ?? [])).toEqual([
      'ip route add 10.0.0.0/8 dev eth0 table 300 proto 201',
    ]);
  });
});

describe('hostile words', () => {
  test('never become an option or a word of their own', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.constantFrom('valueOf', '__proto__', 'constructor')),
        fc.constantFrom('dev', 'table', 'src', 'via', 'dst', 'realms', 'protocol'),
        (word, field) => {
          const params = {
            dst: '10.0.0.0/8',
            via: '192.168.1.254',
            dev: 'eth0',
            [field]: word,
          } as RouteParams;
          const { changes, problems } = route.plan(params, snapshotOf(DUAL));
          const args = changes.flatMap((change) =>
            change.do.flatMap((step) => (step.kind === 'ip' ? step.args : [])),
          );
          const known = /^[a-z0-9][a-z0-9_.:/]*$/;
          return (problems ?? []).length > 0 || args.every((arg) => known.test(arg));
        },
      ),
    );
  });

  test.each(['-x', '0x10', 'a b', '$(id)', "'; reboot"])('a device named %s is not there', (dev) => {
    const { problems } = route.plan({ dst: '10.0.0.0/8', dev }, snapshotOf(DUAL));
    expect(problems?.[0]?.message).toContain(`there is no device ${dev} on this host`);
  });
});

test('the schema takes each example, and describes each parameter', () => {
  const ajv = new Ajv({ strict: false, formats: {}, validateFormats: false });
  const validate = ajv.compile(route.schema);
  for (const { route: params } of route.examples)
    expect(validate(params), JSON.stringify(validate.errors)).toBe(true);
  const properties = route.schema.properties as Record<
    string,
    { description?: string; examples?: unknown[] }
  >;
  for (const [name, property] of Object.entries(properties)) {
    expect(property.description, name).toBeTruthy();
    expect(property.examples?.length, name).toBeGreaterThan(0);
  }
});
