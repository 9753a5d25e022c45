/** Links that come, go, rise and fall, and what the kernel takes with them. */
import { type Draft, withEntry } from './draft.js';
import { followers, takenAlong } from './kinds/uppers.js';
import type { Address, Link } from './model.js';
import { addRoutes, isUp } from './simulate-address.js';
import { changeDefaultVlan, changeMaster, dropTables, giveDefaultVlan } from './simulate-bridge.js';
import { loseLearned, loseNeighbours } from './simulate-neighbour.js';
import { loseRoutes, reviveRoutes } from './simulate-route.js';
import { loseTc } from './simulate-tc.js';

const NO_MAC = '00:00:00:00:00:00';
/** /sys/class/net/X/addr_assign_type of a MAC that a user set: a bridge keeps it. */
const SET_BY_USER = 3;
/** A link with less has no IPv6. */
const MIN_MTU_6 = 1280;

export function setLink(draft: Draft, wanted: Link): void {
  const before = draft.links.get(wanted.name);
  const wasUp = isUp(draft, wanted.name);
  const moves = changesVrf(draft, before, wanted);
  draft.links = withEntry(draft, draft.links, wanted.name, wanted);
  if (before === undefined) appear(draft, wanted);
  else loseLearned(draft, before, wanted);
  if (before !== undefined && before.bridge !== wanted.bridge) changeDefaultVlan(draft, before, wanted);
  if ((before?.master ?? null) !== wanted.master) changeMaster(draft, wanted);
  const up = isUp(draft, wanted.name);
  if (before !== undefined && before.mtu >= MIN_MTU_6 && wanted.mtu < MIN_MTU_6)
    loseFamily6(draft, wanted.name, false);
  if (wasUp && !up) goDown(draft, wanted.name);
  if (moves) moveRoutes(draft, wanted.name, wasUp && up);
  if (!wasUp && up) comeUp(draft, wanted.name);
  if (before !== undefined) followLower(draft, before, wanted);
  if (before?.master !== wanted.master || before?.mac !== wanted.mac)
    for (const bridge of new Set([before?.master, wanted.master]))
      if (bridge != null) settleMac(draft, bridge);
}

export function unsetLink(draft: Draft, name: string): void {
  const link = draft.links.get(name);
  if (link === undefined) return;
  loseRoutes(draft, name, { family: 4, gone: true });
  loseRoutes(draft, name, { family: 6, gone: true });
  loseNeighbours(draft, name);
  dropTables(draft, name);
  loseTc(draft, name);
  draft.addresses = draft.addresses.filter((address) => address.dev !== name);
  const taken = takenAlong(draft.links, link);
  const ports = [...draft.links.values()].filter((other) => other.master === name);
  for (const port of ports) setLink(draft, { ...port, master: null });
  draft.links = withEntry(draft, draft.links, name, undefined);
  markRules(draft, name, true);
  draft.sysctls = mapKeys(draft.sysctls, name, () => null);
  if (link.master !== null) settleMac(draft, link.master);
  for (const each of taken) unsetLink(draft, each.name);
}

/** Rules that name the link are alive now, and its sysctls exist: with what values, only the host can tell. */
function appear(draft: Draft, link: Link): void {
  const { name } = link;
  if (link.kind === 'bridge') giveDefaultVlan(draft, name, link);
  markRules(draft, name, false);
  draft.sysctls = mapKeys(draft.sysctls, name, (value) => value ?? undefined);
}

function markRules(draft: Draft, name: string, detached: boolean): void {
  if (!draft.rules.some((rule) => rule.iif === name || rule.oif === name)) return;
  draft.rules = draft.rules.map((rule) => ({
    ...rule,
    iifDetached: rule.iif === name ? detached : rule.iifDetached,
    oifDetached: rule.oif === name ? detached : rule.oifDetached,
  }));
}

/** Sysctls of one device, each given anew; left out where `next` gives undefined. */
function mapKeys(
  sysctls: Draft['sysctls'],
  name: string,
  next: (value: string | null) => string | null | undefined,
): Draft['sysctls'] {
  const result = new Map<string, string | null>();
  for (const [path, value] of sysctls) {
    const after = path.split('/')[3] === name ? next(value) : value;
    if (after !== undefined) result.set(path, after);
  }
  return result;
}

/** All routes through the link go, in every table; IPv4 keeps its addresses, IPv6 only where it is told to. */
function goDown(draft: Draft, name: string): void {
  loseRoutes(draft, name, { family: 4, keepLocal: true });
  loseNeighbours(draft, name, 4);
  loseFamily6(draft, name, true);
}

/** @param down the link is merely down, and may come back; else it has no IPv6 any more. */
function loseFamily6(draft: Draft, name: string, down: boolean): void {
  loseRoutes(draft, name, { family: 6, gone: !down });
  loseNeighbours(draft, name, 6);
  draft.addresses = draft.addresses.filter(
    (address) => address.family !== 6 || address.dev !== name || (down && keepsOnDown(draft, address)),
  );
}

/** `keep_addr_on_down` spares addresses that were set by hand and last for ever. */
function keepsOnDown(draft: Draft, address: Address): boolean {
  const value = (name: string): number =>
    Number(draft.sysctls.get(`net/ipv6/conf/${name}/keep_addr_on_down`) ?? 0);
  const own = value(address.dev);
  const keeps = own === 0 ? value('all') > 0 : own > 0;
  return keeps && address.validLft === null && address.scope !== 253;
}

/** Only what belongs to the addresses comes back. */
function comeUp(draft: Draft, name: string): void {
  for (const address of draft.addresses) if (address.dev === name) addRoutes(draft, address);
  reviveRoutes(draft, name, 4);
  reviveRoutes(draft, name, 6);
}

/** Whether the link comes into a VRF, leaves one, or both. */
function changesVrf(draft: Draft, before: Link | undefined, wanted: Link): boolean {
  const isVrf = (name: string | null | undefined): boolean => draft.links.get(name ?? '')?.kind === 'vrf';
  return before?.master !== wanted.master && (isVrf(before?.master) || isVrf(wanted.master));
}

/** A link that changes its VRF is taken down and up by the kernel: only what belongs to its addresses is there then. */
function moveRoutes(draft: Draft, name: string, cycled: boolean): void {
  loseRoutes(draft, name, { family: 4, gone: true });
  if (!cycled) return;
  loseNeighbours(draft, name, 4);
  loseFamily6(draft, name, true);
  comeUp(draft, name);
}

/** Links on top of another one go up and down with it, are no larger, and may have its MAC. */
function followLower(draft: Draft, before: Link, lower: Link): void {
  for (const upper of followers(draft.links, before, lower)) setLink(draft, upper);
}

/** A bridge whose MAC nobody set has its lowest port's, and none without ports. */
function settleMac(draft: Draft, name: string): void {
  const bridge = draft.links.get(name);
  if (bridge?.kind !== 'bridge' || bridge.addrAssignType === SET_BY_USER) return;
  const macs = [...draft.links.values()].flatMap((link) =>
    link.master === name && link.mac !== null ? [link.mac] : [],
  );
  const mac = macs.sort()[0] ?? NO_MAC;
  if (mac === bridge.mac) return;
  draft.links = withEntry(draft, draft.links, name, { ...bridge, mac });
  loseLearned(draft, bridge, { ...bridge, mac });
  followLower(draft, bridge, { ...bridge, mac });
}
