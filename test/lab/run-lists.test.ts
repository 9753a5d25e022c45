/** `netplay run --list-hosts` and its like print what `ansible-playbook` prints. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ansibleCalls } from '../support/ansible.js';
import { netplay } from '../support/cli.js';
import { type Folder, makeFolder } from '../support/lab-runs.js';

const FILES = {
  hosts: '[web]\nw1\nw2\n[db]\nd1\n',
  'a.yml': `
- name: First
  hosts: web:db
  gather_facts: false
  tags: [p1]
  pre_tasks:
    - {name: pre, debug: {msg: 1}}
  roles:
    - {role: r, tags: rt}
  tasks:
    - {name: tagged, debug: {msg: 2}, tags: [b, a]}
    - {name: never, debug: {msg: 3}, tags: never}
    - {name: always, debug: {msg: 3}, tags: always}
    - block:
        - {name: in block, debug: {msg: 4}}
        - name: brought
          include_tasks: inc.yml
      rescue:
        - {name: rescued, debug: {msg: 5}}
      tags: [blk]
  handlers:
    - {name: h, debug: {msg: 6}}
- hosts: all:!w2
  gather_facts: false
  tasks:
    - {name: 'last {{ x }}', debug: {msg: 7}}
- import_playbook: b.yml
`,
  'b.yml': "- {hosts: d1, gather_facts: false, tasks: [{name: one, command: uptime, tags: 'x,y'}]}\n",
  't.yml': `
- name: 'Deploy {{ what }} to {{ target }}'
  hosts: '{{ target }}:{{ more }}'
  gather_facts: false
  vars: {what: all}
  vars_prompt: [{name: more, default: w2}]
  tasks: [{name: one, debug: {msg: 1}}]
`,
  'inc.yml': '- debug: {msg: inc}\n',
  'roles/r/tasks/main.yml': '- {name: of the role, debug: {msg: r}}\n',
};

let folder: Folder;

beforeAll(() => {
  folder = makeFolder();
  for (const [name, text] of Object.entries(FILES)) {
    mkdirSync(dirname(join(folder.path, name)), { recursive: true });
    writeFileSync(join(folder.path, name), text);
  }
});
afterAll(() => folder.remove());

const cases: readonly (readonly string[])[] = [
  ['t.yml', '-e', 'target=db', '--list-hosts', '--list-tasks'],
  ['t.yml', '-e', '{"target": "all", "more": "!w1"}', '--list-hosts'],
  ['--list-hosts'],
  ['--list-hosts', '-l', 'w1,d1'],
  ['--list-tasks'],
  ['--list-tasks', '--tags', 'rt,b'],
  ['--list-tasks', '--skip-tags', 'p1'],
  ['--list-tasks', '--tags', 'never', '--skip-tags', 'blk'],
  ['--list-tags'],
  ['--list-tasks', '--list-tags', '--list-hosts', '-t', 'x', '-t', 'always'],
  ['--syntax-check'],
];

test('the lists of two playbooks', async () => {
  const argv = (words: readonly string[]): string[] => ['-i', 'hosts', 'a.yml', 'b.yml', ...words];
  const judge = await ansibleCalls(
    folder.path,
    cases.map((words) => ['ansible-playbook', ...argv(words)]),
  );
  expect(judge).toHaveLength(cases.length);
  for (const [index, words] of cases.entries()) {
    const own = await netplay(['run', ...argv(words)], {}, folder.path);
    expect([words, own.stderr, ...linesOf(own.stdout)]).toEqual([
      words,
      '',
      ...linesOf(judge[index]?.stdout ?? ''),
    ]);
    expect(own.code).toBe(0);
  }
}, 120_000);

/** ansible-playbook tells the hosts of a play, and its tags, in the order of a hash. */
function linesOf(text: string): string[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines
    .map((line) => line.replace(/(?<=TAGS: \[).*(?=\])/, (tags) => tags.split(/, ?/).sort().join()))
    .map((line, index) => (/^ {6}\w+$/.test(line) ? `${lastOther(lines, index)}${line}` : line))
    .toSorted();
}

/** The line that a list of hosts stands under. */
function lastOther(lines: readonly string[], index: number): string {
  return lines.slice(0, index).findLast((line) => !/^ {6}\w+$/.test(line)) ?? '';
}

test('hosts that nobody has named are a mistake where they are asked for', async () => {
  const words = ['run', '-i', 'hosts', 't.yml'];
  const asked = await netplay([...words, '--list-hosts'], {}, folder.path);
  expect(asked).toMatchObject({ code: 1, stdout: '' });
  expect(asked.stderr).toMatch(/'target' is undefined[\s\S]*t\.yml:2:3/);
  const others = await netplay([...words, '--list-tasks'], {}, folder.path);
  expect(others.stdout).toContain('({{ target }}:{{ more }}): Deploy {{ what }} to {{ target }}');
  expect(others.code).toBe(0);
});

test('lint tells what could be said better by its exit code, and mistakes as such', async () => {
  const lint = (...words: string[]) => netplay(['lint', ...words], {}, folder.path);
  const poor = folder.write(
    'poor.yml',
    '- hosts: all\n  tasks:\n    - command: ip route add 10.0.0.0/8 dev eth0\n',
  );
  const told = await lint(poor, 'a.yml', 'b.yml');
  expect(told).toMatchObject({ code: 2, stderr: '' });
  expect(told.stdout).toMatch(
    /^.*poor\.yml:3:7 {2}use-resource {2}this is what the resource route does\n {2}hint: /,
  );
  expect(told.stdout).toContain('b.yml:1:');
  expect(await lint(poor, '--skip', 'use-resource', '--skip', 'no-changed-when')).toMatchObject({
    code: 0,
    stdout: '',
  });
  const [first = ''] = (await lint(poor, '--json')).stdout.split('\n');
  expect(JSON.parse(first)).toMatchObject({ rule: 'use-resource', file: poor, line: 3, column: 7 });
  const wrong = await lint(folder.write('no.yml', '- {hosts: all, tasks: [{commnd: x}]}\n'));
  expect(wrong.code).toBe(1);
  expect(wrong.stderr).toContain('command');
  expect((await lint(poor, '--skip', 'no-such')).code).toBe(1);
  expect((await lint()).code).toBe(1);
  expect((await lint('-L')).stdout).toContain('use-resource');
});

test('a mistake is found by each of them, and no inventory is needed where no host is listed', async () => {
  const wrong = folder.write('wrong.yml', '- {hosts: all, tasks: [{debug: {msgg: 1}}]}\n');
  for (const list of ['--syntax-check', '--list-tasks', '--list-tags']) {
    const { code, stderr } = await netplay(['run', wrong, list]);
    expect(code).toBe(1);
    expect(stderr).toContain('msgg');
  }
  expect((await netplay(['run', join(folder.path, 'b.yml'), '--syntax-check'])).code).toBe(0);
  const { code, stderr } = await netplay(['run', join(folder.path, 'b.yml'), '--list-hosts']);
  expect([code, stderr]).toEqual([1, expect.stringContaining('no inventory is given')]);
});
