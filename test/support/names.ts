import type { Names } from '../../src/snapshot/model.js';
import { NAME_FILES, nameFile, parseNameFile } from '../../src/snapshot/names.js';
import { createResolver, type Resolver } from '../../src/snapshot/resolver.js';

/** Names as a host has them whose files hold these texts. */
export function namesOf(files: Partial<Record<keyof Names, string>> = {}): Names {
  const sets = Object.keys(NAME_FILES) as (keyof Names)[];
  return Object.fromEntries(
    sets.map((set) => [
      set,
      nameFile(set, parseNameFile(`/etc/iproute2/${NAME_FILES[set]}`, files[set] ?? '')),
    ]),
  ) as unknown as Names;
}

export function resolverOf(files: Partial<Record<keyof Names, string>> = {}, numeric = false): Resolver {
  return createResolver(namesOf(files), numeric);
}
