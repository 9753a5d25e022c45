/** Inventories in Ansible's YAML form: `group: {hosts, vars, children}`. All mistakes of a file are collected. */
import { isMap, isScalar, type Pair, type YAMLMap } from 'yaml';
import { NetplayError } from '../shared/errors.js';
import { nearest } from '../shared/nearest.js';
import type { UserText } from '../shared/user-text.js';
import type { Vault } from '../shared/vaulted.js';
import { keyText, readYaml, toPlain, type YamlSource } from '../shared/yaml.js';
import type { Draft, DraftGroup } from './draft.js';
import { HostNameError, type HostNames, parseHostNames } from './host-names.js';

const SECTIONS = ['hosts', 'vars', 'children'] as const;
type Section = (typeof SECTIONS)[number];

/** Adds what a YAML file says to the draft, and returns all that is wrong with it. */
export function readYamlInventory(
  text: string | UserText,
  file: string,
  draft: Draft,
  vault?: Vault,
): NetplayError[] {
  const { source, errors } = readYaml(text, file, 'inventory', { vault });
  if (errors.length > 0) return errors;
  return new YamlReader(source, draft).read();
}

class YamlReader {
  readonly #errors: NetplayError[] = [];

  constructor(
    private readonly source: YamlSource,
    private readonly draft: Draft,
  ) {}

  read(): NetplayError[] {
    const { contents } = this.source.document;
    if (!isMap(contents)) {
      const what = isNothing(contents) ? 'The inventory is empty' : 'An inventory is a map of groups';
      this.#error(what, contents, 'Begin with "all:" and under it "hosts:".');
      return this.#errors;
    }
    for (const pair of contents.items) this.#topLevel(pair);
    return this.#errors;
  }

  #error(message: string, node: unknown, hint?: string): void {
    const place = this.source.placeOf(node);
    this.#errors.push(
      new NetplayError('inventory', message, hint === undefined ? { place } : { place, hint }),
    );
  }

  #topLevel(pair: Pair): void {
    const name = keyText(pair.key);
    if (SECTIONS.some((section) => section === name))
      this.#error(`"${name}" can't stand at the top: groups do`, pair, `Put it under "all:".`);
    else if (name === 'plugin')
      this.#error('This file configures an inventory plugin, which netplay has not', pair);
    else this.#group(pair);
  }

  #group(pair: Pair): DraftGroup {
    const group = this.draft.group(keyText(pair.key));
    for (const section of this.#map(pair, `The group "${group.name}"`)) {
      const key = keyText(section.key);
      const known = SECTIONS.find((word) => word === key);
      if (known === undefined) this.#unknownKey(group, key, section);
      else this.#section(group, known, section);
    }
    return group;
  }

  /** The pairs of a value that must be a map: none where it is empty, or where it is something else. */
  #map({ key, value }: Pair, what: string): readonly Pair[] {
    if (isMap(value)) return value.items;
    if (!isNothing(value)) {
      const hint = isScalar(value) ? undefined : 'Write a map, one "name:" a line, instead of a list.';
      this.#error(`${what} must be a map`, value ?? key, hint);
    }
    return [];
  }

  #unknownKey(group: DraftGroup, key: string, pair: Pair): void {
    const near = nearest(key, SECTIONS);
    const hint = near
      ? `Did you mean "${near}"?`
      : 'A group holds hosts, vars and children; put groups under children.';
    this.#error(`The group "${group.name}" can't hold "${key}"`, pair, hint);
  }

  #section(group: DraftGroup, section: Section, pair: Pair): void {
    // Ansible takes a bare word for a map of that one key.
    const entries = isWord(pair.value) ? [{ key: pair.value, value: null }] : undefined;
    const pairs = entries ?? this.#map(pair, `"${section}" of the group "${group.name}"`);
    for (const entry of pairs as readonly Pair[]) {
      if (section === 'hosts') this.#host(group, entry);
      else if (section === 'vars') this.#variable(group, entry);
      else this.#child(group, entry);
    }
  }

  #host(group: DraftGroup, pair: Pair): void {
    const found = this.#hostNames(pair);
    const vars = this.#map(pair, `The host "${keyText(pair.key)}"`).map(
      ({ key, value }) => [keyText(key), toPlain(value)] as const,
    );
    const place = this.source.placeOf(pair);
    for (const name of found.names) {
      const host = this.draft.host(name, group, place);
      if (found.port !== undefined) host.vars.set('ansible_port', found.port);
      for (const [key, value] of vars) host.vars.set(key, value);
    }
  }

  #hostNames(pair: Pair): HostNames {
    try {
      return parseHostNames(keyText(pair.key));
    } catch (error) {
      if (!(error instanceof HostNameError)) throw error;
      this.#error(error.message, pair, error.hint);
      return { names: [] };
    }
  }

  #variable(group: DraftGroup, pair: Pair): void {
    const place = this.source.placeOf(pair);
    this.#errors.push(...this.draft.setGroupVar(group, keyText(pair.key), toPlain(pair.value), place));
  }

  #child(group: DraftGroup, pair: Pair): void {
    const child = this.#group(pair);
    this.#errors.push(...this.draft.addChild(group, child, this.source.placeOf(pair)));
  }
}

function isNothing(node: unknown): boolean {
  return node === null || node === undefined || (isScalar(node) && node.value === null);
}

function isWord(node: unknown): boolean {
  return isScalar(node) && typeof node.value === 'string';
}

/** The variables of a file in group_vars/ or host_vars/: a map, or nothing. */
export function readVarsFile(
  text: string | UserText,
  file: string,
  vault?: Vault,
): { vars: Map<string, unknown>; errors: readonly NetplayError[] } {
  const { source, errors } = readYaml(text, file, 'inventory', { vault });
  const { contents } = source.document;
  if (errors.length > 0 || isNothing(contents)) return { vars: new Map(), errors };
  if (isMap(contents)) return { vars: varsOf(contents), errors };
  const place = source.placeOf(contents);
  return {
    vars: new Map(),
    errors: [new NetplayError('inventory', 'A file of variables is a map', { place })],
  };
}

function varsOf(map: YAMLMap): Map<string, unknown> {
  return new Map(map.items.map(({ key, value }) => [keyText(key), toPlain(value)]));
}
