/** A resource's schema as a playbook's author may use it: before coercion, and before templates are rendered. */
import { allowedTypes } from '../resources/coerce.js';
import type { JsonSchema } from '../resources/resource.js';
import { isMap } from '../shared/is-map.js';

/** A string that only rendering can judge. */
const TEMPLATE = { type: 'string', pattern: '\\{[{%#]' } as const;
const BOOLEAN_WORD = {
  type: 'string',
  pattern: '^([Tt]rue|TRUE|[Ff]alse|FALSE|[Yy]es|YES|[Nn]o|NO|[Oo]n|ON|[Oo]ff|OFF)$',
} as const;
const QUOTED_NUMBER = { type: 'string', pattern: '^-?[0-9]+(\\.[0-9]+)?$' } as const;

/** Editors read draft 7, which has other words for the same. */
const OLDER: Readonly<Record<string, string>> = { dependentRequired: 'dependencies' };

/** Keywords that name what text may be, and those that only limit it. */
const NAMING = ['enum', 'const', 'anyOf', 'oneOf', 'format'];
const LIMITING = [...NAMING, 'pattern', 'minLength', 'maxLength'];

/**
 * The same schema with a template allowed at every place, and what `coerceParams` turns into the right type.
 * A condition (`if`) that depends on a template asks for nothing. Descriptions stay outside, where editors
 * look for them.
 */
export function lenient(schema: JsonSchema): JsonSchema {
  const { description, default: preset, examples, ...constraints } = schema;
  const exact = withLenientParts(constraints);
  const others = alternatives(constraints);
  return {
    ...(description !== undefined && { description }),
    ...(preset !== undefined && { default: preset }),
    ...(examples !== undefined && { examples }),
    ...(others.length === 0 ? exact : { anyOf: [exact, ...others] }),
  };
}

/** What else may stand in the place of a value that the schema asks for. */
function alternatives(schema: JsonSchema): JsonSchema[] {
  const types = allowedTypes(schema, schema);
  if (types === undefined) return [];
  const text = types.has('string');
  const number = types.has('integer') || types.has('number');
  const has = (words: readonly string[]): boolean => words.some((word) => word in schema);
  return [
    ...(types.has('boolean') && !text ? [BOOLEAN_WORD] : []),
    ...(number && !text ? [QUOTED_NUMBER] : []),
    ...(text && !number && !has(NAMING) ? [{ type: 'number' }] : []),
    ...(text && !has(LIMITING) ? [] : [TEMPLATE]),
  ];
}

function withLenientParts(schema: JsonSchema): JsonSchema {
  const { if: condition, then: positive, else: negative, ...rest } = schema;
  const parts = Object.entries(rest).map(([key, value]) => [OLDER[key] ?? key, lenientPart(key, value)]);
  const exact: JsonSchema = Object.fromEntries(parts);
  if (!isMap(condition)) return exact;
  return {
    ...exact,
    allOf: [
      ...(isMap(positive) ? [conditional(condition, 'then', positive)] : []),
      ...(isMap(negative) ? [conditional(lenient(condition), 'else', negative)] : []),
    ],
  };
}

function conditional(condition: JsonSchema, branch: 'then' | 'else', schema: JsonSchema): JsonSchema {
  return { if: condition, [branch]: lenient(schema) };
}

function lenientPart(key: string, value: unknown): unknown {
  if (key === 'properties' && isMap(value))
    return Object.fromEntries(
      Object.entries(value).map(([name, inner]) => [name, isMap(inner) ? lenient(inner) : inner]),
    );
  if ((key === 'items' || key === 'additionalProperties') && isMap(value)) return lenient(value);
  // A branch is one of several ways to say the same value: what else may stand there is said beside all.
  if (key === 'anyOf' && Array.isArray(value))
    return value.map((branch) => (isMap(branch) ? withLenientParts(branch) : branch));
  return value;
}
