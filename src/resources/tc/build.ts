/** Steps that take whole trees of traffic control away and make them anew, in one `tc -batch`. */
import type { Step } from '../../shared/change.js';
import type { Effect } from '../../snapshot/effects.js';
import type { Filter, TcItem, TrafficControl } from '../../snapshot/tc.js';
import { QDISC_SPECS } from '../../snapshot/tc-options.js';
import { setStep } from './words.js';

/** Kinds of qdiscs that are made by their name alone. */
const PLAIN = ['ingress', 'clsact', 'mq', 'noqueue', 'pfifo_fast'];
const FILTERS = ['u32', 'flower', 'fw', 'matchall'];

/** Whether netplay can make it anew exactly as it is. */
export function canRestore(item: TcItem): boolean {
  if (item.other.length > 0) return false;
  if (item.type === 'qdisc') return item.kind in QDISC_SPECS || PLAIN.includes(item.kind);
  if (item.type === 'class') return item.kind === 'htb';
  return FILTERS.includes(item.kind) && item.chain === 0 && item.actions.every(isKnown);
}

function isKnown({ kind, other }: Filter['actions'][number]): boolean {
  return other.length === 0 && ['gact', 'mirred', 'police', 'skbedit'].includes(kind);
}

/** Makes items in their order. @param state with all of them */
export function addSteps(items: readonly TcItem[], state: TrafficControl): Step[] {
  return items.map((item) => setStep('add', item, state));
}

export function setEffects(items: readonly TcItem[]): Effect[] {
  return items.map((set) => ({ kind: 'tc', set }));
}
