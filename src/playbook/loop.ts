/** `loop`, `with_…` and `loop_control`. */
import { isMap, isScalar, isSeq } from 'yaml';
import { isTemplate } from '../resources/templated.js';
import { nearest } from '../shared/nearest.js';
import { toPlain } from '../shared/yaml.js';
import { readConditions } from './conditions.js';
import type { LoopControl } from './model.js';
import { type Entry, here, kindOf, type NodeReader } from './reader.js';
import type { Entries } from './shared-keywords.js';

/** Lookups whose items a loop can go through, by what they take. */
const OF_LISTS = [
  'items',
  'flattened',
  'together',
  'nested',
  'cartesian',
  'subelements',
  'random_choice',
  'indexed_items',
];
const OF_MAPS = ['dict'];
const OF_TEXT = [
  'sequence',
  'fileglob',
  'first_found',
  'lines',
  'file',
  'env',
  'pipe',
  'vars',
  'template',
  'inventory_hostnames',
];
const LOOKUPS: readonly string[] = ['list', ...OF_LISTS, ...OF_MAPS, ...OF_TEXT];

export interface Loop {
  /** As `TaskBase.loop`. */
  loop: unknown;
  loopLookup?: string;
}

const NO_LOOP: Loop = { loop: undefined };

/** Whatever is wrong is noted. */
export function readLoop(reader: NodeReader, entries: Entries): Loop {
  const [entry, second] = loopEntries(entries);
  if (entry === undefined) return NO_LOOP;
  if (second !== undefined)
    reader.refuse(`A task has one loop: ${second.key} stands here beside ${entry.key}`, second.keyNode);
  reader.checkTemplates(entry.node);
  if (entry.key === 'loop') return { loop: readList(reader, entry) };
  const lookup = entry.key.slice('with_'.length);
  if (!LOOKUPS.includes(lookup)) refuseLookup(reader, entry, lookup);
  if (lookup === 'list') return { loop: readList(reader, entry) };
  if (lookup === 'items') return readItems(reader, entry);
  return { loop: readSource(reader, entry, lookup), loopLookup: lookup };
}

function loopEntries(entries: Entries): Entry[] {
  const found: Entry[] = [];
  for (const entry of entries.values())
    if (entry.key === 'loop' || entry.key.startsWith('with_')) found.push(entry);
  return found;
}

function refuseLookup(reader: NodeReader, { key, keyNode }: Entry, lookup: string): void {
  const near = nearest(lookup, LOOKUPS);
  const hint =
    near === undefined ? `There is with_${LOOKUPS.join(', with_')}.` : `Did you mean with_${near}?`;
  reader.refuse(`Unknown loop '${key}'`, keyNode, { hint });
}

function readList(reader: NodeReader, { key, keyNode, node }: Entry): unknown {
  if (isSeq(node)) return toPlain(node);
  if (isScalar(node) && typeof node.value === 'string' && node.value.includes('{{')) return node.value;
  const hint = isMap(node)
    ? 'Write loop: "{{ the_map | dict2items }}", with item.key and item.value.'
    : undefined;
  reader.refuse(
    `${key}: must be a list, or a template that gives one, not ${kindOf(node)}`,
    here(node, keyNode),
    hint === undefined ? {} : { hint },
  );
  return [];
}

/** Ansible's with_items takes lists within the list apart, one level deep: a run does it where a template gives them. */
function readItems(reader: NodeReader, entry: Entry): Loop {
  const list = readList(reader, entry);
  if (!Array.isArray(list) || list.some(isTemplate)) return { loop: list, loopLookup: 'items' };
  return { loop: list.flat() };
}

/** What a lookup makes its list of: a template, or what that lookup takes. */
function readSource(reader: NodeReader, { key, keyNode, node }: Entry, lookup: string): unknown {
  const fits =
    (isScalar(node) && isTemplate(node.value)) ||
    (isSeq(node) && !OF_MAPS.includes(lookup)) ||
    (isMap(node) && !OF_LISTS.includes(lookup)) ||
    (isScalar(node) && typeof node.value === 'string' && OF_TEXT.includes(lookup));
  if (fits) return toPlain(node);
  const wanted = OF_MAPS.includes(lookup) ? 'a map' : 'a list';
  reader.refuse(
    `${key}: must be ${wanted}, or a template that gives one, not ${kindOf(node)}`,
    here(node, keyNode),
  );
  return [];
}

const SETTINGS = ['loop_var', 'index_var', 'label', 'pause', 'extended', 'extended_allitems', 'break_when'];

export function readLoopControl(reader: NodeReader, entries: Entries): LoopControl {
  const entry = entries.get('loop_control');
  if (entry === undefined) return { loopVar: 'item' };
  if (loopEntries(entries).length === 0) reader.refuse('loop_control: there is no loop here', entry.keyNode);
  if (!isMap(entry.node)) {
    reader.refuse(`loop_control: must be a map, not ${kindOf(entry.node)}`, here(entry.node, entry.keyNode));
    return { loopVar: 'item' };
  }
  const control: LoopControl = { loopVar: 'item' };
  for (const setting of reader.entries(entry.node)) readSetting(reader, setting, control);
  return control;
}

function readSetting(reader: NodeReader, setting: Entry, control: LoopControl): void {
  const { key, keyNode, node } = setting;
  if (key === 'pause') control.pause = reader.number(setting) ?? 0;
  else if (key === 'extended') control.extended = reader.flag(setting) ?? false;
  else if (key === 'extended_allitems') control.extendedAllItems = reader.flag(setting) ?? true;
  else if (key === 'break_when') control.breakWhen = readConditions(reader, setting);
  else if (key === 'label') control.label = labelOf(reader, setting);
  else if (key === 'loop_var' || key === 'index_var') {
    const text = reader.text(setting);
    if (text !== undefined && reader.checkName(text, node))
      control[key === 'loop_var' ? 'loopVar' : 'indexVar'] = text;
  } else {
    const near = nearest(key, SETTINGS);
    const hint = near === undefined ? `loop_control takes ${SETTINGS.join(', ')}.` : `Did you mean ${near}?`;
    reader.refuse(`loop_control: unknown key '${key}'`, keyNode, { hint });
  }
}

/** Text; a map or a list, as Ansible takes them, becomes the text that a template would give. */
function labelOf(reader: NodeReader, setting: Entry): string {
  if (!isMap(setting.node) && !isSeq(setting.node)) return reader.text(setting) ?? '';
  reader.checkTemplates(setting.node);
  return JSON.stringify(toPlain(setting.node));
}
