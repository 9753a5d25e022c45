/** `ipaddr` with its queries, and the filters that are short for one of them. */
import { OperationError } from '../errors.js';
import { define, type Registry, text } from '../functions.js';
import {
  bitsOf,
  broadcast,
  covers,
  first,
  highest,
  hostMask,
  isHostMask,
  last,
  type Net,
  netMask,
  networkOf,
  parseNet,
  printAddress,
  printNet,
  size,
} from '../net.js';
import { isInteger, numberOf } from '../values.js';

/** What a query is asked about: a net, whether its length was given, and the value as it is given back. */
export interface Subject {
  net: Net;
  hasLength: boolean;
  value: string;
  alias: string;
}

type Query = (subject: Subject) => unknown;

function address({ value, family }: Net, at = value): string {
  return printAddress(at, family);
}

/** An address that a host can have: not that of the network, where it has one. */
function isHost(net: Net): boolean {
  return net.value !== first(net) || broadcast(net) === undefined;
}

/** A number where JavaScript has it exactly, else its digits. */
function exactly(value: bigint): number | string {
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value.toString();
}

/** The first and last address that hosts can have. */
export function usable(net: Net): { from: bigint; to: bigint } {
  const all = size(net) <= 2n;
  return { from: first(net) + (all ? 0n : 1n), to: last(net) - (all ? 0n : 1n) };
}

function needLength({ hasLength, alias }: Subject): void {
  if (!hasLength)
    throw new OperationError(`${alias}: this is an address, not a network`, 'Add its length: 10.0.0.1/24.');
}

function orNone<T>(holds: boolean, value: () => T): T | null {
  return holds ? value() : null;
}

function within(net: Net, ...ranges: readonly string[]): boolean {
  return ranges.some((range) => {
    const outer = parseNet(range);
    return outer !== undefined && covers(outer, net);
  });
}

function single(net: Net): Net {
  return { ...net, length: bitsOf(net.family) };
}

const isLinkLocal = (net: Net): boolean => within(net, '169.254.0.0/16', 'fe80::/10');
const isLoopback = (net: Net): boolean => within(net, '127.0.0.0/8', '::1/128');
const isMulticast = (net: Net): boolean => within(net, '224.0.0.0/4', 'ff00::/8');
/** By IANA's registries, as netaddr has them. */
const PRIVATE = [
  '10.0.0.0/8',
  '100.64.0.0/10',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '239.192.0.0/14',
  'fc00::/7',
  'fec0::/10',
];
const isPrivate = (net: Net): boolean => within(net, ...PRIVATE) || isLinkLocal(net);

function isPublic(net: Net): boolean {
  const own = single(net);
  const isMask = isHostMask(own.value) || isHostMask(own.value ^ highest(own.family));
  return !isMulticast(own) && !isPrivate(own) && !isLoopback(own) && !isMask;
}

function reverseName(net: Net): string {
  if (net.family === 4) return `${address(net).split('.').reverse().join('.')}.in-addr.arpa.`;
  const digits = net.value.toString(16).padStart(32, '0');
  return `${[...digits].reverse().join('.')}.ip6.arpa.`;
}

/** The /48 of 6to4 that an IPv4 address has. */
function sixToFour({ net, value, hasLength }: Subject): unknown {
  if (net.family === 6) {
    const isOwn = !hasLength || net.value !== first(net);
    return isOwn && within(single(net), '2002::/16') ? value : false;
  }
  if (size(net) > 1n && net.value === first(net)) return false;
  if (!isPublic(net) && !isPrivate(single(net))) return false;
  const hex = net.value.toString(16).padStart(8, '0');
  return `2002:${hex.slice(0, 4)}:${hex.slice(4)}::1/48`;
}

function toIpv4({ net, value }: Subject): unknown {
  if (net.family === 4) return value;
  const low = net.value & 0xffffffffn;
  const high = net.value >> 32n;
  const fits = high === 0n || high === 0xffffn;
  return fits && net.length >= 96 ? printNet({ family: 4, value: low, length: net.length - 96 }) : false;
}

function toIpv6({ net, value }: Subject): unknown {
  if (net.family === 6) return value;
  return printNet({ family: 6, value: 0xffff00000000n | net.value, length: net.length + 96 });
}

function peer(subject: Subject): unknown {
  needLength(subject);
  const { net } = subject;
  if (size(net) === 2n) return address(net, net.value ^ 1n);
  if (size(net) !== 4n) throw new OperationError(`${subject.alias}: a peer is in a /30 or /31 (/126, /127)`);
  const place = net.value % 4n;
  if (place === 0n || place === 3n)
    throw new OperationError(
      `${subject.alias}: the ${place === 0n ? 'network' : 'broadcast'} address of a /30 has no peer`,
    );
  return address(net, net.value ^ 3n);
}

/** The next or previous address, where a host can have it. */
function neighbour(subject: Subject, step: bigint): unknown {
  needLength(subject);
  const { net } = subject;
  const { from, to } = usable(net);
  const at = net.value + step;
  return orNone(size(net) > 1n && at >= from && at <= to, () => address(net, at));
}

function hostWithLength({ net }: Subject): unknown {
  const isEdge = net.value === first(net) || net.value === broadcast(net);
  return size(net) > 2n && isEdge ? false : printNet(net);
}

/** As it stands where it is a host's, with its length where it has one. */
const ip: Query = ({ net }) =>
  orNone(size(net) === 1n || isHost(net) || net.family === 6, () => address(net));
const network: Query = ({ net }) => address(net, first(net));
const hostmask: Query = ({ net }) => address(net, hostMask(net));
const subnet: Query = ({ net }) => printNet(networkOf(net));
const loopback: Query = ({ net, value }) => orNone(isLoopback(single(net)), () => value);

const QUERIES: ReadonlyMap<string, Query> = new Map<string, Query>([
  ['', ({ net, hasLength }) => (hasLength ? printNet(net) : address(net))],
  ['6to4', sixToFour],
  ['address', ip],
  ['ip', ip],
  ['address/prefix', hostWithLength],
  ['gateway', hostWithLength],
  ['gw', hostWithLength],
  ['host/prefix', hostWithLength],
  ['hostnet', hostWithLength],
  ['router', hostWithLength],
  ['bool', () => true],
  ['broadcast', ({ net }) => orNone(size(net) > 2n, () => address(net, last(net)))],
  ['cidr', ({ net }) => printNet(net)],
  ['first_usable', (subject) => usableOf(subject, 'from')],
  ['last_usable', (subject) => usableOf(subject, 'to')],
  ['range_usable', ({ net, ...rest }) => range({ net, ...rest })],
  ['host', ({ net }) => orNone(size(net) === 1n || isHost(net), () => printNet(net))],
  ['hostmask', hostmask],
  ['wildcard', hostmask],
  ['int', ({ net, hasLength }) => (hasLength ? `${net.value}/${net.length}` : exactly(net.value))],
  ['ip/prefix', ({ net }) => orNone(hasRoom(net), () => printNet(net))],
  ['ip_netmask', ({ net }) => orNone(hasRoom(net), () => `${address(net)} ${address(net, netMask(net))}`)],
  ['ipv4', toIpv4],
  ['v4', toIpv4],
  ['ipv6', toIpv6],
  ['v6', toIpv6],
  ['link-local', ({ net, value }) => orNone(isLinkLocal(single(net)), () => value)],
  ['lo', loopback],
  ['loopback', loopback],
  ['multicast', ({ net, value }) => orNone(isMulticast(net), () => value)],
  ['unicast', ({ net, value }) => orNone(!isMulticast(net), () => value)],
  ['net', ({ net }) => orNone(size(net) > 1n && net.value === first(net), () => printNet(net))],
  ['netmask', ({ net }) => address(net, netMask(net))],
  ['network', network],
  ['network_id', network],
  ['network/prefix', subnet],
  ['subnet', subnet],
  ['network_netmask', ({ net }) => `${address(net, first(net))} ${address(net, netMask(net))}`],
  ['network_wildcard', ({ net }) => `${address(net, first(net))} ${address(net, hostMask(net))}`],
  ['next_usable', (subject) => neighbour(subject, 1n)],
  ['previous_usable', (subject) => neighbour(subject, -1n)],
  ['peer', peer],
  ['prefix', ({ net }) => net.length],
  ['private', ({ net, value }) => orNone(isPrivate(net), () => value)],
  ['public', ({ net, value }) => orNone(isPublic(net), () => value)],
  ['revdns', ({ net }) => reverseName(net)],
  ['size', ({ net }) => exactly(size(net))],
  ['size_usable', ({ net }) => (size(net) === 1n ? 0 : size(net) === 2n ? 2 : exactly(size(net) - 2n))],
  ['type', ({ net }) => (size(net) === 1n || net.value !== first(net) ? 'address' : 'network')],
  ['version', ({ net }) => net.family],
  ['wrap', wrapped],
]);

function usableOf(subject: Subject, end: 'from' | 'to'): unknown {
  needLength(subject);
  const { net } = subject;
  return orNone(size(net) > 1n, () => address(net, usable(net)[end]));
}

function range(subject: Subject): unknown {
  needLength(subject);
  const { net } = subject;
  const { from, to } = usable(net);
  return orNone(size(net) > 1n, () => `${address(net, from)}-${address(net, to)}`);
}

function hasRoom(net: Net): boolean {
  return size(net) === 2n || (size(net) > 1n && net.value !== first(net));
}

function wrapped({ net, hasLength, value }: Subject): unknown {
  if (net.family === 4) return value;
  return hasLength ? `[${address(net)}]/${net.length}` : `[${address(net)}]`;
}

/** A value as an address: text, a number, or `number/length`. Undefined for what is none. */
export function subjectOf(given: unknown, alias: string, family?: 4 | 6): Subject | undefined {
  if (given === null || given === '' || typeof given === 'boolean') return undefined;
  if (isInteger(given) && numberOf(given) === 0) return undefined;
  const value = typeof given === 'string' ? given : text(given);
  const numbered = /^(\d+)(?:\/(\d+))?$/.exec(value);
  if (numbered !== null && (numbered[2] === undefined || parseNet(value) === undefined))
    return numberedSubject(BigInt(numbered[1] ?? 0), numbered[2], alias, family);
  const net = parseNet(value);
  return net === undefined ? undefined : { net, hasLength: value.includes('/'), value, alias };
}

function numberedSubject(
  number: bigint,
  length: string | undefined,
  alias: string,
  wanted: 4 | 6 | undefined,
): Subject | undefined {
  const family = wanted ?? (number > highest(4) || Number(length ?? 0) > 32 ? 6 : 4);
  const fitting = number > highest(family) ? 6 : family;
  if (number > highest(fitting) || Number(length ?? 0) > bitsOf(fitting)) return undefined;
  const net: Net = { family: fitting, value: number, length: Number(length ?? bitsOf(fitting)) };
  return { net, hasLength: length !== undefined, value: printNet(net), alias };
}

/** `ipaddr(query)` of one value or each of a list, less those that are none. False stands for what is no address. */
export function ipaddr(given: unknown, query: unknown, alias: string, family?: 4 | 6): unknown {
  if (Array.isArray(given))
    return given
      .map((element) => ipaddr(element, query, alias, family))
      .filter((found) => found !== false && found !== null && found !== '' && found !== 0);
  if (given === null) throw new OperationError(`${alias} needs an address, not None`);
  const subject = subjectOf(given, alias, family);
  if (subject === undefined || (family !== undefined && subject.net.family !== family)) return false;
  const word = query === undefined || query === null ? '' : text(query);
  const known = QUERIES.get(word);
  if (known !== undefined) return known(subject);
  if (/^-?\d+$/.test(word)) return numberedHost(subject, BigInt(word));
  const outer = parseNet(word);
  if (outer !== undefined) return covers(outer, subject.net) ? subject.value : null;
  throw new OperationError(
    `${alias}: there is no query '${word}'`,
    `There are ${[...QUERIES.keys()].slice(1).join(', ')}.`,
  );
}

/** The address at a place of its network, counted from the end where that is negative. */
function numberedHost({ net, value, hasLength }: Subject, place: bigint): unknown {
  if (size(net) === 1n) return hasLength ? value : address(net);
  const at = place < 0n ? last(net) + 1n + place : first(net) + place;
  return at < first(net) || at > last(net) ? false : printNet({ ...net, value: at });
}

/** IPv6 addresses in brackets, as URLs have them; all else as it is. */
function ipwrap(given: unknown, query: unknown): unknown {
  if (Array.isArray(given)) return given.map((element) => ipwrap(element, query));
  const found = ipaddr(given, query, 'ipwrap');
  if (found === false || found === null || found === '') return given;
  return ipaddr(given, 'wrap', 'ipwrap');
}

export const addressFilters: Registry = {
  ipaddr: define('query', (value, [query]) => ipaddr(value, query, 'ipaddr')),
  ipv4: define('query', (value, [query]) => ipaddr(value, query, 'ipv4', 4)),
  ipv6: define('query', (value, [query]) => ipaddr(value, query, 'ipv6', 6)),
  ipwrap: define('query', (value, [query]) => ipwrap(value, query)),
};
