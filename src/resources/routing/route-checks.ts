/** Whether the kernel would take a route, told from the state that will be: gateways, devices, sources. */
import { DEFAULT_PREFIX, type Family, parseAddress, prefixContains } from '../../shared/addr.js';
import type { Problem } from '../../shared/change.js';
import { nearest } from '../../shared/nearest.js';
import type { Nexthop, Route, Snapshot } from '../../snapshot/model.js';
import { routesOver, routesTo } from '../../snapshot/route-index.js';
import { ipv6Problem } from '../links/ipv6-switch.js';
import { SCOPE, scopeName, TABLE } from './names.js';
import { findLink, type NexthopWish, type RouteWish } from './route-wish.js';

/** Whether a route leads to a link itself, so that a gateway of a route in `table` can be reached by it. */
function isLinkRoute(route: Route, family: Family, table: number): boolean {
  return (
    route.family === family &&
    // The kernel looks into the route's own table, then into main.
    (route.table === table || route.table === TABLE.main) &&
    route.type === 'unicast' &&
    route.nexthops.length === 1 &&
    route.nexthops[0]?.via === null &&
    // It takes a gateway only through a route that is nearer than the new one (fib_check_nh).
    (family === 6 || route.scope > 0)
  );
}

function devicesTo(via: string, snapshot: Snapshot, family: Family, table: number): string[] {
  const reached = routesOver(snapshot.routes, via, family).filter((route) =>
    isLinkRoute(route, family, table),
  );
  return [...new Set(reached.flatMap((route) => route.nexthops[0]?.dev ?? []))];
}

/**
 * Finds the device of a gateway that was named without one. The kernel would take the first that it
 * finds, which is the wrong one where two NICs are in one network.
 */
export function deviceOf(
  hop: NexthopWish,
  wish: RouteWish,
  snapshot: Snapshot,
  problems: Problem[],
): string | null {
  if (hop.via === null) return null;
  const family = hop.via.includes(':') ? 6 : 4;
  const found = devicesTo(hop.via, snapshot, family, wish.table);
  const [only, ...others] = found;
  if (only !== undefined && others.length === 0) return only;
  const linkLocal = prefixContains('fe80::/10', hop.via);
  problems.push(
    linkLocal || only !== undefined
      ? {
          message: linkLocal
            ? `via ${hop.via} is link-local and says nothing of the device`
            : `via ${hop.via} is reached through ${found.join(' and ')}: which one is meant can't be told`,
          hint: 'Name it with dev.',
          path: ['via'],
        }
      : {
          message: `via ${hop.via} is in no network that this host is connected to`,
          hint: 'Name dev, and say onlink: true where the gateway is reached all the same.',
          path: ['via'],
        },
  );
  return null;
}

/** The prefixes that are on a link, as a hint for whoever mistyped a gateway. */
function prefixesOf(dev: string, snapshot: Snapshot, family: Family, table: number): string {
  const own = snapshot.routes
    .filter((route) => route.nexthops[0]?.dev === dev && isLinkRoute(route, family, table))
    .filter((route) => route.dst !== DEFAULT_PREFIX[family])
    .map((route) => route.dst);
  const list = [...new Set(own)];
  return list.length === 0 ? `${dev} has no IPv${family} network` : `${dev} is in ${list.join(', ')}`;
}

/** The problem of a device that isn't there, with the links that are. */
export function missingDevice(dev: string, snapshot: Snapshot, path: Problem['path'] & object): Problem {
  const links = [...snapshot.links.keys()];
  const near = nearest(dev, links);
  return {
    message: `there is no device ${dev} on this host${near === undefined ? '' : `; did you mean ${near}?`}`,
    hint: `Devices here: ${links.join(', ') || 'none'}.`,
    path,
  };
}

function checkDevice(dev: string, route: Route, snapshot: Snapshot, path: string): Problem | undefined {
  const link = findLink(dev, snapshot);
  if (link === undefined) return missingDevice(dev, snapshot, [path]);
  const off = route.family === 6 ? ipv6Problem(link.name, snapshot, [path]) : undefined;
  if (off !== undefined) return off;
  if (link.flags.includes('UP') || route.type === 'local') return undefined;
  return {
    message: `${dev} is down, and the kernel refuses a route through a link that is down`,
    hint: `Put a task before this one: link: {name: ${dev}, state: up}`,
    path: [path],
  };
}

function checkGateway(hop: Nexthop, route: Route, snapshot: Snapshot, path: string): Problem | undefined {
  const { via, dev, onlink } = hop;
  if (via === null || dev === null) return undefined;
  const family = via.includes(':') ? 6 : 4;
  const owner = snapshot.addresses.find((address) => address.local === via);
  if (owner !== undefined)
    return {
      message: `via ${via} is this host's own address (on ${owner.dev}): a gateway is another host`,
      path: [path],
    };
  const wrong = noHost(via, snapshot);
  if (wrong !== undefined) return { message: `via ${via} is ${wrong}: a gateway is a host`, path: [path] };
  if (route.family === 4 && route.scope >= SCOPE.link)
    return {
      message: `a route through a gateway has no scope ${scopeName(route.scope, snapshot.names)}`,
      hint: 'Leave scope out.',
      path: ['scope'],
    };
  if (onlink || prefixContains('fe80::/10', via)) return undefined;
  const reached = routesOver(snapshot.routes, via, family).some(
    (other) => other.nexthops[0]?.dev === dev && isLinkRoute(other, family, route.table),
  );
  if (reached) return undefined;
  return {
    message: `via ${via} is not in a network of ${dev}: ${prefixesOf(dev, snapshot, family, route.table)}`,
    hint: `Put the route to the gateway's network before this one, or say onlink: true.`,
    path: [path],
  };
}

/** Addresses that the kernel takes for no gateway (fib_check_nh, ip6_route_check_nh). */
function noHost(via: string, snapshot: Snapshot): string | undefined {
  if (['224.0.0.0/4', 'ff00::/8'].some((prefix) => prefixContains(prefix, via))) return 'a multicast address';
  const broadcast = routesTo(snapshot.routes, `${via}/32`).some((route) => route.type === 'broadcast');
  return broadcast ? 'the broadcast address of a network here' : undefined;
}

/** What the kernel takes no IPv6 multipath route for: ways without a gateway, the same way twice. */
function checkWays(route: Route): Problem[] {
  const { family, nexthops } = route;
  if (family === 4 || nexthops.length < 2) return [];
  const bare = nexthops.find((hop) => hop.via === null);
  if (bare !== undefined)
    return [
      {
        message: `nexthops of an IPv6 route need a gateway each: dev ${bare.dev} alone is not taken`,
        path: ['nexthops'],
      },
    ];
  const ways = nexthops.map((hop) => `via ${hop.via} dev ${hop.dev}`);
  const twice = ways.find((way, index) => ways.indexOf(way) !== index);
  if (twice === undefined) return [];
  return [{ message: `${twice} is given twice`, hint: 'Give it one greater weight.', path: ['nexthops'] }];
}

function checkSource(route: Route, snapshot: Snapshot): Problem | undefined {
  const { src, family } = route;
  if (src === null || prefixContains('127.0.0.0/8', src)) return undefined;
  const held = snapshot.addresses.filter((address) => address.local === src);
  const devs = new Set(route.nexthops.map((hop) => hop.dev));
  const narrow = held.find(
    (address) => family === 6 && address.scope >= SCOPE.link && !held.some((other) => devs.has(other.dev)),
  );
  if (narrow !== undefined && devs.size > 0)
    return {
      message: `src ${src} holds on ${narrow.dev} only, where this route does not go`,
      path: ['src'],
    };
  if (held.some((address) => !address.flags.includes('dadfailed'))) return undefined;
  const there = snapshot.addresses.filter((address) => address.family === family);
  const near = there.filter((address) => devs.has(address.dev));
  const list = (near.length > 0 ? near : there).map((address) => `${address.local} (${address.dev})`);
  return {
    message:
      held.length > 0
        ? `src ${src} is another host's address too (duplicate address detection failed)`
        : `src ${src} is not an address of this host`,
    hint: `IPv${family} addresses here: ${list.join(', ') || 'none'}.`,
    path: ['src'],
  };
}

/** All that the kernel would refuse in `route`, given the state that will be when it is made. */
export function checkRoute(route: Route, snapshot: Snapshot, multipath: boolean): readonly Problem[] {
  const at = (name: string) => (multipath ? 'nexthops' : name);
  const problems = route.nexthops.flatMap((hop) => {
    const device = hop.dev === null ? undefined : checkDevice(hop.dev, route, snapshot, at('dev'));
    return device ?? checkGateway(hop, route, snapshot, at('via')) ?? [];
  });
  const mixed = route.nexthops.find(
    ({ via }) => via !== null && route.family === 6 && parseAddress(via)?.family === 4,
  );
  if (mixed !== undefined)
    problems.push({ message: `an IPv6 route can't have the IPv4 gateway ${mixed.via}`, path: [at('via')] });
  problems.push(...checkWays(route));
  const source = checkSource(route, snapshot);
  return source === undefined ? problems : [...problems, source];
}
