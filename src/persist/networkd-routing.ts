/** Addresses, routes, rules and neighbours as sections of a `.network` file (systemd.network(5); tried on systemd 252). */

import { lastAddress } from '../resources/links/broadcast.js';
import { displayPrefix, parsePrefix } from '../shared/addr.js';
import type { BridgeVlan, FdbEntry } from '../snapshot/bridge.js';
import type { Address, Neighbour, Route, RouteMetrics, Rule } from '../snapshot/model.js';
import { isPlainName } from './networkd-names.js';
import type { Section } from './systemd-file.js';

/** The sections, or why networkd has no words for it. */
export type Said = readonly Section[] | string;

/** networkd's own, where a section names none. */
const STATIC = 4;
const MAIN = 254;
const ALL_BITS = 0xffff_ffff;
const SCOPES: Readonly<Record<number, string>> = {
  0: 'global',
  200: 'site',
  253: 'link',
  254: 'host',
  255: 'nowhere',
};

function scopeWord(scope: number): string {
  return SCOPES[scope] ?? String(scope);
}

export function addressSection(address: Address): Said {
  const { local, length, peer, anycast, validLft, preferredLft, metric, flags } = address;
  if (validLft !== null) return 'an address that ends by itself';
  if (preferredLft !== null && preferredLft !== 0)
    return 'an address that ceases to be preferred after a while';
  if (anycast !== null) return 'an anycast address beside an address';
  const own = peer === null ? length : address.family === 4 ? 32 : 128;
  const lines = [
    `Address=${local}/${own}`,
    ...(peer === null ? [] : [`Peer=${peer}/${length}`]),
    ...(address.family === 4 ? lines4(address) : []),
    ...(preferredLft === 0 ? ['PreferredLifetime=0'] : []),
    ...(metric === null ? [] : [`RouteMetric=${metric}`]),
    ...(flags.includes('home') ? ['HomeAddress=yes'] : []),
    ...(flags.includes('mngtmpaddr') ? ['ManageTemporaryAddress=yes'] : []),
    ...(address.family === 6 && flags.includes('nodad') ? ['DuplicateAddressDetection=none'] : []),
    ...(flags.includes('noprefixroute') ? ['AddPrefixRoute=no'] : []),
    ...(flags.includes('autojoin') ? ['AutoJoin=yes'] : []),
  ];
  return [{ name: 'Address', lines }];
}

function lines4(address: Address): string[] {
  const { local, broadcast, label, dev, scope } = address;
  const special = local.startsWith('127.') || local.startsWith('169.254.');
  return [
    ...(broadcast === usualBroadcast(address) ? [] : [`Broadcast=${broadcast ?? 'no'}`]),
    ...(label === null || label === dev ? [] : [`Label=${label}`]),
    ...(scope === 0 && !special ? [] : [`Scope=${scopeWord(scope)}`]),
    // networkd looks for others that have a link-local address before it sets it.
    ...(local.startsWith('169.254.') ? ['DuplicateAddressDetection=none'] : []),
  ];
}

/** What networkd gives an address where nothing else is said. */
export function usualBroadcast({ local, length, peer }: Address): string | null {
  const prefix = peer !== null || length > 30 ? undefined : parsePrefix(`${local}/${length}`);
  return prefix === undefined ? null : lastAddress(prefix);
}

/** iproute2's words for what a route says of TCP and sizes, and networkd's. */
const METRICS: Readonly<Partial<Record<keyof RouteMetrics, string>>> = {
  mtu: 'MTUBytes',
  advmss: 'TCPAdvertisedMaximumSegmentSize',
  initcwnd: 'InitialCongestionWindow',
  initrwnd: 'InitialAdvertisedReceiveWindow',
  quickack: 'QuickAck',
  congctl: 'TCPCongestionControlAlgorithm',
};

export function routeSection(route: Route): Said {
  const why = routeRefusal(route);
  if (why !== undefined) return why;
  const { family, type, dst, src, from, metric, metrics, table, protocol, pref, scope, nexthops } = route;
  const [only] = nexthops;
  const hops =
    nexthops.length > 1
      ? nexthops.map(({ via, dev, weight }) => `MultiPathRoute=${via}@${dev} ${weight}`)
      : [
          ...(only?.via == null ? [] : [`Gateway=${only.via}`]),
          ...(only?.onlink ? ['GatewayOnLink=yes'] : []),
        ];
  const lines = [
    `Destination=${dst}`,
    ...(type === 'unicast' ? [] : [`Type=${type}`]),
    ...hops,
    ...(from === null ? [] : [`Source=${from}`]),
    ...(src === null ? [] : [`PreferredSource=${src}`]),
    ...(family === 4 ? [`Scope=${scopeWord(scope)}`] : []),
    ...(metric === (family === 4 ? 0 : 1024) ? [] : [`Metric=${metric}`]),
    ...(table === MAIN && type === 'unicast' ? [] : [`Table=${table}`]),
    ...(protocol === STATIC ? [] : [`Protocol=${protocol}`]),
    ...(pref === null || pref === 'medium' ? [] : [`IPv6Preference=${pref}`]),
    ...Object.entries(METRICS).flatMap(([name, key]) => {
      const value = metrics[name as keyof RouteMetrics];
      return value === undefined ? [] : [`${key}=${value}`];
    }),
  ];
  return [{ name: 'Route', lines }];
}

/** What networkd has no word for in a route; undefined where it has all. */
export function routeRefusal({
  tos,
  realms,
  expires,
  nhid,
  metrics,
  nexthops,
  type,
}: Route): string | undefined {
  if (tos !== 0) return 'a route with a TOS';
  if (realms !== null || nexthops.some((hop) => hop.realms !== undefined)) return 'realms of a route';
  if (expires !== null) return 'a route that ends by itself';
  if (nhid !== null) return 'a route by the number of a nexthop';
  if (nexthops.some(({ encap }) => encap !== null)) return 'a route that wraps packets up';
  const unknown = Object.keys(metrics).find((name) => METRICS[name as keyof RouteMetrics] === undefined);
  if (unknown !== undefined) return `${unknown} of a route`;
  if (type === 'nat') return 'a route of the type nat';
  if (nexthops.length < 2) return undefined;
  if (nexthops.some(({ via }) => via === null)) return 'several next hops of which one has no gateway';
  if (nexthops.some(({ onlink }) => onlink)) return 'several next hops with onlink';
  if (nexthops.some(({ dev }) => !isPlainName(dev ?? ''))) return 'a device of this name';
  return undefined;
}

export function ruleSection(rule: Rule): Said {
  const why = ruleRefusal(rule);
  if (why !== undefined) return why;
  const { from, to, family, table, sport, dport, uidrange, fwmark, fwmask } = rule;
  const lines = [
    ...(from === null ? [] : [`From=${displayPrefix(from)}`]),
    ...(to === null ? [] : [`To=${displayPrefix(to)}`]),
    ...(from === null && to === null && family === 6 ? ['Family=ipv6'] : []),
    ...(rule.not ? ['InvertRule=yes'] : []),
    ...(rule.tos === 0 ? [] : [`TypeOfService=${rule.tos}`]),
    ...(fwmark === null ? [] : [`FirewallMark=${fwmark}${fwmask === ALL_BITS ? '' : `/${fwmask}`}`]),
    ...(rule.iif === null ? [] : [`IncomingInterface=${rule.iif}`]),
    ...(rule.oif === null ? [] : [`OutgoingInterface=${rule.oif}`]),
    ...(uidrange === null ? [] : [`User=${uidrange.join('-')}`]),
    ...(rule.ipproto === null ? [] : [`IPProtocol=${rule.ipproto}`]),
    ...(sport === null ? [] : [`SourcePort=${sport.join('-')}`]),
    ...(dport === null ? [] : [`DestinationPort=${dport.join('-')}`]),
    `Table=${table}`,
    `Priority=${rule.priority}`,
    ...(rule.suppressPrefixlength === null ? [] : [`SuppressPrefixLength=${rule.suppressPrefixlength}`]),
    ...(rule.suppressIfgroup === null ? [] : [`SuppressInterfaceGroup=${rule.suppressIfgroup}`]),
  ];
  return [{ name: 'RoutingPolicyRule', lines }];
}

/** As `routeRefusal`, of a rule. */
export function ruleRefusal(rule: Rule): string | undefined {
  // Its Type= leads to a table besides, which the kernel then holds for another rule.
  if (rule.action !== 'lookup' || rule.table === null) return `a rule with the action ${rule.action}`;
  if (rule.tunId !== null || rule.l3mdev || rule.realms !== null || rule.other !== undefined)
    return 'a rule with tun_id, l3mdev, realms, or a selector that netplay does not know';
  if (rule.fwmark === 0) return 'a rule for the mark 0';
  if ([rule.iif, rule.oif].some((dev) => dev !== null && !isPlainName(dev))) return 'a device of this name';
  return undefined;
}

export function neighbourSection({ family, dst, proxy, lladdr, nud, flags, protocol }: Neighbour): Said {
  if (proxy)
    return family === 6
      ? [{ name: 'Network', lines: [`IPv6ProxyNDPAddress=${dst}`] }]
      : 'proxy entries of IPv4';
  if (nud !== 'permanent' || lladdr === null) return `a neighbour that is ${nud ?? 'not permanent'}`;
  if (flags.length > 0) return `a neighbour with ${flags.join(', ')}`;
  if (protocol !== null) return 'a neighbour with a protocol';
  return [{ name: 'Neighbor', lines: [`Address=${dst}`, `LinkLayerAddress=${lladdr}`] }];
}

export function vlanSection({ vid, pvid, untagged }: BridgeVlan): Said {
  const lines = [
    `VLAN=${vid}`,
    ...(pvid ? [`PVID=${vid}`] : []),
    ...(untagged ? [`EgressUntagged=${vid}`] : []),
  ];
  return [{ name: 'BridgeVLAN', lines }];
}

export function fdbSection({ lladdr, self, vlan, nud, flags, dst, port, vni, via, srcVni }: FdbEntry): Said {
  if (nud !== 'permanent') return `an entry of a bridge's table that is ${nud ?? 'to age'}`;
  if (flags.length > 0 || port !== null || srcVni !== null)
    return "an entry of a bridge's table with flags, a port or a source VNI";
  if (via !== null && !isPlainName(via)) return 'a device of this name';
  const lines = [
    `MACAddress=${lladdr}`,
    `AssociatedWith=${self ? 'self' : 'master'}`,
    ...(vlan === null ? [] : [`VLANId=${vlan}`]),
    ...(dst === null ? [] : [`Destination=${dst}`]),
    ...(vni === null ? [] : [`VNI=${vni}`]),
    ...(via === null ? [] : [`OutgoingInterface=${via}`]),
  ];
  return [{ name: 'BridgeFDB', lines }];
}
