/** Cuts a template into text and tags, white space control done. The rules are Jinja2's. */
import type { NetplayError } from '../shared/errors.js';
import { type Origin, templateError } from './errors.js';
import { matchAt, readTokens, type Token } from './lexer.js';
import { type Rules, rulesOf, type Syntax } from './syntax.js';

export type Segment =
  | { kind: 'text'; text: string; start: number; end: number }
  | { kind: 'output' | 'block'; tokens: readonly Token[]; start: number; end: number };

/** What the tag before does to the text that follows: `-` strips, a block takes one line end. */
type Before = '' | '-' | 'line';

/** The text and tags of a template. */
export function lexTemplate(origin: Origin, syntax: Syntax): Segment[] {
  return new Cutter(origin, rulesOf(syntax)).cut();
}

interface Opening {
  kind: 'block' | 'variable' | 'comment';
  start: number;
  /** Where its content begins. */
  content: number;
  sign: string;
}

class Cutter {
  readonly #origin: Origin;
  readonly #rules: Rules;
  readonly #segments: Segment[] = [];
  #at = 0;
  #before: Before = '';

  constructor(origin: Origin, rules: Rules) {
    this.#origin = origin;
    this.#rules = rules;
  }

  cut(): Segment[] {
    const { text } = this.#origin;
    while (this.#at < text.length) {
      const opening = this.#opening();
      if (opening === undefined) {
        this.#text(text.length, false, false);
        break;
      }
      const { kind, sign } = opening;
      const lstrip = this.#rules.syntax.lstripBlocks && kind !== 'variable' && sign !== '+';
      this.#text(opening.start, sign === '-', lstrip);
      if (kind === 'comment') this.#comment(opening);
      else if (kind === 'variable' || !this.#raw(opening)) this.#tag(opening);
    }
    return this.#segments;
  }

  #opening(): Opening | undefined {
    const { opening, kinds } = this.#rules;
    opening.lastIndex = this.#at;
    const found = opening.exec(this.#origin.text);
    if (found === null) return undefined;
    const at = kinds.findIndex((_, index) => found[index + 1] !== undefined);
    return {
      kind: kinds[at] ?? 'variable',
      start: found.index,
      content: found.index + found[0].length,
      sign: found[at + 1] ?? '',
    };
  }

  #text(end: number, stripEnd: boolean, lstrip: boolean): void {
    const { text } = this.#origin;
    let from = this.#at;
    if (this.#before === '-') while (from < end && /\s/.test(text.charAt(from))) from++;
    else if (this.#before === 'line') from += matchAt(/\r\n|\r|\n/y, text, from)?.[0].length ?? 0;
    let piece = text.slice(from, Math.max(from, end));
    if (stripEnd) piece = piece.trimEnd();
    else if (lstrip) piece = this.#withoutIndent(piece, from);
    if (piece === '') return;
    const { newline } = this.#rules.syntax;
    const normal = piece.includes('\r') || newline !== '\n' ? piece.replace(/\r\n|\r|\n/g, newline) : piece;
    this.#segments.push({ kind: 'text', text: normal, start: this.#at, end });
  }

  /** Without the white space at its end, where that begins a line. */
  #withoutIndent(piece: string, from: number): string {
    const line = piece.lastIndexOf('\n') + 1;
    const begins = line > 0 || from === 0 || this.#origin.text[from - 1] === '\n';
    return begins && piece.slice(line).trim() === '' ? piece.slice(0, line) : piece;
  }

  #after(sign: string): void {
    this.#before = sign === '-' ? '-' : sign === '' && this.#rules.syntax.trimBlocks ? 'line' : '';
  }

  #unclosed(opening: Opening, what: string): NetplayError {
    const { start, content } = opening;
    return templateError(`'${what}' is not closed`, this.#origin, { start, end: content });
  }

  #comment(opening: Opening): void {
    const { commentEnd, syntax } = this.#rules;
    commentEnd.lastIndex = opening.content;
    const found = commentEnd.exec(this.#origin.text);
    if (found === null) throw this.#unclosed(opening, syntax.comment[0]);
    this.#after(found[1] ?? '');
    this.#at = found.index + found[0].length;
  }

  /** Takes a whole `{% raw %}…{% endraw %}`, where one begins here. */
  #raw(opening: Opening): boolean {
    const { text } = this.#origin;
    const { rawStart, rawEnd, syntax } = this.#rules;
    const begin = matchAt(rawStart, text, opening.start);
    if (begin === null) return false;
    this.#at = opening.start + begin[0].length;
    const end = matchAt(rawEnd, text, this.#at);
    if (end === null) throw this.#unclosed(opening, `${syntax.block[0]} raw ${syntax.block[1]}`);
    this.#before = begin[2] === '-' ? '-' : '';
    const lstrip = syntax.lstripBlocks && end[1] !== '+';
    this.#text(end.index, end[1] === '-', lstrip);
    this.#after(end[2] ?? '');
    this.#at = end.index + end[0].length;
    return true;
  }

  #tag(opening: Opening): void {
    const block = opening.kind === 'block';
    const { syntax, blockEnd, variableEnd } = this.#rules;
    const width = syntax[block ? 'block' : 'variable'][0].length;
    const closing = block ? blockEnd : variableEnd;
    const read = readTokens(this.#origin, opening.content, closing, opening.start, width);
    this.#segments.push({
      kind: block ? 'block' : 'output',
      tokens: read.tokens,
      start: opening.start,
      end: read.end,
    });
    if (block) this.#after(read.sign);
    else this.#before = read.sign === '-' ? '-' : '';
    this.#at = read.end;
  }
}
