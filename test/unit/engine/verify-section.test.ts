/** The verify section with hosts that answer by this machine's `sh`: commands only, nothing of the network. */
import { execa } from 'execa';
import { expect, test } from 'vitest';
import type { VerifyCheck } from '../../../src/engine/probes.js';
import { runVerify } from '../../../src/engine/verify-section.js';
import { command } from '../../../src/probes/command.js';
import { makeProbe } from '../../../src/probes/probe.js';
import { NetplayError } from '../../../src/shared/errors.js';
import type { Session } from '../../../src/transport/session.js';

/** A check in the given line of the playbook. */
function check(line: number, asked: Readonly<Record<string, string>>, each = false): VerifyCheck {
  const place = { file: 'site.yml', line, column: 5 };
  const item = { probe: 'command', params: '', place, locate: () => place };
  const probes = Object.entries(asked).map(([host, cmd]) => [host, makeProbe(command, { cmd })] as const);
  return { item, each, probes: new Map(probes) };
}

/** Sessions of hosts by name; `gone` can't be reached, `lost` loses its connection. */
function fleet() {
  const frames: string[] = [];
  const session = (host: string): Promise<Session> => {
    if (host === 'gone') return Promise.reject(new NetplayError('unreachable', 'no route to gone'));
    return Promise.resolve({
      frames: 0,
      run: async (script) => {
        frames.push(host);
        if (host === 'lost') throw new NetplayError('lost', 'The session with the host is gone');
        const { exitCode, stdout, stderr } = await execa('sh', ['-c', script], { reject: false });
        return { code: exitCode ?? 1, stdout, stderr, ms: 1 };
      },
      close: () => Promise.resolve(),
    });
  };
  return { frames, session };
}

async function told(checks: readonly VerifyCheck[], hosts: readonly string[] = []) {
  const { frames, session } = fleet();
  const retry = { tries: 1, waitMs: 0 };
  const errors = await runVerify({ checks, hosts, session, forks: 2, retry });
  expect(errors.filter(({ code }) => code !== 'verify')).toEqual([]);
  return {
    frames: frames.toSorted(),
    told: errors.map(({ place, message }) => `${place?.line}: ${message}`),
  };
}

test('one frame a host, whatever it asks; what passes is not told', async () => {
  const checks = [check(1, { a: 'true', b: 'true' }), check(2, { a: 'true' }), check(3, { b: 'true' })];
  expect(await told(checks)).toEqual({ frames: ['a', 'b'], told: [] });
});

test('what does not pass is told in the order of the playbook, the same fault of many hosts once', async () => {
  const checks = [
    check(1, { a: 'true', b: 'echo no; false', c: 'echo no; false', d: 'echo no; false' }),
    check(2, { d: 'exit 7', a: 'false' }),
  ];
  expect((await told(checks)).told).toEqual([
    '1: echo no; false, asked from b and 2 more: no',
    '2: false, asked from a: exit code 1',
    '2: exit 7, asked from d: exit code 7',
  ]);
});

test('without from, only the hosts of the transaction ask', async () => {
  const asked = { a: 'false', b: 'false' };
  expect(await told([check(1, asked, true)], ['b'])).toEqual({
    frames: ['b'],
    told: ['1: false, asked from b: exit code 1'],
  });
  expect((await told([check(1, asked)], ['b'])).frames).toEqual(['a', 'b']);
});

test('a host that can not be reached to ask is told once', async () => {
  const checks = [
    check(1, { gone: 'true', lost: 'true', a: 'true' }),
    check(2, { gone: 'true', lost: 'true' }),
  ];
  expect((await told(checks)).told).toEqual([
    '1: true, asked from gone: no route to gone',
    '1: true, asked from lost: The session with the host is gone',
  ]);
});

test('no checks are no frames', async () => {
  expect(await told([])).toEqual({ frames: [], told: [] });
});
