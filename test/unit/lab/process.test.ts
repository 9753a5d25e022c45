import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, describe, expect, test } from 'vitest';
import { identify, isAlive, killAll, parseProcessId } from '../../../src/lab/process.js';

const started: ReturnType<typeof spawn>[] = [];
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

function sleeper(): ReturnType<typeof spawn> & { pid: number } {
  const child = spawn('sleep', ['100']);
  started.push(child);
  if (child.pid === undefined) throw new Error('sleep did not start');
  return Object.assign(child, { pid: child.pid });
}

describe('a process', () => {
  test('is told apart by its start time', () => {
    const { pid } = sleeper();
    const id = identify(pid);
    expect(id).toBeDefined();
    expect(id && isAlive(id)).toBe(true);
    expect(isAlive({ pid, start: '1' })).toBe(false);
  });

  test('of another start time is not killed, the right one is waited for', async () => {
    const child = sleeper();
    await killAll([{ pid: child.pid, start: '1' }]);
    const id = identify(child.pid);
    expect(id && isAlive(id)).toBe(true);
    const ended = once(child, 'exit');
    if (id) await killAll([id]);
    expect(id && isAlive(id)).toBe(false);
    expect(await ended).toEqual([null, 'SIGKILL']);
  });

  test.each([
    ['12 345\n', { pid: 12, start: '345' }],
    ['', undefined],
    ['12\n', undefined],
    ['-1 5\n', undefined],
  ])('%j is read as %j', (text, id) => {
    expect(parseProcessId(text)).toEqual(id);
  });
});
