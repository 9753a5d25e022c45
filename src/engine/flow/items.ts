/** A task with its loop, its tries and its conditions, whatever it is that it does. */
import { setTimeout as wait } from 'node:timers/promises';
import type { ActionResult } from '../../actions/action.js';
import type { Vars } from '../../inventory/model.js';
import type { Task } from '../../playbook/model.js';
import { booleanWord } from '../../shared/boolean-words.js';
import { NetplayError } from '../../shared/errors.js';
import { isMap } from '../../shared/is-map.js';
import type { Templates } from '../../template/model.js';
import type { VarScope } from '../../template/scope.js';
import { allHold, failingCondition } from './condition.js';
import { asRegistered } from './task-result.js';

/** Ansible's own, where `until` stands alone. */
const RETRIES = 3;
const DELAY_S = 5;

export interface ItemsContext {
  templates: Templates;
  signal: AbortSignal;
  /** Told before each further try: how many are left. */
  retrying(left: number): void;
}

/** What an item does, with its own variables. */
export type Once = (scope: VarScope) => Promise<ActionResult>;

/**
 * Does a task once, or for each item of its loop.
 * @returns what `register` keeps: of a loop `results`, one an item
 * @throws NetplayError `template`, `playbook`: what is written can't be worked out
 */
export async function runItems(
  context: ItemsContext,
  task: Task,
  scope: VarScope,
  once: Once,
): Promise<ActionResult> {
  if (task.loop === undefined) return runTries(context, task, scope, once);
  const list = loopList(context.templates, task, scope);
  const { loopVar, pause, breakWhen } = task.loopControl;
  const results: ActionResult[] = [];
  let learned: Vars = {};
  for (const [index, value] of list.entries()) {
    if (context.signal.aborted) break;
    const seconds = pause === undefined ? 0 : Number(context.templates.render(pause, scope, task.place));
    if (index > 0 && seconds > 0)
      await wait(seconds * 1000, undefined, { signal: context.signal }).catch(() => undefined);
    const itemScope = scope.child({ ...learned, ...loopVars(task, list, index) }, { rendered: true });
    const result = await runTries(context, task, itemScope, once);
    learned = { ...learned, ...learnedFrom(task, result) };
    results.push({ ...result, [loopVar]: value, ansible_loop_var: loopVar });
    if (breakWhen !== undefined && allHold(context.templates, breakWhen, seen(task, itemScope, result)))
      break;
  }
  return together(results);
}

/** What the items behind one see of it: lists are built so. Source: ansible-core's `executor/task_executor.py`. */
function learnedFrom(task: Task, result: ActionResult): Vars {
  const setsVars = task.kind === 'action' && ['set_fact', 'include_vars'].includes(task.action);
  return {
    ...(setsVars && isMap(result.ansible_facts) && result.ansible_facts),
    ...(task.register !== undefined && { [task.register]: asRegistered(result) }),
  };
}

/** @throws NetplayError where it is no list */
export function loopList(templates: Templates, task: Task, scope: VarScope): readonly unknown[] {
  if (task.loopLookup !== undefined)
    return templates.withItems(task.loopLookup, task.loop, scope, task.place);
  const list = templates.render(task.loop, scope, task.place);
  if (Array.isArray(list)) return list;
  throw new NetplayError('playbook', `loop: must be a list, not ${describe(list)}`, {
    place: task.place,
    task: task.name,
  });
}

function describe(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value === 'string') return 'text';
  return typeof value === 'object' ? 'a map' : String(value);
}

/** The variables of one item: its value, and what `loop_control` adds. */
export function loopVars(
  task: Task,
  list: readonly unknown[],
  index: number,
): Readonly<Record<string, unknown>> {
  const { loopVar, indexVar, extended, extendedAllItems } = task.loopControl;
  return {
    [loopVar]: list[index],
    ansible_loop_var: loopVar,
    ...(indexVar !== undefined && { [indexVar]: index, ansible_index_var: indexVar }),
    ...(isYes(extended) && { ansible_loop: extendedLoop(list, index, extendedAllItems ?? true) }),
  };
}

function isYes(word: boolean | string | undefined): boolean {
  return word === true || (typeof word === 'string' && booleanWord(word) === true);
}

function extendedLoop(
  list: readonly unknown[],
  index: number,
  allItems: boolean | string,
): Readonly<Record<string, unknown>> {
  return {
    ...(isYes(allItems) && { allitems: list }),
    index: index + 1,
    index0: index,
    first: index === 0,
    last: index === list.length - 1,
    length: list.length,
    revindex: list.length - index,
    revindex0: list.length - index - 1,
    ...(index > 0 && { previtem: list[index - 1] }),
    ...(index < list.length - 1 && { nextitem: list[index + 1] }),
  };
}

/** What a loop comes to, in Ansible's words. */
function together(results: readonly ActionResult[]): ActionResult {
  const any = (test: (result: ActionResult) => boolean | undefined): boolean =>
    results.some((one) => test(one) === true);
  const skipped = results.every((result) => result.skipped === true);
  const failed = any((result) => result.failed);
  return {
    results,
    changed: any((result) => result.changed),
    ...(failed && { failed }),
    ...(any((result) => result.unknown) && { unknown: true }),
    ...(skipped && { skipped }),
    ...(results.length === 0 && { skipped_reason: 'No items in the list' }),
    msg: failed ? 'One or more items failed' : skipped ? 'All items skipped' : 'All items completed',
  };
}

async function runTries(
  context: ItemsContext,
  task: Task,
  scope: VarScope,
  once: Once,
): Promise<ActionResult> {
  const failing = failingCondition(context.templates, task.when, scope);
  if (failing !== undefined)
    return {
      changed: false,
      skipped: true,
      skip_reason: 'Conditional result was False',
      false_condition: failing,
    };
  const most = triesOf(context.templates, task, scope);
  const delay = Number(context.templates.render(task.delay ?? DELAY_S, scope, task.place));
  for (let attempts = 1; ; attempts += 1) {
    const done = judged(context.templates, task, scope, await once(scope));
    const result = most > 1 ? { ...done, attempts } : done;
    const good =
      task.until === undefined
        ? !result.failed
        : allHold(context.templates, task.until, seen(task, scope, result));
    if (good || result.unknown) return result;
    // Of one that never came good, Ansible counts the retries.
    if (attempts >= most || context.signal.aborted)
      return most > 1 ? { ...result, failed: true, attempts: attempts - 1 } : result;
    context.retrying(most - attempts);
    await wait(delay * 1000, undefined, { signal: context.signal }).catch(() => undefined);
  }
}

function triesOf(templates: Templates, task: Task, scope: VarScope): number {
  if (task.until === undefined && task.retries === undefined) return 1;
  const retries = Number(templates.render(task.retries ?? RETRIES, scope, task.place));
  return Math.max(0, retries) + 1;
}

/** The result as `changed_when` and `failed_when` see it. */
function judged(templates: Templates, task: Task, scope: VarScope, result: ActionResult): ActionResult {
  if (result.skipped || result.unknown) return result;
  const own = seen(task, scope, result);
  const changed = task.changedWhen === undefined ? result.changed : allHold(templates, task.changedWhen, own);
  if (task.failedWhen === undefined) return { ...result, changed };
  const failed = allHold(templates, task.failedWhen, own);
  return { ...result, changed, failed, failed_when_result: failed };
}

function seen(task: Task, scope: VarScope, result: ActionResult): VarScope {
  return task.register === undefined ? scope : scope.child({ [task.register]: result }, { rendered: true });
}
