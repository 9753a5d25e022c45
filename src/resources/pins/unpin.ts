/** Takes pins away, and brings back what was before the first. */
import { parseAddress } from '../../shared/addr.js';
import type { Problem } from '../../shared/change.js';
import type { Snapshot } from '../../snapshot/model.js';
import { link } from '../link.js';
import { neighbour } from '../neighbour.js';
import { pinRecord } from '../pin_record.js';
import { type Expansion, type Part, part } from '../resource.js';
import { route } from '../route.js';
import { PROTOCOL } from '../routing/names.js';
import { findContainer } from './attachment.js';
import type { ContainerPinParams } from './container-params.js';
import { DEFAULT_PRIORITY } from './nic-schema.js';
import { formerParts } from './node.js';
import { rulesGone, unusedTables } from './parts.js';
import { RECORD_FILE, type RecordedPin, readRecord } from './record.js';
import { ownRoute } from './routed.js';

/** A container that is gone since has its pin in the record alone. */
export function unpinParts(params: ContainerPinParams, snapshot: Snapshot): Expansion {
  const { pins, former } = readRecord(snapshot.files.get(RECORD_FILE)?.content);
  const doomed = pins.filter((pin) => isMeant(pin, params));
  const problem = ambiguous(doomed, params);
  if (problem !== undefined) return { parts: [], problems: [problem] };
  const staying = pins.filter((pin) => !doomed.includes(pin));
  // An address may have gone to another container since, whose own pin stays.
  const kept = staying.flatMap(({ addresses }) => addresses);
  const lost = (pin: RecordedPin): RecordedPin => ({
    ...pin,
    addresses: pin.addresses.filter((address) => !kept.includes(address)),
  });
  const gone = doomed
    .map(lost)
    .flatMap(({ addresses, priority = DEFAULT_PRIORITY }) =>
      addresses.map((address) => rulesGone(address, [priority], snapshot)),
    );
  const back = doomed.map((pin) => portsBack(pin, staying, snapshot));
  const last = doomed.some(isRouted) && !staying.some(isRouted);
  return {
    parts: [
      ...back.flatMap(({ parts }) => parts),
      ...doomed.flatMap((pin) => addressesBack(lost(pin), snapshot)),
      ...gone.flatMap(({ parts }) => parts),
      ...unusedTables(gone, snapshot),
      ...doomed.map(({ type, name }) => part(pinRecord, { type, name, state: 'absent' as const })),
      ...(last ? formerParts(former, snapshot) : []),
    ],
    warnings: [
      ...(doomed.length === 0 ? unknown(params, snapshot) : []),
      ...back.flatMap(({ warnings }) => warnings),
    ],
  };
}

/** Pins that the node's settings are for. */
function isRouted({ addresses }: RecordedPin): boolean {
  return addresses.length > 0;
}

function isMeant(pin: RecordedPin, { container, type, addresses = [] }: ContainerPinParams): boolean {
  if (container === undefined)
    return pin.type === 'address' && addresses.some((each) => parseAddress(each)?.address === pin.name);
  return pin.name === String(container) && (type === undefined || pin.type === type);
}

/** Of several with one name nobody can tell which is meant. */
function ambiguous(doomed: readonly RecordedPin[], { container }: ContainerPinParams): Problem | undefined {
  if (container === undefined || doomed.length < 2) return undefined;
  return {
    message: `${container} is the name of several pins: ${doomed.map((pin) => pin.type).join(', ')}`,
    hint: `Say which: type: ${doomed[0]?.type}`,
    path: ['container'],
  };
}

/** No problem: it may be one that is gone, whose pin an earlier run took away. */
function unknown({ container, type }: ContainerPinParams, { containers }: Snapshot): string[] {
  if (container === undefined || type === 'address' || containers === undefined) return [];
  const name = String(container);
  if (containers.all.some((each) => each.name === name && (type ?? each.type) === each.type)) return [];
  const found = findContainer(name, type, containers);
  return 'message' in found ? [`nothing is pinned by this name: ${found.message}`] : [];
}

function addressesBack({ addresses, proxies = [] }: RecordedPin, snapshot: Snapshot): Part[] {
  return addresses.flatMap((address) => {
    const former = proxies.filter((proxy) => proxy.address === address).map(({ dev }) => dev);
    const now = snapshot.neighbours.filter(({ proxy, dst }) => proxy && dst === address);
    const made = ownRoute(address, snapshot, PROTOCOL.netplay);
    const dev = made?.nexthops[0]?.dev;
    return [
      ...former
        .filter((each) => snapshot.links.has(each))
        .map((each) => part(neighbour, { dst: address, dev: each, proxy: true })),
      ...now.flatMap((entry) =>
        entry.dev === null || former.includes(entry.dev)
          ? []
          : [part(neighbour, { dst: address, dev: entry.dev, proxy: true, state: 'absent' as const })],
      ),
      ...(dev == null ? [] : [part(route, { dst: address, dev, state: 'absent' as const })]),
    ];
  });
}

/** A NIC stays in its bridge as long as another pin needs it there. */
function portsBack(
  { nic, ports = [] }: RecordedPin,
  staying: readonly RecordedPin[],
  { links }: Snapshot,
): { parts: Part[]; warnings: string[] } {
  const used = staying.some((pin) => pin.nic === nic && pin.ports !== undefined);
  const own = ports.filter(({ dev }) => links.has(dev) && !(dev === nic && used));
  const there = (master: string | null): boolean => master === null || links.has(master);
  return {
    parts: own
      .filter(({ master }) => there(master))
      .map(({ dev, master }) => part(link, { name: dev, master })),
    warnings: own
      .filter(({ master }) => !there(master))
      .map(({ dev, master }) => `${dev} stays where it is: its former bridge ${master} is gone`),
  };
}
