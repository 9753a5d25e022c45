/** What folders hold, as lines that are the same for all that is the same. */
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { sha1 } from '../../src/actions/host/put.js';

/**
 * All that a folder holds: type and mode, owner, group, content or target.
 * @param known the path that links in it may speak of
 */
export function treeOf(folder: string, known = folder): string[] {
  const found = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => {
    const path = join(folder, name);
    const about = lstatSync(path);
    const held = about.isSymbolicLink() ? readlinkSync(path) : about.isFile() ? sha1(readFileSync(path)) : '';
    return `${name} ${about.mode.toString(8)} ${about.uid} ${about.gid} ${held}`;
  });
  return namedAlike(found, known);
}

/**
 * With the folder's own name, and those of copies that were kept, which hold a time, as one name each; without `.s`, where
 * the sources of copies are, which Ansible's module moves away.
 */
export function namedAlike(tree: readonly string[], folder: string): string[] {
  return tree
    .filter((line) => !line.startsWith('.s'))
    .map((line) => line.replaceAll(folder, '{D}').replace(/\.\d+\.20[\d-]+@[\d:]+~/, '.backup'))
    .toSorted();
}

/** A value whose texts speak of a folder as `{D}`. */
export function inFolder<T>(value: T, folder: string): T {
  return JSON.parse(JSON.stringify(value).replaceAll('{D}', folder));
}
