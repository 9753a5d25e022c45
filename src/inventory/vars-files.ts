/** `group_vars/NAME` and `host_vars/NAME` beside an inventory. */
import { readdir, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { NetplayError } from '../shared/errors.js';
import { readUserFile } from '../shared/user-text.js';
import type { Vault } from '../shared/vaulted.js';
import type { Draft } from './draft.js';
import { readVarsFile } from './yaml.js';

/** In the order in which Ansible looks; the first that is there is taken. */
const EXTENSIONS = ['', '.yml', '.yaml', '.json'] as const;

/**
 * Reads the variables of all groups and hosts of the draft that have a file, or a folder of files, in
 * `folder/group_vars` and `folder/host_vars`. A later call stands over an earlier one.
 * @param cwd what the paths in errors are relative to
 */
export async function readVarsFolders(
  folder: string,
  cwd: string,
  draft: Draft,
  vault?: Vault,
): Promise<NetplayError[]> {
  const { groups, hosts } = draft.fileVars;
  return [
    ...(await readVarsFolder(join(folder, 'group_vars'), cwd, draft.groups.keys(), groups, vault)),
    ...(await readVarsFolder(join(folder, 'host_vars'), cwd, draft.hosts.keys(), hosts, vault)),
  ];
}

async function readVarsFolder(
  folder: string,
  cwd: string,
  names: Iterable<string>,
  found: Map<string, Map<string, unknown>>,
  vault: Vault | undefined,
): Promise<NetplayError[]> {
  // One listing, and not one look per host: most of 20,000 hosts have no file.
  const entries = new Set(await listing(folder));
  const errors: NetplayError[] = [];
  if (entries.size === 0) return errors;
  for (const name of names) {
    const entry = EXTENSIONS.map((extension) => name + extension).find((candidate) => entries.has(candidate));
    if (entry === undefined) continue;
    const vars = found.get(name) ?? new Map<string, unknown>();
    found.set(name, vars);
    for (const file of await filesOf(join(folder, entry))) {
      const read = await readVars(file, relative(cwd, file), vault);
      errors.push(...read.errors);
      for (const [key, value] of read.vars) vars.set(key, value);
    }
  }
  return errors;
}

async function readVars(
  file: string,
  shown: string,
  vault: Vault | undefined,
): Promise<ReturnType<typeof readVarsFile>> {
  try {
    return readVarsFile(await readUserFile(file, { shown, code: 'inventory', vault }), shown, vault);
  } catch (error) {
    if (!(error instanceof NetplayError)) throw error;
    return { vars: new Map(), errors: [error] };
  }
}

/** The names in a folder: none where it isn't there. */
async function listing(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw new NetplayError('inventory', `The folder ${folder} can't be read: ${String(error)}`, {
      cause: error,
    });
  }
}

/** The file itself, or all files below a folder, sorted; hidden ones and editors' backups are left out. */
async function filesOf(path: string): Promise<string[]> {
  if (!(await stat(path)).isDirectory()) return [path];
  const names = (await readdir(path)).filter((name) => !name.startsWith('.') && !name.endsWith('~')).sort();
  const files = await Promise.all(names.map((name) => filesOf(join(path, name))));
  return files.flat();
}
