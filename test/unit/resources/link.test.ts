import { describe, expect, test } from 'vitest';
import { type LinkParams, link } from '../../../src/resources/link.js';
import { addressOn, type HostState, hostState, nic, OLD_TOOLS } from '../../support/host-state.js';

function host(state: HostState = {}) {
  return hostState({
    links: [
      nic('lo', { flags: ['LOOPBACK', 'UP'] }),
      nic('eth0', { mac: '52:54:00:00:00:01' }),
      nic('eth1', { mac: '52:54:00:00:00:02', altnames: ['enp1s0'] }),
      nic('br0', { kind: 'bridge' }),
    ],
    groups: { uplinks: 7 },
    ...state,
  });
}

test('what is not given is left alone', () => {
  expect(link.plan({ name: 'eth0' }, host())).toMatchObject({ changes: [], problems: [], warnings: [] });
});

test('one change an attribute, each on the state that the one before leaves', () => {
  const { changes } = link.plan({ name: 'eth0', mtu: 1400, group: 'uplinks', state: 'down' }, host());
  expect(changes.map(({ address, before, after }) => `${address}: ${before} → ${after}`)).toEqual([
    'link eth0 state: up → down',
    'link eth0 mtu: 1500 → 1400',
    'link eth0 group: 0 → 7',
  ]);
  expect(changes.at(-1)?.effects).toMatchObject([
    { kind: 'link', set: { mtu: 1400, group: 7, flags: expect.not.arrayContaining(['UP']) } },
  ]);
  expect(
    changes.every((change) =>
      change.do.every((step) => step.kind === 'ip' && step.args.slice(0, 3).join(' ') === 'link set dev'),
    ),
  ).toBe(true);
});

describe('problems', () => {
  test.each<[string, LinkParams, HostState, string]>([
    ['a device that is not there', { name: 'eht0', mtu: 1400 }, {}, 'no device eht0'],
    ['a master that is not there', { name: 'eth0', master: 'br9' }, {}, 'no device br9'],
    ['its own master', { name: 'br0', master: 'br0' }, {}, 'its own master'],
    ['an MTU too small for IPv4', { name: 'eth0', mtu: 60 }, {}, 'IPv4 needs 68 bytes'],
    [
      'an MTU too small for its IPv6',
      { name: 'eth0', mtu: 1279 },
      { addresses: [addressOn('eth0', 'fe80::1/64')] },
      'IPv6 needs 1280 bytes',
    ],
    [
      "an MTU beyond the driver's",
      { name: 'eth0', mtu: 9000 },
      { links: [nic('eth0', { details: { minmtu: '68', maxmtu: '3498' } })] },
      'takes 3498 at most',
    ],
    ['a multicast MAC', { name: 'eth0', mac: '01:00:5e:00:00:01' }, {}, 'multicast address'],
    ['a zero MAC', { name: 'eth0', mac: '00:00:00:00:00:00' }, {}, 'zero address'],
    ['an unknown group', { name: 'eth0', group: 'uplink' }, {}, "no device group is named 'uplink'"],
    [
      'a name that another device has',
      { name: 'eth0', altnames: ['enp1s0'] },
      {},
      'the name enp1s0 is taken',
    ],
    ['an alias of too many bytes', { name: 'eth0', alias: 'ü'.repeat(200) }, {}, 'alias has 400 bytes'],
    ['what the tool does not show', { name: 'eth0', gso_max_size: 1000 }, {}, 'does not show gso_max_size'],
    [
      'no tool for a master',
      { name: 'eth0', master: 'br0' },
      { tools: { ...OLD_TOOLS, others: [] } },
      'knows no master',
    ],
  ])('%s', (_, params, state, message) => {
    const { problems } = link.plan(params, host(state));
    expect(problems?.map((problem) => problem.message).join()).toContain(message);
  });
});

test('an MTU below 1280 is fine where there is no IPv6', () => {
  expect(link.plan({ name: 'eth0', mtu: 1000 }, host()).problems).toEqual([]);
});

test('an old host moves a port with brctl, which takes no port that another bridge has', () => {
  const links = [
    nic('eth0', { master: 'br1' }),
    nic('br0', { kind: 'bridge' }),
    nic('br1', { kind: 'bridge' }),
  ];
  const [change] = link.plan({ name: 'eth0', master: 'br0' }, hostState({ links, tools: OLD_TOOLS })).changes;
  expect(change?.do).toEqual([
    { kind: 'run', argv: ['brctl', 'delif', 'br1', 'eth0'] },
    { kind: 'run', argv: ['brctl', 'addif', 'br0', 'eth0'] },
  ]);
  expect(change?.undo).toEqual([
    { kind: 'run', argv: ['brctl', 'delif', 'br0', 'eth0'] },
    { kind: 'run', argv: ['brctl', 'addif', 'br1', 'eth0'] },
  ]);
});
