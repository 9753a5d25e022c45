/** Reads YAML nodes as typed values; what is wrong is noted with its place, and reading goes on. */
import { isMap, isScalar, isSeq, type YAMLMap } from 'yaml';
import type { Vars } from '../inventory/model.js';
import { orList } from '../resources/expectation.js';
import { booleanWord } from '../shared/boolean-words.js';
import { type ErrorCode, NetplayError } from '../shared/errors.js';
import { isMap as isPlainMap } from '../shared/is-map.js';
import { nearest } from '../shared/nearest.js';
import type { Place } from '../shared/place.js';
import { keyText, toPlain, type YamlSource } from '../shared/yaml.js';
import type { Templates } from '../template/model.js';
import type { Known } from './known.js';

/** A key of a map with its value, and the nodes that tell where both stand. */
export interface Entry {
  key: string;
  keyNode: unknown;
  node: unknown;
}

export interface Refusal {
  hint?: string;
  code?: ErrorCode;
  task?: string;
}

export class NodeReader {
  readonly errors: NetplayError[] = [];

  constructor(
    readonly source: YamlSource,
    readonly known: Known,
    /** What is wrong with the YAML itself. */
    readonly yamlErrors: readonly NetplayError[] = [],
  ) {}

  refuse(message: string, at: unknown, refusal: Refusal = {}): void {
    const { code = 'playbook', ...details } = refusal;
    this.errors.push(new NetplayError(code, message, { ...details, place: this.place(at) }));
  }

  place(node: unknown): Place {
    return this.source.placeOf(node);
  }

  entries(map: YAMLMap): Entry[] {
    return map.items.map((pair) => ({ key: keyText(pair.key), keyNode: pair.key, node: pair.value }));
  }

  /** Text that may hold templates; a number is taken as it is written. */
  text({ key, keyNode, node }: Entry): string | undefined {
    const value = isScalar(node) ? node.value : undefined;
    if (typeof value === 'string' && value.trim() !== '') {
      this.checkTemplates(node);
      return value;
    }
    if (isScalar(node) && typeof value === 'number') return node.source ?? String(value);
    this.refuse(`${key}: must be text, not ${kindOf(node)}`, here(node, keyNode));
    return undefined;
  }

  /** A boolean, Ansible's words for one, or a template that gives one. */
  flag({ key, keyNode, node }: Entry): boolean | string | undefined {
    const value = isScalar(node) ? node.value : undefined;
    if (typeof value === 'boolean') return value;
    if (typeof value === 'string') {
      const word = booleanWord(value);
      if (word !== undefined) return word;
      if (value.includes('{{')) {
        this.checkTemplates(node);
        return value;
      }
    }
    this.refuse(`${key}: must be true or false, not ${kindOf(node)}`, here(node, keyNode));
    return undefined;
  }

  /** A number that is not negative, or a template that gives one. */
  number({ key, keyNode, node }: Entry): number | string | undefined {
    const value = isScalar(node) ? node.value : undefined;
    const number = typeof value === 'string' && /^\d+(\.\d+)?$/.test(value) ? Number(value) : value;
    if (typeof number === 'number' && number >= 0) return number;
    if (typeof value === 'string' && value.includes('{{')) {
      this.checkTemplates(node);
      return value;
    }
    this.refuse(`${key}: must be a number, not ${kindOf(node)}`, here(node, keyNode));
    return undefined;
  }

  /** One of a few words; notes what is none of them. */
  choice<Word extends string>({ key, keyNode, node }: Entry, words: readonly Word[]): Word | undefined {
    const value = isScalar(node) ? node.value : undefined;
    const found = words.find((word) => word === value);
    if (found !== undefined) return found;
    const near = typeof value === 'string' ? nearest(value, words) : undefined;
    this.refuse(`${key}: must be ${orList(words)}, not ${kindOf(node)}`, here(node, keyNode), {
      ...(near === undefined ? {} : { hint: `Did you mean ${near}?` }),
    });
    return undefined;
  }

  /** The items of a list; none of a key with nothing after it. Notes what is no list, with a hint of how one is written. */
  list({ key, keyNode, node }: Entry, hint: string): readonly unknown[] {
    if (isSeq(node)) return node.items;
    if (!isEmpty(node))
      this.refuse(`${key}: must be a list, not ${kindOf(node)}`, here(node, keyNode), { hint });
    return [];
  }

  /** A list of words, or one line of them with commas. */
  words({ key, keyNode, node }: Entry): string[] {
    const items = isSeq(node) ? node.items : [node];
    return items.flatMap((item) => {
      const text = this.text({ key, keyNode, node: item }) ?? '';
      return text.split(',').flatMap((word) => (word.trim() === '' ? [] : [word.trim()]));
    });
  }

  /** Variables by name; their values may hold templates. */
  vars({ key, keyNode, node }: Entry): Vars {
    if (isEmpty(node)) return {};
    if (!isMap(node)) {
      this.refuse(`${key}: must be a map of variables, not ${kindOf(node)}`, here(node, keyNode));
      return {};
    }
    for (const entry of this.entries(node)) this.checkName(entry.key, entry.keyNode);
    this.checkTemplates(node);
    const vars = toPlain(node);
    return isPlainMap(vars) ? vars : {};
  }

  /** Whether a word can name a variable; notes it where it can't. */
  checkName(name: string, node: unknown): boolean {
    if (/^[A-Za-z_]\w*$/.test(name)) return true;
    this.refuse(`'${name}' can't be the name of a variable`, node, {
      hint: 'Use letters, digits and _, and begin with a letter.',
    });
    return false;
  }

  /** Notes every syntax error in the templates of a node and all that is below it. */
  checkTemplates(node: unknown): void {
    if (isMap(node)) for (const pair of node.items) this.checkTemplates(pair.value);
    else if (isSeq(node)) for (const item of node.items) this.checkTemplates(item);
    else if (isScalar(node) && typeof node.value === 'string') {
      const text = node.value;
      this.#trySyntax(node, (templates) => templates.mentions(text));
    }
  }

  /** As `checkTemplates`, for a bare expression. */
  checkExpression(expression: string, node: unknown): void {
    this.#trySyntax(node, (templates) => templates.mentionsOf(expression));
  }

  #trySyntax(node: unknown, parse: (templates: Templates) => unknown): void {
    const { templates } = this.known;
    if (templates === undefined) return;
    try {
      parse(templates);
    } catch (error) {
      if (!(error instanceof NetplayError)) throw error;
      const { code, hint } = error;
      this.refuse(error.message, node, { code, ...(hint === undefined ? {} : { hint }) });
    }
  }
}

/** Who names a file or a role: what is wrong with the name is told there. */
export interface Namer {
  /** The file in which the name stands. */
  file: string;
  refuse(message: string, refusal?: Refusal): void;
}

export function namedAt(reader: NodeReader, node: unknown): Namer {
  return {
    file: reader.source.file,
    refuse: (message, refusal) => reader.refuse(message, node, refusal),
  };
}

/** True for `key:` with nothing after it. */
export function isEmpty(node: unknown): boolean {
  return node === null || node === undefined || (isScalar(node) && node.value === null);
}

/** The node to point at: the key where its value is not there. */
export function here(node: unknown, keyNode: unknown): unknown {
  return isEmpty(node) ? keyNode : node;
}

/** Characters of a text within a message: the line itself stands below it. */
const LONGEST_SHOWN = 60;

/** What a node is, to complete `must be …, not …`. */
export function kindOf(node: unknown): string {
  if (isEmpty(node)) return 'empty';
  if (isMap(node)) return 'a map';
  if (isSeq(node)) return 'a list';
  if (!isScalar(node) || typeof node.value !== 'string') return keyText(node);
  return node.value.length > LONGEST_SHOWN ? `'${node.value.slice(0, LONGEST_SHOWN)}…'` : `'${node.value}'`;
}
