/** Runs the statements of a template. */
import { iterate } from './access.js';
import type { Statement, Target } from './ast.js';
import { OperationError } from './errors.js';
import type { Evaluator } from './evaluate.js';
import { equal, truthy } from './operators.js';
import { print } from './print.js';
import { type Callable, Namespace, typeName, Undefined } from './values.js';

/** Pieces of output: text as strings, values of `{{ }}` as they are. */
type Output = unknown[];

/**
 * A template's result: the value itself where there is one piece of output only, else all as one text.
 * No output at all is None, as in Ansible.
 */
export function execute(statements: readonly Statement[], evaluator: Evaluator): unknown {
  const output: Output = [];
  evaluator.frame = { names: new Map(), outer: evaluator.frame };
  runAll(statements, evaluator, output);
  return combined(output);
}

function combined(output: Output): unknown {
  if (output.length === 0) return null;
  return output.length === 1 ? output[0] : output.map(print).join('');
}

function runAll(statements: readonly Statement[], evaluator: Evaluator, output: Output): void {
  for (const statement of statements) run(statement, evaluator, output);
}

function run(statement: Statement, evaluator: Evaluator, output: Output): void {
  switch (statement.kind) {
    case 'text':
      output.push(statement.text);
      return;
    case 'output':
      output.push(evaluator.value(statement.expression));
      evaluator.blame(statement.expression);
      return;
    case 'if': {
      const branch = statement.branches.find(({ test }) => truthy(evaluator.evaluate(test)));
      runAll(branch?.body ?? statement.otherwise, evaluator, output);
      return;
    }
    case 'set':
      assign(statement.target, evaluator.evaluate(statement.value), evaluator);
      return;
    case 'capture':
      assign(statement.target, capture(statement.body, evaluator), evaluator);
      return;
    case 'for':
      runFor(statement, evaluator, output);
      return;
  }
}

function capture(body: readonly Statement[], evaluator: Evaluator): unknown {
  const output: Output = [];
  inFrame(evaluator, () => runAll(body, evaluator, output));
  return combined(output);
}

function inFrame<T>(evaluator: Evaluator, work: () => T): T {
  const outer = evaluator.frame;
  evaluator.frame = { names: new Map(), outer };
  const result = work();
  evaluator.frame = outer;
  return result;
}

function bindName(evaluator: Evaluator, name: string, value: unknown): void {
  evaluator.frame?.names.set(name, value);
}

function assign(target: Target, value: unknown, evaluator: Evaluator): void {
  if (target.kind === 'name') {
    bindName(evaluator, target.name, value);
    return;
  }
  if (target.kind === 'attribute') {
    const holder = evaluator.lookUp(target.name);
    if (!(holder instanceof Namespace))
      throw new OperationError(
        `'${target.name}' can't be changed`,
        `Make it a namespace: {% set ${target.name} = namespace() %}.`,
      );
    holder.values.set(target.attribute, value);
    return;
  }
  const items = iterate(value);
  if (items.length !== target.names.length)
    throw new OperationError(
      `${target.names.length} names (${target.names.join(', ')}) can't take the ${items.length} items of a ${typeName(value)}`,
    );
  for (const [at, name] of target.names.entries()) bindName(evaluator, name, items[at]);
}

function runFor(statement: Statement & { kind: 'for' }, evaluator: Evaluator, output: Output): void {
  const { target, filter, body, otherwise } = statement;
  const iterable = evaluator.value(statement.iterable);
  evaluator.blame(statement.iterable);
  let items = iterate(iterable);
  if (filter !== undefined)
    items = items.filter((item) =>
      inFrame(evaluator, () => {
        assign(target, item, evaluator);
        return truthy(evaluator.evaluate(filter));
      }),
    );
  if (items.length === 0) {
    runAll(otherwise, evaluator, output);
    return;
  }
  const changed = changeDetector();
  for (const [at, item] of items.entries())
    inFrame(evaluator, () => {
      bindName(evaluator, 'loop', loopVariable(items, at, changed));
      assign(target, item, evaluator);
      runAll(body, evaluator, output);
    });
}

function loopVariable(items: readonly unknown[], at: number, changed: Callable): Record<string, unknown> {
  const { length } = items;
  const cycle: Callable = (args) => args[at % args.length];
  return {
    index: at + 1,
    index0: at,
    revindex: length - at,
    revindex0: length - at - 1,
    first: at === 0,
    last: at === length - 1,
    length,
    depth: 1,
    depth0: 0,
    ...(at > 0 && { previtem: items[at - 1] }),
    ...(at < length - 1 && { nextitem: items[at + 1] }),
    cycle,
    changed,
  };
}

/** `loop.changed(…)`: whether its arguments differ from those of the call before. */
function changeDetector(): Callable {
  let last: readonly unknown[] | undefined;
  return (args) => {
    const same =
      last?.length === args.length && args.every((value, at) => equalOrUndefined(value, last?.[at]));
    last = args;
    return !same;
  };
}

function equalOrUndefined(left: unknown, right: unknown): boolean {
  if (left instanceof Undefined || right instanceof Undefined) return left === right;
  return equal(left, right);
}
