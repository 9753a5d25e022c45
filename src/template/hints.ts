/** What an error says to the user about a name that is not there. */
import { nearest } from '../shared/nearest.js';
import { OperationError } from './errors.js';
import { shortName } from './language.js';
import { methodOf } from './methods.js';
import { dictKeys, isDict, typeName } from './values.js';

/** A filter, test or lookup that does not exist. */
export function unknownFunction(
  kind: 'filter' | 'test' | 'lookup',
  name: string,
  known: Iterable<string>,
): OperationError {
  const near = nearest(shortName(name), known);
  return new OperationError(
    `there is no ${kind} named '${name}'`,
    near === undefined ? undefined : `Did you mean '${near}'?`,
  );
}

const MOST_KEYS = 8;

/** What may have been meant by the attribute or item `name` of `target`. */
export function missingHint(target: unknown, name: string): string | undefined {
  if (methodOf(target, name) !== undefined) return `It is a method: call it as ${name}().`;
  if (target === null) return 'The value before it is None.';
  if (Array.isArray(target)) return `The list has ${target.length} item${target.length === 1 ? '' : 's'}.`;
  if (!isDict(target)) return `The value before it is a ${typeName(target)}.`;
  const keys = dictKeys(target);
  const near = nearest(name, keys);
  if (near !== undefined) return `Did you mean '${near}'?`;
  if (keys.length === 0) return 'The dict is empty.';
  return `The dict has ${keys.slice(0, MOST_KEYS).join(', ')}${keys.length > MOST_KEYS ? ', …' : ''}.`;
}
