/** The uplinks of a `multihome` task, read and checked against each other and against the host. */
import { type Family, formatPrefix, parseAddress, parsePrefix, prefixContains } from '../../shared/addr.js';
import type { Problem } from '../../shared/change.js';
import type { Snapshot } from '../../snapshot/model.js';
import { TABLE } from '../routing/names.js';
import { missingDevice } from '../routing/route-checks.js';
import { findLink } from '../routing/route-wish.js';

export interface UplinkParams {
  dev: string;
  address: string;
  gateway: string;
  table: number;
  name?: string;
  priority?: number;
  onlink?: boolean;
  default?: boolean;
  weight?: number;
  metric?: number;
}

export interface MultihomeParams {
  name?: string;
  uplinks: readonly UplinkParams[];
  manage_addresses?: boolean;
  state?: 'present' | 'absent';
}

/** One uplink, its texts in the kernel's spelling. */
export interface Uplink {
  family: Family;
  /** By its own name. */
  dev: string;
  address: string;
  length: number;
  /** The network of its neighbours; null where the address is a single host. */
  network: string | null;
  gateway: string;
  table: number;
  name: string | undefined;
  priority: number;
  onlink: boolean;
  /** Whether main's default route may go by it; undefined where the task says nothing of that. */
  default: boolean | undefined;
  weight: number | undefined;
  metric: number | undefined;
}

/** The kernel's rule for main: what stands behind it is asked too late. */
const MAIN_PRIORITY = 32_766;

/** The uplinks; what can't be meant goes to `problems`. */
export function readUplinks(params: MultihomeParams, snapshot: Snapshot, problems: Problem[]): Uplink[] {
  const uplinks = params.uplinks.flatMap((given, at) => readUplink(given, at, snapshot, problems) ?? []);
  if (problems.length > 0) return [];
  if (params.state !== 'absent') {
    uplinks.forEach((uplink, at) => {
      problems.push(...hostProblems(uplink, at, params, snapshot));
    });
  }
  problems.push(...clashes(uplinks));
  return uplinks;
}

function readUplink(
  given: UplinkParams,
  at: number,
  snapshot: Snapshot,
  problems: Problem[],
): Uplink | undefined {
  const refuse = (message: string, key: string, hint?: string) =>
    problems.push({ message, path: ['uplinks', at, key], ...(hint !== undefined && { hint }) });
  const address = parsePrefix(given.address);
  const gateway = parseAddress(given.gateway);
  if (address === undefined || gateway === undefined) return undefined;
  const { family, length } = address;
  if (gateway.family !== family)
    refuse(`gateway ${given.gateway} is no IPv${family} address, as ${given.address} is`, 'gateway');
  if (Object.values(TABLE).some((table) => table === given.table))
    refuse(`table ${given.table} is the host's own`, 'table', 'Take a number from 1 to 252, or above 255.');
  const priority = given.priority ?? given.table;
  if (priority >= MAIN_PRIORITY)
    refuse(
      `priority ${priority} stands behind the rule for main (${MAIN_PRIORITY}), which has an answer for all`,
      given.priority === undefined ? 'table' : 'priority',
      given.priority === undefined
        ? 'It is the number of the table where none is given: give one.'
        : undefined,
    );
  const weighed = given.weight !== undefined || given.metric !== undefined;
  return {
    ...{ family, length, address: address.address, gateway: gateway.address, priority },
    dev: findLink(given.dev, snapshot)?.name ?? given.dev,
    network: length === (family === 4 ? 32 : 128) ? null : formatPrefix(address),
    ...{ table: given.table, name: given.name, onlink: given.onlink ?? false },
    default: given.default ?? (weighed ? true : undefined),
    ...{ weight: given.weight, metric: given.metric },
  };
}

/** What the host has to have, or must not be. */
function hostProblems(
  uplink: Uplink,
  at: number,
  { manage_addresses: managed }: MultihomeParams,
  snapshot: Snapshot,
): Problem[] {
  const path = (key: string) => ['uplinks', at, key];
  const { dev, gateway, network, onlink } = uplink;
  if (!snapshot.links.has(dev)) return [missingDevice(dev, snapshot, path('dev'))];
  if (gateway === uplink.address)
    return [{ message: `gateway ${gateway} is this host's own address`, path: path('gateway') }];
  const near = (network !== null && prefixContains(network, gateway)) || prefixContains('fe80::/10', gateway);
  const gatewayProblem: Problem = {
    message: `gateway ${gateway} is not in the network of ${uplink.address}/${uplink.length}`,
    hint: 'Say onlink: true where it is reached on the link all the same.',
    path: path('gateway'),
  };
  const missing = managed === true ? undefined : addressProblem(uplink, snapshot, path('address'));
  return [...(near || onlink ? [] : [gatewayProblem]), ...(missing === undefined ? [] : [missing])];
}

function addressProblem(
  { dev, address, length }: Uplink,
  { addresses }: Snapshot,
  path: Problem['path'] & object,
): Problem | undefined {
  const held = addresses.filter(({ local }) => local === address);
  if (held.some((one) => one.dev === dev && one.length === length)) return undefined;
  const [other] = [...held.filter((one) => one.dev === dev), ...held];
  return {
    message:
      other === undefined
        ? `${dev} has no address ${address}/${length}`
        : `${address} is on ${other.dev} as ${address}/${other.length}, not on ${dev} as ${address}/${length}`,
    hint: 'Put an address task before this one, or say manage_addresses: true.',
    path,
  };
}

/** What two uplinks can't both have. */
function clashes(uplinks: readonly Uplink[]): Problem[] {
  return uplinks.flatMap((uplink, at) =>
    uplinks.slice(0, at).flatMap((other): Problem[] => {
      const path = (key: string) => ['uplinks', at, key];
      const { address, family, table, name } = uplink;
      if (other.address === address) return [{ message: `${address} is given twice`, path: path('address') }];
      if (other.table === table && other.family === family)
        return [{ message: `two uplinks of IPv${family} have table ${table}`, path: path('table') }];
      if (name === undefined || other.name === undefined || (name === other.name) === (table === other.table))
        return [];
      return [
        name === other.name
          ? { message: `${name} names table ${other.table} and table ${table}`, path: path('name') }
          : { message: `table ${table} is named ${other.name} and ${name}`, path: path('name') },
      ];
    }),
  );
}
