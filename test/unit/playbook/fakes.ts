import type { ActionKind } from '../../../src/playbook/action-kind.js';
import type { Resource } from '../../../src/resources/resource.js';
import { NetplayError } from '../../../src/shared/errors.js';
import type { Templates } from '../../../src/template/model.js';

function fake(
  given: Pick<Resource<unknown>, 'name' | 'plural' | 'mapKey' | 'schema'> & { mapValue?: string },
): Resource<unknown> {
  return {
    summary: given.name,
    examples: [],
    reads: () => [],
    plan: () => ({ changes: [] }),
    ...given,
  };
}

const state = { enum: ['present', 'absent'] };

/** Small stand-ins for real resources, so that these tests hold whatever becomes of those. */
export const fakes: readonly Resource<unknown>[] = [
  fake({
    name: 'route',
    plural: 'routes',
    mapKey: 'dst',
    schema: {
      type: 'object',
      additionalProperties: false,
      required: ['dst'],
      properties: {
        dst: { type: 'string', format: 'ip-prefix' },
        via: { type: 'string', format: 'ip-address' },
        dev: { type: 'string', format: 'interface' },
        src: { type: 'string', format: 'ip-address' },
        table: { type: ['string', 'integer'] },
        metric: { type: 'integer', minimum: 0 },
        onlink: { type: 'boolean' },
        nexthops: {
          type: 'array',
          items: {
            type: 'object',
            additionalProperties: false,
            required: ['via'],
            properties: { via: { type: 'string', format: 'ip-address' }, weight: { type: 'integer' } },
          },
        },
        state,
      },
    },
  }),
  fake({
    name: 'rule',
    plural: 'rules',
    mapKey: 'priority',
    schema: {
      type: 'object',
      additionalProperties: false,
      properties: {
        not: { type: 'boolean' },
        from: { type: 'string', format: 'ip-prefix' },
        to: { type: 'string', format: 'ip-prefix' },
        table: { type: ['string', 'integer'] },
        priority: { type: 'integer' },
        state,
      },
    },
  }),
  fake({
    name: 'sysctl',
    plural: 'sysctls',
    mapKey: 'name',
    mapValue: 'value',
    schema: {
      type: 'object',
      additionalProperties: false,
      required: ['name', 'value'],
      properties: { name: { type: 'string', format: 'sysctl-key' }, value: { type: ['string', 'integer'] } },
    },
  }),
  fake({
    name: 'address',
    plural: 'addresses',
    mapKey: 'address',
    schema: {
      type: 'object',
      additionalProperties: false,
      required: ['dev', 'address'],
      properties: {
        dev: { type: 'string', format: 'interface' },
        address: { type: 'string', format: 'ip-interface' },
      },
    },
  }),
];

/** Takes every template and every expression but those that hold `!!`. */
export const templates: Templates = {
  render: (value) => value,
  condition: () => true,
  mentions: (value) => syntax(String(value)),
  mentionsOf: syntax,
  renderFile: (text) => text,
  mentionsOfFile: syntax,
  withItems: () => [],
};

function syntax(text: string): ReadonlySet<string> {
  if (text.includes('!!')) throw new NetplayError('template', 'unexpected !', { hint: 'Leave it out.' });
  return new Set();
}

const OF_A_COMMAND = { creates: { type: 'string' }, chdir: { type: 'string' }, stdin: { type: 'string' } };

/** As `fakes`, for actions. */
export const fakeActions: readonly ActionKind[] = [
  {
    name: 'command',
    summary: 'runs',
    freeForm: 'cmd',
    schema: {
      type: 'object',
      additionalProperties: false,
      required: ['cmd'],
      properties: { cmd: { type: 'string' }, ...OF_A_COMMAND },
    },
    examples: [],
  },
  {
    name: 'copy',
    aliases: ['kopie'],
    summary: 'copies',
    parameterAliases: { name: 'dest' },
    schema: {
      type: 'object',
      additionalProperties: false,
      required: ['dest'],
      properties: {
        dest: { type: 'string' },
        src: { type: 'string' },
        mode: { type: 'string' },
        backup: { type: 'boolean' },
      },
    },
    examples: [],
  },
  {
    name: 'ping',
    summary: 'answers',
    schema: { type: 'object', additionalProperties: false, properties: {} },
    examples: [],
  },
];
