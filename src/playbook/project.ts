/** The files that a playbook is made of: read once, each with all that is wrong in it. */
import { existsSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { isMap } from 'yaml';
import type { Vars } from '../inventory/model.js';
import { NetplayError } from '../shared/errors.js';
import { formatPlace } from '../shared/place.js';
import { readAtMost } from '../shared/read-at-most.js';
import type { Vault } from '../shared/vaulted.js';
import { MOST_YAML, readYaml, type YamlSource } from '../shared/yaml.js';
import type { Known } from './known.js';
import { isEmpty, kindOf, type Namer, NodeReader } from './reader.js';

/** Files, each as often as it is named: a few that each import the next ten times are soon more than fit in memory. */
const MOST_OPENED = 10_000;

/** A file's tree, with all that is wrong with its YAML. */
export type Source = { source: YamlSource; errors: readonly NetplayError[] };

export interface FileOptions {
  /** Folders of roles beside those of the playbook. */
  rolesPath?: readonly string[];
  /** Opens what is encrypted. */
  vault?: Vault | undefined;
  /** The text of a file; as UTF-8 where it is left out. */
  readText?: (file: string) => Promise<string>;
}

export class Project {
  readonly #readers: NodeReader[] = [];
  readonly #errors: NetplayError[] = [];
  readonly files = new Set<string>();
  /** Includes that were looked at, by what they name and from where. */
  readonly checked = new Set<string>();
  #opened = 0;

  constructor(
    readonly known: Known,
    /** Of the playbook that the run began with. */
    readonly folder: string,
    readonly options: FileOptions,
    /** By their full paths, the files that were read. */
    readonly sources = new Map<string, Source>(),
  ) {}

  /** A reader of a file's tree; undefined where it can't be read, which is noted. */
  async open(file: string, what: string, at?: Namer): Promise<NodeReader | undefined> {
    this.#opened++;
    if (this.#opened === MOST_OPENED)
      at?.refuse(`More than ${MOST_OPENED} files are brought in, one by another`, {
        hint: 'Bring in fewer of them.',
      });
    if (this.#opened >= MOST_OPENED) return undefined;
    const found = this.sources.get(resolve(file)) ?? (await this.#read(file, what, at));
    if (found === undefined) return undefined;
    this.files.add(file);
    const { source, errors } = found;
    const reader = new NodeReader(source, this.known, errors);
    this.#readers.push(reader);
    return source.document.errors.length > 0 ? undefined : reader;
  }

  /** The variables of a file; none where there is something wrong with it, which is noted. */
  async vars(file: string, at?: Namer): Promise<Vars> {
    const reader = await this.open(file, 'variables', at);
    const root: unknown = reader?.source.document.contents;
    if (reader === undefined || isEmpty(root)) return {};
    if (isMap(root)) return reader.vars({ key: 'variables', keyNode: root, node: root });
    reader.refuse(`A file of variables must be a map, not ${kindOf(root)}`, root);
    return {};
  }

  /** Notes what only the whole play shows. */
  note(error: NetplayError): void {
    const reader = this.#readers.find(({ source }) => source.file === error.place?.file);
    (reader?.errors ?? this.#errors).push(error);
  }

  /** All that is wrong, file by file and in the order of lines, each once. */
  errors(): NetplayError[] {
    const all = [...this.#readers.flatMap(errorsOf), ...this.#errors];
    const seen = new Set<string>();
    return all.filter(({ place, message }) => {
      const identity = `${place === undefined ? '' : formatPlace(place)} ${message}`;
      return !seen.has(identity) && seen.add(identity);
    });
  }

  async #read(file: string, what: string, at: Namer | undefined): Promise<Source | undefined> {
    try {
      if (existsSync(file) && statSync(file).size > MOST_YAML) throw tooLong();
      const { readText } = this.options;
      const text = await (readText === undefined ? readBounded(file) : readText(file));
      if (text.length > MOST_YAML) throw tooLong();
      const source = readYaml(text, file, 'playbook', { vault: this.options.vault });
      this.sources.set(resolve(file), source);
      return source;
    } catch (cause) {
      const message = `Can't read the ${what} ${file}: ${reasonOf(cause)}`;
      const hint = cause instanceof NetplayError && cause.hint !== undefined ? { hint: cause.hint } : {};
      if (at === undefined) this.#errors.push(new NetplayError('playbook', message, { cause, ...hint }));
      else at.refuse(message, hint);
      return undefined;
    }
  }
}

async function readBounded(file: string): Promise<string> {
  return (await readAtMost(file, MOST_YAML)).toString('utf8');
}

function tooLong(): NetplayError {
  return new NetplayError(
    'playbook',
    `it is more YAML than the ${MOST_YAML / 2 ** 20} MiB that are read of a file`,
    {
      hint: 'Take it apart into several files.',
    },
  );
}

/** What is wrong in the eyes of a play, where the YAML itself is wrong, is an echo. */
function errorsOf({ yamlErrors, errors }: NodeReader): NetplayError[] {
  const lines = new Set(yamlErrors.map((error) => error.place?.line));
  const own = errors.filter((error) => !lines.has(error.place?.line));
  return [...yamlErrors, ...own].sort(byPlace);
}

function byPlace(a: NetplayError, b: NetplayError): number {
  const lines = (a.place?.line ?? 0) - (b.place?.line ?? 0);
  return lines !== 0 ? lines : (a.place?.column ?? 0) - (b.place?.column ?? 0);
}

/** A path of a file's, as seen from where netplay runs. */
export function beside(file: string, path: string): string {
  return path.startsWith('/') ? path : join(dirname(file), path);
}

function reasonOf(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  if (code === 'ENOENT') return 'there is no such file';
  if (code === 'EISDIR') return 'it is a folder';
  if (code === 'EACCES') return 'you may not read it';
  return cause instanceof Error ? cause.message : String(cause);
}
