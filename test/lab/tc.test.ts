/** Qdiscs, classes and filters on the real kernel: made, found again, changed in every parameter, undone. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { applyIn, changesIn, planBackIn, planIn, problemsIn, stepsOf } from '../support/apply.js';
import { createNetns, type Netns } from '../support/netns.js';
import { roundTrip, TC_DUMP, TC_HOST, type TcCase } from '../support/tc-cases.js';

let netns: Netns;
beforeEach(async () => {
  netns = await createNetns();
  netns.must(TC_HOST);
});
afterEach(() => netns.close());

const HTB = `tc qdisc add dev eth0 root handle 1: htb default 10
tc class add dev eth0 parent 1: classid 1:1 htb rate 100mbit
tc class add dev eth0 parent 1:1 classid 1:10 htb rate 80mbit ceil 100mbit burst 15k prio 2
tc class add dev eth0 parent 1:1 classid 1:20 htb rate 10mbit
tc qdisc add dev eth0 parent 1:10 handle 10: pfifo limit 33
tc filter add dev eth0 parent 1: protocol ip prio 1 u32 match ip src 10.2.0.1/32 flowid 1:10
tc filter add dev eth0 parent 1: protocol ip prio 1 u32 match ip dst 10.2.0.0/24 flowid 1:20`;
const TBF = 'tc qdisc add dev eth0 root handle 5: tbf rate 10mbit burst 32k latency 50ms';

const QDISCS: TcCase[] = [
  {
    name: 'a tbf is made',
    tasks: [{ qdisc: { dev: 'eth0', kind: 'tbf', rate: '10mbit', burst: '32k', latency: '50ms' } }],
    changes: ['qdisc eth0 root: absent → 8001: tbf rate 10mbit burst 32kb latency 50ms'],
    shows: { 'tc qdisc show dev eth0': 'tbf 8001: root refcnt 2 rate 10Mbit burst 32Kb lat 50ms' },
  },
  ...[
    { rate: '20mbit' },
    { burst: '64k' },
    { latency: '80ms' },
    { limit: 200_000 },
    { peakrate: '20mbit', mtu: 3000 },
    { mpu: 64 },
    { overhead: 24 },
    { linklayer: 'atm' },
    { rate: '12mbps' },
    { rate: 1_234_567 },
  ].map((given) => ({
    name: `a tbf changes in place: ${JSON.stringify(given)}`,
    before: TBF,
    tasks: [{ qdisc: { dev: 'eth0', kind: 'tbf', ...given } }],
  })),
  {
    name: 'a tbf with a limit in bytes',
    tasks: [{ qdisc: { dev: 'eth0', kind: 'tbf', rate: '1mbit', burst: 5000, limit: '20k' } }],
  },
  {
    name: 'a tbf that has got a peak rate loses it with the undo',
    before: `${TBF} peakrate 20mbit mtu 2000`,
    tasks: [{ qdisc: { dev: 'eth0', kind: 'tbf', peakrate: '40mbit', mtu: 4000 } }],
  },
  { name: 'an htb is made', tasks: [{ qdisc: { dev: 'eth0', kind: 'htb', handle: '1:', default: '10' } }] },
  {
    name: 'a number is a handle, and hexadecimal',
    tasks: [{ qdisc: { dev: 'eth0', kind: 'htb', handle: 10, default: 10 } }],
    shows: { 'tc qdisc show dev eth0': 'htb 10: root refcnt 2 r2q 10 default 0x10' },
  },
  {
    name: 'pitfall 39: an htb whose default changes comes back with its classes, filters and further qdiscs',
    before: HTB,
    tasks: [{ qdisc: { dev: 'eth0', kind: 'htb', handle: '1:', default: '20' } }],
    changes: [
      'qdisc eth0 root: 1: htb default 10 r2q 10 direct_qlen 1000 → 1: htb default 20 r2q 10 direct_qlen 1000',
    ],
    shows: {
      'tc class show dev eth0': 'class htb 1:10 parent 1:1 leaf 10:',
      'tc filter show dev eth0': 'flowid 1:20',
    },
  },
  { name: 'r2q', before: HTB, tasks: [{ qdisc: { dev: 'eth0', kind: 'htb', r2q: 20 } }] },
  { name: 'direct_qlen', before: HTB, tasks: [{ qdisc: { dev: 'eth0', kind: 'htb', direct_qlen: 500 } }] },
  {
    name: 'an htb is replaced by a tbf, and comes back with all that was on it',
    before: HTB,
    tasks: [{ qdisc: { dev: 'eth0', kind: 'tbf', rate: '10mbit', burst: '32k', latency: '50ms' } }],
  },
  {
    name: 'one of the same handle and another kind',
    before: HTB,
    tasks: [
      { qdisc: { dev: 'eth0', kind: 'tbf', handle: '1:', rate: '10mbit', burst: '32k', latency: '50ms' } },
    ],
  },
  {
    name: 'the root goes with all that is on it',
    before: HTB,
    tasks: [{ qdisc: { dev: 'eth0', state: 'absent' } }],
  },
  { name: 'a leaf goes', before: HTB, tasks: [{ qdisc: { dev: 'eth0', parent: '1:10', state: 'absent' } }] },
  {
    name: 'a leaf of pfifo',
    before: HTB,
    tasks: [{ qdisc: { dev: 'eth0', parent: '1:20', kind: 'pfifo', limit: 50 } }],
  },
  {
    name: 'a leaf of bfifo',
    before: HTB,
    tasks: [{ qdisc: { dev: 'eth0', parent: '1:20', kind: 'bfifo', limit: '50k' } }],
  },
  {
    name: "a leaf's limit changes in place",
    before: HTB,
    tasks: [{ qdisc: { dev: 'eth0', parent: '1:10', kind: 'pfifo', limit: 50 } }],
  },
  {
    name: 'ingress',
    tasks: [{ qdisc: { dev: 'eth0', kind: 'ingress' } }],
    changes: ['qdisc eth0 ingress: absent → ffff: ingress'],
  },
  { name: 'clsact', tasks: [{ qdisc: { dev: 'eth0', kind: 'clsact' } }] },
  {
    name: 'clsact takes the place of ingress, which comes back with its filter',
    before: `tc qdisc add dev eth0 ingress
tc filter add dev eth0 parent ffff: protocol all prio 1 u32 match u32 0 0 action mirred egress redirect dev ifb-eth0`,
    tasks: [{ qdisc: { dev: 'eth0', kind: 'clsact' } }],
  },
  {
    name: 'ingress goes',
    before: 'tc qdisc add dev eth0 ingress',
    tasks: [{ qdisc: { dev: 'eth0', parent: 'ingress', state: 'absent' } }],
  },
  { name: 'noqueue', tasks: [{ qdisc: { dev: 'eth0', kind: 'noqueue' } }] },
];

const CLASSES: TcCase[] = [
  {
    name: 'classes are made, one below another',
    before: 'tc qdisc add dev eth0 root handle 1: htb',
    tasks: [
      { class: { dev: 'eth0', classid: '1:1', rate: '100mbit' } },
      {
        class: {
          dev: 'eth0',
          classid: '1:10',
          parent: '1:1',
          rate: '80mbit',
          ceil: '100mbit',
          burst: '15k',
          cburst: 3000,
          prio: 1,
          quantum: 3000,
        },
      },
      { class: { dev: 'eth0', classid: '1:a', parent: '1:1', rate: '12mbps' } },
    ],
    shows: {
      'tc -d class show dev eth0':
        'class htb 1:10 parent 1:1 prio 1 quantum 3000 rate 80Mbit ceil 100Mbit linklayer ethernet burst 15Kb',
    },
  },
  ...[
    ...[
      { rate: '90mbit' },
      { rate: '90mbit', ceil: '95mbit' },
      { rate: '80mbit', burst: '30k' },
      { rate: '80mbit', cburst: '30k' },
    ],
    ...[
      { rate: '80mbit', prio: 0 },
      { rate: '80mbit', quantum: 5000 },
      { rate: '80mbit', mpu: 64 },
    ],
    ...[
      { rate: '80mbit', overhead: 24 },
      { rate: '80mbit', linklayer: 'atm' },
      { rate: '10gbit', ceil: '40gbit' },
    ],
  ].map((given) => ({
    name: `a class changes in place: ${JSON.stringify(given)}`,
    before: HTB,
    tasks: [{ class: { dev: 'eth0', classid: '1:10', ...given } }],
  })),
  {
    name: 'a class that is moved takes its qdisc and filters along',
    before: HTB,
    tasks: [{ class: { dev: 'eth0', classid: '1:10', parent: '1:', rate: '80mbit' } }],
    shows: {
      'tc class show dev eth0': 'class htb 1:10 root leaf 10:',
      'tc filter show dev eth0': 'flowid 1:10',
    },
  },
  {
    name: 'a leaf that gets a class below it loses its qdisc, and has it again with the undo',
    before: HTB,
    tasks: [
      { filter: { dev: 'eth0', parent: '1:', prio: 1, state: 'absent' } },
      { class: { dev: 'eth0', classid: '1:100', parent: '1:10', rate: '1mbit' } },
    ],
  },
  {
    name: 'a class goes with its qdisc, once no filter leads to it',
    before: HTB,
    tasks: [
      { filter: { dev: 'eth0', classid: '1:10', state: 'absent' } },
      { class: { dev: 'eth0', classid: '1:10', state: 'absent' } },
    ],
  },
];

const MIRRED = { kind: 'mirred', redirect: 'ifb-eth0' };
const INGRESS = `tc qdisc add dev eth0 ingress
tc filter add dev eth0 parent ffff: protocol all prio 1 u32 match u32 0 0 action mirred egress redirect dev ifb-eth0`;

const FILTERS: TcCase[] = [
  {
    name: 'a filter by everything that u32 has words for',
    before: HTB,
    tasks: [
      {
        filter: {
          ...{ dev: 'eth0', parent: '1:', prio: 5, classid: '1:20' },
          match: {
            src: '10.2.0.0/16',
            dst: '10.3.0.1',
            protocol: 'tcp',
            sport: 1234,
            dport: 80,
            tos: '0x10/0xfc',
          },
        },
      },
    ],
    shows: {
      'tc filter show dev eth0 parent 1: prio 5': `match 00100000/00fc0000 at 0
  match 00060000/00ff0000 at 8
  match 0a020000/ffff0000 at 12
  match 0a030001/ffffffff at 16
  match 04d20050/ffffffff at 20`,
    },
  },
  {
    name: 'IPv6',
    before: HTB,
    tasks: [
      {
        filter: {
          dev: 'eth0',
          parent: '1:',
          prio: 6,
          classid: '1:20',
          match: { src: '2001:db8::/44', dst: '2001:db8::1', protocol: 'udp', dport: 53, tos: '0x10' },
        },
      },
    ],
  },
  {
    name: 'raw bits, several in a prio, in one play',
    before: HTB,
    tasks: ['0x1', '0x2', '0x3'].map((value) => ({
      filter: {
        dev: 'eth0',
        parent: '1:',
        prio: 7,
        classid: '1:20',
        match: { u32: [{ value, mask: '0xff', at: 4 }] },
      },
    })),
  },
  {
    name: 'pitfall 40: a filter of ingress',
    before: 'tc qdisc add dev eth0 ingress',
    tasks: [{ filter: { dev: 'eth0', parent: 'ingress', prio: 1, action: MIRRED } }],
    changes: [
      'filter eth0 ingress prio 1 u32 ::800: absent → protocol all match u32 0x0 0x0 at 0 action mirred egress redirect dev ifb-eth0',
    ],
    shows: { 'tc filter show dev eth0 parent ffff:': 'mirred (Egress Redirect to device ifb-eth0) stolen' },
  },
  {
    name: 'filters of clsact, both ways',
    tasks: [
      { qdisc: { dev: 'eth0', kind: 'clsact' } },
      { filter: { dev: 'eth0', parent: 'ingress', prio: 1, action: MIRRED } },
      { filter: { dev: 'eth0', parent: 'egress', prio: 2, action: { kind: 'mirred', mirror: 'ifb-eth0' } } },
    ],
  },
  {
    name: 'another action, in place',
    before: INGRESS,
    tasks: [
      { filter: { dev: 'eth0', parent: 'ingress', prio: 1, action: { kind: 'mirred', mirror: 'ifb-eth0' } } },
    ],
  },
  {
    name: 'no action any more',
    before: INGRESS,
    tasks: [{ filter: { dev: 'eth0', parent: 'ingress', prio: 1 } }],
  },
  {
    name: 'two actions',
    before: INGRESS,
    tasks: [
      {
        filter: {
          dev: 'eth0',
          parent: 'ingress',
          prio: 1,
          action: [{ kind: 'mirred', mirror: 'eth1' }, MIRRED],
        },
      },
    ],
  },
  {
    name: 'another class, in place',
    before: HTB,
    tasks: [{ filter: { dev: 'eth0', parent: '1:', prio: 1, match: { src: '10.2.0.1' }, classid: '1:20' } }],
    changes: [
      'filter eth0 1: prio 1 u32 ::800: protocol ip match u32 0xa020001 0xffffffff at 12 classid 1:10 → protocol ip match u32 0xa020001 0xffffffff at 12 classid 1:20',
    ],
  },
  {
    name: 'no class any more',
    before: HTB,
    tasks: [{ filter: { dev: 'eth0', parent: '1:', prio: 1, match: { src: '10.2.0.1' }, action: MIRRED } }],
  },
  {
    name: 'pitfall 40: another match under the same number',
    before: HTB,
    tasks: [
      {
        filter: {
          dev: 'eth0',
          parent: '1:',
          prio: 1,
          handle: '::800',
          match: { src: '10.9.0.1' },
          classid: '1:10',
        },
      },
    ],
    shows: { 'tc filter show dev eth0': 'match 0a090001/ffffffff at 12' },
  },
  {
    name: 'pitfall 40: copies that a `filter replace` without a handle left are taken away',
    before: `${HTB}
tc filter replace dev eth0 parent 1: protocol ip prio 1 u32 match ip src 10.2.0.1/32 flowid 1:10
tc filter replace dev eth0 parent 1: protocol ip prio 1 u32 match ip src 10.2.0.1/32 flowid 1:10`,
    tasks: [{ filter: { dev: 'eth0', parent: '1:', prio: 1, match: { src: '10.2.0.1' }, classid: '1:10' } }],
  },
  {
    name: 'one of two goes',
    before: HTB,
    tasks: [{ filter: { dev: 'eth0', parent: '1:', prio: 1, match: { src: '10.2.0.1' }, state: 'absent' } }],
  },
  {
    name: 'both of a prio go',
    before: HTB,
    tasks: [{ filter: { dev: 'eth0', parent: '1:', prio: 1, state: 'absent' } }],
  },
  {
    name: 'all of a device go',
    before: `${HTB}\n${INGRESS}`,
    tasks: [{ filter: { dev: 'eth0', state: 'absent' } }],
  },
  {
    name: 'a filter of an inner class',
    before: HTB,
    tasks: [
      { filter: { dev: 'eth0', parent: '1:1', prio: 9, match: { dst: '10.9.0.0/24' }, classid: '1:10' } },
    ],
  },
  {
    name: 'several of a new prio beside tables whose number nobody can foretell',
    before: HTB,
    tasks: [1, 2, 3].map((host) => ({
      filter: { dev: 'eth0', parent: '1:', prio: 30, match: { dst: `10.9.0.${host}` }, classid: '1:20' },
    })),
  },
];

describe('qdiscs', () => test.each(QDISCS)('$name', (each) => roundTrip(netns, each)));
describe('classes', () => test.each(CLASSES)('$name', (each) => roundTrip(netns, each)));
describe('filters', () => test.each(FILTERS)('$name', (each) => roundTrip(netns, each)));
