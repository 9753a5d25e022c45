/** What netplan has of a host, from all its files: which of its definitions is for which device. */
import { parse } from 'yaml';
import { isMap } from '../shared/is-map.js';
import type { HostFile, Snapshot } from '../snapshot/model.js';
import { NETPLAN, networkFile } from './networkd-foreign.js';
import { lastValue, readSections } from './systemd-file.js';

/** netplay's own file: read after those that a host usually has. */
export const OWN_FILE = '/etc/netplan/90-netplay.yaml';

export type Renderer = 'networkd' | 'NetworkManager';

export interface Definition {
  /** `ethernets`, `vlans`, … */
  type: string;
  id: string;
  renderer: Renderer;
}

const TYPES: readonly string[] = [
  ...['ethernets', 'wifis', 'modems', 'bridges', 'bonds', 'vlans', 'tunnels', 'vrfs', 'nm-devices'],
  ...['dummy-devices', 'virtual-ethernets'],
];

/** The files in netplan's order: by name, and of one name those of /etc before /run and /lib. */
function filesOf({ files }: Snapshot, own: boolean): HostFile[] {
  const named = new Map<string, HostFile>();
  for (const folder of ['/lib/netplan/', '/run/netplan/', '/etc/netplan/'])
    for (const [path, file] of files)
      if (path.startsWith(folder) && (own || path !== OWN_FILE) && file !== null)
        named.set(path.slice(folder.length), file);
  return [...named].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, file]) => file);
}

/** The `network` of each file; of one that can't be read, nothing. */
function networks(snapshot: Snapshot, own: boolean): Record<string, unknown>[] {
  return filesOf(snapshot, own).flatMap(({ content }) => {
    try {
      const read: unknown = parse(content, { logLevel: 'silent' });
      return isMap(read) && isMap(read.network) ? [read.network] : [];
    } catch {
      return [];
    }
  });
}

/** What the files of others say of a definition, those of one name one after another. */
export function saidOf(
  { type, id }: Pick<Definition, 'type' | 'id'>,
  snapshot: Snapshot,
): Record<string, unknown>[] {
  return networks(snapshot, false).flatMap((network) => {
    const ofType = network[type];
    const own = isMap(ofType) ? ofType[id] : undefined;
    return isMap(own) ? [own] : [];
  });
}

/** The definition that netplan made a running device's file from; undefined where the device is not its. */
export function definitionOf(dev: string, snapshot: Snapshot): Definition | undefined {
  const found = byNetworkd(dev, snapshot) ?? byNetworkManager(dev, snapshot);
  if (found === undefined) return undefined;
  const [network] = networks(snapshot, true).filter((one) =>
    TYPES.some((type) => isMap(one[type]) && Object.hasOwn(one[type], found.id)),
  );
  const type = TYPES.find((each) => {
    const ofType = network?.[each];
    return isMap(ofType) && Object.hasOwn(ofType, found.id);
  });
  return type === undefined ? undefined : { ...found, type };
}

/** What renders a definition that names no renderer. */
export function usualRenderer(snapshot: Snapshot): Renderer {
  const said = networks(snapshot, false).flatMap(({ renderer }) =>
    typeof renderer === 'string' ? [renderer] : [],
  );
  return said.at(-1) === 'NetworkManager' ? 'NetworkManager' : 'networkd';
}

type Found = Omit<Definition, 'type'>;

function byNetworkd(dev: string, snapshot: Snapshot): Found | undefined {
  const path = networkFile(dev, snapshot);
  if (path === undefined || !path.startsWith(NETPLAN)) return undefined;
  return { id: path.slice(NETPLAN.length, -'.network'.length), renderer: 'networkd' };
}

const CONNECTIONS = '/run/NetworkManager/system-connections/netplan-';

/** netplan writes connections for a device's name or its MAC. */
function byNetworkManager(dev: string, { links, files, boot }: Snapshot): Found | undefined {
  const link = links.get(dev);
  if (link === undefined || boot?.facts.get(`nm ${link.index}`) === undefined) return undefined;
  for (const [path, file] of files) {
    if (!path.startsWith(CONNECTIONS) || file === null) continue;
    const sections = readSections(file.content);
    const name = lastValue(sections, 'connection', 'interface-name');
    const mac = lastValue(sections, 'ethernet', 'mac-address')?.toLowerCase();
    const matches = name === undefined ? mac !== undefined && mac === link.mac : name === dev;
    const id = lastValue(sections, 'connection', 'id');
    if (matches && id?.startsWith('netplan-'))
      return { id: id.slice('netplan-'.length), renderer: 'NetworkManager' };
  }
  return undefined;
}
