/** What can be told of a play's tasks beforehand, where some of them wait for what others come to. */
import { isFactName } from '../../facts/index.js';
import type { Play, ResourceTask, Task } from '../../playbook/model.js';
import type { NetplayError } from '../../shared/errors.js';
import type { VarScope } from '../../template/scope.js';
import { type ExpandContext, expandTask } from '../expand.js';
import { tasksIn } from '../plain.js';
import type { Scopes } from '../scopes.js';
import type { Names } from './names.js';

/**
 * Renders and checks each task that needs no other one's result, on every host of the play.
 * @param plays all of them: what one sets, a later one may use
 */
export function checkFlow(
  context: ExpandContext,
  scopes: Scopes,
  names: Names,
  plays: readonly Play[],
): NetplayError[] {
  const late = lateNames(plays);
  const errors: NetplayError[] = [];
  const tasks = tasksIn(context.play.steps).filter((task) => task.kind === 'resource');
  for (const host of context.playHosts)
    for (const task of tasks) {
      const scope = scopes.task(host, task);
      if (!isLate(task, scope, names, late)) expandTask(context, task, 0, scope, errors);
    }
  return errors;
}

interface Late {
  names: ReadonlySet<string>;
  /** Whether variables may come that no task names: of files that are included as the play runs. */
  any: boolean;
}

function isLate(task: ResourceTask, scope: VarScope, names: Names, late: Late): boolean {
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
