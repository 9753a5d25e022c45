/** What a schema expects of a plain value, in words that complete `must be …`. */
import type { ErrorObject } from 'ajv';
import { isMap } from '../shared/is-map.js';
import { formats } from './formats.js';

const TYPES: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  null: 'null',
  array: 'a list',
  object: 'a map',
};

const LONGEST_SHOWN = 60;

/** Undefined where the error is not about what a value may be. */
export function expectation(error: ErrorObject): string | undefined {
  switch (error.keyword) {
    case 'type':
      return orList([error.params.type].flat().map((type) => TYPES[String(type)] ?? String(type)));
    case 'enum':
      return orList([error.params.allowedValues].flat().map(String));
    case 'const':
      return String(error.params.allowedValue);
    case 'format':
      return Object.entries(formats).find(([name]) => name === error.params.format)?.[1].expected;
    case 'minimum':
    case 'maximum':
    case 'exclusiveMinimum':
    case 'exclusiveMaximum':
      return range(error);
    case 'multipleOf':
      return `a multiple of ${error.params.multipleOf}`;
    case 'minLength':
      return error.params.limit === 1 ? 'some text' : `at least ${error.params.limit} characters long`;
    case 'maxLength':
      return `at most ${error.params.limit} characters long`;
    case 'minItems':
      return error.params.limit === 1 ? 'a list of at least one' : `a list of at least ${error.params.limit}`;
    case 'maxItems':
      return `a list of at most ${error.params.limit}`;
    case 'minProperties':
      return error.params.limit === 1
        ? 'a map of at least one parameter'
        : `a map of at least ${error.params.limit} parameters`;
    case 'pattern':
      return exampleOf(error);
    default:
      return undefined;
  }
}

function range(error: ErrorObject): string {
  const schema = isMap(error.parentSchema) ? error.parentSchema : {};
  const { minimum, maximum } = schema;
  if (minimum !== undefined && maximum !== undefined) return `from ${minimum} to ${maximum}`;
  const bounds: Readonly<Record<string, string>> = {
    minimum: 'at least',
    maximum: 'at most',
    exclusiveMinimum: 'more than',
    exclusiveMaximum: 'less than',
  };
  return `${bounds[error.keyword]} ${error.params.limit}`;
}

function exampleOf(error: ErrorObject): string | undefined {
  const examples = isMap(error.parentSchema) ? error.parentSchema.examples : undefined;
  return Array.isArray(examples) && examples.length > 0 ? `such as ${String(examples[0])}` : undefined;
}

/** `a`, `a or b`, `a, b or c`. */
export function orList(items: readonly string[]): string {
  const last = items.at(-1) ?? '';
  return items.length < 2 ? last : `${items.slice(0, -1).join(', ')} or ${last}`;
}

/** A value as a message shows it: short, and on one line. */
export function shown(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (isMap(value)) return Object.keys(value).length === 0 ? 'an empty map' : 'a map';
  if (typeof value !== 'string') return String(value);
  const line = value.replaceAll(/\s+/g, ' ');
  return `'${line.length > LONGEST_SHOWN ? `${line.slice(0, LONGEST_SHOWN)}…` : line}'`;
}

/** The strings in what may be a list of them. */
export function words(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((word) => typeof word === 'string') : [];
}
