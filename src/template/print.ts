/** Values as Python's `str` and `repr` print them. */

import { spend } from './budget.js';
import { OperationError } from './errors.js';
import { Moment, printMoment, printSpan, Span } from './moments.js';
import {
  dictEntries,
  Float,
  isDict,
  isFloat,
  Namespace,
  NoElse,
  numberOf,
  OMIT,
  Tuple,
  typeName,
  Undefined,
} from './values.js';

/** A float's shortest digits that read back the same; exponents from 1e16 and below 1e-4. */
export function printFloat(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  const [mantissa = '', exponentText = '0'] = value.toExponential().split('e');
  const exponent = Number(exponentText);
  if (Object.is(value, -0)) return '-0.0';
  if (exponent >= -4 && exponent < 16) {
    const plain =
      exponent < 0
        ? value.toFixed(Math.max(0, mantissa.replace(/[-.]/g, '').length - 1 - exponent))
        : `${value}`;
    return plain.includes('.') ? plain : `${plain}.0`;
  }
  const digits = `${Math.abs(exponent)}`.padStart(2, '0');
  return `${mantissa}e${exponent < 0 ? '-' : '+'}${digits}`;
}

const ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\\': '\\\\' };

/** A string in quotes, as Python writes it in lists and dicts. */
export function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const body = text.replace(/[\\\n\r\t]|[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]|[^\S ]/gu, (character) => {
    const known = ESCAPES[character];
    if (known !== undefined) return known;
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x100) return `\\x${code.toString(16).padStart(2, '0')}`;
    return code < 0x10000
      ? `\\u${code.toString(16).padStart(4, '0')}`
      : `\\U${code.toString(16).padStart(8, '0')}`;
  });
  return `${quote}${quote === "'" ? body.replaceAll("'", "\\'") : body}${quote}`;
}

function items(values: readonly unknown[]): string {
  spend(values.length);
  return Array.from(values, repr).join(', ');
}

/** Python's `repr`. Fails where the value, or one within it, is undefined. */
export function repr(value: unknown): string {
  if (typeof value === 'string') return quoted(value);
  if (value instanceof Tuple) return value.length === 1 ? `(${items(value)},)` : `(${items(value)})`;
  if (Array.isArray(value)) return `[${items(value)}]`;
  if (isDict(value)) {
    const entries = dictEntries(value);
    spend(entries.length);
    return `{${entries.map(([key, item]) => `${quoted(key)}: ${repr(item)}`).join(', ')}}`;
  }
  return print(value);
}

/** Python's `str`: what a value becomes within text. */
export function print(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value === null || value === undefined) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (isFloat(value)) return printFloat(numberOf(value) ?? 0);
  if (typeof value === 'number') return `${value}`;
  if (value instanceof Undefined) return value instanceof NoElse ? '' : value.fail();
  if (value === OMIT)
    throw new OperationError("'omit' can't be part of a text", 'It stands alone: {{ x | default(omit) }}');
  if (value instanceof Moment) return printMoment(value);
  if (value instanceof Span) return printSpan(value);
  if (value instanceof Namespace || value instanceof Float || typeof value === 'function')
    throw new OperationError(`a ${typeName(value)} can't be printed`, 'Call it: add ().');
  return repr(value);
}
