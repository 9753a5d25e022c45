/** A task's parameters: read, checked against the resource's schema, and found again in the file. */
import { isMap, isSeq } from 'yaml';
import type { TaskKind } from '../resources/resource.js';
import { holdsTemplate } from '../resources/templated.js';
import { coerceParams, type Violation, validateParams } from '../resources/validate.js';
import { isMap as isPlainMap } from '../shared/is-map.js';
import type { Place } from '../shared/place.js';
import { keyText, toPlain } from '../shared/yaml.js';
import { itemsOf, type TaskItem } from './items.js';
import { type Entry, here, isEmpty, type NodeReader } from './reader.js';

type Path = readonly (string | number)[];

/** The key of a task that names its resource, with that resource. */
export interface ResourceEntry extends Entry {
  resource: TaskKind<unknown>;
  many: boolean;
}

/** A key with parameters below it: those of a resource, or of something else that has a schema. */
interface ParamsEntry extends Entry {
  resource?: Pick<TaskKind<never>, 'mapKey'>;
}

/** A task's parameters as written, and what a run would make of them where nothing is left to render. */
export interface ReadParams {
  params: unknown;
  /** As `TaskBase.paramDefaults`. */
  paramDefaults?: string;
  /** As `Task.ready`. */
  ready?: readonly TaskItem[];
}

/** The plain parameters. Whatever is wrong with them, whatever their templates will give, is noted. */
export function readParams(
  reader: NodeReader,
  entry: ResourceEntry,
  task: string,
  layers?: readonly unknown[],
): ReadParams {
  const { key, keyNode, node, resource, many } = entry;
  const { params: defaults, template } = many ? {} : defaultsFor(layers, [resource.name]);
  if (isEmpty(node) && defaults === undefined && template === undefined) {
    reader.refuse(`${key}: has no parameters`, keyNode, { code: 'schema', task });
    return { params: {} };
  }
  reader.checkTemplates(node);
  const given = toPlain(node) ?? {};
  const params = defaults !== undefined && isPlainMap(given) ? { ...defaults, ...given } : given;
  if (template !== undefined) return { params: coerceParams(resource, params), paramDefaults: template };
  const made = (items: readonly TaskItem[]): ReadParams =>
    holdsTemplate(params) ? { params } : { params, ready: items };
  if (!many) {
    const coerced = coerceParams(resource, params);
    for (const violation of validateParams(resource, coerced, { templates: true }))
      note(reader, entry, task, violation);
    return made([{ params: coerced, path: [] }]);
  }
  if (isMap(node) || isSeq(node)) return made(checkItems(reader, entry, task, params));
  if (typeof params !== 'string' || !params.includes('{{')) refuseKind(reader, entry, task);
  return { params };
}

/** What `module_defaults` gives to an action: parameters, and in their place a template that a run renders. */
export interface Defaults {
  params?: Readonly<Record<string, unknown>>;
  template?: string;
}

/** What the innermost layer that knows one of these names gives to it, as in Ansible; nothing where there is none. */
export function defaultsFor(
  layers: readonly unknown[] | undefined,
  names: readonly string[],
  aliases: Readonly<Record<string, string>> = {},
): Defaults {
  const found = (layers ?? [])
    .flatMap((layer) => (isPlainMap(layer) ? names.map((name) => layer[name]) : []))
    .findLast((value) => value !== undefined);
  if (typeof found === 'string') return { template: found };
  if (!isPlainMap(found)) return {};
  return {
    params: Object.fromEntries(Object.entries(found).map(([key, value]) => [aliases[key] ?? key, value])),
  };
}

function refuseKind(reader: NodeReader, { key, node, keyNode, resource }: ResourceEntry, task: string): void {
  reader.refuse(`${key}: must be a list, or a map by ${resource.mapKey}`, here(node, keyNode), {
    code: 'schema',
    task,
    hint: `For one alone, write ${resource.name}.`,
  });
}

/** @returns the items with values of the types that the schema asks for */
function checkItems(
  reader: NodeReader,
  entry: ResourceEntry,
  task: string,
  params: unknown,
): readonly TaskItem[] {
  const { node, resource } = entry;
  const keyed = isMap(node) ? reader.entries(node) : [];
  for (const { key, keyNode, node: value } of keyed) {
    if (/\{[{%]/.test(key))
      reader.refuse('A key can not hold a template', keyNode, {
        task,
        hint: `Write a list, with ${resource.mapKey} in each item.`,
      });
    const twice = isMap(value)
      ? value.items.find((pair) => keyText(pair.key) === resource.mapKey)
      : undefined;
    if (twice !== undefined)
      reader.refuse(`'${resource.mapKey}' is given twice: it is '${key}' by the key above`, twice, { task });
  }
  return itemsOf(params, resource).map((item) => {
    const coerced = coerceParams(resource, item.params);
    for (const violation of validateParams(resource, coerced, { templates: true }))
      note(reader, entry, task, { ...violation, path: [...item.path, ...violation.path] });
    return { params: coerced, path: item.path };
  });
}

/** Notes what is wrong with the parameters of `entry`, at the very place. */
export function note(
  reader: NodeReader,
  entry: ParamsEntry,
  task: string | undefined,
  violation: Violation,
): void {
  reader.refuse(violation.message, nodeAt(entry, violation.path, violation.key), {
    code: 'schema',
    ...(task === undefined ? {} : { task }),
    ...(violation.hint === undefined ? {} : { hint: violation.hint }),
  });
}

/** `Task.locate` for the parameters of `entry`. */
export function locator(reader: NodeReader, entry: ParamsEntry): (path: Path) => Place {
  return (path) => reader.place(nodeAt(entry, path));
}

/**
 * The node of a path within the parameters, or of what stands nearest above it. A map written as a block
 * begins with its first key, which is not what is meant: its own key stands for it.
 */
function nodeAt(entry: ParamsEntry, path: Path, key = false): unknown {
  let at: unknown = entry.node;
  let atKey: unknown = entry.keyNode;
  for (const [depth, part] of path.entries()) {
    if (isSeq(at) && typeof part === 'number' && part < at.items.length) {
      at = at.items[part];
      atKey = at;
      continue;
    }
    const pair = isMap(at)
      ? at.items.find((candidate) => keyText(candidate.key) === String(part))
      : undefined;
    // The key of a keyed item stands for the parameter that it names.
    if (pair === undefined)
      return depth === 1 && part === entry.resource?.mapKey ? atKey : isMap(at) ? atKey : here(at, atKey);
    atKey = pair.key;
    at = pair.value;
  }
  return key || isMap(at) ? atKey : here(at, atKey);
}
