/** Filters between data and its text forms, and those that choose between values. */
import { createRequire } from 'node:module';
import { spend } from '../budget.js';
import { OperationError } from '../errors.js';
import { finish } from '../finish.js';
import { define, defineLoose, type Registry, text, whole } from '../functions.js';
import { truthy } from '../operators.js';
import { printFloat } from '../print.js';
import { dictEntries, isDict, isFloat, numberOf, Undefined } from '../values.js';
import { yamlOf } from '../yaml-dump.js';

interface JsonStyle {
  indent: number | undefined;
  sortKeys: boolean;
  ascii: boolean;
  separators: readonly [string, string];
}

function jsonString(value: string, ascii: boolean): string {
  const quotedText = JSON.stringify(value);
  return ascii
    ? quotedText.replace(
        /[\u007f-\uffff]/g,
        (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
      )
    : quotedText;
}

/** JSON as Python's `json.dumps` writes it. */
function json(value: unknown, style: JsonStyle, depth = 1): string {
  spend(1);
  if (value instanceof Undefined) return value.fail();
  if (typeof value === 'string') return jsonString(value, style.ascii);
  if (isFloat(value)) return printFloat(numberOf(value) ?? 0);
  if (Array.isArray(value))
    return bracketed(
      '[]',
      value.map((item) => json(item, style, depth + 1)),
      style,
      depth,
    );
  if (isDict(value)) {
    const entries = dictEntries(value);
    if (style.sortKeys) entries.sort(([a], [b]) => (a < b ? -1 : 1));
    const written = entries.map(
      ([key, item]) => `${jsonString(key, style.ascii)}${style.separators[1]}${json(item, style, depth + 1)}`,
    );
    return bracketed('{}', written, style, depth);
  }
  return JSON.stringify(finish(value));
}

function bracketed(brackets: string, items: readonly string[], style: JsonStyle, depth: number): string {
  const [open = '', close = ''] = brackets;
  if (items.length === 0) return brackets;
  if (style.indent === undefined) return `${open}${items.join(style.separators[0])}${close}`;
  const inner = `\n${' '.repeat(style.indent * depth)}`;
  const separator = style.separators[0].trimEnd();
  return `${open}${inner}${items.join(`${separator}${inner}`)}\n${' '.repeat(style.indent * (depth - 1))}${close}`;
}

function toJson(
  value: unknown,
  args: readonly unknown[],
  defaults: { indent?: number; sortKeys: boolean },
): string {
  const [indent, sortKeys, ascii, separators] = args;
  const pair = Array.isArray(separators) ? separators.map(text) : [', ', ': '];
  return json(value, {
    indent: indent === undefined || indent === null ? defaults.indent : whole(indent, 'the indent'),
    sortKeys: sortKeys === undefined ? defaults.sortKeys : truthy(sortKeys),
    ascii: truthy(ascii ?? true),
    separators: [pair[0] ?? ', ', pair[1] ?? ': '],
  });
}

function fromJson(value: unknown): unknown {
  try {
    return JSON.parse(text(value)) as unknown;
  } catch (error) {
    throw new OperationError(`from_json: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Loaded when first used: few templates need it. */
function yaml(): typeof import('yaml') {
  return createRequire(import.meta.url)('yaml') as typeof import('yaml');
}

function fromYaml(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  const document = yaml().parseDocument(text(value));
  const [error] = document.errors;
  if (error !== undefined) throw new OperationError(`from_yaml: ${error.message.split('\n')[0]}`);
  return document.toJS() as unknown;
}

function fromYamlAll(value: unknown): unknown[] {
  if (typeof value !== 'string') return [value];
  return yaml()
    .parseAllDocuments(value)
    .map((document) => {
      const [error] = document.errors;
      if (error !== undefined) throw new OperationError(`from_yaml_all: ${error.message.split('\n')[0]}`);
      return document.toJS() as unknown;
    });
}

const YAML_OPTIONS = 'indent sort_keys width';

function toYaml(value: unknown, args: readonly unknown[], nice: boolean): string {
  const [indent, sortKeys, width] = args;
  return yamlOf(value, {
    indent: indent === undefined || indent === null ? (nice ? 4 : 2) : whole(indent, 'the indent'),
    flow: !nice,
    sortKeys: truthy(sortKeys ?? true),
    width: width === undefined || width === null ? 80 : whole(width, 'the width'),
  });
}

function orDefault(value: unknown, fallback: unknown, alsoFalse: unknown): unknown {
  const otherwise = fallback === undefined ? '' : fallback;
  if (value instanceof Undefined) return otherwise;
  return truthy(alsoFalse ?? false) && !truthy(value) ? otherwise : value;
}

function mandatory(value: unknown, message: unknown): unknown {
  if (!(value instanceof Undefined)) return value;
  if (message === undefined || message === null) return value.fail();
  throw new OperationError(text(message));
}

const defaultTo = defineLoose('default_value boolean', (value, [fallback, alsoFalse]) =>
  orDefault(value, fallback, alsoFalse),
);

const JSON_OPTIONS = 'indent sort_keys ensure_ascii separators';

export const dataFilters: Registry = {
  default: defaultTo,
  d: defaultTo,
  mandatory: defineLoose('msg', (value, [message]) => mandatory(value, message)),
  ternary: define('true_val false_val none_val', (value, [yes, no, none]) =>
    value === null && none !== undefined && none !== null ? none : truthy(value) ? yes : no,
  ),
  to_json: define(JSON_OPTIONS, (value, args) => toJson(value, args, { sortKeys: false })),
  tojson: define('indent', (value, args) => toJson(value, args, { sortKeys: true })),
  to_nice_json: define(JSON_OPTIONS, (value, args) => toJson(value, args, { indent: 4, sortKeys: true })),
  from_json: define('', fromJson),
  to_yaml: define(YAML_OPTIONS, (value, args) => toYaml(value, args, false)),
  to_nice_yaml: define(YAML_OPTIONS, (value, args) => toYaml(value, args, true)),
  from_yaml: define('', fromYaml),
  from_yaml_all: define('', fromYamlAll),
};
