/** Filters that lay text out, and those between numbers and how people write them. */
import { createHash } from 'node:crypto';
import { fits, spend } from '../budget.js';
import { OperationError } from '../errors.js';
import { amount, define, type Registry, text, whole } from '../functions.js';
import { truthy } from '../operators.js';
import { print, repr } from '../print.js';
import { dictEntries, isDict, Tuple, typeName } from '../values.js';

function centred(value: string, width: number): string {
  fits(width, 'text');
  const missing = Math.max(0, width - [...value].length);
  const left = Math.floor(missing / 2) + (missing & width & 1);
  return ' '.repeat(left) + value + ' '.repeat(missing - left);
}

/** Jinja2's `truncate`: a text that is only a little longer (`leeway`) stays whole. */
function truncated(value: string, args: readonly unknown[]): string {
  const [lengthGiven, killWords, endGiven, leewayGiven] = args;
  const length = lengthGiven === undefined ? 255 : whole(lengthGiven, 'the length');
  const end = endGiven === undefined ? '...' : text(endGiven);
  const leeway = leewayGiven === undefined || leewayGiven === null ? 5 : whole(leewayGiven, 'the leeway');
  if (length < end.length) throw new OperationError(`truncate needs a length of at least ${end.length}`);
  const letters = [...value];
  if (letters.length <= length + leeway) return value;
  const cut = letters.slice(0, length - [...end].length).join('');
  if (truthy(killWords ?? false)) return cut + end;
  const space = cut.lastIndexOf(' ');
  return (space < 0 ? cut : cut.slice(0, space)) + end;
}

interface Wrap {
  width: number;
  breakLong: boolean;
  onHyphens: boolean;
}

/** Pieces that a line may end after, as Python's textwrap cuts them. */
function wrapPieces(line: string, onHyphens: boolean): string[] {
  const words = line.match(/\s+|\S+/g) ?? [];
  if (!onHyphens) return words;
  return words.flatMap((word) =>
    /^\s/.test(word)
      ? [word]
      : word.split(/(?<=[^\d\W]-)(?=[^\d\W])|(?<=\w-{2,})(?=\w)/u).filter((piece) => piece !== ''),
  );
}

/** One paragraph in lines, as Python's textwrap does with its white space kept. */
function wrappedLines(line: string, { width, breakLong, onHyphens }: Wrap): string[] {
  const pieces = wrapPieces(line, onHyphens).reverse();
  const lines: string[] = [];
  while (pieces.length > 0) {
    spend(1);
    if (lines.length > 0 && pieces.at(-1)?.trim() === '') pieces.pop();
    let current = '';
    while (pieces.length > 0 && current.length + (pieces.at(-1) ?? '').length <= width)
      current += pieces.pop();
    const next = pieces.at(-1);
    if (next !== undefined && next.length > width && (breakLong || current === '')) {
      const room = breakLong ? Math.max(1, width - current.length) : next.length;
      current += next.slice(0, room);
      pieces[pieces.length - 1] = next.slice(room);
      if (room >= next.length) pieces.pop();
    }
    const kept = current.trimEnd();
    if (kept !== '') lines.push(kept);
  }
  return lines;
}

function wordWrapped(value: string, args: readonly unknown[]): string {
  const [width, breakLong, wrapString, onHyphens] = args;
  const wrap = {
    width: width === undefined ? 79 : whole(width, 'the width'),
    breakLong: truthy(breakLong ?? true),
    onHyphens: truthy(onHyphens ?? true),
  };
  if (wrap.width < 1) throw new OperationError('the width must be at least 1');
  const end = wrapString === undefined || wrapString === null ? '\n' : text(wrapString);
  return value
    .split(/\r\n|\r|\n/)
    .map((line) => wrappedLines(line, wrap).join(end))
    .join(end);
}

const STYLES: Readonly<Record<string, { decoration: string; beginning?: string; end?: string }>> = {
  plain: { decoration: '# ' },
  erlang: { decoration: '% ' },
  c: { decoration: '// ' },
  cblock: { beginning: '/*', decoration: ' * ', end: ' */' },
  xml: { beginning: '<!--', decoration: ' - ', end: '-->' },
};
const COMMENT_OPTIONS = [
  'decoration',
  'beginning',
  'end',
  'prefix',
  'prefix_count',
  'postfix',
  'postfix_count',
  'newline',
];

/** A comment block in the style of a language. */
function comment(value: string, style: unknown, named: ReadonlyMap<string, unknown>): string {
  const name = style === undefined ? 'plain' : text(style);
  const chosen = STYLES[name];
  if (chosen === undefined)
    throw new OperationError(
      `there is no style '${name}' of comments`,
      `There are ${Object.keys(STYLES).join(', ')}.`,
    );
  const strange = [...named.keys()].find((option) => !COMMENT_OPTIONS.includes(option));
  if (strange !== undefined) throw new OperationError(`'comment' has no argument '${strange}'`);
  const option = (key: string, otherwise: string): string => {
    const given = named.get(key);
    return given === undefined ? otherwise : text(given);
  };
  const decoration = option('decoration', chosen.decoration);
  const prepostfix = decoration.trimEnd();
  const newline = option('newline', '\n');
  const around = (which: string): string => {
    const count = named.get(`${which}_count`);
    fits(count === undefined ? 1 : whole(count, `${which}_count`), 'text');
    return (option(which, prepostfix) + newline).repeat(
      count === undefined ? 1 : whole(count, `${which}_count`),
    );
  };
  const beginning = option('beginning', chosen.beginning ?? '');
  const end = option('end', chosen.end ?? '');
  const body = `${decoration}${value.replaceAll('\n', `\n${decoration}`)}`;
  const lines = body.replaceAll(`${decoration}\n`, `${decoration.trimEnd()}\n`).split('\n').join(newline);
  return [
    beginning === '' ? '' : beginning + newline,
    around('prefix'),
    lines,
    around('postfix') === '' ? '' : newline + around('postfix').slice(0, -newline.length),
    end === '' ? '' : newline + end,
  ].join('');
}

function fileSize(value: unknown, binary: unknown): string {
  const bytes = typeof value === 'string' ? Number(value) : amount(value, 'the size');
  const base = truthy(binary ?? false) ? 1024 : 1000;
  const units = truthy(binary ?? false) ? 'KiB MiB GiB TiB PiB EiB ZiB YiB' : 'kB MB GB TB PB EB ZB YB';
  if (bytes === 1) return '1 Byte';
  if (bytes < base) return `${Math.trunc(bytes)} Bytes`;
  const names = units.split(' ');
  const power = Math.min(names.length, Math.floor(Math.log(bytes) / Math.log(base)));
  const unit =
    bytes < base ** power
      ? power - 1
      : bytes >= base ** (power + 1) && power < names.length
        ? power + 1
        : power;
  return `${(bytes / base ** unit).toFixed(1)} ${names[unit - 1]}`;
}

/** Ansible's units, largest first. */
const SIZES: readonly (readonly [string, number])[] = [...'YZEPTGMKB'].map((unit, at) => [
  unit,
  1024 ** (8 - at),
]);

function humanReadable(value: unknown, isBits: unknown, unit: unknown): string {
  const size = typeof value === 'string' ? Number(value) : amount(value, 'the size');
  if (Number.isNaN(size)) throw new OperationError(`human_readable can't read '${text(value)}'`);
  const base = truthy(isBits ?? false) ? 'bits' : 'Bytes';
  const wanted = unit === undefined || unit === null ? undefined : text(unit).charAt(0).toUpperCase();
  const [name, limit] = SIZES.find(([letter, bytes]) =>
    wanted === undefined ? size >= bytes : letter === wanted,
  ) ?? ['B', 1];
  const suffix = limit === 1 ? base : name + (base === 'bits' ? 'b' : 'B');
  return `${(size / limit).toFixed(2)} ${suffix}`;
}

function humanToBytes(value: unknown, defaultUnit: unknown, isBits: unknown): number {
  const given = text(value);
  const found = /^\s*(\d*\.?\d*)\s*([A-Za-z]+)?/.exec(given);
  const number = Number(found?.[1]);
  if (found === null || found[1] === '' || Number.isNaN(number))
    throw new OperationError(`human_to_bytes can't read '${given}'`);
  const unit = found[2] ?? (defaultUnit === undefined || defaultUnit === null ? '' : text(defaultUnit));
  if (unit === '') return Math.round(number);
  const size = SIZES.find(([letter]) => letter === unit.charAt(0).toUpperCase())?.[1];
  const bits = truthy(isBits ?? false);
  const rest = unit.slice(1);
  const fits = /^b$/i.test(unit) || rest === '' || (bits ? /^(b|bits?)$/ : /^(B|bytes?)$/i).test(rest);
  if (size === undefined || !fits)
    throw new OperationError(
      `human_to_bytes does not know the unit '${unit}'`,
      bits ? 'Write Kb, Mb, …' : 'Write KB, MB, …',
    );
  return Math.round(number * size);
}

/** Ansible's own namespace of names in UUIDs. */
const NAMESPACE = '361E6D51-FAEC-444A-9079-341386DA8E2E';

/** A UUID of version 5: always the same for the same name. */
function toUuid(value: string, namespace: unknown): string {
  const space = (namespace === undefined ? NAMESPACE : text(namespace)).replace(/[{}-]/g, '');
  if (!/^[\da-f]{32}$/i.test(space)) throw new OperationError(`'${text(namespace)}' is no UUID`);
  const hash = createHash('sha1').update(Buffer.from(space, 'hex')).update(value).digest().subarray(0, 16);
  hash.writeUInt8((hash.readUInt8(6) & 0x0f) | 0x50, 6);
  hash.writeUInt8((hash.readUInt8(8) & 0x3f) | 0x80, 8);
  return hash.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

const WIDEST = 80;

/** Python's `pprint` as far as a line or one item a line go. */
function pretty(value: unknown, indent = 0): string {
  const line = repr(value);
  if (line.length + indent <= WIDEST) return isDict(value) ? sortedDict(value) : line;
  const inner = (item: unknown): string => pretty(item, indent + 1);
  const between = `,\n${' '.repeat(indent + 1)}`;
  if (Array.isArray(value)) {
    const [open, close] = value instanceof Tuple ? '()' : '[]';
    return `${open}${value.map(inner).join(between)}${close}`;
  }
  if (!isDict(value)) return line;
  const entries = dictEntries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, item]) => `${repr(key)}: ${pretty(item, indent + repr(key).length + 3)}`).join(between)}}`;
}

function sortedDict(value: Parameters<typeof dictEntries>[0]): string {
  const entries = dictEntries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, item]) => `${repr(key)}: ${repr(item)}`).join(', ')}}`;
}

export const proseFilters: Registry = {
  center: define('width', (value, [width]) =>
    centred(text(value), width === undefined ? 80 : whole(width, 'the width')),
  ),
  truncate: define('length killwords end leeway', (value, args) => truncated(text(value), args)),
  wordwrap: define('width break_long_words wrapstring break_on_hyphens', (value, args) =>
    wordWrapped(text(value), args),
  ),
  comment: define('style **', (value, [style, named]) =>
    comment(text(value), style, named as ReadonlyMap<string, unknown>),
  ),
  filesizeformat: define('binary', (value, [binary]) => fileSize(value, binary)),
  human_readable: define('isbits unit', (value, [isBits, unit]) => humanReadable(value, isBits, unit)),
  human_to_bytes: define('default_unit isbits', (value, [unit, isBits]) => humanToBytes(value, unit, isBits)),
  to_uuid: define('namespace', (value, [namespace]) => toUuid(text(value), namespace)),
  pprint: define('', (value) =>
    typeof value === 'object' ? pretty(value) : typeName(value) === 'str' ? repr(value) : print(value),
  ),
};
