/** The parameters of `qdisc`, in tc's words. */
import type { JsonSchema } from '../resource.js';
import { count, dev, id, linkLayer, percent, rate, size, state, time } from './common-schema.js';

export const QDISC_KINDS = [
  ...['htb', 'tbf', 'fq_codel', 'fq', 'sfq', 'pfifo', 'bfifo', 'prio', 'netem'],
  ...['pfifo_fast', 'mq', 'noqueue', 'ingress', 'clsact'],
] as const;

const shaping = {
  rate: rate('tbf: the rate that packets leave at. netem: the rate of the line that it plays.'),
  burst: size(
    'tbf: bytes that may leave at once. At least the MTU and 14 bytes, else nothing passes at all.',
  ),
  latency: time('tbf: how long a packet may wait at most; this or limit.', ['50ms']),
  limit: {
    type: ['string', 'integer'],
    format: 'tc-size',
    minimum: 1,
    maximum: 0xffff_ffff,
    description: 'How much may wait: bytes (tbf, bfifo), packets (pfifo, fq_codel, fq, sfq, netem).',
    examples: [1000],
  },
  peakrate: rate('tbf: the rate within a burst.', ['200mbit']),
  mtu: size('tbf: the burst of peakrate, at least the MTU and 14 bytes.', [1600]),
  ...linkLayer,
} as const;

const classful = {
  default: {
    type: ['string', 'integer'],
    pattern: '^(0x)?[0-9a-fA-F]{1,4}$',
    minimum: 0,
    maximum: 9999,
    description:
      'htb: the class of packets that no filter sorts, by its minor: hexadecimal, so that 10 is the class 1:10. Without such a class they pass unlimited.',
    examples: ['10'],
  },
  r2q: count("htb: a class's quantum is its rate in bytes divided by this.", [10], 1),
  direct_qlen: count('htb: packets without a class that may wait.', [1000]),
  bands: { type: 'integer', minimum: 2, maximum: 16, description: 'prio: how many bands.', examples: [3] },
  priomap: {
    type: 'array',
    minItems: 16,
    maxItems: 16,
    items: { type: 'integer', minimum: 0, maximum: 15 },
    description: 'prio: the band of each of the 16 priorities of a packet.',
    examples: [[1, 2, 2, 2, 1, 2, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1]],
  },
} as const;

const fair = {
  flows: count('fq_codel, sfq: how many flows are told apart.', [1024], 1),
  target: time('fq_codel: the wait that is aimed at.', ['5ms']),
  interval: time('fq_codel: how long the wait may be above the target.', ['100ms']),
  quantum: size('fq_codel, fq, sfq: bytes that a flow may send in its turn.', [1514]),
  ecn: {
    type: 'boolean',
    description: 'fq_codel: mark packets of flows that know ECN instead of dropping them.',
  },
  memory_limit: size('fq_codel: bytes of memory that all packets may take.', ['32mb']),
  flow_limit: count('fq: packets of a flow that may wait.', [100], 1),
  initial_quantum: size('fq: bytes that a new flow may send at first.', [15_140]),
  maxrate: rate('fq: the highest rate of a flow.'),
  pacing: { type: 'boolean', description: 'fq: hold packets back to the rate that their socket asks for.' },
  perturb: count('sfq: seconds after which flows are sorted anew; 0 never.', [10]),
} as const;

const emulation = {
  delay: time('netem: how long each packet is held back.', ['100ms']),
  jitter: time('netem: how far the delay differs.', ['10ms']),
  loss: percent('netem: packets that are lost.'),
  duplicate: percent('netem: packets that come twice.'),
  corrupt: percent('netem: packets with a wrong bit.'),
  reorder: percent('netem: packets that are not held back.'),
} as const;

/** All options of all kinds, by tc's word. */
export const qdiscOptions = { ...shaping, ...classful, ...fair, ...emulation } as const;

export const qdiscSchema: JsonSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['dev'],
  properties: {
    dev,
    parent: id(
      'tc-parent',
      'Where it hangs: root, ingress, clsact or the id of the class that it is the leaf of, 1:10. root where it is left out and kind is neither ingress nor clsact.',
      ['root', '1:10'],
    ),
    handle: id(
      'tc-handle',
      "Its number, hexadecimal: '1:' or 1. htb and prio need one, since classes and filters name it; others get a free one.",
      ['1:'],
    ),
    kind: {
      enum: QDISC_KINDS,
      description:
        'What it does. Needed unless absent. Another kind than the present one is a replacement: what hangs on it goes with it.',
      examples: ['htb'],
    },
    ...qdiscOptions,
    state: state(
      'absent removes it with its classes, filters and further qdiscs; the kernel then puts its default in its place.',
    ),
  },
  if: { required: ['state'], properties: { state: { const: 'absent' } } },
  else: { required: ['kind'] },
};
