/** The methods of Python's texts, dicts and lists that change nothing. */
import { iterate } from './access.js';
import { LONGEST } from './budget.js';
import { OperationError } from './errors.js';
import { formatText } from './format.js';
import { define, type Registry, type TemplateFunction, text, whole } from './functions.js';
import { formatted, Moment, printMoment, Span } from './moments.js';
import { dictKey, equal } from './operators.js';
import { capitalized, lastIndex, replacedAll, split, splitLines, stripped, titled } from './strings.js';
import {
  type Dict,
  dictEntries,
  dictGet,
  dictHas,
  dictKeys,
  float,
  isDict,
  type LazyDict,
  Tuple,
  typeName,
} from './values.js';

type TextFunction = (value: string, args: readonly unknown[]) => unknown;

function onText(parameters: string, call: TextFunction): TemplateFunction {
  return define(parameters, (value, args) => call(value as string, args));
}

function affixes(value: unknown): readonly string[] {
  const list = value instanceof Tuple ? value : [value];
  return list.map((affix) => needText(affix, 'a prefix or suffix'));
}

function needText(value: unknown, what: string): string {
  if (typeof value === 'string') return value;
  throw new OperationError(`${what} must be a text, not ${typeName(value)}`, "Convert it: '| string'.");
}

/** The part of a text that `find`, `count` and their like look at. */
function part(value: string, from: unknown, to: unknown): { part: string; offset: number } {
  const limit = (bound: unknown, fallback: number): number => {
    if (bound === undefined || bound === null) return fallback;
    const position = whole(bound, 'a position');
    return Math.min(value.length, position < 0 ? Math.max(0, value.length + position) : position);
  };
  const offset = limit(from, 0);
  return { part: value.slice(offset, Math.max(offset, limit(to, value.length))), offset };
}

function position(value: string, args: readonly unknown[], last: boolean): number {
  const wanted = needText(args[0], 'what to find');
  const looked = part(value, args[1], args[2]);
  const at = last ? lastIndex(looked.part, wanted) : looked.part.indexOf(wanted);
  return at < 0 ? -1 : at + looked.offset;
}

function positionOrFail(value: string, args: readonly unknown[], last: boolean): number {
  const at = position(value, args, last);
  if (at < 0) throw new OperationError(`the text does not hold '${text(args[0])}'`);
  return at;
}

function partition(value: string, separator: unknown, last: boolean): Tuple {
  const wanted = needText(separator, 'the separator');
  const at = last ? value.lastIndexOf(wanted) : value.indexOf(wanted);
  if (at < 0) return Tuple.make(last ? ['', '', value] : [value, '', '']);
  return Tuple.make([value.slice(0, at), wanted, value.slice(at + wanted.length)]);
}

function pad(value: string, args: readonly unknown[], align: 'left' | 'right' | 'centre'): string {
  const width = Math.min(whole(args[0], 'the width'), LONGEST);
  const fill = args[1] === undefined ? ' ' : needText(args[1], 'the fill');
  if ([...fill].length !== 1) throw new OperationError('the fill must be one character');
  const missing = Math.max(0, width - [...value].length);
  // Where the padding is odd, CPython's str.center puts the extra one left only if the width is odd.
  const left =
    align === 'left' ? 0 : align === 'right' ? missing : Math.floor(missing / 2) + (missing & width & 1);
  return fill.repeat(left) + value + fill.repeat(missing - left);
}

function replaceText(value: string, from: string, to: string, count: number): string {
  if (count < 0) return replacedAll(value, from, to);
  if (from === '') return replaceEmpty(value, to, count);
  const pieces = value.split(from);
  const cut = Math.min(count, pieces.length - 1);
  return [...pieces.slice(0, cut).map((piece) => piece + to), pieces.slice(cut).join(from)].join('');
}

/** Python finds the empty text before each character and at the end. */
function replaceEmpty(value: string, to: string, count: number): string {
  const characters = [...value, ''];
  return characters.map((character, at) => (at < count ? to : '') + character).join('');
}

function isAll(pattern: RegExp): TemplateFunction {
  return onText('', (value) => pattern.test(value));
}

function zeroFilled(value: string, width: number): string {
  const sign = /^[-+]/.exec(value)?.[0] ?? '';
  return sign + value.slice(sign.length).padStart(Math.min(width, LONGEST) - sign.length, '0');
}

const textMethods: Registry = {
  upper: onText('', (value) => value.toUpperCase()),
  lower: onText('', (value) => value.toLowerCase()),
  casefold: onText('', (value) => value.toLowerCase()),
  title: onText('', (value) => titled(value)),
  capitalize: onText('', (value) => capitalized(value)),
  swapcase: onText('', (value) =>
    [...value]
      .map((letter) => (letter === letter.toUpperCase() ? letter.toLowerCase() : letter.toUpperCase()))
      .join(''),
  ),
  strip: onText('chars', (value, [chars]) => stripped(value, chars, 'both')),
  lstrip: onText('chars', (value, [chars]) => stripped(value, chars, 'left')),
  rstrip: onText('chars', (value, [chars]) => stripped(value, chars, 'right')),
  split: onText('sep maxsplit', (value, [separator, most]) => split(value, separator, most, 'left')),
  rsplit: onText('sep maxsplit', (value, [separator, most]) => split(value, separator, most, 'right')),
  splitlines: onText('keepends', (value, [keep]) => splitLines(value, keep === true)),
  partition: onText('sep', (value, [separator]) => partition(value, separator, false)),
  rpartition: onText('sep', (value, [separator]) => partition(value, separator, true)),
  replace: onText('old new count', (value, [from, to, count]) =>
    replaceText(
      value,
      needText(from, 'what to replace'),
      needText(to, 'the replacement'),
      count === undefined ? -1 : whole(count, 'the count'),
    ),
  ),
  startswith: onText('prefix start end', (value, [prefix, start, end]) => {
    const looked = part(value, start, end).part;
    return affixes(prefix).some((affix) => looked.startsWith(affix));
  }),
  endswith: onText('suffix start end', (value, [suffix, start, end]) => {
    const looked = part(value, start, end).part;
    return affixes(suffix).some((affix) => looked.endsWith(affix));
  }),
  removeprefix: onText('prefix', (value, [prefix]) => {
    const affix = needText(prefix, 'the prefix');
    return value.startsWith(affix) ? value.slice(affix.length) : value;
  }),
  removesuffix: onText('suffix', (value, [suffix]) => {
    const affix = needText(suffix, 'the suffix');
    return affix !== '' && value.endsWith(affix) ? value.slice(0, -affix.length) : value;
  }),
  find: onText('sub start end', (value, args) => position(value, args, false)),
  rfind: onText('sub start end', (value, args) => position(value, args, true)),
  index: onText('sub start end', (value, args) => positionOrFail(value, args, false)),
  rindex: onText('sub start end', (value, args) => positionOrFail(value, args, true)),
  count: onText('sub start end', (value, [wanted, start, end]) => {
    const looked = part(value, start, end).part;
    const sub = needText(wanted, 'what to count');
    return sub === '' ? looked.length + 1 : looked.split(sub).length - 1;
  }),
  join: onText('iterable', (value, [list]) =>
    iterate(list)
      .map((item) => needText(item, 'each item to join'))
      .join(value),
  ),
  format: onText('* **', (value, [positional, named]) =>
    formatText(value, positional as readonly unknown[], named as ReadonlyMap<string, unknown>),
  ),
  zfill: onText('width', (value, [width]) => zeroFilled(value, whole(width, 'the width'))),
  ljust: onText('width fillchar', (value, args) => pad(value, args, 'left')),
  rjust: onText('width fillchar', (value, args) => pad(value, args, 'right')),
  center: onText('width fillchar', (value, args) => pad(value, args, 'centre')),
  isdigit: isAll(/^\p{Nd}+$/u),
  isdecimal: isAll(/^\p{Nd}+$/u),
  isnumeric: isAll(/^\p{N}+$/u),
  isalpha: isAll(/^\p{L}+$/u),
  isalnum: isAll(/^[\p{L}\p{N}]+$/u),
  isspace: isAll(/^\s+$/u),
  islower: onText('', (value) => value === value.toLowerCase() && value !== value.toUpperCase()),
  isupper: onText('', (value) => value === value.toUpperCase() && value !== value.toLowerCase()),
};

type AnyDict = Dict | LazyDict;

const dictMethods: Registry = {
  items: define('', (value) => dictEntries(value as AnyDict).map((entry) => Tuple.make(entry))),
  keys: define('', (value) => dictKeys(value as AnyDict)),
  values: define('', (value) => dictEntries(value as AnyDict).map(([, item]) => item)),
  get: define('key default', (value, [key, fallback]) => {
    const name = dictKey(key);
    return dictHas(value as AnyDict, name) ? dictGet(value as AnyDict, name) : (fallback ?? null);
  }),
  copy: define('', (value) => value),
};

const CHANGING = "Lists and dicts can't be changed in a template.";
function refuse(instead: string): TemplateFunction {
  return define('* **', () => {
    throw new OperationError(CHANGING, instead);
  });
}

const listMethods: Registry = {
  index: define('value', (list, [wanted]) => {
    const at = (list as readonly unknown[]).findIndex((item) => equal(item, wanted));
    if (at < 0) throw new OperationError('the list does not hold that value');
    return at;
  }),
  count: define(
    'value',
    (list, [wanted]) => (list as readonly unknown[]).filter((item) => equal(item, wanted)).length,
  ),
  copy: define('', (value) => value),
  append: refuse('Make a new one: list + [item].'),
  extend: refuse('Make a new one: list + other.'),
  insert: refuse('Make a new one: list[:1] + [item] + list[1:].'),
  pop: refuse('Take list[-1] and list[:-1].'),
  remove: refuse("Use '| difference([item])'."),
  sort: refuse("Use '| sort'."),
  reverse: refuse("Use '| reverse'."),
};

const dictRefusals: Registry = {
  update: refuse("Use '| combine(other)'."),
  pop: refuse("Use '| dict2items | rejectattr(…) | items2dict'."),
  setdefault: refuse("Use '{key: value} | combine(dict)'."),
};

const momentMethods: Registry = {
  strftime: define('format', (value, [format]) => formatted((value as Moment).wall, text(format))),
  isoformat: define('sep', (value, [between]) =>
    printMoment(value as Moment, between === undefined ? 'T' : text(between)),
  ),
  timestamp: define('', (value) => float(Number(formatted((value as Moment).wall, '%s')))),
  weekday: define('', (value) => (Number(formatted((value as Moment).wall, '%w')) + 6) % 7),
  isoweekday: define('', (value) => Number(formatted((value as Moment).wall, '%u'))),
};

const spanMethods: Registry = {
  total_seconds: define('', (value) => float((value as Span).length / 1000)),
};

const moments = new Map(Object.entries(momentMethods));
const spans = new Map(Object.entries(spanMethods));
const texts = new Map(Object.entries(textMethods));
const dicts = new Map(Object.entries({ ...dictMethods, ...dictRefusals }));
const lists = new Map(Object.entries(listMethods));
const none: ReadonlyMap<string, TemplateFunction> = new Map();

function methodsFor(value: unknown): ReadonlyMap<string, TemplateFunction> {
  if (typeof value === 'string') return texts;
  if (Array.isArray(value)) return lists;
  if (value instanceof Moment) return moments;
  if (value instanceof Span) return spans;
  return isDict(value) ? dicts : none;
}

/** The method of that name that the value's type has. */
export function methodOf(value: unknown, name: string): TemplateFunction | undefined {
  return methodsFor(value).get(name);
}

export function methodNames(value: unknown): Iterable<string> {
  return methodsFor(value).keys();
}
