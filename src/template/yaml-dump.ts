/** Writes YAML in the very lines that libyaml writes for Python, as `to_yaml` and `to_nice_yaml` of Ansible do. */
import { spend } from './budget.js';
import { OperationError } from './errors.js';
import { print, printFloat } from './print.js';
import { dictEntries, isDict, isFloat, numberOf, settled } from './values.js';
import { analysed, escapedCharacter, readsAsText } from './yaml-scalars.js';

export interface YamlStyle {
  indent: number;
  /** Lists and dicts of nothing but scalars stand in one line. */
  flow: boolean;
  sortKeys: boolean;
  /** Columns after which a line is broken at the next space. */
  width: number;
}

/** @throws OperationError for what is no data */
export function yamlOf(value: unknown, style: YamlStyle): string {
  const writer = new Writer(style);
  writer.node(value, 'root');
  return writer.finish();
}

type Where = 'root' | 'sequence' | 'mapping' | 'key';

const LONGEST_KEY = 128;
/** What writing one value costs, in steps of a template. */
const NODE_STEPS = 20;

function isCollection(value: unknown): boolean {
  return Array.isArray(value) || isDict(value);
}

function children(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  return isDict(value) ? dictEntries(value).map(([, item]) => item) : [];
}

/** A scalar that is no text; undefined where it is one. */
function literal(value: unknown): string | undefined {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return undefined;
  if (isFloat(value)) {
    const digits = printFloat(numberOf(value) ?? 0);
    if (/^-?(inf|nan)$/.test(digits)) return digits.replace(/(inf|nan)/, '.$1');
    return digits.includes('.') ? digits : digits.replace('e', '.0e');
  }
  if (typeof value === 'number') return String(value);
  throw new OperationError('to_yaml takes data only: texts, numbers, lists and dicts');
}

class Writer {
  readonly #style: YamlStyle;
  readonly #out: string[] = [];
  #column = 0;
  /** -1 before anything is written. */
  #indent = -1;
  /** Whether the last thing written was white space, and whether only indentation stands in the line. */
  #whitespace = true;
  #indention = true;
  #flowLevel = 0;

  constructor(style: YamlStyle) {
    this.#style = style;
  }

  finish(): string {
    if (this.#column > 0) this.#newLine();
    return this.#out.join('');
  }

  node(given: unknown, where: Where): void {
    spend(NODE_STEPS);
    const value = settled(given);
    if (!isCollection(value)) this.#scalar(value, where);
    else if (this.#isFlow(value)) this.#flowCollection(value);
    else if (Array.isArray(value)) this.#blockSequence(value, where);
    else this.#blockMapping(value);
  }

  #isFlow(value: unknown): boolean {
    const items = children(value);
    if (this.#flowLevel > 0 || items.length === 0) return true;
    return this.#style.flow && !items.some(isCollection);
  }

  #entries(value: unknown): [string, unknown][] {
    const entries = isDict(value) ? dictEntries(value) : [];
    return this.#style.sortKeys ? entries.sort(([a], [b]) => (a < b ? -1 : 1)) : entries;
  }

  #indented(by: { flow: boolean; indentless?: boolean }, work: () => void): void {
    const before = this.#indent;
    if (before < 0) this.#indent = by.flow ? this.#style.indent : 0;
    else if (by.indentless !== true) this.#indent += this.#style.indent;
    work();
    this.#indent = before;
  }

  #blockSequence(items: readonly unknown[], where: Where): void {
    const indentless = where === 'mapping' && !this.#indention;
    this.#indented({ flow: false, indentless }, () => {
      for (const item of items) {
        this.#startLine();
        this.#indicator('-', { needSpace: true, indention: true });
        this.node(item, 'sequence');
      }
    });
  }

  #blockMapping(value: unknown): void {
    this.#indented({ flow: false }, () => {
      for (const [key, item] of this.#entries(value)) {
        this.#startLine();
        if (this.#isSimpleKey(key)) {
          this.node(key, 'key');
          this.#indicator(':', {});
        } else {
          this.#indicator('?', { needSpace: true, indention: true });
          this.node(key, 'mapping');
          this.#startLine();
          this.#indicator(':', { needSpace: true, indention: true });
        }
        this.node(item, 'mapping');
      }
    });
  }

  #isSimpleKey(key: string): boolean {
    return key.length < LONGEST_KEY && !analysed(key).multiline;
  }

  #flowCollection(value: unknown): void {
    const isList = Array.isArray(value);
    this.#indicator(isList ? '[' : '{', { needSpace: true, whitespace: true });
    this.#flowLevel++;
    this.#indented({ flow: true }, () => {
      const items = isList ? value.map((item) => [undefined, item] as const) : this.#entries(value);
      for (const [at, [key, item]] of items.entries()) {
        if (at > 0) this.#indicator(',', {});
        if (this.#column > this.#style.width) this.#startLine();
        if (key !== undefined) {
          if (!this.#isSimpleKey(key)) this.#indicator('?', { needSpace: true });
          this.node(key, this.#isSimpleKey(key) ? 'key' : 'mapping');
          this.#indicator(':', this.#isSimpleKey(key) ? {} : { needSpace: true });
        }
        this.node(item, 'mapping');
      }
    });
    this.#flowLevel--;
    this.#indicator(isList ? ']' : '}', {});
  }

  #scalar(value: unknown, where: Where): void {
    this.#indented({ flow: true }, () => {
      const known = literal(value);
      if (known !== undefined) {
        this.#plain(known, where);
        return;
      }
      const text = print(value);
      const allowed = analysed(text);
      const isKey = where === 'key';
      const isPlain = this.#flowLevel > 0 ? allowed.flowPlain : allowed.blockPlain;
      if (readsAsText(text) && isPlain && !(isKey && (text === '' || allowed.multiline)))
        this.#plain(text, where);
      else if (allowed.singleQuoted && !(isKey && allowed.multiline)) this.#singleQuoted(text, !isKey);
      else this.#doubleQuoted(text, !isKey);
    });
  }

  #plain(text: string, where: Where): void {
    if (!this.#whitespace) this.#write(' ');
    this.#whitespace = false;
    this.#indention = false;
    this.#words(text, where !== 'key', () => true);
  }

  /** Writes text of one line, broken at single spaces where it is too long. */
  #words(
    text: string,
    split: boolean,
    mayBreak: (start: number, end: number) => boolean,
    quoted = false,
  ): void {
    let at = 0;
    for (const piece of text.match(/ +|[^ ]+/g) ?? []) {
      const end = at + piece.length;
      if (piece === ' ' && split && this.#column > this.#style.width && mayBreak(at, end))
        this.#startLine(true);
      else this.#write(quoted ? piece.replaceAll("'", "''") : piece);
      at = end;
    }
  }

  #singleQuoted(text: string, split: boolean): void {
    this.#indicator("'", { needSpace: true });
    let at = 0;
    for (const piece of text.match(/[\n\x85\u2028\u2029]+|[^\n\x85\u2028\u2029]+/g) ?? []) {
      const from = at;
      at += piece.length;
      if (/^[\n\x85\u2028\u2029]/.test(piece)) this.#breaks(piece);
      else this.#words(piece, split, (start, end) => from + start !== 0 && from + end !== text.length, true);
    }
    this.#indicator("'", {});
  }

  #breaks(piece: string): void {
    if (piece.startsWith('\n')) this.#newLine();
    for (const end of piece) this.#newLine(end);
    this.#startLine();
  }

  #doubleQuoted(text: string, split: boolean): void {
    this.#indicator('"', { needSpace: true });
    let at = 0;
    for (const piece of text.match(/ +|[^ ]+/g) ?? []) {
      const edge = at === 0 || at === text.length - 1;
      at += piece.length;
      if (!piece.startsWith(' ')) this.#write([...piece].map(escapedCharacter).join(''));
      else if (split && !edge && this.#column > this.#style.width) {
        this.#startLine(true);
        this.#write(piece.length > 1 ? `\\${piece.slice(1)}` : '');
      } else this.#write(piece);
    }
    this.#indicator('"', {});
  }

  #write(text: string): void {
    this.#column += text.length;
    this.#out.push(text);
  }

  #indicator(
    text: string,
    options: { needSpace?: boolean; whitespace?: boolean; indention?: boolean },
  ): void {
    this.#write(this.#whitespace || options.needSpace !== true ? text : ` ${text}`);
    this.#whitespace = options.whitespace ?? false;
    this.#indention &&= options.indention ?? false;
  }

  /** Goes to the indentation, on a new line where this one holds more than that. */
  #startLine(within = false): void {
    const indent = Math.max(0, this.#indent);
    if (!this.#indention || this.#column > indent || (this.#column === indent && !this.#whitespace))
      this.#newLine();
    if (this.#column < indent) {
      this.#whitespace = true;
      this.#write(' '.repeat(indent - this.#column));
    }
    if (within) {
      this.#whitespace = false;
      this.#indention = false;
    }
  }

  #newLine(end = '\n'): void {
    this.#whitespace = true;
    this.#indention = true;
    this.#column = 0;
    this.#out.push(end);
  }
}
