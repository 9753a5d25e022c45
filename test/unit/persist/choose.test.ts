/** Who keeps what. */
import { expect, test } from 'vitest';
import { Chooser } from '../../../src/persist/choose.js';
import type { BackendName } from '../../../src/persist/mode.js';
import type { Entry } from '../../../src/persist/record.js';
import { backends } from '../../../src/persist/registry.js';
import { snapshotOf } from '../../support/snapshots.js';

const FACTS: Readonly<Partial<Record<BackendName, readonly [string, string]>>> = {
  netplan: ['tool netplan', ''],
  networkmanager: ['nm version', '1.42.4'],
  networkd: ['networkd 2', 'configured /etc/systemd/network/a.network'],
  ifupdown: ['tool ifup', ''],
  'network-scripts': ['tool network-scripts', ''],
};

test.each(backends.map(({ name }) => name))('%s is asked for where it is, and where it is not', (name) => {
  const of = (facts: ReadonlyMap<string, string>): string[] => {
    const snapshot = { ...snapshotOf({ links: ['eth0'] }), boot: { init: 'systemd' as const, facts } };
    const kept = { kind: 'setting', dev: 'eth0', name: 'mtu', words: ['mtu', '1400'] } as const;
    const entry: Entry = { key: 'eth0 mtu', by: name, kept };
    const chooser = new Chooser(backends, snapshot, [entry]);
    expect(chooser.choose(entry)).toEqual({ backend: name, why: `persist: ${name}` });
    return chooser.warnings;
  };
  const fact = FACTS[name];
  expect(of(new Map(fact === undefined ? [] : [fact]))).toEqual([]);
  expect(of(new Map())).toEqual(
    fact === undefined
      ? []
      : [`persist: ${name}: it does not run on this host, and nothing else reads its files`],
  );
});

test('a link that a task gives to somebody is his, and all that is on it, before he has it and after', () => {
  const bare = snapshotOf({ links: ['eth0', 'dum0'] });
  const link = bare.links.get('dum0');
  const address = snapshotOf({ links: [], addresses: ['dum0 10.0.0.1/24'] }).addresses[0];
  if (link === undefined || address === undefined) throw new Error('no dum0');
  const made: Entry = { key: 'a', by: 'networkmanager', kept: { kind: 'link', item: link } };
  const on: Entry = { key: 'b', by: 'auto', kept: { kind: 'address', item: address } };
  for (const fact of [
    ['nm version', '1.42.4'],
    ['networkd 2', 'configured /x.network'],
  ] as const) {
    const boot = { init: 'systemd' as const, facts: new Map([fact]) };
    const chooser = new Chooser(backends, { ...bare, boot }, [made, on]);
    expect(chooser.choose(on)).toEqual({ backend: 'networkmanager', why: 'persist: networkmanager of dum0' });
  }
});
