/** Roles, imports and includes: what several files together are read as. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fullName, listTasks } from '../../../src/playbook/listing.js';
import { type LoadOptions, loadPlaybook } from '../../../src/playbook/load.js';
import type { IncludeTask, Play, Playbook, Step, Task } from '../../../src/playbook/model.js';
import { type NetplayError, NetplayErrors } from '../../../src/shared/errors.js';
import { fakeActions, fakes, templates } from './fakes.js';

type Files = Readonly<Record<string, string>>;

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'netplay-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function write(files: Files): Promise<string> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  return join(folder, 'site.yml');
}

async function load(files: Files, options: LoadOptions = {}): Promise<Playbook> {
  return loadPlaybook(await write(files), fakes, { templates, actions: fakeActions, ...options });
}

async function playOf(files: Files, options: LoadOptions = {}): Promise<Play> {
  const [play] = (await load(files, options)).plays;
  if (play === undefined) throw new Error('no play');
  return play;
}

function linesOf(error: unknown): string[] {
  const errors = error instanceof NetplayErrors ? error.errors : [error as NetplayError];
  return errors.map(({ place, message, hint }) =>
    [`${place?.file}:${place?.line}:${place?.column} ${message}`, ...(hint === undefined ? [] : [hint])]
      .join(' | ')
      .replaceAll(`${folder}/`, '')
      .replaceAll(folder, '.'),
  );
}

const told = (files: Files): Promise<string[]> => load(files).then(() => [], linesOf);

/** Each task with its role and its tags, in the order of the run. */
const tasksOf = (play: Play): string[] =>
  listTasks(play, { tags: [], skipTags: [] }).map(({ name, tags }) => [name, ...tags].join(' '));

const isTask = (step: Step): step is Task => step.kind !== 'block' && step.kind !== 'flush';

function include(play: Play, at = 0): IncludeTask {
  const found = play.steps.filter(isTask).filter((task) => task.kind === 'include')[at];
  if (found === undefined) throw new Error('no include');
  return found;
}

const conditions = (task: Task | undefined): unknown[] =>
  (task?.when ?? []).map(({ expression }) => expression);

describe('import_tasks', () => {
  test('puts the tasks in its place, with its keywords', async () => {
    const play = await playOf({
      'site.yml': `
- hosts: all
  tasks:
    - import_tasks: more/a.yml
      when: x
      tags: [i]
      vars: {v: 1}
      become: yes
      environment: {A: 1}
    - import_tasks: {file: more/a.yml}
`,
      'more/a.yml': '- {name: one, ping: , tags: o, when: y}\n- import_tasks: b.yml\n',
      'more/b.yml': '- {name: two, ping: }\n',
    });
    expect(tasksOf(play)).toEqual(['one i o', 'two i', 'one o', 'two']);
    const [one, two] = play.steps.filter(isTask);
    expect(conditions(one)).toEqual(['x', 'y']);
    expect(conditions(two)).toEqual(['x']);
    expect(two).toMatchObject({ vars: { v: 1 }, become: true, environment: [{ A: 1 }] });
    expect(two?.place.file).toBe(join(folder, 'more/b.yml'));
  });

  test('looks beside the file, then beside the playbook', async () => {
    const play = await playOf({
      'site.yml': '- hosts: all\n  tasks: [{import_tasks: more/a.yml}]\n',
      'more/a.yml': '- import_tasks: both.yml\n- import_tasks: top.yml\n- import_tasks: more/c.yml\n',
      'more/both.yml': '- {name: near, ping: }\n',
      'both.yml': '- {name: far, ping: }\n',
      'top.yml': '- {name: top, ping: }\n',
      'more/c.yml': '- {name: from the top, ping: }\n',
    });
    expect(tasksOf(play)).toEqual(['near', 'top', 'from the top']);
  });

  test('an empty file brings nothing', async () => {
    expect(
      tasksOf(
        await playOf({ 'site.yml': '- hosts: all\n  tasks: [{import_tasks: a.yml}]\n', 'a.yml': '# soon\n' }),
      ),
    ).toEqual([]);
  });

  const wrong: [what: string, files: Files, expected: string[]][] = [
    [
      'what can not be read before a run',
      {
        'site.yml':
          '- hosts: all\n  tasks:\n    - import_tasks: "{{ os }}.yml"\n    - import_tasks: a.yml\n      loop: [1]\n    - import_tasks:\n',
        'a.yml': '[]',
      },
      [
        "site.yml:3:7 import_tasks: a template can't be filled in here, before any host is known | Write include_tasks, which is read as the play gets there.",
        "site.yml:4:7 import_tasks: can't have a loop | Write include_tasks, which can.",
        "site.yml:6:7 missing parameter 'file'",
      ],
    ],
    [
      'a circle',
      {
        'site.yml': '- hosts: all\n  tasks: [{import_tasks: a.yml}]\n',
        'a.yml': '- import_tasks: b.yml\n',
        'b.yml': '- ping:\n- import_tasks: a.yml\n',
      },
      ['b.yml:2:17 a.yml imports itself | Remove this, or include it with a condition that ends it.'],
    ],
    [
      'no file',
      { 'site.yml': '- hosts: all\n  tasks: [{import_tasks: none.yml}]\n' },
      ["site.yml:2:26 Can't read the tasks none.yml: there is no such file"],
    ],
    [
      'plays, and what is no list',
      {
        'site.yml': '- hosts: all\n  tasks: [{import_tasks: a.yml}, {import_tasks: b.yml}]\n',
        'a.yml': '- hosts: all\n',
        'b.yml': 'ping:\n',
      },
      [
        'a.yml:1:3 This is a play, not a task | Bring in files with plays by import_playbook.',
        'b.yml:1:1 A file of tasks must be a list, not a map | Begin each task with "- ".',
      ],
    ],
    [
      'mistakes in the file, once',
      {
        'site.yml': '- hosts: all\n  tasks: [{import_tasks: a.yml}, {import_tasks: a.yml}]\n',
        'a.yml': '- rout: 1\n',
      },
      ["a.yml:1:3 Unknown resource, action or keyword 'rout' | Did you mean route?"],
    ],
  ];
  test.each(wrong)('%s', async (_, files, expected) => {
    expect(await told(files)).toEqual(expected);
  });
});

describe('include_tasks', () => {
  const files = {
    'site.yml': `
- hosts: all
  tags: p
  tasks:
    - block:
        - include_tasks:
            file: "{{ which }}.yml"
            apply: {tags: [applied], become: yes, when: z}
          when: x
          tags: [own]
          loop: [1, 2]
          vars: {v: 1}
      when: outer
      vars: {b: 1}
`,
    'a.yml': '- {name: one, ping: , when: y}\n- include_tasks: a.yml\n',
  };

  test('is left for the run, which reads it with what stands around it', async () => {
    const { plays, includes } = await load(files);
    const [play] = plays;
    if (play === undefined) throw new Error('no play');
    const task = include(play);
    expect(task).toMatchObject({
      include: 'tasks',
      name: 'include_tasks',
      tags: ['p', 'own'],
      loop: [1, 2],
      vars: { b: 1, v: 1 },
    });
    expect(task.params).toEqual({ file: '{{ which }}.yml' });
    const included = await includes?.read(task, { file: 'a.yml' }, { b: 1, v: 1, item: 2 });
    const [one, again] = included?.steps.filter(isTask) ?? [];
    expect(one).toMatchObject({
      name: 'one',
      tags: ['p', 'applied'],
      become: true,
      vars: { b: 1 },
      includeParams: { v: 1, item: 2 },
    });
    expect(conditions(one)).toEqual(['outer', 'z', 'y']);
    expect(again?.kind).toBe('include');
  });

  test('that goes on for ever ends', async () => {
    const { plays, includes } = await load(files);
    const read = async (task: IncludeTask, times: number): Promise<number> => {
      const found = await includes?.read(task, { file: 'a.yml' }, {});
      const next = found?.steps.filter(isTask).find((step) => step.kind === 'include');
      return next === undefined ? times : read(next, times + 1);
    };
    const [play] = plays;
    await expect(play && read(include(play), 0)).rejects.toThrow(
      'Includes stand more than 100 deep in each other here',
    );
  });

  test('is looked at beforehand where its name is known', async () => {
    expect(
      await told({
        'site.yml': `
- hosts: all
  tasks:
    - include_tasks: a.yml
    - include_tasks: none.yml
      when: false
    - {include_tasks: a.yml, become: yes}
    - include_tasks: {file: "{{ x }}", apply: {bcome: yes, loop: [1]}}
`,
        'a.yml': '- include_tasks: b.yml\n- include_tasks: a.yml\n',
        'b.yml': '- {rout: 1}\n',
      }),
    ).toEqual([
      "site.yml:5:7 Can't read the tasks none.yml: there is no such file",
      "site.yml:7:30 become: can't stand beside an include | Put it below apply: with what it is about.",
      "site.yml:8:48 apply: unknown keyword 'bcome' | Did you mean become?",
      "site.yml:8:60 apply: unknown keyword 'loop'",
      "b.yml:1:4 Unknown resource, action or keyword 'rout' | Did you mean route?",
    ]);
  });

  test('what is wrong as the play runs is told at the include', async () => {
    const { plays, includes } = await load(files);
    const [play] = plays;
    const error: unknown = await (play && includes?.read(include(play), { file: 'none.yml' }, {}))?.catch(
      (thrown: unknown) => thrown,
    );
    expect(linesOf(error)).toEqual(["site.yml:6:11 Can't read the tasks none.yml: there is no such file"]);
  });
});

describe('a role', () => {
  const role = (name: string, files: Files): Files =>
    Object.fromEntries(Object.entries(files).map(([file, text]) => [`roles/${name}/${file}`, text]));

  test('has its tasks before those of the play, its handlers before its own, and its variables', async () => {
    const play = await playOf({
      'site.yml': `
- hosts: all
  roles:
    - role: web
      tags: [w]
      when: wanted
      become: yes
      vars: {given: 1, own: given}
      port: 80
      listen: 8080
  pre_tasks: [{name: pre, ping: }]
  tasks: [{name: main, ping: }]
  handlers: [{name: mine, ping: }]
`,
      ...role('web', {
        'tasks/main.yml':
          '- {name: one, ping: , tags: t, when: c, notify: restart}\n- import_tasks: more.yml\n',
        'tasks/more.yml': '- {name: two, ping: }\n',
        'handlers/main.yaml': '- {name: restart, ping: }\n',
        'defaults/main.yml': 'a: 1\nb: "{{ a }}"\n',
        'vars/main/10.yml': 'own: first\nx: 1\n',
        'vars/main/20.yml': 'own: second\n',
        'vars/main/notes.txt': '{{',
      }),
    });
    expect(tasksOf(play)).toEqual(['pre', 'web : one t w', 'web : two w', 'main']);
    expect(play.steps.map((step) => step.kind)).toEqual([
      'action',
      'flush',
      'action',
      'action',
      'action',
      'flush',
    ]);
    expect(play.handlers.map(fullName)).toEqual(['web : restart', 'mine']);
    const one = play.steps.filter(isTask)[1];
    expect(one).toMatchObject({ become: true, notify: ['restart'], vars: {} });
    expect(conditions(one)).toEqual(['wanted', 'c']);
    expect(conditions(play.handlers[0])).toEqual(['wanted']);
    expect(play.roles).toHaveLength(1);
    expect(one?.role).toBe(play.roles[0]);
    expect(play.roles[0]).toMatchObject({
      name: 'web',
      path: join(folder, 'roles/web'),
      defaults: { a: 1, b: '{{ a }}' },
      vars: { given: 1, own: 'second', x: 1 },
      params: { listen: 8080 },
    });
    expect(one).toMatchObject({ port: 80 });
  });

  test('has what it depends on before it, each once', async () => {
    const task = (name: string): string => `- {name: ${name}, ping: }\n`;
    const play = await playOf({
      'site.yml':
        '- hosts: all\n  roles: [a, b, {role: a, tags: again}, a, {role: c, n: 1}, {role: c, n: 2}, twice, twice]\n',
      ...role('a', {
        'tasks/main.yml': task('a'),
        'meta/main.yml': 'dependencies: [base]\n',
        'handlers/main.yml': task('ha'),
      }),
      ...role('b', {
        'tasks/main': task('b'),
        'meta/main.yml': 'dependencies:\n  - {role: base}\n  - {role: base, tags: [other], when: x}\n',
      }),
      ...role('c', { 'tasks/main.yml': task('c') }),
      ...role('twice', {
        'tasks/main.yml': task('twice'),
        'meta/main.yml': 'allow_duplicates: true\ngalaxy_info: {author: me}\n',
      }),
      ...role('base', { 'tasks/main.yml': task('base'), 'handlers/main.yml': task('hbase') }),
    });
    expect(tasksOf(play)).toEqual([
      'base : base',
      'a : a',
      'base : base other',
      'b : b',
      'base : base again',
      'a : a again',
      'c : c',
      'c : c',
      'twice : twice',
      'twice : twice',
    ]);
    expect(play.handlers.map(fullName)).toEqual(['base : hbase', 'a : ha']);
    const [first] = play.roles;
    expect(first?.dependencies.map(({ name, parent }) => [name, parent?.name])).toEqual([['base', 'a']]);
  });

  test('is found by its folder, on the path and among those of who needs it', async () => {
    const play = await playOf(
      {
        'site.yml': '- hosts: all\n  roles: [other/far, near]\n',
        'other/far/tasks/main.yml': '- {name: x, ping: }\n',
        'other/far/meta/main.yml': 'dependencies: [sibling]\n',
        'other/sibling/tasks/main.yml': '- {name: y, ping: }\n',
        'path/near/tasks/main.yml': '- {name: z, ping: }\n',
      },
      { rolesPath: [join(folder, 'path')] },
    );
    expect(tasksOf(play)).toEqual(['sibling : y', 'far : x', 'near : z']);
  });

  test('is imported where a task says so, with other files than main', async () => {
    const play = await playOf({
      'site.yml': `
- hosts: all
  tasks:
    - {name: before, ping: }
    - import_role: {name: web, tasks_from: setup, vars_from: special.yml, defaults_from: low, handlers_from: h2}
      tags: i
      when: w
      vars: {v: 1}
    - import_role: {name: web}
    - import_role: {name: web}
`,
      ...role('web', {
        'tasks/main.yml': '- {name: main, ping: }\n',
        'tasks/setup.yml': '- {name: setup, ping: }\n',
        'vars/special.yml': 'special: 1\n',
        'defaults/low.yaml': 'low: 1\n',
        'handlers/h2.yml': '- {name: h2, ping: }\n',
      }),
    });
    expect(tasksOf(play)).toEqual(['before', 'web : setup i', 'web : main', 'web : main']);
    expect(play.handlers.map(fullName)).toEqual(['web : h2']);
    expect(play.roles[0]).toMatchObject({ vars: { special: 1 }, defaults: { low: 1 } });
    const setup = play.steps.filter(isTask)[1];
    expect(setup).toMatchObject({ vars: { v: 1 } });
    expect(conditions(setup)).toEqual(['w']);
  });

  test('that is included is read as the play gets there, with its handlers', async () => {
    const { plays, includes } = await load({
      'site.yml': `
- hosts: all
  tasks:
    - include_role: {name: "{{ item }}", public: yes, apply: {tags: [applied]}}
      loop: [web]
      tags: own
`,
      ...role('web', {
        'tasks/main.yml': '- {name: main, ping: }\n- import_role: {name: other}\n- include_tasks: more.yml\n',
        'tasks/more.yml': '- {name: more, ping: }\n',
        'handlers/main.yml': '- {name: restart, ping: }\n',
        'vars/main.yml': 'v: role\n',
        'meta/main.yml': 'dependencies: [base]\n',
      }),
      ...role('base', { 'tasks/main.yml': '- {name: base, ping: }\n' }),
      ...role('other', { 'tasks/main.yml': '- {name: other, ping: }\n' }),
    });
    const [play] = plays;
    if (play === undefined) throw new Error('no play');
    const task = include(play);
    expect(task.params).toEqual({ name: '{{ item }}', public: true });
    const found = await includes?.read(task, { ...task.params, name: 'web' }, { item: 'web', v: 'given' });
    const [base, main, other, more] = found?.steps.filter(isTask) ?? [];
    expect([base, main, other, more].map((step) => step && fullName(step))).toEqual([
      'base : base',
      'web : main',
      'other : other',
      'web : include_tasks',
    ]);
    expect(main).toMatchObject({ tags: ['applied'], includeParams: { item: 'web', v: 'given' } });
    expect(found?.handlers.map(fullName)).toEqual(['web : restart']);
    expect(found?.role).toMatchObject({ name: 'web', vars: { v: 'role' } });
    expect(found?.imported.map(({ name }) => name)).toEqual(['other']);
    const deeper =
      more?.kind === 'include' ? await includes?.read(more, { file: 'more.yml' }, {}) : undefined;
    expect(deeper?.steps.filter(isTask).map(fullName)).toEqual(['web : more']);
  });

  const wrong: [what: string, files: Files, expected: string[]][] = [
    [
      'of a collection',
      { 'site.yml': '- hosts: all\n  roles: [fedora.linux_system_roles.network]\n' },
      [
        'site.yml:2:11 There is no role fedora.linux_system_roles.network | It was looked for in roles, .. Collections are not read: put its folder into one of these.',
      ],
    ],
    [
      'that is not there',
      {
        'site.yml':
          '- hosts: all\n  roles: [none, {role: "{{ x }}"}, {vars: {}}]\n  tasks: [{import_role: {name: none2}}, {include_role: {name: none3}}]\n',
      },
      [
        'site.yml:2:11 There is no role none | It was looked for in roles, ..',
        "site.yml:2:24 A template can't be filled in here, before any host is known | Write a task with include_role, whose name may be one.",
        'site.yml:2:36 A role must be a name, or a map with one, not a map | Write its name, or role: NAME with keywords and parameters.',
        'site.yml:3:12 There is no role none2 | It was looked for in roles, ..',
        'site.yml:3:41 There is no role none3 | It was looked for in roles, ..',
      ],
    ],
    [
      'that needs itself',
      {
        'site.yml': '- hosts: all\n  roles: [a]\n',
        ...role('a', { 'meta/main.yml': 'dependencies: [b]\n' }),
        ...role('b', { 'meta/main.yml': 'dependencies: [{role: a}]\n' }),
      },
      ['roles/b/meta/main.yml:1:23 The role a depends on itself | Remove this dependency.'],
    ],
    [
      'whose file is not there',
      {
        'site.yml': '- hosts: all\n  tasks: [{import_role: {name: a, tasks_from: x, vars_from: y}}]\n',
        ...role('a', { 'tasks/main.yml': '' }),
      },
      ['site.yml:2:12 There is no y in roles/a/vars', 'site.yml:2:12 There is no x in roles/a/tasks'],
    ],
    [
      'with mistakes in its files',
      {
        'site.yml': '- hosts: all\n  roles: [{role: a, loop: [1]}]\n',
        ...role('a', {
          'tasks/main.yml': '- {rout: 1}\n',
          'handlers/main.yml': '- {ping: , listn: x}\n',
          'vars/main.yml': '- 1\n',
          'defaults/main.yml': 'a-b: 1\n',
          'meta/main.yml': 'dependencies: x\n',
        }),
      },
      [
        'site.yml:2:21 loop: belongs to a task, not to a role | Write a task with include_role.',
        'roles/a/meta/main.yml:1:15 dependencies: must be a list, not \'x\' | Begin each role with "- ".',
        "roles/a/defaults/main.yml:1:1 'a-b' can't be the name of a variable | Use letters, digits and _, and begin with a letter.",
        'roles/a/vars/main.yml:1:1 A file of variables must be a map, not a list',
        "roles/a/handlers/main.yml:1:12 Unknown resource, action or keyword 'listn' | Did you mean listen?",
        "roles/a/tasks/main.yml:1:4 Unknown resource, action or keyword 'rout' | Did you mean route?",
      ],
    ],
  ];
  test.each(wrong)('%s', async (_, files, expected) => {
    expect(await told(files)).toEqual(expected);
  });
});

describe('variables of a file', () => {
  test('are read as a run asks for them', async () => {
    const { includes } = await load({
      'site.yml': '- hosts: all\n',
      'v.yml': 'a: [1, "{{ b }}"]\n',
      'v.json': '{"c": 1}',
      'empty.yml': '',
    });
    const place = { file: 'site.yml', line: 1, column: 1 };
    const read = (name: string) => includes?.vars(join(folder, name), place);
    expect(await read('v.yml')).toEqual({ a: [1, '{{ b }}'] });
    expect(await read('v.json')).toEqual({ c: 1 });
    expect(await read('empty.yml')).toEqual({});
    const error: unknown = await read('none.yml')?.catch((thrown: unknown) => thrown);
    expect(linesOf(error)).toEqual([`site.yml:1:1 Can't read the variables none.yml: there is no such file`]);
  });
});

test('files that bring in each other without end are told of', async () => {
  const files = Object.fromEntries(
    Array.from({ length: 12 }, (_, n) => [`t${n}.yml`, `- import_tasks: t${n + 1}.yml\n`.repeat(10)]),
  );
  const [first] = await told({
    'site.yml': '- hosts: all\n  tasks: [{import_tasks: t0.yml}]\n',
    ...files,
    't12.yml': '- ping:\n',
  });
  expect(first).toMatch(/More than 10000 files are brought in, one by another/);
});
