/** Goes through a template without running it: which names it takes from outside, and what it calls. */
import type { Arguments, Expression, Statement, Target } from './ast.js';

export interface Visitor {
  /** A name that the template itself does not bind. */
  name(name: string): void;
  filter(node: Expression & { kind: 'filter' }): void;
  test(node: Expression & { kind: 'test' }): void;
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
    else if (node.kind === 'filter') visitor.filter(node);
    else if (node.kind === 'test') visitor.test(node);
    open.push(...parts(node));
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
      walkAll(statement.body, visitor, new Set(bound));
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
  }
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
