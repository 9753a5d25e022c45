/**
 * Plays whose tasks depend on what others came to: what they cost, what a check foretells of them, and what is left
 * of a host where one of their parts fails.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Lab, labUp } from '../../src/lab/index.js';
import type { HostEnd } from '../../src/shared/events.js';
import { problemsOf, type RunReport, runJson } from '../support/cli.js';
import { type Folder, makeFolder, ownName } from '../support/lab-runs.js';

let lab: Lab;
let folder: Folder;

beforeAll(async () => {
  folder = makeFolder();
  const host = (address: string) => ({ nics: { eth0: { switch: 'lan', addresses: [address] } } });
  lab = await labUp({
    name: ownName('flow'),
    hosts: { a: host('192.168.7.1/24'), b: host('192.168.7.2/24') },
  });
});
afterAll(async () => {
  folder?.remove();
  await lab?.down();
});
beforeEach(async () => {
  for (const host of ['a', 'b'])
    await lab.exec(host, ['sh', '-c', 'ip route flush table 100; ip link del br7; rm -f /tmp/told; :']);
});

const route = (n: number, more = ''): string =>
  `- route: { dst: 10.9.${n}.0/24, via: 192.168.7.254, table: 100 }\n${more.replaceAll(/^(?=.)/gm, '  ')}`;

function play(tasks: string, more = ''): string[] {
  const body = tasks.trimEnd().replaceAll(/^/gm, '    ');
  const file = folder.write('play.yml', `- hosts: all\n${more}  tasks:\n${body}\n`);
  return [file, '-i', lab.inventory];
}

async function routes(host: string): Promise<string[]> {
  const { stdout } = await lab.exec(host, ['ip', 'route', 'show', 'table', '100']);
  return [...stdout.matchAll(/^10\.9\.(\d+)\.0/gm)].map(([, n = '']) => n);
}

const endOf = ({ ends }: RunReport, host: string): HostEnd | undefined =>
  ends.find((end) => end.host === host);
const statuses = (report: RunReport, host: string): string[] =>
  (endOf(report, host)?.tasks ?? []).map(({ status }) => status);

describe('a host is asked no more often than what is asked for depends on its answers', () => {
  // Read, apply, then by a new connection verify and confirm.
  const TRIAL = 4;
  const costs: [what: string, tasks: string, more: string, trips: number][] = [
    ['tasks of resources alone', `${route(1)}${route(2)}${route(3)}`, '', TRIAL],
    ['a result that nobody uses', `${route(1, 'register: first\n')}${route(2)}`, '', TRIAL],
    [
      'a result that a later task depends on',
      `${route(1, 'register: first\n')}${route(2)}${route(3, 'when: first.changed\n')}${route(4)}`,
      '',
      2 * TRIAL,
    ],
    ['a command between others', `${route(1)}- command: echo\n${route(2)}`, '', 2 * TRIAL + 1],
    ['facts that a play may gather and nobody uses', `${route(1)}`, '  gather_facts: true\n', TRIAL],
    ['facts that a task uses', route(1, 'when: ansible_facts.kernel is defined\n'), '', TRIAL + 1],
    [
      'what the controller does by itself',
      `- debug: { msg: x }\n- set_fact: { y: 1 }\n${route(1)}`,
      '',
      TRIAL,
    ],
    [
      'a handler that nobody told',
      route(1, 'when: false\nnotify: h\n'),
      '  handlers: [{ name: h, command: echo }]\n',
      0,
    ],
  ];
  test.each(costs)('%s', async (_what, tasks, more, trips) => {
    const run = await runJson(play(tasks, more));
    expect(problemsOf(run)).toEqual([]);
    expect(endOf(run, 'a')?.roundTrips).toBe(trips);
  });
});

test('a check plans each part on what the parts before it would leave, and the run does just that', async () => {
  const tasks = `- link: { name: br7, kind: bridge, state: up }
  register: made
- route: { dst: 10.9.1.0/24, dev: br7, table: 100 }
  when: made is changed
- command: echo
- route: { dst: 10.9.2.0/24, dev: br7, table: 100 }
`.replace('link: { name: br7, kind: bridge, state: up }', 'bridge: { name: br7 }');
  const args = play(tasks);
  const [check, run] = [await runJson([...args, '--check']), await runJson(args)];
  const foretold = (report: RunReport) =>
    (endOf(report, 'a')?.tasks ?? [])
      .filter(({ action }) => action === undefined)
      .map(({ changes }) => changes);
  expect(foretold(check)).toEqual(foretold(run));
  expect(statuses(check, 'a')).toEqual(['changed', 'changed', 'unknown', 'changed']);
  expect(problemsOf(run)).toEqual([]);
  expect(await routes('a')).toEqual(['1', '2']);
});

test('of a block that fails all is undone, its rescue runs, and what came before it stays', async () => {
  const run = await runJson(
    play(`${route(1)}- block:
  - route: { dst: 10.9.2.0/24, via: 192.168.7.254, table: 100 }
  - name: can not be
    route: { dst: 10.9.3.0/24, via: 192.168.99.1, dev: eth0, table: 100 }
    when: inventory_hostname == 'a'
  rescue:
  - debug: { msg: "{{ ansible_failed_task.name }}" }
  - route: { dst: 10.9.4.0/24, via: 192.168.7.254, table: 100 }
  always:
  - route: { dst: 10.9.5.0/24, via: 192.168.7.254, table: 100 }
`),
  );
  expect(run.code).toBe(0);
  expect(await routes('a')).toEqual(['1', '4', '5']);
  expect(await routes('b')).toEqual(['1', '2', '5']);
  expect(run.end?.recap.a).toMatchObject({ rescued: 1, failed: 0 });
});

test('handlers run once, where a resource changed, and not again', async () => {
  const handlers = '  handlers:\n    - name: told\n      shell: echo told >> /tmp/told\n';
  const args = play(`${route(1, 'notify: told\n')}${route(2, 'notify: told\n')}`, handlers);
  expect((await runJson(args)).code).toBe(0);
  const again = await runJson(args);
  expect(statuses(again, 'a')).toEqual(['ok', 'ok']);
  expect((await lab.exec('a', ['cat', '/tmp/told'])).stdout).toBe('told\n');
});

test('hosts that keep their changes together or not at all do so in each part', async () => {
  const run = await runJson(
    play(
      `${route(1)}- command: echo
${route(2)}- route: { dst: 10.9.3.0/24, via: 192.168.99.1, dev: eth0, table: 100 }
  when: inventory_hostname == 'a'
`,
      '  transaction: batch\n',
    ),
  );
  expect(run.code).toBe(2);
  expect([await routes('a'), await routes('b')]).toEqual([['1'], ['1']]);
});

test('what verify finds wrong at the end undoes the last part', async () => {
  const run = await runJson(
    play(`${route(1)}- command: echo\n${route(2)}`, '  verify: [{ command: "false" }]\n'),
  );
  expect(run.code).toBe(2);
  expect(await routes('a')).toEqual(['1']);
});

test('a task with no_log tells nothing of what it was given or gave, at any verbosity', async () => {
  const args = play(`- command: echo hunter2-secret
  no_log: true
  register: out
- command: sh -c 'echo hunter2-secret >&2; false'
  no_log: true
  ignore_errors: true
- route: { dst: 10.9.1.0/24, via: 192.168.7.254, table: 100 }
  when: out.stdout == 'hunter2-secret'
`);
  const run = await runJson([...args, '-vvv']);
  expect(await routes('a')).toEqual(['1']);
  expect(run.stdout.match(/hunter2-secret.*/g) ?? []).toEqual([]);
  expect(run.stderr).not.toContain('hunter2-secret');
});

test('a resource with no_log is made, and told of without what it was', async () => {
  const run = await runJson([
    ...play(`- address: { address: "{{ '192.0.2' }}.77/32", dev: eth0 }
  name: hidden
  no_log: true
  register: out
- command: "true"
  when: out.changed
`),
    '-vvv',
  ]);
  expect(run.code).toBe(0);
  expect((await lab.exec('a', ['ip', 'address', 'show', 'dev', 'eth0'])).stdout).toContain('192.0.2.77');
  expect(run.stdout).not.toContain('192.0.2.77');
  expect(statuses(run, 'a')).toEqual(['changed', 'changed']);
  for (const host of ['a', 'b'])
    await lab.exec(host, ['ip', 'address', 'del', '192.0.2.77/32', 'dev', 'eth0']);
});

test('a handler that nobody has, named by a template, fails the host that would tell it', async () => {
  const run = await runJson(
    play(
      `${route(1, 'notify: "{{ inventory_hostname }}"\n')}- command: "true"\n`,
      '  handlers: [{ name: b, command: echo }]\n',
    ),
  );
  expect(run.code).toBe(2);
  expect(problemsOf(run).join()).toContain("there is no handler 'a'");
  expect(await routes('a')).toEqual(['1']);
  expect(statuses(run, 'b')).toEqual(['changed', 'changed', 'changed']);
});

test('each host goes its own way with strategy: free', async () => {
  const run = await runJson(
    play(`- command: sleep 1\n  when: inventory_hostname == 'a'\n${route(1)}`, '  strategy: free\n'),
  );
  expect(run.code).toBe(0);
  expect(run.ends.map(({ host }) => host)).toHaveLength(2);
  expect([await routes('a'), await routes('b')]).toEqual([['1'], ['1']]);
});

test('what no task can ever set is told before any host is touched', async () => {
  const run = await runJson(
    play(`${route(1)}- command: echo\n- route: { dst: "{{ nosuch }}", via: 192.168.7.254 }\n`),
  );
  expect(run.code).toBe(1);
  expect(run.stderr).toMatch(/nosuch/);
  expect(await routes('a')).toEqual([]);
});

test('nor is any where an action uses what nobody gives a value, unless that is forgiven or its condition leaves it out', async () => {
  const undefinedName = (more: string, before = '') =>
    runJson(play(`${before}- command: touch /tmp/told\n- command: "echo {{ nosuch }}"\n${more}`));
  const refused = await undefinedName('');
  expect(refused.code).toBe(1);
  expect(refused.stderr).toMatch(/nosuch[\s\S]*play\.yml:4/);
  expect((await lab.exec('a', ['ls', '/tmp/told'])).stdout).toBe('');
  const looped = await undefinedName(
    '- command: "echo {{ item }} {{ nosuch }}"\n  loop: [1]\n',
    '- meta: noop\n',
  );
  expect(looped.code).toBe(2);
  expect((await undefinedName('  ignore_errors: true\n')).code).toBe(0);
  expect((await undefinedName('  when: nosuch is defined\n')).code).toBe(0);
  expect((await undefinedName('  register: nosuch\n  tags: never\n')).code).toBe(0);
});

test('a resource that goes another way to its host than the play is made by that way, as a part of its own', async () => {
  const args = play(
    `${route(1)}${route(2, 'become_user: root\n')}${route(3, 'become_user: daemon\nbecome_method: su\nbecome_flags: -s /bin/sh\n')}`,
    '  become: true\n',
  );
  const check = await runJson([...args, '--check']);
  expect(statuses(check, 'a')).toEqual(['changed', 'changed', 'changed']);
  const run = await runJson(args);
  expect(problemsOf(run).join()).toContain('Permission denied');
  expect(await routes('a')).toEqual(['1', '2']);
  expect(endOf(run, 'a')?.roundTrips).toBeGreaterThan(4);
});

test('a loop ends behind the item with which break_when holds', async () => {
  const run = await runJson(
    play(`- command: "echo {{ item }}"
  loop: [1, 2, 3]
  register: out
  loop_control: { break_when: [out.stdout == '2'] }
- debug: { msg: "{{ out.results | map(attribute='stdout') | join(' ') }}" }
`),
  );
  expect(problemsOf(run)).toEqual([]);
  expect(endOf(run, 'a')?.tasks[1]?.result?.msg).toBe('1 2');
});

describe('in the background', () => {
  const outOf = (run: RunReport, at: number) => endOf(run, 'a')?.tasks[at]?.result ?? {};

  beforeEach(async () => {
    await lab.exec('a', ['rm', '-rf', '/root/.netplay_async', '/tmp/jobs']);
  });

  test('a task is waited for, though the connection is lost meanwhile, and leaves nothing behind', async () => {
    const run = await runJson([
      ...play(`- shell: |
    kill $(pgrep -f 'sshd: [r]oot@notty'); sleep 1; echo "$WORD"; exit 3
  environment: { WORD: came }
  async: 20
  poll: 1
  register: out
  failed_when: out.rc != 3
- command: "echo {{ out.stdout }} {{ out.finished }}"
`),
      '--limit',
      'a',
    ]);
    expect(problemsOf(run)).toEqual([]);
    expect(outOf(run, 1).stdout).toBe('came 1');
    expect((await lab.exec('a', ['ls', '-A', '/root/.netplay_async'])).stdout).toBe('');
  });

  test('what takes longer than it may is ended with all that it started', async () => {
    const run = await runJson([
      ...play('- shell: sleep 771 | sleep 772\n  async: 1\n  poll: 5\n'),
      '--limit',
      'a',
    ]);
    expect(problemsOf(run).join()).toContain('did not complete within the requested time - 1s');
    expect((await lab.exec('a', ['pgrep', '-f', 'sleep 77[12]'])).stdout).toBe('');
  });

  test('a job is asked for by its id, by another run too, until it is removed', async () => {
    const started = await runJson([
      ...play(`- command: sh -c "sleep 1; echo {{ item }}"
  loop: [x, y]
  async: 30
  poll: 0
  register: jobs
- file: { path: /tmp/jobs, state: directory }
  async: 30
  poll: 0
  register: folder
- async_status: { jid: "{{ jobs.results[0].ansible_job_id }}" }
  register: early
- debug: { msg: "{{ early is finished }} {{ folder.started }}" }
- async_status: { jid: "{{ item.ansible_job_id }}" }
  loop: "{{ jobs.results + [folder] }}"
  register: late
  until: late is finished
  retries: 20
  delay: 0.2
- async_status: { jid: "{{ item.ansible_job_id }}", mode: cleanup }
  loop: "{{ jobs.results[1:] + [folder] }}"
`),
      '--limit',
      'a',
    ]);
    expect(problemsOf(started)).toEqual([]);
    expect(outOf(started, 3).msg).toBe('False 1');
    const ends = outOf(started, 4).results as Record<string, unknown>[];
    expect(ends.map(({ stdout, path }) => stdout ?? path)).toEqual(['x', 'y', '/tmp/jobs']);
    const { stdout } = await lab.exec('a', [
      'sh',
      '-c',
      'cd /root/.netplay_async; stat -c "%a %F" . *; stat -c %a */*',
    ]);
    expect(stdout).toMatch(/^700 directory\n700 directory\n(600\n)+$/);
    const jid = String(ends[0]?.ansible_job_id);
    const status = (more: string) =>
      runJson([...play(`- async_status: { jid: "${jid}"${more} }\n`), '--limit', 'a']);
    expect(outOf(await status(''), 0)).toMatchObject({ finished: 1, stdout: 'x', rc: 0, changed: true });
    expect(outOf(await status(', mode: cleanup'), 0).erased).toBe(`/root/.netplay_async/${jid}`);
    expect(problemsOf(await status('')).join()).toContain('could not find job');
    expect((await lab.exec('a', ['ls', '-A', '/root/.netplay_async'])).stdout).toBe('');
  });

  test('a job whose processes are gone without a word is told of as such', async () => {
    const run = await runJson([
      ...play(`- command: sleep 773
  async: 900
  poll: 0
  register: job
- shell: read pid boot < {{ job.results_file }}/runner; kill -9 $pid; pkill -f 'sleep 77[3]|sleep 90[0]'
- async_status: { jid: "{{ job.ansible_job_id }}" }
`),
      '--limit',
      'a',
    ]);
    expect(problemsOf(run).join()).toContain('left no word');
  });

  test('nothing is started in a check, and what would ask for it can not tell', async () => {
    const run = await runJson([
      ...play(`- command: touch /tmp/jobs
  async: 10
  poll: 0
  register: job
- async_status: { jid: "{{ job.ansible_job_id }}" }
  register: end
  until: end is finished
`),
      '--limit',
      'a',
      '--check',
    ]);
    expect(problemsOf(run)).toEqual([]);
    expect(statuses(run, 'a')).toEqual(['unknown', 'unknown']);
    expect((await lab.exec('a', ['ls', '-d', '/tmp/jobs', '/root/.netplay_async'])).stdout).toBe('');
  });
});
