/** Addresses and prefixes in the one spelling that the kernel prints, so that equal ones compare equal. */
import { numberOf, readWords, spelled, WORD_BITS, type Words, wordsIn, wordsOf } from './addr-words.js';

export type Family = 4 | 6;

export const DEFAULT_PREFIX = { 4: '0.0.0.0/0', 6: '::/0' } as const;
export const MAX_LENGTH = { 4: 32, 6: 128 } as const;

/** A prefix taken apart. `network` has its host bits cleared, `address` has them as they were given. */
export interface Prefix {
  readonly family: Family;
  readonly address: string;
  readonly network: string;
  readonly length: number;
}

/** `fe80::1`, `192.168.1.1` in canonical spelling (RFC 5952), or undefined where it is no full address. */
export function parseAddress(
  text: string,
): { readonly family: Family; readonly address: string } | undefined {
  const words = readWords(text);
  return words === undefined ? undefined : { family: familyOf(text), address: spelled(words) };
}

/**
 * Reads a prefix as iproute2 does: `default`, `all` and `any` are the zero prefix of `family`; a bare
 * address is a host (/32, /128), `0.0.0.0` included; `10/8` and `192.168.1/24` are filled up with zeroes.
 * @param family of `default`; where it is left out, `default` is IPv4, and any other text tells by itself.
 */
export function parsePrefix(text: string, family?: Family): Prefix | undefined {
  if (text === 'default' || text === 'all' || text === 'any') {
    const network = family === 6 ? '::' : '0.0.0.0';
    return { family: family ?? 4, address: network, network, length: 0 };
  }
  const known = prefixes.get(text);
  const prefix = known ?? readPrefix(text);
  if (known === undefined && prefix !== undefined) {
    if (prefixes.size >= KEPT) prefixes.clear();
    prefixes.set(text, prefix);
  }
  return family === undefined || prefix?.family === family ? prefix : undefined;
}

/** A prefix is asked for again and again: by the schema, by the plan and by what verifies it. */
const prefixes = new Map<string, Prefix>();
const KEPT = 50_000;

function readPrefix(text: string): Prefix | undefined {
  const [base = '', suffix, ...rest] = text.split('/');
  if (rest.length > 0) return undefined;
  const words = wordsIn(suffix !== undefined && /^\d+(\.\d+){0,2}$/.test(base) ? fillDots(base) : base);
  if (words === undefined || (suffix !== undefined && !/^\d{1,3}$/.test(suffix))) return undefined;
  const family = familyOf(base);
  const length = suffix === undefined ? MAX_LENGTH[family] : Number(suffix);
  if (length > MAX_LENGTH[family]) return undefined;
  const address = spelled(words);
  const cut = cleared(words, length);
  return { family, address, network: cut === words ? address : spelled(cut), length };
}

function fillDots(base: string): string {
  return [...base.split('.'), '0', '0', '0'].slice(0, 4).join('.');
}

/** The same with all bits beyond `length` cleared; itself where there are none. */
function cleared(words: Words, length: number): Words {
  const cut = words.map((word, index) => {
    const bits = Math.max(0, Math.min(WORD_BITS, length - index * WORD_BITS));
    return word & (0xffff << (WORD_BITS - bits)) & 0xffff;
  });
  return cut.every((word, index) => word === words[index]) ? words : cut;
}

/** Canonical `network/length`, always with its length. */
export function formatPrefix(prefix: Pick<Prefix, 'network' | 'length'>): string {
  return `${prefix.network}/${prefix.length}`;
}

/** True where the prefix had bits set beyond its length: IPv4 routes refuse that, IPv6 masks it silently. */
export function hasHostBits(prefix: Prefix): boolean {
  return prefix.network !== prefix.address;
}

/** Whether `address` (canonical or not) lies within the canonical prefix `prefix` (`a/len`). */
export function prefixContains(prefix: string, address: string): boolean {
  const slash = prefix.indexOf('/');
  const outer = readWords(prefix.slice(0, slash));
  const inner = readWords(address);
  if (outer === undefined || inner?.length !== outer.length) return false;
  const cut = cleared(inner, Number(prefix.slice(slash + 1)));
  return outer.every((word, index) => word === cut[index]);
}

/** The canonical prefix of this length that holds an address; undefined where that is none, or has fewer bits. */
export function prefixOf(address: string, length: number): string | undefined {
  const words = readWords(address);
  if (words === undefined || length > words.length * WORD_BITS) return undefined;
  return `${spelled(cleared(words, length))}/${length}`;
}

/**
 * The address at a place within a canonical prefix (`a/len`): 0 is its first, -1 its last. Undefined where it
 * has no such place.
 */
export function addressAt(prefix: string, place: number): string | undefined {
  const outer = parsePrefix(prefix);
  const words = outer && readWords(outer.network);
  if (outer === undefined || words === undefined) return undefined;
  const size = 1n << BigInt(MAX_LENGTH[outer.family] - outer.length);
  const offset = place < 0 ? size + BigInt(place) : BigInt(place);
  if (offset < 0n || offset >= size) return undefined;
  return spelled(wordsOf(numberOf(words) + offset, words.length));
}

/** The way iproute2 shows a canonical prefix: `default`, a host without its length, else `a/len`. */
export function displayPrefix(prefix: string): string {
  if (prefix === DEFAULT_PREFIX[4] || prefix === DEFAULT_PREFIX[6]) return 'default';
  const [address = prefix, length] = prefix.split('/');
  return Number(length) === MAX_LENGTH[address.includes(':') ? 6 : 4] ? address : prefix;
}

export function familyOf(text: string): Family {
  return text.includes(':') ? 6 : 4;
}

/** A MAC address in lower case with colons, or undefined where it is none. */
export function parseMac(text: string): string | undefined {
  const mac = text.toLowerCase().replaceAll('-', ':');
  return /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(mac) ? mac : undefined;
}

/** An address as numbers of 32 bits, the first ones first: one for IPv4, four for IPv6. */
export function wordsOfAddress(address: string): number[] {
  const words = readWords(address) ?? [];
  return Array.from(
    { length: words.length / 2 },
    (_, at) => (words[2 * at] ?? 0) * 2 ** WORD_BITS + (words[2 * at + 1] ?? 0),
  );
}
