import { describe, expect, test } from 'vitest';
import { address } from '../../../src/resources/address.js';
import type { AddressParams } from '../../../src/resources/links/address-wish.js';
import { addressOn, type HostState, hostState, nic } from '../../support/host-state.js';

function host(state: HostState = {}) {
  return hostState({ links: [nic('eth0'), nic('eth1')], ...state });
}

describe('what is found right', () => {
  test.each<[string, AddressParams, ReturnType<typeof addressOn>]>([
    [
      'present',
      { dev: 'eth0', address: '192.168.1.1/24' },
      addressOn('eth0', '192.168.1.1/24', { broadcast: '192.168.1.255', label: 'eth0:1', metric: 5 }),
    ],
    [
      'pitfall 2: another spelling',
      { dev: 'eth0', address: '2001:DB8:0::1/64' },
      addressOn('eth0', '2001:db8::1/64'),
    ],
    [
      'pitfall 2: a bare address is a host',
      { dev: 'eth0', address: '10.0.0.1' },
      addressOn('eth0', '10.0.0.1/32'),
    ],
    [
      'still tentative',
      { dev: 'eth0', address: '2001:db8::1/64' },
      addressOn('eth0', '2001:db8::1/64', { flags: ['tentative', 'dynamic'] }),
    ],
    [
      'a lifetime that runs down',
      { dev: 'eth0', address: '10.0.0.1/8', valid_lft: 3600, preferred_lft: 600 },
      addressOn('eth0', '10.0.0.1/8', { validLft: 17, preferredLft: 0 }),
    ],
    [
      'broadcast + is the last address',
      { dev: 'eth0', address: '10.0.0.1/30', broadcast: '+' },
      addressOn('eth0', '10.0.0.1/30', { broadcast: '10.0.0.3' }),
    ],
    [
      'a label of null is the device',
      { dev: 'eth0', address: '10.0.0.1/30', label: null },
      addressOn('eth0', '10.0.0.1/30'),
    ],
    [
      'a peer that is the address itself',
      { dev: 'eth0', address: '10.0.0.1', peer: '10.0.0.1' },
      addressOn('eth0', '10.0.0.1/32'),
    ],
  ])('%s', (_, params, present) => {
    expect(address.plan(params, host({ addresses: [present] }))).toMatchObject({ changes: [] });
  });
});

describe('problems', () => {
  const has = (prefix: string): HostState => ({ addresses: [addressOn('eth0', prefix)] });
  test.each<[string, AddressParams, HostState, string]>([
    ['a device that is not there', { dev: 'eth9', address: '10.0.0.1/8' }, {}, 'no device eth9'],
    [
      'the address of the network',
      { dev: 'eth0', address: '192.168.1.0/24' },
      {},
      'the address of its network',
    ],
    [
      'the broadcast address',
      { dev: 'eth0', address: '192.168.1.255/24' },
      {},
      'the broadcast address of its network',
    ],
    [
      'a broadcast outside of the network',
      { dev: 'eth0', address: '192.168.1.1/24', broadcast: '192.168.2.255' },
      {},
      'outside of 192.168.1.0/24',
    ],
    ['multicast', { dev: 'eth0', address: '239.0.0.1/32' }, {}, 'a multicast address'],
    [
      'autojoin of what is none',
      { dev: 'eth0', address: '10.0.0.1/8', autojoin: true },
      {},
      'multicast addresses only',
    ],
    [
      'a preferred lifetime beyond what is left of the address',
      { dev: 'eth0', address: '10.0.0.1/8', preferred_lft: 'forever' },
      { addresses: [addressOn('eth0', '10.0.0.1/8', { validLft: 500, preferredLft: 100 })] },
      '10.0.0.1/8 ends in 500 seconds, before preferred_lft does',
    ],
    [
      'a device that does no IPv6',
      { dev: 'eth0', address: '2001:db8::1/64' },
      { sysctls: { 'net/ipv6/conf/eth0/disable_ipv6': '1\n' } },
      'IPv6 is switched off on eth0',
    ],
    [
      'a host without IPv6',
      { dev: 'eth0', address: '2001:db8::1/64' },
      { sysctls: { 'net/ipv6/conf/all/disable_ipv6': null } },
      'this host has no IPv6',
    ],
    ['no host', { dev: 'eth0', address: '0.0.0.0/0' }, {}, "no host's address"],
    [
      'another length on the same device',
      { dev: 'eth0', address: '192.168.1.1/25' },
      has('192.168.1.1/24'),
      'as 192.168.1.1/24 and not as 192.168.1.1/25',
    ],
    [
      'another length of IPv6, which the kernel refuses',
      { dev: 'eth0', address: '2001:db8::1/48' },
      has('2001:db8::1/64'),
      'as 2001:db8::1/64',
    ],
    [
      'a label of another device',
      { dev: 'eth0', address: '10.0.0.1/8', label: 'eth1:1' },
      {},
      'must begin with the device',
    ],
    ['a flag of IPv6', { dev: 'eth0', address: '10.0.0.1/8', nodad: true }, {}, 'for IPv6 addresses only'],
    [
      'a broadcast of IPv6',
      { dev: 'eth0', address: '2001:db8::1/64', broadcast: '10.0.0.255' },
      {},
      'IPv6 has no broadcast',
    ],
    [
      'a scope that IPv6 gives itself',
      { dev: 'eth0', address: '2001:db8::1/64', scope: 'link' },
      {},
      'follows from the address',
    ],
    [
      'an unknown scope',
      { dev: 'eth0', address: '10.0.0.1/8', scope: 'globl' },
      {},
      "no scope is named 'globl'",
    ],
    [
      'a preferred lifetime beyond the valid one',
      { dev: 'eth0', address: '10.0.0.1/8', valid_lft: 60, preferred_lft: 61 },
      {},
      'longer than valid_lft',
    ],
    [
      'anycast, which no kernel keeps',
      { dev: 'eth0', address: '10.0.0.1/8', anycast: '10.0.0.9' },
      {},
      'no kernel keeps it',
    ],
    [
      'a peer of the other family',
      { dev: 'eth0', address: '10.0.0.1', peer: '2001:db8::1' },
      {},
      'is no IPv4 address',
    ],
    ['two lengths', { dev: 'eth0', address: '10.0.0.1/24', peer: '10.0.0.2/30' }, {}, 'two prefix lengths'],
  ])('%s', (_, params, state, message) => {
    const { changes, problems } = address.plan(params, host(state));
    expect(changes).toEqual([]);
    expect(problems?.map((problem) => problem.message).join()).toContain(message);
  });
});

test('/31 and /32 have no address of their network', () => {
  for (const prefix of ['10.0.0.0/31', '10.0.0.1/31', '10.0.0.0/32'])
    expect(address.plan({ dev: 'eth0', address: prefix }, host()).problems ?? []).toEqual([]);
});

test('the same address on another device is said', () => {
  const plan = address.plan(
    { dev: 'eth0', address: '10.0.0.1/8' },
    host({ addresses: [addressOn('eth1', '10.0.0.1/24')] }),
  );
  expect(plan.changes).toHaveLength(1);
  expect(plan.warnings).toEqual(['eth1 has the address 10.0.0.1/24 as well']);
});

test('absent of what is not there changes nothing; an address without its length is not taken for another', () => {
  const state = host({ addresses: [addressOn('eth0', '192.168.1.1/24')] });
  expect(address.plan({ dev: 'eth0', address: '192.168.1.2/24', state: 'absent' }, state).changes).toEqual(
    [],
  );
  expect(address.plan({ dev: 'eth0', address: '192.168.1.1', state: 'absent' }, state).changes).toEqual([]);
});

test('what differs and cannot be changed in place goes by delete and add, those behind it along', () => {
  const addresses = [
    addressOn('eth0', '10.0.0.1/24'),
    addressOn('eth0', '10.0.0.2/24', { flags: ['secondary'] }),
  ];
  const [change] = address.plan(
    { dev: 'eth0', address: '10.0.0.1/24', label: 'eth0:a' },
    host({ addresses }),
  ).changes;
  expect(change?.do.map((step) => step.kind === 'ip' && step.args.join(' '))).toEqual([
    'address del 10.0.0.2/24 dev eth0',
    'address del 10.0.0.1/24 dev eth0',
    'address add 10.0.0.1/24 label eth0:a dev eth0',
    'address add 10.0.0.2/24 dev eth0',
  ]);
});
