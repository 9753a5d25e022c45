/**
 * The values that templates work on: plain data, and what Python tells apart and JavaScript does not.
 * None of the classes here leave `render`: see finish.ts.
 */
import type { NetplayError } from '../shared/errors.js';
import { Moment, Span } from './moments.js';

/** A Python float whose value is a whole number: printed `2.0`. Any other float is a plain number. */
export class Float {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}

/** A Python tuple: printed with parentheses, never equal to a list. Named fields are attributes too. */
export class Tuple extends Array<unknown> {
  names: readonly string[] = [];

  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }

  static make(items: Iterable<unknown>, names: readonly string[] = []): Tuple {
    const tuple = new Tuple();
    for (const item of items) tuple.push(item);
    tuple.names = names;
    return tuple;
  }
}

/** A mapping whose values are worked out when they are asked for, such as the variables of all hosts. */
export class LazyDict {
  readonly keys: () => Iterable<string>;
  readonly has: (key: string) => boolean;
  readonly get: (key: string) => unknown;

  constructor(source: {
    keys: () => Iterable<string>;
    has: (key: string) => boolean;
    get: (key: string) => unknown;
  }) {
    this.keys = source.keys;
    this.has = source.has;
    this.get = source.get;
  }
}

/** What `namespace()` makes: the only thing whose attributes `{% set %}` can change. */
export class Namespace {
  readonly values: Map<string, unknown>;

  constructor(values: Iterable<readonly [string, unknown]>) {
    this.values = new Map(values);
  }
}

/** A name, attribute or item that is not there. An error for all who use it but `default` and `defined`. */
export class Undefined {
  /** Throws the error that using this value is. */
  readonly fail: () => never;

  constructor(makeError: () => NetplayError) {
    this.fail = () => {
      throw makeError();
    };
  }
}

/** What `x if condition` gives where the condition does not hold: not defined, but an empty text in use. */
export class NoElse extends Undefined {}

/** The value in use. @throws where it is undefined */
export function settled(value: unknown): unknown {
  if (!(value instanceof Undefined)) return value;
  return value instanceof NoElse ? '' : value.fail();
}

/** The value of `omit`: a parameter or list item with this value is left out. */
export const OMIT: unique symbol = Symbol('omit');

export type Dict = Readonly<Record<string, unknown>>;
export type Callable = (args: readonly unknown[], named: ReadonlyMap<string, unknown>) => unknown;

/** The name by which a call block hands its body to the macro that it calls. */
export const CALLER = 'caller';

/** Where a function keeps its attributes: `loop` of a recursive loop has both. */
export const ATTRIBUTES: unique symbol = Symbol('attributes');

/** The attributes of a function that has some. */
export function attributesOf(value: unknown): Dict | undefined {
  return typeof value === 'function' ? (value as { [ATTRIBUTES]?: Dict })[ATTRIBUTES] : undefined;
}

export function isDict(value: unknown): value is Dict | LazyDict {
  if (typeof value !== 'object' || value === null) return false;
  if (value instanceof LazyDict) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

export function dictKeys(dict: Dict | LazyDict): string[] {
  return dict instanceof LazyDict ? [...dict.keys()] : Object.keys(dict);
}

export function dictHas(dict: Dict | LazyDict, key: string): boolean {
  return dict instanceof LazyDict ? dict.has(key) : Object.hasOwn(dict, key);
}

/** The value of an existing key. */
export function dictGet(dict: Dict | LazyDict, key: string): unknown {
  return dict instanceof LazyDict ? dict.get(key) : dict[key];
}

export function dictEntries(dict: Dict | LazyDict): [string, unknown][] {
  return dictKeys(dict).map((key) => [key, dictGet(dict, key)]);
}

/** A plain object of the entries; a key `__proto__` becomes an own key like any other. */
export function makeDict(entries: Iterable<readonly [string, unknown]>): Record<string, unknown> {
  return Object.fromEntries(entries);
}

/** A number as the float of the same value. */
export function float(value: number): number | Float {
  return Number.isInteger(value) ? new Float(value) : value;
}

/** The number behind an int, float or boolean, or undefined where the value is none. */
export function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  if (value instanceof Float) return value.value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  return undefined;
}

/** True for an int (as Python, a boolean is one too). */
export function isInteger(value: unknown): boolean {
  return typeof value === 'boolean' || (typeof value === 'number' && Number.isInteger(value));
}

export function isFloat(value: unknown): boolean {
  return value instanceof Float || (typeof value === 'number' && !Number.isInteger(value));
}

/** The type's name in Python, as messages and `type_debug` say it. */
export function typeName(value: unknown): string {
  if (value === null || value === undefined) return 'NoneType';
  if (typeof value === 'string') return 'str';
  if (typeof value === 'boolean') return 'bool';
  if (isFloat(value)) return 'float';
  if (typeof value === 'number') return 'int';
  if (value instanceof Tuple) return 'tuple';
  if (Array.isArray(value)) return 'list';
  if (value instanceof Undefined) return 'undefined';
  if (value instanceof Namespace) return 'namespace';
  if (value instanceof Moment) return 'datetime';
  if (value instanceof Span) return 'timedelta';
  if (value === OMIT) return 'omit';
  return isDict(value) ? 'dict' : typeof value === 'function' ? 'function' : 'object';
}
