/**
 * What the kernel does to links that stand on another one: net/8021q/vlan.c, drivers/net/macvlan.c and
 * vxlan. Measured on Linux 6.1 and 6.18.
 */
import type { Link } from '../model.js';
import { settingsOf } from './kinds.js';

/** Kinds whose `lower` they can't be without. */
const STANDING: ReadonlySet<string> = new Set(['vlan', 'macvlan', 'macvtap', 'ipvlan', 'ipvtap', 'macsec']);

/** /sys/class/net/X/addr_assign_type of a MAC that is another device's. */
const STOLEN = 2;

type Links = ReadonlyMap<string, Link>;

/** Whether deleting `lower` deletes `link`. A tunnel of IPv4 stays, and points nowhere. */
function standsOn(link: Link, lower: Link): boolean {
  if (link.kind === 'veth') return link.lower === lower.name && lower.kind === 'veth';
  if (link.kind === 'vxlan') return settingsOf(link).dev === lower.name;
  return link.lower === lower.name && link.kind !== null && STANDING.has(link.kind);
}

/** The links that go by themselves when this one is deleted, each of which may take others along. */
export function takenAlong(links: Links, lower: Link): Link[] {
  return [...links.values()].filter((link) => standsOn(link, lower));
}

/** This link and all that go with it, each behind those that it stands on. */
export function withTaken(links: Links, root: Link): Link[] {
  const found = new Set([root]);
  for (const each of found) for (const link of takenAlong(links, each)) found.add(link);
  return [...found];
}

/** The links that a change of `lower` changes, as they are then; those on top of them follow them in turn. */
export function followers(links: Links, before: Link, lower: Link): Link[] {
  const [wasUp, isUp] = [before, lower].map((link) => link.flags.includes('UP'));
  if (wasUp === isUp && before.mac === lower.mac && before.mtu <= lower.mtu) return [];
  return [...links.values()].flatMap((link) => {
    if (link.lower !== lower.name || (link.kind !== 'vlan' && link.kind !== 'macvlan')) return [];
    const after = withUp(follow(link, before, lower), wasUp === isUp ? undefined : isUp);
    return after === link ? [] : [after];
  });
}

function follow(link: Link, before: Link, lower: Link): Link {
  const mtu = lower.mtu < before.mtu ? Math.min(link.mtu, lower.mtu) : link.mtu;
  const mac = before.mac !== lower.mac && hasMacOf(link, before) ? lower.mac : link.mac;
  return mtu === link.mtu && mac === link.mac ? link : { ...link, mtu, mac };
}

function hasMacOf(link: Link, lower: Link): boolean {
  if (link.kind === 'macvlan') return settingsOf(link).mode === 'passthru';
  return link.addrAssignType === STOLEN || (link.addrAssignType === null && link.mac === lower.mac);
}

/** A VLAN goes up and down with the link below it, unless it is told not to. */
function withUp(link: Link, up: boolean | undefined): Link {
  if (up === undefined || link.kind !== 'vlan' || link.flags.includes('UP') === up) return link;
  if (settingsOf(link).loose_binding === 'on') return link;
  const others = link.flags.filter((flag) => flag !== 'UP');
  return { ...link, flags: up ? [...others, 'UP'] : others };
}
