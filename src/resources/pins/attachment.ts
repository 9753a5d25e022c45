/** Which container a playbook means, and how it hangs on the host. */
import type { Problem } from '../../shared/change.js';
import { nearest } from '../../shared/nearest.js';
import type { Container, Containers, ContainerType } from '../../snapshot/containers.js';
import type { Link, Snapshot } from '../../snapshot/model.js';
import { deviceOfNic } from './nic.js';

export type Attachment =
  /** Its device on the host is a port of a bridge that joins it to the wire. */
  | { kind: 'bridged'; port: string; bridge: string }
  /** The host routes to it, by one of these devices; none where nothing tells. */
  | { kind: 'routed'; devs: readonly string[] };

const TOOLS: Readonly<Record<ContainerType, string>> = {
  ...{ lxc: 'lxc-ls', nspawn: 'machinectl', libvirt: 'virsh', netns: 'ip netns' },
};
const PATH = ['container'];

/** @param type undefined where exactly one kind must have the name */
export function findContainer(
  name: string,
  type: ContainerType | undefined,
  containers: Containers,
): Container | Problem {
  const known = containers.all.filter((each) => type === undefined || each.type === type);
  const [found, other] = known.filter((each) => each.name === name);
  if (found === undefined) return missing(name, type, known, containers);
  if (other === undefined) return found;
  const types = known.filter((each) => each.name === name).map((each) => each.type);
  return {
    message: `${name} is the name of several on this host: ${types.join(', ')}`,
    hint: `Say which: type: ${types[0]}`,
    path: PATH,
  };
}

function missing(
  name: string,
  type: ContainerType | undefined,
  known: readonly Container[],
  { failures }: Containers,
): Problem {
  const near = nearest(
    name,
    known.map((each) => each.name),
  );
  const list = known.map((each) => `${each.name} (${each.type})`).join(', ') || 'none';
  const failed = failures.map(({ type: of, message }) => ` ${TOOLS[of]} failed: ${message}`);
  return {
    message: `there is no ${type ?? 'container'} ${name} on this host${near === undefined ? '' : `; did you mean ${near}?`}`,
    hint: `Known here: ${list}.${failed.join('')}`,
    path: PATH,
  };
}

/** @param given addresses that tell which of its devices is meant; none for any */
export function attachmentOf(
  { name, devices }: Container,
  given: readonly string[],
  snapshot: Snapshot,
): Attachment | Problem {
  const holding = devices.filter(({ addresses }) => given.some((address) => addresses.includes(address)));
  const links = (holding.length > 0 ? holding : devices).flatMap(({ host }) => {
    const link = host === null ? undefined : snapshot.links.get(host);
    return link === undefined ? [] : [link];
  });
  const [port, other] = links.filter(({ master }) => master !== null && joins(master, snapshot));
  if (port?.master == null) return { kind: 'routed', devs: links.map((link) => link.master ?? link.name) };
  if (other === undefined) return { kind: 'bridged', port: port.name, bridge: port.master };
  return {
    message: `${name} is a port of bridges by several devices: ${port.name} of ${port.master}, ${other.name} of ${other.master}`,
    hint: `Give addresses of the one that is meant, or a task for each: link: {name: ${port.name}, master: …}`,
    path: PATH,
  };
}

/** A bridge that has a NIC, or that has no address of the host's, which could not route to it then. */
function joins(name: string, snapshot: Snapshot): boolean {
  if (snapshot.links.get(name)?.kind !== 'bridge') return false;
  return hasNic(name, snapshot) || !snapshot.addresses.some(({ dev, scope }) => dev === name && scope === 0);
}

function hasNic(bridge: string, snapshot: Snapshot): boolean {
  const ends = hostEnds(snapshot);
  return [...snapshot.links.values()].some((link) => link.master === bridge && isNic(link, ends));
}

/** Ends of containers that netplay knows nothing of (another user's, docker's) are told by the names that tools give them. */
function isNic({ name, kind }: Link, ends: readonly string[]): boolean {
  if (kind === 'tun' || kind === 'dummy' || ends.includes(name)) return false;
  return kind !== 'veth' || !/^(?:veth|ve-|vb-|vnet|tap|lxc)/.test(name);
}

/** The host's ends of all containers. */
function hostEnds({ containers }: Snapshot): string[] {
  return (containers?.all ?? []).flatMap(({ devices }) => devices.flatMap(({ host }) => host ?? []));
}

/** Devices that lead to containers and not to the wire: their ends, and bridges of nothing else. */
export function innerDevices(snapshot: Snapshot): string[] {
  const ends = hostEnds(snapshot).flatMap((name) => snapshot.links.get(name) ?? []);
  const inner = ends.flatMap(({ name, master }) => {
    if (master === null) return [name];
    return hasNic(master, snapshot) ? [] : [master];
  });
  return [...new Set(inner)];
}

/**
 * The bridge of a NIC, for a container that is a port of `bridge` now: the one that has the NIC, or its own where
 * that has none yet.
 */
export function bridgeOfNic(
  nic: string,
  name: string,
  { port, bridge }: Attachment & { kind: 'bridged' },
  snapshot: Snapshot,
): string | Problem {
  const link = snapshot.links.get(nic);
  if (link === undefined) return { message: `no interface ${nic} on this host`, path: ['nic'] };
  const master = deviceOfNic(nic, snapshot);
  if (master !== nic) return master;
  if (link.kind === 'bridge') return nic;
  const addressed = snapshot.addresses.some(({ dev, scope }) => dev === nic && scope === 0);
  if (link.master === null && !addressed && !hasNic(bridge, snapshot)) return bridge;
  return {
    message: `${nic} is no port of a bridge: ${name} needs one there, since its ${port} is a port of ${bridge}`,
    hint: `Before this task: bridge: {name: br_${nic}, ports: [${nic}]}; addresses of ${nic} belong to the bridge then.`,
    path: ['nic'],
  };
}
