/** Runs the statements of a template. */
import { iterate } from './access.js';
import { CAPTURED, type Statement, type Target } from './ast.js';
import { spend } from './budget.js';
import { OperationError } from './errors.js';
import type { Evaluator } from './evaluate.js';
import { type BlockSource, blocksOf, type Extended } from './inheritance.js';
import { bindArguments, makeMacro } from './macros.js';
import { equal, truthy } from './operators.js';
import { asText, combined, type Output } from './output.js';
import { ATTRIBUTES, type Callable, Namespace, typeName, Undefined } from './values.js';

/**
 * A template's result: the value itself where there is one piece of output only, else all as one text.
 * No output at all is None, as in Ansible.
 */
export function execute(statements: readonly Statement[], evaluator: Evaluator): unknown {
  return combined(outputOf(statements, evaluator), null);
}

/** A template's result as text. */
export function executeText(statements: readonly Statement[], evaluator: Evaluator): string {
  return asText(outputOf(statements, evaluator));
}

function outputOf(statements: readonly Statement[], evaluator: Evaluator): Output {
  const output: Output = [];
  evaluator.frame = { names: new Map(), outer: evaluator.frame, whole: true };
  runTemplate(statements, evaluator, output);
  return output;
}

function runAll(statements: readonly Statement[], evaluator: Evaluator, output: Output): void {
  for (const statement of statements) run(statement, evaluator, output);
}

function run(statement: Statement, evaluator: Evaluator, output: Output): void {
  spend(1);
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
      assign(statement.target, filtered(statement, evaluator), evaluator);
      return;
    case 'for':
      runFor(statement, evaluator, output);
      return;
    case 'filtered':
      output.push(filtered(statement, evaluator));
      return;
    case 'with':
      runWith(statement, evaluator, output);
      return;
    case 'macro':
      bindName(evaluator, statement.name, makeMacro(statement.name, statement, evaluator, capture));
      return;
    case 'call':
      runCall(statement, evaluator, output);
      return;
    default:
      runOther(statement, evaluator, output);
  }
}

/** What takes in other templates, or is a part of one that others extend. */
function runOther(
  statement: Statement & { kind: 'include' | 'import' | 'from' | 'extends' | 'block' },
  evaluator: Evaluator,
  output: Output,
): void {
  switch (statement.kind) {
    case 'include':
      runInclude(statement, evaluator, output);
      return;
    case 'import':
      bindName(evaluator, statement.name, moduleOf(statement, evaluator));
      return;
    case 'from': {
      const { values } = moduleOf(statement, evaluator);
      for (const { name, alias } of statement.names) {
        evaluator.blame(statement);
        const missing = evaluator.undefined(`'${name}' of the imported template`);
        bindName(evaluator, alias, values.has(name) ? values.get(name) : missing);
      }
      return;
    }
    case 'extends':
      evaluator.blame(statement);
      throw new OperationError("'extends' stands within another block", 'It comes first in a template.');
    case 'block':
      runBlock(statement, evaluator, output);
  }
}

/** A body's output: as one text, or where the template keeps types, its one value. */
function capture(body: readonly Statement[], evaluator: Evaluator): unknown {
  const output: Output = [];
  inFrame(evaluator, () => runAll(body, evaluator, output));
  return evaluator.native ? combined(output, '') : asText(output);
}

function filtered(statement: Statement & { kind: 'capture' | 'filtered' }, evaluator: Evaluator): unknown {
  const { body, filter } = statement;
  const value = capture(body, evaluator);
  if (filter === undefined) return value;
  return inFrame(evaluator, () => {
    bindName(evaluator, CAPTURED, value);
    return evaluator.value(filter);
  });
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
        `'${target.name}' is no namespace, so that '${target.attribute}' can't be set on it`,
        `Make it one: {% set ${target.name} = namespace() %}.`,
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

function runWith(statement: Statement & { kind: 'with' }, evaluator: Evaluator, output: Output): void {
  // All values are worked out before any name is bound: they see what is outside.
  const values = statement.bindings.map(({ value }) => evaluator.evaluate(value));
  inFrame(evaluator, () => {
    for (const [at, { target }] of statement.bindings.entries()) assign(target, values[at], evaluator);
    runAll(statement.body, evaluator, output);
  });
}

function runCall(statement: Statement & { kind: 'call' }, evaluator: Evaluator, output: Output): void {
  const caller = makeMacro('caller', statement, evaluator, capture);
  if (statement.call.kind !== 'call') throw new Error('a call block calls');
  output.push(evaluator.callWith(statement.call, caller));
}

function runFor(statement: Statement & { kind: 'for' }, evaluator: Evaluator, output: Output): void {
  const iterable = evaluator.value(statement.iterable);
  evaluator.blame(statement.iterable);
  loopOver(statement, iterable, { evaluator, output, depth: 1 });
}

interface Loop {
  evaluator: Evaluator;
  output: Output;
  /** 1 for a loop that no other of the same statement runs within. */
  depth: number;
}

function loopOver(statement: Statement & { kind: 'for' }, iterable: unknown, loop: Loop): void {
  const { target, filter, body, otherwise, recursive } = statement;
  const { evaluator, output, depth } = loop;
  let items = iterate(iterable);
  if (filter !== undefined)
    items = items.filter((item) =>
      inFrame(evaluator, () => {
        assign(target, item, evaluator);
        return truthy(evaluator.evaluate(filter));
      }),
    );
  if (items.length === 0) {
    inFrame(evaluator, () => runAll(otherwise, evaluator, output));
    return;
  }
  const changed = changeDetector();
  const again = recursive ? recursion(statement, evaluator, depth) : undefined;
  for (const [at, item] of items.entries())
    inFrame(evaluator, () => {
      bindName(evaluator, 'loop', loopVariable({ items, at, depth, changed, again }));
      assign(target, item, evaluator);
      runAll(body, evaluator, output);
    });
}

/** `loop(items)` within a recursive loop: the output of its body for them. */
function recursion(statement: Statement & { kind: 'for' }, evaluator: Evaluator, depth: number): Callable {
  const outer = evaluator.frame;
  return (args, named) => {
    const [items] = bindArguments('loop', ['iterable'], args, named);
    const inner: Output = [];
    const before = evaluator.frame;
    evaluator.frame = outer;
    loopOver(statement, items, { evaluator, output: inner, depth: depth + 1 });
    evaluator.frame = before;
    return asText(inner);
  };
}

interface Round {
  items: readonly unknown[];
  at: number;
  depth: number;
  changed: Callable;
  again: Callable | undefined;
}

function loopVariable({ items, at, depth, changed, again }: Round): unknown {
  const { length } = items;
  const cycle: Callable = (args) => args[at % args.length];
  const values = {
    index: at + 1,
    index0: at,
    revindex: length - at,
    revindex0: length - at - 1,
    first: at === 0,
    last: at === length - 1,
    length,
    depth,
    depth0: depth - 1,
    ...(at > 0 && { previtem: items[at - 1] }),
    ...(at < length - 1 && { nextitem: items[at + 1] }),
    cycle,
    changed,
  };
  return again === undefined ? values : Object.assign(again.bind(undefined), { [ATTRIBUTES]: values });
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

/** A whole template: after `{% extends %}` its own output is dropped, and the parent's comes in its place. */
function runTemplate(statements: readonly Statement[], evaluator: Evaluator, output: Output): void {
  const blocks = blocksOf(statements);
  for (const block of blocks) evaluator.extended.add({ block, evaluator });
  let parent: { statements: readonly Statement[]; evaluator: Evaluator } | undefined;
  for (const statement of statements) {
    if (statement.kind === 'extends') {
      evaluator.blame(statement);
      if (parent !== undefined) throw new OperationError('a template extends one other only');
      const loaded = evaluator.load(evaluator.value(statement.template));
      parent = {
        statements: loaded.statements,
        evaluator: evaluator.within(loaded.origin, { extended: evaluator.extended }),
      };
      parent.evaluator.frame = evaluator.frame;
    } else if (parent === undefined) run(statement, evaluator, output);
    else if (statement.kind !== 'block') run(statement, evaluator, []);
  }
  const { evaluator: own, statements: rest } = parent ?? {};
  if (own !== undefined && rest !== undefined) own.guarded(() => runTemplate(rest, own, output));
}

function runBlock(statement: Statement & { kind: 'block' }, evaluator: Evaluator, output: Output): void {
  const { extended } = evaluator;
  const sources = extended.of(statement.name);
  const frame = statement.scoped ? evaluator.frame : outermost(evaluator);
  runBlockSource(sources, 0, { frame, extended, output });
}

function outermost(evaluator: Evaluator): Evaluator['frame'] {
  let { frame } = evaluator;
  while (frame?.outer !== undefined && frame.whole !== true) frame = frame.outer;
  return frame;
}

interface BlockRun {
  frame: Evaluator['frame'];
  extended: Extended;
  output: Output;
}

/** Runs the definition `at` of a block; `super()` in it is the next. */
function runBlockSource(sources: readonly BlockSource[], at: number, to: BlockRun): void {
  const source = sources[at];
  if (source === undefined) return;
  const { block, evaluator: defined } = source;
  const evaluator = defined.copy();
  evaluator.guarded(() => {
    if (block.required && at === 0) {
      evaluator.blame(block);
      throw new OperationError(`the block '${block.name}' is required and not filled`);
    }
    const parent: Callable = () => {
      if (at + 1 >= sources.length) throw new OperationError(`no template above has a block '${block.name}'`);
      const inner: Output = [];
      runBlockSource(sources, at + 1, { ...to, output: inner });
      return asText(inner);
    };
    const names = new Map<string, unknown>([
      ['super', parent],
      ['self', blockCalls(to)],
    ]);
    evaluator.frame = { names, outer: to.frame };
    runAll(block.body, evaluator, to.output);
  });
}

/** `self.name()`: the output of a block, as the template that was asked for defines it. */
function blockCalls(to: BlockRun): Namespace {
  const calls = to.extended.names().map((name): [string, Callable] => [
    name,
    () => {
      const inner: Output = [];
      runBlockSource(to.extended.of(name), 0, { ...to, output: inner });
      return asText(inner);
    },
  ]);
  return new Namespace(calls);
}

function runInclude(statement: Statement & { kind: 'include' }, evaluator: Evaluator, output: Output): void {
  const template = evaluator.value(statement.template);
  evaluator.blame(statement);
  const loaded = evaluator.load(template, statement.ignoreMissing);
  if (loaded === undefined) return;
  const inner = evaluator.within(loaded.origin, { context: statement.withContext });
  inner.guarded(() => output.push(...outputOf(loaded.statements, inner)));
}

/** What an imported template defines: its macros and what it sets, but for names that begin with `_`. */
function moduleOf(statement: Statement & { kind: 'import' | 'from' }, evaluator: Evaluator): Namespace {
  const template = evaluator.value(statement.template);
  evaluator.blame(statement);
  const { statements, origin } = evaluator.load(template);
  const inner = evaluator.within(origin, { context: statement.withContext });
  inner.guarded(() => outputOf(statements, inner));
  return new Namespace([...(inner.frame?.names ?? [])].filter(([name]) => !name.startsWith('_')));
}
