import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Family } from '../../../src/shared/addr.js';
import type { Rule } from '../../../src/snapshot/model.js';
import {
  addRule,
  dropRule,
  exchangeRule,
  freePriority,
  type RuleKey,
  rulesLike,
} from '../../../src/snapshot/rule-index.js';
import { hostState } from '../../support/host-state.js';
import { ruleWith } from '../../support/rules.js';

const family = fc.constantFrom<Family>(4, 6);
const priority = fc.integer({ min: 100, max: 103 });
const from = fc.constantFrom('10.0.0.1/32', '10.0.0.2/32', null);
const table = fc.constantFrom(100, 101);

const anyKey = fc.record(
  { family, priority, from, table },
  { requiredKeys: ['family'] },
) satisfies fc.Arbitrary<RuleKey>;

const anyEdit = fc.record({
  rule: fc.record({ family, priority, from, table }).map(ruleWith),
  edit: fc.constantFrom('add', 'exchange', 'drop'),
  place: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
});

test('after any changes, the rules alike are those of the list, in the order of their priorities', () => {
  fc.assert(
    fc.property(fc.array(anyEdit), fc.array(anyKey, { minLength: 1 }), (edits, keys) => {
      const agrees = (list: readonly Rule[]): void => {
        for (const key of keys) {
          const like = list.filter((rule) =>
            Object.entries(key).every(([field, value]) => rule[field as keyof Rule] === value),
          );
          const inOrder = like.toSorted((a, b) => a.priority - b.priority);
          expect(rulesLike(list, key)).toEqual(inOrder);
          for (const [at, rule] of rulesLike(list, key).entries()) expect(rule).toBe(inOrder[at]);
        }
        for (const each of [4, 6] as const) {
          const free = freePriority(list, each, 100);
          const taken = list.filter((rule) => rule.family === each).map((rule) => rule.priority);
          expect(taken).not.toContain(free);
          for (let below = 100; below < free; below++) expect(taken).toContain(below);
        }
      };
      const first = [ruleWith({ family: 4, priority: 0 }), ruleWith({ family: 6, priority: 0 })];
      const draft = { ...hostState(), rules: first as readonly Rule[] };
      agrees(draft.rules);
      for (const { rule, edit, place } of edits) {
        const other = draft.rules[Math.floor(place * draft.rules.length)];
        if (edit === 'add' || other === undefined) addRule(draft, rule);
        else if (edit === 'drop') dropRule(draft, other);
        else exchangeRule(draft, other, { ...other, table: rule.table });
        agrees(draft.rules);
      }
      expect(first).toHaveLength(2);
      agrees(first);
    }),
  );
});
