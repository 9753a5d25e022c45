/**
 * The watchdog on a whole machine: under systemd, with a clock that jumps, and with logind ending what a session
 * started as soon as the session ends (`KillUserProcesses=yes`).
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runJson } from '../support/cli.js';
import { makeFolder } from '../support/lab-runs.js';
import { startVm, type Vm } from '../support/vm.js';
import { cutRun, stateOf, straysOn } from '../support/vm-runs.js';
import { BASE, MUCH, writePlay } from './plays.js';

/** Seconds; on a busy machine a login alone takes some. */
const TRIAL = 30;
/** Seconds by which an undo may miss its time. */
const TOLERANCE = 2;

const folder = makeFolder();
const much = writePlay(folder, 'much', MUCH);
let vm: Vm;

beforeAll(async () => {
  vm = await startVm();
  expect((await runJson(['-i', vm.inventory, writePlay(folder, 'base', BASE)])).code).toBe(0);
});
afterAll(async () => {
  await vm?.stop();
  folder.remove();
});

/**
 * A run whose controller dies when all is applied and nothing confirmed.
 * @param trial seconds
 */
async function abandonedRun(trial: number): Promise<void> {
  const { code } = await cutRun(['-i', vm.inventory, '--confirm-timeout', `${trial}s`, much], {
    phase: 'reconnect',
    act: async (kill) => kill(),
  });
  expect(code).toBe(null);
}

/** Tells by the machine's clock since boot when it was to be undone, when that began, and when it was over. */
const WAIT_UNTIL_UNDONE = `cd /run/netplay/tx-* || exit 1
folder=$PWD
now() { read -r up rest </proc/uptime; }
while [ -e armed ]; do read -r at <deadline; sleep 0.1; done; now; begun=$up
while [ -d "$folder" ]; do sleep 0.1; done; now
echo "$at $begun $up"`;

async function expectUndoneInTime(meanwhile: string): Promise<void> {
  const times = (await vm.must(`${meanwhile}\n${WAIT_UNTIL_UNDONE}`)).split(' ').map(Number);
  const [at = 0, begun = 0, over = 0] = times;
  expect(Math.abs(begun - at), `due at ${at}, begun at ${begun}`).toBeLessThanOrEqual(TOLERANCE);
  expect(over - begun).toBeLessThan(10);
}

/** The next ordinary run: another route each time, so that there is something to do. */
let runs = 0;
async function expectOrdinaryRun(): Promise<void> {
  runs += 1;
  const route = { dst: `10.70.${runs}.0/24`, via: '10.9.1.2', dev: 'eth1' };
  const { code, stderr } = await runJson(['-i', vm.inventory, writePlay(folder, 'next', [{ route }])]);
  expect(code, stderr).toBe(0);
  expect(await vm.must('ip route show')).toContain(`10.70.${runs}.0/24 via 10.9.1.2`);
  expect(await straysOn(vm)).toEqual([]);
}

test.for([
  ['the clock goes on', ''],
  ['the clock is set an hour forward', 'date -s "@$(($(date +%s) + 3600))" >/dev/null'],
  ['the clock is set an hour back', 'date -s "@$(($(date +%s) - 3600))" >/dev/null'],
] as const)('what a dead controller left on trial is undone in time: %s', async ([, meanwhile]) => {
  const before = await stateOf(vm);
  await abandonedRun(TRIAL);

  await expectUndoneInTime(meanwhile);

  expect(await stateOf(vm)).toEqual(before);
  expect(await straysOn(vm)).toEqual([]);
  await expectOrdinaryRun();
});

/** The service's watchdog ends up alone: the other was the session's, and logind ends it with that. */
const KILL_WATCHDOG = `main() { systemctl show -P MainPID 'netplay-*'; }
watchdogs() { pgrep -f '[n]etplay/tx-.*/guard watch'; }
wait_for() { t=0; until "$@"; do [ $t -lt 50 ] || exit 1; t=$((t + 1)); sleep 0.1; done; }
first=$(main)
alone() { [ "$(watchdogs)" = "$first" ]; }
another() { second=$(main); [ "\${second:-0}" != 0 ] && [ "$second" != "$first" ]; }
wait_for alone
kill -9 "$first"
wait_for another
echo "$first $second $(systemctl show -P ActiveState 'netplay-*')"`;

test('the watchdog is a service that outlives the session, is back where it is killed, and undoes', async () => {
  const before = await stateOf(vm);
  // Longer than to kill it takes, shorter than a command over SSH may.
  await abandonedRun(TRIAL + 10);

  expect(await vm.must(KILL_WATCHDOG)).toMatch(/^(?!0)(\d+) (?!\1)\d+ active$/m);
  await expectUndoneInTime('');

  expect(await stateOf(vm)).toEqual(before);
  expect(await straysOn(vm)).toEqual([]);
  await expectOrdinaryRun();
});
