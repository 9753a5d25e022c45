/**
 * A real OpenSSH server on the loopback, in a mount namespace of its own: with users, passwords, homes and
 * sudoers that the machine knows nothing of.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import type { Target } from '../../src/transport/session.js';

export interface SshdUser {
  name: string;
  shell: string;
  password?: string;
  /** Files below the user's home. */
  files?: Readonly<Record<string, string>>;
}

export interface SshdOptions {
  users?: readonly SshdUser[];
  /** Further lines of sshd_config; they win over the preset ones. */
  config?: readonly string[];
  sudoers?: string;
  /** Files below root's home. */
  rootFiles?: Readonly<Record<string, string>>;
  /** Shell text that runs in the mount namespace before sshd. */
  prepare?: string;
}

export interface Sshd {
  folder: string;
  port: number;
  /** The private key that opens every user's door. */
  key: string;
  /** Has this server's keys. */
  knownHosts: string;
  /** Each host key's `type blob`. */
  hostKeys: Readonly<Record<'ed25519' | 'ecdsa' | 'rsa', string>>;
  target(overrides?: Partial<Target>): Target;
  /** Pids of the processes that serve connections. */
  sessions(): Promise<number[]>;
  log(): string;
  stop(): Promise<void>;
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** Makes a key pair without a passphrase, or with one. */
export async function makeKey(file: string, type = 'ed25519', passphrase = ''): Promise<string> {
  await execa('ssh-keygen', ['-q', '-t', type, '-N', passphrase, '-C', 'test', '-f', file]);
  return (await readFile(`${file}.pub`, 'utf8')).trim();
}

async function writeFiles(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) {
    await mkdir(join(folder, name, '..'), { recursive: true });
    await writeFile(join(folder, name), text);
  }
}

/** /etc/passwd and /etc/shadow of the namespace. */
async function accounts(folder: string, users: readonly SshdUser[]): Promise<void> {
  const passwd = (await readFile('/etc/passwd', 'utf8')).replace(
    /^root:.*$/m,
    `root:x:0:0:root:/root:/bin/bash`,
  );
  const shadow = ['root:*:19000:0:99999:7:::', 'sshd:!:19000::::::'];
  const lines: string[] = [];
  for (const [index, user] of users.entries()) {
    const id = 30_001 + index;
    const home = join(folder, 'homes', user.name);
    await writeFiles(home, user.files ?? {});
    await execa('chown', ['-R', `${id}:${id}`, home]);
    lines.push(`${user.name}:x:${id}:${id}::${home}:${user.shell}`);
    const hash =
      user.password === undefined ? '*' : (await execa('openssl', ['passwd', '-6', user.password])).stdout;
    shadow.push(`${user.name}:${hash}:19000:0:99999:7:::`);
  }
  await writeFile(join(folder, 'passwd'), `${passwd.trimEnd()}\n${lines.join('\n')}\n`);
  await writeFile(join(folder, 'shadow'), `${shadow.join('\n')}\n`, { mode: 0o600 });
}

export async function startSshd(options: SshdOptions = {}): Promise<Sshd> {
  const folder = await mkdtemp(join(tmpdir(), 'netplay-sshd-'));
  await execa('chmod', ['755', folder]);
  const port = await freePort();
  const key = join(folder, 'id');
  await writeFile(join(folder, 'authorized_keys'), `${await makeKey(key)}\n`, { mode: 0o644 });
  const hostKeys = { ed25519: '', ecdsa: '', rsa: '' };
  for (const type of ['ed25519', 'ecdsa', 'rsa'] as const) {
    const line = await makeKey(join(folder, `host_${type}`), type);
    hostKeys[type] = line.split(' ').slice(0, 2).join(' ');
  }
  const knownHosts = join(folder, 'known_hosts');
  await writeFile(
    knownHosts,
    Object.values(hostKeys)
      .map((line) => `[127.0.0.1]:${port} ${line}\n`)
      .join(''),
  );
  await accounts(folder, options.users ?? []);
  await writeFiles(join(folder, 'root'), options.rootFiles ?? {});
  await writeFile(join(folder, 'sudoers'), options.sudoers ?? '', { mode: 0o440 });
  await writeFile(
    join(folder, 'sshd_config'),
    [
      ...(options.config ?? []),
      'ListenAddress 127.0.0.1',
      `Port ${port}`,
      ...['ed25519', 'ecdsa', 'rsa'].map((type) => `HostKey ${folder}/host_${type}`),
      'PidFile none',
      'UsePAM no',
      'StrictModes no',
      'PermitRootLogin yes',
      `AuthorizedKeysFile ${folder}/authorized_keys`,
      'PasswordAuthentication no',
      'MaxSessions 10',
      'MaxStartups 10:30:100',
    ].join('\n'),
  );
  const child = run(folder, options.prepare ?? ':');
  let log = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    log += chunk.toString();
  });
  await untilListening(port, child, () => log);
  return {
    folder,
    port,
    key,
    knownHosts,
    hostKeys,
    target: (overrides = {}) => ({
      name: 'host',
      connection: 'ssh',
      address: '127.0.0.1',
      port,
      user: 'root',
      privateKeyFile: key,
      sshArgs: ['-o', `UserKnownHostsFile=${knownHosts}`],
      connectTimeoutMs: 10_000,
      retries: 0,
      hostKeyChecking: 'yes',
      ...overrides,
    }),
    sessions: async () => {
      const { stdout } = await execa('ps', ['-o', 'pid=', '--ppid', String(child.pid)], { reject: false });
      return stdout.split('\n').filter(Boolean).map(Number);
    },
    log: () => log,
    stop: async () => {
      await stop(child);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function run(folder: string, prepare: string): ChildProcess {
  const script = `
    set -e
    mount -t tmpfs tmpfs /run
    mkdir -p /run/sshd
    chmod 700 "$0/sudoers.d" 2>/dev/null || mkdir "$0/sudoers.d"
    for file in passwd shadow; do mount --bind "$0/$file" "/etc/$file"; done
    if [ -e /etc/sudoers ]; then
      mount --bind "$0/sudoers" /etc/sudoers
      mount --bind "$0/sudoers.d" /etc/sudoers.d
    fi
    mount --bind "$0/root" /root
    cd /
    ${prepare}
    exec /usr/sbin/sshd -D -e -f "$0/sshd_config"`;
  const args = ['--mount', '--propagation', 'private', 'sh', '-c', script, folder];
  return spawn('unshare', args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
  });
}

async function untilListening(port: number, child: ChildProcess, log: () => string): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    if (child.exitCode !== null) throw new Error(`sshd did not start: ${log()}`);
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false));
      socket.on('connect', () => socket.destroy());
    });
    if (open) return;
    await delay(25);
  }
  throw new Error(`sshd does not listen: ${log()}`);
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  process.kill(-child.pid, 'SIGKILL');
  await gone;
}
