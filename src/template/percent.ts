/** Python's `%` formatting of text. */
import { fits } from './budget.js';
import { OperationError } from './errors.js';
import { print, printFloat, repr } from './print.js';
import { dictGet, dictHas, isDict, isFloat, numberOf, Tuple, typeName } from './values.js';

const DIRECTIVE = /%(?:\(([^)]*)\))?([-+ 0#]*)(\*|\d+)?(?:\.(\*|\d+))?[hlL]?([a-zA-Z%])?/g;

export interface Spec {
  flags: string;
  width: number;
  precision: number | undefined;
  conversion: string;
}

function numberFor(value: unknown, conversion: string): number {
  const number = numberOf(value);
  if (number === undefined)
    throw new OperationError(
      `'%${conversion}' needs a number, not ${typeName(value)}`,
      "Convert it: '| int' or '| float'.",
    );
  return number;
}

/** `1.5e+05` with at least two digits of exponent. */
function exponential(value: number, precision: number): string {
  const [mantissa = '', exponent = ''] = value.toExponential(Math.min(precision, 100)).split('e');
  return `${mantissa}e${exponent.slice(0, 1)}${exponent.slice(1).padStart(2, '0')}`;
}

function general(value: number, precision: number): string {
  const significant = precision === 0 ? 1 : Math.min(precision, 100);
  const exponent = value === 0 ? 0 : Number(value.toExponential(significant - 1).split('e')[1]);
  const text =
    exponent < -4 || exponent >= significant
      ? exponential(value, significant - 1)
      : value.toFixed(Math.max(0, Math.min(100, significant - 1 - exponent)));
  return text.includes('.') ? text.replace(/\.?0+($|e)/, '$1') : text;
}

/** A number's digits without its sign, by the letter of printf. */
export function digits(value: number, spec: Spec): string {
  const precision = spec.precision;
  if (!Number.isFinite(value)) return printFloat(value);
  switch (spec.conversion.toLowerCase()) {
    case 'e':
      return exponential(value, precision ?? 6);
    case 'f':
      return value.toFixed(Math.min(precision ?? 6, 100));
    case 'g':
      return general(value, precision ?? 6);
    case 'x':
      return `${spec.flags.includes('#') ? '0x' : ''}${Math.trunc(value)
        .toString(16)
        .padStart(precision ?? 0, '0')}`;
    case 'o':
      return `${spec.flags.includes('#') ? '0o' : ''}${Math.trunc(value)
        .toString(8)
        .padStart(precision ?? 0, '0')}`;
    default:
      return `${Math.trunc(value)}`.padStart(precision ?? 0, '0');
  }
}

function formatNumber(value: unknown, spec: Spec): string {
  const number = numberFor(value, spec.conversion);
  if ('xXo'.includes(spec.conversion) && isFloat(value))
    throw new OperationError(`'%${spec.conversion}' needs an int, not float`, "Convert it: '| int'.");
  const body = digits(Math.abs(number), spec);
  const sign = number < 0 ? '-' : spec.flags.includes('+') ? '+' : spec.flags.includes(' ') ? ' ' : '';
  const fill = spec.flags.includes('0') && !spec.flags.includes('-') ? spec.width - sign.length : 0;
  const prefix = spec.flags.includes('#') && /^0[xo]/.test(body) ? body.slice(0, 2) : '';
  const text = `${sign}${prefix}${body.slice(prefix.length).padStart(fill - prefix.length, '0')}`;
  return spec.conversion === 'X' || spec.conversion === 'E' || spec.conversion === 'G'
    ? text.toUpperCase()
    : text;
}

function character(value: unknown): string {
  if (typeof value === 'string' && [...value].length === 1) return value;
  const code = numberOf(value);
  if (code !== undefined && Number.isInteger(code) && code >= 0 && code <= 0x10ffff)
    return String.fromCodePoint(code);
  throw new OperationError("'%c' needs a character or its number");
}

function formatOne(value: unknown, spec: Spec): string {
  const { conversion } = spec;
  let text: string;
  if (conversion === 's') text = print(value);
  else if (conversion === 'r') text = repr(value);
  else if (conversion === 'c') text = character(value);
  else if ('diuoxXeEfFgG'.includes(conversion)) text = formatNumber(value, spec);
  else throw new OperationError(`'%${conversion}' is no known format`);
  if ('sr'.includes(conversion) && spec.precision !== undefined)
    text = [...text].slice(0, spec.precision).join('');
  return spec.flags.includes('-') ? text.padEnd(spec.width) : text.padStart(spec.width);
}

/** `format % values`: a tuple holds one value a directive, a dict is for `%(name)s`, anything else is one value. */
export function percentFormat(format: string, values: unknown): string {
  const queue = values instanceof Tuple ? [...values] : [values];
  let used = 0;
  const take = (): unknown => {
    if (used >= queue.length) throw new OperationError('the format has more directives than values');
    return queue[used++];
  };
  let byName = false;
  const text = format.replace(
    DIRECTIVE,
    (
      whole,
      name: string | undefined,
      flags: string,
      width = '0',
      precision: string | undefined,
      conversion = '',
    ) => {
      if (conversion === '%') return '%';
      if (conversion === '')
        throw new OperationError(
          `'${whole}' is no whole directive of a format`,
          "Write '%%' for a percent sign.",
        );
      const starred = width === '*' ? numberFor(take(), '*') : Number(width);
      const limit =
        precision === '*' ? numberFor(take(), '*') : precision === undefined ? undefined : Number(precision);
      const spec = {
        flags: starred < 0 ? `${flags}-` : flags,
        width: Math.abs(starred),
        precision: limit,
        conversion,
      };
      fits(Math.max(spec.width, limit ?? 0), 'text');
      if (name === undefined) return formatOne(take(), spec);
      byName = true;
      if (!isDict(values) || !dictHas(values, name))
        throw new OperationError(`the format names '${name}', which the dict does not have`);
      return formatOne(dictGet(values, name), spec);
    },
  );
  if (
    !byName &&
    used < queue.length &&
    !isDict(values) &&
    !(Array.isArray(values) && !(values instanceof Tuple) && used > 0)
  )
    throw new OperationError('the format has fewer directives than values');
  return text;
}
