/** `group_vars/NAME` and `host_vars/NAME` beside an inventory or a playbook. */
import { readdir, stat } from 'node:fs/promises';
import { extname, join, relative } from 'node:path';
import { NetplayError } from '../shared/errors.js';
import { byCodePoint } from './groups.js';
import type { Vars, VarsFolder } from './model.js';
import { type ReadText, readText, readWith } from './read.js';
import type { Trace } from './trace.js';
import { readVarsFile } from './yaml.js';

/** In the order in which Ansible looks; the first that is there is taken. */
const EXTENSIONS = ['', '.yml', '.yaml', '.json'] as const;

/** What files are read for. */
export interface Names {
  groups: Iterable<string>;
  hosts: Iterable<string>;
}

export interface VarsReading {
  /** What the paths in errors are relative to; absolute. */
  cwd: string;
  readText?: ReadText | undefined;
  trace?: Trace | undefined;
}

/**
 * Reads the variables of all groups and hosts in `names` that have a file, or a folder of files, in `path/group_vars`
 * and `path/host_vars`.
 * @param path absolute
 */
export async function readVarsFolder(
  path: string,
  names: Names,
  reading: VarsReading,
): Promise<{ folder: VarsFolder; errors: readonly NetplayError[] }> {
  const errors: NetplayError[] = [];
  const groups = await readKind('group', path, names.groups, reading, errors);
  const hosts = await readKind('host', path, names.hosts, reading, errors);
  return { folder: { path, groups, hosts }, errors };
}

async function readKind(
  kind: 'group' | 'host',
  path: string,
  names: Iterable<string>,
  reading: VarsReading,
  errors: NetplayError[],
): Promise<Map<string, Vars>> {
  const folder = join(path, `${kind}_vars`);
  // One listing, and not one look per host: most of 20,000 hosts have no file.
  const entries = new Set(await listing(folder));
  const found = new Map<string, Vars>();
  if (entries.size === 0) return found;
  for (const name of names) {
    const entry = EXTENSIONS.map((extension) => name + extension).find((candidate) => entries.has(candidate));
    if (entry === undefined) continue;
    const vars = new Map<string, unknown>();
    for (const file of await filesOf(join(folder, entry))) {
      const shown = relative(reading.cwd, file);
      const parse = (text: string): readonly NetplayError[] => {
        const read = readVarsFile(text, shown);
        for (const variable of read.vars) {
          vars.set(variable.key, variable.value);
          reading.trace?.fileVar(path, kind, name, variable);
        }
        return read.errors;
      };
      errors.push(...(await readWith(reading.readText ?? readText, file, shown, parse)));
    }
    found.set(name, Object.fromEntries(vars));
  }
  return found;
}

/** The names in a folder: none where it isn't there, or is no folder. */
async function listing(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw new NetplayError('inventory', `The folder ${folder} can't be read: ${String(error)}`, {
      cause: error,
    });
  }
}

/**
 * The file itself, or all files below a folder, sorted. As in Ansible, of a folder only what has one of the extensions
 * is read, hidden files and editors' backups are not, and no folder that has an extension.
 */
async function filesOf(path: string, seen: readonly string[] = []): Promise<string[]> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return [];
  if (!found.isDirectory()) return [path];
  const id = `${found.dev}:${found.ino}`;
  if (seen.includes(id)) throw new NetplayError('inventory', `The folder ${path} stands within itself`);
  const names = (await readdir(path)).filter((name) => !name.startsWith('.') && !name.endsWith('~'));
  const files = names.sort(byCodePoint).map(async (name) => {
    const within = join(path, name);
    const isFolder = (await stat(within).catch(() => undefined))?.isDirectory() === true;
    const wanted = isFolder ? extname(name) === '' : EXTENSIONS.some((known) => known === extname(name));
    return wanted ? filesOf(within, [...seen, id]) : [];
  });
  return (await Promise.all(files)).flat();
}
