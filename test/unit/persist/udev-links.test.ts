/** What keeps udev from making up a bond's MAC. */
import { expect, it } from 'vitest';
import { udevLinks } from '../../../src/persist/udev-links.js';
import { newLink } from '../../../src/resources/links/new-link.js';
import type { Init } from '../../../src/snapshot/boot.js';
import type { HostFile, Snapshot } from '../../../src/snapshot/model.js';
import { snapshotOf } from '../../support/snapshots.js';

const PATH = '/etc/systemd/network/50-netplay-bond0.link';

function host(init: Init, files: Readonly<Record<string, HostFile>> = {}): Snapshot {
  return {
    ...snapshotOf({ links: ['eth0'] }),
    boot: { init, facts: new Map() },
    files: new Map(Object.entries(files)),
  };
}

function bond(mac: string | null) {
  const item = newLink('bond0', { kind: 'bond', mac });
  return [{ key: 'link bond0', by: 'auto', kept: { kind: 'link', item } }] as const;
}

it('is written for a bond that no task gives a MAC, where there is systemd, and goes with it', () => {
  const [made, ...others] = udevLinks(bond(null), host('systemd'));
  expect(others).toEqual([]);
  expect(made).toMatchObject({ path: PATH, keys: [] });
  expect(made?.file?.content).toMatch(
    /\n\[Match\]\nOriginalName=bond0\n\n\[Link\]\nMACAddressPolicy=none\n$/,
  );
  expect(udevLinks(bond('02:00:00:00:00:b0'), host('systemd'))).toEqual([]);
  expect(udevLinks(bond(null), host('openrc'))).toEqual([]);
  const there = { [PATH]: made?.file ?? { content: '', mode: '644' } };
  expect(udevLinks([], host('systemd', there))).toEqual([{ path: PATH, file: null, keys: [] }]);
});

it("leaves somebody else's alone", () => {
  const theirs = { [PATH]: { content: '[Match]\nOriginalName=bond0\n', mode: '644' } };
  expect(udevLinks([], host('systemd', theirs))).toEqual([]);
});
