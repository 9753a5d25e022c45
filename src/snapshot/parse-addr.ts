/** `ip [-N] -o addr show`, iproute2 2.6.33 to 7.1. */
import { type Family, MAX_LENGTH } from '../shared/addr.js';
import { NetplayError } from '../shared/errors.js';
import type { Address } from './model.js';
import type { Resolver } from './resolver.js';
import { canonicalAddress, lifetime, misread, objectLines, words } from './text.js';

type MutableAddress = { -readonly [K in keyof Address]: Address[K] } & { flags: string[] };

/**
 * Reads all addresses, in the order listed. Lines of links, which old versions print in between, are left out.
 * @throws NetplayError `probe` naming a line that can't be understood
 */
export function parseAddresses(text: string, resolve: Resolver): Address[] {
  const addresses: Address[] = [];
  for (const line of objectLines(text)) {
    if (/^\d+:\s+\S+:\s+</.test(line)) continue;
    try {
      const address = parseAddress(line, resolve);
      if (address !== undefined) addresses.push(address);
    } catch (error) {
      if (error instanceof NetplayError) throw error;
      throw misread('ip addr', line, error instanceof Error ? error.message : 'unknown form');
    }
  }
  return addresses;
}

function parseAddress(line: string, resolve: Resolver): Address | undefined {
  const match = /^\d+:\s+(\S+)\s+(\S+)\s+(\S+)\s*(.*)$/s.exec(line);
  if (match === null) throw new Error('it is not "INDEX: NAME FAMILY ADDRESS …"');
  const [, dev = '', familyWord = '', local = '', rest = ''] = match;
  if (familyWord !== 'inet' && familyWord !== 'inet6') return undefined;
  const family: Family = familyWord === 'inet' ? 4 : 6;
  const [head = '', lifetimes = ''] = rest.split('\\');
  const address = emptyAddress(family, dev);
  readPrefix(address, 'local', local);
  readWords(address, words(head), resolve);
  const times = words(lifetimes);
  for (let at = 0; at + 1 < times.length; at += 2) {
    const value = lifetime(times[at + 1] ?? '');
    if (times[at] === 'valid_lft') address.validLft = value;
    if (times[at] === 'preferred_lft') address.preferredLft = value;
  }
  // IPv4 prints `forever` for an address that lasts and that no new connection uses.
  if (address.flags.includes('deprecated')) address.preferredLft = 0;
  return address;
}

function emptyAddress(family: Family, dev: string): MutableAddress {
  return {
    family,
    dev,
    local: '',
    length: MAX_LENGTH[family],
    peer: null,
    broadcast: null,
    anycast: null,
    label: null,
    scope: 0,
    flags: [],
    validLft: null,
    preferredLft: null,
    metric: null,
  };
}

/** `10.0.0.1/24`, or `10.0.0.1 peer 10.0.0.2/32`, where the length is the peer's. */
function readPrefix(address: MutableAddress, field: 'local' | 'peer', word: string): void {
  const [text = '', length] = word.split('/');
  const canonical = canonicalAddress(text);
  if (canonical === undefined) throw new Error(`"${word}" is no address`);
  address[field] = canonical;
  if (length !== undefined) address.length = Number(length);
}

function readWords(address: MutableAddress, all: readonly string[], resolve: Resolver): void {
  for (let at = 0; at < all.length; at++) {
    const word = all[at] ?? '';
    const value = all[at + 1];
    const last = value === undefined;
    // An IPv4 address always has a label, and it stands last: even where it reads like a flag.
    if (last && address.family === 4) address.label = word;
    else if (!last && readPair(address, word, value, resolve)) at += 1;
    else address.flags.push(word);
  }
}

function readPair(address: MutableAddress, word: string, value: string, resolve: Resolver): boolean {
  switch (word) {
    case 'peer':
      readPrefix(address, 'peer', value);
      return true;
    case 'brd':
      address.broadcast = canonicalAddress(value) ?? null;
      return true;
    case 'any':
      address.anycast = canonicalAddress(value) ?? null;
      return true;
    case 'scope':
      address.scope = resolve('scopes', value);
      return true;
    case 'metric':
      address.metric = Number(value);
      return true;
    case 'proto':
      return true;
    case 'flags':
      // Bits that this version of `ip` has no word for.
      address.flags.push(value);
      return true;
    default:
      return false;
  }
}
