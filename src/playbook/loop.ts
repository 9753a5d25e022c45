/** `loop`, `with_items` and `loop_control`. */
import { isMap, isScalar, isSeq } from 'yaml';
import { nearest } from '../shared/nearest.js';
import { toPlain } from '../shared/yaml.js';
import type { Task } from './model.js';
import { type Entry, here, kindOf, type NodeReader } from './reader.js';

const LATER = ['pause', 'extended', 'extended_allitems', 'break_when'];
const KNOWN = ['loop_var', 'index_var', 'label'];

/** A list, or a template that gives one; undefined where there is no loop. */
export function readLoop(reader: NodeReader, entries: ReadonlyMap<string, Entry>): unknown {
  const [entry, second] = ['loop', 'with_items'].flatMap((word) => entries.get(word) ?? []);
  if (entry === undefined) return undefined;
  if (second !== undefined) reader.refuse('loop and with_items say the same: keep one', second.keyNode);
  const { key, keyNode, node } = entry;
  reader.checkTemplates(node);
  if (isSeq(node)) {
    const list = toPlain(node);
    // Ansible's with_items takes lists within the list apart, one level deep.
    return key === 'with_items' && Array.isArray(list) ? list.flat() : list;
  }
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

export function readLoopControl(
  reader: NodeReader,
  entries: ReadonlyMap<string, Entry>,
): Task['loopControl'] {
  const control: Task['loopControl'] = { loopVar: 'item' };
  const entry = entries.get('loop_control');
  if (entry === undefined) return control;
  if (!entries.has('loop') && !entries.has('with_items'))
    reader.refuse('loop_control: there is no loop here', entry.keyNode);
  if (!isMap(entry.node)) {
    reader.refuse(`loop_control: must be a map, not ${kindOf(entry.node)}`, here(entry.node, entry.keyNode));
    return control;
  }
  for (const setting of reader.entries(entry.node)) {
    const { key, keyNode, node } = setting;
    if (LATER.includes(key)) reader.refuse(`loop_control: ${key} is not supported yet`, keyNode);
    else if (!KNOWN.includes(key)) {
      const near = nearest(key, KNOWN);
      const hint = near === undefined ? `loop_control takes ${KNOWN.join(', ')}.` : `Did you mean ${near}?`;
      reader.refuse(`loop_control: unknown key '${key}'`, keyNode, { hint });
    } else {
      const text = reader.text(setting);
      if (text === undefined) continue;
      if (key === 'label') control.label = text;
      else if (reader.checkName(text, node)) control[key === 'loop_var' ? 'loopVar' : 'indexVar'] = text;
    }
  }
  return control;
}
