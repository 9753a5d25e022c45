import { afterAll, describe, expect, test, vi } from 'vitest';
import type { Target } from '../../../src/transport/session.js';
import { targetFromVars } from '../../../src/transport/target.js';
import { createTransport } from '../../../src/transport/transport.js';

const transport = createTransport();
afterAll(() => transport.close());

const local = (vars: Readonly<Record<string, unknown>> = {}): Target =>
  targetFromVars('localhost', { ansible_connection: 'local', ...vars });

describe('the local connection', () => {
  test('runs frames in one shell', async () => {
    const session = await transport.open(local());
    expect(await session.run('echo "$LC_ALL"; echo e >&2; exit 4')).toMatchObject({
      code: 4,
      stdout: 'C\n',
      stderr: 'e\n',
    });
    const pids = await Promise.all([session.run('echo $$'), session.run('echo $$')]);
    expect(pids[0]?.stdout).toBe(pids[1]?.stdout);
    expect(session.frames).toBe(3);
    await session.close();
    await session.close();
    await expect(session.run('true')).rejects.toMatchObject({ code: 'lost' });
  });

  test('knows of no SSH connection, though netplay itself be run over one', async () => {
    vi.stubEnv('SSH_CONNECTION', '10.0.0.5 50000 10.0.0.1 22');
    const session = await transport.open(local());
    expect((await session.run('echo "[${SSH_CONNECTION-}]"')).stdout).toBe('[]\n');
    await session.close();
    vi.unstubAllEnvs();
  });

  test('a time-out and an abort end the session, and the shell with it', async () => {
    const session = await transport.open(local());
    const pid = Number((await session.run('echo $$')).stdout);
    await expect(session.run('sleep 30', { timeoutMs: 100 })).rejects.toMatchObject({ code: 'timeout' });
    await expect.poll(() => isAlive(pid), { timeout: 5000 }).toBe(false);
    const other = await transport.open(local());
    const signal = AbortSignal.timeout(100);
    await expect(other.run('sleep 30', { signal })).rejects.toMatchObject({ code: 'interrupted' });
    await other.close();
  });

  test('a shell that dies is lost, and says how', async () => {
    const session = await transport.open(local());
    await expect(session.run('kill -9 $$')).rejects.toMatchObject({
      code: 'lost',
      message: expect.stringContaining('SIGKILL'),
    });
  });

  test('a signal that many frames share warns of no leak', async () => {
    const warnings: string[] = [];
    const listen = (warning: Error): number => warnings.push(warning.message);
    process.on('warning', listen);
    const { signal } = new AbortController();
    const sessions = await Promise.all(Array.from({ length: 12 }, () => transport.open(local(), signal)));
    await Promise.all(sessions.map((session) => session.run('true', { signal })));
    await Promise.all(sessions.map((session) => session.close()));
    process.off('warning', listen);
    expect(warnings).toEqual([]);
  });

  test('a sudo that is not there is told', async () => {
    const target = local({ ansible_become: true, ansible_become_exe: '/nowhere/sudo' });
    await expect(transport.open(target)).rejects.toMatchObject({
      code: 'become',
      message: 'There is no /nowhere/sudo on the host',
    });
  });

  test('a sudo that says nothing does not hold up the run', async () => {
    const target = { ...local(), connectTimeoutMs: 200 };
    const become = {
      method: 'sudo',
      user: 'root',
      exe: '/bin/sh',
      flags: ['-c', 'echo odd >&2; sleep 30'],
    } as const;
    await expect(transport.open({ ...target, become })).rejects.toMatchObject({
      code: 'become',
      message: expect.stringContaining('“odd”'),
    });
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
