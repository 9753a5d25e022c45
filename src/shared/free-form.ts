/** Free text in the place of parameters, as Ansible's parse_kv reads it: `src=a dest="b c"`. */
import { SIMPLE_ESCAPES } from './python-escapes.js';

/** A word of free text with the blanks behind it, and where it begins. */
export interface Token {
  text: string;
  start: number;
}

/** The value behind `=`: what a backslash stands for, and without the quotes around the whole of it. */
export function parameterValue(text: string): string {
  return unquoted(withEscapes(text.trim()));
}

/** A backslash at a line's end joins it to the next one; the last two are single characters that begin nothing. */
const PIECE =
  /\\\n|\\[\s\S]|"(?:[^"\\]|\\[\s\S])*"|'(?:[^'\\]|\\[\s\S])*'|\{\{[\s\S]*?\}\}|\{%[\s\S]*?%\}|\{#[\s\S]*?#\}|\s+|[^\s"'\\{]+|\\|\{/y;

/** Words with the blanks behind them; undefined where a quote or a template is not closed. */
export function tokensOf(text: string): Token[] | undefined {
  const tokens: Token[] = [];
  let token: Token = { text: '', start: 0 };
  for (let at = 0; at < text.length; ) {
    const piece = pieceAt(text, at);
    if (piece === undefined) return undefined;
    at += piece.length;
    if (piece !== '\\\n') token.text += piece;
    if (!/^\s+$/.test(piece)) continue;
    tokens.push(token);
    token = { text: '', start: at };
  }
  return token.text === '' ? tokens : [...tokens, token];
}

/** Blanks, a quoted text, a template or plain characters; undefined where a quote or template stays open. */
function pieceAt(text: string, at: number): string | undefined {
  PIECE.lastIndex = at;
  const piece = PIECE.exec(text)?.[0];
  return piece === '{' && /^\{[{%#]/.test(text.slice(at, at + 2)) ? undefined : piece;
}

function unquoted(text: string): string {
  return /^(["'])([\s\S]*)\1$/.exec(text)?.[2] ?? text;
}

/** Ansible decodes these in values, wherever they stand. */
function withEscapes(text: string): string {
  return text.replace(
    /\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|([\\'"abfnrtv=]))/g,
    (_, byte?: string, code?: string, letter = '') => {
      const number = byte ?? code;
      return number === undefined
        ? (SIMPLE_ESCAPES[letter] ?? letter)
        : String.fromCharCode(Number.parseInt(number, 16));
    },
  );
}
