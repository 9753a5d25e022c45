/** `netplay doc` and `netplay schema`: what the resources say of themselves. */
import { playbookSchema } from '../playbook/json-schema.js';
import { renderList, renderManual } from '../resources/manual.js';
import { resources } from '../resources/registry.js';
import { NetplayError } from '../shared/errors.js';
import { nearest } from '../shared/nearest.js';

/**
 * The reference of one resource, by its name or its plural; without a name one line for each.
 * @throws NetplayError `usage` where there is no such resource
 */
export function docCommand(name: string | undefined): string {
  if (name === undefined) return renderList(resources);
  const found = resources.find((resource) => resource.name === name || resource.plural === name);
  if (found !== undefined) return renderManual(found);
  const names = resources.map((resource) => resource.name);
  const near = nearest(name, names);
  throw new NetplayError('usage', `there is no resource ${name}`, {
    hint: near === undefined ? `Resources are ${names.join(', ')}.` : `Did you mean ${near}?`,
  });
}

/** The JSON Schema of a playbook, as a file for editors. */
export function schemaCommand(): string {
  return JSON.stringify(playbookSchema(resources), null, 2);
}
