/** What actions promise beside agreeing with Ansible: round trips, bytes, secrets, hosts that go away. */
import { createHash, randomBytes } from 'node:crypto';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { NetplayError } from '../../src/shared/errors.js';
import type { Session, Transport } from '../../src/transport/session.js';
import { createTransport } from '../../src/transport/transport.js';
import { contextOf, type Overrides, runTask } from '../support/actions.js';
import { busyboxFolder, scriptSession } from '../support/script-session.js';
import { treeOf } from '../support/trees.js';

let transport: Transport;
let session: Session;
let folder: string;

const open = (): Promise<Session> =>
  transport.open({
    name: 'here',
    connection: 'local',
    address: 'here',
    connectTimeoutMs: 10_000,
    retries: 0,
    hostKeyChecking: 'no',
  });

beforeAll(async () => {
  transport = createTransport();
  session = await open();
});
afterAll(() => transport?.close());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'netplay-action-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const run = (task: Readonly<Record<string, unknown>>, overrides: Overrides & { session?: Session } = {}) =>
  runTask(task, { ...contextOf(overrides.session ?? session, folder), ...overrides });

/** What a task gives, and how many frames it took. */
async function counted(task: Readonly<Record<string, unknown>>): Promise<[changed: boolean, frames: number]> {
  const before = session.frames;
  const { changed } = await run(task);
  return [changed, session.frames - before];
}

const inFile = (name: string): string => readFileSync(join(folder, name), 'utf8');

describe('round trips', () => {
  test.each([
    ['a small file', { copy: { content: 'x', dest: 'f', mode: '0600' } }, 1, 1],
    ['a line', { lineinfile: { path: 'f', line: 'x', create: true, mode: '0600' } }, 2, 1],
    ['a block', { blockinfile: { path: 'f', block: 'x', create: true } }, 2, 1],
    ['a folder and its mode', { file: { path: 'd/e', state: 'directory', mode: '0700' } }, 1, 1],
    // One asks, three send, one puts it in its place.
    ['a file of 3 MiB', { copy: { content: 'x'.repeat(3 << 20), dest: 'f' } }, 5, 1],
  ] as const)('%s', async (_, task, first, second) => {
    const [[key, params] = ['', {}]] = Object.entries(task);
    const placed = Object.entries<unknown>(params).map(([name, value]) => [
      name,
      name === 'dest' || name === 'path' ? join(folder, String(value)) : value,
    ]);
    const given = { [key]: Object.fromEntries(placed) };
    expect(await counted(given)).toEqual([true, first]);
    expect(await counted(given)).toEqual([false, second]);
  });

  test('a folder: one where all is small, and one more for what differs where it is not', async () => {
    const files = join(folder, 'files/tree/sub');
    mkdirSync(files, { recursive: true });
    for (let index = 0; index < 20; index++) writeFileSync(join(files, String(index)), 'x'.repeat(1000));
    const task = { copy: { src: 'tree', dest: join(folder, 'to') } };
    expect(await counted(task)).toEqual([true, 1]);
    writeFileSync(join(files, 'big'), 'x'.repeat(300_000));
    writeFileSync(join(files, 'large'), 'y'.repeat(300_000));
    expect(await counted(task)).toEqual([true, 2]);
    expect(await counted(task)).toEqual([false, 1]);
    expect(treeOf(join(folder, 'to/tree'))).toEqual(treeOf(join(folder, 'files/tree')));
  });
});

describe('bytes', () => {
  test.each([
    [0, 'no'],
    [1, 'one'],
    [65_536, 'as many as go along'],
    [65_537, 'one more'],
    [9_000_000, 'nine million'],
  ])('%i: arrive and come back as they are', async (length) => {
    const content = randomBytes(length);
    mkdirSync(join(folder, 'files'));
    writeFileSync(join(folder, 'files/f'), content);
    const { checksum } = await run({ copy: { src: 'f', dest: join(folder, 'there') } });
    expect(checksum).toBe(createHash('sha1').update(content).digest('hex'));
    expect(readFileSync(join(folder, 'there')).equals(content)).toBe(true);
    await run({ fetch: { src: join(folder, 'there'), dest: join(folder, 'back'), flat: true } });
    expect(readFileSync(join(folder, 'back')).equals(content)).toBe(true);
    expect(readdirSync(folder).toSorted()).toEqual(['back', 'files', 'there']);
  });

  const letters = Array.from({ length: 0x780 }, (_, index) => String.fromCodePoint(0x80 + index)).join('');

  test.each(['dash', 'BusyBox', 'bash'])('letters of all kinds in a line for %s', async (shell) => {
    const programs = {
      dash: ['/usr/bin/dash'],
      BusyBox: ['/usr/bin/busybox', 'sh'],
      bash: ['/usr/bin/bash'],
    };
    const own = scriptSession(programs[shell as keyof typeof programs], {
      PATH: shell === 'BusyBox' ? busyboxFolder(join(folder, 'bin')) : '/usr/bin:/bin',
    });
    expect(await run({ shell: `printf %s '${letters}'` }, { session: own })).toMatchObject({
      stdout: letters,
    });
    expect(await run({ shell: { cmd: 'cat', stdin: letters } }, { session: own })).toMatchObject({
      stdout: letters,
    });
    expect(await run({ command: { argv: ['printf', '%s', letters] } }, { session: own })).toMatchObject({
      stdout: letters,
    });
  });
});

describe('a file', () => {
  test('that was not validated is as it was, and nothing lies beside it', async () => {
    writeFileSync(join(folder, 'f'), 'old');
    const result = await run({
      copy: { content: 'new', dest: join(folder, 'f'), backup: true, validate: 'false %s' },
    });
    expect(result).toMatchObject({ failed: true, changed: false });
    expect([readdirSync(folder), inFile('f')]).toEqual([['f'], 'old']);
  });

  test('is never there with a mode that is too wide', async () => {
    const seen = join(folder, 'seen');
    const validate = `sh -c 'stat -c %a "$0" >${seen}' %s`;
    await run({ copy: { content: 'secret', dest: join(folder, 'f'), mode: '0600', validate } });
    expect(inFile('seen')).toBe('600\n');
  });

  test('that somebody else writes to meanwhile is read again', async () => {
    const file = join(folder, 'f');
    writeFileSync(file, 'one\n');
    let disturbances = 1;
    const disturbed: Session = {
      ...session,
      frames: 0,
      run: async (script, options) => {
        const result = await session.run(script, options);
        if (disturbances-- > 0) appendFileSync(file, 'theirs\n');
        return result;
      },
    };
    expect(await run({ lineinfile: { path: file, line: 'ours' } }, { session: disturbed })).toMatchObject({
      changed: true,
    });
    expect(inFile('f')).toBe('one\ntheirs\nours\n');
    disturbances = 99;
    expect(await run({ lineinfile: { path: file, line: 'more' } }, { session: disturbed })).toMatchObject({
      failed: true,
    });
    expect(inFile('f')).not.toContain('more');
  });

  test('of a vault is decrypted, unless that is not wanted', async () => {
    mkdirSync(join(folder, 'files'));
    writeFileSync(join(folder, 'files/f'), 'locked');
    const decrypt = (content: Buffer): Buffer => Buffer.from(content.toString().replace('locked', 'open'));
    await run({ copy: { src: 'f', dest: join(folder, 'a') } }, { decrypt });
    await run({ copy: { src: 'f', dest: join(folder, 'b'), decrypt: false } }, { decrypt });
    expect([inFile('a'), inFile('b')]).toEqual(['open', 'locked']);
  });
});

describe('secrets', () => {
  /** The arguments of all processes, looked at while something runs. */
  async function argumentsWhile(work: Promise<unknown>): Promise<string> {
    let seen = '';
    let over = false;
    const done = work.finally(() => {
      over = true;
    });
    while (!over) {
      for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name)))
        try {
          seen += readFileSync(`/proc/${pid}/cmdline`, 'utf8');
        } catch {
          // It has ended.
        }
      await delay(1);
    }
    await done;
    return seen;
  }

  const secret = `planted-${randomBytes(6).toString('hex')}`;

  test.each([
    ['a line of shell', { shell: `: ${secret}; sleep 0.3` }, {}],
    ['a line for another shell', { shell: { cmd: `: ${secret}; sleep 0.3`, executable: '/bin/bash' } }, {}],
    ['input', { shell: { cmd: 'sleep 0.3', stdin: secret } }, {}],
    ['the environment', { command: 'sleep 0.3' }, { environment: { SECRET: secret } }],
    [
      'content',
      { copy: { content: secret, dest: '/dev/shm/netplay-secret', validate: "sh -c 'sleep 0.3' %s" } },
      {},
    ],
  ] as const)('%s is in no list of processes', async (_, task, overrides) => {
    const seen = await argumentsWhile(run(task, overrides));
    expect(seen).toContain('sleep\x000.3');
    expect(seen).not.toContain(secret);
    rmSync('/dev/shm/netplay-secret', { force: true });
  });

  test('would be found', async () => {
    expect(await argumentsWhile(run({ command: { argv: ['sh', '-c', 'sleep 0.3', secret] } }))).toContain(
      secret,
    );
  });
});

describe('a host that goes away', () => {
  test('is no exit code of a command', async () => {
    const own = await open();
    const { stdout: pid } = await own.run('echo $$');
    const lost = run({ shell: `kill -9 ${pid.trim()}; sleep 5` }, { session: own });
    await expect(lost).rejects.toMatchObject({ code: 'lost' });
  });

  test('comes back from a reboot as another boot', async () => {
    const boot = join(folder, 'boot');
    writeFileSync(boot, 'first\n');
    let attempts = 0;
    const reconnect = async (): Promise<Session> => {
      attempts += 1;
      if (attempts < 3) throw new NetplayError('unreachable', 'no route to host');
      return session;
    };
    const task = {
      reboot: {
        reboot_command: `echo second >${boot}`,
        boot_time_command: `cat ${boot}`,
        reboot_timeout: 20,
      },
    };
    expect(await run(task, { check: true })).toEqual({ changed: true, rebooted: true, elapsed: 0 });
    expect(inFile('boot')).toBe('first\n');
    expect(await run(task, { reconnect })).toMatchObject({ changed: true, rebooted: true });
    expect(attempts).toBeGreaterThanOrEqual(3);
  });

  test('and does not reboot has not been rebooted', async () => {
    const task = { reboot: { reboot_command: ':', boot_time_command: 'echo same', reboot_timeout: 2 } };
    const result = await run(task);
    expect(result).toMatchObject({ failed: true, changed: false, rebooted: false });
    expect(result.msg).toContain('it is still the boot from before');
  });

  test('is never the machine that netplay runs on', async () => {
    expect(await run({ reboot: {} }, { local: true })).toMatchObject({ failed: true, rebooted: false });
  });

  test('is waited for, and not for ever', async () => {
    const away = () => Promise.reject(new NetplayError('unreachable', 'no route to host'));
    const result = await run({ wait_for_connection: { timeout: 2 } }, { reconnect: away });
    expect(result).toMatchObject({ failed: true, elapsed: 2 });
    expect(result.msg).toContain('no route to host');
    const wrong = () => Promise.reject(new NetplayError('host-key', 'another key'));
    await expect(run({ wait_for_connection: {} }, { reconnect: wrong })).rejects.toThrow('another key');
  });
});

describe('waiting', () => {
  test('for a file that comes, and one that goes', async () => {
    const file = join(folder, 'f');
    const made = delay(1200).then(() => writeFileSync(file, 'so far\nready\n'));
    expect(
      await run({ wait_for: { path: file, search_regex: '^so[\\s\\S]*ready$', timeout: 20 } }),
    ).toMatchObject({ changed: false, state: 'started' });
    await made;
    const gone = delay(1200).then(() => rmSync(file));
    expect(await run({ wait_for: { path: file, state: 'absent', timeout: 20 } })).not.toHaveProperty(
      'failed',
    );
    expect(existsSync(file)).toBe(false);
    await gone;
  });

  test('for a port that opens, one that is closed, and one that never opens', async () => {
    const server = createServer((socket) => socket.end());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    expect(await run({ wait_for: { port, timeout: 10 } })).toMatchObject({ port });
    expect(await run({ wait_for: { port, state: 'stopped', timeout: 1, msg: 'still open' } })).toMatchObject({
      failed: true,
      msg: 'still open',
    });
    await new Promise((resolve) => server.close(resolve));
    expect(await run({ wait_for: { port, state: 'stopped', timeout: 10 } })).not.toHaveProperty('failed');
    expect(await run({ wait_for: { port, timeout: 1 } })).toMatchObject({ failed: true });
  });

  test('for a port needs a tool: what has none is not closed', async () => {
    const poor = scriptSession(['/usr/bin/dash'], { PATH: '/nowhere' });
    expect(
      await run({ wait_for: { port: 1, state: 'stopped', timeout: 1 } }, { session: poor }),
    ).toMatchObject({ failed: true });
  });

  test('ends with the run', async () => {
    const stop = new AbortController();
    const waiting = run({ wait_for: { timeout: 60 } }, { signal: stop.signal });
    stop.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'interrupted' });
  });
});

test('what can not be told beforehand is unknown, and not run', async () => {
  writeFileSync(join(folder, 'f'), '');
  mkdirSync(join(folder, 'files'));
  writeFileSync(join(folder, 'files/s.sh'), '#!/bin/sh\n');
  for (const task of [{ command: 'rm f' }, { shell: 'rm f' }, { raw: 'rm f' }, { script: 's.sh' }])
    expect(await run(task, { check: true })).toMatchObject({ changed: false, unknown: true, skipped: true });
  const creates = (path: string) => ({ command: { cmd: 'touch x', chdir: folder, creates: path } });
  expect(await run(creates('f'), { check: true })).toMatchObject({ changed: false, rc: 0 });
  expect(await run(creates('x'), { check: true })).toMatchObject({ changed: true });
  expect(readdirSync(folder).toSorted()).toEqual(['f', 'files']);
});
