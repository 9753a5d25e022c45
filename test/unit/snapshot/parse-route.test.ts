import { describe, expect, test } from 'vitest';
import type { Family } from '../../../src/shared/addr.js';
import type { Nexthop, Route } from '../../../src/snapshot/model.js';
import { parseRoutes } from '../../../src/snapshot/parse-route.js';
import { resolverOf } from '../../support/names.js';

const FILES = {
  tables: '100\tlocal100\n300 third\n',
  protocols: '201 netplay\n',
  dsfield: '0x10 lowdelay\n',
  realms: '3 here\n5 there\n',
};

const hop = (own: Partial<Nexthop>): Nexthop => ({
  via: null,
  dev: null,
  weight: 1,
  onlink: false,
  encap: null,
  ...own,
});

const route = (own: Partial<Route>): Route => ({
  family: 4,
  type: 'unicast',
  dst: '0.0.0.0/0',
  table: 254,
  tos: 0,
  metric: 0,
  protocol: 3,
  scope: 0,
  src: null,
  from: null,
  nexthops: [],
  metrics: {},
  pref: null,
  flags: [],
  realms: null,
  expires: null,
  nhid: null,
  ...own,
});

interface Case {
  name: string;
  versions: string;
  family?: Family;
  text: string;
  expected: readonly Partial<Route>[];
}

const CASES: readonly Case[] = [
  {
    name: 'a default with two blanks before the table',
    versions: '2.6.33, 3.10',
    text: 'default via 192.168.1.254 dev eth0  table 100 \n',
    expected: [{ table: 100, nexthops: [hop({ via: '192.168.1.254', dev: 'eth0' })] }],
  },
  {
    name: 'a default of a named table',
    versions: '4.11, 4.18',
    text: 'default via 192.168.1.254 dev eth0 table local100 metric 10 ',
    expected: [{ table: 100, metric: 10, nexthops: [hop({ via: '192.168.1.254', dev: 'eth0' })] }],
  },
  {
    name: 'names for table, protocol and scope, with details',
    versions: '2.6.33',
    text: 'unicast 192.168.1.0/24 dev eth0  table main  proto kernel  scope link  src 192.168.1.1 ',
    expected: [
      {
        dst: '192.168.1.0/24',
        protocol: 2,
        scope: 253,
        src: '192.168.1.1',
        nexthops: [hop({ dev: 'eth0' })],
      },
    ],
  },
  {
    name: 'numbers for type, table, protocol and scope',
    versions: '5.3 to 7.1 with -N',
    text: '1 192.168.1.0/24 dev eth0 table 254 proto 2 scope 253 src 192.168.1.1 \n2 10.0.0.1 dev eth0 table 255 proto 2 scope 254 src 10.0.0.1 \n3 10.0.0.255 dev eth0 table 255 proto 2 scope 253 src 10.0.0.1 ',
    expected: [
      {
        dst: '192.168.1.0/24',
        protocol: 2,
        scope: 253,
        src: '192.168.1.1',
        nexthops: [hop({ dev: 'eth0' })],
      },
      {
        type: 'local',
        dst: '10.0.0.1/32',
        table: 255,
        protocol: 2,
        scope: 254,
        src: '10.0.0.1',
        nexthops: [hop({ dev: 'eth0' })],
      },
      {
        type: 'broadcast',
        dst: '10.0.0.255/32',
        table: 255,
        protocol: 2,
        scope: 253,
        src: '10.0.0.1',
        nexthops: [hop({ dev: 'eth0' })],
      },
    ],
  },
  {
    name: 'routes without a next hop',
    versions: 'all',
    text: 'blackhole 10.4.0.0/16 \nunreachable 10.6.0.0/16 metric 4 \nprohibit 10.8.0.0/16 proto static \nthrow 10.7.0.0/16 table 77 proto 201 scope global',
    expected: [
      { type: 'blackhole', dst: '10.4.0.0/16' },
      { type: 'unreachable', dst: '10.6.0.0/16', metric: 4 },
      { type: 'prohibit', dst: '10.8.0.0/16', protocol: 4 },
      { type: 'throw', dst: '10.7.0.0/16', table: 77, protocol: 201 },
    ],
  },
  {
    name: 'next hops joined by a backslash',
    versions: '6.1 with -o',
    text: 'unicast 10.1.0.0/16 table main proto boot scope global \\\tnexthop via 192.168.1.2 dev v0 weight 3 \\\tnexthop via 10.0.0.2 dev w0 weight 1 onlink ',
    expected: [
      {
        dst: '10.1.0.0/16',
        nexthops: [
          hop({ via: '192.168.1.2', dev: 'v0', weight: 3 }),
          hop({ via: '10.0.0.2', dev: 'w0', onlink: true }),
        ],
      },
    ],
  },
  {
    name: 'next hops on lines of their own',
    versions: 'without -o',
    text: 'default  proto static  metric 5 \n\tnexthop via 192.168.1.2  dev v0 weight 3 dead linkdown\n\tnexthop via inet6 fe80::1  dev w0 weight 1\n10.0.0.0/8 dev v0 ',
    expected: [
      {
        protocol: 4,
        metric: 5,
        flags: ['v0 dead', 'v0 linkdown'],
        nexthops: [hop({ via: '192.168.1.2', dev: 'v0', weight: 3 }), hop({ via: 'fe80::1', dev: 'w0' })],
      },
      { dst: '10.0.0.0/8', nexthops: [hop({ dev: 'v0' })] },
    ],
  },
  {
    name: 'a gateway of the other family',
    versions: '5.2 and later',
    text: '10.2.0.0/16 via inet6 fe80::1 dev v0 proto 201 ',
    expected: [{ dst: '10.2.0.0/16', protocol: 201, nexthops: [hop({ via: 'fe80::1', dev: 'v0' })] }],
  },
  {
    name: 'TOS by number, metrics, a lock, realms and times',
    versions: '6.1',
    text: 'unicast 10.3.0.0/16 tos 0x10 dev v0 table main proto boot scope link src 192.168.1.1 realms 3/5 mtu lock 1400 rtt 1.2s advmss 1300 initcwnd 10 features ecn rto_min lock 50ms quickack 1 congctl lock reno ',
    expected: [
      {
        dst: '10.3.0.0/16',
        tos: 16,
        scope: 253,
        src: '192.168.1.1',
        realms: '3/5',
        nexthops: [hop({ dev: 'v0' })],
        metrics: {
          mtu: 1400,
          rtt: 1200,
          advmss: 1300,
          initcwnd: 10,
          features: 'ecn',
          rto_min: 50,
          quickack: 1,
          congctl: 'reno',
          lock: ['mtu', 'rto_min', 'congctl'],
        },
      },
    ],
  },
  {
    name: 'TOS and realms by name, `mtu lock` before an unknown word',
    versions: '2.6.33, 3.10',
    text: '10.3.0.0/16 tos lowdelay dev v0  scope link realms here/there mtu lock 1400 hoplimit 64 fastopen_no_cookie 1 window 100\n10.5.0.0/16 dev v0 realm there',
    expected: [
      {
        dst: '10.3.0.0/16',
        tos: 16,
        scope: 253,
        realms: '3/5',
        nexthops: [hop({ dev: 'v0' })],
        metrics: { mtu: 1400, lock: ['mtu'], hoplimit: 64, window: 100 },
      },
      { dst: '10.5.0.0/16', realms: '5', nexthops: [hop({ dev: 'v0' })] },
    ],
  },
  {
    name: 'flags, and words of hardware that forwards',
    versions: '5.4 to 7.1',
    text: 'default via 1.2.3.4 dev v0 onlink linkdown dead rt_offload rt_trap offload trap offload_failed ',
    expected: [
      {
        flags: ['linkdown', 'dead', 'rt_offload', 'rt_trap', 'offload', 'trap', 'offload_failed'],
        nexthops: [hop({ via: '1.2.3.4', dev: 'v0', onlink: true })],
      },
    ],
  },
  {
    name: 'a nexthop object, whose own lines are passed over',
    versions: '5.3 and later with -d',
    text: '1 10.11.0.0/16 nhid 5 via 192.168.1.3 dev v0 table 254 proto 3 scope 0 \n\tnh_info id 5 via 192.168.1.3 dev v0 scope 253 proto 0 \n1 10.13.0.0/16 nhid 9 table 254 proto 3 scope 0 \n\tnh_info id 9 group 5/6 scope 0 proto 0 \\\tnexthop via 192.168.1.3 dev v0 weight 1 \\\tnexthop via 192.168.1.4 dev v0 weight 1 ',
    expected: [
      { dst: '10.11.0.0/16', nhid: 5, nexthops: [hop({ via: '192.168.1.3', dev: 'v0' })] },
      {
        dst: '10.13.0.0/16',
        nhid: 9,
        nexthops: [hop({ via: '192.168.1.3', dev: 'v0' }), hop({ via: '192.168.1.4', dev: 'v0' })],
      },
    ],
  },
  {
    name: 'an encapsulation, with words that a route has too',
    versions: '4.3 and later',
    text: 'unicast 10.12.0.0/16  encap ip id 5 src 2.2.2.2 dst 1.1.1.1 ttl 3 tos 4 via 192.168.1.2 dev v0 table main proto boot scope global ',
    expected: [
      {
        dst: '10.12.0.0/16',
        nexthops: [
          hop({ via: '192.168.1.2', dev: 'v0', encap: 'ip id 5 src 2.2.2.2 dst 1.1.1.1 ttl 3 tos 4' }),
        ],
      },
    ],
  },
  {
    name: 'a host with its length given, a short network, and a table beyond 255',
    versions: 'all',
    text: '10.1.2.3 dev eth0 table third scope link \n0/8 dev eth0 \nlocal 10.14.0.1 dev v0 table 4294967295',
    expected: [
      { dst: '10.1.2.3/32', table: 300, scope: 253, nexthops: [hop({ dev: 'eth0' })] },
      { dst: '0.0.0.0/8', nexthops: [hop({ dev: 'eth0' })] },
      { type: 'local', dst: '10.14.0.1/32', table: 4294967295, nexthops: [hop({ dev: 'v0' })] },
    ],
  },
  {
    name: 'IPv6 with its metric, preference and time left',
    versions: '6.1',
    family: 6,
    text: 'unicast 2001:db8:8::/48 from 2001:db8::/64 dev v0 table main proto boot scope global metric 1024 expires 99sec pref medium\nunreachable default dev lo metric 4000 pref medium\n2001:db8::1 dev v0 proto kernel metric 256 pref high\n::ffff:1.2.3.4 dev w0 metric 256',
    expected: [
      {
        dst: '2001:db8:8::/48',
        from: '2001:db8::/64',
        metric: 1024,
        expires: 99,
        pref: 'medium',
        nexthops: [hop({ dev: 'v0' })],
      },
      { type: 'unreachable', dst: '::/0', metric: 4000, pref: 'medium' },
      { dst: '2001:db8::1/128', protocol: 2, metric: 256, pref: 'high', nexthops: [hop({ dev: 'v0' })] },
      { dst: '::ffff:102:304/128', metric: 256, nexthops: [hop({ dev: 'w0' })] },
    ],
  },
  {
    name: 'IPv6 with an error, old metrics of each route, and cached clones',
    versions: '2.6.33',
    family: 6,
    text: 'unreachable 2001:db8:7::/48 dev lo  metric 1024  error -101 mtu 16436 advmss 16376 hoplimit 4294967295\n2001:db8::/64 dev eth0  proto kernel  metric 256  mtu 1500 advmss 1440 hoplimit 0\n2001:db8::9 via 2001:db8::9 dev eth0  metric 0 \\    cache  mtu 1500 advmss 1440',
    expected: [
      {
        type: 'unreachable',
        dst: '2001:db8:7::/48',
        metric: 1024,
        metrics: { mtu: 16436, advmss: 16376, hoplimit: 4294967295 },
      },
      {
        dst: '2001:db8::/64',
        protocol: 2,
        metric: 256,
        nexthops: [hop({ dev: 'eth0' })],
        metrics: { mtu: 1500, advmss: 1440, hoplimit: 0 },
      },
    ],
  },
  {
    name: 'IPv6 next hops',
    versions: '4.11 and later',
    family: 6,
    text: '2001:db8:6::/48 table main proto boot scope global metric 1024 pref medium\\\tnexthop via 2001:db8::2 dev v0 weight 1 \\\tnexthop via 2001:db8::3 dev v0 weight 2 ',
    expected: [
      {
        dst: '2001:db8:6::/48',
        metric: 1024,
        pref: 'medium',
        nexthops: [hop({ via: '2001:db8::2', dev: 'v0' }), hop({ via: '2001:db8::3', dev: 'v0', weight: 2 })],
      },
    ],
  },
  { name: 'nothing', versions: 'all', text: '\n', expected: [] },
];

test.each(CASES)('$name ($versions)', ({ text, family = 4, expected }) => {
  expect(parseRoutes(text, family, resolverOf(FILES))).toEqual(
    expected.map((own) => route({ family, ...(family === 6 ? { dst: '::/0' } : {}), ...own })),
  );
});

test('with -N a number stays a number, whatever a file calls it', () => {
  const text = '1 default dev v0 table 77 proto 3 scope 0';
  const files = { tables: '102 77\n' };
  expect(parseRoutes(text, 4, resolverOf(files, true))[0]?.table).toBe(77);
  expect(parseRoutes(text, 4, resolverOf(files, false))[0]?.table).toBe(102);
});

describe('what can not be understood is an error that shows the line', () => {
  test.each([
    ['a destination that is none', 'flurb 10.0.0.0/8 dev v0'],
    ['a value that is missing', '10.0.0.0/8 via'],
    ['a gateway that is no address', '10.0.0.0/8 via there dev v0'],
    ['a table that no file names', '10.0.0.0/8 dev v0 table nowhere'],
  ])('%s', (_name, text) => {
    expect(() => parseRoutes(text, 4, resolverOf())).toThrow(expect.objectContaining({ code: 'probe' }));
  });

  test('with the line', () => {
    expect(() => parseRoutes('10.0.0.0/8 via there dev v0', 4, resolverOf())).toThrow(
      /10\.0\.0\.0\/8 via there dev v0/,
    );
  });
});
