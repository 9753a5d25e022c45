/** What can be told of a play's tasks beforehand, where some of them wait for what others come to. */

import { actionNamed } from '../../actions/registry.js';
import { isFactName } from '../../facts/index.js';
import type { ActionTask, Play, Step, Task } from '../../playbook/model.js';
import { NetplayError } from '../../shared/errors.js';
import { UndefinedError } from '../../template/errors.js';
import type { Templates } from '../../template/model.js';
import type { VarScope } from '../../template/scope.js';
import { type ExpandContext, expandTask, renderParams } from '../expand.js';
import { tasksIn } from '../plain.js';
import type { Scopes } from '../scopes.js';
import { allHold } from './condition.js';
import { loopList, loopVars } from './items.js';
import type { Names } from './names.js';

export interface FlowCheck {
  scopes: Scopes;
  names: Names;
  /** All of them: what one sets, a later one may use. */
  plays: readonly Play[];
  /** Whether --tags and its like leave a task in the run. */
  selects(task: Task): boolean;
}

/** Renders and checks each task that needs no other one's result, on every host of the play. */
export function checkFlow(
  context: ExpandContext,
  { scopes, names, plays, selects }: FlowCheck,
): NetplayError[] {
  const late = lateNames(plays);
  const errors: NetplayError[] = [];
  const { steps } = context.play;
  const resources = tasksIn(steps).filter((task) => task.kind === 'resource');
  const actions = certain(steps).filter(selects);
  for (const [index, host] of context.playHosts.entries()) {
    for (const task of resources) {
      const scope = scopes.task(host, task);
      if (!isLate(task, scope, names, late)) expandTask(context, task, 0, scope, errors);
    }
    for (const task of actions.filter(({ runOnce }) => index === 0 || runOnce === undefined)) {
      const scope = scopes.task(host, task);
      if (isLate(task, scope, names, late) || !lacksName(names.of(task), scope)) continue;
      const error = undefinedIn(context.templates, task, scope);
      if (error !== undefined) errors.push(error);
    }
  }
  return errors;
}

/** Actions on hosts that are reached for certain, and of which nobody says what shall be where they fail. */
function certain(steps: readonly Step[]): ActionTask[] {
  const found: ActionTask[] = [];
  for (const step of steps) {
    if (step.kind === 'flush' || step.kind === 'resource') continue;
    // Whether it goes on behind these is seen as they are reached.
    if (step.kind === 'block' || step.kind === 'include' || ENDING.includes(step.action)) break;
    const { until, failedWhen, ignoreErrors } = step;
    const isForgiven = [until, failedWhen, ignoreErrors].some((said) => said !== undefined);
    if (actionNamed(step.action) !== undefined && !isForgiven) found.push(step);
  }
  return found;
}

/** Actions behind which a host, or the play, may have come to its end, in words of the user's own. */
const ENDING: readonly string[] = ['meta', 'fail', 'assert'];

/** Whether it mentions what nobody gives a value, and nothing that has to be looked up. */
function lacksName(mentioned: ReadonlySet<string>, scope: VarScope): boolean {
  if (['lookup', 'query', 'q'].some((name) => mentioned.has(name))) return false;
  const all = [...mentioned].flatMap((name) => [name, ...scope.dependencies(name)]);
  return all.some((name) => !scope.has(name));
}

/** What a task uses though nobody gives it a value, on a host where its conditions hold. */
function undefinedIn(templates: Templates, task: ActionTask, scope: VarScope): NetplayError | undefined {
  try {
    const items = task.loop === undefined ? [scope] : itemScopes(templates, task, scope);
    for (const own of items) if (allHold(templates, task.when, own)) renderParams(templates, task, own);
  } catch (error) {
    if (error instanceof UndefinedError) return error;
    if (!(error instanceof NetplayError)) throw error;
  }
  return undefined;
}

function itemScopes(templates: Templates, task: ActionTask, scope: VarScope): VarScope[] {
  const list = loopList(templates, task, scope);
  return list.map((_, index) => scope.child(loopVars(task, list, index), { rendered: true }));
}

interface Late {
  names: ReadonlySet<string>;
  /** Whether variables may come that no task names: of files that are included as the play runs. */
  any: boolean;
}

function isLate(task: Task, scope: VarScope, names: Names, late: Late): boolean {
  // A task that is retried or includes items of its own is worked out as it is reached.
  if (task.until !== undefined) return true;
  return names.reaches(
    task,
    scope,
    (name) => late.names.has(name) || (!scope.has(name) && (late.any || isFactName(name))),
  );
}

function lateNames(plays: readonly Play[]): Late {
  const tasks = plays.flatMap((play) => [...tasksIn(play.steps), ...play.handlers]);
  const names = new Set(['ansible_failed_task', 'ansible_failed_result', ...tasks.flatMap(setBy)]);
  const opens = (task: Task): boolean =>
    task.kind === 'include' ||
    (task.kind === 'action' && ['include_vars', 'set_fact', 'add_host', 'setup'].includes(task.action));
  return { names, any: tasks.some(opens) };
}

/** The names that a task gives a value. */
function setBy(task: Task): string[] {
  const facts = task.kind === 'action' && task.action === 'set_fact' ? Object.keys(task.params) : [];
  return [...facts, ...(task.register === undefined ? [] : [task.register])];
}
