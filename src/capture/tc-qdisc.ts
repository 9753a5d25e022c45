/** Qdiscs and classes by their parameters: options that differ from what the kernel, or tc, gives by itself. */
import { usualQuantum } from '../resources/class.js';
import { classOptions } from '../resources/tc/class-schema.js';
import { qdiscOptions } from '../resources/tc/qdisc-schema.js';
import type { Snapshot } from '../snapshot/model.js';
import type { Qdisc, TcClass, TcOptions, TcValue } from '../snapshot/tc.js';
import { CLASS_SPECS, QDISC_SPECS, type Specs, sameOption, showValue } from '../snapshot/tc-options.js';
import { below, childrenOf, majorOf } from '../snapshot/tc-tree.js';
import { given, type Params, type Reading, unless } from './reading.js';

/** What a new one has (net/sched/sch_*.c), sizes by an MTU of 1500. */
const USUAL: Readonly<Record<string, TcOptions>> = {
  htb: { r2q: 10, direct_qlen: 1000 },
  fq_codel: {
    ...{ limit: 10_240, flows: 1024, quantum: 1514, target: 5000, interval: 100_000 },
    ...{ memory_limit: 33_554_432, drop_batch: 64, ecn: true },
  },
  fq: {
    ...{ limit: 10_000, flow_limit: 100, buckets: 1024, orphan_mask: 1023, quantum: 3028 },
    ...{ initial_quantum: 15_140, low_rate_threshold: 550_000, refill_delay: 40_000, timer_slack: 10 },
    ...{ horizon: 10_000_000 },
  },
  sfq: { limit: 127, quantum: 1514, depth: 127, flows: 128, divisor: 1024 },
  pfifo: { limit: 1000 },
  prio: { bands: 3, priomap: '1 2 2 2 1 2 0 0 1 1 1 1 1 1 1 1' },
  netem: { limit: 1000 },
};

/** @returns why it can't be said, where an option has no parameter */
export function qdiscParams(qdisc: Qdisc, { snapshot }: Reading): Params | string {
  const { dev, parent, handle, kind, options } = qdisc;
  const queue = snapshot.links.get(dev)?.txqueuelen ?? 1000;
  const usual = { ...USUAL[kind], ...(kind === 'htb' && { direct_qlen: Math.max(queue, 2) }) };
  const said = optionParams(QDISC_SPECS[kind] ?? {}, options, usual, qdiscOptions);
  if (typeof said === 'string') return `netplay has no parameter for ${said} of ${kind}`;
  const inward = kind === 'ingress' || kind === 'clsact';
  return given({
    dev,
    parent: inward ? undefined : unless(parent, 'root'),
    handle: inward || isByChance(qdisc, snapshot) ? undefined : handle,
    kind,
    ...said,
  });
}

/** The kernel's own numbers begin here (net/sched/sch_api.c, qdisc_alloc_handle); nobody names such a one. */
const FIRST_BY_CHANCE = 0x8000;

function isByChance(qdisc: Qdisc, { tc }: Snapshot): boolean {
  const { kind, handle } = qdisc;
  if (kind === 'htb' || kind === 'prio' || Number.parseInt(handle, 16) < FIRST_BY_CHANCE) return false;
  return tc !== undefined && below(tc, qdisc).length === 0;
}

/** The longest packet that tc reckons with where it works out a burst. */
const TC_MTU = 1600;

export function classParams(item: TcClass, { snapshot: { tc } }: Reading): Params | string {
  const { dev, classid, parent, kind, options } = item;
  const { rate, ceil } = options;
  const bytes = (value: TcValue | undefined): number => Math.floor(Number(value ?? 0) / 8);
  const hz = tc?.hz ?? 1;
  const usual: TcOptions = {
    ...(rate !== undefined && { ceil: rate }),
    burst: Math.floor(bytes(rate) / hz) + TC_MTU,
    cburst: Math.floor(bytes(ceil ?? rate) / hz) + TC_MTU,
    ...(tc && { quantum: usualQuantum(dev, classid, options, tc) }),
  };
  // A class above others has no turn of its own.
  const inner = tc !== undefined && childrenOf(tc, dev, classid).length > 0;
  const { prio, quantum, ...others } = options;
  const said = optionParams(CLASS_SPECS[kind] ?? {}, inner ? others : options, usual, classOptions);
  if (typeof said === 'string') return `netplay has no parameter for ${said} of ${kind}`;
  return { dev, classid, ...given({ parent: unless(parent, `${majorOf(classid)}:`) }), ...said };
}

/** @returns the name of the first option that has no parameter */
function optionParams(specs: Specs, options: TcOptions, usual: TcOptions, known: object): Params | string {
  const params: Record<string, unknown> = {};
  for (const [name, spec] of Object.entries(specs)) {
    const value = options[name];
    if (value === undefined || value === spec.default) continue;
    if (usual[name] !== undefined && sameOption(name, spec, { ...options, [name]: usual[name] }, options))
      continue;
    if (!Object.hasOwn(known, name)) return name;
    params[name] = spoken(spec.unit, value);
  }
  return params;
}

/** A number where that needs no unit, else as tc spells it. */
function spoken(unit: Parameters<typeof showValue>[0], value: TcValue): unknown {
  if (unit === 'count' || unit === 'bytes' || unit === 'flag' || typeof value === 'boolean') return value;
  if (unit === 'list') return String(value).split(' ').map(Number);
  return showValue(unit, value);
}
