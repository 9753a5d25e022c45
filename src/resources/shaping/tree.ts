/** The tree of one side of a device: htb, a class for the whole, its classes with their leaves, and filters. */
import type { Snapshot } from '../../snapshot/model.js';
import type { Filter, Qdisc } from '../../snapshot/tc.js';
import { sameMatch } from '../../snapshot/tc-compare.js';
import { below, filterMajor, filtersOn, majorOf, qdiscAt } from '../../snapshot/tc-tree.js';
import { tcClass } from '../class.js';
import { type FilterParams, filter } from '../filter.js';
import { qdisc } from '../qdisc.js';
import { type Part, part } from '../resource.js';
import { wantedFilter } from '../tc/filter-wish.js';
import { DEFAULT_MINOR, HANDLE, type ShapeClass, type Side, WHOLE } from './classes.js';
import { BLOCK, blocksOf } from './filter-order.js';
import { FIRST_MASK, maskOf, masksOf, type Sort } from './matches.js';
import { burstOf, codelOf, exactRate, limitOf, quantumOf } from './rates.js';

/** Where the tree is made: the device itself, or the ifb that stands for what comes in by it. */
export interface Place {
  dev: string;
  /** Of the device that the packets are of. */
  mtu: number;
  snapshot: Snapshot;
}

export interface Tree {
  side: Side;
  classes: readonly ShapeClass[];
  /** By the place of the class in the side's list. */
  sorts: readonly (readonly Sort[])[];
}

const ROOT = `${HANDLE}:`;
/** Bytes: between those that the kernel warns of. The class of the whole needs none once others are below it. */
const TOP_QUANTUM = 60_000;

/** The htb qdisc at a device's root where it is one that `shape` made. */
export function ownRoot(dev: string, { tc }: Snapshot): Qdisc | undefined {
  const root = tc && qdiscAt(tc, dev, 'root');
  return root?.kind === 'htb' && root.handle === ROOT ? root : undefined;
}

/** In this order: what takes packets is there before they are sent to it, and is empty before it goes. */
export function treeParts(tree: Tree, place: Place): Part[] {
  const { side, classes } = tree;
  const wanted = filtersFor(tree, place);
  const { before, after } = strayFilters(wanted, place);
  return [
    rootPart(side, place),
    part(tcClass, {
      dev: place.dev,
      classid: WHOLE,
      parent: ROOT,
      ...rateParams(side.rate, side.rate, side, place),
    }),
    ...classes.flatMap((one) => [classPart(one, side, place), leafPart(one, place)]),
    ...before,
    ...wanted.map((params) => part(filter, params)),
    ...after,
    ...strayClasses(classes, place),
  ];
}

function rootPart(side: Side, { dev, snapshot }: Place): Part {
  // It can't be changed, and matters for the first moment alone: the kernel's warning about the class of the whole.
  const r2q =
    ownRoot(dev, snapshot) === undefined ? { r2q: Math.max(1, Math.ceil(side.rate / 8 / TOP_QUANTUM)) } : {};
  return part(qdisc, { dev, kind: 'htb', handle: ROOT, default: DEFAULT_MINOR, ...r2q });
}

function rateParams(rate: number, ceil: number, { burst }: Side, { mtu, snapshot }: Place) {
  const hz = snapshot.tc?.hz ?? 1000;
  return {
    rate: exactRate(rate),
    ceil: exactRate(ceil),
    burst: burst ?? burstOf(rate, mtu, hz),
    cburst: burst ?? burstOf(ceil, mtu, hz),
  };
}

function classPart({ minor, rate, ceil, priority }: ShapeClass, side: Side, place: Place): Part {
  const { dev, mtu } = place;
  return part(tcClass, {
    ...{ dev, classid: `${HANDLE}:${minor}`, parent: WHOLE },
    ...rateParams(rate, ceil, side, place),
    prio: priority,
    quantum: quantumOf(rate, mtu),
  });
}

/** fq_codel, or what the kernel has: sfq is older (CentOS 6), and a short queue better than a long one. */
function leafPart({ minor, rate, ceil }: ShapeClass, { dev, mtu, snapshot }: Place): Part {
  const lacks = (module: string): boolean => snapshot.tc?.lacking.has(module) ?? false;
  const leaf = !lacks('sch_fq_codel')
    ? { kind: 'fq_codel', ...codelOf(rate, mtu), ecn: true }
    : !lacks('sch_sfq')
      ? { kind: 'sfq', perturb: 10 }
      : { kind: 'pfifo', limit: limitOf(ceil, mtu) };
  return part(qdisc, { dev, parent: `${HANDLE}:${minor}`, ...leaf });
}

function filtersFor({ classes, sorts }: Tree, { dev, snapshot }: Place): FilterParams[] {
  const sorting = classes.filter(({ at }) => (sorts[at ?? -1] ?? []).length > 0);
  const present = ownFilters(dev, snapshot);
  const blocks = blocksOf(sorting.map(({ minor }) => blockOf(`${HANDLE}:${minor}`, present)));
  return sorting.flatMap(({ minor, at }, index) => {
    const own = sorts[at ?? -1] ?? [];
    return placesOf(own).map(([place, { protocol, ...sort }]) => ({
      ...{ dev, parent: ROOT, protocol, prio: (blocks[index] ?? 0) * BLOCK + place },
      ...sort,
      classid: `${HANDLE}:${minor}`,
    }));
  });
}

/** Where each stands in its class's block: all of one prio must share their protocol, kind and, of marks, the mask. */
function placesOf(sorts: readonly Sort[]): [place: number, sort: Sort][] {
  const masks = masksOf(sorts);
  return sorts.map((sort) => {
    if (sort.kind === 'fw') return [FIRST_MASK + masks.indexOf(maskOf(sort.handle)), sort];
    return [sort.protocol === 'ip' ? 0 : 1, sort];
  });
}

function ownFilters(dev: string, snapshot: Snapshot): Filter[] {
  if (snapshot.tc === undefined || ownRoot(dev, snapshot) === undefined) return [];
  return filtersOn(snapshot.tc, dev).filter((each) => filterMajor(each) === HANDLE);
}

/** The block of prios that a class's filters have so far. */
function blockOf(classid: string, present: readonly Filter[]): number | undefined {
  const found = present.find((each) => each.classid === classid);
  return found && Math.floor(found.prio / BLOCK);
}

/** Filters that the classes have no more. One in a prio that another protocol is to have goes before that comes. */
function strayFilters(
  wanted: readonly FilterParams[],
  { dev, snapshot }: Place,
): Record<'before' | 'after', Part[]> {
  const all = wanted.map((params) => wantedFilter(params, dev));
  const strays = ownFilters(dev, snapshot).filter(
    (each) =>
      !all.some((other) => other.prio === each.prio && !differs(other, each) && sameMatch(other, each)),
  );
  const inTheWay = (each: Filter): boolean =>
    all.some((other) => other.prio === each.prio && differs(other, each));
  return {
    before: strays.filter(inTheWay).map(absentFilter),
    after: strays.filter((each) => !inTheWay(each)).map(absentFilter),
  };
}

/** In what all filters of a prio must share. */
function differs(a: Filter, b: Filter): boolean {
  if (a.protocol !== b.protocol || a.kind !== b.kind) return true;
  return a.kind === 'fw' && maskOf(a.handle) !== maskOf(b.handle);
}

/** A filter of whatever kind. */
export function absentFilter({ dev, parent, protocol, prio, handle }: Filter): Part {
  return part(filter, { dev, parent, protocol, prio, handle, state: 'absent' });
}

/** Classes that are not in the list any more, those below others first. */
function strayClasses(classes: readonly ShapeClass[], { dev, snapshot }: Place): Part[] {
  const root = ownRoot(dev, snapshot);
  if (root === undefined || snapshot.tc === undefined) return [];
  const wanted = new Set([WHOLE, ...classes.map(({ minor }) => `${HANDLE}:${minor}`)]);
  return below(snapshot.tc, root)
    .flatMap((item) => (item.type === 'class' && majorOf(item.classid) === HANDLE ? [item.classid] : []))
    .filter((classid) => !wanted.has(classid))
    .reverse()
    .map((classid) => part(tcClass, { dev, classid, state: 'absent' }));
}
