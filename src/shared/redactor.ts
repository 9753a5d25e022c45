/** What must not be shown, and how it is kept out of all text that leaves netplay. */
import { isMap } from './is-map.js';
import { namesSecret } from './secrets.js';

const STARS = '***';
/** Characters. Less is found in every text. */
const SHORTEST = 4;
/** Letters alone, or digits alone, of fewer characters are hidden as whole words: `test` is not hidden in `latest`. */
const WORD = 8;
/** Characters of a secret's beginning that are hidden where the text ends there, cut off. */
const CUT_OFF = 8;

/** Words of every network and playbook; a password that is one of these is no secret. */
const COMMON: ReadonlySet<string> = new Set(
  'true false null none root admin user host main default local localhost auto present absent enabled disabled static netplay ansible'.split(
    ' ',
  ),
);

interface Hidden {
  text: string;
  /** Only where it stands as a word of its own. */
  word: boolean;
}

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

  /** A value with all its text redacted, but for its keys, and for what stands under the keys `kept`. */
  redactAll<Value>(value: Value, kept: ReadonlySet<string> = new Set()): Value {
    return this.#known.size === 0 ? value : (this.#redacted(value, kept) as Value);
  }

  #redacted(value: unknown, kept: ReadonlySet<string>): unknown {
    if (typeof value === 'string') return this.redact(value);
    if (Array.isArray(value)) return value.map((item) => this.#redacted(item, kept));
    if (!isMap(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [
        key,
        kept.has(key) && holdsText(item) ? item : this.#redacted(item, kept),
      ]),
    );
  }

  #add(text: string): void {
    if (this.#known.has(text)) return;
    this.#known.add(text);
    this.#first[text.charCodeAt(0) & 255] = 1;
    const start = text.slice(0, SHORTEST);
    const word = text.length < WORD && /^(\p{L}+|\d+)$/u.test(text);
    const others = [...(this.#byStart.get(start) ?? []), { text, word }];
    this.#byStart.set(
      start,
      others.sort((a, b) => b.text.length - a.text.length),
    );
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

/** As it is, as it stands within the quotes of a shell and of Python, and encoded; and all that within JSON. */
function formsOf(text: string): Set<string> {
  const shell = text.replaceAll("'", `'\\''`);
  const python = text.replaceAll('\\', '\\\\').replaceAll("'", `\\'`);
  const plain = [text, shell, python, Buffer.from(text, 'utf8').toString('base64')];
  return new Set([...plain, ...plain.map((form) => JSON.stringify(form).slice(1, -1))]);
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
