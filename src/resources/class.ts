import type { Change, Problem } from '../shared/change.js';
import { sameRate } from '../shared/tc-units.js';
import type { Kept } from '../snapshot/kept.js';
import type { Link, Read, Snapshot } from '../snapshot/model.js';
import type { TcClass, TcItem, TcOptions, TcValue, TrafficControl } from '../snapshot/tc.js';
import { CLASS_SPECS, differingOptions } from '../snapshot/tc-options.js';
import {
  below,
  branch,
  childrenOf,
  classBy,
  filtersOn,
  majorOf,
  qdiscAt,
  qdiscBy,
} from '../snapshot/tc-tree.js';
import type { PlanResult, Resource } from './resource.js';
import { addSteps, setEffects } from './tc/build.js';
import { deviceOf, lossProblem, overflowProblems } from './tc/checks.js';
import { classOptions, classSchema } from './tc/class-schema.js';
import { classIdOf, parentOf } from './tc/ids.js';
import { givenOptions } from './tc/options.js';
import { nameOf, setStep, showItem, unsetStep } from './tc/words.js';

export type ClassParams = {
  dev: string;
  classid: string;
  parent?: string | number;
  kind?: 'htb';
  state?: 'present' | 'absent';
} & { [Name in keyof typeof classOptions]?: unknown };

const SPECS = CLASS_SPECS.htb ?? {};

function plan(params: ClassParams, snapshot: Snapshot): PlanResult {
  const device = deviceOf(params.dev, snapshot);
  if ('problems' in device) return { changes: [], problems: device.problems };
  const { link, tc } = device;
  const classid = classIdOf(params.classid);
  const current = classBy(tc, link.name, classid);
  if (params.state === 'absent') return current === undefined ? { changes: [] } : removal(current, tc);
  const { options: said, problems } = givenOptions(params, classOptions, 'htb', SPECS);
  const { given, warnings } = fitting(said, classid, link.name, tc);
  const wanted = wantedClass(params, classid, current, given, tc);
  problems.push(
    ...placeProblems(wanted, tc),
    ...rateProblems(wanted),
    ...overflowProblems(wanted.options, SPECS),
  );
  if (problems.length > 0) return { changes: [], problems };
  warnings.push(...burstWarnings(wanted, link));
  if (current === undefined)
    return { changes: [creation(wanted, tc)], warnings: [...warnings, ...leafWarning(wanted, tc)] };
  if (current.parent !== wanted.parent) return moving(current, wanted, tc);
  if (differingOptions(SPECS, given, current.options).length === 0) return { changes: [], warnings };
  const change: Change = {
    ...bareChange('update', current, wanted),
    do: [setStep('change', wanted, tc)],
    undo: [setStep('change', current, tc)],
    effects: setEffects([wanted]),
  };
  return { changes: [change], warnings };
}

/** With the options that the task gives, and its rate, which tc can't do without. */
function kept(params: ClassParams, snapshot: Snapshot): readonly Kept[] {
  const device = deviceOf(params.dev, snapshot);
  if ('problems' in device) return [];
  const { link, tc } = device;
  const current = classBy(tc, link.name, classIdOf(params.classid));
  if (current === undefined) return [];
  const { options } = givenOptions(params, classOptions, 'htb', SPECS);
  const { given } = fitting(options, current.classid, link.name, tc);
  const { rate = 0 } = current.options;
  return [{ kind: 'tc', item: { ...current, options: { rate, ...given }, other: [] } }];
}

/** A class above others has no turn of its own: the kernel neither uses nor lists its prio and quantum. */
function fitting(
  said: TcOptions,
  classid: string,
  dev: string,
  tc: TrafficControl,
): { given: TcOptions; warnings: string[] } {
  if (!hasChildren(tc, dev, classid)) return { given: said, warnings: [] };
  const { prio, quantum, ...given } = said;
  const idle = Object.entries({ prio, quantum }).flatMap(([name, value]) =>
    value === undefined ? [] : [name],
  );
  return {
    given,
    warnings: idle.map((name) => `class ${classid}: ${name} does nothing, since classes are below it`),
  };
}

function hasChildren(tc: TrafficControl, dev: string, classid: string): boolean {
  return childrenOf(tc, dev, classid).length > 0;
}

/** What is there keeps what the task says nothing of, but for what tc works out of a rate that is new. */
function wantedClass(
  params: ClassParams,
  classid: string,
  current: TcClass | undefined,
  given: TcOptions,
  tc: TrafficControl,
): TcClass {
  const old = current?.options ?? {};
  const options: Record<string, TcValue> = { ...old, ...given };
  const follows = old.ceil === undefined || old.ceil === old.rate;
  if (given.ceil === undefined && follows && options.rate !== undefined) options.ceil = options.rate;
  const renewed = (name: string): boolean => !sameRate(Number(options[name]), Number(old[name]));
  if (given.burst === undefined && renewed('rate')) delete options.burst;
  if (given.cburst === undefined && renewed('ceil')) delete options.cburst;
  if (
    given.quantum === undefined &&
    renewed('rate') &&
    old.quantum === usualQuantum(params.dev, classid, old, tc)
  )
    delete options.quantum;
  return {
    ...{ type: 'class', dev: params.dev, classid, kind: 'htb', options, other: current?.other ?? [] },
    parent:
      params.parent === undefined ? (current?.parent ?? `${majorOf(classid)}:`) : parentOf(params.parent),
  };
}

/** What the kernel gives a class without one (net/sched/sch_htb.c, htb_change_class). */
export function usualQuantum(dev: string, classid: string, { rate }: TcOptions, tc: TrafficControl): number {
  const r2q = Number(qdiscBy(tc, dev, majorOf(classid))?.options.r2q ?? 10);
  return Math.min(200_000, Math.max(1000, Math.floor(Number(rate) / 8 / r2q)));
}

function placeProblems({ dev, classid, parent }: TcClass, tc: TrafficControl): Problem[] {
  const major = majorOf(classid);
  const above = qdiscBy(tc, dev, major);
  const hint = 'Put a task for it before this one.';
  if (above === undefined) return [{ message: `${dev} has no qdisc ${major}:`, hint, path: ['classid'] }];
  if (above.kind !== 'htb')
    return [
      {
        message: `${major}: of ${dev} is ${above.kind}, which has no classes of the kind htb`,
        path: ['classid'],
      },
    ];
  if (/:0?$/.test(classid)) return [{ message: `${classid} is the qdisc itself`, path: ['classid'] }];
  const path = ['parent'];
  if (majorOf(parent) !== major || parent === classid)
    return [
      {
        message: `${classid} can't be below ${parent}`,
        hint: `Its parent is ${major}: or a class of it.`,
        path,
      },
    ];
  if (parent === `${major}:`) return [];
  if (classBy(tc, dev, parent) === undefined)
    return [{ message: `${dev} has no class ${parent}`, hint, path }];
  const own = classBy(tc, dev, classid);
  const circle =
    own !== undefined && branch(tc, own).some((item) => item.type === 'class' && item.classid === parent);
  return circle ? [{ message: `${parent} is below ${classid} itself`, path }] : [];
}

function rateProblems({ options: { rate, ceil } }: TcClass): Problem[] {
  if (Number(ceil ?? rate) >= Number(rate)) return [];
  return [
    {
      message: 'ceil is below rate',
      hint: 'ceil is the most that the class may have, rate what it has in any case.',
      path: ['ceil'],
    },
  ];
}

/** htb lets a frame pass that its bucket does not hold, but then counts wrongly. */
function burstWarnings({ classid, options }: TcClass, { mtu }: Link): string[] {
  return ['burst', 'cburst'].flatMap((name) => {
    const size = options[name];
    if (typeof size !== 'number' || size === 0 || size >= mtu) return [];
    return [
      `class ${classid}: ${name} ${size} bytes is less than one packet (MTU ${mtu}): the rate will not be met`,
    ];
  });
}

function bareChange(
  action: Change['action'],
  before: TcClass | null,
  after: TcClass | null,
): Pick<Change, 'resource' | 'address' | 'action' | 'before' | 'after'> {
  const item = after ?? before;
  return {
    ...{ resource: 'class', action, address: item === null ? 'class' : nameOf(item) },
    ...{ before: before && showItem(before), after: after && showItem(after) },
  };
}

/** The qdisc of a leaf that gets its first class below it: it goes. */
function lostLeaf({ dev, parent }: TcClass, tc: TrafficControl): TcItem[] {
  const leaf = hasChildren(tc, dev, parent) || parent.endsWith(':') ? undefined : qdiscAt(tc, dev, parent);
  return leaf === undefined ? [] : [leaf, ...below(tc, leaf)];
}

function leafWarning(wanted: TcClass, tc: TrafficControl): string[] {
  const [leaf] = lostLeaf(wanted, tc);
  return leaf === undefined ? [] : [`${nameOf(leaf)} goes: ${wanted.parent} is no leaf any more`];
}

function creation(wanted: TcClass, tc: TrafficControl): Change {
  return {
    ...bareChange('create', null, wanted),
    do: [setStep('add', wanted, tc)],
    undo: [unsetStep(wanted, tc), ...addSteps(lostLeaf(wanted, tc), tc)],
    effects: setEffects([wanted]),
  };
}

/** The kernel takes another parent without a word and keeps the old one: the class is made anew with all that is its own. */
function moving(current: TcClass, wanted: TcClass, tc: TrafficControl): PlanResult {
  const [, ...own] = branch(tc, current);
  const ids = new Set([current, ...own].flatMap((item) => (item.type === 'class' ? [item.classid] : [])));
  const filters = filtersOn(tc, current.dev).filter(
    ({ classid, parent }) => ids.has(classid ?? '') || ids.has(parent),
  );
  const lost = lostLeaf(wanted, tc);
  const problem = lossProblem([current, ...own, ...filters, ...lost]);
  if (problem !== undefined) return { changes: [], problems: [problem] };
  const classes = own.filter((item) => item.type === 'class');
  // Filters first, since a class that one leads to can't go; then from the leaves upwards.
  let left = tc;
  const removed = [...filters, ...classes.toReversed(), current].map((item) => {
    const step = unsetStep(item, left);
    left = { ...left, items: left.items.filter((other) => other !== item) };
    return step;
  });
  const anew = (made: TcClass) => [...removed, ...addSteps([made, ...own, ...filters], tc)];
  const change: Change = {
    ...bareChange('update', current, wanted),
    do: anew(wanted),
    undo: [...anew(current), ...addSteps(lost, tc)],
    effects: [
      ...filters.map((unset) => ({ kind: 'tc', unset }) as const),
      { kind: 'tc', unset: current },
      ...setEffects([wanted, ...own, ...filters]),
    ],
  };
  return {
    changes: [change],
    warnings: [
      `${nameOf(current)} is made anew below ${wanted.parent}: for a moment its packets are those of no class`,
    ],
  };
}

function removal(current: TcClass, tc: TrafficControl): PlanResult {
  const [, ...own] = branch(tc, current);
  const children = own.filter((item) => item.type === 'class' && item.parent === current.classid);
  const filters = filtersOn(tc, current.dev).filter(({ classid, parent }) =>
    [classid, parent].includes(current.classid),
  );
  const inTheWay = [...children, ...filters].map(nameOf);
  if (inTheWay.length > 0)
    return {
      changes: [],
      problems: [
        {
          message: `${nameOf(current)} is in use: ${inTheWay.slice(0, 3).join(', ')}${inTheWay.length > 3 ? ', …' : ''}`,
          hint: 'Put absent tasks for the classes below it and the filters that lead to it before this one.',
          path: ['classid'],
        },
      ],
    };
  const problem = lossProblem([current, ...own]);
  if (problem !== undefined) return { changes: [], problems: [problem] };
  const change: Change = {
    ...bareChange('delete', current, null),
    do: [unsetStep(current, tc)],
    undo: addSteps([current, ...own], tc),
    effects: [{ kind: 'tc', unset: current }],
  };
  return { changes: [change] };
}

function settle(params: ClassParams, _declared: unknown, snapshot: Snapshot): PlanResult {
  if (params.state === 'absent') return { changes: [] };
  const { changes, problems = [] } = plan(params, snapshot);
  const [first] = changes;
  if (problems.length > 0 || first === undefined) return { changes: [], problems };
  return {
    changes: [],
    problems: [{ message: `a later task of this play undoes this one: ${first.address}` }],
  };
}

function reads({ dev }: ClassParams): Read[] {
  return [{ kind: 'links' }, { kind: 'tc', dev }];
}

/** A share of a device's rate. */
export const tcClass: Resource<ClassParams> = {
  name: 'class',
  plural: 'classes',
  mapKey: 'classid',
  summary: "A class of an htb qdisc: a share of a device's rate.",
  schema: classSchema,
  examples: [
    { class: { dev: 'eth1', classid: '1:1', rate: '100mbit' } },
    { class: { dev: 'eth1', classid: '1:10', parent: '1:1', rate: '80mbit', ceil: '100mbit', prio: 1 } },
    { class: { dev: 'eth1', classid: '1:10', state: 'absent' } },
  ],
  reads,
  plan,
  kept,
  settle,
  settlesChanges: true,
};
