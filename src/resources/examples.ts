/** A resource's examples as the lines of a playbook. */
import { isMap } from '../shared/is-map.js';
import { inline } from './parameters.js';
import type { TaskKind } from './resource.js';

type Shown = Pick<TaskKind<never>, 'name' | 'plural' | 'mapKey' | 'mapValue' | 'examples'>;

/** Each example as one task on one line. */
export function exampleTasks({ examples }: Pick<Shown, 'examples'>): string[] {
  return examples.flatMap((task) =>
    Object.entries(task).map(([key, params]) => `- ${key}: ${inline(params)}`),
  );
}

/** Examples that only add something, as one task in the form of a map. */
export function exampleMap(resource: Shown): string[] {
  const { name, plural, mapKey } = resource;
  const items = resource.examples.flatMap((task) => {
    const params = task[name];
    return isMap(params) && mapKey in params && params.state !== 'absent' ? [params] : [];
  });
  const lines = new Map(
    items.map((params) => {
      const { [mapKey]: key, ...rest } = params;
      return [inline(key), `    ${inline(key)}: ${inline(mapped(rest, resource))}`];
    }),
  );
  return [`- ${plural}:`, ...lines.values()];
}

/** What stands beside a map's key: one plain value where that says it all. */
function mapped(rest: Readonly<Record<string, unknown>>, { mapValue }: Shown): unknown {
  const [first, ...others] = Object.entries(rest);
  return first !== undefined && first[0] === mapValue && others.length === 0 ? first[1] : rest;
}
