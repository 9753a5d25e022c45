/** Values as YAML that a person would write, and that no reader takes for anything else. */
import { Document, isCollection, isPair, isScalar, type Node, stringify, visit } from 'yaml';

/** How wide a map or list may be that stands on one line. */
const WIDTH = 100;

/** A name that somebody gave a device may look like a template, and is none. */
export function holdsTemplate(text: string): boolean {
  return /\{[{%#]/.test(text);
}

export interface Comments {
  /** Above all else. */
  top?: readonly string[];
  /** Above each item of the outermost list. */
  items?: readonly (readonly string[])[];
}

/** @param isBlock whether a map or list always stands by lines, by how many are around it and the key that it stands behind */
export function yamlText(
  value: unknown,
  isBlock: (depth: number, key: string | undefined) => boolean,
  { top = [], items = [] }: Comments = {},
): string {
  // What YAML 1.1 takes for a number or a switch is quoted.
  const document = new Document(value, { compat: 'yaml-1.1', aliasDuplicateObjects: false });
  visit(document, {
    Scalar(key, node) {
      if (key === 'key' || typeof node.value !== 'string' || !holdsTemplate(node.value)) return;
      node.tag = '!unsafe';
      node.type = 'QUOTE_DOUBLE';
    },
    Collection(_, node, path) {
      const pair = path.findLast(isPair);
      const key = isScalar(pair?.key) ? String(pair.key.value) : undefined;
      if (isBlock(path.filter(isCollection).length, key) || widthOf(node) > WIDTH) return;
      node.flow = true;
    },
  });
  const { contents } = document;
  if (isCollection(contents))
    items.forEach((lines, index) => {
      const item = contents.items[index] as Node | undefined;
      if (item === undefined || lines.length === 0) return;
      item.commentBefore = lines.map((line) => ` ${line}`.trimEnd()).join('\n');
      item.spaceBefore = index > 0;
    });
  const text = document.toString({ lineWidth: 0, flowCollectionPadding: false });
  const head = top.map((line) => `${`# ${line}`.trimEnd()}\n`);
  return `${head.join('')}${text}`;
}

function widthOf(node: Node): number {
  return stringify(node.toJSON(), { collectionStyle: 'flow', flowCollectionPadding: false, lineWidth: 0 })
    .length;
}
