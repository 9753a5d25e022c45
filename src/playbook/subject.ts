/** What a task does: the one key of it that names a resource, an action, an include or an import. */
import { isMap, isScalar, Scalar, YAMLMap } from 'yaml';
import { nearest } from '../shared/nearest.js';
import { keyText } from '../shared/yaml.js';
import { insteadOf } from './foreign-modules.js';
import { HANDLER_KEYWORDS, PLAY_KEYWORDS, refusedKeyword, shortName, TASK_KEYWORDS } from './keywords.js';
import type { Meaning } from './known.js';
import { type Entry, here, kindOf, type NodeReader } from './reader.js';
import type { Entries } from './shared-keywords.js';

/** The key that names what the task does, with what stands behind it. */
export interface Subject extends Entry {
  meaning: Meaning;
  /** True below `local_action`. */
  local?: true;
}

const TASK_WORDS: ReadonlySet<string> = new Set(TASK_KEYWORDS);
const HANDLER_WORDS: ReadonlySet<string> = new Set(HANDLER_KEYWORDS);
const ACTION_WORDS = ['action', 'local_action'];

/** Notes every key that is neither a keyword nor names something, and what is missing or too much. */
export function findSubject(
  reader: NodeReader,
  node: YAMLMap,
  entries: Entries,
  isHandler: boolean,
): Subject | undefined {
  const keywords = isHandler ? HANDLER_WORDS : TASK_WORDS;
  const found: Subject[] = [];
  let explained = false;
  for (const entry of entries.values()) {
    const subject = subjectOf(reader, entry, keywords);
    if (subject === 'refused') explained = true;
    else if (subject !== undefined) found.push(subject);
  }
  const [first, ...others] = found;
  for (const other of others)
    reader.refuse(`A task does one thing: ${other.key} stands here beside ${first?.key}`, other.keyNode, {
      hint: 'Make it a task of its own.',
    });
  if (first === undefined && !explained)
    reader.refuse('This task names no resource and no action', node, {
      hint: `Name one, such as ${reader.known.resources[0]?.name ?? 'route'} or command; \`netplay doc\` lists them.`,
    });
  return first;
}

function subjectOf(
  reader: NodeReader,
  entry: Entry,
  keywords: ReadonlySet<string>,
): Subject | 'refused' | undefined {
  const { key } = entry;
  if (ACTION_WORDS.includes(key)) return indirect(reader, entry) ?? 'refused';
  const refused = refusedKeyword(key);
  if (refused !== undefined)
    reader.refuse(`${key}: netplay does not have it`, entry.keyNode, { hint: refused });
  if (refused !== undefined || keywords.has(key) || key.startsWith('with_')) return undefined;
  const meaning = reader.known.meaning(key);
  if (meaning !== undefined) return { ...entry, meaning };
  refuseKey(reader, entry, keywords);
  return 'refused';
}

/** Whether a map of a play's list is a task by its keys. */
export function namesSubject(reader: NodeReader, entries: Entries): boolean {
  return [...entries.keys()].some(
    (key) => ACTION_WORDS.includes(key) || reader.known.meaning(key) !== undefined,
  );
}

/** `action: copy src=a dest=b`, or `action: {module: copy, src: a}`; `local_action` likewise. */
function indirect(reader: NodeReader, entry: Entry): Subject | undefined {
  const named = isMap(entry.node) ? fromMap(entry.node) : fromText(entry.node);
  if (named === undefined) {
    reader.refuse(
      `${entry.key}: must be an action with its parameters, not ${kindOf(entry.node)}`,
      here(entry.node, entry.keyNode),
      { hint: `Write ${entry.key}: {module: copy, src: a, dest: b}.` },
    );
    return undefined;
  }
  const meaning = reader.known.meaning(named.key);
  if (meaning === undefined) {
    refuseKey(reader, named, TASK_WORDS);
    return undefined;
  }
  return { ...named, meaning, ...(entry.key === 'local_action' && { local: true }) };
}

function fromMap(node: YAMLMap): Entry | undefined {
  const pair = node.items.find(({ key }) => keyText(key) === 'module');
  if (pair === undefined || !isScalar(pair.value) || typeof pair.value.value !== 'string') return undefined;
  const params = new YAMLMap();
  params.items = node.items.filter((other) => other !== pair);
  params.range = node.range ?? null;
  return { key: pair.value.value, keyNode: pair.value, node: params };
}

function fromText(node: unknown): Entry | undefined {
  if (!isScalar(node) || typeof node.value !== 'string') return undefined;
  const [, key = '', blanks = '', rest = ''] = /^\s*([\w.]+)(\s*)([\s\S]*)$/.exec(node.value) ?? [];
  if (key === '') return undefined;
  const text = new Scalar<unknown>(rest === '' ? null : rest);
  const [start, , end] = node.range ?? [0, 0, 0];
  const isPlain = node.type === Scalar.PLAIN;
  text.range = isPlain ? [start + key.length + blanks.length, end, end] : (node.range ?? null);
  text.type = node.type ?? Scalar.PLAIN;
  return { key, keyNode: node, node: text };
}

function refuseKey(reader: NodeReader, { key, keyNode }: Entry, keywords: ReadonlySet<string>): void {
  const instead = insteadOf(key);
  if (instead !== undefined) {
    reader.refuse(`netplay does not have the module ${key}`, keyNode, { hint: instead });
    return;
  }
  if (PLAY_KEYWORDS.includes(key)) {
    reader.refuse(`${key}: belongs to a play, not to a task`, keyNode);
    return;
  }
  if (HANDLER_WORDS.has(key)) {
    reader.refuse(`${key}: belongs to a handler, not to a task`, keyNode);
    return;
  }
  const isModule = key.includes('.');
  const near = nearest(isModule ? (key.split('.').at(-1) ?? key) : key, [
    ...reader.known.words(),
    ...keywords,
  ]);
  reader.refuse(
    isModule ? `netplay does not have the module ${key}` : `Unknown resource, action or keyword '${key}'`,
    keyNode,
    {
      hint:
        near === undefined
          ? DOC
          : isModule
            ? `${shortName(near)} may be what is meant. ${DOC}`
            : `Did you mean ${near}?`,
    },
  );
}

const DOC = '`netplay doc` lists all resources and actions, and says what each does.';
