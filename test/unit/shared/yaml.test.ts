import { describe, expect, test } from 'vitest';
import { isMap, type YAMLMap } from 'yaml';
import { formatPlace } from '../../../src/shared/place.js';
import { readYaml, toPlain } from '../../../src/shared/yaml.js';
import { createTemplates } from '../../../src/template/templates.js';

function read(text: string): unknown {
  const { source, errors } = readYaml(text, 'f.yml', 'playbook');
  expect(errors).toEqual([]);
  return toPlain(source.document.contents);
}

/** Each error as `line:column+length message`. */
function faults(text: string): string[] {
  return readYaml(text, 'f.yml', 'playbook').errors.map(({ place, message }) => {
    return `${place?.line}:${place?.column}+${place?.length} ${message}`;
  });
}

describe('values', () => {
  test.each<[string, string, unknown]>([
    ['a MAC of digits is a string', 'mac: 10:11:22:33:44:55', { mac: '10:11:22:33:44:55' }],
    ['yes, no, on and off are strings', '[yes, no, on, off]', ['yes', 'no', 'on', 'off']],
    ['true, null and numbers are what they are', '[true, ~, 12, 1.5, 0x10]', [true, null, 12, 1.5, 16]],
    ['a key stays as it is written', '1.10: a\n100: b\ntrue: c', { '1.10': 'a', '100': 'b', true: 'c' }],
    ['an alias is its anchor', 'a: &x {b: 1}\nc: *x', { a: { b: 1 }, c: { b: 1 } }],
    [
      'own keys win over merged ones',
      'a: &x {b: 1, c: 2}\nd: {<<: *x, b: 3}',
      { a: { b: 1, c: 2 }, d: { b: 3, c: 2 } },
    ],
    [
      'of several merged maps the first wins',
      'a: &x {k: 1}\nb: &y {k: 2}\nc: {<<: [*x, *y]}',
      { a: { k: 1 }, b: { k: 2 }, c: { k: 1 } },
    ],
    ['!unsafe is the text', 'a: !unsafe "x { y"', { a: 'x { y' }],
    ['an empty file is null', '', null],
    ['a quoted template is a string', 'a: "{{ x }}"', { a: '{{ x }}' }],
  ])('%s', (_name, text, value) => expect(read(text)).toEqual(value));

  test('a key named __proto__ is a key like any other', () => {
    const value = read('__proto__: {polluted: 1}') as object;
    expect(Object.keys(value)).toEqual(['__proto__']);
    expect('polluted' in value).toBe(false);
  });

  test('what several aliases refer to is one shared value', () => {
    const levels = Array.from({ length: 15 }, (_, n) => `l${n + 1}: &l${n + 1} [*l${n}, *l${n}]`);
    const value = read(['l0: &l0 [x]', ...levels].join('\n')) as Record<string, unknown[]>;
    expect(value.l15?.[0]).toBe(value.l15?.[1]);
  });
});

describe('errors', () => {
  const template = 'A template is not quoted: YAML takes {{ for a map';
  test.each<[string, string[]]>([
    ['a: {{ x }}', [`1:4+2 ${template}`]],
    ['a: {{ x }}/24', [`1:4+2 ${template}`]],
    ["a: {{ x['b'] | d({}) }}\nb: 1", [`1:4+2 ${template}`]],
    ['- {{ x }}\n- b: {{ y }}', [`1:3+2 ${template}`, `2:6+2 ${template}`]],
    ['b: 1\na: {% if x %}', [`2:4+2 ${template}`]],
    [
      'a: 1\nb:\n  c: 1\n  c: 2\na: 3',
      [
        '4:3+1 The key "c" is given twice; the first is at f.yml:3:3',
        '5:1+1 The key "a" is given twice; the first is at f.yml:1:1',
      ],
    ],
    ['"a": 1\r\na: 2\r\n', ['2:1+1 The key "a" is given twice; the first is at f.yml:1:1']],
    ['a: *b', ['1:4+2 No anchor &b stands before this']],
    ['a: &a [*a]', ['1:8+2 The alias *a stands within what it refers to']],
    ['a: {<<: 1}', ['1:5+2 Only a map, or a list of maps, can be merged with <<']],
    ['a:\n\tb: 1', ['2:1+1 A tab is used to indent']],
    ['a: 1\n---\nb: 2', ['2:1+3 A second YAML document begins here']],
    ['a: b: c', ['1:4+1 A second ": " stands on one line']],
    ['hosts:\n  web1\n  web2: {}', ['2:3+4 A ":" is missing here, or the line is indented wrongly']],
    ['a: [1, 2\nb: 3', ['1:4+1 A quote or bracket opens here and is never closed']],
    ['a: "x\nb: 2', ['1:4+1 A quote or bracket opens here and is never closed']],
    ['? [a]\n: b', ['1:3+3 A key must be a plain word, not a list or a map']],
    ['p: !vault |\n  6162', ['1:4+6 A !vault value begins with $ANSIBLE_VAULT;']],
    ['p: !foo bar', ['1:4+4 Unresolved tag: !foo']],
  ])('%j', (text, expected) => expect(faults(text)).toEqual(expected));

  test('an error has the code it was asked for, and the line it stands on without its secrets', () => {
    const [error] = readYaml('x:\n  ansible_password: a: b', 'f.yml', 'inventory').errors;
    expect(error?.code).toBe('inventory');
    expect(error?.place?.source).toBe('  ansible_password: ****');
  });
});

test('placeOf finds nodes and pairs, and the beginning for what has no place', () => {
  const { source } = readYaml('a:\n  b: [c, dd]\n', 'f.yml', 'playbook');
  const a = (source.document.contents as YAMLMap).items[0]?.value;
  const b = isMap(a) ? a.items[0] : undefined;
  expect(formatPlace(source.placeOf(b))).toBe('f.yml:2:3');
  expect(source.placeOf(b?.value)).toEqual({
    file: 'f.yml',
    line: 2,
    column: 6,
    length: 7,
    source: '  b: [c, dd]',
  });
  expect(formatPlace(source.placeOf(undefined))).toBe('f.yml:1:1');
});

test('a long map is checked in time linear in its size', () => {
  const text = Array.from({ length: 50_000 }, (_, n) => `host${n}:`).join('\n');
  expect(Object.keys(read(text) as object)).toHaveLength(50_000);
});

describe('files that no editor shows as they are', () => {
  test('a byte order mark is no part of the first line', () => {
    expect(read('\uFEFF- a: 1\n  b: 2')).toEqual([{ a: 1, b: 2 }]);
    expect(faults('\uFEFF- a: 1\n  a: 2')).toEqual([
      expect.stringMatching(/^2:3\+1 The key "a" is given twice/),
    ]);
  });

  test.each([
    ['Latin-1', Buffer.from('- a\n- caf\xe9\n', 'latin1'), '2:6'],
    ['UTF-16', Buffer.from('\uFEFF- a\n', 'utf16le'), '1:1'],
    ['a zero byte', Buffer.from('- a\0'), '1:4'],
  ])('%s is told as one error', (_name, bytes, at) =>
    expect(faults(bytes.toString('utf8'))).toEqual([`${at}+1 This is no text in UTF-8`]),
  );

  test.each(['- a: 1\n\tb: 2\n', 'a:\n\t- x\n', '- h:\n  \tt: 1\n   b\n'])(
    'a tab that indents is named: %j',
    (text) => expect(faults(text)[0]).toContain('A tab is used to indent'),
  );

  test('nesting beyond the stack is an error of the file', () =>
    expect(faults(`a: ${'['.repeat(5000)}${']'.repeat(5000)}`)).toEqual([
      expect.stringContaining('stand too deep within each other'),
    ]));
});

test('aliases that stand for more than fits in memory are refused where it becomes too much', () => {
  const tens = (name: string): string => `[${Array(10).fill(name).join(', ')}]`;
  const lines = Array.from({ length: 12 }, (_, n) => `a${n}: &a${n} ${n === 0 ? '[x]' : tens(`*a${n - 1}`)}`);
  expect(faults(lines.join('\n'))).toEqual([
    expect.stringMatching(/^7:\d+\+\d+ From here on the aliases stand/),
  ]);
  expect(faults(lines.slice(0, 6).join('\n'))).toEqual([]);
});

test.each(['{{ not a template', 'a \\ "c" {{ x }} {% endraw %}\n}} é', '{# x'])(
  '!unsafe %j is no template',
  (text) => {
    const { source } = readYaml(`!unsafe ${JSON.stringify(text)}`, 'x.yml', 'playbook');
    const scope = { has: () => false, get: () => undefined, names: () => [] };
    expect(createTemplates().render(toPlain(source.document.contents), scope)).toBe(text);
  },
);
