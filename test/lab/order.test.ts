/** A ping that runs while a play moves its way from one set of tables to another: what it loses, and in which order. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { PlannedUnit } from '../../src/engine/plan.js';
import { partsOf } from '../../src/transaction/parts.js';
import { partScript, REPLACE_FILE } from '../../src/transaction/steps.js';
import { planIn, problemsIn, type Wish } from '../support/apply.js';
import { createNetns, type Netns } from '../support/netns.js';

let host: Netns;
let router: Netns;
beforeAll(async () => {
  host = await createNetns();
  router = await createNetns();
});
afterAll(() => {
  host?.close();
  router?.close();
});

const TARGET = '10.99.0.1';

/** eth0 and eth1 to one router, which has the target; the way there is by eth0, from both addresses. */
function begin(): void {
  host.exec('ip link del eth0; ip link del eth1; ip rule flush; ip rule add lookup main priority 32766');
  host.exec('ip route flush table 100; ip route flush table 200');
  host.must(`set -e
for n in 0 1; do
  ip link add eth$n type veth peer name r$n
  ip link set r$n netns ${router.pid}
  for d in all eth$n; do echo 0 > /proc/sys/net/ipv4/conf/$d/rp_filter; done
  ip link set eth$n up; ip addr add 10.$n.0.1/24 dev eth$n
done`);
  router.exec(`ip addr add ${TARGET}/32 dev lo
for n in 0 1; do
  for d in all r$n; do echo 0 > /proc/sys/net/ipv4/conf/$d/rp_filter; done
  ip link set r$n up; ip addr add 10.$n.0.254/24 dev r$n
done`);
  host.must(`set -e
ip route add 10.0.0.0/24 dev eth0 table 100
ip route add default via 10.0.0.254 dev eth0 table 100
ip rule add from 10.0.0.1 lookup 100 priority 100
ip route add default via 10.0.0.254 dev eth0 metric 50
echo 1 > /proc/sys/net/ipv4/conf/all/rp_filter; echo 0 > /proc/sys/net/ipv4/conf/all/arp_announce
ping -c1 -W2 -I 10.0.0.1 ${TARGET}`);
}

/** What a person may well write: away with the old first. */
const PLAY: readonly Wish[] = [
  { rule: { from: '10.0.0.1', table: 100, priority: 100, state: 'absent' } },
  { route: { dst: 'default', metric: 50, state: 'absent' } },
  { route: { dst: 'default', table: 100, state: 'absent' } },
  { sysctl: { name: 'net.ipv4.conf.all.arp_announce', value: 1, file: null } },
  { route: { dst: '10.1.0.0/24', dev: 'eth1', table: 200 } },
  { route: { dst: 'default', via: '10.1.0.254', dev: 'eth1', table: 200 } },
  { rule: { from: '10.0.0.1', table: 200, priority: 90 } },
  { sysctl: { name: 'net.ipv4.conf.all.rp_filter', value: 2, file: null } },
  { route: { dst: 'default', via: '10.0.0.254', dev: 'eth0', metric: 10 } },
];

/** Applies units while a 5 ms ping runs, with an `ip` that takes its time between commands; how many pings were lost. */
async function lostDuring(units: readonly PlannedUnit[]): Promise<number> {
  const argv = ['-t', String(host.pid), '-n', '-m', '--', 'ping', '-i', '0.005', '-W1', '-q'];
  const ping = spawn('nsenter', [...argv, '-c', '400', '-I', '10.0.0.1', TARGET]);
  let said = '';
  ping.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const ended = once(ping, 'close');
  await new Promise((resolve) => setTimeout(resolve, 300));
  // One unit a change, so that each is a process of its own.
  const script = units.flatMap(({ changes }) =>
    changes.flatMap((change) =>
      partsOf([{ steps: change.do, optional: false }]).map((part) => partScript(part.steps)),
    ),
  );
  const slowly = `ip() { command ip "$@"; r=$?; sleep 0.1; return $r; }\n`;
  const done = host.exec(
    ['sh'],
    `${slowly}${REPLACE_FILE}${script.map((each) => `( ${each} ) || exit 1`).join('\n')}\n`,
  );
  expect(done).toMatchObject({ code: 0 });
  await ended;
  const [, sent, received] = /(\d+) packets transmitted, (\d+) received/.exec(said) ?? [];
  expect(Number(sent)).toBe(400);
  return Number(sent) - Number(received);
}

test('nothing is lost in the order of the plan, and much in that of the tasks', {
  timeout: 60_000,
}, async () => {
  begin();
  const plan = planIn(host, PLAY);
  expect(problemsIn(plan)).toEqual([]);
  expect(await lostDuring(plan.sequence)).toBe(0);
  expect(planIn(host, PLAY).sequence).toEqual([]);

  begin();
  const given = planIn(host, PLAY).tasks.map(({ changes }, task): PlannedUnit => ({ task, changes }));
  expect(await lostDuring(given)).toBeGreaterThan(10);
});
