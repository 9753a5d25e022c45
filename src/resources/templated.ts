/** Before rendering, a string that holds a template, or an encrypted one, may stand for anything: drops what ajv says of it. */
import type { ErrorObject } from 'ajv';
import { isMap } from '../shared/is-map.js';
import { Vaulted } from '../shared/vaulted.js';
import { belongsTo, isComposite } from './composite.js';

/** Whether a value is one that only rendering can judge: a string with a template, or one that is encrypted. */
export function isTemplate(value: unknown): boolean {
  return value instanceof Vaulted || (typeof value === 'string' && /\{[{%#]/.test(value));
}

/** The errors that hold whatever the templates will give. */
export function dropTemplated(errors: readonly ErrorObject[]): ErrorObject[] {
  const open = errors.filter((error) => isComposite(error) && dependsOnTemplate(error.schema, error.data));
  const conditions = errors.filter((error) => error.keyword === 'if' && conditionIsOpen(error));
  const uncertain = [...open, ...conditions].filter(isComposite);
  return errors.filter(
    (error) =>
      !isTemplate(error.data) &&
      !hasTemplatedTwin(error) &&
      !uncertain.some((above) => above === error || belongsTo(error, above)),
  );
}

function conditionIsOpen(error: ErrorObject): boolean {
  return isMap(error.parentSchema) && dependsOnTemplate(error.parentSchema.if, error.data);
}

function hasTemplatedTwin(error: ErrorObject): boolean {
  if (error.keyword !== 'uniqueItems' || !Array.isArray(error.data)) return false;
  return isTemplate(error.data[Number(error.params.i)]);
}

/** Whether a value, or anything below it, is such a string. */
export function holdsTemplate(data: unknown): boolean {
  if (isTemplate(data)) return true;
  return (isMap(data) || Array.isArray(data)) && Object.values(data).some(holdsTemplate);
}

/** Whether a schema (or any of a list of them) looks at a place where `data` holds a template. */
function dependsOnTemplate(schema: unknown, data: unknown): boolean {
  if (Array.isArray(schema)) return schema.some((inner) => dependsOnTemplate(inner, data));
  if (!isMap(schema)) return false;
  if (isTemplate(data)) return true;
  if (schema.$ref !== undefined) return holdsTemplate(data);
  if (Array.isArray(data)) return data.some((item) => dependsOnTemplate(schema.items, item));
  const combined = [schema.allOf, schema.anyOf, schema.oneOf, schema.not, schema.if];
  if (combined.some((inner) => dependsOnTemplate(inner, data))) return true;
  if (!isMap(data)) return false;
  const { properties, additionalProperties } = schema;
  const named = isMap(properties) ? properties : {};
  return Object.entries(data).some(([key, value]) =>
    dependsOnTemplate(Object.hasOwn(named, key) ? named[key] : additionalProperties, value),
  );
}
