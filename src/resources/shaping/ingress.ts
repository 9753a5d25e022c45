/** What comes in by a device: held back on an ifb behind it, or dropped where it is too much. */
import { createHash } from 'node:crypto';
import type { Problem } from '../../shared/change.js';
import type { Snapshot } from '../../snapshot/model.js';
import type { Filter } from '../../snapshot/tc.js';
import { filtersOn, qdiscAt } from '../../snapshot/tc-tree.js';
import { type ActionParams, filter } from '../filter.js';
import { ifb } from '../ifb.js';
import { qdisc } from '../qdisc.js';
import { type Part, part } from '../resource.js';
import type { Side } from './classes.js';
import { exactRate } from './rates.js';
import type { IngressParams } from './shape-schema.js';
import { absentFilter, type Tree, treeParts } from './tree.js';

/** Of the one filter that takes all that comes in: netplay's number. */
const PRIO = 201;
/** IFNAMSIZ less its closing zero. */
const LONGEST = 15;
/** Bytes of the longest packet that a NIC joins of several; more than police's own 2047, at which it drops them. */
const LONGEST_PACKET = 65_536;

/** The ifb of a device: `ifb-eth1`; of a longer name its begin and a digest. */
export function ifbOf(dev: string): string {
  const name = `ifb-${dev}`;
  if (Buffer.byteLength(name) <= LONGEST) return name;
  const digest = createHash('sha256').update(dev).digest('hex').slice(0, 5);
  return `ifb-${Buffer.from(dev)
    .subarray(0, 5)
    .toString('latin1')
    .replaceAll(/[^\w.-]/g, '_')}-${digest}`;
}

/** What stands for `by`, or why nothing does. */
export function wayIn(
  { by = 'auto', classes = [] }: IngressParams,
  { tc, linkKinds }: Snapshot,
): 'ifb' | 'police' | Problem {
  const lacksIfb = linkKinds?.get('ifb') === false || tc?.lacking.has('act_mirred');
  const lacksPolice = tc?.lacking.has('act_police');
  if (by === 'police' || (by === 'auto' && lacksIfb)) {
    if (classes.length > 0)
      return {
        message:
          by === 'police' ? 'police has no classes' : "classes take ifb, which this host's kernel lacks",
        path: ['ingress', by === 'police' ? 'by' : 'classes'],
      };
    if (!lacksPolice) return 'police';
  } else if (!lacksIfb) return 'ifb';
  const missing = [
    ...(lacksIfb && by !== 'police' ? ['ifb with act_mirred'] : []),
    ...(by === 'ifb' ? [] : ['act_police']),
  ];
  return {
    message: `this host's kernel can't limit what comes in: it has no ${missing.join(' and no ')}`,
    path: ['ingress'],
  };
}

/** A tree on the ifb first, then all that comes in is sent there. */
export function ifbParts(tree: Tree, dev: string, mtu: number, snapshot: Snapshot): Part[] {
  const name = ifbOf(dev);
  return [
    part(ifb, { name }),
    ...treeParts(tree, { dev: name, mtu, snapshot }),
    ...hookParts(dev, { kind: 'mirred', redirect: name, direction: 'egress' }, snapshot),
  ];
}

/** The ifb that stood there before goes once nothing is sent there any more. */
export function policeParts({ rate, burst }: Side, dev: string, snapshot: Snapshot): Part[] {
  const size = burst ?? Math.max(2 * LONGEST_PACKET, Math.ceil(rate / 8 / 10));
  const rules = { rate: exactRate(rate), burst: size, mtu: LONGEST_PACKET, exceed: 'drop' };
  return [...hookParts(dev, { kind: 'police', ...rules }, snapshot), ...ifbGone(dev, snapshot)];
}

/** clsact, which takes ingress's place, does as well. */
function hookParts(dev: string, action: ActionParams, { tc }: Snapshot): Part[] {
  const there = tc && qdiscAt(tc, dev, 'ingress');
  return [
    ...(there === undefined ? [part(qdisc, { dev, kind: 'ingress' })] : []),
    part(filter, { dev, parent: 'ingress', prio: PRIO, kind: 'u32', action }),
  ];
}

/** What an earlier run made is removed; filters of others stay, and what they hang on. */
export function ingressGone(dev: string, snapshot: Snapshot): Part[] {
  const { tc } = snapshot;
  const hook = tc && qdiscAt(tc, dev, 'ingress');
  if (tc === undefined || hook === undefined) return ifbGone(dev, snapshot);
  const filters = filtersOn(tc, dev).filter(({ parent }) => parent === 'ingress' || parent === 'egress');
  const own = filters.filter((each) => isOwn(each, dev));
  const alone = own.length > 0 && own.length === filters.length && hook.kind === 'ingress';
  return [
    ...own.map(absentFilter),
    ...(alone ? [part(qdisc, { dev, parent: 'ingress', state: 'absent' as const })] : []),
    ...ifbGone(dev, snapshot),
  ];
}

/** Its tree goes before it, by a change of its own that brings it back. */
function ifbGone(dev: string, { links, tc }: Snapshot): Part[] {
  const name = ifbOf(dev);
  if (links.get(name)?.kind !== 'ifb') return [];
  const tree = tc && qdiscAt(tc, name, 'root');
  return [
    ...(tree === undefined ? [] : [part(qdisc, { dev: name, parent: 'root', state: 'absent' as const })]),
    part(ifb, { name, state: 'absent' }),
  ];
}

function isOwn({ parent, prio, kind, keys, actions }: Filter, dev: string): boolean {
  const [first] = actions;
  if (parent !== 'ingress' || prio !== PRIO || kind !== 'u32' || keys.some(({ mask }) => mask !== 0))
    return false;
  return first?.kind === 'police' || (first?.kind === 'mirred' && first.options.redirect === ifbOf(dev));
}

/** Filters of others that take packets before they get to the limit. */
export function othersFirst(dev: string, { tc }: Snapshot): string[] {
  const others =
    tc === undefined
      ? []
      : filtersOn(tc, dev).filter((each) => each.parent === 'ingress' && !isOwn(each, dev));
  if (others.length === 0) return [];
  const prios = [...new Set(others.map(({ prio }) => prio))].join(', ');
  return [
    `${dev} has filters of others at ingress (prio ${prios}); what they take below prio ${PRIO} is not limited`,
  ];
}
