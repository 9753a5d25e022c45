import fc from 'fast-check';

/** Expressions of numbers, texts, lists and their operators; most have a value, some are errors in Python. */
const number = fc.oneof(
  fc.integer({ min: 0, max: 9 }).map(String),
  fc.constantFrom('0.5', '1.5', '2.0', '0.1', '10.25', 'n', 'half', 'zero', 'true'),
);
const list = fc.oneof(
  fc.constantFrom('numbers', 'mixed', '[]', 'nested', '[1, 1.0, true]', '(1, 2)', 'words'),
  fc.array(number, { maxLength: 4 }).map((items) => `[${items.join(', ')}]`),
);
const word = fc.constantFrom("'a'", "'Abc'", "''", 'name', 'sentence', "'12'", "'a,b'");

export const randomExpression = fc.letrec<Record<'any' | 'num' | 'text' | 'seq' | 'bool', string>>((tie) => ({
  any: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    number,
    tie('num'),
    tie('text'),
    tie('seq'),
    tie('bool'),
  ),
  num: fc.oneof(
    { maxDepth: 4 },
    number,
    fc
      .tuple(tie('num'), fc.constantFrom('+', '-', '*', '/', '//', '%'), tie('num'))
      .map(([a, operator, b]) => `(${a} ${operator} ${b})`),
    fc.tuple(number, fc.constantFrom('0', '1', '2', '3')).map(([a, b]) => `(${a} ** ${b})`),
    tie('num').map((a) => `(-${a})`),
    fc
      .tuple(tie('seq'), fc.constantFrom('length', 'sum', 'min', 'max', 'first', 'last'))
      .map(([a, f]) => `((${a} + [1]) | ${f})`),
    fc.tuple(tie('num'), fc.constantFrom('int', 'float', 'abs', 'round')).map(([a, f]) => `((${a}) | ${f})`),
    fc.tuple(tie('bool'), tie('num'), tie('num')).map(([c, a, b]) => `(${a} if ${c} else ${b})`),
  ),
  text: fc.oneof(
    { maxDepth: 4 },
    word,
    fc.tuple(tie('text'), tie('any')).map(([a, b]) => `(${a} ~ ${b})`),
    fc
      .tuple(tie('text'), fc.constantFrom('upper', 'lower', 'title', 'capitalize', 'trim', 'reverse'))
      .map(([a, f]) => `(${a} | ${f})`),
    fc
      .tuple(tie('text'), fc.integer({ min: -4, max: 4 }), fc.constantFrom(':', '::2', '::-1'))
      .map(([a, at, rest]) => `(${a})[${at}${rest}]`),
    fc.tuple(tie('seq'), tie('text')).map(([a, b]) => `(${a} | join(${b}))`),
  ),
  seq: fc.oneof(
    { maxDepth: 4 },
    list,
    fc.tuple(tie('seq'), tie('seq')).map(([a, b]) => `(${a} + ${b})`),
    fc
      .tuple(tie('seq'), fc.integer({ min: -4, max: 4 }), fc.integer({ min: -4, max: 4 }))
      .map(([a, from, to]) => `(${a})[${from}:${to}]`),
    fc
      .tuple(
        tie('seq'),
        fc.constantFrom(
          'sort',
          'unique | list',
          'reverse | list',
          'list',
          "map('string') | list",
          'select | list',
          'batch(2) | list',
        ),
      )
      .map(([a, f]) => `(${a} | ${f})`),
    fc.array(tie('any'), { maxLength: 3 }).map((items) => `[${items.join(', ')}]`),
    tie('text').map((a) => `(${a}).split()`),
  ),
  bool: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom('yes', 'no'),
    fc
      .tuple(tie('num'), fc.constantFrom('<', '<=', '>', '>=', '==', '!='), tie('num'))
      .map(([a, operator, b]) => `(${a} ${operator} ${b})`),
    fc
      .tuple(tie('any'), fc.constantFrom('==', '!='), tie('any'))
      .map(([a, operator, b]) => `(${a} ${operator} ${b})`),
    fc.tuple(tie('any'), tie('seq')).map(([a, b]) => `(${a} in ${b})`),
    fc
      .tuple(tie('any'), fc.constantFrom('and', 'or'), tie('any'))
      .map(([a, operator, b]) => `(${a} ${operator} ${b})`),
    tie('any').map((a) => `(not ${a})`),
    fc
      .tuple(
        tie('any'),
        fc.constantFrom('string', 'number', 'integer', 'float', 'boolean', 'sequence', 'iterable', 'none'),
      )
      .map(([a, t]) => `(${a} is ${t})`),
  ),
})).any;
