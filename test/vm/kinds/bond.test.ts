/** Bonds on a kernel that has them: made, found again, every setting changed, undone, removed. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  applyIn,
  changesIn,
  planBackIn,
  planIn,
  problemsIn,
  stepsOf,
  undoOf,
  type Wish,
} from '../../support/apply.js';
import { changesByHost, runJson } from '../../support/cli.js';
import { foretoldRun, makeFolder, settledRun } from '../../support/lab-runs.js';
import type { Netns } from '../../support/netns.js';
import { sampleCases } from '../../support/sample.js';
import { startVmLab, type VmLab } from '../../support/vm-netns.js';

/** No link-local addresses and no duplicate address detection: a listing must not change by itself. */
const HOST = `set -e
echo 1 > /proc/sys/net/ipv6/conf/default/addr_gen_mode
echo 0 > /proc/sys/net/ipv6/conf/default/accept_dad
for n in 0 1 2; do
  ip link add eth$n address 52:54:00:00:00:0$n type veth peer name p$n
  ip link set p$n up
  ip link set eth$n up
done
ip addr add 192.168.1.1/24 dev eth0
ip addr add 2001:db8:1::1/64 dev eth0
ip route add 10.0.0.0/8 via 192.168.1.254 dev eth0
ip -6 route add 2001:db8:2::/64 via 2001:db8:1::fe dev eth0`;

/** What changes by itself (carriers, numbers, what ports find out) is left out. */
const DUMP = `ip -d -o link | sed 's/^[0-9]*: //; s/@[^:]*:/:/; s/NO-CARRIER,//; s/,LOWER_UP//; s/,M-DOWN//
s/ qdisc [a-z_]*//; s/ state [A-Za-z]*//g; s/ mii_status [A-Z_]*//; s/ link_failure_count [0-9]*//; s/ active_slave [^ ]*//
s/ ad_aggregator.* ad_partner_mac [^ ]*//; s/ ad_aggregator_id.*addrgenmode/ addrgenmode/' | sort
ip -o addr | sed 's/^[0-9]*: //' | sort -s -k 1,1
ip -4 route show table all | sed 's/ linkdown//'; ip -6 route show table all | grep -v ff00:: | sed 's/ linkdown//'`;

interface Case {
  name: string;
  /** What stands there before, in shell. */
  before?: string;
  tasks: readonly Wish[];
  /** As they are shown. */
  changes: readonly string[];
  /** Commands, each with what it must print afterwards. */
  shows?: Readonly<Record<string, string>>;
  warnings?: readonly string[];
}

const SETTINGS = 'ip -d -o link show bond0';
const MASTERS = "ip -o link show master bond0 | sed 's/@.*//; s/.* //' | sort | tr '\\n' ' '";
/** Without addresses, so that nothing is lost by joining. */
const bondOf = (words: string, ...ports: string[]): string =>
  [
    `ip link add bond0 address 52:54:00:00:00:b0 type bond ${words}`,
    ...ports.map((port) => `ip link set ${port} down; ip link set ${port} master bond0`),
    'ip link set bond0 up',
  ].join('\n');

sampleCases(5);

let lab: VmLab;
let netns: Netns;
beforeAll(async () => {
  lab = await startVmLab();
});
beforeEach(() => {
  netns = lab.createNetns();
  netns.must(HOST);
  return () => netns.close();
});
afterAll(() => lab?.stop());

/** Brings the host to what is asked for, finds nothing more to do, and goes all the way back. */
function roundTrip(cases: readonly Case[]): void {
  test.each(cases)('$name', ({ before, tasks, changes, shows = {}, warnings }) => {
    if (before !== undefined) netns.must(`set -e\n${before}`);
    const first = netns.must(DUMP);
    const plans = planIn(netns, tasks);
    expect(problemsIn(plans)).toEqual([]);
    expect(changesIn(plans)).toEqual(changes);
    if (warnings !== undefined) expect(plans.tasks.flatMap((task) => task.warnings)).toEqual(warnings);
    expect(applyIn(netns, stepsOf(plans))).toEqual([]);
    for (const [command, expected] of Object.entries(shows)) expect(netns.must(command)).toContain(expected);
    const again = planIn(netns, tasks);
    expect(problemsIn(again)).toEqual([]);
    expect(changesIn(again)).toEqual([]);
    expect(applyIn(netns, undoOf(plans))).toEqual([]);
    expect(netns.must(DUMP)).toBe(first);
  });
}

describe('a bond is made and removed', () => {
  roundTrip([
    {
      name: 'with two ports that are up, one with addresses',
      tasks: [{ bond: { name: 'bond0', mode: 'active-backup', ports: ['eth0', 'eth1'], miimon: 100 } }],
      changes: [
        'bond bond0: absent → mode active-backup mac 52:54:00:00:00:00 miimon 100',
        'link eth0 master: absent → bond0',
        'link eth1 master: absent → bond0',
        'link bond0 state: down → up',
      ],
      shows: { [SETTINGS]: 'link/ether 52:54:00:00:00:00', [MASTERS]: 'eth0 eth1 ' },
      warnings: [
        'eth0 is taken down to join bond0, and loses 2001:db8:1::1/64 and 2 routes',
        'eth0 keeps 192.168.1.1/24 though it is a port of bond0: nothing reaches it there; give it to bond0',
      ],
    },
    {
      name: 'with everything that 802.3ad takes',
      tasks: [
        {
          bond: {
            ...{ name: 'bond0', mode: 4, ports: ['eth1', 'eth2'], mac: '52:54:00:00:00:B0', mtu: 1400 },
            ...{ miimon: 50, updelay: 100, downdelay: 150, peer_notify_delay: 50, use_carrier: false },
            ...{ lacp_rate: 'fast', lacp_active: false, ad_select: 'count', ad_actor_sys_prio: 7 },
            ...{ ad_actor_system: '02:00:00:00:00:01', ad_user_port_key: 5, min_links: 1 },
            ...{ xmit_hash_policy: 'layer3+4', all_slaves_active: true, resend_igmp: 3, num_grat_arp: 4 },
          },
        },
      ],
      changes: [
        `bond bond0: absent → mode 802.3ad mac 52:54:00:00:00:b0 miimon 50 updelay 100 downdelay 150 peer_notify_delay 50 use_carrier 0 xmit_hash_policy layer3+4 lacp_active off lacp_rate fast ad_select count ad_actor_sys_prio 7 ad_actor_system 02:00:00:00:00:01 ad_user_port_key 5 min_links 1 all_slaves_active 1 resend_igmp 3 num_grat_arp 4`,
        'link bond0 mtu: 1500 → 1400',
        'link eth1 master: absent → bond0',
        'link eth2 master: absent → bond0',
        'link bond0 state: down → up',
      ],
      shows: {
        [SETTINGS]: 'lacp_active off lacp_rate fast ad_select count',
        'ip -o link show eth1': 'mtu 1400',
      },
    },
    {
      name: 'without ports, and down',
      tasks: [{ bond: { name: 'bond0', mac: '52:54:00:00:00:b0', up: false } }],
      changes: ['bond bond0: absent → mode balance-rr mac 52:54:00:00:00:b0'],
    },
    {
      name: 'absent: the undo makes it again with its ports, addresses and routes',
      before: `${bondOf('mode active-backup miimon 100 updelay 200 num_grat_arp 5', 'eth1', 'eth2')}
ip link set bond0 type bond primary eth2; ip link set bond0 mtu 1450; ip link set eth1 type bond_slave queue_id 2
ip addr add 10.1.0.1/24 dev bond0; ip -6 addr add 2001:db8:9::1/64 dev bond0; ip route add 10.2.0.0/16 via 10.1.0.9`,
      tasks: [{ bond: { name: 'bond0', state: 'absent' } }],
      changes: ['bond bond0: ports eth2, eth1 → absent'],
      shows: { 'ip -o link show eth1': '52:54:00:00:00:01', 'ls /sys/class/net': 'eth1\neth2\nlo\n' },
      warnings: [
        'removing bond0 removes its addresses: 10.1.0.1/24, 2001:db8:9::1/64',
        'the kernel leaves eth2, eth1 down',
      ],
    },
    { name: 'absent where it is not', tasks: [{ bond: { name: 'bond0', state: 'absent' } }], changes: [] },
  ]);
});

describe('settings are changed in place', () => {
  const inPlace: readonly [mode: string, from: string, options: Wish, change: string, shown: string][] = [
    [
      'active-backup',
      '',
      { miimon: 100, updelay: 200, downdelay: 300 },
      'miimon 0 updelay 0 downdelay 0 → miimon 100 updelay 200 downdelay 300',
      'miimon 100 updelay 200 downdelay 300',
    ],
    [
      'active-backup',
      'miimon 100 updelay 200',
      { miimon: 50 },
      'miimon 100 updelay 200 → miimon 50 updelay 100',
      'miimon 50 updelay 100',
    ],
    [
      'active-backup',
      'miimon 100 updelay 200',
      { miimon: null },
      'miimon 100 updelay 200 → miimon 0 updelay 0',
      'miimon 0 updelay 0',
    ],
    [
      'active-backup',
      'miimon 100 updelay 200',
      {
        arp_interval: 500,
        arp_ip_target: ['192.0.2.1', '192.0.2.2'],
        arp_validate: 'all',
        arp_all_targets: 'all',
        arp_missed_max: 3,
      },
      'miimon 100 updelay 200 arp_ip_target none arp_interval 0 arp_validate none arp_all_targets any arp_missed_max 2 → miimon 0 updelay 0 arp_ip_target 192.0.2.1,192.0.2.2 arp_interval 500 arp_validate all arp_all_targets all arp_missed_max 3',
      'arp_interval 500 arp_missed_max 3 arp_ip_target 192.0.2.1,192.0.2.2 arp_validate all arp_all_targets all',
    ],
    [
      'active-backup',
      'arp_interval 500 arp_ip_target 192.0.2.1',
      { arp_ip_target: null, arp_interval: null },
      'arp_ip_target 192.0.2.1 arp_interval 500 → arp_ip_target none arp_interval 0',
      'arp_interval 0',
    ],
    [
      'active-backup',
      'arp_interval 500 arp_ip_target 192.0.2.1 arp_validate all',
      { miimon: 100 },
      'miimon 0 arp_interval 500 arp_validate all → miimon 100 arp_interval 0 arp_validate none',
      'miimon 100',
    ],
    [
      'active-backup',
      'miimon 100',
      {
        peer_notify_delay: 300,
        use_carrier: false,
        primary_reselect: 'failure',
        num_grat_arp: 9,
        resend_igmp: 5,
        all_slaves_active: true,
        min_links: 2,
        lp_interval: 7,
        xmit_hash_policy: 'vlan+srcmac',
      },
      'peer_notify_delay 0 use_carrier 1 primary_reselect always xmit_hash_policy layer2 min_links 0 all_slaves_active 0 resend_igmp 1 num_grat_arp 1 lp_interval 1 → peer_notify_delay 300 use_carrier 0 primary_reselect failure xmit_hash_policy vlan+srcmac min_links 2 all_slaves_active 1 resend_igmp 5 num_grat_arp 9 lp_interval 7',
      'use_carrier 0',
    ],
    [
      'balance-rr',
      'packets_per_slave 8',
      { packets_per_slave: 0 },
      'packets_per_slave 8 → packets_per_slave 0',
      'packets_per_slave 0',
    ],
    [
      'balance-rr',
      'packets_per_slave 8',
      { packets_per_slave: null },
      'packets_per_slave 8 → packets_per_slave 1',
      'packets_per_slave 1',
    ],
    [
      '802.3ad',
      '',
      { ad_actor_sys_prio: 9, ad_actor_system: '02:00:00:00:00:01' },
      'ad_actor_sys_prio 65535 ad_actor_system 00:00:00:00:00:00 → ad_actor_sys_prio 9 ad_actor_system 02:00:00:00:00:01',
      'ad_actor_sys_prio 9',
    ],
  ];
  roundTrip(
    inPlace.map(([mode, from, options, change, shown]) => ({
      name: `${mode}: ${Object.keys(options).join(', ')}${from === '' ? '' : ` from ${from}`}`,
      before: bondOf(`mode ${mode} ${from}`, 'eth1', 'eth2'),
      tasks: [{ bond: { name: 'bond0', ports: ['eth1', 'eth2'], ...options } }],
      changes: [`bond bond0: ${change}`],
      shows: { [SETTINGS]: shown },
    })),
  );
});

const ADDRESSES = `ip addr add 10.1.0.1/24 dev bond0; ip -6 addr add 2001:db8:9::1/64 dev bond0
ip route add 10.2.0.0/16 via 10.1.0.9; ip -6 route add 2001:db8:a::/64 via 2001:db8:9::9`;

describe('settings that need the bond down, or empty: its addresses and routes come back', () => {
  const DOWN = 'bond0 is taken down for a moment: the kernel changes this in no other way';
  const EMPTY =
    'bond0 is taken down for a moment, and its ports leave it: the kernel changes this in no other way';
  roundTrip([
    {
      name: 'lacp_rate, lacp_active, ad_select, ad_user_port_key',
      before: `${bondOf('mode 802.3ad', 'eth1', 'eth2')}\n${ADDRESSES}`,
      tasks: [
        {
          bond: {
            name: 'bond0',
            lacp_rate: 'fast',
            lacp_active: false,
            ad_select: 'bandwidth',
            ad_user_port_key: 3,
          },
        },
      ],
      changes: [
        'bond bond0: lacp_active on lacp_rate slow ad_select stable ad_user_port_key 0 → lacp_active off lacp_rate fast ad_select bandwidth ad_user_port_key 3',
      ],
      shows: {
        [SETTINGS]: 'lacp_rate fast',
        'ip -6 route': '2001:db8:a::/64 via',
        'ip route': '10.2.0.0/16 via',
      },
      warnings: [DOWN],
    },
    {
      name: 'tlb_dynamic_lb',
      before: `${bondOf('mode balance-tlb', 'eth1')}\n${ADDRESSES}`,
      tasks: [{ bond: { name: 'bond0', tlb_dynamic_lb: false } }],
      changes: ['bond bond0: tlb_dynamic_lb 1 → tlb_dynamic_lb 0'],
      shows: { [SETTINGS]: 'tlb_dynamic_lb 0' },
      warnings: [DOWN],
    },
    {
      name: 'the mode, with ports: from active-backup with a primary to 802.3ad',
      before: `${bondOf('mode active-backup miimon 100', 'eth1', 'eth2')}\n${ADDRESSES}
ip link set bond0 type bond primary eth2; ip link set eth1 type bond_slave queue_id 2`,
      tasks: [{ bond: { name: 'bond0', mode: '802.3ad', lacp_rate: 'fast' } }],
      changes: ['bond bond0: mode active-backup lacp_rate slow → mode 802.3ad lacp_rate fast'],
      shows: {
        [SETTINGS]: 'link/ether 52:54:00:00:00:b0',
        [MASTERS]: 'eth1 eth2 ',
        'ip -6 route': '2001:db8:a::/64 via',
      },
      warnings: [EMPTY],
    },
    {
      name: 'the mode of one without ports that is down',
      before: 'ip link add bond0 address 52:54:00:00:00:b0 type bond mode 802.3ad',
      tasks: [{ bond: { name: 'bond0', mode: 'balance-xor', up: false } }],
      changes: ['bond bond0: mode 802.3ad → mode balance-xor'],
      warnings: [],
    },
    {
      name: 'fail_over_mac: ports then keep MACs of their own',
      before: bondOf('mode active-backup miimon 100', 'eth1', 'eth2'),
      tasks: [{ bond: { name: 'bond0', fail_over_mac: 'active' } }],
      changes: ['bond bond0: fail_over_mac none → fail_over_mac active'],
      shows: { 'ip -o link show eth2': '52:54:00:00:00:02', [SETTINGS]: '52:54:00:00:00:01' },
      warnings: [EMPTY],
    },
  ]);

  test('through all modes, and all the way back', () => {
    netns.must(`set -e\n${bondOf('mode 0', 'eth1', 'eth2')}`);
    const states = [];
    const plans = [];
    for (const mode of [1, 4, 6, 2, 5, 3, 0]) {
      states.push(netns.must(DUMP));
      const tasks = [{ bond: { name: 'bond0', mode } }];
      const plan = planIn(netns, tasks);
      expect(applyIn(netns, stepsOf(plan))).toEqual([]);
      expect(changesIn(planIn(netns, tasks))).toEqual([]);
      plans.push(plan);
    }
    for (const plan of plans.reverse()) {
      expect(applyIn(netns, undoOf(plan))).toEqual([]);
      expect(netns.must(DUMP)).toBe(states.pop());
    }
  });
});

describe('ports come and go', () => {
  roundTrip([
    {
      name: 'one more joins, the others stay',
      before: bondOf('mode balance-xor miimon 100', 'eth1'),
      tasks: [{ bond: { name: 'bond0', ports: ['eth2'] } }],
      changes: ['link eth2 master: absent → bond0'],
      shows: { [MASTERS]: 'eth1 eth2 ', 'ip -o link show eth2': '52:54:00:00:00:b0' },
    },
    {
      name: 'exclusive: what is listed stays, the rest leaves, and the MAC is not lost',
      before: bondOf('mode balance-xor miimon 100', 'eth1'),
      tasks: [{ bond: { name: 'bond0', ports: ['eth2'], exclusive: true } }],
      changes: ['link eth2 master: absent → bond0', 'link eth1 master: bond0 → absent'],
      shows: {
        [MASTERS]: 'eth2 ',
        [SETTINGS]: '52:54:00:00:00:b0',
        'ip -o link show eth1': '52:54:00:00:00:01',
      },
    },
    {
      name: 'exclusive without any: the MAC that is given is given again',
      before: bondOf('mode balance-xor miimon 100', 'eth1', 'eth2'),
      tasks: [{ bond: { name: 'bond0', ports: [], exclusive: true, mac: '52:54:00:00:00:b0' } }],
      changes: [
        'link eth1 master: bond0 → absent',
        'link eth2 master: bond0 → absent',
        'link bond0 mac: absent → 52:54:00:00:00:b0',
      ],
      shows: { [SETTINGS]: '52:54:00:00:00:b0' },
    },
    {
      name: 'mac and mtu are those of the ports, too',
      before: bondOf('mode balance-xor miimon 100', 'eth1', 'eth2'),
      tasks: [{ bond: { name: 'bond0', mac: '52:54:00:00:00:b1', mtu: 1400 } }],
      changes: ['link bond0 mtu: 1500 → 1400', 'link bond0 mac: 52:54:00:00:00:b0 → 52:54:00:00:00:b1'],
      shows: { 'ip -o link show eth2': '52:54:00:00:00:b1', 'ip -o link show eth1': 'mtu 1400' },
    },
    {
      name: 'primary, and none again',
      before: `${bondOf('mode active-backup miimon 100', 'eth1', 'eth2')}\nip link set bond0 type bond primary eth2`,
      tasks: [{ bond: { name: 'bond0', primary: null } }],
      changes: ['bond bond0 primary: eth2 → absent'],
      shows: { [MASTERS]: 'eth1 eth2 ' },
    },
    {
      name: 'primary of a new bond',
      tasks: [{ bond: { name: 'bond0', mode: 1, miimon: 100, ports: ['eth1', 'eth2'], primary: 'eth2' } }],
      changes: [
        'bond bond0: absent → mode active-backup mac 52:54:00:00:00:01 miimon 100',
        'link eth1 master: absent → bond0',
        'link eth2 master: absent → bond0',
        'bond bond0 primary: absent → eth2',
        'link bond0 state: down → up',
      ],
      shows: { 'cat /sys/class/net/bond0/bonding/primary': 'eth2' },
    },
    {
      name: 'active_slave',
      before: `${bondOf('mode active-backup miimon 100', 'eth1', 'eth2')}\nsleep 0.5`,
      tasks: [{ bond: { name: 'bond0', active_slave: 'eth2' } }],
      changes: ['bond bond0 active_slave: eth1 → eth2'],
      shows: { 'cat /sys/class/net/bond0/bonding/active_slave': 'eth2' },
    },
    {
      name: 'down',
      before: `${bondOf('mode active-backup miimon 100', 'eth1')}\n${ADDRESSES}`,
      tasks: [{ bond: { name: 'bond0', up: false } }],
      changes: ['link bond0 state: up → down'],
    },
  ]);
});

test('what a transaction did to a bond is taken back from its journal', () => {
  netns.must(`set -e\n${bondOf('mode active-backup miimon 100', 'eth1')}`);
  const first = netns.must(DUMP);
  const plan = planIn(netns, [{ bond: { name: 'bond0', miimon: 50, num_grat_arp: 3, ports: ['eth2'] } }]);
  expect(applyIn(netns, stepsOf(plan))).toEqual([]);
  const back = planBackIn(netns, plan);
  expect(back.problems ?? []).toEqual([]);
  expect(
    applyIn(
      netns,
      back.changes.flatMap((change) => change.do),
    ),
  ).toEqual([]);
  expect(netns.must(DUMP)).toBe(first);

  netns.must(DUMP);
  const again = planIn(netns, [{ bond: { name: 'bond0', miimon: 50 } }]);
  applyIn(netns, stepsOf(again));
  netns.must('ip link set bond0 type bond miimon 200');
  expect(
    planBackIn(netns, again)
      .problems?.map(({ message }) => message)
      .join(),
  ).toContain('bond0');
});

test('a failure of one link leaves the other one at work', () => {
  const tasks = [{ bond: { name: 'bond0', mode: 1, miimon: 20, ports: ['eth1', 'eth2'], primary: 'eth1' } }];
  expect(applyIn(netns, stepsOf(planIn(netns, tasks)))).toEqual([]);
  const active = 'sleep 0.3; cat /sys/class/net/bond0/bonding/active_slave /sys/class/net/bond0/carrier';
  expect(netns.must(active)).toBe('eth1\n1\n');
  netns.must('ip link set p1 down');
  expect(netns.must(active)).toBe('eth2\n1\n');
  expect(changesIn(planIn(netns, tasks))).toEqual([]);
});

describe('a play on the machine itself', () => {
  const folder = makeFolder();
  afterAll(() => folder.remove());
  const play = (name: string, tasks: readonly Wish[]): string =>
    folder.write(`${name}.yml`, [{ name, hosts: 'all', tasks }]);

  test('does what its check foretold, a second run changes nothing, and packets go by the bond', async () => {
    const { vm } = lab;
    const make = play('bond', [
      {
        bond: { name: 'bond0', mode: 'active-backup', miimon: 100, ports: ['eth1', 'eth2'], primary: 'eth1' },
      },
      { address: { address: '10.9.1.15/24', dev: 'bond0' } },
      { route: { dst: '10.66.0.0/16', via: '10.9.1.2', dev: 'bond0' } },
    ]);
    const run = await settledRun(['-i', vm.inventory, make]);
    expect(changesByHost(run).vm?.map(({ address }) => address)).toContain('bond bond0 primary');
    expect(await vm.must('ping -n -c 1 -W 5 10.9.1.2')).toContain(' 0% packet loss');

    const change = play('change', [{ bond: { name: 'bond0', mode: 'balance-alb', miimon: 50 } }]);
    const { run: changed } = await foretoldRun(['-i', vm.inventory, change]);
    expect(changed.code).toBe(0);
    expect(await vm.must('ip route show 10.66.0.0/16')).toContain('dev bond0');

    const remove = play('remove', [{ bond: { name: 'bond0', state: 'absent' } }]);
    expect((await runJson(['-i', vm.inventory, remove])).code).toBe(0);
    expect(await vm.must('ls /sys/class/net')).not.toContain('bond0');
  });
});
