/**
 * The values of an INI inventory. Ansible reads them with Python's `ast.literal_eval` and takes what that
 * refuses for a string, in host lines and in `:vars` sections alike (ansible-core 2.14, whatever its
 * documentation says): `8080` is a number, `True` a boolean, `true` and `FALSE` are strings, `1,2` is a list.
 */
import { withoutEscapes } from '../shared/python-escapes.js';

/** The value of `text`: a Python literal where it is one (tuples become lists), else the text itself. */
export function parseIniValue(text: string): unknown {
  const reader = new LiteralReader(text);
  const value = reader.whole();
  return value === NO_LITERAL ? text : value;
}

const NO_LITERAL = Symbol('no literal');
type Literal = unknown;

const WORDS = new Map<string, boolean | null>([
  ['True', true],
  ['False', false],
  ['None', null],
]);
const NUMBER =
  /(?:0[xX](?:_?[\da-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|(?:(?:\d(?:_?\d)*)?\.\d(?:_?\d)*|\d(?:_?\d)*\.?)(?:[eE][+-]?\d(?:_?\d)*)?)(?![\w.])/y;
const SPACE = /(?:[ \t\f\n\r]|#[^\n]*)*/y;
/** A string's quotes: one, or three. */
const QUOTED =
  /(?:"""((?:[^"\\]|\\[\s\S]|"(?!""))*)"""|'''((?:[^'\\]|\\[\s\S]|'(?!''))*)'''|"((?:[^"\\\n]|\\[\s\S])*)"|'((?:[^'\\\n]|\\[\s\S])*)')/y;
/** What may stand in front of them. Bytes become the text that they are, as in Ansible. */
const PREFIX = /(?:[uU]|[bB]?[rR]|[rR][bB]|[bB])?(?=["'])/y;
/** How deep Python's own reader goes; what is deeper is text. */
const MOST_DEPTH = 200;

/** Recursive descent over one literal; every method gives NO_LITERAL where the text is none. */
class LiteralReader {
  #at = 0;
  #depth = 0;

  constructor(private readonly text: string) {}

  whole(): Literal {
    this.#take(SPACE);
    const value = this.#list('', () => this.#value());
    return this.#at === this.text.length ? value : NO_LITERAL;
  }

  /** What `pattern` (sticky) matches here, or undefined. */
  #take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.text);
    if (match === null) return undefined;
    this.#at = pattern.lastIndex;
    return match;
  }

  #eat(character: string): boolean {
    if (character === '' || this.text[this.#at] !== character) return false;
    this.#at++;
    this.#take(SPACE);
    return true;
  }

  #value(): Literal {
    this.#depth++;
    const value = this.#collection() ?? this.#atom();
    this.#depth--;
    this.#take(SPACE);
    return value;
  }

  /** Undefined where no bracket opens here. */
  #collection(): Literal {
    const opens = /[[({]/.test(this.text[this.#at] ?? '');
    if (opens && this.#depth > MOST_DEPTH) return NO_LITERAL;
    if (this.#eat('[')) return this.#list(']', () => this.#value(), true);
    if (this.#eat('(')) return this.#list(')', () => this.#value());
    return this.#eat('{') ? this.#map() : undefined;
  }

  /** Up to `end`. Without `always`, one value that no comma follows is that value and no list of one. */
  #list(end: string, item: () => Literal, always = false): Literal {
    const items: unknown[] = [];
    let comma = false;
    while (this.#at < this.text.length && (end === '' || this.text[this.#at] !== end)) {
      const value = item();
      if (value === NO_LITERAL) return NO_LITERAL;
      items.push(value);
      comma = this.#eat(',');
      if (!comma) break;
    }
    if (end !== '' && !this.#eat(end)) return NO_LITERAL;
    if (end === '' && items.length === 0) return NO_LITERAL;
    return always || comma || items.length !== 1 ? items : items[0];
  }

  #map(): Literal {
    const entries = this.#list('}', () => this.#pair(), true);
    return Array.isArray(entries) ? Object.fromEntries(entries as [string, unknown][]) : NO_LITERAL;
  }

  #pair(): Literal {
    const key = this.#value();
    if (key === NO_LITERAL || (typeof key === 'object' && key !== null) || !this.#eat(':')) return NO_LITERAL;
    const value = this.#value();
    return value === NO_LITERAL ? NO_LITERAL : [String(key), value];
  }

  #atom(): Literal {
    const strings = this.#strings();
    if (strings !== undefined) return strings;
    const word = this.#take(/[A-Za-z]+(?!\w)/y)?.[0];
    if (word !== undefined) return WORDS.has(word) ? WORDS.get(word) : NO_LITERAL;
    return this.#number();
  }

  #number(): Literal {
    const sign = this.#take(/[+-]?[ \t]*/y)?.[0] ?? '';
    const digits = this.#take(NUMBER)?.[0].replaceAll('_', '');
    // Python refuses 0644, and so keeps it as a string.
    if (digits === undefined || /^0\d*[1-9]\d*$/.test(digits)) return NO_LITERAL;
    const value = Number(digits);
    const exact = Number.isFinite(value) && (/[.eE]/.test(digits) || Number.isSafeInteger(value));
    // Beyond what a number can hold exactly, the text says it better.
    if (!exact) return NO_LITERAL;
    return sign.startsWith('-') && value !== 0 ? -value : value;
  }

  /** One string, or several side by side, which Python joins; undefined where none begins here. */
  #strings(): Literal {
    let joined: string | undefined;
    for (let prefix = this.#take(PREFIX); prefix !== undefined; prefix = this.#take(PREFIX)) {
      const match = this.#take(QUOTED);
      if (match === undefined) return NO_LITERAL;
      const text = match[1] ?? match[2] ?? match[3] ?? match[4] ?? '';
      const plain = /r/i.test(prefix[0]) ? text : meant(text);
      if (plain === undefined) return NO_LITERAL;
      joined = (joined ?? '') + plain;
      this.#take(SPACE);
    }
    return joined;
  }
}

/** Undefined where a code is cut short or none, which Python refuses. */
function meant(text: string): string | undefined {
  let whole = true;
  const plain = withoutEscapes(text, () => {
    whole = false;
  });
  return whole ? plain : undefined;
}
