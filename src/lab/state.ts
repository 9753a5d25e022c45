/** What a lab leaves on the machine: one folder, with its processes' ids, its keys and what it is made of. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { NetplayError } from '../shared/errors.js';
import type { Nic } from './layout.js';
import { bootId, formatProcessId, isAlive, type ProcessId, parseProcessId } from './process.js';

export interface HostState {
  name: string;
  nics: readonly Pick<Nic, 'name' | 'switch' | 'port' | 'mac' | 'addresses'>[];
  /** Where the controller reaches it; null without sshd. */
  sshAddress: string | null;
  /** On the machine's 127.0.0.1; null without sshd. */
  port: number | null;
}

/** `lab.json`. */
export interface LabState {
  v: 1;
  name: string;
  file: string | null;
  /** The controller first. */
  nodes: readonly HostState[];
}

/** Folder of all labs: /run/netplay-lab, or NETPLAY_LAB_DIR. */
export function labRoot(): string {
  const root = process.env.NETPLAY_LAB_DIR ?? '/run/netplay-lab';
  if (!/^\/[A-Za-z0-9_./-]+$/.test(root))
    throw new NetplayError('lab', `NETPLAY_LAB_DIR can't be "${root}"`, {
      hint: 'an absolute path of letters, digits, dots, dashes and underscores',
    });
  return root;
}

export function labDir(name: string): string {
  return join(labRoot(), name);
}

/** Where the folder of a lab goes while it is being taken down: nothing can start in there any more. */
export function goneDir(name: string): string {
  return join(labRoot(), `.${name}.down`);
}

/** Names of all labs that are there, dead ones too. */
export function listLabs(): string[] {
  const root = labRoot();
  if (!existsSync(root)) return [];
  return readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map((entry) => entry.name)
    .sort();
}

export function createDir(dir: string, starter: ProcessId): void {
  mkdirSync(labRoot(), { recursive: true, mode: 0o700 });
  mkdirSync(dir, { mode: 0o700 });
  writeFileSync(join(dir, 'starter'), formatProcessId(starter));
  writeFileSync(join(dir, 'boot_id'), `${bootId()}\n`);
  for (const folder of ['pids', 'log', 'hosts']) mkdirSync(join(dir, folder));
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** The `lab up` that is at work on this folder, or undefined where none is. */
export function starterOf(dir: string): ProcessId | undefined {
  const id = parseProcessId(readText(join(dir, 'starter')) ?? '');
  return id !== undefined && readText(join(dir, 'boot_id'))?.trim() === bootId() && isAlive(id)
    ? id
    : undefined;
}

/** The processes that the folder's scripts have recorded, by name; none where the machine was booted since. */
export function recordedProcesses(dir: string): Map<string, ProcessId> {
  const found = new Map<string, ProcessId>();
  if (readText(join(dir, 'boot_id'))?.trim() !== bootId() || !existsSync(join(dir, 'pids'))) return found;
  for (const name of readdirSync(join(dir, 'pids'))) {
    const id = parseProcessId(readText(join(dir, 'pids', name)) ?? '');
    if (id !== undefined) found.set(name, id);
  }
  return found;
}

export function writeState(dir: string, state: LabState): void {
  writeFileSync(join(dir, 'lab.json'), `${JSON.stringify(state, null, 2)}\n`);
}

/** What `lab.json` says, or undefined where the lab never came up. */
export function readState(dir: string): LabState | undefined {
  const text = readText(join(dir, 'lab.json'));
  return text === undefined ? undefined : (JSON.parse(text) as LabState);
}
