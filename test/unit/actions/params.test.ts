import { describe, expect, test } from 'vitest';
import { parseFreeForm } from '../../../src/actions/free-form.js';
import { actionParams } from '../../../src/actions/params.js';
import { actionNamed, actions, shortName } from '../../../src/actions/registry.js';
import { resources } from '../../../src/resources/registry.js';
import { readTask } from '../../support/actions.js';

/** Text of a task, and what Ansible's parse_kv makes of it. */
test.each([
  ['ls -l', true, {}, 'ls -l'],
  ['ls  -l   /a', true, {}, 'ls  -l   /a'],
  ['touch /x creates=/x', true, { creates: '/x' }, 'touch /x'],
  ['chdir=/tmp FOO=bar make', true, { chdir: '/tmp' }, 'FOO=bar make'],
  ['echo "creates=/x y"', true, {}, 'echo "creates=/x y"'],
  [
    'echo {{ a | default("x y") }} creates={{ b + "c d" }}',
    true,
    { creates: '{{ b + "c d" }}' },
    'echo {{ a | default("x y") }}',
  ],
  ['echo a \\\n  b', true, {}, 'echo a   b'],
  ['for i in 1 2\ndo echo $i\ndone', true, {}, 'for i in 1 2\ndo echo $i\ndone'],
  ['cat stdin="a b"', true, { stdin: 'a b' }, 'cat'],
  ['{ echo a; }', true, {}, '{ echo a; }'],
  ['src=a dest=/b mode=0644', false, { src: 'a', dest: '/b', mode: '0644' }, ''],
  [`line='a = "b"' path=/c`, false, { line: 'a = "b"', path: '/c' }, ''],
  ['content="a\\nb" dest=/c', false, { content: 'a\nb', dest: '/c' }, ''],
  ['line=a=b path=/c', false, { line: 'a=b', path: '/c' }, ''],
  ['src=a b dest=/c', false, { src: 'a', dest: '/c' }, 'b'],
])('%j', (text, freeForm, named, rest) => {
  expect(parseFreeForm(text, freeForm)).toEqual({ named, rest });
});

test.each(['echo "a', "echo 'a", 'echo {{ a', 'echo {% if'])('%j is not closed', (text) => {
  expect(parseFreeForm(text, true)).toEqual({ unclosed: true });
});

const paramsOf = (task: Record<string, unknown>) => {
  const { params, violations } = readTask(task);
  expect(violations).toEqual([]);
  return params;
};

describe('parameters', () => {
  test('take the type that is asked for, whatever they were written as', () => {
    expect(paramsOf({ copy: 'src=a dest=/b mode=0644 backup=yes' })).toEqual({
      src: 'a',
      dest: '/b',
      mode: '0644',
      backup: true,
    });
    expect(paramsOf({ file: { path: '/a', mode: 644, state: 'touch' } })).toEqual({
      path: '/a',
      mode: '644',
      state: 'touch',
    });
    expect(paramsOf({ wait_for: 'port=22 timeout=5' })).toEqual({ port: 22, timeout: 5 });
  });

  test('have other names, and null is left out', () => {
    expect(paramsOf({ file: { dest: '/a', state: 'touch', owner: null } })).toEqual({
      path: '/a',
      state: 'touch',
    });
    expect(paramsOf({ lineinfile: { destfile: '/a', value: 'x', regex: '^x' } })).toEqual({
      path: '/a',
      line: 'x',
      regexp: '^x',
    });
  });

  test('beside an action come from args', () => {
    const command = actionNamed('command');
    if (command === undefined) throw new Error('no command');
    expect(actionParams(command, 'ls creates=/a', { chdir: '/tmp', creates: '/b' })).toEqual({
      params: { cmd: 'ls', creates: '/a', chdir: '/tmp' },
    });
  });
});

/** What is wrong is said before any host is asked. */
test.each([
  [{ copy: { content: 'a' } }, "missing parameter 'dest'"],
  [{ copy: { dest: '/a' } }, "one of 'src' or 'content' is needed"],
  [{ copy: { src: 'a', content: 'b', dest: '/a' } }, "'src' and 'content' can't be given together"],
  [{ copy: { content: 'b', dest: '/a/' } }, 'dest: must be a file where content is given, not a folder'],
  [{ copy: { content: 'b', dest: '/a', validate: 'visudo' } }, 'validate'],
  [{ copy: { content: 'b', dest: '/a', mode: 'rw-r--r--' } }, 'mode: must be a mode in octal digits'],
  [{ copy: { content: 'b', dest: '/a', mode: '0888' } }, 'mode: must be a mode in octal digits'],
  [{ copy: 'a /b' }, "copy: takes parameters as name=value, not 'a /b'"],
  [{ copy: 'src="a dest=/b' }, 'copy: a quote or a template is not closed'],
  [{ command: {} }, "one of 'cmd' or 'argv' is needed"],
  [{ command: '' }, "one of 'cmd' or 'argv' is needed"],
  [{ command: { cmd: 'ls', argv: ['ls'] } }, "'cmd' and 'argv' can't be given together"],
  [{ command: { cmd: 'ls "a' } }, 'cmd: a quote is not closed'],
  [{ command: { cmd: 'ls', chdri: '/' } }, "unknown parameter 'chdri'"],
  [{ file: { path: '/a', name: '/b' } }, "'name' is another name of 'path', which is given as well"],
  [{ file: { path: '/a', src: '/b' } }, 'src: is for state link and hard only'],
  [{ file: { path: '/a', state: 'file', recurse: true } }, 'recurse: is for state directory only'],
  [{ file: { path: '/a', state: 'touch', modification_time: 'noon' } }, "'noon' is not of the form"],
  [{ lineinfile: { path: '/a' } }, "missing parameter 'line'"],
  [{ lineinfile: { path: '/a', state: 'absent' } }, "one of 'line', 'regexp' and 'search_string' is needed"],
  [{ lineinfile: { path: '/a', line: 'x', regexp: '(' } }, "regexp: '(' is no regular expression"],
  [{ lineinfile: { path: '/a', line: 'x', backrefs: true } }, 'backrefs: needs a regexp'],
  [
    { lineinfile: { path: '/a', line: 'x', insertafter: 'a', insertbefore: 'b' } },
    "'insertafter' and 'insertbefore' can't be given together",
  ],
  [{ service: { name: 'frr' } }, "one of 'state' or 'enabled' is needed"],
  [{ service: { name: 'fr*', state: 'started' } }, 'name'],
  [{ systemd: { state: 'started' } }, "'name'"],
  [{ package: {} }, "one of 'name' and 'update_cache' is needed"],
  [{ package: { name: ['-y'] } }, 'name'],
  [{ wait_for: { port: 22, path: '/a' } }, "'port' and 'path' can't be given together"],
  [{ wait_for: { port: 22, search_regex: 'SSH' } }, 'search_regex: is for a path only'],
  [{ wait_for: { path: '/a', state: 'drained' } }, 'state: drained is for a port only'],
  [{ ping: { date: 'x' } }, "unknown parameter 'date'"],
] as [Record<string, unknown>, string][])('%j: %s', (task, message) => {
  expect(
    readTask(task)
      .violations.map((violation) => violation.message)
      .join('\n'),
  ).toContain(message);
});

describe('the registry', () => {
  test('has each example right', () => {
    for (const { examples } of actions) for (const example of examples) paramsOf(example);
  });

  test('knows long names, of the collections that it stands for', () => {
    expect(shortName('ansible.builtin.copy')).toBe('copy');
    expect(shortName('community.general.copy')).toBe('community.general.copy');
    expect(actionNamed('ansible.legacy.systemd_service')?.name).toBe('systemd');
    expect(actionNamed('community.general.copy')).toBeUndefined();
  });

  test('has no name twice, and none of a resource', () => {
    const names = actions.flatMap(({ name, aliases = [] }) => [name, ...aliases]);
    expect(new Set(names).size).toBe(names.length);
    const taken = new Set(resources.flatMap(({ name, plural }) => [name, plural]));
    expect(names.filter((name) => taken.has(name))).toEqual([]);
  });

  test('has parameters behind its aliases', () => {
    for (const { schema, parameterAliases = {} } of actions)
      for (const [alias, name] of Object.entries(parameterAliases)) {
        expect(schema.properties).toHaveProperty(name);
        expect(schema.properties).not.toHaveProperty(alias);
      }
  });
});
