import { describe, expect, test } from 'vitest';
import { changedSince, lostBy } from '../../../src/engine/since.js';
import { changesBack, chooseTakeBack, takeBack } from '../../../src/engine/take-back.js';
import { type Difference, reversed } from '../../../src/snapshot/differences.js';
import type { Route } from '../../../src/snapshot/model.js';
import type { PastTransaction } from '../../../src/transaction/history.js';
import type { JournalChange, JournalEntry } from '../../../src/transaction/journal.js';
import { addressOn, hostState, nic } from '../../support/host-state.js';
import { snapshotOf } from '../../support/snapshots.js';

const change = (address: string, more: Partial<JournalChange> = {}): JournalChange => ({
  ...{ resource: 'rule', address, action: 'create', before: null, after: address },
  do: [{ kind: 'ip', args: ['rule', 'add', address] }],
  undo: [{ kind: 'ip', args: ['rule', 'del', address] }],
  ...more,
});
const sysctl: Difference = { kind: 'sysctl', path: 'net/ipv4/ip_forward', before: '0', after: '1' };
const entry = (id: string, more: Partial<JournalEntry> = {}): JournalEntry => ({
  ...{ v: 1, id, run: 'r', play: 'p', by: 'me', from: 'here', time: 5 },
  ...{ changes: [change('one'), change('two')], differences: [sysctl] },
  ...more,
});
const past = (
  id: string,
  outcome: 'confirmed' | 'rolled_back',
  more: Partial<JournalEntry> = {},
): PastTransaction => ({
  entry: entry(id, more),
  ended: { outcome, reason: outcome === 'confirmed' ? '' : 'a step failed' },
});
const history = (...all: PastTransaction[]) => ({ past: all, unread: [] });

describe('what is taken back', () => {
  test.each([
    [
      'the newest that was confirmed',
      [past('c', 'rolled_back'), past('b', 'confirmed'), past('a', 'confirmed')],
      undefined,
      'b',
    ],
    ['the one that is named', [past('b', 'confirmed'), past('a', 'confirmed')], 'a', 'a'],
    [
      'a taking back, where it is named',
      [past('b', 'confirmed', { takesBack: 'a' }), past('a', 'confirmed')],
      'b',
      'b',
    ],
  ])('%s', (_, all, id, expected) => {
    expect(chooseTakeBack(history(...all), id)).toMatchObject({ kind: 'take', entry: { id: expected } });
  });

  test.each([
    ['again', undefined],
    ['again by its name', 'a'],
  ])('not %s', (_, id) => {
    const taken = history(past('b', 'confirmed', { takesBack: 'a' }), past('a', 'confirmed'));
    expect(chooseTakeBack(taken, id)).toEqual({
      kind: 'done',
      words: 'a was taken back already, by b of me from here',
    });
  });

  test.each([
    ['nothing was confirmed', [past('a', 'rolled_back')], undefined, 'nothing was confirmed on it'],
    ['it is not there', [past('a', 'confirmed')], 'x', 'it has no transaction x'],
    ['it was undone', [past('a', 'rolled_back')], 'a', 'a was not confirmed: it was undone (a step failed)'],
    [
      'it is on trial',
      [{ entry: entry('a'), left: 9 }],
      'a',
      'a was not confirmed: it is on trial, 9 s are left',
    ],
    ['its end is not known', [{ entry: entry('a') }], 'a', 'a was not confirmed: how it ended is not known'],
    [
      'it was too big',
      [past('a', 'confirmed', { differences: null })],
      'a',
      'a was too big for the journal: how to take it back is not kept',
    ],
    [
      'nothing tells it from before',
      [past('a', 'confirmed', { differences: [] })],
      'a',
      'a left nothing by which its result could be told from what was before',
    ],
  ])('refused where %s', (_, all, id, message) => {
    expect(chooseTakeBack(history(...all), id)).toMatchObject({ kind: 'refused', problem: { message } });
  });
});

describe('the changes', () => {
  test('are the other way round, the last first', () => {
    const back = changesBack(
      entry('a', { changes: [change('one'), change('two', { action: 'update', before: 'x' })] }),
      [],
    );
    expect(back).toMatchObject([
      {
        address: 'two',
        action: 'update',
        before: 'two',
        after: 'x',
        do: [{ args: ['rule', 'del', 'two'] }],
        undo: [{ args: ['rule', 'add', 'two'] }],
      },
      { address: 'one', action: 'delete', before: 'one', after: null },
    ]);
  });

  test('a file’s effect goes with its change, since that is made later; the others with the last of the rest', () => {
    const path = '/etc/x';
    const write = change('file', {
      do: [{ kind: 'write', path, content: 'new' }],
      undo: [{ kind: 'remove', path }],
    });
    const file: Difference = { kind: 'file', path, before: null, after: { content: 'new', mode: '644' } };
    const back = changesBack(entry('a', { changes: [change('one'), write] }), reversed([file, sysctl]));
    expect(back.map(({ address, effects }) => [address, effects])).toEqual([
      ['file', [{ kind: 'file', path, file: null }]],
      ['one', [{ kind: 'sysctl', path: 'net/ipv4/ip_forward', value: '0' }]],
    ]);
  });

  test('are none where all is as before, and refused with every reason where it is neither', () => {
    const plan = (value: string) =>
      takeBack.plan(
        { kind: 'take', entry: entry('a'), differences: [sysctl] },
        hostState({ sysctls: { 'net/ipv4/ip_forward': value } }),
      );
    expect(plan('1').changes).toHaveLength(2);
    expect(plan('0')).toEqual({ changes: [], reason: 'all is as it was before a' });
    expect(plan('2').problems).toEqual([
      {
        message: 'sysctl net/ipv4/ip_forward is now 2, not 1',
        hint: 'nothing is taken back: not all is as a left it',
      },
    ]);
  });
});

describe('what has changed since', () => {
  const host = snapshotOf({ routes4: '10.1.0.0/16 via 192.168.1.9 dev eth0 proto 201' });
  const [made] = host.routes as [Route];
  const via = (gateway: string): Route => ({
    ...made,
    nexthops: made.nexthops.map((hop) => ({ ...hop, via: gateway })),
  });
  const replaced: Difference[] = [
    { kind: 'route', item: via('192.168.1.8'), there: false },
    { kind: 'route', item: made, there: true },
  ];

  test.each([
    ['nothing', [made], []],
    ['a third one', [via('192.168.1.7')], ['route 10.1.0.0/16 is now 10.1.0.0/16 via 192.168.1.7 dev eth0']],
    [
      'the one from before',
      [via('192.168.1.8')],
      ['route 10.1.0.0/16 is now 10.1.0.0/16 via 192.168.1.8 dev eth0'],
    ],
    ['none', [], ['route 10.1.0.0/16 is gone']],
  ])('%s', (_, routes, words) => {
    expect(changedSince(replaced, { ...host, routes })).toEqual(words);
  });

  test('of a link, what of it', () => {
    const eth0 = nic('eth0');
    const difference: Difference = {
      kind: 'link',
      name: 'eth0',
      before: eth0,
      after: { ...eth0, mtu: 1400 },
    };
    const now = hostState({ links: [{ ...eth0, mtu: 1300, alias: 'x' }] });
    expect(changedSince([difference], now)).toEqual(['link eth0 has another mtu']);
    expect(changedSince([difference], hostState())).toEqual(['link eth0 is gone']);
  });
});

test('what would go with a bridge: its later ports and addresses, and not those that came with it', () => {
  const bridge = nic('br0', { kind: 'bridge' });
  const port = nic('eth1', { master: 'br0' });
  const own = addressOn('br0', '10.1.0.1/24');
  const back = reversed([
    { kind: 'link', name: 'br0', before: null, after: bridge },
    { kind: 'address', item: own, there: true },
  ]);
  const now = hostState({ links: [bridge, port], addresses: [own, addressOn('br0', '10.2.0.1/24')] });
  expect(lostBy(back, [], now)).toEqual(['address 10.2.0.1/24 dev br0', 'port eth1 of br0']);
  expect(lostBy(back, [], hostState({ links: [bridge, nic('eth1')], addresses: [own] }))).toEqual([]);
});
