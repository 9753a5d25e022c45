/** Whether two values stand for the same thing in the kernel: what it compares when something is added. */
import type { BridgeVlan, FdbEntry } from './bridge.js';
import type { Address, Neighbour, Route, Rule } from './model.js';

/** IPv4: table, prefix, TOS and metric. IPv6 knows no TOS, but a source prefix. */
export function sameRoute(a: Route, b: Route): boolean {
  return (
    a.dst === b.dst &&
    a.table === b.table &&
    a.metric === b.metric &&
    a.family === b.family &&
    (a.family === 4 ? a.tos === b.tos : a.from === b.from)
  );
}

const RULE_SELECTORS = [
  ...['family', 'priority', 'not', 'from', 'to', 'iif', 'oif', 'fwmark', 'fwmask', 'tos', 'ipproto', 'tunId'],
  ...['l3mdev', 'action', 'table', 'goto', 'suppressPrefixlength', 'suppressIfgroup', 'realms', 'other'],
] as const satisfies readonly (keyof Rule)[];
const RULE_RANGES = ['sport', 'dport', 'uidrange'] as const satisfies readonly (keyof Rule)[];

/** Selector, action and priority. The kernel counts the protocol in, netplay does not: see docs/architecture.md. */
export function sameRule(a: Rule, b: Rule): boolean {
  return (
    RULE_SELECTORS.every((field) => a[field] === b[field]) &&
    RULE_RANGES.every((field) => a[field]?.[0] === b[field]?.[0] && a[field]?.[1] === b[field]?.[1])
  );
}

/** Device, address, length and peer. */
export function sameAddress(a: Address, b: Address): boolean {
  return a.dev === b.dev && a.local === b.local && a.length === b.length && a.peer === b.peer;
}

/** Address and device; a proxy entry stands beside a neighbour of the same address. */
export function sameNeighbour(a: Neighbour, b: Neighbour): boolean {
  return a.dst === b.dst && a.dev === b.dev && a.proxy === b.proxy;
}

/**
 * Device, MAC, VLAN and table; the source VNI of a VXLAN device too. One for several MACs (a group, or all) has
 * as many entries as other ends.
 */
export function sameFdb(a: FdbEntry, b: FdbEntry): boolean {
  return (
    a.dev === b.dev &&
    a.lladdr === b.lladdr &&
    a.vlan === b.vlan &&
    a.self === b.self &&
    a.srcVni === b.srcVni &&
    (!isShared(a) || (a.dst === b.dst && a.port === b.port && a.vni === b.vni && a.via === b.via))
  );
}

/** Whether an entry stands beside others of its MAC: on VXLAN one of all zeroes, or a group's. */
export function isShared({ lladdr, dst }: FdbEntry): boolean {
  return dst !== null && (/^[0:]+$/.test(lladdr) || Number.parseInt(lladdr.slice(0, 2), 16) % 2 === 1);
}

/** All that tells two entries of a forwarding table apart, as text. */
export function fdbText(entry: FdbEntry): string {
  const { lladdr, dev, self, vlan, nud, flags, dst, port, vni, via, srcVni } = entry;
  return JSON.stringify([lladdr, dev, self, vlan, nud, [...flags].sort(), dst, port, vni, via, srcVni]);
}

/** All that tells two VLANs of ports apart, as text. */
export function vlanText({ dev, vid, pvid, untagged }: BridgeVlan): string {
  return JSON.stringify([dev, vid, pvid, untagged]);
}

/** All that tells two neighbours apart, as text. */
export function neighbourText(neighbour: Neighbour): string {
  const { dst, dev, proxy, lladdr, nud, flags, protocol } = neighbour;
  return JSON.stringify([dst, dev, proxy, lladdr, nud, flags, protocol]);
}

/** All that tells two routes apart, as text; flags and the time left come and go by themselves. */
export function routeText(route: Route): string {
  const { metrics } = route;
  const hops = route.nexthops.map((hop) => [
    ...[hop.via, hop.dev, hop.weight, hop.onlink, hop.encap, hop.realms],
  ]);
  return JSON.stringify([
    ...[
      route.family,
      route.type,
      route.dst,
      route.table,
      route.tos,
      route.metric,
      route.protocol,
      route.scope,
    ],
    ...[route.src, route.from, hops, route.pref, route.realms, route.nhid],
    Object.entries(metrics).sort(([a], [b]) => (a < b ? -1 : 1)),
  ]);
}
