/**
 * Addresses, and the routes that come and go with them: linux/net/ipv4/fib_frontend.c (fib_add_ifaddr,
 * fib_del_ifaddr), net/ipv4/devinet.c and net/ipv6/addrconf.c, each case tried on Linux 6.18.
 */
import { MAX_LENGTH, prefixContains, prefixOf } from '../shared/addr.js';
import { type Draft, insertBehind, spliced } from './draft.js';
import { routeText, sameAddress } from './identity.js';
import { settingsOf } from './kinds/kinds.js';
import type { Address, Route } from './model.js';
import { dropRoute, routesTo } from './route-index.js';
import { loseNeighbours } from './simulate-neighbour.js';
import {
  appendRoute,
  kernelRoute,
  loseRoutes,
  MAIN_TABLE,
  reviveRoutes,
  unsetRoute,
} from './simulate-route.js';

const PREFIX_METRIC_6 = 256;

export function isUp(draft: Draft, dev: string): boolean {
  return draft.links.get(dev)?.flags.includes('UP') ?? false;
}

/** The table of the VRF that the device is in: its routes are there, those to itself too (l3mdev_fib_table). */
function vrfTable(draft: Draft, dev: string): number | undefined {
  const master = draft.links.get(draft.links.get(dev)?.master ?? '');
  const table = master?.kind === 'vrf' ? settingsOf(master).table : undefined;
  return table == null ? undefined : Number(table);
}

function inVrf(draft: Draft, dev: string, route: Route): Route {
  const table = vrfTable(draft, dev);
  return table === undefined ? route : { ...route, table };
}

/** Adds an address, or changes the one that the device has already. */
export function setAddress(draft: Draft, wanted: Address): void {
  const at = draft.addresses.findIndex((other) => sameAddress(other, wanted));
  if (at < 0) {
    const address = wanted.family === 4 ? ranked(draft, wanted) : wanted;
    draft.addresses = placed(draft, draft.addresses, address);
    addRoutes(draft, address);
    if (address.family === 4 && isUp(draft, address.dev)) reviveRoutes(draft, address.dev, 4);
    return;
  }
  const before = draft.addresses[at];
  if (before === undefined) return;
  const secondary = before.flags.includes('secondary') && !wanted.flags.includes('secondary');
  const after = secondary ? { ...wanted, flags: [...wanted.flags, 'secondary'] } : wanted;
  draft.addresses = spliced(draft, draft.addresses, at, 1, after);
  const moved = before.metric !== after.metric || withoutPrefixRoute(before) !== withoutPrefixRoute(after);
  if (!moved) return;
  for (const route of prefixRoutes(draft, before)) unsetRoute(draft, route);
  if (isUp(draft, after.dev)) for (const route of prefixRoutes(draft, after)) appendRoute(draft, route);
}

/** An IPv4 address with an earlier one of its subnet on the device is secondary. */
function ranked(draft: Draft, address: Address): Address {
  const primary = primaryOf(draft, address) !== undefined;
  const flags = address.flags.filter((flag) => flag !== 'secondary');
  return { ...address, flags: primary ? ['secondary', ...flags] : flags };
}

function primaryOf(draft: Draft, address: Address): Address | undefined {
  return draft.addresses.find((other) => !other.flags.includes('secondary') && sameSubnet(other, address));
}

function sameSubnet(a: Address, b: Address): boolean {
  return a.family === b.family && a.dev === b.dev && a.length === b.length && subnet(a) === subnet(b);
}

/** Asked of every address of a device for each that comes or goes. */
const subnets = new WeakMap<Address, string>();
const broadcasts = new WeakMap<Address, readonly string[]>();

/** The prefix that the address gives a route to: its peer's where it has one. */
function subnet(address: Address): string {
  const known = subnets.get(address) ?? readSubnet(address);
  subnets.set(address, known);
  return known;
}

function readSubnet(address: Address): string {
  const other = address.family === 4 ? (address.peer ?? address.local) : address.local;
  return prefixOf(other, address.length) ?? `${other}/${address.length}`;
}

/** Puts an address where the kernel lists it: a device's primary ones first, narrower scopes before wider ones. */
function placed(draft: Draft, addresses: readonly Address[], address: Address): Address[] {
  const ofDevice = (other: Address): boolean => other.dev === address.dev && other.family === address.family;
  const before = (other: Address): boolean =>
    ofDevice(other) &&
    (address.family === 6 ||
      address.flags.includes('secondary') ||
      (!other.flags.includes('secondary') && other.scope >= address.scope));
  if (addresses.some(before)) return insertBehind(draft, addresses, address, before);
  const first = addresses.findIndex(ofDevice);
  return spliced(draft, addresses, first < 0 ? addresses.length : first, 0, address);
}

function withoutPrefixRoute(address: Address): boolean {
  return address.flags.includes('noprefixroute');
}

/** The routes that an address brings: those to itself at once, those to its subnet while the link is up. */
export function addRoutes(draft: Draft, address: Address): void {
  const scope = address.family === 4 ? 254 : 0;
  const src = address.family === 4 ? (primaryOf(draft, address)?.local ?? address.local) : null;
  const dst = `${address.local}/${MAX_LENGTH[address.family]}`;
  const { family, dev } = address;
  const own = kernelRoute({ family, type: 'local', dst, scope, dev, src, metric: 0 });
  appendRoute(draft, inVrf(draft, dev, own));
  if (isUp(draft, dev)) addSubnetRoutes(draft, address);
}

/** What an address brings on a link that is up, and brings again when the link comes up. */
export function addSubnetRoutes(draft: Draft, address: Address): void {
  for (const route of subnetRoutes(draft, address)) appendRoute(draft, route);
}

function subnetRoutes(draft: Draft, address: Address): Route[] {
  const routes = [...networkRoutes(draft, address), ...broadcastRoutes(draft, address)];
  return routes.map((route) => inVrf(draft, address.dev, route));
}

function prefixRoutes(draft: Draft, address: Address): Route[] {
  return networkRoutes(draft, address).map((route) => inVrf(draft, address.dev, route));
}

function networkRoutes(draft: Draft, address: Address): Route[] {
  if (withoutPrefixRoute(address)) return [];
  const { family, dev } = address;
  const dst = subnet(address);
  if (family === 6) {
    const metric = address.metric ?? PREFIX_METRIC_6;
    const to = [dst, ...(address.peer === null ? [] : [`${address.peer}/${MAX_LENGTH[6]}`])];
    return to.map((each) =>
      kernelRoute({ family, type: 'unicast', dst: each, scope: 0, dev, src: null, metric }),
    );
  }
  if (address.flags.includes('secondary') || dst === `${address.local}/${MAX_LENGTH[4]}`) return [];
  const loopback = draft.links.get(dev)?.flags.includes('LOOPBACK') ?? false;
  const type = loopback ? 'local' : 'unicast';
  const scope = loopback ? 254 : 253;
  return [kernelRoute({ family, type, dst, scope, dev, src: address.local, metric: address.metric ?? 0 })];
}

function broadcastRoutes(draft: Draft, address: Address): Route[] {
  if (address.family === 6) return [];
  const src = primaryOf(draft, address)?.local ?? address.local;
  return broadcastsOf(address).map((each) =>
    kernelRoute({
      family: 4,
      type: 'broadcast',
      dst: `${each}/32`,
      scope: 253,
      dev: address.dev,
      src,
      metric: 0,
    }),
  );
}

function broadcastsOf(address: Address): readonly string[] {
  const known = broadcasts.get(address);
  if (known !== undefined) return known;
  const narrow = address.length >= 31 || address.flags.includes('secondary');
  const both = [address.broadcast, narrow ? null : lastOf(subnet(address))];
  const to = [...new Set(both)].flatMap((each) =>
    each === null || each === '255.255.255.255' ? [] : [each],
  );
  broadcasts.set(address, to);
  return to;
}

/** The last address of an IPv4 prefix. */
function lastOf(prefix: string): string {
  const [network = '', length = '32'] = prefix.split('/');
  const value =
    network.split('.').reduce((sum, part) => sum * 256 + Number(part), 0) + 2 ** (32 - Number(length)) - 1;
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
}

/** Removes an address, and all that goes with it. */
export function unsetAddress(draft: Draft, wanted: Address): void {
  const address = draft.addresses.find((other) => sameAddress(other, wanted));
  if (address === undefined) return;
  if (address.family === 6) unsetAddress6(draft, address);
  else unsetAddress4(draft, address);
}

function unsetAddress6(draft: Draft, address: Address): void {
  draft.addresses = draft.addresses.filter((other) => other !== address);
  dropLocalRoute(draft, address);
  // One address of the prefix is enough to keep its route, even one that did not bring it.
  const needed = draft.addresses.some((other) => sameSubnet(other, address));
  if (!needed && !withoutPrefixRoute(address)) dropPrefixRoute6(draft, address.dev, subnet(address));
  if (address.peer !== null) dropPrefixRoute6(draft, address.dev, `${address.peer}/${MAX_LENGTH[6]}`);
  if (draft.addresses.some((other) => other.local === address.local)) return;
  // IPv6 keeps a route whose source is gone, without that source.
  draft.routes = draft.routes.map((route) =>
    route.family === 6 && route.src === address.local ? { ...route, src: null } : route,
  );
}

/** The kernel takes the first route to the prefix that leads to the device itself, whoever made it. */
function dropPrefixRoute6(draft: Draft, dev: string, dst: string): void {
  const table = vrfTable(draft, dev) ?? MAIN_TABLE;
  const [first] = routesTo(draft.routes, dst)
    .filter((route) => route.family === 6 && route.table === table)
    .filter(
      (route) =>
        route.nexthops.length === 1 && route.nexthops[0]?.dev === dev && route.nexthops[0].via === null,
    )
    .sort((a, b) => a.metric - b.metric);
  if (first !== undefined) dropRoute(draft, first);
}

function unsetAddress4(draft: Draft, address: Address): void {
  const rest = draft.addresses.filter((other) => other !== address);
  const secondaries = address.flags.includes('secondary')
    ? []
    : rest.filter((other) => other.flags.includes('secondary') && sameSubnet(other, address));
  const promotes = secondaries.length > 0 && promotesSecondaries(draft, address.dev);
  const gone = promotes ? [address] : [address, ...secondaries];
  const kept = draft.addresses.filter((other) => !gone.includes(other));
  const onDevice = kept.filter((other) => other.family === 4 && other.dev === address.dev);
  // All of the subnet's routes are from its primary address, those of the secondary ones too.
  const subnetOfIt = [address, ...secondaries];
  dropRoutes4(
    draft,
    subnetOfIt,
    onDevice.filter((other) => !subnetOfIt.includes(other)),
  );
  draft.addresses = kept;
  for (const each of gone) dropSources(draft, each);
  if (onDevice.length === 0) {
    loseRoutes(draft, address.dev, { family: 4 });
    loseNeighbours(draft, address.dev, 4);
  }
  if (promotes) promote(draft, secondaries);
}

/** Takes the routes that addresses brought, but for those that another one of the device needs too. */
function dropRoutes4(draft: Draft, addresses: readonly Address[], others: readonly Address[]): void {
  const gone = new Set(addresses.flatMap(destinationsOf));
  const alike = others.filter((other) => destinationsOf(other).some((dst) => gone.has(dst)));
  const needed = new Set(alike.flatMap((other) => subnetRoutes(draft, other)).map(routeText));
  for (const route of addresses.flatMap((address) => subnetRoutes(draft, address)))
    if (!needed.has(routeText(route))) unsetKernelRoute(draft, route);
  for (const address of addresses) dropLocalRoute(draft, address);
}

/** Where the routes of an IPv4 address's subnet may lead. */
function destinationsOf(address: Address): string[] {
  return [subnet(address), ...broadcastsOf(address)];
}

function dropLocalRoute(draft: Draft, address: Address): void {
  const dst = `${address.local}/${MAX_LENGTH[address.family]}`;
  const gone = routesTo(draft.routes, dst).filter(
    (route) => route.type === 'local' && route.protocol === 2 && route.nexthops[0]?.dev === address.dev,
  );
  for (const route of gone) dropRoute(draft, route);
}

/** Takes a kernel's own route with that very device and source, and no other of the same identity. */
function unsetKernelRoute(draft: Draft, wanted: Route): void {
  const found = routesTo(draft.routes, wanted.dst).find(
    (route) =>
      route.type === wanted.type &&
      route.protocol === 2 &&
      route.src === wanted.src &&
      route.nexthops[0]?.dev === wanted.nexthops[0]?.dev,
  );
  if (found !== undefined) dropRoute(draft, found);
}

/** An IPv4 address that is nowhere any more takes the main (or VRF's) table's routes from it along; other tables keep theirs. */
function dropSources(draft: Draft, { local, dev }: Address): void {
  const table = vrfTable(draft, dev) ?? MAIN_TABLE;
  if (draft.addresses.some((other) => other.family === 4 && isLocal(other, local))) return;
  draft.routes = draft.routes.filter(
    (route) => !(route.family === 4 && route.table === table && route.src === local),
  );
}

/** Loopback's whole subnet is local, not its address alone. */
function isLocal(address: Address, local: string): boolean {
  return address.local === local || (address.dev === 'lo' && prefixContains(subnet(address), local));
}

function promotesSecondaries(draft: Draft, dev: string): boolean {
  return ['all', dev].some(
    (name) => Number(draft.sysctls.get(`net/ipv4/conf/${name}/promote_secondaries`) ?? 0) > 0,
  );
}

/** The first secondary address takes the place of the primary one that went. */
function promote(draft: Draft, secondaries: readonly Address[]): void {
  const [heir] = secondaries;
  if (heir === undefined) return;
  const primary = { ...heir, flags: heir.flags.filter((flag) => flag !== 'secondary') };
  const others = draft.addresses.filter((other) => other !== heir);
  draft.addresses = placed(draft, others, primary);
  for (const each of secondaries) addRoutes(draft, each === heir ? primary : each);
}
