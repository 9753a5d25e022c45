/** What rates ask of htb and its leaves. */
import { formatRate, parseRate } from '../../shared/rate.js';
import { parsePercent } from '../../shared/tc-units.js';

/** Ethernet's header, which the kernel counts as part of a packet. */
const HEADER = 14;
/** u32 of tc. */
const MAX_BURST = 0xffff_ffff;
/** Between these the kernel takes a quantum without a warning (net/sched/sch_htb.c). */
const QUANTUM = { min: 1000, max: 200_000 } as const;
/** fq_codel's own (net/sched/sch_fq_codel.c), in microseconds. */
const CODEL = { target: 5000, interval: 100_000 } as const;
/** A new flow's small packets are not to wait for another one's whole packet where that takes a millisecond. */
const SLOW = 10_000_000;

/** Bits per second of a rate or, of `whole`, a share of it, in whole bytes as the kernel keeps them. */
export function bitsOf(text: string | number, whole: number): number {
  const word = String(text);
  const percent = word.endsWith('%') ? parsePercent(word) : undefined;
  return wholeBytes(percent === undefined ? (parseRate(word) ?? 0) : Math.round((whole * percent) / 100));
}

/** The kernel keeps bytes per second. */
export function wholeBytes(bits: number): number {
  return Math.floor(bits / 8) * 8;
}

/** A rate in the largest unit that tells it whole: `100mbit`, `1500kbit`, `12345bit`. */
export function exactRate(bits: number): string {
  for (const [unit, size] of [
    ['gbit', 1e9],
    ['mbit', 1e6],
    ['kbit', 1e3],
  ] as const)
    if (bits >= size && bits % size === 0) return `${bits / size}${unit}`;
  return `${bits}bit`;
}

/** For people: exact where that is short. */
export function shownRate(bits: number): string {
  const exact = exactRate(bits);
  return exact.length <= 'xxxxxmbit'.length ? exact : formatRate(bits);
}

/** The longest packet of a device, as htb counts it. */
export function packetOf(mtu: number): number {
  return mtu + HEADER;
}

/**
 * Bytes that may leave at once: what the rate comes to in a tick of the kernel's clock, or a millisecond where
 * that is finer, since queues are not looked at more often; and a packet, without which nothing would pass at all.
 * @param hz ticks per second
 */
export function burstOf(rate: number, mtu: number, hz: number): number {
  return Math.min(MAX_BURST, packetOf(mtu) + Math.ceil(rate / 8 / Math.min(hz, 1000)));
}

/** Bytes in a class's turn: classes that borrow share by it, so by their rates, as far as the kernel lets them. */
export function quantumOf(rate: number, mtu: number): number {
  const least = Math.max(QUANTUM.min, packetOf(mtu));
  return Math.min(Math.max(QUANTUM.max, least), Math.max(least, Math.floor(rate / 8 / 10)));
}

/**
 * fq_codel for a class: its target must be longer than one packet takes, else it would drop where nothing waits;
 * the interval grows with it.
 */
export function codelOf(rate: number, mtu: number): { target: string; interval: string; quantum: number } {
  const packet = (packetOf(mtu) * 8 * 1e6) / rate;
  const target = Math.max(CODEL.target, Math.ceil((1.5 * packet) / 1000) * 1000);
  const interval = CODEL.interval - CODEL.target + target;
  return {
    target: `${target / 1000}ms`,
    interval: `${interval / 1000}ms`,
    quantum: rate < SLOW ? 300 : packetOf(mtu),
  };
}

/** Packets that may wait where the kernel has no fair queue: a tenth of a second's. */
export function limitOf(ceil: number, mtu: number): number {
  return Math.min(1000, Math.max(20, Math.ceil(ceil / 8 / 10 / packetOf(mtu))));
}
