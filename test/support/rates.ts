/** How much gets through between two hosts. */
import type { Netns } from './netns.js';

const SECONDS = 6;

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
