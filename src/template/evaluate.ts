/** Works out expressions. One evaluator is one rendering: a template, a scope and its local names. */
import { nearest } from '../shared/nearest.js';
import { attribute, item, iterate, MISSING, slice } from './access.js';
import type { Arguments, Expression } from './ast.js';
import { closeBudget, openBudget, spend, spendFor } from './budget.js';
import {
  OperationError,
  type Origin,
  type Span,
  templateError,
  UndefinedError,
  undefinedError,
} from './errors.js';
import { type Invocation, invoke } from './functions.js';
import { missingHint, unknownFunction } from './hints.js';
import { Extended } from './inheritance.js';
import { type EvaluatorOptions, type Frame, type Language, type Loaded, shortName } from './language.js';
import { performLookup, runLookup } from './lookups/perform.js';
import { methodNames, methodOf } from './methods.js';
import type { Scope } from './model.js';
import { arithmetic, compared, dictKey, signed, truthy } from './operators.js';
import { print } from './print.js';
import { allVariables } from './scope-dict.js';
import { ANSIBLE, type Syntax } from './syntax.js';
import {
  CALLER,
  type Callable,
  dictEntries,
  isDict,
  makeDict,
  NoElse,
  settled,
  Tuple,
  typeName,
  Undefined,
} from './values.js';

const NATIVE: EvaluatorOptions = { native: true, syntax: ANSIBLE };

/** No variables, but the search path that `scope` has. */
function emptied(scope: Scope): Scope {
  const none = { has: () => false, get: () => undefined, names: () => [] };
  return scope.lookups === undefined ? none : { ...none, lookups: scope.lookups };
}

const NO_NAMES: ReadonlyMap<string, unknown> = new Map();

export class Evaluator implements Invocation {
  readonly #language: Language;
  readonly #scope: Scope;
  readonly #origin: Origin;
  readonly native: boolean;
  readonly #syntax: Syntax;
  #extended: Extended | undefined;
  frame: Frame | undefined;
  /** What an operation that fails is blamed on. */
  #blamed: Span = { start: 0, end: 0 };

  constructor(language: Language, scope: Scope, origin: Origin, options: EvaluatorOptions = NATIVE) {
    this.#language = language;
    this.#scope = scope;
    this.#origin = origin;
    this.native = options.native;
    this.#syntax = options.syntax;
    this.#extended = options.extended;
  }

  /** The blocks of this template and of those that it extends. */
  get extended(): Extended {
    this.#extended ??= new Extended();
    return this.#extended;
  }

  /** For another template that this one takes in; without context it sees no variables but the globals. */
  within(origin: Origin, options: { context?: boolean; extended?: Extended } = {}): Evaluator {
    const context = options.context ?? true;
    const inner = new Evaluator(this.#language, context ? this.#scope : emptied(this.#scope), origin, {
      native: this.native,
      syntax: this.#syntax,
      ...(options.extended !== undefined && { extended: options.extended }),
    });
    if (context) inner.frame = this.frame;
    return inner;
  }

  /** For a part of the same template that runs on its own. */
  copy(): Evaluator {
    return this.within(this.#origin, { extended: this.extended });
  }

  /** A template by its name, or the first of a list of names. @throws where none is there */
  load(template: unknown): Loaded;
  load(template: unknown, ignoreMissing: boolean): Loaded | undefined;
  load(template: unknown, ignoreMissing = false): Loaded | undefined {
    const names = (Array.isArray(template) ? template : [template]).map(print);
    const loaded = this.#language.load(names, this.#scope, this.#syntax);
    if (loaded !== undefined || ignoreMissing) return loaded;
    throw new OperationError(
      `there is no template ${names.map((name) => `'${name}'`).join(' or ')}`,
      'It is looked for beside the playbook and in templates/, and in those of the role.',
    );
  }

  /** Runs `work` and gives the errors of operations within the template's text and place. */
  guarded<T>(work: () => T): T {
    const outermost = openBudget();
    try {
      return work();
    } catch (error) {
      if (error instanceof OperationError)
        throw templateError(error.message, this.#origin, this.#blamed, error.hint);
      if (error instanceof RangeError)
        throw templateError(
          'the expression is nested too deeply or its result too large',
          this.#origin,
          this.#blamed,
        );
      throw error;
    } finally {
      if (outermost) closeBudget();
    }
  }

  /** The expression's value, which may be undefined (an `Undefined`). */
  evaluate(node: Expression): unknown {
    spend(1);
    switch (node.kind) {
      case 'constant':
        return node.value;
      case 'name':
        return this.#name(node.name, node);
      case 'attribute':
        return this.#attribute(node);
      case 'item':
        return this.#item(node);
      case 'filter':
        return this.#filter(node);
      case 'test':
        return this.#test(node);
      case 'call':
        return this.#call(node);
      case 'and': {
        const left = this.evaluate(node.left);
        return truthy(left) ? this.evaluate(node.right) : left;
      }
      case 'or': {
        const left = this.evaluate(node.left);
        return truthy(left) ? left : this.evaluate(node.right);
      }
      case 'conditional':
        return this.#conditional(node);
      case 'compare':
        return this.#compare(node);
      case 'binary':
        return this.#binary(node);
      case 'unary':
        return this.#unary(node);
      case 'concat':
        return this.#concat(node);
      case 'list':
        return node.items.map((element) => this.evaluate(element));
      case 'tuple':
        return Tuple.make(node.items.map((element) => this.evaluate(element)));
      case 'dict':
        return this.#dict(node);
      case 'slice':
        return this.#slice(node);
    }
  }

  /** The expression's value. @throws where it is undefined */
  value(node: Expression): unknown {
    return settled(this.evaluate(node));
  }

  lookUp(name: string): unknown {
    for (let frame = this.frame; frame !== undefined; frame = frame.outer)
      if (frame.names.has(name)) return frame.names.get(name);
    if (this.#scope.has(name)) return this.#scope.get(name);
    if (this.#language.globals.has(name)) return this.#language.globals.get(name);
    return this.#special(name);
  }

  /** Names whose values depend on the scope; a variable of the name hides them. */
  #special(name: string): unknown {
    if (name === 'vars') return allVariables(this.#scope);
    if (name !== 'lookup' && name !== 'query' && name !== 'q') return MISSING;
    const work: Callable = (args, named) =>
      performLookup({ args, named, wantList: name !== 'lookup' }, this.#language, this.#scope, this);
    return work;
  }

  /** The list that a lookup gives. */
  lookup(name: string, terms: readonly unknown[]): unknown[] {
    return runLookup(name, terms, NO_NAMES, {
      language: this.#language,
      scope: this.#scope,
      undefined: (what) => this.undefined(what),
    });
  }

  /** Says which part of the template the next operation belongs to. */
  blame(span: Span): void {
    this.#blamed = span;
  }

  #name(name: string, span: Span): unknown {
    let value: unknown;
    try {
      value = this.lookUp(name);
    } catch (error) {
      if (!(error instanceof UndefinedError)) throw error;
      return new Undefined(() => error);
    }
    if (value !== MISSING) return value;
    return new Undefined(() => {
      const near = nearest(name, [...this.#scope.names(), ...this.#language.globals.keys()]);
      const hint = near === undefined ? undefined : `Did you mean '${near}'?`;
      return undefinedError(`'${name}' is undefined`, this.#origin, span, hint);
    });
  }

  #missing(node: Expression, target: unknown, name: string): Undefined {
    return new Undefined(() => {
      const source = this.#origin.text.slice(node.start, node.end);
      return undefinedError(`'${source}' is undefined`, this.#origin, node, missingHint(target, name));
    });
  }

  #attribute(node: Expression & { kind: 'attribute' }): unknown {
    const target = this.evaluate(node.target);
    if (target instanceof Undefined) return target;
    const found = attribute(target, node.name);
    return found === MISSING ? this.#missing(node, target, node.name) : found;
  }

  #item(node: Expression & { kind: 'item' }): unknown {
    const target = this.evaluate(node.target);
    if (target instanceof Undefined) return target;
    const index = this.value(node.index);
    this.#blamed = node;
    const found = item(target, index);
    return found === MISSING ? this.#missing(node, target, print(index)) : found;
  }

  #slice(node: Expression & { kind: 'slice' }): unknown {
    const target = this.value(node.target);
    const [from, to, step] = [node.from, node.to, node.step].map((part) => part && this.value(part));
    this.#blamed = node;
    return slice(target, from, to, step);
  }

  #dict(node: Expression & { kind: 'dict' }): unknown {
    const entries = node.entries.map(([key, value]) => [this.value(key), this.evaluate(value)] as const);
    this.#blamed = node;
    return makeDict(entries.map(([key, value]) => [dictKey(key), value] as const));
  }

  #conditional(node: Expression & { kind: 'conditional' }): unknown {
    if (truthy(this.evaluate(node.test))) return this.evaluate(node.then);
    if (node.otherwise !== undefined) return this.evaluate(node.otherwise);
    return new NoElse(() => undefinedError("the 'if' does not hold and has no 'else'", this.#origin, node));
  }

  #compare(node: Expression & { kind: 'compare' }): boolean {
    let left = this.value(node.first);
    for (const { operator, operand } of node.rest) {
      const right = this.value(operand);
      this.#blamed = node;
      if (!compared(operator, left, right)) return false;
      left = right;
    }
    return true;
  }

  #binary(node: Expression & { kind: 'binary' }): unknown {
    const left = this.value(node.left);
    const right = this.value(node.right);
    this.#blamed = node;
    return spendFor(arithmetic(node.operator, left, right));
  }

  #concat(node: Expression & { kind: 'concat' }): string {
    const parts = node.parts.map((part) => this.value(part));
    this.#blamed = node;
    return spendFor(parts.map(print).join(''));
  }

  #unary(node: Expression & { kind: 'unary' }): unknown {
    const operand = this.value(node.operand);
    this.#blamed = node;
    return node.operator === 'not' ? !truthy(operand) : signed(node.operator, operand);
  }

  #arguments(args: Arguments): { positional: unknown[]; named: ReadonlyMap<string, unknown> } {
    const positional = args.positional.map((argument) => this.evaluate(argument));
    if (args.spread !== undefined) positional.push(...iterate(this.value(args.spread)));
    if (args.named.length === 0 && args.namedSpread === undefined) return { positional, named: NO_NAMES };
    const named = new Map<string, unknown>();
    for (const [name, argument] of args.named) named.set(name, this.evaluate(argument));
    const spread = args.namedSpread === undefined ? {} : this.value(args.namedSpread);
    if (!isDict(spread)) throw new OperationError(`'**' needs a dict, not ${typeName(spread)}`);
    for (const [name, value] of dictEntries(spread)) named.set(name, value);
    return { positional, named };
  }

  #filter(node: Expression & { kind: 'filter' }): unknown {
    const target = this.evaluate(node.target);
    const { positional, named } = this.#arguments(node.args);
    this.#blamed = node;
    return this.filter(node.name, target, positional, named);
  }

  #test(node: Expression & { kind: 'test' }): boolean {
    const target = this.evaluate(node.target);
    const { positional, named } = this.#arguments(node.args);
    this.#blamed = node;
    return this.#holds(node.name, target, positional, named) !== node.negated;
  }

  filter(
    name: string,
    value: unknown,
    args: readonly unknown[],
    named: ReadonlyMap<string, unknown> = NO_NAMES,
  ): unknown {
    const found = this.#language.filters.get(shortName(name));
    if (found === undefined) throw unknownFunction('filter', name, this.#language.filters.keys());
    spend(1);
    return spendFor(invoke(name, found, value, args, named, this));
  }

  test(name: string, value: unknown, args: readonly unknown[]): boolean {
    return this.#holds(name, value, args, NO_NAMES);
  }

  #holds(
    name: string,
    value: unknown,
    args: readonly unknown[],
    named: ReadonlyMap<string, unknown>,
  ): boolean {
    const found = this.#language.tests.get(shortName(name));
    if (found === undefined) throw unknownFunction('test', name, this.#language.tests.keys());
    spend(1);
    return truthy(invoke(name, found, value, args, named, this));
  }

  knows(kind: 'filter' | 'test', name: string): boolean {
    return this.#language[kind === 'filter' ? 'filters' : 'tests'].has(shortName(name));
  }

  undefined(what: string): Undefined {
    const blamed = this.#blamed;
    return new Undefined(() => undefinedError(`${what} is undefined`, this.#origin, blamed));
  }

  #call(node: Expression & { kind: 'call' }): unknown {
    const { target } = node;
    if (target.kind === 'attribute') {
      const receiver = this.evaluate(target.target);
      if (receiver instanceof Undefined) return receiver;
      const method = methodOf(receiver, target.name);
      if (method !== undefined) {
        const { positional, named } = this.#arguments(node.args);
        this.#blamed = node;
        return spendFor(invoke(target.name, method, receiver, positional, named, this));
      }
      const own = attribute(receiver, target.name);
      if (own !== MISSING) return this.#callValue(own, node);
      const near = nearest(target.name, methodNames(receiver));
      this.#blamed = node;
      throw new OperationError(
        `a ${typeName(receiver)} has no method '${target.name}'`,
        near === undefined ? undefined : `Did you mean '${near}'?`,
      );
    }
    return this.#callValue(this.evaluate(target), node);
  }

  /** Calls a macro for a call block, whose body it gets as `caller`. */
  callWith(node: Expression & { kind: 'call' }, caller: Callable): unknown {
    const callee = this.value(node.target);
    const { positional, named } = this.#arguments(node.args);
    this.#blamed = node;
    if (typeof callee !== 'function') throw new OperationError(`a ${typeName(callee)} can't be called`);
    return (callee as Callable)(positional, new Map([...named, [CALLER, caller]]));
  }

  #callValue(callee: unknown, node: Expression & { kind: 'call' }): unknown {
    if (callee instanceof Undefined) return callee.fail();
    const { positional, named } = this.#arguments(node.args);
    this.#blamed = node;
    if (typeof callee !== 'function') throw new OperationError(`a ${typeName(callee)} can't be called`);
    return spendFor((callee as Callable)(positional, named));
  }
}
