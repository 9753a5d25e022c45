import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { parseProbe } from '../../src/snapshot/parse.js';
import { buildProbe } from '../../src/snapshot/probe.js';
import type { Session, Target, Transport } from '../../src/transport/session.js';
import { createTransport } from '../../src/transport/transport.js';
import { makeKey, type Sshd, startSshd } from '../support/sshd.js';

const PASSWORD = "it's a $ecret";

let sshd: Sshd;
let transport: Transport;

beforeAll(async () => {
  sshd = await startSshd({
    config: ['PasswordAuthentication yes'],
    users: [
      {
        name: 'ada',
        shell: '/bin/bash',
        password: PASSWORD,
        files: { '.bashrc': 'echo hello; echo moin >&2' },
      },
      { name: 'bea', shell: '/usr/bin/tcsh', password: PASSWORD },
      { name: 'cyd', shell: '/bin/sh', password: PASSWORD },
      { name: 'dot', shell: '/bin/sh', password: PASSWORD },
    ],
    sudoers: [
      'Defaults:cyd requiretty',
      'Defaults:bea use_pty',
      'ada ALL=(ALL) NOPASSWD: ALL',
      'bea ALL=(ALL) ALL',
      'cyd ALL=(ALL) NOPASSWD: ALL',
      '',
    ].join('\n'),
  });
});
beforeAll(() => {
  transport = createTransport();
  return () => transport.close();
});
afterAll(() => sshd?.stop());

async function failure(work: Promise<Session>): Promise<unknown> {
  return work.then(
    (session) => session.close(),
    (error: unknown) => error,
  );
}

/** Opens, asks who it is, and closes. */
async function whoami(target: Target, through: Transport = transport): Promise<string> {
  const session = await through.open(target);
  try {
    return (await session.run('id -un')).stdout.trim();
  } finally {
    await session.close();
  }
}

/** A target for which nothing but the agent, files and passwords that a test names is tried. */
function bare(overrides: Partial<Target>): Target {
  const { privateKeyFile: _, ...rest } = sshd.target();
  const sshArgs = ['-o', `UserKnownHostsFile=${sshd.knownHosts}`, '-o', 'IdentityAgent=none'];
  return { ...rest, sshArgs, ...overrides };
}

describe('keys', () => {
  test('with a passphrase, right, wrong and missing', async () => {
    const privateKeyFile = join(sshd.folder, 'locked');
    const line = await makeKey(privateKeyFile, 'ed25519', 'open sesame');
    await writeFile(join(sshd.folder, 'authorized_keys'), `${line}\n`, { flag: 'a' });
    expect(await whoami(bare({ privateKeyFile, passphrase: 'open sesame' }))).toBe('root');
    for (const [passphrase, said] of [
      [{ passphrase: 'wrong' }, 'the passphrase is wrong'],
      [{}, 'it needs a passphrase'],
    ] as const) {
      const error = await failure(transport.open(bare({ privateKeyFile, ...passphrase })));
      expect(error).toMatchObject({
        code: 'auth',
        message: expect.stringContaining(`${privateKeyFile}: ${said}`),
      });
      expect(String(error)).not.toContain('sesame');
    }
  });

  test.each(['rsa', 'ecdsa'])('of type %s', async (type) => {
    const privateKeyFile = join(sshd.folder, `own_${type}`);
    const line = await makeKey(privateKeyFile, type);
    await writeFile(join(sshd.folder, 'authorized_keys'), `${line}\n`, { flag: 'a' });
    expect(await whoami(bare({ privateKeyFile }))).toBe('root');
  });

  test('that do not fit are all named, with what the server takes', async () => {
    const privateKeyFile = join(sshd.folder, 'stranger');
    await makeKey(privateKeyFile);
    const missing = join(sshd.folder, 'missing');
    const error = await failure(transport.open(bare({ privateKeyFile, password: 'wrong', user: 'ada' })));
    expect(error).toMatchObject({
      code: 'auth',
      message: expect.stringMatching(
        /ada in: tried key .*stranger, password.*; the server takes publickey, password/,
      ),
    });
    expect(await failure(transport.open(bare({ privateKeyFile: missing })))).toMatchObject({
      code: 'auth',
      message: expect.stringMatching(/nothing to try.*missing: there is no such file/),
    });
  });

  test('of the agent, which also opens a locked file by its public half', async () => {
    const locked = join(sshd.folder, 'agent_key');
    const line = await makeKey(locked, 'ed25519', 'pass');
    await writeFile(join(sshd.folder, 'authorized_keys'), `${line}\n`, { flag: 'a' });
    const socket = join(sshd.folder, 'agent.sock');
    const agent = execa('ssh-agent', ['-D', '-a', socket], { reject: false });
    const env = {
      SSH_AUTH_SOCK: socket,
      SSH_ASKPASS: join(sshd.folder, 'askpass'),
      SSH_ASKPASS_REQUIRE: 'force',
    };
    await writeFile(env.SSH_ASKPASS, '#!/bin/sh\necho pass\n', { mode: 0o755 });
    await expect
      .poll(async () => (await execa('ssh-add', [locked], { env, reject: false })).exitCode, {
        timeout: 10_000,
      })
      .toBe(0);
    const sshArgs = ['-o', `UserKnownHostsFile=${sshd.knownHosts}`, '-o', `IdentityAgent=${socket}`];
    expect(await whoami(bare({ sshArgs }))).toBe('root');
    const only = [...sshArgs, '-o', 'IdentitiesOnly=yes'];
    expect(await whoami(bare({ sshArgs: only, privateKeyFile: locked }))).toBe('root');
    const other = join(sshd.folder, 'stranger');
    expect(await failure(transport.open(bare({ sshArgs: only, privateKeyFile: other })))).toMatchObject({
      code: 'auth',
      message: expect.not.stringContaining('agent'),
    });
    agent.kill();
    await agent;
    const gone = createTransport();
    expect(await failure(gone.open(bare({ sshArgs, privateKeyFile: other })))).toMatchObject({
      code: 'auth',
      message: expect.stringContaining('ssh-agent: '),
    });
    expect(await whoami(bare({ sshArgs, privateKeyFile: sshd.key }), gone)).toBe('root');
    await gone.close();
  });
});

describe('passwords', () => {
  test('right and wrong', async () => {
    expect(await whoami(bare({ user: 'ada', password: PASSWORD }))).toBe('ada');
    const error = await failure(transport.open(bare({ user: 'ada', password: 'nope!' })));
    expect(error).toMatchObject({ code: 'auth', message: expect.stringContaining('tried password') });
    expect(String(error)).not.toContain('nope!');
  });
});

test('a password that is only taken by keyboard-interactive', async () => {
  const server = await startSshd({
    config: ['UsePAM yes', 'KbdInteractiveAuthentication yes'],
    users: [{ name: 'ada', shell: '/bin/sh', password: PASSWORD }],
    prepare:
      'printf "auth required pam_unix.so\\naccount required pam_permit.so\\n" > "$0/pam"; mount --bind "$0/pam" /etc/pam.d/sshd',
  });
  onTestFinished(() => server.stop());
  const { privateKeyFile: _, ...target } = server.target({ user: 'ada' });
  expect(await whoami({ ...target, password: PASSWORD })).toBe('ada');
  expect(await failure(transport.open({ ...target, password: 'wrong' }))).toMatchObject({
    code: 'auth',
    message: expect.stringMatching(/keyboard-interactive; the server takes/),
  });
});

describe('become', () => {
  const become = { method: 'sudo', user: 'root' } as const;
  const viaSu = { method: 'su', user: 'ada', password: PASSWORD } as const;

  test('without a password', async () => {
    expect(await whoami(sshd.target({ user: 'ada', become }))).toBe('root');
    expect(await whoami(sshd.target({ user: 'ada', become: { ...become, user: 'bea' } }))).toBe('bea');
  });

  test('through su with the other user’s password, and as root to anybody without one', async () => {
    expect(await whoami(sshd.target({ user: 'cyd', become: viaSu }))).toBe('ada');
    expect(await whoami(sshd.target({ user: 'bea', become: { ...viaSu, user: 'dot' } }))).toBe('dot');
    expect(await whoami(sshd.target({ user: 'root', become: { method: 'su', user: 'bea' } }))).toBe('bea');
  });

  test('with a password, from a csh and through a pty of sudo, and never in a process list', async () => {
    const target = sshd.target({ user: 'bea', become: { ...become, password: PASSWORD } });
    const session = await transport.open(target);
    const { stdout } = await session.run(
      'id -un; cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ | tr "\\0" "\\n"',
    );
    expect(stdout.split('\n')[0]).toBe('root');
    expect(stdout).toContain('sudo');
    expect(stdout).not.toContain(PASSWORD);
    expect(await session.run('cat; echo $?')).toMatchObject({ stdout: '0\n' });
    await session.close();
  });

  test.each<[string, Partial<Target>]>([
    ['without sudo, from bash', { user: 'ada' }],
    ['without sudo, from a csh', { user: 'bea' }],
    ['through sudo, from bash', { user: 'ada', become }],
    ['through sudo -i', { user: 'ada', become: { ...become, flags: ['-i'] } }],
    ['through sudo to somebody else', { user: 'ada', become: { ...become, user: 'bea' } }],
    ['through sudo with a password, from a csh', { user: 'bea', become: { ...become, password: PASSWORD } }],
    ['as root, who needs no sudo', { user: 'root', become }],
    ['through su to who has a csh', { user: 'cyd', become: { ...viaSu, user: 'bea' } }],
    ['through su -, from a csh', { user: 'bea', become: { ...viaSu, flags: ['-'] } }],
  ])('the probe tells the ends of the connection %s', async (_, overrides) => {
    const session = await transport.open(sshd.target(overrides));
    const { stdout } = await session.run(buildProbe([]));
    await session.close();
    const { session: ends } = parseProbe(stdout, []);
    expect(ends).toMatchObject({ client: '127.0.0.1', server: '127.0.0.1', serverPort: sshd.port });
    expect(ends?.clientPort).toBeGreaterThan(0);
  });

  const FAILURES: readonly [string, Partial<Target>, RegExp][] = [
    [
      'a wrong password',
      { user: 'bea', become: { ...become, password: 'wrong' } },
      /did not take the password/,
    ],
    ['a missing password', { user: 'bea', become }, /asks for a password and none was given/],
    ['requiretty', { user: 'cyd', become }, /demands a terminal/],
    ['no sudoers', { user: 'dot', become: { ...become, password: PASSWORD } }, /does not let this user/],
    ['no such user', { user: 'ada', become: { ...become, user: 'zoe' } }, /no user zoe/],
    [
      'a wrong password for su',
      { user: 'cyd', become: { ...viaSu, password: 'wrong' } },
      /su did not take the/,
    ],
    [
      'a missing password for su',
      { user: 'cyd', become: { method: 'su', user: 'ada' } },
      /su asks for a password and none/,
    ],
    ['no such user for su', { user: 'cyd', become: { ...viaSu, user: 'zoe' } }, /no user zoe/],
    ['no sudo', { user: 'ada', become: { ...become, exe: '/nowhere/sudo' } }, /There is no \/nowhere\/sudo/],
  ];
  test.each(FAILURES)('%s is told', async (_, overrides, message) => {
    const error = await failure(transport.open(sshd.target(overrides)));
    expect(error).toMatchObject({ code: 'become', message: expect.stringMatching(message), host: 'host' });
    expect(error).toHaveProperty('hint');
  });
});

describe('host keys', () => {
  /** A known_hosts of the test's own, and what connecting with it gives. */
  async function tried(
    lines: string,
    overrides: Partial<Target> = {},
  ): Promise<{ file: string; outcome: unknown }> {
    const file = join(sshd.folder, `known_${Math.random().toString(36).slice(2)}`);
    await writeFile(file, lines);
    const own = createTransport();
    const sshArgs = ['-o', `UserKnownHostsFile=${file}`];
    const outcome = await whoami(sshd.target({ sshArgs, ...overrides }), own).catch(
      (error: unknown) => error,
    );
    await own.close();
    return { file, outcome };
  }
  const host = (): string => `[127.0.0.1]:${sshd.port}`;
  const stranger = async (type: string): Promise<string> => {
    const file = join(sshd.folder, `stranger_${type}_${Math.random().toString(36).slice(2)}`);
    return (await makeKey(file, type)).split(' ').slice(0, 2).join(' ');
  };

  test('unknown: refused with a command that makes it known', async () => {
    const { file, outcome } = await tried('');
    expect(outcome).toMatchObject({
      code: 'host-key',
      message: expect.stringMatching(/not known: ssh-ed25519 SHA256:/),
    });
    const { stdout } = await execa('ssh-keygen', ['-lf', join(sshd.folder, 'host_ed25519.pub')]);
    expect(String(outcome)).toContain(stdout.split(' ')[1]);
    const hint = (outcome as { hint: string }).hint;
    await execa('sh', ['-c', hint.slice(hint.indexOf('run: ') + 5)]);
    const again = await tried(await readFile(file, 'utf8'));
    expect(again.outcome).toBe('root');
  });

  test('unknown, accept-new: added once, whole, by many hosts at once', async () => {
    const file = join(sshd.folder, 'known_new');
    await writeFile(file, '# no newline at the end');
    const own = createTransport();
    const target = sshd.target({
      sshArgs: ['-o', `UserKnownHostsFile=${file}`],
      hostKeyChecking: 'accept-new',
    });
    await Promise.all(Array.from({ length: 12 }, () => whoami(target, own)));
    await own.close();
    expect(await readFile(file, 'utf8')).toBe(
      `# no newline at the end\n${host()} ${sshd.hostKeys.ed25519}\n`,
    );
  });

  test.each(['ecdsa', 'rsa'] as const)('known by its %s key alone: that type is asked for', async (type) => {
    expect((await tried(`${host()} ${sshd.hostKeys[type]}\n`)).outcome).toBe('root');
  });

  test('known by a hashed name, as ssh-keygen -H writes it', async () => {
    const file = join(sshd.folder, 'known_hashed');
    await copyFile(sshd.knownHosts, file);
    await execa('ssh-keygen', ['-H', '-f', file]);
    const hashed = await readFile(file, 'utf8');
    expect(hashed).toMatch(/^\|1\|/);
    expect((await tried(hashed)).outcome).toBe('root');
  });

  test.each(['yes', 'accept-new'] as const)(
    'changed: refused with file and line (%s)',
    async (hostKeyChecking) => {
      const { file, outcome } = await tried(`# one\n${host()} ${await stranger('ed25519')}\n`, {
        hostKeyChecking,
      });
      expect(outcome).toMatchObject({ code: 'host-key', message: expect.stringContaining(`${file}:2`) });
    },
  );

  test('not checked: taken, even where it changed', async () => {
    const { outcome } = await tried(`${host()} ${await stranger('ed25519')}\n`, { hostKeyChecking: 'no' });
    expect(outcome).toBe('root');
  });

  test('revoked: refused, though another line knows it', async () => {
    const lines = `${host()} ${sshd.hostKeys.ed25519}\n@revoked * ${sshd.hostKeys.ed25519}\n`;
    const { outcome } = await tried(lines, { hostKeyChecking: 'no' });
    expect(outcome).toMatchObject({ code: 'host-key', message: expect.stringContaining('revoked') });
  });

  test('of an authority: refused with the reason, unless a plain key is known too', async () => {
    const authority = `@cert-authority * ${await stranger('ed25519')}\n`;
    const { outcome } = await tried(authority);
    expect(outcome).toMatchObject({ code: 'host-key', message: expect.stringContaining('@cert-authority') });
    expect((await tried(`${authority}${host()} ${sshd.hostKeys.ed25519}\n`)).outcome).toBe('root');
  });
});

describe('ssh_config and jump hosts', () => {
  async function config(text: string): Promise<string> {
    const file = join(sshd.folder, `config_${Math.random().toString(36).slice(2)}`);
    await writeFile(file, `${text}\nHost *\n  UserKnownHostsFile ${sshd.knownHosts}\n  IdentityAgent none\n`);
    return file;
  }
  const alias = (overrides: Partial<Target>): Target => {
    const { port: _port, user: _user, privateKeyFile: _key, ...rest } = sshd.target();
    return { ...rest, ...overrides };
  };

  test('HostName, Port, User and IdentityFile come from the file; variables win', async () => {
    const file = await config(
      `Host web\n HostName 127.0.0.1\n Port ${sshd.port}\n User ada\n IdentityFile "${sshd.key}"`,
    );
    expect(await whoami(alias({ address: 'web', sshArgs: ['-F', file] }))).toBe('ada');
    expect(await whoami(alias({ address: 'web', sshArgs: ['-F', file], user: 'root' }))).toBe('root');
  });

  test('a mistake in the file is told', async () => {
    const file = await config('Host web\n  Prot 22');
    expect(await failure(transport.open(alias({ address: 'web', sshArgs: ['-F', file] })))).toMatchObject({
      code: 'inventory',
      message: expect.stringMatching(/bad configuration option: prot/i),
    });
  });

  test('ProxyCommand', async () => {
    const relay = `${process.execPath} -e "const s=require('net').connect(%p,'%h');process.stdin.pipe(s).pipe(process.stdout)"`;
    const sshArgs = ['-o', `UserKnownHostsFile=${sshd.knownHosts}`, '-o', `ProxyCommand=${relay}`];
    expect(await whoami(sshd.target({ sshArgs }))).toBe('root');
    const broken = ['-o', 'ProxyCommand=sh -c "echo no way >&2"'];
    expect(await failure(transport.open(sshd.target({ sshArgs: broken })))).toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining('no way'),
    });
  });

  test('one connection to the jump host for all hosts behind it', async () => {
    const bastion = await startSshd({ config: ['MaxSessions 1'] });
    onTestFinished(() => bastion.stop());
    const both = join(sshd.folder, 'known_both');
    await writeFile(
      both,
      (await readFile(sshd.knownHosts, 'utf8')) + (await readFile(bastion.knownHosts, 'utf8')),
    );
    const line = await readFile(`${bastion.key}.pub`, 'utf8');
    await writeFile(join(sshd.folder, 'authorized_keys'), line, { flag: 'a' });
    const own = createTransport();
    const sshArgs = ['-o', `UserKnownHostsFile=${both}`, '-J', `root@127.0.0.1:${bastion.port}`];
    const target = sshd.target({ sshArgs, privateKeyFile: bastion.key });
    const sessions = await Promise.all(Array.from({ length: 20 }, () => own.open(target)));
    const answers = await Promise.all(sessions.map((session) => session.run('id -un')));
    expect(answers.map(({ stdout }) => stdout)).toEqual(Array.from({ length: 20 }, () => 'root\n'));
    expect(await bastion.sessions()).toHaveLength(1);
    const cut = sessions.map((session) => session.run('sleep 30').catch((error: unknown) => error));
    for (const pid of await bastion.sessions()) process.kill(pid, 'SIGKILL');
    for (const error of await Promise.all(cut)) expect(error).toMatchObject({ code: 'lost' });
    expect(await whoami(target, own)).toBe('root');
    await own.close();
  });

  test('a chain of jump hosts, each with its key checked', async () => {
    const hop = `root@127.0.0.1:${sshd.port}`;
    const sshArgs = ['-o', `UserKnownHostsFile=${sshd.knownHosts}`, '-J', `${hop},${hop}`];
    const own = createTransport();
    expect(await whoami(sshd.target({ sshArgs }), own)).toBe('root');
    const unknown = ['-o', 'UserKnownHostsFile=/dev/null', '-J', hop];
    expect(await failure(own.open(sshd.target({ sshArgs: unknown })))).toMatchObject({
      code: 'host-key',
      host: 'host',
      message: expect.stringContaining(`Jump host ${hop}: The host's key is not known`),
    });
    await own.close();
  });

  test('jump hosts that lead in a circle are told', async () => {
    const file = await config('Host a\n  ProxyJump b\nHost b\n  ProxyJump a');
    const own = createTransport();
    const error = await failure(own.open(alias({ address: 'a', sshArgs: ['-F', file] })));
    expect(error).toMatchObject({ code: 'inventory', message: expect.stringContaining('circle') });
    await own.close();
  });
});
