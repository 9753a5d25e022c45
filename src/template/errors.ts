import { NetplayError } from '../shared/errors.js';
import type { Place } from '../shared/place.js';

/** Raised by operations, filters and tests, which don't know where they stand; the evaluator adds that. */
export class OperationError extends Error {
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.name = 'OperationError';
    this.hint = hint;
  }
}

/** An undefined variable, attribute or item, told apart since `default` and `is defined` forgive it. */
export class UndefinedError extends NetplayError {}

/** A template's text, and where it stands in a file. */
export interface Origin {
  text: string;
  place: Place | undefined;
  /** The file whose content the text is, less the lines before `firstLine`. */
  file?: { path: string; firstLine: number };
  /** Whether a backslash in a string stands for itself. */
  literal?: boolean;
}

/** A part of a template: from `start` up to `end`, in characters. */
export interface Span {
  start: number;
  end: number;
}

const LONGEST_SHOWN = 120;

/** The template as an error shows it: one line, and cut where it is long. */
function shown(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > LONGEST_SHOWN ? `${line.slice(0, LONGEST_SHOWN - 1)}…` : line;
}

/** Where a span is in a file's text. */
function lineOf(text: string, span: Span, firstLine: number): Omit<Place, 'file'> {
  const start = text.lastIndexOf('\n', span.start - 1) + 1;
  const end = text.indexOf('\n', start);
  const source = text.slice(start, end < 0 ? undefined : end).replace(/\r$/, '');
  const column = span.start - start + 1;
  const length = Math.max(1, Math.min(span.end - span.start, source.length - column + 1));
  return { line: firstLine + text.slice(0, start).split('\n').length - 1, column, length, source };
}

/** Moves the place to the span, where the template's text is found in the place's line. */
function narrowed(origin: Origin, span: Span): Place | undefined {
  const { place, text, file } = origin;
  if (file !== undefined) return { file: file.path, ...lineOf(text, span, file.firstLine) };
  if (place?.source === undefined) return place;
  const found = place.source.indexOf(text, Math.max(0, place.column - 1));
  if (found < 0) return place;
  return { ...place, column: found + span.start + 1, length: Math.max(1, span.end - span.start) };
}

function details(origin: Origin, span: Span, hint: string | undefined) {
  const place = narrowed(origin, span);
  return { ...(hint === undefined ? {} : { hint }), ...(place === undefined ? {} : { place }) };
}

function located(message: string, origin: Origin, span: Span): string {
  const text = origin.file === undefined ? origin.text : (narrowed(origin, span)?.source ?? '');
  return `${message}, in "${shown(text)}"`;
}

/** A template's error, with the template in its message and the place of the part at fault. */
export function templateError(message: string, origin: Origin, span: Span, hint?: string): NetplayError {
  return new NetplayError('template', located(message, origin, span), details(origin, span, hint));
}

export function undefinedError(message: string, origin: Origin, span: Span, hint?: string): UndefinedError {
  return new UndefinedError('template', located(message, origin, span), details(origin, span, hint));
}
