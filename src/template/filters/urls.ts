/** Filters of URLs and of HTML and XML. */
import { iterate } from '../access.js';
import { OperationError } from '../errors.js';
import { define, type Registry, text } from '../functions.js';
import { truthy } from '../operators.js';
import { dictEntries, isDict, OMIT, Undefined } from '../values.js';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&#34;',
  "'": '&#39;',
};

function escaped(value: unknown): string {
  return text(value).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

function unescaped(value: string): string {
  const names: Readonly<Record<string, string>> = {
    amp: '&',
    lt: '<',
    gt: '>',
    quot: '"',
    apos: "'",
    nbsp: '\u00a0',
  };
  return value.replace(
    /&(?:#(\d+)|#x([\da-f]+)|(\w+));/gi,
    (whole, decimal?: string, hex?: string, name?: string) => {
      if (name !== undefined) return names[name] ?? whole;
      const code = Number.parseInt(decimal ?? hex ?? '', decimal === undefined ? 16 : 10);
      return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
    },
  );
}

/** Percent signs for all but letters, digits, `_.-~` and `safe`. */
function percentEncoded(value: string, safe: string): string {
  return [...Buffer.from(value)]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      if (/[\w.~-]/.test(character) || safe.includes(character)) return character;
      return `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    })
    .join('');
}

/** A text's characters, or the pairs of a dict or list as a query. */
function urlEncoded(value: unknown): string {
  if (!isDict(value) && !Array.isArray(value)) return percentEncoded(text(value), '/');
  const pairs: (readonly unknown[])[] = isDict(value) ? dictEntries(value) : iterate(value).map(iterate);
  const part = (piece: unknown): string => percentEncoded(text(piece), '').replaceAll('%20', '+');
  return pairs.map(([key, item]) => `${part(key)}=${part(item)}`).join('&');
}

function percentDecoded(value: string): string {
  const bytes = value.replaceAll('+', ' ').replace(/(?:%[\da-f]{2})+/gi, (run) => {
    return Buffer.from(run.replaceAll('%', ''), 'hex').toString();
  });
  return bytes;
}

const URL_PARTS = /^(?:([a-zA-Z][a-zA-Z\d+.-]*):)?(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s;

/** A URL's parts as Python's urlsplit gives them. */
function urlSplit(value: string, query: unknown): unknown {
  const [, scheme = '', netloc = '', path = '', search = '', fragment = ''] = URL_PARTS.exec(value) ?? [];
  const at = netloc.lastIndexOf('@');
  const user = at < 0 ? undefined : netloc.slice(0, at);
  const [, host, port] = /^(\[[^\]]*\]|[^:]*)(?::(\d*))?$/.exec(netloc.slice(at + 1)) ?? [];
  const colon = user?.indexOf(':') ?? -1;
  const parts = {
    fragment,
    hostname: host === undefined || host === '' ? null : host.replace(/^\[|\]$/g, '').toLowerCase(),
    netloc,
    password: user === undefined || colon < 0 ? null : user.slice(colon + 1),
    path,
    port: port === undefined || port === '' ? null : Number(port),
    query: search,
    scheme: scheme.toLowerCase(),
    username: user === undefined ? null : colon < 0 ? user : user.slice(0, colon),
  };
  if (query === undefined || query === '') return parts;
  const found = new Map<string, unknown>(Object.entries(parts)).get(text(query));
  if (found === undefined)
    throw new OperationError(
      `a URL has no part '${text(query)}'`,
      `It has ${Object.keys(parts).join(', ')}.`,
    );
  return found;
}

function attributes(value: unknown, space: unknown): string {
  if (!isDict(value)) throw new OperationError('xmlattr needs a dict');
  const list = dictEntries(value)
    .filter(([, item]) => item !== null && !(item instanceof Undefined) && item !== OMIT)
    .map(([key, item]) => {
      if (/[\s/>=]/.test(key)) throw new OperationError(`'${key}' is no name of an attribute`);
      return `${escaped(key)}="${escaped(item)}"`;
    });
  const joined = list.join(' ');
  return truthy(space ?? true) && joined !== '' ? ` ${joined}` : joined;
}

function stripTags(value: string): string {
  const bare = value.replace(/<!--[\s\S]*?-->/g, '').replace(/<[^>]*>/g, '');
  return unescaped(
    bare
      .split(/\s+/)
      .filter((word) => word !== '')
      .join(' '),
  );
}

const escapeHtml = define('', escaped);

export const urlFilters: Registry = {
  escape: escapeHtml,
  e: escapeHtml,
  forceescape: escapeHtml,
  safe: define('', (value) => text(value)),
  striptags: define('', (value) => stripTags(text(value))),
  urlencode: define('', urlEncoded),
  urldecode: define('', (value) => percentDecoded(text(value))),
  urlsplit: define('query', (value, [query]) => urlSplit(text(value), query)),
  xmlattr: define('autospace', (value, [space]) => attributes(value, space)),
};
