/** What a playbook holds, for those who ask before they run it: `--list-tasks`, `--list-tags`, `--start-at-task`. */
import type { Play, Step, Task } from './model.js';
import { selectTags, type TagSelection } from './tags.js';

export interface ListedTask {
  /** With its role before it: `uplink : Address`. */
  name: string;
  /** Sorted. */
  tags: readonly string[];
  /** Where a block's tasks may not be done at all. */
  part?: 'rescue' | 'always';
  task: Task;
}

/** A task's name with that of its role, as Ansible shows it. */
export function fullName({ name, role }: Pick<Task, 'name' | 'role'>): string {
  return role === undefined ? name : `${role.name} : ${name}`;
}

/** A play's tasks that a run would come to, in their order, blocks taken apart; what includes bring is not known yet. */
export function listTasks(play: Play, selection: TagSelection): ListedTask[] {
  return tasksOf(play.steps)
    .filter(({ task }) => selectTags(task.tags, selection))
    .map(({ task, part }) => ({
      name: fullName(task),
      tags: [...task.tags].sort(),
      ...(part !== undefined && { part }),
      task,
    }));
}

/** All tags of a play and its tasks, sorted. */
export function listTags(play: Play, selection: TagSelection): string[] {
  return [...new Set([...play.tags, ...listTasks(play, selection).flatMap(({ tags }) => tags)])].sort();
}

/** All tasks of steps, blocks taken apart. */
export function stepTasks(steps: readonly Step[]): Task[] {
  return tasksOf(steps).map(({ task }) => task);
}

type Found = Pick<ListedTask, 'task' | 'part'>;

function tasksOf(steps: readonly Step[], part?: Found['part']): Found[] {
  return steps.flatMap((step): Found[] => {
    if (step.kind === 'flush') return [];
    if (step.kind !== 'block') return [{ task: step, ...(part !== undefined && { part }) }];
    return [
      ...tasksOf(step.block, part),
      ...tasksOf(step.rescue, part ?? 'rescue'),
      ...tasksOf(step.always, part ?? 'always'),
    ];
  });
}

/** The task at which a run begins: the first whose name, with or without its role, is `wanted` or matches it as a glob. */
export function startTask(plays: readonly Play[], wanted: string): { play: Play; task: Task } | undefined {
  const isWanted = matcher(wanted);
  for (const play of plays) {
    const found = tasksOf(play.steps).find(({ task }) => isWanted(task.name) || isWanted(fullName(task)));
    if (found !== undefined) return { play, task: found.task };
  }
  return undefined;
}

/** Python's fnmatch: `*`, `?` and `[…]`. */
function matcher(glob: string): (name: string) => boolean {
  const source = glob.replaceAll(/\[(!?)([^\]]+)\]|[\s\S]/g, (piece, not?: string, set?: string) => {
    if (set !== undefined) return `[${not ? '^' : ''}${set.replaceAll(/[\\^[]/g, '\\$&')}]`;
    if (piece === '*') return '[\\s\\S]*';
    return piece === '?' ? '[\\s\\S]' : piece.replaceAll(/[.+^${}()|[\]\\]/g, '\\$&');
  });
  const pattern = new RegExp(`^${source}$`);
  return (name) => name === glob || pattern.test(name);
}
