/** Cuts a template into text and tags, and a tag into tokens. Rules are Jinja2's, with trim_blocks as Ansible's. */
import { type Origin, templateError } from './errors.js';

export type TokenKind = 'name' | 'string' | 'integer' | 'float' | 'operator' | 'end';

export interface Token {
  kind: TokenKind;
  /** A name or operator as written, a string's content; a number's digits. */
  text: string;
  start: number;
  end: number;
}

export type Segment =
  | { kind: 'text'; text: string; start: number; end: number }
  | { kind: 'output' | 'block'; tokens: readonly Token[]; start: number; end: number };

const OPERATOR = /\/\/|\*\*|==|!=|<=|>=|[+\-*/%~[\](){}<>=.:|,]/y;
const NAME = /[\p{ID_Start}_][\p{ID_Continue}]*/uy;
const SPACE = /\s+/y;
const FLOAT = /\d+(?:_\d+)*(?:\.\d+(?:_\d+)*(?:[eE][+-]?\d+(?:_\d+)*)?|[eE][+-]?\d+(?:_\d+)*)/y;
const INTEGER = /0[bB](?:_?[01])+|0[oO](?:_?[0-7])+|0[xX](?:_?[\da-fA-F])+|[1-9](?:_?\d)*|0(?:_?0)*/y;
const STRING = /'(?:[^'\\]|\\[\s\S])*'|"(?:[^"\\]|\\[\s\S])*"/y;
const RAW_START = /\{%([-+]?)\s*raw\s*(-?)%\}/y;
const RAW_END = /\{%([-+]?)\s*endraw\s*([-+]?)%\}/g;
const OPENING = /\{[{%#]/g;
const CLOSING_OF: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

const SIMPLE_ESCAPES: Readonly<Record<string, string>> = {
  '\n': '',
  '\\': '\\',
  "'": "'",
  '"': '"',
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

/** Python's string escapes; an unknown one stays as it is, backslash included. */
function unescaped(body: string, origin: Origin, start: number): string {
  return body.replace(
    /\\(x[\da-fA-F]{2}|u[\da-fA-F]{4}|U[\da-fA-F]{8}|[0-7]{1,3}|[\s\S])/g,
    (whole, sequence: string) => {
      const simple = SIMPLE_ESCAPES[sequence];
      if (simple !== undefined) return simple;
      if (/^[0-7]/.test(sequence)) return String.fromCodePoint(Number.parseInt(sequence, 8));
      if (sequence.length === 1) {
        if ('xuUN'.includes(sequence))
          throw templateError(`'\\${sequence}' is no complete escape`, origin, { start, end: start + 2 });
        return whole;
      }
      const code = Number.parseInt(sequence.slice(1), 16);
      if (code > 0x10ffff)
        throw templateError(`'\\${sequence}' is no character`, origin, { start, end: start + 2 });
      return String.fromCodePoint(code);
    },
  );
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
    const content = unescaped(string[0].slice(1, -1), origin, at);
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

/** Reads tokens up to `closing` (outside brackets), or to the text's end where that is undefined. */
function readTokens(origin: Origin, from: number, closing: RegExp | undefined, opened: number) {
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
        throw templateError(`'${text.slice(opened, opened + 2)}' is not closed`, origin, {
          start: opened,
          end: opened + 2,
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
  return readTokens(origin, 0, undefined, 0).tokens;
}

const OUTPUT_END = /(-?)\}\}/y;
const BLOCK_END = /([-+]?)%\}/y;

/** The text and tags of a template, whitespace control already done. */
export function lexTemplate(origin: Origin): Segment[] {
  const { text } = origin;
  const segments: Segment[] = [];
  let at = 0;
  /** What the tag before does to the text that follows: `-` strips, a block takes one line end. */
  let before: '' | '-' | 'line' = '';

  const addText = (end: number, stripEnd: boolean): void => {
    let piece = text.slice(at, end);
    if (before === '-') piece = piece.replace(/^\s+/, '');
    else if (before === 'line') piece = piece.replace(/^\r?\n/, '');
    if (stripEnd) piece = piece.replace(/\s+$/, '');
    if (piece !== '') segments.push({ kind: 'text', text: piece, start: at, end });
  };

  while (at < text.length) {
    const opening = matchAt(OPENING, text, at);
    const start = opening?.index ?? text.length;
    const strip = opening !== null && text[start + 2] === '-';
    addText(start, strip);
    if (opening === null) break;
    const sign = text[start + 2] === '-' || text[start + 2] === '+' ? 1 : 0;
    if (opening[0] === '{#') {
      const end = text.indexOf('#}', start + 2);
      if (end < 0) throw templateError("'{#' is not closed", origin, { start, end: start + 2 });
      before = text[end - 1] === '-' ? '-' : text[end - 1] === '+' ? '' : 'line';
      at = end + 2;
      continue;
    }
    const raw = opening[0] === '{%' ? matchAt(RAW_START, text, start) : null;
    if (raw !== null) {
      const end = matchAt(RAW_END, text, start + raw[0].length);
      if (end === null)
        throw templateError("'{% raw %}' is not closed", origin, { start, end: start + raw[0].length });
      at = start + raw[0].length;
      before = raw[2] === '-' ? '-' : '';
      addText(end.index, end[1] === '-');
      before = end[2] === '-' ? '-' : end[2] === '+' ? '' : 'line';
      at = end.index + end[0].length;
      continue;
    }
    const block = opening[0] === '{%';
    const read = readTokens(origin, start + 2 + sign, block ? BLOCK_END : OUTPUT_END, start);
    segments.push({ kind: block ? 'block' : 'output', tokens: read.tokens, start, end: read.end });
    before = read.sign === '-' ? '-' : block && read.sign !== '+' ? 'line' : '';
    at = read.end;
  }
  return segments;
}
