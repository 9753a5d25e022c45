/** Which plays can be worked out whole before the first host is touched. */
import type { Play, ResourceTask, Step, Task } from '../playbook/model.js';
import type { Names } from './flow/names.js';
import type { Scopes } from './scopes.js';
import { saysOwnWay } from './target-for.js';

/** Every task that a play's steps name, in the order in which they stand. */
export function tasksIn(steps: readonly Step[]): Task[] {
  return steps.flatMap((step) => {
    if (step.kind === 'flush') return [];
    if (step.kind === 'block') return tasksIn([...step.block, ...step.rescue, ...step.always]);
    return [step];
  });
}

/**
 * Whether nothing of a play depends on what its tasks come to: it is then one segment, and each host goes
 * through it for itself.
 */
export function isPlain(play: Play, hosts: readonly string[], scopes: Scopes, names: Names): boolean {
  const { handlers, anyErrorsFatal, maxFailPercentage, steps } = play;
  if (anyErrorsFatal !== undefined || maxFailPercentage !== undefined) return false;
  if (!steps.every(isPlainStep)) return false;
  const tasks = tasksIn(steps);
  if (tasks.some((task) => saysOwnWay(task, play))) return false;
  if (usesTwice(tasks)) return false;
  if (handlers.length > 0 && tasks.some(({ notify }) => notify.length > 0)) return false;
  const distinct = mentioning(tasks, names);
  return hosts.every((host) =>
    distinct.every((task) => {
      const scope = scopes.host(host, task.role);
      return !names.spells(task, scope, (name) => scopes.isFact(host, name, scope));
    }),
  );
}

/** Of two uses of a role that differ in nothing, a host does one. */
function usesTwice(tasks: readonly Task[]): boolean {
  const roles = [
    ...new Set(tasks.flatMap(({ role }) => (role === undefined || role.allowDuplicates ? [] : [role]))),
  ];
  return new Set(roles.map(({ key }) => key)).size < roles.length;
}

function isPlainStep(step: Step): boolean {
  if (step.kind === 'flush') return true;
  return step.kind === 'resource' && isPlainTask(step);
}

function isPlainTask(task: ResourceTask): boolean {
  const { register, until, retries, changedWhen, failedWhen, delegateTo, runOnce, throttle } = task;
  const { notify, ignoreUnreachable, anyErrorsFatal, checkMode, diff, loopControl, noLog } = task;
  const asked = [register, until, retries, changedWhen, failedWhen, delegateTo, runOnce, throttle];
  const further = [ignoreUnreachable, anyErrorsFatal, checkMode, diff, loopControl.pause, noLog];
  return notify.length === 0 && [...asked, ...further].every((keyword) => keyword === undefined);
}

/** Tasks that differ in what they mention: most of a thousand mention the same few names. */
function mentioning(tasks: readonly Task[], names: Names): Task[] {
  const byNames = new Map<string, Task>();
  for (const task of tasks) {
    const mentioned = [...names.of(task)].sort().join(' ');
    if (mentioned !== '') byNames.set(`${task.role?.key ?? ''} ${mentioned}`, task);
  }
  return [...byNames.values()];
}
