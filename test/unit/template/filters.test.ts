import { describe, expect, it } from 'vitest';
import { createScope } from '../../../src/template/scope.js';
import { createTemplates } from '../../../src/template/templates.js';

const variables = {
  base: { a: 1, deep: { x: 1, list: [1, 2] } },
  over: { b: 2, deep: { y: 2, list: [3] } },
  tables: { local100: 100, local200: 200 },
  nics: [
    { name: 'eth0', mtu: 1500 },
    { name: 'eth1', mtu: 9000 },
  ],
  line: 'inet 192.168.1.1/24 dev eth0',
  nothing: null,
};

/** Ansible's own filters and tests, with the values that ansible-core gives (2.14; `count` of regex_replace: 2.17). */
const cases: readonly (readonly [string, unknown])[] = [
  ['base | combine(over)', { a: 1, b: 2, deep: { y: 2, list: [3] } }],
  ['base | combine(over, recursive=true)', { a: 1, b: 2, deep: { x: 1, y: 2, list: [3] } }],
  [
    "base | combine(over, recursive=true, list_merge='append')",
    { a: 1, b: 2, deep: { x: 1, y: 2, list: [1, 2, 3] } },
  ],
  ["base | combine({'a': 2}, {'a': 3})", { a: 3, deep: { x: 1, list: [1, 2] } }],
  ["[{'a': 1}, {'a': 2, 'b': 1}] | combine", { a: 2, b: 1 }],
  [
    'tables | dict2items',
    [
      { key: 'local100', value: 100 },
      { key: 'local200', value: 200 },
    ],
  ],
  ["tables | dict2items(key_name='name', value_name='id') | first", { name: 'local100', id: 100 }],
  ['tables | dict2items | items2dict', { local100: 100, local200: 200 }],
  ["nics | items2dict(key_name='name', value_name='mtu')", { eth0: 1500, eth1: 9000 }],
  ['[1, 2, 2] | union([3, 1])', [1, 2, 3]],
  ['[1, 2, 3] | intersect([3, 1])', [1, 3]],
  ['[1, 2, 3] | difference([3, 1])', [2]],
  ['[1, 2] | symmetric_difference([2, 3])', [1, 3]],
  ['[[1, 2], [3, [4, [5]]]] | flatten', [1, 2, 3, 4, 5]],
  ['[[1, 2], [3, [4, [5]]]] | flatten(levels=1)', [1, 2, 3, [4, [5]]]],
  ['[1, none, [none, 2]] | flatten', [1, 2]],
  ['[1, none] | flatten(skip_nulls=false)', [1, null]],
  [
    "[1, 2] | zip(['a', 'b', 'c'])",
    [
      [1, 'a'],
      [2, 'b'],
    ],
  ],
  [
    "[1] | zip_longest(['a', 'b'], fillvalue='-')",
    [
      [1, 'a'],
      ['-', 'b'],
    ],
  ],
  [
    "[1, 2] | product(['a'])",
    [
      [1, 'a'],
      [2, 'a'],
    ],
  ],
  ["dict(['a', 'b'] | zip([1, 2]))", { a: 1, b: 2 }],
  ["true | ternary('y', 'n')", 'y'],
  ["false | ternary('y', 'n')", 'n'],
  ["nothing | ternary('y', 'n', 'z')", 'z'],
  ["nothing | ternary('y', 'n')", 'n'],
  ["'yes' | bool", true],
  ["'On' | bool", true],
  ["'1' | bool", true],
  ["'no' | bool", false],
  ["'whatever' | bool", false],
  ['1 | bool', true],
  ['nothing | bool', null],
  ["{'b': 1, 'a': [1, none, true, 1.0]} | to_json", '{"b": 1, "a": [1, null, true, 1.0]}'],
  ["'ü' | to_json", '"\\u00fc"'],
  ["{'b': 1, 'a': []} | to_nice_json", '{\n    "a": [],\n    "b": 1\n}'],
  ["[1, {'a': 2}] | to_nice_json(indent=2)", '[\n  1,\n  {\n    "a": 2\n  }\n]'],
  ['\'{"a": [1, null]}\' | from_json', { a: [1, null] }],
  ["'a: [1, x]' | from_yaml", { a: [1, 'x'] }],
  ["{'b': [1, 2], 'a': {'c': 'd'}} | to_yaml", 'a: {c: d}\nb: [1, 2]\n'],
  ["{'b': 1, 'a': 'x'} | to_nice_yaml", 'a: x\nb: 1\n'],
  ["line | regex_search('[0-9.]+/[0-9]+')", '192.168.1.1/24'],
  ["line | regex_search('([0-9.]+)/([0-9]+)', '\\\\1', '\\\\2')", ['192.168.1.1', '24']],
  ["line | regex_search('dev (?P<dev>\\\\S+)', '\\\\g<dev>')", ['eth0']],
  ["line | regex_search('nope')", null],
  ["line | regex_search('INET', ignorecase=true)", 'inet'],
  ["line | regex_replace('^inet (\\\\S+)/.*$', '\\\\1')", '192.168.1.1'],
  ["'a\\nb' | regex_replace('^', '> ', multiline=true)", '> a\n> b'],
  ["'aaa' | regex_replace('a', 'b', count=2)", 'bba'],
  ["'abc' | regex_replace('(?P<first>a)', '<\\\\g<first>>')", '<a>bc'],
  ["'abc' | regex_replace('B(?i)', 'x')", undefined],
  ["'aBc' | regex_replace('(?i)b', 'x')", 'axc'],
  ["'a1b22' | regex_findall('[0-9]+')", ['1', '22']],
  [
    "'a=1 b=2' | regex_findall('(\\\\w)=(\\\\d)')",
    [
      ['a', '1'],
      ['b', '2'],
    ],
  ],
  ["'a.b*c' | regex_escape", 'a\\.b\\*c'],
  ["'abc' | b64encode", 'YWJj'],
  ["'YWJj' | b64decode", 'abc'],
  ["'abc' | hash", 'a9993e364706816aba3e25717850c26c9cd0d89d'],
  ["'abc' | hash('md5')", '900150983cd24fb0d6963f7d28e17f72'],
  ["'/etc/network/interfaces' | basename", 'interfaces'],
  ["'/etc/network/interfaces' | dirname", '/etc/network'],
  ["'/etc' | dirname", '/'],
  ["'a.tar.gz' | splitext", ['a.tar', '.gz']],
  ["'two words' | quote", "'two words'"],
  ["'a,b' | split(',')", ['a', 'b']],
  ["'a b' | split", ['a', 'b']],
  ['1.0 | type_debug', 'float'],
  ['nics | type_debug', 'list'],
  ["0 | extract(['a', 'b'])", 'a'],
  ["['eth1', 'eth0'] | map('extract', {'eth0': 1, 'eth1': 2})", [2, 1]],
  ["'x' | extract({'x': {'y': 5}}, 'y')", 5],
  ["'eth0' is match('eth')", true],
  ["'my-eth0' is match('eth')", false],
  ["'my-eth0' is search('eth')", true],
  ["'ETH' is search('eth', ignorecase=true)", true],
  ["'eth0' is regex('^eth[0-9]$')", true],
  ["'eth0' is regex('eth', match_type='fullmatch')", false],
  ['[1] is subset([1, 2])', true],
  ['[1, 2] is superset([1])', true],
  ['[1, 2] is contains(2)', true],
  ['[0, 1] is any', true],
  ['[0, 1] is all', false],
  ["nics | selectattr('name', 'match', 'eth1') | map(attribute='mtu')", [9000]],
  ["nics | selectattr('name', 'in', ['eth0']) | length", 1],
  ["'x' | ansible.builtin.upper", 'X'],
  ["nope | mandatory('say the name')", undefined],
  ['5 | mandatory', 5],
  ['8 | root', 2.8284271247461903],
  ['2 | pow(3)', 8],
];

const templates = createTemplates();
const scope = createScope([variables], templates);

describe("Ansible's filters and tests", () => {
  it.each(cases.filter(([, expected]) => expected !== undefined))('%s', (expression, expected) => {
    expect(templates.render(`{{ ${expression} }}`, scope)).toStrictEqual(expected);
  });

  it.each(cases.filter(([, expected]) => expected === undefined))('%s fails', (expression) => {
    expect(() => templates.render(`{{ ${expression} }}`, scope)).toThrowError(
      expect.objectContaining({ code: 'template' }),
    );
  });

  it('random with a seed always gives the same item, and one of the list', () => {
    const expression = "{{ [1, 2, 3, 4, 5] | random(seed='host1') }}";
    const first = templates.render(expression, scope);
    expect([1, 2, 3, 4, 5]).toContain(first);
    expect(createTemplates().render(expression, scope)).toBe(first);
  });

  it('random without a seed gives one of the list', () => {
    for (let at = 0; at < 50; at++)
      expect(['a', 'b']).toContain(templates.render("{{ ['a', 'b'] | random }}", scope));
  });

  it('data survives to_yaml and to_nice_yaml', () => {
    for (const filter of ['to_yaml', 'to_nice_yaml', 'to_json', 'to_nice_json'])
      expect(
        templates.render(`{{ base | ${filter} | ${filter.replace(/^to_(nice_)?/, 'from_')} }}`, scope),
      ).toStrictEqual(variables.base);
  });
});
