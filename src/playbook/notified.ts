/** Whether somebody listens to what tasks notify, as far as that is known before a run. */
import { isTemplate } from '../resources/templated.js';
import { NetplayError } from '../shared/errors.js';
import { nearest } from '../shared/nearest.js';
import { fullName, stepTasks } from './listing.js';
import type { Play, Task } from './model.js';

/** What tasks notify in vain; nothing where includes or templates may bring who listens. */
export function unheard({ steps, handlers }: Pick<Play, 'steps' | 'handlers'>): NetplayError[] {
  const tasks = [...stepTasks(steps), ...handlers];
  const names = handlers.flatMap((handler) => [handler.name, fullName(handler), ...handler.listen]);
  if (tasks.some(({ kind }) => kind === 'include') || names.some(isTemplate)) return [];
  const known = new Set(names);
  return tasks.flatMap((task) =>
    task.notify
      .filter((word) => !isTemplate(word) && !known.has(word))
      .map((word) => refusal(task, word, known)),
  );
}

function refusal({ name, place }: Task, word: string, known: ReadonlySet<string>): NetplayError {
  const near = nearest(word, known);
  const hint =
    near === undefined ? 'Add it below handlers:, or a handler that listens to it.' : `Did you mean ${near}?`;
  return new NetplayError('playbook', `notify: there is no handler '${word}'`, { place, task: name, hint });
}
