/** The nodes of a task's parameters, in whichever of Ansible's forms they are written. */
import { isMap, isScalar, Pair, Scalar, YAMLMap } from 'yaml';
import { isMap as isPlainMap } from '../shared/is-map.js';
import { keyText } from '../shared/yaml.js';
import type { ActionKind } from './action-kind.js';
import { type FreeForm, readFreeForm } from './free-form.js';
import { type Entry, here, isEmpty, kindOf, type NodeReader } from './reader.js';
import type { Subject } from './subject.js';

/** An action's parameters as a map: free text taken apart, `args` below them, other names made the action's own. */
export function actionNode(
  reader: NodeReader,
  { key, keyNode, node }: Subject,
  action: Pick<ActionKind, 'freeForm' | 'schema' | 'parameterAliases'>,
  args: Entry | undefined,
): YAMLMap {
  const map = new YAMLMap();
  if (isMap(node)) map.items = node.items;
  else if (isScalar(node) && !isEmpty(node))
    map.items = fromText(reader, { key, keyNode, node }, node, action);
  else if (!isEmpty(node))
    reader.refuse(`${key}: must be a map of parameters, not ${kindOf(node)}`, here(node, keyNode));
  map.range = isScalar(node) || isMap(node) ? (node.range ?? null) : null;
  if (args !== undefined) map.items = [...map.items, ...besides(reader, map, args)];
  if (action.parameterAliases !== undefined) map.items = renamed(reader, map, action.parameterAliases);
  return map;
}

function fromText(
  reader: NodeReader,
  { key, keyNode }: Entry,
  node: Scalar,
  { freeForm, schema }: Pick<ActionKind, 'freeForm' | 'schema'>,
): Pair[] {
  const text = typeof node.value === 'string' ? node.value : (node.source ?? String(node.value));
  const properties = isPlainMap(schema.properties) ? schema.properties : {};
  // A command's own text is never a parameter, whatever stands before its `=`.
  const never = freeForm === 'cmd' ? ['cmd', 'argv'] : [];
  const isParameter = (word: string): boolean =>
    freeForm === undefined || (!never.includes(word) && Object.hasOwn(properties, word));
  const { map, rest } = takenApart(reader, key, text, isParameter, node);
  if (rest === '') return map.items;
  if (freeForm !== undefined) return [...map.items, pairBeside(freeForm, keyNode, rest, node)];
  reader.refuse(`${key}: '${rest}' is no parameter`, node, {
    hint: `Write ${key}: {${Object.keys(properties)[0] ?? 'parameter'}: …}.`,
  });
  return map.items;
}

function takenApart(
  reader: NodeReader,
  key: string,
  text: string,
  isParameter: (word: string) => boolean,
  node: Scalar,
): FreeForm {
  const read = readFreeForm(text, isParameter, node, shiftOf(reader, node, text));
  if (read !== undefined) return read;
  reader.refuse(`${key}: a quote or a template is not closed`, node);
  return { map: new YAMLMap(), rest: '' };
}

/** Where a text begins in the file, if it stands there as it is. */
function shiftOf(reader: NodeReader, node: Scalar, text: string): number | undefined {
  const start = (node.range?.[0] ?? 0) + (node.type === Scalar.PLAIN ? 0 : 1);
  return reader.source.text.startsWith(text, start) ? start : undefined;
}

function pairBeside(key: string, keyNode: unknown, text: string, node: Scalar): Pair {
  const name = new Scalar(key);
  if (isScalar(keyNode) && keyNode.range) name.range = keyNode.range;
  const value = new Scalar<unknown>(text);
  if (node.range) value.range = node.range;
  return new Pair(name, value);
}

/** What `args` gives that is not given already. */
function besides(reader: NodeReader, map: YAMLMap, { node, keyNode }: Entry): Pair[] {
  if (isEmpty(node)) return [];
  if (!isMap(node)) {
    reader.refuse(`args: must be a map of parameters, not ${kindOf(node)}`, here(node, keyNode));
    return [];
  }
  const given = new Set(map.items.map((pair) => keyText(pair.key)));
  return node.items.filter((pair) => !given.has(keyText(pair.key)));
}

function renamed(reader: NodeReader, map: YAMLMap, aliases: Readonly<Record<string, string>>): Pair[] {
  const given = new Set(map.items.map((pair) => keyText(pair.key)));
  return map.items.map((pair) => {
    const key = keyText(pair.key);
    const own = Object.hasOwn(aliases, key) ? aliases[key] : undefined;
    if (own === undefined) return pair;
    if (given.has(own)) reader.refuse(`'${key}' and '${own}' are the same parameter`, pair.key);
    const name = new Scalar(own);
    if (isScalar(pair.key) && pair.key.range) name.range = pair.key.range;
    return new Pair(name, pair.value);
  });
}

/** A resource's parameters: `k=v` text, `args` and Ansible's own parameters made what the resource takes. */
export function resourceNode(
  reader: NodeReader,
  entry: Entry,
  name: string,
  args: Entry | undefined,
): unknown {
  const { key, keyNode, node } = entry;
  if (args === undefined && !isScalar(node) && name !== 'sysctl') return node;
  const text = isScalar(node) && typeof node.value === 'string' ? node.value : '';
  const map = new YAMLMap();
  if (isMap(node)) map.items = node.items;
  else if (/^\s*\w+=/.test(text) && isScalar(node)) {
    const { map: read, rest } = takenApart(reader, key, text, () => true, node);
    if (rest !== '') reader.refuse(`${key}: '${rest}' is no parameter`, node);
    map.items = read.items;
  } else if (!isEmpty(node) || args === undefined) return node;
  const range = isScalar(node) || isMap(node) ? node.range : undefined;
  if (range) map.range = range;
  if (args !== undefined) map.items = [...map.items, ...besides(reader, map, args)];
  if (name === 'sysctl') map.items = sysctlPairs(reader, map, keyNode);
  return map;
}

/**
 * Ansible's parameters of sysctl: its `sysctl_set` and `reload` are what netplay does anyway, unless both are false.
 * Source: ansible.posix's module sysctl.
 */
function sysctlPairs(reader: NodeReader, map: YAMLMap, keyNode: unknown): Pair[] {
  const isFalse = (word: string): boolean => {
    const pair = map.items.find(({ key }) => keyText(key) === word);
    const flag =
      pair === undefined ? undefined : reader.flag({ key: word, keyNode: pair.key, node: pair.value });
    return flag === false;
  };
  const keepsRunning = isFalse('reload') && !map.items.some(({ key }) => keyText(key) === 'sysctl_set');
  const pairs = map.items.flatMap((pair) => {
    const key = keyText(pair.key);
    if (key === 'sysctl_set' || key === 'reload') return [];
    if (key === 'ignoreerrors')
      reader.refuse("sysctl: netplay does not have 'ignoreerrors'", pair.key, {
        hint: 'Write ignore_errors beside it.',
      });
    if (key === 'ignoreerrors') return [];
    return key === 'sysctl_file' ? [new Pair(namedAs('file', pair.key), pair.value)] : [pair];
  });
  const runtime = keepsRunning ? [new Pair(namedAs('runtime', keyNode), new Scalar(false))] : [];
  return [...pairs, ...runtime];
}

function namedAs(name: string, node: unknown): Scalar {
  const scalar = new Scalar(name);
  if (isScalar(node) && node.range) scalar.range = node.range;
  return scalar;
}
