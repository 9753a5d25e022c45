/** Which of NetworkManager's profiles a device is configured by, as its own files of state tell. */
import { createHash } from 'node:crypto';
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

/** A name-based UUID (RFC 4122, version 5), so that a link's profile has the same in every run. */
export function profileUuid(name: string): string {
  const bytes = createHash('sha1').update(`netplay ${name}`).digest().subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x50;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** Whether a profile of such a name is netplay's: somebody may call one of his own so. */
export function isOwnProfile(path: string, { content }: HostFile): boolean {
  const dev = path.slice(`${PROFILES}/netplay-`.length, -'.nmconnection'.length);
  return path === ownPath(dev) && new Keyfile(content).get('connection', 'uuid') === profileUuid(dev);
}

/** NetworkManager 1.X; undefined where the host does not tell. */
export function minorVersion({ boot }: Snapshot): number | undefined {
  const minor = /^1\.(\d+)/.exec(boot?.facts.get('nm version') ?? '')?.[1];
  return minor === undefined ? undefined : Number(minor);
}

/**
 * The profile that is active on a device, or the one that names it where none is active now. Undefined where
 * NetworkManager leaves the device alone: it does not manage it, only watches it, or has netplan's word for it.
 */
export function profileOf(dev: string, snapshot: Snapshot): Profile | Closed | undefined {
  const facts = snapshot.boot?.facts;
  const [managed, uuid = ''] = facts?.get(`nm ${snapshot.links.get(dev)?.index}`)?.split(' ') ?? [];
  if (managed !== 'true') return undefined;
  const closed = facts?.get(`nm-closed ${uuid === '' ? dev : uuid}`);
  if (closed !== undefined)
    return { id: uuid, why: `${closed}, and netplay reads none that may hold secrets` };
  const [found, other] = profilesFor(dev, uuid, snapshot);
  if (found === undefined || isNetplans(found.path)) return undefined;
  const { path, file, keys } = found;
  const id = keys.get('connection', 'id') ?? baseName(path);
  if (other !== undefined) return { id, why: `there are several for ${dev}, none of them active` };
  const devices = [...(facts ?? [])].filter(
    ([key, value]) => /^nm \d+$/.test(key) && value.endsWith(` ${uuid}`),
  );
  if (uuid !== '' && devices.length > 1) return { id, why: `it is that of ${devices.length} devices` };
  return { id, path, file };
}

/**
 * By the UUID of the active one, which NetworkManager makes up for a file that has none. Where it only watches the device,
 * which another hand has configured since, it is that of the profile that names the device on the next boot.
 */
function profilesFor(dev: string, uuid: string, snapshot: Snapshot): Found[] {
  const profiles = profilesIn(snapshot);
  const active = profiles.find(({ keys }) => uuid !== '' && keys.get('connection', 'uuid') === uuid);
  if (active !== undefined && !isWatchedOnly(active.keys)) return [active];
  const named = profiles.filter(
    ({ keys }) =>
      keys.get('connection', 'interface-name') === dev &&
      keys.get('connection', 'autoconnect') !== 'false' &&
      !isWatchedOnly(keys),
  );
  if (active !== undefined) return named;
  return named.filter(({ keys }) => uuid === '' || keys.get('connection', 'uuid') === undefined);
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
