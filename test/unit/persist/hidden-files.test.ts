/** A file of which netplay has not read the secrets is never written: another one keeps what would stand there. */
import { expect, test } from 'vitest';
import { planPersistence } from '../../../src/persist/plan.js';
import { resources } from '../../../src/resources/registry.js';
import type { HostFile, Snapshot } from '../../../src/snapshot/model.js';
import { snapshotOf } from '../../support/snapshots.js';

const INTERFACES = '/etc/network/interfaces';
const ETH0 = 'auto eth0\niface eth0 inet static\n  wpa-psk ?\n';
const PART = '# netplay: begin\n\niface eth0 inet manual\n    up true\n# netplay: end\n';

function written(content: string, more: Omit<HostFile, 'content' | 'mode'> = {}) {
  const snapshot: Snapshot = {
    ...snapshotOf({ links: ['eth0'], rules4: '1000:\tfrom 10.0.0.5 lookup 100' }),
    files: new Map([[INTERFACES, { content, mode: '600', ...more }]]),
    boot: { init: 'systemd', facts: new Map([['tool ifup', '']]) },
  };
  const resource = resources.find((known) => known.name === 'link');
  if (resource === undefined || !('kept' in resource)) throw new Error('no link');
  const parts = [{ resource, params: { name: 'eth0', mtu: 1400 } }];
  const { changes, warnings } = planPersistence([{ index: 0, by: 'auto', parts }], snapshot, snapshot);
  const steps = changes.flatMap(({ change }) => [...change.do, ...change.undo]);
  const paths = new Set(steps.flatMap((step) => ('path' in step ? [step.path] : [])));
  return { paths, warnings, told: changes.map(({ change }) => change.after).join() };
}

test('it is written where nothing in it is hidden', () => {
  expect(written(ETH0).paths).toContain(INTERFACES);
});

test('boot keeps what would stand in it', () => {
  const { paths, told, warnings } = written(ETH0, { hidden: true });
  expect(paths).not.toContain(INTERFACES);
  expect(paths).toContain('/etc/netplay/boot');
  expect(told).toContain(`by boot (ifupdown: ${INTERFACES} holds secrets: netplay does not write it)`);
  expect(warnings).toEqual([]);
});

test("netplay's part of it, from before, stays", () => {
  const { paths, warnings } = written(`${ETH0}${PART}`, { hidden: true });
  expect(paths).not.toContain(INTERFACES);
  expect(warnings).toEqual([
    `${INTERFACES} holds secrets: netplay's part of it stays as it was; take away by hand what of that is not wanted`,
  ]);
});
