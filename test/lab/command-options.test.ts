/** `netplay run` where all is well: what its options do on real hosts, and what it reports. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { type Lab, labUp } from '../../src/lab/index.js';
import type { NetplayEvent } from '../../src/shared/events.js';
import { changesByHost, netplay, problemsOf, ROOT, runJson } from '../support/cli.js';
import {
  acceptedConnections,
  type Folder,
  foretoldRun,
  makeFolder,
  ownName,
  settledRun,
  stateOf,
} from '../support/lab-runs.js';

const PASSWORD = 'correct-horse';

let lab: Lab;
let folder: Folder;

beforeAll(async () => {
  folder = makeFolder();
  const account = (name: string, sudo: string): string =>
    `useradd -m -s /bin/sh ${name} && echo '${name}:${PASSWORD}' | chpasswd &&
     mkdir -m 700 /home/${name}/.ssh && cp .ssh/authorized_keys /home/${name}/.ssh && chown -R ${name}: /home/${name} &&
     echo '${name} ALL=(ALL) ${sudo}' >/etc/sudoers.d/${name}`;
  lab = await labUp({
    name: ownName('options'),
    hosts: {
      'h[1:3]': {
        groups: ['fleet'],
        vars: { table: 'from the inventory' },
        nics: { eth0: { switch: 'lan', addresses: ['10.5.0.{n}/24'] } },
      },
      full: { nics: { eth1: { switch: 'lan' } } },
      users: { run: [account('free', 'NOPASSWD: ALL'), account('asked', 'ALL')] },
    },
  });
});
afterAll(async () => {
  folder?.remove();
  await lab?.down();
});

type Task = Readonly<Record<string, unknown>>;

const args = (hosts: string, tasks: readonly Task[], keywords: Task = {}): string[] => [
  folder.write('play.yml', [{ name: 'the play', hosts, ...keywords, tasks }]),
  '-i',
  lab.inventory,
];
const rules = async (host: string): Promise<string> => (await lab.exec(host, ['ip', 'rule'])).stdout;

/** Text without what differs from run to run. */
const steady = (text: string): string =>
  text.replaceAll(/\(\d+ ms\)/g, '(N ms)').replace(/ in [\d.]+ s$/, ' in N s');

const EVERYTHING: readonly Task[] = [
  { rt_table: { id: 100, name: 'lan' } },
  { address: { dev: 'eth1', address: '10.6.0.1/24' } },
  { link: { name: 'eth1', state: 'up', mtu: 1400 } },
  { route: { dst: '10.7.0.0/16', via: '10.6.0.9', dev: 'eth1', table: 'lan' } },
  { rule: { from: '10.6.0.1', table: 'lan', priority: 90 } },
  { sysctls: { 'net.ipv4.conf.eth1.rp_filter': 1, 'net.ipv4.ip_forward': 1 } },
  { bridge: { name: 'br0', mac: '52:54:00:12:34:56', stp: false } },
  { tap: { name: 'tap0', bridge: 'br0', owner: 'root', guest_mac: '52:54:00:84:e3:62' } },
];

test('--check changes nothing on a host, whatever it foretells', async () => {
  const before = await stateOf(lab, 'full');
  const check = await runJson([...args('full', EVERYTHING), '--check', '--diff']);
  expect(check.code).toBe(0);
  expect(check.ends[0]?.tasks.map(({ status }) => status)).toEqual(EVERYTHING.map(() => 'changed'));
  expect(await stateOf(lab, 'full')).toBe(before);
  await settledRun(args('full', EVERYTHING));
  const after = await stateOf(lab, 'full');
  expect(after).not.toBe(before);
  expect((await runJson([...args('full', EVERYTHING), '--check', '--exit-code'])).code).toBe(0);
  expect(await stateOf(lab, 'full')).toBe(after);
});

describe.sequential('what is shown', () => {
  const tasks: readonly Task[] = [
    { name: 'for nobody', rule: { from: '10.9.0.9', table: 9 }, when: "inventory_hostname == 'nobody'" },
    {
      name: 'one of each',
      rule: { from: '10.9.{{ item }}.0/24', table: 100, priority: '{{ 100 + item }}' },
      loop: [1, 2],
    },
    { name: 'mtu', link: { name: 'eth0', mtu: '{{ 1300 if inventory_hostname == "h3" else 1400 }}' } },
  ];
  const summary = (stdout: string): string => steady(stdout.slice(stdout.indexOf('PLAY RECAP')));

  test('a check with --diff', async () => {
    const { code, stdout } = await netplay(['run', ...args('h2,h3', tasks), '--check', '--diff']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^CHECK MODE: nothing will be changed\n\nPLAY \[the play\] 2 hosts, 3 tasks\n/);
    expect(steady(stdout)).toContain('\n  h3  would change: 4 changes (N ms)\n');
    expect(summary(stdout)).toBe(`\
PLAY RECAP
h2 : ok=2    changed=2    unreachable=0    failed=0    skipped=1    rescued=0    ignored=0
h3 : ok=2    changed=2    unreachable=0    failed=0    skipped=1    rescued=0    ignored=0

WOULD CHANGE (check mode: nothing was changed)
h2, h3 (2 hosts)
  rt_proto netplay
    + 201 netplay
  rule 101 from 10.9.1.0/24
    + 101: from 10.9.1.0/24 lookup 100
  rule 102 from 10.9.2.0/24
    + 102: from 10.9.2.0/24 lookup 100
h2
  link eth0 mtu
    - 1500
    + 1400
h3
  link eth0 mtu
    - 1500
    + 1300

2 hosts, 2 would change in N s`);
  });

  test('a run: Ansible’s recap, and equal changes of several hosts once, with their names', async () => {
    const { code, stdout } = await netplay(['run', ...args('fleet', tasks)]);
    expect(code).toBe(0);
    expect(summary(stdout)).toBe(`\
PLAY RECAP
h1 : ok=2    changed=2    unreachable=0    failed=0    skipped=1    rescued=0    ignored=0
h2 : ok=2    changed=2    unreachable=0    failed=0    skipped=1    rescued=0    ignored=0
h3 : ok=2    changed=2    unreachable=0    failed=0    skipped=1    rescued=0    ignored=0

CHANGES
h1, h2, h3 (3 hosts)
  rt_proto netplay           absent → 201 netplay
  rule 101 from 10.9.1.0/24  absent → 101: from 10.9.1.0/24 lookup 100
  rule 102 from 10.9.2.0/24  absent → 102: from 10.9.2.0/24 lookup 100
h1, h2 (2 hosts)
  link eth0 mtu  1500 → 1400
h3
  link eth0 mtu  1500 → 1300

3 hosts, 3 changed in N s`);
  });

  test('-v: each task with its status and why it was skipped; a second run has nothing to change', async () => {
    const { code, stdout } = await netplay(['run', ...args('h1', tasks), '-v']);
    expect(code).toBe(0);
    expect(steady(stdout)).toBe(`\
PLAY [the play] 1 host, 3 tasks
  h1  ok, nothing to change (N ms)
    skipped  for nobody  when: inventory_hostname == 'nobody'
    ok       one of each
    ok       mtu

PLAY RECAP
h1 : ok=2    changed=0    unreachable=0    failed=0    skipped=1    rescued=0    ignored=0

1 host, 0 changed in N s`);
  });
});

describe.sequential('options', () => {
  test('-l runs on no other host than those that it names', async () => {
    const before = await acceptedConnections(lab, 'h2');
    const { run } = await foretoldRun([
      ...args('fleet', [{ rule: { from: '10.9.5.1', table: 100, priority: 500 } }]),
      '-l',
      'fleet:!h2',
    ]);
    expect(run.ends.map(({ host }) => host).sort()).toEqual(['h1', 'h3']);
    expect(await acceptedConnections(lab, 'h2')).toBe(before);
  });

  test.each([
    [1, ['h1 start', 'h1 end', 'h2 start', 'h2 end', 'h3 start', 'h3 end']],
    [3, ['h1 start', 'h2 start', 'h3 start']],
  ])('-f %i: so many hosts at once', async (forks, order) => {
    const tasks = [{ rule: { from: '10.9.5.2', table: 100, priority: 501 } }];
    const { events } = await runJson([...args('fleet', tasks), '-f', String(forks)]);
    const seen = events.flatMap((event) => {
      if (event.type === 'host_start') return [`${event.host} start`];
      return event.type === 'host_end' ? [`${event.host} end`] : [];
    });
    expect(seen.slice(0, order.length)).toEqual(order);
  });

  test.each([
    ['the inventory', [], {}, 'from the inventory'],
    ['the play', [], { vars: { table: 111 } }, 111],
    ['-e k=v', ['-e', 'table=112'], { vars: { table: 111 } }, '112'],
    ['-e with JSON, the last', ['-e', 'table=1', '-e', '{"table": 113}'], { vars: { table: 111 } }, 113],
    ['-e with a file', ['-e', '@FILE'], { vars: { table: 111 } }, 114],
  ])('a variable from %s', async (_, options, keywords, value) => {
    const file = folder.write('extra.yml', { table: 114 });
    const given = options.map((option) => option.replace('FILE', file));
    const tasks = [
      { name: 'for {{ table }}', rule: { from: '10.9.5.3', table: 100 }, when: 'table == wanted' },
    ];
    const wanted = ['-e', JSON.stringify({ wanted: value })];
    const { ends } = await runJson([...args('h1', tasks, keywords), '--check', ...given, ...wanted]);
    expect(ends[0]?.tasks.map(({ status }) => status)).toEqual(['changed']);
  });

  test('-u logs in as another user, who may change nothing until he becomes root', async () => {
    const { all } = parse(readFileSync(lab.inventory, 'utf8'));
    const { ansible_user: _, ...vars } = all.vars;
    const inventory = folder.write('users.yml', { all: { ...all, vars } });
    const [playbook = ''] = args('users', [{ rule: { from: '10.9.6.1', table: 100, priority: 600 } }]);
    const given = [playbook, '-i', inventory, '-u', 'free'];
    const before = await stateOf(lab, 'users');
    const run = await runJson(given);
    expect(run.code).toBe(2);
    expect(problemsOf(run).join()).toMatch(/permi(ssion|tted)/i);
    expect(run.ends[0]?.error?.hint).toContain('say `become: true` in the play');
    expect(await stateOf(lab, 'users')).toBe(before);
    await settledRun([...given, '--become']);
    expect(await rules('users')).toContain('600:\tfrom 10.9.6.1 lookup 100');
  });
});

describe.sequential('become', () => {
  const tasks = (n: number): Task[] => [
    { rt_table: { id: 700 + n, name: `became${n}` } },
    { rule: { from: `10.9.7.${n}`, table: `became${n}`, priority: 700 + n } },
  ];
  const as = (user: string): string[] => ['-e', `ansible_user=${user}`];

  test('through sudo without a password', async () => {
    await settledRun([...args('users', tasks(1), { become: true }), ...as('free')]);
    expect(await rules('users')).toContain('from 10.9.7.1 lookup became1');
  });

  test('through sudo with a password, which is shown and kept nowhere', async () => {
    const secret = folder.write('secret.yml', { ansible_become_password: PASSWORD });
    const state = join(folder.path, 'with-password');
    const given = [...args('users', tasks(2), { become: true }), ...as('asked'), '-e', `@${secret}`];
    const run = await netplay(['run', ...given, '--json'], { XDG_STATE_HOME: state });
    expect(run.code).toBe(0);
    expect(await rules('users')).toContain('from 10.9.7.2 lookup became2');
    const [kept = ''] = readdirSync(join(state, 'netplay', 'runs'));
    const text = run.stdout + run.stderr + readFileSync(join(state, 'netplay', 'runs', kept), 'utf8');
    expect(text).not.toContain(PASSWORD);
  });

  test('with a wrong password the host is not reached, and the password is not shown', async () => {
    const wrong = 'wrong-horse';
    const given = [...args('users', tasks(3), { become: true }), ...as('asked')];
    const run = await runJson([...given, '-e', `ansible_become_password=${wrong}`]);
    expect(run.code).toBe(4);
    expect(run.ends[0]).toMatchObject({ status: 'unreachable', error: { code: 'become' } });
    expect(run.stdout + run.stderr).not.toContain(wrong);
    expect(await rules('users')).not.toContain('10.9.7.3');
  });
});

describe.sequential('from inside the lab', () => {
  /** Runs netplay in the lab's controller, whose network is its own. */
  const inside = (words: readonly string[], wrapper: readonly string[] = []) =>
    lab.exec('controller', [...wrapper, process.execPath, join(ROOT, 'bin', 'netplay.js'), ...words], {
      env: { ...process.env, XDG_STATE_HOME: folder.path, NO_COLOR: '1' },
    });

  test('connection: local configures the very machine that netplay runs on', async () => {
    const [playbook = ''] = args('here', [{ link: { name: 'mgmt0', mtu: 1480 } }], { connection: 'local' });
    // The controller shares the machine's files, and its journal and lock are no business of a test.
    const hidden = [
      'unshare',
      '-m',
      'sh',
      '-c',
      'for d in /run /var/lib; do mount -t tmpfs none $d || exit; done; exec "$@"',
      'sh',
    ];
    const run = await inside(['run', playbook, '-i', 'here,'], hidden);
    expect(run.code).toBe(0);
    expect(run.stdout).toContain('link mgmt0 mtu  1500 → 1480');
    expect((await lab.exec('controller', ['cat', '/sys/class/net/mgmt0/mtu'])).stdout).toBe('1480\n');
    expect((await inside(['run', playbook, '-i', 'here,', '--check'], hidden)).stdout).toContain(
      'nothing to change',
    );
  });

  test('the inventory for the inside reaches hosts by their own addresses', async () => {
    const [playbook = ''] = args('h1', [{ rule: { from: '10.9.8.1', table: 100, priority: 800 } }]);
    const run = await inside(['run', playbook, '-i', lab.inside]);
    expect(run.code).toBe(0);
    expect(await rules('h1')).toContain('10.9.8.1');
  });
});

test('the events of a run are kept, as they are printed by --json, for the user alone and without secrets', async () => {
  const state = join(folder.path, 'state');
  const tasks = [{ rule: { from: '10.9.9.1', table: 100, priority: 900 } }];
  const run = await runJson([...args('h1', tasks), '-e', 'token=hush-hush'], { XDG_STATE_HOME: state });
  const runs = join(state, 'netplay', 'runs');
  const [file = '', ...others] = readdirSync(runs);
  expect(others).toEqual([]);
  expect(statSync(runs).mode & 0o777).toBe(0o700);
  expect(statSync(join(runs, file)).mode & 0o777).toBe(0o600);
  const text = readFileSync(join(runs, file), 'utf8');
  expect(text).not.toContain('hush-hush');
  const kept: NetplayEvent[] = text
    .trimEnd()
    .split('\n')
    .map((line): NetplayEvent => JSON.parse(line));
  expect(kept).toEqual(run.events);
  expect(kept[0]).toMatchObject({
    type: 'run_start',
    v: 1,
    playbook: join(folder.path, 'play.yml'),
    hosts: 1,
  });
  expect(kept.at(-1)).toMatchObject({ type: 'run_end', exitCode: 0, recap: { h1: { ok: 1, changed: 1 } } });
  expect(changesByHost(run).h1).toMatchObject([
    {
      resource: 'rule',
      address: 'rule 900 from 10.9.9.1',
      action: 'create',
      before: null,
      after: '900: from 10.9.9.1 lookup 100',
      commands: ['ip rule add from 10.9.9.1 priority 900 table 100 protocol 201'],
    },
  ]);
});
