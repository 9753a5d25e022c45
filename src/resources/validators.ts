/** A resource's schema as a function. The build makes them all; from the sources ajv does, one by one. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Options, ValidateFunction } from 'ajv';
import type { Ajv2020 } from 'ajv/dist/2020.js';
import { formatTests } from './formats.js';
import type { TaskKind } from './resource.js';

type Schema = TaskKind<never>['schema'];

/** Written by scripts/compile-schemas.mjs; not there where the sources are run, by a test. */
const BUILT = new URL('compiled.js', import.meta.url);
const built: Readonly<Record<string, ValidateFunction | undefined>> = existsSync(BUILT)
  ? await import(BUILT.href)
  : {};

const compiled = new WeakMap<object, ValidateFunction>();
let ajv: Ajv2020 | undefined;

/** The schemas are checked strictly by a test, so not again when they are compiled. */
export function ajvOptions(): Options {
  return {
    allErrors: true,
    verbose: true,
    strict: false,
    validateSchema: false,
    meta: false,
    formats: formatTests(),
  };
}

/** What the build calls the function of a schema: a resource's own name may be a word of the language. */
export function builtName(name: string): string {
  return `${name}_schema`;
}

export function validatorOf(checked: {
  name: string;
  schema: Schema;
  compiledName?: string;
}): ValidateFunction {
  return built[builtName(checked.compiledName ?? checked.name)] ?? compile(checked.schema);
}

function compile(schema: Schema): ValidateFunction {
  const known = compiled.get(schema);
  if (known !== undefined) return known;
  // ajv and what it compiles take a tenth of a second: only where the build has not done it.
  const load: { Ajv2020: typeof Ajv2020 } = createRequire(import.meta.url)('ajv/dist/2020.js');
  ajv ??= new load.Ajv2020(ajvOptions());
  const made = ajv.compile(schema);
  compiled.set(schema, made);
  return made;
}
