import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseIniValue } from '../../../src/inventory/literal.js';

function nestedLists(depth: number, within: unknown): unknown {
  return depth === 0 ? within : [nestedLists(depth - 1, within)];
}

// Values as ansible-inventory of ansible-core 2.14.18 shows them for `key=TEXT` in a `:vars` section.
test.each<[string, unknown]>([
  ['8080', 8080],
  ['-5', -5],
  ['- 5', -5],
  ['--5', '--5'],
  ['1_000', 1000],
  ['0x1F', 31],
  ['-0x10', -16],
  ['0o17', 15],
  ['017', '017'],
  ['00', 0],
  ['1.10', 1.1],
  ['.5', 0.5],
  ['5.', 5],
  ['1e3', 1000],
  ['80 # comment', 80],
  ['some text # not comment', 'some text # not comment'],
  ['#x', '#x'],
  ['True', true],
  ['False', false],
  ['None', null],
  ['true', 'true'],
  ['FALSE', 'FALSE'],
  ['yes', 'yes'],
  ['', ''],
  ["'quoted'", 'quoted'],
  ['"a \'b\' c"', "a 'b' c"],
  ['\'a\' "b"', 'ab'],
  ["'a\\tb\\x41\\u00e9\\q'", 'a\tbAé\\q'],
  ['"a\\nb"', 'a\nb'],
  ['"abc', '"abc'],
  ['[1, 2,]', [1, 2]],
  ["[1, 'two', {'k': None}]", [1, 'two', { k: null }]],
  ['{"a": True, \'b\': [1.5, (1,), ()]}', { a: true, b: [1.5, [1], []] }],
  ['{"a": true}', '{"a": true}'],
  ['{1: "x"}', { '1': 'x' }],
  ['{}', {}],
  ['(5)', 5],
  ['1,2', [1, 2]],
  ['22,', [22]],
  ['a,b', 'a,b'],
  ['[1, 2', '[1, 2'],
  ['[1 2]', '[1 2]'],
  ["u'x'", 'x'],
  ["r'a\\nb' 'c'", 'a\\nbc'],
  ["b'x'", 'x'],
  ["Ur'x'", "Ur'x'"],
  ["'''it's'''", "it's"],
  ['"""a"b"""', 'a"b'],
  ["'\\x4'", "'\\x4'"],
  [`${'['.repeat(200)}5${']'.repeat(200)}`, nestedLists(200, 5)],
  [`${'['.repeat(201)}${']'.repeat(201)}`, `${'['.repeat(201)}${']'.repeat(201)}`],
  ['{{ num }}/24', '{{ num }}/24'],
  ['10.0.0.1', '10.0.0.1'],
  ['10.0.0.1,10.0.0.2', '10.0.0.1,10.0.0.2'],
  ['10:11:22:33:44:55', '10:11:22:33:44:55'],
  // A number that JavaScript can't hold exactly stays the text it was.
  ['123456789012345678901234', '123456789012345678901234'],
])('%j is %j', (text, value) => expect(parseIniValue(text)).toEqual(value));

test('a key named __proto__ is a key like any other', () => {
  expect(Object.keys(parseIniValue("{'__proto__': {'x': 1}}") as object)).toEqual(['__proto__']);
});

test('any text gives a value, and what is no literal gives itself', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const value = parseIniValue(`<${text}`);
      expect(value).toBe(`<${text}`);
      parseIniValue(text);
    }),
  );
});

test('whatever JSON can say of strings, numbers and lists is the same in Python', () => {
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      fc.string({ unit: 'binary-ascii' }),
      fc.integer(),
      tie('list'),
      tie('map'),
    ),
    list: fc.array(tie('value')),
    map: fc.dictionary(fc.string({ unit: 'grapheme-ascii' }), tie('value')),
  }));
  fc.assert(
    fc.property(fc.array(value), (data) => {
      expect(parseIniValue(JSON.stringify(data))).toEqual(data);
    }),
  );
});
