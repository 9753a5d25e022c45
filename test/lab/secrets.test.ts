/** A planted secret, searched for in all that a run prints, keeps and starts. */
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Lab, labUp } from '../../src/lab/index.js';
import { encrypt } from '../../src/vault/secrets.js';
import { netplay } from '../support/cli.js';
import { type Folder, makeFolder, ownName } from '../support/lab-runs.js';
import {
  foundIn,
  HIDDEN,
  PLANTED as IN_PLACES,
  PLANTED_PLAY,
  PLANTED_TEMPLATE,
  PROGRAMS_LOG,
  WATCH_PROGRAMS,
} from '../support/planted.js';

const PLANTED = "Pl4nted-s3cr3t'\\word";
const SECRET = { label: 'default', password: Buffer.from('of the vault: open sesame') };
/** Of an account that needs it for sudo. */
const SUDO = 'correct-horse-battery';
const STATE = 'state';

let lab: Lab;
let folder: Folder;
let vars: string;
let login: string[];
let sudoVars: string;

const sealed = (text: string): string => encrypt(Buffer.from(text), SECRET);
const block = (text: string): string => `!vault |\n${sealed(text).trimEnd().replaceAll(/^/gm, '    ')}`;

beforeAll(async () => {
  folder = makeFolder();
  const account = `useradd -m -s /bin/sh asked && echo 'asked:${SUDO}' | chpasswd &&
    mkdir -m 700 /home/asked/.ssh && cp .ssh/authorized_keys /home/asked/.ssh && chown -R asked: /home/asked &&
    echo 'asked ALL=(ALL) ALL' >/etc/sudoers.d/asked`;
  lab = await labUp({
    name: ownName('secrets'),
    hosts: {
      h1: { nics: { eth1: { switch: 'lan' } } },
      users: {
        run: [account],
        files: { '/etc/ssh/sshd_config.d/lab.conf': 'PasswordAuthentication yes\n' },
      },
      watched: {
        nics: { eth1: { switch: 'lan' }, eth2: { switch: 'lan' }, eth3: { switch: 'lan' } },
        run: [WATCH_PROGRAMS],
      },
    },
  });
  const password = folder.write('vault-password', SECRET.password.toString());
  vars = folder.write('vars.yml', `planted: ${block(PLANTED)}\n`);
  sudoVars = folder.write('sudo.yml', `ansible_become_password: ${block(SUDO)}\n`);
  login = ['-i', lab.inventory, '--vault-password-file', password];
});
afterAll(async () => {
  folder?.remove();
  await lab?.down();
});

type Task = Readonly<Record<string, unknown>>;

/** How the secret may stand in a text that holds it: as it is, in JSON, in a shell's quotes. */
const FORMS = [
  PLANTED,
  JSON.stringify(PLANTED).slice(1, -1),
  PLANTED.replaceAll("'", `'\\''`),
  'Pl4nted',
  's3cr3t',
  SECRET.password.toString(),
];

function expectHidden(text: string): void {
  for (const form of FORMS) expect(text).not.toContain(form);
}

/** All that a run of these tasks prints, and what it keeps of itself. */
async function allOf(
  tasks: readonly Task[],
  options: readonly string[],
  hosts = 'h1',
): Promise<{ code: number; text: string }> {
  const play = folder.write('play.yml', [{ name: 'with {{ planted }}', hosts, tasks }]);
  const state = join(folder.path, STATE);
  const run = await netplay(['run', play, ...login, '-e', `@${vars}`, ...options], { XDG_STATE_HOME: state });
  const runs = join(state, 'netplay', 'runs');
  const kept = readdirSync(runs).map((file) => readFileSync(join(runs, file), 'utf8'));
  return { code: run.code, text: [run.stdout, run.stderr, ...kept].join('\n') };
}

const ALIAS: Task = {
  name: 'call it {{ planted }}',
  link: { name: 'eth1', alias: '{{ planted }}', mtu: 1480 },
};

test.each([
  ['on the screen', ['--check', '--diff', '-v', '--explain']],
  ['as JSON', ['--check', '--json']],
])('a value that is vaulted is shown as stars %s', async (_name, options) => {
  const { code, text } = await allOf([ALIAS], options);
  expect(code).toBe(0);
  expect(text).toContain('***');
  expectHidden(text);
});

test('it is in no output of a run, and in nothing that the run keeps', async () => {
  const { code, text } = await allOf([ALIAS], ['-v', '--diff']);
  expect(code).toBe(0);
  expect(text).toContain("alias '***'");
  expectHidden(text);
  // It did get there.
  expect((await lab.exec('h1', ['cat', '/sys/class/net/eth1/ifalias'])).stdout).toBe(`${PLANTED}\n`);
});

test('a vaulted password of sudo is in no output, no list of processes and no file of the host', async () => {
  const seen = new Set<string>();
  const stop = new AbortController();
  const watching = watchProcesses(seen, stop.signal);
  const given = ['-e', 'ansible_user=asked ansible_become=true', '-e', `@${sudoVars}`, '--json', '-vvvv'];
  const task = { rule: { from: '10.9.7.1', table: 100, priority: 700 } };
  const { code, text } = await allOf([task], given, 'users');
  stop.abort();
  await watching;
  expect(code).toBe(0);
  expect(text).not.toContain(SUDO);
  expectHidden(text);
  expect([...seen].some((line) => line.includes('guard'))).toBe(true);
  expect([...seen].filter((line) => line.includes(SUDO))).toEqual([]);
  expectHidden([...seen].join('\n'));
  const files = await lab.exec(
    'users',
    ['sh', '-c', 'grep -rs --exclude-dir=netplay-lab "$(cat)" /run /var/lib/netplay /tmp'],
    {
      input: SUDO,
    },
  );
  expect(files.stdout).toBe('');
});

/** The command lines of all processes of this machine, those of its lab's hosts included. */
async function watchProcesses(seen: Set<string>, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      try {
        seen.add(readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' '));
      } catch {
        // It has ended.
      }
    }
    await sleep(1);
  }
}

test('what was done is told from the journal without it, which root alone can read', async () => {
  for (const options of [['-v'], ['--json']]) {
    const history = await netplay(['history', 'h1', ...login, '-i', folderInventory(), ...options]);
    expect(history.code).toBe(0);
    expect(history.stdout).toContain('***');
    expectHidden(history.stdout + history.stderr);
  }
  const modes = 'stat -c %a /var/lib/netplay/journal; find /var/lib/netplay/journal -type f ! -perm 600';
  expect((await lab.exec('h1', ['sh', '-c', modes])).stdout).toBe('700\n');
});

/** The variable where the inventory sets it. */
function folderInventory(): string {
  return folder.write(
    'more.yml',
    `all:\n  vars:\n    planted: ${block(PLANTED).replaceAll(/^/gm, '    ')}\n`,
  );
}

describe('an error says it with stars', () => {
  test.each<[name: string, task: Task, message: RegExp]>([
    ['of a parameter that can not be it', { link: { name: 'eth1', mtu: '{{ planted }}' } }, /mtu.*\*\*\*/],
    [
      'of one that is nearly right',
      { address: { dev: 'eth1', address: '10.0.0.1/{{ planted }}' } },
      /10\.0\.0\.1\/\*\*\*/,
    ],
    ['of a template', { link: { name: 'eth1', mtu: '{{ {}[planted] }}' } }, /\*\*\*|planted/],
    ['of a filter', { link: { name: 'eth1', mtu: '{{ planted | from_json }}' } }, /planted/],
    [
      'of a condition',
      { when: 'planted', link: { name: 'eth1', mtu: 1400 } },
      /condition must be true or false/,
    ],
    ['of a name', { link: { name: '{{ planted }}', state: 'up' } }, /\*\*\*/],
    ['of a long text', { link: { name: 'eth1', mtu: 'x{{ planted * 20 }}' } }, /\*\*\*/],
  ])('%s', async (_name, task, message) => {
    for (const options of [['-v', '--diff'], ['--json']]) {
      const { code, text } = await allOf([task], options);
      expect(code).not.toBe(0);
      expect(text).toMatch(message);
      expectHidden(text);
    }
  });
});

describe('values of other sources', () => {
  const task: Task = { link: { name: 'eth1', mtu: '{{ word }}' } };
  const ending = (value: string): string[] => ['--check', '-e', value];

  test('a file that is encrypted as a whole', async () => {
    const file = folder.write('whole.yml', sealed(`word: ${JSON.stringify(PLANTED)}\n`));
    const { text } = await allOf([task], ending(`@${file}`));
    expect(text).toMatch(/mtu.*\*\*\*/);
    expectHidden(text);
  });

  test('a variable that is called a password', async () => {
    const named = { link: { name: 'eth1', mtu: '{{ db_password }}' } };
    const { text } = await allOf([named], ending(JSON.stringify({ db_password: PLANTED })));
    expect(text).toMatch(/mtu.*\*\*\*/);
    expectHidden(text);
  });

  test('a password of sudo that a vaulted variable gives, where it is wrong', async () => {
    const given = ending(JSON.stringify({ ansible_become: true, ansible_become_password: '{{ planted }}' }));
    const { text } = await allOf([task], [...given, '-e', 'word=1400']);
    expectHidden(text);
  });

  test('short and common values leave the rest readable', async () => {
    const file = folder.write(
      'short.yml',
      `word: ${block('1400')}\nflag: ${block('up')}\nname: ${block('root')}\n`,
    );
    const tasks = [{ link: { name: 'eth1', state: '{{ flag }}', mtu: '{{ word }}', alias: '{{ name }}' } }];
    const { code, text } = await allOf(tasks, [...ending(`@${file}`), '--json']);
    expect(code).toBe(0);
    expect(text).toContain('"after":"root"');
    expect(text).toContain('"status":"changed"');
    expect(text).toContain('"host":"h1"');
  });
});

describe('secrets planted in every place', () => {
  const secrets = { ...IN_PLACES, hidden: HIDDEN, vault: SECRET.password.toString() };
  /** By the first words of a command line. */
  const texts = new Map<string, string>();

  beforeAll(async () => {
    const values = Object.entries(IN_PLACES).map(([name, value]) => `${name}: ${block(value)}\n`);
    const file = folder.write('planted.yml', values.join(''));
    folder.write('planted.j2', PLANTED_TEMPLATE);
    const play = folder.write('planted-play.yml', PLANTED_PLAY);
    const state = join(folder.path, 'planted-state');
    const temporary = mkdtempSync(join(folder.path, 'tmp-'));
    for (const options of [
      ['-vvvv', '--diff'],
      ['--json', '-vvvv', '--diff'],
      ['--check', '--diff'],
    ]) {
      const env = { XDG_STATE_HOME: state, TMPDIR: temporary };
      const run = await netplay(['run', play, ...login, '-e', `@${file}`, ...options], env);
      expect(run.code, run.stdout + run.stderr).toBe(0);
      texts.set(options.join(' '), run.stdout + run.stderr);
    }
    const runs = join(state, 'netplay', 'runs');
    texts.set(
      'kept',
      readdirSync(runs)
        .map((name) => readFileSync(join(runs, name), 'utf8'))
        .join(''),
    );
    expect(readdirSync(temporary)).toEqual([]);
  }, 60_000);

  test.each(['-vvvv --diff', '--json -vvvv --diff', '--check --diff', 'kept'])(
    'none is told by %s',
    (name) => {
      expect(texts.get(name)).toContain('***');
      expect(foundIn(texts.get(name) ?? '', secrets)).toEqual([]);
    },
  );

  test('none is an argument of a program on the host', async () => {
    const programs = (await lab.exec('watched', ['cat', PROGRAMS_LOG])).stdout;
    // They were looked at: the links' aliases did go by `ip`.
    expect(programs).toMatch(/^ip <-batch> <->$/m);
    expect((await lab.exec('watched', ['cat', '/sys/class/net/eth1/ifalias'])).stdout).toBe(
      `${IN_PLACES.of_link}\n`,
    );
    expect(foundIn(programs, secrets)).toEqual([]);
  });

  test('none is left in a file of the host, but in those that are to hold it and in the journal', async () => {
    const words = `grep -rslI -e s3cret -e S3cret /tmp /var /run /root /home /etc /dev/shm | sort | uniq`;
    const files = (await lab.exec('watched', ['sh', '-c', words])).stdout.trim().split('\n');
    const kept = ['/var/lib/netplay/journal/', PROGRAMS_LOG];
    expect(files.filter((file) => !kept.some((start) => file.startsWith(start)))).toEqual([
      '/tmp/planted',
      '/tmp/planted.copy',
      '/tmp/planted.hidden',
    ]);
  });

  test('the journal is told and taken back without them, by whoever has neither vault nor inventory', async () => {
    const own = ['-i', lab.inventory];
    for (const options of [['-v'], ['--json']]) {
      const history = await netplay(['history', 'watched', ...own, ...options]);
      expect(history.stdout).toContain('***');
      expect(history.stdout).toContain('link (no_log)');
      expect(foundIn(history.stdout + history.stderr, secrets)).toEqual([]);
    }
    const { stdout } = await netplay(['history', 'watched', ...own, '--json']);
    // The files of a lab's host are this machine's, whose own journal is seen as well.
    const ids = stdout
      .trim()
      .split('\n')
      .map((line): { id: string; play: string } => JSON.parse(line))
      .filter(({ play }) => play.startsWith('planted '))
      .map(({ id }) => id);
    expect(ids).toHaveLength(3);
    for (const id of ids) {
      const back = await netplay(['rollback', 'watched', id, ...own, '-v', '--diff']);
      expect(back.code, back.stdout + back.stderr).toBe(0);
      expect(foundIn(back.stdout + back.stderr, secrets)).toEqual([]);
    }
    expect((await lab.exec('watched', ['cat', '/sys/class/net/eth3/ifalias'])).stdout.trim()).toBe('');
    const again = await netplay(['history', 'watched', ...own, '-v']);
    expect(foundIn(again.stdout + again.stderr, secrets)).toEqual([]);
  });
});

test('a password of SSH is in no output, no list of processes, and nothing that a run keeps', async () => {
  const seen = new Set<string>();
  const stop = new AbortController();
  const watching = watchProcesses(seen, stop.signal);
  const given = folder.write(
    'login.yml',
    `ansible_password: ${block(SUDO)}\nansible_ssh_private_key_file: /dev/null\n`,
  );
  const play = folder.write('who.yml', [{ hosts: 'users', tasks: [{ command: 'id -un' }] }]);
  const state = join(folder.path, 'login-state');
  const wrong = folder.write(
    'wrong.yml',
    `ansible_password: ${block(`${SUDO}!`)}\nansible_ssh_private_key_file: /dev/null\n`,
  );
  for (const [file, code] of [
    [given, 0],
    [wrong, 4],
  ] as const) {
    const words = ['run', play, ...login, '-e', 'ansible_user=asked', '-e', `@${file}`, '--json', '-vvvv'];
    const run = await netplay(words, { XDG_STATE_HOME: state, SSH_AUTH_SOCK: '' });
    expect(run.code, run.stdout + run.stderr).toBe(code);
    expect(run.stdout + run.stderr).not.toContain(SUDO);
  }
  stop.abort();
  await watching;
  expect([...seen].filter((line) => line.includes(SUDO))).toEqual([]);
  const runs = join(state, 'netplay', 'runs');
  for (const name of readdirSync(runs)) expect(readFileSync(join(runs, name), 'utf8')).not.toContain(SUDO);
}, 30_000);
