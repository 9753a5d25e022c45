/** The verify section with hosts that answer by this machine's `sh`: commands only, nothing of the network. */
import { execa } from 'execa';
import { expect, test } from 'vitest';
import type { VerifyCheck } from '../../../src/engine/probes.js';
import { type Answered, runVerify } from '../../../src/engine/verify-section.js';
import { command } from '../../../src/probes/command.js';
import { makeProbe, type Probe, type Turn } from '../../../src/probes/probe.js';
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

/** A check in line 1 whose probe has its turns on the host that asks and on another one. */
function checkWith(partner: string, scripts: readonly { here?: string; there?: string }[]): VerifyCheck {
  const turns = scripts.map(
    ({ here, there }): Turn => ({
      ...(here !== undefined && { here: { script: here, seconds: 2 } }),
      ...(there !== undefined && { there: { script: there, seconds: 2 } }),
    }),
  );
  const probe: Probe = {
    label: 'both',
    seconds: 2,
    script: 'exit 1',
    partner: { param: 'to', host: partner, turns },
  };
  const alone = check(1, { a: 'true' });
  return { ...alone, probes: new Map([['a', probe]]) };
}

async function answers(checks: readonly VerifyCheck[], tries = 1): Promise<[Answered['status'], string][]> {
  const { session } = fleet();
  const all: Answered[] = [];
  const told = (answer: Answered): void => void all.push(answer);
  await runVerify({ checks, hosts: [], session, forks: 2, retry: { tries, waitMs: 0 }, told });
  return all.map(({ status, words }) => [status, words]);
}

test('what passes is told with what was seen, to who listens', async () => {
  const told = await answers([check(1, { a: 'echo saw it', b: 'false' })]);
  expect(told.toSorted()).toEqual([
    ['failed', 'exit code 1'],
    ['passed', 'saw it'],
  ]);
});

test('turns on two hosts: each finds what both said before, and the last one is the answer', async () => {
  const turns = [
    { here: 'echo "it\'s one"', there: 'echo two' },
    { there: 'echo "$here/$there"' },
    { here: 'echo "<$here> <$there>"' },
  ];
  expect(await answers([checkWith('b', turns)])).toEqual([['passed', "<it's one> <it's one/two>"]]);
});

test('a turn that fails is the last one, and names the other host where it is that', async () => {
  const fails = (turn: object) => answers([checkWith('b', [turn, { here: 'echo never' }])]);
  expect(await fails({ here: 'echo mine; false', there: 'echo fine' })).toEqual([['failed', 'mine']]);
  expect(await fails({ here: 'echo mine', there: 'echo no; false' })).toEqual([['failed', 'on b: no']]);
  expect(await fails({ here: 'exit 3', there: 'exit 4' })).toEqual([
    ['failed', 'exit code 3; on b: exit code 4'],
  ]);
});

test('both parts of a turn run at the same time', async () => {
  const start = performance.now();
  expect(await answers([checkWith('b', [{ here: 'sleep 1; echo a', there: 'sleep 1; echo b' }])])).toEqual([
    ['passed', 'a; b'],
  ]);
  expect(performance.now() - start).toBeLessThan(1900);
});

test('all turns are tried again, and a partner that can not be reached is told as that', async () => {
  const file = `/tmp/netplay-turns-${process.pid}`;
  const once = { there: `if [ -e ${file} ]; then rm ${file}; else touch ${file}; exit 1; fi` };
  expect(await answers([checkWith('b', [once, { here: 'echo now' }])], 2)).toEqual([['passed', 'now']]);
  expect(await answers([checkWith('lost', [{ there: 'true' }])])).toEqual([
    ['unreachable', 'The session with the host is gone'],
  ]);
});
