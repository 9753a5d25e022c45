import { type Origin, templateError } from './errors.js';
import type { Token, TokenKind } from './lexer.js';

/** Reads tokens one after the other, and says what was expected where they are others. */
export class TokenStream {
  readonly origin: Origin;
  readonly #tokens: readonly Token[];
  #at = 0;

  /** `tokens` ends with a token of kind `end`. */
  constructor(tokens: readonly Token[], origin: Origin) {
    this.#tokens = tokens;
    this.origin = origin;
  }

  peek(ahead = 0): Token {
    const token = this.#tokens[Math.min(this.#at + ahead, this.#tokens.length - 1)];
    if (token === undefined) throw new Error('a token stream needs an end token');
    return token;
  }

  next(): Token {
    const token = this.peek();
    this.#at = Math.min(this.#at + 1, this.#tokens.length - 1);
    return token;
  }

  /** End of the token read last. */
  get lastEnd(): number {
    return this.#tokens[this.#at - 1]?.end ?? this.peek().start;
  }

  is(kind: TokenKind, text?: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return token.kind === kind && (text === undefined || token.text === text);
  }

  /** Takes the token where it is that one. */
  accept(kind: TokenKind, text?: string): boolean {
    if (!this.is(kind, text)) return false;
    this.next();
    return true;
  }

  expect(kind: TokenKind, text?: string): Token {
    if (!this.is(kind, text)) this.fail(`expected ${text === undefined ? `a ${kind}` : `'${text}'`}`);
    return this.next();
  }

  expectEnd(): void {
    if (!this.is('end')) this.fail('expected the end of the expression');
  }

  /** Fails at the next token, which the message gets appended. */
  fail(message: string, hint?: string): never {
    const token = this.peek();
    const found = token.kind === 'end' ? 'the end' : `'${this.origin.text.slice(token.start, token.end)}'`;
    throw templateError(`${message}, not ${found}`, this.origin, token, hint);
  }
}
