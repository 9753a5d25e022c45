/** Qdiscs, classes and filters as arguments of tc, and as a person reads them. */
import type { Step } from '../../shared/change.js';
import type { Filter, Qdisc, TcAction, TcItem, TcOptions, TrafficControl } from '../../snapshot/tc.js';
import {
  ACTION_SPECS,
  CLASS_SPECS,
  type OptionSpec,
  QDISC_SPECS,
  type Specs,
  showValue,
} from '../../snapshot/tc-options.js';
import { filtersOfPrio, qdiscAt } from '../../snapshot/tc-tree.js';
import { hexNumber } from './ids.js';

/** `qdisc eth1 root`, `class eth1 1:10`, `filter eth1 1: prio 5 u32 ::801`. */
export function nameOf(item: TcItem): string {
  if (item.type === 'qdisc') return `qdisc ${item.dev} ${item.parent}`;
  if (item.type === 'class') return `class ${item.dev} ${item.classid}`;
  const number = item.kind === 'u32' ? nodeOf(item.handle) : item.handle;
  return `filter ${item.dev} ${item.parent} prio ${item.prio} ${item.kind} ${number}`;
}

/** What it says, in tc's words. */
export function showItem(item: TcItem): string {
  if (item.type === 'filter') {
    const leads = item.classid === null ? [] : ['classid', item.classid];
    return [
      `protocol ${item.protocol}`,
      ...matchWords(item),
      ...leads,
      ...actionWords(item),
      ...item.other,
    ].join(' ');
  }
  const { kind, options, other, type } = item;
  const place = type === 'qdisc' ? item.handle : `parent ${item.parent}`;
  const specs = (type === 'qdisc' ? QDISC_SPECS : CLASS_SPECS)[kind] ?? {};
  return [place, kind, ...optionWords(specs, options), ...other].join(' ');
}

/** Options in tc's words, in the order in which it takes them. */
export function optionWords(specs: Specs, options: TcOptions, adjust = false): string[] {
  return Object.entries(specs).flatMap(([name, spec]) => {
    const value = options[name];
    if (value === undefined) return [];
    // netem takes the jitter behind the delay.
    if (name === 'jitter') return [showValue('time', value)];
    if (spec.unit === 'flag') return [value === true ? name : (spec.off ?? '')];
    if (spec.unit === 'list') return [name, ...String(value).split(' ')];
    const number = adjust && typeof value === 'number' ? sizeToPass(spec, value, options) : value;
    return number === undefined ? [] : [name, showValue(spec.unit, number)];
  });
}

const TICKS_PER_MICROSECOND = 15.625;

/** What tc makes of a size that the kernel keeps as time: it cuts off at each step (tc_calc_xmittime and _xmitsize). */
function kept(size: number, rate: number): number {
  const ticks = Math.floor(Math.floor((size / rate) * 1e6) * TICKS_PER_MICROSECOND);
  return Math.floor((rate * Math.floor(ticks / TICKS_PER_MICROSECOND)) / 1e6);
}

/** The size by which a listing shows the one that is wanted; undefined for one too small to be told, tc's default. */
function sizeToPass({ at }: OptionSpec, size: number, options: TcOptions): number | undefined {
  const rate = at === undefined ? undefined : options[at];
  if (typeof rate !== 'number') return size;
  if (size === 0) return undefined;
  const bytes = Math.floor(rate / 8);
  const tries = [0, 1, 2, 3].map((ticks) => Math.ceil(size + (ticks * bytes) / 1e6));
  return tries.find((each) => kept(each, bytes) >= size) ?? size;
}

/** The number of a u32 filter within its table: `::801`. */
export function nodeOf(handle: string): string {
  return `::${handle.split(':').at(-1) ?? ''}`;
}

function matchWords({ kind, keys, match, handle }: Filter): string[] {
  if (kind === 'fw') return ['mark', handle];
  if (kind === 'u32') {
    const all = keys.length === 0 ? [{ value: 0, mask: 0, at: 0 }] : keys;
    return all.flatMap(({ value, mask, at }) => [
      'match',
      'u32',
      hexNumber(value),
      hexNumber(mask),
      'at',
      String(at),
    ]);
  }
  return Object.entries(match).flat();
}

function actionWords({ actions }: Pick<Filter, 'actions'>): string[] {
  return actions.flatMap((action) => ['action', ...wordsOfAction(action)]);
}

function wordsOfAction({ kind, options, other }: TcAction): string[] {
  if (kind === 'gact') return [String(options.action)];
  if (kind === 'mirred') {
    const how = options.redirect === undefined ? 'mirror' : 'redirect';
    return ['mirred', String(options.direction), how, 'dev', String(options[how]), ...other];
  }
  const { exceed, conform, ...rest } = options;
  const verdicts =
    exceed === undefined
      ? []
      : ['conform-exceed', conform === undefined ? String(exceed) : `${exceed}/${conform}`];
  return [
    kind,
    ...optionWords(ACTION_SPECS[kind] ?? {}, rest, true),
    ...(kind === 'police' ? verdicts : []),
    ...other,
  ];
}

function tc(args: readonly string[]): Step {
  return { kind: 'tc', args };
}

function place({ parent, handle, kind }: Qdisc): string[] {
  if (kind === 'ingress' || kind === 'clsact') return [kind];
  return [...(parent === 'root' ? ['root'] : ['parent', parent]), 'handle', handle];
}

/** Where a filter is hung: old versions know ingress by its handle alone, clsact has no other name for it. */
export function filterPlace({ dev, parent }: Filter, state: TrafficControl): string[] {
  const named =
    parent === 'egress' || (parent === 'ingress' && qdiscAt(state, dev, 'ingress')?.kind === 'clsact');
  return named ? [parent] : ['parent', parent === 'ingress' ? 'ffff:' : parent];
}

/** tc takes no latency of 0, which is what it lists where tbf's limit is no more than its burst. */
function qdiscWords({ kind, options }: Qdisc, specs: Specs): string[] {
  const words = optionWords(specs, options, true);
  const at = words.indexOf('latency');
  if (kind !== 'tbf' || at < 0 || Number(options.latency) >= 1) return words;
  return words.with(at, 'limit').with(at + 1, words[words.indexOf('burst') + 1] ?? '');
}

/** @param verb add, change or replace. @param state with the qdisc that a filter hangs on */
export function setStep(verb: 'add' | 'change' | 'replace', item: TcItem, state: TrafficControl): Step {
  const { type, dev, kind } = item;
  const head = [type, verb, 'dev', dev];
  if (type === 'qdisc') {
    const own = kind === 'ingress' || kind === 'clsact' ? [] : [kind];
    const specs = QDISC_SPECS[kind] ?? {};
    const options = qdiscWords(item, verb === 'change' ? changeable(specs) : specs);
    return tc([...head, ...place(item), ...own, ...options]);
  }
  if (type === 'class') {
    const { parent, classid, options } = item;
    return tc([
      ...head,
      'parent',
      parent,
      'classid',
      classid,
      kind,
      ...optionWords(CLASS_SPECS[kind] ?? {}, options, true),
    ]);
  }
  const handle = kind === 'u32' && verb === 'add' ? nodeOf(item.handle) : item.handle;
  const leads = item.classid === null ? [] : [kind === 'u32' ? 'flowid' : 'classid', item.classid];
  const match = kind === 'fw' ? [] : matchWords(item);
  return tc([
    ...head,
    ...filterPlace(item, state),
    ...prioWords(item),
    'handle',
    handle,
    kind,
    ...match,
    ...leads,
    ...actionWords(item),
  ]);
}

/** A change that so much as repeats another is refused. */
function changeable(specs: Specs): Specs {
  return Object.fromEntries(Object.entries(specs).filter(([, { fixed }]) => fixed !== true));
}

function prioWords({ protocol, prio }: Filter): string[] {
  return ['protocol', protocol, 'prio', String(prio)];
}

/**
 * Takes an item away. Of a filter that is alone in its prio the prio, else an empty one would stay.
 * @param state with the item and its siblings
 */
export function unsetStep(item: TcItem, state: TrafficControl): Step {
  const { type, dev } = item;
  const head = [type, 'del', 'dev', dev];
  if (type === 'qdisc')
    return tc([...head, ...place(item).filter((word) => word !== 'handle' && word !== item.handle)]);
  if (type === 'class') return tc([...head, 'classid', item.classid]);
  const whole = [...head, ...filterPlace(item, state), ...prioWords(item)];
  return siblingsOf(item, state).length === 0 ? tc(whole) : tc([...whole, 'handle', item.handle, item.kind]);
}

/** Deletes a whole prio. */
export function unsetPrioStep(filter: Filter, state: TrafficControl): Step {
  return tc(['filter', 'del', 'dev', filter.dev, ...filterPlace(filter, state), ...prioWords(filter)]);
}

/** The others of a filter's prio. */
export function siblingsOf({ dev, parent, prio, chain, handle }: Filter, tc: TrafficControl): Filter[] {
  const all = filtersOfPrio(tc, dev, prio).get(parent) ?? [];
  return all.filter((other) => other.chain === chain && other.handle !== handle);
}
