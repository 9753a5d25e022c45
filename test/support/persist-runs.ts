/**
 * Reboots for namespaces: what a play keeps is written by its own plan; a second namespace, with the same NICs and
 * nothing else, gets those files and runs the script. Runs where an executor does: here, or in a virtual machine.
 */
import { expect, test } from 'vitest';
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
${TC_DUMP}`;

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

const BOOT = 'sh /etc/netplay/boot';

/** As systemd does before the network comes up. */
const SYSCTLS = 'f=/etc/sysctl.d/zz-netplay.conf; if [ -f $f ]; then sysctl -q -p $f; fi';

/**
 * A play, a reboot, the same play: the state is as before, and nothing is left to do.
 * @param make a namespace of its own each time. @param host in shell: the NICs, and what the host itself boots
 */
export async function reboot(
  make: () => Promise<Netns>,
  tasks: readonly Wish[],
  host = LINK_HOST,
): Promise<void> {
  const [before, after] = [await make(), await make()];
  try {
    before.must(`${INIT}${host}`);
    after.must(`${INIT}${host}`);
    const plan = planIn(before, tasks, 'boot');
    expect(problemsIn(plan)).toEqual([]);
    expect(applyIn(before, stepsOf(plan))).toEqual([]);
    const again = planIn(before, tasks, 'boot');
    expect(changesIn(again)).toEqual([]);

    expect(applyIn(after, fileSteps(plan))).toEqual([]);
    after.must(SYSCTLS);
    const booted = after.exec(BOOT);
    expect([booted.stderr, booted.stdout]).toEqual(['', '']);
    expect(booted.code).toBe(0);
    const state = rebootDump(after);
    expect(state).toBe(rebootDump(before));
    expect(changesIn(planIn(after, tasks, 'boot'))).toEqual([]);
    expect(after.must(BOOT)).toBe('');
    expect(rebootDump(after)).toBe(state);
  } finally {
    before.close();
    after.close();
  }
}

/** @param make gives each case executors of its own */
export function rebootCases(cases: readonly RebootCase[], make: () => Promise<Netns>): void {
  test.each(cases)('$name', async ({ tasks, host }) => reboot(make, tasks, host));
}
