/** Pins of what the host routes to: a source rule, and proxy ARP where the wire asks for the address itself. */
import { displayPrefix, type Family, familyOf, prefixContains } from '../../shared/addr.js';
import type { Problem } from '../../shared/change.js';
import type { Route, Snapshot } from '../../snapshot/model.js';
import { pinRecord } from '../pin_record.js';
import { type Expansion, type Part, part } from '../resource.js';
import { route } from '../route.js';
import { TABLE } from '../routing/names.js';
import { sysctl } from '../sysctl.js';
import { innerDevices } from './attachment.js';
import type { ContainerPinParams, Subject } from './container-params.js';
import { type NicWay, nicWay, tableTaken } from './nic.js';
import { DEFAULT_PRIORITY } from './nic-schema.js';
import { formerOf, nodeSettings } from './node.js';
import { hostPrefix, leftovers, proxyPart, ruleParts, tableParts, unusedTables } from './parts.js';
import { RECORD_FILE, type RecordedPin, type RecordedProxy, readRecord } from './record.js';

export interface Routed extends Subject {
  addresses: readonly string[];
  /** Devices that lead to it; none where nothing tells. */
  devs: readonly string[];
}

/** @param given whether the playbook names the addresses: then each family of them must have a way by the NIC */
export function routedParts(
  subjects: readonly Routed[],
  given: boolean,
  params: ContainerPinParams,
  snapshot: Snapshot,
): Expansion {
  const problems: Problem[] = [];
  const warnings: string[] = [];
  const all = subjects.flatMap(({ addresses }) => addresses);
  const ways = waysFor(all, given, params, snapshot, problems, warnings);
  problems.push(...ways.flatMap((way) => tableTaken(way, all, snapshot) ?? []));
  const routes = subjects.flatMap((each) => wayParts(each, ways, snapshot, problems));
  if (problems.length > 0) return { parts: [], problems };
  const priority = params.priority ?? DEFAULT_PRIORITY;
  const node = nodeSettings(ways, snapshot, innerDevices(snapshot));
  const gone = subjects.flatMap((each) => goneOf(each, ways, priority, snapshot));
  return {
    parts: [
      ...node.map((setting) => part(sysctl, setting)),
      ...ways.flatMap(tableParts),
      ...routes,
      ...subjects.flatMap((each) => pinParts(each, ways, priority, snapshot)),
      ...subjects.map((each) =>
        part(pinRecord, {
          ...recordOf(each, ways, priority, params, snapshot),
          former: formerOf(node, snapshot),
        }),
      ),
      ...gone.flatMap(({ parts }) => parts),
      ...unusedTables(gone, snapshot),
    ],
    warnings,
  };
}

/**
 * A NIC without IPv6 is no reason to refuse a container that has an IPv6 address beside its IPv4 one: that stays
 * where it is, which is said.
 */
function waysFor(
  addresses: readonly string[],
  given: boolean,
  params: ContainerPinParams,
  snapshot: Snapshot,
  problems: Problem[],
  warnings: string[],
): NicWay[] {
  const way = (family: Family, found: Problem[]): NicWay[] =>
    [nicWay({ ...params, nic: params.nic ?? '' }, family, snapshot, found) ?? []].flat();
  const has = (family: Family): boolean => addresses.some((address) => familyOf(address) === family);
  const four = has(4) ? way(4, problems) : [];
  if (!has(6)) return four;
  const found: Problem[] = [];
  const six = way(6, found);
  if (given || !has(4)) problems.push(...found);
  else
    warnings.push(
      ...found.map(
        ({ message }) =>
          `${message}; not pinned: ${addresses.filter((each) => familyOf(each) === 6).join(', ')}`,
      ),
    );
  return [...four, ...six];
}

function wayOf(address: string, ways: readonly NicWay[]): NicWay | undefined {
  return ways.find(({ gateway }) => familyOf(gateway) === familyOf(address));
}

function isOwn(address: string, { addresses }: Snapshot): boolean {
  return addresses.some(({ local }) => local === address);
}

/** The routes that are missing. What the wire itself has on the NIC's own network is no container's. */
function wayParts(
  { addresses, devs, name }: Routed,
  ways: readonly NicWay[],
  snapshot: Snapshot,
  problems: Problem[],
): Part[] {
  return addresses.flatMap((address): Part[] => {
    const way = wayOf(address, ways);
    if (way === undefined || isOwn(address, snapshot)) return [];
    const now = routeTo(address, snapshot);
    const dev = now?.nexthops[0]?.dev;
    const [wanted] = devs;
    const reached =
      devs.length > 0 ? devs.includes(dev ?? '') : now !== undefined && !way.networks.includes(now.dst);
    if (reached) return [];
    if (wanted !== undefined) return [part(route, { dst: address, dev: wanted })];
    problems.push({
      message: `no route tells where ${address}${name === address ? '' : ` of ${name}`} is: ${now === undefined ? 'there is none' : `${displayPrefix(now.dst)} is on the wire, by ${dev ?? now.type}`}`,
      hint: `Before this task: route: {dst: ${address}, dev: …}, with the device that leads to it.`,
      path: ['addresses'],
    });
    return [];
  });
}

/** The closest one in the main table, but for the default. */
function routeTo(address: string, { routes }: Snapshot): Route | undefined {
  const length = ({ dst }: Route): number => Number(dst.split('/')[1]);
  return routes
    .filter(
      (each) => each.table === TABLE.main && each.type === 'unicast' && each.family === familyOf(address),
    )
    .filter((each) => length(each) > 0 && prefixContains(each.dst, address))
    .reduce<Route | undefined>(
      (best, each) => (best === undefined || length(each) > length(best) ? each : best),
      undefined,
    );
}

/**
 * Only addresses of the NIC's own networks are asked for on the wire. Those of others come by a router, which asks for
 * the host's address, or hide behind that one (masquerade): the source rule is all that they need.
 */
function pinParts(
  { addresses }: Routed,
  ways: readonly NicWay[],
  priority: number,
  snapshot: Snapshot,
): Part[] {
  return addresses.flatMap((address) => {
    const way = wayOf(address, ways);
    if (way === undefined) return [];
    const asked = way.networks.some((network) => prefixContains(network, address));
    return [
      ...ruleParts(address, way.table, priority),
      ...(asked && !isOwn(address, snapshot) ? [proxyPart(address, way)] : []),
    ];
  });
}

function goneOf(
  { addresses, before, name }: Routed,
  ways: readonly NicWay[],
  priority: number,
  snapshot: Snapshot,
) {
  const others = othersAddresses(name, snapshot);
  return ways.flatMap(({ table, gateway }, index) => {
    const own = addresses.filter((address) => familyOf(address) === familyOf(gateway));
    // What is lost is lost once, whatever its family.
    const lost = (before?.addresses ?? []).filter((address) => index === 0 && !addresses.includes(address));
    const earlier = { priority: before?.priority ?? priority, addresses: lost };
    return leftovers({ addresses: own, table, priority }, earlier, others, snapshot);
  });
}

/** Those of other pins and of other containers. */
export function othersAddresses(name: string, { files, containers }: Snapshot): string[] {
  const { pins } = readRecord(files.get(RECORD_FILE)?.content);
  const all = containers?.all ?? [];
  return [
    ...pins.filter((pin) => pin.name !== name).flatMap((pin) => pin.addresses),
    ...all
      .filter((each) => each.name !== name)
      .flatMap(({ devices }) => devices.flatMap((device) => device.addresses)),
  ];
}

function recordOf(
  { type, name, addresses, before }: Routed,
  ways: readonly NicWay[],
  priority: number,
  { nic = '' }: ContainerPinParams,
  snapshot: Snapshot,
): RecordedPin {
  const pinned = addresses.filter((address) => wayOf(address, ways) !== undefined);
  return {
    ...{ type, name, nic, addresses: pinned, priority },
    proxies: pinned.flatMap((address) =>
      before?.addresses.includes(address) === true
        ? (before.proxies ?? []).filter((proxy) => proxy.address === address)
        : proxiesNow(address, snapshot),
    ),
  };
}

function proxiesNow(address: string, { neighbours }: Snapshot): RecordedProxy[] {
  return neighbours.flatMap(({ proxy, dst, dev }) =>
    proxy && dst === address && dev !== null ? [{ address, dev }] : [],
  );
}

/** The address's own route, where netplay made it. */
export function ownRoute(address: string, { routes }: Snapshot, protocol: number): Route | undefined {
  const dst = hostPrefix(address);
  return routes.find((each) => each.dst === dst && each.table === TABLE.main && each.protocol === protocol);
}
