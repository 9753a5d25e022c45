/** Inventories in Ansible's INI form. Every mistake of a file is collected; none stops the reading. */
import { NetplayError } from '../shared/errors.js';
import { nearest } from '../shared/nearest.js';
import type { Place } from '../shared/place.js';
import { hideSecrets } from '../shared/secrets.js';
import type { UserText } from '../shared/user-text.js';
import { type Draft, type DraftGroup, newGroup } from './draft.js';
import { HostNameError, type HostNames, parseHostNames } from './host-names.js';
import { parseIniValue } from './literal.js';
import { splitWords, type Word } from './words.js';

const KINDS = ['hosts', 'children', 'vars'] as const;
type Kind = (typeof KINDS)[number];

/** A group that is spoken of and must be declared somewhere in the file. */
interface Mention {
  name: string;
  parent?: DraftGroup;
  place: Place;
}

/** Adds what an INI file says to the draft, and returns all that is wrong with it. */
export function readIni(given: string | UserText, file: string, draft: Draft): NetplayError[] {
  return new IniReader(
    typeof given === 'string' ? { text: given, secret: false } : given,
    file,
    draft,
  ).read();
}

class IniReader {
  readonly #errors: NetplayError[] = [];
  readonly #mentions: Mention[] = [];
  readonly #lines: readonly string[];
  #group: DraftGroup;
  #kind: Kind = 'hosts';
  #line = 0;

  readonly #secret: boolean;

  constructor(
    { text, secret }: UserText,
    private readonly file: string,
    private readonly draft: Draft,
  ) {
    this.#secret = secret;
    this.#lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
    this.#group = draft.group('ungrouped');
  }

  read(): NetplayError[] {
    this.#declareGroups();
    for (const [index, raw] of this.#lines.entries()) {
      this.#line = index;
      const line = raw.trim();
      if (line === '' || line.startsWith('#') || line.startsWith(';')) continue;
      if (line.startsWith('[') && isSectionLine(line)) this.#section(line, raw.indexOf('['));
      else if (this.#kind === 'hosts') this.#hosts(raw);
      else if (this.#kind === 'children') this.#child(line, raw.indexOf(line));
      else this.#variable(line, raw.indexOf(line));
    }
    this.#checkMentions();
    return this.#errors.sort((a, b) => (a.place?.line ?? 0) - (b.place?.line ?? 0));
  }

  /** `[g]` and `[g:children]` declare a group, wherever in the file they stand; `[g:vars]` doesn't. */
  #declareGroups(): void {
    for (const line of this.#lines) {
      const section = SECTION.exec(line.trim());
      if (section?.[1] !== undefined && section[2] !== 'vars') this.draft.group(section[1]);
    }
  }

  #place(offset: number, length = 1): Place {
    const place = { file: this.file, line: this.#line + 1, column: offset + 1, length };
    return this.#secret ? place : { ...place, source: hideSecrets(this.#lines[this.#line] ?? '') };
  }

  #error(message: string, place: Place, hint?: string): void {
    this.#errors.push(
      new NetplayError('inventory', message, hint === undefined ? { place } : { place, hint }),
    );
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
    const known = this.draft.groups.has(name);
    if (!known) this.#mentions.push({ name, place });
    // What follows is read all the same, for its own mistakes.
    this.#group = known ? this.draft.group(name) : newGroup(name);
    this.#kind = kind ?? 'hosts';
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
      const host = this.draft.host(name, this.#group, place);
      if (found.port !== undefined) host.vars.set('ansible_port', found.port);
      for (const [key, value] of vars) host.vars.set(key, value);
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

  #assignment(word: Word): [string, unknown][] {
    const equals = word.text.indexOf('=');
    if (equals > 0) return [[word.text.slice(0, equals), parseIniValue(word.text.slice(equals + 1))]];
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
      this.#errors.push(...this.draft.setGroupVar(this.#group, key, parseIniValue(value.trim()), place));
    }
  }

  #child(line: string, offset: number): void {
    const [, name] = /^([^:\]\s]+)\s*(?:#.*)?$/.exec(line) ?? [];
    const place = this.#place(offset, name?.length ?? line.length);
    if (name === undefined) this.#error("This is no group's name", place, 'One group a line stands here.');
    else if (!this.draft.groups.has(name)) this.#mentions.push({ name, parent: this.#group, place });
    else this.#errors.push(...this.draft.addChild(this.#group, this.draft.group(name), place));
  }

  #checkMentions(): void {
    for (const { name, parent, place } of this.#mentions) {
      const near = nearest(name, this.draft.groups.keys());
      const hint = near ? `Did you mean "${near}"?` : `Declare it: [${name}]`;
      const what = parent ? `[${parent.name}:children] names the group` : 'Variables are set for the group';
      this.#error(`${what} "${name}", which is not declared`, place, hint);
    }
  }
}

const SECTION = /^\[([^:\]\s]+)(?::(\w+))?\]\s*(?:#.*)?$/;

/** Tells a section from a host such as `[fe80::1]:22` or `[a:c].example`, whose bracket closes before the end. */
function isSectionLine(line: string): boolean {
  return SECTION.test(line) || line.endsWith(']') || !line.includes(']');
}
