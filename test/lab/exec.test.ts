/** `netplay exec`, beside Debian's own `ansible` on the same hosts; and what it does to a network. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Lab, labUp } from '../../src/lab/index.js';
import { ansibleCalls } from '../support/ansible.js';
import { eventsOf, netplay } from '../support/cli.js';
import { type Folder, makeFolder, ownName } from '../support/lab-runs.js';

let lab: Lab;
let folder: Folder;

beforeAll(async () => {
  folder = makeFolder();
  const nic = (address: string) => ({ nics: { eth0: { switch: 'lan', addresses: [address] } } });
  lab = await labUp({
    name: ownName('exec'),
    hosts: { h1: nic('192.168.7.1/24'), h2: nic('192.168.7.2/24') },
  });
}, 60_000);
afterAll(async () => {
  folder?.remove();
  await lab?.down();
});

const exec = (...words: string[]) => netplay(['exec', '-i', lab.inventory, ...words]);

/** Hosts answer in any order. */
function byHost(text: string): string[] {
  return text.split(/\n(?=h\d \| )/).toSorted();
}

describe('as ansible prints it', () => {
  /** Whatever differs from run to run, and what only one of the two has. */
  function shape(text: string): unknown[] {
    const [, head = '', json] = /^(h1 \| [A-Z!]+) => ([\s\S]*)$/.exec(text.trimEnd()) ?? [];
    if (json === undefined) return [text.trimEnd()];
    const own = JSON.parse(json) as Record<string, unknown>;
    for (const key of ['ansible_facts', 'delta', 'start', 'end', 'warnings']) delete own[key];
    return [head, own];
  }

  const cases: readonly (readonly string[])[] = [
    ['-a', 'echo hello world'],
    ['-m', 'shell', '-a', 'echo a | tr a b; echo c'],
    ['-m', 'raw', '-a', 'echo raw'],
    ['-o', '-a', 'printf "a\\nb\\n"'],
    ['-o', '-m', 'shell', '-a', 'echo out; echo err >&2; exit 3'],
    ['-m', 'ping'],
    ['-m', 'debug', '-a', 'msg={{ inventory_hostname }}'],
    ['-m', 'fail', '-a', 'msg=no'],
    ['-m', 'stat', '-a', 'path=/no/such'],
    ['--list-hosts'],
  ];

  test('for each of these', async () => {
    const calls = cases.map((words) => ['ansible', 'h1', '-i', 'h1,', '-c', 'local', ...words]);
    const judge = await ansibleCalls(folder.path, calls);
    expect(judge).toHaveLength(cases.length);
    for (const [index, words] of cases.entries()) {
      const own = await netplay(['exec', 'h1', '-i', 'h1,', '-c', 'local', ...words]);
      const theirs = judge[index];
      expect([words, ...shape(own.stdout)]).toEqual([words, ...shape(theirs?.stdout ?? '')]);
      expect([words, own.code === 0]).toEqual([words, theirs?.code === 0]);
    }
  }, 120_000);
});

describe('a command', () => {
  test('behind -- has its words as they are', async () => {
    const { stdout, code } = await exec('all', '--', 'printf', '%s|', 'a b', "it's", '{"c"}');
    expect(byHost(stdout)).toEqual([
      'h1 | CHANGED | rc=0 >>\na b|it\'s|{"c"}|',
      'h2 | CHANGED | rc=0 >>\na b|it\'s|{"c"}|',
    ]);
    expect(code).toBe(0);
  });

  test('with -B goes on by itself, and is waited for unless -P 0 says not to', async () => {
    const waited = await exec('h1', '-B', '20', '-P', '1', '--', 'echo', 'done');
    expect(waited.stdout).toBe('h1 | CHANGED | rc=0 >>\ndone');
    const left = await exec('h1', '-B', '20', '-P', '0', '--', 'echo', 'later');
    const jid = /"ansible_job_id": "(\w+)"/.exec(left.stdout)?.[1] ?? '';
    const asked = await exec('h1', '-m', 'async_status', '-a', `jid=${jid}`);
    expect(asked.stdout).toContain('"stdout": "later"');
  });

  test('that fails on a host says all that it said, each part in lines of its own', async () => {
    const { stdout, code } = await exec('h1', '-m', 'shell', '--', 'printf out; printf err >&2; exit 3');
    expect(stdout).toBe('h1 | FAILED | rc=3 >>\nout\nerr\nnon-zero return code');
    expect(code).toBe(2);
  });

  test('is not run in a check', async () => {
    for (const more of [[], ['-B', '20'], ['-B', '20', '-P', '0']]) {
      const { stdout, code } = await exec('h1', '-C', ...more, '--', 'touch', '/root/was-here');
      expect(stdout).toMatch(/^h1 \| UNKNOWN/);
      expect(code).toBe(0);
    }
    expect((await exec('h1', '-m', 'stat', '-a', 'path=/root/was-here')).stdout).toContain('"exists": false');
  });

  test('runs on the hosts that --limit leaves, with variables of -e', async () => {
    const { stdout } = await exec('all', '-l', 'h2', '-e', 'word=x', '-a', 'echo {{ word }}');
    expect(stdout).toBe('h2 | CHANGED | rc=0 >>\nx');
  });

  test('as events', async () => {
    const { events, end } = await eventsOf(['exec', '-i', lab.inventory, 'all', '-m', 'ping']);
    expect(events[0]).toMatchObject({ type: 'run_start', playbook: 'netplay exec' });
    expect(end?.recap.h1).toMatchObject({ ok: 1, failed: 0 });
  });

  test('keeps the words of -a out of the record', async () => {
    const { stdout } = await netplay(['exec', '-i', lab.inventory, 'h1', '-a', 'echo planted', '--json']);
    const start = stdout.split('\n')[0] ?? '';
    expect(start).toContain('"args"');
    expect(start).not.toContain('planted');
  });
});

describe('a resource', () => {
  const route = ['-m', 'route', '-a', 'dst=10.9.0.0/16 via=192.168.7.9 dev=eth0'];

  test('is checked, made, and then as it shall be', async () => {
    const check = await exec('h1', ...route, '-C', '-D');
    expect(check.stdout).toContain('+ 10.9.0.0/16 via 192.168.7.9 dev eth0');
    expect(check.stdout).toContain('h1 | CHANGED => {');
    expect((await exec('h1', '--', 'ip', 'route', 'show', '10.9.0.0/16')).stdout).not.toContain('10.9');
    expect((await exec('h1', ...route)).stdout).toContain('"address": "route 10.9.0.0/16"');
    expect((await exec('h1', '--', 'ip', 'route', 'show', '10.9.0.0/16')).stdout).toContain(
      'via 192.168.7.9',
    );
    expect((await exec('h1', ...route)).stdout).toBe('h1 | SUCCESS => {\n    "changed": false\n}');
    await exec('h1', '-m', 'route', '-a', 'dst=10.9.0.0/16 state=absent');
  });

  test('that can not be made fails, and says why', async () => {
    const { stdout, code } = await exec('h1', '-m', 'route', '-a', 'dst=10.9.0.0/16 dev=eth7');
    expect(stdout).toMatch(/^h1 \| FAILED! => \{/);
    expect(stdout).toContain('eth7');
    expect(code).toBe(2);
  });
});

describe('what is wrong is told before any host is reached', () => {
  test.each([
    [['h1', '-m', 'route', '-a', 'dst=default vai=192.168.7.9'], 'Did you mean via?'],
    [['h1', '-m', 'nosuch'], "Unknown resource, action or keyword 'nosuch'"],
    [['h1', '-m', 'ping', '--', 'ls'], 'what stands behind -- is a command'],
    [['h1', '-a', 'ls', '--', 'ls'], 'do not go together'],
    [['h1'], "one of 'cmd' or 'argv' is needed"],
    [['h1', '-m', 'include_tasks', '-a', 'x.yml'], 'does not stand alone'],
    [['h7', '-m', 'ping'], 'h7'],
    [['h1', '-m', 'debug', '-a', 'msg={{ x'], 'not closed'],
    [['h1', '-m', 'copy', '-a', '{"dest": '], '--args:1'],
  ])('%j', async (words, message) => {
    const { stderr, stdout, code } = await exec(...words);
    expect(stderr).toContain(message);
    expect(stdout).toBe('');
    expect(code).toBe(1);
  });
});

test('--tree keeps what each host said', async () => {
  const tree = join(folder.path, 'tree');
  await exec('all', '-m', 'setup', '-a', 'filter=ansible_hostname', '-t', tree);
  for (const host of ['h1', 'h2'])
    expect(JSON.parse(readFileSync(join(tree, host), 'utf8'))).toMatchObject({
      ansible_facts: { ansible_hostname: expect.any(String) },
      changed: false,
    });
});

test('a run without a playbook can not be resumed as one', async () => {
  const { events } = await eventsOf(['exec', '-i', '127.0.0.1:1,', 'all', '-T', '2', '-m', 'ping']);
  const start = events.find((event) => event.type === 'run_start');
  const { code, stderr } = await netplay(['run', '--resume', start?.run ?? '']);
  expect([code, stderr]).toEqual([1, expect.stringContaining("no playbook's, but one of `netplay exec`")]);
});

test('--tree says where a folder can not be written, after all that was printed', async () => {
  const file = folder.write('no-folder', 'x');
  const { stdout, stderr, code } = await exec('h1', '-m', 'ping', '-t', join(file, 'x'));
  expect(stdout).toContain('"ping": "pong"');
  expect(stderr).toContain(`Can't write to ${file}/x`);
  expect(code).toBe(1);
});

test('a host that can not be reached', async () => {
  const { stdout, code } = await netplay([
    'exec',
    '-i',
    '127.0.0.1:1,',
    'all',
    '-T',
    '2',
    '-o',
    '-m',
    'ping',
  ]);
  expect(stdout).toMatch(/^127\.0\.0\.1 \| UNREACHABLE!: .*refused/);
  expect(code).toBe(4);
});
