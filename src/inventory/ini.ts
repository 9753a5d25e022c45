/** Inventories in Ansible's INI form. Every mistake of a file is collected; none stops the reading. */
import { NetplayError } from '../shared/errors.js';
import { nearest } from '../shared/nearest.js';
import type { Place } from '../shared/place.js';
import { hideSecrets } from '../shared/secrets.js';
import type { UserText } from '../shared/user-text.js';
import { splitWords, type Word } from '../shared/words.js';
import { type Draft, type DraftGroup, MOST_ERRORS, newGroup, type PlacedVar } from './draft.js';
import { HostNameError, type HostNames, parseHostNames } from './host-names.js';
import { parseIniValue } from './literal.js';

const KINDS = ['hosts', 'children', 'vars'] as const;
type Kind = (typeof KINDS)[number];

/** A group that is spoken of and must be declared further down in the file. */
interface Mention {
  /** Whose child it will be; none where its variables are set. */
  parent?: DraftGroup;
  place: Place;
}

/** In characters. A longer one is no inventory's, and would take a reader's stack. */
const LONGEST_LINE = 2 ** 20;
/** Where Python's `splitlines` ends a line. */
const LINE_END = /\r\n|[\n\r\v\f\u0085\u2028\u2029]/;

/** Adds what an INI file says to the draft, and returns all that is wrong with it. */
export function readIni(given: string | UserText, file: string, draft: Draft): NetplayError[] {
  const text = typeof given === 'string' ? { text: given, secret: false } : given;
  return new IniReader(text, file, draft).read();
}

class IniReader {
  readonly #errors: NetplayError[] = [];
  /** By the names of groups that are not declared so far. */
  readonly #mentions = new Map<string, Mention[]>();
  readonly #lines: readonly string[];
  #group: DraftGroup;
  #kind: Kind = 'hosts';
  #line = 0;

  /** No line may be shown. */
  readonly #secret: boolean;

  constructor(
    { text, secret }: UserText,
    private readonly file: string,
    private readonly draft: Draft,
  ) {
    this.#secret = secret;
    this.#lines = text.replace(/^\uFEFF/, '').split(LINE_END);
    this.#group = draft.group('ungrouped');
  }

  read(): NetplayError[] {
    for (const [index, raw] of this.#lines.entries()) {
      if (this.#errors.length >= MOST_ERRORS) break;
      this.#line = index;
      const line = raw.trim();
      if (line === '' || line.startsWith('#') || line.startsWith(';')) continue;
      if (line.length > LONGEST_LINE) this.#tooLong();
      else if (line.startsWith('[') && isSectionLine(line)) this.#section(line, raw.indexOf('['));
      else if (this.#kind === 'hosts') this.#hosts(raw);
      else if (this.#kind === 'children') this.#child(line, raw.indexOf(line));
      else this.#variable(line, raw.indexOf(line));
    }
    this.#checkMentions();
    return this.#errors.sort((a, b) => (a.place?.line ?? 0) - (b.place?.line ?? 0));
  }

  #place(offset: number, length = 1, line = this.#line): Place {
    const place = { file: this.file, line: line + 1, column: offset + 1, length };
    return this.#secret ? place : { ...place, source: hideSecrets(this.#lines[line] ?? '') };
  }

  #error(message: string, place: Place, hint?: string): void {
    this.#errors.push(
      new NetplayError('inventory', message, hint === undefined ? { place } : { place, hint }),
    );
  }

  #tooLong(): void {
    const place = { file: this.file, line: this.#line + 1, column: 1 };
    this.#error('This line is longer than a million characters', place);
  }

  #section(line: string, offset: number): void {
    const [, name, kindText = 'hosts'] = SECTION.exec(line) ?? [];
    const place = this.#place(offset, line.length);
    if (name === undefined) {
      this.#error(
        'This is no section',
        place,
        'Write [group], [group:children] or [group:vars], without spaces.',
      );
      return;
    }
    const kind = KINDS.find((known) => known === kindText);
    if (kind === undefined) {
      const near = nearest(kindText, KINDS);
      const hint = near
        ? `Did you mean [${name}:${near}]?`
        : 'Write [group], [group:children] or [group:vars].';
      this.#error(`A section can't hold "${kindText}"`, place, hint);
    }
    // What follows a wrong one is read all the same, for its own mistakes.
    this.#group = kind === undefined ? newGroup(name) : this.#declared(name, kind, place);
    this.#kind = kind ?? 'hosts';
  }

  /** `[g]` and `[g:children]` declare a group, which then becomes the child of those that have named it. */
  #declared(name: string, kind: Kind, place: Place): DraftGroup {
    const isNew = !this.draft.groups.has(name);
    const group = this.draft.group(name);
    const mentions = this.#mentions.get(name);
    if (kind === 'vars') {
      if (isNew && mentions === undefined) this.#mention(name, { place });
    } else {
      this.#mentions.delete(name);
      for (const { parent, place: where } of mentions ?? [])
        if (parent !== undefined) this.#errors.push(...this.draft.addChild(parent, group, where));
    }
    return group;
  }

  #hosts(raw: string): void {
    const words = splitWords(raw);
    if (!Array.isArray(words)) {
      this.#error('A quote opens here and is never closed', this.#place(words.unclosed));
      return;
    }
    const [first, ...assignments] = words;
    if (first === undefined) return;
    const place = this.#place(first.offset, first.length);
    const found = this.#hostNames(first, place);
    const vars = assignments.flatMap((word) => this.#assignment(word));
    for (const name of found.names) {
      const host = this.draft.host(name, this.#group, place, found.port);
      for (const variable of vars) this.draft.setHostVar(host, variable);
    }
  }

  #hostNames(word: Word, place: Place): HostNames {
    try {
      if (word.text === '---')
        throw new HostNameError('"---" begins a YAML file', 'Name the file with .yml.');
      if (/^[^:[\]]+:$/.test(word.text))
        throw new HostNameError(
          `"${word.text}" ends in a colon`,
          'For an inventory in YAML, name the file with .yml.',
        );
      return parseHostNames(word.text);
    } catch (error) {
      if (!(error instanceof HostNameError)) throw error;
      this.#error(error.message, place, error.hint);
      return { names: [] };
    }
  }

  #assignment(word: Word): PlacedVar[] {
    const equals = word.text.indexOf('=');
    if (equals > 0) {
      const line = this.#line;
      const place = (): Place => this.#place(word.offset, word.length, line);
      return [{ key: word.text.slice(0, equals), value: parseIniValue(word.text.slice(equals + 1)), place }];
    }
    const hint = 'Put no spaces around "=", and quotes around a value that holds spaces.';
    this.#error(
      `"${word.text}" is no variable: name=value is expected`,
      this.#place(word.offset, word.length),
      hint,
    );
    return [];
  }

  #variable(line: string, offset: number): void {
    const [, key, value] = /^([^=]*[^=\s])\s*=(.*)$/.exec(line) ?? [];
    const place = this.#place(offset, line.length);
    if (key === undefined || value === undefined) {
      this.#error('This is no variable: name=value is expected', place);
    } else if (/\s/.test(key)) {
      this.#error(
        `"${key}" is no variable's name`,
        this.#place(offset, key.length),
        'Hosts belong under [group].',
      );
    } else {
      const variable = { key, value: parseIniValue(value.trim()), place: () => place };
      this.#errors.push(...this.draft.setGroupVar(this.#group, variable));
    }
  }

  #child(line: string, offset: number): void {
    const [, name] = /^([^:\]\s]+)\s*(?:#.*)?$/.exec(line) ?? [];
    const place = this.#place(offset, name?.length ?? line.length);
    if (name === undefined) this.#error("This is no group's name", place, 'One group a line stands here.');
    else if (!this.draft.groups.has(name)) this.#mention(name, { parent: this.#group, place });
    else this.#errors.push(...this.draft.addChild(this.#group, this.draft.group(name), place));
  }

  #mention(name: string, mention: Mention): void {
    const known = this.#mentions.get(name);
    if (known === undefined) this.#mentions.set(name, [mention]);
    else known.push(mention);
  }

  #checkMentions(): void {
    for (const [name, mentions] of this.#mentions)
      for (const { parent, place } of mentions) {
        if (this.#errors.length >= MOST_ERRORS) return;
        const near = nearest(name, this.#declaredNames());
        const hint = near ? `Did you mean "${near}"?` : `Declare it: [${name}]`;
        const what = parent ? `[${parent.name}:children] names the group` : 'Variables are set for the group';
        this.#error(`${what} "${name}", which is not declared`, place, hint);
      }
  }

  /** A group of which only variables are known is not declared. */
  #declaredNames(): string[] {
    return [...this.draft.groups.keys()].filter((name) => !this.#mentions.has(name));
  }
}

const SECTION = /^\[([^:\]\s]+)(?::(\w+))?\]\s*(?:#.*)?$/;

/** Tells a section from a host such as `[fe80::1]:22` or `[a:c].example`, whose bracket closes before the end. */
function isSectionLine(line: string): boolean {
  return SECTION.test(line) || line.endsWith(']') || !line.includes(']');
}
