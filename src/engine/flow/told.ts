/** How tasks, and what keeps them from being done, are told of. */
import type { ActionResult } from '../../actions/action.js';
import type { Task } from '../../playbook/model.js';
import type { NetplayError } from '../../shared/errors.js';

/** What a user reads of a task: the resource, or the action. */
export function actionOf(task: Task | undefined): string {
  if (task === undefined) return '';
  if (task.kind === 'resource') return task.key;
  return task.kind === 'action' ? task.action : `include_${task.include}`;
}

/** An error before a task could be tried, as its result. */
export function failedBy(error: NetplayError): ActionResult {
  return {
    changed: false,
    failed: true,
    msg: error.message,
    ...(error.hint !== undefined && { hint: error.hint }),
  };
}
