/** What users read about probes, held to what the probes say and take. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { docCommand } from '../../../src/cli/doc.js';
import { renderProbes } from '../../../src/probes/reference.js';
import { probeKinds } from '../../../src/probes/registry.js';
import { parametersOf } from '../../../src/resources/parameters.js';

test('docs/probes.md is up to date: `npm run docs` writes it', () => {
  const page = readFileSync(new URL('../../../docs/probes.md', import.meta.url), 'utf8');
  expect(page).toBe(renderProbes(probeKinds));
});

describe.each(probeKinds.map((kind) => [kind.name, kind] as const))('%s', (name, kind) => {
  const parameters = parametersOf(kind);

  test('says of each parameter what it is and what it takes', () => {
    expect(parameters.length).toBeGreaterThan(0);
    expect(parameters.filter(({ description, type }) => description === '' || type === '')).toEqual([]);
  });

  test('has a manual that names each parameter and fits a terminal', () => {
    const manual = docCommand(name);
    for (const parameter of parameters) expect(manual).toContain(`\n  ${parameter.name}: `);
    // An action of the same name stands before it.
    const text = manual.split('\nParameters:\n').at(-1) ?? '';
    expect(text.split('\n').filter((line) => line.length > 78)).toEqual([]);
  });
});
