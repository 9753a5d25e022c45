/** Lookups that read files and the environment, and those that run commands on the controller. */
import { spawnSync } from 'node:child_process';
import { dirname } from 'node:path';
import { iterate } from '../access.js';
import { OperationError } from '../errors.js';
import { text } from '../functions.js';
import type { LookupContext } from '../model.js';
import { dictKey, truthy } from '../operators.js';
import { splitLines } from '../strings.js';
import { dictEntries, dictGet, dictHas, isDict, settled } from '../values.js';
import { type FileKind, findFile, globFiles, needFile, readText } from './files.js';
import { defineLookup, type LookupInvocation, type Lookups } from './lookup.js';

type Options = ReadonlyMap<string, unknown>;

function flag(options: Options, name: string, otherwise: boolean): boolean {
  const value = options.get(name);
  return value === undefined ? otherwise : truthy(value);
}

function readFile(term: unknown, options: Options, context: LookupContext): string {
  let content = readText(needFile(text(term), 'files', context), context);
  if (flag(options, 'lstrip', false)) content = content.trimStart();
  return flag(options, 'rstrip', true) ? content.trimEnd() : content;
}

function environment(term: unknown, options: Options, invocation: LookupInvocation): unknown {
  const name = text(term).split(/\s/)[0] ?? '';
  const value = invocation.context().env[name];
  if (value !== undefined) return value;
  return options.has('default') ? options.get('default') : '';
}

/** Longest that a command on the controller may take, in milliseconds, and most that it may print. */
const COMMAND_TIME = 60_000;
const COMMAND_OUTPUT = 32 * 1024 * 1024;

/** What `sh -c` prints. What it says on stderr is shown where it fails; what it prints is not, since it may be secret. */
function command(term: unknown, { searchPath, env }: LookupContext): string {
  const line = text(term);
  const cwd = searchPath.at(-1);
  const run = spawnSync('sh', ['-c', line], {
    ...(cwd !== undefined && { cwd }),
    env: { ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: COMMAND_TIME,
    killSignal: 'SIGKILL',
    maxBuffer: COMMAND_OUTPUT,
  });
  const code = (run.error as NodeJS.ErrnoException | undefined)?.code;
  if (code === 'ETIMEDOUT') throw new OperationError(`'${line}' took longer than ${COMMAND_TIME / 1000} s`);
  if (code === 'ENOBUFS') throw new OperationError(`'${line}' printed more than 32 MB`);
  if (run.error !== undefined) throw new OperationError(`'${line}' can't be run: ${run.error.message}`);
  if (run.status !== 0) {
    const ending = run.status === null ? `was ended by ${run.signal}` : `ended with ${run.status}`;
    const said = run.stderr.toString().trim().split('\n').at(-1) ?? '';
    throw new OperationError(`'${line}' ${ending}${said === '' ? '' : `: ${said.slice(0, 200)}`}`);
  }
  return run.stdout.toString();
}

/** Names that a list, or a text with commas or the like between them, gives. */
function names(value: unknown): string[] {
  const list = Array.isArray(value) ? value : [value];
  return list
    .flatMap((item) => text(item).split(/[,;]/))
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

/** Every file that the terms of `first_found` name, in order. */
function wantedFiles(term: unknown, options: Options): { files: string[]; skip: boolean } {
  if (!isDict(term)) {
    const folders = options.has('paths') ? names(options.get('paths')) : [''];
    const files = folders.flatMap((folder) => (folder === '' ? text(term) : `${folder}/${text(term)}`));
    return { files, skip: false };
  }
  const part = (name: string): unknown => (dictHas(term, name) ? dictGet(term, name) : []);
  const strange = dictEntries(term).find(([name]) => !['files', 'paths', 'skip'].includes(name));
  if (strange !== undefined) throw new OperationError(`first_found has no '${strange[0]}'`);
  const files = names(part('files'));
  const paths = names(part('paths'));
  const all = paths.length === 0 ? files : paths.flatMap((path) => files.map((file) => `${path}/${file}`));
  return { files: all, skip: dictHas(term, 'skip') && truthy(dictGet(term, 'skip')) };
}

function firstFound(terms: readonly unknown[], options: Options, invocation: LookupInvocation): unknown[] {
  const context = invocation.context();
  const given = terms.flatMap((term) => (Array.isArray(term) ? (term as unknown[]) : [term]));
  let skip = flag(options, 'skip', false);
  const tried: string[] = [];
  for (const term of given) {
    const wanted = wantedFiles(term, options);
    skip ||= wanted.skip;
    for (const file of wanted.files) {
      tried.push(file);
      const found = KINDS.map((kind) => findFile(file, kind, context)).find((path) => path !== undefined);
      if (found !== undefined) return [found];
    }
  }
  if (skip) return [];
  throw new OperationError(
    `first_found: none of these is there: ${tried.join(', ')}`,
    'Add skip=true to allow that.',
  );
}

const KINDS: readonly FileKind[] = ['files', 'templates', 'vars'];

function template(term: unknown, options: Options, invocation: LookupInvocation): unknown {
  const context = invocation.context();
  const path = needFile(text(term), 'templates', context);
  const extra = options.get('template_vars') ?? {};
  if (!isDict(extra)) throw new OperationError('template_vars must be a dict');
  const values = new Map(dictEntries(extra));
  const { scope } = invocation;
  const inner = {
    has: (name: string) => values.has(name) || scope.has(name),
    get: (name: string) => (values.has(name) ? values.get(name) : scope.get(name)),
    names: () => [...values.keys(), ...scope.names()],
    lookups: { ...context, searchPath: [dirname(path), ...context.searchPath] },
  };
  const settings = Object.fromEntries(
    [...options].filter(([name]) => name.includes('_string') || name.endsWith('_blocks')),
  );
  return invocation.templates.renderFile(readText(path, context), inner, { path, settings });
}

/** `key file=x.csv col=2`: the word, and the options that stand in it or are given by name. */
function worded(term: unknown, options: Options): { key: string; options: Map<string, unknown> } {
  const found = new Map(options);
  const words = text(term).match(/(?:[^\s'"]|'[^']*'|"[^"]*")+/g) ?? [];
  const keys: string[] = [];
  for (const word of words) {
    const [, name, value] = /^(\w+)=(.*)$/s.exec(word) ?? [];
    if (name !== undefined) found.set(name, value?.replace(/^(['"])(.*)\1$/s, '$2'));
    else keys.push(word.replace(/^(['"])(.*)\1$/s, '$2'));
  }
  return { key: keys.join(' '), options: found };
}

function csvRows(content: string, delimiter: string): string[][] {
  const rows: string[][] = [];
  const row: string[] = [];
  let field = '';
  let isQuoted = false;
  for (let at = 0; at < content.length; at++) {
    const character = content.charAt(at);
    if (isQuoted) {
      if (character !== '"') field += character;
      else if (content[at + 1] === '"') field += content.charAt(at++);
      else isQuoted = false;
    } else if (character === '"' && field === '') isQuoted = true;
    else if (character === delimiter || character === '\n') {
      row.push(field.replace(/\r$/, ''));
      field = '';
      if (character === '\n') rows.push(row.splice(0));
    } else field += character;
  }
  if (field !== '' || row.length > 0) rows.push([...row, field]);
  return rows;
}

function csvValue(term: unknown, given: Options, invocation: LookupInvocation): unknown[] {
  const { key, options } = worded(term, given);
  const context = invocation.context();
  const content = readText(needFile(text(options.get('file') ?? 'ansible.csv'), 'files', context), context);
  const named = text(options.get('delimiter') ?? '\t');
  const rows = csvRows(content, named === 'TAB' || named === 't' ? '\t' : named);
  const column = Number(options.get('col') ?? 1);
  const row = rows.find(([first]) => first === key);
  if (row === undefined) return [options.has('default') ? options.get('default') : []];
  if (!(column in row)) throw new OperationError(`the row of '${key}' has no column ${column}`);
  return [row[column]];
}

/** A section of an INI file, its keys in small letters as Python's reader has them. */
function iniSection(content: string, wanted: string): Map<string, string> | undefined {
  let section: Map<string, string> | undefined;
  let current = '';
  let last: string | undefined;
  for (const line of splitLines(content, false)) {
    const header = /^\[(.+)\]\s*$/.exec(line)?.[1];
    if (header !== undefined) {
      current = header;
      last = undefined;
      if (current === wanted) section ??= new Map();
    } else if (current === wanted && section !== undefined && /^\s*[^#;\s]/.test(line)) {
      const [, key, value] = /^([^=:]+?)\s*(?:[=:]\s*(.*?))?\s*$/.exec(line) ?? [];
      if (/^\s/.test(line) && last !== undefined) section.set(last, `${section.get(last)}\n${line.trim()}`);
      else if (key !== undefined) {
        last = key.trim().toLowerCase();
        section.set(last, value ?? '');
      }
    }
  }
  return section;
}

function iniValue(term: unknown, given: Options, invocation: LookupInvocation): unknown[] {
  const { key, options } = worded(term, given);
  const context = invocation.context();
  const content = readText(needFile(text(options.get('file') ?? 'ansible.ini'), 'files', context), context);
  const properties = options.get('type') === 'properties';
  const name = properties ? 'java_properties' : text(options.get('section') ?? 'global');
  const section = iniSection(properties ? `[java_properties]\n${content}` : content, name);
  if (section === undefined) throw new OperationError(`the file has no section [${name}]`);
  const value = section.get(key.toLowerCase());
  return value === undefined ? [options.has('default') ? options.get('default') : ''] : [value];
}

function variable(
  term: unknown,
  options: Options,
  { scope, undefined: undefinedValue }: LookupInvocation,
): unknown {
  const name = dictKey(term);
  if (scope.has(name)) return scope.get(name);
  return options.has('default') ? options.get('default') : settled(undefinedValue(`'${name}'`));
}

function variableNames(terms: readonly unknown[], { scope }: LookupInvocation): string[] {
  const patterns = terms.map((term) => new RegExp(text(term)));
  return [...scope.names()].filter((name) => patterns.some((pattern) => pattern.test(name)));
}

function refused(name: string, instead: string): Lookups[string] {
  return defineLookup('', () => {
    throw new OperationError(`the lookup '${name}' is not offered`, instead);
  });
}

const TEMPLATE_OPTIONS =
  'template_vars convert_data jinja2_native variable_start_string variable_end_string comment_start_string comment_end_string';

export const readingLookups: Lookups = {
  file: defineLookup('rstrip lstrip', (terms, options, invocation) =>
    terms.map((term) => readFile(term, options, invocation.context())),
  ),
  unvault: defineLookup('', (terms, _, invocation) =>
    terms.map((term) => readText(needFile(text(term), 'files', invocation.context()), invocation.context())),
  ),
  env: defineLookup('default', (terms, options, invocation) =>
    terms.map((term) => environment(term, options, invocation)),
  ),
  pipe: defineLookup('', (terms, _, invocation) =>
    terms.map((term) => command(term, invocation.context()).trimEnd()),
  ),
  lines: defineLookup('', (terms, _, invocation) =>
    terms.flatMap((term) => splitLines(command(term, invocation.context()), false)),
  ),
  template: defineLookup(TEMPLATE_OPTIONS, (terms, options, invocation) =>
    terms.map((term) => template(term, options, invocation)),
  ),
  fileglob: defineLookup('', (terms, _, invocation) =>
    terms.flatMap((term) => globFiles(text(term), invocation.context())),
  ),
  first_found: defineLookup('paths skip', firstFound),
  csvfile: defineLookup('file delimiter col default encoding', (terms, options, invocation) =>
    terms.flatMap((term) => csvValue(term, options, invocation)),
  ),
  ini: defineLookup('file section type default encoding', (terms, options, invocation) =>
    terms.flatMap((term) => iniValue(term, options, invocation)),
  ),
  vars: defineLookup('default', (terms, options, invocation) =>
    terms.map((term) => variable(term, options, invocation)),
  ),
  varnames: defineLookup('', (terms, _, invocation) => variableNames(terms, invocation)),
  inventory_hostnames: defineLookup('', (terms, _, invocation) => [
    ...invocation.context().hosts(
      terms
        .flatMap((term) => (Array.isArray(term) ? iterate(term) : [term]))
        .map(text)
        .join(','),
    ),
  ]),
  url: refused('url', "Fetch it with lookup('pipe', 'curl -fsS …'), where the time-out is yours to set."),
  password: refused('password', 'Keep passwords in a vaulted file.'),
};
