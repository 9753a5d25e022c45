/** Parameters written as text: `command: ls -l creates=/x`, `copy: src=a dest=/b`. */
import { parameterValue, tokensOf } from '../shared/free-form.js';
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
  for (const { text: token } of tokens) {
    const pair = /^([^=]*[^=\\])=([\s\S]*)$/.exec(token.trim());
    const key = pair?.[1]?.trim() ?? '';
    if (pair === null || (freeForm && !BESIDE_A_COMMAND.has(key))) rest += token;
    else named[key] = parameterValue(pair[2] ?? '');
  }
  return { named, rest: rest.trim() };
}
