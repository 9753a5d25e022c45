import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NetplayError } from '../../../src/shared/errors.js';
import type { Place } from '../../../src/shared/place.js';
import { define } from '../../../src/template/functions.js';
import { globalFunction } from '../../../src/template/globals.js';
import type { Scope } from '../../../src/template/model.js';
import { createScope } from '../../../src/template/scope.js';
import { createTemplates } from '../../../src/template/templates.js';
import { LazyDict, OMIT } from '../../../src/template/values.js';
import { randomExpression } from './random-expressions.js';

const templates = createTemplates();
const variables = {
  nic: { name: 'eth0', mtu: 1500, 'has-dash': 1 },
  nics: [{ name: 'eth0' }, { name: 'eth1' }],
  lan_address: '192.168.1.1',
  n: 7,
  word: 'yes',
  on: true,
};
const scope = createScope([variables], templates);

function failure(work: () => unknown): NetplayError {
  try {
    work();
  } catch (error) {
    if (error instanceof NetplayError) return error;
    throw error;
  }
  throw new Error('expected an error');
}

describe('render', () => {
  it.each<[string, unknown, unknown]>([
    ['keeps what is no template', { a: [1, 'x', null, true] }, { a: [1, 'x', null, true] }],
    ['a lone expression keeps its type', '{{ nics }}', [{ name: 'eth0' }, { name: 'eth1' }]],
    ['text around makes a text', 'mtu {{ nic.mtu }}', 'mtu 1500'],
    ['a number as text stays text', "{{ '7' }}", '7'],
    ['templates anywhere', { a: ['{{ n }}', { b: '{{ nic.name }}' }] }, { a: [7, { b: 'eth0' }] }],
    ['keys are not templates', { '{{ n }}': 1 }, { '{{ n }}': 1 }],
    ['the division of whole numbers is a number', '{{ 8 / 2 }}', 4],
    ['tuples and floats are plain within', '{{ [(1, 2.0)] }}', [[1, 2]]],
    ['one piece of output keeps its type', '{% set x = [n] %}{{ x }}', [7]],
    ['no output is None', '{% if not on %}x{% endif %}', null],
    ['omit drops keys', { a: '{{ omit }}', b: 1 }, { b: 1 }],
    ['omit drops items', ['{{ nope | default(omit) }}', 1], [1]],
    ['omit drops within a value', "{{ {'a': omit, 'b': [omit, 2]} }}", { b: [2] }],
    ['omit alone stays, for its holder to drop', '{{ omit }}', OMIT],
    ['results are not rendered again', "{{ '{{ n }}' }}", '{{ n }}'],
    ['an if without else is empty', "{{ 'x' if not on }}", ''],
    ['variables hide globals', '{{ range }}', 'mine'],
  ])('%s', (_, value, expected) => {
    expect(templates.render(value, createScope([variables, { range: 'mine' }], templates))).toStrictEqual(
      expected,
    );
  });

  it('gives the very value where there is nothing to render', () => {
    const value = { a: [1, { b: 'x' }] };
    expect(templates.render(value, scope)).toBe(value);
    expect(templates.render('{{ nics }}', scope)).toBe(variables.nics);
  });

  it('leaves the variables as they are', () => {
    const before = structuredClone(variables);
    templates.render("{{ nics | map('combine', {'x': 1}) }} {{ nics + [1] }} {{ nics | reverse }}", scope);
    expect(variables).toStrictEqual(before);
  });

  it('asks only for the names that are used', () => {
    const asked: string[] = [];
    const lazy: Scope = {
      has: () => true,
      get: (name) => {
        asked.push(name);
        return name === 'a';
      },
      names: () => [],
    };
    expect(templates.render('{{ a or b }}', lazy)).toBe(true);
    expect(asked).toEqual(['a']);
  });

  it('asks a lazy dict only for the keys that are used', () => {
    const asked: string[] = [];
    const hostvars = new LazyDict({
      keys: () => ['h1', 'h2'],
      has: (key) => key === 'h1' || key === 'h2',
      get: (key) => {
        asked.push(key);
        return { name: key };
      },
    });
    const withHosts = createScope([{ hostvars }], templates);
    expect(templates.render("{{ hostvars['h2'].name }} {{ 'h3' in hostvars }}", withHosts)).toBe('h2 False');
    expect(asked).toEqual(['h2']);
    expect(templates.render('{{ hostvars }}', withHosts)).toStrictEqual({
      h1: { name: 'h1' },
      h2: { name: 'h2' },
    });
  });
});

describe('errors', () => {
  it.each([
    ['{{ lan_adress }}', "'lan_adress' is undefined", "Did you mean 'lan_address'?"],
    ['{{ nic.mtuu }}', "'nic.mtuu' is undefined", "Did you mean 'mtu'?"],
    ['{{ nic.zzzzzz }}', "'nic.zzzzzz' is undefined", 'The dict has name, mtu, has-dash.'],
    ['{{ nic.keys }}', "'nic.keys' is undefined", 'It is a method: call it as keys().'],
    ['{{ nics[5] }}', "'nics[5]' is undefined", 'The list has 2 items.'],
    ['{{ nic.name.uper() }}', "a str has no method 'uper'", "Did you mean 'upper'?"],
    ['{{ n | uper }}', "there is no filter named 'uper'", "Did you mean 'upper'?"],
    ['{{ n is definde }}', "there is no test named 'definde'", "Did you mean 'defined'?"],
    ['{{ n | default(valeu=1) }}', "'default' has no argument 'valeu'", undefined],
    ['{{ n | upper(1) }}', "'upper' takes at most 0 arguments, not 1", undefined],
    [
      "{{ 'a' + n }}",
      "'+' does not work on str and int",
      "Convert one of them: '| int', '| float' or '| string'; '~' joins anything as text.",
    ],
    ['{{ n / 0 }}', 'division by zero', undefined],
    ['{{ 2 ** 60 }}', 'the result is an integer beyond 2^53', undefined],
    ['{{ n', "'{{' is not closed", undefined],
    ['{% if n %}', "expected '{% endif %}'", undefined],
    ['{% macro x() %}', "expected '{% endmacro %}'", undefined],
    [
      '{% nope %}',
      "expected one of if, for, set, macro, call, filter, with, include, import, from, extends, block, raw, not 'nope'",
      undefined,
    ],
    ['{{ (n }}', "expected ')', not '}'", undefined],
    ['{{ n n }}', "expected the end of the expression, not 'n'", undefined],
    [
      '{{ nics.append(1) }}',
      "Lists and dicts can't be changed in a template.",
      'Make a new one: list + [item].',
    ],
    ['{{ [nope] }}', "'nope' is undefined", undefined],
    ["{{ nics | map(attribute='nope') }}", "attribute 'nope' of an item is undefined", undefined],
    ['{{ [] | first }}', 'the first item of an empty list is undefined', undefined],
    ['{{ range }}', 'the result is a function', 'Call it: add ().'],
    ["{{ 'x' * 99999999 }}", 'the text would be too long', undefined],
  ])('%s', (template, message, hint) => {
    const error = failure(() => templates.render(template, scope));
    expect(error.code).toBe('template');
    expect(error.message).toBe(`${message}, in "${template}"`);
    expect(error.hint).toBe(hint);
  });

  it('points at the part at fault in its line', () => {
    const source = '    - route: {src: "{{ nic.name }}-{{ lan_adress | upper }}"}';
    const place: Place = { file: 'site.yml', line: 12, column: 20, source };
    const error = failure(() => templates.render('{{ nic.name }}-{{ lan_adress | upper }}', scope, place));
    const column = source.indexOf('lan_adress') + 1;
    expect(error.place).toStrictEqual({ ...place, column, length: 'lan_adress'.length });
  });

  it('keeps the place where its line does not hold the text', () => {
    const place: Place = { file: 'site.yml', line: 12, column: 5, source: '  x: >-' };
    expect(failure(() => templates.render('{{ nope }}', scope, place)).place).toStrictEqual(place);
  });

  it('cuts a long template', () => {
    const { message } = failure(() => templates.render(`{{ nope }}${'x'.repeat(500)}`, scope));
    expect(message.length).toBeLessThan(200);
  });
});

describe('condition', () => {
  it.each<[string | boolean, boolean]>([
    [true, true],
    [false, false],
    ['n > 5', true],
    ['nope is defined', false],
    ["nic.name == 'eth1' or on", true],
    ['not on', false],
    ['word | bool', true],
    ["'x' in nic", false],
    ['{{ n > 5 }}', true],
  ])('%s is %s', (expression, expected) => {
    expect(templates.condition(expression, scope)).toBe(expected);
  });

  it.each([
    ['word', 'a condition must be true or false, not str, in "word"'],
    ["'false'", `a condition must be true or false, not str, in "'false'"`],
    ['n', 'a condition must be true or false, not int, in "n"'],
    ['nics', 'a condition must be true or false, not list, in "nics"'],
    ['none', 'a condition must be true or false, not NoneType, in "none"'],
    ['nope', `'nope' is undefined, in "nope"`],
    ['', 'expected a value, not the end, in ""'],
    ['n = 7', `expected the end of the expression, not '=', in "n = 7"`],
  ])('%j is refused', (expression, message) => {
    expect(failure(() => templates.condition(expression, scope)).message).toBe(message);
  });

  it('says what to do about a text', () => {
    expect(failure(() => templates.condition('word', scope)).hint).toContain('| bool');
  });
});

describe('mentions', () => {
  it.each<[string, unknown, string[]]>([
    ['text', 'plain', []],
    [
      'names in all places',
      "{{ a.b[c] | default(d, x=e) }} {{ f if g is divisibleby(i) else -j }} {{ k('l', m=n) }}",
      ['a', 'c', 'd', 'e', 'f', 'g', 'i', 'j', 'k', 'n'],
    ],
    ['in lists and dicts', { x: ['{{ a }}', { y: '{{ b }}' }] }, ['a', 'b']],
    [
      'literals',
      "{{ [a, (b,), {'k': c, d: 1}] }}{{ e[f:g:h] }}{{ 1 < i < j }}{{ k ~ l }}",
      [...'abcdefghijkl'],
    ],
    ['not what is set', '{% set a = b %}{{ a }}', ['b']],
    ['but what is used before it is set', '{{ a }}{% set a = 1 %}', ['a']],
    ['not what a loop binds', '{% for a, b in c if a %}{{ a }}{{ b }}{{ loop.index }}{% endfor %}', ['c']],
    ['but the same name after the loop', '{% for a in b %}{% endfor %}{{ a }}', ['a', 'b']],
    ['what only one way sets', '{% if a %}{% set b = 1 %}{% endif %}{{ b }}', ['a', 'b']],
    [
      'not what every way sets',
      '{% if a %}{% set b = 1 %}{% else %}{% set b = 2 %}{% endif %}{{ b }}',
      ['a'],
    ],
    ['no globals', '{{ range(a) }}{{ omit }}', ['a']],
    ['not raw text', '{% raw %}{{ a }}{% endraw %}{# {{ b }} #}', []],
  ])('%s', (_, value, expected) => {
    expect([...templates.mentions(value)].sort()).toEqual(expected);
  });

  it('of a condition in braces', () => {
    expect([...templates.mentionsOf('{{ a == b }}')].sort()).toEqual(['a', 'b']);
  });

  it('of a bare expression', () => {
    expect([...templates.mentionsOf('a.b == c and not d is defined')].sort()).toEqual(['a', 'c', 'd']);
  });
});

describe('the sandbox', () => {
  const keys = [
    '__proto__',
    'constructor',
    'prototype',
    'toString',
    'hasOwnProperty',
    '__class__',
    'valueOf',
    'push',
    'map',
    'length',
    'names',
  ];
  const subjects = [
    'nic',
    'nics',
    'n',
    'nic.name',
    '(1, 2)',
    'range',
    '{}',
    '1.0',
    'namespace()',
    'omit',
    'none',
  ];
  it.each(keys)('%s is out of reach', (key) => {
    for (const subject of subjects) {
      expect(templates.render(`{{ ${subject}.${key} is defined }}`, scope)).toBe(false);
      expect(templates.render(`{{ ${subject}['${key}'] is defined }}`, scope)).toBe(false);
    }
    expect(templates.render(`{{ ${key} is defined }}`, scope)).toBe(false);
    expect(templates.render(`{{ '${key}' in nic }}`, scope)).toBe(false);
    expect(() => templates.render(`{{ nic.${key}() }}`, scope)).toThrowError(NetplayError);
    expect(() => templates.render(`{{ n | ${key} }}`, scope)).toThrowError(NetplayError);
  });

  it('a key __proto__ is a key', () => {
    const made = templates.render("{{ {'__proto__': {'admin': true}} }}", scope) as object;
    expect(Object.getPrototypeOf(made)).toBe(Object.prototype);
    expect(Object.keys(made)).toEqual(['__proto__']);
    expect(({} as { admin?: unknown }).admin).toBeUndefined();
    for (const expression of [
      "{} | combine({'__proto__': {'a': 1}})",
      "dict([('__proto__', {'a': 1})])",
      '\'{"__proto__": {"a": 1}}\' | from_json',
    ])
      expect((templates.render(`{{ ${expression} }}`, scope) as { a?: unknown }).a).toBeUndefined();
  });
});

describe('extending', () => {
  it('takes filters, tests and globals', () => {
    const own = createTemplates({
      filters: { plus: define('by', (value, [by]) => Number(value) + Number(by ?? 1)) },
      tests: { big: define('', (value) => Number(value) > 100) },
      globals: { site: 'north', twice: globalFunction('twice', 'x', ([x]) => `${String(x)}${String(x)}`) },
    });
    expect(
      own.render("{{ 1 | plus(by=5) }} {{ 500 is big }} {{ site }} {{ twice('a') }}", createScope([{}], own)),
    ).toBe('6 True north aa');
  });
});

describe('random text', () => {
  const piece = fc.constantFrom(
    '{{',
    '}}',
    '{%',
    '%}',
    '{#',
    '#}',
    '-',
    'if',
    'for',
    'x',
    'in',
    'endif',
    'endfor',
    'set',
    '=',
    'else',
    ' ',
    '|',
    'default',
    'is',
    'not',
    'defined',
    '(',
    ')',
    '[',
    ']',
    '{',
    '}',
    "'",
    '"',
    '1',
    '.',
    ',',
    ':',
    '~',
    'raw',
    'endraw',
    '\\',
    '*',
    'nic',
    '\n',
    '%',
    'é',
    '🚀',
  );
  const text = fc.oneof(
    fc.string(),
    fc.array(piece, { maxLength: 25 }).map((pieces) => pieces.join('')),
    fc.array(piece, { maxLength: 12 }).map((pieces) => `{{ ${pieces.join(' ')} }}`),
  );

  it('gives a value or an error of ours', () => {
    fc.assert(
      fc.property(text, (source) => {
        for (const work of [
          () => templates.render(source, scope),
          () => templates.condition(source, scope),
          () => templates.mentions(source),
        ])
          try {
            work();
          } catch (error) {
            expect(error).toBeInstanceOf(NetplayError);
          }
      }),
      { numRuns: 3000 },
    );
  });

  it('without braces stays as it is', () => {
    fc.assert(
      fc.property(
        fc.string().filter((source) => !source.includes('{')),
        (source) => templates.render(source, scope) === source,
      ),
    );
  });

  it('survives quoting as a literal', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }),
        (source) => templates.render(`{{ ${JSON.stringify(source)} }}`, scope) === source,
      ),
    );
  });

  it('uses no name that it does not mention, in any expression', () => {
    const used = new Set<string>();
    const recording: Scope = {
      has: (name) => {
        used.add(name);
        return true;
      },
      get: (name) => name,
      names: () => [],
    };
    fc.assert(
      fc.property(randomExpression, (source) => {
        used.clear();
        try {
          templates.render(`{{ ${source} }}`, recording);
        } catch (error) {
          if (!(error instanceof NetplayError)) throw error;
        }
        const mentioned = templates.mentionsOf(source);
        expect([...used].filter((name) => !mentioned.has(name))).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  it.each(['(', '[', '-', 'not ', '{1:', 'a if '])('%s over and over is an error, no crash', (nesting) => {
    expect(() => templates.condition(nesting.repeat(20_000), scope)).toThrowError(NetplayError);
  });

  it('a chain of 20,000 operators is an error or a value, no crash', () => {
    try {
      expect(templates.render(`{{ 1${' + 1'.repeat(20_000)} }}`, scope)).toBe(20_001);
    } catch (error) {
      expect(error).toBeInstanceOf(NetplayError);
    }
  });
});
