/**
 * What a plan does to the way by which its own session comes: found before anything is applied, from the
 * session's two ends and the rule, route, address and links behind them. Pure.
 */
import { familyOf } from '../shared/addr.js';
import type { Change } from '../shared/change.js';
import type { Effect } from '../snapshot/effects.js';
import { ETHTOOL_PARTS, type EthtoolPart, ethtoolKey } from '../snapshot/ethtool.js';
import { neighbourText, routeText } from '../snapshot/identity.js';
import { settingsOf } from '../snapshot/kinds/kinds.js';
import { concernsFlow, coversFlow, type Flow, lookup, type Taken } from '../snapshot/lookup.js';
import type { Address, Link, Read, Rule, Snapshot, SshSession } from '../snapshot/model.js';
import { leadsTo, passedBy } from '../snapshot/ovs-lookup.js';
import { ROUTING_READS } from '../snapshot/reads.js';
import { applyEffects } from '../snapshot/simulate.js';
import { tcText } from '../snapshot/tc-tree.js';
import type { HostPlan } from './plan.js';

export interface Foresight {
  /** One sentence for each planned change of something that the session uses. */
  touches: string[];
  /** What would leave the session, and a new one like it, without a way. */
  cuts?: string;
}

const TCP = 6;
const STRICT = 1;
/** The value of arp_ignore that answers nobody. */
const SILENT = 8;

/** Sysctls that decide about packets of the session. */
const SYSCTLS = /^net\/ipv[46]\/conf\/[^/]+\/(rp_filter|arp_ignore|ignore_routes_with_linkdown)$/;

const SESSION_READS: readonly Read[] = [
  ...ROUTING_READS,
  { kind: 'sysctl', path: 'net/ipv4/conf/*/rp_filter' },
  { kind: 'sysctl', path: 'net/ipv4/conf/*/arp_ignore' },
  { kind: 'sysctl', path: 'net/ipv4/conf/*/ignore_routes_with_linkdown' },
  { kind: 'sysctl', path: 'net/ipv6/conf/*/ignore_routes_with_linkdown' },
];

/** A play's reads, with those that foresight needs where the play could touch the session at all. */
export function withSessionReads(reads: readonly Read[]): Read[] {
  const touches = (read: Read): boolean =>
    read.kind === 'sysctl' ? read.path.startsWith('net/') : read.kind !== 'file' && read.kind !== 'directory';
  return reads.some(touches) ? [...reads, ...SESSION_READS] : [...reads];
}

/**
 * @param before as it was read. @param after as it will be when all of the plan is made.
 * @returns nothing for a local connection, and where the host does not hold the session's address itself
 */
export function foresee(before: Snapshot, after: Snapshot, plan: HostPlan): Foresight {
  const { session } = before;
  if (session === null || !hasAddress(before, session)) return { touches: [] };
  const way = wayOf(before, session);
  const touches = touchedBy(before, session, plan);
  const cut = cutBetween(before, after, session);
  return {
    touches: touches.map((change) => `${change.address}: ${useOf(change, nameOf(session, way))}`),
    ...(cut !== undefined && { cuts: `this cuts the session itself (${nameOf(session, way)}): ${cut}` }),
  };
}

/** The warnings of a foresight, the worst first. */
export function warningsOf({ touches, cuts }: Foresight): string[] {
  return [...(cuts === undefined ? [] : [cuts]), ...touches];
}

function nameOf({ client, server }: SshSession, way: Taken | undefined): string {
  return `${client} -> ${server}${way === undefined ? '' : ` by ${devicesOf(way).join(', ')}`}`;
}

function useOf({ action, resource }: Change, session: string): string {
  const verb = resource === 'sysctl' ? 'depends on it' : action === 'create' ? 'will go by it' : 'uses it';
  return `the session itself (${session}) ${verb}`;
}

/** A packet of the host to the session's other end. sshd is root's, and so are its packets. */
function replyOf({ client, clientPort, server, serverPort, dev }: SshSession): Flow {
  const ports = { sport: serverPort, dport: clientPort };
  return { dst: client, src: server, uid: 0, ipproto: TCP, ...ports, ...(dev !== null && { oif: dev }) };
}

/** A packet from the session's other end that came in by a device. */
function requestOf({ client, clientPort, server, serverPort }: SshSession, iif: string): Flow {
  return { dst: server, src: client, iif, ipproto: TCP, sport: clientPort, dport: serverPort };
}

function wayOf(snapshot: Snapshot, session: SshSession): Taken | undefined {
  const answer = lookup(snapshot, replyOf(session));
  return answer?.kind === 'taken' ? answer : undefined;
}

function devicesOf(way: Taken): string[] {
  return [...new Set(way.hops.flatMap((hop) => hop.dev ?? []))];
}

function hasAddress(snapshot: Snapshot, session: SshSession): boolean {
  return addressesOf(snapshot, session).length > 0 || session.server.startsWith('127.');
}

/** The session's own address: on one device, unless it is a link-local one that was given without it. */
function addressesOf({ addresses }: Snapshot, { server, dev }: SshSession): readonly Address[] {
  return addresses.filter((address) => address.local === server && (dev === null || address.dev === dev));
}

/** The changes that alter something on the session's way, be it for a moment. */
function touchedBy(before: Snapshot, session: SshSession, plan: HostPlan): Change[] {
  const concerns = concerning(before, session);
  const devs = new Set(devicesOnWay(before, session));
  let state = before;
  let use = usedBy(state, session, devs);
  return plan.sequence
    .flatMap((unit) => unit.changes)
    .filter((change) => {
      let touched = false;
      for (const effect of change.effects.filter(concerns)) {
        state = applyEffects(state, [effect]);
        const next = usedBy(state, session, devs);
        touched ||= next !== use;
        use = next;
      }
      return touched;
    });
}

/** Most of a long plan can't lead the session's packets elsewhere: only the rest is looked at more closely. */
function concerning(before: Snapshot, session: SshSession): (effect: Effect) => boolean {
  const devs = new Set(devicesOnWay(before, session));
  const flows = [replyOf(session), ...[...devs].map((dev) => requestOf(session, dev))];
  const jumps = before.rules.some((rule) => rule.action === 'goto');
  const rule = (each: Rule): boolean => jumps || flows.some((flow) => concernsFlow(each, flow));
  return (effect) => {
    switch (effect.kind) {
      case 'route': {
        const route = 'set' in effect ? effect.set : effect.unset;
        return flows.some((flow) => coversFlow(route, flow));
      }
      case 'rule':
        return 'set' in effect ? effect.set.action === 'goto' || rule(effect.set) : rule(effect.unset);
      case 'sysctl':
        return SYSCTLS.test(effect.path);
      case 'tc':
        return devs.has(('set' in effect ? effect.set : effect.unset).dev);
      case 'ethtool':
        return devs.has(effect.dev);
      case 'neighbour':
        return !('set' in effect ? effect.set : effect.unset).proxy;
      case 'bridge_vlan':
        return true;
      default:
        return effect.kind === 'address' || effect.kind === 'link' || effect.kind === 'ovs';
    }
  };
}

/** All that the session uses, as a text that differs where any of it does. */
function usedBy(snapshot: Snapshot, session: SshSession, devs: ReadonlySet<string>): string {
  const answers = [
    lookup(snapshot, replyOf(session)),
    ...[...devs].map((dev) => lookup(snapshot, requestOf(session, dev))),
  ];
  return JSON.stringify([
    answers.map((answer) => [answer?.kind, answer?.rule, answer?.route && routeText(answer.route)]),
    addressesOf(snapshot, session),
    neighboursOnWay(snapshot, session),
    snapshot.bridgeVlans?.filter(({ dev }) => devs.has(dev)),
    [...devs].map((dev) => shownLink(snapshot.links.get(dev))),
    passedBy(snapshot, devs),
    sourceProblem(snapshot, session),
    arpProblem(snapshot, session),
    (snapshot.tc?.items ?? []).filter(({ dev }) => devs.has(dev)).map(tcText),
    takersOf(snapshot, devs),
    [...devs].map((dev) => partsOf(snapshot, dev)),
  ]);
}

/** A macvlan in passthru takes all that its device receives (macvlan_handle_frame). */
function takersOf({ links }: Snapshot, devs: ReadonlySet<string>): string[] {
  return [...links.values()]
    .filter(({ kind, lower }) => kind === 'macvlan' && lower !== null && devs.has(lower))
    .filter((link) => settingsOf(link).mode === 'passthru')
    .map(({ name }) => name);
}

/** What ethtool says of a device. */
function partsOf({ ethtool }: Snapshot, dev: string): unknown {
  const parts = Object.keys(ETHTOOL_PARTS) as EthtoolPart[];
  return ethtool && parts.map((part) => ethtool.get(ethtoolKey(dev, part)));
}

/** Those that were set for where the session's packets go next: what they say is the MAC that these get. */
function neighboursOnWay(snapshot: Snapshot, session: SshSession): string[] {
  const hops = wayOf(snapshot, session)?.hops ?? [];
  return snapshot.neighbours
    .filter(({ dst, dev, proxy }) => {
      const next = hops.find((hop) => hop.dev === dev);
      return !proxy && next !== undefined && dst === (next.via ?? session.client);
    })
    .map(neighbourText);
}

/** What a link is but for its other names, which no packet meets. */
function shownLink(link: Link | undefined): unknown {
  return link && { ...link, alias: null, altnames: [] };
}

/**
 * The devices that the session's packets pass: those of its route and address, their master, what they stand on,
 * the uplinks of a bridge and a bond.
 */
function devicesOnWay(snapshot: Snapshot, session: SshSession): string[] {
  const way = wayOf(snapshot, session);
  const own = addressesOf(snapshot, session)[0]?.dev;
  const found = new Set([...(way === undefined ? [] : devicesOf(way)), ...(own === undefined ? [] : [own])]);
  for (const dev of found) {
    const master = snapshot.links.get(dev)?.master;
    if (master != null) found.add(master);
  }
  for (const dev of found)
    for (const below of [...lowerOf(snapshot, dev), ...uplinksOf(snapshot, dev)]) found.add(below);
  return [...found];
}

/** What a VLAN or a macvlan stands on; a veth's other end is none. */
function lowerOf({ links }: Snapshot, dev: string): string[] {
  const { kind = null, lower = null } = links.get(dev) ?? {};
  return lower !== null && kind !== 'veth' && links.has(lower) ? [lower] : [];
}

/** A bridge's ports to the world: guests are behind taps, containers behind veths. */
function uplinksOf(snapshot: Snapshot, bridge: string): string[] {
  const ports = [...snapshot.links.values()].filter((link) => isPortOf(snapshot, link, bridge));
  const inner = (link: Link): number => (link.kind === 'tun' ? 2 : link.kind === 'veth' ? 1 : 0);
  const least = Math.min(...ports.map(inner));
  return ports.filter((port) => inner(port) === least).map((port) => port.name);
}

/** A port of a Linux bridge, or of the bridge of Open vSwitch that has this device. */
function isPortOf(snapshot: Snapshot, link: Link, bridge: string): boolean {
  return link.master === bridge || leadsTo(snapshot, link.name, bridge);
}

/** Why the session can't go on in the state that the plan ends in, where it could before. */
function cutBetween(before: Snapshot, after: Snapshot, session: SshSession): string | undefined {
  if (!hasAddress(after, session)) return `the host will no longer have the address ${session.server}`;
  const [way, next] = [wayOf(before, session), wayOf(after, session)];
  if (way === undefined) return undefined;
  return (
    lostLink(before, after, way) ??
    (next === undefined ? noWay(after, session) : otherWay(way, next, session)) ??
    deafness(before, after, session, way) ??
    newProblem(sourceProblem(before, session), sourceProblem(after, session)) ??
    newProblem(arpProblem(before, session), arpProblem(after, session))
  );
}

function newProblem(before: string | undefined, after: string | undefined): string | undefined {
  return before === undefined ? after : undefined;
}

/** A device of the way that goes, falls, or is swallowed by a bridge, with its address still on it. */
function lostLink(before: Snapshot, after: Snapshot, way: Taken): string | undefined {
  for (const dev of devicesOf(way)) {
    const link = after.links.get(dev);
    const swallowed = link != null && link.master !== null && before.links.get(dev)?.master !== link.master;
    if (swallowed && isUp(link) && after.links.get(link.master ?? '')?.kind !== 'vrf')
      return `${dev} will be a port of ${link.master}, which takes its packets, while its addresses stay on ${dev}`;
    const lost = lostCarrier(before, after, dev);
    if (lost !== undefined) return lost;
  }
  return undefined;
}

/** Why no packet comes by a device any more: itself, what it stands on, or all of its uplinks. */
function lostCarrier(
  before: Snapshot,
  after: Snapshot,
  dev: string,
  seen: ReadonlySet<string> = new Set(),
): string | undefined {
  if (seen.has(dev)) return undefined;
  const link = after.links.get(dev);
  if (link === undefined) return `the device ${dev} will be gone`;
  if (isUp(before.links.get(dev)) && !isUp(link)) return `${dev} will be down`;
  const lost = (below: string): string | undefined =>
    lostCarrier(before, after, below, new Set([...seen, dev]));
  const uplinks = uplinksOf(before, dev).filter((port) => isUp(before.links.get(port)));
  const left = uplinks.filter((port) => {
    const now = after.links.get(port);
    return now !== undefined && isPortOf(after, now, dev) && lost(port) === undefined;
  });
  if (uplinks.length > 0 && left.length === 0)
    return `${dev} will be left without ${uplinks.join(', ')}, by which the world reaches it`;
  return lowerOf(after, dev)
    .map(lost)
    .find((reason) => reason !== undefined);
}

function isUp(link: Link | undefined): boolean {
  return link?.flags.includes('UP') ?? false;
}

function noWay(after: Snapshot, session: SshSession): string {
  const answer = lookup(after, replyOf(session));
  const none = `the host will have no way back to ${session.client}`;
  if (answer?.kind !== 'refused') return none;
  if (answer.by === 'source') return `${none}: ${session.server} will not be its own`;
  const what =
    answer.route === undefined ? 'the rule' : `the route ${answer.route.dst} in the table of the rule`;
  return `${none}: ${what} with priority ${answer.rule?.priority} says ${answer.by}`;
}

function otherWay(way: Taken, next: Taken, { client }: SshSession): string | undefined {
  const words = ({ hops }: Taken): string[] =>
    hops.map(({ dev, via }) => `by ${dev}${via === null ? '' : ` via ${via}`}`);
  const known = words(way);
  const other = words(next).filter((hop) => !known.includes(hop));
  if (other.length === 0) return undefined;
  return `the way back to ${client} will be ${other.join(', ')}, not ${known.join(', ')}`;
}

/** Packets for the session's own address that the host would send on, or refuse. */
function deafness(before: Snapshot, after: Snapshot, session: SshSession, way: Taken): string | undefined {
  const hears = (snapshot: Snapshot, dev: string): boolean => {
    const answer = lookup(snapshot, requestOf(session, dev));
    return answer?.kind === 'taken' && answer.route.type === 'local';
  };
  const deaf = devicesOf(way).find((dev) => hears(before, dev) && !hears(after, dev));
  if (deaf === undefined) return undefined;
  return `what comes in by ${deaf} for ${session.server} will not be taken for the host's own`;
}

/** The larger of a device's value and that of `all`, as the kernel joins these. */
function joined(snapshot: Snapshot, dev: string, key: string): number {
  const value = (name: string): number => Number(snapshot.sysctls.get(`net/ipv4/conf/${name}/${key}`) ?? 0);
  return Math.max(value('all'), value(dev));
}

/** The device that has the session's IPv4 address, where neighbours can reach it there: not lo, no dummy. */
function ownDevice(snapshot: Snapshot, session: SshSession): string | undefined {
  const dev = familyOf(session.server) === 4 ? addressesOf(snapshot, session)[0]?.dev : undefined;
  const link = dev === undefined ? undefined : snapshot.links.get(dev);
  return link === undefined || link.kind === 'dummy' || link.flags.includes('LOOPBACK') ? undefined : dev;
}

/** A strict rp_filter drops what comes in by another device than the way back; it comes in where the address is. */
function sourceProblem(snapshot: Snapshot, session: SshSession): string | undefined {
  const dev = ownDevice(snapshot, session);
  const way = wayOf(snapshot, session);
  if (dev === undefined || way === undefined || devicesOf(way).includes(dev)) return undefined;
  if (joined(snapshot, dev, 'rp_filter') !== STRICT) return undefined;
  return `${dev} will drop what comes from ${session.client} (rp_filter ${STRICT}), since the way back is by ${devicesOf(way).join(', ')}`;
}

function arpProblem(snapshot: Snapshot, session: SshSession): string | undefined {
  const dev = ownDevice(snapshot, session);
  if (dev === undefined || joined(snapshot, dev, 'arp_ignore') !== SILENT) return undefined;
  return `${dev} will not answer ARP for ${session.server} (arp_ignore ${SILENT})`;
}
