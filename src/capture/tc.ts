/** Traffic control: trees of qdiscs and classes, and their filters. */
import { canRestore } from '../resources/tc/build.js';
import { madeByOpenVswitch } from '../snapshot/ovs-tc.js';
import type { Qdisc, TcItem } from '../snapshot/tc.js';
import { below } from '../snapshot/tc-tree.js';
import { type Captured, compareNames, isCaptured, type Params, type Reading } from './reading.js';
import { filterParams } from './tc-filter.js';
import { classParams, qdiscParams } from './tc-qdisc.js';

/** A whole tree after the other: qdisc, classes, what hangs on them, filters. */
export function tcItems(reading: Reading): Captured[] {
  const { tc, ovs } = reading.snapshot;
  if (tc === undefined) return [];
  const tops = tc.items.filter(
    (item): item is Qdisc =>
      item.type === 'qdisc' &&
      !item.parent.includes(':') &&
      isCaptured(reading, item.dev) &&
      !madeByOpenVswitch(item, ovs),
  );
  const inOrder = tops.toSorted((a, b) => compareNames(a.dev, b.dev));
  return inOrder.flatMap((top) => {
    const items = [top, ...below(tc, top)];
    const params = items.map((item) => paramsOf(item, reading));
    const unable = params.find((each) => typeof each === 'string');
    // Half a tree would send packets where nobody meant them to go.
    if (typeof unable === 'string') {
      reading.leaveOut(`traffic control at ${top.parent} of ${top.dev} (${top.kind})`, unable);
      return [];
    }
    return items.map((item, at) => ({ resource: item.type, params: params[at] as Params }));
  });
}

/** What an item takes; why it can't be said, else. */
function paramsOf(item: TcItem, reading: Reading): Params | string {
  if (item.type !== 'filter' && !canRestore(item)) return unknownWords(item);
  if (item.type === 'qdisc') return qdiscParams(item, reading);
  return item.type === 'class'
    ? classParams(item, reading)
    : canRestore(item)
      ? filterParams(item)
      : unknownWords(item);
}

function unknownWords({ type, kind, other }: TcItem): string {
  const more = other.length === 0 ? '' : ` with ${other.join(' ')}`;
  return `netplay has no parameters for ${type} ${kind}${more}`;
}
