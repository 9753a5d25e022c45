/** Parameters written as text: `command: ls -l creates=/x`, `copy: src=a dest=/b`. */
import { splitWords } from '../shared/words.js';

/** What free text of command, shell, script and raw may name beside its command (Ansible's parse_kv). */
const BESIDE_A_COMMAND: ReadonlySet<string> = new Set([
  'creates',
  'removes',
  'chdir',
  'executable',
  'stdin',
  'stdin_add_newline',
  'strip_empty_ends',
]);

/** A quote or a template that nothing closes. */
export interface Unclosed {
  unclosed: true;
}

/** Text as parameters: those that were named, and the rest as it was written. */
export interface FreeForm {
  named: Record<string, string>;
  rest: string;
}

/**
 * Words of a command as Python's shlex has them: what Ansible splits commands with.
 * @throws Error where a quote is not closed, which `isClosed` tells beforehand
 */
export function shellWords(command: string): string[] {
  const words = splitWords(command, false);
  if (!Array.isArray(words)) throw new Error(`a quote is not closed: ${command}`);
  return words.map(({ text }) => text);
}

/** Whether each quote of a command is closed. */
export function isClosed(command: string): boolean {
  return Array.isArray(splitWords(command, false));
}

/**
 * Splits the text of a task. Templates and quoted text are kept whole.
 * @param freeForm whether the rest is a command: then only what may stand beside one is taken out of it
 */
export function parseFreeForm(text: string, freeForm: boolean): FreeForm | Unclosed {
  const tokens = tokensOf(text);
  if (tokens === undefined) return { unclosed: true };
  const named: Record<string, string> = {};
  let rest = '';
  for (const token of tokens) {
    const pair = /^([^=]*[^=\\])=([\s\S]*)$/.exec(token.trim());
    const key = pair?.[1]?.trim() ?? '';
    if (pair === null || (freeForm && !BESIDE_A_COMMAND.has(key))) rest += token;
    else named[key] = unquoted(withEscapes(pair[2] ?? '').trim());
  }
  return { named, rest: rest.trim() };
}

/** Words with the blanks behind them; a backslash at the end of a line joins it to the next one. */
function tokensOf(text: string): string[] | undefined {
  const tokens: string[] = [];
  let token = '';
  for (let at = 0; at < text.length; ) {
    const piece = pieceAt(text, at);
    if (piece === undefined) return undefined;
    at += piece.length;
    if (piece === '\\\n') continue;
    token += piece;
    if (/\s$/.test(piece) && piece.trim() === '') {
      tokens.push(token);
      token = '';
    }
  }
  return token === '' ? tokens : [...tokens, token];
}

const PIECE =
  /\\\n|\\[\s\S]|"(?:[^"\\]|\\[\s\S])*"|'(?:[^'\\]|\\[\s\S])*'|\{\{[\s\S]*?\}\}|\{%[\s\S]*?%\}|\{#[\s\S]*?#\}|\s+|[^\s"'\\{]+|\\|\{/y;

/** A run of blanks, a quoted text, a template or plain characters; undefined where a quote or template stays open. */
function pieceAt(text: string, at: number): string | undefined {
  PIECE.lastIndex = at;
  const piece = PIECE.exec(text)?.[0];
  return piece === '{' && /^\{[{%#]/.test(text.slice(at)) ? undefined : piece;
}

function unquoted(text: string): string {
  const quoted = /^(["'])([\s\S]*)\1$/.exec(text);
  return quoted?.[2] ?? text;
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
    (_, byte, code, letter) => {
      const number = byte ?? code;
      if (typeof number === 'string') return String.fromCharCode(Number.parseInt(number, 16));
      return ESCAPES[letter] ?? String(letter);
    },
  );
}
