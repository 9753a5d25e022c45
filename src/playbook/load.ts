/** From a playbook's file, and those that it imports, to plays and tasks. */
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { TaskKind } from '../resources/resource.js';
import { NetplayError, throwAll } from '../shared/errors.js';
import type { Place } from '../shared/place.js';
import { isImport, type PlaybookImport, withImport } from './import.js';
import type { Play, Playbook } from './model.js';
import { type ParseOptions, parsePlaybook } from './parse.js';

/**
 * Reads and checks a playbook with all that it imports, before any host is touched.
 * @param registry every resource that a task may name
 * @throws NetplayError | NetplayErrors all that is wrong, file by file and in the order of lines:
 *   `playbook` for structure, `schema` for parameters, `template` for the syntax of templates
 */
export async function loadPlaybook(
  file: string,
  registry: readonly TaskKind<unknown>[],
  options: ParseOptions = {},
): Promise<Playbook> {
  const loader = new Loader(registry, options);
  const plays = await loader.load(file);
  throwAll(loader.errors);
  return { file, files: [...loader.files], plays };
}

class Loader {
  readonly errors: NetplayError[] = [];
  readonly files = new Set<string>();

  constructor(
    private readonly registry: readonly TaskKind<unknown>[],
    private readonly options: ParseOptions,
  ) {}

  /** @param within the files that import this one, outermost first, as full paths */
  async load(file: string, place?: Place, within: readonly string[] = []): Promise<readonly Play[]> {
    const text = await this.#read(file, place);
    if (text === undefined) return [];
    this.files.add(file);
    const { entries, errors } = parsePlaybook(text, file, this.registry, this.options);
    this.errors.push(...errors);
    const plays: Play[] = [];
    for (const entry of entries) {
      if (isImport(entry)) plays.push(...(await this.#import(entry, file, [...within, resolve(file)])));
      else plays.push(entry);
    }
    return plays;
  }

  async #import(entry: PlaybookImport, from: string, within: readonly string[]): Promise<readonly Play[]> {
    const file = siblingOf(from, entry.path);
    if (within.includes(resolve(file))) {
      this.errors.push(
        new NetplayError('playbook', `${file} imports itself`, {
          place: entry.place,
          hint: 'Remove this line.',
        }),
      );
      return [];
    }
    return withImport(await this.load(file, entry.place, within), entry);
  }

  async #read(file: string, place: Place | undefined): Promise<string | undefined> {
    try {
      return await readFile(file, 'utf8');
    } catch (cause) {
      const message = `Can't read the playbook ${file}: ${reasonOf(cause)}`;
      this.errors.push(
        new NetplayError('playbook', message, { cause, ...(place === undefined ? {} : { place }) }),
      );
      return undefined;
    }
  }
}

/** A path of a playbook's, as seen from where netplay runs. */
function siblingOf(file: string, path: string): string {
  const folder = dirname(file);
  return path.startsWith('/') || folder === '.' ? path : `${folder}/${path}`;
}

function reasonOf(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  if (code === 'ENOENT') return 'there is no such file';
  if (code === 'EISDIR') return 'it is a folder';
  if (code === 'EACCES') return 'you may not read it';
  return cause instanceof Error ? cause.message : String(cause);
}
