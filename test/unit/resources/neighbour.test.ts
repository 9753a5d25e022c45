import { describe, expect, test } from 'vitest';
import { planTasks } from '../../../src/engine/plan.js';
import { type NeighbourParams, neighbour } from '../../../src/resources/neighbour.js';
import type { Neighbour } from '../../../src/snapshot/model.js';
import { describeStep } from '../../../src/transaction/steps.js';
import { addressOn, type HostState, hostState, nic, OLD_TOOLS, TOOLS } from '../../support/host-state.js';

const MAC = '52:54:00:12:34:56';
const OTHER = '52:54:00:00:00:01';

function host(state: HostState = {}) {
  return hostState({
    links: [
      ...['eth0', 'eth3', 'eth4'].map((name) => nic(name, { mac: OTHER, altnames: [`${name}-alt`] })),
      nic('tun0', { mac: null, flags: ['POINTOPOINT', 'NOARP', 'UP'] }),
      nic('venet0', { mac: OTHER, flags: ['POINTOPOINT', 'NOARP', 'UP'] }),
    ],
    ...state,
  });
}

function entry(dst: string, dev: string | null, more: Partial<Neighbour> = {}): Neighbour {
  const family = dst.includes(':') ? 6 : 4;
  return {
    family,
    dst,
    dev,
    proxy: false,
    lladdr: MAC,
    nud: 'permanent',
    flags: [],
    protocol: null,
    ...more,
  };
}
function proxy(dst: string, dev: string | null, more: Partial<Neighbour> = {}): Neighbour {
  return entry(dst, dev, { proxy: true, lladdr: null, nud: null, ...more });
}

interface Case {
  name: string;
  params: NeighbourParams;
  /** What is there. */
  has?: readonly Neighbour[];
  /** Each change's address, before and after. */
  changes: readonly (readonly [address: string, before: string | null, after: string | null])[];
  do: readonly string[];
  undo: readonly string[];
}

const CASES: readonly Case[] = [
  {
    name: 'a neighbour; what the kernel has learned in the meantime is not in the way',
    params: { dst: '192.168.1.9', dev: 'eth0', lladdr: '52-54-00-12-34-56' },
    changes: [['neighbour 192.168.1.9 dev eth0', null, `lladdr ${MAC} permanent`]],
    do: [`ip neighbour replace 192.168.1.9 dev eth0 lladdr ${MAC} nud permanent`],
    undo: ['ip neighbour del 192.168.1.9 dev eth0'],
  },
  {
    name: 'an IPv6 router, in another spelling and by an altname of its device',
    params: { dst: '2001:DB8:0::9', dev: 'eth0-alt', lladdr: MAC, router: true },
    changes: [['neighbour 2001:db8::9 dev eth0', null, `lladdr ${MAC} permanent router`]],
    do: [`ip -6 neighbour replace 2001:db8::9 dev eth0 lladdr ${MAC} nud permanent router`],
    undo: ['ip -6 neighbour del 2001:db8::9 dev eth0'],
  },
  {
    name: 'drifted: another MAC; the maker and what else is there stay',
    params: { dst: '2001:db8::9', dev: 'eth0', lladdr: MAC },
    has: [entry('2001:db8::9', 'eth0', { lladdr: OTHER, flags: ['router', 'extern_learn'], protocol: 11 })],
    changes: [
      [
        'neighbour 2001:db8::9 dev eth0',
        `lladdr ${OTHER} permanent router extern_learn`,
        `lladdr ${MAC} permanent router extern_learn`,
      ],
    ],
    do: [
      `ip -6 neighbour replace 2001:db8::9 dev eth0 lladdr ${MAC} nud permanent router extern_learn protocol 11`,
    ],
    undo: [
      `ip -6 neighbour replace 2001:db8::9 dev eth0 lladdr ${OTHER} nud permanent router extern_learn protocol 11`,
    ],
  },
  {
    name: 'drifted: noarp becomes permanent, and a router none',
    params: { dst: '2001:db8::9', dev: 'eth0', lladdr: MAC, router: false },
    has: [entry('2001:db8::9', 'eth0', { nud: 'noarp', flags: ['router'] })],
    changes: [['neighbour 2001:db8::9 dev eth0', `lladdr ${MAC} noarp router`, `lladdr ${MAC} permanent`]],
    do: [`ip -6 neighbour replace 2001:db8::9 dev eth0 lladdr ${MAC} nud permanent`],
    undo: [`ip -6 neighbour replace 2001:db8::9 dev eth0 lladdr ${MAC} nud noarp router`],
  },
  {
    name: 'a proxy entry, beside a neighbour of the same address',
    params: { dst: '192.168.18.101', dev: 'eth3', proxy: true },
    has: [entry('192.168.18.101', 'eth3')],
    changes: [['neighbour proxy 192.168.18.101 dev eth3', null, 'proxy']],
    do: ['ip neighbour add proxy 192.168.18.101 dev eth3'],
    undo: ['ip neighbour del proxy 192.168.18.101 dev eth3'],
  },
  {
    name: 'exclusive: that of every device makes way; the new one comes, then those of all other devices go',
    params: { dst: '192.168.18.101', dev: 'eth4', proxy: true, exclusive: true },
    has: [
      proxy('192.168.18.101', null),
      proxy('192.168.18.101', 'eth3', { protocol: 7 }),
      proxy('192.168.18.102', 'eth3'),
      entry('192.168.18.101', 'eth0'),
    ],
    changes: [
      ['neighbour proxy 192.168.18.101', 'proxy', null],
      ['neighbour proxy 192.168.18.101 dev eth4', null, 'proxy'],
      ['neighbour proxy 192.168.18.101 dev eth3', 'proxy', null],
    ],
    do: [
      'ip neighbour del proxy 192.168.18.101',
      'ip neighbour add proxy 192.168.18.101 dev eth4',
      'ip neighbour del proxy 192.168.18.101 dev eth3',
    ],
    undo: [
      'ip neighbour add proxy 192.168.18.101',
      'ip neighbour del proxy 192.168.18.101 dev eth4',
      'ip neighbour add proxy 192.168.18.101 dev eth3 protocol 7',
    ],
  },
  {
    name: 'an IPv6 proxy entry that answers as a router',
    params: { dst: '2001:db8::101', dev: 'eth3', proxy: true, router: true },
    has: [proxy('2001:db8::101', 'eth3')],
    changes: [['neighbour proxy 2001:db8::101 dev eth3', 'proxy', 'proxy router']],
    do: ['ip -6 neighbour add proxy 2001:db8::101 dev eth3 router'],
    undo: ['ip -6 neighbour add proxy 2001:db8::101 dev eth3'],
  },
  {
    name: 'absent: on the device that is named, the neighbour and not the proxy entry',
    params: { dst: '192.168.1.9', dev: 'eth0', state: 'absent' },
    has: [entry('192.168.1.9', 'eth0'), entry('192.168.1.9', 'eth3'), proxy('192.168.1.9', 'eth0')],
    changes: [['neighbour 192.168.1.9 dev eth0', `lladdr ${MAC} permanent`, null]],
    do: ['ip neighbour del 192.168.1.9 dev eth0'],
    undo: [`ip neighbour replace 192.168.1.9 dev eth0 lladdr ${MAC} nud permanent`],
  },
  {
    name: 'absent without a device: the proxy entries of every device',
    params: { dst: '192.168.1.9', proxy: true, state: 'absent' },
    has: [proxy('192.168.1.9', null), proxy('192.168.1.9', 'eth3'), entry('192.168.1.9', 'eth0')],
    changes: [
      ['neighbour proxy 192.168.1.9', 'proxy', null],
      ['neighbour proxy 192.168.1.9 dev eth3', 'proxy', null],
    ],
    do: ['ip neighbour del proxy 192.168.1.9', 'ip neighbour del proxy 192.168.1.9 dev eth3'],
    undo: ['ip neighbour add proxy 192.168.1.9', 'ip neighbour add proxy 192.168.1.9 dev eth3'],
  },
  {
    name: 'absent with a MAC: that neighbour alone',
    params: { dst: '192.168.1.9', lladdr: OTHER, state: 'absent' },
    has: [entry('192.168.1.9', 'eth0'), entry('192.168.1.9', 'eth3', { lladdr: OTHER })],
    changes: [['neighbour 192.168.1.9 dev eth3', `lladdr ${OTHER} permanent`, null]],
    do: ['ip neighbour del 192.168.1.9 dev eth3'],
    undo: [`ip neighbour replace 192.168.1.9 dev eth3 lladdr ${OTHER} nud permanent`],
  },
];

test.each(CASES)('$name', ({ params, has = [], changes, ...expected }) => {
  const plan = neighbour.plan(params, host({ neighbours: has }));
  expect(plan.problems ?? []).toEqual([]);
  expect(plan.changes.map(({ address, before, after }) => [address, before, after])).toEqual(changes);
  expect(plan.changes.flatMap((change) => change.do.map(describeStep))).toEqual(expected.do);
  expect(plan.changes.flatMap((change) => change.undo.map(describeStep))).toEqual(expected.undo);
});

describe('what is found right', () => {
  test.each<[string, NeighbourParams, Neighbour]>([
    ['a neighbour', { dst: '192.168.1.9', dev: 'eth0', lladdr: MAC }, entry('192.168.1.9', 'eth0')],
    [
      'a router that the task does not speak of',
      { dst: '2001:db8:0::9', dev: 'eth0', lladdr: MAC.toUpperCase() },
      entry('2001:db8::9', 'eth0', { flags: ['router'], protocol: 7 }),
    ],
    [
      'noarp, asked for',
      { dst: '192.168.1.9', dev: 'eth0', lladdr: MAC, nud: 'noarp' },
      entry('192.168.1.9', 'eth0', { nud: 'noarp' }),
    ],
    [
      'a proxy entry on this device alone',
      { dst: '192.168.1.9', dev: 'eth3', proxy: true, exclusive: true },
      proxy('192.168.1.9', 'eth3'),
    ],
    [
      'a proxy entry of every device, where one is asked for on one',
      { dst: '192.168.1.9', dev: 'eth3', proxy: true },
      proxy('192.168.1.9', null),
    ],
    ['absent', { dst: '192.168.1.9', dev: 'eth0', state: 'absent' }, proxy('192.168.1.9', 'eth0')],
    [
      'pitfall 25: on a device that is down',
      { dst: '192.168.1.9', dev: 'eth9', lladdr: MAC },
      entry('192.168.1.9', 'eth9'),
    ],
  ])('%s', (_, params, present) => {
    const links = [...host().links.values(), nic('eth9', { mac: OTHER, flags: ['BROADCAST'] })];
    expect(neighbour.plan(params, host({ links, neighbours: [present] }))).toMatchObject({ changes: [] });
  });
});

describe('problems', () => {
  const base: NeighbourParams = { dst: '192.168.1.9', dev: 'eth0', lladdr: MAC };
  test.each<[string, NeighbourParams, HostState, string]>([
    ['no device', { dst: '192.168.1.9', lladdr: MAC }, {}, 'a neighbour needs its device'],
    ['a device that is not there', { ...base, dev: 'eth9' }, {}, 'no device eth9'],
    ['no MAC', { dst: '192.168.1.9', dev: 'eth0' }, {}, 'a neighbour needs its lladdr'],
    ['a MAC that no device has', { ...base, lladdr: 'ff:ff:ff:ff:ff:ff' }, {}, 'a multicast address'],
    ['a group', { ...base, dst: '224.0.0.5' }, {}, "224.0.0.5 is no neighbour's address"],
    ['loopback', { ...base, dst: '127.0.0.9' }, {}, "127.0.0.9 is no neighbour's address"],
    ['everybody', { ...base, dst: '::' }, {}, ":: is no neighbour's address"],
    ['a proxy entry with a MAC', { ...base, proxy: true }, {}, 'a proxy entry has no lladdr'],
    [
      'a proxy entry with a state',
      { dst: '10.0.0.9', dev: 'eth0', proxy: true, nud: 'noarp' },
      {},
      'has no nud',
    ],
    ['exclusive without proxy', { ...base, exclusive: true }, {}, 'exclusive is for proxy entries alone'],
    [
      'exclusive and absent',
      { dst: '10.0.0.9', proxy: true, exclusive: true, state: 'absent' },
      {},
      'exclusive means nothing with state: absent',
    ],
    ['an IPv4 router', { ...base, router: true }, {}, 'router is for IPv6 alone'],
    ['a device without MACs', { ...base, dst: '2001:db8::9', dev: 'tun0' }, {}, 'tun0 has no MACs'],
    [
      'a device with one neighbour',
      { ...base, dev: 'venet0' },
      {},
      'venet0 has one neighbour for all of IPv4',
    ],
    [
      'noarp where all are',
      { ...base, dst: '2001:db8::9', dev: 'venet0', nud: 'noarp' },
      {},
      'the kernel makes all of its neighbours noarp',
    ],
    [
      'IPv6 switched off',
      { ...base, dst: '2001:db8::9' },
      { sysctls: { 'net/ipv6/conf/eth0/disable_ipv6': '1' } },
      'IPv6 is switched off on eth0',
    ],
    [
      'IPv6 proxy entries that the host can not list',
      { dst: '2001:db8::9', dev: 'eth0', proxy: true },
      { tools: { ...OLD_TOOLS, proxyListing: false } },
      "(iproute2-ss091226) can't list IPv6 proxy entries",
    ],
  ])('%s', (_, params, state, message) => {
    const { changes, problems } = neighbour.plan(params, host(state));
    expect(changes).toEqual([]);
    expect(problems?.map((problem) => problem.message).join()).toContain(message);
  });

  test('an old host takes IPv4 proxy entries, and a new one those of IPv6', () => {
    const old = host({ tools: { ...OLD_TOOLS, proxyListing: false } });
    const fresh = host({ tools: { ...TOOLS, proxyListing: true } });
    expect(neighbour.plan({ dst: '10.0.0.9', dev: 'eth0', proxy: true }, old).changes).toHaveLength(1);
    expect(neighbour.plan({ dst: '2001:db8::9', dev: 'eth0', proxy: true }, fresh).changes).toHaveLength(1);
  });

  test('a proxy entry stands on a device with one neighbour, and on one without MACs', () => {
    for (const dev of ['venet0', 'tun0'])
      expect(neighbour.plan({ dst: '10.0.0.9', dev, proxy: true }, host()).problems ?? []).toEqual([]);
  });
});

describe('the whole play', () => {
  const planned = (tasks: readonly NeighbourParams[], state: HostState = {}) =>
    planTasks(
      tasks.map((params) => ({ resource: neighbour, items: [{ params, path: [] }] })) as Parameters<
        typeof planTasks
      >[0],
      host(state),
    ).tasks;
  const answering = { dst: '10.0.0.9', dev: 'eth3', proxy: true };

  test('two tasks that both want to answer alone are refused', () => {
    const [first, second] = planned([
      { ...answering, exclusive: true },
      { ...answering, dev: 'eth4', exclusive: true },
    ]);
    expect(first?.problems.map((problem) => problem.message)).toEqual([
      'a later task of this play undoes this one: neighbour proxy 10.0.0.9 dev eth3',
    ]);
    expect(second?.problems).toEqual([]);
  });

  test.each<[string, NeighbourParams, Record<string, string>, string[]]>([
    ['forwarding', answering, { 'net/ipv4/conf/eth3/forwarding': '1' }, []],
    [
      'no forwarding',
      answering,
      { 'net/ipv4/conf/eth3/forwarding': '0' },
      ['proxy 10.0.0.9 dev eth3 answers nobody while net/ipv4/conf/eth3/forwarding is 0'],
    ],
    ['what was not read', answering, {}, []],
    [
      'proxy_ndp of the device',
      { ...answering, dst: '2001:db8::9' },
      {
        'net/ipv6/conf/eth3/forwarding': '1',
        'net/ipv6/conf/eth3/proxy_ndp': '1',
        'net/ipv6/conf/all/proxy_ndp': '0',
      },
      [],
    ],
    [
      'no proxy_ndp',
      { ...answering, dst: '2001:db8::9' },
      {
        'net/ipv6/conf/eth3/forwarding': '1',
        'net/ipv6/conf/eth3/proxy_ndp': '0',
        'net/ipv6/conf/all/proxy_ndp': '0',
      },
      ['proxy 2001:db8::9 dev eth3 answers nobody while net/ipv6/conf/eth3/proxy_ndp is 0'],
    ],
  ])('an entry that answers nobody is said: %s', (_, params, sysctls, warnings) => {
    expect(planned([params], { sysctls })[0]?.warnings).toEqual(warnings);
  });

  test("the host's own address is said", () => {
    const [task] = planned([answering], { addresses: [addressOn('eth0', '10.0.0.9/24')] });
    expect(task?.warnings).toEqual([
      "10.0.0.9 is this host's own address, on eth0: it answers for it anyway",
    ]);
  });
});
