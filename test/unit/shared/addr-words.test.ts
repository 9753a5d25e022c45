import fc from 'fast-check';
import { Address4, Address6 } from 'ip-address';
import { expect, test } from 'vitest';
import { numberOf, readWords, spelled, wordsOf } from '../../../src/shared/addr-words.js';

const group = fc.oneof(
  fc.constantFrom('0', '0', '0', '00', '1', 'FFFF', '0db8', '12345', ''),
  fc.nat(0xffff).map((value) => value.toString(16)),
);
const anyText6 = fc.oneof(
  fc.ipV6(),
  fc.array(group, { minLength: 1, maxLength: 9 }).map((groups) => groups.join(':')),
  fc
    .tuple(fc.array(group, { maxLength: 7 }), fc.array(group, { maxLength: 7 }))
    .map(([head, tail]) => `${head.join(':')}::${tail.join(':')}`),
);
const anyText4 = fc
  .array(fc.oneof(fc.nat(300).map(String), fc.constantFrom('00', '010', '')), { minLength: 3, maxLength: 5 })
  .map((bytes) => bytes.join('.'));

test('reads and spells what ip-address takes, and nothing else', () => {
  fc.assert(
    fc.property(anyText6, (text) => {
      const valid = Address6.isValid(text);
      const words = readWords(text);
      expect([text, words === undefined]).toEqual([text, !valid]);
      if (words !== undefined) expect(spelled(words)).toBe(new Address6(text).correctForm());
    }),
    { numRuns: 2000 },
  );
  fc.assert(
    fc.property(anyText4, (text) => {
      const words = readWords(text);
      expect([text, words === undefined]).toEqual([text, !Address4.isValid(text)]);
      if (words !== undefined) expect(spelled(words)).toBe(new Address4(text).correctForm());
    }),
    { numRuns: 2000 },
  );
});

test('words and numbers lead to each other', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(0xffff), { minLength: 8, maxLength: 8 }), (words) => {
      expect(wordsOf(numberOf(words), 8)).toEqual(words);
    }),
  );
});
