/** Filters that give numbers and booleans. */
import { createHash } from 'node:crypto';
import { iterate } from '../access.js';
import { OperationError } from '../errors.js';
import { amount, define, type Registry, text, whole } from '../functions.js';
import { range } from '../globals.js';
import { Float, float, isFloat, isInteger, numberOf, typeName } from '../values.js';

const TRUE_WORDS: ReadonlySet<unknown> = new Set(['yes', 'on', '1', 'true', 1]);
const BASES: Readonly<Record<number, RegExp>> = {
  2: /^(?:0[bB])?([01]+)$/,
  8: /^(?:0[oO])?([0-7]+)$/,
  10: /^(\d+)$/,
  16: /^(?:0[xX])?([\da-fA-F]+)$/,
};

function parseIntText(value: string, base: number): number | undefined {
  const trimmed = value.trim().replaceAll(/(?<=\w)_(?=\w)/g, '');
  const sign = trimmed.startsWith('-') ? -1 : 1;
  const pattern = BASES[base];
  if (pattern === undefined) throw new OperationError('the base of int must be 2, 8, 10 or 16');
  const found = pattern.exec(trimmed.replace(/^[-+]/, ''))?.[1];
  return found === undefined ? undefined : sign * Number.parseInt(found, base) || 0;
}

/** Python's `float(text)`. */
function parseFloatText(value: string): number | undefined {
  const trimmed = value.trim();
  if (/^[-+]?(\d[\d_]*\.?[\d_]*|\.\d[\d_]*)([eE][-+]?\d+)?$/.test(trimmed))
    return Number(trimmed.replaceAll('_', ''));
  const word = /^([-+]?)(inf|infinity|nan)$/i.exec(trimmed);
  if (word === null) return undefined;
  return word[2]?.toLowerCase() === 'nan' ? Number.NaN : word[1] === '-' ? -Infinity : Infinity;
}

function toInt(value: unknown, fallback: unknown, base: unknown): unknown {
  const otherwise = fallback === undefined ? 0 : fallback;
  const number = typeof value === 'string' ? integerOf(value, base) : numberOf(value);
  if (number === undefined || !Number.isFinite(number)) return otherwise;
  const truncated = Math.trunc(number) || 0;
  if (!Number.isSafeInteger(truncated)) throw new OperationError('the number is beyond 2^53');
  return truncated;
}

function integerOf(value: string, base: unknown): number | undefined {
  const radix = base === undefined ? 10 : whole(base, 'the base');
  return parseIntText(value, radix) ?? (radix === 10 ? parseFloatText(value) : undefined);
}

function toFloat(value: unknown, fallback: unknown): unknown {
  const number = typeof value === 'string' ? parseFloatText(value) : numberOf(value);
  return number === undefined ? (fallback === undefined ? new Float(0) : fallback) : float(number);
}

function toBool(value: unknown): unknown {
  if (value === null || typeof value === 'boolean') return value;
  return TRUE_WORDS.has(typeof value === 'string' ? value.toLowerCase() : numberOf(value));
}

/** Rounds halves to the even neighbour, as Python does; a half is one only where its binary value is exact. */
function roundHalfEven(value: number, digits: number): number {
  const scale = 10 ** Math.abs(digits);
  if (digits > 0) {
    const isHalf = Math.abs((value * 2 ** (digits + 1)) % 2) === 1;
    return isHalf
      ? (2 * Math.round((value * scale) / 2)) / scale
      : Number(value.toFixed(Math.min(digits, 100)));
  }
  const scaled = value / scale;
  const isHalf = Math.abs(scaled % 1) === 0.5;
  return (isHalf ? 2 * Math.round(scaled / 2) : Math.round(scaled)) * scale;
}

function rounded(value: unknown, precision: unknown, method: unknown): unknown {
  const digits = precision === undefined ? 0 : whole(precision, 'the precision');
  const number = amount(value, 'what to round');
  if (!Number.isFinite(number)) return number;
  const way = method ?? 'common';
  const scale = 10 ** digits;
  if (way === 'ceil') return float(Math.ceil(number * scale) / scale);
  if (way === 'floor') return float(Math.floor(number * scale) / scale);
  if (way !== 'common') throw new OperationError("the method of round is 'common', 'ceil' or 'floor'");
  const result = roundHalfEven(number, digits);
  return isInteger(value) ? result : float(result);
}

/** A number from 0 to 1 that a seed always gives. It is not the one that Python's seed gives. */
export function seeded(seed: string): number {
  return createHash('sha256').update(seed).digest().readUInt32BE(0) / 2 ** 32;
}

function random(value: unknown, args: readonly unknown[]): unknown {
  const [seed, start, step] = args;
  const pool = isInteger(value)
    ? range(...bounds(value, start), step === undefined ? 1 : whole(step, 'the step'))
    : iterate(value);
  if (pool.length === 0) throw new OperationError('random needs something to choose from');
  const chance = seed === undefined || seed === null ? Math.random() : seeded(text(seed));
  return pool[Math.floor(chance * pool.length)];
}

function bounds(value: unknown, start: unknown): [number, number] {
  return [start === undefined ? 0 : whole(start, 'the start'), whole(value, 'the end')];
}

export const numberFilters: Registry = {
  int: define('default base', (value, [fallback, base]) => toInt(value, fallback, base)),
  float: define('default', (value, [fallback]) => toFloat(value, fallback)),
  bool: define('', toBool),
  abs: define('', (value) => {
    const number = Math.abs(amount(value, 'the value'));
    return isFloat(value) ? float(number) : number;
  }),
  round: define('precision method', (value, [precision, method]) => rounded(value, precision, method)),
  random: define('seed start step', random),
  pow: define('x', (value, [exponent]) =>
    float(amount(value, 'the base') ** amount(exponent, 'the exponent')),
  ),
  root: define('base', (value, [base]) => float(root(value, base))),
  log: define('base', (value, [base]) => {
    const number = Math.log(amount(value, 'the value'));
    return float(base === undefined ? number : number / Math.log(amount(base, 'the base')));
  }),
  type_debug: { ...define('', typeName), takesUndefined: true },
};

function root(value: unknown, base: unknown): number {
  const number = amount(value, 'the value');
  return base === undefined || base === 2 ? Math.sqrt(number) : number ** (1 / amount(base, 'the base'));
}
