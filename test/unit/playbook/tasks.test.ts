/** Actions, blocks, handlers and the keywords of tasks, as text and as what is made of them. */
import { describe, expect, test } from 'vitest';
import type { Play, Step, Task } from '../../../src/playbook/model.js';
import { readPlaybookText } from '../../support/playbook-text.js';
import { fakeActions, fakes, templates } from './fakes.js';

const options = { templates, actions: fakeActions };
const read = (text: string) => readPlaybookText(text, 'site.yml', fakes, options);
const indented = (lines: string): string => lines.replaceAll(/^/gm, '    ');

async function playOf(text: string): Promise<Play> {
  const { plays, errors } = await read(text);
  expect(errors.map(({ message }) => message)).toEqual([]);
  const [play] = plays;
  if (play === undefined) throw new Error('no play');
  return play;
}

const stepsOf = async (lines: string): Promise<readonly Step[]> =>
  (await playOf(`- hosts: all\n  tasks:\n${indented(lines)}`)).steps;

async function taskOf(lines: string): Promise<Task> {
  const [task] = await stepsOf(lines);
  if (task === undefined || task.kind === 'block' || task.kind === 'flush') throw new Error('no task');
  return task;
}

async function told(text: string): Promise<string[]> {
  return (await read(text)).errors.map(({ place, message, hint }) =>
    [`${place?.line}:${place?.column} ${message}`, ...(hint === undefined ? [] : [hint])].join(' | '),
  );
}

/** Of tasks whose first line is line 3. */
const toldOf = (lines: string): Promise<string[]> => told(`- hosts: all\n  tasks:\n${indented(lines)}`);

describe('an action', () => {
  const forms: [text: string, action: string, params: Readonly<Record<string, unknown>>][] = [
    ['command: ls -l', 'command', { cmd: 'ls -l' }],
    ['command: ls -l chdir=/x y=1', 'command', { cmd: 'ls -l y=1', chdir: '/x' }],
    [
      `command: echo "a creates=b" 'c  d'  creates="/x y"`,
      'command',
      { cmd: `echo "a creates=b" 'c  d'`, creates: '/x y' },
    ],
    [
      'command: echo {{ a | default("x y") }} chdir={{ b }}',
      'command',
      { cmd: 'echo {{ a | default("x y") }}', chdir: '{{ b }}' },
    ],
    ['command: |\n    a \\\n    b\n    c', 'command', { cmd: 'a b\nc' }],
    ['command: true', 'command', { cmd: 'true' }],
    ['command: {cmd: ls, chdir: /x}', 'command', { cmd: 'ls', chdir: '/x' }],
    ['command: ls\n  args: {chdir: /x, stdin: a}', 'command', { cmd: 'ls', chdir: '/x', stdin: 'a' }],
    ['command: ls chdir=/own\n  args: {chdir: /other}', 'command', { cmd: 'ls', chdir: '/own' }],
    ['ansible.builtin.command: ls', 'command', { cmd: 'ls' }],
    [
      'ansible.legacy.copy: src=a dest=b backup=yes mode=0644',
      'copy',
      { src: 'a', dest: 'b', backup: true, mode: '0644' },
    ],
    ['kopie: {src: a, name: b}', 'copy', { src: 'a', dest: 'b' }],
    ['copy: {dest: b, src: null}', 'copy', { dest: 'b' }],
    ['action: copy src=a dest=b', 'copy', { src: 'a', dest: 'b' }],
    ['action: {module: copy, src: a, dest: b}', 'copy', { src: 'a', dest: 'b' }],
    ['action: copy\n  args: {src: a, dest: b}', 'copy', { src: 'a', dest: 'b' }],
    ['action: ansible.builtin.command ls -l', 'command', { cmd: 'ls -l' }],
    ['ping:', 'ping', {}],
    ['action: ping', 'ping', {}],
    ['debug: msg="a b" verbosity=2', 'debug', { msg: 'a b', verbosity: 2 }],
    ['debug:', 'debug', {}],
    ['debug: {var: x}', 'debug', { var: 'x' }],
    ['set_fact: {a: null, b: [1, "{{ c }}"]}', 'set_fact', { a: null, b: [1, '{{ c }}'] }],
    ['set_fact: a=1 b="{{ c }}"', 'set_fact', { a: '1', b: '{{ c }}' }],
    ['include_vars: sites/a.yml', 'include_vars', { file: 'sites/a.yml' }],
    ['include_vars: file=a.yml name=x', 'include_vars', { file: 'a.yml', name: 'x' }],
    ['meta: end_host', 'meta', { free_form: 'end_host' }],
    ['pause: {seconds: "5"}', 'pause', { seconds: 5 }],
    ['pause: prompt="Go on?"', 'pause', { prompt: 'Go on?' }],
    ['assert: {that: a == 1, msg: no}', 'assert', { that: 'a == 1', fail_msg: 'no' }],
    ['assert: {that: [a == 1, b]}', 'assert', { that: ['a == 1', 'b'] }],
    ['add_host: {name: h, groups: [a], x: 1}', 'add_host', { name: 'h', groups: ['a'], x: 1 }],
    ['add_host: hostname=h group=a', 'add_host', { name: 'h', groups: 'a' }],
    ['group_by: key=os_{{ os }}', 'group_by', { key: 'os_{{ os }}' }],
    ['gather_facts:', 'setup', {}],
    [
      'setup: {gather_subset: [network], filter: "ansible_eth*"}',
      'setup',
      { gather_subset: ['network'], filter: 'ansible_eth*' },
    ],
    ['fail: msg=no', 'fail', { msg: 'no' }],
  ];
  test.each(forms)('%s', async (text, action, params) => {
    const task = await taskOf(`- ${text}`);
    expect(task).toMatchObject({ kind: 'action', action });
    expect('params' in task && task.params).toEqual(params);
  });

  test('of local_action is delegated to this host', async () => {
    expect(await taskOf('- local_action: command ls')).toMatchObject({
      action: 'command',
      params: { cmd: 'ls' },
      delegateTo: 'localhost',
    });
    expect(await taskOf('- local_action: {module: copy, dest: b}')).toMatchObject({
      params: { dest: 'b' },
      delegateTo: 'localhost',
    });
  });

  test('is called by its own key where its user gave no name', async () => {
    expect((await taskOf('- ansible.builtin.command: ls')).name).toBe('ansible.builtin.command');
  });

  test('has what module_defaults gives, where the innermost stands alone', async () => {
    const { steps } = await playOf(`
- hosts: all
  module_defaults:
    copy: {mode: "1", src: outer}
    ansible.builtin.command: {chdir: /x}
  tasks:
    - copy: {dest: a}
    - block:
        - copy: {dest: b, mode: "3"}
        - command: ls
      module_defaults: {ansible.builtin.copy: {src: inner}}
    - copy: {src: own}
      module_defaults: [{copy: {dest: d}}]
`);
    expect(steps.map((step) => 'params' in step && step.params)).toEqual([
      { dest: 'a', mode: '1', src: 'outer' },
      { dest: 'b', mode: '3', src: 'inner' },
      { cmd: 'ls', chdir: '/x' },
      { dest: 'd', src: 'own' },
    ]);
  });

  test('tells where its parameters are', async () => {
    const places = async (lines: string, path: string[]): Promise<string> => {
      const place = (await taskOf(lines)).locate(path);
      return `${place.line}:${place.column}`;
    };
    expect(await places('- copy: src=a dest=bb', ['dest'])).toBe('3:24');
    expect(await places('- copy: {src: a, dest: b}', ['dest'])).toBe('3:28');
    expect(await places('- action: copy src=a dest=bb', ['dest'])).toBe('3:31');
    expect(await places('- command: ls', ['cmd'])).toBe('3:16');
    expect(await places('- command: ls\n  args:\n    chdir: /x', ['chdir'])).toBe('5:16');
  });

  const wrong: [lines: string, expected: string[]][] = [
    ['- copy: {dest: a, scr: b}', ["3:23 unknown parameter 'scr' | Did you mean src?"]],
    ['- copy: dest=a scr=b', ["3:20 unknown parameter 'scr' | Did you mean src?"]],
    ['- copy: {src: b}', ["3:7 missing parameter 'dest'"]],
    [
      '- copy: a b',
      ["3:7 missing parameter 'dest'", "3:13 copy: 'a b' is no parameter | Write copy: {dest: …}."],
    ],
    ['- copy: [a]', ["3:7 missing parameter 'dest'", '3:13 copy: must be a map of parameters, not a list']],
    ['- copy: {dest: a, name: b}', ["3:23 'name' and 'dest' are the same parameter"]],
    [
      '- command: echo "a',
      ["3:7 missing parameter 'cmd'", '3:16 command: a quote or a template is not closed'],
    ],
    ['- command:', ["3:7 missing parameter 'cmd'"]],
    [
      '- meta: end_hots',
      [
        "3:13 free_form: must be flush_handlers, noop, end_play, end_host, end_batch, clear_facts, clear_host_errors, refresh_inventory or reset_connection, not 'end_hots' | Did you mean end_host?",
      ],
    ],
    ['- debug: {msg: a, var: b}', ["3:7 'msg' and 'var' can't be given together"]],
    ['- ping:\n  args: word', ["4:13 args: must be a map of parameters, not 'word'"]],
    [
      '- action: "{{ x }}"',
      [
        "3:15 action: must be an action with its parameters, not '{{ x }}' | Write action: {module: copy, src: a, dest: b}.",
      ],
    ],
    ['- action: copi src=a', ["3:15 Unknown resource, action or keyword 'copi' | Did you mean copy?"]],
    [
      '- action: {src: a}',
      [
        '3:15 action: must be an action with its parameters, not a map | Write action: {module: copy, src: a, dest: b}.',
      ],
    ],
    ['- command: "{{ !! }}"', ['3:16 unexpected ! | Leave it out.']],
    ['- debug: {msg: ["{{ !! }}"]}', ['3:21 unexpected ! | Leave it out.']],
  ];
  test.each(wrong)('%s', async (lines, expected) => {
    expect(await toldOf(lines)).toEqual(expected);
  });
});

describe('a resource', () => {
  test("takes text and Ansible's long name", async () => {
    expect(await taskOf('- route: dst=default metric=5 onlink=yes')).toMatchObject({
      kind: 'resource',
      ready: [{ params: { dst: 'default', metric: 5, onlink: true } }],
    });
    expect(
      await taskOf(
        '- ansible.posix.sysctl: {name: net.ipv4.ip_forward, value: 1, sysctl_set: yes, reload: yes}',
      ),
    ).toMatchObject({
      kind: 'resource',
      resource: 'sysctl',
      many: false,
      params: { name: 'net.ipv4.ip_forward', value: 1 },
    });
    expect(await taskOf('- action: route\n  args: {dst: default}')).toMatchObject({
      params: { dst: 'default' },
    });
  });

  test('has what module_defaults gives', async () => {
    expect(
      await taskOf('- route: {via: 10.0.0.1}\n  module_defaults: {route: {dst: default, via: 10.0.0.9}}'),
    ).toMatchObject({
      params: { dst: 'default', via: '10.0.0.1' },
      ready: [{ params: { dst: 'default', via: '10.0.0.1' } }],
    });
  });

  test("is told of Ansible's parameters that it can not have", async () => {
    expect(await toldOf('- sysctl: {name: a.b, value: 1, ignoreerrors: yes}')).toEqual([
      "3:37 sysctl: netplay does not have 'ignoreerrors' | Write ignore_errors beside it.",
    ]);
  });
});

describe('keywords', () => {
  test('of a task are all read', async () => {
    const task = await taskOf(`
- name: All
  command: ls
  register: out
  until: [out.rc == 0, true]
  retries: 5
  delay: "2"
  changed_when: false
  failed_when: "{{ out.rc > 1 }}"
  notify: ["{{ a }}", "b {{ c }}"]
  become: yes
  become_user: u
  become_method: sudo
  become_flags: -H
  become_exe: /bin/sudo
  connection: local
  remote_user: r
  port: 2222
  ignore_errors: no
  ignore_unreachable: yes
  any_errors_fatal: yes
  check_mode: no
  diff: yes
  no_log: "{{ secret }}"
  run_once: yes
  throttle: 2
  timeout: 30
  delegate_to: "{{ other }}"
  delegate_facts: yes
  environment: {A: "{{ b }}"}
  collections: [a.b]
  tags: x`);
    expect(task).toMatchObject({
      name: 'All',
      register: 'out',
      until: [{ expression: 'out.rc == 0' }, { expression: true }],
      retries: 5,
      delay: 2,
      changedWhen: [{ expression: false }],
      failedWhen: [{ expression: 'out.rc > 1' }],
      notify: ['{{ a }}', 'b {{ c }}'],
      become: true,
      becomeUser: 'u',
      becomeMethod: 'sudo',
      becomeFlags: '-H',
      becomeExe: '/bin/sudo',
      connection: 'local',
      remoteUser: 'r',
      port: 2222,
      ignoreErrors: false,
      ignoreUnreachable: true,
      anyErrorsFatal: true,
      checkMode: false,
      diff: true,
      noLog: '{{ secret }}',
      runOnce: true,
      throttle: 2,
      timeout: 30,
      delegateTo: '{{ other }}',
      delegateFacts: true,
      environment: [{ A: '{{ b }}' }],
      tags: ['x'],
    });
  });

  test('until alone tries three times more', async () => {
    expect(await taskOf('- ping:\n  until: x')).toMatchObject({ retries: 3 });
  });

  const loops: [lines: string, loop: unknown, lookup: string | undefined][] = [
    ['loop: [1, [2]]', [1, [2]], undefined],
    ['with_list: [1, [2]]', [1, [2]], undefined],
    ['with_items: [1, [2]]', [1, 2], undefined],
    ['with_items: ["{{ a }}", 2]', ['{{ a }}', 2], 'items'],
    ['with_items: "{{ a }}"', '{{ a }}', 'items'],
    ['with_dict: {a: 1}', { a: 1 }, 'dict'],
    ['with_dict: "{{ a }}"', '{{ a }}', 'dict'],
    ['with_sequence: start=1 end=3', 'start=1 end=3', 'sequence'],
    ['with_fileglob: ["*.a"]', ['*.a'], 'fileglob'],
    ['with_nested: [[1], [2]]', [[1], [2]], 'nested'],
    ['with_first_found: [a, {files: [b]}]', ['a', { files: ['b'] }], 'first_found'],
    ['with_together: ["{{ a }}", [1]]', ['{{ a }}', [1]], 'together'],
  ];
  test.each(loops)('%s', async (lines, loop, lookup) => {
    const task = await taskOf(`- ping:\n  ${lines}`);
    expect([task.loop, task.loopLookup]).toEqual([loop, lookup]);
  });

  test('loop_control has them all', async () => {
    const task = await taskOf(
      '- ping:\n  loop: [1]\n  loop_control: {loop_var: a, index_var: b, label: {x: "{{ a }}"}, pause: 1.5, extended: yes, extended_allitems: no}',
    );
    expect(task.loopControl).toEqual({
      loopVar: 'a',
      indexVar: 'b',
      label: '{"x":"{{ a }}"}',
      pause: 1.5,
      extended: true,
      extendedAllItems: false,
    });
  });

  const wrong: [lines: string, expected: string[]][] = [
    ['- routes: [{dst: default}]\n  args: {}', ['4:7 args: belongs to an action, not to routes']],
    [
      '- ping:\n  register: a-b',
      ["4:17 'a-b' can't be the name of a variable | Use letters, digits and _, and begin with a letter."],
    ],
    ['- ping:\n  retries: many', ["4:16 retries: must be a number, not 'many'"]],
    ['- ping:\n  retries: -1', ['4:16 retries: must be a number, not -1']],
    ['- ping:\n  with_itmes: [1]', ["4:7 Unknown loop 'with_itmes' | Did you mean with_items?"]],
    [
      '- ping:\n  with_dict: [1]',
      ['4:18 with_dict: must be a map, or a template that gives one, not a list'],
    ],
    [
      '- ping:\n  with_items: word',
      ["4:19 with_items: must be a list, or a template that gives one, not 'word'"],
    ],
    ['- ping:\n  environment: [1]', ['4:21 environment: must be a map, or a template that gives one, not 1']],
    [
      '- ping:\n  module_defaults: "{{ x }}"',
      ["4:24 module_defaults: must be a map of maps by action, not '{{ x }}'"],
    ],
    [
      '- ping:\n  module_defaults: {copy: x}',
      ["4:31 module_defaults: copy must be a map of parameters, not 'x'"],
    ],
    [
      '- ping:\n  module_defaults: {group/aws: {region: x}, uri: {url: x}}',
      [
        '4:25 module_defaults: there are no groups of actions | Name each action of aws that the play uses.',
        '4:49 module_defaults: there is no action uri | Write command: curl -fsS URL, and register what it prints.',
      ],
    ],
    [
      '- ping:\n  changed_when: "{{ a }} and b"',
      [
        '4:21 changed_when: is an expression already, without {{ }} | Leave the braces out, and quote nothing but text.',
      ],
    ],
    ['- ping:\n  listen: x', ['4:7 listen: belongs to a handler, not to a task']],
    [
      '- ping:\n  gather_facts: no',
      ['4:7 A task does one thing: gather_facts stands here beside ping | Make it a task of its own.'],
    ],
  ];
  test.each(wrong)('%s', async (lines, expected) => {
    expect(await toldOf(lines)).toEqual(expected);
  });
});

describe('a block', () => {
  test('hands its keywords down; conditions, tags, variables and environment are added to', async () => {
    const { steps } = await playOf(`
- hosts: all
  tags: p
  become: yes
  environment: {A: 1}
  vars: {v: play}
  tasks:
    - name: Outer
      block:
        - block:
            - ping:
              when: c
              tags: t
              vars: {y: task, z: task}
              environment: {C: 3}
              become: no
              notify: "{{ own }}"
            - ping:
          when: [b, bb]
          tags: [b, p]
          vars: {x: inner, y: inner}
      rescue:
        - debug:
      always:
        - debug:
      when: a
      tags: o
      vars: {w: outer, x: outer}
      environment: [{B: 2}]
      notify: "{{ outer }}"
      delegate_to: other
`);
    const [outer] = steps;
    if (outer?.kind !== 'block') throw new Error('no block');
    expect([outer.name, outer.block.length, outer.rescue.length, outer.always.length]).toEqual([
      'Outer',
      2,
      1,
      1,
    ]);
    const [first, second] = outer.block;
    const conditions = (step: Step | undefined) =>
      step !== undefined && 'when' in step && step.when.map(({ expression }) => expression);
    expect(first).toMatchObject({
      tags: ['p', 'o', 'b', 't'],
      vars: { w: 'outer', x: 'inner', y: 'task', z: 'task' },
      environment: [{ A: 1 }, { B: 2 }, { C: 3 }],
      become: false,
      notify: ['{{ own }}'],
      delegateTo: 'other',
    });
    expect(conditions(first)).toEqual(['a', 'b', 'bb', 'c']);
    expect(second).toMatchObject({ tags: ['p', 'o', 'b'], become: true, notify: ['{{ outer }}'] });
    expect(conditions(second)).toEqual(['a', 'b', 'bb']);
    expect(conditions(outer.rescue[0])).toEqual(['a']);
  });

  const wrong: [lines: string, expected: string[]][] = [
    ['- block: {}', ['3:14 block: must be a list, not a map | Begin each task with "- ".']],
    ['- rescue: []', ['3:7 rescue and always belong to a block | Add block: with tasks.']],
    [
      '- block: []\n  loop: [1]',
      [
        '4:7 loop: belongs to a task, not to a block | Put the tasks in a file, and write include_tasks with the loop.',
      ],
    ],
    [
      '- block: []\n  ping:',
      ['4:7 ping: belongs to a task, not to a block | Put it into a task of the block.'],
    ],
    ['- block: []\n  recsue: []', ["4:7 Unknown keyword 'recsue' in a block | Did you mean rescue?"]],
  ];
  test.each(wrong)('%s', async (lines, expected) => {
    expect(await toldOf(lines)).toEqual(expected);
  });
});

describe('the sections of a play', () => {
  const kinds = (steps: readonly Step[]): string[] =>
    steps.map((step) => ('name' in step && step.kind !== 'block' ? String(step.name) : step.kind));

  test('stand in their order, with handlers where they are due', async () => {
    const { steps, handlers } = await playOf(`
- hosts: all
  post_tasks: [{name: post, ping: }]
  tasks: [{name: main, ping: , notify: h}]
  pre_tasks: [{name: pre, ping: }]
  handlers:
    - {name: h, ping: , listen: [a, b]}
    - {ping: , listen: c}
`);
    expect(kinds(steps)).toEqual(['pre', 'flush', 'main', 'flush', 'post', 'flush']);
    expect(handlers.map(({ name, listen }) => [name, listen])).toEqual([
      ['h', ['a', 'b']],
      ['ping', ['c']],
    ]);
  });

  test('have no flush where there are no handlers', async () => {
    expect(
      kinds((await playOf('- {hosts: all, tasks: [{ping: }], post_tasks: [{ping: }]}\n')).steps),
    ).toEqual(['ping', 'ping']);
  });

  test('a play has all its keywords', async () => {
    const {
      place: _,
      steps: __,
      handlers: ___,
      roles: ____,
      ...play
    } = await playOf(`
- hosts: "{{ target }}"
  gather_facts: no
  gather_subset: [network, "!hardware"]
  gather_timeout: 5
  fact_path: /etc/facts
  vars_files: [a.yml, [b.yml, "{{ c }}.yml"]]
  vars_prompt:
    - {name: who, prompt: Who?, default: me, private: no}
    - name: pass
      confirm: yes
  force_handlers: yes
  max_fail_percentage: 30
  strategy: free
  order: reverse_sorted
  any_errors_fatal: yes
  collections: [x.y]
`);
    expect(play).toMatchObject({
      hosts: '{{ target }}',
      gatherFacts: false,
      gatherSubset: ['network', '!hardware'],
      gatherTimeout: 5,
      factPath: '/etc/facts',
      varsFiles: [{ paths: ['a.yml'] }, { paths: ['b.yml', '{{ c }}.yml'] }],
      varsPrompt: [
        { name: 'who', prompt: 'Who?', default: 'me', private: false, confirm: false },
        { name: 'pass', prompt: 'pass', private: true, confirm: true, unsafe: false },
      ],
      forceHandlers: true,
      maxFailPercentage: 30,
      strategy: 'free',
      order: 'reverse_sorted',
      anyErrorsFatal: true,
    });
  });

  const wrong: [text: string, expected: string[]][] = [
    [
      '- hosts: all\n  tasks:\n    - {ping: , notify: [restrat, "{{ x }}", a]}\n  handlers: [{name: restart, ping: , listen: a}]\n',
      ["3:7 notify: there is no handler 'restrat' | Did you mean restart?"],
    ],
    [
      '- hosts: all\n  handlers: [{block: []}]\n',
      ["2:14 A block can't be a handler | Give each of its tasks the same listen."],
    ],
    ['- hosts: all\n  handlers: [{import_role: {name: x}}]\n', ["2:15 import_role: can't be a handler"]],
    [
      '- hosts: all\n  vars_prompt: [{prompt: x}]\n',
      ['2:17 vars_prompt: must be a map with a name, not a map'],
    ],
    [
      '- hosts: all\n  vars_prompt: [{name: x, encrypt: sha512}]\n',
      [
        '2:27 vars_prompt: netplay does not have encrypt | Hash it where it is used: {{ password | password_hash("sha512") }}.',
      ],
    ],
    [
      '- hosts: all\n  delegate_to: x\n',
      ['2:3 delegate_to: belongs to a task, not to a play | Put it below tasks:.'],
    ],
    ['- hosts: all\n  max_fail_percentage: x\n', ["2:24 max_fail_percentage: must be a number, not 'x'"]],
    ['- ping:\n', ['1:3 This is a task, not a play | Put it below tasks: of a play with hosts:.']],
    ['- block: []\n', ['1:3 This is a task, not a play | Put it below tasks: of a play with hosts:.']],
  ];
  test.each(wrong)('%s', async (text, expected) => {
    expect(await told(text)).toEqual(expected);
  });
});
