import type { Change, Problem, Step } from '../shared/change.js';
import type { Effect } from '../snapshot/effects.js';
import type { Kept } from '../snapshot/kept.js';
import type { Read, Snapshot } from '../snapshot/model.js';
import type { Qdisc, TcItem, TcOptions, TrafficControl } from '../snapshot/tc.js';
import { differingOptions, QDISC_SPECS } from '../snapshot/tc-options.js';
import { below, classBy, majorOf, qdiscAt } from '../snapshot/tc-tree.js';
import type { PlanResult, Resource } from './resource.js';
import { addSteps, setEffects } from './tc/build.js';
import { alongWith, coarseWarning, deviceOf, lossProblem } from './tc/checks.js';
import { handleOf } from './tc/ids.js';
import { type qdiscOptions, qdiscSchema } from './tc/qdisc-schema.js';
import { placeOf, qdiscWish } from './tc/qdisc-wish.js';
import { nameOf, setStep, showItem, unsetStep } from './tc/words.js';

export type QdiscParams = {
  dev: string;
  parent?: string | number;
  handle?: string | number;
  kind?: string;
  state?: 'present' | 'absent';
} & { [Name in keyof typeof qdiscOptions]?: unknown };

/** Kinds that the kernel makes with their options, and changes none of (no change in their Qdisc_ops). */
const UNCHANGEABLE = ['htb', 'sfq'];

function plan(params: QdiscParams, snapshot: Snapshot): PlanResult {
  const device = deviceOf(params.dev, snapshot);
  if ('problems' in device) return { changes: [], problems: device.problems };
  const { link, tc } = device;
  if (params.state === 'absent') return planAbsent(params, link.name, tc);
  const wish = qdiscWish(params, link, tc);
  if ('problems' in wish) return { changes: [], problems: wish.problems };
  const { wanted, current, given } = wish;
  const warnings = coarseWarning(tc, wanted.options, nameOf(wanted));
  if (current === undefined) return { changes: [creation(wanted, tc)], warnings };
  const [from, to] = [`${current.kind} ${current.handle}`, `${wanted.kind} ${wanted.handle}`];
  if (from !== to) return replacement(current, wanted, tc);
  const differing = differingOptions(QDISC_SPECS[wanted.kind] ?? {}, given, current.options);
  if (differing.length === 0) return { changes: [], warnings };
  const fixed = differing.some((name) => QDISC_SPECS[wanted.kind]?.[name]?.fixed === true);
  if (UNCHANGEABLE.includes(wanted.kind) || fixed) return rebuilding(current, wanted, tc);
  return { changes: [changeInPlace(current, wanted, tc)], warnings };
}

/** With the options that the task gives: what the kernel has besides it gives again. */
function kept(params: QdiscParams, snapshot: Snapshot): readonly Kept[] {
  const device = deviceOf(params.dev, snapshot);
  const wish = 'problems' in device ? device : qdiscWish(params, device.link, device.tc);
  if ('problems' in wish || wish.current === undefined) return [];
  return [{ kind: 'tc', item: { ...wish.current, options: wish.given, other: [] } }];
}

function changeOf(
  action: Change['action'],
  [before, after]: readonly [Qdisc | null, Qdisc | null],
  steps: readonly [readonly Step[], readonly Step[]],
  effects: readonly Effect[],
): Change {
  const item = after ?? before;
  return {
    resource: 'qdisc',
    address: item === null ? 'qdisc' : nameOf(item),
    action,
    before: before && showItem(before),
    after: after && showItem(after),
    do: steps[0],
    undo: steps[1],
    effects,
  };
}

function creation(wanted: Qdisc, tc: TrafficControl): Change {
  const steps = [[setStep('add', wanted, tc)], [unsetStep(wanted, tc)]] as const;
  return changeOf('create', [null, wanted], steps, setEffects([wanted]));
}

function changeInPlace(current: Qdisc, wanted: Qdisc, tc: TrafficControl): Change {
  const back = { ...current, options: withDefaults(current, wanted.options) };
  // What was never set can't be taken back by a change.
  const bare =
    wanted.kind !== 'tbf' && Object.keys(wanted.options).some((name) => back.options[name] === undefined);
  const undo = bare ? againSteps(wanted, current, below(tc, current), tc) : [setStep('change', back, tc)];
  return changeOf('update', [current, wanted], [[setStep('change', wanted, tc)], undo], setEffects([wanted]));
}

/** Options as they are, with the defaults of those that the other has: what is off must be said. */
function withDefaults({ kind, options }: Qdisc, other: TcOptions): TcOptions {
  const unsaid = Object.keys(other).flatMap((name) => {
    const usual = QDISC_SPECS[kind]?.[name]?.default;
    return options[name] === undefined && usual !== undefined ? [[name, usual] as const] : [];
  });
  return { ...Object.fromEntries(unsaid), ...options };
}

/** Takes one away and makes the other, with what hangs on it; in one batch, since it is the same kind of step. */
function againSteps(gone: Qdisc, made: Qdisc, hanging: readonly TcItem[], tc: TrafficControl): Step[] {
  return [unsetStep(gone, tc), ...addSteps([made, ...hanging], tc)];
}

/** Its kind can't be changed as it stands: it is made anew with all that hangs on it. */
function rebuilding(current: Qdisc, wanted: Qdisc, tc: TrafficControl): PlanResult {
  const hanging = below(tc, current);
  const problem = lossProblem([current, ...hanging]);
  if (problem !== undefined) return { changes: [], problems: [problem] };
  const steps = [againSteps(current, wanted, hanging, tc), againSteps(wanted, current, hanging, tc)] as const;
  const along = alongWith(tc, current);
  return {
    changes: [
      changeOf('update', [current, wanted], steps, [
        { kind: 'tc', unset: current },
        ...setEffects([wanted, ...hanging]),
      ]),
    ],
    warnings: [
      `${nameOf(current)} is made anew${along === '' ? '' : `, with its ${along}`}: for a moment packets pass unlimited, and those that wait are lost`,
    ],
  };
}

/** Another kind or handle: what hangs on the old one has no place on the new one. */
function replacement(current: Qdisc, wanted: Qdisc, tc: TrafficControl): PlanResult {
  const hanging = below(tc, current);
  const problem = lossProblem([current, ...hanging]);
  if (problem !== undefined) return { changes: [], problems: [problem] };
  // One of another handle takes the place of the old one at once; else the old one must go first.
  const swap = (gone: Qdisc, made: Qdisc): Step[] =>
    gone.handle === made.handle ? againSteps(gone, made, [], tc) : [setStep('replace', made, tc)];
  const along = alongWith(tc, current);
  return {
    changes: [
      changeOf(
        'update',
        [current, wanted],
        [swap(current, wanted), [...swap(wanted, current), ...addSteps(hanging, tc)]],
        [{ kind: 'tc', unset: current }, ...setEffects([wanted])],
      ),
    ],
    warnings: [
      `${nameOf(current)} is replaced: packets that wait in it are lost${along === '' ? '' : `, and its ${along} go with it`}`,
      ...coarseWarning(tc, wanted.options, nameOf(wanted)),
    ],
  };
}

function planAbsent(params: QdiscParams, dev: string, tc: TrafficControl): PlanResult {
  const current = qdiscAt(tc, dev, placeOf(params));
  if (current === undefined) return { changes: [] };
  const other =
    (params.kind !== undefined && params.kind !== current.kind) ||
    (params.handle !== undefined && handleOf(params.handle) !== current.handle);
  if (other) return { changes: [], reason: `there is ${showItem(current)}` };
  const hanging = below(tc, current);
  const problem = lossProblem([current, ...hanging]);
  if (problem !== undefined) return { changes: [], problems: [problem] };
  const along = alongWith(tc, current);
  return {
    changes: [
      changeOf(
        'delete',
        [current, null],
        [[unsetStep(current, tc)], addSteps([current, ...hanging], tc)],
        [{ kind: 'tc', unset: current }],
      ),
    ],
    warnings: along === '' ? [] : [`${nameOf(current)}: its ${along} go with it`],
  };
}

/** What only the whole play can tell: whether the class of all other packets comes, and whether it lasts. */
function settle(params: QdiscParams, _declared: unknown, snapshot: Snapshot): PlanResult {
  const { tc } = snapshot;
  const current = tc && qdiscAt(tc, params.dev, placeOf(params));
  if (params.state === 'absent' || tc === undefined) return { changes: [] };
  const { changes, problems = [] } = plan(params, snapshot);
  const [first] = changes;
  if (problems.length > 0) return { changes: [], problems };
  if (first !== undefined) return { changes: [], problems: [undone(first)] };
  const { default: minor } = current?.options ?? {};
  const id = `${majorOf(current?.handle ?? '')}:${minor}`;
  if (current?.kind !== 'htb' || minor === undefined || classBy(tc, params.dev, id) !== undefined)
    return { changes: [] };
  return {
    changes: [],
    warnings: [
      `${nameOf(current)}: there is no class ${id}, its default: packets that no filter sorts pass unlimited`,
    ],
  };
}

function undone(change: Change): Problem {
  return { message: `a later task of this play undoes this one: ${change.address}` };
}

function reads({ dev }: QdiscParams): Read[] {
  return [{ kind: 'links' }, { kind: 'tc', dev }];
}

/** How packets wait before they leave a device, or are sorted when they come in. */
export const qdisc: Resource<QdiscParams> = {
  name: 'qdisc',
  plural: 'qdiscs',
  mapKey: 'dev',
  summary: 'A queueing discipline of traffic control: what holds packets back before they leave a device.',
  schema: qdiscSchema,
  examples: [
    { qdisc: { dev: 'eth1', kind: 'tbf', rate: '50mbit', burst: '32k', latency: '50ms' } },
    { qdisc: { dev: 'eth1', kind: 'htb', handle: '1:', default: '10' } },
    { qdisc: { dev: 'eth1', parent: '1:10', kind: 'fq_codel' } },
    { qdisc: { dev: 'eth1', kind: 'ingress' } },
    { qdisc: { dev: 'eth1', parent: 'root', state: 'absent' } },
  ],
  reads,
  plan,
  kept,
  settle,
};
