import { describe, expect, it } from 'vitest';
import { netplan } from '../../../src/persist/netplan.js';
import type { Entry } from '../../../src/persist/record.js';
import { type Kept, keptKey } from '../../../src/snapshot/kept.js';
import type { Snapshot } from '../../../src/snapshot/model.js';
import { type Host, snapshotOf } from '../../support/snapshots.js';

const OWN = '/etc/netplan/90-netplay.yaml';
const HEAD =
  '# Made by netplay: what it keeps over a reboot. What is changed here is lost with its next run.\n';
const CLOUD = `network:
  version: 2
  ethernets:
    eth0:
      addresses: [10.0.0.5/24]
      routes: [{to: 10.9.0.0/16, via: 10.0.0.1, table: "100"}]
    lan: {match: {name: eth1}}
    wan: {match: {macaddress: "02:00:00:00:00:03"}}
`;

const file = (content: string) => ({ content, mode: '600' });

/** eth0 and eth1 are networkd's, eth2 is NetworkManager's, eth3 nobody's. */
function host(more: Host = {}): Snapshot {
  const made = snapshotOf({
    links: ['eth0', 'eth1', 'eth2', 'eth3'],
    ...more,
    files: {
      '/etc/netplan/50-cloud.yaml': file(CLOUD),
      '/etc/netplan/60-broken.yaml': file('network: [\n'),
      '/run/NetworkManager/system-connections/netplan-wan.nmconnection': file(
        '[connection]\nid=netplan-wan\ntype=ethernet\n[ethernet]\nmac-address=02:00:00:00:00:03\n',
      ),
      ...more.files,
    },
  });
  const links = new Map(
    [...made.links].map(([name, link]) => [name, { ...link, mac: `02:00:00:00:00:0${link.index}` }]),
  );
  const facts = {
    'networkd 1': 'configured /run/systemd/network/10-netplan-eth0.network',
    'networkd 2': 'configured /run/systemd/network/10-netplan-lan.network',
    'nm 3': 'true 1-2-3',
    'nm 4': 'true 1-2-4',
  };
  return { ...made, links, boot: { init: 'systemd', facts: new Map(Object.entries(facts)) } };
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

function content(entries: readonly Entry[], snapshot: Snapshot): string | null | undefined {
  const [only, ...more] = netplan.write(entries, snapshot).files;
  expect(more).toEqual([]);
  return only && (only.file?.content ?? null);
}

describe('whose a link is', () => {
  it.each([
    ['eth0', 'ethernets.eth0 of netplan, by networkd'],
    ['eth1', 'ethernets.lan of netplan, by networkd'],
    ['eth2', 'ethernets.wan of netplan, by NetworkManager'],
    ['eth3', undefined],
  ])('%s: %s', (dev, why) => {
    expect(netplan.manages(dev, host())).toBe(why);
  });
});

describe('the file of its own', () => {
  it('holds what belongs to each device under the name that netplan has for it', () => {
    const snapshot = host({
      addresses: ['eth1 10.1.0.5/24', 'eth2 10.2.0.5/24'],
      routes4: 'unicast default via 10.1.0.1 dev eth1 table 100 proto 201 scope global onlink',
      rules4: '1000:\tfrom 10.1.0.5 fwmark 0x7 lookup 100 proto 201',
    });
    const { files, left } = netplan.write(all(snapshot), snapshot);
    expect(left).toEqual([]);
    expect(files[0]?.file).toEqual({
      mode: '600',
      content: `${HEAD}network:
  version: 2
  ethernets:
    lan:
      addresses:
        - 10.1.0.5/24
      routes:
        - to: 0.0.0.0/0
          via: 10.1.0.1
          on-link: true
          table: 100
      routing-policy:
        - from: 10.1.0.5
          mark: 7
          table: 100
          priority: 1000
    wan:
      addresses:
        - 10.2.0.5/24
`,
    });
  });

  it('does not say what another file says', () => {
    const snapshot = host({
      addresses: ['eth0 10.0.0.5/24'],
      routes4: 'unicast 10.9.0.0/16 via 10.0.0.1 dev eth0 table 100 proto 201 scope global',
    });
    expect(content(all(snapshot), snapshot)).toBeUndefined();
  });

  it('is taken away where nothing is kept any more', () => {
    expect(content([], host({ files: { [OWN]: file(`${HEAD}network: {}\n`) } }))).toBeNull();
  });

  it('makes links, with their ports by the names that netplan has', () => {
    const bare = host().links.get('eth0');
    if (bare === undefined) throw new Error('no eth0');
    const vlan = {
      ...bare,
      ...{ name: '__proto__', kind: 'vlan', lower: 'eth1', addrAssignType: 0, mtu: 1400 },
      info: ['protocol', '802.1Q', 'id', '5', '<REORDER_HDR>'],
    };
    // No task asks for the VRF's MTU.
    const vrf = {
      ...bare,
      ...{ name: 'blue', kind: 'vrf', addrAssignType: 1, mtu: 0, info: ['table', '500'] },
    };
    const port: Kept = { kind: 'setting', dev: 'eth1', name: 'master', words: ['master', 'blue'] };
    const entries = entriesOf([port, { kind: 'link', item: vlan }, { kind: 'link', item: vrf }]);
    expect(content(entries, host())).toBe(`${HEAD}network:
  version: 2
  vrfs:
    blue:
      interfaces:
        - lan
      table: 500
  vlans:
    __proto__:
      id: 5
      link: lan
      mtu: 1400
`);
  });
});

describe('what netplan has no words for', () => {
  it.each([
    ['route', '10.9.0.0/16 via 10.1.0.1 dev eth1 table 4000000000 scope global', 'above 2147483647'],
    ['route', '10.9.0.0/16 via 10.1.0.1 dev eth1 scope global advmss 1300', 'advmss of a route'],
    ['route', '10.9.0.0/16 via inet6 fe80::1 dev eth1 scope global', 'a gateway of the other family'],
    ['route', '10.9.0.0/16 dev eth1 scope global', 'a route with the scope 0'],
    ['route', '10.9.0.0/16 dev eth3 scope link', 'no definition of eth3'],
    ['rule', '1000:\tfrom all fwmark 0x7 lookup 100', 'neither from nor to'],
    ['rule', '1000:\tfrom 10.1.0.5 fwmark 0x7/0xff lookup 100', 'a rule with a mask'],
    ['rule', '1000:\tfrom 10.1.0.5 iif eth1 lookup 100', 'more than addresses, mark and TOS'],
  ])('%s %s: %s', (kind, text, why) => {
    const snapshot = host(kind === 'rule' ? { rules4: text } : { routes4: `unicast ${text}` });
    const { left } = netplan.write(all(snapshot), snapshot);
    expect(left.map((one) => one.why)).toEqual([expect.stringContaining(why)]);
  });

  it.each([
    ['its MAC', { addrAssignType: 3, mtu: 0 }],
    ['its MTU', { addrAssignType: 1, mtu: 1400 }],
    ['its way to link-local addresses', { addrAssignType: 1, mtu: 0, addrgenmode: 'none' }],
  ])('a VRF and %s', (_, own) => {
    const bare = host().links.get('eth0');
    if (bare === undefined) throw new Error('no eth0');
    const item = { ...bare, name: 'blue', kind: 'vrf', info: ['table', '500'], ...own };
    const { left } = netplan.write(entriesOf([{ kind: 'link', item }]), host());
    expect(left.map(({ why }) => why)).toEqual([
      'netplan has no words for the MTU, MAC or addrgenmode of a VRF',
    ]);
  });

  it('an address of a VRF', () => {
    const snapshot = host({ links: ['eth0', 'blue'], addresses: ['blue 10.1.0.1/32'] });
    const bare = snapshot.links.get('blue');
    if (bare === undefined) throw new Error('no blue');
    const item = { ...bare, kind: 'vrf', info: ['table', '500'], addrAssignType: 1, mtu: 0 };
    const entries = [...entriesOf([{ kind: 'link', item }]), ...all(snapshot)];
    const { left } = netplan.write(entries, snapshot);
    expect(left.map(({ why }) => why)).toEqual(['netplan has no words for an address of a VRF']);
  });

  it('leaves the rules of a device of NetworkManager to boot: netplan writes nothing of them', () => {
    const snapshot = host({ addresses: ['eth2 10.2.0.5/24'], rules4: '1000:\tfrom 10.2.0.5 lookup 100' });
    const { left } = netplan.write(all(snapshot), snapshot);
    expect(left.map(({ why }) => why)).toEqual(['netplan has no words for rules with NetworkManager']);
  });
});
