/** Tasks as data, on the real kernel: made, found again, undone byte for byte. */
import { expect, test } from 'vitest';
import { applyIn, changesIn, planIn, problemsIn, stepsOf, undoOf, type Wish } from './apply.js';
import type { Netns } from './netns.js';

/** No link-local addresses and no duplicate address detection: a listing must not change by itself. */
export const HOST = `set -e
echo 1 > /proc/sys/net/ipv6/conf/default/addr_gen_mode
echo 0 > /proc/sys/net/ipv6/conf/default/accept_dad
for n in 0 1 2; do
  ip link add eth$n address 52:54:00:00:00:0$n type veth peer name p$n
  ip link set p$n up
  ip link set eth$n up
done
ip addr add 192.168.1.1/24 dev eth0
ip addr add 2001:db8:1::1/64 dev eth0`;

/** All that a task may change, as the kernel tells it; what changes by itself (carriers, timers, numbers) left out. */
export const DUMP = `ip -d -o link | sed 's/^[0-9]*: //; s/@[^:]*:/:/; s/numqueues.*persist/persist/; s/[a-z_]*timer *[0-9.]*//g
s/NO-CARRIER,//; s/,LOWER_UP//; s/,M-DOWN//; s/ qdisc [a-z_]*//; s/ state [A-Za-z]*//g' | sort
bridge vlan show | sed '/^$/d'; bridge fdb show | grep -v -e ' 33:33' -e '^33:33' -e '^01:00' | grep -e permanent -e static -e extern | sort
ip -o addr | sed 's/^[0-9]*: //; s/ tentative//' | sort -s -k 1,1
ip -4 -d route show table all | sed 's/ linkdown//'; ip -6 -d route show table all | grep -v -e ff00:: -e '^local fe80' | sed 's/ linkdown//'; ip rule
for f in /sys/class/net/*/tun_flags /sys/class/net/*/owner /sys/class/net/*/bridge/forward_delay; do echo $f; cat $f 2>/dev/null; done
grep -r '' /proc/sys/net/ipv4/conf /proc/sys/net/ipv6/conf /proc/sys/net/ipv4/ip_forward 2>/dev/null | grep -v stable_secret | sort
ls -l /etc/sysctl.d /etc/sysctl.conf 2>/dev/null | awk '{print $1, $NF}'
cat /etc/sysctl.conf /etc/sysctl.d/*.conf 2>/dev/null || true`;

export interface Case {
  name: string;
  /** What stands there before, in shell. */
  before?: string;
  tasks: readonly Wish[];
  /** As they are shown. */
  changes: readonly string[];
  /** Commands, each with what it must print afterwards. */
  shows?: Readonly<Record<string, string>>;
}

/** Brings the host to what is asked for, finds nothing more to do, and goes all the way back. */
export function roundTrips(host: () => Netns, cases: readonly Case[]): void {
  test.each(cases)('$name', ({ before, tasks, changes, shows = {} }) => {
    const netns = host();
    if (before !== undefined) netns.must(`set -e\n${before}`);
    const first = netns.must(DUMP);

    const plans = planIn(netns, tasks);
    expect(problemsIn(plans)).toEqual([]);
    expect(changesIn(plans)).toEqual(changes);
    expect(netns.must(DUMP)).toBe(first);
    expect(applyIn(netns, stepsOf(plans))).toEqual([]);

    for (const [command, expected] of Object.entries(shows)) expect(netns.must(command)).toContain(expected);
    const again = planIn(netns, tasks);
    expect(problemsIn(again)).toEqual([]);
    expect(changesIn(again)).toEqual([]);

    expect(applyIn(netns, undoOf(plans))).toEqual([]);
    expect(netns.must(DUMP)).toBe(first);
  });
}
