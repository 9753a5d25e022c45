import { parseMac } from '../shared/addr.js';
import type { Change, Problem, Step } from '../shared/change.js';
import { nearest } from '../shared/nearest.js';
import type { Kept } from '../snapshot/kept.js';
import type { Link, Read, Snapshot } from '../snapshot/model.js';
import * as attributes from './links/attributes.js';
import { IPV6_MIN_MTU, isToBe, isUp, macProblem, mtuProblem } from './links/device.js';
import { draft, take } from './links/draft.js';
import { masterChange } from './links/enslave.js';
import { keptMaster, keptSetting } from './links/kept.js';
import { linkSchema } from './links/link-schema.js';
import { lostAddresses, lostNeighbours, lostRoutes, undoWithLosses } from './links/restore.js';
import type { PlanResult, Resource } from './resource.js';
import { parseNumber } from './routing/names.js';
import { missingDevice } from './routing/route-checks.js';
import { findLink } from './routing/route-wish.js';

export interface LinkParams {
  name: string;
  state?: 'up' | 'down';
  mtu?: number;
  mac?: string;
  broadcast?: string;
  txqueuelen?: number | null;
  alias?: string | null;
  arp?: boolean;
  multicast?: boolean;
  allmulticast?: boolean;
  promisc?: boolean;
  dynamic?: boolean;
  trailers?: boolean;
  protodown?: boolean;
  group?: number | string | null;
  master?: string | null;
  addrgenmode?: string;
  gso_max_size?: number | null;
  gso_max_segs?: number | null;
  gro_max_size?: number | null;
  altnames?: readonly string[] | null;
}

/** net/core/dev.c and net/ethernet/eth.c: what a new Ethernet device has. */
const DEFAULTS = { txqueuelen: 1000, group: 0, gso_max_size: 65_536, gso_max_segs: 65_535 } as const;

/** What one parameter asks of the link as it is by then. */
type Wish = (link: Link, snapshot: Snapshot) => Change | Problem | undefined;

function wish<T>(attribute: attributes.Attribute<T>, value: T | undefined): Wish[] {
  if (value === undefined) return [];
  return [
    (link) =>
      attribute.read(link) === undefined && !isToBe(link)
        ? {
            message: `this host's ip does not show ${attribute.name}, so it can't be compared`,
            path: [attribute.name],
          }
        : attributes.attributeChange('link', link, attribute, value),
  ];
}

/** Null is the kernel's default; what is not given stays undefined. */
function given<T>(value: T | null | undefined, cleared: T): T | undefined {
  return value === null ? cleared : value;
}

/** Down comes first, since some drivers take no new MAC while up; up comes last. */
function wishesOf(params: LinkParams, link: Link, group: number | undefined): Wish[] {
  const { switches } = attributes;
  const up = params.state === 'up';
  const state: Wish[] =
    params.state === undefined ? [] : [(current, snapshot) => stateChange(current, up, snapshot)];
  const names = Object.keys(switches) as (keyof typeof switches)[];
  const others = [
    ...wish(attributes.mac, params.mac === undefined ? undefined : parseMac(params.mac)),
    ...wish(attributes.broadcast, params.broadcast === undefined ? undefined : parseMac(params.broadcast)),
    ...mtuWish(params.mtu),
    ...wish(attributes.txqueuelen, given(params.txqueuelen, DEFAULTS.txqueuelen)),
    ...wish(attributes.alias, params.alias),
    ...wish(attributes.group, group),
    ...wish(attributes.addrgenmode, params.addrgenmode),
    ...wish(attributes.gsoMaxSize, given(params.gso_max_size, DEFAULTS.gso_max_size)),
    ...wish(attributes.gsoMaxSegs, given(params.gso_max_segs, DEFAULTS.gso_max_segs)),
    ...wish(attributes.groMaxSize, given(params.gro_max_size, DEFAULTS.gso_max_size)),
    ...names.flatMap((name) => wish(switches[name], params[name])),
    ...(params.altnames === undefined ? [] : altnameWishes(link.altnames, params.altnames ?? [])),
    ...masterWish(params.master),
  ];
  return params.state === 'down' ? [...state, ...others] : [...others, ...state];
}

/**
 * Below 1280 bytes a device loses IPv6, and with it all of its net.ipv6.conf; back above, it begins with the
 * defaults: the undo writes what was there.
 */
function mtuWish(mtu: number | undefined): Wish[] {
  return wish(attributes.mtu, mtu).map((plain) => (link, snapshot) => {
    const change = plain(link, snapshot);
    if (change === undefined || 'message' in change || !losesIpv6(link, mtu)) return change;
    const own = [...snapshot.sysctls].filter(([path]) => path.startsWith(ipv6Sysctls(link.name)));
    const restored = own.flatMap(([path, value]): Step[] =>
      value === null ? [] : [{ kind: 'sysctl', path, value }],
    );
    return { ...change, undo: [...change.undo, ...restored] };
  });
}

function losesIpv6(link: Link, mtu: number | undefined): boolean {
  return mtu !== undefined && mtu < IPV6_MIN_MTU && link.mtu >= IPV6_MIN_MTU;
}

function ipv6Sysctls(device: string): string {
  return `net/ipv6/conf/${device}/`;
}

function masterWish(master: string | null | undefined): Wish[] {
  if (master === undefined) return [];
  return [(link, snapshot) => masterChange('link', link, master, snapshot)];
}

/** What goes down takes its routes and IPv6 addresses with it: the undo brings them back. */
function stateChange(link: Link, up: boolean, snapshot: Snapshot): Change | undefined {
  const change = attributes.attributeChange('link', link, attributes.state, up);
  if (change === undefined) return undefined;
  return {
    ...change,
    undo: undoWithLosses(snapshot, change.effects, change.undo, [{ kind: 'link', set: link }]),
  };
}

/** First what is missing, then what is too many. */
function altnameWishes(present: readonly string[], wanted: readonly string[]): Wish[] {
  const missing = wanted.filter((name) => !present.includes(name));
  const surplus = present.filter((name) => !wanted.includes(name));
  return [
    ...missing.map(
      (name): Wish =>
        (link) =>
          altnameChange(link, name, true),
    ),
    ...surplus.map(
      (name): Wish =>
        (link) =>
          altnameChange(link, name, false),
    ),
  ];
}

function altnameChange(link: Link, name: string, add: boolean): Change {
  const step = (verb: 'add' | 'del') =>
    ({ kind: 'ip', args: ['link', 'property', verb, 'dev', link.name, 'altname', name] }) as const;
  const altnames = add ? [...link.altnames, name] : link.altnames.filter((other) => other !== name);
  return {
    resource: 'link',
    address: `link ${link.name} altname ${name}`,
    action: add ? 'create' : 'delete',
    before: add ? null : name,
    after: add ? name : null,
    do: [step(add ? 'add' : 'del')],
    undo: [step(add ? 'del' : 'add')],
    effects: [{ kind: 'link', set: { ...link, altnames } }],
  };
}

function plan(params: LinkParams, snapshot: Snapshot): PlanResult {
  const link = findLink(params.name, snapshot);
  if (link === undefined) return { changes: [], problems: [missingDevice(params.name, snapshot, ['name'])] };
  const problems = [...valueProblems(params, link, snapshot), ...masterProblems(params, link, snapshot)];
  const group = resolveGroup(params.group, snapshot, problems);
  const plan = draft(snapshot, problems);
  for (const wanted of wishesOf(params, link, group))
    take(plan, wanted(plan.state.links.get(link.name) ?? link, plan.state));
  return {
    changes: plan.changes,
    problems: plan.problems,
    warnings: lossWarnings(params, link, snapshot, plan.state),
  };
}

/** Says what goes with a link that is taken down, or gets another MAC. */
function lossWarnings(params: LinkParams, link: Link, before: Snapshot, after: Snapshot): string[] {
  const routes = lostRoutes(before, after).length;
  const addresses = lostAddresses(before, after).length;
  const neighbours = lostNeighbours(before, after).filter(({ dev }) => dev === link.name).length;
  const lost = [
    ...(routes === 0 ? [] : [`${routes} route${routes === 1 ? '' : 's'}`]),
    ...(addresses === 0 ? [] : [`${addresses} IPv6 address${addresses === 1 ? '' : 'es'}`]),
    ...(neighbours === 0 ? [] : [`${neighbours} neighbour${neighbours === 1 ? '' : 's'} that were set`]),
  ];
  const down = isUp(link) && params.state === 'down';
  const what = down ? `taking ${link.name} down` : `changing ${link.name}`;
  return lost.length === 0 ? [] : [`${what} removes ${lost.join(' and ')}`];
}

function valueProblems(params: LinkParams, link: Link, snapshot: Snapshot): Problem[] {
  const mac = params.mac === undefined ? undefined : parseMac(params.mac);
  const hasIpv6 = snapshot.addresses.some((address) => address.family === 6 && address.dev === link.name);
  const taken = (params.altnames ?? []).filter((name) => {
    const owner = findLink(name, snapshot);
    return owner !== undefined && (owner.name !== link.name || owner.name === name);
  });
  return [
    mac === undefined ? undefined : macProblem(mac, ['mac']),
    aliasProblem(params.alias),
    params.mtu === undefined ? undefined : mtuProblem(link, params.mtu, hasIpv6),
    ...taken.map((name) => ({ message: `the name ${name} is taken on this host`, path: ['altnames'] })),
  ].filter((problem) => problem !== undefined);
}

/** IFALIASZ less its closing zero: bytes, not characters (linux/if.h). */
function aliasProblem(alias: LinkParams['alias']): Problem | undefined {
  const size = Buffer.byteLength(alias ?? '');
  return size <= 255
    ? undefined
    : { message: `alias has ${size} bytes: the kernel keeps 255`, path: ['alias'] };
}

function masterProblems({ master }: LinkParams, link: Link, snapshot: Snapshot): Problem[] {
  if (master === undefined || master === null) return [];
  if (master === link.name) return [{ message: `${master} can't be its own master`, path: ['master'] }];
  return snapshot.links.has(master) ? [] : [missingDevice(master, snapshot, ['master'])];
}

function resolveGroup(
  group: LinkParams['group'],
  snapshot: Snapshot,
  problems: Problem[],
): number | undefined {
  if (group === undefined) return undefined;
  if (group === null || group === 'default') return DEFAULTS.group;
  const known = parseNumber(group) ?? snapshot.names.groups.byName.get(String(group));
  if (known !== undefined) return known;
  const near = nearest(String(group), ['default', ...snapshot.names.groups.byName.keys()]);
  problems.push({
    message: `no device group is named '${group}' on this host`,
    hint:
      near === undefined ? 'Give its number, or name it in /etc/iproute2/group.' : `Did you mean ${near}?`,
    path: ['group'],
  });
  return undefined;
}

/** What a task gives back to the kernel's default is not kept any more. */
function kept(params: LinkParams, snapshot: Snapshot): readonly Kept[] {
  const link = findLink(params.name, snapshot);
  if (link === undefined) return [];
  const names = Object.keys(attributes.BY_NAME) as (keyof typeof attributes.BY_NAME)[];
  const { altnames, master } = params;
  return [
    ...names.flatMap((name) =>
      keptSetting(link, attributes.BY_NAME[name] as attributes.Attribute<unknown>, params[name]),
    ),
    ...(altnames === undefined
      ? []
      : [{ kind: 'setting', dev: link.name, name: 'altnames', words: link.altnames } as const]),
    ...(master === undefined ? [] : [keptMaster(link.name, link.master)]),
  ];
}

/** Parameters whose change may cost the device, or its bridge, the neighbours that were set. */
const LOSING = ['state', 'mtu', 'mac', 'arp', 'master'] as const;

function reads(params: LinkParams): readonly Read[] {
  const links: Read[] = [{ kind: 'links' }];
  if (LOSING.some((name) => params[name] !== undefined)) links.push({ kind: 'neighbours' });
  // A port that leaves its bridge loses what that knew of it.
  if (params.master !== undefined) links.push({ kind: 'bridge_vlans' }, { kind: 'fdb' });
  // A device that joins or leaves a VRF loses routes and addresses as one does that goes down.
  if ((['state', 'mtu', 'master'] as const).every((name) => params[name] === undefined)) return links;
  if (params.mtu !== undefined && params.mtu < IPV6_MIN_MTU)
    links.push({ kind: 'sysctl', path: `${ipv6Sysctls(params.name)}*` });
  return [...links, { kind: 'addresses' }, { kind: 'routes', family: 4 }, { kind: 'routes', family: 6 }];
}

/** An existing network device. */
export const link: Resource<LinkParams> = {
  name: 'link',
  plural: 'links',
  mapKey: 'name',
  summary: 'An existing network device: up or down, MTU, MAC and all else that `ip link set` changes.',
  schema: linkSchema,
  examples: [
    { link: { name: 'eth0', state: 'up', mtu: 1500 } },
    { link: { name: 'eth1', master: 'br0', alias: 'uplink to rack 4' } },
    { link: { name: 'eth1', master: null, promisc: false, txqueuelen: 1000 } },
  ],
  reads,
  plan,
  kept,
};
