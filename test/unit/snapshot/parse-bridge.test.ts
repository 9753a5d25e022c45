import { describe, expect, test } from 'vitest';
import { type BridgeVlan, type FdbEntry, portsDiffer, portWords } from '../../../src/snapshot/bridge.js';
import type { Link } from '../../../src/snapshot/model.js';
import { parseFdb, parseVlans } from '../../../src/snapshot/parse-bridge.js';
import { nic } from '../../support/host-state.js';

const vlan = (dev: string, vid: number, flags: Partial<BridgeVlan> = {}): BridgeVlan => ({
  ...{ dev, vid, pvid: false, untagged: false },
  ...flags,
});
const PVID = { pvid: true, untagged: true };

describe('bridge vlan show', () => {
  test.each<[string, string, BridgeVlan[]]>([
    [
      '3.10: tabs, a blank line behind each port, None for none',
      'port\tvlan ids\neth1\t 1 PVID Egress Untagged\n\t 10\n\t 20 Egress Untagged\n\neth2\tNone\n\nbr0\t 1 PVID Egress Untagged\n\n',
      [vlan('eth1', 1, PVID), vlan('eth1', 10), vlan('eth1', 20, { untagged: true }), vlan('br0', 1, PVID)],
    ],
    [
      '6.1: columns, and ranges where it was asked for them',
      'port              vlan-id  \neth1              5 PVID\n                  20-22\n',
      [vlan('eth1', 5, { pvid: true }), vlan('eth1', 20), vlan('eth1', 21), vlan('eth1', 22)],
    ],
    [
      'a port that is called as the heading is, and lines of details',
      'port              vlan-id  \nport              1 PVID Egress Untagged\n                    state forwarding mcast_router 1\n                  2\n',
      [vlan('port', 1, PVID), vlan('port', 2)],
    ],
    ['no bridge at all', 'port              vlan-id  \n', []],
    ['nothing', '', []],
  ])('%s', (_, text, expected) => expect(parseVlans(text)).toEqual(expected));
});

const links = new Map<string, Link>(
  [
    nic('eth1', { mac: '52:54:00:00:00:01', master: 'br0' }),
    nic('eth2', { mac: '52:54:00:00:00:02', master: 'br0', details: { promiscuity: '0' } }),
    nic('mv0', { mac: '52:54:00:00:00:77', lower: 'eth0', kind: 'macvlan' }),
    nic('eth0', { mac: '52:54:00:00:00:00' }),
    nic('br0', { mac: '52:54:00:00:00:aa', kind: 'bridge' }),
    nic('vx0', { mac: '52:54:00:00:00:05', kind: 'vxlan', info: ['id', '5', 'remote', '192.0.2.1'] }),
  ].map((link) => [link.name, link]),
);
const entry = (more: Partial<FdbEntry>): FdbEntry => ({
  ...{ lladdr: '02:00:00:00:00:99', dev: 'eth1', self: false, vlan: null, nud: 'static', flags: [] },
  ...{ dst: null, port: null, vni: null, via: null, srcVni: null },
  ...more,
});

describe('bridge fdb show', () => {
  test.each<[string, string, Partial<FdbEntry>]>([
    ['6.1', '02:00:00:00:00:99 dev eth1 master br0 static', {}],
    ['3.10: master without its name', '02:00:00:00:00:99 dev eth1 master static', {}],
    ['older still: neither', '02:00:00:00:00:99 dev eth1 vlan 7 static', { vlan: 7 }],
    [
      'flags, and times where it was asked for them',
      '02:00:00:00:00:99 dev eth1 vlan 10 used 5/3 sticky extern_learn master br0 permanent ',
      { vlan: 10, nud: 'permanent', flags: ['sticky', 'extern_learn'] },
    ],
    [
      'extern_learn alone',
      '02:00:00:00:00:99 dev eth1 extern_learn master br0 ',
      { nud: null, flags: ['extern_learn'] },
    ],
    [
      "a bridge's own",
      '02:00:00:00:00:99 dev br0 master br0 permanent',
      { dev: 'br0', self: true, nud: 'permanent' },
    ],
    ["a device's own", '02:00:00:00:00:99 dev eth1 self permanent', { self: true, nud: 'permanent' }],
    [
      'VXLAN',
      '00:00:00:00:00:00 dev vx0 dst 2001:db8::1 port 8472 vni 7 src_vni 5 via eth0 self permanent',
      {
        ...{ lladdr: '00:00:00:00:00:00', dev: 'vx0', self: true, nud: 'permanent', dst: '2001:db8::1' },
        ...{ port: 8472, vni: 7, srcVni: 5, via: 'eth0' },
      },
    ],
  ])('%s', (_, text, expected) => expect(parseFdb(text, links)).toEqual([entry(expected)]));

  test.each([
    ['what a port learned', '02:00:00:00:00:99 dev eth1 master br0 '],
    ['what it has not heard of for long', '02:00:00:00:00:99 dev eth1 master br0 stale'],
    ["the port's own MAC", '52:54:00:00:00:01 dev eth1 vlan 1 master br0 permanent'],
    ["the bridge's own MAC", '52:54:00:00:00:aa dev br0 master br0 permanent'],
    ['a group', '33:33:00:00:00:01 dev eth1 self permanent'],
    ['the MAC of a device above', '52:54:00:00:00:77 dev eth0 self permanent'],
    ['the end that a VXLAN device was made with', '00:00:00:00:00:00 dev vx0 dst 192.0.2.1 self permanent'],
  ])('is nobody’s: %s', (_, text) => expect(parseFdb(text, links)).toEqual([]));

  test('what a bridge hands on to a port that listens to nothing else is nobody’s', () => {
    const set = '02:00:00:00:00:99 dev eth1 master br0 static';
    const text = `${set}\n02:00:00:00:00:99 dev eth2 self permanent\n02:00:00:00:00:98 dev eth2 self permanent`;
    expect(parseFdb(text, links).map(({ lladdr, dev }) => [lladdr, dev])).toEqual([
      ['02:00:00:00:00:99', 'eth1'],
      ['02:00:00:00:00:98', 'eth2'],
    ]);
  });

  test('a line that is none is refused with its words', () => {
    expect(() => parseFdb('oops dev eth1', links)).toThrow(/bridge fdb.*"oops" is no MAC: oops dev eth1/);
  });
});

describe('the words of a port', () => {
  test('come from /sys where `ip` tells none', () => {
    const files = {
      path_cost: '4',
      priority: '32',
      hairpin_mode: '1',
      group_fwd_mask: '0x8',
      backup_port: '',
      state: '3',
    };
    expect(
      portWords(new Map(Object.entries(files).map(([file, value]) => [`brport/${file}`, value]))),
    ).toEqual([...['priority', '32', 'cost', '4', 'hairpin', 'on', 'group_fwd_mask', '0x8']]);
  });

  test('differ by what somebody sets, as far as both tell it', () => {
    const told = ['state', 'forwarding', 'cost', '4', 'hairpin', 'off'];
    expect(portsDiffer(told, ['state', 'disabled', 'cost', '4', 'hairpin', 'off', 'isolated', 'on'])).toBe(
      false,
    );
    expect(portsDiffer(told, ['state', 'forwarding', 'cost', '5'])).toBe(true);
    expect(portsDiffer(told, [])).toBe(false);
  });
});
