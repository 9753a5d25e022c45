import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import { actions } from '../../../src/actions/registry.js';
import { probeKinds } from '../../../src/probes/registry.js';
import { formats } from '../../../src/resources/formats.js';
import { resources } from '../../../src/resources/registry.js';

/** At run time the schemas are taken as they are, so it is here that a mistake in one is found. */
test.each([...resources, ...probeKinds, ...actions].map(({ name, schema }) => [name, schema]))(
  'the schema of %s is strictly valid',
  (_name, schema) => {
    const ajv = new Ajv2020({
      strict: true,
      strictRequired: false,
      allowUnionTypes: true,
      formats: Object.fromEntries(Object.entries(formats).map(([name, format]) => [name, format.test])),
    });
    expect(ajv.validateSchema(schema)).toBe(true);
    expect(() => ajv.compile(schema)).not.toThrow();
  },
);
