/** Free text in the place of a map of parameters: `copy: src=a dest=b`, `command: ls -l chdir=/x`. */
import { Pair, Scalar, YAMLMap } from 'yaml';
import { parameterValue, type Token, tokensOf } from '../shared/free-form.js';

export interface FreeForm {
  /** The parameters, as a map whose nodes tell where they stand. */
  map: YAMLMap;
  /** What is no parameter, as it is written; empty where there is nothing left. */
  rest: string;
}

/**
 * Takes `k=v` words out of a text, as Ansible's parse_kv does. Quotes and templates hold a word together; quotes around
 * a whole value are dropped.
 * @param isKey which keys are parameters; what stands before other `=` is no key
 * @param shift where the text begins in its file; undefined where the file holds it in another form (folded, escaped)
 * @returns undefined where a quote or a template is not closed
 */
export function readFreeForm(
  text: string,
  isKey: (key: string) => boolean,
  node: Scalar,
  shift?: number,
): FreeForm | undefined {
  const tokens = tokensOf(text);
  if (tokens === undefined) return undefined;
  const map = new YAMLMap();
  let rest = '';
  for (const token of tokens) {
    const [, key = ''] = /^([A-Za-z_]\w*)=/.exec(token.text) ?? [];
    if (key === '' || !isKey(key)) rest += token.text;
    else map.items.push(pairOf(key, token, node, shift));
  }
  map.range = node.range ?? null;
  return { map, rest: rest.trim() };
}

function pairOf(key: string, { text, start }: Token, node: Scalar, shift: number | undefined): Pair {
  const value = text.slice(key.length + 1).trim();
  const at = (from: number, length: number): Scalar['range'] =>
    shift === undefined ? node.range : [shift + from, shift + from + length, shift + from + length];
  const keyNode = new Scalar(key);
  keyNode.range = at(start, key.length) ?? null;
  const valueNode = new Scalar<unknown>(parameterValue(value));
  valueNode.range = at(start + key.length + 1, value.length) ?? null;
  return new Pair(keyNode, valueNode);
}
