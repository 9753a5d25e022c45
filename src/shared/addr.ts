/** Addresses and prefixes in the one spelling that the kernel prints, so that equal ones compare equal. */
import { Address4, Address6 } from 'ip-address';

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

/** Texts whose meaning is kept at a time; then it is begun anew. */
const KEPT = 20_000;

/** Keeps what texts were read as: a fleet's hosts share most of theirs, and the library takes its time. */
function kept<Result>(read: (text: string) => Result): (text: string) => Result {
  const known = new Map<string, { result: Result }>();
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) return before.result;
    if (known.size >= KEPT) known.clear();
    const result = read(text);
    known.set(text, { result });
    return result;
  };
}

const numeric = kept((address) =>
  address.includes(':') ? new Address6(address).bigInt() : new Address4(address).bigInt(),
);

function spelled(family: Family, value: bigint): string {
  return family === 4 ? Address4.fromBigInt(value).correctForm() : Address6.fromBigInt(value).correctForm();
}

function cleared(family: Family, value: bigint, length: number): bigint {
  const shift = BigInt(MAX_LENGTH[family] - length);
  return (value >> shift) << shift;
}

/** `fe80::1`, `192.168.1.1` in canonical spelling (RFC 5952), or undefined where it is no full address. */
export function parseAddress(
  text: string,
): { readonly family: Family; readonly address: string } | undefined {
  return readAddress(text);
}

const readAddress = kept((text): { family: Family; address: string } | undefined => {
  if (text.includes('/') || text.includes('%')) return undefined;
  if (/^\d+\.\d+\.\d+\.\d+$/.test(text) && Address4.isValid(text))
    return { family: 4, address: new Address4(text).correctForm() };
  if (text.includes(':') && Address6.isValid(text))
    return { family: 6, address: new Address6(text).correctForm() };
  return undefined;
});

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
  const prefix = readPrefix(text);
  return family === undefined || prefix?.family === family ? prefix : undefined;
}

const readPrefix = kept((text): Prefix | undefined => {
  const [base = '', suffix, ...rest] = text.split('/');
  if (rest.length > 0) return undefined;
  const filled = suffix !== undefined && /^\d+(\.\d+){0,2}$/.test(base) ? fillDots(base) : base;
  const parsed = parseAddress(filled);
  if (parsed === undefined) return undefined;
  if (suffix !== undefined && !/^\d{1,3}$/.test(suffix)) return undefined;
  const length = suffix === undefined ? MAX_LENGTH[parsed.family] : Number(suffix);
  if (length > MAX_LENGTH[parsed.family]) return undefined;
  const network = spelled(parsed.family, cleared(parsed.family, numeric(parsed.address), length));
  return { ...parsed, network, length };
});

function fillDots(base: string): string {
  return [...base.split('.'), '0', '0', '0'].slice(0, 4).join('.');
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
  const outer = parsePrefix(prefix);
  const inner = parseAddress(address);
  if (outer === undefined || inner === undefined || outer.family !== inner.family) return false;
  return cleared(inner.family, numeric(inner.address), outer.length) === numeric(outer.network);
}

/**
 * The address at a place within a canonical prefix (`a/len`): 0 is its first, -1 its last. Undefined where it
 * has no such place.
 */
export function addressAt(prefix: string, place: number): string | undefined {
  const outer = parsePrefix(prefix);
  if (outer === undefined) return undefined;
  const size = 1n << BigInt(MAX_LENGTH[outer.family] - outer.length);
  const offset = place < 0 ? size + BigInt(place) : BigInt(place);
  if (offset < 0n || offset >= size) return undefined;
  return spelled(outer.family, numeric(outer.network) + offset);
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
  const bits = MAX_LENGTH[familyOf(address)];
  const value = numeric(address);
  return Array.from({ length: bits / 32 }, (_, at) =>
    Number((value >> BigInt(bits - 32 * (at + 1))) & 0xffff_ffffn),
  );
}
