/** What a resource's schema says of its parameters, in words: all documentation comes from it. */
import { stringify } from 'yaml';
import { isMap } from '../shared/is-map.js';
import { orList, words } from './expectation.js';
import { formats } from './formats.js';
import type { JsonSchema, TaskKind } from './resource.js';

export interface Parameter {
  /** `dst`; for a parameter of a map or a list's items with its way there, `match.src`, `nexthops[].via`. */
  name: string;
  /** What may stand there: `IPv4 or IPv6 address, or null`. */
  type: string;
  /** `required`, the default, or empty: what is left out is left alone. */
  standing: string;
  description: string;
  /** Each as YAML on one line. */
  examples: readonly string[];
}

/** Limits from here on are those of a word in the kernel, and tell a user nothing. */
const BOUNDLESS = 0x7fff_ffff;

/** The parameters in the order of the schema, those of a map or a list's items after it, where they stand first. */
export function parametersOf({ schema }: Pick<TaskKind<never>, 'schema'>): Parameter[] {
  return within(schema, '', new Set());
}

/** A value as YAML on one line. */
export function inline(value: unknown): string {
  return stringify(value, { collectionStyle: 'flow', flowCollectionPadding: false, lineWidth: 0 }).trimEnd();
}

/** A sentence: with a full stop at its end, whether there was one or not. */
export function sentence(text: string): string {
  return /[.:]$/.test(text) ? text : `${text}.`;
}

/** @param shown maps whose parameters stand above already */
function within(schema: JsonSchema, prefix: string, shown: Set<JsonSchema>): Parameter[] {
  return Object.entries(schemasIn(schema.properties)).flatMap(([key, property]) => {
    const name = `${prefix}${key}`;
    const parameter = {
      name,
      type: typeText(property),
      standing: standing(key, property, schema),
      description: typeof property.description === 'string' ? sentence(property.description) : '',
      examples: examplesOf(property),
    };
    return [parameter, ...below(property, name, shown)];
  });
}

/** Of a value that may be a map or a list of it, the map's. */
function below(property: JsonSchema, name: string, shown: Set<JsonSchema>): Parameter[] {
  if (isMap(property.items)) return below(property.items, `${name}[]`, shown);
  if (isMap(property.properties)) {
    if (shown.has(property)) return [];
    shown.add(property);
    return within(property, `${name}.`, shown);
  }
  const branches = Array.isArray(property.anyOf) ? property.anyOf.filter(isMap) : [];
  return branches.flatMap((branch) => below(branch, name, shown));
}

function standing(key: string, property: JsonSchema, { required, else: otherwise }: JsonSchema): string {
  if (words(required).includes(key)) return 'required';
  // `if` of a resource's schema asks for state: absent; a test holds that.
  if (isMap(otherwise) && words(otherwise.required).includes(key)) return 'required unless absent';
  return 'default' in property ? inline(property.default) : '';
}

/** None where the type says it all. */
function examplesOf({ type, enum: values, examples }: JsonSchema): string[] {
  return Array.isArray(examples) && type !== 'boolean' && values === undefined ? examples.map(inline) : [];
}

function typeText(schema: JsonSchema): string {
  const kinds = [...new Set(kindsOf(schema))];
  return kinds.some((kind) => / or |,/.test(kind)) ? kinds.join(', or ') : orList(kinds);
}

/** Each kind of value that a schema takes. */
function kindsOf(schema: JsonSchema): string[] {
  if (Array.isArray(schema.enum)) return schema.enum.map(String);
  if (Array.isArray(schema.anyOf)) return schema.anyOf.filter(isMap).flatMap(kindsOf);
  const format = formatText(schema.format);
  return [schema.type].flat().flatMap((type) => {
    // A format's own words speak of numbers where it takes them.
    if (format !== undefined && type !== 'null') return [format];
    switch (type) {
      case 'string':
        return ['text'];
      case 'boolean':
        return ['true or false'];
      case 'integer':
        return [`whole number${limits(schema)}`];
      case 'number':
        return [`number${limits(schema)}`];
      case 'array':
        return [isMap(schema.items) ? `list (${itemText(schema.items)})` : 'list'];
      case 'object':
        return ['map'];
      default:
        return [String(type)];
    }
  });
}

function itemText(items: JsonSchema): string {
  return items.type === 'object' ? 'maps' : typeText(items);
}

/** The words of a format without articles, its examples and what stands in brackets. */
function formatText(name: unknown): string | undefined {
  const format = Object.entries(formats).find(([known]) => known === name)?.[1];
  return format?.expected
    .replace(/,? such as .*$/, '')
    .replace(/ \([^)]*\)/, '')
    .replaceAll(/(^|, |or )(an?|the) /g, '$1');
}

function limits({ minimum, maximum }: JsonSchema): string {
  const bounded = typeof maximum === 'number' && maximum < BOUNDLESS;
  if (minimum !== undefined && bounded) return ` from ${minimum} to ${maximum}`;
  if (minimum !== undefined) return minimum === 0 ? '' : ` from ${minimum}`;
  return bounded ? ` up to ${maximum}` : '';
}

function schemasIn(value: unknown): Readonly<Record<string, JsonSchema>> {
  const entries = isMap(value) ? Object.entries(value) : [];
  return Object.fromEntries(entries.flatMap(([key, inner]) => (isMap(inner) ? [[key, inner]] : [])));
}
