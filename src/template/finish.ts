import { spend } from './budget.js';
import { OperationError } from './errors.js';
import { Moment, Span } from './moments.js';
import { print } from './print.js';
import { Float, isDict, LazyDict, Namespace, OMIT, settled, Tuple, typeName, Undefined } from './values.js';

function finishList(list: readonly unknown[]): unknown[] {
  spend(list.length);
  const finished = list.filter((item) => item !== OMIT).map(finish);
  const same =
    !(list instanceof Tuple) &&
    finished.length === list.length &&
    finished.every((item, at) => item === list[at]);
  return same ? (list as unknown[]) : finished;
}

function finishDict(dict: object): object {
  let same = true;
  const entries: [string, unknown][] = [];
  for (const [key, item] of Object.entries(dict)) {
    spend(1);
    const finished = item === OMIT ? OMIT : finish(item);
    if (finished !== item || item === OMIT) same = false;
    if (finished !== OMIT) entries.push([key, finished]);
  }
  return same ? dict : Object.fromEntries(entries);
}

/**
 * A value as it leaves a template: plain data. What is plain already is not copied. Items of lists and
 * dicts whose value is `omit` are dropped; a whole value `omit` stays, for whoever holds it to drop.
 * @throws where a value within is undefined, or no data at all
 */
export function finish(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) {
    if (typeof value === 'function') throw new OperationError('the result is a function', 'Call it: add ().');
    return value === undefined ? null : value;
  }
  if (value instanceof Undefined) return settled(value);
  if (value instanceof Float) return value.value;
  if (Array.isArray(value)) return finishList(value);
  if (value instanceof Namespace) return finishDict(Object.fromEntries(value.values));
  if (value instanceof LazyDict)
    return finishDict(Object.fromEntries([...value.keys()].map((key) => [key, value.get(key)])));
  if (isDict(value)) return finishDict(value);
  if (value instanceof Moment || value instanceof Span) return print(value);
  throw new OperationError(`the result is a ${typeName(value)}, not data`);
}
