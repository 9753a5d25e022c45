/** How a template's tags are written, and what is done with white space around them. */
import { booleanWord } from '../shared/boolean-words.js';
import { NetplayError } from '../shared/errors.js';
import type { Place } from '../shared/place.js';

/** Where a kind of tag begins and ends. */
export type Delimiters = readonly [start: string, end: string];

export interface Syntax {
  block: Delimiters;
  variable: Delimiters;
  comment: Delimiters;
  /** The line end after a block or comment is dropped. */
  trimBlocks: boolean;
  /** White space before a block or comment is dropped, where nothing else precedes it in its line. */
  lstripBlocks: boolean;
  /** What the line ends of the template become. */
  newline: string;
}

/** As Ansible sets Jinja2 up for all templates. */
export const ANSIBLE: Syntax = {
  block: ['{%', '%}'],
  variable: ['{{', '}}'],
  comment: ['{#', '#}'],
  trimBlocks: true,
  lstripBlocks: false,
  newline: '\n',
};

/** A syntax as regular expressions. */
export interface Rules {
  syntax: Syntax;
  /** A tag's beginning; the group that matched tells which kind, its content a sign. */
  opening: RegExp;
  kinds: readonly ('block' | 'variable' | 'comment')[];
  blockEnd: RegExp;
  variableEnd: RegExp;
  commentEnd: RegExp;
  rawStart: RegExp;
  rawEnd: RegExp;
}

const known = new Map<string, Rules>();

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}

/** The rules of a syntax; kept, since there are few. */
export function rulesOf(syntax: Syntax): Rules {
  const key = JSON.stringify(syntax);
  const rules = known.get(key) ?? makeRules(syntax);
  known.set(key, rules);
  return rules;
}

function makeRules(syntax: Syntax): Rules {
  const kinds = (['block', 'variable', 'comment'] as const).toSorted(
    (a, b) => syntax[b][0].length - syntax[a][0].length,
  );
  const [blockStart, blockEnd] = syntax.block.map(escaped);
  return {
    syntax,
    opening: new RegExp(kinds.map((kind) => `${escaped(syntax[kind][0])}([-+]?)`).join('|'), 'g'),
    kinds,
    blockEnd: new RegExp(`([-+]?)${blockEnd}`, 'y'),
    variableEnd: new RegExp(`(-?)${escaped(syntax.variable[1])}`, 'y'),
    commentEnd: new RegExp(`([-+]?)${escaped(syntax.comment[1])}`, 'g'),
    rawStart: new RegExp(`${blockStart}([-+]?)\\s*raw\\s*(-?)${blockEnd}`, 'y'),
    rawEnd: new RegExp(`${blockStart}([-+]?)\\s*endraw\\s*([-+]?)${blockEnd}`, 'g'),
  };
}

const HEADER = '#jinja2:';

const DELIMITERS: Readonly<Record<string, readonly ['block' | 'variable' | 'comment', 0 | 1]>> = {
  block_start_string: ['block', 0],
  block_end_string: ['block', 1],
  variable_start_string: ['variable', 0],
  variable_end_string: ['variable', 1],
  comment_start_string: ['comment', 0],
  comment_end_string: ['comment', 1],
};

/** One setting of the header or of the `template` action. @throws a plain Error that says what is wrong */
export function withSetting(syntax: Syntax, name: string, value: unknown): Syntax {
  const delimiter = DELIMITERS[name];
  if (delimiter !== undefined) {
    if (typeof value !== 'string' || value === '') throw new Error(`${name} must be a text`);
    const [kind, at] = delimiter;
    const [start, end] = syntax[kind];
    return { ...syntax, [kind]: at === 0 ? [value, end] : [start, value] };
  }
  if (name === 'trim_blocks') return { ...syntax, trimBlocks: needBoolean(name, value) };
  if (name === 'lstrip_blocks') return { ...syntax, lstripBlocks: needBoolean(name, value) };
  if (name === 'newline_sequence') return { ...syntax, newline: newlineOf(value) };
  throw new Error(`there is no setting '${name}' of templates`);
}

function needBoolean(name: string, value: unknown): boolean {
  const found = typeof value === 'string' ? booleanWord(value) : value;
  if (typeof found !== 'boolean') throw new Error(`${name} must be true or false`);
  return found;
}

function newlineOf(value: unknown): string {
  const sequence = String(value).replaceAll('\\r', '\r').replaceAll('\\n', '\n');
  if (!['\n', '\r', '\r\n'].includes(sequence))
    throw new Error('newline_sequence must be \\n, \\r or \\r\\n');
  return sequence;
}

/**
 * Takes the first line `#jinja2: trim_blocks: False, lstrip_blocks: True` off a file, as Ansible does.
 * @throws NetplayError `template` for a setting that does not exist
 */
export function takeHeader(text: string, syntax: Syntax, place?: Place): { body: string; syntax: Syntax } {
  if (!text.startsWith(HEADER)) return { body: text, syntax };
  const end = text.indexOf('\n');
  const line = text.slice(HEADER.length, end < 0 ? undefined : end);
  let found = syntax;
  try {
    for (const setting of line.split(',')) {
      const [, name, value] = /^\s*(\w+)\s*:\s*(.*?)\s*$/.exec(setting) ?? [];
      if (name === undefined || value === undefined) throw new Error(`'${setting.trim()}' is no setting`);
      found = withSetting(found, name, /^(['"]).*\1$/.test(value) ? value.slice(1, -1) : value);
    }
  } catch (error) {
    const message = `${error instanceof Error ? error.message : String(error)}, in "${HEADER}${line}"`;
    throw new NetplayError('template', message, place === undefined ? {} : { place });
  }
  return { body: end < 0 ? '' : text.slice(end + 1), syntax: found };
}
