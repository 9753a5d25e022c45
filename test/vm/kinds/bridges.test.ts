/** VLANs of bridges and ports, and VXLAN's entries: on a kernel that has them. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { FdbEntry } from '../../../src/snapshot/bridge.js';
import {
  applyIn,
  changesIn,
  planBackIn,
  planIn,
  problemsIn,
  stepsOf,
  type Wish,
} from '../../support/apply.js';
import type { Netns } from '../../support/netns.js';
import { type Case, DUMP, HOST, roundTrips } from '../../support/round-trips.js';
import { sampleCases } from '../../support/sample.js';
import { startVmLab, type VmLab } from '../../support/vm-netns.js';

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

const roundTrip = (cases: readonly Case[]): void => roundTrips(() => netns, cases);

const BRIDGE = `ip link add br0 address 52:54:00:00:00:aa type bridge vlan_filtering 1; ip link set br0 up
ip link set eth1 master br0; ip link set eth2 master br0`;
/** A port without VLAN 1, with one of its own for what has no tag, and an entry of it. */
const KNOWN = `bridge vlan add dev eth1 vid 5 pvid untagged; bridge vlan del dev eth1 vid 1
bridge vlan add dev eth1 vid 20-30; bridge vlan add dev br0 vid 20 self
bridge fdb add 02:00:00:00:00:99 dev eth1 master static vlan 20
ip link set eth1 type bridge_slave isolated on`;
const shown = (dev: string): string =>
  `bridge -compressvlans vlan show dev ${dev} | tail -n +2 | tr -s ' \\t' ' '`;

describe('bridge', () => {
  roundTrip([
    {
      name: 'is made to look at VLANs, with another default and some of its own',
      tasks: [
        {
          bridge: {
            name: 'br0',
            mac: '52:54:00:00:00:aa',
            ports: ['eth1'],
            vlan_filtering: true,
            vlan_protocol: '802.1ad',
            vlan_default_pvid: 7,
            vlan_stats_enabled: true,
            mcast_vlan_snooping: true,
            vlans: [{ vid: '20-22' }, { vid: 30, untagged: true }],
          },
        },
      ],
      changes: [
        'bridge br0: absent → mac 52:54:00:00:00:aa vlan_protocol 802.1ad vlan_default_pvid 7 vlan_filtering on vlan_stats_enabled on mcast_vlan_snooping on',
        'bridge br0 vlan 20-22: absent → tagged',
        'bridge br0 vlan 30: absent → untagged',
        'link eth1 master: absent → br0',
        'link br0 state: down → up',
      ],
      shows: { [shown('eth1')]: 'eth1 7 PVID Egress Untagged', [shown('br0')]: '20-22' },
    },
    {
      name: 'all of that changes in place, and the default of its ports with it',
      before: `ip link add br0 address 52:54:00:00:00:aa type bridge; ip link set br0 up
ip link set eth1 master br0; ip link set eth2 master br0; bridge vlan add dev eth2 vid 9 pvid untagged`,
      tasks: [
        {
          bridge: {
            name: 'br0',
            vlan_filtering: true,
            vlan_protocol: '802.1ad',
            vlan_default_pvid: 7,
            vlan_stats_enabled: true,
            mcast_vlan_snooping: true,
          },
        },
        {
          bridge_port: {
            dev: 'eth1',
            vlans: [{ vid: 7, pvid: true, untagged: true }],
            exclusive_vlans: true,
          },
        },
      ],
      changes: [
        'bridge br0 vlan_protocol: 802.1Q → 802.1ad',
        'bridge br0 vlan_default_pvid: 1 → 7',
        'bridge br0 vlan_filtering: off → on',
        'bridge br0 vlan_stats_enabled: off → on',
        'bridge br0 mcast_vlan_snooping: off → on',
      ],
    },
    {
      name: 'another default while it looks at VLANs, and none at all',
      before: BRIDGE,
      tasks: [{ bridge: { name: 'br0', vlan_default_pvid: 0, vlans: [], exclusive_vlans: true } }],
      changes: ['bridge br0 vlan_default_pvid: 1 → 0'],
      shows: { [`${shown('eth1')}; echo .`]: '.' },
    },
    {
      name: 'goes, and comes back with all VLANs of its own and its ports',
      before: `${BRIDGE}; ${KNOWN}; bridge vlan add dev br0 vid 40 self untagged`,
      tasks: [{ bridge: { name: 'br0', state: 'absent' } }],
      changes: ['bridge br0: ports eth1, eth2 → absent'],
    },
  ]);
});

describe('bridge_port', () => {
  roundTrip([
    {
      name: 'VLANs beside those that are there, a range as one, and the pvid moves',
      before: BRIDGE,
      tasks: [
        {
          bridge_port: {
            dev: 'eth1',
            vlans: [{ vid: '20-30' }, { vid: 10, pvid: true, untagged: true }, { vid: 35 }],
          },
        },
      ],
      changes: [
        'bridge_port eth1 vlan 20-30,35: absent → tagged',
        'bridge_port eth1 vlan 10: absent → pvid untagged',
      ],
      shows: { [shown('eth1')]: 'eth1 1 Egress Untagged\n 10 PVID Egress Untagged\n 20-30\n 35' },
    },
    {
      name: 'exactly these VLANs',
      before: `${BRIDGE}; ${KNOWN}`,
      tasks: [
        {
          bridge_port: {
            dev: 'eth1',
            vlans: [{ vid: '20-25', untagged: true }, { vid: 5 }],
            exclusive_vlans: true,
          },
        },
      ],
      changes: [
        'bridge_port eth1 vlan 20-25: tagged → untagged',
        'bridge_port eth1 vlan 26-30: tagged → absent',
      ],
      shows: { [shown('eth1')]: 'eth1 5 PVID Egress Untagged\n 20-25 Egress Untagged' },
    },
    {
      name: 'flags that are said are changed, VLANs that are said to be absent go, and absent ones stay so',
      before: `${BRIDGE}; ${KNOWN}`,
      tasks: [
        {
          bridge_port: {
            dev: 'eth1',
            vlans: [
              { vid: 5, pvid: false },
              { vid: '21-22', state: 'absent' },
              { vid: 99, state: 'absent' },
            ],
          },
        },
      ],
      changes: [
        'bridge_port eth1 vlan 5: pvid untagged → untagged',
        'bridge_port eth1 vlan 21-22: tagged → absent',
      ],
    },
    {
      name: 'a port that joins gets its VLANs in the same play',
      before: `${BRIDGE}; ip link set eth1 nomaster`,
      tasks: [
        {
          bridge_port: {
            dev: 'eth1',
            bridge: 'br0',
            vlans: [{ vid: 10, pvid: true, untagged: true }],
            exclusive_vlans: true,
          },
        },
      ],
      changes: [
        'link eth1 master: absent → br0',
        'bridge_port eth1 vlan 10: absent → pvid untagged',
        'bridge_port eth1 vlan 1: pvid untagged → absent',
      ],
    },
    {
      name: 'leaves, and comes back with its VLANs and their entries',
      before: `${BRIDGE}; ${KNOWN}`,
      tasks: [{ link: { name: 'eth1', master: null } }],
      changes: ['link eth1 master: br0 → absent'],
    },
  ]);

  test.each<[string, Wish, string]>([
    [
      'two pvids',
      {
        dev: 'eth1',
        vlans: [
          { vid: 5, pvid: true },
          { vid: 6, pvid: true },
        ],
      },
      'one VLAN alone can be the pvid',
    ],
    [
      'a range as pvid',
      { dev: 'eth1', vlans: [{ vid: '5-6', pvid: true }] },
      "a range of VLANs can't be the pvid",
    ],
    ['a VLAN twice', { dev: 'eth1', vlans: [{ vid: '5-9' }, { vid: 7 }] }, 'VLAN 7 stands here twice'],
    ['nothing to be exclusive of', { dev: 'eth1', exclusive_vlans: true }, 'exclusive_vlans needs vlans'],
  ])('is refused: %s', (_, params, message) => {
    netns.must(BRIDGE);
    const plans = planIn(netns, [{ bridge_port: params }]);
    expect(problemsIn(plans).join()).toContain(message);
    expect(changesIn(plans)).toEqual([]);
  });

  test('what passes is what was asked for: tagged frames of one VLAN, and none of another', () => {
    netns.must(`${BRIDGE}
for n in 1 2; do for v in 20 40; do ip link add link p$n name p$n.$v type vlan id $v; ip link set p$n.$v up; done; done
for n in 1 2; do for v in 20 40; do ip link add v$n$v type vrf table $n$v; ip link set v$n$v up; ip link set p$n.$v master v$n$v; ip addr add 10.$v.0.$n/24 dev p$n.$v; done; done`);
    const passes = (vid: number): boolean =>
      netns.exec(`ip vrf exec v1${vid} true 2>/dev/null; ping -I v1${vid} -c 2 -W 2 10.${vid}.0.2 >/dev/null`)
        .code === 0;
    expect([passes(20), passes(40)]).toEqual([false, false]);
    const tasks = ['eth1', 'eth2'].map((dev) => ({ bridge_port: { dev, vlans: [{ vid: '10-30' }] } }));
    expect(applyIn(netns, stepsOf(planIn(netns, tasks)))).toEqual([]);
    expect([passes(20), passes(40)]).toEqual([true, false]);
  });
});

describe('fdb', () => {
  const VXLAN = `ip link add vx0 type vxlan id 5 remote 192.168.1.9 dstport 4789 dev eth0; ip link set vx0 up
ip link add vx1 type vxlan id 6 dstport 4790; ip link set vx1 up`;
  roundTrip([
    {
      name: 'an entry of a VLAN, in a bridge that knows the same MAC in another',
      before: `${BRIDGE}; ${KNOWN}; bridge vlan add dev eth2 vid 20`,
      tasks: [
        { fdb: { lladdr: '02:00:00:00:00:99', dev: 'eth2' } },
        { fdb: { lladdr: '02:00:00:00:00:98', dev: 'eth2', vlan: 20, sticky: true } },
      ],
      changes: [
        // Without a VLAN it counts for each of the port's: the one that eth1 had of VLAN 20 moves.
        'fdb 02:00:00:00:00:99 dev eth2: dev eth1 static → static',
        'fdb 02:00:00:00:00:98 dev eth2 vlan 20: absent → static sticky',
      ],
    },
    {
      name: 'without a VLAN, those of all of the port come and go, and come back',
      before: `${BRIDGE}; ${KNOWN}; bridge fdb add 02:00:00:00:00:97 dev eth2 master static sticky
bridge fdb add 02:00:00:00:00:96 dev eth1 master static vlan 21; bridge vlan add dev eth2 vid 44`,
      tasks: [
        { fdb: { lladdr: '02:00:00:00:00:97', dev: 'eth2', state: 'absent' } },
        { fdb: { lladdr: '02:00:00:00:00:96', dev: 'eth1', sticky: true } },
        { fdb: { lladdr: '02:00:00:00:00:99', dev: 'eth1', state: 'absent' } },
      ],
      changes: [
        'fdb 02:00:00:00:00:97 dev eth2: static sticky → absent',
        'fdb 02:00:00:00:00:96 dev eth1: absent → static sticky',
        'fdb 02:00:00:00:00:99 dev eth1: static → absent',
      ],
    },
    {
      name: 'a port leaves with such entries, and comes back with them and no others',
      before: `${BRIDGE}; ${KNOWN}; bridge fdb add 02:00:00:00:00:97 dev eth1 master static
bridge fdb add 02:00:00:00:00:96 dev eth1 master permanent; bridge vlan add dev eth1 vid 44`,
      tasks: [{ bridge_port: { dev: 'eth1', state: 'absent' } }],
      changes: ['link eth1 master: br0 → absent'],
    },
    {
      name: 'other ends of VXLAN: one of a MAC, several of all',
      before: VXLAN,
      tasks: [
        { fdb: { lladdr: '02:00:00:00:00:99', dev: 'vx1', dst: '192.168.1.7' } },
        {
          fdb: {
            lladdr: '02:00:00:00:00:98',
            dev: 'vx1',
            dst: '192.168.1.8',
            port: 8472,
            vni: 77,
            via: 'eth0',
          },
        },
        { fdb: { lladdr: '00:00:00:00:00:00', dev: 'vx1', dst: '192.168.1.7' } },
        { fdb: { lladdr: '00:00:00:00:00:00', dev: 'vx1', dst: '192.168.1.8' } },
        { fdb: { lladdr: '00:00:00:00:00:00', dev: 'vx0', dst: '192.168.1.8' } },
      ],
      changes: [
        'fdb 02:00:00:00:00:99 dev vx1 self: absent → dst 192.168.1.7 permanent',
        'fdb 02:00:00:00:00:98 dev vx1 self: absent → dst 192.168.1.8 port 8472 vni 77 via eth0 permanent',
        'fdb 00:00:00:00:00:00 dev vx1 dst 192.168.1.7 self: absent → dst 192.168.1.7 permanent',
        'fdb 00:00:00:00:00:00 dev vx1 dst 192.168.1.8 self: absent → dst 192.168.1.8 permanent',
        'fdb 00:00:00:00:00:00 dev vx0 dst 192.168.1.8 self: absent → dst 192.168.1.8 permanent',
      ],
    },
    {
      name: 'another other end in place, and one of several goes',
      before: `${VXLAN}; bridge fdb add 02:00:00:00:00:99 dev vx1 dst 192.168.1.7
for n in 7 8 9; do bridge fdb append 00:00:00:00:00:00 dev vx1 dst 192.168.1.$n; done`,
      tasks: [
        { fdb: { lladdr: '02:00:00:00:00:99', dev: 'vx1', dst: '192.168.1.8' } },
        { fdb: { lladdr: '00:00:00:00:00:00', dev: 'vx1', dst: '192.168.1.8', state: 'absent' } },
      ],
      changes: [
        'fdb 02:00:00:00:00:99 dev vx1 self: dst 192.168.1.7 permanent → dst 192.168.1.8 permanent',
        'fdb 00:00:00:00:00:00 dev vx1 dst 192.168.1.8 self: dst 192.168.1.8 permanent → absent',
      ],
    },
  ]);

  test('the end that a VXLAN device was made with is not an entry that somebody set', () => {
    netns.must(VXLAN);
    const { before } = planIn(netns, [{ fdb: { lladdr: '02:00:00:00:00:99', dev: 'vx0', state: 'absent' } }]);
    expect(before.fdb).toEqual([]);
  });
});

type Json = Readonly<Record<string, unknown>>;

test('text and JSON tell the same VLANs and entries', () => {
  netns.must(`${BRIDGE}; ${KNOWN}; ip link add vx1 type vxlan id 6 dstport 4790
bridge fdb add 02:00:00:00:00:98 dev vx1 dst 192.168.1.8 port 8472 vni 77 via eth0`);
  const { before } = planIn(netns, [{ bridge_port: { dev: 'eth1', vlans: [] } }]);
  const vlans = (JSON.parse(netns.must('bridge -j vlan show')) as Json[]).flatMap((port) =>
    (port.vlans as Json[]).map((vlan) => {
      const flags = (vlan.flags as string[] | undefined) ?? [];
      return {
        ...{ dev: port.ifname, vid: vlan.vlan },
        ...{ pvid: flags.includes('PVID'), untagged: flags.includes('Egress Untagged') },
      };
    }),
  );
  expect(before.bridgeVlans).toEqual(vlans);
  expect(vlans).toHaveLength(15);
  const entries = (JSON.parse(netns.must('bridge -j fdb show')) as Json[])
    .filter(({ mac }) => String(mac).startsWith('02:00:00:00:00:9'))
    .map(
      (json): FdbEntry => ({
        lladdr: String(json.mac),
        dev: String(json.ifname),
        self: (json.flags as string[]).includes('self'),
        vlan: json.vlan === undefined ? null : Number(json.vlan),
        nud: json.state as 'static',
        flags: [],
        dst: (json.dst as string | undefined) ?? null,
        port: json.port === undefined ? null : Number(json.port),
        vni: json.vni === undefined ? null : Number(json.vni),
        via: (json.viaIf as string | undefined) ?? null,
        srcVni: null,
      }),
    );
  expect(before.fdb).toEqual(entries);
  expect(entries).toHaveLength(2);
});

test('a transaction is taken back from its journal, VLANs and entries with it', () => {
  netns.must(`${BRIDGE}; ${KNOWN}`);
  const first = netns.must(DUMP);
  const plan = planIn(netns, [
    { link: { name: 'eth1', master: null } },
    { bridge_port: { dev: 'eth2', vlans: [{ vid: '50-60' }] } },
    { fdb: { lladdr: '02:00:00:00:00:55', dev: 'eth2', vlan: 50 } },
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
  expect(netns.must(DUMP)).toBe(first);
});
