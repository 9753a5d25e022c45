/** Filters of texts. */
import { createHash, getHashes } from 'node:crypto';
import { posix } from 'node:path';
import { iterate, MISSING, path } from '../access.js';
import { fits, spendFor } from '../budget.js';
import { OperationError } from '../errors.js';
import { define, type Registry, text, whole } from '../functions.js';
import { truthy } from '../operators.js';
import { percentFormat } from '../percent.js';
import { print } from '../print.js';
import { expandReplacement, pythonRegex } from '../regex.js';
import { findMatches } from '../regex-run.js';
import { capitalized, replacedAll, split, stripped } from '../strings.js';
import { makeDict, Tuple } from '../values.js';

function replaced(value: string, from: string, to: string, count: unknown): string {
  const limit = count === undefined || count === null ? -1 : whole(count, 'the count');
  if (limit < 0) return replacedAll(value, from, to);
  const pieces = value.split(from);
  const cut = Math.min(limit, pieces.length - 1);
  return (
    pieces
      .slice(0, cut)
      .map((piece) => piece + to)
      .join('') + pieces.slice(cut).join(from)
  );
}

function indented(value: string, width: unknown, first: unknown, blank: unknown): string {
  const spaces = typeof width === 'string' || width === undefined ? 4 : whole(width, 'the width');
  fits(spaces, 'text');
  const prefix = typeof width === 'string' ? width : ' '.repeat(Math.max(0, spaces));
  const all = truthy(blank ?? false);
  fits(value.length + prefix.length * (value.split('\n').length + 1), 'text');
  const lines = value.split('\n').map((line, at) => {
    if (at === 0) return truthy(first ?? false) ? prefix + line : line;
    return line === '' && !all ? line : prefix + line;
  });
  return lines.join('\n');
}

function compiled(
  value: unknown,
  args: { pattern: unknown; ignoreCase: unknown; multiline: unknown },
): { regex: RegExp; subject: string } {
  const flags = { ignoreCase: args.ignoreCase === true, multiline: args.multiline === true };
  return { regex: pythonRegex(text(args.pattern), flags), subject: text(value) };
}

function regexReplace(value: unknown, args: readonly unknown[]): string {
  const [pattern, replacement, ignoreCase, multiline, count] = args;
  const { regex, subject } = compiled(value, { pattern, ignoreCase, multiline });
  const limit = count === undefined ? 0 : whole(count, 'the count');
  const by = text(replacement ?? '');
  const pieces: string[] = [];
  let end = 0;
  for (const found of findMatches(regex, subject, limit > 0 ? limit : undefined)) {
    pieces.push(subject.slice(end, found.index), spendFor(expandReplacement(by, found, found.groups ?? {})));
    end = found.index + found[0].length;
  }
  return [...pieces, subject.slice(end)].join('');
}

function regexSearch(value: unknown, args: readonly unknown[]): unknown {
  const [pattern, ignoreCase, multiline, references] = args;
  const { regex, subject } = compiled(value, { pattern, ignoreCase, multiline });
  const [found] = findMatches(regex, subject, 1);
  const wanted = references as readonly unknown[];
  if (found === undefined) return null;
  if (wanted.length === 0) return found[0];
  return wanted.map((reference) => {
    const [, name] = /^\\g?<?(\w+)>?$/.exec(text(reference)) ?? [];
    if (name === undefined)
      throw new OperationError(`'${text(reference)}' is no group`, "Write '\\\\1' or '\\\\g<name>'.");
    const group = /^\d+$/.test(name) ? found[Number(name)] : found.groups?.[name];
    return group ?? null;
  });
}

function regexFindAll(value: unknown, args: readonly unknown[]): unknown[] {
  const [pattern, multiline, ignoreCase] = args;
  const { regex, subject } = compiled(value, { pattern, ignoreCase, multiline });
  return findMatches(regex, subject).map((found) => {
    if (found.length <= 2) return found.at(-1) ?? '';
    return Tuple.make(found.slice(1).map((group) => group ?? ''));
  });
}

function joined(value: unknown, separator: unknown, attribute: unknown): string {
  const items = iterate(value);
  const picked =
    attribute === undefined || attribute === null ? items : items.map((item) => picking(item, attribute));
  const pieces = picked.map(print);
  const between = separator === undefined ? '' : text(separator);
  fits(
    pieces.reduce((length, piece) => length + piece.length, between.length * pieces.length),
    'text',
  );
  return pieces.join(between);
}

function picking(item: unknown, attribute: unknown): unknown {
  const value = path(item, attribute);
  if (value === MISSING) throw new OperationError(`an item has no '${text(attribute)}'`);
  return value;
}

function digest(value: unknown, algorithm: unknown): string {
  const name = algorithm === undefined ? 'sha1' : text(algorithm);
  if (!getHashes().includes(name))
    throw new OperationError(`there is no hash named '${name}'`, 'Common ones: md5, sha1, sha256, sha512.');
  return createHash(name).update(text(value)).digest('hex');
}

function regexEscape(value: string, type: string): string {
  if (type === 'python') return value.replace(/[-.*+?^${}()|[\]\\#&~\s]/g, '\\$&');
  if (type === 'posix_basic') return value.replace(/[\].[^$*\\]/g, '\\$&');
  throw new OperationError(`there is no re_type '${type}'`, 'There are python and posix_basic.');
}

function splitExt(name: string): [string, string] {
  const extension = posix.extname(name);
  return [name.slice(0, name.length - extension.length), extension];
}

export const textFilters: Registry = {
  string: define('', text),
  lower: define('', (value) => text(value).toLowerCase()),
  upper: define('', (value) => text(value).toUpperCase()),
  title: define('', (value) => jinjaTitle(text(value))),
  capitalize: define('', (value) => capitalized(text(value))),
  trim: define('chars', (value, [characters]) => stripped(text(value), characters, 'both')),
  replace: define('old new count', (value, [from, to, count]) =>
    replaced(text(value), text(from), text(to), count),
  ),
  split: define('sep maxsplit', (value, [separator, most]) => split(text(value), separator, most, 'left')),
  join: define('d attribute', (value, [separator, attribute]) => joined(value, separator, attribute)),
  indent: define('width first blank', (value, [width, first, blank]) =>
    indented(text(value), width, first, blank),
  ),
  format: define('* **', (value, [positional, named]) => {
    const byName = named as ReadonlyMap<string, unknown>;
    const list = positional as readonly unknown[];
    if (byName.size > 0 && list.length > 0)
      throw new OperationError('format takes values or names, not both');
    return percentFormat(text(value), byName.size > 0 ? makeDict(byName) : Tuple.make(list));
  }),
  regex_replace: define('pattern replacement ignorecase multiline count', regexReplace),
  regex_search: define('pattern * ignorecase multiline', regexSearch),
  regex_findall: define('regex multiline ignorecase', regexFindAll),
  regex_escape: define('re_type', (value, [type]) => regexEscape(text(value), text(type ?? 'python'))),
  b64encode: define('', (value) => Buffer.from(text(value)).toString('base64')),
  b64decode: define('', (value) => Buffer.from(text(value), 'base64').toString()),
  hash: define('hashtype', (value, [algorithm]) => digest(value, algorithm)),
  md5: define('', (value) => digest(value, 'md5')),
  sha1: define('', (value) => digest(value, 'sha1')),
  checksum: define('', (value) => digest(value, 'sha1')),
  quote: define('', (value) => (value === null ? "''" : pythonQuote(text(value)))),
  basename: define('', (value) => text(value).slice(text(value).lastIndexOf('/') + 1)),
  dirname: define('', (value) => dirname(text(value))),
  splitext: define('', (value) => Tuple.make(splitExt(text(value)))),
  wordcount: define('', (value) => text(value).match(/[\p{L}\p{N}_]+/gu)?.length ?? 0),
};

/** Jinja's own rule differs from Python's: words begin after white space, dashes and opening brackets. */
function jinjaTitle(value: string): string {
  return value
    .split(/([-\s({[<]+)/)
    .map(capitalized)
    .join('');
}

/** As Python's shlex.quote writes it. */
function pythonQuote(value: string): string {
  if (/^[\w@%+=:,./-]+$/.test(value)) return value;
  return `'${value.replaceAll("'", `'"'"'`)}'`;
}

function dirname(value: string): string {
  const head = value.slice(0, value.lastIndexOf('/') + 1);
  return /^\/*$/.test(head) ? head : head.replace(/\/+$/, '');
}
