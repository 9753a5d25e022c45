// Part of the build: turns the schemas of resources, probes and actions into code, so that a run need not load ajv and compile them.
import { writeFileSync } from 'node:fs';
import { _ } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import standalone from 'ajv/dist/standalone/index.js';
import { compiledName as actionName } from '../dist/actions/params.js';
import { actions } from '../dist/actions/registry.js';
import { engineActions } from '../dist/playbook/engine-actions.js';
import { REUSE } from '../dist/playbook/include.js';
import { compiledName } from '../dist/probes/params.js';
import { probeKinds } from '../dist/probes/registry.js';
import { resources } from '../dist/resources/registry.js';
import { ajvOptions, builtName } from '../dist/resources/validators.js';

const ajv = new Ajv2020({
  ...ajvOptions(),
  code: { source: true, esm: true, formats: _`formats`, lines: true },
});
const schemas = new Map([
  ...resources.map(({ name, schema }) => [builtName(name), schema]),
  ...probeKinds.map((kind) => [builtName(compiledName(kind)), kind.schema]),
  ...[...engineActions, ...Object.values(REUSE), ...actions].map((action) => [
    builtName(actionName(action)),
    action.schema,
  ]),
]);
for (const [name, schema] of schemas) ajv.addSchema(schema, name);
const code = standalone.default(ajv, Object.fromEntries([...schemas.keys()].map((name) => [name, name])));

// The code that ajv makes asks for its few helpers by require() even as a module.
const head = `import { createRequire } from 'node:module';
import { formatTests } from './formats.js';
const formats = formatTests();
const require = createRequire(import.meta.url);
`;
writeFileSync(new URL('../dist/resources/compiled.js', import.meta.url), head + code);
