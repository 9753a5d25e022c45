/** The probes that every guarded change asks before and after: the way out of the host, and its resolvers. */
import { DEFAULT_PREFIX, type Family, parseAddress } from '../shared/addr.js';
import type { Read, Route, Snapshot } from '../snapshot/model.js';
import { type PingParams, ping } from './ping.js';
import { makeProbe, type Probe } from './probe.js';

const RESOLV_CONF = '/etc/resolv.conf';
const MAIN_TABLE = 254;
/** Seconds: what is asked is near, and many a resolver never answers a ping, which each run waits for. */
const TIMEOUT = 1;
/** More are not asked by any resolver library (MAXNS). */
const MOST_RESOLVERS = 3;

/** What `baselineProbes` looks at in a snapshot. */
export const baselineReads: readonly Read[] = [
  { kind: 'addresses' },
  { kind: 'routes', family: 4 },
  { kind: 'routes', family: 6 },
  { kind: 'file', path: RESOLV_CONF },
];

/**
 * Pings of the default gateways (of each family, by the main table's default route of the lowest metric) and
 * of the resolvers that are not on the host itself. What of these does not answer before a change proves
 * nothing after it: see `broken`.
 */
export function baselineProbes(snapshot: Snapshot): Probe[] {
  const gateways = ([4, 6] as const).flatMap((family) => gatewaysOf(snapshot.routes, family));
  const probes = [
    ...gateways.map((target) => ({ target, role: 'default gateway' })),
    ...resolversOf(snapshot).map((target) => ({ target, role: 'resolver' })),
  ];
  const seen = new Set<string>();
  return probes.flatMap(({ target, role }) => {
    const label = ping.describe(target);
    if (seen.has(label)) return [];
    seen.add(label);
    return [makeProbe(ping, { ...target, timeout: TIMEOUT }, `${label} (${role})`)];
  });
}

function gatewaysOf(routes: readonly Route[], family: Family): PingParams[] {
  const defaults = routes.filter(
    ({ dst, table, type, nexthops }) =>
      dst === DEFAULT_PREFIX[family] && table === MAIN_TABLE && type === 'unicast' && nexthops.length > 0,
  );
  const withGateway = defaults.filter(({ nexthops }) => nexthops.some(({ via }) => via !== null));
  const lowest = Math.min(...withGateway.map(({ metric }) => metric));
  return withGateway
    .filter(({ metric }) => metric === lowest)
    .flatMap(({ nexthops }) =>
      nexthops.flatMap(({ via, dev }) => (via === null ? [] : [target(via, dev ?? undefined)])),
    );
}

/** An address with the device that a link-local one needs to mean anything. */
function target(dest: string, dev: string | undefined): PingParams {
  return isLinkLocal(dest) && dev !== undefined ? { dest, interface: dev } : { dest };
}

function isLinkLocal(address: string): boolean {
  return /^fe[89ab]/i.test(address);
}

function resolversOf({ files, addresses }: Snapshot): PingParams[] {
  const content = files.get(RESOLV_CONF)?.content ?? '';
  const own = new Set(addresses.map(({ local }) => local));
  return nameservers(content)
    .slice(0, MOST_RESOLVERS)
    .filter(({ dest }) => !isLoopback(dest) && !own.has(dest));
}

function isLoopback(address: string): boolean {
  return address.startsWith('127.') || ['::1', '0.0.0.0', '::'].includes(address);
}

/** The `nameserver` lines of resolv.conf(5), which has its keyword at the beginning of the line. */
function nameservers(content: string): PingParams[] {
  return content.split('\n').flatMap((line) => {
    const [, text = '', zone] = /^nameserver[ \t]+([^\s%;#]+)(?:%([^\s;#]+))?/.exec(line) ?? [];
    const parsed = parseAddress(text);
    return parsed === undefined ? [] : [target(parsed.address, zone)];
  });
}
