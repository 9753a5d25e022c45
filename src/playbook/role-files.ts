/** Where roles are, and the files in their folders. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import type { Project } from './project.js';
import type { RoleUse } from './reading.js';

const EXTENSIONS = ['.yml', '.yaml', '.json'];

/** The folders in which a role of that name is looked for, first to last, as Ansible does. */
export function roleFolders({ folder, options }: Project, { parent }: RoleUse, from: string): string[] {
  const beside = parent === undefined ? [] : [dirname(parent.path)];
  const folders = [
    join(folder, 'roles'),
    ...(options.rolesPath ?? []),
    ...beside,
    folder,
    join(dirname(from), 'roles'),
  ];
  return [...new Set(folders)];
}

/** A role's folder; undefined where there is none. */
export function findRole(project: Project, use: RoleUse, from: string): string | undefined {
  const { name } = use;
  const candidates = name.startsWith('/')
    ? [name]
    : roleFolders(project, use, from).map((folder) => join(folder, name));
  return candidates.find(isFolder);
}

function isFolder(path: string): boolean {
  return existsSync(path) && statSync(path).isDirectory();
}

/** The one file of a role's folder: `main` where no other is named, which may have its extension with it. */
export function fileOf(role: string, folder: string, from: string | undefined): string | undefined {
  return candidates(role, folder, from).find((path) => existsSync(path) && !isFolder(path));
}

/** As `fileOf`; where it is a folder, all files below that, sorted by their names. */
export function filesOf(role: string, folder: string, from: string | undefined): string[] {
  const found = candidates(role, folder, from).find((path) => existsSync(path));
  if (found === undefined) return [];
  return isFolder(found) ? filesBelow(found) : [found];
}

function candidates(role: string, folder: string, from: string | undefined): string[] {
  const path = join(role, folder, from ?? 'main');
  const extensions = from === undefined ? [...EXTENSIONS, ''] : ['', ...EXTENSIONS];
  return extensions.map((extension) => path + extension);
}

function filesBelow(folder: string): string[] {
  const names = readdirSync(folder)
    .filter((name) => !basename(name).startsWith('.') && !name.endsWith('~'))
    .sort();
  return names.flatMap((name) => {
    const path = join(folder, name);
    if (isFolder(path)) return filesBelow(path);
    return EXTENSIONS.includes(extname(name)) || extname(name) === '' ? [path] : [];
  });
}
