/** Expands a play for one host: conditions, loops, templates, validation. Touches no host. */
import type { Inventory, Vars } from '../inventory/model.js';
import { itemsOf } from '../playbook/items.js';
import type { Play, Playbook, Task } from '../playbook/model.js';
import type { AnyKind } from '../resources/resource.js';
import { coerceParams, validateParams } from '../resources/validate.js';
import { NetplayError } from '../shared/errors.js';
import { isMap } from '../shared/is-map.js';
import type { Place } from '../shared/place.js';
import type { Scope, Templates } from '../template/model.js';
import { createScope, type VarScope } from '../template/scope.js';
import { holdsTemplate } from '../template/templates.js';
import type { Item, PlannableTask } from './plan.js';

/** A task of a play as it is for one host. */
export interface ExpandedTask extends PlannableTask {
  task: Task;
  index: number;
  /** Why nothing of it is to be done on this host; its items are then empty. */
  skipped?: string;
  /** A failure of it stops nothing. */
  ignoreErrors: boolean;
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
}

/** The variables that a host's tasks see: inventory, play, command line, and Ansible's magic names. */
export function hostScope(context: ExpandContext, host: string): VarScope {
  const { inventory, play, extraVars, templates } = context;
  const entry = inventory.hosts.get(host);
  const scope = createScope([entry?.vars ?? {}, play.vars, extraVars], templates, { place: play.place });
  // Lists of all hosts, looked through for templates once a host, would cost the square of the fleet.
  return scope.child(magicVars(context, host), { rendered: true });
}

function magicVars(context: ExpandContext, host: string): Vars {
  const { inventory, playHosts, playbook, check, diff } = context;
  return {
    inventory_hostname: host,
    inventory_hostname_short: host.split('.')[0],
    group_names: inventory.hosts.get(host)?.groupNames ?? [],
    groups: context.groups,
    ansible_play_hosts: playHosts,
    ansible_play_hosts_all: playHosts,
    ansible_check_mode: check,
    ansible_diff_mode: diff,
    playbook_dir: dirOf(playbook.file),
  };
}

function dirOf(file: string): string {
  const cut = file.lastIndexOf('/');
  return cut === -1 ? '.' : file.slice(0, cut);
}

/** Whether a task comes out the same for every host, so that it need be expanded only once. */
export function isStatic(task: Task): boolean {
  if (typeof task.ignoreErrors === 'string') return false;
  if (task.loop !== undefined || Object.keys(task.vars).length > 0) return false;
  if (task.when.some((condition) => typeof condition.expression === 'string')) return false;
  return !hasTemplate(task.params);
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
  task: Task,
  index: number,
  scope: VarScope,
  errors: NetplayError[],
): ExpandedTask {
  const resource = context.registry.get(task.resource);
  if (resource === undefined) throw new Error(`no resource named ${task.resource}`);
  const expanded: ExpandedTask = { task, index, resource, items: [], ignoreErrors: false };
  try {
    const taskScope = Object.keys(task.vars).length === 0 ? scope : scope.child(task.vars);
    expanded.ignoreErrors = flagOf(context.templates, task.ignoreErrors, taskScope, task.place);
    const { items, skipped } = itemsFor(context, task, resource, taskScope, errors);
    expanded.items = items;
    if (skipped !== undefined) expanded.skipped = skipped;
  } catch (error) {
    if (!(error instanceof NetplayError)) throw error;
    errors.push(error);
  }
  return expanded;
}

interface Expansion {
  items: readonly Item[];
  skipped?: string;
}

function itemsFor(
  context: ExpandContext,
  task: Task,
  resource: AnyKind,
  scope: VarScope,
  errors: NetplayError[],
): Expansion {
  if (task.loop === undefined) {
    const failing = failingCondition(context.templates, task, scope);
    if (failing !== undefined) return { items: [], skipped: failing };
    return { items: validItems(context, task, resource, scope, errors) };
  }
  return loopItems(context, task, resource, scope, errors);
}

function loopItems(
  context: ExpandContext,
  task: Task,
  resource: AnyKind,
  scope: VarScope,
  errors: NetplayError[],
): Expansion {
  const list = context.templates.render(task.loop, scope, task.place);
  if (!Array.isArray(list))
    throw new NetplayError('playbook', `loop: must be a list, not ${describe(list)}`, {
      place: task.place,
      task: task.name,
    });
  const items: Item[] = [];
  let skipped: string | undefined = list.length === 0 ? 'the loop has no items' : undefined;
  list.forEach((value, position) => {
    const { loopVar, indexVar } = task.loopControl;
    const vars = { [loopVar]: value, ...(indexVar && { [indexVar]: position }) };
    // An item is rendered already: braces in it are text, not a template to be run.
    const loopScope = scope.child(vars, { rendered: true });
    const failing = failingCondition(context.templates, task, loopScope);
    if (failing === undefined) items.push(...validItems(context, task, resource, loopScope, errors));
    else skipped ??= failing;
  });
  return items.length > 0 || skipped === undefined ? { items } : { items, skipped };
}

function describe(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value === 'string') return 'text';
  return typeof value === 'object' ? 'a map' : String(value);
}

function failingCondition(templates: Templates, task: Task, scope: Scope): string | undefined {
  for (const condition of task.when)
    if (!templates.condition(condition.expression, scope, condition.place))
      return `when: ${String(condition.expression)}`;
  return undefined;
}

function validItems(
  context: ExpandContext,
  task: Task,
  resource: AnyKind,
  scope: Scope,
  errors: NetplayError[],
): readonly Item[] {
  if (task.ready !== undefined) return task.ready;
  const params = renderParams(context.templates, task, scope);
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

/** Parameters as they stand in a playbook, with what is needed to say where. */
type Placed = Pick<Task, 'params' | 'place' | 'locate'>;

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
