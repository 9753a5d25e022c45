import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { inOrder } from '../../../src/engine/order.js';
import type { PlannedUnit } from '../../../src/engine/plan.js';
import type { Change } from '../../../src/shared/change.js';
import type { Effect } from '../../../src/snapshot/effects.js';
import type { Neighbour, Route, Rule } from '../../../src/snapshot/model.js';
import { parseRoutes } from '../../../src/snapshot/parse-route.js';
import { parseRules } from '../../../src/snapshot/parse-rule.js';
import { createResolver } from '../../../src/snapshot/resolver.js';
import { addressOn, nic } from '../../support/host-state.js';
import { snapshotOf } from '../../support/snapshots.js';

const CONNECTED = '10.0.0.0/24 dev eth0 proto kernel scope link';
const BEFORE = snapshotOf({ routes4: CONNECTED });
const resolve = createResolver(BEFORE.names, false);

function route(text: string): Route {
  const [found] = parseRoutes(text, 4, resolve);
  if (found === undefined) throw new Error(text);
  return found;
}

function rule(text: string): Rule {
  const [found] = parseRules(text, 4, resolve);
  if (found === undefined) throw new Error(text);
  return found;
}

/** `10.0.0.9 eth0`, or an address alone: on every device. */
function proxy(text: string): Neighbour {
  const [dst = '', dev = null] = text.split(' ');
  const none = { lladdr: null, nud: null, flags: [], protocol: null } as const;
  return { family: dst.includes(':') ? 6 : 4, dst, dev, proxy: true, ...none };
}

/** A change in a few words: `+route 10.0.0.0/8 dev eth0`, `-rule 100: from all lookup 5`, `rp_filter eth0 1>2`. */
function change(text: string): Change {
  const [word = '', ...rest] = text.split(' ');
  const tail = rest.join(' ');
  const [dev = '', values = ''] = rest;
  const [before = null, after = null] = values.includes('>') ? values.split('>') : [];
  return {
    ...{ resource: word, address: text, action: 'update', before, after, do: [], undo: [] },
    effects: effectsOf(word, tail, dev, after ?? ''),
  };
}

function effectsOf(word: string, tail: string, dev: string, value: string): Effect[] {
  switch (word) {
    case '+route':
      return [{ kind: 'route', set: route(tail) }];
    case '-route':
      return [{ kind: 'route', unset: route(tail) }];
    case '+rule':
      return [{ kind: 'rule', set: rule(tail) }];
    case '-rule':
      return [{ kind: 'rule', unset: rule(tail) }];
    case '+address':
      return [{ kind: 'address', set: addressOn(dev, tail.split(' ')[1] ?? '') }];
    case '-address':
      return [{ kind: 'address', unset: addressOn(dev, tail.split(' ')[1] ?? '') }];
    case '+proxy':
      return [{ kind: 'neighbour', set: proxy(tail) }];
    case '-proxy':
      return [{ kind: 'neighbour', unset: proxy(tail) }];
    case '-neighbour':
      return [{ kind: 'neighbour', unset: { ...proxy(tail), proxy: false, nud: 'permanent' } }];
    case 'link':
      return [{ kind: 'link', set: nic(dev) }];
    case '-link':
      return [{ kind: 'link', unset: dev }];
    case 'unknown':
      return [];
    default:
      return [{ kind: 'sysctl', path: `net/ipv${word.endsWith('ipv6') ? 6 : 4}/conf/${dev}/${word}`, value }];
  }
}

const unit = (task: number, ...texts: string[]): PlannedUnit => ({ task, changes: texts.map(change) });
const ordered = (...texts: string[]): string[] =>
  inOrder(
    texts.map((text, task) => unit(task, text)),
    BEFORE,
  ).flatMap(({ changes }) => changes.map(({ address }) => address));

describe('what stands where', () => {
  test('loosen, add, tighten, old rules, old routes', () => {
    expect(
      ordered(
        '-route 10.9.0.0/16 dev eth0 table 100',
        'rp_filter eth0 0>1',
        '-rule 100: from 1.1.1.1 lookup 7',
        '-proxy 10.0.0.9 eth0',
        'arp_ignore all 0>1',
        '-neighbour 10.0.0.8 eth0',
        '+address eth1 10.1.0.1/24',
        '+route 10.8.0.0/16 dev eth0 table 200',
        'rp_filter all 1>2',
        '+rule 200: from 1.1.1.1 lookup 200',
        'arp_announce all 0>2',
        'rp_filter eth1 2>0',
        '+proxy 10.0.0.9 eth1',
      ),
    ).toEqual([
      'rp_filter all 1>2',
      'rp_filter eth1 2>0',
      '-neighbour 10.0.0.8 eth0',
      '+address eth1 10.1.0.1/24',
      '+route 10.8.0.0/16 dev eth0 table 200',
      '+rule 200: from 1.1.1.1 lookup 200',
      '+proxy 10.0.0.9 eth1',
      'rp_filter eth0 0>1',
      '-proxy 10.0.0.9 eth0',
      'arp_ignore all 0>1',
      'arp_announce all 0>2',
      '-rule 100: from 1.1.1.1 lookup 7',
      '-route 10.9.0.0/16 dev eth0 table 100',
    ]);
  });

  test('another default comes before the old one goes', () => {
    const [old, next] = [
      '-route default via 10.0.0.254 dev eth0',
      '+route default via 10.0.0.253 dev eth0 metric 50',
    ];
    expect(ordered(old, next)).toEqual([next, old]);
  });

  const KEPT: readonly [string, string[]][] = [
    ['the same key', ['-route default via 10.0.0.254 dev eth0', '+route default via 10.0.0.253 dev eth0']],
    ['the same priority', ['-rule 100: from all lookup 7', '+rule 100: from all lookup 8']],
    [
      'a rule to a table that is still to be emptied',
      ['-route default dev eth0 table 7', '+rule 100: from all lookup 7'],
    ],
    [
      'a table that is filled for others',
      ['-rule 100: from all lookup 7', '+route default dev eth0 table 7'],
    ],
    ['a device that goes down', ['-route 10.9.0.0/16 dev eth0', 'link eth0']],
    ['a device that may take another along', ['-route 10.9.0.0/16 dev eth0', '-link eth1']],
    ['the last address of the device', ['-route 10.9.0.0/16 dev eth0', '-address eth0 10.0.0.1/24']],
    [
      'the address that it has as source',
      ['-route 10.9.0.0/16 dev eth0 src 10.1.0.1', '-address eth1 10.1.0.1/24'],
    ],
    ['a sysctl of a new device', ['link eth9', 'rp_filter eth9 1>0']],
    ['a proxy entry, and its device that goes down', ['-proxy 10.0.0.9 eth0', 'link eth0']],
    [
      'a proxy entry, and the last address of its device',
      ['-proxy 10.0.0.9 eth0', '-address eth0 10.0.0.1/24'],
    ],
    ['a proxy entry of IPv6 that is switched off', ['-proxy 2001:db8::9 eth0', 'disable_ipv6 eth0 0>1']],
    ['a proxy entry of every device', ['-proxy 10.0.0.9', '+proxy 10.0.0.9 eth1']],
    ['a proxy entry that is made anew', ['-proxy 10.0.0.9 eth0', '+proxy 10.0.0.9 eth0']],
    ['what nobody knows', ['-route 10.9.0.0/16 dev eth0', 'unknown']],
    [
      'a route that hides a gateway',
      ['-route 10.5.0.0/16 dev eth1', '+route 10.9.0.0/16 via 10.5.0.1 dev eth0'],
    ],
    [
      'a gateway that is hidden from the undo',
      ['-route 10.9.0.0/16 via 10.5.0.1 dev eth0', '+route 10.5.0.0/16 dev eth1'],
    ],
    [
      'a default that hides a gateway of its table',
      [
        '-route default via 10.0.0.254 dev eth0 table 7',
        '+route 10.9.0.0/16 via 10.0.0.253 dev eth0 table 7',
      ],
    ],
    ['loosening for everybody to come', ['+address eth0 10.0.0.7/24', 'rp_filter default 1>0']],
    ['the same sysctl twice', ['rp_filter eth0 0>1', 'rp_filter eth0 1>0']],
    ['a loose filter, where all may be strict', ['+address eth0 10.0.0.7/24', 'rp_filter eth0 0>2']],
  ];
  test.each(KEPT)('%s: the order of the tasks stays', (_, texts) => {
    expect(ordered(...texts)).toEqual(texts);
  });

  test('what is held back holds back what depends on it in its turn', () => {
    expect(
      ordered(
        '-rule 100: from 1.1.1.1 lookup 9',
        '-rule 100: from 2.2.2.2 lookup 7',
        '+route default dev eth0 table 7',
        'rp_filter eth1 1>0',
      ),
    ).toEqual([
      'rp_filter eth1 1>0',
      '-rule 100: from 1.1.1.1 lookup 9',
      '-rule 100: from 2.2.2.2 lookup 7',
      '+route default dev eth0 table 7',
    ]);
  });

  test('units: neighbours of a task are one, late ones a second, and a task whose failure is ignored stays whole and in its place', () => {
    const sequence = [
      unit(0, '-rule 1: from all lookup 7', '+address eth0 10.0.0.7/24'),
      unit(1, '-rule 2: from all lookup 7', '+address eth0 10.0.0.8/24'),
      unit(2, '+address eth0 10.0.0.9/24', '-rule 3: from all lookup 7'),
      unit(3, 'rp_filter eth0 1>0'),
    ];
    const shown = (whole?: (task: number) => boolean): [number, ...string[]][] =>
      inOrder(sequence, BEFORE, whole).map(({ task, changes }) => [
        task,
        ...changes.map(({ address }) => address),
      ]);
    expect(shown()).toEqual([
      [3, 'rp_filter eth0 1>0'],
      [0, '+address eth0 10.0.0.7/24'],
      [1, '+address eth0 10.0.0.8/24'],
      [2, '+address eth0 10.0.0.9/24'],
      [0, '-rule 1: from all lookup 7'],
      [1, '-rule 2: from all lookup 7'],
      [2, '-rule 3: from all lookup 7'],
    ]);
    expect(shown((task) => task === 1)).toEqual([
      [0, '+address eth0 10.0.0.7/24'],
      [0, '-rule 1: from all lookup 7'],
      [1, '-rule 2: from all lookup 7', '+address eth0 10.0.0.8/24'],
      [3, 'rp_filter eth0 1>0'],
      [2, '+address eth0 10.0.0.9/24'],
      [2, '-rule 3: from all lookup 7'],
    ]);
    const late = inOrder(sequence, BEFORE).filter((one) => one.late);
    expect(late.flatMap(({ changes }) => changes.map(({ address }) => address))).toEqual([
      '-rule 1: from all lookup 7',
      '-rule 2: from all lookup 7',
      '-rule 3: from all lookup 7',
    ]);
  });
});

const device = fc.constantFrom('eth0', 'eth1');
const table = fc.constantFrom(7, 8);
const words = (...parts: fc.Arbitrary<unknown>[]): fc.Arbitrary<string> =>
  fc.tuple(...parts).map((each) => each.join(' '));
const is = (text: string): fc.Arbitrary<string> => fc.constant(text);
const anyChange = fc.oneof(
  words(
    fc.constantFrom('+route', '-route'),
    fc.constantFrom('10.8.0.0/16', '10.9.0.0/16', 'default via 10.8.0.1'),
    is('dev'),
    device,
    is('table'),
    table,
  ),
  fc
    .tuple(fc.constantFrom('+rule', '-rule'), fc.constantFrom(1, 2), table)
    .map(([verb, priority, to]) => `${verb} ${priority}: from all lookup ${to}`),
  words(fc.constantFrom('+address', '-address'), device, fc.constantFrom('10.8.0.1/24', '10.9.0.1/24')),
  words(fc.constantFrom('link', '-link'), device),
  words(
    fc.constantFrom('rp_filter', 'arp_ignore'),
    fc.constantFrom('all', 'eth0', 'eth1'),
    fc.constantFrom('1>0', '0>1', '1>2'),
  ),
  is('unknown'),
);

/** Whether two changes, by their texts, must keep their order; written anew, so that the product is not its own judge. */
function dependent(a: string, b: string): boolean {
  const [first, second] = [a.split(' '), b.split(' ')];
  const [verb = '', other = ''] = [first[0], second[0]];
  const both = (one: RegExp, two: RegExp): boolean =>
    (one.test(verb) && two.test(other)) || (one.test(other) && two.test(verb));
  const devOf = (each: readonly string[]): string | undefined =>
    each[0]?.endsWith('route') ? each[each.indexOf('dev') + 1] : each[1];
  const tableOf = (each: readonly string[]): string | undefined => each.at(-1);
  if ([verb, other].some((each) => each === 'unknown' || each === '-link')) return true;
  if (both(/route$/, /route$/) && first[1] === second[1] && tableOf(first) === tableOf(second)) return true;
  if (both(/rule$/, /rule$/) && first[1] === second[1]) return true;
  if (both(/^-route/, /^\+rule/) || both(/^\+route/, /^-rule/)) return tableOf(first) === tableOf(second);
  if (both(/route$/, /^([+-]address|link)$/)) return devOf(first) === devOf(second);
  if (both(/^(rp_|arp_)/, /^link$/)) return devOf(first) === devOf(second);
  if (both(/^(rp_|arp_)/, /^(rp_|arp_)/)) return verb === other && first[1] === second[1];
  const hides = (one: readonly string[], two: readonly string[]): boolean =>
    one[1] === '10.8.0.0/16' && two[1] === 'default' && tableOf(one) !== undefined;
  return both(/^-route/, /^\+route/) && (hides(first, second) || hides(second, first));
}

test('any order given comes out as the same changes, those that depend on each other in the same order', () => {
  let moved = 0;
  fc.assert(
    fc.property(fc.array(anyChange, { maxLength: 12 }), (texts) => {
      // Numbered, since equal ones can't be told apart.
      const units = texts.map((text, task): PlannedUnit => ({ task, changes: [change(text)] }));
      const after = inOrder(units).flatMap(({ task, changes }) => changes.map(() => task));
      expect([...after].sort((a, b) => a - b)).toEqual(texts.map((_, at) => at));
      const place = new Map(after.map((task, at) => [task, at]));
      if (after.some((task, at) => task !== at)) moved += 1;
      texts.forEach((a, i) => {
        texts.slice(i + 1).forEach((b, j) => {
          if (dependent(a, b))
            expect(place.get(i), `${a} and ${b} of ${texts.join('; ')}`).toBeLessThan(
              place.get(i + 1 + j) ?? -1,
            );
        });
      });
    }),
    { numRuns: 3000, seed: 7 },
  );
  expect(moved).toBeGreaterThan(500);
});
