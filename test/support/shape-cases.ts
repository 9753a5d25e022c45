/** Cases of `shape` for a kernel that has all of traffic control, for an emulated machine: see tc-cases.ts. */
import type { TcCase } from './tc-cases.js';

const SHOW_CLASSES = 'tc class show dev eth0';
const SHOW_FILTERS = 'tc filter show dev eth0';
const SHOW_INGRESS = 'tc filter show dev eth0 parent ffff:';

export const SHAPE_CASES: readonly TcCase[] = [
  {
    name: 'shape: fq_codel at each class, with a target fit for its rate',
    tasks: [
      {
        shape: {
          dev: 'eth0',
          egress: '20mbit',
          classes: [{ name: 'slow', rate: '1mbit', ceil: '2mbit', match: { dst: '10.2.0.1' } }],
        },
      },
    ],
    shows: {
      'tc qdisc show dev eth0 | grep -c fq_codel': '2',
      'tc qdisc show dev eth0': 'target 19ms interval 114ms',
      [SHOW_CLASSES]: 'rate 1Mbit ceil 2Mbit',
    },
  },
  {
    name: 'shape: by mark, beside classes of other matches',
    tasks: [
      {
        shape: {
          dev: 'eth0',
          egress: '20mbit',
          classes: [
            { name: 'marked', rate: '2mbit', match: [{ mark: '0x5' }, { mark: '0x10/0xf0' }, { dport: 80 }] },
            { name: 'rest', default: true },
          ],
        },
      },
    ],
    shows: { [SHOW_FILTERS]: 'fw chain 0 handle 0x10/0xf0 classid c9:' },
  },
  {
    name: 'shape: policed where that is asked for',
    tasks: [{ shape: { dev: 'eth0', egress: '20mbit', ingress: { rate: '5mbit', by: 'police' } } }],
    shows: { [SHOW_INGRESS]: 'rate 5Mbit burst 128Kb mtu 64Kb action drop' },
  },
  {
    name: 'shape: an ifb takes the place of police',
    before: `tc qdisc add dev eth0 handle ffff: ingress
tc filter add dev eth0 parent ffff: protocol all prio 201 u32 match u32 0 0 action police rate 5mbit burst 128k mtu 64k conform-exceed drop`,
    tasks: [{ shape: { dev: 'eth0', ingress: '5mbit' } }],
    shows: { [SHOW_INGRESS]: 'mirred (Egress Redirect to device ifb-eth0)' },
  },
  {
    name: 'shape: where there is clsact, its ingress is taken, and stays',
    before: 'tc qdisc add dev eth0 clsact',
    tasks: [{ shape: { dev: 'eth0', ingress: '5mbit' } }],
    shows: { 'tc filter show dev eth0 ingress': 'mirred (Egress Redirect to device ifb-eth0)' },
  },
];
