/**
 * Reboots for namespaces: what a play keeps is written by its own plan; a second namespace, with the same NICs and
 * nothing else, gets those files and runs the script. Runs where an executor does: here, or in a virtual machine.
 */
import { expect, test } from 'vitest';
import { RECORD } from '../../src/persist/record.js';
import type { Step } from '../../src/shared/change.js';
import { applyIn, changesIn, planIn, problemsIn, stepsOf, type Wish } from './apply.js';
import { LINK_DUMP, LINK_HOST } from './link-cases.js';
import type { Netns } from './netns.js';
import type { RebootCase } from './persist-cases-kinds.js';
import { TC_DUMP } from './tc-cases.js';

/** A host that has systemd, as far as the probe asks. */
const INIT = 'mount -t tmpfs tmpfs /run; mkdir -p /run/systemd/system\n';

/** Waits for what comes by itself; MACs that the kernel made up are left out. */
const DUMP = `${LINK_DUMP}
for d in $(ls /sys/class/net); do
  if [ "$(cat /sys/class/net/$d/addr_assign_type)" = 1 ]; then echo "random $(cat /sys/class/net/$d/address) $d"; fi
done
bridge fdb show | grep -E 'static|dst' | sort; bridge vlan show 2>/dev/null
# A device that was ever up has a queue of the kernel's own.
{ ${TC_DUMP}
} | grep -vE '^qdisc [a-z_]* 0: '`;

/** The state as text. */
export function rebootDump(netns: Netns): string {
  const text = netns.must(DUMP);
  const random = [...text.matchAll(/^random (\S+) (\S+)$/gm)];
  return random.reduce((whole, [, mac = '', dev = '']) => whole.replaceAll(mac, `MAC of ${dev}`), text);
}

/** All that a plan does to files: a reboot leaves it. */
export function fileSteps(plan: ReturnType<typeof planIn>): Step[] {
  return stepsOf(plan).filter(({ kind }) => kind === 'write' || kind === 'remove');
}

export const BOOT = 'if [ -e /etc/netplay/boot ]; then sh /etc/netplay/boot; fi';

/** As systemd does before the network comes up. */
const SYSCTLS = 'f=/etc/sysctl.d/zz-netplay.conf; if [ -f $f ]; then sysctl -q -p $f; fi';

/** A host that boots with netplay's script, and another one beside it, which is the same after its reboot. */
export interface Twins {
  before: Netns;
  after: Netns;
  close(): void;
}

/** @param make a namespace of its own each time. @param host in shell: the NICs, and what the host itself boots */
export async function twins(make: () => Promise<Netns>, host = LINK_HOST): Promise<Twins> {
  const [before, after] = [await make(), await make()];
  for (const netns of [before, after]) netns.must(`${INIT}${host}`);
  return {
    before,
    after,
    close() {
      before.close();
      after.close();
    },
  };
}

function recordOf({ state }: ReturnType<typeof planIn>): string[] {
  return (state.files.get(RECORD)?.content ?? '').split('\n');
}

/** Plays, a reboot, the last play again: the state is as before, and nothing is left to do. */
export function reboot({ before, after }: Omit<Twins, 'close'>, plays: readonly (readonly Wish[])[]): void {
  const files: Step[] = [];
  for (const tasks of plays) {
    const plan = planIn(before, tasks, 'boot');
    expect(problemsIn(plan)).toEqual([]);
    expect(applyIn(before, stepsOf(plan))).toEqual([]);
    files.push(...fileSteps(plan));
    const again = planIn(before, tasks, 'boot');
    expect(recordOf(again)).toEqual(recordOf(plan));
    expect(changesIn(again)).toEqual([]);
  }
  expect(applyIn(after, files)).toEqual([]);
  after.must(SYSCTLS);
  const booted = after.exec(BOOT);
  expect([booted.stderr, booted.stdout]).toEqual(['', '']);
  expect(booted.code).toBe(0);
  const state = rebootDump(after);
  expect(state).toBe(rebootDump(before));
  expect(changesIn(planIn(after, plays.at(-1) ?? [], 'boot'))).toEqual([]);
  expect(after.must(BOOT)).toBe('');
  expect(rebootDump(after)).toBe(state);
}

/** @param make gives each case executors of its own */
export function rebootCases(cases: readonly RebootCase[], make: () => Promise<Netns>): void {
  test.each(cases)('$name', async ({ tasks, host }) => {
    const pair = await twins(make, host);
    try {
      reboot(pair, [tasks]);
    } finally {
      pair.close();
    }
  });
}
