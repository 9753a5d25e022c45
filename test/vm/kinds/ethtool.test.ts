/** Rings, speed and coalescing of a NIC: virtio's, which a namespace of the lab has none of. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { changesByHost, runJson } from '../../support/cli.js';
import { makeFolder, settledRun } from '../../support/lab-runs.js';
import { startVm, type Vm } from '../../support/vm.js';

const folder = makeFolder();
let vm: Vm;
beforeAll(async () => {
  vm = await startVm();
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

test('what the driver refuses is undone, and what it can not take is refused before', async () => {
  // Virtio takes frames between none and one at a time only, which it tells nobody.
  const refused = await runJson([
    '-i',
    vm.inventory,
    play('refused', { ring: { rx: 256 }, coalesce: { 'rx-usecs': 7 } }),
  ]);
  expect(refused.ends[0]?.status).toBe('failed');
  expect(await vm.must('ethtool -g eth1')).toMatch(/Current hardware settings:\nRX:\s+128\n/);
  const much = await runJson(['-i', vm.inventory, play('much', { ring: { rx: 9999 } })]);
  expect(much.ends[0]?.error?.message).toContain('ring rx of eth1 is 256 at most, not 9999');
});
