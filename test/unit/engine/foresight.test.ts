import { describe, expect, test } from 'vitest';
import { type Foresight, foresee, warningsOf, withSessionReads } from '../../../src/engine/foresight.js';
import { planTasks } from '../../../src/engine/plan.js';
import { resources } from '../../../src/resources/registry.js';
import type { Link, Snapshot } from '../../../src/snapshot/model.js';
import { type Host, snapshotOf } from '../../support/snapshots.js';

const RULES4 = '0:\tfrom all lookup 255\n32766:\tfrom all lookup 254\n32767:\tfrom all lookup 253\n';
const LOCAL = (address: string, dev: string): string =>
  `local ${address} dev ${dev} table 255 proto kernel scope host src ${address}`;
const NET = (net: string, dev: string, src: string): string =>
  `${net} dev ${dev} proto kernel scope link src ${src}`;

interface More {
  host?: Host;
  client?: string;
  server?: string;
  sysctls?: Readonly<Record<string, string>>;
  links?: Readonly<Record<string, Partial<Link>>>;
  ethtool?: Snapshot['ethtool'];
}

/** eth0 10.0.0.1 with the default route, eth1 10.1.0.1; the session comes from afar unless said otherwise. */
function hostWith({
  host = {},
  client = '10.9.9.9',
  server = '10.0.0.1',
  sysctls = {},
  links = {},
  ethtool,
}: More): Snapshot {
  const snapshot = snapshotOf({
    links: ['lo', 'eth0', 'eth1', 'eth2'],
    addresses: ['eth0 10.0.0.1/24', 'eth1 10.1.0.1/24'],
    routes4: [
      LOCAL('10.0.0.1', 'eth0'),
      LOCAL('10.1.0.1', 'eth1'),
      NET('10.0.0.0/24', 'eth0', '10.0.0.1'),
      NET('10.1.0.0/24', 'eth1', '10.1.0.1'),
      'default via 10.0.0.254 dev eth0 proto boot',
    ].join('\n'),
    rules4: RULES4,
    ...host,
  });
  return {
    ...snapshot,
    session: { client, clientPort: 50_000, server, serverPort: 22, dev: null },
    ...(ethtool !== undefined && { ethtool }),
    sysctls: new Map(Object.entries(sysctls)),
    directories: new Map([['/proc/sys/net/ipv4/conf/eth1', []]]),
    links: new Map([...snapshot.links].map(([name, link]) => [name, { ...link, ...links[name] }])),
  };
}

const MAC = '52:54:00:12:34:56';

type Wish = Readonly<Record<string, unknown>>;

function foreseen(wishes: readonly Wish[], more: More = {}): Foresight {
  const before = hostWith(more);
  const tasks = wishes.map((wish) => {
    const [[name, params] = ['', {}]] = Object.entries(wish);
    const resource = resources.find((known) => known.name === name);
    if (resource === undefined) throw new Error(`no resource ${name}`);
    return { resource, items: [{ params, path: [] }] };
  });
  const plan = planTasks(tasks, before);
  expect(plan.tasks.flatMap((task) => task.problems)).toEqual([]);
  expect(plan.sequence.length).toBeGreaterThan(0);
  return foresee(before, plan.state, plan);
}

const SESSION = '(10.9.9.9 -> 10.0.0.1 by eth0)';
const uses = `the session itself ${SESSION} uses it`;
const takes = `the session itself ${SESSION} will go by it`;
const cuts = `this cuts the session itself ${SESSION}: `;

describe('what the plan leaves alone is not spoken of', () => {
  const CASES: readonly [string, Wish[], More?][] = [
    ['another route', [{ route: { dst: '10.77.0.0/16', via: '10.1.0.254', dev: 'eth1' } }]],
    [
      'a default in another table',
      [{ route: { dst: 'default', via: '10.1.0.254', dev: 'eth1', table: 100 } }],
    ],
    [
      'a default of a worse metric',
      [{ route: { dst: 'default', via: '10.1.0.254', dev: 'eth1', metric: 50 } }],
    ],
    ['a rule for others', [{ rule: { from: '10.1.0.1', table: 100, priority: 100 } }]],
    ['a rule for other ports', [{ rule: { ipproto: 'udp', dport: 53, table: 100, priority: 100 } }]],
    ['a rule to an empty table', [{ rule: { to: '10.9.9.0/24', table: 100, priority: 100 } }]],
    ['another device', [{ link: { name: 'eth1', state: 'down' } }, { link: { name: 'eth2', mtu: 1400 } }]],
    ['another address on the same device', [{ address: { dev: 'eth0', address: '10.0.5.1/24' } }]],
    ['an alias of the device', [{ link: { name: 'eth0', alias: 'uplink' } }]],
    [
      'a neighbour that is none of its hops, and one to answer for',
      [
        { neighbour: { dst: '10.0.0.9', dev: 'eth0', lladdr: MAC } },
        { neighbour: { dst: '10.0.0.254', dev: 'eth1', lladdr: MAC } },
        { neighbour: { dst: '10.0.0.254', dev: 'eth0', proxy: true } },
      ],
      { links: { eth0: { mac: MAC }, eth1: { mac: MAC } } },
    ],
    ['another IPv6 rule', [{ rule: { to: '2001:db8::/64', table: 100, priority: 100 } }]],
    [
      'a looser filter',
      [{ sysctl: { name: 'net.ipv4.conf.all.rp_filter', value: 2, file: null } }],
      {
        sysctls: { 'net/ipv4/conf/all/rp_filter': '1' },
      },
    ],
    [
      'a strict filter where both ways are one',
      [{ sysctl: { name: 'net.ipv4.conf.all.rp_filter', value: 1, file: null } }],
      {
        sysctls: { 'net/ipv4/conf/all/rp_filter': '0' },
      },
    ],
    [
      'a tap in the bridge of the session',
      [{ link: { name: 'eth2', master: 'eth0' } }],
      {
        links: {
          eth0: { kind: 'bridge', addrAssignType: 3 },
          eth1: { master: 'eth0' },
          eth2: { kind: 'tun' },
        },
      },
    ],
  ];
  test.each(CASES)('%s', (_, wishes, more) => {
    expect(foreseen(wishes, more)).toEqual({ touches: [] });
  });

  test('a session that is local, or of an address that the host does not hold', () => {
    const down = [{ link: { name: 'eth0', state: 'down' } }];
    expect(foreseen(down, { server: '10.0.0.99' })).toEqual({ touches: [] });
    const before: Snapshot = { ...hostWith({}), session: null };
    expect(foresee(before, before, { tasks: [], sequence: [] })).toEqual({ touches: [] });
  });
});

describe('what the session uses is named, and what cuts it', () => {
  const CASES: readonly [string, Wish[], string[], More?][] = [
    [
      'the default route through another gateway',
      [{ route: { dst: 'default', via: '10.0.0.253', dev: 'eth0' } }],
      [
        `${cuts}the way back to 10.9.9.9 will be by eth0 via 10.0.0.253, not by eth0 via 10.0.0.254`,
        `route default: ${uses}`,
      ],
    ],
    [
      "the default route's MTU alone",
      [{ route: { dst: 'default', via: '10.0.0.254', dev: 'eth0', mtu: 1400 } }],
      [`route default: ${uses}`],
    ],
    [
      'the MAC of its gateway',
      [{ neighbour: { dst: '10.0.0.254', dev: 'eth0', lladdr: MAC } }],
      [`neighbour 10.0.0.254 dev eth0: ${takes}`],
      { links: { eth0: { mac: MAC } } },
    ],
    [
      'the default route gone',
      [{ route: { dst: 'default', state: 'absent' } }],
      [`${cuts}the host will have no way back to 10.9.9.9`, `route default: ${uses}`],
    ],
    [
      'a narrower route by another device',
      [{ route: { dst: '10.9.0.0/16', via: '10.1.0.254', dev: 'eth1' } }],
      [
        `${cuts}the way back to 10.9.9.9 will be by eth1 via 10.1.0.254, not by eth0 via 10.0.0.254`,
        `route 10.9.0.0/16: ${takes}`,
      ],
    ],
    [
      'a route that says no',
      [{ route: { dst: '10.9.9.0/24', type: 'blackhole' } }],
      [
        `${cuts}the host will have no way back to 10.9.9.9: the route 10.9.9.0/24 in the table of the rule with priority 32766 says blackhole`,
        `route 10.9.9.0/24: ${takes}`,
      ],
    ],
    [
      'a rule that says no',
      [{ rule: { from: '10.0.0.1', action: 'prohibit', priority: 100 } }],
      [
        `${cuts}the host will have no way back to 10.9.9.9: the rule with priority 100 says prohibit`,
        `rule 100 from 10.0.0.1: ${takes}`,
      ],
    ],
    [
      'a rule to a table that leads the same way',
      [
        { route: { dst: 'default', via: '10.0.0.254', dev: 'eth0', table: 100 } },
        { rule: { from: '10.0.0.1', table: 100, priority: 100 } },
      ],
      [`rule 100 from 10.0.0.1: ${takes}`],
    ],
    [
      'the device down',
      [{ link: { name: 'eth0', state: 'down' } }],
      [`${cuts}eth0 will be down`, `link eth0 state: ${uses}`],
    ],
    ["the device's MTU", [{ link: { name: 'eth0', mtu: 1400 } }], [`link eth0 mtu: ${uses}`]],
    [
      'the address gone',
      [{ address: { dev: 'eth0', address: '10.0.0.1/24', state: 'absent' } }],
      [`${cuts}the host will no longer have the address 10.0.0.1`, `address 10.0.0.1/24 dev eth0: ${uses}`],
    ],
    [
      'the bridge that swallows the device',
      [{ bridge: { name: 'br0', ports: ['eth0'] } }],
      [
        `${cuts}eth0 will be a port of br0, which takes its packets, while its addresses stay on eth0`,
        `link eth0 master: ${uses}`,
      ],
    ],
    [
      'the only uplink of the bridge taken out',
      [{ link: { name: 'eth2', master: null } }],
      [`${cuts}eth0 will be left without eth2, by which the world reaches it`, `link eth2 master: ${uses}`],
      {
        links: {
          eth0: { kind: 'bridge', addrAssignType: 3 },
          eth2: { master: 'eth0' },
          eth1: { kind: 'tun', master: 'eth0' },
        },
      },
    ],
    [
      'the only port of the bond that the bridge has, taken out',
      [{ link: { name: 'eth2', master: null } }],
      [`${cuts}eth0 will be left without eth1, by which the world reaches it`, `link eth2 master: ${uses}`],
      {
        links: {
          eth0: { kind: 'bridge', addrAssignType: 3 },
          eth1: { kind: 'bond', master: 'eth0' },
          eth2: { master: 'eth1' },
        },
      },
    ],
    [
      'the device below a macvlan down',
      [{ link: { name: 'eth2', state: 'down' } }],
      [`${cuts}eth2 will be down`, `link eth2 state: ${uses}`],
      { links: { eth0: { kind: 'macvlan', lower: 'eth2', info: ['mode', 'bridge'] } } },
    ],
    [
      'a macvlan that takes all that the device receives',
      [{ macvlan: { name: 'mv0', link: 'eth0', mode: 'passthru' } }],
      [`link mv0: ${takes}`],
    ],
    [
      "what the device's driver does",
      [{ ethtool: { dev: 'eth0', speed: 10 } }],
      [`ethtool eth0 link: ${uses}`],
      {
        ethtool: new Map([
          ['link eth0', { values: { speed: '1000' }, fixed: [], held: [], groups: {}, limits: {} }],
        ]),
      },
    ],
    [
      'a strict filter where the ways differ',
      [{ sysctl: { name: 'net.ipv4.conf.eth1.rp_filter', value: 1, file: null } }],
      [
        'this cuts the session itself (10.9.9.9 -> 10.1.0.1 by eth0): eth1 will drop what comes from 10.9.9.9 (rp_filter 1), since the way back is by eth0',
        'sysctl net.ipv4.conf.eth1.rp_filter: the session itself (10.9.9.9 -> 10.1.0.1 by eth0) depends on it',
      ],
      {
        server: '10.1.0.1',
        sysctls: { 'net/ipv4/conf/all/rp_filter': '0', 'net/ipv4/conf/eth1/rp_filter': '0' },
      },
    ],
    [
      'ARP that falls silent',
      [{ sysctl: { name: 'net.ipv4.conf.all.arp_ignore', value: 8, file: null } }],
      [
        `${cuts}eth0 will not answer ARP for 10.0.0.1 (arp_ignore 8)`,
        `sysctl net.ipv4.conf.all.arp_ignore: the session itself ${SESSION} depends on it`,
      ],
      { sysctls: { 'net/ipv4/conf/all/arp_ignore': '0' } },
    ],
  ];
  test.each(CASES)('%s', (_, wishes, warnings, more) => {
    expect(warningsOf(foreseen(wishes, more))).toEqual(warnings);
  });

  test('an address that goes for a moment, though the plan ends where it began', () => {
    const again = foreseen([{ address: { dev: 'eth0', address: '10.0.0.1/24', label: 'eth0:1' } }]);
    expect(again).toEqual({ touches: [`address 10.0.0.1/24 dev eth0: ${uses}`] });
  });

  test('IPv6, from a neighbour by its link-local address', () => {
    const host: Host = {
      addresses: ['eth0 fe80::1/64', 'eth1 fe80::1/64'],
      routes6: 'fe80::/64 dev eth1 proto kernel metric 256\nfe80::/64 dev eth0 proto kernel metric 256',
      rules6: '0:\tfrom all lookup 255\n32766:\tfrom all lookup 254\n',
    };
    const before = hostWith({ host, client: 'fe80::5', server: 'fe80::1' });
    const { session } = before;
    if (session === null) throw new Error('no session');
    const on = (dev: string) =>
      foresee({ ...before, session: { ...session, dev } }, before, {
        tasks: [],
        sequence: [
          {
            task: 0,
            changes: [
              {
                ...{
                  resource: 'link',
                  address: 'link eth0 mtu',
                  action: 'update',
                  before: '1500',
                  after: '1400',
                },
                ...{ do: [], undo: [] },
                effects: [{ kind: 'link', set: { ...(before.links.get('eth0') as Link), mtu: 1400 } }],
              },
            ],
          },
        ],
      });
    expect(on('eth1').touches).toEqual([]);
    expect(on('eth0').touches).toEqual([
      'link eth0 mtu: the session itself (fe80::5 -> fe80::1 by eth0) uses it',
    ]);
  });
});

test('only what may touch the network is worth the further reads', () => {
  expect(withSessionReads([{ kind: 'file', path: '/etc/x' }])).toHaveLength(1);
  expect(withSessionReads([{ kind: 'sysctl', path: 'vm/swappiness' }])).toHaveLength(1);
  expect(withSessionReads([{ kind: 'links' }])).toContainEqual({ kind: 'rules', family: 6 });
  expect(withSessionReads([{ kind: 'sysctl', path: 'net/ipv4/ip_forward' }])).toContainEqual({
    kind: 'routes',
    family: 4,
  });
});
