/** `import_playbook`: another file's plays in the place of this entry. */
import { isScalar, type YAMLMap } from 'yaml';
import type { Vars } from '../inventory/model.js';
import { nearest } from '../shared/nearest.js';
import type { Place } from '../shared/place.js';
import { isLaterPlayKeyword } from './keywords.js';
import type { Play } from './model.js';
import { type Entry, here, kindOf, type NodeReader } from './reader.js';
import { readTags } from './shared-keywords.js';

export interface PlaybookImport {
  /** As written: relative to the file that it stands in. */
  path: string;
  vars: Vars;
  tags: readonly string[];
  place: Place;
}

const NAMES = ['import_playbook', 'ansible.builtin.import_playbook'];
const KEYWORDS = ['name', 'vars', 'tags'];

export function isImport(entry: Play | PlaybookImport): entry is PlaybookImport {
  return 'path' in entry;
}

/** Whether a map of a playbook's list imports another playbook. */
export function importEntry(reader: NodeReader, map: YAMLMap): Entry | undefined {
  return reader.entries(map).find((entry) => NAMES.includes(entry.key));
}

/** The import, or undefined where its path is wrong; whatever is wrong is noted. */
export function readImport(reader: NodeReader, map: YAMLMap, entry: Entry): PlaybookImport | undefined {
  const entries = new Map(reader.entries(map).map((one) => [one.key, one]));
  for (const other of entries.values()) if (other.key !== entry.key) checkKey(reader, other);
  const vars = entries.get('vars');
  const rest = { vars: vars === undefined ? {} : reader.vars(vars), tags: readTags(reader, entries) };
  const { key, keyNode, node } = entry;
  const path = isScalar(node) && typeof node.value === 'string' ? node.value : '';
  if (path === '') reader.refuse(`${key}: must be a file, not ${kindOf(node)}`, here(node, keyNode));
  else if (path.includes('{{')) reader.refuse(`${key}: a template is not supported yet here`, node);
  else return { path, place: reader.place(node), ...rest };
  return undefined;
}

function checkKey(reader: NodeReader, { key, keyNode }: Entry): void {
  if (KEYWORDS.includes(key)) return;
  if (isLaterPlayKeyword(key)) {
    reader.refuse(`${key}: not supported yet`, keyNode);
    return;
  }
  const near = nearest(key, KEYWORDS);
  const hint =
    near === undefined ? `import_playbook takes ${KEYWORDS.join(', ')} beside it.` : `Did you mean ${near}?`;
  reader.refuse(`Unknown keyword '${key}' beside import_playbook`, keyNode, { hint });
}

/** The plays of an imported playbook, with the variables and tags that the import adds. */
export function withImport(plays: readonly Play[], { vars, tags }: PlaybookImport): Play[] {
  return plays.map((play) => ({
    ...play,
    vars: { ...play.vars, ...vars },
    tasks: play.tasks.map((task) => ({ ...task, tags: [...new Set([...tags, ...task.tags])] })),
  }));
}
