/** Reads inventories: one reader a kind of source, all adding to one draft. */
import { resolve as resolvePath } from 'node:path';
import { type NetplayError, throwAll } from '../shared/errors.js';
import type { Vault } from '../shared/vaulted.js';
import { Draft } from './draft.js';
import { LOCAL_NAMES } from './local.js';
import type { LoadedInventory, VarsFolder } from './model.js';
import { resolve } from './resolve.js';
import { readSources } from './sources.js';
import type { Trace } from './trace.js';
import { readVarsFolder, type VarsReading } from './vars-files.js';

export interface LoadOptions {
  /** What relative paths start from; the process's own where it is left out. */
  cwd?: string;
  /** Folders of playbooks, whose `group_vars/` and `host_vars/` stand over those beside the inventories. */
  playbookDirs?: readonly string[];
  /** Opens what is encrypted; without it that is an error, of a value when it is used. */
  vault?: Vault;
  /** Milliseconds for each inventory script; a minute where it is left out. */
  scriptTimeoutMs?: number;
  /** Is told of each variable that is set. */
  trace?: Trace;
}

/**
 * Reads and merges inventories. Of two sources that set the same variable of a host or group the later wins.
 * `group_vars/` and `host_vars/` beside each source, in a source that is a folder, and in `playbookDirs` are read with them.
 * @param sources files in YAML or INI, programs that print an inventory, folders of all these, or lists of hosts,
 *   which hold a comma: `web1,web2,`
 * @throws NetplayError, NetplayErrors `inventory`: all mistakes of all sources
 */
export async function loadInventory(
  sources: readonly string[],
  options: LoadOptions = {},
): Promise<LoadedInventory> {
  const cwd = resolvePath(options.cwd ?? '.');
  const draft = new Draft(options.trace);
  const { vault, scriptTimeoutMs, trace } = options;
  const { folders, errors } = await readSources(sources, draft, { cwd, vault, scriptTimeoutMs });
  const playbookDirs = (options.playbookDirs ?? []).map((dir) => resolvePath(cwd, dir));
  const vars = await readVarsFolders([...folders, ...playbookDirs], draft, { cwd, vault, trace });
  throwAll([...errors, ...vars.errors]);
  draft.settle();
  const tree = {
    groups: draft.groups,
    hosts: draft.hosts,
    inventoryFolders: lastOfEach(folders).flatMap((path) => vars.read.get(path) ?? []),
    playbookFolders: lastOfEach(playbookDirs).flatMap((path) => vars.read.get(path) ?? []),
  };
  return resolve(tree, sources);
}

/** A folder that comes again stands over what came between. */
function lastOfEach(paths: readonly string[]): string[] {
  return [...new Set(paths.toReversed())].reverse();
}

async function readVarsFolders(
  paths: readonly string[],
  draft: Draft,
  reading: VarsReading,
): Promise<{ read: Map<string, VarsFolder>; errors: NetplayError[] }> {
  const read = new Map<string, VarsFolder>();
  const errors: NetplayError[] = [];
  const names = {
    groups: [...draft.groups.keys()],
    hosts: [...new Set([...draft.hosts.keys(), ...LOCAL_NAMES])],
  };
  for (const path of new Set(paths)) {
    const found = await readVarsFolder(path, names, reading);
    read.set(path, found.folder);
    errors.push(...found.errors);
  }
  return { read, errors };
}
