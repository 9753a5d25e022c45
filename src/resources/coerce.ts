/** Values from `-e` and INI files are strings: turns them into what a resource's schema asks for. */
import { booleanWord } from '../shared/boolean-words.js';
import { isMap } from '../shared/is-map.js';
import type { JsonSchema, TaskKind } from './resource.js';

export type JsonType = 'string' | 'integer' | 'number' | 'boolean' | 'null' | 'array' | 'object';

/**
 * The same parameters with numeric strings as numbers, `yes`/`no`/`on`/`off` as booleans and numbers as
 * strings, wherever the schema allows nothing but that type at that place. What is null, a template or
 * of a type that the schema leaves open stays as it is. Never fails: the schema judges the result.
 */
export function coerceParams(resource: Pick<TaskKind<never>, 'schema'>, params: unknown): unknown {
  return coerce(resource.schema, params, resource.schema);
}

function coerce(given: JsonSchema, value: unknown, root: JsonSchema): unknown {
  const schema = resolve(given, root);
  if (Array.isArray(value)) {
    const items = itemSchema(schema, root);
    return items === undefined ? value : value.map((item) => coerce(items, item, root));
  }
  if (isMap(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => {
        const property = propertySchema(schema, key, root);
        return [key, property === undefined ? inner : coerce(property, inner, root)];
      }),
    );
  }
  return coerceScalar(allowedTypes(schema, root), value);
}

function coerceScalar(types: ReadonlySet<JsonType> | undefined, value: unknown): unknown {
  if (types === undefined) return value;
  if (typeof value === 'number') {
    const onlyText = types.has('string') && !types.has('integer') && !types.has('number');
    return onlyText ? String(value) : value;
  }
  if (typeof value !== 'string' || types.has('string')) return value;
  if (types.has('boolean')) {
    const word = booleanWord(value);
    if (word !== undefined) return word;
  }
  const pattern = types.has('number') ? /^-?\d+(\.\d+)?$/ : /^-?\d+$/;
  if ((types.has('integer') || types.has('number')) && pattern.test(value)) {
    const number = Number(value);
    if (!Number.isInteger(number) || Number.isSafeInteger(number)) return number;
  }
  return value;
}

/** By schema, which belongs to one root: thousands of hosts ask for the same few. */
const known = new WeakMap<JsonSchema, { types: ReadonlySet<JsonType> | undefined }>();

/** The types that a schema leaves open for a value; undefined where it says nothing about that. */
export function allowedTypes(given: JsonSchema, root: JsonSchema): ReadonlySet<JsonType> | undefined {
  const before = known.get(given);
  if (before !== undefined) return before.types;
  const types = openTypes(given, root);
  known.set(given, { types });
  return types;
}

function openTypes(given: JsonSchema, root: JsonSchema): ReadonlySet<JsonType> | undefined {
  const schema = resolve(given, root);
  const sets = [
    ownTypes(schema),
    ...list(schema.allOf).map((inner) => allowedTypes(inner, root)),
    union(list(schema.anyOf).map((inner) => allowedTypes(inner, root))),
    union(list(schema.oneOf).map((inner) => allowedTypes(inner, root))),
  ].filter((set) => set !== undefined);
  const [first, ...rest] = sets;
  if (first === undefined) return undefined;
  return new Set([...first].filter((type) => rest.every((set) => set.has(type))));
}

function ownTypes(schema: JsonSchema): ReadonlySet<JsonType> | undefined {
  if (schema.type !== undefined) {
    const types = new Set([schema.type].flat() as JsonType[]);
    return types.has('number') ? types.add('integer') : types;
  }
  const values = Array.isArray(schema.enum) ? schema.enum : 'const' in schema ? [schema.const] : undefined;
  return values === undefined ? undefined : new Set(values.map(typeOf));
}

function typeOf(value: unknown): JsonType {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  if (typeof value === 'boolean') return 'boolean';
  return typeof value === 'string' ? 'string' : 'object';
}

function union(sets: readonly (ReadonlySet<JsonType> | undefined)[]): ReadonlySet<JsonType> | undefined {
  if (sets.length === 0 || sets.includes(undefined)) return undefined;
  return new Set(sets.flatMap((set) => [...(set ?? [])]));
}

function propertySchema(schema: JsonSchema, key: string, root: JsonSchema): JsonSchema | undefined {
  return combined(schema, root, 'object', (part) => {
    const properties = isMap(part.properties) ? part.properties : {};
    const own = Object.hasOwn(properties, key) ? properties[key] : part.additionalProperties;
    return isMap(own) ? own : undefined;
  });
}

function itemSchema(schema: JsonSchema, root: JsonSchema): JsonSchema | undefined {
  return combined(schema, root, 'array', (part) => (isMap(part.items) ? part.items : undefined));
}

/** What a schema and those it is combined of say about one part of a `container`, as one schema. */
function combined(
  given: JsonSchema,
  root: JsonSchema,
  container: 'array' | 'object',
  pick: (schema: JsonSchema) => JsonSchema | undefined,
): JsonSchema | undefined {
  const schema = resolve(given, root);
  const all: (JsonSchema | undefined)[] = [
    pick(schema),
    ...list(schema.allOf).map((inner) => combined(inner, root, container, pick)),
  ];
  for (const branches of [list(schema.anyOf), list(schema.oneOf)]) {
    const fitting = branches.filter((inner) => allowedTypes(inner, root)?.has(container) ?? true);
    const found = fitting.map((inner) => combined(inner, root, container, pick));
    // A branch that says nothing leaves the part open, whatever the others say.
    if (found.length > 0 && !found.includes(undefined)) all.push({ anyOf: found });
  }
  const said = all.filter((inner) => inner !== undefined);
  return said.length > 1 ? { allOf: said } : said[0];
}

/** Follows a `$ref` within the resource's own schema. */
function resolve(schema: JsonSchema, root: JsonSchema): JsonSchema {
  if (typeof schema.$ref !== 'string') return schema;
  let found: unknown = root;
  for (const part of schema.$ref.split('/').slice(1)) found = isMap(found) ? found[part] : undefined;
  return isMap(found) ? resolve(found, root) : schema;
}

function list(value: unknown): readonly JsonSchema[] {
  return Array.isArray(value) ? value.filter(isMap) : [];
}
