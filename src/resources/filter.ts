import type { Change, Problem, Step } from '../shared/change.js';
import type { Effect } from '../snapshot/effects.js';
import type { Kept } from '../snapshot/kept.js';
import type { Read, Snapshot } from '../snapshot/model.js';
import type { Filter, TrafficControl } from '../snapshot/tc.js';
import { sameActions, sameMatch } from '../snapshot/tc-compare.js';
import { filtersOfPrio, filtersOn } from '../snapshot/tc-tree.js';
import type { PlanResult, Resource } from './resource.js';
import { addSteps, setEffects } from './tc/build.js';
import { deviceOf, lossProblem } from './tc/checks.js';
import { filterSchema } from './tc/filter-schema.js';
import { filterProblems, filterWarnings, numbered, wantedFilter } from './tc/filter-wish.js';
import { parentOf } from './tc/ids.js';
import type { Match } from './tc/match.js';
import { nameOf, nodeOf, setStep, showItem, siblingsOf, unsetPrioStep, unsetStep } from './tc/words.js';

export interface ActionParams {
  kind: 'gact' | 'mirred' | 'police' | 'skbedit';
  action?: string;
  redirect?: string;
  mirror?: string;
  direction?: 'egress' | 'ingress';
  rate?: string | number;
  burst?: string | number;
  mtu?: string | number;
  conform?: string;
  exceed?: string;
  mark?: string | number;
  queue_mapping?: number;
  priority?: string;
}

export interface FilterParams {
  dev: string;
  parent?: string | number;
  protocol?: string;
  prio?: number;
  kind?: 'u32' | 'flower' | 'fw' | 'matchall';
  handle?: string | number;
  match?: Match;
  classid?: string;
  action?: string | ActionParams | readonly (string | ActionParams)[];
  state?: 'present' | 'absent';
}

function plan(params: FilterParams, snapshot: Snapshot): PlanResult {
  const device = deviceOf(params.dev, snapshot);
  if ('problems' in device) return { changes: [], problems: device.problems };
  const { link, tc } = device;
  if (params.state === 'absent') return planAbsent(params, link.name, tc);
  const wanted = wantedFilter(params, link.name);
  const problems = filterProblems(params, wanted, snapshot, tc);
  if (problems.length > 0) return { changes: [], problems };
  const [current, ...copies] = presentOf(wanted, tc);
  const kept = current === undefined ? copies : copies.filter((copy) => sameMatch(copy, wanted));
  const lost = lossProblem([...(current === undefined ? [] : [current]), ...kept]);
  if (lost !== undefined) return { changes: [], problems: [lost] };
  const made = current === undefined ? creation(numbered(wanted, tc), tc) : update(current, wanted, tc);
  if (made !== undefined && 'message' in made) return { changes: [], problems: [made] };
  const surplus = removals(kept, tc);
  return {
    changes: [...(made === undefined ? [] : [made]), ...surplus],
    warnings: filterWarnings(wanted, tc),
  };
}

/** Those that are the wanted one: by its number where that is given, else by all that it matches; the first counts. */
function presentOf(wanted: Filter, tc: TrafficControl): Filter[] {
  const { dev, parent, prio, kind, protocol } = wanted;
  const all = filtersOfPrio(tc, dev, prio).get(parent) ?? [];
  const ofKind = (each: Filter): boolean =>
    each.kind === kind && each.protocol === protocol && each.chain === 0;
  if (kind === 'matchall') return all.filter(ofKind);
  if (wanted.handle === '') return all.filter((each) => sameMatch(each, wanted) && ofKind(each));
  const number = (handle: string): string => (kind === 'u32' ? nodeOf(handle) : handle);
  return all.filter((each) => number(each.handle) === number(wanted.handle) && ofKind(each));
}

/** By what the task gives; the number of a table of u32 is the kernel's. */
function kept(params: FilterParams, snapshot: Snapshot): readonly Kept[] {
  const device = deviceOf(params.dev, snapshot);
  if ('problems' in device) return [];
  const wanted = wantedFilter(params, device.link.name);
  const [current] = presentOf(wanted, device.tc);
  if (current === undefined) return [];
  const handle = current.kind === 'u32' ? nodeOf(current.handle) : current.handle;
  return [{ kind: 'tc', item: { ...wanted, handle } }];
}

function changeOf(
  action: Change['action'],
  [before, after]: readonly [Filter | null, Filter | null],
  steps: readonly [readonly Step[], readonly Step[]],
  effects: readonly Effect[],
): Change {
  const item = after ?? before;
  return {
    ...{ resource: 'filter', address: item === null ? 'filter' : nameOf(item), action },
    ...{ before: before && showItem(before), after: after && showItem(after) },
    ...{ do: steps[0], undo: steps[1], effects },
  };
}

function withItem(tc: TrafficControl, item: Filter): TrafficControl {
  return { ...tc, items: [...tc.items, item] };
}

function withoutItem(tc: TrafficControl, item: Filter): TrafficControl {
  return { ...tc, items: tc.items.filter((other) => other !== item) };
}

function creation(wanted: Filter, tc: TrafficControl): Change {
  const effects = setEffects([wanted]);
  const undo = goneSteps(wanted, tc);
  return changeOf('create', [null, wanted], [[setStep('add', wanted, tc)], undo], effects);
}

/**
 * Takes a filter away. Where the number of its table is not known, so that it can't be named, its whole prio goes
 * and the others of it are made anew.
 */
function goneSteps(filter: Filter, state: TrafficControl): Step[] {
  const others = siblingsOf(filter, state);
  if (others.length > 0 && filter.kind === 'u32' && filter.handle.startsWith('::'))
    return [unsetPrioStep(filter, state), ...addSteps(others, state)];
  return [unsetStep(filter, state)];
}

function update(current: Filter, wanted: Filter, tc: TrafficControl): Change | Problem | undefined {
  const next: Filter = { ...wanted, handle: current.handle };
  const sameKeys = sameMatch(current, next);
  if (sameKeys && sameActions(next, current)) return undefined;
  const unknown = current.kind === 'u32' && current.handle.startsWith('::');
  if (unknown)
    return { message: `an earlier task of this play makes another ${nameOf(current)}`, path: ['prio'] };
  const effects = setEffects([next]);
  const inPlace = (sameKeys || current.kind === 'flower') && current.kind !== 'matchall';
  const steps = (from: Filter, to: Filter): Step[] =>
    inPlace && !losesClass(from, to) ? [setStep('replace', to, tc)] : swapSteps(from, to, tc);
  return changeOf('update', [current, next], [steps(current, next), steps(next, current)], effects);
}

/** A replacement keeps a class that it does not name. */
function losesClass(from: Filter, to: Filter): boolean {
  return from.classid !== null && to.classid === null;
}

/**
 * The kernel ignores another match in a replacement, so it is another filter that takes its place: first under a number
 * of its own, so that no packet is sorted by neither. matchall has one filter a prio, so its old one goes first.
 */
function swapSteps(from: Filter, to: Filter, tc: TrafficControl): Step[] {
  if (to.kind === 'matchall') return [unsetStep(from, tc), setStep('add', to, tc)];
  const spare = numbered({ ...to, handle: '' }, tc);
  const both = withItem(tc, spare);
  if (to.kind !== 'u32' && to.kind !== 'flower') return [unsetStep(from, tc), setStep('add', to, tc)];
  return [setStep('add', spare, tc), unsetStep(from, both), setStep('add', to, tc), unsetStep(spare, both)];
}

function removals(filters: readonly Filter[], tc: TrafficControl): Change[] {
  let state = tc;
  return filters.map((filter) => {
    const steps = [goneSteps(filter, state), [setStep('add', filter, state)]] as const;
    const effects: Effect[] = [{ kind: 'tc', unset: filter }];
    state = withoutItem(state, filter);
    return changeOf('delete', [filter, null], steps, effects);
  });
}

/** Every filter that has all that is given; what is left out is a wildcard. */
function planAbsent(params: FilterParams, dev: string, tc: TrafficControl): PlanResult {
  const all = filtersOn(tc, dev);
  const doomed = all.filter((filter) => {
    const kind = params.kind ?? filter.kind;
    const wanted = wantedFilter(
      { protocol: filter.protocol, ...params, kind: kind as FilterParams['kind'] & string },
      dev,
    );
    const number = (handle: string): string => (kind === 'u32' ? nodeOf(handle) : handle);
    return (
      kind === filter.kind &&
      (params.parent === undefined || parentOf(params.parent) === filter.parent) &&
      (params.prio === undefined || params.prio === filter.prio) &&
      wanted.protocol === filter.protocol &&
      (params.handle === undefined || number(wanted.handle) === number(filter.handle)) &&
      (params.match === undefined || sameMatch(wanted, filter)) &&
      (params.classid === undefined || wanted.classid === filter.classid) &&
      (params.action === undefined || sameActions({ ...wanted, classid: filter.classid }, filter))
    );
  });
  const problem = lossProblem(doomed);
  return problem === undefined ? { changes: removals(doomed, tc) } : { changes: [], problems: [problem] };
}

function settle(params: FilterParams, _declared: unknown, snapshot: Snapshot): PlanResult {
  if (params.state === 'absent') return { changes: [] };
  const { changes, problems = [] } = plan(params, snapshot);
  const [first] = changes;
  if (problems.length > 0 || first === undefined) return { changes: [], problems };
  return {
    changes: [],
    problems: [{ message: `a later task of this play undoes this one: ${first.address}` }],
  };
}

function reads({ dev, parent }: FilterParams): Read[] {
  const place = parent === undefined ? undefined : parentOf(parent);
  return [{ kind: 'links' }, { kind: 'tc', dev, ...(place?.includes(':') && { parent: place }) }];
}

/** What sorts packets into classes, or does something with them. */
export const filter: Resource<FilterParams> = {
  name: 'filter',
  plural: 'filters',
  mapKey: 'dev',
  summary: 'A filter of traffic control: sorts packets into classes, drops, limits or redirects them.',
  schema: filterSchema,
  examples: [
    {
      filter: {
        dev: 'eth1',
        parent: '1:',
        prio: 10,
        match: { dst: '10.2.0.0/24', protocol: 'tcp', dport: 443 },
        classid: '1:10',
      },
    },
    { filter: { dev: 'eth1', parent: 'ingress', prio: 1, action: { kind: 'mirred', redirect: 'ifb-eth1' } } },
    { filter: { dev: 'eth1', parent: '1:', prio: 20, kind: 'fw', handle: '0x5', classid: '1:20' } },
    { filter: { dev: 'eth1', parent: 'ingress', prio: 1, state: 'absent' } },
  ],
  reads,
  plan,
  kept,
  settle,
  settlesChanges: true,
};
