/** `netplay doc` and `netplay schema`: what resources, actions and probes say of themselves. */
import { renderActionManual } from '../actions/reference.js';
import { actions as hostActions, shortName } from '../actions/registry.js';
import { engineActions } from '../playbook/engine-actions.js';
import { playbookSchema } from '../playbook/json-schema.js';
import { renderProbeManual } from '../probes/reference.js';
import { probeKinds } from '../probes/registry.js';
import { renderList, renderManual } from '../resources/manual.js';
import { resources } from '../resources/registry.js';
import { NetplayError } from '../shared/errors.js';
import { nearest } from '../shared/nearest.js';
import { settingsSchema } from './settings-reference.js';

const actions = [
  ...hostActions,
  ...engineActions.filter(({ name }) => !hostActions.some((action) => action.name === name)),
];

/**
 * The reference of one resource, by its name or its plural, of one action or of one probe; without a name one line for
 * each. Of an action and a probe of one name, it is both.
 * @throws NetplayError `usage` where there is nothing of that name
 */
export function docCommand(name: string | undefined): string {
  if (name === undefined)
    return `${renderList(resources)}\n\nActions, as in Ansible:\n\n${renderList(actions)}\n\nProbes, for probes: and verify: of a play:\n\n${renderList(probeKinds)}`;
  const found = resources.find((resource) => resource.name === name || resource.plural === name);
  if (found !== undefined) return renderManual(found);
  const word = shortName(name);
  const action = actions.find((one) => one.name === word || one.aliases?.includes(word));
  const probe = probeKinds.find((kind) => kind.name === name);
  const manuals = [
    ...(action === undefined ? [] : [renderActionManual(action)]),
    ...(probe === undefined ? [] : [renderProbeManual(probe)]),
  ];
  if (manuals.length > 0) return manuals.join('\n\n');
  const names = [...resources, ...actions, ...probeKinds].map((documented) => documented.name);
  const near = nearest(name, names);
  throw new NetplayError('usage', `there is no resource, action or probe ${name}`, {
    hint: near === undefined ? '`netplay doc` lists what there is.' : `Did you mean ${near}?`,
  });
}

/** The JSON Schema of one kind of file, for editors. @param file `playbook` or `settings` */
export function schemaCommand(file: string): string {
  return JSON.stringify(
    file === 'settings' ? settingsSchema() : playbookSchema(resources, hostActions),
    null,
    2,
  );
}
