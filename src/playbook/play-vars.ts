/** Where a play has its variables from: `vars`, `vars_files`, `vars_prompt`. */
import { isMap, isSeq } from 'yaml';
import { nearest } from '../shared/nearest.js';
import type { Play, VarsFile, VarsPrompt } from './model.js';
import { type Entry, here, isEmpty, kindOf, type NodeReader } from './reader.js';
import { type Entries, entriesOf, readTexts, readVars } from './shared-keywords.js';

export function readPlayVars(
  reader: NodeReader,
  entries: Entries,
): Pick<Play, 'vars' | 'varsFiles' | 'varsPrompt'> {
  const varsFiles = readVarsFiles(reader, entries.get('vars_files'));
  const varsPrompt = readPrompts(reader, entries.get('vars_prompt'));
  return {
    vars: readVars(reader, entries),
    ...(varsFiles.length > 0 && { varsFiles }),
    ...(varsPrompt.length > 0 && { varsPrompt }),
  };
}

/** Each is a file, or a list of files of which the first that is there is taken. */
function readVarsFiles(reader: NodeReader, entry: Entry | undefined): VarsFile[] {
  if (entry === undefined || isEmpty(entry.node)) return [];
  const nodes: readonly unknown[] = isSeq(entry.node) ? entry.node.items : [entry.node];
  return nodes.flatMap((node) => {
    const paths = readTexts(reader, { ...entry, node });
    return paths.length === 0 ? [] : [{ paths, place: reader.place(here(node, entry.keyNode)) }];
  });
}

const PROMPT_KEYS = ['name', 'prompt', 'default', 'private', 'confirm', 'unsafe'];
/** Ansible hashes what is typed with these. */
const HASHING = ['encrypt', 'salt', 'salt_size'];

function readPrompts(reader: NodeReader, entry: Entry | undefined): VarsPrompt[] {
  if (entry === undefined) return [];
  const nodes = reader.list(entry, 'Begin each with "- name: VARIABLE".');
  return nodes.flatMap((node) => readPrompt(reader, node) ?? []);
}

function readPrompt(reader: NodeReader, node: unknown): VarsPrompt | undefined {
  const entries = isMap(node) ? entriesOf(reader, node) : undefined;
  const named = entries?.get('name');
  if (entries === undefined || named === undefined) {
    reader.refuse(`vars_prompt: must be a map with a name, not ${kindOf(node)}`, node);
    return undefined;
  }
  for (const entry of entries.values()) checkPromptKey(reader, entry);
  const name = reader.text(named);
  if (name === undefined || !reader.checkName(name, named.node)) return undefined;
  const preset = textOf(reader, entries, 'default');
  return {
    name,
    prompt: textOf(reader, entries, 'prompt') ?? name,
    ...(preset !== undefined && { default: preset }),
    private: flagOf(reader, entries, 'private') ?? true,
    confirm: flagOf(reader, entries, 'confirm') ?? false,
    unsafe: flagOf(reader, entries, 'unsafe') ?? false,
    place: reader.place(node),
  };
}

function checkPromptKey(reader: NodeReader, { key, keyNode }: Entry): void {
  if (PROMPT_KEYS.includes(key)) return;
  if (HASHING.includes(key)) {
    reader.refuse(`vars_prompt: netplay does not have ${key}`, keyNode, {
      hint: 'Hash it where it is used: {{ password | password_hash("sha512") }}.',
    });
    return;
  }
  const near = nearest(key, PROMPT_KEYS);
  const hint = near === undefined ? `vars_prompt takes ${PROMPT_KEYS.join(', ')}.` : `Did you mean ${near}?`;
  reader.refuse(`vars_prompt: unknown key '${key}'`, keyNode, { hint });
}

function textOf(reader: NodeReader, entries: Entries, word: string): string | undefined {
  const entry = entries.get(word);
  return entry === undefined || isEmpty(entry.node) ? undefined : reader.text(entry);
}

/** A person is asked before any host is known: templates can't be filled in. */
function flagOf(reader: NodeReader, entries: Entries, word: string): boolean | undefined {
  const entry = entries.get(word);
  const flag = entry === undefined ? undefined : reader.flag(entry);
  if (typeof flag !== 'string') return flag;
  reader.refuse(`${word}: must be true or false, not a template`, entry?.node);
  return undefined;
}
