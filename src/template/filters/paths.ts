/** Filters of paths, on the controller's file system where they look at it. */
import { realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { posix, resolve } from 'node:path';
import { iterate } from '../access.js';
import { define, type Registry, text } from '../functions.js';
import { globFiles } from '../lookups/files.js';
import { Tuple } from '../values.js';

function expandUser(path: string): string {
  return path === '~' || path.startsWith('~/') ? homedir() + path.slice(1) : path;
}

function expandVariables(path: string): string {
  return path.replace(/\$(?:(\w+)|\{([^}]*)\})/g, (whole, plain?: string, braced?: string) => {
    return process.env[plain ?? braced ?? ''] ?? whole;
  });
}

/** Without links, as far as the path exists. */
function realPath(path: string): string {
  const full = resolve(path);
  try {
    return realpathSync(full);
  } catch {
    const parent = posix.dirname(full);
    return parent === full ? full : posix.join(realPath(parent), posix.basename(full));
  }
}

function joinPath(parts: readonly string[]): string {
  return parts.reduce((path, part) => {
    if (part.startsWith('/')) return part;
    return path === '' || path.endsWith('/') ? path + part : `${path}/${part}`;
  }, '');
}

/** A Windows path's drive or share, and the rest. */
function splitDrive(path: string): [string, string] {
  const drive = /^(?:[\\/]{2}[^\\/]+[\\/][^\\/]+|.:)/s.exec(path)?.[0] ?? '';
  return [drive, path.slice(drive.length)];
}

function windowsBase(path: string): string {
  return /[^\\/]*$/.exec(splitDrive(path)[1])?.[0] ?? '';
}

function windowsFolder(path: string): string {
  const [drive, rest] = splitDrive(path);
  const head = rest.slice(0, rest.length - windowsBase(path).length);
  return drive + (/^[\\/]*$/.test(head) ? head : head.replace(/[\\/]+$/, ''));
}

/** The longest folder that all paths are in. */
function commonPath(paths: readonly string[]): string {
  const lists = paths.map((path) => path.split('/').filter((part) => part !== '' && part !== '.'));
  const [first = []] = lists;
  const end = first.findIndex((part, at) => lists.some((list) => list[at] !== part));
  const common = (end < 0 ? first : first.slice(0, end)).join('/');
  return paths[0]?.startsWith('/') === true ? `/${common}` : common;
}

export const pathFilters: Registry = {
  expanduser: define('', (value) => expandUser(text(value))),
  expandvars: define('', (value) => expandVariables(text(value))),
  path_join: define('', (value) => joinPath((Array.isArray(value) ? iterate(value) : [value]).map(text))),
  realpath: define('', (value) => realPath(text(value))),
  relpath: define(
    'start',
    (value, [start]) =>
      posix.relative(resolve(start === undefined ? '.' : text(start)), resolve(text(value))) || '.',
  ),
  normpath: define('', (value) => posix.normalize(text(value)).replace(/(?<=.)\/$/, '')),
  commonpath: define('', (value) => commonPath(iterate(value).map(text))),
  win_basename: define('', (value) => windowsBase(text(value))),
  win_dirname: define('', (value) => windowsFolder(text(value))),
  win_splitdrive: define('', (value) => Tuple.make(splitDrive(text(value)))),
  fileglob: define('', (value) => globFiles(text(value), { searchPath: ['.'], env: {}, hosts: () => [] })),
};
