/** The options of each kind of qdisc, class and action: how tc takes them, prints them, and when two are the same. */
import {
  parsePercent,
  parseSize,
  parseTime,
  sameRate,
  sameSize,
  sameTime,
  shownRate,
} from '../shared/tc-units.js';
import type { TcOptions, TcValue } from './tc.js';

export type Unit =
  | 'rate'
  | 'size'
  | 'bytes'
  | 'time'
  | 'count'
  | 'hex'
  | 'percent'
  | 'flag'
  | 'word'
  | 'list';

export interface OptionSpec {
  unit: Unit;
  /** What stands for it in a listing, where that is another word. */
  shown?: string;
  /** What the kernel has where nobody says anything, and what a listing may leave out. */
  default?: TcValue;
  /** A size that the kernel keeps as the time that it takes at this option's rate. */
  at?: string;
  /** A flag's word where it is off. */
  off?: string;
  /** Nothing is listed where nobody gave it, and no value stands for that. */
  unset?: true;
  /** It can only be given when the qdisc is made. */
  fixed?: true;
}

export type Specs = Readonly<Record<string, OptionSpec>>;

const RATE: OptionSpec = { unit: 'rate' };
const SIZE: OptionSpec = { unit: 'size' };
/** tc takes it without a unit alone, and prints it with one. */
const BYTES: OptionSpec = { unit: 'bytes' };
const TIME: OptionSpec = { unit: 'time' };
const COUNT: OptionSpec = { unit: 'count' };
const PERCENT: OptionSpec = { unit: 'percent' };

function unset(specs: Specs): Specs {
  return Object.fromEntries(Object.entries(specs).map(([name, spec]) => [name, { ...spec, unset: true }]));
}

const LINK_LAYER: Specs = {
  mpu: { ...BYTES, default: 0 },
  overhead: { unit: 'count', default: 0 },
  linklayer: { unit: 'word', default: 'ethernet' },
};

/** By kind; those that have no options of their own have none here. */
export const QDISC_SPECS: Readonly<Record<string, Specs>> = {
  htb: {
    default: { unit: 'hex', default: '0' },
    r2q: COUNT,
    direct_qlen: COUNT,
  },
  tbf: {
    rate: RATE,
    burst: { unit: 'size', at: 'rate' },
    ...LINK_LAYER,
    peakrate: { ...RATE, unset: true },
    mtu: { unit: 'size', at: 'peakrate', unset: true },
    latency: { unit: 'time', shown: 'lat' },
  },
  fq_codel: {
    ...{
      limit: COUNT,
      flows: { unit: 'count', fixed: true },
      quantum: BYTES,
      target: TIME,
      ce_threshold: { ...TIME, unset: true },
    },
    ...{ interval: TIME, memory_limit: SIZE, drop_batch: COUNT },
    ecn: { unit: 'flag', default: false, off: 'noecn' },
  },
  fq: {
    ...{ limit: COUNT, flow_limit: COUNT, buckets: COUNT, orphan_mask: COUNT, quantum: BYTES },
    ...{
      initial_quantum: BYTES,
      low_rate_threshold: RATE,
      refill_delay: TIME,
      timer_slack: TIME,
      horizon: TIME,
    },
    ...{ maxrate: { ...RATE, unset: true }, ce_threshold: { ...TIME, unset: true } },
    pacing: { unit: 'flag', default: true, off: 'nopacing' },
    horizon_drop: { unit: 'flag', default: true, off: 'horizon_cap' },
  },
  sfq: {
    ...{ limit: COUNT, quantum: BYTES, depth: COUNT, flows: COUNT },
    divisor: { unit: 'count', fixed: true },
    perturb: { unit: 'count', default: 0 },
  },
  pfifo: { limit: COUNT },
  bfifo: { limit: SIZE },
  prio: { bands: COUNT, priomap: { unit: 'list' } },
  netem: {
    limit: COUNT,
    ...unset({ delay: TIME, jitter: TIME, loss: PERCENT, duplicate: PERCENT, corrupt: PERCENT }),
    ...unset({ reorder: PERCENT, gap: COUNT, rate: RATE }),
  },
};

export const CLASS_SPECS: Readonly<Record<string, Specs>> = {
  htb: {
    rate: RATE,
    ceil: RATE,
    burst: { unit: 'size', at: 'rate' },
    cburst: { unit: 'size', at: 'ceil' },
    prio: { unit: 'count', default: 0 },
    quantum: COUNT,
    ...LINK_LAYER,
  },
};

export const ACTION_SPECS: Readonly<Record<string, Specs>> = {
  gact: { action: { unit: 'word' } },
  mirred: {
    direction: { unit: 'word' },
    redirect: { unit: 'word' },
    mirror: { unit: 'word' },
  },
  police: {
    rate: RATE,
    burst: { unit: 'size', at: 'rate' },
    mtu: { unit: 'size' },
    exceed: { unit: 'word' },
    conform: { unit: 'word', unset: true },
    ...LINK_LAYER,
  },
  skbedit: { queue_mapping: COUNT, priority: { unit: 'word' }, mark: COUNT },
};

/** A word of a listing as a value in base units; undefined where it can't be one. */
export function parseShown(unit: Unit, word: string): TcValue | undefined {
  switch (unit) {
    case 'rate':
      return shownRate(word);
    case 'size':
    case 'bytes':
      return parseSize(word.replace(/\/\d+$/, ''));
    case 'time':
      return parseTime(word);
    case 'percent':
      return parsePercent(word);
    case 'count':
      return countOf(word);
    case 'hex':
      return /^(0x)?[\da-f]+$/i.test(word) ? Number.parseInt(word, 16).toString(16) : undefined;
    default:
      return word;
  }
}

/** `1000p`, `10sec`, `128/1024`, `0x1`. */
function countOf(word: string): number | undefined {
  if (/^0x[\da-f]+$/.test(word)) return Number(word);
  return /^-?\d+(p|b|sec|\/.*)?$/.test(word) ? Number.parseInt(word, 10) : undefined;
}

const RATE_UNITS: readonly (readonly [number, string])[] = [
  [1e9, 'gbit'],
  [1e6, 'mbit'],
  [1e3, 'kbit'],
  [1, 'bit'],
];
const TIME_UNITS: readonly (readonly [number, string])[] = [
  [1e6, 's'],
  [1e3, 'ms'],
  [1, 'us'],
];
const SIZE_UNITS: readonly (readonly [number, string])[] = [
  [1024 ** 2, 'mb'],
  [1024, 'kb'],
  [1, 'b'],
];

/** A value as tc takes it, and a person reads it: in the largest unit that leaves it whole. */
export function showValue(unit: Unit, value: TcValue): string {
  if (typeof value !== 'number') return String(value);
  const whole = (units: readonly (readonly [number, string])[]): string => {
    const number = Math.round(value);
    const [size, name] = units.find(([each]) => number !== 0 && number % each === 0) ?? [
      1,
      units.at(-1)?.[1],
    ];
    return `${number / size}${name}`;
  };
  if (unit === 'rate') return whole(RATE_UNITS);
  if (unit === 'size') return whole(SIZE_UNITS);
  if (unit === 'time') return whole(TIME_UNITS);
  return unit === 'percent' ? `${value}%` : String(value);
}

/** Bytes that pass at a rate while the kernel's clock for them ticks twice, and tc cuts off two microseconds. */
function tick(rate: TcValue | undefined): number {
  return typeof rate === 'number' ? 1 + (2.1 * rate) / 8e6 : 1;
}

/** ATM's cells of 53 bytes: which of them is not full, nothing tells. */
function cell({ linklayer }: TcOptions): number {
  return linklayer === 'atm' ? 60 : 0;
}

/** Whether an option that is wanted is what a listing shows. */
export function sameOption(name: string, spec: OptionSpec, wanted: TcOptions, shown: TcOptions): boolean {
  const [want, is] = [wanted[name] ?? spec.default, shown[name] ?? spec.default];
  if (typeof want !== 'number' || typeof is !== 'number') return want === is;
  switch (spec.unit) {
    case 'rate':
      return sameRate(want, is);
    case 'bytes':
    case 'size':
      return sameSize(
        want,
        is,
        spec.at === undefined ? 0 : tick(shown[spec.at] ?? wanted[spec.at]) + cell(wanted),
      );
    case 'time':
      // tbf's latency is worked out of its limit, in bytes, and its burst.
      return sameTime(
        want,
        is,
        name === 'latency' ? 3 + ((1 + cell(wanted)) * 8e6) / Number(shown.rate ?? 8e6) : 0,
      );
    case 'percent':
      return Math.abs(want - is) <= 0.001 + want * 1e-5;
    default:
      return want === is;
  }
}

/** Names of the options that are wanted and not as they are shown. */
export function differingOptions(specs: Specs, wanted: TcOptions, shown: TcOptions): string[] {
  return Object.keys(wanted).filter((name) => {
    const spec = specs[name];
    return spec !== undefined && !sameOption(name, spec, wanted, shown);
  });
}

/** Whether a listing shows all that is wanted, and nothing else that somebody must have given. */
export function sameOptions(specs: Specs, wanted: TcOptions, shown: TcOptions): boolean {
  const givenOnly = Object.keys(shown).filter(
    (name) => specs[name]?.unset || specs[name]?.default !== undefined,
  );
  return [...new Set([...Object.keys(wanted), ...givenOnly])].every((name) => {
    const spec = specs[name];
    return spec === undefined || sameOption(name, spec, wanted, shown);
  });
}
