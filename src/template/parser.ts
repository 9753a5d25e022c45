/** Expressions, with Jinja2's own precedence (which is not always Python's). */
import type { Arguments, BinaryOperator, CompareOperator, Expression } from './ast.js';
import { templateError } from './errors.js';
import type { TokenStream } from './tokens.js';
import { float } from './values.js';

const CONSTANTS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['true', true],
  ['True', true],
  ['false', false],
  ['False', false],
  ['none', null],
  ['None', null],
]);
const COMPARISONS: ReadonlySet<string> = new Set(['==', '!=', '<', '<=', '>', '>=']);
/** Words that end an expression rather than begin the argument of a test. */
const NOT_ARGUMENTS: ReadonlySet<string> = new Set(['else', 'or', 'and', 'if', 'in', 'not', 'is']);
/** Deeper than any real expression, and well before the stack ends. */
const DEEPEST = 200;

const depths = new WeakMap<TokenStream, number>();

function nested(stream: TokenStream, parse: () => Expression): Expression {
  const depth = (depths.get(stream) ?? 0) + 1;
  if (depth > DEEPEST)
    throw templateError('the expression is nested too deeply', stream.origin, stream.peek());
  depths.set(stream, depth);
  const expression = parse();
  depths.set(stream, depth - 1);
  return expression;
}

/** One expression, without commas. */
export function parseExpression(stream: TokenStream): Expression {
  return nested(stream, () => parseConditional(stream));
}

/** An expression, or a tuple where commas follow: the content of `{{ }}`. */
export function parseExpressions(stream: TokenStream, parseOne = parseExpression): Expression {
  const { start } = stream.peek();
  const first = parseOne(stream);
  if (!stream.is('operator', ',')) return first;
  const items = [first];
  while (stream.accept('operator', ',')) {
    if (endsTuple(stream)) break;
    items.push(parseOne(stream));
  }
  return { kind: 'tuple', items, start, end: stream.lastEnd };
}

function endsTuple(stream: TokenStream): boolean {
  return stream.is('end') || stream.is('operator', ')') || stream.is('operator', ']');
}

function parseConditional(stream: TokenStream): Expression {
  const { start } = stream.peek();
  let then = parseOr(stream);
  while (stream.accept('name', 'if')) {
    const test = parseOr(stream);
    const otherwise = stream.accept('name', 'else') ? parseExpression(stream) : undefined;
    then = { kind: 'conditional', test, then, otherwise, start, end: stream.lastEnd };
  }
  return then;
}

/** `a if b` without the `if`: what `{% for %}` iterates over, and its filter. */
export function parseOr(stream: TokenStream): Expression {
  let left = parseAnd(stream);
  while (stream.accept('name', 'or')) {
    const right = parseAnd(stream);
    left = { kind: 'or', left, right, start: left.start, end: stream.lastEnd };
  }
  return left;
}

function parseAnd(stream: TokenStream): Expression {
  let left = parseNot(stream);
  while (stream.accept('name', 'and')) {
    const right = parseNot(stream);
    left = { kind: 'and', left, right, start: left.start, end: stream.lastEnd };
  }
  return left;
}

function parseNot(stream: TokenStream): Expression {
  const { start } = stream.peek();
  if (!stream.accept('name', 'not')) return parseComparison(stream);
  const operand = nested(stream, () => parseNot(stream));
  return { kind: 'unary', operator: 'not', operand, start, end: stream.lastEnd };
}

function comparison(stream: TokenStream): CompareOperator | undefined {
  const { kind, text } = stream.peek();
  if (kind === 'operator' && COMPARISONS.has(text)) return stream.next().text as CompareOperator;
  if (stream.accept('name', 'in')) return 'in';
  if (!stream.is('name', 'not') || !stream.is('name', 'in', 1)) return undefined;
  stream.next();
  stream.next();
  return 'not in';
}

function parseComparison(stream: TokenStream): Expression {
  const first = parseSum(stream);
  const rest: { operator: CompareOperator; operand: Expression }[] = [];
  for (let operator = comparison(stream); operator !== undefined; operator = comparison(stream))
    rest.push({ operator, operand: parseSum(stream) });
  if (rest.length === 0) return first;
  return { kind: 'compare', first, rest, start: first.start, end: stream.lastEnd };
}

function binary(
  stream: TokenStream,
  operators: readonly BinaryOperator[],
  parseOperand: (stream: TokenStream) => Expression,
): Expression {
  let left = parseOperand(stream);
  for (;;) {
    const operator = operators.find((candidate) => stream.is('operator', candidate));
    if (operator === undefined) return left;
    stream.next();
    const right = parseOperand(stream);
    left = { kind: 'binary', operator, left, right, start: left.start, end: stream.lastEnd };
  }
}

function parseSum(stream: TokenStream): Expression {
  return binary(stream, ['+', '-'], parseConcat);
}

function parseConcat(stream: TokenStream): Expression {
  const first = parseProduct(stream);
  if (!stream.is('operator', '~')) return first;
  const parts = [first];
  while (stream.accept('operator', '~')) parts.push(parseProduct(stream));
  return { kind: 'concat', parts, start: first.start, end: stream.lastEnd };
}

function parseProduct(stream: TokenStream): Expression {
  return binary(stream, ['*', '//', '/', '%'], parsePower);
}

/** Left-associative, and weaker than a sign: Jinja2 says `-2 ** 2` is 4 and `2 ** 3 ** 2` is 64. */
function parsePower(stream: TokenStream): Expression {
  return binary(stream, ['**'], (inner) => parseUnary(inner, true));
}

function parseUnary(stream: TokenStream, filters: boolean): Expression {
  const { kind, text, start } = stream.peek();
  let expression: Expression;
  if (kind === 'operator' && (text === '-' || text === '+')) {
    stream.next();
    const operand = nested(stream, () => parseUnary(stream, false));
    expression = { kind: 'unary', operator: text, operand, start, end: stream.lastEnd };
  } else {
    expression = parsePrimary(stream);
  }
  expression = parsePostfix(stream, expression);
  return filters ? parseFilters(stream, expression) : expression;
}

function parsePrimary(stream: TokenStream): Expression {
  const token = stream.next();
  const { start, end } = token;
  if (token.kind === 'name') {
    if (CONSTANTS.has(token.text)) return { kind: 'constant', value: CONSTANTS.get(token.text), start, end };
    return { kind: 'name', name: token.text, start, end };
  }
  if (token.kind === 'string') {
    let value = token.text;
    while (stream.is('string')) value += stream.next().text;
    return { kind: 'constant', value, start, end: stream.lastEnd };
  }
  if (token.kind === 'integer') return { kind: 'constant', value: integer(token.text, stream), start, end };
  if (token.kind === 'float') return { kind: 'constant', value: float(Number(token.text)), start, end };
  if (token.text === '(') return parseParentheses(stream, start);
  if (token.text === '[') {
    const items = parseItems(stream, ']');
    return { kind: 'list', items, start, end: stream.lastEnd };
  }
  if (token.text === '{') return parseDict(stream, start);
  const found = token.kind === 'end' ? 'the end' : `'${token.text}'`;
  throw templateError(`expected a value, not ${found}`, stream.origin, token);
}

function integer(digits: string, stream: TokenStream): number {
  const value = Number(/^0+$/.test(digits) ? '0' : digits);
  if (!Number.isSafeInteger(value)) stream.fail('the number before is beyond 2^53');
  return value;
}

function parseParentheses(stream: TokenStream, start: number): Expression {
  if (stream.accept('operator', ')')) return { kind: 'tuple', items: [], start, end: stream.lastEnd };
  const inner = parseExpressions(stream);
  stream.expect('operator', ')');
  return { ...inner, start, end: stream.lastEnd };
}

function parseItems(stream: TokenStream, closing: string): Expression[] {
  const items: Expression[] = [];
  while (!stream.accept('operator', closing)) {
    if (items.length > 0) stream.expect('operator', ',');
    if (stream.accept('operator', closing)) break;
    items.push(parseExpression(stream));
  }
  return items;
}

function parseDict(stream: TokenStream, start: number): Expression {
  const entries: [Expression, Expression][] = [];
  while (!stream.accept('operator', '}')) {
    if (entries.length > 0) stream.expect('operator', ',');
    if (stream.accept('operator', '}')) break;
    const key = parseExpression(stream);
    stream.expect('operator', ':');
    entries.push([key, parseExpression(stream)]);
  }
  return { kind: 'dict', entries, start, end: stream.lastEnd };
}

function parsePostfix(stream: TokenStream, target: Expression): Expression {
  let expression = target;
  for (;;) {
    const { start } = expression;
    if (stream.accept('operator', '.')) {
      const name = stream.next();
      if (name.kind === 'name')
        expression = { kind: 'attribute', target: expression, name: name.text, start, end: name.end };
      else if (name.kind === 'integer') {
        const index: Expression = {
          kind: 'constant',
          value: integer(name.text, stream),
          start: name.start,
          end: name.end,
        };
        expression = { kind: 'item', target: expression, index, start, end: name.end };
      } else throw templateError("expected a name after '.'", stream.origin, name);
    } else if (stream.accept('operator', '[')) expression = parseSubscript(stream, expression);
    else if (stream.accept('operator', '('))
      expression = {
        kind: 'call',
        target: expression,
        args: parseArguments(stream),
        start,
        end: stream.lastEnd,
      };
    else return expression;
  }
}

function parseSubscript(stream: TokenStream, target: Expression): Expression {
  const { start } = target;
  const bound = (): Expression | undefined =>
    stream.is('operator', ':') || stream.is('operator', ']') ? undefined : parseExpression(stream);
  const from = stream.is('operator', ':') ? undefined : parseExpressions(stream);
  if (!stream.accept('operator', ':')) {
    stream.expect('operator', ']');
    if (from === undefined) throw new Error('a subscript without a colon has an index');
    return { kind: 'item', target, index: from, start, end: stream.lastEnd };
  }
  const to = bound();
  const step = stream.accept('operator', ':') ? bound() : undefined;
  stream.expect('operator', ']');
  return { kind: 'slice', target, from, to, step, start, end: stream.lastEnd };
}

const NO_ARGUMENTS: Arguments = { positional: [], named: [], spread: undefined, namedSpread: undefined };

/** The arguments after `(`, up to and with `)`. */
function parseArguments(stream: TokenStream): Arguments {
  const positional: Expression[] = [];
  const named: [string, Expression][] = [];
  let spread: Expression | undefined;
  let namedSpread: Expression | undefined;
  let first = true;
  while (!stream.accept('operator', ')')) {
    if (!first) stream.expect('operator', ',');
    first = false;
    if (stream.accept('operator', ')')) break;
    if (spread === undefined && stream.accept('operator', '*')) spread = parseExpression(stream);
    else if (namedSpread === undefined && stream.accept('operator', '**'))
      namedSpread = parseExpression(stream);
    else if (stream.is('name') && stream.is('operator', '=', 1)) {
      const name = stream.next().text;
      stream.next();
      named.push([name, parseExpression(stream)]);
    } else if (named.length > 0 || spread !== undefined || namedSpread !== undefined)
      stream.fail('expected a named argument (those without a name come first)');
    else positional.push(parseExpression(stream));
  }
  return { positional, named, spread, namedSpread };
}

function dottedName(stream: TokenStream): string {
  let name = stream.expect('name').text;
  while (stream.accept('operator', '.')) name += `.${stream.expect('name').text}`;
  return name;
}

/** A value with what follows it, but no operators: what `from` imports from. */
export function parsePostfixed(stream: TokenStream): Expression {
  return nested(stream, () => parseUnary(stream, true));
}

/** The filters of a block, applied to `target`; `named` where the first stands without its `|`. */
export function parseFilterChain(stream: TokenStream, target: Expression, named = false): Expression {
  let expression = target;
  let first = named;
  while (first || stream.accept('operator', '|')) {
    first = false;
    expression = parseFilter(stream, expression);
  }
  return expression;
}

function parseFilter(stream: TokenStream, target: Expression): Expression {
  const { start } = target;
  const name = dottedName(stream);
  const args = stream.accept('operator', '(') ? parseArguments(stream) : NO_ARGUMENTS;
  return { kind: 'filter', target, name, args, start, end: stream.lastEnd };
}

/** Filters, tests and calls of their results, to the left of all operators. */
function parseFilters(stream: TokenStream, target: Expression): Expression {
  let expression = target;
  for (;;) {
    const { start } = expression;
    if (stream.accept('operator', '|')) expression = parseFilter(stream, expression);
    else if (stream.accept('name', 'is')) expression = parseTest(stream, expression);
    else if (stream.accept('operator', '('))
      expression = {
        kind: 'call',
        target: expression,
        args: parseArguments(stream),
        start,
        end: stream.lastEnd,
      };
    else return expression;
  }
}

function parseTest(stream: TokenStream, target: Expression): Expression {
  const negated = stream.accept('name', 'not');
  const name = dottedName(stream);
  let args = NO_ARGUMENTS;
  if (stream.accept('operator', '(')) args = parseArguments(stream);
  else if (beginsArgument(stream)) {
    const argument = parsePostfix(stream, parsePrimary(stream));
    args = { ...NO_ARGUMENTS, positional: [argument] };
  }
  return { kind: 'test', target, name, args, negated, start: target.start, end: stream.lastEnd };
}

function beginsArgument(stream: TokenStream): boolean {
  const { kind, text } = stream.peek();
  if (kind === 'name') return !NOT_ARGUMENTS.has(text);
  if (kind === 'operator') return text === '[' || text === '{';
  return kind === 'string' || kind === 'integer' || kind === 'float';
}
