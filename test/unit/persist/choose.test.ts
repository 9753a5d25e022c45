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
