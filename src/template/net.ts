/** Addresses with their prefix length, as numbers: what the address filters reckon with. */
import { numberOf, spelled, wordsIn, wordsOf } from '../shared/addr-words.js';

export interface Net {
  readonly family: 4 | 6;
  /** The address itself, host bits and all. */
  readonly value: bigint;
  readonly length: number;
}

export function bitsOf(family: 4 | 6): number {
  return family === 4 ? 32 : 128;
}

/** All that a length leaves to hosts. */
export function hostMask({ family, length }: Net): bigint {
  return (1n << BigInt(bitsOf(family) - length)) - 1n;
}

export function netMask(net: Net): bigint {
  return highest(net.family) ^ hostMask(net);
}

/** The highest address of a family. */
export function highest(family: 4 | 6): bigint {
  return (1n << BigInt(bitsOf(family))) - 1n;
}

export function first(net: Net): bigint {
  return net.value & netMask(net);
}

export function last(net: Net): bigint {
  return net.value | hostMask(net);
}

export function size(net: Net): bigint {
  return hostMask(net) + 1n;
}

/** Only IPv4 has broadcast addresses, and none where there are two addresses or one. */
export function broadcast(net: Net): bigint | undefined {
  return net.family === 4 && net.length >= 31 ? undefined : last(net);
}

/** Whether the second is wholly within the first. */
export function covers(outer: Net, inner: Net): boolean {
  return outer.family === inner.family && first(outer) <= first(inner) && last(inner) <= last(outer);
}

/** An address as it is printed: RFC 5952, with dots where IPv6 holds an IPv4 address. */
export function printAddress(value: bigint, family: 4 | 6): string {
  if (family === 4) return spelled(wordsOf(value, 2));
  const high = value >> 32n;
  const low = value & 0xffffffffn;
  if (high === 0xffffn || (high === 0n && low > 0xffffn))
    return `${high === 0n ? '::' : '::ffff:'}${spelled(wordsOf(low, 2))}`;
  return spelled(wordsOf(value, 8));
}

export function printNet(net: Net): string {
  return `${printAddress(net.value, net.family)}/${net.length}`;
}

function readAddress(text: string): { family: 4 | 6; value: bigint } | undefined {
  const filled = /^\d+(\.\d+){0,2}$/.test(text) ? text + '.0'.repeat(4 - text.split('.').length) : text;
  const words = wordsIn(filled);
  return words === undefined ? undefined : { family: words.length === 2 ? 4 : 6, value: numberOf(words) };
}

/** A prefix length, or the netmask or hostmask that says the same. */
function readLength(text: string, family: 4 | 6): number | undefined {
  if (/^\d{1,3}$/.test(text)) return Number(text) <= bitsOf(family) ? Number(text) : undefined;
  const mask = readAddress(text);
  if (mask?.family !== family) return undefined;
  const hosts =
    isHostMask(mask.value) && mask.value !== highest(family) ? mask.value : mask.value ^ highest(family);
  return isHostMask(hosts) ? bitsOf(family) - hosts.toString(2).replace(/^0$/, '').length : undefined;
}

/** Zeroes, then ones. */
export function isHostMask(value: bigint): boolean {
  return (value & (value + 1n)) === 0n;
}

/** `10.0.0.1`, `10.0.0.1/24`, `10/8`, `fe80::1/64`, `10.0.0.1/255.255.255.0`; undefined for what is no address. */
export function parseNet(text: string): Net | undefined {
  const [base = '', suffix, ...rest] = text.trim().split('/');
  if (rest.length > 0) return undefined;
  const address = readAddress(base);
  if (address === undefined) return undefined;
  const length = suffix === undefined ? bitsOf(address.family) : readLength(suffix, address.family);
  return length === undefined ? undefined : { ...address, length };
}

/** The network of a net: its host bits cleared. */
export function networkOf(net: Net): Net {
  return { ...net, value: first(net) };
}

/** A MAC address or longer (EUI-64) one as digits, in any of the usual spellings; undefined for what is none. */
export function parseHardware(text: string): string | undefined {
  const groups = text.trim().toLowerCase().split(/[:.-]/);
  const digits = groups.map((group) => {
    const width = groups.length === 1 ? group.length : groups.length <= 4 ? (groups.length === 2 ? 6 : 4) : 2;
    return group.padStart(width, '0');
  });
  const all = digits.join('');
  return /^(?:[\da-f]{12}|[\da-f]{16})$/.test(all) ? all : undefined;
}
