/** The attributes that every link has, as parameters: only those that differ from what a new one has. */
import type { Link } from '../snapshot/model.js';
import { type Captured, given, type Params, type Reading, unless } from './reading.js';

/** /sys/class/net/X/addr_assign_type of a MAC that somebody set (NET_ADDR_SET). */
const SET = 3;

/** Flags, MTU and length of the queue of a link that was just made, by its kind; Ethernet's for those that are not here. */
interface Usual {
  mtu: number;
  txqueuelen: number;
  arp: boolean;
  multicast: boolean;
}

const ETHERNET: Usual = { mtu: 1500, txqueuelen: 1000, arp: true, multicast: true };
const TUNNEL: Usual = { ...ETHERNET, mtu: 0, arp: false, multicast: false };

/** drivers/net/{dummy,ifb,tun,vrf}.c and net/ipv4/ip_tunnel.c; 0 is an MTU that the kernel works out by the route. */
const USUAL: Readonly<Record<string, Usual>> = {
  dummy: { ...ETHERNET, arp: false, multicast: false },
  ifb: { ...ETHERNET, txqueuelen: 32, arp: false, multicast: false },
  gre: TUNNEL,
  ipip: TUNNEL,
  gretap: { ...ETHERNET, mtu: 0 },
  vrf: { ...ETHERNET, mtu: 65_575, arp: false, multicast: false },
};
const TUN: Usual = { ...ETHERNET, txqueuelen: 500, arp: false };

export function usualOf({ kind, tun }: Link): Usual {
  return tun?.mode === 'tun' ? TUN : (USUAL[kind ?? ''] ?? ETHERNET);
}

/** The MAC that somebody gave a link; one that the kernel made up, or took of another device, it makes up again. */
export function ownMac({ mac, addrAssignType }: Link): string | undefined {
  return addrAssignType === SET ? (mac ?? undefined) : undefined;
}

/** A queue of no length is left out of a listing. */
function queueOf(link: Link): number | undefined {
  return unless(link.txqueuelen ?? 0, usualOf(link).txqueuelen);
}

/** Parameters that all resources of made-up links have, but for the MTU, whose usual value is the kind's own affair. */
export function commonParams(link: Link): Params {
  return given({
    txqueuelen: queueOf(link),
    alias: unless(link.alias, null),
    up: unless(link.flags.includes('UP'), true),
  });
}

/** Those of `link` that no other resource has. */
function furtherParams(link: Link, { snapshot }: Reading): Params {
  const { flags, group, protodown, altnames } = link;
  const usual = usualOf(link);
  const has = (flag: string): boolean => flags.includes(flag);
  return given({
    arp: unless(!has('NOARP'), usual.arp),
    multicast: unless(has('MULTICAST'), usual.multicast),
    allmulticast: unless(has('ALLMULTI'), false),
    // Open vSwitch sees to that of its ports by itself.
    promisc: snapshot.ovs?.interfaces.has(link.name) ? undefined : unless(has('PROMISC'), false),
    dynamic: unless(has('DYNAMIC'), false),
    trailers: unless(!has('NOTRAILERS'), true),
    protodown: unless(protodown, false),
    group: group === 0 ? undefined : (snapshot.names.groups.byId.get(group) ?? group),
    altnames: altnames.length === 0 ? undefined : altnames,
  });
}

/** A `link` task for what the link's own resource can't say. @param more what else to say of it */
export function furtherItems(link: Link, reading: Reading, more: Params = {}): Captured[] {
  const params = { ...given(more), ...furtherParams(link, reading) };
  return Object.keys(params).length === 0
    ? []
    : [{ resource: 'link', params: { name: link.name, ...params } }];
}

/** Of links whose resource has no alias and no length of a queue. */
export function plainParams(link: Link): Params {
  return given({ txqueuelen: queueOf(link), alias: unless(link.alias, null) });
}
