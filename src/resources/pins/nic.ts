/** The NIC that something is pinned to: its networks, its gateway and its table. */
import { createHash } from 'node:crypto';
import {
  displayPrefix,
  type Family,
  familyOf,
  formatPrefix,
  parsePrefix,
  prefixContains,
} from '../../shared/addr.js';
import type { Problem } from '../../shared/change.js';
import type { Route, Snapshot } from '../../snapshot/model.js';
import { PROTOCOL, TABLE } from '../routing/names.js';

/** What a pin needs to know of its NIC, for one family. */
export interface NicWay {
  /** The NIC, or the bridge that it is a port of. */
  dev: string;
  table: number;
  gateway: string;
  /** Those that are on the link itself. */
  networks: readonly string[];
}

export interface NicParams {
  nic: string;
  table?: number;
  gateway?: string;
  gateway6?: string;
}

/** The device that has the NIC's addresses: a port of a bridge has none that work. */
export function deviceOfNic(nic: string, { links }: Snapshot): string {
  const master = links.get(nic)?.master;
  return master != null && links.get(master)?.kind === 'bridge' ? master : nic;
}

/**
 * The table that a NIC has where the task names none: 503 for eth3, as people number them, and for other
 * names one from 10000 on, by a digest, so that it stays the same.
 */
export function tableOfNic(nic: string): number {
  const [, number] = /^eth(\d{1,2})$/.exec(nic) ?? [];
  if (number !== undefined) return 500 + Number(number);
  return 10_000 + (createHash('sha256').update(nic).digest().readUInt32BE(0) % 50_000);
}

/** The table's name, for people: `pin_eth3`. */
export function tableName(nic: string): string {
  return `pin_${nic}`;
}

/** @returns undefined where something is missing, which `problems` then tell */
export function nicWay(
  params: NicParams,
  family: Family,
  snapshot: Snapshot,
  problems: Problem[],
): NicWay | undefined {
  const { nic } = params;
  if (!snapshot.links.has(nic)) {
    problems.push({ message: `no interface ${nic} on this host`, path: ['nic'] });
    return undefined;
  }
  const dev = deviceOfNic(nic, snapshot);
  const table = params.table ?? tableOfNic(nic);
  const networks = networksOf(dev, family, snapshot);
  if (networks.length === 0 && snapshot.links.get(dev)?.flags.includes('UP') === false) {
    problems.push({
      message: `${dev} is down: nothing tells its network`,
      hint: `Bring it up, by a task before this one: link: {name: ${dev}, state: up}`,
      path: ['nic'],
    });
    return undefined;
  }
  if (networks.length === 0) {
    problems.push({
      message: `${dev} has no IPv${family} address: nothing tells its network`,
      hint: `Give it one, by a task before this one: address: {dev: ${dev}, address: …}`,
      path: ['nic'],
    });
    return undefined;
  }
  const given = family === 4 ? params.gateway : params.gateway6;
  const gateway = given ?? knownGateway(dev, table, networks, family, snapshot);
  if (gateway === undefined) {
    const key = family === 4 ? 'gateway' : 'gateway6';
    problems.push({
      message: `no route tells the IPv${family} gateway of ${dev} (${networks.map(displayPrefix).join(', ')})`,
      hint: `Give ${key}.`,
      path: ['nic'],
    });
    return undefined;
  }
  const stranger = strangerIn(table, dev, family, snapshot);
  if (stranger !== undefined) {
    problems.push({
      message: `table ${table} is in use: it has a route to ${displayPrefix(stranger.dst)} by ${stranger.nexthops[0]?.dev ?? stranger.type}`,
      hint: 'Give another table.',
      path: ['table'],
    });
    return undefined;
  }
  return { dev, table, gateway, networks };
}

/**
 * Why the NIC's table can't be had: what comes from an address that is not to be pinned now leaves by another device
 * through it. Pins of the same NIC share a table; one that moves takes its own along.
 */
export function tableTaken(
  { dev, table, gateway }: NicWay,
  addresses: readonly string[],
  { routes, rules }: Snapshot,
): Problem | undefined {
  const family = familyOf(gateway);
  const own = new Set(
    addresses
      .map((address) => parsePrefix(address))
      .flatMap((at) => (at === undefined ? [] : formatPrefix(at))),
  );
  const other = routes
    .filter((route) => route.family === family && route.table === table)
    .flatMap(({ nexthops }) => nexthops.flatMap((hop) => hop.dev ?? []))
    .find((each) => each !== dev);
  const user = rules.find(
    (rule) => rule.family === family && rule.table === table && rule.from !== null && !own.has(rule.from),
  );
  if (other === undefined || user?.from == null) return undefined;
  return {
    message: `table ${table} is in use: what comes from ${displayPrefix(user.from)} leaves by ${other} through it`,
    hint: 'Give another table.',
    path: ['table'],
  };
}

/** The networks that the kernel has on the device's link for its addresses. */
function networksOf(dev: string, family: Family, { routes }: Snapshot): string[] {
  const found = routes.filter(
    ({ family: of, table, protocol, type, dst, nexthops }) =>
      of === family &&
      table === TABLE.main &&
      protocol === PROTOCOL.kernel &&
      type === 'unicast' &&
      nexthops.length === 1 &&
      nexthops[0]?.dev === dev &&
      nexthops[0].via === null &&
      !(family === 6 && dst.startsWith('fe80:')),
  );
  return [...new Set(found.map(({ dst }) => dst))];
}

/** The pin's own, then the main default by this device, then any main default on one of its networks. */
function knownGateway(
  dev: string,
  table: number,
  networks: readonly string[],
  family: Family,
  { routes }: Snapshot,
): string | undefined {
  const hops = routes
    .filter((route) => route.family === family && route.dst.endsWith('/0') && route.type === 'unicast')
    .filter((route) => route.table === table || route.table === TABLE.main)
    .flatMap((route) => route.nexthops.map((hop) => ({ ...hop, own: route.table === table })))
    .filter(({ via }) => via !== null && familyOf(via) === family);
  const near = (via: string | null): boolean =>
    via !== null && networks.some((network) => prefixContains(network, via));
  const found =
    hops.find((hop) => hop.own && hop.dev === dev) ??
    hops.find((hop) => !hop.own && hop.dev === dev) ??
    hops.find((hop) => !hop.own && near(hop.via));
  return found?.via ?? undefined;
}

function strangerIn(table: number, dev: string, family: Family, { routes }: Snapshot): Route | undefined {
  return routes.find(
    (route) =>
      route.family === family &&
      route.table === table &&
      route.protocol !== PROTOCOL.netplay &&
      (route.nexthops.length !== 1 || route.nexthops[0]?.dev !== dev),
  );
}
