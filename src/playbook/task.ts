/** One task: its keywords and the one resource that it names. */
import { isMap, type YAMLMap } from 'yaml';
import type { TaskKind } from '../resources/resource.js';
import { nearest } from '../shared/nearest.js';
import { readConditions } from './conditions.js';
import { isLaterTaskKeyword, PLAY_KEYWORDS, TASK_KEYWORDS } from './keywords.js';
import { readLoop, readLoopControl } from './loop.js';
import type { Keywords, Task } from './model.js';
import { locator, type ResourceEntry, readParams } from './params.js';
import { type Entry, isEmpty, kindOf, type NodeReader } from './reader.js';
import { readKeywords, readTags } from './shared-keywords.js';
import { defaultName } from './task-name.js';

/** What a task takes over from its play. */
export interface Inherited {
  keywords: Keywords;
  tags: readonly string[];
}

/** The task, or undefined where it names no resource; whatever is wrong is noted. */
export function readTask(reader: NodeReader, node: unknown, inherited: Inherited): Task | undefined {
  if (!isMap(node)) {
    reader.refuse(`A task must be a map, not ${kindOf(node)}`, node, {
      hint: `Write the resource and its parameters: ${reader.registry[0]?.name ?? 'route'}: {…}.`,
    });
    return undefined;
  }
  const entries = new Map(reader.entries(node).map((entry) => [entry.key, entry]));
  const entry = findResource(reader, node, entries);
  const keywords = {
    ...inherited.keywords,
    ...readKeywords(reader, entries),
  };
  const nameEntry = entries.get('name');
  const given = nameEntry === undefined || isEmpty(nameEntry.node) ? undefined : reader.text(nameEntry);
  const when = entries.get('when');
  const vars = entries.get('vars');
  const shared = {
    ...keywords,
    when: when === undefined ? [] : readConditions(reader, when),
    loop: readLoop(reader, entries),
    loopControl: readLoopControl(reader, entries),
    vars: vars === undefined ? {} : reader.vars(vars),
    tags: [...new Set([...inherited.tags, ...readTags(reader, entries)])],
    place: reader.place(node),
  };
  if (entry === undefined) return undefined;
  const { params, ready } = readParams(reader, entry, given ?? entry.key);
  return {
    ...shared,
    name: given ?? defaultName(entry.resource, params, entry.many),
    resource: entry.resource.name,
    key: entry.key,
    many: entry.many,
    params,
    ...(ready !== undefined && { ready }),
    locate: locator(reader, entry),
  };
}

/** The one key that names a resource. Notes every key that is neither that nor a keyword. */
function findResource(
  reader: NodeReader,
  node: YAMLMap,
  entries: ReadonlyMap<string, Entry>,
): ResourceEntry | undefined {
  const byKey = resourcesByKey(reader.registry);
  const found: ResourceEntry[] = [];
  let explained = false;
  for (const entry of entries.values()) {
    const resource = byKey.get(entry.key);
    if (resource !== undefined) found.push({ ...entry, resource, many: entry.key === resource.plural });
    else if (!TASK_KEYWORDS.includes(entry.key)) {
      refuseKey(reader, entry, [...byKey.keys()]);
      explained = true;
    }
  }
  const [first, ...others] = found;
  for (const other of others)
    reader.refuse(`A task has one resource: ${other.key} stands here beside ${first?.key}`, other.keyNode, {
      hint: 'Make it a task of its own.',
    });
  if (first === undefined && !explained)
    reader.refuse('This task names no resource', node, {
      hint: `Name one: ${reader.registry.map((resource) => resource.name).join(', ')}.`,
    });
  return first;
}

function resourcesByKey(registry: readonly TaskKind<unknown>[]): ReadonlyMap<string, TaskKind<unknown>> {
  return new Map(
    registry.flatMap((resource) => [
      [resource.name, resource],
      [resource.plural, resource],
    ]),
  );
}

function refuseKey(reader: NodeReader, { key, keyNode }: Entry, resources: readonly string[]): void {
  if (isLaterTaskKeyword(key)) {
    reader.refuse(`${key}: not supported yet`, keyNode);
    return;
  }
  if (PLAY_KEYWORDS.includes(key)) {
    reader.refuse(`${key}: belongs to a play, not to a task`, keyNode);
    return;
  }
  const near = nearest(key, [...resources, ...TASK_KEYWORDS]);
  const names = reader.registry.map(({ name }) => name).join(', ');
  const hint =
    near === undefined
      ? `Resources are ${names}; \`netplay doc\` says what each does.`
      : `Did you mean ${near}?`;
  reader.refuse(`Unknown resource or keyword '${key}'`, keyNode, { hint });
}
