/** What a play says of how it runs, beside what it hands down to its tasks. */
import { isScalar, isSeq } from 'yaml';
import { toPlain } from '../shared/yaml.js';
import { HOST_ORDERS, type Play, type Serial, STRATEGIES, TRANSACTIONS } from './model.js';
import { readProbeList } from './probes.js';
import { type Entry, here, isEmpty, kindOf, type NodeReader } from './reader.js';
import { batchSizes, SERIAL_FORMS } from './serial.js';
import type { Entries } from './shared-keywords.js';

type Settings = Pick<
  Play,
  | 'gatherFacts'
  | 'gatherSubset'
  | 'gatherTimeout'
  | 'factPath'
  | 'forceHandlers'
  | 'maxFailPercentage'
  | 'strategy'
  | 'order'
  | 'serial'
  | 'transaction'
  | 'probes'
  | 'verify'
>;

export function readPlaySettings(reader: NodeReader, entries: Entries): Settings {
  return { ...readFacts(reader, entries), ...readCourse(reader, entries), ...readGuards(reader, entries) };
}

/** The value of a keyword that is there and not empty. */
function given<Value>(
  entries: Entries,
  word: string,
  read: (entry: Entry) => Value | undefined,
): Value | undefined {
  const entry = entries.get(word);
  return entry === undefined || isEmpty(entry.node) ? undefined : read(entry);
}

function readFacts(reader: NodeReader, entries: Entries): Settings {
  const gatherFacts = given(entries, 'gather_facts', (entry) => reader.flag(entry));
  const gatherSubset = given(entries, 'gather_subset', (entry) => reader.words(entry));
  const gatherTimeout = given(entries, 'gather_timeout', (entry) => reader.number(entry));
  const factPath = given(entries, 'fact_path', (entry) => reader.text(entry));
  return {
    ...(gatherFacts !== undefined && { gatherFacts }),
    ...(gatherSubset !== undefined && { gatherSubset }),
    ...(typeof gatherTimeout === 'number' && { gatherTimeout }),
    ...(factPath !== undefined && { factPath }),
  };
}

function readCourse(reader: NodeReader, entries: Entries): Settings {
  const forceHandlers = given(entries, 'force_handlers', (entry) => reader.flag(entry));
  const maxFailPercentage = given(entries, 'max_fail_percentage', (entry) => reader.number(entry));
  const strategy = given(entries, 'strategy', (entry) => reader.choice(entry, STRATEGIES));
  const order = given(entries, 'order', (entry) => reader.choice(entry, HOST_ORDERS));
  return {
    ...(forceHandlers !== undefined && { forceHandlers }),
    ...(maxFailPercentage !== undefined && { maxFailPercentage }),
    ...(strategy !== undefined && { strategy }),
    ...(order !== undefined && { order }),
  };
}

/** What a play says of how its changes are guarded. */
function readGuards(reader: NodeReader, entries: Entries): Settings {
  const [size, together] = [entries.get('serial'), entries.get('transaction')];
  const serial = size === undefined ? undefined : readSerial(reader, size);
  const transaction = together === undefined ? undefined : reader.choice(together, TRANSACTIONS);
  const probes = readProbeList(reader, entries, 'probes');
  const verify = readProbeList(reader, entries, 'verify');
  return {
    ...(serial !== undefined && { serial }),
    ...(transaction !== undefined && { transaction }),
    ...(probes !== undefined && { probes }),
    ...(verify !== undefined && { verify }),
  };
}

function readSerial(reader: NodeReader, { keyNode, node }: Entry): Serial {
  reader.checkTemplates(node);
  const nodes: readonly unknown[] = isSeq(node) ? node.items : [node];
  for (const item of nodes) {
    const isTemplated = isScalar(item) && typeof item.value === 'string' && item.value.includes('{{');
    if (!isTemplated && (isSeq(item) || batchSizes(toPlain(item)) === undefined))
      reader.refuse(`serial: must be ${SERIAL_FORMS}, not ${kindOf(item)}`, here(item, keyNode));
  }
  return { value: toPlain(node), place: reader.place(here(node, keyNode)) };
}
