/** A lab file: YAML to a checked `LabSpec`, every error with its place. */
import { readFileSync } from 'node:fs';
import { basename, dirname, isAbsolute, resolve } from 'node:path';
import { Ajv, type ErrorObject } from 'ajv';
import {
  type Document,
  isCollection,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
} from 'yaml';
import type { Problem } from '../shared/change.js';
import { NetplayError, throwAll } from '../shared/errors.js';
import type { Place } from '../shared/place.js';
import { checkLab, type LabProblem } from './check.js';
import { LAB_SCHEMA } from './schema.js';
import type { HostSpec, LabSpec } from './spec.js';
import { suggestion } from './suggestion.js';

export interface LoadedLab {
  spec: LabSpec;
  /** Its own, or the file's base name. */
  name: string;
  /** The file's absolute path, or null for a lab given as an object. */
  file: string | null;
}

/** Turns paths in the document into places in the text. */
class Places {
  constructor(
    private readonly file: string,
    private readonly lines: readonly string[],
    private readonly counter: LineCounter,
    private readonly document: Document,
  ) {}

  at(offset: number, length = 1): Place {
    const { line, col } = this.counter.linePos(offset);
    const source = this.lines[line - 1];
    const place = { file: this.file, line, column: col, length };
    return source === undefined ? place : { ...place, source };
  }

  /** The scalar at `path`, or the key of a collection; `key` of the map there; what is missing: its parent. */
  of(path: readonly (string | number)[], key?: string): Place {
    const steps = key === undefined ? path : [...path, key];
    let value: unknown = this.document.contents;
    let found = isNode(value) ? value : undefined;
    for (const [index, step] of steps.entries()) {
      const child = childOf(value, step);
      value = child.value;
      const wanted = isCollection(value) || (key !== undefined && index === path.length) ? child.key : value;
      found = [wanted, value, child.key].find(isNode) ?? found;
    }
    const [start = 0, end = start] = found?.range ?? [];
    const place = this.at(start);
    const rest = (place.source?.length ?? 0) - place.column + 1;
    return { ...place, length: Math.max(1, Math.min(end - start, rest)) };
  }
}

function childOf(parent: unknown, step: string | number): { key?: unknown; value?: unknown } {
  if (isSeq(parent)) return { value: parent.items[Number(step)] };
  if (!isMap(parent)) return {};
  const pair = parent.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
  return { key: pair?.key, value: pair?.value };
}

const ajv = new Ajv({ allErrors: true, verbose: true, allowUnionTypes: true });
const validate = ajv.compile<LabSpec>(LAB_SCHEMA);

/** The steps of a JSON pointer. */
function steps(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function describe(error: ErrorObject): LabProblem {
  const path = steps(error.instancePath);
  const name = path.at(-1) ?? 'the lab';
  const schema = error.parentSchema as { description?: string; properties?: object } | undefined;
  if (error.keyword === 'additionalProperties') {
    const key = String(error.params.additionalProperty);
    const hint = suggestion(key, Object.keys(schema?.properties ?? {}));
    return { message: `unknown key "${key}"`, ...(hint === undefined ? {} : { hint }), path, key };
  }
  if (error.keyword === 'required')
    return { message: `"${name}" needs "${error.params.missingProperty}"`, path };
  return { message: `"${name}" must be ${schema?.description ?? error.message}`, path };
}

function schemaProblems(value: unknown): LabProblem[] {
  if (validate(value)) return [];
  // The branches of an `anyOf` fail one by one before the `anyOf` itself does.
  return (validate.errors ?? []).filter((error) => !/\/anyOf\/\d/.test(error.schemaPath)).map(describe);
}

function toError({ message, hint }: Problem, place?: Place): NetplayError {
  return new NetplayError('lab', message, {
    ...(hint === undefined ? {} : { hint }),
    ...(place === undefined ? {} : { place }),
  });
}

/**
 * Checks the text of a lab file.
 * @throws NetplayError or NetplayErrors `lab`, all of the file's mistakes at once
 */
export function parseLab(text: string, file: string): LabSpec {
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter, prettyErrors: false });
  const places = new Places(file, text.split(/\r?\n/), counter, document);
  throwAll(document.errors.map((error) => toError({ message: error.message }, places.at(error.pos[0]))));
  const value: unknown = document.toJS();
  throwAll(schemaProblems(value).map((found) => toError(found, places.of(found.path ?? [], found.key))));
  const spec = value as LabSpec;
  throwAll(checkLab(spec).map((found) => toError(found, places.of(found.path ?? [], found.key))));
  return spec;
}

/** The same host with every `source` as an absolute path, so that files of several folders can be joined. */
function withSources(host: HostSpec, folder: string): HostSpec {
  if (!host?.files) return host;
  const files = Object.entries(host.files).map(([path, entry]) => [
    path,
    typeof entry === 'string' || entry.source === undefined
      ? entry
      : { ...entry, source: resolve(folder, entry.source) },
  ]);
  return { ...host, files: Object.fromEntries(files) };
}

/** Joins a lab with those that it includes: their hosts and switches; the rest is said by the outermost. */
function joinLabs(lab: LabSpec, included: readonly LabSpec[], file: string): LabSpec {
  const hosts: Record<string, HostSpec> = {};
  for (const [name, host] of [...included, lab].flatMap((one) => Object.entries(one.hosts ?? {}))) {
    if (name in hosts)
      throw new NetplayError('lab', `two of the labs that ${file} joins have a host "${name}"`);
    hosts[name] = host;
  }
  const { include: _included, switches: _switches, ...rest } = lab;
  const lists = [lab, ...included].filter((one) => one.hosts !== undefined).map((one) => one.switches);
  const switches = lists.flatMap((list) => list ?? []);
  return { ...rest, hosts, ...(lists.includes(undefined) ? {} : { switches }) };
}

function readLab(file: string, outer: readonly string[]): LabSpec {
  const path = resolve(file);
  if (outer.includes(path)) throw new NetplayError('lab', `the lab file ${file} includes itself`);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    const why = missing ? `there is no lab file ${file}` : `can't read ${file}: ${(cause as Error).message}`;
    throw new NetplayError('lab', why, { cause });
  }
  const spec = parseLab(text, file);
  const folder = dirname(file);
  const hosts = Object.entries(spec.hosts ?? {}).map(([name, host]) => [name, withSources(host, folder)]);
  const own = spec.hosts === undefined ? spec : { ...spec, hosts: Object.fromEntries(hosts) };
  if (spec.include === undefined) return own;
  const included = spec.include.map((one) =>
    readLab(isAbsolute(one) ? one : `${folder}/${one}`, [...outer, path]),
  );
  const joined = joinLabs(own, included, file);
  throwAll(checkLab(joined).map((found) => toError(found)));
  return joined;
}

/**
 * Reads a lab file and those that it includes, or checks a lab given as an object, whose name must be said
 * and whose sources are relative to the working folder.
 * @throws NetplayError or NetplayErrors `lab`
 */
export function loadLab(input: string | LabSpec): LoadedLab {
  if (typeof input !== 'string') {
    throwAll(schemaProblems(input).map((found) => toError(found)));
    throwAll(checkLab(input).map((found) => toError(found)));
    if (input.name === undefined) throw new NetplayError('lab', 'a lab given as an object needs a name');
    return { spec: input, name: input.name, file: null };
  }
  const spec = readLab(input, []);
  const base = basename(input).replace(/\.[^.]+$/, '');
  const name = spec.name ?? base.replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9_.-]/g, '');
  return { spec, name: name === '' ? 'lab' : name, file: resolve(input) };
}
