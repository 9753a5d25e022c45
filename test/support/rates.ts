/** How much gets through between two hosts, and whether it is what was asked for. */
import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import type { Netns } from './netns.js';

const SECONDS = 6;
const TRIES = 3;
/** The share of its time from which on a machine counts as left alone. */
const UNDISTURBED = 0.98;

/** The bytes that TCP carries are 5 % less than a line's. */
const TOLERANCE = 0.15;

/**
 * Mbit/s of TCP that arrive at `address` of `to`, by iperf3's own count; its first second is left out.
 * What listens is ended by its id, whatever becomes of the client.
 */
export function megabits(from: Netns, to: Netns, address: string, port = 5201): number {
  const file = `/run/iperf3-${port}.pid`;
  to.must(`iperf3 -s -1 -D -p ${port} -I ${file}
n=0; until ss -Hltn sport = :${port} | grep -q .; do [ $((n += 1)) -le 50 ] || exit 1; sleep 0.1; done`);
  try {
    const report = from.must([
      'iperf3',
      '-c',
      address,
      '-p',
      String(port),
      '-t',
      String(SECONDS),
      '-O',
      '1',
      '-J',
    ]);
    const { end } = JSON.parse(report) as { end: { sum_received: { bits_per_second: number } } };
    return end.sum_received.bits_per_second / 1e6;
  } finally {
    to.exec(`kill $(tr -d '\\000' < ${file}) 2>/dev/null; rm -f ${file}`);
  }
}

interface Ticks {
  all: number;
  stolen: number;
}

/** Of each processor: the time since the machine's start, and how much of it another machine had, by proc_stat(5). */
function ticks(): Ticks[] {
  const lines = readFileSync('/proc/stat', 'utf8').match(/^cpu\d+ .*/gm) ?? [];
  return lines.map((line) => {
    const times = line.split(' ').slice(1, 9).map(Number);
    return { all: times.reduce((sum, each) => sum + each, 0), stolen: times[7] ?? 0 };
  });
}

/** The share of the time since then, 0 to 1, in which this machine had each of its processors at least. */
function ownShare(since: readonly Ticks[]): number {
  const shares = ticks().map(({ all, stolen }, cpu) => {
    const { all: allThen, stolen: stolenThen } = since[cpu] ?? { all: 0, stolen: 0 };
    return 1 - (stolen - stolenThen) / Math.max(1, all - allThen);
  });
  return Math.min(...shares);
}

/** Mbit/s that a flow shall have: a limit, which is met within 15 %; at least so much, where nothing limits it; or any. */
type Asked = number | { over: number } | null;

function leastOf(asked: Asked, own: number): number {
  if (asked === null) return 0;
  return own * (typeof asked === 'number' ? asked * (1 - TOLERANCE) : asked.over);
}

/**
 * Expects of each flow what was asked for. A limit lets nothing more through for the time in which it could not send,
 * so that the least that must arrive is less by as much as other machines took of this one's time; where that is why
 * it was too little, it is measured again.
 * @param asked in the order of what `measure` gives
 * @returns Mbit/s as they arrived
 */
export async function expectRates(
  measure: () => number[] | Promise<number[]>,
  ...asked: readonly Asked[]
): Promise<number[]> {
  for (let tries = 1; ; tries++) {
    const begun = ticks();
    const seen = await measure();
    const own = ownShare(begun);
    const enough = asked.every((each, at) => (seen[at] ?? 0) > leastOf(each, own));
    if (!enough && own < UNDISTURBED && tries < TRIES) continue;
    for (const [at, each] of asked.entries()) {
      const words = `flow ${at + 1}, while the machine had ${Math.round(own * 100)} % of its time`;
      expect(seen[at], words).toBeGreaterThan(leastOf(each, own));
      if (typeof each === 'number') expect(seen[at], words).toBeLessThan(each * (1 + TOLERANCE));
    }
    return seen;
  }
}
