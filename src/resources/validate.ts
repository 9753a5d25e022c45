/** Checks a task's parameters against the schema of its resource, and of that alone. */
import type { ErrorObject, ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { formats } from './formats.js';
import type { Resource } from './resource.js';
import { dropTemplated, isTemplate } from './templated.js';
import { explain, type Violation } from './violations.js';

export { coerceParams } from './coerce.js';
export type { Violation } from './violations.js';

/** What validation needs to know of a resource. */
export type Checked = Pick<Resource<never>, 'name' | 'schema'>;

let ajv: Ajv2020 | undefined;
const compiled = new WeakMap<object, ValidateFunction>();

function validator(schema: Resource<never>['schema']): ValidateFunction {
  const known = compiled.get(schema);
  if (known !== undefined) return known;
  // The schemas are checked by a test, strictly: doing it again in every run, and making the code that is
  // run a few dozen times faster, cost more than the whole planning of ten hosts.
  ajv ??= new Ajv2020({
    allErrors: true,
    verbose: true,
    strict: false,
    validateSchema: false,
    meta: false,
    code: { optimize: false },
    formats: Object.fromEntries(Object.entries(formats).map(([name, format]) => [name, format.test])),
  });
  const made = ajv.compile(schema);
  compiled.set(schema, made);
  return made;
}

/**
 * All that is wrong with one item's parameters, in words that a user understands; empty where nothing is.
 * @param options.templates whether a string that holds a template may stand for anything (true before
 * rendering, false after)
 */
export function validateParams(
  resource: Checked,
  params: unknown,
  options: { templates: boolean },
): Violation[] {
  if (options.templates && isTemplate(params)) return [];
  const validate = validator(resource.schema);
  if (validate(params)) return [];
  const errors: readonly ErrorObject[] = validate.errors ?? [];
  return explain(options.templates ? dropTemplated(errors) : errors, { name: resource.name, params });
}
