/** Free text in the place of a map of parameters: `copy: src=a dest=b`, `command: ls -l chdir=/x`. */
import { Pair, Scalar, YAMLMap } from 'yaml';

/** A word of free text with the blanks behind it, and where it begins. */
interface Token {
  text: string;
  start: number;
}

export interface FreeForm {
  /** The parameters, as a map whose nodes tell where they stand. */
  map: YAMLMap;
  /** What is no parameter, as it is written; empty where there is nothing left. */
  rest: string;
}

/**
 * Takes `k=v` words out of a text, as Ansible's parse_kv does. Quotes and templates hold a word together; quotes around
 * a whole value are dropped.
 * @param isKey which keys are parameters; what stands before other `=` is no key
 * @param shift where the text begins in its file; undefined where the file holds it in another form (folded, escaped)
 * @returns undefined where a quote or a template is not closed
 */
export function readFreeForm(
  text: string,
  isKey: (key: string) => boolean,
  node: Scalar,
  shift?: number,
): FreeForm | undefined {
  const tokens = tokensOf(text);
  if (tokens === undefined) return undefined;
  const map = new YAMLMap();
  let rest = '';
  for (const token of tokens) {
    const [, key = ''] = /^([A-Za-z_]\w*)=/.exec(token.text) ?? [];
    if (key === '' || !isKey(key)) rest += token.text;
    else map.items.push(pairOf(key, token, node, shift));
  }
  map.range = node.range ?? null;
  return { map, rest: rest.trim() };
}

function pairOf(key: string, { text, start }: Token, node: Scalar, shift: number | undefined): Pair {
  const value = text.slice(key.length + 1).trim();
  const at = (from: number, length: number): Scalar['range'] =>
    shift === undefined ? node.range : [shift + from, shift + from + length, shift + from + length];
  const keyNode = new Scalar(key);
  keyNode.range = at(start, key.length) ?? null;
  const valueNode = new Scalar<unknown>(unquoted(withEscapes(value)));
  valueNode.range = at(start + key.length + 1, value.length) ?? null;
  return new Pair(keyNode, valueNode);
}

/** A backslash at a line's end joins it to the next one; the last two are single characters that begin nothing. */
const PIECE =
  /\\\n|\\[\s\S]|"(?:[^"\\]|\\[\s\S])*"|'(?:[^'\\]|\\[\s\S])*'|\{\{[\s\S]*?\}\}|\{%[\s\S]*?%\}|\{#[\s\S]*?#\}|\s+|[^\s"'\\{]+|\\|\{/y;

function tokensOf(text: string): Token[] | undefined {
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

const ESCAPES: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

/** Ansible decodes these in values, wherever they stand. */
function withEscapes(text: string): string {
  return text.replace(
    /\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|([\\'"abfnrtv=]))/g,
    (_, byte?: string, code?: string, letter = '') => {
      const number = byte ?? code;
      return number === undefined
        ? (ESCAPES[letter] ?? letter)
        : String.fromCharCode(Number.parseInt(number, 16));
    },
  );
}
