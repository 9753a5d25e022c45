/** Cases of traffic control as data, for whatever kernel can carry them out: the lab's own or an emulated machine's. */
import { expect } from 'vitest';
import { applyIn, changesIn, planBackIn, planIn, problemsIn, stepsOf, undoOf, type Wish } from './apply.js';
import type { Netns } from './netns.js';

export interface TcCase {
  name: string;
  /** What stands there before, in shell. */
  before?: string;
  tasks: readonly Wish[];
  /** As they are shown. */
  changes?: readonly string[];
  /** Commands, each with what it must print afterwards. */
  shows?: Readonly<Record<string, string>>;
}

/** Two ends of a cable, and a device for what is redirected. */
export const TC_HOST = `set -e
for n in 0 1; do
  ip link add eth$n type veth peer name p$n
  ip link set p$n up
  ip link set eth$n up
done
ip link add ifb-eth0 type ifb
ip link set ifb-eth0 up`;

/** All of traffic control but the flows that fq_codel and sfq list as classes; numbers that the kernel gives by itself (of tables and actions) and counters left out. */
export const TC_DUMP = `tc -d qdisc show | sed 's/refcnt [0-9]*//; s/direct_packets_stat [0-9]*//; s/ seed [0-9]*//'
for d in $(ls /sys/class/net); do
  tc -d class show dev $d | grep -vE '^class (fq_codel|sfq) ' | sort
  for p in $(tc qdisc show dev $d | sed -n 's/^qdisc [a-z_]* \\([1-9a-f][0-9a-f]*:\\) .*/\\1/p') 1:1 ingress egress; do
    case $p in
      ingress | egress) l=$(tc filter show dev $d $p 2>/dev/null) ;;
      *) l=$(tc filter show dev $d parent $p 2>/dev/null) ;;
    esac
    printf '%s %s\\n%s\\n' $d $p "$l" | sed 's/fh [0-9a-f]*:/fh :/; s/key ht [0-9a-f]* /key /; s/index [0-9]* //; s/police 0x[0-9a-f]*/police/'
  done
done`;

/** Brings the host to what is asked for, finds nothing more to do, and goes all the way back. */
export function roundTrip(
  netns: Netns,
  { before, tasks, changes, shows = {} }: TcCase,
  dumping = TC_DUMP,
): void {
  if (before !== undefined) netns.must(`set -e\n${before}`);
  const first = netns.must(dumping);
  const plans = planIn(netns, tasks);
  expect(problemsIn(plans)).toEqual([]);
  if (changes !== undefined) expect(changesIn(plans)).toEqual(changes);
  expect(netns.must(dumping)).toBe(first);
  expect(applyIn(netns, stepsOf(plans))).toEqual([]);
  const dump = netns.must(dumping);
  for (const [command, expected] of Object.entries(shows)) expect(netns.must(command)).toContain(expected);
  const again = planIn(netns, tasks);
  expect(problemsIn(again)).toEqual([]);
  expect(changesIn(again)).toEqual([]);
  expect(planBackIn(netns, plans).problems ?? []).toEqual([]);
  expect(applyIn(netns, undoOf(plans))).toEqual([]);
  expect(netns.must(dumping)).toBe(first);
  // And there again: what the undo left behind is in no one's way.
  expect(applyIn(netns, stepsOf(planIn(netns, tasks)))).toEqual([]);
  expect(netns.must(dumping)).toBe(dump);
}
