import { type Family, familyOf } from '../../shared/addr.js';
import type { Problem } from '../../shared/change.js';
import type { Read, Snapshot } from '../../snapshot/model.js';
import type { OpenVz, Ve } from '../../snapshot/openvz.js';
import { address } from '../address.js';
import { bridge } from '../bridge.js';
import { neighbour } from '../neighbour.js';
import { addressesOf, chooseVes, noNode } from '../openvz/find-ve.js';
import { neighbourDevices } from '../openvz/venet.js';

import { after } from '../pins/after.js';
import { type HookPin, PINS_FILE, readPins } from '../pins/hook-file.js';
import { type NicWay, nicWay, tableTaken } from '../pins/nic.js';
import { DEFAULT_PRIORITY, nicProperties } from '../pins/nic-schema.js';
import { formerOf, formerParts, nodeReads, nodeSettings } from '../pins/node.js';
import {
  hostPrefix,
  leftovers,
  pinReads,
  proxiesGone,
  proxyPart,
  ruleParts,
  rulesGone,
  tableParts,
  unusedTables,
} from '../pins/parts.js';
import { vethParts } from '../pins/veth.js';
import { type Expansion, type Intent, type Part, part } from '../resource.js';
import { route } from '../route.js';
import { TABLE } from '../routing/names.js';
import { sysctl } from '../sysctl.js';
import { ve } from '../ve.js';
import { veHook } from '../ve_hook.js';

export interface VePinParams {
  ve?: string | number;
  ves?: readonly (string | number)[];
  nic?: string;
  table?: number;
  gateway?: string;
  gateway6?: string;
  priority?: number;
  state?: 'present' | 'absent';
}

const FAMILIES: readonly Family[] = [4, 6];

const veWord = { type: ['string', 'integer'], minimum: 1, minLength: 1 } as const;

/** Containers whose traffic uses one NIC alone, in and out. */
export const vePin: Intent<VePinParams> = {
  name: 've_pin',
  plural: 've_pins',
  mapKey: 've',
  mapValue: 'nic',
  summary:
    'Pins OpenVZ containers to a NIC: all that they send leaves by it, and no other one answers for them',
  schema: {
    type: 'object',
    additionalProperties: false,
    if: { required: ['state'], properties: { state: { const: 'absent' } } },
    else: { required: ['nic'] },
    oneOf: [{ required: ['ve'] }, { required: ['ves'] }],
    properties: {
      ve: {
        ...veWord,
        description:
          'The container, by id, UUID, name or hostname. * and ? stand for any letters and any one.',
        examples: [101, 'www*'],
      },
      ves: {
        type: 'array',
        minItems: 1,
        items: veWord,
        description: 'Several, each as in ve. A group of the inventory: "{{ groups[\'web_ves\'] }}".',
        examples: [[101, 102]],
      },
      ...nicProperties,
      state: {
        enum: ['present', 'absent'],
        default: 'present',
        description: 'absent gives the containers back to OpenVZ, which answers for them on every NIC.',
        examples: ['absent'],
      },
    },
  },
  examples: [
    { ve_pin: { ve: 101, nic: 'eth3' } },
    { ve_pin: { ves: [102, 'mail', 'db*'], nic: 'eth4', gateway: '192.168.18.1' } },
    { ve_pin: { ve: 101, state: 'absent' } },
  ],
  reads: (): readonly Read[] => [
    ...pinReads,
    ...nodeReads,
    ...veHook.reads({ ve: '0' }),
    ...ve.reads({ ve: 0 }),
    ...bridge.reads({ name: 'br' }),
    ...address.reads({ dev: 'br', address: '192.0.2.1/24' }),
  ],
  expand,
  keepsItself: true,
};

function expand(params: VePinParams, snapshot: Snapshot): Expansion {
  const { openvz } = snapshot;
  if (openvz == null) return { parts: [], problems: [noNode(pathOf(params))] };
  return params.state === 'absent'
    ? expandAbsent(params, openvz, snapshot)
    : expandPresent(params, openvz, snapshot);
}

function words({ ve, ves }: VePinParams): string[] {
  return (ve === undefined ? (ves ?? []) : [ve]).map(String);
}

function pathOf(params: VePinParams): readonly string[] {
  return [params.ve === undefined ? 'ves' : 've'];
}

/** A container with its addresses of one family, and where they shall go. */
interface Pinned {
  ve: Ve;
  running: boolean;
  addresses: readonly string[];
  /** Of these, those that are not another one's now: of several with one address, the one that runs has it. */
  own: readonly string[];
  way: NicWay;
  priority: number;
  /** How it is pinned so far. */
  before: HookPin | undefined;
}

function expandPresent(params: VePinParams, openvz: OpenVz, before: Snapshot): Expansion {
  const problems: Problem[] = [];
  const chosen = chooseVes(words(params), openvz, pathOf(params), problems);
  const veth = vethParts(chosen, params.nic ?? '', before, problems);
  // Where the NIC becomes a port, all else is about its bridge.
  const snapshot = after(veth.bridge, before);
  const ves = chosen.filter((ve) => ve.netifs.length === 0 || addressesOf(ve).length > 0);
  const ways = waysFor(ves, params, snapshot, problems);
  const asked = ves.flatMap(addressesOf);
  problems.push(...ways.flatMap((way) => tableTaken(way, asked, snapshot) ?? []));
  if (problems.length > 0) return { parts: [], problems };
  const { pins } = readPins(snapshot.files.get(PINS_FILE)?.content);
  const pinned = ves.flatMap((ve) =>
    ways.flatMap((way) => pinnedBy(ve, way, params, pins, openvz, snapshot) ?? []),
  );
  const node = nodeSettings(ways, snapshot);
  const former = pins.length === 0 ? { former: formerOf(node, snapshot) } : {};
  const others = openvz.ves.flatMap(addressesOf);
  const gone = pinned.flatMap(({ own, way, priority, before }) =>
    leftovers({ addresses: own, table: way.table, priority }, before, others, snapshot),
  );
  const outgrown = pins.filter((pin) => isOutgrown(pin, pinned));
  const lost = outgrown.flatMap(({ addresses, priority }) =>
    addresses
      .filter((address) => !others.includes(address))
      .map((address) => rulesGone(address, [priority], snapshot)),
  );
  const unaddressed = ves.filter((ve) => addressesOf(ve).length === 0);
  return {
    parts: [
      ...veth.bridge,
      ...veth.netifs,
      ...node.map((setting) => part(sysctl, setting)),
      ...(pinned.some(({ running }) => running) ? ways.flatMap(tableParts) : []),
      ...pinned.flatMap((each) => addressParts(each, snapshot)),
      ...pinned.map((each) => part(veHook, { ...hookOf(each), ...former })),
      ...outgrown.map(({ ve, gateway }) => part(veHook, { ve, gateway, state: 'absent' as const })),
      ...[...gone, ...lost].flatMap(({ parts }) => parts),
      ...unusedTables([...gone, ...lost], snapshot),
    ],
    warnings: unaddressed.map(
      ({ id }) => `container ${id} has no address yet: it is pinned as soon as it has one`,
    ),
  };
}

/** The NIC's way in each family of addresses that the containers have; in IPv4's where they have none yet. */
function waysFor(ves: readonly Ve[], params: VePinParams, snapshot: Snapshot, problems: Problem[]): NicWay[] {
  const all = ves.flatMap(addressesOf);
  const families = FAMILIES.filter((family) => ofFamily(family, all).length > 0);
  const nobody = ves.length === 0 && snapshot.links.has(params.nic ?? '');
  const asked: readonly Family[] = nobody ? [] : families.length === 0 ? [4] : families;
  return asked.flatMap(
    (family) => nicWay({ ...params, nic: params.nic ?? '' }, family, snapshot, problems) ?? [],
  );
}

function pinnedBy(
  ve: Ve,
  way: NicWay,
  params: VePinParams,
  pins: readonly HookPin[],
  openvz: OpenVz,
  snapshot: Snapshot,
): Pinned | undefined {
  const family = familyOf(way.gateway);
  const addresses = ofFamily(family, addressesOf(ve));
  if (addresses.length === 0 && addressesOf(ve).length > 0) return undefined;
  const running = isRunning(ve, snapshot);
  const others = running ? [] : inUse(openvz, ({ id }) => id !== ve.id, snapshot);
  return {
    ve,
    running,
    addresses,
    own: addresses.filter((address) => !others.includes(address)),
    way,
    priority: params.priority ?? DEFAULT_PRIORITY,
    before: pins.find((pin) => pin.ve === ve.id && familyOf(pin.gateway) === family),
  };
}

/** Of a family in which the container has no address any more, and on a NIC that is not its own any more. */
function isOutgrown({ ve, nic, gateway }: HookPin, pinned: readonly Pinned[]): boolean {
  const now = pinned.filter((each) => each.ve.id === ve);
  return (
    now.length > 0 && now.every(({ way }) => way.dev !== nic && familyOf(way.gateway) !== familyOf(gateway))
  );
}

/** Nobody answers for a container that does not run; its rules come with its start. */
function addressParts({ running, own, way, priority }: Pinned, snapshot: Snapshot): Part[] {
  return own.flatMap((address) =>
    running
      ? [
          ...venetParts(address, snapshot),
          ...ruleParts(address, way.table, priority),
          proxyPart(address, way),
        ]
      : proxiesGone(address, snapshot),
  );
}

/** OpenVZ makes the way to the container itself; where it is missing, it is made as vzctl makes it. */
function venetParts(address: string, snapshot: Snapshot): Part[] {
  if (hasWay(address, snapshot) || !snapshot.links.has('venet0')) return [];
  return [part(route, { dst: address, dev: 'venet0' })];
}

function hookOf({ ve, way, priority, addresses }: Pinned) {
  const { dev, table, gateway, networks } = way;
  return { ve: ve.id, nic: dev, table, priority, gateway, networks, addresses };
}

/** Where vzlist tells nothing, a way to the container does. */
function isRunning(ve: Ve, snapshot: Snapshot): boolean {
  return ve.running ?? addressesOf(ve).some((address) => hasWay(address, snapshot));
}

function hasWay(address: string, { routes }: Snapshot): boolean {
  const dst = hostPrefix(address);
  return routes.some((each) => each.dst === dst && each.table === TABLE.main && each.type === 'unicast');
}

/** The addresses of those containers that run. */
function inUse({ ves }: OpenVz, isMeant: (ve: Ve) => boolean, snapshot: Snapshot): string[] {
  return ves.filter((ve) => isMeant(ve) && isRunning(ve, snapshot)).flatMap(addressesOf);
}

function ofFamily(family: Family, addresses: readonly string[]): string[] {
  return addresses.filter((address) => familyOf(address) === family);
}

/** Containers that are gone since have their pins in the file alone. */
function expandAbsent(params: VePinParams, openvz: OpenVz, snapshot: Snapshot): Expansion {
  const { pins, former } = readPins(snapshot.files.get(PINS_FILE)?.content);
  const problems: Problem[] = [];
  const asked = words(params).filter((word) => !pins.some(({ ve }) => ve === word));
  const ves = chooseVes(asked, openvz, pathOf(params), problems);
  const ids = new Set([...words(params).filter((word) => !asked.includes(word)), ...ves.map(({ id }) => id)]);
  const doomed = pins.filter(({ ve }) => ids.has(ve));
  // An address may have gone to another container since, whose own pin stays.
  const staying = new Set(pins.filter(({ ve }) => !ids.has(ve)).map(({ ve }) => ve));
  const kept = inUse(openvz, ({ id }) => staying.has(id), snapshot);
  const gone = doomed.flatMap(({ ve, priority, addresses }) => {
    const now = openvz.ves.find(({ id }) => id === ve);
    const all = new Set([...addresses, ...(now === undefined ? [] : addressesOf(now))]);
    return [...all]
      .filter((address) => !kept.includes(address))
      .map((address) => rulesGone(address, [priority], snapshot));
  });
  const last = doomed.length === pins.length && doomed.length > 0;
  return {
    parts: [
      ...doomed.flatMap((pin) => givenBack(pin, openvz, snapshot)),
      ...gone.flatMap(({ parts }) => parts),
      ...unusedTables(gone, snapshot),
      ...[...new Set(doomed.map(({ ve }) => ve))].map((ve) => part(veHook, { ve, state: 'absent' as const })),
      ...(last ? formerParts(former, snapshot) : []),
    ],
    // No problem: it may be one that is gone, whose pin an earlier run took away.
    warnings: problems.map(({ message }) => `nothing is pinned by this name: ${message}`),
  };
}

/** OpenVZ answers for a container on every NIC, or on those that vz.conf names; for one that does not run, on none. */
function givenBack({ ve, addresses }: HookPin, openvz: OpenVz, snapshot: Snapshot): Part[] {
  const now = openvz.ves.find(({ id }) => id === ve);
  const served = now !== undefined && isRunning(now, snapshot) ? addressesOf(now) : [];
  // Who answers for an address that another container has by now is that one's matter.
  const others = inUse(openvz, ({ id }) => id !== ve, snapshot);
  return addresses.flatMap((address) => {
    if (others.includes(address)) return [];
    return served.includes(address)
      ? neighbourDevices(snapshot, address).map((dev) => part(neighbour, { dst: address, dev, proxy: true }))
      : proxiesGone(address, snapshot);
  });
}
