/**
 * Ansible's host patterns, with one difference: a name that matches nothing is an error and no warning.
 * Rules as in ansible-core 2.14, `inventory/manager.py`.
 */
import { parseAddress } from '../shared/addr.js';
import { NetplayError, throwAll } from '../shared/errors.js';
import { nearest } from '../shared/nearest.js';
import { readAtMostSync } from '../shared/read-at-most.js';
import { wildcard } from '../shared/wildcard.js';
import type { Inventory } from './model.js';

/** What is read of a limit's file, in bytes. */
const MOST_LIMIT = 8 * 2 ** 20;
/** Of one pattern; what is beyond is not looked at. */
const MOST_ERRORS = 5;

/**
 * The hosts that `pattern` names, in its order, each once: `web:db`, `all:!web`, `prod:&web`, `web*`,
 * `~web\d+`, `web[0]`, `web[1:3]` (inclusive). Plain parts come first, then all `&`, then all `!`.
 * @param limit a second pattern that only leaves hosts out; `@FILE` in it stands for the file's lines
 * @param allowEmpty whether a part that matches nothing is none, as in Ansible, and no error
 * @throws NetplayError `inventory`: a part that matches no host and no group, with the nearest word; a
 *   wrong regular expression; a limit's file that can't be read. An index beyond a group's end is none.
 */
export function selectHosts(
  inventory: Inventory,
  pattern: string,
  limit?: string,
  allowEmpty = false,
): string[] {
  const hosts = evaluate(inventory, splitPattern(pattern), allowEmpty);
  if (limit === undefined) return hosts;
  const allowed = new Set(evaluate(inventory, limitParts(limit), allowEmpty));
  return hosts.filter((host) => allowed.has(host));
}

/**
 * The parts of a pattern. A comma separates, and where there is one, colons don't: the way to name
 * several IPv6 hosts.
 */
function splitPattern(pattern: string): string[] {
  if (pattern.includes(',')) return trimmed(pattern.split(','));
  const whole = pattern.trim();
  if (parseAddress(whole.replace(/^[!&]/, '').replace(/%[\w.-]+$/, ''))?.family === 6) return [whole];
  return whole.match(/(?:[^\s:[\]]|\[[^\]]*\])+/g) ?? trimmed([whole]);
}

function trimmed(parts: readonly string[]): string[] {
  return parts.map((part) => part.trim()).filter((part) => part !== '');
}

function limitParts(limit: string): string[] {
  return splitPattern(limit).flatMap((part) => (part.startsWith('@') ? fileParts(part.slice(1)) : [part]));
}

function fileParts(file: string): string[] {
  try {
    return trimmed(readAtMostSync(file, MOST_LIMIT).toString('utf8').split('\n'));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new NetplayError('inventory', `The limit's file ${file} can't be read: ${why}`, { cause });
  }
}

function evaluate(inventory: Inventory, parts: readonly string[], allowEmpty: boolean): string[] {
  const { plain, both, not } = sorted(parts);
  const errors: NetplayError[] = [];
  const matches = (part: string): readonly string[] => {
    // Each error looks for the nearest word among all hosts: a file of unknown names would take for ever.
    if (errors.length >= MOST_ERRORS) return [];
    const hosts = matchPart(inventory, part);
    if (Array.isArray(hosts)) return hosts;
    if (typeof hosts === 'string' && allowEmpty) return [];
    errors.push(typeof hosts === 'string' ? unmatched(inventory, hosts) : hosts);
    return [];
  };
  const hosts = new Set(plain.flatMap(matches));
  for (const part of both) {
    const kept = new Set(matches(part));
    for (const host of hosts) if (!kept.has(host)) hosts.delete(host);
  }
  for (const part of not) for (const host of matches(part)) hosts.delete(host);
  throwAll(errors);
  return [...hosts];
}

/** Only `&` and `!` parts start from all hosts. An empty pattern, which has no part, names none. */
function sorted(parts: readonly string[]): { plain: string[]; both: string[]; not: string[] } {
  const plain = parts.filter((part) => !/^[&!]/.test(part));
  const both = parts.filter((part) => part.startsWith('&')).map((part) => part.slice(1));
  const not = parts.filter((part) => part.startsWith('!')).map((part) => part.slice(1));
  return { plain: plain.length === 0 && parts.length > 0 ? ['all'] : plain, both, not };
}

/** The hosts; the name in it, where that matches nothing; or what is wrong with it. */
type Matched = string[] | string | NetplayError;

function matchPart(inventory: Inventory, part: string): Matched {
  if (inventory.hosts.has(part)) return [part];
  const [, name, index, from, to] = /^([^~].*)\[(?:(-?\d+)|(\d+)[:-](\d*))\]$/.exec(part) ?? [];
  const found = matchName(inventory, name ?? part);
  if (!Array.isArray(found) || name === undefined) return found;
  if (index !== undefined) return [found.at(Number(index))].filter((host) => host !== undefined);
  return found.slice(Number(from), to === '' || to === undefined ? undefined : Number(to) + 1);
}

function matchName(inventory: Inventory, name: string): Matched {
  const matcher = matcherOf(name);
  if (matcher instanceof NetplayError) return matcher;
  const groups = [...inventory.groups.keys()].filter(matcher);
  const hosts = new Set(groups.flatMap((group) => inventory.groups.get(group) ?? []));
  const byHost = groups.length === 0 || /^~|[.?*[]/.test(name);
  if (byHost) for (const host of inventory.hosts.keys()) if (matcher(host)) hosts.add(host);
  if (groups.length > 0 || hosts.size > 0) return [...hosts];
  // This machine is there where somebody asks for it by name; no wildcard finds it.
  const local = inventory.hosts.get(name);
  return local === undefined ? name : [local.name];
}

function unmatched(inventory: Inventory, name: string): NetplayError {
  const near = nearest(name, [...inventory.groups.keys(), ...inventory.hosts.keys(), 'localhost']);
  const hint = near ? `Did you mean "${near}"?` : undefined;
  const message = `No host or group of the inventory is named or matches "${name}"`;
  return new NetplayError('inventory', message, hint === undefined ? {} : { hint });
}

/** Tells whether a name of a host or group matches: a regular expression behind `~`, else a wildcard. */
function matcherOf(name: string): ((candidate: string) => boolean) | NetplayError {
  try {
    const pattern = name.startsWith('~') ? regular(name.slice(1)) : wildcard(name);
    return (candidate) => pattern.test(candidate);
  } catch (cause) {
    return new NetplayError('inventory', `The host pattern "${name}" is no valid regular expression`, {
      cause,
    });
  }
}

/** As Python's `re.match`: anchored at the beginning only. `(?i)` in front ignores case. */
function regular(text: string): RegExp {
  const ignoresCase = text.startsWith('(?i)');
  const ours = (ignoresCase ? text.slice(4) : text).replaceAll(PYTHONS, (token) => IN_OURS[token] ?? token);
  return new RegExp(`^(?:${ours})`, ignoresCase ? 'i' : '');
}

/** What Python writes otherwise: named groups, the text's beginning and end. A backslash takes what follows with it. */
const PYTHONS = /\\[\s\S]|\(\?P</g;
const IN_OURS: Readonly<Record<string, string>> = { '\\A': '^', '\\Z': '$', '(?P<': '(?<' };
