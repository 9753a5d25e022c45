/** What users read about resources, held to what the resources say and take. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { actions } from '../../../src/actions/registry.js';
import { docCommand } from '../../../src/cli/doc.js';
import { parsePlaybook } from '../../../src/playbook/parse.js';
import { probeKinds } from '../../../src/probes/registry.js';
import { formats } from '../../../src/resources/formats.js';
import { parametersOf } from '../../../src/resources/parameters.js';
import { renderReference } from '../../../src/resources/reference.js';
import { resources } from '../../../src/resources/registry.js';
import type { JsonSchema } from '../../../src/resources/resource.js';

const page = readFileSync(new URL('../../../docs/resources.md', import.meta.url), 'utf8');

test('docs/resources.md is up to date: `npm run docs` writes it', () => {
  expect(page).toBe(renderReference(resources));
});

describe.each(resources.map((resource) => [resource.name, resource] as const))('%s', (name, resource) => {
  const parameters = parametersOf(resource);

  test('says of each parameter what it is and what it takes', () => {
    expect(parameters.length).toBeGreaterThan(0);
    expect(parameters.filter(({ description, type }) => description === '' || type === '')).toEqual([]);
  });

  test('asks in a condition for nothing but state: absent', () => {
    const { if: condition } = resource.schema;
    if (condition !== undefined)
      expect(condition).toEqual({ required: ['state'], properties: { state: { const: 'absent' } } });
  });

  test('has a manual that names each parameter and fits a terminal', () => {
    const manual = docCommand(name);
    for (const parameter of parameters) expect(manual).toContain(`\n  ${parameter.name}: `);
    const [, text = ''] = manual.split('\nParameters:\n');
    expect(text.split('\n').filter((line) => line.length > 78)).toEqual([]);
  });
});

test('the tasks that the page shows load as they stand', () => {
  const blocks = [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, block = '']) => block);
  expect(blocks.length).toBe(2 * resources.length);
  const tasks = blocks.join('').replaceAll(/^/gm, '    ');
  const { errors } = parsePlaybook(`- hosts: all\n  tasks:\n${tasks}`, 'resources.md', resources);
  expect(errors).toEqual([]);
});

const shapes: [schema: JsonSchema, type: string][] = [
  [{ type: 'string' }, 'text'],
  [{ type: ['string', 'null'], format: 'mac' }, 'MAC address or null'],
  [{ type: ['string', 'integer'], format: 'table' }, 'name or number of a routing table'],
  [{ type: 'integer', minimum: 0, maximum: 255 }, 'whole number from 0 to 255'],
  [{ type: 'integer', minimum: 0, maximum: 0xffff_ffff }, 'whole number'],
  [{ type: 'number', maximum: 5 }, 'number up to 5'],
  [{ type: 'boolean' }, 'true or false'],
  [{ enum: ['a', 'b', null] }, 'a, b or null'],
  [{ anyOf: [{ type: 'integer', minimum: 1 }, { enum: ['forever'] }] }, 'whole number from 1 or forever'],
  [{ type: ['array', 'null'], items: { type: 'string' } }, 'list (text) or null'],
  [{ type: 'array', items: { type: 'object', properties: {} } }, 'list (maps)'],
];
test.each(shapes)('%j is shown as %s', (schema, type) => {
  expect(parametersOf({ schema: { type: 'object', properties: { x: schema } } })[0]?.type).toBe(type);
});

test('every format has words of its own', () => {
  const types = Object.keys(formats).map(
    (format) => parametersOf({ schema: { properties: { x: { type: 'string', format } } } })[0]?.type,
  );
  expect(new Set(types).size).toBe(types.length);
  expect(types).not.toContain('text');
});

describe('netplay doc', () => {
  test('lists the resources, the actions and the probes, one a line', () => {
    const [first = '', , second = '', , third = ''] = docCommand(undefined).split('\n\n');
    const names = (list: string): (string | undefined)[] =>
      list.split('\n').map((line) => line.split(' ')[0]);
    expect(names(first)).toEqual(resources.map(({ name }) => name));
    expect(names(second)).toEqual(actions.map(({ name }) => name));
    expect(names(third)).toEqual(probeKinds.map(({ name }) => name));
  });

  test('takes the plural for the same', () => {
    expect(docCommand('routes')).toBe(docCommand('route'));
  });

  const unknown: [word: string, hint: string][] = [
    ['rout', 'Did you mean route?'],
    ['pign', 'Did you mean ping?'],
    [
      'something',
      `There are ${[...new Set([...resources, ...actions, ...probeKinds].map(({ name }) => name))].join(', ')}.`,
    ],
  ];
  test.each(unknown)('refuses %s', (word, hint) => {
    expect(() => docCommand(word)).toThrow(
      expect.objectContaining({
        code: 'usage',
        message: `there is no resource, action or probe ${word}`,
        hint,
      }),
    );
  });
});
