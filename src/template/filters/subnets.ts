/** Filters that reckon with networks, and those of hardware addresses. */
import { iterate } from '../access.js';
import { fits } from '../budget.js';
import { OperationError } from '../errors.js';
import { define, type Registry, text, whole } from '../functions.js';
import {
  bitsOf,
  covers,
  first,
  highest,
  last,
  type Net,
  networkOf,
  parseHardware,
  parseNet,
  printAddress,
  printNet,
  size,
} from '../net.js';
import { isInteger } from '../values.js';
import { subjectOf, usable } from './addresses.js';

function need(value: unknown, filter: string): Net {
  const net = typeof value === 'string' ? parseNet(value) : subjectOf(value, filter)?.net;
  if (net === undefined) throw new OperationError(`${filter}: '${text(value)}' is no address or network`);
  return net;
}

function moved(net: Net, by: bigint): string {
  const at = net.value + by;
  if (at < 0n || at > highest(net.family)) throw new OperationError('ipmath: the result is no address');
  return printAddress(at, net.family);
}

/** An argument that is a whole number, also as text. */
function count(value: unknown, what: string): number {
  if (typeof value === 'string' && /^-?\d+$/.test(value)) return Number(value);
  return whole(value, what);
}

function isNumber(value: unknown): boolean {
  return isInteger(value) || (typeof value === 'string' && /^-?\d+$/.test(value));
}

/** `ipsubnet(size, index)`: parts of a network, or networks around an address. */
function ipsubnet(value: unknown, query: unknown, index: unknown): unknown {
  const subject = subjectOf(value, 'ipsubnet');
  if (subject === undefined) return false;
  const { net, hasLength } = subject;
  const isAddress = !hasLength;
  const word = query === undefined || query === null ? '' : text(query);
  if (word === '') return printNet(networkOf(net));
  if (!isNumber(word)) return rank(net, word);
  const length = Number(word);
  if (length < 0 || length > bitsOf(net.family)) return false;
  const at = index === undefined || index === null || index === '' ? undefined : count(index, 'the index');
  return isAddress ? around(net, length, at) : part(net, length, at);
}

/** The networks that hold an address, from the largest (`length`) to the smallest. */
function around(net: Net, length: number, index: number | undefined): unknown {
  const longest = bitsOf(net.family) - 1;
  const at = index === undefined ? length : index < 0 ? longest + 1 + index : length + index;
  if (at < length || at > longest) return false;
  return printNet(networkOf({ ...net, length: at }));
}

/** A network cut into parts of a length: how many there are, or one of them. */
function part(net: Net, length: number, index: number | undefined): unknown {
  if (length < net.length)
    throw new OperationError(`ipsubnet: a /${net.length} has no parts as large as a /${length}`);
  const parts = 1n << BigInt(length - net.length);
  if (index === undefined) return parts.toString();
  const at = index < 0 ? parts + BigInt(index) : BigInt(index);
  if (at < 0n || at >= parts) return false;
  return printNet({ ...net, length, value: first(net) + (at << BigInt(bitsOf(net.family) - length)) });
}

/** Which part of a larger network a network is, counted from 1. */
function rank(net: Net, larger: string): unknown {
  const outer = parseNet(larger);
  if (outer === undefined) throw new OperationError(`ipsubnet: '${larger}' is no length and no network`);
  if (!covers(outer, net))
    throw new OperationError(`ipsubnet: ${printNet(net)} is not in ${printNet(networkOf(outer))}`);
  return String(((first(net) - first(outer)) >> BigInt(bitsOf(net.family) - net.length)) + 1n);
}

function nthHost(value: unknown, place: unknown): unknown {
  const subject = subjectOf(value, 'nthhost');
  if (subject === undefined) return false;
  const { net } = subject;
  const n = BigInt(count(place ?? 0, 'the number of the host'));
  if (size(net) === 1n || place === undefined) return false;
  const at = n < 0n ? last(net) + 1n + n : first(net) + n;
  return at < first(net) || at > last(net) ? false : printAddress(at, net.family);
}

function nthUsable(value: unknown, offset: unknown, sign: 1n | -1n, filter: string): unknown {
  const net = need(value, filter);
  const { from, to } = usable(net);
  const at = net.value + sign * BigInt(count(offset, 'the offset'));
  return size(net) > 1n && at >= from && at <= to ? printAddress(at, net.family) : null;
}

function usableRange(value: unknown): unknown {
  const net = need(value, 'usable_range');
  if (net.value !== first(net))
    throw new OperationError(`usable_range: ${printNet(net)} is an address in a network, not the network`);
  if (size(net) > BigInt(Number.MAX_SAFE_INTEGER)) fits(Number.POSITIVE_INFINITY, 'list');
  const length = Number(size(net));
  fits(length, 'list');
  return {
    usable_ips: Array.from({ length }, (_, at) => printAddress(first(net) + BigInt(at), net.family)),
    number_of_ips: length,
  };
}

/** Networks that hold the same addresses and are as few as can be. */
function merged(nets: readonly Net[]): Net[] {
  const ordered = nets.map(networkOf).sort((a, b) => {
    if (a.family !== b.family) return a.family - b.family;
    return a.value < b.value ? -1 : a.value > b.value ? 1 : a.length - b.length;
  });
  const stack: Net[] = [];
  for (const net of ordered) {
    if (stack.some((known, at) => at === stack.length - 1 && covers(known, net))) continue;
    stack.push(net);
    for (;;) {
      const [low, high] = stack.slice(-2);
      if (low === undefined || high === undefined || low.family !== high.family || low.length !== high.length)
        break;
      const both = networkOf({ ...low, length: low.length - 1 });
      if (low.length === 0 || both.value !== low.value || last(low) + 1n !== high.value) break;
      stack.splice(-2, 2, both);
    }
  }
  return stack;
}

/** The one network that holds all. */
function spanning(nets: readonly Net[]): Net {
  const [one] = nets;
  if (one === undefined) throw new OperationError('cidr_merge: a span needs an address');
  if (nets.some(({ family }) => family !== one.family))
    throw new OperationError('cidr_merge: a span is of one family only');
  let net = networkOf(one);
  while (!nets.every((other) => covers(net, other))) net = networkOf({ ...net, length: net.length - 1 });
  return net;
}

function cidrMerge(value: unknown, action: unknown): unknown {
  const way = action === undefined ? 'merge' : text(action);
  const nets = iterate(value).map((item) => need(item, 'cidr_merge'));
  if (way === 'merge') return merged(nets).map(printNet);
  if (way === 'span') return printNet(spanning(nets));
  throw new OperationError(`cidr_merge has no action '${way}'`, "There are 'merge' and 'span'.");
}

/** The address that a host with this MAC gives itself in a network. */
function slaac(value: unknown, mac: unknown): unknown {
  const subject = subjectOf(value, 'slaac');
  if (subject?.net.family !== 6) return false;
  const digits = mac === undefined ? undefined : parseHardware(text(mac));
  if (digits?.length !== 12) return false;
  const id = BigInt(`0x${digits.slice(0, 6)}fffe${digits.slice(6)}`) ^ 0x0200000000000000n;
  return printAddress(((subject.net.value >> 64n) << 64n) + id, 6);
}

const SPELLINGS: Readonly<Record<string, (digits: string) => unknown>> = {
  '': (digits) => digits,
  bare: (digits) => digits.toUpperCase(),
  bool: () => true,
  cisco: (digits) => digits.replace(/.{4}(?=.)/g, '$&.'),
  int: (digits) => Number.parseInt(digits, 16),
  linux: (digits) => digits.replace(/..(?=.)/g, '$&:'),
  unix: (digits) => digits.replace(/..(?=.)/g, '$&:').replace(/\b0/g, ''),
  pgsql: (digits) => `${digits.slice(0, 6)}:${digits.slice(6)}`,
  postgresql: (digits) => `${digits.slice(0, 6)}:${digits.slice(6)}`,
  psql: (digits) => `${digits.slice(0, 6)}:${digits.slice(6)}`,
  eui48: (digits) => digits.toUpperCase().replace(/..(?=.)/g, '$&-'),
  win: (digits) => digits.toUpperCase().replace(/..(?=.)/g, '$&-'),
};

function hardware(value: unknown, query: unknown, filter: string): unknown {
  const word = query === undefined ? '' : text(query);
  const spell = SPELLINGS[word];
  if (spell === undefined)
    throw new OperationError(
      `${filter}: there is no form '${word}'`,
      `There are ${Object.keys(SPELLINGS).slice(1).join(', ')}.`,
    );
  const digits = parseHardware(text(value));
  if (digits !== undefined) return word === '' ? value : spell(digits);
  if (word === '' || word === 'bool') return null;
  throw new OperationError(`${filter}: '${text(value)}' is no hardware address`);
}

function ip4Hex(value: unknown, delimiter: unknown): string {
  const net = need(value, 'ip4_hex');
  if (net.family !== 4) throw new OperationError('ip4_hex takes IPv4 addresses only');
  const bytes = net.value.toString(16).padStart(8, '0').match(/../g) ?? [];
  return bytes.join(delimiter === undefined ? '' : text(delimiter));
}

/** Whether a network's usable addresses hold all of another's. */
function inUsable(value: unknown, test: unknown): boolean {
  const [outer, inner] = [need(value, 'network_in_usable'), need(test, 'network_in_usable')];
  const { from, to } = usable(outer);
  return outer.family === inner.family && first(inner) >= from && last(inner) <= to;
}

/** Also for what is no address, which is in no network. */
function isWithin(value: unknown, test: unknown): boolean {
  const [outer, inner] = [subjectOf(value, 'network_in_network'), subjectOf(test, 'network_in_network')];
  return outer !== undefined && inner !== undefined && covers(outer.net, inner.net);
}

export const subnetFilters: Registry = {
  ipmath: define('amount', (value, [by]) => moved(need(value, 'ipmath'), BigInt(count(by, 'the amount')))),
  ipsubnet: define('query index', (value, [query, index]) => ipsubnet(value, query, index)),
  nthhost: define('query', (value, [place]) => nthHost(value, place)),
  network_in_usable: define('test', (value, [test]) => inUsable(value, test)),
  network_in_network: define('test', (value, [test]) => isWithin(value, test)),
  reduce_on_network: define('network', (value, [network]) => {
    const outer = need(network, 'reduce_on_network');
    return iterate(value).filter((item) => covers(outer, need(item, 'reduce_on_network')));
  }),
  next_nth_usable: define('offset', (value, [offset]) => nthUsable(value, offset, 1n, 'next_nth_usable')),
  previous_nth_usable: define('offset', (value, [offset]) =>
    nthUsable(value, offset, -1n, 'previous_nth_usable'),
  ),
  usable_range: define('', usableRange),
  cidr_merge: define('action', (value, [action]) => cidrMerge(value, action)),
  slaac: define('query', (value, [mac]) => slaac(value, mac)),
  ip4_hex: define('delimiter', (value, [delimiter]) => ip4Hex(value, delimiter)),
  hwaddr: define('query', (value, [query]) => hardware(value, query, 'hwaddr')),
  macaddr: define('query', (value, [query]) => hardware(value, query, 'macaddr')),
};
