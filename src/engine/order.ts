/**
 * The order in which a plan's changes are made, so that a packet on its way meets no gap: what loosens first,
 * then all that is added or altered in the order of the tasks, then what tightens, then old rules, then old
 * routes. Pure.
 *
 * A change never moves across another one that it depends on, nor that depends on it; where that is not
 * known, the order of the tasks stays.
 */
import { prefixContains } from '../shared/addr.js';
import type { Change } from '../shared/change.js';
import type { Effect } from '../snapshot/effects.js';
import type { Neighbour, Route, Snapshot } from '../snapshot/model.js';
import { routesOver } from '../snapshot/route-index.js';
import type { PlannedUnit } from './plan.js';

/** In this order; `GIVEN` is everything that no rule of thumb speaks of. What comes behind it is late. */
const LOOSENS = 0;
const GIVEN = 1;
const TIGHTENS = 2;
const REMOVES_RULE = 3;
const REMOVES_ROUTE = 4;

/** How strict each value of rp_filter is: 0 lets all pass, 2 what any route leads back to, 1 the same device only. */
const STRICTNESS: Readonly<Record<string, number>> = { 0: 0, 2: 1, 1: 2 };

interface Placed {
  task: number;
  change: Change;
  rank: number;
  uses: Uses;
}

/** What a change alters and what it relies on, by names of this file. */
interface Uses {
  writes: readonly string[];
  reads: readonly string[];
}

/**
 * @param before the state that the first change meets; with it, more routes are known not to depend on each other
 * @param whole tasks whose changes must stay together, and that nothing moves across: those whose failure is ignored
 * @returns the same changes; neighbours of one task are one unit
 */
export function inOrder(
  sequence: readonly PlannedUnit[],
  before?: Snapshot,
  whole: (task: number) => boolean = () => false,
): readonly PlannedUnit[] {
  const ordered: PlannedUnit[] = [];
  let stretch: PlannedUnit[] = [];
  for (const unit of sequence) {
    if (!whole(unit.task)) {
      stretch.push(unit);
      continue;
    }
    ordered.push(...stretchInOrder(stretch, before), unit);
    stretch = [];
  }
  return [...ordered, ...stretchInOrder(stretch, before)];
}

function stretchInOrder(units: readonly PlannedUnit[], before: Snapshot | undefined): readonly PlannedUnit[] {
  const ranked = units.flatMap(({ task, changes }) =>
    changes.map((change) => ({ task, change, rank: rankOf(change) })),
  );
  if (isSorted(ranked)) return ranked.some(isLate) ? unitsOf(ranked) : units;
  const placed = ranked.map((one): Placed => ({ ...one, uses: usesOf(one.change) }));
  holdBack(placed, before);
  return unitsOf(placed.toSorted((a, b) => a.rank - b.rank));
}

function isSorted(placed: readonly { rank: number }[]): boolean {
  return placed.every(({ rank }, at) => at === 0 || (placed[at - 1]?.rank ?? 0) <= rank);
}

type Ranked = Pick<Placed, 'task' | 'change' | 'rank'>;

function isLate({ rank }: Ranked): boolean {
  return rank > GIVEN;
}

function unitsOf(placed: readonly Ranked[]): PlannedUnit[] {
  const units: { task: number; changes: Change[]; late?: true }[] = [];
  for (const one of placed) {
    const { task, change } = one;
    const last = units.at(-1);
    if (last?.task === task && (last.late ?? false) === isLate(one)) last.changes.push(change);
    else units.push({ task, changes: [change], ...(isLate(one) && { late: true }) });
  }
  return units;
}

function rankOf(change: Change): number {
  const { effects } = change;
  const [first] = effects;
  if (first === undefined) return GIVEN;
  if (first.kind === 'sysctl' && effects.length === 1) return sysctlRank(change, first.path);
  // Two devices that answer for an address are better than none; the one that is to go is silenced as ARP's sysctls do.
  if (effects.every((effect) => effect.kind === 'neighbour' && 'unset' in effect && effect.unset.proxy))
    return TIGHTENS;
  if (effects.every((effect) => effect.kind === 'rule' && 'unset' in effect)) return REMOVES_RULE;
  if (effects.every((effect) => effect.kind === 'route' && 'unset' in effect)) return REMOVES_ROUTE;
  return GIVEN;
}

function sysctlRank({ before, after }: Change, path: string): number {
  const match = /^net\/ipv4\/conf\/([^/]+)\/(rp_filter|arp_ignore|arp_announce)$/.exec(path);
  if (match === null || match[1] === 'default' || before === null || after === null) return GIVEN;
  if (match[2] !== 'rp_filter') return Number(after) > Number(before) ? TIGHTENS : GIVEN;
  const [old, next] = [STRICTNESS[before], STRICTNESS[after]];
  if (old === undefined || next === undefined || old === next) return GIVEN;
  if (next < old) return LOOSENS;
  // From 0 to 2 is looser where that of `all` is 1, which the change alone does not tell.
  return after === '1' ? TIGHTENS : GIVEN;
}

/** Gives each change the rank by which none crosses another one that it depends on, or that depends on it. */
function holdBack(placed: readonly Placed[], before: Snapshot | undefined): void {
  const later = new Ranks();
  const added: Route[] = [];
  for (const one of placed.toReversed()) {
    const needed = Math.max(GIVEN, later.lowest(one.uses));
    const hidden = one.rank === REMOVES_ROUTE && mayHideAny(one.change, added, before);
    one.rank = Math.min(one.rank, hidden ? GIVEN : needed);
    later.add(one);
    added.push(...routesSet(one.change));
  }
  const earlier = new Ranks();
  for (const one of placed) {
    // What is not first by now stands where the task has it, and all that comes to rely on it as well.
    if (one.rank === LOOSENS && earlier.lowest(one.uses) < Number.POSITIVE_INFINITY) one.rank = GIVEN;
    if (one.rank !== LOOSENS) earlier.add(one);
  }
}

/** The lowest rank of those that alter, or rely on, a thing. Two that merely rely on it don't mind each other. */
class Ranks {
  private readonly writes = new Map<string, number>();
  private readonly reads = new Map<string, number>();

  add({ uses, rank }: Placed): void {
    for (const name of uses.writes) lower(this.writes, name, rank);
    for (const name of uses.reads) lower(this.reads, name, rank);
  }

  /** Of all that conflict with these uses; infinite where none does. */
  lowest({ writes, reads }: Uses): number {
    const written = [...writes, ...reads].map((name) => this.writes.get(name));
    const read = writes.map((name) => this.reads.get(name));
    return [...written, ...read].reduce<number>(
      (least, rank) => Math.min(least, rank ?? Number.POSITIVE_INFINITY),
      Number.POSITIVE_INFINITY,
    );
  }
}

function lower(ranks: Map<string, number>, name: string, rank: number): void {
  ranks.set(name, Math.min(rank, ranks.get(name) ?? Number.POSITIVE_INFINITY));
}

/** What nobody knows all effects of keeps its place, and so does everything around it. */
const EVERYTHING = 'everything';

function usesOf({ effects }: Change): Uses {
  if (effects.length === 0) return { writes: [EVERYTHING], reads: [] };
  const all = effects.map(effectUses);
  return {
    writes: all.flatMap(({ writes }) => writes),
    reads: [EVERYTHING, ...all.flatMap(({ reads }) => reads)],
  };
}

function effectUses(effect: Effect): Uses {
  switch (effect.kind) {
    case 'sysctl': {
      const dev = effect.path.split('/')[3];
      return { writes: [`sysctl ${effect.path}`], reads: dev === undefined ? [] : [`link ${dev}`] };
    }
    case 'link': {
      // A device may take others along: a veth its peer.
      if ('unset' in effect) return { writes: [EVERYTHING], reads: [] };
      const { name, master } = effect.set;
      const devs = master === null ? [name] : [name, master];
      return { writes: devs.flatMap((dev) => [`link ${dev}`, `routes by ${dev}`]), reads: [] };
    }
    case 'address': {
      const { dev, local } = 'set' in effect ? effect.set : effect.unset;
      return { writes: [`routes by ${dev}`, `address ${local}`], reads: [] };
    }
    case 'route': {
      const route = 'set' in effect ? effect.set : effect.unset;
      // A table that is looked up must not show a route that is to go, nor lack one that is to come.
      return {
        writes: [routeName(route)],
        reads: [...routeReads(route), tableUse('set' in effect, route.table)],
      };
    }
    case 'rule': {
      const rule = 'set' in effect ? effect.set : effect.unset;
      const table = rule.table === null ? [] : [tableUse(!('set' in effect), rule.table)];
      return { writes: [`rule ${rule.family} ${rule.priority}`, ...table], reads: [] };
    }
    case 'neighbour':
      return neighbourUses('set' in effect ? effect.set : effect.unset);
    case 'bridge_vlan': {
      const { dev, vid } = 'set' in effect ? effect.set : effect.unset;
      // The VLAN of what has no tag moves from one to the other.
      return { writes: [`vlan ${dev} ${vid}`, `pvid ${dev}`], reads: [`link ${dev}`] };
    }
    case 'fdb': {
      const { dev, lladdr, vlan } = 'set' in effect ? effect.set : effect.unset;
      return { writes: [`fdb ${lladdr} ${vlan}`], reads: [`link ${dev}`, `vlan ${dev} ${vlan}`] };
    }
    case 'tc': {
      // All of a device keeps its order: a filter needs its class, a class its qdisc; a redirection another device.
      const { dev } = 'set' in effect ? effect.set : effect.unset;
      return {
        writes: [`tc ${dev}`],
        reads: [`link ${dev}`, ...redirections(effect).map((to) => `link ${to}`)],
      };
    }
    case 'ovs':
      return { writes: ['ovs', `link ${effect.name}`, `routes by ${effect.name}`], reads: [] };
    case 'ethtool':
      return { writes: [`ethtool ${effect.dev} ${effect.part}`], reads: [`link ${effect.dev}`] };
    case 'openvz':
      return { writes: [`ve ${effect.set.id}`], reads: [] };
    default:
      return { writes: [], reads: [] };
  }
}

/** Neighbours go with their device, with its last IPv4 address, and where IPv6 is switched off. */
function neighbourUses({ family, dst, dev }: Neighbour): Uses {
  const switches = ['all', dev].map((name) => `sysctl net/ipv6/conf/${name}/disable_ipv6`);
  return {
    writes: [`neighbour ${dst} ${dev}`],
    // A proxy entry of every device is in the way of that of one.
    reads: [`link ${dev}`, `routes by ${dev}`, `neighbour ${dst} null`, ...(family === 6 ? switches : [])],
  };
}

/** Devices that a filter's packets are sent to. */
function redirections(effect: Extract<Effect, { kind: 'tc' }>): string[] {
  const item = 'set' in effect ? effect.set : effect.unset;
  if (item.type !== 'filter') return [];
  return item.actions.flatMap(({ options }) =>
    [options.redirect, options.mirror].filter((dev) => typeof dev === 'string'),
  );
}

function routeName({ family, table, dst, from, tos, metric }: Route): string {
  return `route ${family} ${table} ${dst} ${from} ${tos} ${metric}`;
}

function routeReads({ nexthops, src }: Route): string[] {
  const devs = nexthops.flatMap(({ dev }) => (dev === null ? [] : [`routes by ${dev}`]));
  return src === null ? devs : [...devs, `address ${src}`];
}

/** Rules that go must not cross routes that come, nor rules that come routes that go. */
function tableUse(filling: boolean, table: number): string {
  return `${filling ? 'filling' : 'emptying'} ${table}`;
}

function routesSet({ effects }: Change): Route[] {
  return effects.flatMap((effect) => (effect.kind === 'route' && 'set' in effect ? [effect.set] : []));
}

/**
 * The kernel takes a gateway only where the narrowest route to it leads to a link: a route that goes may be
 * in the way of one that comes, and one that has come in the way of the undo.
 */
function mayHideAny({ effects }: Change, added: readonly Route[], before: Snapshot | undefined): boolean {
  const gone = effects.flatMap((effect) =>
    effect.kind === 'route' && 'unset' in effect ? [effect.unset] : [],
  );
  return gone.some((route) =>
    added.some((other) => mayHide(route, other, before) || mayHide(other, route, before)),
  );
}

function mayHide(route: Route, other: Route, before: Snapshot | undefined): boolean {
  if (route.family !== other.family) return false;
  // A default route of another table is asked last, when nothing else leads to the gateway.
  if (route.table !== other.table && route.dst.endsWith('/0')) return false;
  return other.nexthops.some(
    ({ via, onlink }) =>
      via !== null &&
      !onlink &&
      (route.dst.endsWith('/0') || prefixContains(route.dst, via)) &&
      !isReached(via, route, other, before),
  );
}

/** Whether a narrower route than `route` leads to the gateway's link, in one of the two tables. */
function isReached(via: string, route: Route, other: Route, before: Snapshot | undefined): boolean {
  return routesOver(before?.routes ?? [], via, route.family).some(
    ({ dst, table, nexthops }) =>
      (table === route.table || table === other.table) &&
      Number(dst.split('/')[1]) > Number(route.dst.split('/')[1]) &&
      nexthops.every((hop) => hop.via === null),
  );
}
