/** `netplay doc` and `netplay schema`: what resources, actions and probes say of themselves. */
import { renderActionManual } from '../actions/reference.js';
import { actions as hostActions, shortName } from '../actions/registry.js';
import { engineActions } from '../playbook/engine-actions.js';
import { playbookSchema } from '../playbook/json-schema.js';
import { renderProbeManual } from '../probes/reference.js';
import { probeKinds } from '../probes/registry.js';
import { renderList, renderManual, renderSnippet } from '../resources/manual.js';
import { resources } from '../resources/registry.js';
import { NetplayError } from '../shared/errors.js';
import { nearest } from '../shared/nearest.js';
import type { DocFlags, DocType } from './doc-types.js';
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
export function docCommand(name: string | undefined, { list, snippet, type }: DocFlags = {}): string {
  if (name === undefined || list === true) return listOf(type);
  const is = (one: DocType): boolean =>
    type === undefined || type === one || (type === 'module' && one !== 'probe');
  const found = resources.find((resource) => resource.name === name || resource.plural === name);
  if (found !== undefined && is('resource')) return snippet ? renderSnippet(found) : renderManual(found);
  const word = shortName(name);
  const action = actions.find((one) => one.name === word || one.aliases?.includes(word));
  const probe = probeKinds.find((kind) => kind.name === name);
  const manuals = [
    ...(action !== undefined && is('action') ? [(snippet ? renderSnippet : renderActionManual)(action)] : []),
    ...(probe !== undefined && is('probe') ? [(snippet ? renderSnippet : renderProbeManual)(probe)] : []),
  ];
  if (manuals.length > 0) return manuals.join('\n\n');
  throw noSuch(name);
}

const KINDS: readonly (readonly [
  Exclude<DocType, 'module'>,
  string,
  readonly { name: string; summary: string }[],
])[] = [
  ['resource', '', resources],
  ['action', 'Actions, as in Ansible:\n\n', actions],
  ['probe', 'Probes, for probes: and verify: of a play:\n\n', probeKinds],
];

function listOf(type: DocType | undefined): string {
  const shown = KINDS.filter(
    ([kind]) => type === undefined || type === kind || (type === 'module' && kind !== 'probe'),
  );
  return shown.map(([, heading, all]) => (shown.length === 1 ? '' : heading) + renderList(all)).join('\n\n');
}

function noSuch(name: string): NetplayError {
  const names = [...resources, ...actions, ...probeKinds].map((documented) => documented.name);
  const near = nearest(name, names);
  return new NetplayError('usage', `there is no resource, action or probe ${name}`, {
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
