/** Rates as tc spells them: `100mbit` is bits, `12mbps` is bytes. */

/** Bits of one unit, by its name in lower case: the table of tc (iproute2, tc/tc_util.c), which minds no case. */
const UNITS: Readonly<Record<string, number>> = Object.fromEntries([
  ['', 1],
  ['bit', 1],
  ['bps', 8],
  ...['k', 'm', 'g', 't'].flatMap((prefix, index): [string, number][] => [
    [`${prefix}bit`, 1000 ** (index + 1)],
    [`${prefix}ibit`, 1024 ** (index + 1)],
    [`${prefix}bps`, 8 * 1000 ** (index + 1)],
    [`${prefix}ibps`, 8 * 1024 ** (index + 1)],
  ]),
]);

/** Units in which a rate is shown, the largest first. */
const SHOWN = ['tbit', 'gbit', 'mbit', 'kbit'] as const;

/**
 * Bits per second of `100mbit`, `1.5gbit`, `12mbps` (megabytes per second, as in tc) or a bare number of bits;
 * undefined where it is no rate, or none above 0.
 */
export function parseRate(text: string): number | undefined {
  const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?|\.\d+)([A-Za-z]*)$/.exec(text) ?? [];
  const bits = UNITS[unit.toLowerCase()];
  if (number === '' || bits === undefined) return undefined;
  const rate = Math.round(Number(number) * bits);
  return rate > 0 && Number.isSafeInteger(rate) ? rate : undefined;
}

/** Bits per second in the largest unit that leaves a whole part, with three digits at most: `47.7mbit`. */
export function formatRate(bits: number): string {
  for (const unit of SHOWN) {
    const size = UNITS[unit] ?? 1;
    if (bits >= size) return `${shortened(bits / size)}${unit}`;
  }
  return `${Math.round(bits)}bit`;
}

function shortened(number: number): string {
  return String(Number(number.toFixed(number < 10 ? 2 : number < 100 ? 1 : 0)));
}
