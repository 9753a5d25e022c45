/**
 * Where a strict reverse-path filter would drop what is meant for this host: a packet passes only if the way
 * back to its sender, from the address that it is for, leaves by the device that it came in by
 * (__fib_validate_source in net/ipv4/fib_frontend.c). IPv4 alone has this filter.
 */
import { addressAt, DEFAULT_PREFIX, formatPrefix, parsePrefix, prefixContains } from '../../shared/addr.js';
import { lookup } from '../../snapshot/lookup.js';
import type { Address, Read, Snapshot } from '../../snapshot/model.js';
import { routesOver, routesTo } from '../../snapshot/route-index.js';
import { SCOPE } from '../routing/names.js';

/** Packets that come in by a device, and whose way back is another one. */
export interface Asymmetry {
  /** This host's address that they are for; null for what the host passes on. */
  address: string | null;
  /** Where they come from: a canonical prefix. */
  from: string;
  /** The devices of the way back. */
  back: readonly string[];
}

const ANYWHERE = DEFAULT_PREFIX[4];
/** For documentation alone (RFC 5737), and so hardly ever a host's own: they stand for the rest of the world. */
const ELSEWHERE = ['198.51.100.1', '203.0.113.1', '192.0.2.1', '233.252.0.1', '8.8.8.8', '1.1.1.1'] as const;
/** Which addresses of a network stand for it: the first that is nobody's we know of. */
const PLACES = [1, 2, 3, 4, 5, 6, 7, 8, -2, -3, 0] as const;

/** What `asymmetries` and `effectiveFilter` need to see. */
export const reversePathReads: readonly Read[] = [
  { kind: 'links' },
  { kind: 'addresses' },
  { kind: 'routes', family: 4 },
  { kind: 'rules', family: 4 },
  ...['rp_filter', 'ignore_routes_with_linkdown'].map(
    (key): Read => ({ kind: 'sysctl', path: `net/ipv4/conf/*/${key}` }),
  ),
  { kind: 'sysctl', path: 'net/ipv4/ip_forward' },
];

/**
 * What a strict filter on `dev` would drop.
 * @param sources where packets come from by this device beside its own networks, as canonical prefixes.
 *   Undefined: from anywhere, where the device has a default route in some table, or where the host
 *   forwards nothing, since then whoever is not its neighbour comes through another router.
 */
export function asymmetries(snapshot: Snapshot, dev: string, sources?: readonly string[]): Asymmetry[] {
  const isWayOut = hasDefault(snapshot, dev);
  const anywhere = isWayOut || !forwards(snapshot) ? [ANYWHERE] : [];
  const beyond = sources ?? anywhere;
  const own = addressesOf(snapshot, (address) => address.dev === dev);
  // An address of no NIC is asked for through every way out.
  const everywhere = isWayOut ? addressesOf(snapshot, ({ dev: holder }) => isInward(holder, snapshot)) : [];
  const near = own.flatMap((address) => wayBack(snapshot, dev, address.local, networkOf(address)));
  const far = [...own, ...everywhere].flatMap(({ local }) =>
    beyond.flatMap((from) => wayBack(snapshot, dev, local, from)),
  );
  const passing = forwards(snapshot) && isWayOut && sources === undefined;
  return [...near, ...far, ...(passing ? wayBack(snapshot, dev, null, ANYWHERE) : [])];
}

/**
 * What a strict filter on `dev` would drop of the host's other networks: where it forwards nothing, whoever is in
 * one of them and asks for an address of another comes through a router that is not this host. Whether there is
 * one can't be told from here.
 * @param alone devices whose networks have no router
 */
export function crossings(snapshot: Snapshot, dev: string, alone: ReadonlySet<string>): Asymmetry[] {
  if (forwards(snapshot)) return [];
  const own = addressesOf(snapshot, (address) => address.dev === dev);
  const others = addressesOf(
    snapshot,
    ({ dev: other }) => other !== dev && !alone.has(other) && !isInward(other, snapshot),
  );
  const networks = new Set(others.flatMap((address) => networkOf(address) ?? []));
  for (const address of own) networks.delete(networkOf(address) ?? '');
  return own.flatMap(({ local }) => [...networks].flatMap((from) => wayBack(snapshot, dev, local, from)));
}

/** rp_filter as the kernel takes it for a device: the larger of `all` and the device's own (ip-sysctl.rst). */
export function effectiveFilter(snapshot: Snapshot, dev: string): number {
  return Math.max(filterOf(snapshot, 'all'), filterOf(snapshot, dev));
}

/** The device's own value. One that an earlier task makes begins with that of `default`. */
export function filterOf({ sysctls }: Snapshot, dev: string): number {
  const value = (name: string) => sysctls.get(`net/ipv4/conf/${name}/rp_filter`);
  return Number(value(dev) ?? value('default') ?? 0);
}

/** Whether a device is one that nothing comes in by: the loopback, or a dummy. */
export function isInward(dev: string, { links }: Snapshot): boolean {
  const link = links.get(dev);
  return link !== undefined && (link.flags.includes('LOOPBACK') || dev === 'lo' || link.kind === 'dummy');
}

function wayBack(snapshot: Snapshot, dev: string, src: string | null, from: string | null): Asymmetry[] {
  const dst = from === null ? undefined : someoneIn(from, snapshot);
  if (from === null || dst === undefined) return [];
  const answer = lookup(snapshot, { dst, src });
  // Without a way back the packet is lost anyway, and an address of our own is no sender.
  if (answer?.kind !== 'taken' || answer.route.type !== 'unicast') return [];
  const back = answer.route.nexthops.flatMap((hop) => hop.dev ?? []);
  return back.includes(dev) ? [] : [{ address: src, from, back }];
}

/** An address of a network that no narrower route leads to, nor is this host's own. */
function someoneIn(prefix: string, snapshot: Snapshot): string | undefined {
  const length = Number(prefix.split('/')[1]);
  const found = length === 0 ? ELSEWHERE : PLACES.flatMap((place) => addressAt(prefix, place) ?? []);
  const others = found.filter((one) => !snapshot.addresses.some(({ local }) => local === one));
  const plain = others.find((one) =>
    routesOver(snapshot.routes, one, 4).every(({ dst }) => Number(dst.split('/')[1]) <= length),
  );
  return plain ?? others[0];
}

function addressesOf(snapshot: Snapshot, isMeant: (address: Address) => boolean): Address[] {
  return snapshot.addresses.filter(
    (address) =>
      address.family === 4 &&
      address.scope < SCOPE.link &&
      !prefixContains('127.0.0.0/8', address.local) &&
      isMeant(address),
  );
}

/** The network of an address's neighbours; null for a single host. */
function networkOf({ local, peer, length }: Address): string | null {
  const prefix = parsePrefix(`${peer ?? local}/${length}`);
  return prefix === undefined || (length === 32 && peer === null) ? null : formatPrefix(prefix);
}

/** Whether the device leads out in some table: in main, or in one that a rule sends packets to. */
function hasDefault({ routes }: Snapshot, dev: string): boolean {
  return routesTo(routes, ANYWHERE).some(({ nexthops }) => nexthops.some((hop) => hop.dev === dev));
}

function forwards({ sysctls }: Snapshot): boolean {
  return Number(sysctls.get('net/ipv4/ip_forward') ?? 0) > 0;
}
