/** Rings, speed and coalescing of a NIC: virtio's, which a namespace of the lab has none of. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { changesByHost, runJson } from '../../support/cli.js';
import { makeFolder, settledRun } from '../../support/lab-runs.js';
import { startVm, type Vm } from '../../support/vm.js';

const folder = makeFolder();
let vm: Vm;
beforeAll(async () => {
  vm = await startVm();
  await vm.must('ip link set eth1 up');
});
afterAll(async () => {
  await vm?.stop();
  folder.remove();
});

const play = (name: string, ethtool: object): string =>
  folder.write(`${name}.yml`, [{ name, hosts: 'all', tasks: [{ ethtool: { dev: 'eth1', ...ethtool } }] }]);

test('a play sets what its check foretold, and a second run changes nothing', async () => {
  const run = await settledRun([
    '-i',
    vm.inventory,
    play('set', { ring: { rx: 128, tx: 64 }, speed: 1000, duplex: 'full', features: { gro: 'off' } }),
  ]);
  expect(changesByHost(run).vm?.map(({ address }) => address)).toEqual([
    'ethtool eth1 features',
    'ethtool eth1 ring',
    'ethtool eth1 link',
  ]);
  const shown = await vm.must('ethtool -g eth1; ethtool eth1; ethtool -k eth1');
  expect(shown).toMatch(/Current hardware settings:\nRX:\s+128\n/);
  expect(shown).toContain('Speed: 1000Mb/s');
  expect(shown).toContain('generic-receive-offload: off');
});

test('what the driver refuses is undone, with all else of the play', async () => {
  // Virtio waits for no more frames than one, which it tells nobody.
  const refused = await runJson([
    '-i',
    vm.inventory,
    play('refused', { ring: { rx: 256 }, coalesce: { 'rx-usecs': 7 } }),
  ]);
  expect(refused.ends[0]?.status).toBe('rolled_back');
  expect(await vm.must('ethtool -g eth1')).toMatch(/Current hardware settings:\nRX:\s+128\n/);
});
