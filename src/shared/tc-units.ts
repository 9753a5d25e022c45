/** Sizes and times as tc spells and prints them (iproute2, tc/tc_util.c and lib/utils_math.c). */
import { parseRate } from './rate.js';

const SIZES: Readonly<Record<string, number>> = {
  ...{ '': 1, b: 1, k: 1024, kb: 1024, m: 1024 ** 2, mb: 1024 ** 2, g: 1024 ** 3, gb: 1024 ** 3 },
  ...{ kbit: 1024 / 8, mbit: 1024 ** 2 / 8, gbit: 1024 ** 3 / 8 },
};

const TIMES: Readonly<Record<string, number>> = {
  ...{ '': 1, us: 1, usec: 1, usecs: 1, ms: 1000, msec: 1000, msecs: 1000 },
  ...{ s: 1e6, sec: 1e6, secs: 1e6, ns: 1e-3, nsec: 1e-3, nsecs: 1e-3 },
};

function scaled(text: string, units: Readonly<Record<string, number>>): number | undefined {
  const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?|\.\d+)([A-Za-z]*)$/.exec(text) ?? [];
  const size = Object.hasOwn(units, unit.toLowerCase()) ? units[unit.toLowerCase()] : undefined;
  return number === '' || size === undefined ? undefined : Number(number) * size;
}

/** Bytes of `1600`, `15k`, `15kb` (1024 bytes each), `32kbit` (4096 bytes); undefined where it is no size. */
export function parseSize(text: string): number | undefined {
  const size = scaled(text, SIZES);
  return size === undefined || size > 0xffff_ffff ? undefined : Math.floor(size);
}

/** Microseconds of `50ms`, `1.5s`, `100us` or a bare number of them; undefined where it is no time. */
export function parseTime(text: string): number | undefined {
  const time = scaled(text, TIMES);
  return time === undefined || time > 0xffff_ffff ? undefined : Math.round(time * 1000) / 1000;
}

/** Percent of `1%`, `0.3%` or `1`; undefined where it is none from 0 to 100. */
export function parsePercent(text: string): number | undefined {
  const [, number] = /^(\d+(?:\.\d+)?|\.\d+)%?$/.exec(text) ?? [];
  return number === undefined || Number(number) > 100 ? undefined : Number(number);
}

/**
 * Whether a rate is what tc prints of one that was asked for. The kernel keeps whole bytes; tc leaves digits out
 * from a million of a unit on: it cuts them off, before 4.16 it rounded.
 */
export function sameRate(wanted: number, shown: number): boolean {
  const kept = Math.floor(wanted / 8) * 8;
  return [wanted, kept].some(
    (rate) =>
      printed(rate, Math.floor) === printed(shown, Math.floor) ||
      printed(rate, Math.round) === printed(shown, Math.round),
  );
}

function printed(rate: number, round: (value: number) => number): number {
  let [value, unit] = [rate, 1];
  while (value >= 1000 && unit < 1e12 && (value % 1000 === 0 || value >= 1_000_000)) {
    value = round(value / 1000);
    unit *= 1000;
  }
  return value * unit;
}

/** Whether tc prints both sizes alike: kilobytes from 16 bytes, megabytes from 1024 bytes beside a whole one. */
export function sameSize(wanted: number, shown: number, tolerance = 0): boolean {
  const rounding = Math.max(wanted, shown) >= 1024 ** 2 ? 1024 : shown >= 1024 ? 16 : 0;
  return Math.abs(wanted - shown) <= tolerance + rounding;
}

/** Whether tc prints both times alike: three digits. */
export function sameTime(wanted: number, shown: number, tolerance = 0): boolean {
  return Math.abs(wanted - shown) <= Math.max(1, Math.max(wanted, shown) * 0.005) + tolerance;
}

/** A rate that tc prints; `0bit` is none. */
export function shownRate(text: string): number | undefined {
  return /^0[A-Za-z]*$/.test(text) ? 0 : parseRate(text);
}

/** `0x10/0xfc` of `16/0xfc`, as some versions print it; one without a mask counts whole. */
export function tosWord(text: string): string {
  const [value = 0, mask = 0xff] = text.split('/').map((part) => Number(part));
  return `0x${value.toString(16)}${mask === 0xff ? '' : `/0x${mask.toString(16)}`}`;
}
