/** Which devices are NetworkManager's, and which files come of what is kept on them. */
import { describe, expect, test } from 'vitest';
import { networkManager } from '../../../src/persist/network-manager.js';
import { type Kept, keptKey } from '../../../src/snapshot/kept.js';
import type { HostFile, Snapshot } from '../../../src/snapshot/model.js';
import { snapshotOf } from '../../support/snapshots.js';

const FOLDER = '/etc/NetworkManager/system-connections';
const RUN = '/run/NetworkManager/system-connections';
const HOOK = '/etc/NetworkManager/dispatcher.d/50-netplay';
const UUID = '2c9d1f1e-0f3e-4a0e-9d6f-000000000001';
const LAN = `[connection]\nid=lan\nuuid=${UUID}\ntype=ethernet\ninterface-name=eth1\n\n[ipv4]\nmethod=auto\n`;

/** eth1 is link 1, eth2 is link 2. */
function host(facts: Readonly<Record<string, string>>, files: Readonly<Record<string, string>>): Snapshot {
  const asFile = (content: string): HostFile => ({ content, mode: '600' });
  return {
    ...snapshotOf({
      links: ['eth1', 'eth2'],
      addresses: ['eth1 10.0.0.5/24'],
      files: Object.fromEntries(Object.entries(files).map(([path, content]) => [path, asFile(content)])),
    }),
    boot: { init: 'systemd', facts: new Map(Object.entries({ 'nm version': '1.42.4', ...facts })) },
  };
}

const ACTIVE = { 'nm 1': `true ${UUID}` };

describe('whose a device is', () => {
  test.each<[string, Readonly<Record<string, string>>, Readonly<Record<string, string>>, string | undefined]>(
    [
      [
        'its active connection',
        ACTIVE,
        { [`${FOLDER}/lan.nmconnection`]: LAN },
        "NetworkManager's connection lan",
      ],
      [
        'one that names it',
        { 'nm 1': 'true ' },
        { [`${FOLDER}/lan.nmconnection`]: LAN },
        "NetworkManager's connection lan",
      ],
      [
        'one that it must not start',
        { 'nm 1': 'true ' },
        { [`${FOLDER}/lan.nmconnection`]: LAN.replace('type', 'autoconnect=false\ntype') },
        undefined,
      ],
      [
        'one that names it, where the active one only watches what another hand has made of it',
        ACTIVE,
        {
          [`${RUN}/eth1.nmconnection`]: `${LAN}\n[.nmmeta]\nnm-generated=true\nvolatile=true\nexternal=true\n`,
          [`${FOLDER}/own.nmconnection`]: LAN.replaceAll(UUID, 'another').replace('id=lan', 'id=own'),
        },
        "NetworkManager's connection own",
      ],
      ['not managed', { 'nm 1': `false ${UUID}` }, { [`${FOLDER}/lan.nmconnection`]: LAN }, undefined],
      ['no NetworkManager', {}, {}, undefined],
      ['no connection', { 'nm 1': 'true ' }, {}, undefined],
      ["netplan's", ACTIVE, { [`${RUN}/netplan-eth1.nmconnection`]: LAN }, undefined],
      [
        'only watched',
        ACTIVE,
        {
          [`${RUN}/eth1.nmconnection`]: `${LAN}\n[.nmmeta]\nnm-generated=true\nvolatile=true\nexternal=true\n`,
        },
        undefined,
      ],
      [
        'only watched by an older one',
        ACTIVE,
        { [`${RUN}/eth1.nmconnection`]: `${LAN}\n[.nmmeta]\nnm-generated=true\nvolatile=true\n` },
        undefined,
      ],
      [
        'made up by NetworkManager',
        ACTIVE,
        { [`${RUN}/Wired 1.nmconnection`]: `${LAN}\n[.nmmeta]\nnm-generated=true\n` },
        "NetworkManager's connection lan",
      ],
      [
        'not read',
        { ...ACTIVE, [`nm-closed ${UUID}`]: 'it has a section 802-1x' },
        {},
        `NetworkManager's connection ${UUID}`,
      ],
    ],
  )('%s', (_, facts, files, evidence) => {
    expect(networkManager.manages('eth1', host(facts, files))).toBe(evidence);
  });
});

function write(kept: readonly Kept[], snapshot: Snapshot) {
  return networkManager.write(
    kept.map((each) => ({ key: keptKey(each), by: 'auto', kept: each })),
    snapshot,
  );
}

const [ADDRESS] = host({}, {}).addresses;
const address = (change: object = {}): Kept => ({
  kind: 'address',
  item: { ...(ADDRESS as NonNullable<typeof ADDRESS>), local: '10.0.0.6', ...change },
});

test('a profile that counts for this boot alone is saved without what NetworkManager notes in it', () => {
  const passing = LAN.replace('\n\n', '\ntimestamp=5\n\n');
  const { files } = write(
    [address()],
    host(ACTIVE, { [`${RUN}/lan.nmconnection`]: `${passing}\n[.nmmeta]\nnm-generated=true\n` }),
  );
  expect(files).toHaveLength(1);
  expect(files[0]).toMatchObject({ path: `${FOLDER}/lan.nmconnection`, file: { mode: '600' } });
  expect(files[0]?.file?.content).toBe(
    `${LAN}address1=10.0.0.6/24\n\n[user]\norg.netplay.1=ipv4 address 10.0.0.6/24\n`,
  );
  expect(files[0]?.then?.[0]).toMatchObject({
    kind: 'run',
    argv: expect.arrayContaining([`${RUN}/lan.nmconnection`]),
  });
});

test.each<[string, Readonly<Record<string, string>>, Kept]>([
  [
    'its connection is not to be changed: it has a section 802-1x, and netplay reads none that may hold secrets',
    { ...ACTIVE, [`nm-closed ${UUID}`]: 'it has a section 802-1x' },
    address(),
  ],
  [
    'its connection is not to be changed: it is that of 2 devices',
    { ...ACTIVE, 'nm 2': `true ${UUID}` },
    address(),
  ],
  ['NetworkManager has no connection for eth2', ACTIVE, address({ dev: 'eth2' })],
  [
    'it has no neighbours',
    ACTIVE,
    {
      kind: 'neighbour',
      item: {
        family: 4,
        dst: '10.0.0.9',
        dev: 'eth1',
        proxy: false,
        lladdr: '02:00:00:00:00:01',
        nud: 'permanent',
        flags: [],
        protocol: null,
      },
    },
  ],
  ['the connection has method=auto in [ipv4]', ACTIVE, address()],
])('left, with a script for boot that runs again whenever a device is configured: %s', (why, facts, kept) => {
  const content = why.includes('method') ? LAN.replace('auto', 'shared') : LAN;
  const { left, files } = write([kept], host(facts, { [`${FOLDER}/lan.nmconnection`]: content }));
  expect(left.map((each) => each.why)).toEqual([why.replace('auto', 'shared')]);
  expect(files.map(({ path, file }) => [path, file?.mode])).toEqual([[HOOK, '755']]);
});

test('nothing left: the script goes; an older NetworkManager: words that it lacks are left', () => {
  const files = { [`${FOLDER}/lan.nmconnection`]: LAN, [HOOK]: '#!/bin/sh\n' };
  expect(write([], host(ACTIVE, files)).files).toEqual([{ path: HOOK, file: null, keys: [] }]);
  const [rule] = snapshotOf({ rules4: '1000: from 10.0.0.5 lookup 100 suppress_prefixlength 0' }).rules;
  const kept: Kept = { kind: 'rule', item: rule as NonNullable<typeof rule> };
  const old = { ...ACTIVE, 'nm version': '1.18.8' };
  expect(write([kept], host(old, files)).left[0]?.why).toBe(
    'NetworkManager has words for it from 1.20 on, and this host has 1.18',
  );
  expect(write([kept], host(ACTIVE, files)).left).toEqual([]);
});

test('the port of a bridge gets no addresses', () => {
  const port = LAN.replace('type=', 'master=br0\nslave-type=bridge\ntype=');
  expect(write([address()], host(ACTIVE, { [`${FOLDER}/lan.nmconnection`]: port })).left[0]?.why).toBe(
    'it gives the port of a bridge or bond no addresses, routes or rules',
  );
});
