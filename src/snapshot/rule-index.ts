/**
 * A host's rules by what they are most often told apart by: a host may have thousands, and as many tasks must not
 * look at each. The index of a list is made when it is first asked for, and kept as rules are folded in.
 */
import type { Family } from '../shared/addr.js';
import { type Draft, insertBehind, ownList } from './draft.js';
import type { Rule } from './model.js';

const FIELDS = ['family', 'priority', 'from', 'to', 'fwmark', 'table'] as const;

/** Some of a rule's fields. */
export type RuleKey = Pick<Rule, 'family'> & Partial<Pick<Rule, (typeof FIELDS)[number]>>;

interface RuleIndex {
  /** By a field and its value. */
  byField: Map<string, Set<Rule>>;
  /** By family and first priority: up to which one, not counted in, all are known to be taken. */
  taken: Map<string, number>;
}

const indexes = new WeakMap<readonly Rule[], RuleIndex>();
const NONE: ReadonlySet<Rule> = new Set();

function indexOf(rules: readonly Rule[]): RuleIndex {
  const known = indexes.get(rules);
  if (known !== undefined) return known;
  const made: RuleIndex = { byField: new Map(), taken: new Map() };
  for (const rule of rules) enter(made, rule);
  indexes.set(rules, made);
  return made;
}

function enter({ byField }: RuleIndex, rule: Rule): void {
  for (const field of FIELDS) {
    const name = nameOf(field, rule);
    const set = byField.get(name);
    if (set === undefined) byField.set(name, new Set([rule]));
    else set.add(rule);
  }
}

function nameOf(field: (typeof FIELDS)[number], key: RuleKey): string {
  return `${field} ${key.family} ${key[field]}`;
}

/** The rules that have every field given, in the kernel's order. */
export function rulesLike(rules: readonly Rule[], key: RuleKey): readonly Rule[] {
  const { byField } = indexOf(rules);
  let few: ReadonlySet<Rule> | undefined;
  for (const field of FIELDS) {
    if (key[field] === undefined) continue;
    const own = byField.get(nameOf(field, key)) ?? NONE;
    if (few === undefined || own.size < few.size) few = own;
  }
  const found = [...(few ?? NONE)].filter((rule) =>
    FIELDS.every((field) => key[field] === undefined || rule[field] === key[field]),
  );
  return found.sort((a, b) => a.priority - b.priority);
}

/** The lowest priority from `first` on that no rule of the family has. */
export function freePriority(rules: readonly Rule[], family: Family, first: number): number {
  const { byField, taken } = indexOf(rules);
  const name = `${family} ${first}`;
  let priority = taken.get(name) ?? first;
  while (byField.has(nameOf('priority', { family, priority }))) priority += 1;
  taken.set(name, priority);
  return priority;
}

/** The draft's rules with one more, behind those of its family that have the same or a lower priority. */
export function addRule(draft: Draft, rule: Rule): void {
  const belongs = (other: Rule): boolean => other.family === rule.family && other.priority <= rule.priority;
  const { list, index } = own(draft);
  insertBehind(draft, list, rule, belongs);
  enter(index, rule);
}

/** The draft's rules with `after` in the place of `before`, which is one of them. */
export function exchangeRule(draft: Draft, before: Rule, after: Rule): void {
  const { list } = own(draft);
  list[list.indexOf(before)] = after;
  // It hardly ever happens: where it stands among its like need not be found out.
  indexes.delete(list);
}

/** The draft's rules without `rule`, which is one of them. */
export function dropRule(draft: Draft, rule: Rule): void {
  const { list, index } = own(draft);
  list.splice(list.indexOf(rule), 1);
  index.taken.clear();
  for (const field of FIELDS) {
    const name = nameOf(field, rule);
    const set = index.byField.get(name);
    set?.delete(rule);
    if (set?.size === 0) index.byField.delete(name);
  }
}

/** The rules as a list that the draft may change, with its index. */
function own(draft: Draft): { list: Rule[]; index: RuleIndex } {
  const list = ownList(draft, draft.rules);
  draft.rules = list;
  return { list, index: indexOf(list) };
}
