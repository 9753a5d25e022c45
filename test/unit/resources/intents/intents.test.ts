/** What every intent must hold: its parts are tasks that a playbook could have, and read no more than it says. */
import { describe, expect, test } from 'vitest';
import { planTasks, readsOf } from '../../../../src/engine/plan.js';
import { resources } from '../../../../src/resources/registry.js';
import type { AnyKind, Intent } from '../../../../src/resources/resource.js';
import { validateParams } from '../../../../src/resources/validate.js';
import type { Read } from '../../../../src/snapshot/model.js';
import { EXPANSIONS } from './cases.js';

const intents = resources.filter((kind: AnyKind): kind is Intent<unknown> => 'expand' in kind);

test('every intent has cases', () => {
  expect(intents.map(({ name }) => name).filter((name) => EXPANSIONS[name] === undefined)).toEqual([]);
});

const cases = intents.flatMap((intent) =>
  (EXPANSIONS[intent.name] ?? []).map((one) => ({ ...one, intent, title: `${intent.name}: ${one.title}` })),
);

describe.each(cases)('$title', ({ intent, params, snapshot, parts, problems = [], warnings = [] }) => {
  const item = { params, path: [] };

  test('expands to what a careful engineer would write', () => {
    const expansion = intent.expand(params, snapshot);
    expect((expansion.problems ?? []).map(({ message }) => message)).toEqual(problems);
    expect(expansion.warnings ?? []).toEqual(warnings);
    expect(expansion.parts.map(({ resource, params: own }) => ({ [resource.name]: own }))).toEqual(parts);
  });

  test('its parts are valid tasks, and read nothing that it does not', () => {
    const expansion = intent.expand(params, snapshot);
    const reads = readsOf([{ resource: intent, items: [item] }]).map(readText);
    for (const { resource, params: own } of expansion.parts) {
      expect(validateParams(resource, own, { templates: false })).toEqual([]);
      expect(
        resource
          .reads(own)
          .map(readText)
          .filter((read) => !isRead(read, reads)),
      ).toEqual([]);
    }
  });

  test('once it is there, nothing is left to do', () => {
    if (problems.length > 0) return;
    const tasks = [{ resource: intent, items: [{ params, path: [] }] }];
    const { state, tasks: planned } = planTasks(tasks, snapshot);
    expect(planned.flatMap((task) => task.problems)).toEqual([]);
    const again = planTasks(tasks, state);
    expect(again.sequence).toEqual([]);
  });
});

function readText(read: Read): string {
  return 'path' in read
    ? `${read.kind} ${read.path}`
    : 'family' in read
      ? `${read.kind} ${read.family}`
      : read.kind;
}

/** A sysctl with `*` in it stands for all of its kind, and for their folders, which tell of keys that are not there. */
function isRead(read: string, reads: readonly string[]): boolean {
  if (read.startsWith('directory /proc/sys/')) return true;
  return reads.some(
    (other) =>
      other === read || (other.includes('*') && new RegExp(`^${other.replaceAll('*', '[^/]+')}$`).test(read)),
  );
}
