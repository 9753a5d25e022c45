/** Lists of tasks: blocks are taken apart, imports replaced by what they bring, includes looked at beforehand. */
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { isMap, isSeq, type YAMLMap } from 'yaml';
import type { Vars } from '../inventory/model.js';
import { isTemplate } from '../resources/templated.js';
import { nearest } from '../shared/nearest.js';
import type { Import } from './include.js';
import { BLOCK_KEYWORDS, BLOCK_LISTS, refusedKeyword, TASK_KEYWORDS } from './keywords.js';
import type { Around, IncludeTask, Role, Step } from './model.js';
import { beside } from './project.js';
import { type Entry, isEmpty, kindOf, type Namer, type NodeReader, namedAt } from './reader.js';
import { DEEPEST, gatherAnew, type Reading, roleOfParams } from './reading.js';
import { type Entries, entriesOf, readName, within } from './shared-keywords.js';
import { readTask } from './task.js';

const BEGIN_TASKS = 'Begin each task with "- ".';

/** The steps of a keyword's list. */
export async function readSection(
  reading: Reading,
  reader: NodeReader,
  entry: Entry | undefined,
  around: Around,
): Promise<Step[]> {
  if (entry === undefined) return [];
  return readSteps(reading, reader, reader.list(entry, BEGIN_TASKS), around);
}

async function readSteps(
  reading: Reading,
  reader: NodeReader,
  nodes: readonly unknown[],
  around: Around,
): Promise<Step[]> {
  const steps: Step[] = [];
  for (const node of nodes) {
    const entries = isMap(node) ? entriesOf(reader, node) : undefined;
    if (isMap(node) && entries !== undefined && BLOCK_LISTS.some((word) => entries.has(word)))
      steps.push(...(await readBlock(reading, reader, node, entries, around)));
    else steps.push(...(await readOne(reading, reader, node, around)));
  }
  return steps;
}

async function readOne(reading: Reading, reader: NodeReader, node: unknown, around: Around): Promise<Step[]> {
  const read = readTask(reader, node, around, reading.handlers);
  if (read === undefined) return [];
  if (read.kind === 'import') return bring(reading, namedAt(reader, read.node), read);
  if (read.kind === 'include') await look(reading, namedAt(reader, node), read);
  return [read];
}

async function readBlock(
  reading: Reading,
  reader: NodeReader,
  node: YAMLMap,
  entries: Entries,
  around: Around,
): Promise<Step[]> {
  for (const entry of entries.values()) checkBlockKey(reader, entry);
  if (!entries.has('block'))
    reader.refuse('rescue and always belong to a block', node, { hint: 'Add block: with tasks.' });
  const name = readName(reader, entries);
  const inside = within(reader, entries, around);
  const section = (word: string): Promise<Step[]> => readSection(reading, reader, entries.get(word), inside);
  const [block, rescue, always] = [await section('block'), await section('rescue'), await section('always')];
  if (reading.handlers) {
    reader.refuse("A block can't be a handler", node, { hint: 'Give each of its tasks the same listen.' });
    return [];
  }
  if (rescue.length === 0 && always.length === 0) return block;
  return [
    { kind: 'block', ...(name !== undefined && { name }), block, rescue, always, place: reader.place(node) },
  ];
}

function checkBlockKey(reader: NodeReader, { key, keyNode }: Entry): void {
  if (BLOCK_KEYWORDS.includes(key)) return;
  const refused = refusedKeyword(key);
  if (refused !== undefined) {
    reader.refuse(`${key}: netplay does not have it`, keyNode, { hint: refused });
    return;
  }
  if (TASK_KEYWORDS.includes(key) || key.startsWith('with_') || reader.known.meaning(key) !== undefined) {
    const isLoop = key === 'loop' || key.startsWith('with_');
    const hint = isLoop
      ? 'Put the tasks in a file, and write include_tasks with the loop.'
      : 'Put it into a task of the block.';
    reader.refuse(`${key}: belongs to a task, not to a block`, keyNode, { hint });
    return;
  }
  const near = nearest(key, BLOCK_KEYWORDS);
  const hint = near === undefined ? `A block takes ${BLOCK_KEYWORDS.join(', ')}.` : `Did you mean ${near}?`;
  reader.refuse(`Unknown keyword '${key}' in a block`, keyNode, { hint });
}

/** What stands in the place of an import. */
async function bring(reading: Reading, at: Namer, found: Import): Promise<Step[]> {
  const { what, params, inside, given } = found;
  if (inside.depth >= DEEPEST) {
    at.refuse(`Imports stand more than ${DEEPEST} deep in each other here`);
    return [];
  }
  if (what === 'tasks') return readFileOfTasks(reading, at, String(params.file), inside);
  const { steps, role } = await reading.bringRole(reading, at, {
    ...roleOfParams(params, inside),
    vars: given,
  });
  if (role !== undefined) reading.gathered.roles.push(role);
  return steps;
}

/** The tasks of a file that is named by another one. */
export async function readFileOfTasks(
  reading: Reading,
  at: Namer,
  name: string,
  around: Around,
): Promise<Step[]> {
  return readTasksOf(reading, findTasks(reading, at.file, name, around.role), at, around);
}

/** The steps of a file of tasks. @param at who names it */
export async function readTasksOf(
  reading: Reading,
  file: string,
  at: Namer,
  around: Around,
): Promise<Step[]> {
  if (reading.open.includes(resolve(file))) {
    at.refuse(`${file} imports itself`, {
      hint: 'Remove this, or include it with a condition that ends it.',
    });
    return [];
  }
  const reader = await reading.project.open(file, 'tasks', at);
  const root: unknown = reader?.source.document.contents;
  if (reader === undefined || isEmpty(root)) return [];
  if (!isSeq(root)) {
    reader.refuse(`A file of tasks must be a list, not ${kindOf(root)}`, root, { hint: BEGIN_TASKS });
    return [];
  }
  if (refusePlays(reader, root.items)) return [];
  const open = [...reading.open, resolve(file)];
  return readSteps({ ...reading, open }, reader, root.items, { ...around, depth: around.depth + 1 });
}

/** Ansible's users mix these up: a file of plays, where one of tasks is wanted. */
function refusePlays(reader: NodeReader, nodes: readonly unknown[]): boolean {
  const play = nodes.find((node) => isMap(node) && entriesOf(reader, node).has('hosts'));
  if (play === undefined) return false;
  reader.refuse('This is a play, not a task', play, {
    hint: 'Bring in files with plays by import_playbook.',
  });
  return true;
}

/**
 * Where Ansible looks for a file of tasks: beside the one that names it, among the role's, beside the playbook.
 * The first of these where there is none.
 */
function findTasks(
  { project, handlers }: Reading,
  from: string,
  name: string,
  role: Role | undefined,
): string {
  const own = handlers ? 'handlers' : 'tasks';
  const folders = [
    dirname(from),
    ...(role === undefined ? [] : [join(role.path, own), join(role.path, 'tasks'), role.path]),
    project.folder,
    join(project.folder, own),
  ];
  const candidates = name.startsWith('/') ? [name] : folders.map((folder) => join(folder, name));
  return candidates.find((file) => existsSync(file)) ?? beside(from, name);
}

/** Reads what an include will bring, so that what is wrong in it is told before any host is touched. */
async function look(reading: Reading, at: Namer, task: IncludeTask): Promise<void> {
  const { include, params, around } = task;
  const named = Object.entries(params).filter(
    ([key]) => key === 'file' || key === 'name' || key.endsWith('_from'),
  );
  const first = params[include === 'tasks' ? 'file' : 'name'];
  if (named.some(([, value]) => isTemplate(value)) || typeof first !== 'string') return;
  const identity = JSON.stringify([include, dirname(at.file), around.role?.path, named]);
  const { checked } = reading.project;
  if (checked.has(identity)) return;
  checked.add(identity);
  await readIncluded({ ...reading, gathered: gatherAnew(), open: [] }, at, task, params, {});
}

/** What an include brings. @param vars of the include, its loop's with them */
export async function readIncluded(
  reading: Reading,
  at: Namer,
  { include, around }: IncludeTask,
  params: IncludeTask['params'],
  vars: Vars,
): Promise<{ steps: Step[]; role?: Role }> {
  const inside: Around = {
    ...around,
    includeParams: { ...around.includeParams, ...vars },
    depth: around.depth + 1,
  };
  if (inside.depth > DEEPEST) {
    at.refuse(`Includes stand more than ${DEEPEST} deep in each other here`, {
      hint: 'Give the include a condition that ends it.',
    });
    return { steps: [] };
  }
  if (include === 'tasks') return { steps: await readFileOfTasks(reading, at, String(params.file), inside) };
  return reading.bringRole(reading, at, { ...roleOfParams(params, inside), vars });
}
