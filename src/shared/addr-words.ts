/** Addresses as numbers, read and spelled as the kernel does. */
import { Address4, Address6 } from 'ip-address';

/** An address in words of 16 bits: two for IPv4, eight for IPv6. */
export type Words = readonly number[];

export const WORD_BITS = 16;
const WORDS_6 = 8;

/** Texts whose words are kept at a time; then it is begun anew. */
const KEPT = 50_000;
const known = new Map<string, { words: Words | undefined }>();

/** The words of a full address; undefined where a text is none. Each text is mostly asked for many times. */
export function readWords(text: string): Words | undefined {
  const before = known.get(text);
  if (before !== undefined) return before.words;
  const words = wordsIn(text);
  if (known.size >= KEPT) known.clear();
  known.set(text, { words });
  return words;
}

/** The same, for a text that is asked for once. */
export function wordsIn(text: string): Words | undefined {
  return readPlain(text) ?? (PLAIN.test(text) ? undefined : readOdd(text));
}

/** What `readPlain` reads, if it is an address at all. */
const PLAIN = /^[0-9a-fA-F:]*$/;
const DOTTED = /^(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})$/;

/** Addresses as they are mostly written: a plan may read 100,000 of them. */
function readPlain(text: string): Words | undefined {
  const dotted = DOTTED.exec(text);
  if (dotted === null) return PLAIN.test(text) ? readColons(text) : undefined;
  const [a, b, c, d] = [Number(dotted[1]), Number(dotted[2]), Number(dotted[3]), Number(dotted[4])];
  return a > 255 || b > 255 || c > 255 || d > 255 ? undefined : [a * 256 + b, c * 256 + d];
}

function readColons(text: string): Words | undefined {
  const [head = '', tail, ...more] = text.split('::');
  if (more.length > 0 || !text.includes(':')) return undefined;
  const [first, last] = [readGroups(head), readGroups(tail ?? '')];
  if (first === undefined || last === undefined) return undefined;
  const missing = WORDS_6 - first.length - last.length;
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined;
  return [...first, ...new Array<number>(missing).fill(0), ...last];
}

function readGroups(text: string): number[] | undefined {
  if (text === '') return [];
  const groups = text.split(':');
  return groups.every((group) => group !== '' && group.length <= 4)
    ? groups.map((group) => Number.parseInt(group, 16))
    : undefined;
}

/** With leading zeroes, or an IPv4 address at the end of an IPv6 one. */
function readOdd(text: string): Words | undefined {
  if (text.includes('/') || text.includes('%')) return undefined;
  if (/^\d+\.\d+\.\d+\.\d+$/.test(text) && Address4.isValid(text))
    return wordsOf(new Address4(text).bigInt(), 2);
  if (text.includes(':') && Address6.isValid(text)) return wordsOf(new Address6(text).bigInt(), WORDS_6);
  return undefined;
}

export function wordsOf(value: bigint, count: number): Words {
  return Array.from({ length: count }, (_, index) =>
    Number((value >> BigInt((count - 1 - index) * WORD_BITS)) & 0xffffn),
  );
}

export function numberOf(words: Words): bigint {
  return words.reduce((value, word) => (value << BigInt(WORD_BITS)) | BigInt(word), 0n);
}

/** In the one spelling of RFC 5952. */
export function spelled(words: Words): string {
  const [high = 0, low = 0] = words;
  if (words.length === 2) return `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`;
  const groups = words.map((word) => word.toString(16));
  const [at, length] = longestZeroes(words);
  if (length < 2) return groups.join(':');
  return `${groups.slice(0, at).join(':')}::${groups.slice(at + length).join(':')}`;
}

/** Where the longest run of zeroes begins, the first of several, and how long it is. */
function longestZeroes(words: Words): [at: number, length: number] {
  let best: [number, number] = [0, 0];
  let began = 0;
  for (const [index, word] of words.entries()) {
    if (word !== 0) began = index + 1;
    else if (index + 1 - began > best[1]) best = [began, index + 1 - began];
  }
  return best;
}
