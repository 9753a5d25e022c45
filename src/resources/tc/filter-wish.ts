/** The filter that a task wants, and what is wrong with it. */
import type { Problem } from '../../shared/change.js';
import type { Snapshot } from '../../snapshot/model.js';
import { tableOf } from '../../snapshot/simulate-tc.js';
import type { Filter, TcAction, TrafficControl } from '../../snapshot/tc.js';
import { ACTION_SPECS } from '../../snapshot/tc-options.js';
import { classBy, filterMajor, filtersOfPrio, majorOf, qdiscAt, qdiscBy } from '../../snapshot/tc-tree.js';
import type { ActionParams, FilterParams } from '../filter.js';
import { parseNumber } from '../routing/names.js';
import { lackingProblem } from './checks.js';
import { classIdOf, parentOf } from './ids.js';
import { flowerMatch, keysOf, type Match, matchProblems, protocolOf } from './match.js';
import { baseValue } from './options.js';

/** u32 gives the first filter of a table this number (net/sched/cls_u32.c, gen_new_kid). */
const FIRST_NODE = 0x800;
const NOTHING: Match = {};

/** Builds the filter without its handle, if the task gives none. */
export function wantedFilter(params: FilterParams, dev: string): Filter {
  const { match = NOTHING, kind = 'u32', prio = 0 } = params;
  const protocol = normalProtocol(params.protocol ?? protocolOf(match) ?? 'all');
  return {
    ...{
      type: 'filter',
      dev,
      parent: parentOf(params.parent ?? ''),
      protocol,
      prio,
      kind,
      chain: 0,
      other: [],
    },
    handle: params.handle === undefined ? defaultHandle(kind) : handleFor(kind, params.handle),
    keys: kind === 'u32' ? keysOf(match, protocol) : [],
    match: kind === 'flower' ? flowerMatch(match) : {},
    classid: params.classid === undefined ? null : classIdOf(params.classid),
    actions: [params.action ?? []].flat().map(actionOf),
  };
}

/** tc prints the protocols of VLANs in its own spelling, and others in lower case. */
function normalProtocol(name: string): string {
  const lower = name.toLowerCase();
  return lower === '802.1q' || lower === '802.1ad' ? lower.replace('q', 'Q') : lower;
}

function defaultHandle(kind: string): string {
  return kind === 'matchall' ? '0x1' : '';
}

/** As a listing has it: `::801`, `0x5/0xff`, `0x1`. */
export function handleFor(kind: string, handle: string | number): string {
  const text = String(handle);
  if (kind === 'u32')
    return `::${Number.parseInt(text.split(':').at(-1)?.replace(/^0x/, '') ?? '', 16).toString(16)}`;
  const [value = 0, mask] = text.split('/').map((part) => parseNumber(part) ?? 0);
  return `0x${value.toString(16)}${mask === undefined || mask === 0xffff_ffff ? '' : `/0x${mask.toString(16)}`}`;
}

function actionOf(action: string | ActionParams): TcAction {
  if (typeof action === 'string') return { kind: 'gact', options: { action }, other: [] };
  const { kind, ...given } = action;
  const specs = ACTION_SPECS[kind] ?? {};
  const all = {
    ...(kind === 'mirred' && { direction: 'egress' }),
    ...(kind === 'police' && { exceed: 'drop' }),
    ...given,
  };
  const options = Object.entries(all).flatMap(([name, value]) => {
    const spec = specs[name];
    return spec === undefined || value === undefined ? [] : [[name, baseValue(spec.unit, value)] as const];
  });
  return { kind, options: Object.fromEntries(options), other: [] };
}

/** The filter with a free number of its prio, where the task gives none. */
export function numbered(wanted: Filter, tc: TrafficControl): Filter {
  const own = filtersOfPrio(tc, wanted.dev, wanted.prio).get(wanted.parent) ?? [];
  const taken = new Set(own.map(({ handle }) => Number.parseInt(handle.split(':').at(-1) ?? '', 16)));
  const free = (from: number): number => {
    let number = from;
    while (taken.has(number)) number += 1;
    return number;
  };
  if (wanted.kind !== 'u32')
    return wanted.handle === '' ? { ...wanted, handle: `0x${free(1).toString(16)}` } : wanted;
  const table = tableOf(tc, wanted.dev, wanted) ?? '';
  const node = wanted.handle === '' ? free(FIRST_NODE).toString(16) : (wanted.handle.split(':').at(-1) ?? '');
  return { ...wanted, handle: `${table}::${node}` };
}

/** All that is wrong with a filter, found in the state that it meets. */
export function filterProblems(
  params: FilterParams,
  wanted: Filter,
  snapshot: Snapshot,
  tc: TrafficControl,
): Problem[] {
  const actions = [params.action ?? []].flat();
  const found = [
    ...matchProblems(params.match ?? NOTHING, wanted.kind),
    parentProblem(wanted, tc),
    lackingProblem(tc, `cls_${wanted.kind}`, `classifier ${wanted.kind}`, ['kind']),
    ...wanted.actions.map(({ kind }) => lackingProblem(tc, `act_${kind}`, `action ${kind}`, ['action'])),
    ...actions.map((action) => (typeof action === 'string' ? undefined : actionProblem(action, snapshot))),
    wanted.kind === 'fw' && params.handle === undefined
      ? { message: 'fw needs a handle: the mark', hint: "Add handle: '0x1'.", path: ['kind'] }
      : undefined,
    prioProblem(wanted, tc),
  ];
  return found.filter((problem) => problem !== undefined);
}

function parentProblem({ dev, parent }: Filter, tc: TrafficControl): Problem | undefined {
  const path = ['parent'];
  if (parent === 'root' || parent === 'clsact')
    return {
      message: `a filter's parent is a qdisc's handle, a class, ingress or egress, not ${parent}`,
      path,
    };
  if (parent === 'ingress' || parent === 'egress') {
    const kind = qdiscAt(tc, dev, 'ingress')?.kind;
    if (kind === 'clsact' || (kind === 'ingress' && parent === 'ingress')) return undefined;
    const needed = parent === 'egress' ? 'clsact' : 'ingress';
    return {
      message: `${dev} has no qdisc ${needed}`,
      hint: `Put a task before this one: qdisc: {dev: ${dev}, kind: ${needed}}`,
      path,
    };
  }
  const hint = 'Put a task for it before this one.';
  const above = qdiscBy(tc, dev, majorOf(parent));
  if (above === undefined) return { message: `${dev} has no qdisc ${majorOf(parent)}:`, hint, path };
  if (parent.endsWith(':') || above.kind !== 'htb' || classBy(tc, dev, parent) !== undefined)
    return undefined;
  return { message: `${dev} has no class ${parent}`, hint, path };
}

function actionProblem(action: ActionParams, { links }: Snapshot): Problem | undefined {
  const path = ['action'];
  const { kind, redirect, mirror, rate, burst, action: verdict } = action;
  const given = Object.keys(action).filter((name) => name !== 'kind');
  const foreign = given.find((name) => !Object.hasOwn(ACTION_SPECS[kind] ?? {}, name));
  if (foreign !== undefined) return { message: `${kind} has no ${foreign}`, path };
  if (kind === 'gact') return verdict === undefined ? { message: 'gact needs its action', path } : undefined;
  if (kind === 'police')
    return rate === undefined || burst === undefined
      ? { message: 'police needs rate and burst', path }
      : undefined;
  if (kind === 'skbedit')
    return given.length === 0 ? { message: 'skbedit needs something to set', path } : undefined;
  const to = redirect ?? mirror;
  if (to === undefined || (redirect !== undefined && mirror !== undefined))
    return { message: 'mirred needs redirect or mirror, one of them', path };
  if (links.has(to)) return undefined;
  return { message: `there is no device ${to}`, hint: 'Put a task that makes it before this one.', path };
}

/**
 * The kernel gives all filters of a prio one protocol and kind; u32 keeps its tables by qdisc and prio alone, so that
 * a listing does not tell which of two parents a filter is of.
 */
function prioProblem(wanted: Filter, tc: TrafficControl): Problem | undefined {
  const parents = filtersOfPrio(tc, wanted.dev, wanted.prio);
  const sibling = parents.get(wanted.parent)?.find(({ chain }) => chain === 0);
  const hint = 'Give it a prio of its own.';
  if (sibling !== undefined && (sibling.protocol !== wanted.protocol || sibling.kind !== wanted.kind))
    return {
      message: `prio ${wanted.prio} of ${wanted.parent} is one of ${sibling.kind} for protocol ${sibling.protocol}: all of a prio share both`,
      hint,
      path: ['prio'],
    };
  if (wanted.kind !== 'u32') return undefined;
  const major = filterMajor(wanted);
  const twin = [...parents].flatMap(([parent, [each]]) =>
    parent !== wanted.parent && each?.kind === 'u32' && filterMajor({ parent }) === major ? [each] : [],
  )[0];
  if (twin === undefined) return undefined;
  return {
    message: `prio ${wanted.prio} is used at ${twin.parent} of the same qdisc: the kernel would list both at both`,
    hint,
    path: ['prio'],
  };
}

/** Of police: packets longer than its mtu count as too much, and NICs join small ones to long ones. */
export function filterWarnings(wanted: Filter, tc: TrafficControl): string[] {
  const { classid, dev, actions } = wanted;
  const missing =
    classid !== null &&
    qdiscBy(tc, dev, majorOf(classid))?.kind === 'htb' &&
    classBy(tc, dev, classid) === undefined;
  const short = actions.some(
    ({ kind, options }) => kind === 'police' && Number(options.mtu ?? 2048) < 65_535,
  );
  return [
    ...(missing ? [`there is no class ${classid}: what this filter sorts there passes unlimited`] : []),
    ...(short
      ? [
          'police drops packets longer than its mtu (2k unless given), such as those that the NIC joined: give mtu: 64k',
        ]
      : []),
  ];
}
