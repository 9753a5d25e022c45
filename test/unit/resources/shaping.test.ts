import { describe, expect, test } from 'vitest';
import { blocksOf } from '../../../src/resources/shaping/filter-order.js';
import { ifbOf } from '../../../src/resources/shaping/ingress.js';
import { bitsOf, burstOf, codelOf, exactRate, quantumOf } from '../../../src/resources/shaping/rates.js';

const _ = undefined;

describe('blocks of prios', () => {
  test.each<[string, (number | undefined)[], number[]]>([
    ['none', [], []],
    ['all new: room between', [_, _, _], [10, 20, 30]],
    ['all there', [10, 20, 30], [10, 20, 30]],
    ['one at the end', [10, 20, _], [10, 20, 30]],
    ['one at the begin', [_, 10, 20], [5, 10, 20]],
    ['several between', [10, _, _, 20], [10, 13, 16, 20]],
    ['two that change places: one stays', [20, 10], [20, 30]],
    ['the last becomes the first: the others stay', [30, 10, 20], [5, 10, 20]],
    ['no room between: all anew', [10, _, 11], [10, 20, 30]],
    ['two with one block: the first keeps it', [10, 10], [10, 20]],
    ['no room before', [_, 1], [10, 20]],
    ['no block of a class', [7000, 0, _], [10, 20, 30]],
  ])('%s', (_title, present, blocks) => {
    expect(blocksOf(present)).toEqual(blocks);
  });

  test('of a thousand classes rise, and stay', () => {
    const blocks = blocksOf(Array.from({ length: 1000 }, () => undefined));
    expect(blocks.every((block, at) => block > (blocks[at - 1] ?? 0))).toBe(true);
    expect(Math.max(...blocks)).toBeLessThanOrEqual(6552);
    expect(blocksOf(blocks)).toEqual(blocks);
    const grown = blocksOf([...blocks.slice(0, 500), undefined, ...blocks.slice(500)]);
    expect(grown.toSpliced(500, 1)).toEqual(blocks);
  });
});

describe('rates', () => {
  test.each([
    ['100mbit', 0, 100_000_000],
    ['12mbps', 0, 96_000_000],
    ['30%', 10_000_000, 3_000_000],
    ['33.3%', 1_000_000, 333_000],
    [1001, 0, 1000],
  ])('%s of %d is %d bit/s, in whole bytes', (text, whole, bits) => {
    expect(bitsOf(text, whole)).toBe(bits);
  });

  test('are said exactly', () => {
    expect([1e9, 15e5, 123_456, 64_000].map(exactRate)).toEqual(['1gbit', '1500kbit', '123456bit', '64kbit']);
  });

  test('pitfall 41: a burst holds a packet and what comes between two ticks', () => {
    expect(burstOf(8000, 1500, 1e9)).toBe(1515);
    expect(burstOf(1e9, 1500, 1e9)).toBe(126_514);
    expect(burstOf(1e9, 1500, 250)).toBe(501_514);
    expect(burstOf(8e6, 9000, 1000)).toBe(10_014);
  });

  test('a quantum is one that the kernel takes without a warning, and a packet at least', () => {
    expect([64e3, 8e6, 1e10].map((rate) => quantumOf(rate, 1500))).toEqual([1514, 100_000, 200_000]);
    expect(quantumOf(64e3, 576)).toBe(1000);
  });

  test('fq_codel waits for a packet and a half', () => {
    expect(codelOf(1e8, 1500)).toEqual({ target: '5ms', interval: '100ms', quantum: 1514 });
    expect(codelOf(1e6, 1500)).toEqual({ target: '19ms', interval: '114ms', quantum: 300 });
  });
});

test('the ifb of a device has a name that fits, and another one for each', () => {
  expect(ifbOf('eth1')).toBe('ifb-eth1');
  expect(ifbOf('enp130s0f1n')).toBe('ifb-enp130s0f1n');
  const [first, second] = ['enp130s0f1np1.5', 'enp130s0f1np1.6'].map(ifbOf);
  expect(first).toMatch(/^ifb-enp13-[\da-f]{5}$/);
  expect(first).not.toBe(second);
});
