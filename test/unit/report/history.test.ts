import { expect, test } from 'vitest';
import { type ReportedTransaction, renderTransaction } from '../../../src/report/history.js';
import { createStyle } from '../../../src/report/style.js';

const past: ReportedTransaction = {
  ...{ host: 'web1', id: '20260504T120000Z-3f9a1c.0', run: '20260504T120000Z-3f9a1c', play: 'uplinks' },
  ...{
    by: 'alice',
    from: 'deploy1',
    begun: 1_777_896_000,
    ended: 1_777_896_001,
    outcome: 'confirmed',
    reason: '',
  },
  changes: [
    {
      ...{ resource: 'route', address: 'route default', action: 'update', before: 'default via 10.0.0.1' },
      ...{ after: 'default via 10.0.0.2', commands: ['ip route replace default via 10.0.0.2'] },
    },
  ],
};
const shown = (more: Partial<ReportedTransaction>, verbose = false): string =>
  renderTransaction({ ...past, ...more }, createStyle(false), verbose).join('\n');

test('who did what, and with -v every change with its commands', () => {
  expect(shown({}, true)).toBe(`\
  20260504T120000Z-3f9a1c.0  confirmed  1 change
    alice from deploy1: uplinks
    begun 2026-05-04 12:00:00 UTC, ended 2026-05-04 12:00:01 UTC by the host's clock
    route default  default via 10.0.0.1 → default via 10.0.0.2
        $ ip route replace default via 10.0.0.2`);
  expect(shown({})).not.toContain('route default');
});

test.each([
  [{ outcome: 'rolled_back', reason: 'a step failed' }, 'rolled back: a step failed  1 change'],
  [{ outcome: 'on_trial', left: 12, ended: null }, 'on trial, 12 s left  1 change'],
  [
    { outcome: 'unknown', ended: null },
    'its end is not known: the host was rebooted, or it is still under way',
  ],
  [{ takesBack: 'a.0' }, 'confirmed, takes back a.0  1 change'],
  [{ takenBackBy: 'b.0', changes: [] }, 'confirmed, taken back by b.0  0 changes'],
] satisfies [Partial<ReportedTransaction>, string][])('%j', (more, words) => {
  expect(shown(more)).toContain(`${past.id}  ${words}`);
});

test('a time that is none breaks nothing', () => {
  expect(shown({ begun: Number.NaN, ended: null })).toContain('begun ?');
});
