/** What a journal keeps beside the changes, for those who show it. */
import { expect, test } from 'vitest';
import { journalEntry } from '../../../src/engine/entry.js';
import { reportChange } from '../../../src/engine/report-change.js';
import type { Change } from '../../../src/shared/change.js';
import { Redactor } from '../../../src/shared/redactor.js';
import type { Snapshot } from '../../../src/snapshot/model.js';

const named = (alias: string): Change => ({
  resource: 'link',
  address: 'link eth1 alias',
  action: 'update',
  before: null,
  after: alias,
  do: [{ kind: 'ip', args: ['link', 'set', 'dev', 'eth1', 'alias', alias] }],
  undo: [],
  effects: [],
});

test('says what in it is secret, and which changes came from a task with no_log', () => {
  const secrets = new Redactor();
  secrets.hide("hunter's2");
  const plan = {
    tasks: [],
    sequence: [
      { task: 0, changes: [named("by hunter's2")] },
      { task: 1, changes: [named('quiet')] },
    ],
  };
  const author = { id: 'x', run: 'x', play: 'x', by: 'x', from: 'x' };
  const state = {} as Snapshot;
  const entry = journalEntry(author, plan, {
    ...{ before: state, after: state },
    hides: (task) => task === 1,
    secretsIn: (value) => secrets.secretsIn(value),
  });
  expect(entry.secrets).toEqual(["hunter's2"]);
  expect(entry.changes.map(reportChange)).toMatchObject([
    { address: 'link eth1 alias', after: "by hunter's2" },
    { address: 'link (no_log)', before: null, after: 'changed', commands: [] },
  ]);
  const plain = journalEntry(author, plan, { before: state, after: state, hides: () => false });
  expect(plain).not.toHaveProperty('secrets');
  expect(JSON.stringify(plain)).not.toContain('hidden');
});
