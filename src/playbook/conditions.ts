/** `when`, `until`, `changed_when`, `failed_when`: one condition, or a list of which all must hold. */
import { isScalar, isSeq, Scalar } from 'yaml';
import { booleanWord } from '../shared/boolean-words.js';
import type { Condition } from './model.js';
import { type Entry, here, kindOf, type NodeReader } from './reader.js';

/** A condition that is nothing but one template: Ansible takes its expression. */
const BRACED = /^\s*\{\{((?:(?!\}\}|\{\{)[\s\S])*)\}\}\s*$/;

export function readConditions(reader: NodeReader, entry: Entry): Condition[] {
  const { node } = entry;
  const nodes: readonly unknown[] = isSeq(node) ? node.items : [node];
  return nodes.flatMap((condition) => {
    const expression = readExpression(reader, { ...entry, node: condition });
    return expression === undefined ? [] : [{ expression, place: reader.place(condition) }];
  });
}

function readExpression(reader: NodeReader, { key, keyNode, node }: Entry): string | boolean | undefined {
  const value = isScalar(node) ? node.value : undefined;
  if (typeof value === 'boolean') return value;
  if (typeof value !== 'string' || value.trim() === '') {
    reader.refuse(`${key}: must be an expression, not ${kindOf(node)}`, here(node, keyNode));
    return undefined;
  }
  // Ansible's YAML takes these words for booleans, unless they are quoted.
  const word = isScalar(node) && node.type === Scalar.PLAIN ? booleanWord(value) : undefined;
  if (word !== undefined) return word;
  const expression = BRACED.exec(value)?.[1] ?? value;
  if (/\{[{%]/.test(expression)) {
    reader.refuse(`${key}: is an expression already, without {{ }}`, node, {
      hint: 'Leave the braces out, and quote nothing but text.',
    });
    return undefined;
  }
  reader.checkExpression(expression, node);
  return expression.trim();
}
