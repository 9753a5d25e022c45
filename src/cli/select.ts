/** Which tasks a run leaves out: --tags, --skip-tags and --start-at-task. */
import { tasksIn } from '../engine/plain.js';
import { fullName, startTask } from '../playbook/listing.js';
import type { Playbook, Task } from '../playbook/model.js';
import { selectTags, type TagSelection } from '../playbook/tags.js';
import { NetplayError } from '../shared/errors.js';
import { nearest } from '../shared/nearest.js';
import type { RunFlags } from './flags.js';

export function tagsOf({ tags, skipTags }: Pick<RunFlags, 'tags' | 'skipTags'>): TagSelection {
  return { tags: tags ?? [], skipTags: skipTags ?? [] };
}

/**
 * Whether a run does a task. One that an include brings is never before the task that the run starts at.
 * @throws NetplayError `usage` where no task has the name to start at
 */
export function selection(
  playbook: Playbook,
  flags: Pick<RunFlags, 'tags' | 'skipTags' | 'startAtTask'>,
): (task: Task) => boolean {
  const tags = tagsOf(flags);
  const before = flags.startAtTask === undefined ? new Set() : tasksBefore(playbook, flags.startAtTask);
  return (task) => !before.has(task) && selectTags(task.tags, tags);
}

function tasksBefore({ plays }: Playbook, name: string): ReadonlySet<Task> {
  const found = startTask(plays, name);
  if (found === undefined) throw noSuchTask(plays, name);
  const all = plays.flatMap((play) => tasksIn(play.steps));
  return new Set(all.slice(0, all.indexOf(found.task)));
}

function noSuchTask(plays: Playbook['plays'], name: string): NetplayError {
  const names = plays.flatMap((play) => tasksIn(play.steps).map(fullName));
  const near = nearest(name, names);
  return new NetplayError('usage', `--start-at-task: no task is called '${name}'`, {
    hint:
      near === undefined
        ? '--list-tasks shows all tasks; what includes bring is not among them'
        : `Did you mean '${near}'?`,
  });
}
