/** Templates: text, `{{ }}` and blocks, as a tree. */
import { CAPTURED, type Expression, type MacroParts, type Statement, type Target } from './ast.js';
import { type Origin, templateError } from './errors.js';
import { lexExpression } from './lexer.js';
import { parseExpression, parseExpressions, parseFilterChain, parseOr, parsePostfixed } from './parser.js';
import { lexTemplate, type Segment } from './segments.js';
import { ANSIBLE, type Syntax } from './syntax.js';
import { TokenStream } from './tokens.js';

/** The expression of `when` and the like, which stands without braces. */
export function parseBare(origin: Origin): Expression {
  const stream = new TokenStream(lexExpression(origin), origin);
  const expression = parseExpression(stream);
  stream.expectEnd();
  return expression;
}

/** A whole template. */
export function parseTemplate(origin: Origin, syntax: Syntax = ANSIBLE): Statement[] {
  const parser = new Parser(lexTemplate(origin, syntax), origin);
  return parser.whole();
}

type BlockParser = (parser: Parser, stream: TokenStream, opened: Segment) => Statement;

/** One way to read each block, by the name that it begins with. */
const BLOCKS: ReadonlyMap<string, BlockParser> = new Map<string, BlockParser>([
  ['if', parseIf],
  ['for', parseFor],
  ['set', parseSet],
  ['macro', parseMacro],
  ['call', parseCall],
  ['filter', parseFiltered],
  ['with', parseWith],
  ['include', parseInclude],
  ['import', parseImport],
  ['from', parseFrom],
  ['extends', parseExtends],
  ['block', parseBlock],
]);

class Parser {
  readonly #segments: readonly Segment[];
  readonly #origin: Origin;
  #at = 0;

  constructor(segments: readonly Segment[], origin: Origin) {
    this.#segments = segments;
    this.#origin = origin;
  }

  whole(): Statement[] {
    return this.body([], undefined);
  }

  /** Statements up to a block of one of the names `until`, which stays to be read. */
  body(until: readonly string[], opened: Segment | undefined): Statement[] {
    const statements: Statement[] = [];
    for (;;) {
      const segment = this.#segments[this.#at];
      if (segment === undefined) {
        if (opened !== undefined)
          throw templateError(`expected '{% ${until.at(-1)} %}'`, this.#origin, opened);
        return statements;
      }
      const { start, end } = segment;
      if (segment.kind === 'text') statements.push({ kind: 'text', text: segment.text, start, end });
      else {
        const stream = new TokenStream(segment.tokens, this.#origin);
        if (segment.kind === 'output') {
          statements.push({ kind: 'output', expression: parseExpressions(stream), start, end });
          stream.expectEnd();
        } else {
          if (stream.is('name') && until.includes(stream.peek().text)) return statements;
          this.#at++;
          statements.push(this.#block(stream, segment, until));
          continue;
        }
      }
      this.#at++;
    }
  }

  #block(stream: TokenStream, segment: Segment, until: readonly string[]): Statement {
    const parse = stream.is('name') ? BLOCKS.get(stream.peek().text) : undefined;
    if (parse === undefined)
      return stream.fail(`expected one of ${[...BLOCKS.keys(), 'raw', ...until].join(', ')}`);
    stream.next();
    return parse(this, stream, segment);
  }

  /** Takes the block that ended a body: its name is read, its tokens stand after that. */
  ending(): { name: string; stream: TokenStream; end: number } {
    const segment = this.#segments[this.#at++];
    if (segment === undefined || segment.kind === 'text') throw new Error('a body ends with a block');
    const stream = new TokenStream(segment.tokens, this.#origin);
    return { name: stream.expect('name').text, stream, end: segment.end };
  }

  /** Takes a closing block that is nothing but its name; its end. */
  finish(): number {
    const ending = this.ending();
    ending.stream.expectEnd();
    return ending.end;
  }

  /** The statements up to the one block `until`, which is taken too. */
  bodyTo(until: string, opened: Segment): { body: Statement[]; end: number } {
    const body = this.body([until], opened);
    return { body, end: this.finish() };
  }

  /** What stands after the first body of `if` and `for`: an `else` or nothing. */
  otherwise(name: string, opened: Segment, ending: { name: string; end: number }) {
    if (ending.name !== 'else') return { otherwise: [], end: ending.end };
    const { body, end } = this.bodyTo(name, opened);
    return { otherwise: body, end };
  }
}

function parseIf(parser: Parser, stream: TokenStream, opened: Segment): Statement {
  const branches: { test: Expression; body: Statement[] }[] = [];
  let test = parseExpressions(stream);
  stream.expectEnd();
  for (;;) {
    branches.push({ test, body: parser.body(['elif', 'else', 'endif'], opened) });
    const ending = parser.ending();
    if (ending.name === 'elif') {
      test = parseExpressions(ending.stream);
      ending.stream.expectEnd();
      continue;
    }
    ending.stream.expectEnd();
    return { kind: 'if', branches, start: opened.start, ...parser.otherwise('endif', opened, ending) };
  }
}

function parseFor(parser: Parser, stream: TokenStream, opened: Segment): Statement {
  const target = parseTarget(stream);
  stream.expect('name', 'in');
  const iterable = parseExpressions(stream, parseOr);
  const filter = stream.accept('name', 'if') ? parseExpression(stream) : undefined;
  const recursive = stream.accept('name', 'recursive');
  stream.expectEnd();
  const body = parser.body(['else', 'endfor'], opened);
  const ending = parser.ending();
  ending.stream.expectEnd();
  const rest = parser.otherwise('endfor', opened, ending);
  return { kind: 'for', target, iterable, filter, recursive, body, start: opened.start, ...rest };
}

function parseSet(parser: Parser, stream: TokenStream, opened: Segment): Statement {
  const target = parseTarget(stream);
  const { start, end } = opened;
  if (stream.accept('operator', '=')) {
    const value = parseExpressions(stream);
    stream.expectEnd();
    return { kind: 'set', target, value, start, end };
  }
  const filter = stream.is('operator', '|') ? parseFilterChain(stream, captured(stream)) : undefined;
  stream.expectEnd();
  return { kind: 'capture', target, filter, start, ...parser.bodyTo('endset', opened) };
}

/** Stands for the text of a block in the filters that are applied to it. */
function captured(stream: TokenStream): Expression {
  const { start } = stream.peek();
  return { kind: 'name', name: CAPTURED, start, end: start };
}

/** `(a, b=1)` of a macro, after its opening parenthesis. */
function parseParameters(stream: TokenStream): MacroParts['parameters'] {
  const parameters: { name: string; fallback: Expression | undefined }[] = [];
  while (!stream.accept('operator', ')')) {
    if (parameters.length > 0) stream.expect('operator', ',');
    const name = stream.expect('name').text;
    const fallback = stream.accept('operator', '=') ? parseExpression(stream) : undefined;
    if (fallback === undefined && parameters.at(-1)?.fallback !== undefined)
      stream.fail('expected a default: the parameter before has one');
    parameters.push({ name, fallback });
  }
  return parameters;
}

function parseMacro(parser: Parser, stream: TokenStream, opened: Segment): Statement {
  const name = stream.expect('name').text;
  stream.expect('operator', '(');
  const parameters = parseParameters(stream);
  stream.expectEnd();
  const body = parser.body(['endmacro'], opened);
  const { stream: closing, end } = parser.ending();
  closing.accept('name', name);
  closing.expectEnd();
  return { kind: 'macro', name, parameters, body, start: opened.start, end };
}

function parseCall(parser: Parser, stream: TokenStream, opened: Segment): Statement {
  const parameters = stream.accept('operator', '(') ? parseParameters(stream) : [];
  const call = parseExpression(stream);
  if (call.kind !== 'call') stream.fail('expected the call of a macro');
  stream.expectEnd();
  return { kind: 'call', call, parameters, start: opened.start, ...parser.bodyTo('endcall', opened) };
}

function parseFiltered(parser: Parser, stream: TokenStream, opened: Segment): Statement {
  const filter = parseFilterChain(stream, captured(stream), true);
  stream.expectEnd();
  return { kind: 'filtered', filter, start: opened.start, ...parser.bodyTo('endfilter', opened) };
}

function parseWith(parser: Parser, stream: TokenStream, opened: Segment): Statement {
  const bindings: { target: Target; value: Expression }[] = [];
  while (!stream.is('end')) {
    if (bindings.length > 0) stream.expect('operator', ',');
    const target: Target = { kind: 'name', name: stream.expect('name').text };
    stream.expect('operator', '=');
    bindings.push({ target, value: parseExpression(stream) });
  }
  return { kind: 'with', bindings, start: opened.start, ...parser.bodyTo('endwith', opened) };
}

/** `with context` or `without context`, where one of them stands. */
function parseContext(stream: TokenStream, otherwise: boolean): boolean {
  for (const [word, given] of [
    ['with', true],
    ['without', false],
  ] as const)
    if (stream.is('name', word) && stream.is('name', 'context', 1)) {
      stream.next();
      stream.next();
      return given;
    }
  return otherwise;
}

function parseInclude(_: Parser, stream: TokenStream, { start, end }: Segment): Statement {
  const template = parseExpression(stream);
  const ignoreMissing = stream.is('name', 'ignore') && stream.is('name', 'missing', 1);
  if (ignoreMissing) {
    stream.next();
    stream.next();
  }
  const withContext = parseContext(stream, true);
  stream.expectEnd();
  return { kind: 'include', template, ignoreMissing, withContext, start, end };
}

function parseImport(_: Parser, stream: TokenStream, { start, end }: Segment): Statement {
  const template = parseExpression(stream);
  stream.expect('name', 'as');
  const name = stream.expect('name').text;
  const withContext = parseContext(stream, false);
  stream.expectEnd();
  return { kind: 'import', template, name, withContext, start, end };
}

function parseFrom(_: Parser, stream: TokenStream, { start, end }: Segment): Statement {
  const template = parsePostfixed(stream);
  stream.expect('name', 'import');
  const names: { name: string; alias: string }[] = [];
  const isContext = (): boolean =>
    (stream.is('name', 'with') || stream.is('name', 'without')) && stream.is('name', 'context', 1);
  do {
    if (stream.is('end') || isContext()) break;
    const name = stream.expect('name').text;
    names.push({ name, alias: stream.accept('name', 'as') ? stream.expect('name').text : name });
  } while (stream.accept('operator', ','));
  if (names.length === 0) stream.fail('expected a name to import');
  const withContext = parseContext(stream, false);
  stream.expectEnd();
  return { kind: 'from', template, names, withContext, start, end };
}

function parseExtends(_: Parser, stream: TokenStream, { start, end }: Segment): Statement {
  const template = parseExpression(stream);
  stream.expectEnd();
  return { kind: 'extends', template, start, end };
}

function parseBlock(parser: Parser, stream: TokenStream, opened: Segment): Statement {
  const name = stream.expect('name').text;
  const scoped = stream.accept('name', 'scoped');
  const required = stream.accept('name', 'required');
  stream.expectEnd();
  const body = parser.body(['endblock'], opened);
  const { stream: closing, end } = parser.ending();
  closing.accept('name', name);
  closing.expectEnd();
  return { kind: 'block', name, scoped, required, body, start: opened.start, end };
}

function parseTarget(stream: TokenStream): Target {
  const parenthesised = stream.accept('operator', '(');
  const name = stream.expect('name').text;
  if (stream.accept('operator', '.'))
    return { kind: 'attribute', name, attribute: stream.expect('name').text };
  const names = [name];
  while (stream.accept('operator', ',')) {
    if (!stream.is('name')) break;
    names.push(stream.next().text);
  }
  if (parenthesised) stream.expect('operator', ')');
  return names.length === 1 ? { kind: 'name', name } : { kind: 'names', names };
}
