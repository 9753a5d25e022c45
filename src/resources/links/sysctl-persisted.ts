/** The boot's side of a sysctl: the file that gives the key its value when the host starts. */
import { dirname } from 'node:path/posix';
import type { Change } from '../../shared/change.js';
import type { HostFile, Read, Snapshot } from '../../snapshot/model.js';
import type { PlanResult } from '../resource.js';
import { CLASSIC_FILE, OWN_DIRECTORY, OWN_FILE, valueInFile, withKey, withoutKey } from './sysctl-file.js';
import type { SysctlKey } from './sysctl-key.js';
import { sameValue } from './sysctl-runtime.js';

/** @param file as the user gave it: a path, null for none, undefined for netplay's own choice. */
export function persistedReads(file: string | null | undefined): Read[] {
  if (file === null) return [];
  if (file !== undefined)
    return [
      { kind: 'file', path: file },
      { kind: 'directory', path: dirname(file) },
    ];
  return [
    { kind: 'directory', path: OWN_DIRECTORY },
    { kind: 'file', path: OWN_FILE },
    { kind: 'file', path: CLASSIC_FILE },
  ];
}

/** The file that this host's key goes into, or null for none. */
export function chosenFile(file: string | null | undefined, snapshot: Snapshot): string | null {
  if (file !== undefined) return file;
  return (snapshot.directories.get(OWN_DIRECTORY) ?? null) === null ? CLASSIC_FILE : OWN_FILE;
}

/** Makes the file give the key this value; all of its other lines stay. */
export function planPersisted(key: SysctlKey, value: string, path: string, snapshot: Snapshot): PlanResult {
  const file = snapshot.files.get(path) ?? null;
  if (file === null && snapshot.directories.get(dirname(path)) === null)
    return { changes: [], problems: [{ message: `there is no directory ${dirname(path)}`, path: ['file'] }] };
  const before = file === null ? null : valueInFile(file.content, key.path);
  const warnings = overruled(key, value, path, snapshot);
  if (before !== null && sameValue(before, value)) return { changes: [], warnings };
  const content = withKey(file?.content ?? null, key.path, key.name, value);
  return {
    changes: [fileChange(key, path, file, { content, mode: file?.mode ?? '644' }, before, value)],
    warnings,
  };
}

/** Takes the key out of the file; a file of netplay's own goes with its last key. */
export function planNotPersisted(key: SysctlKey, path: string, snapshot: Snapshot): PlanResult {
  const file = snapshot.files.get(path) ?? null;
  const before = file === null ? null : valueInFile(file.content, key.path);
  if (file === null || before === null) return { changes: [] };
  const content = withoutKey(file.content, key.path);
  const after = content === null ? null : { ...file, content };
  return { changes: [fileChange(key, path, file, after, before, null)] };
}

function fileChange(
  key: SysctlKey,
  path: string,
  file: HostFile | null,
  next: HostFile | null,
  before: string | null,
  after: string | null,
): Change {
  return {
    resource: 'sysctl',
    address: `${path}: ${key.name}`,
    action: before === null ? 'create' : after === null ? 'delete' : 'update',
    before,
    after,
    do: [next === null ? { kind: 'remove', path } : { kind: 'write', path, ...next }],
    undo: [file === null ? { kind: 'remove', path } : { kind: 'write', path, ...file }],
    effects: [{ kind: 'file', path, file: next }],
  };
}

/** `sysctl -p` and hosts without systemd read /etc/sysctl.conf after /etc/sysctl.d. */
function overruled(key: SysctlKey, value: string, path: string, snapshot: Snapshot): string[] {
  const classic = snapshot.files.get(CLASSIC_FILE) ?? null;
  if (path === CLASSIC_FILE || classic === null) return [];
  const other = valueInFile(classic.content, key.path);
  if (other === null || sameValue(other, value)) return [];
  return [`${CLASSIC_FILE} still says ${key.name} = ${other}: \`sysctl -p\` would set that`];
}
