/** Which of NetworkManager's profiles a device is configured by, as its own files of state tell. */
import type { HostFile, Snapshot } from '../../snapshot/model.js';
import { Keyfile } from './keyfile.js';

export const PROFILES = '/etc/NetworkManager/system-connections';

export interface Profile {
  /** What `nmcli` calls it. */
  id: string;
  path: string;
  file: HostFile;
}

/** A profile that netplay does not read or change, and why. */
export interface Closed {
  id: string;
  why: string;
}

/** The path of the profile of a link that netplay makes. */
export function ownPath(dev: string): string {
  return `${PROFILES}/netplay-${dev}.nmconnection`;
}

export function isOwnPath(path: string): boolean {
  return path.startsWith(`${PROFILES}/netplay-`);
}

/** NetworkManager 1.X; undefined where the host does not tell. */
export function minorVersion({ boot }: Snapshot): number | undefined {
  const minor = /^1\.(\d+)/.exec(boot?.facts.get('nm version') ?? '')?.[1];
  return minor === undefined ? undefined : Number(minor);
}

/**
 * The profile that is active on a device, or that names it where none is active now. Undefined where NetworkManager
 * leaves the device alone: one that it does not manage, one that it only watches, one of netplan's.
 */
export function profileOf(dev: string, snapshot: Snapshot): Profile | Closed | undefined {
  const index = snapshot.links.get(dev)?.index;
  const [managed, uuid = ''] = snapshot.boot?.facts.get(`nm ${index}`)?.split(' ') ?? [];
  if (managed !== 'true') return undefined;
  const why = snapshot.boot?.facts.get(`nm-closed ${uuid}`);
  if (why !== undefined) return { id: uuid, why };
  const profiles = profilesIn(snapshot);
  const found =
    profiles.find(({ keys }) => uuid !== '' && keys.get('connection', 'uuid') === uuid) ??
    profiles.find(
      ({ keys, path }) =>
        keys.get('connection', 'interface-name') === dev && (uuid === '' || isUnnamed(keys, path)),
    );
  if (found === undefined || isNetplans(found.path) || isWatchedOnly(found.keys)) return undefined;
  const { path, file, keys } = found;
  const id = keys.get('connection', 'id') ?? baseName(path);
  const others = [...(snapshot.boot?.facts ?? [])].filter(
    ([key, value]) => /^nm \d+$/.test(key) && uuid !== '' && value.split(' ')[1] === uuid,
  );
  return others.length > 1
    ? { id, why: `it is the connection of ${others.length} devices` }
    : { id, path, file };
}

interface Found {
  path: string;
  file: HostFile;
  keys: Keyfile;
}

const FOLDERS = [
  PROFILES,
  '/run/NetworkManager/system-connections',
  '/usr/lib/NetworkManager/system-connections',
];

/** Those that count first: a file in /etc hides one of the same UUID elsewhere. */
function profilesIn({ files }: Snapshot): Found[] {
  return FOLDERS.flatMap((folder) =>
    [...files].flatMap(([path, file]): Found[] =>
      file !== null && path.startsWith(`${folder}/`) ? [{ path, file, keys: new Keyfile(file.content) }] : [],
    ),
  );
}

/** NetworkManager makes up a UUID for a file that has none. */
function isUnnamed(keys: Keyfile, path: string): boolean {
  return keys.get('connection', 'uuid') === undefined && path.startsWith(PROFILES);
}

function isNetplans(path: string): boolean {
  return baseName(path).startsWith('netplan-');
}

/** What it writes down of a link that others made and configured; before 1.38 such are volatile alone. */
function isWatchedOnly(keys: Keyfile): boolean {
  const meta = (key: string): boolean => keys.get('.nmmeta', key) === 'true';
  return meta('external') || (meta('volatile') && meta('nm-generated'));
}

export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
