/** What a task says of options, in base units. */

import type { Problem } from '../../shared/change.js';
import { parseRate } from '../../shared/rate.js';
import { parsePercent, parseSize, parseTime } from '../../shared/tc-units.js';
import type { TcOptions, TcValue } from '../../snapshot/tc.js';
import type { Specs, Unit } from '../../snapshot/tc-options.js';

/** A parameter's value in base units; it is valid by the schema. */
export function baseValue(unit: Unit, value: unknown): TcValue {
  const text = String(value);
  switch (unit) {
    case 'rate':
      return parseRate(text) ?? 0;
    case 'size':
    case 'bytes':
      return parseSize(text) ?? 0;
    case 'time':
      return parseTime(text) ?? 0;
    case 'percent':
      return parsePercent(text) ?? 0;
    case 'count':
      return Number(text);
    case 'hex':
      return Number.parseInt(text, 16).toString(16);
    case 'flag':
      return value === true;
    case 'list':
      return Array.isArray(value) ? value.join(' ') : text;
    default:
      return text;
  }
}

/**
 * The options of a kind that a task gives, and a problem for each that the kind does not have.
 * @param known all options of all kinds
 */
export function givenOptions(
  params: Readonly<Record<string, unknown>>,
  known: Readonly<Record<string, unknown>>,
  kind: string,
  specs: Specs,
): { options: TcOptions; problems: Problem[] } {
  const options: Record<string, TcValue> = {};
  const problems: Problem[] = [];
  for (const [name, value] of Object.entries(params)) {
    if (!Object.hasOwn(known, name) || value === undefined) continue;
    const spec = specs[name];
    if (spec !== undefined) options[name] = baseValue(spec.unit, value);
    else {
      const own = Object.keys(specs).filter((word) => Object.hasOwn(known, word));
      const hint = own.length === 0 ? `${kind} has no options.` : `${kind} has ${own.join(', ')}.`;
      problems.push({ message: `${kind} has no ${name}`, hint, path: [name] });
    }
  }
  return { options, problems };
}
