/** Names that every template has. Variables of the same name hide them. */

import { iterate } from './access.js';
import { fits } from './budget.js';
import { OperationError } from './errors.js';
import { bind, text, whole } from './functions.js';
import { formatted, Moment } from './moments.js';
import { dictKey, truthy } from './operators.js';
import { type Callable, dictEntries, isDict, makeDict, Namespace, OMIT } from './values.js';

/** A function for `createTemplates({ globals })`; `parameters` as for filters. */
export function globalFunction(
  name: string,
  parameters: string,
  call: (args: readonly unknown[]) => unknown,
): Callable {
  const list = parameters === '' ? [] : parameters.split(' ');
  return (args, named) => call(bind(name, list, args, named));
}

/** Python's range, as a list. */
export function range(first: number, second: number | undefined, step: number): number[] {
  if (step === 0) throw new OperationError('the step of a range cannot be zero');
  const [start, stop] = second === undefined ? [0, first] : [first, second];
  const length = Math.max(0, Math.ceil((stop - start) / step));
  fits(length, 'range');
  return Array.from({ length }, (_, at) => start + at * step);
}

function pairs(source: unknown): [string, unknown][] {
  if (source === undefined) return [];
  if (isDict(source)) return dictEntries(source);
  return iterate(source).map((pair) => {
    const [key, value, ...rest] = iterate(pair);
    if (value === undefined || rest.length > 0) throw new OperationError('a dict is made from pairs');
    return [dictKey(key), value];
  });
}

/** Jinja2's `cycler('a', 'b')`: `next()` gives one after the other, `current` the one that is next. */
function cycler(items: readonly unknown[]): Namespace {
  if (items.length === 0) throw new OperationError('cycler needs at least one item');
  let at = 0;
  const values = new Namespace([['current', items[0]]]);
  const move = (to: number): void => {
    at = to % items.length;
    values.values.set('current', items[at]);
  };
  const next: Callable = () => {
    const item = items[at];
    move(at + 1);
    return item;
  };
  const reset: Callable = () => {
    move(0);
    return null;
  };
  values.values.set('next', next).set('reset', reset);
  return values;
}

export const globals: Readonly<Record<string, unknown>> = {
  omit: OMIT,
  now: globalFunction('now', 'utc fmt', ([utc, format]) => {
    const now = Moment.now(truthy(utc ?? false));
    return format === undefined || format === null ? now : formatted(now.wall, text(format));
  }),
  cycler: globalFunction('cycler', '*', ([items]) => cycler(items as readonly unknown[])),
  joiner: globalFunction('joiner', 'sep', ([separator]) => {
    let used = false;
    return () => {
      const before = used ? text(separator ?? ', ') : '';
      used = true;
      return before;
    };
  }),
  range: globalFunction('range', 'start stop step', ([start, stop, step]) =>
    range(
      whole(start, 'the start of a range'),
      stop === undefined ? undefined : whole(stop, 'the end of a range'),
      step === undefined ? 1 : whole(step, 'the step of a range'),
    ),
  ),
  dict: globalFunction('dict', 'source **', ([source, named]) =>
    makeDict([...pairs(source), ...(named as ReadonlyMap<string, unknown>)]),
  ),
  namespace: globalFunction(
    'namespace',
    'source **',
    ([source, named]) => new Namespace([...pairs(source), ...(named as ReadonlyMap<string, unknown>)]),
  ),
};
