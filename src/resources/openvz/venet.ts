/**
 * What vzctl's helper scripts do on the node when a running container gets or loses an address of its venet0:
 * vps-net_add and vps-net_del of vzctl 4, vz-net_add and vz-net_del of OpenVZ 7, with their flaws.
 */
import { familyOf, MAX_LENGTH } from '../../shared/addr.js';
import type { Effect } from '../../snapshot/effects.js';
import { lookup } from '../../snapshot/lookup.js';
import type { Link, Neighbour, Route, Snapshot } from '../../snapshot/model.js';
import type { Ve } from '../../snapshot/openvz.js';
import { routesTo } from '../../snapshot/route-index.js';
import { applyEffects } from '../../snapshot/simulate.js';
import { hookAdds, hookPin, hookRemoves } from '../pins/hook-effects.js';
import { PROTOCOL, SCOPE, TABLE } from '../routing/names.js';
import { DEFAULT_METRIC } from '../routing/show-route.js';

/** The venet of vzctl 4: one for all containers. */
const VENET = 'venet0';

/**
 * @param gone addresses that are taken away first, those that are merely added again among them
 * @returns what both do to the node's routes and proxy entries, in that order
 */
export function venetEffects(
  snapshot: Snapshot,
  ve: Ve,
  gone: readonly string[],
  come: readonly string[],
): Effect[] {
  const effects: Effect[] = [];
  let state = snapshot;
  const fold = (made: readonly Effect[]): void => {
    effects.push(...made);
    state = applyEffects(state, made);
  };
  for (const address of gone) {
    fold(routeRemoval(state, ve, address));
    fold(proxyRemovals(state, address));
    const pin = hookPin(ve, address, snapshot);
    if (pin !== undefined) fold(hookRemoves(pin, address, state));
  }
  for (const address of come) {
    fold(proxyAdditions(state, address));
    fold(routeAddition(state, ve, address));
    const pin = hookPin(ve, address, snapshot);
    if (pin !== undefined) fold(hookAdds(pin, address, state));
  }
  return effects;
}

/**
 * The devices that the helpers answer for an address on. vzctl 4 goes by NEIGHBOUR_DEVS of vz.conf, which holds for
 * the whole node; OpenVZ 7 no longer knows it and takes all that have an address.
 */
export function neighbourDevices(snapshot: Snapshot, address: string): string[] {
  const devices = netDevices(snapshot);
  const setting = snapshot.openvz?.conf.get('NEIGHBOUR_DEVS') || 'all';
  if (snapshot.openvz?.version === '7' || setting === 'all') return devices;
  if (setting.startsWith('list:')) {
    const listed = setting.slice('list:'.length).split(/\s+/);
    return devices.filter((dev) => listed.includes(dev));
  }
  if (setting !== 'detect') return [];
  const way = lookup(snapshot, { dst: address });
  return devices.filter((dev) => way?.kind === 'taken' && way.dev === dev);
}

/** Those that are up, do ARP and have an address of any family, but for lo and venet0. */
function netDevices({ addresses, links }: Snapshot): string[] {
  const serves = (link: Link | undefined): boolean =>
    link?.flags.includes('UP') === true && !link.flags.includes('NOARP');
  const devs = new Set(addresses.map(({ dev }) => dev));
  return [...devs].filter((dev) => dev !== 'lo' && dev !== VENET && serves(links.get(dev)));
}

/** Proxy entries of an address. */
export function proxiesOf({ neighbours }: Snapshot, address: string): Neighbour[] {
  return neighbours.filter(({ proxy, dst }) => proxy && dst === address);
}

function proxyAdditions(snapshot: Snapshot, address: string): Effect[] {
  const there = proxiesOf(snapshot, address).map(({ dev }) => dev);
  return neighbourDevices(snapshot, address)
    .filter((dev) => !there.includes(dev))
    .map((dev) => ({ kind: 'neighbour', set: proxyEntry(address, dev) }));
}

function proxyEntry(dst: string, dev: string): Neighbour {
  const nothing = { lladdr: null, nud: null, flags: [], protocol: null } as const;
  return { family: familyOf(dst), dst, dev, proxy: true, ...nothing };
}

/** vzctl 4 takes them from the NICs that NEIGHBOUR_DEVS names now; OpenVZ 7 from all that /proc/net/arp shows. */
function proxyRemovals(snapshot: Snapshot, address: string): Effect[] {
  const seven = snapshot.openvz?.version === '7';
  const devices = seven ? [] : neighbourDevices(snapshot, address);
  return proxiesOf(snapshot, address)
    .filter(({ dev, family }) =>
      seven ? dev !== null && family === 4 : dev !== null && devices.includes(dev),
    )
    .map((entry) => ({ kind: 'neighbour', unset: entry }));
}

/** The node's end of a container's venet; undefined where nothing tells it. */
function venetDevice(snapshot: Snapshot, ve: Ve): string | undefined {
  if (snapshot.openvz?.version !== '7') return VENET;
  const routed = ve.addresses.flatMap((address) => mainRoutes(snapshot, address));
  const own = routed.flatMap(({ nexthops }) => nexthops[0]?.dev ?? [])[0] ?? `veth${ve.id.slice(0, 8)}`;
  return snapshot.links.has(own) ? own : undefined;
}

/** Routes to an address alone that lead to a device. */
export function venetRoutes(snapshot: Snapshot, address: string): Route[] {
  return routesTo(snapshot.routes, `${address}/${MAX_LENGTH[familyOf(address)]}`).filter(
    ({ type, table }) => type === 'unicast' && table !== TABLE.local,
  );
}

function mainRoutes(snapshot: Snapshot, address: string): Route[] {
  return venetRoutes(snapshot, address).filter(({ table }) => table === TABLE.main);
}

function leadsTo(device: string): (route: Route) => boolean {
  return ({ nexthops }) => nexthops.length === 1 && nexthops[0]?.dev === device && nexthops[0].via === null;
}

/** vzctl 4 adds none where any table has one; OpenVZ 7 replaces what main has. */
function routeAddition(snapshot: Snapshot, ve: Ve, address: string): Effect[] {
  const device = venetDevice(snapshot, ve);
  if (device === undefined) return [];
  const there = snapshot.openvz?.version !== '7' && venetRoutes(snapshot, address).some(leadsTo(device));
  return there ? [] : [{ kind: 'route', set: venetRoute(address, device, routeSource(snapshot, address)) }];
}

function venetRoute(address: string, dev: string, src: string | null): Route {
  const family = familyOf(address);
  return {
    ...{ family, type: 'unicast', dst: `${address}/${MAX_LENGTH[family]}`, table: TABLE.main, tos: 0 },
    ...{ metric: DEFAULT_METRIC[family], protocol: PROTOCOL.boot, src, from: null, metrics: {}, flags: [] },
    scope: family === 4 ? SCOPE.link : SCOPE.global,
    nexthops: [{ via: null, dev, weight: 1, onlink: false, encap: null }],
    ...{ pref: family === 6 ? 'medium' : null, realms: null, expires: null, nhid: null },
  };
}

/** Where some table has one, it is main's that goes. */
function routeRemoval(snapshot: Snapshot, ve: Ve, address: string): Effect[] {
  const device = venetDevice(snapshot, ve);
  if (device === undefined) return [];
  const [route] = mainRoutes(snapshot, address).filter(leadsTo(device));
  return route === undefined ? [] : [{ kind: 'route', unset: route }];
}

/** The first IPv4 address of VE_ROUTE_SRC_DEV, by the local table. */
function routeSource(snapshot: Snapshot, address: string): string | null {
  const dev = sourceDevice(snapshot, address);
  return dev === undefined ? null : (localAddress(snapshot, dev) ?? null);
}

function sourceDevice({ openvz }: Snapshot, address: string): string | undefined {
  return familyOf(address) === 4 ? openvz?.conf.get('VE_ROUTE_SRC_DEV') || undefined : undefined;
}

function localAddress({ routes }: Snapshot, dev: string): string | undefined {
  const local = routes.find(
    ({ table, type, family, dst, nexthops }) =>
      table === TABLE.local &&
      type === 'local' &&
      family === 4 &&
      nexthops[0]?.dev === dev &&
      !dst.startsWith('127.'),
  );
  return local?.dst.split('/')[0];
}

/** Why the helpers would refuse an address: VE_ROUTE_SRC_DEV names a device without one. */
export function sourceProblem(snapshot: Snapshot, address: string): string | undefined {
  const dev = sourceDevice(snapshot, address);
  if (dev === undefined || localAddress(snapshot, dev) !== undefined) return undefined;
  return `VE_ROUTE_SRC_DEV of /etc/vz/vz.conf is ${dev}, which has no IPv4 address: vzctl would fail`;
}
