/** Runs the cases of made-up links where an executor runs their scripts: a namespace, or one in a virtual machine. */
import { expect, test } from 'vitest';
import { applyIn, changesIn, planIn, problemsIn, stepsOf, undoOf } from './apply.js';
import { LINK_CASES, LINK_DUMP, LINK_HOST, type LinkCase } from './link-cases.js';
import type { Netns } from './netns.js';

/** Brings the host to what is asked for, finds nothing more to do, and goes all the way back. */
function roundTrip(netns: Netns, { before, tasks, changes, warnings, shows = {} }: LinkCase): void {
  netns.must(`${LINK_HOST}${before ?? ''}`);
  const first = netns.must(LINK_DUMP);

  const plans = planIn(netns, tasks);
  // Stages of one link, in one plan: a play with all of them is told that they undo each other.
  expect(problemsIn(plans).filter((problem) => !problem.includes('of this play undoes this one'))).toEqual(
    [],
  );
  if (changes !== undefined) expect(changesIn(plans)).toEqual(changes);
  if (warnings !== undefined) expect(plans.tasks.flatMap((task) => task.warnings)).toEqual(warnings);
  expect(netns.must(LINK_DUMP)).toBe(first);
  expect(applyIn(netns, stepsOf(plans))).toEqual([]);

  for (const [command, expected] of Object.entries(shows)) expect(netns.must(command)).toContain(expected);
  const last = tasks.length === 1 ? tasks : tasks.slice(-1);
  const again = planIn(netns, last);
  expect(problemsIn(again)).toEqual([]);
  expect(changesIn(again)).toEqual([]);

  expect(applyIn(netns, undoOf(plans))).toEqual([]);
  expect(netns.must(LINK_DUMP)).toBe(first);
}

/** @param kinds those that the kernel has. @param make gives each case an executor of its own */
export function linkKindCases(kinds: readonly string[], make: () => Promise<Netns>): void {
  test.each(LINK_CASES.filter(({ kind }) => kinds.includes(kind)))('$kind: $name', async (one) => {
    const netns = await make();
    try {
      roundTrip(netns, one);
    } finally {
      netns.close();
    }
  });
}
