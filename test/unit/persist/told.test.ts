/** What the report says of files that a boot reads, and of those that are altered, lost, or of no use. */
import { expect, test } from 'vitest';
import { planPersistence } from '../../../src/persist/plan.js';
import { RECORD } from '../../../src/persist/record.js';
import { resources } from '../../../src/resources/registry.js';
import type { HostFile, Snapshot } from '../../../src/snapshot/model.js';
import { snapshotOf } from '../../support/snapshots.js';

const UNIT = '/etc/systemd/system/netplay-boot.service';
const SCRIPT = '/etc/netplay/boot';

type Files = ReadonlyMap<string, HostFile | null>;

/** A host with a rule that a play asks for. */
function plan(
  files: Files,
  init: NonNullable<Snapshot['boot']>['init'] = 'systemd',
  there = true,
  by: 'auto' | 'ifupdown' = 'auto',
) {
  const rules4 = '1000:\tfrom 10.0.0.5 lookup 100 proto 201';
  const host = (rules: string): Snapshot => ({
    ...snapshotOf({ links: ['eth0'], rules4: rules }),
    files,
    boot: { init, facts: new Map(by === 'auto' ? [] : [['tool ifup', '']]) },
  });
  const resource = resources.find((known) => known.name === 'rule');
  if (resource === undefined || !('kept' in resource)) throw new Error('no rule');
  const parts = [{ resource, params: { priority: 1000, from: '10.0.0.5/32', table: 100 } }];
  const before = host(there ? rules4 : '');
  const { changes, warnings } = planPersistence([{ index: 0, by, parts }], before, host(rules4));
  const told = changes.map(({ change }) => [change.address, change.before, change.after]);
  const written = new Map(
    changes.flatMap(({ change }) =>
      change.effects.flatMap((effect) =>
        effect.kind === 'file' ? [[effect.path, effect.file] as const] : [],
      ),
    ),
  );
  return { told, warnings, files: new Map([...files, ...written]) };
}

const NONE: Files = new Map();
const KEEPS = 'keeps rule 1000 from 10.0.0.5, by boot (no device of its own)';

test('what was not there is no more right than it was persistent', () => {
  expect(plan(NONE).told).toEqual([[SCRIPT, 'runtime right, not persistent', KEEPS]]);
  expect(plan(NONE, 'systemd', false).told).toEqual([[SCRIPT, 'not persistent', KEEPS]]);
  expect(plan(plan(NONE).files)).toMatchObject({ told: [], warnings: [] });
});

test('where nothing runs at boot, nobody keeps what is noted', () => {
  const { told, warnings } = plan(NONE, null, false);
  expect(told).toEqual([[RECORD, 'not persistent', 'only notes rule 1000 from 10.0.0.5']]);
  expect(warnings).toEqual([
    'will not be there after a reboot: rule 1000 from 10.0.0.5 (nothing on this host runs at boot that netplay knows)',
  ]);
});

test.each<[string, HostFile | null, string]>([
  ['altered', { content: '[Unit]\n', mode: '644' }, 'altered'],
  ['lost', null, 'runtime right, not persistent'],
])('a unit that is %s is written again, not taken away', (_, file, before) => {
  const { told } = plan(new Map([...plan(NONE).files, [UNIT, file]]));
  expect(told).toEqual([[UNIT, before, 'as netplay wrote it']]);
});

test('a line that is no entry is taken out of the record, which stays', () => {
  const { files } = plan(NONE);
  const content = `${files.get(RECORD)?.content}\0\0\0\n`;
  const { told, warnings } = plan(new Map([...files, [RECORD, { content, mode: '600' }]]));
  expect(told).toEqual([[RECORD, 'altered', KEEPS]]);
  expect(warnings).toEqual([`a line of ${RECORD} can't be read: what netplay kept by it is kept no more`]);
});

test('a record that is gone is told while files are there that were made of it', () => {
  const { files } = plan(NONE);
  const warning = `${RECORD} is gone: what other playbooks keep in ${SCRIPT} and the like is kept no more`;
  expect(plan(new Map([...files, [RECORD, null]])).warnings).toEqual([warning]);
  expect(plan(new Map([...files, [RECORD, null], [SCRIPT, null]])).warnings).toEqual([]);
});

test('what another keeps from now on was no less persistent', () => {
  const interfaces = { content: 'auto lo\niface lo inet loopback\n', mode: '644' };
  const kept = new Map([...plan(NONE).files, ['/etc/network/interfaces', interfaces] as const]);
  expect(plan(kept, 'systemd', true, 'ifupdown').told).toMatchObject([
    [
      '/etc/network/interfaces',
      'kept by another',
      'keeps rule 1000 from 10.0.0.5, by ifupdown (persist: ifupdown)',
    ],
  ]);
});
