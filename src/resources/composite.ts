/** ajv lists the errors of all branches of `anyOf` and its like flat: puts them back under their branch. */
import type { ErrorObject } from 'ajv';

/** An error of a keyword that holds schemas of its own: ajv reports it after those of its branches. */
export type CompositeError = ErrorObject<'anyOf' | 'oneOf' | 'not' | 'if'>;

export function isComposite(error: ErrorObject): error is CompositeError {
  return ['anyOf', 'oneOf', 'not', 'if'].includes(error.keyword);
}

/** Whether `error` was found within a branch of `composite`, at its place or below. */
export function belongsTo(error: ErrorObject, composite: CompositeError): boolean {
  return branchOf(error, composite) !== undefined;
}

/** The number of the branch of `composite` that `error` was found in: `if` has 0 (then) and 1 (else). */
export function branchOf(error: ErrorObject, composite: CompositeError): number | undefined {
  if (error === composite || !isWithin(error.instancePath, composite.instancePath)) return undefined;
  if (composite.keyword === 'if') return conditionalBranch(error, composite);
  const branches: readonly unknown[] = Array.isArray(composite.schema) ? composite.schema : [];
  const found = branches.findIndex((branch, index) => {
    if (error.schemaPath.startsWith(`${composite.schemaPath}/${index}/`)) return true;
    const ref = typeof branch === 'object' && branch !== null && '$ref' in branch ? branch.$ref : undefined;
    return typeof ref === 'string' && error.schemaPath.startsWith(`${ref}/`);
  });
  return found < 0 ? undefined : found;
}

function conditionalBranch(error: ErrorObject, composite: CompositeError): number | undefined {
  const base = composite.schemaPath.slice(0, -'if'.length);
  const found = ['then', 'else'].findIndex((word) => error.schemaPath.startsWith(`${base}${word}/`));
  return found < 0 ? undefined : found;
}

function isWithin(path: string, above: string): boolean {
  return path === above || path.startsWith(`${above}/`);
}
