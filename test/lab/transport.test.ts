import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Session, Transport } from '../../src/transport/session.js';
import { createTransport } from '../../src/transport/transport.js';
import { startProxy } from '../support/proxy.js';
import { type Sshd, startSshd } from '../support/sshd.js';

const BASHRC_NOISE = `echo "NPlike noise on stdout"
echo noise on stderr >&2
printf 'no newline'
export LC_ALL=de_DE.UTF-8 ENV=/nonexistent CDPATH=/tmp
`;

let sshd: Sshd;
let transport: Transport;

beforeAll(async () => {
  sshd = await startSshd({
    rootFiles: { '.bashrc': BASHRC_NOISE },
    users: [
      { name: 'slow', shell: '/bin/bash', files: { '.bashrc': 'sleep 1; echo slow' } },
      { name: 'tess', shell: '/usr/bin/tcsh', files: { '.cshrc': 'echo "it is csh"\nsetenv PATH /nowhere' } },
      { name: 'finn', shell: '/usr/bin/fish', files: { '.config/fish/config.fish': 'echo fish' } },
      { name: 'nobody2', shell: '/usr/sbin/nologin' },
    ],
  });
  transport = createTransport();
});
afterAll(async () => {
  await transport?.close();
  await sshd?.stop();
});

/** What `work` throws. */
async function failure(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (error: unknown) => error,
  );
}

async function withSession<T>(session: Promise<Session>, use: (session: Session) => Promise<T>): Promise<T> {
  const open = await session;
  try {
    return await use(open);
  } finally {
    await open.close();
  }
}

// The first one, so that nothing of other tests is still on its way out.
test('a closed transport keeps nothing that would keep the process', async () => {
  const held = (): string[] =>
    process.getActiveResourcesInfo().filter((kind) => /TCP|Pipe|Process/.test(kind));
  await expect.poll(held, { timeout: 10_000 }).not.toContain('TCPSocketWrap');
  const before = held().sort();
  const own = createTransport();
  const hop = ['-o', `UserKnownHostsFile=${sshd.knownHosts}`, '-J', `root@127.0.0.1:${sshd.port}`];
  const targets = [sshd.target(), sshd.target({ sshArgs: hop }), sshd.target({ connection: 'local' })];
  const sessions = await Promise.all(targets.map((target) => own.open(target)));
  await Promise.all(sessions.map((session) => session.run('true')));
  expect(held().length).toBeGreaterThan(before.length);
  await own.close();
  await expect.poll(() => held().sort(), { timeout: 10_000 }).toEqual(before);
});

describe('frames over SSH', () => {
  test('give code and both streams, without what start-up files print', () =>
    withSession(transport.open(sshd.target()), async (session) => {
      const result = await session.run('id -u; echo err >&2; exit 3');
      expect(result).toMatchObject({ code: 3, stdout: '0\n', stderr: 'err\n' });
      expect((await session.run('echo "$LC_ALL:$ENV:$CDPATH"')).stdout).toBe('C::\n');
      expect(session.frames).toBe(2);
    }));

  test('run one after another in one shell, 200 of them', () =>
    withSession(transport.open(sshd.target()), async (session) => {
      const results = await Promise.all(
        Array.from({ length: 200 }, (_, index) =>
          session.run(`echo ${index} $PPID; cd /tmp; exit ${index % 100}`),
        ),
      );
      const parents = new Set(results.map(({ stdout }) => stdout.split(' ')[1]));
      expect(results.map(({ code }) => code)).toEqual(results.map((_, index) => index % 100));
      expect(results.map(({ stdout }) => stdout.split(' ')[0])).toEqual(
        results.map((_, index) => `${index}`),
      );
      expect(parents.size).toBe(1);
      expect(session.frames).toBe(200);
    }));

  test('carry a large script and a large answer unharmed', () =>
    withSession(transport.open(sshd.target()), async (session) => {
      const text = 'é"\'\\$`!\n'.repeat(20_000);
      const { stdout } = await session.run(`printf %s '${text.replaceAll("'", `'\\''`)}'`);
      expect(stdout).toBe(text);
      expect((await session.run('head -c 5000000 /dev/zero | tr "\\0" x')).stdout).toHaveLength(5_000_000);
    }));

  test('a process left in the background does not hold up the frame', () =>
    withSession(transport.open(sshd.target()), async (session) => {
      const { ms } = await session.run('sleep 5 & echo $!');
      expect(ms).toBeLessThan(4000);
    }));

  test.each(['slow', 'tess', 'finn'])('work for the login shell of %s', (user) =>
    withSession(transport.open(sshd.target({ user })), async (session) => {
      expect(await session.run('echo "$0"; command -v cat')).toMatchObject({
        code: 0,
        stdout: '/bin/sh\n/usr/bin/cat\n',
      });
    }),
  );

  test('an account without a shell says so', async () => {
    const session = await transport.open(sshd.target({ user: 'nobody2' }));
    const error = await failure(session.run('true'));
    expect(error).toMatchObject({ code: 'lost', message: expect.stringContaining('not available') });
    await session.close();
  });

  test('200 sessions at once', async () => {
    const sessions = await Promise.all(
      Array.from({ length: 200 }, (_, index) => transport.open(sshd.target({ name: `h${index}` }))),
    );
    const results = await Promise.all(sessions.map((session, index) => session.run(`echo ${index}`)));
    expect(results.map(({ stdout }) => stdout)).toEqual(results.map((_, index) => `${index}\n`));
    await Promise.all(sessions.map((session) => session.close()));
  });

  test('a time-out fails the frame and ends the session', async () => {
    const session = await transport.open(sshd.target());
    const error = await failure(session.run('sleep 30', { timeoutMs: 300 }));
    expect(error).toMatchObject({ code: 'timeout', host: 'host' });
    expect(await failure(session.run('true'))).toMatchObject({ code: 'lost' });
    await session.close();
  });

  test('an abort fails the frame and ends the session', async () => {
    const session = await transport.open(sshd.target());
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 200);
    const error = await failure(session.run('sleep 30', { signal: controller.signal }));
    expect(error).toMatchObject({ code: 'interrupted' });
    expect(await failure(session.run('true'))).toMatchObject({ code: 'lost' });
    await session.close();
    await session.close();
  });

  test('a script that kills its shell loses only its session', async () => {
    const session = await transport.open(sshd.target());
    expect(await failure(session.run('kill -9 $$'))).toMatchObject({ code: 'lost' });
    await session.close();
  });
});

describe('a connection that breaks', () => {
  test('by the death of its sshd is lost, the others go on', async () => {
    const other = await transport.open(sshd.target());
    const before = new Set(await sshd.sessions());
    const session = await transport.open(sshd.target());
    const mine = (await sshd.sessions()).filter((pid) => !before.has(pid));
    expect(mine).toHaveLength(1);
    const running = failure(session.run('sleep 30'));
    for (const pid of mine) process.kill(pid, 'SIGKILL');
    expect(await running).toMatchObject({ code: 'lost', host: 'host' });
    expect(await other.run('echo fine')).toMatchObject({ stdout: 'fine\n' });
    await Promise.all([session.close(), other.close()]);
  });

  test('by a TCP reset is lost, in a frame and between frames', async () => {
    const proxy = await startProxy(sshd.port);
    const through = sshd.target({ port: proxy.port, hostKeyChecking: 'no' });
    const [busy, idle] = [await transport.open(through), await transport.open(through)];
    const running = failure(busy.run('sleep 30'));
    expect((await idle.run('echo up')).stdout).toBe('up\n');
    proxy.reset();
    expect(await running).toMatchObject({ code: 'lost' });
    expect(await failure(idle.run('sleep 5'))).toMatchObject({ code: 'lost' });
    await Promise.all([busy.close(), idle.close(), proxy.close()]);
  });

  test('by silence is lost after the keepalives, without an answer to wait for', async () => {
    const proxy = await startProxy(sshd.port);
    const session = await transport.open(sshd.target({ port: proxy.port, hostKeyChecking: 'no' }));
    await session.run('true');
    proxy.freeze();
    expect(await failure(session.run('true'))).toMatchObject({ code: 'lost' });
    await session.close();
    await proxy.close();
  });
});

describe('a server that can not be reached', () => {
  test('refuses: unreachable', async () => {
    const proxy = await startProxy(sshd.port);
    await proxy.close();
    const error = await failure(transport.open(sshd.target({ port: proxy.port })));
    expect(error).toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining('connection refused'),
    });
  });

  test('has no such name: unreachable', async () => {
    const error = await failure(transport.open(sshd.target({ address: 'no-such-host.invalid' })));
    expect(error).toMatchObject({ code: 'unreachable' });
  });

  test('says nothing: timeout, and an abort is heeded', async () => {
    const proxy = await startProxy(sshd.port);
    proxy.freeze();
    const silent = sshd.target({ port: proxy.port, connectTimeoutMs: 300 });
    expect(await failure(transport.open(silent))).toMatchObject({ code: 'timeout' });
    const signal = AbortSignal.timeout(200);
    const patient = sshd.target({ port: proxy.port, connectTimeoutMs: 60_000 });
    expect(await failure(transport.open(patient, signal))).toMatchObject({ code: 'interrupted' });
    await proxy.close();
  });

  test('is tried again as often as asked', async () => {
    const proxy = await startProxy(sshd.port);
    await proxy.close();
    const late = proxy.port;
    const opening = transport.open(sshd.target({ port: late, retries: 3, hostKeyChecking: 'no' }));
    opening.catch(() => undefined);
    const back = await startProxy(sshd.port, late);
    await withSession(opening, async (session) => {
      expect((await session.run('echo back')).stdout).toBe('back\n');
    });
    await back.close();
  });

  test('hangs up at first, as sshd does beyond its MaxStartups: tried again without being asked', async () => {
    const proxy = await startProxy(sshd.port);
    proxy.hangUp(2);
    const target = sshd.target({ port: proxy.port, hostKeyChecking: 'no' });
    await withSession(transport.open(target), async (session) => {
      expect((await session.run('echo in')).stdout).toBe('in\n');
    });
    await proxy.close();
  });
});

test('closing the transport ends what is open and what is being opened', async () => {
  const own = createTransport();
  const proxy = await startProxy(sshd.port);
  const session = await own.open(sshd.target());
  proxy.freeze();
  const opening = failure(own.open(sshd.target({ port: proxy.port })));
  await own.close();
  expect(await opening).toMatchObject({ code: 'interrupted' });
  expect(await failure(session.run('true'))).toMatchObject({ code: 'lost' });
  await expect.poll(() => sshd.sessions(), { timeout: 10_000 }).toEqual([]);
  await proxy.close();
});
