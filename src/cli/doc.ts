/** `netplay doc` and `netplay schema`: what resources and probes say of themselves. */
import { playbookSchema } from '../playbook/json-schema.js';
import { renderProbeManual } from '../probes/reference.js';
import { probeKinds } from '../probes/registry.js';
import { renderList, renderManual } from '../resources/manual.js';
import { resources } from '../resources/registry.js';
import { NetplayError } from '../shared/errors.js';
import { nearest } from '../shared/nearest.js';
import { settingsSchema } from './settings-reference.js';

/**
 * The reference of one resource, by its name or its plural, or of one probe; without a name one line for each.
 * @throws NetplayError `usage` where there is no such resource or probe
 */
export function docCommand(name: string | undefined): string {
  if (name === undefined)
    return `${renderList(resources)}\n\nProbes, for probes: and verify: of a play:\n\n${renderList(probeKinds)}`;
  const found = resources.find((resource) => resource.name === name || resource.plural === name);
  if (found !== undefined) return renderManual(found);
  const probe = probeKinds.find((kind) => kind.name === name);
  if (probe !== undefined) return renderProbeManual(probe);
  const names = [...resources, ...probeKinds].map((documented) => documented.name);
  const near = nearest(name, names);
  throw new NetplayError('usage', `there is no resource or probe ${name}`, {
    hint: near === undefined ? `There are ${names.join(', ')}.` : `Did you mean ${near}?`,
  });
}

/** The JSON Schema of one kind of file, for editors. @param file `playbook` or `settings` */
export function schemaCommand(file: string): string {
  return JSON.stringify(file === 'settings' ? settingsSchema() : playbookSchema(resources), null, 2);
}
