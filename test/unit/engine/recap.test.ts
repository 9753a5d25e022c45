import { describe, expect, test } from 'vitest';
import type { HostOutcome } from '../../../src/engine/host-run.js';
import { addToRecap, emptyRecap, exitCodeOf } from '../../../src/engine/recap.js';
import { NetplayError } from '../../../src/shared/errors.js';
import type { TaskResult, TaskStatus } from '../../../src/shared/events.js';

function outcome(status: HostOutcome['status'], statuses: TaskStatus[], error?: NetplayError): HostOutcome {
  const tasks = statuses.map(
    (taskStatus, index): TaskResult => ({
      index,
      name: `task ${index}`,
      status: taskStatus,
      changes: [],
      warnings: [],
      errors: [],
    }),
  );
  return { status, tasks, ms: {}, roundTrips: 3, ...(error && { error }) };
}

test('the recap counts as Ansible does: ok holds changed and ignored ones too', () => {
  const recap = emptyRecap();
  addToRecap(recap, outcome('changed', ['ok', 'changed', 'skipped', 'ignored']));
  expect(recap).toEqual({ ok: 3, changed: 1, unreachable: 0, failed: 0, skipped: 1, rescued: 0, ignored: 1 });
});

test('a host that failed as a whole counts once though no task of it failed', () => {
  const recap = emptyRecap();
  addToRecap(recap, outcome('failed', ['not-run'], new NetplayError('probe', 'iproute2 is not installed')));
  expect(recap).toMatchObject({ ok: 0, failed: 1 });
});

describe('the exit code', () => {
  const aborted = AbortSignal.abort();
  const signal = new AbortController().signal;
  const recap = emptyRecap();
  test.each([
    ['all is well', [recap], { check: false, exitCode: false, signal }, 0],
    ['something changed', [{ ...recap, changed: 2 }], { check: false, exitCode: false, signal }, 0],
    ['a check finds changes', [{ ...recap, changed: 2 }], { check: true, exitCode: false, signal }, 0],
    [
      'a check for scripts finds changes',
      [recap, { ...recap, changed: 1 }],
      { check: true, exitCode: true, signal },
      3,
    ],
    ['a check for scripts finds none', [recap], { check: true, exitCode: true, signal }, 0],
    [
      'a host failed',
      [
        { ...recap, failed: 1 },
        { ...recap, unreachable: 1 },
      ],
      { check: false, exitCode: false, signal },
      2,
    ],
    [
      'hosts are unreachable',
      [recap, { ...recap, unreachable: 1 }],
      { check: false, exitCode: false, signal },
      4,
    ],
    [
      'the run was interrupted',
      [{ ...recap, failed: 1 }],
      { check: false, exitCode: false, signal: aborted },
      130,
    ],
  ])('%s', (_name, recaps, options, expected) => {
    expect(exitCodeOf(recaps, options)).toBe(expected);
  });
});
