/** Templates: text, `{{ }}` and the blocks `if`, `for` and `set`, as a tree. */
import type { Expression, Statement, Target } from './ast.js';
import { type Origin, templateError } from './errors.js';
import { lexExpression, lexTemplate, type Segment } from './lexer.js';
import { parseExpression, parseExpressions, parseOr } from './parser.js';
import { TokenStream } from './tokens.js';

const BLOCKS = ['if', 'for', 'set', 'raw'];

/** The expression of `when` and the like, which stands without braces. */
export function parseBare(origin: Origin): Expression {
  const stream = new TokenStream(lexExpression(origin), origin);
  const expression = parseExpression(stream);
  stream.expectEnd();
  return expression;
}

/** A whole template. */
export function parseTemplate(origin: Origin): Statement[] {
  const parser = new Parser(lexTemplate(origin), origin);
  return parser.whole();
}

class Parser {
  readonly #segments: readonly Segment[];
  readonly #origin: Origin;
  #at = 0;

  constructor(segments: readonly Segment[], origin: Origin) {
    this.#segments = segments;
    this.#origin = origin;
  }

  whole(): Statement[] {
    return this.#body([], undefined);
  }

  /** Statements up to a block of one of the names `until`, which stays to be read. */
  #body(until: readonly string[], opened: Segment | undefined): Statement[] {
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
    if (stream.accept('name', 'if')) return this.#if(stream, segment);
    if (stream.accept('name', 'for')) return this.#for(stream, segment);
    if (stream.accept('name', 'set')) return this.#set(stream, segment);
    return stream.fail(`expected one of ${[...BLOCKS, ...until].join(', ')}`);
  }

  /** Takes the block that ended a body: its name is read, its tokens stand after that. */
  #ending(): { name: string; stream: TokenStream; end: number } {
    const segment = this.#segments[this.#at++];
    if (segment === undefined || segment.kind === 'text') throw new Error('a body ends with a block');
    const stream = new TokenStream(segment.tokens, this.#origin);
    return { name: stream.expect('name').text, stream, end: segment.end };
  }

  #if(stream: TokenStream, opened: Segment): Statement {
    const branches: { test: Expression; body: Statement[] }[] = [];
    let test = parseExpressions(stream);
    stream.expectEnd();
    for (;;) {
      branches.push({ test, body: this.#body(['elif', 'else', 'endif'], opened) });
      const ending = this.#ending();
      if (ending.name === 'elif') {
        test = parseExpressions(ending.stream);
        ending.stream.expectEnd();
        continue;
      }
      ending.stream.expectEnd();
      const otherwise = ending.name === 'else' ? this.#body(['endif'], opened) : [];
      const end = ending.name === 'else' ? this.#finish() : ending.end;
      return { kind: 'if', branches, otherwise, start: opened.start, end };
    }
  }

  /** Takes a closing block that is nothing but its name; its end. */
  #finish(): number {
    const ending = this.#ending();
    ending.stream.expectEnd();
    return ending.end;
  }

  #for(stream: TokenStream, opened: Segment): Statement {
    const target = parseTarget(stream);
    stream.expect('name', 'in');
    const iterable = parseExpressions(stream, parseOr);
    const filter = stream.accept('name', 'if') ? parseExpression(stream) : undefined;
    if (stream.is('name', 'recursive')) stream.fail('expected the end: recursive loops are not supported');
    stream.expectEnd();
    const body = this.#body(['else', 'endfor'], opened);
    const ending = this.#ending();
    ending.stream.expectEnd();
    const otherwise = ending.name === 'else' ? this.#body(['endfor'], opened) : [];
    const end = ending.name === 'else' ? this.#finish() : ending.end;
    return { kind: 'for', target, iterable, filter, body, otherwise, start: opened.start, end };
  }

  #set(stream: TokenStream, opened: Segment): Statement {
    const target = parseTarget(stream);
    const { start } = opened;
    if (stream.accept('operator', '=')) {
      const value = parseExpressions(stream);
      stream.expectEnd();
      return { kind: 'set', target, value, start, end: opened.end };
    }
    stream.expectEnd();
    const body = this.#body(['endset'], opened);
    return { kind: 'capture', target, body, start, end: this.#finish() };
  }
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
