/** Whether what is listed is what was asked for: values, not spellings. */
import { isDeepStrictEqual } from 'node:util';
import type { Filter, TcAction, TcItem, U32Key } from './tc.js';
import { ACTION_SPECS, CLASS_SPECS, differingOptions, QDISC_SPECS } from './tc-options.js';
import { tcKey } from './tc-tree.js';

/** Keys in the order of their places; those that say nothing left out. */
function settled(keys: readonly U32Key[]): U32Key[] {
  return keys.filter(({ mask }) => mask !== 0).sort((a, b) => a.at - b.at);
}

export function sameMatch(a: Filter, b: Filter): boolean {
  if (a.kind === 'u32') return isDeepStrictEqual(settled(a.keys), settled(b.keys));
  const [match, other] = [a.match, b.match].map(({ eth_type: _, ...rest }) => rest);
  return isDeepStrictEqual(match, other) && (a.kind !== 'fw' || a.handle === b.handle);
}

/** @param wanted whose options are looked for; the listed one may have more */
export function sameActions(wanted: Filter, listed: Filter): boolean {
  return (
    wanted.classid === listed.classid &&
    wanted.actions.length === listed.actions.length &&
    wanted.actions.every((action, at) => sameAction(action, listed.actions[at]))
  );
}

function sameAction(wanted: TcAction, listed: TcAction | undefined): boolean {
  const specs = ACTION_SPECS[wanted.kind];
  if (listed === undefined || listed.kind !== wanted.kind || specs === undefined) return false;
  return listed.other.length === 0 && differingOptions(specs, wanted.options, listed.options).length === 0;
}

/** Whether an item that was planned, or read before, is the one that is listed. */
export function sameItem(wanted: TcItem, listed: TcItem): boolean {
  if (wanted.dev !== listed.dev || tcKey(wanted) !== tcKey(listed) || wanted.kind !== listed.kind)
    return false;
  if (wanted.type === 'filter')
    return listed.type === 'filter' && sameMatch(wanted, listed) && sameActions(wanted, listed);
  if (listed.type === 'filter' || wanted.parent !== listed.parent) return false;
  const handles = wanted.type === 'qdisc' && listed.type === 'qdisc' ? wanted.handle === listed.handle : true;
  const specs = (wanted.type === 'qdisc' ? QDISC_SPECS : CLASS_SPECS)[wanted.kind] ?? {};
  return handles && differingOptions(specs, wanted.options, listed.options).length === 0;
}
