/** Goes through a template without running it: which names it takes from outside, and what it calls. */
import {
  type Arguments,
  CAPTURED,
  type Expression,
  type MacroParts,
  type Statement,
  type Target,
} from './ast.js';

export interface Visitor {
  /** A name that the template itself does not bind. */
  name(name: string): void;
  filter(node: Expression & { kind: 'filter' }): void;
  test(node: Expression & { kind: 'test' }): void;
  /** The name of a lookup, where it is written out. */
  lookup?(name: Expression & { kind: 'constant' }): void;
}

type Bound = ReadonlySet<string>;

function argumentParts(args: Arguments): Expression[] {
  const spreads = [args.spread, args.namedSpread].filter((part) => part !== undefined);
  return [...args.positional, ...args.named.map(([, value]) => value), ...spreads];
}

function parts(node: Expression): readonly Expression[] {
  switch (node.kind) {
    case 'constant':
    case 'name':
      return [];
    case 'attribute':
      return [node.target];
    case 'item':
      return [node.target, node.index];
    case 'slice':
      return [node.target, node.from, node.to, node.step].filter((part) => part !== undefined);
    case 'call':
    case 'filter':
    case 'test':
      return [node.target, ...argumentParts(node.args)];
    case 'list':
    case 'tuple':
      return node.items;
    case 'dict':
      return node.entries.flat();
    case 'unary':
      return [node.operand];
    case 'concat':
      return node.parts;
    case 'compare':
      return [node.first, ...node.rest.map(({ operand }) => operand)];
    case 'conditional':
      return [node.test, node.then, node.otherwise].filter((part) => part !== undefined);
    default:
      return [node.left, node.right];
  }
}

export function walkExpression(root: Expression, visitor: Visitor, bound: Bound = new Set()): void {
  const open: Expression[] = [root];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (node.kind === 'name' && !bound.has(node.name)) visitor.name(node.name);
    else if (node.kind === 'call') walkLookup(node, visitor, bound);
    else if (node.kind === 'filter') visitor.filter(node);
    else if (node.kind === 'test') visitor.test(node);
    open.push(...parts(node));
  }
}

const LOOKUPS: ReadonlySet<string> = new Set(['lookup', 'query', 'q']);

/** `lookup('vars', 'x')` uses `x`; what others may use is known only when they run: any of `vars`. */
function walkLookup({ target, args }: Expression & { kind: 'call' }, visitor: Visitor, bound: Bound): void {
  if (target.kind !== 'name' || !LOOKUPS.has(target.name) || bound.has(target.name)) return;
  const [name, ...terms] = args.positional;
  if (name?.kind === 'constant') visitor.lookup?.(name);
  if (name?.kind !== 'constant') visitor.name('vars');
  else if (/(^|\.)(?:vars|varnames|template)$/.test(String(name.value)))
    for (const term of args.spread === undefined ? terms : [...terms, args.spread]) {
      const known = String(name.value).endsWith('vars') && term.kind === 'constant';
      visitor.name(known ? String(term.value) : 'vars');
    }
}

function boundBy(target: Target): readonly string[] {
  if (target.kind === 'name') return [target.name];
  return target.kind === 'names' ? target.names : [];
}

/** `bound` holds the names that are bound so far; those that `statements` bind are added to it. */
function walkAll(statements: readonly Statement[], visitor: Visitor, bound: Set<string>): void {
  for (const statement of statements) walk(statement, visitor, bound);
}

function walk(statement: Statement, visitor: Visitor, bound: Set<string>): void {
  switch (statement.kind) {
    case 'text':
      return;
    case 'output':
      walkExpression(statement.expression, visitor, bound);
      return;
    case 'if':
      walkIf(statement, visitor, bound);
      return;
    case 'set':
      walkExpression(statement.value, visitor, bound);
      for (const name of boundBy(statement.target)) bound.add(name);
      return;
    case 'capture':
      walkFiltered(statement, visitor, bound);
      for (const name of boundBy(statement.target)) bound.add(name);
      return;
    case 'for': {
      walkExpression(statement.iterable, visitor, bound);
      const inner = new Set([...bound, ...boundBy(statement.target)]);
      if (statement.filter !== undefined) walkExpression(statement.filter, visitor, inner);
      walkAll(statement.body, visitor, inner.add('loop'));
      walkAll(statement.otherwise, visitor, new Set(bound));
      return;
    }
    default:
      walkPart(statement, visitor, bound);
  }
}

type Part = Exclude<Statement, { kind: 'text' | 'output' | 'if' | 'set' | 'capture' | 'for' }>;

function walkPart(statement: Part, visitor: Visitor, bound: Set<string>): void {
  switch (statement.kind) {
    case 'filtered':
      walkFiltered(statement, visitor, bound);
      return;
    case 'macro':
      bound.add(statement.name);
      walkMacro(statement, visitor, new Set([...bound, 'varargs', 'kwargs', 'caller']));
      return;
    case 'call':
      walkExpression(statement.call, visitor, bound);
      walkMacro(statement, visitor, new Set(bound));
      return;
    case 'with': {
      for (const { value } of statement.bindings) walkExpression(value, visitor, bound);
      const names = statement.bindings.flatMap(({ target }) => boundBy(target));
      walkAll(statement.body, visitor, new Set([...bound, ...names]));
      return;
    }
    case 'block':
      walkAll(statement.body, visitor, new Set([...bound, 'super', 'self']));
      return;
    default:
      walkTakingIn(statement, visitor, bound);
  }
}

/** The template that is named may use any variable: what reads files says so by the name `lookup`. */
function walkTakingIn(
  statement: Part & { kind: 'include' | 'import' | 'from' | 'extends' },
  visitor: Visitor,
  bound: Set<string>,
): void {
  walkExpression(statement.template, visitor, bound);
  visitor.name('lookup');
  visitor.name('vars');
  if (statement.kind === 'import') bound.add(statement.name);
  if (statement.kind === 'from') for (const { alias } of statement.names) bound.add(alias);
}

function walkFiltered(
  statement: Statement & { kind: 'capture' | 'filtered' },
  visitor: Visitor,
  bound: Set<string>,
): void {
  walkAll(statement.body, visitor, new Set(bound));
  if (statement.filter !== undefined)
    walkExpression(statement.filter, visitor, new Set([...bound, CAPTURED]));
}

function walkMacro({ parameters, body }: MacroParts, visitor: Visitor, bound: Set<string>): void {
  for (const { name, fallback } of parameters) {
    if (fallback !== undefined) walkExpression(fallback, visitor, bound);
    bound.add(name);
  }
  walkAll(body, visitor, bound);
}

/** A name is bound after an `if` only where every way through binds it. */
function walkIf(statement: Statement & { kind: 'if' }, visitor: Visitor, bound: Set<string>): void {
  const ways = statement.branches.map(({ test, body }) => {
    walkExpression(test, visitor, bound);
    const inner = new Set(bound);
    walkAll(body, visitor, inner);
    return inner;
  });
  const last = new Set(bound);
  walkAll(statement.otherwise, visitor, last);
  for (const name of last) if (ways.every((way) => way.has(name))) bound.add(name);
}

export function walkTemplate(statements: readonly Statement[], visitor: Visitor): void {
  walkAll(statements, visitor, new Set());
}
