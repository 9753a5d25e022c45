/** The record of a host that somebody altered: what is not an entry any more is left out, and told. */
import { expect, test } from 'vitest';
import { canonical, RECORD, readRecord, unreadable } from '../../../src/persist/record.js';
import { keptEntry, madeLink, routeFrom, ruleFrom } from '../../support/kept.js';

const ENTRIES = [
  madeLink('br0', 'bridge'),
  { kind: 'setting', dev: 'eth0', name: 'mtu', words: ['mtu', '1400'] },
  { kind: 'route', item: routeFrom('default via 10.0.0.1 dev eth1') },
  { kind: 'rule', item: ruleFrom('1000: from 10.0.0.5 lookup 100') },
  { kind: 'ethtool', dev: 'eth0', part: 'ring', name: 'rx', value: '512' },
] as const;

function host(...lines: string[]) {
  return { files: new Map([[RECORD, { content: `${lines.join('\n')}\n`, mode: '600' }]]) };
}

function line(kept: unknown): string {
  return canonical({ by: 'auto', kept });
}

test('what netplay writes is read', () => {
  const snapshot = host(...ENTRIES.map(line));
  expect([...readRecord(snapshot).keys()]).toEqual(ENTRIES.map((kept) => keptEntry(kept).key));
  expect(unreadable(snapshot)).toBe(0);
});

test('no entry that lacks something, or has it of another type, is read', () => {
  const broken = ENTRIES.flatMap((kept) => {
    const inner: object = 'item' in kept ? kept.item : kept;
    const whole = (item: object): unknown => ('item' in kept ? { ...kept, item } : item);
    return Object.keys(inner).flatMap((name) => [
      whole({ ...inner, [name]: undefined }),
      whole({ ...inner, [name]: { toString: 'x' } }),
    ]);
  });
  // These hold maps of anything.
  const open = broken.filter((kept) => readRecord(host(line(kept))).size > 0).map((kept) => canonical(kept));
  expect(open.filter((text) => !/"(details|metrics|bridge|tun)":\{"toString"/.test(text))).toEqual([]);
});

test.each([
  'garbage',
  '{"by":"auto","kept":{"kind":"rou',
  'null',
  '[]',
  '{"by":"auto","kept":null}',
  '{"by":"nobody","kept":{}}',
  line({ kind: '__proto__', item: {} }),
  line({ kind: 'ethtool', dev: 'eth0', part: 'constructor', name: 'x', value: 'y' }),
  line({ kind: 'tc', item: { dev: 'eth0', type: 'filter' } }),
])('%s is none', (text) => {
  expect(readRecord(host(text)).size).toBe(0);
  expect(unreadable(host(text))).toBe(1);
});
