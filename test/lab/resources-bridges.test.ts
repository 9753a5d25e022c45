/** Bridges, their ports and forwarding tables on the real kernel: made, found again, changed in place, undone. */
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
import { createNetns, type Netns } from '../support/netns.js';
import { type Case, DUMP, HOST, roundTrips } from '../support/round-trips.js';

let netns: Netns;
beforeEach(async () => {
  netns = await createNetns();
  netns.must(HOST);
});
afterEach(() => netns.close());

const roundTrip = (cases: readonly Case[]): void => roundTrips(() => netns, cases);

/** Every setting of a bridge that this kernel has, otherwise than a new one has it. */
const OPTIONS = {
  stp: true,
  forward_delay: 4,
  hello_time: 3,
  max_age: 12,
  ageing_time: 60.5,
  priority: 4096,
  group_fwd_mask: 65_528,
  group_address: '01-80-C2-00-00-0F',
  no_linklocal_learn: true,
  multicast_snooping: false,
  mcast_router: 2,
  mcast_querier: true,
  mcast_query_use_ifaddr: true,
  mcast_hash_max: 512,
  mcast_last_member_count: 3,
  mcast_last_member_interval: 2,
  mcast_startup_query_count: 4,
  mcast_startup_query_interval: 5,
  mcast_membership_interval: 70,
  mcast_querier_interval: 80,
  mcast_query_interval: 30,
  mcast_query_response_interval: 6,
  mcast_stats_enabled: true,
  mcast_igmp_version: 3,
  mcast_mld_version: 2,
  nf_call_iptables: true,
  nf_call_ip6tables: true,
  nf_call_arptables: true,
} as const;

/** `priority: 32768 → 4096`, as each change is shown. */
const OPTION_CHANGES: Readonly<Record<string, string>> = {
  forward_delay: '15 → 4',
  hello_time: '2 → 3',
  max_age: '20 → 12',
  ageing_time: '300 → 60.5',
  priority: '32768 → 4096',
  group_fwd_mask: '0 → 65528',
  group_address: '01:80:c2:00:00:00 → 01:80:c2:00:00:0f',
  no_linklocal_learn: 'off → on',
  multicast_snooping: 'on → off',
  mcast_router: '1 → 2',
  mcast_querier: 'off → on',
  mcast_query_use_ifaddr: 'off → on',
  mcast_hash_max: '4096 → 512',
  mcast_last_member_count: '2 → 3',
  mcast_startup_query_count: '2 → 4',
  mcast_last_member_interval: '1 → 2',
  mcast_membership_interval: '260 → 70',
  mcast_querier_interval: '255 → 80',
  mcast_query_interval: '125 → 30',
  mcast_query_response_interval: '10 → 6',
  // This kernel counts 250 ticks a second.
  mcast_startup_query_interval: '31.24 → 5',
  mcast_stats_enabled: 'off → on',
  mcast_igmp_version: '2 → 3',
  mcast_mld_version: '1 → 2',
  nf_call_iptables: 'off → on',
  nf_call_ip6tables: 'off → on',
  nf_call_arptables: 'off → on',
  stp: 'off → on',
};

/** Every setting of a port, otherwise than a new one has it. */
const PORT = {
  cost: 77,
  priority: 5,
  hairpin: true,
  guard: true,
  root_block: true,
  fastleave: false,
  learning: false,
  flood: false,
  proxy_arp: true,
  proxy_arp_wifi: true,
  mcast_router: 2,
  mcast_flood: false,
  bcast_flood: false,
  mcast_to_unicast: true,
  neigh_suppress: true,
  vlan_tunnel: true,
  group_fwd_mask: 16,
  isolated: true,
  locked: true,
  backup_port: 'eth2',
} as const;

const PORT_CHANGES = [
  'cost: 2 → 77',
  'priority: 32 → 5',
  'hairpin: off → on',
  'guard: off → on',
  'root_block: off → on',
  'learning: on → off',
  'flood: on → off',
  'proxy_arp: off → on',
  'proxy_arp_wifi: off → on',
  'mcast_router: 1 → 2',
  'mcast_flood: on → off',
  'bcast_flood: on → off',
  'mcast_to_unicast: off → on',
  'neigh_suppress: off → on',
  'vlan_tunnel: off → on',
  'group_fwd_mask: 0 → 16',
  'isolated: off → on',
  'locked: off → on',
  'backup_port: absent → eth2',
].map((change) => `bridge_port eth1 ${change}`);

const BRIDGE = `ip link add br0 address 52:54:00:00:00:aa type bridge; ip link set br0 up
ip link set eth1 master br0; ip link set eth2 master br0`;
/** What a bridge knows of a port. */
const KNOWN = `ip link set eth1 type bridge_slave cost 77 priority 5 hairpin on guard on isolated on learning off mcast_router 2 backup_port eth2
bridge fdb add 02:00:00:00:00:99 dev eth1 master static
bridge fdb add 02:00:00:00:00:98 dev eth1 master static sticky
bridge fdb add 02:00:00:00:00:97 dev eth1 master permanent
bridge fdb add 02:00:00:00:00:96 dev eth1 master extern_learn
bridge fdb add 02:00:00:00:00:95 dev eth1 self
bridge fdb add 02:00:00:00:00:94 dev br0 self`;

describe('bridge', () => {
  roundTrip([
    {
      name: 'is made with all that a bridge has',
      tasks: [{ bridge: { name: 'br0', mac: '52:54:00:00:00:aa', ...OPTIONS } }],
      changes: [
        `bridge br0: absent → mac 52:54:00:00:00:aa ${Object.entries(OPTION_CHANGES)
          .map(([name, change]) => `${name} ${change.split(' → ')[1]}`)
          .join(' ')}`,
        'link br0 state: down → up',
      ],
      shows: {
        'cat /sys/class/net/br0/bridge/group_fwd_mask /sys/class/net/br0/bridge/multicast_query_interval':
          '0xfff8\n3000\n',
      },
    },
    {
      name: 'all of that changes in place',
      before: `${BRIDGE}; ip addr add 10.5.0.1/24 dev br0`,
      tasks: [{ bridge: { name: 'br0', ...OPTIONS } }],
      changes: Object.entries(OPTION_CHANGES).map(([name, change]) => `bridge br0 ${name}: ${change}`),
      shows: { 'ip addr show br0': '10.5.0.1/24' },
    },
    {
      name: 'goes, and its undo brings back every setting, its ports with theirs, and its table',
      before: `${BRIDGE}; ${KNOWN}; ip link set br0 type bridge stp_state 1 forward_delay 400 group_fwd_mask 8 mcast_querier 1 mcast_igmp_version 3 nf_call_iptables 1 mcast_query_interval 3000
ip addr add 10.5.0.1/24 dev br0; ip route add 10.6.0.0/16 via 10.5.0.2`,
      tasks: [{ bridge: { name: 'br0', state: 'absent' } }],
      changes: ['bridge br0: ports eth1, eth2 → absent'],
    },
    {
      name: 'goes, and its undo numbers the ports as they were',
      before: `${BRIDGE}; for d in eth1 eth2; do ip link set $d nomaster; done; for d in eth2 eth1; do ip link set $d master br0; done`,
      tasks: [{ bridge: { name: 'br0', state: 'absent' } }],
      changes: ['bridge br0: ports eth2, eth1 → absent'],
    },
    {
      name: 'pitfall 38: seconds, of which a kernel of 250 ticks keeps no odd hundredth',
      before: BRIDGE,
      tasks: [{ bridge: { name: 'br0', mcast_startup_query_interval: 20.01, forward_delay: 3 } }],
      changes: ['bridge br0 forward_delay: 15 → 3', 'bridge br0 mcast_startup_query_interval: 31.24 → 20.01'],
      shows: { 'brctl showstp br0': 'bridge forward delay\t   3.00' },
    },
    {
      name: 'a surplus port leaves, and comes back with what the bridge knew of it',
      before: `${BRIDGE}; ${KNOWN}`,
      tasks: [{ bridge: { name: 'br0', ports: ['eth2'], exclusive: true } }],
      changes: ['link eth1 master: br0 → absent'],
    },
  ]);

  test('what the kernel does not have may be asked to be off, and nothing else', () => {
    netns.must(BRIDGE);
    const off: Wish = { bridge: { name: 'br0', vlan_filtering: false, vlan_default_pvid: 1 } };
    expect(changesIn(planIn(netns, [off]))).toEqual([]);
    const on = planIn(netns, [{ bridge: { name: 'br0', vlan_filtering: true } }]);
    expect([problemsIn(on), changesIn(on)]).toEqual([
      [expect.stringContaining('bridges of this host have no vlan_filtering')],
      [],
    ]);
  });
});

describe('bridge_port', () => {
  roundTrip([
    {
      name: 'every setting changes in place',
      before: BRIDGE,
      tasks: [{ bridge_port: { dev: 'eth1', ...PORT } }],
      changes: PORT_CHANGES,
      shows: { 'cat /sys/class/net/eth1/brport/path_cost': '77' },
    },
    {
      name: 'joins a bridge of the same play, with settings',
      tasks: [
        { bridge: { name: 'br0' } },
        { bridge_port: { dev: 'eth1', bridge: 'br0', isolated: true, learning: true, cost: 5 } },
      ],
      changes: [
        expect.stringMatching(/^bridge br0: absent → mac 02:/) as unknown as string,
        'link br0 state: down → up',
        'link eth1 master: absent → br0',
        'bridge_port eth1 cost: absent → 5',
        'bridge_port eth1 isolated: off → on',
      ],
    },
    {
      name: 'what is not said stays, and null takes the backup away',
      before: `${BRIDGE}; ${KNOWN}`,
      tasks: [
        {
          bridge_port: {
            dev: 'eth1',
            bridge: 'br0',
            hairpin: false,
            mcast_fast_leave: true,
            backup_port: null,
          },
        },
      ],
      changes: [
        'bridge_port eth1 hairpin: on → off',
        'bridge_port eth1 fastleave: off → on',
        'bridge_port eth1 backup_port: eth2 → absent',
      ],
    },
    {
      name: 'leaves, and comes back with its settings and entries',
      before: `${BRIDGE}; ${KNOWN}`,
      tasks: [{ bridge_port: { dev: 'eth1', state: 'absent' } }],
      changes: ['link eth1 master: br0 → absent'],
      shows: { 'bridge fdb show; echo': '\n' },
    },
    {
      name: 'absent where it is in no bridge, or in another',
      before: BRIDGE,
      tasks: [
        { bridge_port: { dev: 'eth0', state: 'absent' } },
        { bridge_port: { dev: 'eth1', bridge: 'br7', state: 'absent' } },
      ],
      changes: [],
    },
    {
      name: 'link: master null loses as much, and its undo knows it',
      before: `${BRIDGE}; ${KNOWN}`,
      tasks: [{ link: { name: 'eth1', master: null } }],
      changes: ['link eth1 master: br0 → absent'],
    },
    {
      name: 'a tap that is made anew keeps what its bridge knew of it',
      before: `${BRIDGE}; ip tuntap add dev tap0 mode tap user 1000
ip link set dev tap0 address fe:54:00:00:00:09 master br0; ip link set tap0 up
ip link set tap0 type bridge_slave isolated on cost 55; bridge fdb add 02:00:00:00:00:77 dev tap0 master static`,
      tasks: [
        { tap: { name: 'tap0', owner: 1 } },
        { bridge_port: { dev: 'tap0', isolated: true, cost: 55 } },
      ],
      changes: ['tap tap0: mode tap owner 1000 → mode tap owner 1'],
      shows: { 'bridge fdb show dev tap0': '02:00:00:00:00:77' },
    },
    {
      name: 'a tap goes, and comes back with what its bridge knew of it',
      before: `${BRIDGE}; ip tuntap add dev tap0 mode tap
ip link set dev tap0 address fe:54:00:00:00:09 master br0; ip link set tap0 up
ip link set tap0 type bridge_slave isolated on; bridge fdb add 02:00:00:00:00:77 dev tap0 master static`,
      tasks: [{ tap: { name: 'tap0', state: 'absent' } }],
      changes: ['tap tap0: mode tap → absent'],
    },
  ]);

  test.each<[string, Wish, string, string?]>([
    ['a device that is not there', { dev: 'eth7', cost: 1 }, 'no device eth7'],
    ['a bridge that is not there', { dev: 'eth1', bridge: 'br7' }, 'no device br7'],
    ['no port at all', { dev: 'eth0', cost: 1 }, 'eth0 is no port of a bridge'],
    ['pitfall 37: a port of another bridge', { dev: 'eth1', bridge: 'br1' }, 'would take it from there'],
    ['a cost of 0', { dev: 'eth1', cost: 0 }, 'cost takes 1 to 65535'],
    ['pause frames', { dev: 'eth1', group_fwd_mask: 6 }, 'never hands on'],
    [
      'two words that contradict each other',
      { dev: 'eth1', fastleave: true, mcast_fast_leave: false },
      'are one setting',
    ],
    ['a backup of elsewhere', { dev: 'eth1', backup_port: 'eth0' }, 'eth0 is no port of br0'],
    ['VLANs without a kernel for them', { dev: 'eth1', vlans: [{ vid: 5 }] }, 'have no VLANs'],
  ])('is refused: %s', (_, params, message) => {
    netns.must(`${BRIDGE}; ip link add br1 type bridge`);
    const plans = planIn(netns, [{ bridge_port: params }]);
    expect(problemsIn(plans).join()).toContain(message);
    expect(changesIn(plans)).toEqual([]);
  });
});

describe('fdb', () => {
  roundTrip([
    {
      name: 'entries of a port, of the bridge and of a device',
      before: BRIDGE,
      tasks: [
        { fdb: { lladdr: '02-00-00-00-00-99', dev: 'eth1' } },
        { fdb: { lladdr: '02:00:00:00:00:98', dev: 'eth1', sticky: true } },
        { fdb: { lladdr: '02:00:00:00:00:97', dev: 'eth2', nud: 'permanent' } },
        { fdb: { lladdr: '02:00:00:00:00:96', dev: 'eth2', extern_learn: true } },
        { fdb: { lladdr: '02:00:00:00:00:95', dev: 'eth1', self: true } },
        { fdb: { lladdr: '02:00:00:00:00:94', dev: 'eth0' } },
        { fdb: { lladdr: '02:00:00:00:00:93', dev: 'br0' } },
      ],
      changes: [
        'fdb 02:00:00:00:00:99 dev eth1: absent → static',
        'fdb 02:00:00:00:00:98 dev eth1: absent → static sticky',
        'fdb 02:00:00:00:00:97 dev eth2: absent → permanent',
        'fdb 02:00:00:00:00:96 dev eth2: absent → extern_learn',
        'fdb 02:00:00:00:00:95 dev eth1 self: absent → permanent',
        'fdb 02:00:00:00:00:94 dev eth0 self: absent → permanent',
        'fdb 02:00:00:00:00:93 dev br0 self: absent → permanent',
      ],
    },
    {
      name: 'changes in place, and moves to another port',
      before: `${BRIDGE}; ${KNOWN}`,
      tasks: [
        { fdb: { lladdr: '02:00:00:00:00:99', dev: 'eth1', nud: 'permanent' } },
        { fdb: { lladdr: '02:00:00:00:00:97', dev: 'eth2' } },
      ],
      changes: [
        'fdb 02:00:00:00:00:99 dev eth1: static → permanent',
        'fdb 02:00:00:00:00:97 dev eth2: dev eth1 permanent → static',
      ],
    },
    {
      name: 'absent, and absent again',
      before: `${BRIDGE}; ${KNOWN}`,
      tasks: ['99', '98', '97', '96', '10'].map((end) => ({
        fdb: { lladdr: `02:00:00:00:00:${end}`, dev: 'eth1', state: 'absent' },
      })),
      changes: [
        'fdb 02:00:00:00:00:99 dev eth1: static → absent',
        'fdb 02:00:00:00:00:98 dev eth1: static sticky → absent',
        'fdb 02:00:00:00:00:97 dev eth1: permanent → absent',
        'fdb 02:00:00:00:00:96 dev eth1: extern_learn → absent',
      ],
    },
    {
      name: "a device's own",
      before: `${BRIDGE}; ${KNOWN}`,
      tasks: [{ fdb: { lladdr: '02:00:00:00:00:95', dev: 'eth1', self: true, state: 'absent' } }],
      changes: ['fdb 02:00:00:00:00:95 dev eth1 self: permanent → absent'],
    },
  ]);

  test.each<[string, Wish, string]>([
    ['a device that is not there', { lladdr: '02:00:00:00:00:01', dev: 'eth7' }, 'no device eth7'],
    ['a multicast address', { lladdr: '03:00:00:00:00:01', dev: 'eth1' }, 'multicast address'],
    ['the zero address', { lladdr: '00:00:00:00:00:00', dev: 'eth1' }, 'zero address'],
    ["the port's own address", { lladdr: '52:54:00:00:00:01', dev: 'eth1' }, 'is the MAC of eth1 itself'],
    [
      'another end without VXLAN',
      { lladdr: '02:00:00:00:00:01', dev: 'eth1', dst: '192.0.2.1' },
      'no VXLAN device',
    ],
    ['no port', { lladdr: '02:00:00:00:00:01', dev: 'eth0', self: false }, 'no port of a bridge'],
    [
      'sticky and permanent',
      { lladdr: '02:00:00:00:00:01', dev: 'eth1', nud: 'permanent', sticky: true },
      'sticky is for',
    ],
  ])('is refused: %s', (_, params, message) => {
    netns.must(BRIDGE);
    const plans = planIn(netns, [{ fdb: params }]);
    expect(problemsIn(plans).join()).toContain(message);
    expect(changesIn(plans)).toEqual([]);
  });

  test('a play that sets an entry and loses it in a later task is refused', () => {
    netns.must(BRIDGE);
    const plans = planIn(netns, [
      { fdb: { lladdr: '02:00:00:00:00:99', dev: 'eth1' } },
      { link: { name: 'eth1', master: null } },
    ]);
    expect(problemsIn(plans).join()).toMatch(/eth1|later task/);
  });

  test('what the kernel learns and makes is nobody’s entry', () => {
    netns.must(`${BRIDGE}; ip addr add 10.5.0.1/24 dev br0; ping -c 1 -W 1 10.5.0.2 >/dev/null || true
bridge fdb add 02:00:00:00:00:93 dev eth1 master dynamic`);
    const { before } = planIn(netns, [
      { fdb: { lladdr: '02:00:00:00:00:99', dev: 'eth1', state: 'absent' } },
    ]);
    expect(before.fdb).toEqual([]);
  });
});

test('pitfall 37: from one bridge to another, said aloud, and all the way back', () => {
  netns.must(`${BRIDGE}; ${KNOWN}; ip link add br1 address 52:54:00:00:00:bb type bridge
# A bridge learns from its first port what sizes it may cut up, and forgets no more.
ip link set eth0 master br1; ip link set eth0 nomaster`);
  const before = netns.must(DUMP);
  const plan = planIn(netns, [
    { link: { name: 'eth1', master: null } },
    { bridge_port: { dev: 'eth1', bridge: 'br1', cost: 3 } },
  ]);
  expect(changesIn(plan)).toEqual([
    'link eth1 master: br0 → absent',
    'link eth1 master: absent → br1',
    'bridge_port eth1 cost: absent → 3',
  ]);
  expect(applyIn(netns, stepsOf(plan))).toEqual([]);
  expect(netns.must('cat /sys/class/net/eth1/brport/path_cost /sys/class/net/eth1/brport/hairpin_mode')).toBe(
    '3\n0\n',
  );
  expect(applyIn(netns, undoOf(plan))).toEqual([]);
  expect(netns.must(DUMP)).toBe(before);
});

test('a transaction is taken back from its journal, settings and entries with it', () => {
  netns.must(`${BRIDGE}; ${KNOWN}`);
  const before = netns.must(DUMP);
  const plan = planIn(netns, [
    { link: { name: 'eth1', master: null } },
    { bridge_port: { dev: 'eth2', isolated: true } },
    { fdb: { lladdr: '02:00:00:00:00:55', dev: 'eth2' } },
  ]);
  expect(applyIn(netns, stepsOf(plan))).toEqual([]);
  const back = planBackIn(netns, plan);
  expect(back.problems ?? []).toEqual([]);
  expect(
    applyIn(
      netns,
      back.changes.flatMap((change) => change.do),
    ),
  ).toEqual([]);
  expect(netns.must(DUMP)).toBe(before);
  expect(undoOf(plan).length).toBeGreaterThan(0);
});
