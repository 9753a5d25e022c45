import { describe, expect, it } from 'vitest';
import { Chooser } from '../../../src/persist/choose.js';
import { networkd } from '../../../src/persist/networkd.js';
import type { Entry } from '../../../src/persist/record.js';
import { backends } from '../../../src/persist/registry.js';
import { type Kept, keptKey } from '../../../src/snapshot/kept.js';
import type { HostFile, Snapshot } from '../../../src/snapshot/model.js';
import { type Host, snapshotOf } from '../../support/snapshots.js';

const OWN = '/etc/systemd/network/10-lan.network';
const DROP_IN = '/etc/systemd/network/10-lan.network.d/netplay.conf';
const HEAD =
  '# Made by netplay: what it keeps over a reboot. What is changed here is lost with its next run.\n';

/** eth0 has a file of its own, and eth1 and eth2 have one together. */
function host(more: Host = {}, facts: Readonly<Record<string, string>> = {}): Snapshot {
  const all = {
    'networkd 1': `configured ${OWN}`,
    'networkd 2': 'configured /etc/systemd/network/20-all.network',
    'networkd 3': 'configured /etc/systemd/network/20-all.network',
    'networkd 4': 'unmanaged ',
    'networkd 5': 'configured /run/systemd/network/10-netplan-eth4.network',
    ...facts,
  };
  return {
    ...snapshotOf({
      links: ['eth0', 'eth1', 'eth2', 'eth3', 'eth4'],
      addresses: ['eth0 10.0.0.5/24'],
      routes4: 'unicast default via 10.0.0.1 dev eth0 table 100 proto 201 scope global',
      rules4: '1000:\tfrom 10.0.0.5 lookup 100 proto 201\n1001:\tfrom all fwmark 0x7 lookup 200 proto 201',
      ...more,
    }),
    boot: { init: 'systemd', facts: new Map(Object.entries(all)) },
  };
}

function entriesOf(kept: readonly Kept[]): Entry[] {
  return kept.map((each) => ({ key: keptKey(each), by: 'auto', kept: each }));
}

function all(snapshot: Snapshot): Entry[] {
  return entriesOf([
    ...snapshot.addresses.map((item) => ({ kind: 'address', item }) as const),
    ...snapshot.routes.map((item) => ({ kind: 'route', item }) as const),
    ...snapshot.rules.map((item) => ({ kind: 'rule', item }) as const),
  ]);
}

function contents(entries: readonly Entry[], snapshot: Snapshot): Record<string, string | null> {
  const { files } = networkd.write(entries, snapshot);
  return Object.fromEntries(files.map(({ path, file }) => [path, file?.content ?? null]));
}

describe('whose a link is', () => {
  it.each([
    ['eth0', `${OWN} of systemd-networkd`],
    ['eth3', undefined],
    ['eth4', undefined],
    ['eth9', undefined],
  ])('%s: %s', (dev, why) => {
    expect(networkd.manages(dev, host())).toBe(why);
  });

  it('gives a rule without a device to networkd, which would take it away otherwise', () => {
    const snapshot = host({ addresses: [], routes4: '' });
    const entries = all(snapshot);
    const chosen = (of: Snapshot) =>
      entries.map((entry) => new Chooser(backends, of, entries).choose(entry).backend);
    expect(chosen(snapshot)).toEqual(['networkd', 'networkd']);
    const told = (files: Readonly<Record<string, string>>) => {
      const said = Object.entries(files).map(([path, word]): [string, HostFile] => [
        path,
        { content: `[Network]\nManageForeignRoutingPolicyRules = ${word}\n`, mode: '644' },
      ]);
      return chosen({ ...snapshot, files: new Map(said) });
    };
    const [boot, own] = [
      ['boot', 'boot'],
      ['networkd', 'networkd'],
    ];
    expect(told({ '/etc/systemd/networkd.conf': 'no' })).toEqual(boot);
    const vendor = '/usr/lib/systemd/networkd.conf.d/20-a.conf';
    expect(told({ '/etc/systemd/networkd.conf': 'yes', [vendor]: 'no' })).toEqual(boot);
    expect(told({ '/etc/systemd/networkd.conf.d/10-b.conf': 'yes', [vendor]: 'no' })).toEqual(boot);
    expect(told({ '/etc/systemd/networkd.conf.d/20-a.conf': 'yes', [vendor]: 'no' })).toEqual(own);
  });
});

describe('a drop-in', () => {
  it('holds all that belongs to the link, and rules', () => {
    const snapshot = host();
    expect(contents(all(snapshot), snapshot)).toEqual({
      [DROP_IN]: `${HEAD}[Address]
Address=10.0.0.5/24
Broadcast=no

[Route]
Destination=0.0.0.0/0
Gateway=10.0.0.1
Scope=global
Table=100
Protocol=201

[RoutingPolicyRule]
From=10.0.0.5
Table=100
Priority=1000

[RoutingPolicyRule]
FirewallMark=7
Table=200
Priority=1001
`,
    });
  });

  it('does not say what the file that it belongs to says', () => {
    const snapshot = host({
      rules4: '',
      routes4: 'unicast default via 10.0.0.1 dev eth0 proto static scope global',
      files: {
        [OWN]: { content: '[Match]\nName=eth0\n[Network]\nGateway = 10.0.0.1\n', mode: '644' },
        '/etc/systemd/network/10-lan.network.d/more.conf': {
          content: '[Address]\nBroadcast=no\nAddress=10.0.0.5/24\n',
          mode: '644',
        },
      },
    });
    expect(contents(all(snapshot), snapshot)).toEqual({ [DROP_IN]: null });
  });

  it('is taken away where nothing is kept any more; a stranger that has the name stays', () => {
    const strange = '/etc/systemd/network/20-all.network.d/netplay.conf';
    const made = '/etc/systemd/network/50-netplay-br0.netdev';
    const files = {
      [DROP_IN]: { content: `${HEAD}[Network]\n`, mode: '644' },
      [made]: { content: `${HEAD}[NetDev]\n`, mode: '644' },
      [strange]: { content: '[Network]\nDHCP=yes\n', mode: '644' },
    };
    expect(contents([], host({ files }))).toEqual({ [DROP_IN]: null, [made]: null });
  });
});

describe('what networkd has no words for', () => {
  const route = (text: string): Snapshot =>
    host({ addresses: [], rules4: '', routes4: `unicast 10.9.0.0/16 ${text}` });
  it.each([
    ['via 10.0.0.1 dev eth0 tos 0x10 proto 201 scope global', 'a route with a TOS'],
    ['via 10.0.0.1 dev eth0 proto 201 scope global realms 5', 'realms of a route'],
    ['via 10.0.0.1 dev eth0 proto 201 scope global rto_min 5ms', 'rto_min of a route'],
  ])('%s: %s', (text, why) => {
    const snapshot = route(text);
    const { left, warnings } = networkd.write(all(snapshot), snapshot);
    expect(left.map((one) => one.why)).toEqual([`networkd has no words for ${why}`]);
    expect(warnings?.join()).toContain('ManageForeignRoutes=no');
  });

  it.each([
    ['1000:\tfrom 10.0.0.5 prohibit', 'a rule with the action prohibit'],
    ['1000:\tfrom 10.0.0.5 fwmark 0/0xff lookup 100', 'a rule for the mark 0'],
    ['1000:\tfrom 10.0.0.5 iif 7 lookup 100', 'a device of this name'],
  ])('%s: %s', (rules4, why) => {
    const snapshot = host({ addresses: [], routes4: '', rules4 });
    const { left } = networkd.write(all(snapshot), snapshot);
    expect(left.map((one) => one.why)).toEqual([`networkd has no words for ${why}`]);
  });

  it('leaves to boot what belongs to one link of a file for several', () => {
    const snapshot = host({ addresses: ['eth1 10.1.0.5/24'], routes4: '', rules4: '' });
    const { left } = networkd.write(all(snapshot), snapshot);
    expect(left.map(({ why }) => why)).toEqual(['/etc/systemd/network/20-all.network is for eth1 and eth2']);
  });

  it('takes no device whose name is a pattern', () => {
    const snapshot = host({ links: ['e*'], addresses: ['e* 10.1.0.5/24'], routes4: '', rules4: '' });
    const { left } = networkd.write(all(snapshot), snapshot);
    expect(left.map(({ why }) => why)).toEqual(['networkd takes no device that is called e*']);
  });
});

describe('links and their settings', () => {
  const setting = (words: readonly string[], dev = 'eth0'): Kept => ({
    kind: 'setting',
    dev,
    name: words[0] ?? '',
    words,
  });
  const bare = host().links.get('eth0');
  if (bare === undefined) throw new Error('no eth0');

  it('sets what ip link set sets', () => {
    const kept = [
      setting(['mtu', '1400']),
      setting(['address', '02:00:00:00:00:01']),
      setting(['promisc', 'on']),
      setting(['down']),
      setting(['type', 'bridge_slave', 'cost', '7', 'isolated', 'on']),
    ];
    const text = contents(entriesOf(kept), host())[DROP_IN];
    expect(text).toBe(
      `${HEAD}[Link]\nMTUBytes=1400\nMACAddress=02:00:00:00:00:01\nPromiscuous=yes\nActivationPolicy=down\n\n[Bridge]\nCost=7\nIsolated=yes\n`,
    );
  });

  it('tells the device below of a VLAN', () => {
    const info = ['protocol', '802.1Q', 'id', '5', '<REORDER_HDR>'];
    const item = { ...bare, name: 'eth0.5', kind: 'vlan', lower: 'eth0', info, addrgenmode: 'eui64' };
    expect(contents(entriesOf([{ kind: 'link', item }]), host())).toEqual({
      [DROP_IN]: `${HEAD}[Network]\nVLAN=eth0.5\n`,
      '/etc/systemd/network/50-netplay-eth0.5.netdev': `${HEAD}[NetDev]\nName=eth0.5\nKind=vlan\n\n[VLAN]\nId=5\n`,
      '/etc/systemd/network/50-netplay-eth0.5.network': `${HEAD}[Match]\nName=eth0.5\n\n[Link]\nRequiredForOnline=no\n\n[Network]\nConfigureWithoutCarrier=yes\nLinkLocalAddressing=ipv6\n`,
    });
  });

  it('leaves a link of a kind that it does not write to boot, and keeps its addresses', () => {
    const item = { ...bare, name: 'wg0', kind: 'wireguard' };
    const snapshot = host({ addresses: ['wg0 10.1.0.5/24'], routes4: '', rules4: '' });
    const entries = [...entriesOf([{ kind: 'link', item }]), ...all(snapshot)];
    const { left } = networkd.write(entries, snapshot);
    expect(left.map(({ why }) => why)).toEqual(['networkd has no words for a link of the kind wireguard']);
    expect(Object.keys(contents(entries, snapshot))).toEqual(['/etc/systemd/network/50-netplay-wg0.network']);
  });
});
