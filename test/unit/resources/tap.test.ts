import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type TapParams, tap, tapMac } from '../../../src/resources/tap.js';
import type { TunState } from '../../../src/snapshot/model.js';
import { type HostState, hostState, nic, OLD_TOOLS } from '../../support/host-state.js';

const TUN: TunState = {
  mode: 'tap',
  owner: 0,
  group: null,
  multiQueue: false,
  vnetHdr: false,
  persistent: true,
};
const TAP0 = nic('tap0', {
  kind: 'tun',
  mac: 'fe:54:00:84:e3:62',
  tun: TUN,
  flags: ['BROADCAST', 'MULTICAST', 'UP', 'NO-CARRIER'],
});
const PASSWD = 'root:x:0:0::/root:/bin/sh\nqemu:x:107:107::/:/sbin/nologin\n';

function host(state: HostState = {}) {
  return hostState({ links: [nic('br0', { kind: 'bridge' }), nic('eth0')], ...state });
}

describe('tapMac', () => {
  test.each([
    ['52:54:00:84:e3:62', 'fe:54:00:84:e3:62'],
    ['fe:54:00:84:e3:62', 'fa:54:00:84:e3:62'],
  ])('%s → %s', (guest, expected) => expect(tapMac(guest)).toBe(expected));

  test("is never the guest's own, and never multicast", () => {
    const byte = fc.integer({ min: 0, max: 255 }).map((value) => value.toString(16).padStart(2, '0'));
    fc.assert(
      fc.property(fc.array(byte, { minLength: 6, maxLength: 6 }), (bytes) => {
        const mac = tapMac(bytes.join(':'));
        expect(mac).not.toBe(bytes.join(':'));
        expect(Number.parseInt(mac.slice(0, 2), 16) % 2).toBe(0);
        expect(mac.slice(2)).toBe(bytes.join(':').slice(2));
      }),
    );
  });
});

describe('problems', () => {
  test.each<[string, TapParams, HostState, string]>([
    [
      "pitfall 35: the guest's own MAC",
      { name: 'tap0', guest_mac: '52:54:00:84:e3:62', mac: '52-54-00-84-E3-62' },
      {},
      'nobody outside would reach the guest',
    ],
    [
      "pitfall 35: a multicast address, which can be no guest's",
      { name: 'tap0', guest_mac: '53:54:00:84:e3:62' },
      {},
      'multicast address',
    ],
    ['all zeroes', { name: 'tap0', guest_mac: '00:00:00:00:00:00' }, {}, 'zero address'],
    ['a bridge that is not there', { name: 'tap0', bridge: 'br7' }, {}, 'no device br7'],
    ['a bridge that is none', { name: 'tap0', bridge: 'eth0' }, {}, 'not a bridge'],
    ['a device that is no tap', { name: 'eth0' }, {}, 'not a tap'],
    [
      'an unknown owner',
      { name: 'tap0', owner: 'qemuu' },
      { files: { '/etc/passwd': PASSWD } },
      'no user qemuu in /etc/passwd',
    ],
    ['a tun in a bridge', { name: 'tun0', mode: 'tun', bridge: 'br0' }, {}, 'a tun has no Ethernet'],
    ['no tool', { name: 'tap0' }, { tools: { ...OLD_TOOLS, others: [] } }, 'there is no tunctl'],
    [
      'a tool that knows less',
      { name: 'tap0', multi_queue: true },
      { tools: OLD_TOOLS },
      'tunctl knows no mode tun, multi_queue',
    ],
  ])('%s', (_, params, state, message) => {
    const { changes, problems } = tap.plan(params, host(state));
    expect(changes).toEqual([]);
    expect(problems?.map((problem) => problem.message).join()).toContain(message);
  });
});

test('present and right: nothing', () => {
  const params: TapParams = { name: 'tap0', owner: 'root', guest_mac: '52:54:00:84:e3:62' };
  expect(tap.plan(params, host({ links: [TAP0] })).changes).toEqual([]);
});

test('a name that is not root is looked up on the host', () => {
  expect(tap.reads({ name: 'tap0', owner: 'qemu' })).toContainEqual({ kind: 'file', path: '/etc/passwd' });
  expect(tap.reads({ name: 'tap0', owner: 'root', group: 3 }).some((read) => read.kind === 'file')).toBe(
    false,
  );
  const [change] = tap.plan(
    { name: 'tap0', owner: 'qemu' },
    host({ files: { '/etc/passwd': PASSWD } }),
  ).changes;
  expect(change?.do[0]).toEqual({
    kind: 'ip',
    args: ['tuntap', 'add', 'dev', 'tap0', 'mode', 'tap', 'user', '107'],
  });
});

test('an owner cannot be changed: the tap is made anew, and that is said', () => {
  const plan = tap.plan({ name: 'tap0', owner: 107 }, host({ links: [TAP0] }));
  expect(plan.changes.map(({ before, after }) => [before, after])).toEqual([
    ['mode tap owner 0', 'mode tap owner 107'],
  ]);
  expect(plan.warnings?.join()).toContain('must be made anew');
  expect(plan.changes[0]?.do[0]).toEqual({
    kind: 'ip',
    args: ['tuntap', 'del', 'dev', 'tap0', 'mode', 'tap'],
  });
});

test('a program that uses the tap chose its header: that is no difference', () => {
  const used = { ...TAP0, flags: [...TAP0.flags, 'LOWER_UP'], tun: { ...TUN, vnetHdr: true } };
  expect(tap.plan({ name: 'tap0', vnet_hdr: false }, host({ links: [used] })).changes).toEqual([]);
});

test('pitfall 36: a bridge that is not pinned is told of, with what the tap does to it', () => {
  const free = nic('br0', { kind: 'bridge', mac: '52:54:00:00:00:01', addrAssignType: 1 });
  const uplink = nic('eth0', { mac: '52:54:00:00:00:01', master: 'br0' });
  const warnings = (params: Partial<TapParams>, bridge = free): readonly string[] | undefined =>
    tap.plan({ name: 'tap0', bridge: 'br0', ...params }, host({ links: [bridge, uplink] })).warnings;
  expect(warnings({ guest_mac: '52:54:00:84:e3:62' })).toEqual([
    'the MAC of br0 changes as its ports come and go, since it is not pinned; put before it: bridge: {name: br0}',
  ]);
  expect(warnings({ mac: '02:00:00:00:00:01' })?.[0]).toContain(
    'tap0 changes the MAC of br0 from 52:54:00:00:00:01 to 02:00:00:00:00:01',
  );
  expect(warnings({ mac: '02:00:00:00:00:01' }, { ...free, addrAssignType: 3 })).toEqual([]);
});

test('a tap that has the MAC of another one in its bridge is told of', () => {
  const other = { ...TAP0, name: 'tap9', master: 'br0' };
  const { warnings } = tap.plan(
    { name: 'tap0', bridge: 'br0', guest_mac: '52:54:00:84:e3:62' },
    host({ links: [nic('br0', { kind: 'bridge', addrAssignType: 3 }), other] }),
  );
  expect(warnings?.join()).toContain('tap0 has the MAC of tap9');
});

test('an old host makes it with tunctl', () => {
  const plan = tap.plan(
    { name: 'tap0', owner: 'root', group: 7, bridge: 'br0', guest_mac: '52:54:00:84:e3:62' },
    host({ tools: OLD_TOOLS }),
  );
  expect(plan.changes.flatMap((change) => change.do)).toEqual([
    { kind: 'run', argv: ['tunctl', '-t', 'tap0', '-u', '0', '-g', '7'] },
    {
      kind: 'run',
      argv: ['sh', '-c', expect.stringContaining('udevadm settle'), 'settle', 'tap0', 'fe:54:00:84:e3:62'],
    },
    { kind: 'ip', args: ['link', 'set', 'dev', 'tap0', 'address', 'fe:54:00:84:e3:62'] },
    { kind: 'run', argv: ['brctl', 'addif', 'br0', 'tap0'] },
    { kind: 'ip', args: ['link', 'set', 'dev', 'tap0', 'up'] },
  ]);
});
