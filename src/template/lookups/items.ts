/** Lookups that rearrange what they are given: what `with_items` and its like loop over. */
import { iterate, MISSING, path as pathOf } from '../access.js';
import { fits, spend } from '../budget.js';
import { OperationError } from '../errors.js';
import { text } from '../functions.js';
import { truthy } from '../operators.js';
import { percentFormat } from '../percent.js';
import {
  type Dict,
  dictEntries,
  dictGet,
  dictHas,
  isDict,
  type LazyDict,
  makeDict,
  Tuple,
  typeName,
} from '../values.js';
import { defineLookup, type Lookups } from './lookup.js';

type Items = readonly unknown[];

/** One level of lists taken away. */
function flat(items: Items): unknown[] {
  return items.flatMap((item) => (Array.isArray(item) ? (item as unknown[]) : [item]));
}

function deeplyFlat(items: Items): unknown[] {
  const found = items.flatMap((item) => {
    if (Array.isArray(item)) return deeplyFlat(item);
    return item === null || item === 'None' || item === 'null' ? [] : [item];
  });
  spend(items.length + found.length);
  return found;
}

function listOf(term: unknown): Items {
  return Array.isArray(term) ? term : [term];
}

function together(terms: Items): unknown[] {
  if (terms.length === 0) throw new OperationError('with_together needs at least one list');
  const lists = terms.map(listOf);
  const length = Math.max(...lists.map((list) => list.length));
  return Array.from({ length }, (_, at) => flat(lists.map((list) => (at < list.length ? list[at] : null))));
}

/** Every combination of one item of each list. */
function nested(terms: Items): unknown[] {
  if (terms.length === 0) throw new OperationError('with_nested needs at least one list');
  const lists = terms.map(listOf);
  fits(
    lists.reduce((size, list) => size * list.length, 1),
    'list',
  );
  let rows: unknown[][] = [[]];
  for (const list of lists) rows = rows.flatMap((row) => list.map((item) => [...row, item]));
  return rows.map(flat);
}

function dictItems(term: unknown): unknown[] {
  if (!isDict(term)) throw new OperationError(`with_dict needs a dict, not ${typeName(term)}`);
  return dictEntries(term).map(([key, value]) =>
    makeDict([
      ['key', key],
      ['value', value],
    ]),
  );
}

interface Sequence {
  start: number;
  end: number;
  stride: number;
  format: string;
}

function number(value: unknown, name: string): number {
  const digits = text(value).trim();
  if (!/^-?(0x[\da-f]+|0o?[0-7]+|\d+)$/i.test(digits))
    throw new OperationError(`${name} of a sequence must be an integer, not '${digits}'`);
  const magnitude = digits.replace('-', '').replace(/^0(?=[0-7]+$)/, '0o');
  return (digits.startsWith('-') ? -1 : 1) * Number(magnitude);
}

/** `start=1 end=5 stride=2 format=eth%d`, or short: `1-5/2:eth%d`. */
function parseSequence(term: unknown, given: ReadonlyMap<string, unknown>): Sequence {
  const short = /^(?:(0x[\da-f]+|\d+)-)?(0x[\da-f]+|\d+)(?:\/(-?(?:0x[\da-f]+|\d+)))?(?::(.+))?$/i.exec(
    term === undefined ? '' : text(term),
  );
  if (short !== null) {
    const [, start = '1', end = '0', stride, format = '%d'] = short;
    return directed(number(start, 'start'), number(end, 'end'), stride, format);
  }
  const words = term === undefined ? [] : (text(term).match(/(?:[^\s'"]|'[^']*'|"[^"]*")+/g) ?? []);
  const options = new Map(given);
  for (const word of words) {
    const [, name, value] = /^(start|end|count|stride|format)=(.*)$/s.exec(word) ?? [];
    if (name === undefined)
      throw new OperationError(`'${word}' is no part of a sequence`, 'Write start=1 end=5.');
    options.set(name, value?.replace(/^(['"])(.*)\1$/s, '$2'));
  }
  const start = number(options.get('start') ?? 1, 'start');
  const format = text(options.get('format') ?? '%d');
  if (options.has('count')) {
    if (options.has('end')) throw new OperationError('a sequence has a count or an end, not both');
    const count = number(options.get('count'), 'count');
    const stride = number(options.get('stride') ?? 1, 'stride');
    if (count === 0) return { start: 1, end: 0, stride: 1, format };
    return { start, end: start + count * stride - Math.sign(stride), stride, format };
  }
  if (!options.has('end')) throw new OperationError('a sequence needs a count or an end');
  return directed(start, number(options.get('end'), 'end'), options.get('stride'), format);
}

function directed(start: number, end: number, stride: unknown, format: string): Sequence {
  const step = stride === undefined ? 1 : number(stride, 'stride');
  if (step > 0 && end < start)
    throw new OperationError('to count backwards, the stride of a sequence must be negative');
  if (step < 0 && end > start)
    throw new OperationError('to count forwards, the stride of a sequence must be positive');
  return { start, end, stride: step, format };
}

function sequence({ start, end, stride, format }: Sequence): string[] {
  if (stride === 0) return [];
  const length = Math.max(0, Math.floor((end - start) / stride) + 1);
  fits(length, 'list');
  return Array.from({ length }, (_, at) => percentFormat(format, start + at * stride));
}

/** Each element with each item of a list within it. @throws where one has none and they are not skipped */
export function subelements(elements: unknown, key: unknown, skipMissing: boolean): Tuple[] {
  const list = isDict(elements) ? dictEntries(elements).map(([, value]) => value) : iterate(elements);
  return list.flatMap((element) => {
    if (!isDict(element))
      throw new OperationError(`subelements needs a list of dicts, not of ${typeName(element)}`);
    if (isSkipped(element)) return [];
    const found = pathOf(element, text(key));
    if (found === MISSING) {
      if (skipMissing) return [];
      throw new OperationError(
        `an element has no '${text(key)}'`,
        'Add skip_missing=true to leave such out.',
      );
    }
    if (!Array.isArray(found)) throw new OperationError(`'${text(key)}' of an element is no list`);
    return found.map((item) => Tuple.make([element, item]));
  });
}

/** The element less the list that is looped over, as Ansible's lookup leaves it. */
function without(element: unknown, [part = '', ...rest]: readonly string[]): unknown {
  if (!isDict(element)) return element;
  const entries = dictEntries(element);
  if (rest.length === 0) return makeDict(entries.filter(([key]) => key !== part));
  return makeDict(entries.map(([key, value]) => [key, key === part ? without(value, rest) : value] as const));
}

function isSkipped(element: Dict | LazyDict): boolean {
  return dictHas(element, 'skipped') && dictGet(element, 'skipped') === true;
}

function subelementsOf(terms: Items): unknown[] {
  const [elements, key, flags] = terms;
  if (key === undefined)
    throw new OperationError('subelements needs a list and the name of a list within its elements');
  const skip = isDict(flags) && dictHas(flags, 'skip_missing') && truthy(dictGet(flags, 'skip_missing'));
  const parts = text(key).split('.');
  return subelements(elements, key, skip).map(([element, item]) =>
    Tuple.make([without(element, parts), item]),
  );
}

const combinations = defineLookup('', nested);

export const itemLookups: Lookups = {
  items: defineLookup('', flat),
  list: defineLookup('', (terms) => [...terms]),
  dict: defineLookup('', (terms) => flat(terms).flatMap(dictItems)),
  flattened: defineLookup('', deeplyFlat),
  indexed_items: defineLookup('', (terms) => flat(terms).map((item, at) => Tuple.make([at, item]))),
  together: defineLookup('', together),
  nested: combinations,
  cartesian: combinations,
  sequence: defineLookup('start end count stride format', (terms, options) =>
    (terms.length === 0 ? [undefined] : terms).flatMap((term) => sequence(parseSequence(term, options))),
  ),
  subelements: defineLookup('', subelementsOf),
  random_choice: defineLookup('', (terms) => {
    return terms.length === 0 ? [] : [terms[Math.floor(Math.random() * terms.length)]];
  }),
};
