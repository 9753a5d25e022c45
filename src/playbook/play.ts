/** One play: its hosts, keywords, variables and tasks. */
import { isMap, isScalar, isSeq } from 'yaml';
import { orList } from '../resources/expectation.js';
import { nearest } from '../shared/nearest.js';
import { toPlain } from '../shared/yaml.js';
import { isLaterPlayKeyword, PLAY_KEYWORDS, TASK_KEYWORDS } from './keywords.js';
import { type Play, type Serial, type Task, TRANSACTIONS, type Transaction } from './model.js';
import { readProbeList } from './probes.js';
import { type Entry, here, isEmpty, kindOf, type NodeReader } from './reader.js';
import { batchSizes, SERIAL_FORMS } from './serial.js';
import { readKeywords, readTags } from './shared-keywords.js';
import { type Inherited, readTask } from './task.js';

/** The play, or undefined where it is none; whatever is wrong is noted. */
export function readPlay(reader: NodeReader, node: unknown): Play | undefined {
  if (!isMap(node)) {
    reader.refuse(`A play must be a map, not ${kindOf(node)}`, node, {
      hint: 'Begin it with "- hosts: …".',
    });
    return undefined;
  }
  const entries = new Map(reader.entries(node).map((entry) => [entry.key, entry]));
  const isTask = ['hosts', 'tasks'].every((word) => !entries.has(word)) && namesResource(reader, entries);
  if (isTask) {
    reader.refuse('This is a task, not a play', node, { hint: 'Put it below tasks: of a play with hosts:.' });
    return undefined;
  }
  const meant = [...entries.values()].map((entry) => checkKey(reader, entry));
  // Misspelt hosts are told once.
  const hosts = meant.includes('hosts') ? '' : readHosts(reader, entries, node);
  const keywords = readKeywords(reader, entries);
  const inherited = { keywords, tags: readTags(reader, entries) };
  const nameEntry = entries.get('name');
  const name = nameEntry === undefined || isEmpty(nameEntry.node) ? undefined : reader.text(nameEntry);
  const vars = entries.get('vars');
  const facts = entries.get('gather_facts');
  if (facts !== undefined) reader.flag(facts);
  return {
    ...keywords,
    name: name ?? hosts,
    hosts,
    vars: vars === undefined ? {} : reader.vars(vars),
    tasks: readTasks(reader, entries.get('tasks'), inherited),
    ...readGuards(reader, entries),
    place: reader.place(node),
  };
}

/** What a play says of how its changes are guarded. */
function readGuards(
  reader: NodeReader,
  entries: ReadonlyMap<string, Entry>,
): Pick<Play, 'serial' | 'transaction' | 'probes' | 'verify'> {
  const serial = readSerial(reader, entries.get('serial'));
  const transaction = readTransaction(reader, entries.get('transaction'));
  const probes = readProbeList(reader, entries, 'probes');
  const verify = readProbeList(reader, entries, 'verify');
  return {
    ...(serial !== undefined && { serial }),
    ...(transaction !== undefined && { transaction }),
    ...(probes !== undefined && { probes }),
    ...(verify !== undefined && { verify }),
  };
}

function readSerial(reader: NodeReader, entry: Entry | undefined): Serial | undefined {
  if (entry === undefined) return undefined;
  const { keyNode, node } = entry;
  reader.checkTemplates(node);
  const nodes: readonly unknown[] = isSeq(node) ? node.items : [node];
  for (const item of nodes) {
    const isTemplated = isScalar(item) && typeof item.value === 'string' && item.value.includes('{{');
    if (!isTemplated && (isSeq(item) || batchSizes(toPlain(item)) === undefined))
      reader.refuse(`serial: must be ${SERIAL_FORMS}, not ${kindOf(item)}`, here(item, keyNode));
  }
  return { value: toPlain(node), place: reader.place(here(node, keyNode)) };
}

function readTransaction(reader: NodeReader, entry: Entry | undefined): Transaction | undefined {
  if (entry === undefined) return undefined;
  const { keyNode, node } = entry;
  const value = isScalar(node) ? node.value : undefined;
  const found = TRANSACTIONS.find((word) => word === value);
  if (found !== undefined) return found;
  const near = typeof value === 'string' ? nearest(value, TRANSACTIONS) : undefined;
  const hint = near === undefined ? {} : { hint: `Did you mean ${near}?` };
  reader.refuse(
    `transaction: must be ${orList(TRANSACTIONS)}, not ${kindOf(node)}`,
    here(node, keyNode),
    hint,
  );
  return undefined;
}

function namesResource(reader: NodeReader, entries: ReadonlyMap<string, Entry>): boolean {
  return reader.registry.some((resource) => entries.has(resource.name) || entries.has(resource.plural));
}

/** Notes a key that a play can't have, and gives the keyword that was most likely meant by it. */
function checkKey(reader: NodeReader, { key, keyNode }: Entry): string | undefined {
  if (PLAY_KEYWORDS.includes(key)) return undefined;
  if (isLaterPlayKeyword(key)) {
    reader.refuse(`${key}: not supported yet`, keyNode);
    return undefined;
  }
  const resources = reader.registry.flatMap((resource) => [resource.name, resource.plural]);
  if (resources.includes(key) || TASK_KEYWORDS.includes(key)) {
    reader.refuse(`${key}: belongs to a task, not to a play`, keyNode, { hint: 'Put it below tasks:.' });
    return undefined;
  }
  const near = nearest(key, PLAY_KEYWORDS);
  const hint = near === undefined ? `A play takes ${PLAY_KEYWORDS.join(', ')}.` : `Did you mean ${near}?`;
  reader.refuse(`Unknown keyword '${key}' in a play`, keyNode, { hint });
  return near;
}

/** The host pattern; the patterns of a list are joined as a pattern joins them itself. */
function readHosts(reader: NodeReader, entries: ReadonlyMap<string, Entry>, play: unknown): string {
  const entry = entries.get('hosts');
  if (entry === undefined) {
    reader.refuse('This play has no hosts', play, { hint: 'Add hosts: with a group, a host or all.' });
    return '';
  }
  const { key, keyNode, node } = entry;
  if (isSeq(node) && node.items.length > 0)
    return node.items
      .map((item) => reader.text({ key, keyNode, node: item }))
      .filter((pattern) => pattern !== undefined)
      .join(',');
  return reader.text(entry) ?? '';
}

function readTasks(reader: NodeReader, entry: Entry | undefined, inherited: Inherited): Task[] {
  if (entry === undefined || isEmpty(entry.node)) return [];
  if (!isSeq(entry.node)) {
    reader.refuse(`tasks: must be a list, not ${kindOf(entry.node)}`, here(entry.node, entry.keyNode), {
      hint: 'Begin each task with "- ".',
    });
    return [];
  }
  return entry.node.items.flatMap((task) => readTask(reader, task, inherited) ?? []);
}
