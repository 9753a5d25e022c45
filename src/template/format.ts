/** Python's `'…'.format(…)`. */
import { item, MISSING } from './access.js';
import { fits } from './budget.js';
import { OperationError } from './errors.js';
import { digits } from './percent.js';
import { print, repr } from './print.js';
import { isFloat, isInteger, numberOf, typeName } from './values.js';

const SPEC = /^(?:(.)?([<>=^]))?([-+ ])?(#)?(0)?(\d+)?([,_])?(?:\.(\d+))?([bcdeEfFgGnosxX%])?$/su;

function grouped(number: string, separator: string | undefined): string {
  if (separator === undefined) return number;
  const [whole = '', ...fraction] = number.split('.');
  return [whole.replace(/\B(?=(\d{3})+$)/g, separator), ...fraction].join('.');
}

function magnitude(value: unknown, conversion: string, precision: number | undefined): string {
  const number = Math.abs(numberOf(value) ?? 0);
  if (conversion === '%')
    return `${digits(number * 100, { flags: '', width: 0, precision, conversion: 'f' })}%`;
  if (conversion === 'b') return number.toString(2);
  if (conversion === 'c') return String.fromCodePoint(number);
  if (conversion === '') {
    if (precision === undefined) return print(isFloat(value) ? value : number).replace('-', '');
    return digits(number, { flags: '', width: 0, precision, conversion: 'g' });
  }
  const fixed = 'eEfFgG'.includes(conversion) || isFloat(value);
  return digits(number, { flags: '', width: 0, precision: fixed ? precision : undefined, conversion });
}

/** A value by a format specification such as `>8.2f`. */
function formatValue(value: unknown, spec: string): string {
  if (spec === '') return print(value);
  const match = SPEC.exec(spec);
  if (match === null) throw new OperationError(`'${spec}' is no format specification`);
  const [, fill, align, sign, alternate, zero, width = '0', separator, precision, conversion = ''] = match;
  fits(Number(width), 'text');
  const limit = precision === undefined ? undefined : Number(precision);
  const number = numberOf(value);
  if (typeof value === 'string' || number === undefined || typeof value === 'boolean') {
    if (conversion !== '' && conversion !== 's' && typeof value !== 'boolean')
      throw new OperationError(
        `'${conversion}' does not format a ${typeName(value)}`,
        "Convert it: '| int'.",
      );
    return padded([...print(value)].slice(0, limit).join(''), '', Number(width), align ?? '<', fill ?? ' ');
  }
  if ('bcdoxX'.includes(conversion || '-') && !isInteger(value))
    throw new OperationError(`'${conversion}' does not format a float`, "Convert it: '| int'.");
  let body = grouped(magnitude(value, conversion, limit), separator);
  if ('XEG'.includes(conversion || '-')) body = body.toUpperCase();
  const prefix = alternate !== undefined && 'boxX'.includes(conversion || '-') ? `0${conversion}` : '';
  const signText = number < 0 || Object.is(number, -0) ? '-' : sign === undefined || sign === '-' ? '' : sign;
  const zeroes = zero !== undefined && align === undefined;
  return padded(
    body,
    signText + prefix,
    Number(width),
    zeroes ? '=' : (align ?? '>'),
    fill ?? (zeroes ? '0' : ' '),
  );
}

function padded(body: string, sign: string, width: number, align: string, fill: string): string {
  const missing = Math.max(0, width - [...body].length - sign.length);
  if (align === '=') return sign + fill.repeat(missing) + body;
  if (align === '<') return sign + body + fill.repeat(missing);
  const left = align === '^' ? Math.floor(missing / 2) : missing;
  return fill.repeat(left) + sign + body + fill.repeat(missing - left);
}

/** Fields are `{}`, `{0}`, `{name}`, `{name.attribute}`, `{0[key]}`, with `!r`, `!s` and `:spec`. */
export function formatText(
  format: string,
  positional: readonly unknown[],
  named: ReadonlyMap<string, unknown>,
): string {
  let next = 0;
  return format.replace(/\{\{|\}\}|\{([^{}]*)\}|[{}]/g, (whole, field: string | undefined) => {
    if (whole === '{{') return '{';
    if (whole === '}}') return '}';
    if (field === undefined) throw new OperationError(`the format has a single '${whole}'`);
    const [, reference = '', conversion, spec = ''] = /^([^!:]*)(?:!([rs]))?(?::(.*))?$/s.exec(field) ?? [];
    const [first = '', ...steps] = reference.match(/[^.[\]]+/g) ?? [];
    const begins = reference.startsWith('.') || reference.startsWith('[') ? '' : first;
    const path = begins === '' && first !== '' ? [first, ...steps] : steps;
    const base = begins === '' ? `${next++}` : begins;
    let value = /^\d+$/.test(base)
      ? valueAt(positional, Number(base))
      : named.has(base)
        ? named.get(base)
        : MISSING;
    for (const step of path)
      value = value === MISSING ? value : item(value, /^\d+$/.test(step) ? Number(step) : step);
    if (value === MISSING)
      throw new OperationError(`the format names '${reference || base}', which is not given`);
    return formatValue(conversion === 'r' ? repr(value) : conversion === 's' ? print(value) : value, spec);
  });
}

function valueAt(list: readonly unknown[], position: number): unknown {
  return position < list.length ? list[position] : MISSING;
}
