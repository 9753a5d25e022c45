/** Macros, and the bodies of `{% call %}`, as functions. */
import type { MacroParts, Statement } from './ast.js';
import { OperationError } from './errors.js';
import type { Evaluator } from './evaluate.js';
import { bind } from './functions.js';
import { CALLER, type Callable, makeDict, Tuple } from './values.js';
import { walkTemplate } from './walk.js';

type Capture = (body: readonly Statement[], evaluator: Evaluator) => unknown;

/** The arguments of a function by its parameters, each of which must be given. */
export function bindArguments(
  name: string,
  parameters: readonly string[],
  args: readonly unknown[],
  named: ReadonlyMap<string, unknown>,
): unknown[] {
  const bound = bind(name, parameters, args, named);
  const at = bound.indexOf(undefined);
  if (at >= 0) throw new OperationError(`'${name}' needs its argument '${parameters[at]}'`);
  return bound;
}

const extras = new WeakMap<MacroParts, ReadonlySet<string>>();

/** Which of `varargs`, `kwargs` and `caller` a macro uses: only then may it be given such. */
function usedExtras(macro: MacroParts): ReadonlySet<string> {
  const known = extras.get(macro);
  if (known !== undefined) return known;
  const used = new Set<string>();
  const own = new Set(macro.parameters.map(({ name }) => name));
  const name = (found: string): void => {
    if (['varargs', 'kwargs', CALLER].includes(found) && !own.has(found)) used.add(found);
  };
  walkTemplate(macro.body, { name, filter: () => undefined, test: () => undefined });
  extras.set(macro, used);
  return used;
}

/**
 * A macro as a function. Its body sees its parameters and what surrounds its definition, not what is
 * around its call. What it puts out is its value.
 */
export function makeMacro(name: string, macro: MacroParts, evaluator: Evaluator, capture: Capture): Callable {
  const defined = evaluator.frame;
  return (args, named) =>
    evaluator.guarded(() => {
      const outer = evaluator.frame;
      evaluator.frame = { names: new Map(), outer: defined };
      bindParameters(name, macro, evaluator, { args, named });
      const result = capture(macro.body, evaluator);
      evaluator.frame = outer;
      return result;
    });
}

interface Given {
  args: readonly unknown[];
  named: ReadonlyMap<string, unknown>;
}

function bindParameters(name: string, macro: MacroParts, evaluator: Evaluator, given: Given): void {
  const used = usedExtras(macro);
  const caller = given.named.get(CALLER);
  const named = new Map([...given.named].filter(([key]) => key !== CALLER || !used.has(CALLER)));
  const names = macro.parameters.map((parameter) => parameter.name);
  const parameters = [...names, ...(used.has('varargs') ? ['*'] : []), ...(used.has('kwargs') ? ['**'] : [])];
  const bound = bind(name, parameters, given.args, named);
  const frame = evaluator.frame?.names ?? new Map<string, unknown>();
  for (const [at, { name: parameter, fallback }] of macro.parameters.entries()) {
    const value = bound[at];
    if (value !== undefined) frame.set(parameter, value);
    else if (fallback !== undefined) frame.set(parameter, evaluator.evaluate(fallback));
    else frame.set(parameter, evaluator.undefined(`the parameter '${parameter}' of '${name}'`));
  }
  if (used.has('varargs')) frame.set('varargs', Tuple.make(bound[names.length] as readonly unknown[]));
  if (used.has('kwargs')) frame.set('kwargs', makeDict(bound.at(-1) as ReadonlyMap<string, unknown>));
  if (used.has(CALLER))
    frame.set(
      CALLER,
      caller ?? evaluator.undefined(`'caller' (the macro '${name}' was not called by a call block)`),
    );
}
