import { expect, test } from 'vitest';
import type { Address } from '../../../src/snapshot/model.js';
import { parseAddresses } from '../../../src/snapshot/parse-addr.js';
import { resolverOf } from '../../support/names.js';

const address = (own: Partial<Address>): Address => ({
  family: 4,
  dev: 'eth0',
  local: '192.168.1.1',
  length: 24,
  peer: null,
  broadcast: null,
  anycast: null,
  label: 'eth0',
  scope: 0,
  flags: [],
  validLft: null,
  preferredLft: null,
  metric: null,
  ...own,
});

interface Case {
  versions: string;
  text: string;
  expected: Partial<Address>;
}

const FOREVER = '\\       valid_lft forever preferred_lft forever';

const CASES: readonly Case[] = [
  {
    versions: '2.6.33',
    text: '2: eth0    inet 192.168.1.1/24 brd 192.168.1.255 scope global eth0',
    expected: { broadcast: '192.168.1.255' },
  },
  {
    versions: '3.10 to 7.1',
    text: `2: eth0    inet 192.168.1.1/24 scope global secondary eth0:1${FOREVER}`,
    expected: { flags: ['secondary'], label: 'eth0:1' },
  },
  {
    versions: '-N',
    text: `2: eth0    inet 127.0.0.1/8 scope 254 eth0${FOREVER}`,
    expected: { local: '127.0.0.1', length: 8, scope: 254 },
  },
  {
    versions: 'all',
    text: `2: eth0    inet 192.168.1.1/24 scope global secondary${FOREVER}`,
    expected: { label: 'secondary' },
  },
  {
    versions: 'all',
    text: `5: w0    inet 10.0.0.1 peer 10.0.0.2/32 scope link w0${FOREVER}`,
    expected: { dev: 'w0', local: '10.0.0.1', peer: '10.0.0.2', length: 32, scope: 253, label: 'w0' },
  },
  {
    versions: '5.0 and later',
    text: '2: eth0    inet 192.168.1.1/24 metric 77 brd 192.168.1.255 scope global dynamic noprefixroute eth0\\       valid_lft 1000sec preferred_lft 500sec',
    expected: {
      metric: 77,
      broadcast: '192.168.1.255',
      flags: ['dynamic', 'noprefixroute'],
      validLft: 1000,
      preferredLft: 500,
    },
  },
  {
    versions: '3.10: bits without a word',
    text: `2: eth0    inet6 2001:db8::1/64 scope global flags 200 ${FOREVER}`,
    expected: { family: 6, local: '2001:db8::1', length: 64, label: null, flags: ['200'] },
  },
  {
    versions: 'all',
    text: `2: eth0    inet6 fe80::1/64 scope link tentative dadfailed ${FOREVER}`,
    expected: {
      family: 6,
      local: 'fe80::1',
      length: 64,
      label: null,
      scope: 253,
      flags: ['tentative', 'dadfailed'],
    },
  },
  {
    versions: '6.3 and later',
    text: `1: lo    inet6 ::1/128 scope host proto kernel_lo noprefixroute ${FOREVER}`,
    expected: {
      family: 6,
      dev: 'lo',
      local: '::1',
      length: 128,
      label: null,
      scope: 254,
      flags: ['noprefixroute'],
    },
  },
  {
    versions: 'all',
    text: `2: eth0    inet6 ::ffff:1.2.3.4/128 any 2001:db8::7 scope site ${FOREVER}`,
    expected: {
      family: 6,
      local: '::ffff:102:304',
      length: 128,
      label: null,
      scope: 200,
      anycast: '2001:db8::7',
    },
  },
];

test.each(CASES)('$versions: $text', ({ text, expected }) => {
  expect(parseAddresses(text, resolverOf())).toEqual([address(expected)]);
});

test('links and other families in between are passed over', () => {
  const text = `1: lo: <LOOPBACK,UP,LOWER_UP> mtu 16436 qdisc noqueue state UNKNOWN \\    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00
1: lo    inet 127.0.0.1/8 scope host lo
2: eth0: <BROADCAST> mtu 1500 qdisc noop state DOWN \\    link/ether 52:54:00:aa:00:01 brd ff:ff:ff:ff:ff:ff
2: eth0    ipx 00000001
`;
  expect(parseAddresses(text, resolverOf()).map((each) => each.local)).toEqual(['127.0.0.1']);
});

test.each(['eth0 inet 10.0.0.1/8', '2: eth0    inet flurb/24 scope global eth0'])(
  'what can not be understood is an error: %s',
  (text) => {
    expect(() => parseAddresses(text, resolverOf())).toThrow(
      expect.objectContaining({ code: 'probe', message: expect.stringContaining(text) }),
    );
  },
);
