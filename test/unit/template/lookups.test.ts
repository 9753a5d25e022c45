/** What Ansible can't judge: search paths of scopes, commands, and what is refused. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NetplayError } from '../../../src/shared/errors.js';
import type { LookupContext } from '../../../src/template/model.js';
import { createScope } from '../../../src/template/scope.js';
import { createTemplates } from '../../../src/template/templates.js';

const root = mkdtempSync(join(tmpdir(), 'netplay-lookups-'));
const templates = createTemplates();
const context = (...folders: string[]): LookupContext => ({
  searchPath: folders.map((folder) => join(root, folder)),
  env: { PATH: process.env.PATH, WHO: 'me' },
  hosts: (pattern) => [`${pattern}-1`, `${pattern}-2`],
});

beforeAll(() => {
  const files = {
    'files/word': 'playbook\n',
    'roles/a/files/word': 'role a\n',
    'roles/b/files/word': 'role b\n',
    'roles/a/templates/part.j2': 'part a {{ x | default("no x") }}',
    'templates/outer.j2': '{% include "part.j2" %}\n{{ nope }}\n',
    'templates/fails.j2': 'line one\n  {{ x }} {{ nope.deeper }}\n',
    latin: Buffer.from([0x66, 0xfc]),
  };
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), content);
  }
});
afterAll(() => rmSync(root, { recursive: true }));

function failure(work: () => unknown): NetplayError {
  try {
    work();
  } catch (error) {
    return error as NetplayError;
  }
  throw new Error('expected an error');
}

describe('a scope with lookups', () => {
  it('looks in its own search path, for variables of its parent too', () => {
    const scope = createScope([{ word: "{{ lookup('file', 'word') }}", plain: '{{ 1 }}' }], templates, {
      lookups: context(''),
    });
    const [a, b] = ['roles/a', 'roles/b'].map((role) => scope.child({}, { lookups: context(role, '') }));
    expect([scope.get('word'), a?.get('word'), b?.get('word'), a?.get('plain')]).toEqual([
      'playbook',
      'role a',
      'role b',
      1,
    ]);
    expect(a?.child({ y: 1 }).get('word')).toBe('role a');
  });

  it('sees what a child hides, by vars and lookups of variables', () => {
    const scope = createScope(
      [
        {
          x: 1,
          a: "{{ lookup('vars', 'x') }}",
          b: "{{ vars['x'] }}",
          name: 'x',
          c: "{{ lookup('vars', name) }}",
        },
      ],
      templates,
    );
    const child = scope.child({ x: 2 });
    expect([scope.get('a'), scope.get('b'), scope.get('c')]).toEqual([1, 1, 1]);
    expect([child.get('a'), child.get('b'), child.get('c')]).toEqual([2, 2, 2]);
  });

  it('finds a definition in a circle through them', () => {
    const scope = createScope([{ a: "{{ lookup('vars', 'a') }}" }], templates);
    expect(failure(() => scope.get('a')).message).toContain("'a' is defined through itself");
  });

  it.each([
    ["lookup('env', 'WHO')", 'me'],
    ["lookup('pipe', 'echo $WHO')", 'me'],
    ["query('inventory_hostnames', 'web')", ['web-1', 'web-2']],
    ["lookup('inventory_hostnames', 'web:!db')", 'web:!db-1,web:!db-2'],
  ])('%s', (source, expected) => {
    const scope = createScope([], templates, { lookups: context('') });
    expect(templates.render(`{{ ${source} }}`, scope)).toEqual(expected);
  });

  it('reads by the function that it is given: what is vaulted is open then', () => {
    const lookups = { ...context(''), read: () => Buffer.from('opened\n') };
    expect(templates.render("{{ lookup('file', 'word') }}", createScope([], templates, { lookups }))).toBe(
      'opened',
    );
  });
});

describe('errors of lookups', () => {
  const scope = createScope([], templates, { lookups: context('roles/a', '') });
  it.each([
    ["lookup('file', 'nope')", "there is no file 'nope'"],
    ["lookup('file', '../latin')", 'is no text in UTF-8'],
    [`lookup('pipe', 'echo se$(echo cret); echo it is said >&2; exit 3')`, 'ended with 3: it is said'],
    ["lookup('fiel', 'x')", "there is no lookup named 'fiel'"],
    ["lookup('vars', 'nope')", "'nope' is undefined"],
  ])('%s', (source, message) => {
    const error = failure(() => templates.render(`{{ ${source} }}`, scope));
    expect([error.code, error.message]).toEqual(['template', expect.stringContaining(message)]);
    expect(error.message).not.toContain('secret');
  });

  it('says where a file was looked for, and what lookup was meant', () => {
    expect(failure(() => templates.render("{{ lookup('file', 'nope') }}", scope)).hint).toContain(
      join(root, 'roles/a/files'),
    );
    expect(failure(() => templates.render("{{ lookup('fiel', 'x') }}", scope)).hint).toBe(
      "Did you mean 'file'?",
    );
  });

  it('says that nothing can be read where the scope gives no context', () => {
    const bare = createScope([], templates);
    expect(failure(() => templates.render("{{ lookup('env', 'HOME') }}", bare)).message).toContain(
      'do not work here',
    );
    expect(templates.render("{{ query('items', [1]) }}", bare)).toEqual([1]);
  });
});

describe('a file', () => {
  const lookups = context('roles/a', '');
  const scope = createScope([{ x: 1 }], templates, { lookups });
  it('that is included sees the variables; its errors name it and its line', () => {
    const error = failure(() => templates.renderFile('{% include "fails.j2" %}', scope, { path: 'main.j2' }));
    expect(error.message).toBe(`'nope' is undefined, in "{{ x }} {{ nope.deeper }}"`);
    expect(error.place).toMatchObject({ file: join(root, 'templates/fails.j2'), line: 2, column: 14 });
  });

  it('has its own lines in errors, below a header too', () => {
    const error = failure(() =>
      templates.renderFile('#jinja2: trim_blocks: True\na\n{{ nope }}\n', scope, { path: 'main.j2' }),
    );
    expect(error.place).toMatchObject({ file: 'main.j2', line: 3, column: 4, source: '{{ nope }}' });
  });

  it.each([
    [{ nope: 1 }, "there is no setting 'nope' of templates"],
    [{ trim_blocks: 'perhaps' }, 'trim_blocks must be true or false'],
    [{ newline_sequence: 'x' }, 'newline_sequence must be'],
    [{ block_start_string: '' }, 'block_start_string must be a text'],
  ])('with settings %j is refused', (settings, message) => {
    expect(failure(() => templates.renderFile('', scope, { settings })).message).toContain(message);
  });

  it('mentions what it uses; what is included may use anything', () => {
    expect(
      [...templates.mentionsOfFile('{{ a }}{% macro m(b) %}{{ b }}{{ c }}{% endmacro %}{{ m() }}')].sort(),
    ).toEqual(['a', 'c']);
    expect(templates.mentionsOfFile('{% include "x" %}').has('vars')).toBe(true);
    expect([...templates.mentions("{{ lookup('vars', 'a') }}{{ query('file', b) }}")].sort()).toEqual([
      'a',
      'b',
      'lookup',
      'query',
    ]);
  });

  it('of a loop: an includes itself for ever is an error', () => {
    writeFileSync(join(root, 'templates/self.j2'), '{% include "self.j2" %}');
    expect(failure(() => templates.renderFile('{% include "self.j2" %}', scope)).code).toBe('template');
  });
});

describe('withItems', () => {
  const scope = createScope([{ role: 'r' }], templates, { lookups: context('') });
  it('passes over names of with_first_found that use what is not defined', () => {
    expect(templates.withItems('first_found', ['{{ nope }}.yml', 'word'], scope)).toEqual([
      join(root, 'files/word'),
    ]);
  });

  it('names the loop in its errors', () => {
    const place = { file: 'site.yml', line: 3, column: 5 };
    const error = failure(() => templates.withItems('dict', [1], scope, place));
    expect([error.message, error.place]).toEqual(['with_dict needs a dict, not int, in "with_dict"', place]);
  });

  it('knows long names', () => {
    expect(templates.withItems('ansible.builtin.items', ['{{ role }}'], scope)).toEqual(['r']);
  });
});
