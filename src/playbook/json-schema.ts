/** A JSON Schema of playbook files, for editors: what they complete, explain and underline. */
import { isDeepStrictEqual } from 'node:util';
import type { ProbeKind } from '../probes/probe.js';
import { probeKinds } from '../probes/registry.js';
import type { JsonSchema, TaskKind } from '../resources/resource.js';
import { isMap } from '../shared/is-map.js';
import { lenient } from './lenient.js';
import { TRANSACTIONS } from './model.js';
import { PROBE_KEYWORDS } from './probes.js';

const FLAG = lenient({ type: 'boolean' });
const TEXT = lenient({ type: 'string' });
const LIST = lenient({ type: 'array' });
const WORDS = lenient({ anyOf: [{ type: ['string', 'number'] }, { type: 'array', items: TEXT }] });
const VARS = { type: ['object', 'null'], propertyNames: { pattern: '^[A-Za-z_][A-Za-z0-9_]*$' } } as const;
const CONDITION = { type: ['string', 'boolean'] } as const;

/** Keywords that plays and tasks share. */
const SHARED = {
  name: { type: ['string', 'number', 'null'], description: 'Shown in reports.' },
  vars: { ...VARS, description: 'Variables by name.' },
  become: { ...FLAG, description: 'Whether to work as another user, through sudo.' },
  become_user: { ...TEXT, description: 'The user to become; root where it is left out.' },
  connection: { ...TEXT, description: 'ssh or local.' },
  remote_user: { ...TEXT, description: 'Who logs in.' },
  ignore_errors: { ...FLAG, description: 'Go on with the host though a task of it fails.' },
  tags: { ...WORDS, description: 'Words, as a list or in one line with commas.' },
} as const satisfies Readonly<Record<string, JsonSchema>>;

const TASK_KEYWORDS: Readonly<Record<string, JsonSchema>> = {
  ...SHARED,
  when: {
    anyOf: [CONDITION, { type: 'array', items: CONDITION }],
    description: 'A Jinja expression without braces, or a list of which all must hold.',
  },
  loop: { ...LIST, description: 'Do the task for each item of a list, or of a template that gives one.' },
  with_items: { ...LIST, description: 'As loop; lists within the list are taken apart.' },
  loop_control: {
    type: 'object',
    additionalProperties: false,
    description: 'How the loop names and shows its items.',
    properties: {
      loop_var: { type: 'string', description: 'The name of the variable; item where it is left out.' },
      index_var: { type: 'string', description: 'The name of a variable that counts from 0.' },
      label: { ...TEXT, description: 'What is shown of an item.' },
    },
  },
};

const BATCH_SIZE = {
  anyOf: [{ type: 'integer' }, { type: 'string', pattern: '^\\s*[+-]?[0-9]{1,9}%?\\s*$|\\{\\{' }],
} as const;

/** What may stand beside a probe. */
const BESIDE_PROBES: Readonly<Record<string, JsonSchema>> = {
  name: SHARED.name,
  from: {
    ...TEXT,
    description: 'A host pattern: who asks, of all hosts of the inventory. Each host of the play by itself.',
  },
};

const PLAY: JsonSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['hosts'],
  properties: {
    ...SHARED,
    hosts: { ...WORDS, description: 'A host pattern, or a list of them.' },
    tasks: {
      type: ['array', 'null'],
      items: { $ref: '#/definitions/task' },
      description: 'What shall be so, in this order.',
    },
    gather_facts: { ...FLAG, description: 'Without effect: netplay reads what the tasks need.' },
    serial: {
      anyOf: [BATCH_SIZE, { type: 'array', items: BATCH_SIZE }],
      description:
        'How many hosts at a time: a number, a percentage, or a list of these for the batches in turn.',
    },
    transaction: {
      enum: TRANSACTIONS,
      description: 'What is undone together when one of its hosts fails.',
      default: 'host',
    },
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
    name: SHARED.name,
    vars: SHARED.vars,
    tags: SHARED.tags,
  },
};

/**
 * The schema (draft 7, which editors know best) of a playbook that may name `resources`. It takes what the
 * loader takes: words for booleans, numbers in quotes, and a template in the place of any value.
 */
export function playbookSchema(resources: readonly TaskKind<unknown>[]): JsonSchema {
  const parameters = resources.map(({ name, schema }) => [name, lenient(schema)] as const);
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
      task: taskSchema(resources),
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

/** One resource, in its singular or plural form, beside keywords. */
function taskSchema(resources: readonly TaskKind<unknown>[]): JsonSchema {
  const forms = resources.flatMap((resource) => formsOf(resource));
  return {
    type: 'object',
    additionalProperties: false,
    properties: { ...TASK_KEYWORDS, ...Object.fromEntries(forms) },
    oneOf: forms.map(([key]) => ({ required: [key] })),
  };
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
