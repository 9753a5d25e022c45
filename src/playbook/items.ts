/** `routes:` and its like: one task, many items. */
import type { TaskKind } from '../resources/resource.js';
import { NetplayError } from '../shared/errors.js';
import { isMap } from '../shared/is-map.js';
import type { Place } from '../shared/place.js';

export interface TaskItem {
  /** What the resource's schema is to judge; whatever stands there where it is no map. */
  params: unknown;
  /** Where the item stands within the task's parameters. */
  path: (string | number)[];
}

/**
 * The items of a plural task's parameters: of a list, or of a map whose keys stand for the resource's
 * `mapKey`, and whose plain values stand for its `mapValue`. A null item is an empty map.
 * @param place of the parameters, for the error
 * @throws NetplayError `schema` where the parameters are neither a list nor a map
 */
export function itemsOf(
  params: unknown,
  resource: Pick<TaskKind<never>, 'plural' | 'mapKey' | 'mapValue'>,
  place?: Place,
): TaskItem[] {
  if (Array.isArray(params))
    return params.map((item: unknown, index) => ({ params: item ?? {}, path: [index] }));
  if (isMap(params))
    return Object.entries(params).map(([key, value]) => ({
      params: itemOfKey(key, value, resource),
      path: [key],
    }));
  throw new NetplayError('schema', `${resource.plural}: must be a list, or a map by ${resource.mapKey}`, {
    ...(place === undefined ? {} : { place }),
  });
}

function itemOfKey(
  key: string,
  value: unknown,
  { mapKey, mapValue }: Pick<TaskKind<never>, 'mapKey' | 'mapValue'>,
): unknown {
  if (value === null || value === undefined) return { [mapKey]: key };
  if (isMap(value)) return { ...value, [mapKey]: key };
  return mapValue === undefined ? value : { [mapKey]: key, [mapValue]: value };
}
