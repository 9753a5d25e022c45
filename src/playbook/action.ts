/** A task that names an action: its parameters, checked against the action's schema. */
import { coerceParams, validateParams } from '../resources/validate.js';
import { isMap as isPlainMap } from '../shared/is-map.js';
import { toPlain } from '../shared/yaml.js';
import type { ActionKind } from './action-kind.js';
import { shortName } from './keywords.js';
import type { ActionTask } from './model.js';
import { actionNode } from './param-nodes.js';
import { defaultsFor, locator, note } from './params.js';
import type { NodeReader } from './reader.js';
import type { Entries } from './shared-keywords.js';
import type { TaskParts } from './task.js';

export function readAction(reader: NodeReader, parts: TaskParts, action: ActionKind): ActionTask {
  const { subject, shared } = parts;
  const name = shared.name ?? subject.key;
  const { params, locate, paramDefaults } = readActionParams(reader, parts, action, name);
  if (!action.background) refuseAsync(reader, parts.entries, `${subject.key} can't`);
  return {
    ...shared,
    kind: 'action',
    name,
    action: action.name,
    params,
    ...(paramDefaults !== undefined && { paramDefaults }),
    locate,
  };
}

/** Notes `async` and `poll` beside what can't run in the background; `async: 0` says nothing. */
export function refuseAsync(reader: NodeReader, entries: Entries, who: string): void {
  const entry = entries.get('async');
  if (entry === undefined || toPlain(entry.node) === 0) return;
  reader.refuse(`async: ${who} run in the background`, entry.keyNode, {
    hint: 'Leave async and poll out; a timeout limits how long it may take.',
  });
}

/** What the loader needs to know of parameters to check them. */
export type Checked = Pick<ActionKind, 'name' | 'schema' | 'freeForm' | 'parameterAliases'>;

/** The parameters, with those that `module_defaults` gives. Whatever is wrong with them is noted. */
export function readActionParams(
  reader: NodeReader,
  { entries, subject, shared }: TaskParts,
  action: Checked,
  task: string,
): Pick<ActionTask, 'params' | 'locate' | 'paramDefaults'> {
  const node = actionNode(reader, subject, action, entries.get('args'));
  const found = { key: subject.key, keyNode: subject.keyNode, node };
  reader.checkTemplates(node);
  const names = [action.name, shortName(subject.key)];
  const { params: defaults, template } = defaultsFor(shared.moduleDefaults, names, action.parameterAliases);
  const given = toPlain(node);
  const params = coerceParams(action, { ...defaults, ...withoutNulls(given, action) });
  const checked = { name: subject.key, schema: action.schema, compiledName: compiledName(action) };
  const own = { params: isPlainMap(params) ? params : {}, locate: locator(reader, found) };
  // What is given by then is judged when it is known.
  if (template !== undefined) return { ...own, paramDefaults: template };
  for (const violation of validateParams(checked, params, { templates: true }))
    note(reader, found, task, violation);
  return own;
}

/** What the build calls the function of an action's schema: a resource may have the same name. */
export function compiledName({ name }: { name: string }): string {
  return `action_${name}`;
}

/** Ansible takes null for left out, but where any name is a parameter: there it is a value. */
function withoutNulls(params: unknown, { schema }: Checked): Readonly<Record<string, unknown>> {
  if (!isPlainMap(params)) return {};
  const named = isPlainMap(schema.properties) ? schema.properties : {};
  const kept = Object.entries(params).filter(([key, value]) => value !== null || !Object.hasOwn(named, key));
  return Object.fromEntries(kept);
}
