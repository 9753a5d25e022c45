/** What is told of a task that is no resource's. */
import { describe, expect, test } from 'vitest';
import type { ActionResult } from '../../../src/actions/action.js';
import { reportedResult, type Told } from '../../../src/engine/flow/task-result.js';

const place = { file: 'site.yml', line: 3, column: 5 };

function told(extra: Partial<Told> = {}): Told {
  const task = {
    kind: 'action' as const,
    action: 'command',
    name: 'command',
    params: {},
    when: [],
    loop: undefined,
    loopControl: { loopVar: 'item' },
    vars: {},
    tags: [],
    notify: [],
    listen: [],
    place,
    locate: () => place,
  };
  return { task, name: 'command', kind: 'command', ignored: false, noLog: false, ...extra };
}

const messageOf = (result: ActionResult): string | undefined =>
  reportedResult(0, result, told()).errors[0]?.message;

const failed = { changed: true, failed: true, msg: 'non-zero return code' };

describe('a command that failed', () => {
  test.each([
    [
      'what it said of its failure',
      { rc: 5, stderr: 'no such device\n', stdout: 'x' },
      'no such device (exit code 5)',
    ],
    ['what it printed', { rc: 1, stderr: '', stdout: 'x\n' }, 'x (exit code 1)'],
    [
      'that it failed, where it said nothing',
      { rc: 3, stderr: '', stdout: '' },
      'non-zero return code (exit code 3)',
    ],
    ['several lines', { rc: 1, stderr: 'a\nb\n' }, 'exit code 1\na\nb'],
  ])('is told by %s', (_, result, message) => {
    expect(messageOf({ ...failed, ...result })).toBe(message);
  });

  test('and said much is told by its last lines', () => {
    const stderr = Array.from({ length: 30 }, (_, index) => `line ${index}`).join('\n');
    const lines = messageOf({ ...failed, rc: 1, stderr })?.split('\n') ?? [];
    expect(lines.slice(0, 3)).toEqual(['exit code 1', '… 20 lines before', 'line 20']);
    expect(lines.at(-1)).toBe('line 29');
  });

  test('in a loop is told by its item', () => {
    const results = [
      { changed: true },
      { ...failed, rc: 2, stderr: 'no', item: 'b', ansible_loop_var: 'item' },
    ];
    expect(messageOf({ changed: true, failed: true, msg: 'One or more items failed', results })).toBe(
      'no (exit code 2) (item: b)',
    );
  });
});

describe('what ran', () => {
  const addressOf = (result: ActionResult, name: string): string | undefined =>
    reportedResult(0, result, told({ name })).changes[0]?.address;

  test('is named by its task, and without a name by its command', () => {
    expect(addressOf({ changed: true, cmd: ['ip', 'link'] }, 'look')).toBe('command look');
    expect(addressOf({ changed: true, cmd: ['ip', 'link'] }, 'command')).toBe('command ip link');
    expect(addressOf({ changed: true, cmd: 'ip link' }, 'command')).toBe('command ip link');
    expect(addressOf({ changed: true }, 'command')).toBe('command');
  });

  test('is unknown in a check, though Ansible calls it skipped', () => {
    expect(reportedResult(0, { changed: false, skipped: true, unknown: true }, told()).status).toBe(
      'unknown',
    );
  });
});
