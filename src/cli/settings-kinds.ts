/** What kinds of values settings have: how they are written in a file, the environment and on the command line. */
import type { JsonSchema } from '../resources/resource.js';
import { booleanWord } from '../shared/boolean-words.js';

export type SettingValue = string | number | boolean | readonly string[];

/** Makes a path of the place where it was written: relative to the settings file, or as it is. */
export type Locate = (path: string) => string;

export interface SettingKind {
  /** In a table: `number`. */
  label: string;
  /** Of the value in a settings file. */
  schema: JsonSchema;
  /**
   * One value in words: of a flag, a variable of the environment, or a file.
   * @throws Error whose message says what it must be
   */
  parse(text: string, locate: Locate): SettingValue;
  /** Of kinds that are lists: what parts them in a variable of the environment. */
  list?: { separator: RegExp | ((text: string) => string[]) };
}

/** What YAML 1.1 took for a boolean, and YAML 1.2 takes for text. */
const BOOLEAN_WORD = { type: 'string', pattern: '^([Tt]rue|[Ff]alse|[Yy]es|[Nn]o|[Oo]n|[Oo]ff)$' } as const;

/** A whole number. */
export function count(least: number): SettingKind {
  return {
    label: 'number',
    schema: {
      anyOf: [
        { type: 'integer', minimum: least },
        { type: 'string', pattern: '^[0-9]+$' },
      ],
    },
    parse(text) {
      if (/^\d{1,9}$/.test(text) && Number(text) >= least) return Number(text);
      throw new Error(least === 0 ? 'must be a whole number' : `must be a whole number above ${least - 1}`);
    },
  };
}

/** `30`, `30s`, `2m`: seconds. @param why a lesser one is of no use */
export function time(least: number, why = ''): SettingKind {
  return {
    label: 'time',
    schema: {
      anyOf: [
        { type: 'integer', minimum: least },
        { type: 'string', pattern: '^\\d+[sm]?$' },
      ],
    },
    parse(text) {
      const [, digits, unit] = /^(\d{1,9})([sm])?$/.exec(text) ?? [];
      if (digits === undefined) throw new Error('must be a time such as 30s or 2m');
      const seconds = Number(digits) * (unit === 'm' ? 60 : 1);
      if (seconds < least) throw new Error(`must be at least ${least}s${why}`);
      return seconds;
    },
  };
}

export const flag: SettingKind = {
  label: 'boolean',
  schema: { anyOf: [{ type: 'boolean' }, BOOLEAN_WORD] },
  parse(text) {
    const value = booleanWord(text) ?? { '1': true, '0': false }[text];
    if (value === undefined) throw new Error('must be true or false');
    return value;
  },
};

export const text: SettingKind = { label: 'text', schema: { type: 'string' }, parse: (words) => words };

/** @param words all that it may be; `true` and `false` are also known by YAML's other words for them */
export function oneOf(words: readonly string[]): SettingKind {
  const named = words.map((word) => ({ true: true, false: false })[word] ?? word);
  return {
    label: words.map((word) => `\`${word}\``).join(', '),
    schema: { anyOf: [{ enum: named }, ...(words.includes('true') ? [BOOLEAN_WORD] : [])] },
    parse(given) {
      const word = words.includes(given) ? given : String(booleanWord(given));
      if (words.includes(word)) return word;
      throw new Error(`must be one of ${words.join(', ')}`);
    },
  };
}

export const path: SettingKind = {
  label: 'path',
  schema: { type: 'string', minLength: 1 },
  parse: (word, locate) => locate(word),
};

function listOf(
  item: SettingKind,
  label: string,
  separator: RegExp | ((text: string) => string[]),
): SettingKind {
  return {
    label,
    schema: { anyOf: [item.schema, { type: 'array', items: item.schema }] },
    parse: item.parse,
    list: { separator },
  };
}

/** As `$PATH` is written in the environment. */
export const paths: SettingKind = listOf(path, 'paths', /:/);

export const words: SettingKind = listOf(text, 'words', /,/);

/** Where an inventory is read from, as `-i` takes it: what holds a comma is a list of hosts, and no path. */
export const sources: SettingKind = listOf(
  { ...path, parse: (word, locate) => (word.includes(',') ? word : locate(word)) },
  'paths',
  (line) => (line.trimEnd().endsWith(',') ? [line] : line.split(',')),
);

/** `label@source`, where a source is a file, a script or `prompt`. */
export const vaultIds: SettingKind = listOf(
  {
    ...text,
    parse(word, locate) {
      const at = word.indexOf('@') + 1;
      const source = word.slice(at);
      return `${word.slice(0, at)}${source === 'prompt' || source === '' ? source : locate(source)}`;
    },
  },
  'words',
  /,/,
);
