/** `probes` and `verify` of a play: lists of probes. */
import { isMap, isScalar, isSeq, type YAMLMap } from 'yaml';
import { probeParams, probeViolations } from '../probes/params.js';
import type { ProbeKind } from '../probes/probe.js';
import { probeKinds } from '../probes/registry.js';
import { isTemplate } from '../resources/templated.js';
import { nearest } from '../shared/nearest.js';
import { toPlain } from '../shared/yaml.js';
import type { ProbeItem } from './model.js';
import { locator, note } from './params.js';
import { type Entry, isEmpty, kindOf, type NodeReader } from './reader.js';

/** What may stand beside a probe, by the keyword of the list. */
export const PROBE_KEYWORDS = { probes: ['name'], verify: ['name', 'from'] } as const;
type ListKeyword = keyof typeof PROBE_KEYWORDS;

const NAMES = probeKinds.map(({ name }) => name);

interface ProbeEntry extends Entry {
  kind: ProbeKind<unknown>;
}

/** The list of the keyword; undefined where the play has none. Whatever is wrong is noted. */
export function readProbeList(
  reader: NodeReader,
  entries: ReadonlyMap<string, Entry>,
  keyword: ListKeyword,
): ProbeItem[] | undefined {
  const entry = entries.get(keyword);
  if (entry === undefined || isEmpty(entry.node)) return undefined;
  if (!isSeq(entry.node)) {
    reader.refuse(`${keyword}: must be a list, not ${kindOf(entry.node)}`, entry.keyNode, {
      hint: 'Begin each probe with "- ": - ping: 192.168.1.254',
    });
    return undefined;
  }
  return entry.node.items.flatMap((item) => readProbe(reader, item, keyword) ?? []);
}

function readProbe(reader: NodeReader, node: unknown, keyword: ListKeyword): ProbeItem | undefined {
  if (!isMap(node)) {
    reader.refuse(`A probe must be a map, not ${kindOf(node)}`, node, {
      hint: 'Write the probe and whom it asks: ping: 192.168.1.254',
    });
    return undefined;
  }
  const entries = new Map(reader.entries(node).map((entry) => [entry.key, entry]));
  const text = (word: string): string | undefined => {
    const entry = entries.get(word);
    return entry === undefined || isEmpty(entry.node) ? undefined : reader.text(entry);
  };
  const entry = findProbe(reader, node, entries, keyword);
  const name = text('name');
  const pattern = keyword === 'verify' ? text('from') : undefined;
  if (entry === undefined) return undefined;
  return {
    ...(name !== undefined && { name }),
    ...(pattern !== undefined && { from: { pattern, place: reader.place(entries.get('from')?.node) } }),
    probe: entry.kind.name,
    params: readProbeParams(reader, entry),
    place: reader.place(node),
    locate: locator(reader, entry),
  };
}

/** The one key that names a probe. Notes every key that is neither that nor a keyword. */
function findProbe(
  reader: NodeReader,
  node: YAMLMap,
  entries: ReadonlyMap<string, Entry>,
  keyword: ListKeyword,
): ProbeEntry | undefined {
  const found: ProbeEntry[] = [];
  let explained = false;
  for (const entry of entries.values()) {
    const kind = probeKinds.find(({ name }) => name === entry.key);
    if (kind !== undefined) found.push({ ...entry, kind });
    else if (!PROBE_KEYWORDS[keyword].some((word) => word === entry.key)) {
      refuseKey(reader, entry, keyword);
      explained = true;
    }
  }
  const [first, ...others] = found;
  for (const other of others)
    reader.refuse(`One probe at a time: ${other.key} stands here beside ${first?.key}`, other.keyNode, {
      hint: 'Make it an item of its own.',
    });
  if (first === undefined && !explained)
    reader.refuse('This names no probe', node, { hint: `Name one: ${NAMES.join(', ')}.` });
  return first;
}

function refuseKey(reader: NodeReader, { key, keyNode }: Entry, keyword: ListKeyword): void {
  if (key === 'from') {
    reader.refuse('from: belongs to verify:, not to probes:', keyNode, {
      hint: 'probes: run on the host that is changed; move this one to verify: to run it from others.',
    });
    return;
  }
  const near = nearest(key, [...NAMES, ...PROBE_KEYWORDS[keyword]]);
  const hint = near === undefined ? `Probes are ${NAMES.join(', ')}.` : `Did you mean ${near}?`;
  reader.refuse(`Unknown probe or keyword '${key}'`, keyNode, { hint });
}

/** The plain parameters, as written. Whatever is wrong with them, whatever their templates will give, is noted. */
function readProbeParams(reader: NodeReader, entry: ProbeEntry): unknown {
  const { key, keyNode, node, kind } = entry;
  if (isEmpty(node)) {
    reader.refuse(`${key}: has no parameters`, keyNode, { code: 'schema' });
    return {};
  }
  reader.checkTemplates(node);
  // `command: true` is the tool of that name, not YAML's boolean.
  const params = isScalar(node) && typeof node.value !== 'string' ? node.source : toPlain(node);
  if (isTemplate(params)) return params;
  for (const violation of probeViolations(kind, probeParams(kind, params), { templates: true }))
    note(reader, entry, undefined, violation);
  return params;
}
