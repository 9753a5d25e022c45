/** From a playbook's file, and all that it brings in, to plays and tasks. */
import { dirname, resolve } from 'node:path';
import { isMap, isSeq } from 'yaml';
import type { TaskKind } from '../resources/resource.js';
import { throwAll } from '../shared/errors.js';
import type { Templates } from '../template/model.js';
import type { ActionKind } from './action-kind.js';
import { importEntry, readPlaybookImport } from './import.js';
import { includesOf } from './includes.js';
import { Known } from './known.js';
import type { Play, Playbook } from './model.js';
import { type PlayAround, readPlay } from './play.js';
import { beside, type FileOptions, Project } from './project.js';
import { isEmpty, kindOf, type Namer, type NodeReader, namedAt } from './reader.js';
import { entriesOf } from './shared-keywords.js';

export interface LoadOptions extends FileOptions {
  /** Checks the syntax of every template and condition; without it they are taken as they are. */
  templates?: Templates;
  /** Actions that a task may name, beside those of the engine. */
  actions?: readonly ActionKind[];
}

const NOTHING_AROUND: PlayAround = { tags: [], when: [], vars: {} };

/**
 * Reads and checks a playbook with all that it imports and includes by name, before any host is touched.
 * @param registry every resource that a task may name
 * @throws NetplayError | NetplayErrors all that is wrong, file by file and in the order of lines:
 *   `playbook` for structure, `schema` for parameters, `template` for the syntax of templates
 */
export async function loadPlaybook(
  file: string,
  registry: readonly TaskKind<unknown>[],
  options: LoadOptions = {},
): Promise<Playbook> {
  const known = new Known(registry, options.actions ?? [], options.templates);
  const project = new Project(known, dirname(file), options);
  const plays = await readPlaybook(project, file, { around: NOTHING_AROUND, open: [] });
  throwAll(project.errors());
  return { file, files: [...project.files], plays, includes: includesOf(project) };
}

interface PlaybookUse {
  around: PlayAround;
  /** The files that import this one, outermost first, as full paths. */
  open: readonly string[];
  at?: Namer;
}

async function readPlaybook(
  project: Project,
  file: string,
  { around, open, at }: PlaybookUse,
): Promise<Play[]> {
  const reader = await project.open(file, 'playbook', at);
  if (reader === undefined) return [];
  const plays: Play[] = [];
  const inside = [...open, resolve(file)];
  for (const node of entriesOfPlaybook(reader)) {
    const entries = isMap(node) ? entriesOf(reader, node) : undefined;
    const imported = entries === undefined ? undefined : importEntry(entries);
    if (entries === undefined || imported === undefined || !isMap(node)) {
      const play = await readPlay(project, reader, node, around);
      if (play !== undefined) plays.push(play);
      continue;
    }
    const found = readPlaybookImport(reader, entries, imported, node, around);
    if (found === undefined) continue;
    const other = beside(file, found.path);
    const use: PlaybookUse = { around: found, open: inside, at: namedAt(reader, found.node) };
    if (inside.includes(resolve(other)))
      reader.refuse(`${other} imports itself`, found.node, { hint: 'Remove this line.' });
    else plays.push(...(await readPlaybook(project, other, use)));
  }
  return plays;
}

function entriesOfPlaybook(reader: NodeReader): readonly unknown[] {
  const root: unknown = reader.source.document.contents;
  if (isSeq(root) && root.items.length > 0) return root.items;
  if (isEmpty(root) || isSeq(root)) reader.refuse('The playbook is empty', root);
  else
    reader.refuse(`A playbook must be a list of plays, not ${kindOf(root)}`, root, {
      ...(isMap(root) ? { hint: 'Begin each play with "- ".' } : {}),
    });
  return [];
}
