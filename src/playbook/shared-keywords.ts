/** Keywords that plays, roles, blocks and tasks share, and how they are handed down. */
import { isMap, isScalar, isSeq } from 'yaml';
import type { Vars } from '../inventory/model.js';
import { isTemplate } from '../resources/templated.js';
import { toPlain } from '../shared/yaml.js';
import { readConditions } from './conditions.js';
import { insteadOf } from './foreign-modules.js';
import { INHERITABLE, type Inheritable, shortName } from './keywords.js';
import type { Around, Keywords } from './model.js';
import { type Entry, here, isEmpty, kindOf, type NodeReader } from './reader.js';

export type Entries = ReadonlyMap<string, Entry>;

const NO_KEYWORDS: Keywords = {};

export function entriesOf(reader: NodeReader, node: Parameters<NodeReader['entries']>[0]): Entries {
  return new Map(reader.entries(node).map((entry) => [entry.key, entry]));
}

/** The keywords that stand here; layers as lists. */
export function readKeywords(reader: NodeReader, entries: Entries): Keywords {
  const found = INHERITABLE.flatMap((keyword) => {
    const entry = entries.get(keyword.word);
    const value = entry === undefined ? undefined : readKeyword(reader, entry, keyword);
    return value === undefined ? [] : [[keyword.property, value] as const];
  });
  return found.length === 0 ? NO_KEYWORDS : Object.fromEntries(found);
}

function readKeyword(reader: NodeReader, entry: Entry, { kind, word, values }: Inheritable): unknown {
  if (kind === 'flag') return reader.flag(entry);
  if (values !== undefined) return readWord(reader, entry, values);
  if (kind === 'text') return reader.text(entry);
  if (kind === 'number') return reader.number(entry);
  return word === 'module_defaults' ? readDefaults(reader, entry) : readLayers(reader, entry);
}

/** One of these words, or a template that gives one. */
function readWord(reader: NodeReader, entry: Entry, values: readonly string[]): string | undefined {
  return isScalar(entry.node) && isTemplate(entry.node.value)
    ? reader.text(entry)
    : reader.choice(entry, values);
}

/** `environment`: a map, a list of maps, or templates that give one. */
function readLayers(reader: NodeReader, { key, keyNode, node }: Entry): unknown[] | undefined {
  if (isEmpty(node)) return undefined;
  const nodes: readonly unknown[] = isSeq(node) ? node.items : [node];
  for (const item of nodes) {
    const isTemplate = isScalar(item) && typeof item.value === 'string' && item.value.includes('{{');
    if (!isMap(item) && !isTemplate)
      reader.refuse(
        `${key}: must be a map, or a template that gives one, not ${kindOf(item)}`,
        here(item, keyNode),
      );
  }
  reader.checkTemplates(node);
  return nodes.map(toPlain);
}

/** `module_defaults`: maps by action, under their short names. */
function readDefaults(reader: NodeReader, { key, keyNode, node }: Entry): unknown[] | undefined {
  if (isEmpty(node)) return undefined;
  const nodes: readonly unknown[] = isSeq(node) ? node.items : [node];
  return nodes.flatMap((item) => {
    if (!isMap(item)) {
      reader.refuse(`${key}: must be a map of maps by action, not ${kindOf(item)}`, here(item, keyNode));
      return [];
    }
    const layers = reader.entries(item).flatMap((action) => {
      const { keyNode: at, node: given } = action;
      if (!isKnown(reader, key, action)) return [];
      if (isMap(given) || (isScalar(given) && isTemplate(given.value)))
        return [[shortName(action.key), toPlain(given)] as const];
      reader.refuse(
        `${key}: ${action.key} must be a map of parameters, not ${kindOf(given)}`,
        here(given, at),
      );
      return [];
    });
    reader.checkTemplates(item);
    return [Object.fromEntries(layers)];
  });
}

/** Whether it names an action or a resource; notes what does not. */
function isKnown(reader: NodeReader, word: string, { key, keyNode }: Entry): boolean {
  if (reader.known.meaning(key) !== undefined) return true;
  if (key.startsWith('group/'))
    reader.refuse(`${word}: there are no groups of actions`, keyNode, {
      hint: `Name each action of ${key.slice('group/'.length)} that the play uses.`,
    });
  else
    reader.refuse(`${word}: there is no action ${key}`, keyNode, {
      hint: insteadOf(key) ?? 'Leave it out.',
    });
  return false;
}

export function readTags(reader: NodeReader, entries: Entries): string[] {
  const entry = entries.get('tags');
  return entry === undefined || isEmpty(entry.node) ? [] : reader.words(entry);
}

export function readVars(reader: NodeReader, entries: Entries): Vars {
  const entry = entries.get('vars');
  return entry === undefined ? {} : reader.vars(entry);
}

/** Texts: one, or a list of them, taken as they are. */
export function readTexts(reader: NodeReader, entry: Entry | undefined): string[] {
  if (entry === undefined || isEmpty(entry.node)) return [];
  const nodes: readonly unknown[] = isSeq(entry.node) ? entry.node.items : [entry.node];
  return nodes.flatMap((node) => reader.text({ ...entry, node }) ?? []);
}

export function readName(reader: NodeReader, entries: Entries): string | undefined {
  const entry = entries.get('name');
  return entry === undefined || isEmpty(entry.node) ? undefined : reader.text(entry);
}

/** What stands around all of a play's tasks. */
export function aroundPlay(keywords: Keywords, tags: readonly string[]): Around {
  return { keywords, tags, when: [], vars: {}, notify: [], depth: 0 };
}

/**
 * What stands around the tasks of something that has these keywords itself: conditions and tags are added,
 * variables and layers laid over, the rest stands before what was around.
 */
export function within(reader: NodeReader, entries: Entries, around: Around): Around {
  const when = entries.get('when');
  const notify = readTexts(reader, entries.get('notify'));
  return {
    ...around,
    keywords: inner(readKeywords(reader, entries), around.keywords),
    tags: union(around.tags, readTags(reader, entries)),
    when: when === undefined ? around.when : [...around.when, ...readConditions(reader, when)],
    vars: over(readVars(reader, entries), around.vars),
    notify: notify.length === 0 ? around.notify : notify,
  };
}

/** Keywords as they hold where `own` stands within what has `outer`. */
export function inner(own: Keywords, outer: Keywords): Keywords {
  if (own === NO_KEYWORDS) return outer;
  const { environment, moduleDefaults } = outer;
  return {
    ...outer,
    ...own,
    ...(environment !== undefined && { environment: [...environment, ...(own.environment ?? [])] }),
    ...(moduleDefaults !== undefined && {
      moduleDefaults: [...moduleDefaults, ...(own.moduleDefaults ?? [])],
    }),
  };
}

function union(outer: readonly string[], own: readonly string[]): readonly string[] {
  return own.length === 0 ? outer : [...new Set([...outer, ...own])];
}

function over(own: Vars, outer: Vars): Vars {
  return Object.keys(own).length === 0 ? outer : { ...outer, ...own };
}
