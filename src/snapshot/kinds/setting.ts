/**
 * The settings of a kind of link, in iproute2's words: as `ip -d link` prints them (2.6.33 to 7.1), as
 * `ip link add … type KIND` takes them, and as `ip link set … type KIND` changes them in place.
 */
import { parseAddress, parseMac } from '../../shared/addr.js';
import type { Link } from '../model.js';

/** A setting's value in one spelling, as text, so that values compare by `===`; null where there is none. */
export type Value = string | null;

export type Values = Readonly<Record<string, Value>>;

/** What is printed behind the kind: each word with the words that belong to it. */
export interface Fields {
  /** The word's values; undefined where it does not stand there. */
  get(word: string): readonly string[] | undefined;
  has(word: string): boolean;
}

export interface Setting {
  /** The parameter's name in a playbook. */
  name: string;
  /** What a link has that was made without it. */
  initial: Value;
  /** The words that print it, each with how many words follow; `'}'` and `'mac'` end a list of unknown length. */
  words: Readonly<Record<string, number | '}' | 'mac'>>;
  /** Undefined where the text can't tell. */
  read(fields: Fields, link: Link): Value | undefined;
  /** The words by which `read` finds the value again. */
  print(value: Value): readonly string[];
  /** For settings that stand elsewhere than behind the kind: the link with this value. */
  store?(link: Link, value: Value): Link;
  /** What `ip link add` takes behind the kind; nothing where `value` is what it would have anyway. */
  args(value: Value): readonly string[];
  /**
   * What `ip link set … type KIND` takes to change it in place; undefined where the link must be made anew.
   * Left out where it always must.
   * @param all the link's settings, for words that must come together
   */
  change?(value: Value, before: Value, all: Values): readonly string[] | undefined;
  /** A task's value in the one spelling; null, as a task's `null`, is what a new link has. */
  canonical(given: unknown): Value;
}

type Change = NonNullable<Setting['change']>;

/** Whether a value may be changed in place, by its new and its old value. */
type InPlace = boolean | ((value: Value, before: Value) => boolean);

interface Word {
  /** The word of `ip`, where it is not the parameter's name; behind it, others by which it is printed. */
  words?: readonly [string, ...string[]];
  initial?: Value;
  inPlace?: InPlace;
  /** What clears it in place, where `initial` is null. */
  clear?: string;
}

function changing(
  inPlace: InPlace | undefined,
  args: (value: Value) => readonly string[],
): { change?: Change } {
  if (inPlace === undefined || inPlace === false) return {};
  const allowed = inPlace === true ? () => true : inPlace;
  return { change: (value, before) => (allowed(value, before) ? args(value) : undefined) };
}

/** A word and its value: `id 5`. @param canonical of both a task's value and a printed one */
function valued(name: string, canonical: (given: string) => Value, options: Word = {}): Setting {
  const { words = [name], initial = null, inPlace, clear } = options;
  const [word] = words;
  const spell = (value: Value): readonly string[] =>
    value === null ? (clear === undefined ? [] : [word, clear]) : [word, value];
  return {
    name,
    initial,
    words: Object.fromEntries(words.map((each) => [each, 1])),
    read(fields) {
      const [printed] = words.flatMap((each) => fields.get(each) ?? []);
      return printed === undefined ? initial : canonical(printed);
    },
    print: (value) => (value === null ? [] : [word, value]),
    args: (value) => (value === initial ? [] : spell(value)),
    canonical: (given) => (given === null ? initial : canonical(String(given))),
    ...changing(inPlace, spell),
  };
}

/** A whole number, decimal or `0x…`, or `special`, which is what a number says that means it. */
export function number(
  name: string,
  options: Word & { special?: Readonly<Record<string, string>> } = {},
): Setting {
  const { special = {} } = options;
  const canonical = (given: string): Value => special[given] ?? String(Number(given));
  return valued(name, canonical, options);
}

/** As `number`, kept and printed in hexadecimal: `tos 0x10`. */
export function hex(
  name: string,
  options: Word & { special?: Readonly<Record<string, string>> } = {},
): Setting {
  const { special = {} } = options;
  const canonical = (given: string): Value =>
    special[given] ?? special[String(Number(given))] ?? `0x${Number(given).toString(16)}`;
  return valued(name, canonical, options);
}

/** One of several words. */
export function word(name: string, options: Word = {}): Setting {
  return valued(name, (given) => given, options);
}

/** An IP address; `any`, and the address of zeros, is none. */
export function address(name: string, options: Word = {}): Setting {
  const canonical = (given: string): Value => {
    const found = parseAddress(given)?.address ?? null;
    return found === '0.0.0.0' || found === '::' ? null : found;
  };
  return valued(name, canonical, options);
}

/** A tunnel's key: a number that `ip` prints as if it were an address. */
export function dottedNumber(name: string, options: Word = {}): Setting {
  const canonical = (given: string): Value =>
    given.includes('.')
      ? String(given.split('.').reduce((sum, part) => sum * 256 + Number(part), 0))
      : String(Number(given));
  return valued(name, canonical, options);
}

/** A switch that is printed by a word, or by `no` and the word: `udpcsum`, `noudpcsum`, or nothing for what is usual. */
export function toggle(
  name: string,
  initial: 'on' | 'off',
  options: Omit<Word, 'initial' | 'clear'> = {},
): Setting {
  const { words = [name], inPlace } = options;
  const [word] = words;
  const spell = (value: Value): readonly string[] => [value === 'on' ? word : `no${word}`];
  return {
    name,
    initial,
    words: Object.fromEntries(
      words.flatMap((each) => [
        [each, 0],
        [`no${each}`, 0],
      ]),
    ),
    read(fields) {
      if (words.some((each) => fields.has(each))) return 'on';
      return words.some((each) => fields.has(`no${each}`)) ? 'off' : initial;
    },
    print: (value) => (value === initial ? [] : spell(value)),
    args: (value) => (value === initial ? [] : spell(value)),
    canonical: (given) => switchValue(given, initial),
    ...changing(inPlace, spell),
  };
}

/** A switch that is printed between `<>`, in capitals, and set by its word and on or off. */
export function flag(name: string, initial: 'on' | 'off'): Setting {
  const printed = name.toUpperCase();
  const spell = (value: Value): readonly string[] => [name, value ?? initial];
  return {
    name,
    initial,
    words: {},
    read: (fields) => (fields.has(`<${printed}>`) ? 'on' : 'off'),
    print: (value) => (value === 'on' ? [`<${printed}>`] : []),
    args: (value) => (value === initial ? [] : spell(value)),
    canonical: (given) => switchValue(given, initial),
    change: spell,
  };
}

/** Numbers that stand for other numbers: `{ 1:2 3:4 }`. A number that stands for 0 stands there as if left out. */
export function numberMap(name: string, word: string): Setting {
  const canonical = (pairs: readonly (readonly [string, string])[]): Value =>
    pairs
      .filter(([, to]) => Number(to) !== 0)
      .map(([from, to]) => [Number(from), Number(to)] as const)
      .sort(([a], [b]) => a - b)
      .map((pair) => pair.join(':'))
      .join(' ') || null;
  const pairsOf = (value: Value): string[] => (value === null ? [] : value.split(' '));
  return {
    name,
    initial: null,
    words: { [word]: '}' },
    read: (fields) => canonical((fields.get(word) ?? []).map((pair) => split(pair))),
    print: (value) => (value === null ? [] : [word, '{', ...pairsOf(value), '}']),
    args: (value) => (value === null ? [] : [word, ...pairsOf(value)]),
    change(value, before) {
      const kept = new Set(pairsOf(value).map((pair) => split(pair)[0]));
      const gone = pairsOf(before).flatMap((pair) =>
        kept.has(split(pair)[0]) ? [] : [`${split(pair)[0]}:0`],
      );
      return [word, ...gone, ...pairsOf(value)];
    },
    canonical: (given) => canonical(Object.entries(given ?? {}).map(([from, to]) => [from, String(to)])),
  };
}

function split(pair: string): readonly [string, string] {
  const [from = '', to = ''] = pair.split(':');
  return [from, to];
}

/** Two numbers behind one word, written by people with a dash: `srcport 1000 2000`. */
export function range(name: string, initial: string): Setting {
  return {
    name,
    initial,
    words: { [name]: 2 },
    read: (fields) => fields.get(name)?.join('-') ?? initial,
    print: (value) => (value === null ? [] : [name, ...value.split('-')]),
    args: (value) => (value === null || value === initial ? [] : [name, ...value.split('-')]),
    canonical: (given) => (given === null ? initial : String(given)),
  };
}

/** MACs in any order: `remotes (2) MAC MAC`, set by `macaddr set MAC MAC`. */
export function macList(name: string, printed: string): Setting {
  const canonical = (macs: readonly unknown[]): Value =>
    [...new Set(macs.map((mac) => parseMac(String(mac)) ?? String(mac)))].sort().join(' ') || null;
  const set = (value: Value): readonly string[] =>
    value === null ? [name, 'flush'] : [name, 'set', ...value.split(' ')];
  return {
    name,
    initial: null,
    words: { [printed]: 'mac' },
    read: (fields) => canonical(fields.get(printed) ?? []),
    print: (value) => (value === null ? [] : [printed, `(${value.split(' ').length})`, ...value.split(' ')]),
    args: (value) => (value === null ? [] : set(value)),
    change: set,
    canonical: (given) => canonical(Array.isArray(given) ? given : []),
  };
}

/** The device that the link is made on: what stands behind `@`, and before the kind in `ip link add`. */
export const lowerLink: Setting = {
  name: 'link',
  initial: null,
  words: {},
  read: (_, link) => link.lower,
  print: () => [],
  store: (link, value) => ({ ...link, lower: value }),
  args: () => [],
  canonical: (given) => (given === null ? null : String(given)),
};

/** A number that `ip -d` prints of any link, and that only `ip link add` sets, before the kind. */
export function detail(name: string): Setting {
  return {
    name,
    initial: null,
    words: {},
    read: (_, link) => link.details[name] ?? null,
    print: () => [],
    store: (link, value) => ({
      ...link,
      details: value === null ? link.details : { ...link.details, [name]: value },
    }),
    args: () => [],
    canonical: (given) => (given === null ? null : String(given)),
  };
}

export function switchValue(given: unknown, initial: Value): Value {
  if (given === null) return initial;
  return given === true ? 'on' : 'off';
}
