/** YAML with positions: what the inventory and the playbook loader both stand on. */
import {
  type Document,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  Scalar,
  type ScalarTag,
  visit,
  type YAMLError,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import { type ErrorCode, NetplayError } from './errors.js';
import { nearest } from './nearest.js';
import { formatPlace, type Place } from './place.js';
import { hideSecrets } from './secrets.js';
import { openText, type UserText } from './user-text.js';
import { isVaultText, LOCKED, type Vault, Vaulted } from './vaulted.js';
import { hideValues } from './vaulted-values.js';

/** One YAML file, read. Its tree holds no aliases and no merge keys (`<<`): both are resolved in place. */
export interface YamlSource {
  file: string;
  text: string;
  document: Document;
  /** The place of `length` characters at `offset`; the length ends with the line. */
  place(offset: number, length?: number): Place;
  /** The place of a node or pair of `document`; the file's beginning for anything else. */
  placeOf(node: unknown): Place;
}

const QUOTE_TEMPLATE = 'Put quotes around the whole value: key: "{{ … }}".';
/** A line whose value begins with a template that nothing quotes; the first group is what precedes it. */
const UNQUOTED_TEMPLATE = /^(\s*(?:- +)*(?:[^\s#'"{[][^#'"{]*:\s+)?)\{[{%]/;

const TABS = { message: 'A tab is used to indent', hint: 'Use spaces: YAML allows no tabs.' };

/** What the parser says in the words of YAML's specification, in words that help. */
const PLAINER: Partial<Record<YAMLError['code'], { message: string; hint?: string }>> = {
  RESOURCE_EXHAUSTION: { message: 'Lists or maps stand too deep within each other here' },
  TAB_AS_INDENT: TABS,
  MULTIPLE_DOCS: {
    message: 'A second YAML document begins here',
    hint: 'Remove the line "---", or make it a file of its own.',
  },
  BLOCK_AS_IMPLICIT_KEY: { message: 'A second ": " stands on one line', hint: 'Quote the value.' },
  MULTILINE_IMPLICIT_KEY: { message: 'A ":" is missing here, or the line is indented wrongly' },
};

/** A zero byte (UTF-16, a binary file), or what stands for bytes that are no UTF-8 (Latin-1). */
const NOT_TEXT = /[\0\uFFFD]/;

/** What is read of one file, in bytes: a megabyte takes about a second and 100 MB. */
export const MOST_YAML = 8 * 2 ** 20;

/** What all aliases of a file may stand for, in nodes: a few lines of them can stand for more than fits in memory. */
const MOST_ALIASED = 1_000_000;

/** Text that is no template, whatever braces it holds: an expression that gives just that text stands for it. */
const unsafeTag: ScalarTag = {
  tag: '!unsafe',
  resolve: (text) => (/\{[{%#]/.test(text) ? `{{ ${JSON.stringify(text)} }}` : text),
};
/** Its value is a `Vaulted` as soon as its place is known. */
class Envelope {
  constructor(readonly text: string) {}
}
const vaultTag: ScalarTag = {
  tag: '!vault',
  resolve: (text, onError) => {
    if (!isVaultText(text)) onError('A !vault value begins with $ANSIBLE_VAULT;');
    return new Envelope(text);
  },
};

export interface YamlOptions {
  /** Opens what is encrypted: the whole text, or values (`!vault`). By default that is an error, of a value when it is used. */
  vault?: Vault | undefined;
}

/**
 * Reads one YAML 1.2 document. `yes`, `no`, `on`, `off` and `10:11:22:33:44:55` are strings; a `!vault` value is a `Vaulted`.
 * @param given a text as it stands in its file, or one that was opened already
 * @param errorCode the code of the errors that are found: syntax, duplicate keys (linear in the file's
 *   size, unlike the library's own check), unquoted templates, unknown tags and aliases; all of them, in
 *   the order of the file. Where there is a syntax error, the tree is not to be relied on.
 */
export function readYaml(
  given: string | UserText,
  file: string,
  errorCode: ErrorCode,
  { vault = LOCKED }: YamlOptions = {},
): { source: YamlSource; errors: NetplayError[] } {
  try {
    const opened = typeof given === 'string' ? openText(given, file, errorCode, vault) : given;
    return readOpened(opened, file, errorCode, vault);
  } catch (error) {
    if (!(error instanceof NetplayError)) throw error;
    return { source: readOpened({ text: '', secret: true }, file, errorCode, vault).source, errors: [error] };
  }
}

function readOpened(
  { text, secret }: UserText,
  file: string,
  errorCode: ErrorCode,
  vault: Vault,
): { source: YamlSource; errors: NetplayError[] } {
  // A mark of the byte order would push the first line's indentation one to the right.
  const body = text.replace(/^\uFEFF/, '');
  const lineCounter = new LineCounter();
  const document = parseDocument(body, {
    lineCounter,
    prettyErrors: false,
    uniqueKeys: false,
    schema: 'core',
    version: '1.2',
    customTags: [unsafeTag, vaultTag],
  });
  const source = sourceOf(file, body, document, lineCounter, secret);
  const garbled = NOT_TEXT.exec(body);
  if (garbled !== null) return { source, errors: [notText(source.place(garbled.index), errorCode)] };
  const syntax = syntaxErrors(source, errorCode);
  if (syntax.length > 0) return { source, errors: syntax };
  const errors = new Tree(source, errorCode, vault).tidy();
  if (secret && errors.length === 0) hideValues(document.contents, vault);
  return { source, errors };
}

function notText(place: Place, code: ErrorCode): NetplayError {
  return new NetplayError(code, 'This is no text in UTF-8', { place, hint: 'Save the file as UTF-8.' });
}

/** @param secret no line of the text may be shown */
function sourceOf(
  file: string,
  text: string,
  document: Document,
  lineCounter: LineCounter,
  secret: boolean,
): YamlSource {
  const place = (offset: number, length = 1): Place => {
    const { line, col } = lineCounter.linePos(Math.min(offset, text.length));
    const start = lineCounter.lineStarts[line - 1] ?? 0;
    const end = text.indexOf('\n', start);
    const source = text.slice(start, end === -1 ? text.length : end).replace(/\r$/, '');
    const within = Math.max(1, Math.min(length, source.length - col + 1));
    const where = { file, line, column: col, length: within };
    return secret ? where : { ...where, source: hideSecrets(source) };
  };
  const placeOf = (node: unknown): Place => {
    const target = isPair(node) ? node.key : node;
    const range = (target as Partial<Node> | null | undefined)?.range;
    return range ? place(range[0], range[1] - range[0]) : place(0);
  };
  return { file, text, document, place, placeOf };
}

/**
 * The parser's own errors, one a line: a second one on the same line is nearly always its echo. So is all
 * else where a template is not quoted.
 */
function syntaxErrors(source: YamlSource, code: ErrorCode): NetplayError[] {
  const found = new Map<number, NetplayError>();
  const templates = new Map<number, NetplayError>();
  for (const error of [...source.document.errors, ...source.document.warnings]) {
    const opening = isUnclosed(error) ? openingOf(error.pos[0], source.document) : undefined;
    const place = opening ? source.place(opening) : source.place(error.pos[0], error.pos[1] - error.pos[0]);
    const before = UNQUOTED_TEMPLATE.exec(place.source ?? '')?.[1];
    if (before !== undefined)
      templates.set(place.line, unquotedTemplate(code, { ...place, column: before.length + 1, length: 2 }));
    else if (!found.has(place.line)) found.set(place.line, syntaxError(error, place, code));
  }
  const errors = templates.size > 0 ? templates : found;
  return [...errors.values()].sort((a, b) => (a.place?.line ?? 0) - (b.place?.line ?? 0));
}

/** Errors that the parser reports where a quote or bracket should have ended: often at the file's end. */
function isUnclosed(error: YAMLError): boolean {
  return /closing|sufficiently indented and end with/.test(error.message);
}

/** Where the innermost quote or bracket begins that is open at `offset`. */
function openingOf(offset: number, document: Document): number | undefined {
  let opening: number | undefined;
  visit(document, {
    Node: (_key, node) => {
      const [start, end] = node.range ?? [offset, offset];
      if (start > offset || end < offset) return visit.SKIP;
      if (isScalar(node) ? node.type?.startsWith('QUOTE') : 'flow' in node && node.flow) opening = start;
      return undefined;
    },
  });
  return opening;
}

function syntaxError(error: YAMLError, place: Place, code: ErrorCode): NetplayError {
  const blanks = error.code === 'UNEXPECTED_TOKEN' ? /^ *\t/.exec(place.source ?? '')?.[0] : undefined;
  // What the parser makes of a line that begins with a tab depends on the line; the tab is at fault.
  if (blanks !== undefined) {
    const { message, hint } = TABS;
    return new NetplayError(code, message, { place: { ...place, column: blanks.length, length: 1 }, hint });
  }
  if (isUnclosed(error))
    return new NetplayError(code, 'A quote or bracket opens here and is never closed', { place });
  const { message, hint } = PLAINER[error.code] ?? { message: error.message };
  return new NetplayError(code, message, hint === undefined ? { place } : { place, hint });
}

function unquotedTemplate(code: ErrorCode, place: Place): NetplayError {
  return new NetplayError(code, 'A template is not quoted: YAML takes {{ for a map', {
    place,
    hint: QUOTE_TEMPLATE,
  });
}

/** One walk over a document that resolves its aliases and merge keys and finds what is wrong with its keys. */
class Tree {
  readonly #errors: NetplayError[] = [];
  readonly #anchors = new Map<string, Node>();
  /** Collections on the way down to here: an alias to one of them would have no end. */
  readonly #open = new Set<unknown>();
  readonly #sizes = new Map<unknown, number>();
  /** Nodes that the aliases so far stand for. */
  #aliased = 0;

  constructor(
    private readonly source: YamlSource,
    private readonly code: ErrorCode,
    private readonly vault: Vault,
  ) {}

  tidy(): NetplayError[] {
    const { document } = this.source;
    document.contents = this.#resolved(document.contents) as Node | null;
    return this.#errors;
  }

  #error(message: string, node: unknown, hint?: string): void {
    const place = this.source.placeOf(node);
    this.#errors.push(new NetplayError(this.code, message, hint === undefined ? { place } : { place, hint }));
  }

  /** The node that shall stand in the place of `node`: itself, or what an alias refers to. */
  #resolved(node: unknown): unknown {
    if (isAlias(node)) return this.#target(node.source, node);
    if (!isScalar(node) && !isMap(node) && !isSeq(node)) return node;
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, node);
    if (isScalar(node)) return this.#scalar(node);
    this.#open.add(node);
    if (isMap(node)) this.#map(node);
    else node.items = node.items.map((item) => this.#resolved(item));
    this.#open.delete(node);
    return node;
  }

  #scalar(node: Scalar): Scalar {
    if (!(node.value instanceof Envelope)) return node;
    const at = { place: this.source.placeOf(node), code: this.code };
    node.value = new Vaulted(node.value.text, at, this.vault);
    return node;
  }

  #target(name: string, alias: Node): Node {
    const target = this.#anchors.get(name);
    if (target !== undefined && !this.#open.has(target) && this.#fits(target, alias)) return target;
    if (target !== undefined && this.#open.has(target))
      this.#error(`The alias *${name} stands within what it refers to`, alias);
    else if (target === undefined)
      this.#error(
        `No anchor &${name} stands before this`,
        alias,
        didYouMean(nearest(name, this.#anchors.keys()), '&'),
      );
    const nothing = new Scalar(null);
    if (alias.range) nothing.range = alias.range;
    return nothing;
  }

  /** Counts what an alias stands for; says so once where that is too much for the file. */
  #fits(target: Node, alias: Node): boolean {
    const before = this.#aliased;
    this.#aliased += this.#size(target);
    if (before <= MOST_ALIASED && this.#aliased > MOST_ALIASED)
      this.#error(
        'From here on the aliases stand for more than a million values',
        alias,
        'Write fewer of them.',
      );
    return this.#aliased <= MOST_ALIASED;
  }

  /** Nodes of a tree whose aliases are resolved, what is shared counted as often as it stands there. */
  #size(node: unknown): number {
    const known = this.#sizes.get(node);
    if (known !== undefined) return known;
    const items: unknown[] = isMap(node)
      ? node.items.map(({ value }) => value)
      : isSeq(node)
        ? node.items
        : [];
    const size = items.reduce<number>((sum, item) => sum + this.#size(item), 1);
    if (items.length > 0) this.#sizes.set(node, size);
    return size;
  }

  #map(map: YAMLMap): void {
    const seen = new Map<string, unknown>();
    const merges: Pair[] = [];
    const own: Pair[] = [];
    for (const pair of map.items) {
      pair.key = this.#resolved(pair.key);
      if (!isScalar(pair.key)) {
        this.#collectionAsKey(pair.key);
        continue;
      }
      pair.value = this.#resolved(pair.value);
      const merge = pair.key.type === Scalar.PLAIN && pair.key.value === '<<';
      const key = keyText(pair.key);
      const first = seen.get(key);
      if (first !== undefined && !merge) this.#duplicate(key, pair.key, first);
      else if (!merge) seen.set(key, pair.key);
      (merge ? merges : own).push(pair);
    }
    map.items = own;
    for (const merge of merges) this.#merge(map, seen, merge);
  }

  #duplicate(key: string, node: unknown, first: unknown): void {
    const where = formatPlace(this.source.placeOf(first));
    this.#error(`The key "${key}" is given twice; the first is at ${where}`, node, 'Keep one of the two.');
  }

  #collectionAsKey(key: unknown): void {
    const place = this.source.placeOf(key);
    // The outer brace of `{{ x }}` is the map whose key this is, so it stands just before the key.
    if (place.source?.slice(place.column - 2, place.column) === '{{')
      this.#errors.push(unquotedTemplate(this.code, { ...place, column: place.column - 1, length: 2 }));
    else this.#error('A key must be a plain word, not a list or a map', key);
  }

  /** `<<: *base` or `<<: [*a, *b]`: the map's own keys win, then the first of the list. */
  #merge(map: YAMLMap, seen: Map<string, unknown>, merge: Pair): void {
    for (const base of isSeq(merge.value) ? merge.value.items : [merge.value]) {
      if (!isMap(base)) {
        this.#error('Only a map, or a list of maps, can be merged with <<', merge.key);
        continue;
      }
      for (const pair of base.items) {
        const key = keyText(pair.key);
        if (seen.has(key)) continue;
        seen.set(key, pair.key);
        map.items.push(pair);
      }
    }
  }
}

function didYouMean(word: string | undefined, prefix = ''): string | undefined {
  return word === undefined ? undefined : `Did you mean ${prefix}${word}?`;
}

/** A key as it is written: `1.10` is a host's name and no number. */
export function keyText(key: unknown): string {
  if (!isScalar(key)) return String(key ?? '');
  return key.source ?? String(key.value ?? '');
}

/**
 * The plain value of a node that `readYaml` read: maps become objects, keys stay as they are written.
 * Whatever several aliases refer to becomes one shared value.
 */
export function toPlain(node: unknown): unknown {
  return plain(node, new Map());
}

function plain(node: unknown, done: Map<unknown, unknown>): unknown {
  if (isScalar(node)) return node.value;
  const known = done.get(node);
  if (known !== undefined) return known;
  const value = isMap(node) ? plainMap(node, done) : isSeq(node) ? plainSeq(node, done) : (node ?? null);
  done.set(node, value);
  return value;
}

function plainMap(map: YAMLMap, done: Map<unknown, unknown>): Record<string, unknown> {
  // From entries, not by assignment: a key `__proto__` is then a key like any other.
  return Object.fromEntries(map.items.map((pair) => [keyText(pair.key), plain(pair.value, done)]));
}

function plainSeq(seq: YAMLSeq, done: Map<unknown, unknown>): unknown[] {
  return seq.items.map((item) => plain(item, done));
}
