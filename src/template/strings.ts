/** What methods and filters of texts share. */
import { fits, LONGEST } from './budget.js';
import { OperationError } from './errors.js';
import { whole } from './functions.js';
import { typeName } from './values.js';

export function capitalized(value: string): string {
  const [first = '', ...rest] = value;
  return first.toUpperCase() + rest.join('').toLowerCase();
}

/** Python's `title`: a capital after everything that is no letter. */
export function titled(value: string): string {
  return value.replace(/\p{L}+/gu, capitalized);
}

/** Without the white space, or the given characters, at its ends. */
export function stripped(value: string, characters: unknown, side: 'left' | 'right' | 'both'): string {
  if (characters !== undefined && characters !== null && typeof characters !== 'string')
    throw new OperationError(`the characters to strip must be a text, not ${typeName(characters)}`);
  const drop = typeof characters === 'string' ? new Set(characters) : undefined;
  const goes = (character: string | undefined): boolean =>
    character !== undefined && (drop === undefined ? /\s/.test(character) : drop.has(character));
  const list = [...value];
  let start = 0;
  let end = list.length;
  if (side !== 'right') while (start < end && goes(list[start])) start++;
  if (side !== 'left') while (end > start && goes(list[end - 1])) end--;
  return list.slice(start, end).join('');
}

/** With every `from` replaced; the result's length is known before it is made. */
export function replacedAll(value: string, from: string, to: string): string {
  if (to.length > from.length && value.length * to.length > LONGEST) {
    const count = from === '' ? value.length + 1 : value.split(from).length - 1;
    fits(value.length + count * (to.length - from.length), 'text');
  }
  return value.replaceAll(from, () => to);
}

/** `rfind` of an empty text is the end. */
export function lastIndex(value: string, wanted: string): number {
  return wanted === '' ? value.length : value.lastIndexOf(wanted);
}

/** Python's `split` and `rsplit`: at white space where no separator is given. */
export function split(value: string, separator: unknown, most: unknown, side: 'left' | 'right'): string[] {
  const limit = most === undefined || most === null ? -1 : whole(most, 'maxsplit');
  if (separator !== undefined && separator !== null && typeof separator !== 'string')
    throw new OperationError(`the separator must be a text, not ${typeName(separator)}`);
  if (separator === '') throw new OperationError('the separator is empty');
  if (separator === undefined || separator === null) return splitWords(value, limit, side);
  const pieces = value.split(separator);
  if (limit < 0 || pieces.length - 1 <= limit) return pieces;
  if (side === 'left') return [...pieces.slice(0, limit), pieces.slice(limit).join(separator)];
  const cut = pieces.length - limit;
  return [pieces.slice(0, cut).join(separator), ...pieces.slice(cut)];
}

function splitWords(value: string, limit: number, side: 'left' | 'right'): string[] {
  const words = value.split(/\s+/).filter((word) => word !== '');
  if (limit < 0 || words.length - 1 <= limit) return words;
  const step = side === 'left' ? /^\s*(\S+)\s*/ : /\s*(\S+)\s*$/;
  const taken: string[] = [];
  let rest = side === 'left' ? value.trimStart() : value.trimEnd();
  for (let count = 0; count < limit; count++) {
    const found = step.exec(rest);
    if (found?.[1] === undefined) break;
    taken.push(found[1]);
    rest = side === 'left' ? rest.slice(found[0].length) : rest.slice(0, found.index);
  }
  return side === 'left' ? [...taken, rest] : [rest, ...taken.reverse()];
}

export function splitLines(value: string, keepEnds: boolean): string[] {
  const lines = value.match(/[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+$/g) ?? [];
  return keepEnds ? [...lines] : lines.map((line) => line.replace(/[\r\n]+$/, ''));
}
