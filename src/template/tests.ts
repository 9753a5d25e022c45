/** What can stand after `is`. */
import { booleanWord } from '../shared/boolean-words.js';
import { iterate } from './access.js';
import { OperationError } from './errors.js';
import { amount, define, defineLoose, type Registry, type TemplateFunction, text } from './functions.js';
import { arithmetic, compare, contains, equal, truthy } from './operators.js';
import { pythonRegex } from './regex.js';
import { matches } from './regex-run.js';
import { addressTests } from './tests-addresses.js';
import { resultTests } from './tests-results.js';
import { Float, isDict, isFloat, isInteger, Namespace, numberOf, OMIT, Undefined } from './values.js';

function ordered(operator: string, holds: (order: number) => boolean): TemplateFunction {
  return define('other', (value, [other]) => holds(compare(value, other, operator)));
}

const same = define('other', (value, [other]) => equal(value, other));
const different = define('other', (value, [other]) => !equal(value, other));
const less = ordered('<', (order) => order < 0);
const lessOrSame = ordered('<=', (order) => order <= 0);
const more = ordered('>', (order) => order > 0);
const moreOrSame = ordered('>=', (order) => order >= 0);

function divides(value: unknown, by: unknown): boolean {
  return numberOf(arithmetic('%', amount(value, 'the value'), amount(by, 'the divisor'))) === 0;
}

function regexTest(
  parameters: string,
  kind: (args: readonly unknown[]) => 'match' | 'search' | 'fullmatch',
): TemplateFunction {
  return define(parameters, (value, args) => {
    if (typeof value !== 'string')
      throw new OperationError('a regular expression needs a text', "Convert it: '| string'.");
    const [pattern, ignoreCase, multiline] = args;
    const regex = pythonRegex(text(pattern), {
      ignoreCase: ignoreCase === true,
      multiline: multiline === true,
    });
    const way = kind(args);
    return matches(way === 'search' ? regex : anchored(regex, way), value);
  });
}

function anchored(regex: RegExp, way: 'match' | 'fullmatch'): RegExp {
  const source = way === 'match' ? regex.source : `(?:${regex.source})(?![\\s\\S])`;
  return new RegExp(source, regex.flags.replace('g', 'y'));
}

function kindOfRegex(value: unknown): 'match' | 'search' | 'fullmatch' {
  if (value === undefined || value === 'search') return 'search';
  if (value === 'match' || value === 'fullmatch') return value;
  throw new OperationError("match_type must be 'search', 'match' or 'fullmatch'");
}

function isIterable(value: unknown): boolean {
  return typeof value === 'string' || Array.isArray(value) || isDict(value);
}

/** The same object, as Python's `is`: for numbers and texts that is the same value of the same type. */
function isSame(value: unknown, other: unknown): boolean {
  if (value instanceof Float && other instanceof Float) return value.value === other.value;
  return value === other;
}

function within(value: unknown, whole: unknown): boolean {
  return iterate(value).every((item) => contains(whole, item));
}

/** With `convert_bool`, the words that stand for true and false do so here too. */
function isTruthy(value: unknown, convert: unknown): boolean {
  const word = truthy(convert ?? false) && typeof value === 'string' ? booleanWord(value) : undefined;
  return word ?? truthy(value);
}

const isNan = define('', (value) => Number.isNaN(numberOf(value) ?? 0));

export const tests: Registry = {
  ...addressTests,
  ...resultTests,
  defined: defineLoose('', (value) => !(value instanceof Undefined)),
  undefined: defineLoose('', (value) => value instanceof Undefined),
  omit: define('', (value) => value === OMIT),
  none: define('', (value) => value === null),
  string: define('', (value) => typeof value === 'string'),
  number: define('', (value) => numberOf(value) !== undefined),
  integer: define('', (value) => typeof value === 'number' && isInteger(value)),
  float: define('', (value) => isFloat(value)),
  boolean: define('', (value) => typeof value === 'boolean'),
  mapping: define('', (value) => isDict(value)),
  sequence: define('', isIterable),
  iterable: define('', isIterable),
  callable: define('', (value) => typeof value === 'function' || value instanceof Namespace),
  even: define('', (value) => divides(value, 2)),
  odd: define('', (value) => numberOf(arithmetic('%', amount(value, 'the value'), 2)) === 1),
  divisibleby: define('num', (value, [by]) => divides(value, by)),
  equalto: same,
  eq: same,
  '==': same,
  ne: different,
  '!=': different,
  lt: less,
  lessthan: less,
  '<': less,
  le: lessOrSame,
  '<=': lessOrSame,
  gt: more,
  greaterthan: more,
  '>': more,
  ge: moreOrSame,
  '>=': moreOrSame,
  in: define('seq', (value, [container]) => contains(container, value)),
  contains: define('item', (value, [item]) => contains(value, item)),
  sameas: define('other', (value, [other]) => isSame(value, other)),
  lower: define('', (value) => isCase(text(value), 'lower')),
  upper: define('', (value) => isCase(text(value), 'upper')),
  true: define('', (value) => value === true),
  false: define('', (value) => value === false),
  nan: isNan,
  isnan: isNan,
  escaped: define('', () => false),
  vault_encrypted: define('', () => false),
  filter: define('', (value, _, invocation) => invocation.knows('filter', text(value))),
  test: define('', (value, _, invocation) => invocation.knows('test', text(value))),
  truthy: define('convert_bool', (value, [convert]) => isTruthy(value, convert)),
  falsy: define('convert_bool', (value, [convert]) => !isTruthy(value, convert)),
  match: regexTest('pattern ignorecase multiline', () => 'match'),
  search: regexTest('pattern ignorecase multiline', () => 'search'),
  regex: regexTest('pattern ignorecase multiline match_type', (args) => kindOfRegex(args[3])),
  subset: define('b', (value, [other]) => within(value, other)),
  issubset: define('b', (value, [other]) => within(value, other)),
  superset: define('b', (value, [other]) => within(other, value)),
  issuperset: define('b', (value, [other]) => within(other, value)),
  any: define('', (value) => iterate(value).some(truthy)),
  all: define('', (value) => iterate(value).every(truthy)),
};

function isCase(value: string, which: 'lower' | 'upper'): boolean {
  const lower = value.toLowerCase();
  const upper = value.toUpperCase();
  return which === 'lower' ? value === lower && value !== upper : value === upper && value !== lower;
}
