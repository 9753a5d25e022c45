/** What a host has and no task may say: one of its parameters is left out, or the whole item where it can't be without. */
import type { AnyKind } from '../resources/resource.js';
import { coerceParams, type Violation, validateParams } from '../resources/validate.js';
import type { CapturedTask } from './capture.js';
import type { LeftOut, Params } from './reading.js';

/** Tasks that netplay takes: one that it refused would keep the whole playbook from being run. */
export function sayable(tasks: readonly CapturedTask[], leaveOut: (left: LeftOut) => void): CapturedTask[] {
  return tasks.flatMap((task) => {
    const items = task.items.flatMap((params) => itemOf(task.resource, params, leaveOut));
    return items.length === 0 ? [] : [{ ...task, items }];
  });
}

function itemOf(resource: AnyKind, params: Params, leaveOut: (left: LeftOut) => void): Params[] {
  const found = violationsOf(resource, params);
  if (found.length === 0) return [params];
  const wrong = new Set(found.map(({ path: [name] }) => name));
  const rest = Object.fromEntries(Object.entries(params).filter(([name]) => !wrong.has(name)));
  const does = violationsOf(resource, rest).length === 0;
  const name = `${resource.name} ${String(params[resource.mapKey])}`;
  for (const { path, message } of found)
    leaveOut({ what: does ? `${String(path[0])} of ${name}` : name, why: `netplay refuses it: ${message}` });
  return does ? [rest] : [];
}

function violationsOf(resource: AnyKind, params: Params): Violation[] {
  return validateParams(resource, coerceParams(resource, params), { templates: false });
}
