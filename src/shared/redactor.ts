/** What must not be shown, and how it is kept out of all text that leaves netplay. */
import { isMap } from './is-map.js';
import { namesSecret } from './secrets.js';

const STARS = '***';
/** Characters. Less is found in every text. */
const SHORTEST = 3;
/** Letters alone, or digits alone, of fewer characters are hidden as whole words: `test` is not hidden in `latest`. */
const WORD = 8;
/** What is shorter than this is hidden as a whole word, whatever it is made of. */
const TINY = 4;
/** Characters of a secret's beginning that are hidden where the text ends there, cut off. */
const CUT_OFF = 8;

/** Words of every network and playbook; a password that is one of these is no secret. */
const COMMON: ReadonlySet<string> = new Set(
  'true false null none root admin user host main default local localhost auto present absent enabled disabled static netplay ansible yes off any all lan wan dev'.split(
    ' ',
  ),
);

interface Hidden {
  text: string;
  /** Only where it stands as a word of its own. */
  word: boolean;
}

/** What of an event is not looked at as other text is. */
interface Spared {
  /** Keys of words that are shown whatever they are. */
  kept: ReadonlySet<string>;
  /** Keys of data that is a user's own. */
  free: ReadonlySet<string>;
}

const NONE: ReadonlySet<string> = new Set();

export class Redactor {
  /** By the first characters, the longest first. */
  readonly #byStart = new Map<string, Hidden[]>();
  readonly #known = new Set<string>();
  readonly #shown = new Set<string>();
  /** By the lower byte of a first character: 1 where a secret may begin with it. */
  readonly #first = new Uint8Array(256);
  readonly #looked = new WeakSet<object>();

  /** Keeps a text from being shown; one of several lines line by line. What is too short or too common stays. */
  readonly hide = (text: string): void => {
    for (const line of text.split('\n').map((part) => part.trim())) {
      if (line.length < SHORTEST || COMMON.has(line.toLowerCase()) || this.#shown.has(line)) continue;
      for (const form of formsOf(line)) this.#add(form);
    }
  };

  /** Hides what variables whose names say `password` and the like hold, at any depth. */
  hideNamed(vars: unknown): void {
    if (typeof vars !== 'object' || vars === null || this.#looked.has(vars)) return;
    this.#looked.add(vars);
    if (Array.isArray(vars)) for (const item of vars) this.hideNamed(item);
    if (!isMap(vars)) return;
    for (const [name, value] of Object.entries(vars)) {
      if (typeof value === 'string' && namesSecret(name) && !value.includes('{{')) this.hide(value);
      else if (typeof value === 'object') this.hideNamed(value);
    }
  }

  /** Names that have to be shown whatever they are equal to, as those of hosts. */
  show(names: Iterable<string>): void {
    for (const name of names) {
      this.#shown.add(name);
      if (!this.#known.delete(name)) continue;
      const start = name.slice(0, SHORTEST);
      const left = (this.#byStart.get(start) ?? []).filter(({ text }) => text !== name);
      this.#byStart.set(start, left);
    }
  }

  /** The text with `***` for all that is hidden. */
  redact(text: string): string {
    if (this.#known.size === 0) return text;
    const first = this.#first;
    let shown = '';
    let from = 0;
    for (let at = 0; at <= text.length - SHORTEST; at += 1) {
      if (first[text.charCodeAt(at) & 255] === 0) continue;
      const length = this.#lengthAt(text, at);
      if (length === 0) continue;
      shown += text.slice(from, at) + STARS;
      from = at + length;
      at = from - 1;
    }
    return from === 0 ? text : shown + text.slice(from);
  }

  /**
   * A value with all its text redacted, but for what stands under the keys `kept`, and for keys: those alone which stand below
   * one of `free`, where a user's own words may be keys, and numbers.
   */
  redactAll<Value>(value: Value, { kept = NONE, free = NONE }: Partial<Spared> = {}): Value {
    return this.#known.size === 0 ? value : (this.#redacted(value, { kept, free }, false) as Value);
  }

  /** What is hidden and stands in a value's text, each as it stands there. */
  secretsIn(value: unknown): string[] {
    const found = new Set<string>();
    if (this.#known.size > 0) this.#collect(value, found);
    return [...found];
  }

  #collect(value: unknown, found: Set<string>): void {
    if (typeof value === 'string') {
      for (let at = 0; at <= value.length - SHORTEST; at += 1) {
        const length = this.#lengthAt(value, at);
        if (length > 0) found.add(value.slice(at, at + length));
      }
    } else if (typeof value === 'object' && value !== null)
      for (const item of Object.values(value)) this.#collect(item, found);
  }

  #redacted(value: unknown, spared: Spared, free: boolean): unknown {
    if (typeof value === 'string') return this.redact(value);
    if (typeof value === 'number') return free && this.#known.has(String(value)) ? STARS : value;
    if (Array.isArray(value)) return value.map((item) => this.#redacted(item, spared, free));
    if (!isMap(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [
        free ? this.redact(key) : key,
        !free && spared.kept.has(key) && holdsText(item)
          ? item
          : this.#redacted(item, spared, free || spared.free.has(key)),
      ]),
    );
  }

  #add(text: string): void {
    if (this.#known.has(text)) return;
    this.#known.add(text);
    this.#first[text.charCodeAt(0) & 255] = 1;
    const start = text.slice(0, SHORTEST);
    if (start.length < SHORTEST) return;
    const word = text.length < TINY || (text.length < WORD && /^(\p{L}+|\d+)$/u.test(text));
    const others = this.#byStart.get(start);
    if (others === undefined) this.#byStart.set(start, [{ text, word }]);
    else {
      const shorter = others.findIndex((other) => other.text.length < text.length);
      others.splice(shorter < 0 ? others.length : shorter, 0, { text, word });
    }
  }

  /** Characters that are to be hidden from here on; 0 for none. */
  #lengthAt(text: string, at: number): number {
    for (const hidden of this.#byStart.get(text.slice(at, at + SHORTEST)) ?? []) {
      const length = commonLength(hidden.text, text, at);
      const end = at + length;
      if (length === hidden.text.length) {
        if (!hidden.word || (isEdge(text[at - 1]) && isEdge(text[end]))) return length;
      } else if (text[end] === '…' || (end === text.length && length >= CUT_OFF)) return length;
    }
    return 0;
  }
}

/** As it is, within the quotes of a shell and of Python, and all that within JSON, twice over; in other letters, and encoded. */
function formsOf(text: string): Set<string> {
  const shell = text.replaceAll("'", `'\\''`);
  const python = text.replaceAll('\\', '\\\\').replaceAll("'", `\\'`);
  const plain = new Set([text, shell, python, text.replaceAll("'", `'"'"'`), inHtml(text)]);
  const json = new Set([...plain].flatMap((form) => [inJson(form), ascii(inJson(form))]));
  const twice = [...json].map(inJson);
  return new Set([...plain, ...json, ...twice, ...encodedForms(text)]);
}

function inJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

/** `é` as Python's JSON and YAML write it. */
function ascii(text: string): string {
  return text.replaceAll(
    /[^\x20-\x7e]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** In capitals, in small letters, in an address of the web, in hexadecimal digits and in Base64. */
function encodedForms(text: string): string[] {
  if (text.length < TINY) return [];
  const bytes = Buffer.from(text, 'utf8');
  return [
    ...(text.length < WORD ? [] : [text.toUpperCase(), text.toLowerCase()]),
    ...percentForms(text),
    bytes.toString('hex'),
    bytes.toString('base64'),
    bytes.toString('base64url'),
    ...[0, 1, 2].flatMap((before) => innerBase64(bytes, before)),
  ];
}

const HTML: Readonly<Record<string, string>> = { '&': 'amp', '<': 'lt', '>': 'gt', '"': '#34', "'": '#39' };

function inHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&${HTML[character]};`);
}

function percentForms(text: string): string[] {
  // Half of a pair of UTF-16 is no text that an address could hold.
  const whole = Buffer.from(text, 'utf8').toString('utf8');
  const strict = encodeURIComponent(whole).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  const paths = strict.replaceAll('%2F', '/');
  return [
    strict,
    paths,
    strict.replaceAll('%20', '+'),
    paths.replaceAll('%20', '+'),
    encodeURIComponent(whole),
  ];
}

/** Characters of Base64 that are the same in every text; with fewer of them they stand in other texts as well. */
const TELLING = 8;

/** Of Base64 of a longer text that holds it behind so many bytes (mod 3): the characters that it alone settles. */
function innerBase64(bytes: Buffer, before: number): string[] {
  const shifted = Buffer.concat([Buffer.alloc(before), bytes]);
  const from = Math.ceil((before * 8) / 6);
  const inner = shifted.toString('base64').slice(from, Math.floor((shifted.length * 8) / 6));
  return inner.length < TELLING ? [] : [inner, inner.replaceAll('+', '-').replaceAll('/', '_')];
}

function commonLength(hidden: string, text: string, at: number): number {
  let length = SHORTEST;
  while (length < hidden.length && hidden[length] === text[at + length]) length += 1;
  return length;
}

function isEdge(character: string | undefined): boolean {
  return character === undefined || !/[\p{L}\d_]/u.test(character);
}

/** Text, or a list of nothing else. */
function holdsText(value: unknown): boolean {
  return Array.isArray(value) ? value.every((item) => typeof item === 'string') : !isMap(value);
}
