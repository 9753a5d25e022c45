/** Filters, tests, globals and methods are all functions of this form; adding one is adding an entry. */

import { nearest } from '../shared/nearest.js';
import { OperationError } from './errors.js';
import { print } from './print.js';
import { isInteger, numberOf, settled, typeName, type Undefined } from './values.js';

/** What a function may use of the evaluator: for filters that take the names of others. */
export interface Invocation {
  filter(
    name: string,
    value: unknown,
    args: readonly unknown[],
    named: ReadonlyMap<string, unknown>,
  ): unknown;
  test(name: string, value: unknown, args: readonly unknown[]): boolean;
  /** Whether there is a filter or test of that name. */
  knows(kind: 'filter' | 'test', name: string): boolean;
  /** What stands for an item that is not there; `what` is for the error of those who use it. */
  undefined(what: string): Undefined;
}

export interface TemplateFunction {
  /**
   * Names of the parameters after the value that it is applied to, in order. A `*` takes all further
   * positional arguments, so that parameters after it are given by name; a `**` all further named ones.
   * `call` gets the parameters' arguments in order, then the list of `*`, then the Map of `**`.
   */
  readonly parameters: readonly string[];
  /** True where the value that it is applied to may be undefined. */
  readonly takesUndefined?: boolean;
  /** An argument that was not given is `undefined`; a None is null. */
  call(value: unknown, args: readonly unknown[], invocation: Invocation): unknown;
}

export type Registry = Readonly<Record<string, TemplateFunction>>;

/** A function of the template language. `parameters` is a list of words: `attribute default`. */
export function define(
  parameters: string,
  call: (value: unknown, args: readonly unknown[], invocation: Invocation) => unknown,
): TemplateFunction {
  return { parameters: parameters === '' ? [] : parameters.split(' '), call };
}

/** As `define`, for one that may be applied to what is undefined. */
export function defineLoose(
  parameters: string,
  call: (value: unknown, args: readonly unknown[], invocation: Invocation) => unknown,
): TemplateFunction {
  return { ...define(parameters, call), takesUndefined: true };
}

/** Arguments in the order of the parameters. @throws on too many, unknown and doubled ones */
export function bind(
  name: string,
  parameters: readonly string[],
  positional: readonly unknown[],
  named: ReadonlyMap<string, unknown>,
): unknown[] {
  const plain = parameters.filter((parameter) => !parameter.startsWith('*'));
  const rest = parameters.indexOf('*');
  const most = rest < 0 ? plain.length : rest;
  const bound: unknown[] = positional.slice(0, most);
  while (bound.length < plain.length) bound.push(undefined);
  const furtherNamed = new Map<string, unknown>();
  for (const [key, value] of named) {
    const at = plain.indexOf(key);
    if (at < 0 && !parameters.includes('**')) {
      const near = nearest(key, plain);
      throw new OperationError(
        `'${name}' has no argument '${key}'`,
        near === undefined ? undefined : `Did you mean '${near}'?`,
      );
    }
    if (at >= 0 && at < Math.min(positional.length, most))
      throw new OperationError(`'${name}' got '${key}' twice`);
    if (at >= 0) bound[at] = value;
    else furtherNamed.set(key, value);
  }
  if (rest >= 0) bound.push(positional.slice(most));
  else if (positional.length > most)
    throw new OperationError(
      `'${name}' takes at most ${most} argument${most === 1 ? '' : 's'}, not ${positional.length}`,
    );
  if (parameters.includes('**')) bound.push(furtherNamed);
  return bound;
}

/** Binds and calls. A value or argument that is undefined fails first. */
export function invoke(
  name: string,
  fn: TemplateFunction,
  target: unknown,
  positional: readonly unknown[],
  named: ReadonlyMap<string, unknown>,
  invocation: Invocation,
): unknown {
  const value = fn.takesUndefined === true ? target : settled(target);
  if (positional.length === 0 && named.size === 0 && fn.parameters.length === 0)
    return fn.call(value, [], invocation);
  return fn.call(value, bind(name, fn.parameters, positional, named), invocation);
}

/** A text; numbers and the like are printed, as Jinja2's filters do. */
export function text(value: unknown): string {
  return print(value);
}

/** An argument that must be a whole number. */
export function whole(value: unknown, what: string): number {
  const number = numberOf(value);
  if (number === undefined || !isInteger(value))
    throw new OperationError(`${what} must be an integer, not ${typeName(value)}`);
  return number;
}

/** A number. */
export function amount(value: unknown, what: string): number {
  const number = numberOf(value);
  if (number === undefined) throw new OperationError(`${what} must be a number, not ${typeName(value)}`);
  return number;
}
