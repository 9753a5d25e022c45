/** A JSON Schema of playbook files, for editors: what they complete, explain and underline. */
import { isDeepStrictEqual } from 'node:util';
import type { ProbeKind } from '../probes/probe.js';
import { probeKinds } from '../probes/registry.js';
import type { JsonSchema, TaskKind } from '../resources/resource.js';
import { isMap } from '../shared/is-map.js';
import type { ActionKind } from './action-kind.js';
import { engineActions } from './engine-actions.js';
import { REUSE } from './include.js';
import {
  BESIDE_PROBES,
  BLOCK_SCHEMAS,
  HANDLER_SCHEMAS,
  IMPORT_SCHEMAS,
  PLAY_SCHEMAS,
  type Schemas,
  TASK_SCHEMAS,
} from './keyword-schemas.js';
import { lenient } from './lenient.js';
import { PROBE_KEYWORDS } from './probes.js';

const PLAY: JsonSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['hosts'],
  properties: {
    ...PLAY_SCHEMAS,
    probes: {
      type: ['array', 'null'],
      items: probeSchema(PROBE_KEYWORDS.probes),
      description: 'Asked on each host before and after it is changed: what passed before must pass after.',
    },
    verify: {
      type: ['array', 'null'],
      items: probeSchema(PROBE_KEYWORDS.verify),
      description: 'Asked after the changes: where one does not pass, all of the transaction is undone.',
    },
  },
};

const IMPORT_WORDS = ['import_playbook', 'ansible.builtin.import_playbook'];
const IMPORT_FILE = {
  type: 'string',
  minLength: 1,
  description: "Another playbook, whose plays stand in this entry's place. Relative to this file.",
} as const;
const IS_IMPORT = { anyOf: IMPORT_WORDS.map((word) => ({ required: [word] })) } as const;
const IMPORT: JsonSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    ...Object.fromEntries(IMPORT_WORDS.map((word) => [word, IMPORT_FILE])),
    ...IMPORT_SCHEMAS,
  },
};

/**
 * The schema (draft 7, which editors know best) of a playbook that may name `resources`. It takes what the
 * loader takes: words for booleans, numbers in quotes, and a template in the place of any value.
 */
export function playbookSchema(
  resources: readonly TaskKind<unknown>[],
  actions: readonly ActionKind[] = [],
): JsonSchema {
  const parameters = resources.map(({ name, schema }) => [name, lenient(schema)] as const);
  const task = taskSchema(resources, allActions(actions));
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'A playbook of netplay',
    type: 'array',
    minItems: 1,
    items: { $ref: '#/definitions/entry' },
    definitions: {
      // A choice by key, not `anyOf`: of a play it shall not be said that it is no import.
      entry: Object.fromEntries([
        ['if', { type: 'object', ...IS_IMPORT }],
        ['then', IMPORT],
        ['else', PLAY],
      ]),
      step: Object.fromEntries([
        ['if', { type: 'object', required: ['block'] }],
        ['then', { type: 'object', additionalProperties: false, properties: BLOCK_SCHEMAS }],
        ['else', { $ref: '#/definitions/task' }],
      ]),
      task,
      handler: { ...task, properties: { ...task.properties, ...HANDLER_SCHEMAS } },
      ...Object.fromEntries(parameters),
    },
  };
}

/** One probe, in its short or long form, beside keywords. */
function probeSchema(keywords: readonly string[]): JsonSchema {
  const forms = probeKinds.map((kind) => [kind.name, probeForm(kind)] as const);
  return {
    type: 'object',
    additionalProperties: false,
    properties: {
      ...Object.fromEntries(keywords.map((word) => [word, BESIDE_PROBES[word]])),
      ...Object.fromEntries(forms),
    },
    oneOf: forms.map(([name]) => ({ required: [name] })),
  };
}

function probeForm({ summary, schema }: ProbeKind<unknown>): JsonSchema {
  const short = { type: ['string', 'number', 'boolean'] };
  return { description: summary, anyOf: [short, lenient(schema)] };
}

/** One resource or action, beside keywords. */
function taskSchema(
  resources: readonly TaskKind<unknown>[],
  actions: readonly ActionKind[],
): JsonSchema & { properties: Schemas } {
  const forms = [...resources.flatMap(formsOf), ...actions.flatMap(actionForms)];
  const keys = [...forms.map(([key]) => key), 'action', 'local_action'];
  return {
    type: 'object',
    additionalProperties: false,
    patternProperties: { '^with_[a-z_]+$': { description: 'A loop through what that lookup gives.' } },
    properties: { ...TASK_SCHEMAS, ...Object.fromEntries(forms) },
    oneOf: keys.map((key) => ({ required: [key] })),
  };
}

/** Those of the engine, of the hosts, and includes. */
function allActions(actions: readonly ActionKind[]): ActionKind[] {
  const reuse = Object.values(REUSE).map((kind) => ({ ...kind, summary: REUSE_SAYS, examples: [] }));
  const known = new Set(actions.map(({ name }) => name));
  return [...actions, ...engineActions.filter(({ name }) => !known.has(name)), ...reuse];
}

const REUSE_SAYS = 'Brings in the tasks of a file or a role.';

/**
 * An action under each of its names, as text or with its parameters. None of these is required: `args` and
 * `module_defaults` may give it.
 */
function actionForms(action: ActionKind): [key: string, schema: JsonSchema][] {
  const { name, aliases = [], summary, schema, parameterAliases = {} } = action;
  const { required: _, oneOf: __, minProperties: ___, ...rest } = schema;
  const own = isMap(rest.properties) ? rest.properties : {};
  const others = Object.entries(parameterAliases).map(([other, stands]) => [other, own[stands]] as const);
  const params = lenient({ ...rest, properties: { ...own, ...Object.fromEntries(others) } });
  const form: JsonSchema = {
    description: summary,
    anyOf: [{ type: ['string', 'number', 'boolean', 'null'] }, params],
  };
  return [name, ...aliases].flatMap((word): [string, JsonSchema][] => [
    [word, form],
    [`ansible.builtin.${word}`, form],
  ]);
}

function formsOf(resource: TaskKind<unknown>): [key: string, schema: JsonSchema][] {
  const { name, plural, mapKey, summary } = resource;
  const one = { $ref: `#/definitions/${name}` };
  const list = { type: 'array', items: one };
  const map = { type: 'object', additionalProperties: keyedItem(resource) };
  const many = lenient({ anyOf: [list, map] });
  return [
    [name, { description: summary, anyOf: [one] }],
    [plural, { ...many, description: `A list, or a map by ${mapKey}. ${summary}` }],
  ];
}

/** What stands beside a key of a plural task: the other parameters, or the plain `mapValue`. */
function keyedItem({ schema, mapKey, mapValue }: TaskKind<unknown>): JsonSchema {
  const { minProperties: _orTheKey, required, oneOf, anyOf, ...rest } = schema;
  const { [mapKey]: _key, ...properties } = isMap(schema.properties) ? schema.properties : {};
  const others = Array.isArray(required) ? required.filter((name) => name !== mapKey) : [];
  const value = mapValue === undefined ? undefined : properties[mapValue];
  const mayBeEmpty = others.length === 0 && schema.else === undefined;
  return {
    anyOf: [
      lenient({
        ...rest,
        ...branchesBesideKey(rest, mapKey),
        ...choiceBesideKey(oneOf, mapKey),
        ...leastBesideKey(anyOf, mapKey),
        properties,
        required: others,
      }),
      ...(isMap(value) ? [lenient(value)] : []),
      ...(mayBeEmpty ? [{ type: 'null' }] : []),
    ],
  };
}

/** What a condition requires, but for the key. */
function branchesBesideKey(schema: JsonSchema, mapKey: string): JsonSchema {
  const branches = (['then', 'else'] as const).flatMap((name): [string, JsonSchema][] => {
    const branch = schema[name];
    if (!isMap(branch) || !Array.isArray(branch.required)) return [];
    return [[name, { ...branch, required: branch.required.filter((required) => required !== mapKey) }]];
  });
  return Object.fromEntries(branches);
}

/** One of several parameters is to be given: where the key is that one, none of the others may be. */
function choiceBesideKey(oneOf: unknown, mapKey: string): JsonSchema {
  if (!Array.isArray(oneOf)) return {};
  const others = oneOf.filter((choice) => !isKeyAlone(choice, mapKey));
  return others.length === oneOf.length ? { oneOf } : { not: { anyOf: others } };
}

/** At least one of several is to be given: the key is. */
function leastBesideKey(anyOf: unknown, mapKey: string): JsonSchema {
  if (!Array.isArray(anyOf)) return {};
  return anyOf.some((choice) => isKeyAlone(choice, mapKey)) ? {} : { anyOf };
}

function isKeyAlone(choice: unknown, mapKey: string): boolean {
  return isMap(choice) && isDeepStrictEqual(choice.required, [mapKey]);
}
