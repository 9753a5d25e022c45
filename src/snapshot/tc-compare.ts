/** Whether what is listed is what was asked for: values, not spellings. */
import type { Filter, TcAction, TcItem } from './tc.js';
import { ACTION_SPECS, CLASS_SPECS, QDISC_SPECS, sameOptions } from './tc-options.js';
import { tcKey } from './tc-tree.js';

/** By filter, since each of a thousand is compared with all others. */
const texts = new WeakMap<Filter, string>();

/** All that a filter looks at, as text: keys in the order of their places, those that say nothing left out. */
function matchText(filter: Filter): string {
  const known = texts.get(filter);
  if (known !== undefined) return known;
  const { kind, keys, match, handle } = filter;
  const own = keys.filter(({ mask }) => mask !== 0).sort((a, b) => a.at - b.at);
  const said = Object.entries(match).sort(([one], [other]) => (one < other ? -1 : 1));
  const text = JSON.stringify([
    kind,
    own.map(({ value, mask, at }) => [value, mask, at]),
    said,
    kind === 'fw' ? handle : '',
  ]);
  texts.set(filter, text);
  return text;
}

export function sameMatch(a: Filter, b: Filter): boolean {
  return matchText(a) === matchText(b);
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
  return listed.other.length === 0 && sameOptions(specs, wanted.options, listed.options);
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
  return handles && sameOptions(specs, wanted.options, listed.options);
}
