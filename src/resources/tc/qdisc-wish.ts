/** The qdisc that a task wants, and what is wrong with it. */
import type { Problem } from '../../shared/change.js';
import type { Link } from '../../snapshot/model.js';
import type { Qdisc, TcOptions, TrafficControl } from '../../snapshot/tc.js';
import { QDISC_SPECS } from '../../snapshot/tc-options.js';
import { childrenOf, classBy, majorOf, qdiscAt, qdiscBy } from '../../snapshot/tc-tree.js';
import type { QdiscParams } from '../qdisc.js';
import { bucketProblem, lackingProblem, overflowProblems } from './checks.js';
import { handleOf, parentOf } from './ids.js';
import { baseValue, givenOptions } from './options.js';
import { qdiscOptions } from './qdisc-schema.js';

/** The kernel's own numbers begin here (net/sched/sch_api.c, qdisc_alloc_handle). */
const FIRST_FREE = 0x8001;
const LAST_FREE = 0xfffe;
/** Part of the scheduler itself: every kernel has them. */
const BUILT_IN = ['pfifo', 'bfifo', 'pfifo_fast', 'mq', 'noqueue'];

export interface QdiscWish {
  wanted: Qdisc;
  current: Qdisc | undefined;
  /** What the task gives, and nothing that is there already. */
  given: TcOptions;
}

/** Where a qdisc hangs: ingress and clsact are places of their own. */
export function placeOf({ parent, kind }: Pick<QdiscParams, 'parent' | 'kind'>): string {
  if (parent !== undefined) return parentOf(parent);
  return kind === 'ingress' || kind === 'clsact' ? kind : 'root';
}

export function qdiscWish(
  params: QdiscParams,
  link: Link,
  tc: TrafficControl,
): QdiscWish | { problems: readonly Problem[] } {
  const { kind = '' } = params;
  const parent = placeOf(params);
  const current = qdiscAt(tc, link.name, parent);
  const specs = QDISC_SPECS[kind] ?? {};
  const { limit, ...others } = params;
  const inTime = kind === 'tbf' && limit !== undefined;
  const { options: plain, problems } = givenOptions(inTime ? others : params, qdiscOptions, kind, specs);
  const same = current?.kind === kind;
  const options = { ...plain, ...(inTime && latencyOf(limit, { ...current?.options, ...plain })) };
  const handle = handleFor(params, same ? current.handle : undefined, link.name, tc);
  const wanted: Qdisc = {
    ...{
      type: 'qdisc',
      dev: link.name,
      parent,
      handle: handle ?? '',
      kind,
      other: same ? current.other : [],
    },
    options: same ? { ...current.options, ...options } : options,
  };
  problems.push(
    ...[
      handle === undefined ? handleProblem(kind) : undefined,
      BUILT_IN.includes(kind)
        ? undefined
        : lackingProblem(tc, `sch_${kind === 'clsact' ? 'ingress' : kind}`, `qdisc ${kind}`, ['kind']),
      placeProblem(wanted, tc),
      takenProblem(wanted, tc),
      ...optionProblems(wanted, link),
      ...overflowProblems(wanted.options, specs),
    ].filter((problem) => problem !== undefined),
  );
  return problems.length > 0 ? { problems } : { wanted, current, given: options };
}

/** tbf keeps a limit in bytes, and lists it as the time that it takes to leave. */
function latencyOf(limit: unknown, { rate, burst }: TcOptions): TcOptions {
  const time = ((Number(baseValue('size', limit)) - Number(burst)) * 8e6) / Number(rate);
  return Number.isFinite(time) ? { latency: Math.round(time) } : {};
}

function handleFor(
  { handle, kind }: QdiscParams,
  current: string | undefined,
  dev: string,
  tc: TrafficControl,
): string | undefined {
  if (kind === 'ingress' || kind === 'clsact') return 'ffff:';
  if (handle !== undefined) return handleOf(handle);
  if (current !== undefined) return current;
  if (kind === 'htb' || kind === 'prio') return undefined;
  const taken = new Set(
    tc.items.flatMap((item) => (item.type === 'qdisc' && item.dev === dev ? [item.handle] : [])),
  );
  for (let number = FIRST_FREE; number <= LAST_FREE; number++) {
    const free = `${number.toString(16)}:`;
    if (!taken.has(free)) return free;
  }
  return undefined;
}

function handleProblem(kind: string): Problem {
  return {
    message: `${kind} needs a handle, since classes and filters name it`,
    hint: "Add handle: '1:'.",
    path: ['kind'],
  };
}

function placeProblem({ parent, kind, dev }: Qdisc, tc: TrafficControl): Problem | undefined {
  const path = ['parent'];
  const inward = kind === 'ingress' || kind === 'clsact';
  if (inward !== (parent === 'ingress' || parent === 'clsact') || parent === 'egress')
    return {
      message: `${kind} can't hang at ${parent}`,
      hint: inward ? `Leave parent out.` : 'ingress is a kind of its own; shape what comes in on an ifb.',
      path,
    };
  if (!parent.includes(':')) return undefined;
  const above = qdiscBy(tc, dev, majorOf(parent));
  if (above === undefined)
    return {
      message: `${dev} has no qdisc ${majorOf(parent)}:`,
      hint: 'Put a qdisc task for it before this one.',
      path,
    };
  if (parent.endsWith(':'))
    return {
      message: `${parent} is a qdisc; a qdisc hangs at a class`,
      hint: `Give a class, such as ${parent}10.`,
      path,
    };
  if (above.kind !== 'htb') return undefined;
  if (classBy(tc, dev, parent) === undefined)
    return {
      message: `${dev} has no class ${parent}`,
      hint: 'Put a class task for it before this one.',
      path,
    };
  const inner = childrenOf(tc, dev, parent).length > 0;
  return inner
    ? { message: `${parent} has classes below it; only leaf classes have a qdisc`, path }
    : undefined;
}

function takenProblem({ dev, handle, parent }: Qdisc, tc: TrafficControl): Problem | undefined {
  const other = handle === '' ? undefined : qdiscBy(tc, dev, majorOf(handle));
  if (other === undefined || qdiscAt(tc, dev, parent) === other) return undefined;
  return { message: `${dev} has a qdisc ${handle} already, at ${other.parent}`, path: ['handle'] };
}

/** tbf's limit. */
function waitingBytes({ rate, latency, burst }: TcOptions): number {
  return (Number(rate) / 8e6) * Number(latency) + Number(burst);
}

/** Kinds whose limit counts packets; with none, nothing passes at all. */
const COUNTING = ['pfifo', 'fq_codel', 'fq', 'sfq', 'netem'];

function limitProblem({ kind, options }: Qdisc, link: Link): Problem | undefined {
  const { limit } = options;
  if (kind === 'bfifo') return bucketProblem(options, 'limit', link);
  if (!COUNTING.includes(kind) || limit === undefined) return undefined;
  if (Number.isInteger(limit) && Number(limit) > 0) return undefined;
  return {
    message: `${kind} counts packets: limit must be a whole number of them, at least 1`,
    ...(limit === 0 && { hint: 'With 0 nothing would pass at all.' }),
    path: ['limit'],
  };
}

function optionProblems(wanted: Qdisc, link: Link): (Problem | undefined)[] {
  const { kind, options } = wanted;
  if (kind === 'netem' && options.jitter !== undefined && options.delay === undefined)
    return [{ message: 'jitter needs a delay', path: ['jitter'] }];
  if (kind !== 'tbf') return [limitProblem(wanted, link), bucketProblem(options, 'memory_limit', link)];
  const missing = ['rate', 'burst', 'latency'].filter((name) => options[name] === undefined);
  if (missing.length > 0)
    return [
      {
        message: `tbf needs ${missing.join(' and ').replace('latency', 'latency (or limit)')}`,
        path: ['kind'],
      },
    ];
  const peak = options.peakrate === undefined ? undefined : options.mtu;
  return [
    bucketProblem(options, 'burst', link),
    options.peakrate !== undefined && peak === undefined
      ? { message: 'peakrate needs mtu, the burst at that rate', path: ['peakrate'] }
      : bucketProblem(options.peakrate === undefined ? {} : options, 'mtu', link),
    Number(options.latency) < 0
      ? {
          message: `limit is less than burst, ${options.burst} bytes, which it counts with what may wait`,
          path: ['limit'],
        }
      : undefined,
    waitingBytes(options) > 0xffff_ffff
      ? {
          message: 'rate and latency come to more than 4 GiB that may wait, more than tbf can count',
          path: ['latency'],
        }
      : undefined,
    Number(options.peakrate ?? Number.POSITIVE_INFINITY) < Number(options.rate)
      ? { message: 'peakrate is below rate', path: ['peakrate'] }
      : undefined,
  ];
}
