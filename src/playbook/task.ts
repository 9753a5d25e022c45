/** One task: its keywords, and the one thing that it does. */
import { isMap, type YAMLMap } from 'yaml';
import { readAction, refuseAsync } from './action.js';
import { readConditions } from './conditions.js';
import { type Import, readImport, readInclude } from './include.js';
import { readLoop, readLoopControl } from './loop.js';
import type { Around, ResourceTask, Task, TaskBase } from './model.js';
import { resourceNode } from './param-nodes.js';
import { locator, type ResourceEntry, readParams } from './params.js';
import { kindOf, type NodeReader } from './reader.js';
import { type Entries, entriesOf, readName, readTexts, within } from './shared-keywords.js';
import { findSubject, type Subject } from './subject.js';
import { defaultName } from './task-name.js';

/** What all tasks have but their names, which what they do may give them, and what finds a path in their parameters. */
export type Shared = Omit<TaskBase, 'name' | 'locate'> & { name?: string };

/** A task as it is read, with what its parts need. */
export interface TaskParts {
  entries: Entries;
  subject: Subject;
  /** Of the task itself: what its includes and imports bring stands within. */
  inside: Around;
  shared: Shared;
  isHandler: boolean;
}

/** How often a task is tried again that says `until` alone. */
const RETRIES = 3;

/** The task, or the import that stands in its place; undefined where it does nothing. Whatever is wrong is noted. */
export function readTask(
  reader: NodeReader,
  node: unknown,
  around: Around,
  isHandler: boolean,
): Task | Import | undefined {
  if (!isMap(node)) {
    const word = isHandler ? 'handler' : 'task';
    reader.refuse(`A ${word} must be a map, not ${kindOf(node)}`, node, {
      hint: `Write the resource and its parameters: ${reader.known.resources[0]?.name ?? 'route'}: {…}.`,
    });
    return undefined;
  }
  const entries = entriesOf(reader, node);
  const subject = findSubject(reader, node, entries, isHandler);
  const inside = within(reader, entries, around);
  const shared = readShared(reader, node, entries, inside);
  if (subject === undefined) return undefined;
  const parts: TaskParts = {
    entries,
    subject,
    inside,
    shared: subject.local ? { ...shared, delegateTo: 'localhost' } : shared,
    isHandler,
  };
  const { meaning } = subject;
  if (shared.loopControl.breakWhen !== undefined && meaning.kind !== 'action')
    reader.refuse('break_when: belongs to an action', entries.get('loop_control')?.node, {
      hint: 'What it looks at is known of actions alone, item by item.',
    });
  switch (meaning.kind) {
    case 'resource':
      return readResource(reader, parts, { ...subject, resource: meaning.resource, many: meaning.many });
    case 'action':
      return readAction(reader, parts, meaning.action);
    case 'include':
      return readInclude(reader, parts, meaning.what, around);
    default:
      return readImport(reader, parts, meaning.what);
  }
}

function readShared(reader: NodeReader, node: YAMLMap, entries: Entries, inside: Around): Shared {
  const name = readName(reader, entries);
  const { keywords, role, includeParams, when, vars, tags, notify } = inside;
  return {
    ...keywords,
    ...(name !== undefined && { name }),
    when,
    ...readLoop(reader, entries),
    loopControl: readLoopControl(reader, entries),
    vars,
    tags,
    notify,
    listen: readTexts(reader, entries.get('listen')),
    ...readResults(reader, entries),
    ...readTries(reader, entries),
    ...(role !== undefined && { role }),
    ...(includeParams !== undefined && { includeParams }),
    place: reader.place(node),
  };
}

/** What becomes of a task's result. */
function readResults(
  reader: NodeReader,
  entries: Entries,
): Pick<TaskBase, 'register' | 'changedWhen' | 'failedWhen'> {
  const register = entries.get('register');
  const changed = entries.get('changed_when');
  const failed = entries.get('failed_when');
  const name = register === undefined ? undefined : reader.text(register);
  const isName = name !== undefined && reader.checkName(name, register?.node);
  return {
    ...(isName && { register: name }),
    ...(changed !== undefined && { changedWhen: readConditions(reader, changed) }),
    ...(failed !== undefined && { failedWhen: readConditions(reader, failed) }),
  };
}

/** How often a task is tried. */
function readTries(
  reader: NodeReader,
  entries: Entries,
): Pick<TaskBase, 'until' | 'retries' | 'delay' | 'async' | 'poll'> {
  const entry = entries.get('until');
  const until = entry === undefined ? undefined : readConditions(reader, entry);
  const [retries, delay, background, poll] = ['retries', 'delay', 'async', 'poll'].map((word) => {
    const given = entries.get(word);
    return given === undefined ? undefined : reader.number(given);
  });
  const tries = retries ?? (until === undefined ? undefined : RETRIES);
  return {
    ...(until !== undefined && { until }),
    ...(tries !== undefined && { retries: tries }),
    ...(delay !== undefined && { delay }),
    ...(background !== undefined && { async: background }),
    ...(poll !== undefined && { poll }),
  };
}

function readResource(
  reader: NodeReader,
  { entries, shared }: TaskParts,
  entry: ResourceEntry,
): ResourceTask {
  const { resource, many } = entry;
  refuseOfActions(reader, entries);
  refuseAsync(reader, entries, `a resource is made on trial: it can't`);
  const given = entries.get('args');
  if (many && given !== undefined)
    reader.refuse(`args: belongs to an action, not to ${entry.key}`, given.keyNode);
  const args = many ? undefined : given;
  const found = { ...entry, node: many ? entry.node : resourceNode(reader, entry, resource.name, args) };
  const own = shared.name;
  const { params, ready, paramDefaults } = readParams(reader, found, own ?? entry.key, shared.moduleDefaults);
  return {
    ...shared,
    kind: 'resource',
    name: own ?? defaultName(resource, params, many),
    resource: resource.name,
    key: entry.key,
    many,
    params,
    ...(ready !== undefined && { ready }),
    ...(paramDefaults !== undefined && { paramDefaults }),
    locate: locator(reader, found),
  };
}

/** A resource is part of a transaction, which has its own time on the host; a play's or block's is for its actions. */
function refuseOfActions(reader: NodeReader, entries: Entries): void {
  const looked = entries.get('debugger');
  if (looked !== undefined)
    reader.refuse('debugger: belongs to an action, not to a resource', looked.keyNode, {
      hint: 'What a resource changes, and why it fails, a check and the report tell.',
    });
  const entry = entries.get('timeout');
  if (entry === undefined) return;
  reader.refuse('timeout: belongs to an action, not to a resource', entry.keyNode, {
    hint: 'Resources are made together, on trial: --confirm-timeout says how long, and the host undoes what is not confirmed.',
  });
}
