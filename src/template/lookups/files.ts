/** Finds files on the controller as Ansible does: by a search path, in the folder of their kind first. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { NetplayError } from '../../shared/errors.js';
import { OperationError } from '../errors.js';
import type { LookupContext } from '../model.js';

export type FileKind = 'files' | 'templates' | 'vars';

/** Larger files are no data for a template. */
const LARGEST = 64 * 1024 * 1024;

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

function expanded(name: string): string {
  return name === '~' || name.startsWith('~/') ? join(homedir(), name.slice(1)) : name;
}

/** Where a relative name may be, in the order in which it is looked for. */
function candidates(name: string, kind: FileKind, searchPath: readonly string[]): string[] {
  const found = searchPath.flatMap((folder) => {
    // A role's tasks stand beside its files, not above them.
    if (basename(folder) === 'tasks') return [join(dirname(folder), kind, name), join(folder, name)];
    return name.split('/')[0] === kind
      ? [join(folder, name)]
      : [join(folder, kind, name), join(folder, name)];
  });
  return [...new Set(found.map((path) => resolve(path)))];
}

/** The first file of that name, or undefined. */
export function findFile(given: string, kind: FileKind, context: LookupContext): string | undefined {
  const name = expanded(given);
  if (isAbsolute(name)) return isFile(name) ? name : undefined;
  return candidates(name, kind, context.searchPath).find(isFile);
}

/** As `findFile`. @throws OperationError where there is none, which says where it was looked for */
export function needFile(name: string, kind: FileKind, context: LookupContext): string {
  const found = findFile(name, kind, context);
  if (found !== undefined) return found;
  const places = candidates(expanded(name), kind, context.searchPath).map((path) => dirname(path));
  const hint = isAbsolute(name) ? undefined : `Looked in ${[...new Set(places)].join(', ')}.`;
  throw new OperationError(`there is no file '${name}'`, hint);
}

/** A file's text. @throws OperationError where it can't be read or is no text */
export function readText(path: string, context: LookupContext): string {
  let content: Buffer;
  try {
    if (statSync(path).size > LARGEST) throw new OperationError(`'${path}' is larger than 64 MB`);
    content = context.read?.(path) ?? readFileSync(path);
  } catch (error) {
    if (error instanceof OperationError || error instanceof NetplayError) throw error;
    throw new OperationError(`'${path}' can't be read: ${error instanceof Error ? error.message : error}`);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(content);
  } catch {
    throw new OperationError(`'${path}' is no text in UTF-8`);
  }
}

/** The template that an `include` or the like names: in `templates/` of each folder, then in the folder. */
export function findTemplate(
  names: readonly string[],
  context: LookupContext | undefined,
): { path: string; text: string } | undefined {
  if (context === undefined) return undefined;
  for (const name of names) {
    // Jinja2's loader knows no way out of its folders.
    if (name.split('/').includes('..')) continue;
    const relative = name.replace(/^\/+/, '');
    const folders = context.searchPath.flatMap((folder) => [join(folder, 'templates'), folder]);
    const path = folders.map((folder) => join(folder, relative)).find(isFile);
    if (path !== undefined) return { path, text: readText(path, context) };
  }
  return undefined;
}

/** Files that a shell pattern names, sorted: in the first folder of the search path where there are some. */
export function globFiles(pattern: string, context: LookupContext): string[] {
  const name = expanded(pattern);
  const folder = dirname(name);
  const folders = isAbsolute(name)
    ? [folder]
    : context.searchPath.flatMap((base) => [join(base, 'files', folder), join(base, folder)]);
  for (const base of folders) {
    const found = matching(resolve(base), basename(name));
    if (found.length > 0) return found;
  }
  return [];
}

function matching(folder: string, pattern: string): string[] {
  const regex = globRegex(pattern);
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return [];
  }
  return names
    .filter((name) => regex.test(name) && (pattern.startsWith('.') || !name.startsWith('.')))
    .map((name) => join(folder, name))
    .filter(isFile)
    .sort();
}

/** A shell pattern of one file name: `*`, `?` and `[a-z]`. */
export function globRegex(pattern: string): RegExp {
  const source = pattern.replace(/\[!?\]?[^\]]*\]|[\s\S]/g, (token) => {
    if (token === '*') return '[\\s\\S]*';
    if (token === '?') return '[\\s\\S]';
    if (token.length > 1 && token.startsWith('['))
      return `[${token.slice(1, -1).replace(/^!/, '^').replaceAll('\\', '\\\\')}]`;
    return token.replace(/[\\^$.*+?()[\]{}|/-]/, '\\$&');
  });
  return new RegExp(`^${source}$`);
}
