/** The validators that the build makes say the same as those that ajv makes of the sources. */
import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { probeParams, probeViolations } from '../../../src/probes/params.js';
import { probeKinds } from '../../../src/probes/registry.js';
import { resources } from '../../../src/resources/registry.js';
import { validateParams } from '../../../src/resources/validate.js';

const BUILT = new URL('../../../dist/resources/', import.meta.url);

const ODD: readonly unknown[] = [
  null,
  1,
  'text',
  [],
  {},
  { nosuch: 1 },
  { dst: 5 },
  { name: null },
  { state: 'gone' },
  { mtu: 'x' },
];

test('of every example and of odd parameters', async () => {
  expect(existsSync(new URL('compiled.js', BUILT)), 'run npm run build first').toBe(true);
  const built: { validateParams: typeof validateParams } = await import(new URL('validate.js', BUILT).href);
  for (const resource of resources) {
    const examples = resource.examples.flatMap((example) => Object.values(example));
    for (const params of [...ODD, ...examples])
      for (const templates of [true, false])
        expect(built.validateParams(resource, params, { templates })).toEqual(
          validateParams(resource, params, { templates }),
        );
  }
});

test('of every probe, though a resource may have its name', async () => {
  const built: { probeViolations: typeof probeViolations } = await import(
    new URL('../probes/params.js', BUILT).href
  );
  const compiled: Readonly<Record<string, unknown>> = await import(new URL('compiled.js', BUILT).href);
  for (const kind of probeKinds) {
    expect(compiled).toHaveProperty(`probe_${kind.name}_schema`);
    const examples = kind.examples.flatMap((example) => Object.values(example));
    for (const given of [...ODD, ...examples])
      for (const templates of [true, false]) {
        const params = probeParams(kind, given);
        expect(built.probeViolations(kind, params, { templates })).toEqual(
          probeViolations(kind, params, { templates }),
        );
      }
  }
});
