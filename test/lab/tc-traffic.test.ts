/** What passes is what was asked for: bytes are pushed through what netplay has shaped. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { applyIn, planIn, problemsIn, stepsOf, type Wish } from '../support/apply.js';
import { createNetns, type Netns } from '../support/netns.js';
import { expectRates } from '../support/rates.js';

const MBIT = 10;
let here: Netns;
let there: Netns;

beforeEach(async () => {
  [here, there] = [await createNetns(), await createNetns()];
  here.must(`set -e
ip link add eth0 type veth peer name eth0 netns ${there.pid}
ip link add ifb-eth0 type ifb
ip addr add 10.7.0.1/24 dev eth0
ip link set eth0 up
ip link set ifb-eth0 up`);
  there.must('ip addr add 10.7.0.2/24 dev eth0; ip addr add 10.7.0.3/24 dev eth0; ip link set eth0 up');
});
afterEach(() => {
  here.close();
  there.close();
});

/** Megabits a second that arrive in two seconds. @param from sends. @param dest the address on `to` */
function measured(from: Netns, to: Netns, dest: string): number {
  to.must(`iperf3 -s -1 -D -B ${dest}
n=0; until ss -ltn 2>/dev/null | grep -q :5201; do n=$((n + 1)); [ $n -lt 50 ] || break; sleep 0.1; done`);
  const said = JSON.parse(from.must(`iperf3 -c ${dest} -t 2 -O 1 -J`)) as {
    end: { sum_received: { bits_per_second: number } };
  };
  return said.end.sum_received.bits_per_second / 1e6;
}

function make(tasks: readonly Wish[]): void {
  const plan = planIn(here, tasks);
  expect(problemsIn(plan)).toEqual([]);
  expect(applyIn(here, stepsOf(plan))).toEqual([]);
}

test('tbf', async () => {
  make([{ qdisc: { dev: 'eth0', kind: 'tbf', rate: `${MBIT}mbit`, burst: '32k', latency: '50ms' } }]);
  await expectRates(() => [measured(here, there, '10.7.0.2')], MBIT);
});

test('htb, whose filter sorts one address into a class of its own', async () => {
  make([
    { qdisc: { dev: 'eth0', kind: 'htb', handle: '1:', default: '20' } },
    { class: { dev: 'eth0', classid: '1:10', rate: `${MBIT}mbit` } },
    { class: { dev: 'eth0', classid: '1:20', rate: `${2 * MBIT}mbit` } },
    { filter: { dev: 'eth0', parent: '1:', prio: 1, match: { dst: '10.7.0.2' }, classid: '1:10' } },
  ]);
  await expectRates(() => [measured(here, there, '10.7.0.2')], MBIT);
  await expectRates(() => [measured(here, there, '10.7.0.3')], 2 * MBIT);
  make([{ class: { dev: 'eth0', classid: '1:10', rate: `${MBIT / 2}mbit` } }]);
  await expectRates(() => [measured(here, there, '10.7.0.2')], MBIT / 2);
});

test('what comes in, by an ifb', async () => {
  make([
    { qdisc: { dev: 'ifb-eth0', kind: 'htb', handle: '1:', default: '1' } },
    { class: { dev: 'ifb-eth0', classid: '1:1', rate: `${MBIT}mbit` } },
    { qdisc: { dev: 'eth0', kind: 'ingress' } },
    { filter: { dev: 'eth0', parent: 'ingress', prio: 1, action: { kind: 'mirred', redirect: 'ifb-eth0' } } },
  ]);
  await expectRates(() => [measured(there, here, '10.7.0.1')], MBIT);
});
