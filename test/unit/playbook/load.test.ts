import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { loadPlaybook } from '../../../src/playbook/load.js';
import type { Play, Task } from '../../../src/playbook/model.js';
import { type NetplayError, NetplayErrors } from '../../../src/shared/errors.js';
import { type ReadText, readPlaybookText } from '../../support/playbook-text.js';
import { fakes, templates } from './fakes.js';

const parse = (text: string): Promise<ReadText> => readPlaybookText(text, 'site.yml', fakes, { templates });
const errorsOf = async (text: string): Promise<readonly NetplayError[]> => (await parse(text)).errors;

/** `line:column message`, and the hint behind ` | ` where there is one. */
async function told(text: string): Promise<string[]> {
  return (await errorsOf(text)).map(({ place, message, hint }) =>
    [`${place?.line}:${place?.column} ${message}`, ...(hint === undefined ? [] : [hint])].join(' | '),
  );
}

async function onlyPlay(text: string): Promise<Play> {
  const { plays, errors } = await parse(text);
  const [play] = plays;
  if (errors.length > 0 || play === undefined) throw new NetplayErrors(errors);
  return play;
}

async function onlyTask(lines: string): Promise<Task> {
  const [task] = (await onlyPlay(`- hosts: all\n  tasks:\n${lines.replace(/^/gm, '    ')}`)).steps;
  if (task === undefined || task.kind === 'block' || task.kind === 'flush') throw new Error('no task');
  return task;
}

/** The errors of a task whose first line is line 3 and whose first column is column 5. */
const toldOfTask = (lines: string): Promise<string[]> =>
  told(`- hosts: all\n  tasks:\n${lines.replace(/^/gm, '    ')}`);

describe('a play', () => {
  test('is read with all its keywords', async () => {
    const { steps, handlers, roles, place, ...play } = await onlyPlay(`
- name: Uplinks
  hosts: [edge, '!edge9']
  gather_facts: no
  become: yes
  become_user: net
  connection: local
  remote_user: root
  ignore_errors: "{{ lenient }}"
  tags: [net, a]
  vars: {gw: 10.0.0.1, list: [1, "{{ gw }}"]}
  tasks: []
`);
    expect(play).toEqual({
      name: 'Uplinks',
      hosts: 'edge,!edge9',
      gatherFacts: false,
      tags: ['net', 'a'],
      become: true,
      becomeUser: 'net',
      connection: 'local',
      remoteUser: 'root',
      ignoreErrors: '{{ lenient }}',
      vars: { gw: '10.0.0.1', list: [1, '{{ gw }}'] },
    });
    expect([steps, handlers, roles]).toEqual([[], [], []]);
    expect(place).toMatchObject({ file: 'site.yml', line: 2, column: 3 });
  });

  test('takes its name from its hosts, and needs no tasks', async () => {
    expect(await onlyPlay('- hosts: edge\n')).toMatchObject({ name: 'edge', steps: [], vars: {} });
    expect(await onlyPlay('- hosts: edge\n  name:\n  vars:\n  tasks:\n')).toMatchObject({
      name: 'edge',
      vars: {},
    });
  });

  const wrong: Record<string, [string, string[]]> = {
    'an empty file': ['', ['1:1 The playbook is empty']],
    'nothing but a comment': ['# soon\n', ['1:1 The playbook is empty']],
    'an empty list': ['[]', ['1:1 The playbook is empty']],
    'a map': [
      'hosts: all\n',
      ['1:1 A playbook must be a list of plays, not a map | Begin each play with "- ".'],
    ],
    'plain text': ['hello', ["1:1 A playbook must be a list of plays, not 'hello'"]],
    'a play that is no map': [
      '- all\n',
      [`1:3 A play must be a map, not 'all' | Begin it with "- hosts: …".`],
    ],
    'a task in place of a play': [
      '- route: {dst: default}\n',
      ['1:3 This is a task, not a play | Put it below tasks: of a play with hosts:.'],
    ],
    'no hosts': ['- tasks: []\n', ['1:3 This play has no hosts | Add hosts: with a group, a host or all.']],
    'empty hosts': ['- hosts:\n', ['1:3 hosts: must be text, not empty']],
    'hosts that are a map': ['- hosts: {a: 1}\n', ['1:10 hosts: must be text, not a map']],
    'a wrong word': [
      '- hosts: all\n  taks: []\n',
      ["2:3 Unknown keyword 'taks' in a play | Did you mean tasks?"],
    ],
    'words that are none of the few': [
      '- hosts: all\n  strategy: fre\n  order: up\n',
      [
        "2:13 strategy: must be linear, free or host_pinned, not 'fre' | Did you mean free?",
        "3:10 order: must be inventory, sorted, reverse_sorted, reverse_inventory or shuffle, not 'up'",
      ],
    ],
    'words of keywords that are handed down': [
      '- hosts: all\n  persist: netpaln\n  debugger: on_fail\n- hosts: all\n  persist: "{{ x }}"\n',
      [
        "2:12 persist: must be auto, off, netplan, networkmanager, networkd, ifupdown, network-scripts or boot, not 'netpaln' | Did you mean netplan?",
        "3:13 debugger: must be always, never, on_failed, on_unreachable or on_skipped, not 'on_fail' | Did you mean on_failed?",
      ],
    ],
    'a task keyword in a play': [
      '- hosts: all\n  loop: []\n  route: {}\n',
      [
        '2:3 loop: belongs to a task, not to a play | Put it below tasks:.',
        '3:3 route: belongs to a task, not to a play | Put it below tasks:.',
      ],
    ],
    'tasks that are no list': [
      '- hosts: all\n  tasks: {route: 1}\n',
      ['2:10 tasks: must be a list, not a map | Begin each task with "- ".'],
    ],
    'become that is neither': [
      '- hosts: all\n  become: sudo\n',
      ["2:11 become: must be true or false, not 'sudo'"],
    ],
    'vars that are a list': [
      '- hosts: all\n  vars: [a]\n',
      ['2:9 vars: must be a map of variables, not a list'],
    ],
    'a variable that can not be one': [
      '- hosts: all\n  vars:\n    my-gw: 1\n',
      ["3:5 'my-gw' can't be the name of a variable | Use letters, digits and _, and begin with a letter."],
    ],
    'a template that does not parse': [
      '- hosts: all\n  vars:\n    gw:\n      - "{{ !! }}"\n',
      ['4:9 unexpected ! | Leave it out.'],
    ],
  };
  test.each(Object.entries(wrong))('says what is wrong: %s', async (_, [text, expected]) => {
    expect(await told(text)).toEqual(expected);
  });
});

describe('a task', () => {
  test('is read with all its keywords', async () => {
    const { place, locate, when, ...task } = await onlyTask(`
- name: Uplink
  route: {dst: default, via: "{{ gw }}", dev: eth0}
  when: [gw is defined, true]
  loop: "{{ uplinks }}"
  loop_control: {loop_var: up, index_var: n, label: "{{ up.name }}"}
  vars: {gw: 1}
  become: no
  become_user: net
  ignore_errors: true
  tags: a, b
  connection: ssh
  remote_user: op
`);
    expect(task).toEqual({
      kind: 'resource',
      name: 'Uplink',
      notify: [],
      listen: [],
      resource: 'route',
      key: 'route',
      many: false,
      params: { dst: 'default', via: '{{ gw }}', dev: 'eth0' },
      loop: '{{ uplinks }}',
      loopControl: { loopVar: 'up', indexVar: 'n', label: '{{ up.name }}' },
      vars: { gw: 1 },
      become: false,
      becomeUser: 'net',
      ignoreErrors: true,
      tags: ['a', 'b'],
      connection: 'ssh',
      remoteUser: 'op',
    });
    expect(when.map((condition) => condition.expression)).toEqual(['gw is defined', true]);
    expect(when.map((condition) => condition.place.column)).toEqual([14, 29]);
    expect(place).toMatchObject({ line: 4, column: 7 });
  });

  test("takes over its play's keywords and tags, and its own stand before them", async () => {
    const { steps } = await onlyPlay(`
- hosts: all
  become: true
  ignore_errors: true
  tags: net
  tasks:
    - rule: {from: 10.0.0.1, table: 100}
    - rule: {from: 10.0.0.2, table: 100}
      ignore_errors: false
      tags: [late, net]
`);
    const [first, second] = steps;
    expect(first).toMatchObject({ become: true, ignoreErrors: true, tags: ['net'] });
    expect(second).toMatchObject({ become: true, ignoreErrors: false, tags: ['net', 'late'] });
  });

  const conditions: [string, (string | boolean)[]][] = [
    ['a == 1', ['a == 1']],
    ['no', [false]],
    ['"no"', ['no']],
    ['true', [true]],
    ['"{{ a }}"', ['a']],
    ['\n    - a\n    - false', ['a', false]],
  ];
  test.each(conditions)('when: %s', async (when, expected) => {
    const task = await onlyTask(`- rule: {table: 1}\n  when: ${when}`);
    expect(task.when.map((condition) => condition.expression)).toEqual(expected);
  });

  test('with_items is a loop, and takes lists apart one level deep', async () => {
    const task = await onlyTask('- rule: {table: "{{ item }}"}\n  with_items: [1, [2, [3]]]');
    expect(task.loop).toEqual([1, 2, [3]]);
    expect(task.loopControl).toEqual({ loopVar: 'item' });
  });

  const names: [string, string][] = [
    ['route: {dst: default, via: 10.0.0.1, dev: eth0, table: local100}', 'route default table local100'],
    ['route: {dst: 10/8, dev: eth0, metric: 5, state: absent}', 'route 10/8 metric 5 absent'],
    ['rule: {from: 192.168.1.1, table: local100, priority: 100}', 'rule from 192.168.1.1 table local100'],
    ['rule: {not: true, to: 10/8, table: 7}', 'rule not to 10/8 table 7'],
    ['address: {dev: eth0, address: 10.0.0.1/8}', 'address 10.0.0.1/8 dev eth0'],
    ['sysctl: {name: net.ipv4.ip_forward, value: 1}', 'sysctl net.ipv4.ip_forward'],
    ['sysctls: {net.ipv4.ip_forward: 1, net.ipv4.x: 2}', 'sysctls net.ipv4.ip_forward, net.ipv4.x'],
    ['routes: [{dst: 1/8}, {dst: 2/8}, {dst: 3/8}, {dst: 4/8}]', 'routes 1/8, 2/8, 3/8 and 1 more'],
    ['routes: "{{ all_routes }}"', 'routes {{ all_routes }}'],
    ['route: "{{ item }}"', 'route {{ item }}'],
  ];
  test.each(names)('%s has a name of its own', async (line, name) => {
    expect((await onlyTask(`- ${line}`)).name).toBe(name);
  });

  const wrong: Record<string, [string, string[]]> = {
    'no map': [
      '- route',
      ["3:7 A task must be a map, not 'route' | Write the resource and its parameters: route: {…}."],
    ],
    'nothing that it does': [
      '- name: x',
      [
        '3:7 This task names no resource and no action | Name one, such as route or command; `netplay doc` lists them.',
      ],
    ],
    'two things': [
      '- route: {dst: default}\n  debug: {msg: x}',
      ['4:7 A task does one thing: debug stands here beside route | Make it a task of its own.'],
    ],
    'an unknown resource': [
      '- rout: {dst: default}',
      ["3:7 Unknown resource, action or keyword 'rout' | Did you mean route?"],
    ],
    'an unknown action': [
      '- debig: {msg: x}',
      ["3:7 Unknown resource, action or keyword 'debig' | Did you mean debug?"],
    ],
    'an unknown keyword': [
      '- rule: {table: 1}\n  wen: x',
      ["4:7 Unknown resource, action or keyword 'wen' | Did you mean when?"],
    ],
    'a word that is like no other': [
      '- frobnicate: 1',
      [
        "3:7 Unknown resource, action or keyword 'frobnicate' | `netplay doc` lists all resources and actions, and says what each does.",
      ],
    ],
    'a word of a play': ['- hosts: x', ['3:7 hosts: belongs to a play, not to a task']],
    'what a resource can not be given': [
      '- rule: {table: 1}\n  timeout: 5',
      [
        '4:7 timeout: belongs to an action, not to a resource | Resources are made together, on trial: --confirm-timeout says how long, and the host undoes what is not confirmed.',
      ],
    ],
    'what Ansible runs in the background': [
      '- rule: {table: 1}\n  async: 60\n  poll: 0',
      [
        "4:7 async: a resource is made on trial: it can't run in the background | Leave async and poll out; a timeout limits how long it may take.",
      ],
    ],
    'a module that has another name here': [
      '- community.general.nmcli: {conn_name: x}\n- ansible.builtin.uri: {url: x}\n- cisco.ios.ios_command: {}',
      [
        '3:7 netplay does not have the module community.general.nmcli | Say how the network shall be with link, address, route and rule, and with bridge, bond, vlan and tap.',
        '4:7 netplay does not have the module ansible.builtin.uri | Write command: curl -fsS URL, and register what it prints.',
        '5:7 netplay does not have the module cisco.ios.ios_command | netplay works on hosts with Linux and a shell, not on appliances.',
      ],
    ],
    'a module that nobody knows': [
      '- my.own.thing: {}\n- ansible.builtin.route: {dst: default}\n- ansible.builtin.debg: {}',
      [
        '3:7 netplay does not have the module my.own.thing | `netplay doc` lists all resources and actions, and says what each does.',
        '4:7 netplay does not have the module ansible.builtin.route | route may be what is meant. `netplay doc` lists all resources and actions, and says what each does.',
        '5:7 netplay does not have the module ansible.builtin.debg | debug may be what is meant. `netplay doc` lists all resources and actions, and says what each does.',
      ],
    ],
    'an empty condition': ['- rule: {table: 1}\n  when:', ['4:7 when: must be an expression, not empty']],
    'a condition in braces': [
      '- rule: {table: 1}\n  when: "{{ a }} == {{ b }}"',
      [
        '4:13 when: is an expression already, without {{ }} | Leave the braces out, and quote nothing but text.',
      ],
    ],
    'a condition that does not parse': [
      '- rule: {table: 1}\n  when: [a, "!! b"]',
      ['4:17 unexpected ! | Leave it out.'],
    ],
    'a loop that is no list': [
      '- rule: {table: 1}\n  loop: {a: 1}',
      [
        '4:13 loop: must be a list, or a template that gives one, not a map | Write loop: "{{ the_map | dict2items }}", with item.key and item.value.',
      ],
    ],
    'two loops': [
      '- rule: {table: 1}\n  loop: [1]\n  with_items: [2]',
      ['5:7 A task has one loop: with_items stands here beside loop'],
    ],
    'the control of no loop': [
      '- rule: {table: 1}\n  loop_control: {label: x}',
      ['4:7 loop_control: there is no loop here'],
    ],
    'a wrong word in loop_control': [
      '- rule: {table: 1}\n  loop: [1]\n  loop_control: {loop_vra: x, pause: x, index_var: a-b}',
      [
        "5:22 loop_control: unknown key 'loop_vra' | Did you mean loop_var?",
        "5:42 pause: must be a number, not 'x'",
        "5:56 'a-b' can't be the name of a variable | Use letters, digits and _, and begin with a letter.",
      ],
    ],
    'no parameters': ['- route:', ['3:7 route: has no parameters']],
    'an unquoted template, told once': [
      '- route:\n    dst: {{ dst }}',
      [
        '4:14 A template is not quoted: YAML takes {{ for a map | Put quotes around the whole value: key: "{{ … }}".',
      ],
    ],
    'a key twice': [
      '- route:\n    dst: default\n    dst: 10/8',
      ['5:9 The key "dst" is given twice; the first is at site.yml:4:9 | Keep one of the two.'],
    ],
  };
  test.each(Object.entries(wrong))('says what is wrong: %s', async (_, [lines, expected]) => {
    expect(await toldOfTask(lines)).toEqual(expected);
  });
});

describe('parameters', () => {
  const address = 'an IPv4 or IPv6 address, such as 192.168.1.1 or 2001:db8::1';
  const wrong: Record<string, [string, string[]]> = {
    'a wrong key, at the key': [
      '- route:\n    dst: default\n    tabel: 100',
      ["5:9 unknown parameter 'tabel' | Did you mean table?"],
    ],
    'a wrong value, at the value': [
      '- route: {dst: default, metric: abc}',
      ["3:37 metric: must be a whole number, not 'abc'"],
    ],
    'a missing parameter, at the resource': ['- route:\n    metric: 1', ["3:7 missing parameter 'dst'"]],
    'a missing parameter of an item, at its key': [
      '- addresses:\n    10.0.0.1/8:\n    10.0.0.2/8: {dev: eth0}',
      ["4:9 missing parameter 'dev'"],
    ],
    'deep within': [
      '- route:\n    dst: default\n    nexthops:\n      - via: 10.0.0.1\n      - via: 10.0.0',
      [`7:18 nexthops[1].via: must be ${address}, not '10.0.0'`],
    ],
    'an item of a list': [
      '- routes:\n    - dst: default\n    - {dst: 10/8, via: x}',
      [`5:28 via: must be ${address}, not 'x'`],
    ],
    'an item of a map': [
      '- routes:\n    default: {via: 10.0.0.1}\n    10/8:\n      via: x',
      [`6:16 via: must be ${address}, not 'x'`],
    ],
    "a map's key, at the key": [
      '- sysctls:\n    net.ipv4.ip_forward: 1\n    bad key: 1',
      [
        "5:9 name: must be a sysctl key, such as net.ipv4.ip_forward or net/ipv4/conf/eth0.100/rp_filter, not 'bad key'",
      ],
    ],
    'a plain value where maps are wanted': [
      '- routes: {default: 10.0.0.1}',
      ["3:25 route: must be a map, not '10.0.0.1'"],
    ],
    'a plural that is neither list nor map': [
      '- routes: default',
      ['3:15 routes: must be a list, or a map by dst | For one alone, write route.'],
    ],
    'a template as a key': [
      '- sysctls:\n    "net.ipv4.conf.{{ dev }}.rp_filter": 1',
      ['4:9 A key can not hold a template | Write a list, with name in each item.'],
    ],
    'what the key says already': [
      '- routes:\n    default: {dst: 10/8}',
      ["4:19 'dst' is given twice: it is 'default' by the key above"],
    ],
    'a template that does not parse': [
      '- route: {dst: default, via: "{{ !! }}"}',
      ['3:34 unexpected ! | Leave it out.'],
    ],
  };
  test.each(Object.entries(wrong))('%s', async (_, [lines, expected]) => {
    expect(await toldOfTask(lines)).toEqual(expected);
  });

  test('strings become what the schema asks for before they are checked', async () => {
    expect(await toldOfTask('- route: {dst: default, metric: "5", onlink: yes}')).toEqual([]);
  });

  const located: [string, (string | number)[], string][] = [
    ['- route:\n    dst: default\n    via: 10.0.0.1', ['via'], '5:14'],
    ['- route:\n    dst: default\n    via: 10.0.0.1', [], '3:7'],
    ['- route:\n    dst: default\n    via: 10.0.0.1', ['nothing', 'here'], '3:7'],
    ['- route: "{{ item }}"', ['via'], '3:14'],
    ['- routes:\n    - dst: default\n    - dst: 10/8', [1, 'dst'], '5:16'],
    ['- routes:\n    10/8: {via: 10.0.0.1}', ['10/8', 'dst'], '4:9'],
    ['- routes:\n    10/8: {via: 10.0.0.1}', ['10/8', 'via'], '4:21'],
    ['- sysctls:\n    net.ipv4.ip_forward: 1', ['net.ipv4.ip_forward', 'value'], '4:30'],
    ['- route:\n    dst: default\n    nexthops:\n    - via: 10.0.0.1', ['nexthops', 0, 'weight'], '6:11'],
  ];
  test.each(located)('are found again: %j %j', async (lines, path, expected) => {
    const place = (await onlyTask(lines)).locate(path);
    expect(`${place.line}:${place.column}`).toBe(expected);
  });
});

test('all errors of a file are told at once, in the order of its lines, with the line itself', async () => {
  const errors = await errorsOf(`- hosts: all
  vars: {1x: 1}
  tasks:
    - route: {dst: default, metrik: 1}
      when: "{{ a }} or {{ b }}"
    - rul: {}
- hots: all
`);
  expect(errors.map((error) => [error.code, error.place?.line, error.place?.column])).toEqual([
    ['playbook', 2, 10],
    ['schema', 4, 29],
    ['playbook', 5, 13],
    ['playbook', 6, 7],
    ['playbook', 7, 3],
  ]);
  expect(errors[1]).toMatchObject({
    task: 'route',
    place: { file: 'site.yml', length: 6, source: '    - route: {dst: default, metrik: 1}' },
  });
});

describe('whatever a file holds', () => {
  const word = fc.constantFrom(
    ...[
      'hosts',
      'tasks',
      'vars',
      'when',
      'loop',
      'loop_control',
      'name',
      'become',
      'tags',
      'block',
      'rescue',
      'handlers',
      'roles',
      'include_tasks',
      'import_tasks',
      'import_role',
      'command',
      'set_fact',
      'args',
      'action',
      'environment',
      'module_defaults',
      'vars_files',
      'vars_prompt',
      '<<',
      '',
    ],
    ...[
      'route',
      'routes',
      'rule',
      'sysctls',
      'dst',
      'via',
      'nexthops',
      '__proto__',
      'constructor',
      '{{ x }}',
    ],
  );
  const { node } = fc.letrec<{ node: unknown }>((tie) => ({
    node: fc.oneof(
      { maxDepth: 5 },
      fc.oneof(word, fc.string(), fc.integer(), fc.boolean(), fc.constantFrom(null, 'default', '{{ a }}')),
      fc.array(tie('node'), { maxLength: 3 }),
      fc.dictionary(word, tie('node'), { maxKeys: 4 }),
    ),
  }));
  const task = fc.dictionary(word, node, { maxKeys: 4 });

  test('it is loaded, or its mistakes have places within it', async () => {
    const text = fc
      .oneof(
        node,
        fc.array(task).map((tasks) => [{ hosts: 'all', tasks }]),
      )
      .map((value) => stringify(value));
    await fc.assert(
      fc.asyncProperty(text, async (yaml) => {
        const lines = yaml.split('\n');
        for (const { place } of await errorsOf(yaml)) {
          expect(place?.line).toBeLessThanOrEqual(lines.length);
          expect(place?.source).toBe(lines[(place?.line ?? 0) - 1]);
        }
      }),
      { numRuns: 200 },
    );
  });
});

describe('a file', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'netplay-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  async function write(files: Readonly<Record<string, string>>): Promise<string> {
    await mkdir(join(folder, 'more'));
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
    return join(folder, 'site.yml');
  }

  async function toldOf(file: string): Promise<string[]> {
    const error: unknown = await loadPlaybook(file, fakes, { templates }).catch((thrown: unknown) => thrown);
    const errors = error instanceof NetplayErrors ? error.errors : [error as NetplayError];
    return errors.map(({ place, message }) =>
      `${place?.file}:${place?.line}:${place?.column} ${message}`.replaceAll(`${folder}/`, ''),
    );
  }

  test('is read', async () => {
    const file = await write({ 'site.yml': '- hosts: all\n' });
    expect(await loadPlaybook(file, fakes)).toMatchObject({ file, files: [file], plays: [{ hosts: 'all' }] });
  });

  test('that can not be read is told', async () => {
    await expect(loadPlaybook(folder, fakes)).rejects.toThrow('it is a folder');
    await expect(loadPlaybook(join(folder, 'none.yml'), fakes)).rejects.toThrow(
      /none\.yml: there is no such file/,
    );
  });

  test('whose YAML is wrong is told by its line', async () => {
    const [error] = await toldOf(await write({ 'site.yml': '- hosts: all\n  tasks: [\n' }));
    expect(error).toMatch(/^site\.yml:[23]:/);
  });

  test('imports others, in their place, by paths beside it', async () => {
    const file = await write({
      'site.yml': `
- import_playbook: more/a.yml
  vars: {x: 2}
  tags: [first]
  when: wanted
- hosts: last
- ansible.builtin.import_playbook: more/b.yml
`,
      'more/a.yml': `
- hosts: a
  vars: {x: 1, y: 1}
  tasks: [{rule: {table: 1}, tags: own, when: z}]
  handlers: [{name: h, debug: }]
- import_playbook: b.yml
`,
      'more/b.yml': '- hosts: b\n',
    });
    const { plays, files } = await loadPlaybook(file, fakes);
    expect(plays.map((play) => play.hosts)).toEqual(['a', 'b', 'last', 'b']);
    expect(plays[0]).toMatchObject({
      vars: { x: 2, y: 1 },
      steps: [{ tags: ['first', 'own'], when: [{ expression: 'wanted' }, { expression: 'z' }] }, {}],
      handlers: [{ when: [] }],
    });
    expect(files?.map((name) => name.slice(folder.length + 1))).toEqual([
      'site.yml',
      'more/a.yml',
      'more/b.yml',
    ]);
  });

  test('tells the mistakes of all that it imports at once', async () => {
    const file = await write({
      'site.yml': `
- import_playbook: more/a.yml
  when: x
  vras: {}
- import_playbook: more/none.yml
- import_playbook:
- import_playbook: "{{ x }}.yml"
- hosts: all
  strategy: free
`,
      'more/a.yml': '- hosts: a\n  tasks: [{rout: 1}]\n- import_playbook: ../site.yml\n',
    });
    expect(await toldOf(file)).toEqual([
      "site.yml:4:3 Unknown keyword 'vras' beside import_playbook",
      "site.yml:5:20 Can't read the playbook more/none.yml: there is no such file",
      'site.yml:6:3 import_playbook: must be a file, not empty',
      "site.yml:7:20 import_playbook: a template can't be filled in here, before any host is known",
      "more/a.yml:2:12 Unknown resource, action or keyword 'rout'",
      'more/a.yml:3:20 site.yml imports itself',
    ]);
  });
});

describe('what would take too long', () => {
  test('a file of 50 MB is not read', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'netplay-'));
    const file = join(folder, 'site.yml');
    await writeFile(file, '- hosts: all\n'.repeat(4_000_000));
    await expect(loadPlaybook(file, fakes)).rejects.toThrow(
      'it is more YAML than the 8 MiB that are read of a file',
    );
    await rm(folder, { recursive: true });
  });

  test('nor are aliases followed without end', async () => {
    const lines = Array.from({ length: 40 }, (_, n) => `    a${n + 1}: &a${n + 1} [*a${n}, *a${n}, *a${n}]`);
    const errors = await errorsOf(`- hosts: all\n  vars:\n    a0: &a0 [1]\n${lines.join('\n')}\n`);
    expect(errors.map(({ message }) => message)).toEqual([
      'From here on the aliases stand for more than a million values',
    ]);
  });

  test('nor templates and words of free text', async () => {
    const text = `${'{{ a }} "b\\" c" \'d'.repeat(20_000)}`;
    const errors = await errorsOf(`- hosts: all\n  tasks:\n    - debug: ${JSON.stringify(text)}\n`);
    expect(errors.length).toBeGreaterThan(0);
  });

  test('1,000 tasks are read in a moment', async () => {
    const task = (n: number): string =>
      `    - {route: {dst: 10.0.${n % 250}.0/24, via: "{{ gw }}"}, when: a}\n    - debug: msg=${n}\n`;
    const text = `- hosts: all\n  tasks:\n${Array.from({ length: 500 }, (_, n) => task(n)).join('')}`;
    const before = performance.now();
    expect(await errorsOf(text)).toEqual([]);
    expect(performance.now() - before).toBeLessThan(3000);
  });
});
