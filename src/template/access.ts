/** Attributes, items and slices of template values. Nothing of JavaScript's own is ever reached. */
import { spend } from './budget.js';
import { OperationError } from './errors.js';
import { Moment, Span, timeAttribute } from './moments.js';
import { dictKey } from './operators.js';
import {
  attributesOf,
  dictGet,
  dictHas,
  dictKeys,
  isDict,
  isInteger,
  Namespace,
  numberOf,
  Tuple,
  typeName,
  Undefined,
} from './values.js';

/** What is not there, told apart from any value. */
export const MISSING: unique symbol = Symbol('missing');

function at(list: ArrayLike<unknown>, index: number): unknown {
  const position = index < 0 ? list.length + index : index;
  return position >= 0 && position < list.length ? list[position] : MISSING;
}

/** `target.name`: an item of a dict, or a named field. */
export function attribute(target: unknown, name: string): unknown {
  if (target instanceof Namespace) return target.values.has(name) ? target.values.get(name) : MISSING;
  if (target instanceof Tuple) {
    const position = target.names.indexOf(name);
    return position < 0 ? MISSING : target[position];
  }
  if (target instanceof Moment || target instanceof Span) return timeAttribute(target, name) ?? MISSING;
  const owner = attributesOf(target) ?? target;
  return isDict(owner) && dictHas(owner, name) ? dictGet(owner, name) : MISSING;
}

/** `target[index]`. */
export function item(target: unknown, index: unknown): unknown {
  if (index instanceof Undefined) return index.fail();
  if (isDict(target)) {
    const key = dictKey(index);
    return dictHas(target, key) ? dictGet(target, key) : MISSING;
  }
  if (isInteger(index)) {
    const position = numberOf(index) ?? 0;
    if (Array.isArray(target)) return at(target, position);
    if (typeof target === 'string') return at(isPlain(target) ? target : [...target], position);
  }
  return typeof index === 'string' ? attribute(target, index) : MISSING;
}

/** True where each character is one UTF-16 unit. */
function isPlain(text: string): boolean {
  return !/[\ud800-\udfff]/.test(text);
}

function bound(value: unknown): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isInteger(value)) throw new OperationError(`a slice needs integers, not ${typeName(value)}`);
  return numberOf(value);
}

/** Python's slice of a list or text; a bound that is undefined or null is the end on its side. */
export function slice(target: unknown, from: unknown, to: unknown, by: unknown): unknown {
  if (typeof target !== 'string' && !Array.isArray(target))
    throw new OperationError(`a ${typeName(target)} can't be sliced`);
  const list: readonly unknown[] = typeof target === 'string' ? [...target] : target;
  const step = bound(by) ?? 1;
  if (step === 0) throw new OperationError('the step of a slice cannot be zero');
  const lowest = step > 0 ? 0 : -1;
  const highest = step > 0 ? list.length : list.length - 1;
  const clamp = (value: number | undefined, fallback: number): number =>
    value === undefined
      ? fallback
      : Math.min(highest, Math.max(lowest, value < 0 ? value + list.length : value));
  const start = clamp(bound(from), step > 0 ? lowest : highest);
  const end = clamp(bound(to), step > 0 ? highest : lowest);
  const taken: unknown[] = [];
  for (let index = start; step > 0 ? index < end : index > end; index += step) taken.push(list[index]);
  if (typeof target === 'string') return taken.join('');
  return target instanceof Tuple ? Tuple.make(taken) : taken;
}

/** The items of a list, the characters of a text, the keys of a dict. */
export function iterate(value: unknown): readonly unknown[] {
  if (value instanceof Undefined) return value.fail();
  if (Array.isArray(value)) return value;
  if (typeof value === 'string') {
    spend(value.length);
    return [...value];
  }
  if (isDict(value)) return dictKeys(value);
  throw new OperationError(`a ${typeName(value)} can't be iterated over`);
}

/**
 * The value at a path such as `address.0.ip`, as `map(attribute=…)` and its like take it.
 * A number is a position.
 */
export function path(value: unknown, steps: unknown): unknown {
  if (isInteger(steps)) return item(value, steps);
  let current = value;
  for (const step of String(steps).split('.')) {
    if (current === MISSING || current instanceof Undefined) return current;
    current = item(current, /^\d+$/.test(step) && !isDict(current) ? Number(step) : step);
  }
  return current;
}
