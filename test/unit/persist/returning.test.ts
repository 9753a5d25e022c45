/** What is taken away and stands in somebody else's files is there again after a reboot: that is a warning. */
import { describe, expect, it } from 'vitest';
import { backends } from '../../../src/persist/registry.js';
import { returning } from '../../../src/persist/returning.js';
import type { Snapshot } from '../../../src/snapshot/model.js';
import { snapshotOf } from '../../support/snapshots.js';

const NM = '/etc/NetworkManager/system-connections/lan.nmconnection';

/** By backend: what makes eth0 its own, and says 10.0.0.5/24 and a route by 10.0.0.9. */
const HOSTS: Record<string, { facts: Record<string, string>; files: Record<string, string>; why: string }> = {
  ifupdown: {
    facts: { 'tool ifup': '' },
    files: {
      '/etc/network/interfaces':
        'auto eth0\niface eth0 inet static\n  address 10.0.0.5\n  netmask 255.255.255.0\n  up ip route add 10.9.0.0/16 via 10.0.0.9 dev eth0\nsource /etc/network/interfaces.d/*\n',
    },
    why: 'iface eth0 in /etc/network/interfaces',
  },
  networkd: {
    facts: { 'networkd 1': 'configured /etc/systemd/network/10-lan.network' },
    files: {
      '/etc/systemd/network/10-lan.network':
        '[Match]\nName=eth0\n\n[Network]\nAddress=10.0.0.5/24\n\n[Route]\nDestination=10.9.0.0/16\nGateway=10.0.0.9\n',
    },
    why: '/etc/systemd/network/10-lan.network of systemd-networkd',
  },
  networkmanager: {
    facts: { 'nm version': '1.42.4', 'nm 1': 'true 1-2-3' },
    files: {
      [NM]: '[connection]\nid=lan\nuuid=1-2-3\ntype=ethernet\ninterface-name=eth0\n\n[ipv4]\nmethod=manual\naddress1=10.0.0.5/24\nroute1=10.9.0.0/16,10.0.0.9\n',
    },
    why: "NetworkManager's connection lan",
  },
  netplan: {
    facts: {
      'tool netplan': '',
      'networkd 1': 'configured /run/systemd/network/10-netplan-eth0.network',
    },
    files: {
      '/etc/netplan/01-own.yaml':
        'network:\n  version: 2\n  ethernets:\n    eth0:\n      addresses: [10.0.0.5/24]\n      routes: [{to: 10.9.0.0/16, via: 10.0.0.9}]\n',
    },
    why: 'ethernets.eth0 of netplan, by networkd',
  },
};

describe.each(Object.entries(HOSTS))('%s', (name, { facts, files, why }) => {
  const host = (
    addresses: readonly string[],
    routes4: string,
    bare = snapshotOf({ links: ['eth0'], addresses, routes4 }),
  ): Snapshot => ({
    ...bare,
    addresses: bare.addresses.map((address) => ({ ...address, broadcast: '10.0.0.255' })),
    files: new Map(Object.entries(files).map(([path, content]) => [path, { content, mode: '600' }])),
    boot: { init: 'systemd', facts: new Map(Object.entries(facts)) },
  });
  // NetworkManager gives its routes a metric of its own.
  const metric = name === 'networkmanager' ? ' metric 100' : '';
  const route = (dst: string): string =>
    `unicast ${dst} via 10.0.0.9 dev eth0 proto static scope global${metric}\n`;

  it('an address and a route of its own files come back, others do not', () => {
    const before = host(
      ['eth0 10.0.0.5/24', 'eth0 10.0.0.6/24'],
      `${route('10.9.0.0/16')}${route('10.8.0.0/16')}`,
    );
    expect(returning(backends, before, host([], ''))).toEqual([
      `address 10.0.0.5/24 dev eth0 is there again after the next boot: ${why} says so`,
      `route 10.9.0.0/16${metric} is there again after the next boot: ${why} says so`,
    ]);
    expect(returning(backends, before, before)).toEqual([]);
  });
});
