/** What `tc filter show dev X parent Y` prints, by tokens. */

import { tosWord } from '../shared/tc-units.js';
import { optionsOf } from './parse-tc-qdisc.js';
import type { Filter, TcAction, TcOptions, TcValue, U32Key } from './tc.js';
import { ACTION_SPECS } from './tc-options.js';
import { misread, words } from './text.js';

/** A filter's first line and those that belong to it, each by words. */
interface Block {
  head: readonly string[];
  lines: readonly (readonly string[])[];
}

export interface ParsedFilters {
  filters: Filter[];
  /** Whether there is a table of u32, with or without filters. */
  tables: boolean;
}

/** @param parent what the listing was asked for: a handle or class, `ingress` or `egress` */
export function parseFilters(text: string, dev: string, parent: string): ParsedFilters {
  const blocks = blocksOf(text);
  return {
    filters: blocks.flatMap((block) => filterOf(block, dev, parent)),
    tables: blocks.some(({ head }) => head.includes('u32') && head.includes('fh')),
  };
}

function blocksOf(text: string): Block[] {
  const blocks: { head: string[]; lines: string[][] }[] = [];
  for (const line of text.split('\n')) {
    const found = words(line);
    if (found.length === 0) continue;
    const block = blocks.at(-1);
    if (found[0] === 'filter' && !/^\s/.test(line)) blocks.push({ head: found, lines: [] });
    else if (block === undefined) throw misread('tc filter', line, 'no filter begins here');
    else block.lines.push(found);
  }
  return blocks;
}

/** What stands in a head line before the kind's own words, each with one word behind. */
const PLACE = ['parent', 'protocol', 'pref', 'dev', 'block'];
/** Parents that stand for themselves (iproute2, tc/tc_filter.c, print_filter). */
const PARENTS = ['root', 'ingress', 'egress'];
/** Words without meaning for what a filter does. */
const TOLD = ['not_in_hw', 'in_hw', 'skip_hw', 'skip_sw', 'terminal', '*flowid', '???'];

function filterOf({ head, lines }: Block, dev: string, parent: string): Filter[] {
  const place = new Map<string, string>();
  // One that was hung up by the word `ingress` is listed with it where the qdisc's handle is asked for.
  let at = PARENTS.includes(head[1] ?? '') ? 2 : 1;
  for (; PLACE.includes(head[at] ?? ''); at += 2) place.set(head[at] ?? '', head[at + 1] ?? '');
  const kind = head[at] ?? '';
  const body = head.slice(at + 1);
  const word = (name: string): string | undefined => {
    const found = body.indexOf(name);
    return found < 0 ? undefined : body[found + 1];
  };
  const handle = word('fh') ?? word('handle');
  // A prio's own line, and a table's, are no filters.
  if (handle === undefined || (kind === 'u32' && /:$/.test(handle))) return [];
  const details = detailsOf(kind, body, lines);
  return [
    {
      ...{ type: 'filter', dev, parent, protocol: place.get('protocol') ?? 'all' },
      ...{ prio: Number(place.get('pref')), kind, handle, chain: Number(word('chain') ?? 0) },
      classid: classidOf(body),
      ...details,
    },
  ];
}

/** `flowid 1:10`, `*flowid 1:10`, `classid 1:10`; `flowid ???` and `terminal flowid` are none. */
function classidOf(body: readonly string[]): string | null {
  const at = body.findIndex((word) => ['flowid', '*flowid', 'classid'].includes(word));
  const id = body[at + 1] ?? '';
  return at >= 0 && /^[\da-f]*:[\da-f]+$/.test(id) ? id : null;
}

type Details = Pick<Filter, 'keys' | 'match' | 'actions' | 'other'>;

function detailsOf(kind: string, body: readonly string[], lines: readonly (readonly string[])[]): Details {
  const keys: U32Key[] = [];
  const match: Record<string, string> = {};
  const actions: { kind: string; words: string[] }[] = [];
  const other: string[] = kind === 'u32' ? unknownOf(body) : [];
  const old = body.indexOf('police');
  if (old >= 0) actions.push({ kind: 'police', words: body.slice(old + 1) });
  for (const line of lines) {
    const [first = '', second = '', third = ''] = line;
    if (first === 'action' && second === 'order') actions.push({ kind: line[3] ?? '', words: line.slice(4) });
    else if (first === 'police') actions.push({ kind: first, words: line.slice(1) });
    else if (actions.length > 0) actions.at(-1)?.words.push(...line);
    else if (kind === 'u32' && first === 'match') keys.push(keyOf(line));
    // Said once more by flower: it is that of the filter's protocol.
    else if (first === 'eth_type') continue;
    else if (kind === 'flower' && second !== '' && third === '')
      match[first] = first === 'ip_tos' ? tosWord(second) : second;
    else if (!TOLD.includes(first)) other.push(...line);
  }
  return { keys, match, actions: actions.map(actionOf), other };
}

/** Words of u32's head that lead elsewhere: `link 1:`, `offset …`, a mark. */
function unknownOf(body: readonly string[]): string[] {
  return ['link', 'offset', 'mark'].filter((word) => body.includes(word));
}

/** `match 0a020001/ffffffff at 12`, `at nexthdr+0`. */
function keyOf(line: readonly string[]): U32Key {
  const [value = '', mask = ''] = (line[1] ?? '').split('/');
  const at = Number(line[3]);
  if (!/^[\da-f]+$/.test(value) || !/^[\da-f]+$/.test(mask) || !Number.isInteger(at))
    throw misread('tc filter', line.join(' '), 'no match of u32');
  return { value: Number.parseInt(value, 16), mask: Number.parseInt(mask, 16), at };
}

const COUNTED = [
  'index',
  'ref',
  'bind',
  'installed',
  'used',
  'not_in_hw',
  'in_hw',
  'in_hw_count',
  'used_hw_stats',
];

function actionOf({ kind, words: all }: { kind: string; words: readonly string[] }): TcAction {
  const end = all.findIndex((word) => COUNTED.includes(word));
  const body = end < 0 ? all : all.slice(0, end);
  if (kind === 'gact') return { kind, options: { action: body[1] ?? '' }, other: [] };
  if (kind === 'mirred') return mirredOf(body);
  if (kind === 'police') return policeOf(body);
  const { options, other } = optionsOf(body, ACTION_SPECS[kind] ?? {});
  return { kind, options, other: kind === 'skbedit' ? other.filter((word) => word !== 'pipe') : [...other] };
}

/** `(Egress Redirect to device ifb0) stolen`. */
function mirredOf(body: readonly string[]): TcAction {
  const [, direction = '', how = '', dev = '', control = ''] =
    /^\((\w+) (\w+) to device (\S+)\) (\w+)/.exec(body.join(' ')) ?? [];
  const name = how.toLowerCase();
  const options: TcOptions = { direction: direction.toLowerCase(), [name]: dev };
  const usual = control === (name === 'redirect' ? 'stolen' : 'pipe');
  return { kind: 'mirred', options, other: usual ? [] : [control] };
}

/** `0x1 rate 20Mbit burst 200Kb mtu 2Kb action drop overhead 0b linklayer ethernet`. */
function policeOf(body: readonly string[]): TcAction {
  const { options, other } = optionsOf(
    body.slice(1).map((word) => word.replace(/^0b$/, '0')),
    ACTION_SPECS.police ?? {},
  );
  const [exceed = 'drop', conform] = (body[body.indexOf('action') + 1] ?? '').split('/');
  const verdicts: Record<string, TcValue> = { exceed, ...(conform !== undefined && { conform }) };
  const at = other.indexOf('action');
  return { kind: 'police', options: { ...options, ...verdicts }, other: other.toSpliced(at, at < 0 ? 0 : 2) };
}
