/** What a `gather_subset` and a `filter` stand for. That Ansible takes them so is held by test/lab/facts-judge.test.ts. */
import { describe, expect, test } from 'vitest';
import { COLLECTOR_NAMES, collectorsFor, filterFacts } from '../../../src/facts/subsets.js';
import { NetplayError } from '../../../src/shared/errors.js';
import { FILTERED_NAMES, FILTERS, NO_SUBSETS, SUBSETS } from '../../support/fact-subsets.js';

describe('gather_subset', () => {
  test.each(SUBSETS)('$subset', ({ subset, collectors }) => {
    expect([...collectorsFor(subset)].toSorted()).toEqual(
      collectors === 'all' ? COLLECTOR_NAMES.toSorted() : collectors.toSorted(),
    );
  });

  test('is all where it is not said, and one text with commas is a list', () => {
    expect(collectorsFor(undefined)).toEqual(collectorsFor(['all']));
    expect(collectorsFor([])).toEqual(collectorsFor(['all']));
    expect(collectorsFor('!all, !min,network')).toEqual(collectorsFor(['!all', '!min', 'network']));
  });

  test.each(NO_SUBSETS)('%s %s is refused', (...subset) => {
    expect(() => collectorsFor(subset)).toThrow(/there is no subset/);
  });

  test('a word that is none is refused with the nearest that is', () => {
    const wrong = (): unknown => collectorsFor(['!min', 'netwrok']);
    expect(wrong).toThrow(NetplayError);
    expect(wrong).toThrow(/no subset "netwrok"/);
    try {
      wrong();
    } catch (error) {
      expect(error).toMatchObject({
        code: 'schema',
        hint: expect.stringContaining('Did you mean "network"?'),
      });
    }
  });
});

describe('filter', () => {
  const facts = Object.fromEntries(FILTERED_NAMES.map((name) => [name, name.length]));

  test.each(FILTERS)('$patterns', ({ patterns, names }) => {
    const left = filterFacts(facts, patterns);
    expect(Object.keys(left).toSorted()).toEqual(names.toSorted());
    for (const name of names) expect(left[name]).toBe(name.length);
  });

  test('a range that runs backwards is refused', () => {
    expect(() => filterFacts(facts, ['[z-a]'])).toThrow(/"\[z-a\]" is no pattern/);
  });
});
