/** `import_playbook`: another file's plays in the place of this entry. */
import { isScalar, type YAMLMap } from 'yaml';
import { isTemplate } from '../resources/templated.js';
import { nearest } from '../shared/nearest.js';
import { readConditions } from './conditions.js';
import { shortName } from './keywords.js';
import type { PlayAround } from './play.js';
import { type Entry, here, kindOf, type NodeReader } from './reader.js';
import { type Entries, readName, readTags, readVars } from './shared-keywords.js';

export interface PlaybookImport extends PlayAround {
  /** As written: relative to the file that it stands in. */
  path: string;
  node: unknown;
}

const NAME = 'import_playbook';
const KEYWORDS = ['name', 'vars', 'tags', 'when'];

/** What an entry of a playbook's list imports: undefined where it is a play. */
export function importEntry(entries: Entries): Entry | undefined {
  return [...entries.values()].find((entry) => shortName(entry.key) === NAME);
}

/** The import, or undefined where its path is wrong; whatever is wrong is noted. */
export function readPlaybookImport(
  reader: NodeReader,
  entries: Entries,
  { key, keyNode, node }: Entry,
  map: YAMLMap,
  around: PlayAround,
): PlaybookImport | undefined {
  for (const other of entries.values()) if (other.key !== key) checkKey(reader, other);
  readName(reader, entries);
  const when = entries.get('when');
  const rest = {
    tags: [...new Set([...around.tags, ...readTags(reader, entries)])],
    when: [...around.when, ...(when === undefined ? [] : readConditions(reader, when))],
    // The outer import's stand before the inner one's.
    vars: { ...readVars(reader, entries), ...around.vars },
  };
  const path = isScalar(node) && typeof node.value === 'string' ? node.value : '';
  if (path === '') reader.refuse(`${key}: must be a file, not ${kindOf(node)}`, here(node, keyNode));
  else if (isTemplate(path))
    reader.refuse(`${key}: a template can't be filled in here, before any host is known`, node, {
      hint: 'Name the file, and give the play a condition.',
    });
  else return { path, node: node ?? map, ...rest };
  return undefined;
}

function checkKey(reader: NodeReader, { key, keyNode }: Entry): void {
  if (KEYWORDS.includes(key)) return;
  const near = nearest(key, KEYWORDS);
  const hint =
    near === undefined ? `${NAME} takes ${KEYWORDS.join(', ')} beside it.` : `Did you mean ${near}?`;
  reader.refuse(`Unknown keyword '${key}' beside ${NAME}`, keyNode, { hint });
}
