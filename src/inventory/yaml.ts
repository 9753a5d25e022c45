/** Inventories in Ansible's YAML form: `group: {hosts, vars, children}`. All mistakes of a file are collected. */
import { isMap, isScalar, type Pair } from 'yaml';
import { NetplayError } from '../shared/errors.js';
import { nearest } from '../shared/nearest.js';
import type { UserText } from '../shared/user-text.js';
import type { Vault } from '../shared/vaulted.js';
import { keyText, MOST_YAML, readYaml, toPlain, type YamlSource } from '../shared/yaml.js';
import { type Draft, type DraftGroup, MOST_ERRORS, type PlacedVar } from './draft.js';
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
  const big = tooBig(text, file, 'Write it as INI, or have a script print it as JSON.');
  if (big !== undefined) return [big];
  const { source, errors } = readYaml(text, file, 'inventory', { vault });
  if (errors.length > 0) return errors.slice(0, MOST_ERRORS);
  return new YamlReader(source, draft).read().slice(0, MOST_ERRORS);
}

function tooBig(given: string | UserText, file: string, hint: string): NetplayError | undefined {
  const text = typeof given === 'string' ? given : given.text;
  if (Buffer.byteLength(text) <= MOST_YAML) return undefined;
  const message = `This is more YAML than the ${MOST_YAML / 2 ** 20} MiB that are read of a file`;
  return new NetplayError('inventory', message, { place: { file, line: 1, column: 1 }, hint });
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
    else if (name === 'plugin') this.#plugin(pair);
    else this.#group(pair);
  }

  #plugin(pair: Pair): void {
    const plugin = isScalar(pair.value) ? ` "${keyText(pair.value)}"` : '';
    this.#error(
      `This file configures the inventory plugin${plugin}, which netplay has not`,
      pair,
      'Save what it makes as a file: ansible-inventory -i FILE --list --export --yaml',
    );
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
    const pairs = this.#map(pair, `The host "${keyText(pair.key)}"`);
    const vars = pairs.map((variable) => placedVar(variable, this.source));
    const place = this.source.placeOf(pair);
    for (const name of found.names) {
      const host = this.draft.host(name, group, place, found.port);
      for (const variable of vars) this.draft.setHostVar(host, variable);
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
    this.#errors.push(...this.draft.setGroupVar(group, placedVar(pair, this.source)));
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
): { vars: readonly PlacedVar[]; errors: readonly NetplayError[] } {
  const big = tooBig(text, file, 'Split it into files of a folder that has its name.');
  if (big !== undefined) return { vars: [], errors: [big] };
  const { source, errors } = readYaml(text, file, 'inventory', { vault });
  const { contents } = source.document;
  if (errors.length > 0 || isNothing(contents)) return { vars: [], errors: errors.slice(0, MOST_ERRORS) };
  if (isMap(contents)) return { vars: contents.items.map((pair) => placedVar(pair, source)), errors };
  const place = source.placeOf(contents);
  return { vars: [], errors: [new NetplayError('inventory', 'A file of variables is a map', { place })] };
}

function placedVar(pair: Pair, source: YamlSource): PlacedVar {
  return { key: keyText(pair.key), value: toPlain(pair.value), place: () => source.placeOf(pair) };
}
