import { expect, test } from 'vitest';
import { splitWords } from '../../../src/shared/words.js';

// As shlex.split(line, comments=True) of Python 3.11.
test.each<[string, string[]]>([
  ['web1  a=1\tb=2', ['web1', 'a=1', 'b=2']],
  ['a="b c" d=\'e "f"\'', ['a=b c', 'd=e "f"']],
  ['a="it\\"s" b="c\\d" e=\\\\', ['a=it"s', 'b=c\\d', 'e=\\']],
  ["a='b\\c'", ['a=b\\c']],
  ['a=b\\ c', ['a=b c']],
  ['a="" \'\'', ['a=', '']],
  ['a=b#c d', ['a=b']],
  ['a="#" # b', ['a=#']],
  ['# all', []],
  ['', []],
])('%j', (line, words) => {
  const split = splitWords(line);
  expect(Array.isArray(split) && split.map(({ text }) => text)).toEqual(words);
});

test('a word keeps its place in the line, quotes included', () => {
  expect(splitWords('  a  b="c d"')).toEqual([
    { text: 'a', offset: 2, length: 1 },
    { text: 'b=c d', offset: 5, length: 7 },
  ]);
});

test.each([
  ['a "b', 2],
  ["a 'b", 2],
  ['a\\', 1],
])('%j is open at %i', (line, unclosed) => expect(splitWords(line)).toEqual({ unclosed }));
