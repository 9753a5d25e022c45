import { parsePrefix } from '../shared/addr.js';
import type { Change, Problem } from '../shared/change.js';
import type { Kept } from '../snapshot/kept.js';
import type { Address, Link, Read, Snapshot } from '../snapshot/model.js';
import { applyEffects } from '../snapshot/simulate.js';
import { ADDRESS_FLAGS, addressName, addressStep, naturalScope, showAddress } from './links/address-args.js';
import { addressesOf, backTo, rebuild } from './links/address-order.js';
import { addressSchema } from './links/address-schema.js';
import { type AddressParams, type AddressWish, readAddress } from './links/address-wish.js';
import { ipv6Problem, ipv6Reads } from './links/ipv6-switch.js';
import { restoreNeighbourSteps } from './links/neighbour-args.js';
import { lostAddresses, lostNeighbours, lostRoutes, restoreSteps } from './links/restore.js';
import type { PlanResult, Resource } from './resource.js';
import { SCOPE } from './routing/names.js';
import { missingDevice } from './routing/route-checks.js';
import { findLink } from './routing/route-wish.js';

function plan(params: AddressParams, snapshot: Snapshot): PlanResult {
  const link = findLink(params.dev, snapshot);
  if (link === undefined) return { changes: [], problems: [missingDevice(params.dev, snapshot, ['dev'])] };
  const problems: Problem[] = [];
  const wish = readAddress({ ...params, dev: link.name }, snapshot.names, problems);
  if (wish === undefined || problems.length > 0) return { changes: [], problems };
  const present = addressesOf(snapshot, { dev: link.name, family: wish.family });
  const current = present.find((address) => isMeant(address, wish));
  if (params.state === 'absent') return planAbsent(current, snapshot);
  const twin = present.find((address) => isTwin(address, wish));
  if (current === undefined && twin !== undefined)
    return { changes: [], problems: [twinProblem(twin, wish)] };
  const warnings = duplicates(link, wish, snapshot);
  if (current !== undefined) return { ...planUpdate(current, wish, snapshot), warnings };
  const off = wish.family === 6 ? ipv6Problem(link.name, snapshot, ['address']) : undefined;
  if (off !== undefined) return { changes: [], problems: [off] };
  return { ...planCreate(link, wish, snapshot), warnings };
}

/** One that DHCP or a router gave is given anew. */
function kept(params: AddressParams, snapshot: Snapshot): readonly Kept[] {
  const link = findLink(params.dev, snapshot);
  const wish = link && readAddress({ ...params, dev: link.name }, snapshot.names, []);
  if (link === undefined || wish === undefined) return [];
  const present = addressesOf(snapshot, { dev: link.name, family: wish.family });
  const item = present.find((address) => isMeant(address, wish));
  return item === undefined || item.validLft !== null ? [] : [{ kind: 'address', item }];
}

function isMeant(address: Address, wish: AddressWish): boolean {
  return address.local === wish.local && address.length === wish.length && address.peer === wish.peer;
}

/** The same address in another form: IPv6 takes no second one, IPv4 another peer but no other length without doubt. */
function isTwin(address: Address, wish: AddressWish): boolean {
  return address.local === wish.local && (wish.family === 6 || address.length !== wish.length);
}

function twinProblem(twin: Address, wish: AddressWish): Problem {
  return {
    message: `${twin.dev} has ${twin.local} already, as ${addressName(twin)} and not as ${addressName(wish)}`,
    hint: `Remove that first: address: {dev: ${twin.dev}, ${twin.peer === null ? '' : `peer: ${twin.peer}, `}address: ${twin.local}/${twin.length}, state: absent}`,
    path: ['address'],
  };
}

function duplicates(link: Link, wish: AddressWish, snapshot: Snapshot): string[] {
  return snapshot.addresses
    .filter(({ local, dev, scope }) => local === wish.local && dev !== link.name && scope !== SCOPE.link)
    .map((other) => `${other.dev} has the address ${addressName(other)} as well`);
}

function planCreate(link: Link, wish: AddressWish, snapshot: Snapshot): PlanResult {
  const address = wanted(wish, {
    family: wish.family,
    dev: link.name,
    local: wish.local,
    length: wish.length,
    peer: wish.peer,
    broadcast: null,
    anycast: null,
    label: wish.family === 4 ? link.name : null,
    scope: naturalScope(wish),
    flags: isSecondary(wish, addressesOf(snapshot, { dev: link.name, family: wish.family }))
      ? ['secondary']
      : [],
    validLft: null,
    preferredLft: null,
    metric: null,
  });
  const effects = [{ kind: 'address', set: address }] as const;
  const after = applyEffects(snapshot, effects);
  return {
    changes: [
      {
        resource: 'address',
        address: changeAddress(address),
        action: 'create',
        before: null,
        after: showAddress(address),
        do: [addressStep(address, 'add')],
        undo: backTo(snapshot, after, address),
        effects,
      },
    ],
  };
}

/** The first address of an IPv4 network is its primary; all later ones are secondary (net/ipv4/devinet.c). */
function isSecondary(wish: AddressWish, present: readonly Address[]): boolean {
  return wish.family === 4 && present.some((other) => sameNetwork(other, wish));
}

function planUpdate(current: Address, wish: AddressWish, snapshot: Snapshot): PlanResult {
  const next = wanted(wish, current);
  if (showAddress(next) === showAddress(current)) return { changes: [] };
  if (next.validLft !== null && (next.preferredLft ?? Number.POSITIVE_INFINITY) > next.validLft)
    return {
      changes: [],
      problems: [
        {
          message: `${addressName(current)} ends in ${next.validLft} seconds, before preferred_lft does`,
          hint: 'Give valid_lft as well: forever, or as long.',
          path: ['preferred_lft'],
        },
      ],
    };
  const inPlace = canChange(current, next);
  const list = addressesOf(snapshot, current).map((address) => (address === current ? next : address));
  const rebuilt = inPlace
    ? { steps: [addressStep(next, 'change')], effects: [{ kind: 'address', set: next }] as const }
    : rebuild(snapshot, current, list);
  const after = applyEffects(snapshot, rebuilt.effects);
  const lost = inPlace ? [] : restoreSteps(snapshot, after);
  const restored = [
    ...lostRoutes(snapshot, after).map((route) => ({ kind: 'route', set: route }) as const),
    ...lostNeighbours(snapshot, after).map((neighbour) => ({ kind: 'neighbour', set: neighbour }) as const),
  ];
  return {
    changes: [
      {
        resource: 'address',
        address: changeAddress(current),
        action: 'update',
        before: showAddress(current),
        after: showAddress(next),
        do: [...rebuilt.steps, ...lost],
        undo: canChange(next, current) ? [addressStep(current, 'change')] : backTo(snapshot, after, current),
        effects: inPlace ? rebuilt.effects : [...rebuilt.effects, ...restored],
      },
    ],
  };
}

/** Deletes exactly this address; secondary ones that the kernel would take with it are put back. */
function planAbsent(current: Address | undefined, snapshot: Snapshot): PlanResult {
  if (current === undefined) return { changes: [] };
  const removal = [{ kind: 'address', unset: current }] as const;
  const bare = applyEffects(snapshot, removal);
  const taken = lostAddresses(snapshot, bare).filter(
    (address) => addressName(address) !== addressName(current),
  );
  // Where others take its place, the device was without an address for a moment only.
  const neighbours = taken.length === 0 ? [] : lostNeighbours(snapshot, bare);
  const effects = [
    ...removal,
    ...taken.map((address) => ({ kind: 'address', set: address }) as const),
    ...neighbours.map((neighbour) => ({ kind: 'neighbour', set: neighbour }) as const),
  ];
  const after = applyEffects(snapshot, effects);
  const change: Change = {
    resource: 'address',
    address: changeAddress(current),
    action: 'delete',
    before: showAddress(current),
    after: null,
    do: [
      addressStep(current, 'del'),
      ...taken.map((address) => addressStep(address, 'add')),
      ...neighbours.flatMap((each) => restoreNeighbourSteps(each, bare.neighbours)),
    ],
    undo: backTo(snapshot, after, current),
    effects,
  };
  const lost = lossesOf(snapshot, after);
  if (lost === '') return { changes: [change] };
  return {
    changes: [change],
    warnings: [`removing ${addressName(current)} from ${current.dev} takes ${lost} with it`],
  };
}

/** The last IPv4 address of a device takes the neighbours along that were set there (fib_disable_ip). */
function lossesOf(before: Snapshot, after: Snapshot): string {
  const routes = lostRoutes(before, after).length;
  const neighbours = lostNeighbours(before, after).length;
  return [
    ...(routes === 0 ? [] : [routes === 1 ? 'a route' : `${routes} routes`]),
    ...(neighbours === 0 ? [] : [neighbours === 1 ? 'a neighbour' : `${neighbours} neighbours`]),
  ].join(' and ');
}

/** `address` with all that the task gives; what it leaves alone stays. */
function wanted(wish: AddressWish, address: Address): Address {
  const flags = ADDRESS_FLAGS.filter((flag) => wish.flags[flag] ?? address.flags.includes(flag));
  const others = address.flags.filter((flag) => !ADDRESS_FLAGS.some((known) => known === flag));
  return {
    ...address,
    peer: wish.peer,
    broadcast: wish.broadcast === undefined ? address.broadcast : wish.broadcast,
    label: wish.label === undefined || wish.family === 6 ? address.label : (wish.label ?? address.dev),
    scope: wish.scope ?? address.scope,
    metric: wish.metric === undefined ? address.metric : wish.metric,
    validLft: runningDown(wish.validLft, address.validLft),
    preferredLft: runningDown(wish.preferredLft, address.preferredLft),
    flags: [...others, ...flags],
  };
}

/** A lifetime runs down from the moment it is given: what is left of it is no difference. */
function runningDown(wish: number | null | undefined, current: number | null): number | null {
  if (wish === undefined) return current;
  return wish !== null && current !== null && current <= wish ? current : wish;
}

/**
 * What the kernel changes in place; it takes no notice of the rest (inet_rtm_newaddr, inet6_addr_modify),
 * nor of an IPv6 metric that is to go.
 */
function canChange(current: Address, next: Address): boolean {
  if (current.family === 6 && current.metric !== null && next.metric === null) return false;
  const fixed = ({ broadcast, label, scope, flags, family }: Address): string =>
    JSON.stringify({
      broadcast,
      label,
      scope,
      autojoin: flags.includes('autojoin'),
      noprefixroute: family === 4 && flags.includes('noprefixroute'),
    });
  return fixed(current) === fixed(next);
}

function sameNetwork(a: NetworkPart, b: NetworkPart): boolean {
  return a.length === b.length && networkOf(a) === networkOf(b);
}

type NetworkPart = Pick<Address, 'local' | 'length' | 'peer'>;

/** With a peer, the network is the peer's. */
function networkOf({ local, length, peer }: NetworkPart): string | undefined {
  return parsePrefix(`${peer ?? local}/${length}`)?.network;
}

function changeAddress(address: Address): string {
  return `address ${addressName(address)} dev ${address.dev}`;
}

const reads: readonly Read[] = [
  { kind: 'links' },
  { kind: 'addresses' },
  { kind: 'routes', family: 4 },
  { kind: 'routes', family: 6 },
  { kind: 'neighbours' },
];

/** An address of a device. */
export const address: Resource<AddressParams> = {
  name: 'address',
  plural: 'addresses',
  mapKey: 'address',
  mapValue: 'dev',
  summary: 'An IPv4 or IPv6 address of a device, with all that `ip address` gives it.',
  schema: addressSchema,
  examples: [
    { address: { dev: 'eth0', address: '192.168.1.1/24' } },
    { address: { dev: 'eth0', address: '10.0.0.1/24', broadcast: '+', label: 'eth0:1', metric: 100 } },
    { address: { dev: 'ppp0', address: '10.9.0.1', peer: '10.9.0.2' } },
    { address: { dev: 'eth0', address: '2001:db8::1/64', nodad: true, preferred_lft: 0 } },
    { address: { dev: 'eth0', address: '192.168.1.7/24', state: 'absent' } },
  ],
  reads: (params) => (params.address.includes(':') ? [...reads, ...ipv6Reads] : reads),
  plan,
  kept,
};
