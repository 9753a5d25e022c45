/** Debian's /etc/network/interfaces with the files that it sources, in the order in which ifup reads them: interfaces(5). */
import { wildcard } from '../shared/wildcard.js';
import type { HostFile } from '../snapshot/model.js';
import { words } from '../snapshot/text.js';
import { withoutPart } from './marked-part.js';

export const INTERFACES = '/etc/network/interfaces';
const FOLDER = '/etc/network/interfaces.d';

/** The first line of a file of netplay's own, by which it is known. */
export const MADE = '# Made by netplay from /etc/netplay/persistent.jsonl: what is changed here is lost.';

/** One stanza `iface`, of somebody else. */
export interface Iface {
  name: string;
  /** inet, inet6, …; ifupdown2 may have none. */
  family: string;
  method: string;
  file: string;
  /** Its place among all, as they are read. */
  at: number;
  options: readonly (readonly [word: string, value: string])[];
}

export interface Interfaces {
  ifaces: readonly Iface[];
  /** What stands behind `auto` and `allow-…`: names, and patterns that begin with a slash. */
  started: readonly string[];
  /** A file of netplay's own that is read, and its place among the stanzas; null where no folder is read. */
  own: { path: string; at: number } | null;
}

/**
 * Without what netplay wrote.
 * @param second for ifupdown2, which knows no `source-directory`, reads files of a pattern in any order, and takes a path
 * that does not begin with a slash from wherever it was started (its networkinterfaces.py)
 */
export function readInterfaces(files: ReadonlyMap<string, HostFile | null>, second: boolean): Interfaces {
  const reader = new Reader(files, second);
  reader.read(INTERFACES);
  return reader;
}

/** Whether a file is netplay's as a whole. */
export function isOwnFile(path: string, content: string): boolean {
  return path.startsWith(`${FOLDER}/netplay`) && content.startsWith(MADE);
}

class Reader implements Interfaces {
  readonly ifaces: Iface[] = [];
  readonly started: string[] = [];
  own: Interfaces['own'] = null;
  #options: [string, string][] = [];
  readonly #open = new Set<string>();

  constructor(
    private readonly files: ReadonlyMap<string, HostFile | null>,
    private readonly second: boolean,
  ) {}

  read(path: string): void {
    const content = this.files.get(path)?.content;
    if (content === undefined || this.#open.has(path)) return;
    this.#open.add(path);
    for (const line of logicalLines(withoutPart(content))) this.#take(line, path);
    this.#open.delete(path);
  }

  #take(line: string, file: string): void {
    const [word = '', ...rest] = words(line);
    if (word === 'source' || word === 'source-directory') {
      this.#options = [];
      for (const pattern of rest) this.#source(word, pattern, file);
    } else if (word === 'auto' || word.startsWith('allow-')) {
      this.#options = [];
      this.started.push(...rest);
    } else if (word === 'iface') {
      const options: [string, string][] = [];
      const [name = '', family = '', method = ''] = rest;
      this.#options = options;
      this.ifaces.push({ name, family, method, file, at: this.ifaces.length, options });
    } else if (/^(mapping|rename|no-auto-down|no-scripts|template|vlan)$/.test(word)) this.#options = [];
    else this.#options.push([word, rest.join(' ')]);
  }

  #source(word: string, given: string, file: string): void {
    if (this.second && (word === 'source-directory' || !given.startsWith('/'))) return;
    const pattern = absolute(given, file);
    const own = ownName(word, pattern);
    const ours = own !== undefined && this.#isFree(own) ? own : undefined;
    const there = [...this.files.keys()].filter((path) => reads(word, pattern, path));
    const before = this.ifaces.length;
    for (const path of [...new Set([...there, ...(ours === undefined ? [] : [ours])])].sort()) {
      if (path === ours) this.own ??= { path, at: this.second ? before : this.ifaces.length };
      else this.read(path);
    }
  }

  /** Nobody else has a file of that name. */
  #isFree(path: string): boolean {
    const content = this.files.get(path)?.content;
    return content === undefined || isOwnFile(path, content);
  }
}

/** Lines that are no remarks, those that go on put together. */
function logicalLines(content: string): string[] {
  return content
    .replaceAll(/\\\n/g, ' ')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}

function absolute(path: string, file: string): string {
  const whole = path.startsWith('/') ? path : `${file.slice(0, file.lastIndexOf('/'))}/${path}`;
  return whole.replace(/\/+$/, '');
}

/** `source-directory` takes no name with another sign in it: interfaces(5). */
const PLAIN_NAME = /^[a-zA-Z0-9_-]+$/;

function reads(word: string, pattern: string, path: string): boolean {
  const at = path.lastIndexOf('/');
  const [folder, name] = [path.slice(0, at), path.slice(at + 1)];
  if (word === 'source-directory') return matches(pattern, folder) && PLAIN_NAME.test(name);
  const cut = pattern.lastIndexOf('/');
  // A shell's `*` takes neither a slash nor a name that begins with a dot.
  return (
    matches(pattern.slice(0, cut), folder) &&
    matches(pattern.slice(cut + 1), name) &&
    (!name.startsWith('.') || pattern.slice(cut + 1).startsWith('.'))
  );
}

function matches(pattern: string, text: string): boolean {
  try {
    return wildcard(pattern).test(text);
  } catch {
    return false;
  }
}

/** What netplay's file would be called for this statement to read it: `netplay`, `netplay.cfg`. */
function ownName(word: string, pattern: string): string | undefined {
  const name = word === 'source-directory' ? 'netplay' : pattern.slice(pattern.lastIndexOf('/') + 1);
  const path = `${FOLDER}/${name.replace('*', 'netplay')}`;
  return /^netplay[\w.-]*$/.test(path.slice(FOLDER.length + 1)) && reads(word, pattern, path)
    ? path
    : undefined;
}
