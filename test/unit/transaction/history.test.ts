import { execaSync } from 'execa';
import { expect, test } from 'vitest';
import { readTrials, trialsScript } from '../../../src/transaction/end.js';
import { historyScript, readHistory, takenBackBy } from '../../../src/transaction/history.js';
import { type JournalEntry, journalText } from '../../../src/transaction/journal.js';

const entry = (id: string, more: Partial<JournalEntry> = {}): JournalEntry => ({
  ...{ v: 1, id, run: 'r', play: 'p', by: 'me', from: 'here', time: 5, changes: [], differences: [] },
  ...more,
});
const listing = (...parts: readonly string[]): string => `${parts.join('')}netplay-read\n`;
const listed = (of: JournalEntry, below = ''): string =>
  `\nnetplay-entry ${of.id}\n${journalText(of)}${below}`;

test('a journal is read the newest first, each with what became of it', () => {
  const history = readHistory(
    listing(
      listed(entry('a.0'), 'outcome 100 confirmed \n'),
      listed(entry('b.0'), 'outcome 110 rolled_back a step failed\n'),
      listed(entry('c.0'), 'netplay-applied\narmed 12\n'),
      listed(entry('d.0')),
      '\nnetplay-entry e.0\n{"v":2}\n',
      '\nnetplay-entry f.0\nhalf a li\n',
    ),
  );
  expect(history?.unread).toEqual(['f.0', 'e.0']);
  expect(history?.past.map(({ entry: { id }, ...rest }) => [id, rest])).toEqual([
    ['d.0', {}],
    ['c.0', { left: 12 }],
    ['b.0', { ended: { outcome: 'rolled_back', reason: 'a step failed' }, endedAt: 110 }],
    ['a.0', { ended: { outcome: 'confirmed', reason: '' }, endedAt: 100 }],
  ]);
});

test('an answer that is cut off, or a journal that may not be read, is no empty one', () => {
  expect(readHistory(listed(entry('a.0')))).toBeUndefined();
  expect(readHistory('netplay-denied\n')).toBeUndefined();
  expect(readHistory(listing())).toEqual({ past: [], unread: [] });
});

test('what took a transaction back counts only until it is taken back itself', () => {
  const confirmed = 'outcome 100 confirmed \n';
  const all = [
    listed(entry('a.0'), confirmed),
    listed(entry('b.0', { takesBack: 'a.0' }), confirmed),
    listed(entry('c.0', { takesBack: 'a.0' }), 'outcome 100 rolled_back no\n'),
    listed(entry('d.0', { takesBack: 'b.0' }), confirmed),
  ];
  const takenBack = (count: number): string | undefined =>
    takenBackBy(readHistory(listing(...all.slice(0, count)))?.past ?? [], 'a.0')?.entry.id;
  expect([1, 2, 3, 4].map(takenBack)).toEqual([undefined, 'b.0', 'b.0', undefined]);
});

test('a run’s transactions are told apart, in the order of its plays', () => {
  const said = `netplay-tx r.1
netplay-applied
armed 20
netplay-tx r.0
outcome 100 rolled_back one
outcome 101 confirmed 
netplay-tx r.2
`;
  expect([...readTrials(said)]).toEqual([
    ['r.0', { kind: 'ended', ended: { outcome: 'confirmed', reason: '' } }],
    ['r.1', { kind: 'on-trial', left: 20, applied: true }],
    ['r.2', { kind: 'unknown' }],
  ]);
});

test.each(['sh', 'bash', 'busybox'])('both scripts are plain sh: %s takes them', (shell) => {
  const words = shell === 'busybox' ? ['sh', '-n'] : ['-n'];
  for (const input of [historyScript(20), historyScript(), trialsScript('20260101T000000Z-abcdef')])
    execaSync(shell, words, { input });
});
