/** `shape` on a kernel that has fair queues, marks and policing, and what these do to packets. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { applyIn, planIn, problemsIn, stepsOf } from '../../support/apply.js';
import type { Netns } from '../../support/netns.js';
import { sampleCases } from '../../support/sample.js';
import { SHAPE_CASES } from '../../support/shape-cases.js';
import { roundTrip, TC_HOST } from '../../support/tc-cases.js';
import { startVmLab, type VmLab } from '../../support/vm-netns.js';

sampleCases(2);

let lab: VmLab;
let host: Netns;
beforeAll(async () => {
  lab = await startVmLab('shape');
});
afterAll(() => lab?.stop());
beforeEach(() => {
  host = lab.createNetns();
  return () => host.close();
});

test.each(SHAPE_CASES.map((one) => [one.name, one] as const))('%s', (_name, one) => {
  host.must(TC_HOST);
  roundTrip(host, one);
});

describe('packets', () => {
  let peer: Netns;
  beforeEach(() => {
    peer = lab.createNetns();
    host.must(`ip link add eth0 type veth peer name eth1 netns ${peer.pid}
ip link set eth0 up; ip addr add 10.9.8.1/24 dev eth0`);
    peer.must('ip link set eth1 up; ip addr add 10.9.8.2/24 dev eth1');
    return () => peer.close();
  });

  function shape(params: Readonly<Record<string, unknown>>): void {
    const plan = planIn(host, [{ shape: { dev: 'eth0', ...params } }]);
    expect(problemsIn(plan)).toEqual([]);
    expect(applyIn(host, stepsOf(plan))).toEqual([]);
  }

  /** Packets that a class has sent so far. */
  function sentBy(rate: string): number {
    const text = host.must('tc -s class show dev eth0');
    const [, packets] = new RegExp(`rate ${rate} [^\\n]*\\n Sent \\d+ bytes (\\d+) pkt`).exec(text) ?? [];
    return Number(packets);
  }

  test('with a mark go into the class of that mark', () => {
    shape({ egress: '20mbit', classes: [{ name: 'marked', rate: '3mbit', match: { mark: 5 } }] });
    host.must('ping -c 1 -W 5 10.9.8.2; ping -m 5 -c 10 -i 0.1 -W 5 10.9.8.2');
    expect(sentBy('3Mbit')).toBe(10);
  });

  test('that are too many are dropped by police', () => {
    shape({ ingress: { rate: '64kbit', by: 'police', burst: '4k' } });
    const ping = peer.exec('ping -q -c 40 -i 0.05 -s 1000 -W 2 10.9.8.1').stdout;
    const received = Number(/(\d+) received/.exec(ping)?.[1]);
    // 64 kbit/s are 8000 bytes a second, for 2 seconds: 15 of them, and 4 at once.
    expect(received).toBeGreaterThan(12);
    expect(received).toBeLessThan(27);
    shape({ state: 'absent' });
    expect(peer.must('ping -q -c 10 -i 0.05 -s 1000 -W 2 10.9.8.1')).toContain(' 10 received');
  });
});
