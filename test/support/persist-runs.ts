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

/** Waits for what comes by itself; MACs that the kernel made up are told apart from those that somebody set. */
const DUMP = `${LINK_DUMP}
for d in $(ls /sys/class/net); do
  case $(cat /sys/class/net/$d/addr_assign_type) in
    1) echo "random $(cat /sys/class/net/$d/address) $d" ;;
    3) [ -d /sys/class/net/$d/bridge ] || echo "set $(cat /sys/class/net/$d/address) $d" ;;
  esac
done
bridge fdb show | grep -E 'static|dst' | sort; bridge vlan show 2>/dev/null
# A device that was ever up has a queue of the kernel's own.
{ ${TC_DUMP}
} | grep -vE '^qdisc [a-z_]* 0: '`;

/**
 * The state as text, without MACs that nobody asked for: a link that was made anew has its former one, until it is made at boot.
 * @param asked where those are that somebody asked for; a bridge's is pinned, and counts
 */
export function rebootDump(netns: Netns, asked = ''): string {
  const text = netns.must(DUMP);
  const told = [...text.matchAll(/^(random|set) (\S+) (\S+)$/gm)];
  const chance = told.filter(([, how, mac = '']) => how === 'random' || !asked.includes(mac));
  // What a bond tells of its talk with the other end is a matter of seconds.
  const plain = text.replaceAll(/^(random|set) .*\n|(?<= )ad_actor_oper_port_state(_str)? \S+ /gm, '');
  return chance.reduce(
    (whole, [, , mac = '']) => whole.replaceAll(mac, `MAC of ${holder(plain, mac)}`),
    plain,
  );
}

/** The first device that has it: a bond, its VLANs and its ports share one. */
function holder(links: string, mac: string): string {
  const all = [...links.matchAll(/^([^@:\s]+)\S*: <.*? link\/ether (\S+)/gm)];
  const [first = ''] = all.flatMap(([, dev = '', of]) => (of === mac ? [dev] : [])).sort();
  return first;
}

/** All that a plan does to files: a reboot leaves it. */
export function fileSteps(plan: ReturnType<typeof planIn>): Step[] {
  return stepsOf(plan).filter(({ kind }) => kind === 'write' || kind === 'remove');
}

export const BOOT = 'if [ -e /etc/netplay/boot ]; then sh /etc/netplay/boot; fi';

/** As systemd does before the network comes up. */
export const SYSCTLS = 'f=/etc/sysctl.d/zz-netplay.conf; if [ -f $f ]; then sysctl -q -p $f; fi';

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

/**
 * Plays, a reboot, the last play again: the state is as before, and nothing is left to do.
 * @param judge is given what is wrong with each play
 */
export function reboot(
  { before, after }: Omit<Twins, 'close'>,
  plays: readonly (readonly Wish[])[],
  judge = (problems: readonly string[]): void => expect(problems).toEqual([]),
): void {
  const files: Step[] = [];
  for (const tasks of plays) {
    const plan = planIn(before, tasks, 'boot');
    judge(problemsIn(plan));
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
  const asked = JSON.stringify(plays);
  const state = rebootDump(after, asked);
  expect(state).toBe(rebootDump(before, asked));
  expect(changesIn(planIn(after, plays.at(-1) ?? [], 'boot'))).toEqual([]);
  expect(after.must(BOOT)).toBe('');
  expect(rebootDump(after, asked)).toBe(state);
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
