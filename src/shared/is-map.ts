import { Vaulted } from './vaulted.js';

/** A YAML or JSON map, as opposed to a list, null, a plain value, or one that is still encrypted. */
export function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Vaulted);
}
