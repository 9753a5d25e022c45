/** Templates that would take for ever or all memory end in an error of ours, soon. */
import { describe, expect, it } from 'vitest';
import { NetplayError } from '../../../src/shared/errors.js';
import { withBudget } from '../../../src/template/budget.js';
import { createScope } from '../../../src/template/scope.js';
import { createTemplates } from '../../../src/template/templates.js';

const templates = createTemplates();
const scope = createScope([{ text: 'a'.repeat(50), list: [1, 2, 3] }], templates);
/** Far above what any of these takes, far below what they would take without a limit. */
const LONGEST = 20_000;

function failure(source: string, steps?: number): string {
  try {
    withBudget(() => templates.render(source, scope), steps);
  } catch (error) {
    if (error instanceof NetplayError) return error.message;
    throw error;
  }
  throw new Error('expected an error');
}

/** Those that go on to the end of their budget get a tenth of it, for the sake of the test's own time. */
const SLOW = /ns\.x, ns\.x|m\(60\)/;

const DOUBLE = '{% set ns = namespace(x="ab") %}{% for i in range(60) %}{% set ns.x = ns.x';

describe('a template that takes too long or too much', () => {
  it.each([
    ['{{ range(10 ** 12) | list }}', 'would be too long'],
    ['{{ range(10 ** 7 + 1) }}', 'would be too long'],
    ["{{ 'x' * 10 ** 10 }}", 'would be too long'],
    ['{{ [1] * 10 ** 9 | int }}', 'would be too long'],
    ['{% for i in range(9000000) %}{% for j in range(9000000) %}x{% endfor %}{% endfor %}', 'takes too long'],
    [
      '{% for i in range(9000000) %}{% set x = i %}{% endfor %}{% for i in range(9000000) %}{% set x = i * 2 %}{% endfor %}',
      'takes too long',
    ],
    [`${DOUBLE} ~ ns.x %}{% endfor %}{{ ns.x | length }}`, 'too l'],
    [`${DOUBLE} + ns.x %}{% endfor %}{{ ns.x | length }}`, 'too long'],
    [
      '{% set ns = namespace(x=[1]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x }}',
      'takes too long',
    ],
    [
      '{% set ns = namespace(x=[1]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x | to_json }}',
      'takes too long',
    ],
    [
      '{% set ns = namespace(x=[1]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x | to_nice_yaml }}',
      'takes too long',
    ],
    [
      '{% set ns = namespace(x=[1]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x | flatten }}',
      'takes too long',
    ],
    [
      '{% set ns = namespace(x=[1]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x == ns.x }}',
      'takes too long',
    ],
    ['{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}', 'nested too deeply'],
    [
      '{% macro m(n) %}{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(60) }}',
      'takes too long',
    ],
    ['{{ range(11) | permutations | list | length }}', 'would be too long'],
    ['{{ range(60) | combinations(30) | list | length }}', 'would be too long'],
    ['{{ range(10000) | product(range(10000)) | list | length }}', 'would be too long'],
    ["{{ query('nested', range(10000), range(10000)) | length }}", 'would be too long'],
    ["{{ query('sequence', '1-100000000') | length }}", 'would be too long'],
    ["{{ '%100000000d' % 5 }}", 'would be too long'],
    ["{{ '{:100000000}'.format(5) }}", 'would be too long'],
    ["{{ ('a' * 1000000) | replace('a', 'b' * 1000000) | length }}", 'would be too long'],
    ["{{ ('a' * 1000000).replace('', 'b' * 1000000) | length }}", 'would be too long'],
    ["{{ ('a' * 1000000) | regex_replace('a', 'b' * 1000000) | length }}", 'too l'],
    [
      "{{ text | regex_replace('^(a+)+$', 'x') ~ (text ~ '!') | regex_search('^(a+)+$') }}",
      'takes too long on this text',
    ],
    ["{{ (text ~ '!') is match('(a|aa)+$') }}", 'takes too long on this text'],
    ["{{ (text ~ '!') | regex_findall('(a*)*b') }}", 'takes too long on this text'],
    ["{{ ('a' * 20000) is search('a*a*a*a*b') }}", 'takes too long on this text'],
    ["{{ '0.0.0.0/4' | usable_range }}", 'would be too long'],
    ["{{ '::/0' | usable_range }}", 'would be too long'],
    ['{% for a in range(3000000) recursive %}{{ loop([1, 2]) }}{% endfor %}', ''],
    [`{{ ${'['.repeat(5000)}${']'.repeat(5000)} }}`, 'nested too deeply'],
    ["{{ 'x' | center(1000000000) }}", 'would be too long'],
    ["{{ 'x' | indent(1000000000, true) }}", 'too l'],
    ["{{ range(3000000) | map('string') | join('x' * 100000) | length }}", 'too l'],
    ["{{ 'ab' | comment(prefix_count=1000000000) }}", 'too l'],
  ])(
    '%s',
    (source, message) => {
      const begin = performance.now();
      expect(failure(source, SLOW.test(source) ? 1_000_000 : undefined)).toContain(message);
      expect(performance.now() - begin).toBeLessThan(LONGEST);
    },
    60_000,
  );

  it('stops at the same spot each time', () => {
    const source = '{% for i in list %}{{ i }}{% endfor %}';
    const spent = (steps: number): boolean => {
      try {
        withBudget(() => templates.render(source, scope), steps);
        return true;
      } catch {
        return false;
      }
    };
    const enough = Array.from({ length: 100 }, (_, steps) => steps).findIndex(spent);
    expect(enough).toBeGreaterThan(5);
    expect([enough - 1, enough, enough - 1, enough].map(spent)).toEqual([false, true, false, true]);
  });

  it('shares the budget with the variables that it uses', () => {
    const slow = createScope(
      [{ a: '{% for i in range(200) %}{{ i }}{% endfor %}', b: '{{ a }}{{ a }}' }],
      templates,
    );
    expect(() => withBudget(() => templates.render('{{ b }}', slow), 100)).toThrow('takes too long');
    expect(templates.render('{{ b }}', slow)).toHaveLength(980);
  });

  it('gives the next template a budget of its own', () => {
    expect(() => withBudget(() => templates.render('{{ list | sum }}', scope), 1)).toThrow('takes too long');
    expect(templates.render('{{ list | sum }}', scope)).toBe(6);
  });
});

describe('what is large, but no mistake', () => {
  it.each([
    ['{{ range(1000000) | sum }}', 499_999_500_000],
    ["{{ ('x' * 5000000) | length }}", 5_000_000],
    ['{% for i in range(200000) %}{% if i == 199999 %}{{ i }}{% endif %}{% endfor %}', 199_999],
    ["{{ (text * 100) | regex_replace('a', 'b') | length }}", 5000],
    ["{{ ('ab ' * 10000) | regex_findall('(\\\\w+) ') | length }}", 10_000],
  ])('%s', (source, expected) => {
    expect(templates.render(source, scope)).toEqual(expected);
  });
});
