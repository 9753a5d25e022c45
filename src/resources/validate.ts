/** Checks a task's parameters against the schema of its resource, and of that alone. */
import type { ErrorObject } from 'ajv';
import type { TaskKind } from './resource.js';
import { dropTemplated, isTemplate } from './templated.js';
import { validatorOf } from './validators.js';
import { explain, type Violation } from './violations.js';

export { coerceParams } from './coerce.js';
export type { Violation } from './violations.js';

/** What validation needs to know of a resource. */
export interface Checked extends Pick<TaskKind<never>, 'name' | 'schema'> {
  /** Of the function that the build makes of the schema, where that is not the name itself. */
  compiledName?: string;
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
  const validate = validatorOf(resource);
  if (validate(params)) return [];
  const errors: readonly ErrorObject[] = validate.errors ?? [];
  return explain(options.templates ? dropTemplated(errors) : errors, { name: resource.name, params });
}
