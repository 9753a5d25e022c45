/** Kinds of qdiscs, classifiers and actions that the lab's kernel lacks, on a stock Debian kernel. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { planIn, problemsIn } from '../../support/apply.js';
import type { Netns } from '../../support/netns.js';
import { sampleCases } from '../../support/sample.js';
import { roundTrip, type TcCase } from '../../support/tc-cases.js';
import { startVmLab, type VmLab } from '../../support/vm-netns.js';

sampleCases(5);

let lab: VmLab;
let netns: Netns;
beforeAll(async () => {
  lab = await startVmLab();
});
beforeEach(() => {
  netns = lab.createNetns();
  netns.must(
    'ip link add eth0 type dummy; ip link add ifb-eth0 type ifb; ip link set eth0 up; ip link set ifb-eth0 up',
  );
  return () => netns.close();
});
afterAll(() => lab?.stop());

/** One short program for each listing: emulated processes are slow. */
const DUMP = `tc -d qdisc show dev eth0 | sed 's/refcnt [0-9]*//; s/direct_packets_stat [0-9]*//; s/flows 128/flows 127/; s/ seed [0-9]*//'
tc -d class show dev eth0 | sort
for p in 'parent 1:' ingress egress; do
  echo "$p"; tc filter show dev eth0 $p 2>/dev/null
done | sed 's/fh [0-9a-f]*:/fh :/; s/key ht [0-9a-f]* /key /; s/index [0-9]* //; s/police 0x[0-9a-f]*/police/; s/installed .*//'`;

const CLSACT = 'tc qdisc add dev eth0 clsact';
const HTB =
  'tc qdisc add dev eth0 root handle 1: htb; tc class add dev eth0 parent 1: classid 1:10 htb rate 10mbit; tc class add dev eth0 parent 1: classid 1:20 htb rate 10mbit';
const qdisc = (kind: string, options: object = {}) => ({ qdisc: { dev: 'eth0', kind, ...options } });
const inward = (options: object) => ({ filter: { dev: 'eth0', parent: 'ingress', prio: 1, ...options } });
const sorted = (options: object) => ({
  filter: { dev: 'eth0', parent: '1:', prio: 5, classid: '1:10', ...options },
});

const QDISCS: TcCase[] = [
  {
    name: 'fq_codel',
    tasks: [
      qdisc('fq_codel', {
        limit: 2000,
        flows: 512,
        target: '10ms',
        interval: '200ms',
        quantum: 3000,
        ecn: false,
        memory_limit: '16mb',
      }),
    ],
  },
  {
    name: 'fq_codel changes in place',
    before: 'tc qdisc add dev eth0 root handle 5: fq_codel',
    tasks: [qdisc('fq_codel', { limit: 2000, target: '10ms', ecn: false })],
  },
  {
    name: 'fq_codel with other flows is made anew',
    before: 'tc qdisc add dev eth0 root handle 5: fq_codel',
    tasks: [qdisc('fq_codel', { flows: 256 })],
  },
  {
    name: 'fq',
    tasks: [
      qdisc('fq', {
        limit: 5000,
        flow_limit: 50,
        quantum: 3000,
        initial_quantum: 20_000,
        maxrate: '10mbit',
        pacing: false,
      }),
    ],
  },
  {
    name: 'fq changes in place',
    before: 'tc qdisc add dev eth0 root handle 5: fq',
    tasks: [qdisc('fq', { limit: 5000, pacing: false })],
  },
  { name: 'sfq', tasks: [qdisc('sfq', { limit: 100, quantum: 3000, perturb: 10 })] },
  {
    name: 'sfq is made anew',
    before: 'tc qdisc add dev eth0 root handle 5: sfq',
    tasks: [qdisc('sfq', { perturb: 20, quantum: 3028 })],
  },
  {
    name: 'netem',
    tasks: [
      qdisc('netem', {
        limit: 500,
        delay: '100ms',
        jitter: '10ms',
        loss: '0.3%',
        duplicate: '1%',
        corrupt: '0.1%',
        rate: '5mbit',
      }),
    ],
  },
  {
    name: 'netem changes in place',
    before: 'tc qdisc add dev eth0 root handle 5: netem delay 50ms',
    tasks: [qdisc('netem', { delay: '80ms', loss: 1 })],
  },
];

const FILTERS: TcCase[] = [
  {
    name: 'a limit on what comes in',
    before: CLSACT,
    tasks: [inward({ action: { kind: 'police', rate: '20mbit', burst: '200k', mtu: '64k' } })],
  },
  {
    name: 'another limit',
    before: `${CLSACT}; tc filter add dev eth0 ingress protocol all prio 1 u32 match u32 0 0 action police rate 1mbit burst 100k conform-exceed drop`,
    tasks: [
      inward({ action: { kind: 'police', rate: '20mbit', burst: '200k', exceed: 'drop', conform: 'pipe' } }),
    ],
  },
  { name: 'drop', before: CLSACT, tasks: [inward({ match: { src: '10.9.0.0/16' }, action: 'drop' })] },
  { name: 'a mark', before: CLSACT, tasks: [inward({ action: [{ kind: 'skbedit', mark: 5 }, 'pass'] })] },
  {
    name: 'matchall',
    before: CLSACT,
    tasks: [inward({ kind: 'matchall', action: { kind: 'mirred', redirect: 'ifb-eth0' } })],
  },
  {
    name: 'matchall with another action',
    before: `${CLSACT}; tc filter add dev eth0 ingress protocol all prio 1 handle 0x1 matchall action drop`,
    tasks: [inward({ kind: 'matchall', action: 'pass' })],
  },
  { name: 'fw', before: HTB, tasks: [sorted({ kind: 'fw', handle: '0x5' })] },
  { name: 'fw with a mask', before: HTB, tasks: [sorted({ kind: 'fw', handle: '0x5/0xff' })] },
  {
    name: 'fw leads elsewhere',
    before: `${HTB}; tc filter add dev eth0 parent 1: protocol all prio 5 handle 5 fw classid 1:20`,
    tasks: [sorted({ kind: 'fw', handle: 5 })],
  },
  {
    name: 'flower',
    before: HTB,
    tasks: [
      sorted({
        kind: 'flower',
        match: {
          src: '10.2.0.0/16',
          dst: '10.3.0.1',
          protocol: 'tcp',
          sport: 1234,
          dport: 443,
          tos: '0x10/0xfc',
        },
      }),
    ],
  },
  {
    name: 'flower of IPv6',
    before: HTB,
    tasks: [sorted({ kind: 'flower', match: { dst: '2001:db8::/48', protocol: 'udp' } })],
  },
  {
    name: 'flower by MAC',
    before: HTB,
    tasks: [
      sorted({ kind: 'flower', match: { src_mac: '52:54:00:00:00:01', dst_mac: '52:54:00:00:00:02' } }),
    ],
  },
  {
    name: 'flower by VLAN',
    before: HTB,
    tasks: [sorted({ kind: 'flower', protocol: '802.1Q', match: { vlan_id: 5 } })],
  },
  {
    name: 'flower with another match under the same number',
    before: `${HTB}; tc filter add dev eth0 parent 1: protocol ip prio 5 handle 1 flower dst_ip 10.3.0.1 classid 1:20`,
    tasks: [sorted({ kind: 'flower', handle: 1, match: { dst: '10.3.0.2' } })],
  },
];

describe('qdiscs', () => test.each(QDISCS)('$name', (each) => roundTrip(netns, each, DUMP)));
describe('filters', () => test.each(FILTERS)('$name', (each) => roundTrip(netns, each, DUMP)));

test("a kind that this kernel's list of modules lacks is refused", () => {
  const lacking = planIn(netns, [qdisc('fq_codel')]).before.tc?.lacking ?? new Set();
  expect(
    ['sch_htb', 'sch_netem', 'act_police', 'cls_flower'].filter((module) => lacking.has(module)),
  ).toEqual([]);
});

test('police warns of packets that the NIC joins', () => {
  netns.must(CLSACT);
  const plan = planIn(netns, [inward({ action: { kind: 'police', rate: '20mbit', burst: '200k' } })]);
  expect(problemsIn(plan)).toEqual([]);
  expect(plan.tasks[0]?.warnings).toEqual([
    'police drops packets longer than its mtu (2k unless given), such as those that the NIC joined: give mtu: 64k',
  ]);
});
