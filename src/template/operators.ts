/** Python's operators on template values. */
import type { BinaryOperator, CompareOperator } from './ast.js';
import { fits, spend } from './budget.js';
import { OperationError } from './errors.js';
import { Moment, Span } from './moments.js';
import { percentFormat } from './percent.js';
import { print } from './print.js';
import {
  type Dict,
  dictEntries,
  dictGet,
  dictHas,
  dictKeys,
  Float,
  float,
  isDict,
  isFloat,
  isInteger,
  type LazyDict,
  NoElse,
  numberOf,
  Tuple,
  typeName,
  Undefined,
} from './values.js';

export function truthy(value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  if (value === null || value === undefined || value === '' || value === 0) return false;
  if (value instanceof Undefined) return value instanceof NoElse ? false : value.fail();
  if (Array.isArray(value)) return value.length > 0;
  if (value instanceof Float) return value.value !== 0;
  if (isDict(value)) return dictKeys(value).length > 0;
  return true;
}

/** The key that stands for a value in a dict: keys are strings, as in JSON. */
export function dictKey(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value instanceof Undefined) return value.fail();
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return print(value);
  if (value instanceof Float) return String(value.value);
  throw new OperationError(`a ${typeName(value)} can't be the key of a dict`);
}

/** An int's result: JavaScript's numbers are exact only so far, and a wrong number is worse than none. */
function exact(value: number): number {
  if (!Number.isSafeInteger(value)) throw new OperationError('the result is an integer beyond 2^53');
  return value === 0 ? 0 : value;
}

/** The remainder with the divisor's sign. */
function modulo(a: number, b: number): number {
  const rest = a % b;
  if (rest === 0) return b < 0 ? -0 : 0;
  return rest < 0 !== b < 0 ? rest + b : rest;
}

/** By way of the remainder, as CPython does it: `1.0 // 0.1` is 9.0, since 0.1 is a little more than a tenth. */
function floorDivide(a: number, b: number): number {
  const quotient = (a - modulo(a, b)) / b;
  if (quotient === 0) return a / b < 0 || Object.is(a / b, -0) ? -0 : 0;
  const floor = Math.floor(quotient);
  return quotient - floor > 0.5 ? floor + 1 : floor;
}

function numeric(operator: BinaryOperator, a: number, b: number, bothInts: boolean): number | Float {
  if ((operator === '/' || operator === '//' || operator === '%') && b === 0)
    throw new OperationError('division by zero');
  const result = (value: number) => (bothInts ? exact(value) : float(value));
  switch (operator) {
    case '+':
      return result(a + b);
    case '-':
      return result(a - b);
    case '*':
      return result(a * b);
    case '/':
      return float(a / b);
    case '//':
      return result(floorDivide(a, b));
    case '%':
      return result(modulo(a, b));
    case '**':
      return power(a, b, bothInts);
  }
}

function power(a: number, b: number, bothInts: boolean): number | Float {
  if (a === 0 && b < 0) throw new OperationError('0 cannot be raised to a negative power');
  const value = a ** b;
  if (Number.isNaN(value)) throw new OperationError('the result is no real number');
  return bothInts && b >= 0 ? exact(value) : float(value);
}

function repeat(value: unknown, times: number): unknown {
  if (typeof value === 'string') {
    fits(value.length * times, 'text');
    return value.repeat(Math.max(0, times));
  }
  const list = value as readonly unknown[];
  fits(list.length * times, 'list');
  const repeated = Array.from({ length: Math.max(0, times) }, () => [...list]).flat();
  return list instanceof Tuple ? Tuple.make(repeated) : repeated;
}

function isSequence(value: unknown): boolean {
  return typeof value === 'string' || Array.isArray(value);
}

function unsupported(operator: string, left: unknown, right: unknown): OperationError {
  const types = [typeName(left), typeName(right)];
  const hint =
    types.includes('str') && (types.includes('int') || types.includes('float'))
      ? "Convert one of them: '| int', '| float' or '| string'; '~' joins anything as text."
      : undefined;
  return new OperationError(`'${operator}' does not work on ${types[0]} and ${types[1]}`, hint);
}

/** The result of an arithmetic operator, as Python gives it for these types. */
export function arithmetic(operator: BinaryOperator, left: unknown, right: unknown): unknown {
  if (left instanceof Undefined) return left.fail();
  if (right instanceof Undefined) return right.fail();
  if (operator === '%' && typeof left === 'string') return percentFormat(left, right);
  const a = numberOf(left);
  const b = numberOf(right);
  if (a !== undefined && b !== undefined) return numeric(operator, a, b, isInteger(left) && isInteger(right));
  if (operator === '+') {
    if (typeof left === 'string' && typeof right === 'string') {
      fits(left.length + right.length, 'text');
      return left + right;
    }
    if (Array.isArray(left) && Array.isArray(right) && left instanceof Tuple === right instanceof Tuple) {
      fits(left.length + right.length, 'list');
      const joined: unknown[] = [...left, ...right];
      return left instanceof Tuple ? Tuple.make(joined) : joined;
    }
  }
  if (operator === '*') {
    if (isSequence(left) && isInteger(right)) return repeat(left, b ?? 0);
    if (isInteger(left) && isSequence(right)) return repeat(right, a ?? 0);
  }
  if (operator === '-' && left instanceof Moment) {
    if (right instanceof Moment) return new Span(left.wall - right.wall);
    if (right instanceof Span) return new Moment(left.wall - right.length);
  }
  if (operator === '+' && left instanceof Moment && right instanceof Span)
    return new Moment(left.wall + right.length);
  throw unsupported(operator, left, right);
}

/** What a time is compared by. */
function timeOf(value: unknown): number | undefined {
  if (value instanceof Moment) return value.wall;
  return value instanceof Span ? value.length : undefined;
}

/** `-x` and `+x`. */
export function signed(operator: '-' | '+', value: unknown): number | Float {
  if (value instanceof Undefined) return value.fail();
  const number = numberOf(value);
  if (number === undefined) throw new OperationError(`'${operator}' does not work on ${typeName(value)}`);
  const result = operator === '-' ? -number : number;
  return isFloat(value) ? float(result) : result === 0 ? 0 : result;
}

function equalItems(left: readonly unknown[], right: readonly unknown[]): boolean {
  spend(left.length);
  return left.length === right.length && left.every((item, index) => equal(item, right[index]));
}

function equalDicts(left: Dict | LazyDict, right: Dict | LazyDict): boolean {
  const entries = dictEntries(left);
  spend(entries.length);
  return (
    entries.length === dictKeys(right).length &&
    entries.every(([key, value]) => dictHas(right, key) && equal(value, dictGet(right, key)))
  );
}

/** Python's `==`: deep, `1 == 1.0 == True`, and never equal where the types differ otherwise. */
export function equal(left: unknown, right: unknown): boolean {
  if (left instanceof Undefined) return left.fail();
  if (right instanceof Undefined) return right.fail();
  if (typeof left === 'string' || typeof right === 'string') return left === right;
  const a = numberOf(left);
  if (a !== undefined) return a === numberOf(right);
  if (Array.isArray(left))
    return (
      Array.isArray(right) && left instanceof Tuple === right instanceof Tuple && equalItems(left, right)
    );
  if (isDict(left)) return isDict(right) && equalDicts(left, right);
  if (timeOf(left) !== undefined && typeName(left) === typeName(right)) return timeOf(left) === timeOf(right);
  return left === right;
}

/**
 * Below zero, zero or above, as Python orders numbers, strings, lists and tuples.
 * @param operator named in the error where the types have no order
 */
export function compare(left: unknown, right: unknown, operator = '<'): number {
  if (left instanceof Undefined) return left.fail();
  if (right instanceof Undefined) return right.fail();
  if (typeof left === 'string' && typeof right === 'string') return left < right ? -1 : left > right ? 1 : 0;
  const a = numberOf(left);
  const b = numberOf(right);
  if (a !== undefined && b !== undefined) return a < b ? -1 : a > b ? 1 : 0;
  if (Array.isArray(left) && Array.isArray(right) && left instanceof Tuple === right instanceof Tuple) {
    const at = left.findIndex((item, index) => index >= right.length || !equal(item, right[index]));
    if (at < 0) return left.length - right.length;
    return at >= right.length ? 1 : compare(left[at], right[at], operator);
  }
  const [earlier, later] = [timeOf(left), timeOf(right)];
  if (earlier !== undefined && later !== undefined && typeName(left) === typeName(right))
    return earlier - later;
  throw unsupported(operator, left, right);
}

/** Python's `in`. */
export function contains(container: unknown, value: unknown): boolean {
  if (container instanceof Undefined) return container.fail();
  if (value instanceof Undefined) return value.fail();
  if (typeof container === 'string') {
    if (typeof value === 'string') return container.includes(value);
    throw new OperationError(`'in' a text needs a text, not ${typeName(value)}`, "Convert it: '| string'.");
  }
  if (Array.isArray(container)) {
    spend(container.length);
    return container.some((item) => equal(item, value));
  }
  if (isDict(container)) return dictHas(container, dictKey(value));
  throw new OperationError(`'in' does not work on ${typeName(container)}`);
}

export function compared(operator: CompareOperator, left: unknown, right: unknown): boolean {
  switch (operator) {
    case '==':
      return equal(left, right);
    case '!=':
      return !equal(left, right);
    case 'in':
      return contains(right, left);
    case 'not in':
      return !contains(right, left);
    case '<':
      return compare(left, right, operator) < 0;
    case '<=':
      return compare(left, right, operator) <= 0;
    case '>':
      return compare(left, right, operator) > 0;
    case '>=':
      return compare(left, right, operator) >= 0;
  }
}
