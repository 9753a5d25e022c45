/** What is written for Red Hat's network-scripts: files, what they have no words for, and what is not said twice. */
import { expect, test } from 'vitest';
import { networkScripts } from '../../../src/persist/network-scripts.js';
import type { Entry } from '../../../src/persist/record.js';
import type { Kept } from '../../../src/snapshot/kept.js';
import { addressOn, nic } from '../../support/host-state.js';
import { keeper, keptEntry, madeLink, routeFrom, ruleFrom, textOf } from '../../support/kept.js';

const FOLDER = '/etc/sysconfig/network-scripts';
const MADE = '# Made by netplay from /etc/netplay/persistent.jsonl: what is changed here is lost.\n';
const ETH1 = 'DEVICE=eth1\nONBOOT=yes\nIPADDR=10.0.0.5\nPREFIX=24\n';

function host(
  files: Readonly<Record<string, string>> = {},
  facts: readonly string[] = ['tool network-scripts'],
) {
  return keeper(facts, {
    links: [nic('eth1', { index: 2, mac: '52:54:00:00:00:01' }), nic('eth2', { index: 3 })],
    addresses: [addressOn('eth1', '10.0.0.5/24')],
    files: Object.fromEntries(
      Object.entries({ 'ifcfg-eth1': ETH1, ...files }).map(([name, text]) => [`${FOLDER}/${name}`, text]),
    ),
  });
}

/** By name, what is written. */
function written(entries: readonly Entry[], snapshot = host()): Record<string, string | null> {
  const all = Object.entries(textOf(networkScripts.write(entries, snapshot)));
  return Object.fromEntries(all.map(([path, text]) => [path.slice(FOLDER.length + 1), text]));
}

function part(...lines: readonly string[]): string {
  return `# netplay: begin\n${lines.join('\n')}\n# netplay: end\n`;
}

const own = (name: string, ...lines: readonly string[]): string =>
  `${MADE}DEVICE=${name}\nONBOOT=yes\nBOOTPROTO=none\nNM_CONTROLLED=no\nNOZEROCONF=yes\n${lines.join('\n')}\n`;

function setting(dev: string, name: string, words: readonly string[], needs?: string): Entry {
  return keptEntry({ kind: 'setting', dev, name, words, ...(needs !== undefined && { needs }) });
}

const ROUTE = keptEntry({
  kind: 'route',
  item: routeFrom('10.9.0.0/16 via 10.0.0.1 dev eth1 table 1 proto 201'),
});
const RULE = keptEntry({ kind: 'rule', item: ruleFrom('100: from 10.0.0.5 lookup 1') });

test('route-DEV and rule-DEV, as the documents end with them', () => {
  expect(written([ROUTE, RULE])).toEqual({
    'route-eth1': part('10.9.0.0/16 via 10.0.0.1 dev eth1 table 1 proto 201'),
    'rule-eth1': part('from 10.0.0.5 priority 100 table 1'),
  });
});

const BOND = [
  ...['mode', 'active-backup', 'miimon', '100', 'updelay', '0', 'downdelay', '0', 'use_carrier', '1'],
  ...['primary', 'eth1', 'fail_over_mac', 'active'],
];

test.each<[name: string, entries: readonly Entry[], files: Readonly<Record<string, string>>]>([
  [
    'a bond and its port',
    [
      keptEntry(madeLink('bond0', 'bond', { info: BOND })),
      setting('eth1', 'master', ['master', 'bond0'], 'bond0'),
    ],
    {
      'ifcfg-bond0': own(
        'bond0',
        'TYPE=Bond',
        'BONDING_MASTER=yes',
        'BONDING_OPTS="mode=active-backup fail_over_mac=active miimon=100 primary=eth1"',
      ),
      'ifcfg-eth1': `${ETH1}${part('MASTER=bond0', 'SLAVE=yes')}`,
    },
  ],
  [
    'a VLAN by the name of its device',
    [
      keptEntry(
        madeLink('eth1.5', 'vlan', { lower: 'eth1', info: ['protocol', '802.1Q', 'id', '5', '<GVRP>'] }),
      ),
    ],
    { 'ifcfg-eth1.5': own('eth1.5', 'VLAN=yes', 'REORDER_HDR=no', 'GVRP=yes') },
  ],
  [
    'a VLAN by its number',
    [keptEntry(madeLink('vlan5', 'vlan', { lower: 'eth1', info: ['id', '5', '<REORDER_HDR>'] }))],
    { 'ifcfg-vlan5': own('vlan5', 'VLAN=yes', 'PHYSDEV=eth1') },
  ],
  [
    'settings of a NIC, some of which its file has',
    [setting('eth1', 'mtu', ['mtu', '9000']), setting('eth1', 'state', ['up'])],
    { 'ifcfg-eth1': `${ETH1}${part('MTU=9000')}` },
  ],
  [
    'a device without a file of its own, where somebody wants it so',
    [
      keptEntry(
        { kind: 'route', item: routeFrom('10.9.0.0/16 dev eth2 proto 201 scope 253') },
        'network-scripts',
      ),
    ],
    {
      'ifcfg-eth2': own('eth2').trimEnd().concat('\n'),
      'route-eth2': part('10.9.0.0/16 dev eth2 table 254 proto 201'),
    },
  ],
])('%s', (_, entries, files) => {
  const { left } = networkScripts.write(entries, host());
  expect(left).toEqual([]);
  expect(written(entries)).toEqual(files);
});

test.each<[name: string, kept: Kept, why: RegExp]>([
  [
    'a VLAN of another name',
    madeLink('trunk', 'vlan', { lower: 'eth1', info: ['id', '5'] }),
    /by its name alone: eth1\.5, vlan5/,
  ],
  [
    'a VLAN of 802.1ad',
    madeLink('eth1.5', 'vlan', { lower: 'eth1', info: ['protocol', '802.1ad', 'id', '5'] }),
    /no word for a VLAN's protocol/,
  ],
  ['a kind that it does not make', madeLink('d0', 'dummy'), /make no dummy/],
  [
    'a link that is down',
    madeLink('br0', 'bridge', { flags: [], bridge: null }),
    /bring up whatever they make/,
  ],
  ['a setting', setting('eth1', 'txqueuelen', ['txqueuelen', '5']).kept, /no word for txqueuelen/],
  [
    'an address with a label',
    { kind: 'address', item: addressOn('eth1', '10.0.0.6/24', { label: 'eth1:x' }) },
    /no words for more/,
  ],
  [
    'a route without a device',
    { kind: 'route', item: routeFrom('blackhole 10.66.0.0/16') },
    /without a device/,
  ],
  [
    'a rule that no device is near to',
    { kind: 'rule', item: ruleFrom('900: from all fwmark 0x5 lookup 77') },
    /none is near to it/,
  ],
  ['a name that ifup does not look for', madeLink('br%0', 'bridge', { bridge: null }), /no ifcfg-br%0/],
])('%s is left to others', (_, kept, why) => {
  const { left, files } = networkScripts.write([keptEntry(kept)], host());
  expect(files).toEqual([]);
  expect(left).toEqual([{ entry: keptEntry(kept), why: expect.stringMatching(why) }]);
});

test('pitfall 45: a file of the form ADDRESSn= takes no lines of the other', () => {
  const { left } = networkScripts.write(
    [ROUTE],
    host({ 'route-eth1': 'ADDRESS0=10.8.0.0\nNETMASK0=255.255.0.0\n' }),
  );
  expect(left.map(({ why }) => why)).toEqual([
    `${FOLDER}/route-eth1 has the form ADDRESSn=, which takes no other lines`,
  ]);
});

test("a line of somebody's that says otherwise, or the same", () => {
  const other = host({ 'route-eth1': '10.9.0.0/16 via 10.0.0.2 dev eth1 table 1\n' });
  expect(networkScripts.write([ROUTE], other).left[0]?.why).toMatch(
    /says otherwise: 10\.9\.0\.0\/16 via 10\.0\.0\.2/,
  );
  const same = host({ 'route-eth1': '10.9.0.0/16 via 10.0.0.1 dev eth1 tab 1' });
  expect(networkScripts.write([ROUTE], same)).toEqual({ files: [], left: [], warnings: [] });
});

test('GATEWAY is the default route of the main table', () => {
  const gateway = host({ 'ifcfg-eth1': `${ETH1}GATEWAY=10.0.0.1\n` });
  const same = keptEntry({ kind: 'route', item: routeFrom('default via 10.0.0.1 dev eth1') });
  expect(networkScripts.write([same], gateway)).toEqual({ files: [], left: [], warnings: [] });
  const other = keptEntry({ kind: 'route', item: routeFrom('default via 10.0.0.9 dev eth1') });
  expect(networkScripts.write([other], gateway).left[0]?.why).toMatch(/GATEWAY/);
});

test('addresses beside DHCP are left to others', () => {
  const dhcp = host({ 'ifcfg-eth1': 'DEVICE=eth1\nBOOTPROTO="dhcp"\n' });
  const entry = keptEntry({ kind: 'address', item: addressOn('eth1', '10.0.0.6/24') });
  expect(networkScripts.write([entry], dhcp).left[0]?.why).toMatch(/BOOTPROTO is dhcp/);
});

test('what is on a link that it can not make is left too', () => {
  const link = keptEntry(madeLink('d0', 'dummy'));
  const on = keptEntry({ kind: 'address', item: addressOn('d0', '10.3.0.1/24') });
  expect(
    networkScripts
      .write([on, link], host())
      .left.map(({ entry }) => entry.key)
      .sort(),
  ).toEqual([on.key, link.key].sort());
});

test('what is withdrawn is removed: files of its own, parts of others, files of its parts alone', () => {
  const files = {
    'ifcfg-br0': own('br0', 'TYPE=Bridge'),
    'ifcfg-eth1': `${ETH1}${part('MTU=9000')}`,
    'route-eth1': part('10.9.0.0/16 dev eth1'),
    'rule-eth1': `from 10.0.0.7 table 7 priority 7\n${part('from 10.0.0.5 table 1 priority 100')}`,
  };
  expect(written([], host(files))).toEqual({
    'ifcfg-br0': null,
    'ifcfg-eth1': ETH1,
    'route-eth1': null,
    'rule-eth1': 'from 10.0.0.7 table 7 priority 7\n',
  });
});

test('who manages a device: by its file, by its MAC, and not where NetworkManager does', () => {
  expect(networkScripts.manages('eth1', host())).toBe(`${FOLDER}/ifcfg-eth1`);
  expect(networkScripts.manages('eth2', host())).toBeUndefined();
  const byMac = host({ 'ifcfg-eth1': '', 'ifcfg-Wired': 'HWADDR=52:54:00:00:00:01\n' });
  expect(networkScripts.manages('eth1', byMac)).toBeDefined();
  expect(networkScripts.manages('eth1', host({}, []))).toBeUndefined();
  const managed = host();
  const boot = {
    init: 'systemd' as const,
    facts: new Map([
      ['tool network-scripts', ''],
      ['nm 2', 'true some-uuid'],
    ]),
  };
  expect(networkScripts.manages('eth1', { ...managed, boot })).toBeUndefined();
  expect(networkScripts.write([RULE], { ...managed, boot }).warnings).toEqual([
    `NetworkManager configures eth1: of rules and routes in ${FOLDER} it takes all only with its package NetworkManager-dispatcher-routing-rules`,
  ]);
});
