/** Rates as tc takes them: the table of its own source, tc/tc_util.c. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatRate, parseRate } from '../../../src/shared/rate.js';

const rates: [text: string, bits: number | undefined][] = [
  ['100mbit', 100e6],
  ['100Mbit', 100e6],
  ['1.5gbit', 1.5e9],
  ['.5kbit', 500],
  ['64kbit', 64_000],
  ['64kibit', 65_536],
  ['1mibit', 1_048_576],
  ['1tbit', 1e12],
  ['12mbps', 96e6],
  ['12MBps', 96e6],
  ['1kibps', 8192],
  ['100bps', 800],
  ['9600', 9600],
  ['9600bit', 9600],
  ['100mb', undefined],
  ['100 mbit', undefined],
  ['100m', undefined],
  ['-1mbit', undefined],
  ['0mbit', undefined],
  ['1e6', undefined],
  ['mbit', undefined],
  ['', undefined],
  ['99999999tbit', undefined],
];
test.each(rates)('%s', (text, bits) => expect(parseRate(text)).toBe(bits));

test.each([
  [47_733_333, '47.7mbit'],
  [1_180_000_000, '1.18gbit'],
  [999, '999bit'],
  [123_400_000, '123mbit'],
  [10_000_000, '10mbit'],
])('%d is shown as %s', (bits, text) => expect(formatRate(bits)).toBe(text));

test('what is shown is read back, but for what was rounded', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2e12 }), (bits) => {
      const again = parseRate(formatRate(bits)) ?? 0;
      expect(Math.abs(again - bits)).toBeLessThanOrEqual(bits * 0.0051);
    }),
  );
});
