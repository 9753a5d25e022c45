/** Neighbours and proxy entries on the real kernel: made, found again, undone, and what they do on the wire. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  applyIn,
  changesIn,
  planBackIn,
  planIn,
  problemsIn,
  stepsOf,
  undoOf,
  type Wish,
} from '../support/apply.js';
import { createNetns, DROP_WIDE_PROXIES, type Netns } from '../support/netns.js';

/** No link-local addresses and no duplicate address detection: a listing must not change by itself. */
const HOST = `set -e
echo 1 > /proc/sys/net/ipv6/conf/default/addr_gen_mode
echo 0 > /proc/sys/net/ipv6/conf/default/accept_dad
for n in 0 3 4; do
  ip link add eth$n address 52:54:00:00:00:0$n type veth peer name p$n
  ip link set p$n up
  ip link set eth$n up
  ip addr add 192.168.18.1$n/24 dev eth$n
  ip addr add 2001:db8:$n::1/64 dev eth$n
done`;

const NEIGHBOURS =
  '{ ip -N neigh show nud permanent nud noarp; ip -N neigh show proxy; } | sed "s/ *$//" | grep -v -e ^ff02 -e ^224 | sort';
/** All that a task here may change; what the kernel learns by itself left out. */
const DUMP = `${NEIGHBOURS}
ip -d -o link | sed 's/^[0-9]*: //; s/@[^:]*:/:/; s/[a-z_]*timer *[0-9.]*//g; s/ state [A-Z]*//; s/NO-CARRIER,//; s/,LOWER_UP//; s/tso_max_size [0-9]*//' | sort
ip -o addr | sed 's/^[0-9]*: //; s/ tentative//' | sort -s -k 1,1
ip -4 -d route show table all | sed 's/ linkdown//' | sort; ip -6 -d route show table all | grep -v -e ff00:: -e '^local' | sed 's/ linkdown//' | sort
grep -r '' /proc/sys/net/ipv4/conf /proc/sys/net/ipv6/conf 2>/dev/null | grep -v stable_secret | sort`;

interface Case {
  name: string;
  /** What stands there before, in shell. */
  before?: string;
  tasks: readonly Wish[];
  /** As they are shown, in the order in which they are made. */
  changes: readonly string[];
  /** The lines of the listing that are there afterwards, all of them. */
  left?: readonly string[];
}

let netns: Netns;
beforeEach(async () => {
  netns = await createNetns();
  netns.must(HOST);
});
afterEach(() => {
  netns.must(DROP_WIDE_PROXIES);
  netns.close();
});

const listing = (): string[] =>
  netns
    .must(NEIGHBOURS)
    .split('\n')
    .filter((line) => line !== '');

/** Brings the host to what is asked for, finds nothing more to do, goes all the way back, and does both again by the journal. */
function roundTrip(cases: readonly Case[]): void {
  test.each(cases)('$name', ({ before, tasks, changes, left }) => {
    if (before !== undefined) netns.must(`set -e\n${before}`);
    const first = netns.must(DUMP);
    const plan = planIn(netns, tasks);
    expect(problemsIn(plan)).toEqual([]);
    expect(changesIn(plan)).toEqual(changes);
    expect(netns.must(DUMP)).toBe(first);
    expect(applyIn(netns, stepsOf(plan))).toEqual([]);
    if (left !== undefined) expect(listing()).toEqual(left);
    const again = planIn(netns, tasks);
    expect(problemsIn(again)).toEqual([]);
    expect(changesIn(again)).toEqual([]);
    expect(applyIn(netns, undoOf(plan))).toEqual([]);
    expect(netns.must(DUMP)).toBe(first);

    expect(applyIn(netns, stepsOf(plan))).toEqual([]);
    const back = planBackIn(netns, plan);
    expect(back.problems ?? []).toEqual([]);
    const steps = back.changes.flatMap((change) => change.do);
    expect(steps.length > 0).toBe(changes.length > 0);
    expect(applyIn(netns, steps)).toEqual([]);
    expect(netns.must(DUMP)).toBe(first);
  });
}

const MAC = '52:54:00:12:34:56';
const SET = `ip neigh add 192.168.18.9 lladdr ${MAC} dev eth3 nud permanent
ip neigh add 192.168.18.8 lladdr ${MAC} dev eth3 nud noarp
ip neigh add 2001:db8:3::9 lladdr ${MAC} dev eth3 router nud permanent
ip neigh add proxy 192.168.18.101 dev eth3; ip neigh add proxy 2001:db8:3::101 dev eth3 router
ip neigh add proxy 192.168.18.101 dev eth0`;

describe('neighbour', () => {
  roundTrip([
    {
      name: 'present: IPv4 and IPv6',
      tasks: [
        { neighbour: { dst: '192.168.18.9', dev: 'eth0', lladdr: MAC } },
        {
          neighbour: { dst: '2001:DB8:3:0::9', dev: 'eth3', lladdr: MAC.replaceAll(':', '-'), router: true },
        },
        { neighbour: { dst: '192.168.18.8', dev: 'eth0', lladdr: MAC, nud: 'noarp' } },
      ],
      changes: [
        `neighbour 192.168.18.9 dev eth0: absent → lladdr ${MAC} permanent`,
        `neighbour 2001:db8:3::9 dev eth3: absent → lladdr ${MAC} permanent router`,
        `neighbour 192.168.18.8 dev eth0: absent → lladdr ${MAC} noarp`,
      ],
      left: [
        `192.168.18.8 dev eth0 lladdr ${MAC} NOARP`,
        `192.168.18.9 dev eth0 lladdr ${MAC} PERMANENT`,
        `2001:db8:3::9 dev eth3 lladdr ${MAC} router PERMANENT`,
      ],
    },
    {
      name: 'present, where the kernel has learned another MAC in the meantime',
      before: 'ip neigh add 192.168.18.9 lladdr 02:00:00:00:00:01 dev eth0 nud reachable',
      tasks: [{ neighbour: { dst: '192.168.18.9', dev: 'eth0', lladdr: MAC } }],
      changes: [`neighbour 192.168.18.9 dev eth0: absent → lladdr ${MAC} permanent`],
    },
    {
      name: 'drifted: MAC, state and router, each made by somebody else',
      before: `ip neigh add 192.168.18.9 lladdr 02:00:00:00:00:01 dev eth0 nud permanent extern_learn protocol 77
ip neigh add 192.168.18.8 lladdr ${MAC} dev eth0 nud noarp
ip neigh add 2001:db8:3::9 lladdr ${MAC} dev eth3 router nud permanent`,
      tasks: [
        { neighbour: { dst: '192.168.18.9', dev: 'eth0', lladdr: MAC } },
        { neighbour: { dst: '192.168.18.8', dev: 'eth0', lladdr: MAC } },
        { neighbour: { dst: '2001:db8:3::9', dev: 'eth3', lladdr: MAC, router: false } },
      ],
      changes: [
        `neighbour 192.168.18.9 dev eth0: lladdr 02:00:00:00:00:01 permanent extern_learn → lladdr ${MAC} permanent extern_learn`,
        `neighbour 192.168.18.8 dev eth0: lladdr ${MAC} noarp → lladdr ${MAC} permanent`,
        `neighbour 2001:db8:3::9 dev eth3: lladdr ${MAC} permanent router → lladdr ${MAC} permanent`,
      ],
      left: [
        `192.168.18.8 dev eth0 lladdr ${MAC} PERMANENT`,
        `192.168.18.9 dev eth0 lladdr ${MAC} extern_learn PERMANENT proto 77`,
        `2001:db8:3::9 dev eth3 lladdr ${MAC} PERMANENT`,
      ],
    },
    {
      name: 'removed: on one device, on all, and only what has that MAC',
      before: `${SET}; ip neigh add 192.168.18.9 lladdr 02:00:00:00:00:01 dev eth4 nud permanent protocol 77`,
      tasks: [
        { neighbour: { dst: '2001:db8:3::9', dev: 'eth3', state: 'absent' } },
        { neighbour: { dst: '192.168.18.9', lladdr: '02:00:00:00:00:01', state: 'absent' } },
        { neighbour: { dst: '192.168.18.101', proxy: true, state: 'absent' } },
        { neighbour: { dst: '192.168.18.77', dev: 'eth0', state: 'absent' } },
      ],
      changes: [
        `neighbour 2001:db8:3::9 dev eth3: lladdr ${MAC} permanent router → absent`,
        'neighbour 192.168.18.9 dev eth4: lladdr 02:00:00:00:00:01 permanent → absent',
        'neighbour proxy 192.168.18.101 dev eth0: proxy → absent',
        'neighbour proxy 192.168.18.101 dev eth3: proxy → absent',
      ],
      left: [
        `192.168.18.8 dev eth3 lladdr ${MAC} NOARP`,
        `192.168.18.9 dev eth3 lladdr ${MAC} PERMANENT`,
        '2001:db8:3::101 dev eth3 router proxy',
      ],
    },
    {
      name: 'proxy entries: IPv4, IPv6, and one that answers as a router now',
      before: 'ip neigh add proxy 2001:db8:3::102 dev eth3',
      tasks: [
        { neighbour: { dst: '192.168.18.101', dev: 'eth3', proxy: true } },
        { neighbour: { dst: '2001:db8:3::101', dev: 'eth3', proxy: true } },
        { neighbour: { dst: '2001:db8:3::102', dev: 'eth3', proxy: true, router: true } },
      ],
      changes: [
        'neighbour proxy 192.168.18.101 dev eth3: absent → proxy',
        'neighbour proxy 2001:db8:3::101 dev eth3: absent → proxy',
        'neighbour proxy 2001:db8:3::102 dev eth3: proxy → proxy router',
      ],
      left: [
        '192.168.18.101 dev eth3 proxy',
        '2001:db8:3::101 dev eth3 proxy',
        '2001:db8:3::102 dev eth3 router proxy',
      ],
    },
    {
      name: 'exclusive: one device answers and none beside it; other addresses stay',
      before: `ip neigh add proxy 192.168.18.101 dev eth0; ip neigh add proxy 192.168.18.101 dev eth3 protocol 77
ip neigh add proxy 192.168.18.101; ip neigh add proxy 192.168.18.102 dev eth0
ip neigh add proxy 2001:db8:3::101 dev eth0; ip neigh add 192.168.18.101 lladdr ${MAC} dev eth0 nud permanent`,
      tasks: [
        { neighbour: { dst: '192.168.18.101', dev: 'eth4', proxy: true, exclusive: true } },
        { neighbour: { dst: '2001:db8:3::101', dev: 'eth4', proxy: true, exclusive: true } },
      ],
      changes: [
        // The kernel takes none of a device beside it. All else that is new comes before anything that is to go.
        'neighbour proxy 192.168.18.101: proxy → absent',
        'neighbour proxy 192.168.18.101 dev eth4: absent → proxy',
        'neighbour proxy 2001:db8:3::101 dev eth4: absent → proxy',
        'neighbour proxy 192.168.18.101 dev eth0: proxy → absent',
        'neighbour proxy 192.168.18.101 dev eth3: proxy → absent',
        'neighbour proxy 2001:db8:3::101 dev eth0: proxy → absent',
      ],
      left: [
        `192.168.18.101 dev eth0 lladdr ${MAC} PERMANENT`,
        '192.168.18.101 dev eth4 proxy',
        '192.168.18.102 dev eth0 proxy',
        '2001:db8:3::101 dev eth4 proxy',
      ],
    },
    {
      name: 'proxy entries of every device: one is enough, and it comes back last',
      before: `ip neigh add proxy 192.168.18.101 dev eth0; ip neigh add proxy 192.168.18.101
for d in eth0 eth3; do ip neigh add proxy 192.168.18.102 dev $d; done; ip neigh add proxy 192.168.18.102
ip neigh add proxy 192.168.18.103 dev eth0; ip neigh add proxy 192.168.18.103`,
      tasks: [
        { neighbour: { dst: '192.168.18.101', dev: 'eth4', proxy: true } },
        { neighbour: { dst: '192.168.18.102', proxy: true, state: 'absent' } },
        { neighbour: { dst: '192.168.18.103', dev: 'eth0', proxy: true, state: 'absent' } },
      ],
      changes: [
        'neighbour proxy 192.168.18.102: proxy → absent',
        'neighbour proxy 192.168.18.102 dev eth0: proxy → absent',
        'neighbour proxy 192.168.18.102 dev eth3: proxy → absent',
        'neighbour proxy 192.168.18.103 dev eth0: proxy → absent',
      ],
      left: ['192.168.18.101 dev eth0 proxy', '192.168.18.101 proxy', '192.168.18.103 proxy'],
    },
    {
      name: 'hostile: devices that a shell, or ip, would take apart',
      before: `ip link add '\`id\`;x' type veth peer name proxy; ip link set '\`id\`;x' up; ip link set proxy up`,
      tasks: [
        { neighbour: { dst: '10.0.0.9', dev: '`id`;x', lladdr: MAC } },
        { neighbour: { dst: '10.0.0.9', dev: '`id`;x', proxy: true } },
        { neighbour: { dst: '10.0.0.9', dev: 'proxy', lladdr: MAC } },
        { neighbour: { dst: '10.0.0.8', dev: 'proxy', proxy: true } },
      ],
      changes: [
        `neighbour 10.0.0.9 dev \`id\`;x: absent → lladdr ${MAC} permanent`,
        'neighbour proxy 10.0.0.9 dev `id`;x: absent → proxy',
        `neighbour 10.0.0.9 dev proxy: absent → lladdr ${MAC} permanent`,
        'neighbour proxy 10.0.0.8 dev proxy: absent → proxy',
      ],
      left: [
        '10.0.0.8 dev proxy proxy',
        `10.0.0.9 dev \`id\`;x lladdr ${MAC} PERMANENT`,
        '10.0.0.9 dev `id`;x proxy',
        `10.0.0.9 dev proxy lladdr ${MAC} PERMANENT`,
      ],
    },
    {
      name: 'pitfall 25: on a device that is down, and one that the play takes down first',
      before: 'ip link set eth4 down',
      tasks: [
        { link: { name: 'eth3', state: 'down' } },
        { neighbour: { dst: '192.168.18.9', dev: 'eth3', lladdr: MAC } },
        { neighbour: { dst: '192.168.18.101', dev: 'eth4', proxy: true } },
      ],
      changes: [
        'link eth3 state: up → down',
        `neighbour 192.168.18.9 dev eth3: absent → lladdr ${MAC} permanent`,
        'neighbour proxy 192.168.18.101 dev eth4: absent → proxy',
      ],
    },
  ]);
});

describe('what takes neighbours along brings them back in its undo', () => {
  roundTrip([
    {
      name: 'pitfall 25: a link that goes down, beside a proxy entry of every device',
      before: `${SET}; ip neigh add proxy 192.168.18.101`,
      tasks: [{ link: { name: 'eth3', state: 'down' } }],
      changes: ['link eth3 state: up → down'],
      left: ['192.168.18.101 dev eth0 proxy', '192.168.18.101 proxy'],
    },
    {
      name: 'a link that comes up, with what was set while it was down',
      before: `ip link set eth3 down\n${SET}`,
      tasks: [{ link: { name: 'eth3', state: 'up' } }],
      changes: ['link eth3 state: down → up'],
    },
    {
      name: 'another MAC, and ARP off',
      before: `${SET}; ip neigh add 192.168.18.9 lladdr ${MAC} dev eth4 nud permanent`,
      tasks: [{ link: { name: 'eth3', mac: '52:54:00:aa:00:03' } }, { link: { name: 'eth4', arp: false } }],
      changes: ['link eth3 mac: 52:54:00:00:00:03 → 52:54:00:aa:00:03', 'link eth4 arp: on → off'],
      left: [
        '192.168.18.101 dev eth0 proxy',
        '192.168.18.101 dev eth3 proxy',
        '2001:db8:3::101 dev eth3 router proxy',
      ],
    },
    {
      name: 'the last IPv4 address of a device',
      before: SET,
      tasks: [{ address: { dev: 'eth3', address: '192.168.18.13/24', state: 'absent' } }],
      changes: ['address 192.168.18.13/24 dev eth3: 192.168.18.13/24 → absent'],
      left: [
        '192.168.18.101 dev eth0 proxy',
        '2001:db8:3::101 dev eth3 router proxy',
        `2001:db8:3::9 dev eth3 lladdr ${MAC} router PERMANENT`,
      ],
    },
    {
      name: 'a first IPv4 address, whose undo is the removal of the last',
      before: `ip addr del 192.168.18.13/24 dev eth3\n${SET}`,
      tasks: [{ address: { dev: 'eth3', address: '192.168.18.13/24' } }],
      changes: ['address 192.168.18.13/24 dev eth3: absent → 192.168.18.13/24'],
    },
    {
      name: 'an address that goes by delete and add keeps them',
      before: SET,
      tasks: [{ address: { dev: 'eth3', address: '192.168.18.13/24', label: 'eth3:1' } }],
      changes: ['address 192.168.18.13/24 dev eth3: 192.168.18.13/24 → 192.168.18.13/24 label eth3:1'],
      left: [
        '192.168.18.101 dev eth0 proxy',
        '192.168.18.101 dev eth3 proxy',
        `192.168.18.8 dev eth3 lladdr ${MAC} NOARP`,
        `192.168.18.9 dev eth3 lladdr ${MAC} PERMANENT`,
        '2001:db8:3::101 dev eth3 router proxy',
        `2001:db8:3::9 dev eth3 lladdr ${MAC} router PERMANENT`,
      ],
    },
    {
      name: 'a primary address that goes while its secondaries stay keeps them',
      before: `ip addr add 192.168.18.77/24 dev eth3\n${SET}`,
      tasks: [{ address: { dev: 'eth3', address: '192.168.18.13/24', state: 'absent' } }],
      changes: ['address 192.168.18.13/24 dev eth3: 192.168.18.13/24 → absent'],
      left: [
        '192.168.18.101 dev eth0 proxy',
        '192.168.18.101 dev eth3 proxy',
        `192.168.18.8 dev eth3 lladdr ${MAC} NOARP`,
        `192.168.18.9 dev eth3 lladdr ${MAC} PERMANENT`,
        '2001:db8:3::101 dev eth3 router proxy',
        `2001:db8:3::9 dev eth3 lladdr ${MAC} router PERMANENT`,
      ],
    },
    {
      name: 'IPv6 switched off',
      before: SET,
      tasks: [{ sysctl: { name: 'net.ipv6.conf.eth3.disable_ipv6', value: 1, file: null } }],
      changes: ['sysctl net.ipv6.conf.eth3.disable_ipv6: 0 → 1'],
      left: [
        '192.168.18.101 dev eth0 proxy',
        '192.168.18.101 dev eth3 proxy',
        `192.168.18.8 dev eth3 lladdr ${MAC} NOARP`,
        `192.168.18.9 dev eth3 lladdr ${MAC} PERMANENT`,
      ],
    },
    {
      name: 'a bridge that is pinned to another MAC, and gets a port',
      before: `ip link add br0 address 52:54:00:00:00:aa type bridge; ip link set br0 up
ip neigh add 10.5.0.9 lladdr ${MAC} dev br0 nud permanent; ip neigh add proxy 10.5.0.101 dev br0`,
      tasks: [{ bridge: { name: 'br0', ports: ['p4'], mac: '52:54:00:00:00:bb' } }],
      changes: ['bridge br0 mac: 52:54:00:00:00:aa → 52:54:00:00:00:bb', 'link p4 master: absent → br0'],
      left: ['10.5.0.101 dev br0 proxy'],
    },
    {
      name: 'a tap that is made anew keeps them, and one that is removed gives them back',
      before: `for t in tap0 tap1; do
  ip tuntap add dev $t mode tap user 1000; ip link set dev $t address fe:54:00:00:00:09; ip link set $t up
  ip neigh add 10.6.0.9 lladdr ${MAC} dev $t nud permanent; ip neigh add proxy 10.6.0.101 dev $t
done`,
      tasks: [{ tap: { name: 'tap0', owner: 'daemon' } }, { tap: { name: 'tap1', state: 'absent' } }],
      changes: ['tap tap0: mode tap owner 1000 → mode tap owner 1', 'tap tap1: mode tap owner 1000 → absent'],
      left: ['10.6.0.101 dev tap0 proxy', `10.6.0.9 dev tap0 lladdr ${MAC} PERMANENT`],
    },
  ]);

  test('what is lost is said', () => {
    netns.must(SET);
    const warnings = (wish: Wish): string[] => planIn(netns, [wish]).tasks.flatMap((task) => task.warnings);
    expect(warnings({ link: { name: 'eth3', mac: '52:54:00:aa:00:03' } })).toEqual([
      'changing eth3 removes 3 neighbours that were set',
    ]);
    expect(warnings({ link: { name: 'eth3', state: 'down' } })).toEqual([
      'taking eth3 down removes 1 IPv6 address and 5 neighbours that were set',
    ]);
    expect(warnings({ address: { dev: 'eth3', address: '192.168.18.13/24', state: 'absent' } })).toEqual([
      'removing 192.168.18.13/24 from eth3 takes 3 neighbours with it',
    ]);
  });

  test('a later task that takes one away again is refused', () => {
    const plan = planIn(netns, [
      { neighbour: { dst: '192.168.18.9', dev: 'eth3', lladdr: MAC } },
      { link: { name: 'eth3', mac: '52:54:00:aa:00:03' } },
    ]);
    expect(problemsIn(plan)).toEqual([
      'a later task of this play undoes this one: neighbour 192.168.18.9 dev eth3',
    ]);
  });

  test('what was built since on a transaction is not lost by taking it back', () => {
    netns.must('ip addr del 192.168.18.13/24 dev eth3');
    const plan = planIn(netns, [{ address: { dev: 'eth3', address: '192.168.18.13/24' } }]);
    expect(applyIn(netns, stepsOf(plan))).toEqual([]);
    netns.must('ip neigh add proxy 192.168.18.101 dev eth3');
    expect(planBackIn(netns, plan).problems?.map((problem) => problem.message)).toEqual([
      'neighbour proxy 192.168.18.101 dev eth3 would be lost: it came after x, and hangs on what that made',
    ]);
  });

  test('one that has changed since is named, and not taken back', () => {
    netns.must('ip neigh add 192.168.18.9 lladdr 02:00:00:00:00:02 dev eth3 nud permanent');
    const plan = planIn(netns, [{ neighbour: { dst: '192.168.18.9', dev: 'eth3', lladdr: MAC } }]);
    expect(applyIn(netns, stepsOf(plan))).toEqual([]);
    netns.must('ip neigh replace 192.168.18.9 lladdr 02:00:00:00:00:01 dev eth3 nud permanent');
    expect(planBackIn(netns, plan).problems?.map((problem) => problem.message)).toEqual([
      'neighbour 192.168.18.9 dev eth3 is now lladdr 02:00:00:00:00:01 permanent',
    ]);
  });
});
