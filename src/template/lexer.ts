/** Cuts a tag of a template, or a bare expression, into tokens. The rules are Jinja2's. */
import { withoutEscapes } from '../shared/python-escapes.js';
import { type Origin, templateError } from './errors.js';

export type TokenKind = 'name' | 'string' | 'integer' | 'float' | 'operator' | 'end';

export interface Token {
  kind: TokenKind;
  /** A name or operator as written, a string's content; a number's digits. */
  text: string;
  start: number;
  end: number;
}

const OPERATOR = /\/\/|\*\*|==|!=|<=|>=|[+\-*/%~[\](){}<>=.:|,]/y;
const NAME = /[\p{ID_Start}_][\p{ID_Continue}]*/uy;
const SPACE = /\s+/y;
const FLOAT = /\d+(?:_\d+)*(?:\.\d+(?:_\d+)*(?:[eE][+-]?\d+(?:_\d+)*)?|[eE][+-]?\d+(?:_\d+)*)/y;
const INTEGER = /0[bB](?:_?[01])+|0[oO](?:_?[0-7])+|0[xX](?:_?[\da-fA-F])+|[1-9](?:_?\d)*|0(?:_?0)*/y;
const STRING = /'(?:[^'\\]|\\[\s\S])*'|"(?:[^"\\]|\\[\s\S])*"/y;
const CLOSING_OF: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };

export function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

/** A string in which a backslash stands for itself, but before the quote that it keeps from ending the string. */
function unquoted(body: string): string {
  return body.replaceAll(/\\(['"])/g, '$1');
}

/** Python's string escapes. */
function unescaped(body: string, origin: Origin, start: number): string {
  return withoutEscapes(body, (sequence, why) => {
    const said = why === 'incomplete' ? 'is no complete escape' : 'is no character';
    throw templateError(`'\\${sequence}' ${said}`, origin, { start, end: start + 2 });
  });
}

function numberToken(text: string, at: number): Token | undefined {
  const afterDot = text[at - 1] === '.';
  const real = afterDot ? null : matchAt(FLOAT, text, at);
  const found = real ?? matchAt(INTEGER, text, at);
  if (found === null) return undefined;
  const digits = found[0].replaceAll('_', '');
  return { kind: real === null ? 'integer' : 'float', text: digits, start: at, end: at + found[0].length };
}

function nextToken(origin: Origin, at: number): Token {
  const { text } = origin;
  const name = matchAt(NAME, text, at);
  if (name !== null) return { kind: 'name', text: name[0], start: at, end: at + name[0].length };
  const number = numberToken(text, at);
  if (number !== undefined) return number;
  const string = matchAt(STRING, text, at);
  if (string !== null) {
    const body = string[0].slice(1, -1);
    const content = origin.literal ? unquoted(body) : unescaped(body, origin, at);
    return { kind: 'string', text: content, start: at, end: at + string[0].length };
  }
  const operator = matchAt(OPERATOR, text, at);
  if (operator !== null)
    return { kind: 'operator', text: operator[0], start: at, end: at + operator[0].length };
  const character = String.fromCodePoint(text.codePointAt(at) ?? 0);
  const message =
    character === '"' || character === "'" ? 'a string is not closed' : `unexpected '${character}'`;
  throw templateError(message, origin, { start: at, end: at + 1 });
}

/**
 * Reads tokens up to `closing` (outside brackets), or to the text's end where that is undefined.
 * @param opened where the tag begins, of `width` characters: what is blamed where it is not closed
 */
export function readTokens(origin: Origin, from: number, closing?: RegExp, opened = 0, width = 2) {
  const { text } = origin;
  const tokens: Token[] = [];
  const brackets: string[] = [];
  let at = from;
  for (;;) {
    at += matchAt(SPACE, text, at)?.[0].length ?? 0;
    if (brackets.length === 0 && closing !== undefined) {
      const closed = matchAt(closing, text, at);
      if (closed !== null) {
        tokens.push({ kind: 'end', text: '', start: at, end: at });
        return { tokens, end: at + closed[0].length, sign: closed[1] ?? '' };
      }
    }
    if (at >= text.length) {
      if (closing !== undefined)
        throw templateError(`'${text.slice(opened, opened + width)}' is not closed`, origin, {
          start: opened,
          end: opened + width,
        });
      tokens.push({ kind: 'end', text: '', start: at, end: at });
      return { tokens, end: at, sign: '' };
    }
    const token = nextToken(origin, at);
    if (token.kind === 'operator') checkBracket(token, brackets, origin);
    tokens.push(token);
    at = token.end;
  }
}

function checkBracket(token: Token, brackets: string[], origin: Origin): void {
  const closing = CLOSING_OF[token.text];
  if (closing !== undefined) brackets.push(closing);
  else if (token.text === ')' || token.text === ']' || token.text === '}') {
    const expected = brackets.pop();
    if (expected !== token.text)
      throw templateError(
        expected === undefined ? `unexpected '${token.text}'` : `expected '${expected}', not '${token.text}'`,
        origin,
        token,
      );
  }
}

/** The tokens of a bare expression. */
export function lexExpression(origin: Origin): Token[] {
  return readTokens(origin, 0).tokens;
}
