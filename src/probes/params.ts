/** A probe's parameters: from their short form to the long one, checked against its schema. */
import { coerceParams, type Violation, validateParams } from '../resources/validate.js';
import { isMap } from '../shared/is-map.js';
import type { ProbeKind } from './probe.js';

/**
 * The parameters in their long form, with numbers and words of the types that the schema asks for: plain
 * text stands for a map of them. What the schema does not take is left for `probeViolations` to tell.
 */
export function probeParams(kind: ProbeKind<unknown>, params: unknown): unknown {
  const isPlain = !isMap(params) && !Array.isArray(params) && params !== null && params !== undefined;
  return coerceParams(kind, isPlain ? kind.fromShort(String(params)) : params);
}

/** The name of the schema's function among those that the build makes: a resource may have the same name. */
export function compiledName({ name }: { name: string }): string {
  return `probe_${name}`;
}

/** As `validateParams`, for parameters in their long form; with what contradicts each other. */
export function probeViolations(
  kind: ProbeKind<unknown>,
  params: unknown,
  options: { templates: boolean },
): Violation[] {
  const { name, schema } = kind;
  const violations = validateParams({ name, schema, compiledName: compiledName(kind) }, params, options);
  const contradiction = violations.length === 0 ? kind.contradiction?.(params) : undefined;
  return contradiction === undefined ? violations : [contradiction];
}
