/** `netplay doc` and `netplay schema`: what resources, actions and probes say of themselves. */
import { renderActionManual } from '../actions/reference.js';
import { actionNamed, actions } from '../actions/registry.js';
import { playbookSchema } from '../playbook/json-schema.js';
import { renderProbeManual } from '../probes/reference.js';
import { probeKinds } from '../probes/registry.js';
import { renderList, renderManual } from '../resources/manual.js';
import { resources } from '../resources/registry.js';
import { NetplayError } from '../shared/errors.js';
import { nearest } from '../shared/nearest.js';

/**
 * The reference of one resource, by its name or its plural, of an action, by any of its names, or of a probe; without a
 * name one line for each. An action and a probe may have one name: then it is both.
 * @throws NetplayError `usage` where there is nothing of that name
 */
export function docCommand(name: string | undefined): string {
  if (name === undefined)
    return [
      renderList(resources),
      'Actions:',
      renderList(actions),
      'Probes, for probes: and verify: of a play:',
      renderList(probeKinds),
    ].join('\n\n');
  const resource = resources.find((known) => known.name === name || known.plural === name);
  const action = actionNamed(name);
  const probe = probeKinds.find((kind) => kind.name === name);
  const manuals = [
    ...(resource === undefined ? [] : [renderManual(resource)]),
    ...(action === undefined ? [] : [renderActionManual(action)]),
    ...(probe === undefined ? [] : [renderProbeManual(probe)]),
  ];
  if (manuals.length > 0) return manuals.join('\n\n');
  const names = [...resources, ...actions, ...probeKinds].map((documented) => documented.name);
  const near = nearest(name, names);
  throw new NetplayError('usage', `there is no resource, action or probe ${name}`, {
    hint: near === undefined ? `There are ${[...new Set(names)].join(', ')}.` : `Did you mean ${near}?`,
  });
}

/** The JSON Schema of a playbook, as a file for editors. */
export function schemaCommand(): string {
  return JSON.stringify(playbookSchema(resources), null, 2);
}
