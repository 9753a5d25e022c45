/** Profiles of links that netplay makes, read by NetworkManager's own parser: of kinds that this kernel may lack, too. */
import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { linkLines } from '../../src/persist/nm/links.js';
import { ownMethodLines } from '../../src/persist/nm/methods.js';
import { ownProfile } from '../../src/persist/nm/part.js';
import { newLink } from '../../src/resources/links/new-link.js';
import type { Link } from '../../src/snapshot/model.js';
import { hasNetworkManager } from '../support/network-manager.js';

const UP = { flags: ['UP'], mtu: 0, txqueuelen: null } as const;

function link(name: string, kind: string, info: string, more: Partial<Link> = {}): Link {
  return newLink(name, { ...UP, kind, info: info.split(' ').filter((word) => word !== ''), ...more });
}

const LINKS = new Map(
  [
    link('br0', 'bridge', ''),
    link('bond0', 'bond', ''),
    link('vrf1', 'vrf', ''),
    link('eth1', 'veth', ''),
  ].map((each) => [each.name, each]),
);

/** As `ip -d` prints them, and what a profile must say. */
const CASES: readonly (readonly [Link, readonly string[]])[] = [
  [link('d0', 'dummy', '', { master: 'br0', mtu: 9000 }), ['master=br0', 'slave-type=bridge', 'mtu=9000']],
  [
    link(
      'eth1.5',
      'vlan',
      'protocol 802.1Q id 5 <REORDER_HDR,GVRP> ingress-qos-map { 1:2 } egress-qos-map { 3:4 5:6 }',
      {
        lower: 'eth1',
      },
    ),
    ['id=5', 'flags=3', 'parent=eth1', 'ingress-priority-map=1:2', 'egress-priority-map=3:4;5:6'],
  ],
  [
    link('q0', 'vlan', 'protocol 802.1ad id 7 <REORDER_HDR>', { lower: 'eth1' }),
    ['protocol=802.1ad', 'flags=1'],
  ],
  [
    link('m0', 'macvlan', 'mode bridge bcqueuelen 1000 usedbcqueuelen 1000', { lower: 'eth1' }),
    ['mode=2', 'parent=eth1'],
  ],
  [
    link(
      'bond0',
      'bond',
      'mode 802.3ad miimon 100 updelay 200 downdelay 0 lacp_rate fast xmit_hash_policy layer3+4 min_links 1',
    ),
    [
      'mode=802.3ad',
      'miimon=100',
      'updelay=200',
      'lacp_rate=fast',
      'xmit_hash_policy=layer3+4',
      'min_links=1',
    ],
  ],
  [
    link(
      'bond1',
      'bond',
      'mode active-backup miimon 0 arp_interval 500 arp_ip_target 10.0.0.1,10.0.0.2 primary eth1 fail_over_mac active',
    ),
    ['arp_interval=500', 'arp_ip_target=10.0.0.1,10.0.0.2', 'primary=eth1', 'fail_over_mac=active'],
  ],
  [link('bond2', 'bond', 'mode balance-rr miimon 0'), ['mode=balance-rr', 'miimon=0']],
  [
    link(
      'vx0',
      'vxlan',
      'id 5 remote 10.0.0.9 local 10.0.0.5 dev eth1 srcport 0 0 dstport 4789 nolearning ttl auto ageing 600 maxaddr 9',
    ),
    [
      'id=5',
      'remote=10.0.0.9',
      'local=10.0.0.5',
      'parent=eth1',
      'destination-port=4789',
      'learning=false',
      'ageing=600',
      'limit=9',
    ],
  ],
  [
    link('g0', 'gre', 'remote 10.0.0.9 local 10.0.0.5 dev eth1 ttl 9 tos 0x10 ikey 0.0.0.5 okey 0.0.0.6', {
      mtu: 1400,
    }),
    [
      'mode=2',
      'remote=10.0.0.9',
      'ttl=9',
      'tos=16',
      'input-key=5',
      'output-key=6',
      'mtu=1400',
      'parent=eth1',
    ],
  ],
  [
    link('g1', 'gretap', 'remote 10.0.0.9 local 10.0.0.5 ttl inherit', { master: 'br0' }),
    ['mode=10', 'master=br0'],
  ],
  [
    link('i0', 'ipip', 'ipip remote 10.0.0.9 local 10.0.0.5 ttl inherit nopmtudisc'),
    ['mode=1', 'path-mtu-discovery=false'],
  ],
  [link('vrf1', 'vrf', 'table 100', { flags: ['UP', 'NOARP'] }), ['table=100']],
  [
    link('tun0', 'tun', '', {
      tun: { mode: 'tun', owner: 1000, group: 100, multiQueue: true, vnetHdr: false, persistent: true },
    }),
    ['mode=1', 'owner=1000', 'group=100', 'multi-queue=true'],
  ],
];

function profileOf(item: Link): string {
  const lines = linkLines(item, { links: LINKS });
  if (typeof lines === 'string') throw new Error(lines);
  return ownProfile([...lines, ...ownMethodLines(lines)]);
}

/** What NetworkManager understands of a profile, as it would write it; what it does not know is left out. */
function understood(profile: string): string[] {
  const result = spawnSync('nmcli', ['--offline', 'connection', 'modify', 'connection.autoconnect', 'yes'], {
    input: profile,
    encoding: 'utf8',
  });
  expect(result.stderr).toBe('');
  return keysOf(result.stdout);
}

function keysOf(profile: string): string[] {
  return profile
    .split('\n')
    .filter((line) => line.includes('='))
    .map((line) => line.replace(/;$/, ''))
    .sort();
}

describe.skipIf(!hasNetworkManager)('profiles of links', () => {
  test.each(CASES)('$kind $name', (item, words) => {
    const profile = profileOf(item);
    expect(keysOf(profile)).toEqual(expect.arrayContaining([...words]));
    // Usual values it leaves out.
    const usual = ['flags=1', 'mode=1', 'autoconnect=true'];
    expect(understood(profile).concat(usual)).toEqual(
      expect.arrayContaining(keysOf(profile).filter((line) => !usual.includes(line))),
    );
  });

  test.each<[string, Link]>([
    ['it has no links that are down', link('d1', 'dummy', '', { flags: [] })],
    ["it has no word for a link's alias", link('d1', 'dummy', '', { alias: 'x' })],
    [
      'it has no word for bridge_binding',
      link('v1', 'vlan', 'protocol 802.1Q id 5 <BRIDGE_BINDING>', { lower: 'eth1' }),
    ],
    ['it has no macvlan of mode source', link('m1', 'macvlan', 'mode source', { lower: 'eth1' })],
    ['it has no word for df of a VXLAN', link('vx1', 'vxlan', 'id 5 df set')],
    [
      'it has no word for lacp_active of a bond',
      link('b1', 'bond', 'mode 802.3ad miimon 100 lacp_active off'),
    ],
    ['it has no profiles of ifb links that netplay knows', link('ifb1', 'ifb', '')],
    ['the name a;b does not fit its profiles', link('a;b', 'dummy', '')],
  ])('left: %s', (why, item) => {
    expect(linkLines(item, { links: LINKS })).toBe(why);
  });
});
