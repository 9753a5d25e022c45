/** Qdiscs, classes and filters on the real kernel: made, found again, changed in every parameter, undone. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { differences } from '../../src/engine/verify.js';
import type { Step } from '../../src/shared/change.js';
import { sameRate, sameTime } from '../../src/shared/tc-units.js';
import { parseProbe } from '../../src/snapshot/parse.js';
import { buildProbe } from '../../src/snapshot/probe.js';
import { applyEffects } from '../../src/snapshot/simulate.js';
import type { TcItem } from '../../src/snapshot/tc.js';
import type { Session } from '../../src/transport/session.js';
import { applyIn, changesIn, planIn, problemsIn, stepsOf, undoOf, type Wish } from '../support/apply.js';
import { createNetns, type Netns } from '../support/netns.js';
import { sampleOf } from '../support/sample.js';
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
    shows: { 'tc qdisc show dev eth0': 'rate 10Mbit burst 32Kb lat 50ms' },
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
    name: 'a tbf without a latency',
    tasks: [{ qdisc: { dev: 'eth0', kind: 'tbf', rate: '10mbit', burst: '32k', latency: 0 } }],
  },
  {
    name: 'a tbf whose limit is its burst is replaced, and comes back',
    before: 'tc qdisc add dev eth0 root handle 5: tbf rate 10mbit burst 32k limit 32k',
    tasks: [{ qdisc: { dev: 'eth0', kind: 'pfifo', limit: 7 } }],
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
    shows: { 'tc qdisc show dev eth0': 'r2q 10 default 0x10' },
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

describe('qdiscs', () => test.each(sampleOf(QDISCS, 2))('$name', (each) => roundTrip(netns, each)));
describe('classes', () => test.each(sampleOf(CLASSES, 2))('$name', (each) => roundTrip(netns, each)));
describe('filters', () => test.each(sampleOf(FILTERS, 2))('$name', (each) => roundTrip(netns, each)));

describe('nothing to do', () => {
  const NOTHING: [string, string, Wish[]][] = [
    [
      "pitfall 38: rates and sizes in any unit are tc's own",
      TBF,
      [
        { qdisc: { dev: 'eth0', kind: 'tbf', rate: '1250kbps', burst: 32_768, latency: 50_000 } },
        { qdisc: { dev: 'eth0', kind: 'tbf', rate: 10_000_000, burst: '256kbit', latency: '0.05s' } },
        { qdisc: { dev: 'eth0', kind: 'tbf', rate: '0.01gbit', burst: '32kb' } },
      ],
    ],
    [
      'pitfall 39: an htb that is as it shall be is left alone',
      HTB,
      [
        { qdisc: { dev: 'eth0', kind: 'htb', handle: '1:', default: '0x10' } },
        { class: { dev: 'eth0', classid: '1:010', rate: '10mbps' } },
      ],
    ],
    ["the kernel's own qdisc counts as none", '', [{ qdisc: { dev: 'eth0', state: 'absent' } }]],
    ['what is absent stays so', '', [{ qdisc: { dev: 'eth0', parent: 'ingress', state: 'absent' } }]],
    ['one of another kind is not meant', TBF, [{ qdisc: { dev: 'eth0', kind: 'htb', state: 'absent' } }]],
    [
      'classes and filters that are not there',
      HTB,
      [
        { class: { dev: 'eth0', classid: '1:99', state: 'absent' } },
        { filter: { dev: 'eth0', prio: 9, state: 'absent' } },
        { filter: { dev: 'eth0', match: { dst: '10.2.0.1' }, state: 'absent' } },
      ],
    ],
  ];
  test.each(NOTHING)('%s', (_name, before, tasks) => {
    netns.must(before);
    const plan = planIn(netns, tasks);
    expect(problemsIn(plan)).toEqual([]);
    expect(changesIn(plan)).toEqual([]);
  });
});

describe('refused before anything is touched', () => {
  const REFUSED: [string, string, Wish, string][] = [
    [
      'pitfall 41: a burst of less than one frame',
      '',
      { qdisc: { dev: 'eth0', kind: 'tbf', rate: '10mbit', burst: '4kbit', latency: '50ms' } },
      'burst 512 bytes is less than one frame of eth0 (MTU 1500 and 14 bytes): nothing would pass at all',
    ],
    [
      'a limit that no frame fits in',
      '',
      { qdisc: { dev: 'eth0', kind: 'bfifo', limit: 1500 } },
      'limit 1500 bytes is less than one frame of eth0 (MTU 1500 and 14 bytes): nothing would pass at all',
    ],
    [
      'a limit of no packet',
      '',
      { qdisc: { dev: 'eth0', kind: 'pfifo', limit: '0' } },
      'pfifo counts packets: limit must be a whole number of them, at least 1',
    ],
    [
      'a limit in bytes where packets are counted',
      '',
      { qdisc: { dev: 'eth0', kind: 'pfifo', limit: '10k' } },
      'pfifo counts packets: limit must be a whole number of them, at least 1',
    ],
    [
      "a tbf's limit below its burst",
      '',
      { qdisc: { dev: 'eth0', kind: 'tbf', rate: '10mbit', burst: '32k', limit: 3000 } },
      'limit is less than burst, 32768 bytes, which it counts with what may wait',
    ],
    [
      'a peak without its burst',
      TBF,
      { qdisc: { dev: 'eth0', kind: 'tbf', peakrate: '20mbit' } },
      'peakrate needs mtu, the burst at that rate',
    ],
    [
      'a tbf without a rate',
      '',
      { qdisc: { dev: 'eth0', kind: 'tbf' } },
      'tbf needs rate and burst and latency (or limit)',
    ],
    [
      'an option of another kind',
      '',
      { qdisc: { dev: 'eth0', kind: 'pfifo', rate: '1mbit' } },
      'pfifo has no rate',
    ],
    [
      'an htb without a handle',
      '',
      { qdisc: { dev: 'eth0', kind: 'htb' } },
      'htb needs a handle, since classes and filters name it',
    ],
    [
      'no device',
      '',
      { qdisc: { dev: 'eth9', kind: 'pfifo' } },
      'there is no device eth9 on this host; did you mean eth0?',
    ],
    ['no class', HTB, { qdisc: { dev: 'eth0', parent: '1:99', kind: 'pfifo' } }, 'eth0 has no class 1:99'],
    [
      'an inner class',
      HTB,
      { qdisc: { dev: 'eth0', parent: '1:1', kind: 'pfifo' } },
      '1:1 has classes below it; only leaf classes have a qdisc',
    ],
    [
      'a handle that is taken',
      HTB,
      { qdisc: { dev: 'eth0', parent: '1:20', handle: '10:', kind: 'pfifo' } },
      'eth0 has a qdisc 10: already, at 1:10',
    ],
    [
      "a kind that this kernel's own configuration lacks",
      '',
      { qdisc: { dev: 'eth0', kind: 'fq_codel' } },
      "this host's kernel has no qdisc fq_codel (module sch_fq_codel)",
    ],
    [
      'a class in use',
      HTB,
      { class: { dev: 'eth0', classid: '1:10', state: 'absent' } },
      'class eth0 1:10 is in use: filter eth0 1: prio 1 u32 ::800',
    ],
    [
      'a class above others',
      HTB,
      { class: { dev: 'eth0', classid: '1:1', state: 'absent' } },
      'class eth0 1:1 is in use: class eth0 1:10, class eth0 1:20',
    ],
    [
      'a class without its qdisc',
      '',
      { class: { dev: 'eth0', classid: '1:1', rate: '1mbit' } },
      'eth0 has no qdisc 1:',
    ],
    [
      'a class below itself',
      HTB,
      { class: { dev: 'eth0', classid: '1:1', parent: '1:10', rate: '1mbit' } },
      '1:10 is below 1:1 itself',
    ],
    [
      'less than its rate',
      HTB,
      { class: { dev: 'eth0', classid: '1:20', rate: '2mbit', ceil: '1mbit' } },
      'ceil is below rate',
    ],
    [
      'a filter of what is not there',
      '',
      { filter: { dev: 'eth0', parent: 'ingress', prio: 1 } },
      'eth0 has no qdisc ingress',
    ],
    [
      'egress of ingress',
      INGRESS,
      { filter: { dev: 'eth0', parent: 'egress', prio: 1 } },
      'eth0 has no qdisc clsact',
    ],
    [
      'a prio of another protocol',
      HTB,
      { filter: { dev: 'eth0', parent: '1:', prio: 1, match: { dst: '2001:db8::1' } } },
      'prio 1 of 1: is one of u32 for protocol ip: all of a prio share both',
    ],
    [
      'a prio that another parent of the qdisc has',
      HTB,
      { filter: { dev: 'eth0', parent: '1:1', prio: 1, match: { dst: '10.0.0.1' } } },
      'prio 1 is used at 1: of the same qdisc: the kernel would list both at both',
    ],
    [
      'a classifier that is lacking',
      HTB,
      { filter: { dev: 'eth0', parent: '1:', prio: 9, kind: 'flower' } },
      "this host's kernel has no classifier flower (module cls_flower)",
    ],
    [
      'an action that is lacking',
      INGRESS,
      { filter: { dev: 'eth0', parent: 'ingress', prio: 9, action: 'drop' } },
      "this host's kernel has no action gact (module act_gact)",
    ],
    [
      'a redirection to nowhere',
      INGRESS,
      { filter: { dev: 'eth0', parent: 'ingress', prio: 9, action: { kind: 'mirred', redirect: 'eth9' } } },
      'there is no device eth9',
    ],
    [
      'what could not be brought back',
      `${INGRESS}\ntc filter add dev eth0 parent ffff: protocol all prio 7 chain 5 u32 match u32 0 0 action mirred egress redirect dev ifb-eth0`,
      { qdisc: { dev: 'eth0', parent: 'ingress', state: 'absent' } },
      'filter eth0 ingress prio 7 u32 ::800 (u32) would go, and netplay could not bring it back',
    ],
  ];
  test.each(REFUSED)('%s', (_name, before, task, problem) => {
    netns.must(before);
    const plan = planIn(netns, [task]);
    expect(problemsIn(plan)).toContain(problem);
    expect(stepsOf(plan)).toEqual([]);
  });
});

test('what the kernel refuses is told in its own words, and undone', () => {
  const first = netns.must(TC_DUMP);
  const plan = planIn(netns, [
    { qdisc: { dev: 'eth0', kind: 'htb', handle: '1:' } },
    { class: { dev: 'eth0', classid: '1:1', rate: '1mbit' } },
  ]);
  const steps: Step[] = [
    ...stepsOf(plan),
    { kind: 'tc', args: ['qdisc', 'add', 'dev', 'eth0', 'parent', '1:1', 'fq_codel'] },
  ];
  expect(applyIn(netns, steps)).toMatchObject([{ words: 'Error: Specified qdisc kind is unknown.' }]);
  expect(applyIn(netns, undoOf(plan))).toEqual([]);
  expect(netns.must(TC_DUMP)).toBe(first);
});

describe('warnings', () => {
  test('pitfall 39: a default without its class lets packets pass unlimited', () => {
    const plan = planIn(netns, [{ qdisc: { dev: 'eth0', kind: 'htb', handle: '1:', default: '99' } }]);
    expect(plan.tasks.flatMap(({ warnings }) => warnings)).toEqual([
      'qdisc eth0 root: there is no class 1:99, its default: packets that no filter sorts pass unlimited',
    ]);
  });

  test('a class of the same play is there', () => {
    const plan = planIn(netns, [
      { qdisc: { dev: 'eth0', kind: 'htb', handle: '1:', default: '99' } },
      { class: { dev: 'eth0', classid: '1:99', rate: '1mbit' } },
    ]);
    expect(plan.tasks.flatMap(({ warnings }) => warnings)).toEqual([]);
  });

  test('a replacement says what goes with it', () => {
    netns.must(HTB);
    const plan = planIn(netns, [{ qdisc: { dev: 'eth0', kind: 'htb', default: '20' } }]);
    expect(plan.tasks.flatMap(({ warnings }) => warnings)).toEqual([
      'qdisc eth0 root is made anew, with its 3 classes, 2 filters, 1 qdisc: for a moment packets pass unlimited, and those that wait are lost',
    ]);
  });
});

describe('tasks that contradict each other are refused', () => {
  const SHAPE = {
    shape: { dev: 'eth0', egress: '10mbit', classes: [{ name: 'a', match: { dst: '10.2.0.1' } }] },
  };
  const CONTRADICTING: [string, string, readonly Wish[], string][] = [
    [
      'two that want it differently',
      '',
      [
        { qdisc: { dev: 'eth0', kind: 'tbf', rate: '1mbit', burst: '32k', latency: '50ms' } },
        { qdisc: { dev: 'eth0', kind: 'tbf', rate: '2mbit', burst: '32k', latency: '50ms' } },
      ],
      'a later task of this play undoes this one: qdisc eth0 root',
    ],
    [
      'a qdisc that is removed and made',
      HTB,
      [
        { qdisc: { dev: 'eth0', parent: 'root', state: 'absent' } },
        { shape: { dev: 'eth0', egress: '10mbit' } },
      ],
      'another task of this play undoes this one: qdisc eth0 root would be c9: htb default 2 r2q 21',
    ],
    [
      'a class that is removed and made',
      HTB,
      [
        { class: { dev: 'eth0', classid: '1:30', state: 'absent' } },
        { class: { dev: 'eth0', classid: '1:30', rate: '1mbit' } },
      ],
      'another task of this play undoes this one: class eth0 1:30 would be parent 1: htb rate 1mbit ceil 1mbit',
    ],
    [
      'a filter that is removed and made',
      HTB,
      [
        { filter: { dev: 'eth0', parent: '1:', prio: 5, state: 'absent' } },
        { filter: { dev: 'eth0', parent: '1:', prio: 5, match: { dst: '10.2.3.4' }, classid: '1:10' } },
      ],
      'another task of this play undoes this one: filter eth0 1: prio 5 u32 ::800 would be protocol ip match u32 0xa020304 0xffffffff at 16 classid 1:10',
    ],
  ];
  test.each(CONTRADICTING)('%s', (_name, before, tasks, problem) => {
    netns.must(before);
    const plan = planIn(netns, tasks);
    expect(problemsIn(plan)).toEqual([problem]);
  });

  test('what a shape owns and a later task adds to', () => {
    const plan = planIn(netns, [
      SHAPE,
      { class: { dev: 'eth0', classid: 'c9:3', parent: 'c9:1', rate: '1mbit' } },
    ]);
    expect(problemsIn(plan)).toEqual([
      'another task of this play undoes this one: class eth0 c9:3 would be absent',
    ]);
  });
});

test('what an undo did not bring back is told', async () => {
  netns.must(HTB);
  const reads = [{ kind: 'links' }, { kind: 'tc', dev: 'eth0' }] as const;
  const session = {
    run: async (script: string) => ({ stdout: netns.must(script) }),
  } as unknown as Session;
  const before = parseProbe(netns.must(buildProbe(reads)), reads);
  expect(await differences(session, reads, before)).toEqual([]);
  netns.must('tc filter del dev eth0 parent 1: prio 1');
  expect(await differences(session, reads, before)).toEqual(['the qdiscs, classes and filters differ']);
});

test("a device's removal takes its qdiscs along", () => {
  const { state } = planIn(netns, [
    { qdisc: { dev: 'eth0', kind: 'ingress' } },
    { filter: { dev: 'eth0', parent: 'ingress', prio: 1, action: MIRRED } },
  ]);
  expect(state.tc?.items).toHaveLength(2);
  expect(applyEffects(state, [{ kind: 'link', unset: 'eth0' }]).tc?.items).toEqual([]);
});

describe('pitfall 42: the text and the JSON of the same real state say the same', () => {
  type Json = Readonly<Record<string, unknown>>;
  const listed = (...args: string[]): Json[] => JSON.parse(netns.must(['tc', '-d', '-j', ...args])) as Json[];
  const optionsOf = (json: Json): Json => json.options as Json;
  const text = (): readonly TcItem[] =>
    planIn(netns, [{ filter: { dev: 'eth0', state: 'absent' } }]).before.tc?.items ?? [];

  test('qdiscs', () => {
    netns.must(
      `${HTB}\ntc qdisc add dev eth0 parent 1:20 handle 20: tbf rate 1234567bit burst 32k latency 39300us`,
    );
    const found = text().filter((item) => item.type === 'qdisc');
    const judged = listed('qdisc', 'show', 'dev', 'eth0');
    expect(found.map(({ kind, handle, parent }) => ({ kind, handle, parent }))).toEqual(
      judged.map((json) => ({
        kind: json.kind,
        handle: json.handle,
        parent: json.root === true ? 'root' : json.parent,
      })),
    );
    const [htb, tbf] = ['htb', 'tbf']
      .map((kind) => judged.find((json) => json.kind === kind) ?? {})
      .map(optionsOf);
    expect(found.find(({ kind }) => kind === 'htb')?.options).toEqual({
      default: String(htb?.default).replace('0x', ''),
      r2q: htb?.r2q,
      direct_qlen: htb?.direct_qlen,
    });
    const options = found.find(({ kind }) => kind === 'tbf')?.options;
    expect(sameRate(Number(tbf?.rate) * 8, Number(options?.rate))).toBe(true);
    expect(sameTime(Number(tbf?.lat), Number(options?.latency))).toBe(true);
  });

  test('filters', () => {
    netns.must(`${HTB}\n${INGRESS}`);
    const found = text().filter((item) => item.type === 'filter');
    // JSON repeats the key `match`, so that of several only the last is left of it.
    const judged = [
      ...listed('filter', 'show', 'dev', 'eth0'),
      ...listed('filter', 'show', 'dev', 'eth0', 'ingress'),
    ].filter((json) => optionsOf(json)?.order !== undefined);
    const last = (json: Json): Json => optionsOf(json).match as Json;
    expect(
      found.map(({ protocol, prio, handle, classid, keys, actions }) => [
        protocol,
        prio,
        handle,
        classid,
        keys.at(-1),
        actions,
      ]),
    ).toEqual(
      judged.map((json) => [
        ...[json.protocol, json.pref, optionsOf(json).fh, optionsOf(json).flowid ?? null],
        {
          value: Number.parseInt(String(last(json).value), 16),
          mask: Number.parseInt(String(last(json).mask), 16),
          at: last(json).off,
        },
        ((optionsOf(json).actions ?? []) as Json[]).map((action) => ({
          kind: action.kind,
          options: { direction: action.direction, [String(action.mirred_action)]: action.to_dev },
          other: [],
        })),
      ]),
    );
  });

  test('classes, whose JSON is text before iproute2 6.2: by the words themselves', () => {
    netns.must(HTB);
    expect(netns.must('tc -j class show dev eth0')).toContain('class htb 1:10 parent 1:1 leaf 10: prio 2');
    expect(text().find((item) => item.type === 'class' && item.classid === '1:10')).toEqual({
      ...{ type: 'class', dev: 'eth0', parent: '1:1', classid: '1:10', kind: 'htb', other: [] },
      options: { rate: 80e6, ceil: 100e6, burst: 15_360, cburst: 1600, prio: 2, quantum: 200_000 },
    });
  });
});
