import { expect, test } from 'vitest';
import type { Family } from '../../../src/shared/addr.js';
import type { Rule } from '../../../src/snapshot/model.js';
import { parseRules } from '../../../src/snapshot/parse-rule.js';
import { resolverOf } from '../../support/names.js';
import { ruleWith } from '../../support/rules.js';

const FILES = {
  tables: '100 local100\n',
  protocols: '201 netplay\n',
  dsfield: '0x10 lowdelay\n',
  groups: '7 uplinks\n',
  realms: '3 here\n',
};

const rule = (own: Partial<Rule>): Rule => ruleWith({ priority: 0, table: null, ...own });

interface Case {
  versions: string;
  text: string;
  family?: Family;
  expected: Partial<Rule>;
}

const CASES: readonly Case[] = [
  { versions: 'all', text: '0:\tfrom all lookup local ', expected: { table: 255 } },
  { versions: '6.1 with -N', text: '0:\tfrom all lookup 255 proto 2', expected: { table: 255, protocol: 2 } },
  {
    versions: '2.6.33',
    text: '1001:\tfrom all fwmark 0x1/0xff iif eth0 lookup 100 ',
    expected: { priority: 1001, fwmark: 1, fwmask: 0xff, iif: 'eth0', table: 100 },
  },
  {
    versions: '3.10',
    text: '32765:\tfrom 192.168.1.1 lookup local100 ',
    expected: { priority: 32765, from: '192.168.1.1/32', table: 100 },
  },
  {
    versions: '4.11',
    text: '100:\tfrom 10.0.0.0/8 to 1.2.3.4 tos lowdelay iif lo [detached] oif nix [detached] lookup main suppress_prefixlength 0 ',
    expected: {
      priority: 100,
      from: '10.0.0.0/8',
      to: '1.2.3.4/32',
      tos: 16,
      iif: 'lo',
      iifDetached: true,
      oif: 'nix',
      oifDetached: true,
      table: 254,
      suppressPrefixlength: 0,
    },
  },
  {
    versions: '6.1',
    text: '1000:\tnot from 10.0.0.0/8 to 1.2.3.4 tos 0x10 fwmark 0x10/0xff iif lo oif nix [detached] uidrange 0-100 ipproto tcp sport 10-20 dport 80 lookup 100 suppress_prefixlength 0 realms 3/5 proto 201',
    expected: {
      priority: 1000,
      not: true,
      from: '10.0.0.0/8',
      to: '1.2.3.4/32',
      tos: 16,
      fwmark: 16,
      fwmask: 255,
      iif: 'lo',
      oif: 'nix',
      oifDetached: true,
      uidrange: [0, 100],
      ipproto: 6,
      sport: [10, 20],
      dport: [80, 80],
      table: 100,
      suppressPrefixlength: 0,
      realms: '3/5',
      protocol: 201,
    },
  },
  {
    versions: '4.18',
    text: '5:\tfrom all goto 5000 [unresolved] ',
    expected: { priority: 5, action: 'goto', goto: 5000 },
  },
  {
    versions: '5.4',
    text: '5:\tfrom all goto 5000 proto unspec',
    expected: { priority: 5, action: 'goto', goto: 5000, protocol: 0 },
  },
  { versions: 'all', text: '6:\tfrom all prohibit', expected: { priority: 6, action: 'prohibit' } },
  {
    versions: '6.1 with -N',
    text: '6:\tfrom all 8 proto 0',
    expected: { priority: 6, action: 'prohibit', protocol: 0 },
  },
  {
    versions: '6.1 with -N',
    text: '6:\tfrom all iif v0 6 proto 0',
    expected: { priority: 6, iif: 'v0', action: 'blackhole', protocol: 0 },
  },
  {
    versions: 'all',
    text: '7:\tfrom all to 10.0.0.0/8 unreachable',
    expected: { priority: 7, to: '10.0.0.0/8', action: 'unreachable' },
  },
  {
    versions: 'all',
    text: '8:\tfrom 1.1.1.1 nop ',
    expected: { priority: 8, from: '1.1.1.1/32', action: 'nop' },
  },
  {
    versions: '4.8 and later',
    text: '999:\tfrom all lookup [l3mdev-table] ',
    expected: { priority: 999, l3mdev: true },
  },
  {
    versions: 'all',
    text: '9:\tfrom all fwmark 0x5 lookup main suppress_ifgroup uplinks',
    expected: { priority: 9, fwmark: 5, table: 254, suppressIfgroup: 7 },
  },
  {
    versions: '6.1 with -N',
    text: '9:\tfrom all ipproto ipproto-6 tun_id 7 lookup 5 proto 0',
    expected: { priority: 9, ipproto: 6, tunId: 7, table: 5, protocol: 0 },
  },
  {
    versions: 'all',
    text: '9:\tfrom all ipproto ipv6-icmp lookup 5',
    expected: { priority: 9, ipproto: 58, table: 5 },
  },
  {
    versions: '2.6.33',
    text: '9:\tfrom all lookup main realms here/5',
    expected: { priority: 9, table: 254, realms: '3/5' },
  },
  {
    versions: '6.16 and later: selectors that narrow the rule are kept',
    text: '10:\tfrom all dscp 8 sport 80/0xfff0 lookup 100 proto 3',
    expected: { priority: 10, table: 100, protocol: 3, other: 'dscp 8 sport 80/0xfff0' },
  },
  {
    versions: 'all',
    family: 6,
    text: '50:\tfrom 2001:db8::/64 to ::ffff:1.2.3.4 lookup 100 ',
    expected: { priority: 50, from: '2001:db8::/64', to: '::ffff:102:304/128', table: 100 },
  },
];

test.each(CASES)('$versions: $text', ({ text, family = 4, expected }) => {
  expect(parseRules(text, family, resolverOf(FILES))).toEqual([rule({ family, ...expected })]);
});

test('many rules keep their order', () => {
  const text =
    '0:\tfrom all lookup local \n100:\tfrom all lookup 1 \n100:\tfrom all lookup 2 \n32766:\tfrom all lookup main \n';
  expect(parseRules(text, 4, resolverOf()).map((each) => each.table)).toEqual([255, 1, 2, 254]);
});

test.each([
  'from all lookup main',
  '5:\tfrom here lookup main',
  '5:\tfrom all ipproto flurb lookup main',
  '5:\tfrom all flurb 7',
])('what can not be understood is an error that shows the line: %s', (text) => {
  expect(() => parseRules(text, 4, resolverOf())).toThrow(
    expect.objectContaining({ code: 'probe', message: expect.stringContaining(text.trim()) }),
  );
});
