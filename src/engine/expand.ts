/** Expands a play for one host: conditions, loops, templates, validation. Touches no host. */
import type { Inventory, Vars } from '../inventory/model.js';
import { isPersistMode, PERSIST_MODES, type PersistMode } from '../persist/mode.js';
import { itemsOf } from '../playbook/items.js';
import type { Play, Playbook, ResourceTask, Task } from '../playbook/model.js';
import type { AnyKind } from '../resources/resource.js';
import { coerceParams, validateParams } from '../resources/validate.js';
import { NetplayError } from '../shared/errors.js';
import { isMap } from '../shared/is-map.js';
import type { Place } from '../shared/place.js';
import type { Scope, Templates } from '../template/model.js';
import type { VarScope } from '../template/scope.js';
import { holdsTemplate } from '../template/templates.js';
import { failingCondition } from './flow/condition.js';
import { loopList, loopVars } from './flow/items.js';
import type { Item, PlannableTask } from './plan.js';

/** The variable by which an inventory says how a host's network state survives a reboot. */
const PERSIST_VARIABLE = 'netplay_persist';

/** A task of a play as it is for one host. */
export interface ExpandedTask extends PlannableTask {
  task: ResourceTask;
  index: number;
  /** Why nothing of it is to be done on this host; its items are then empty. */
  skipped?: string;
  /** A failure of it stops nothing. */
  ignoreErrors: boolean;
  /** `no_log`: the journal is told so. */
  hidden?: true;
}

export interface ExpandContext {
  inventory: Inventory;
  playbook: Playbook;
  play: Play;
  /** Ansible's `groups`: every group with its hosts, one object for all hosts. */
  groups: Readonly<Record<string, readonly string[]>>;
  /** Names of the play's hosts, after the limit. */
  playHosts: readonly string[];
  extraVars: Vars;
  check: boolean;
  diff: boolean;
  templates: Templates;
  registry: ReadonlyMap<string, AnyKind>;
  /** How network state survives a reboot where neither the play nor the host says. */
  persist: PersistMode;
  /** Variables that say how the run was called. */
  magic: Vars;
}

/** Whether a task comes out the same for every host, so that it need be expanded only once. */
export function isStatic(task: ResourceTask): boolean {
  if (typeof task.ignoreErrors === 'string' || typeof task.noLog === 'string') return false;
  if (task.persist !== undefined && holdsTemplate(task.persist)) return false;
  if (task.loop !== undefined || Object.keys(task.vars).length > 0) return false;
  if (task.when.some((condition) => typeof condition.expression === 'string')) return false;
  return !hasTemplate(task.params) && task.paramDefaults === undefined;
}

/** Whether a value, or anything below it, depends on variables. */
export function hasTemplate(value: unknown): boolean {
  if (typeof value === 'string') return holdsTemplate(value);
  return typeof value === 'object' && value !== null && Object.values(value).some(hasTemplate);
}

/**
 * One task for one host. Every error of its items is put into `errors`, so that a user sees all at once.
 */
export function expandTask(
  context: ExpandContext,
  task: ResourceTask,
  index: number,
  scope: VarScope,
  errors: NetplayError[],
): ExpandedTask {
  const resource = context.registry.get(task.resource);
  if (resource === undefined) throw new Error(`no resource named ${task.resource}`);
  const expanded: ExpandedTask = { task, index, resource, items: [], ignoreErrors: false };
  try {
    expanded.ignoreErrors = flagOf(context.templates, task.ignoreErrors, scope, task.place);
    if (flagOf(context.templates, task.noLog, scope, task.place)) expanded.hidden = true;
    expanded.persist = persistOf(context, task, scope);
    const { items, skipped } = itemsFor(context, task, resource, scope, errors);
    expanded.items = items;
    if (skipped !== undefined) expanded.skipped = skipped;
  } catch (error) {
    if (!(error instanceof NetplayError)) throw error;
    errors.push(error);
  }
  return expanded;
}

/** As with Ansible's own: the host's variable stands before the keyword, that before the setting. */
function persistOf(context: ExpandContext, task: ResourceTask, scope: VarScope): PersistMode {
  const { templates, persist } = context;
  const given =
    persistVariable(context, scope) ??
    (task.persist === undefined ? persist : templates.render(task.persist, scope, task.place));
  // YAML's own word for no.
  const mode = given === false ? 'off' : given;
  if (isPersistMode(mode)) return mode;
  const message = `persist: takes ${PERSIST_MODES.join(', ')}, not ${String(mode)}`;
  throw new NetplayError('schema', message, { place: task.place, task: task.name });
}

/** What the host's own variable says; undefined where it has none. */
export function persistVariable({ templates, play }: ExpandContext, scope: VarScope): unknown {
  return scope.has(PERSIST_VARIABLE)
    ? templates.render(`{{ ${PERSIST_VARIABLE} }}`, scope, play.place)
    : undefined;
}

interface Expansion {
  items: readonly Item[];
  skipped?: string;
}

function itemsFor(
  context: ExpandContext,
  task: ResourceTask,
  resource: AnyKind,
  scope: VarScope,
  errors: NetplayError[],
): Expansion {
  if (task.loop === undefined) {
    const failing = whenFails(context.templates, task, scope);
    if (failing !== undefined) return { items: [], skipped: failing };
    return { items: validItems(context, task, resource, scope, errors) };
  }
  return loopItems(context, task, resource, scope, errors);
}

function loopItems(
  context: ExpandContext,
  task: ResourceTask,
  resource: AnyKind,
  scope: VarScope,
  errors: NetplayError[],
): Expansion {
  const list = loopList(context.templates, task, scope);
  const items: Item[] = [];
  let skipped: string | undefined = list.length === 0 ? 'the loop has no items' : undefined;
  for (const index of list.keys()) {
    // An item is rendered already: braces in it are text, not a template to be run.
    const loopScope = scope.child(loopVars(task, list, index), { rendered: true });
    const failing = whenFails(context.templates, task, loopScope);
    if (failing === undefined) items.push(...validItems(context, task, resource, loopScope, errors));
    else skipped ??= failing;
  }
  return items.length > 0 || skipped === undefined ? { items } : { items, skipped };
}

function whenFails(templates: Templates, task: ResourceTask, scope: Scope): string | undefined {
  const failing = failingCondition(templates, task.when, scope);
  return failing === undefined ? undefined : `when: ${failing}`;
}

function validItems(
  context: ExpandContext,
  task: ResourceTask,
  resource: AnyKind,
  scope: Scope,
  errors: NetplayError[],
): readonly Item[] {
  if (task.ready !== undefined) return task.ready;
  const own = renderParams(context.templates, task, scope);
  const params = isMap(own) ? { ...defaultsOf(context.templates, task, scope), ...own } : own;
  const raw = task.many ? itemsOf(params, resource, task.locate([])) : [{ params, path: [] }];
  return raw.map(({ params: given, path }) => {
    const coerced = coerceParams(resource, given);
    for (const violation of validateParams(resource, coerced, { templates: false })) {
      const details = { place: task.locate([...path, ...violation.path]), task: task.name };
      errors.push(
        new NetplayError('schema', violation.message, {
          ...details,
          ...(violation.hint !== undefined && { hint: violation.hint }),
        }),
      );
    }
    return { params: coerced, path };
  });
}

/** A keyword that is true or false, or a template that gives it. */
export function flagOf(
  templates: Templates,
  value: boolean | string | undefined,
  scope: Scope,
  place: Place,
): boolean {
  return value === undefined ? false : templates.condition(value, scope, place);
}

/** What `module_defaults` gives by a template. @throws NetplayError where that is no map */
export function defaultsOf(
  templates: Templates,
  { paramDefaults, place }: Task,
  scope: Scope,
): Readonly<Record<string, unknown>> {
  const defaults = paramDefaults === undefined ? {} : templates.render(paramDefaults, scope, place);
  if (isMap(defaults)) return defaults;
  throw new NetplayError('playbook', `module_defaults: ${paramDefaults} gives no map`, { place });
}

/** Parameters as they stand in a playbook, with what is needed to say where. */
type Placed = Pick<ResourceTask, 'params' | 'place' | 'locate'>;

/**
 * The parameters with all their templates rendered.
 * @throws NetplayError `template`, with the line of the one that fails
 */
export function renderParams(templates: Templates, task: Placed, scope: Scope): unknown {
  try {
    return templates.render(task.params, scope, task.place);
  } catch (error) {
    // Rendered leaf by leaf, the one that fails does so with its own line.
    renderLeaves(templates, task, scope, task.params, []);
    throw error;
  }
}

function renderLeaves(
  templates: Templates,
  task: Placed,
  scope: Scope,
  value: unknown,
  path: readonly (string | number)[],
): void {
  if (typeof value === 'string') templates.render(value, scope, task.locate(path));
  else if (Array.isArray(value))
    for (const [index, item] of value.entries()) renderLeaves(templates, task, scope, item, [...path, index]);
  else if (isMap(value))
    for (const [key, item] of Object.entries(value))
      renderLeaves(templates, task, scope, item, [...path, key]);
}
