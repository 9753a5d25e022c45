/** `group_vars/NAME` and `host_vars/NAME` beside an inventory or a playbook. */
import { readdir, stat } from 'node:fs/promises';
import { extname, join, relative } from 'node:path';
import { NetplayError } from '../shared/errors.js';
import type { UserText } from '../shared/user-text.js';
import type { Vault } from '../shared/vaulted.js';
import type { PlacedVar } from './draft.js';
import { byCodePoint } from './groups.js';
import type { Vars, VarsFolder } from './model.js';
import { tryRead } from './read.js';
import type { Trace } from './trace.js';
import { readVarsFile } from './yaml.js';

/** In the order in which Ansible looks; the first that is there is taken. */
const EXTENSIONS = ['', '.yml', '.yaml', '.json'] as const;
/** So many names' files are read at once: one by one, a thousand take half a second of waiting. */
const AT_ONCE = 64;

/** What files are read for. */
export interface Names {
  groups: Iterable<string>;
  hosts: Iterable<string>;
}

export interface VarsReading {
  /** What the paths in errors are relative to; absolute. */
  cwd: string;
  vault?: Vault | undefined;
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
  const wanted = [...names].flatMap((name) => {
    const entry = EXTENSIONS.map((extension) => name + extension).find((one) => entries.has(one));
    return entry === undefined ? [] : [{ name, entry: join(folder, entry) }];
  });
  for (let at = 0; at < wanted.length; at += AT_ONCE) {
    const some = wanted.slice(at, at + AT_ONCE);
    const texts = await Promise.all(some.map(({ entry }) => textsOf(entry, reading)));
    for (const [index, { name }] of some.entries()) {
      const tell = (variable: PlacedVar): void => reading.trace?.fileVar(path, kind, name, variable);
      found.set(name, parseAll(texts[index] ?? [], reading.vault, tell, errors));
    }
  }
  return found;
}

interface FileText {
  /** Relative to where the user stands. */
  shown: string;
  text: UserText | NetplayError;
}

async function textsOf(entry: string, { cwd, vault }: VarsReading): Promise<FileText[]> {
  const texts: FileText[] = [];
  for (const file of await filesOf(entry)) {
    const shown = relative(cwd, file);
    texts.push({ shown, text: await tryRead(file, shown, vault) });
  }
  return texts;
}

/** The variables of all files, of which a later one stands over an earlier one. */
function parseAll(
  texts: readonly FileText[],
  vault: Vault | undefined,
  tell: (variable: PlacedVar) => void,
  errors: NetplayError[],
): Vars {
  const vars = new Map<string, unknown>();
  for (const { shown, text } of texts) {
    const read =
      text instanceof NetplayError ? { vars: [], errors: [text] } : readVarsFile(text, shown, vault);
    errors.push(...read.errors);
    for (const variable of read.vars) {
      vars.set(variable.key, variable.value);
      tell(variable);
    }
  }
  return Object.fromEntries(vars);
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
