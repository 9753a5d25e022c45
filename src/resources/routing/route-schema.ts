import type { JsonSchema } from '../resource.js';
import { METRICS } from './show-route.js';

const U32 = { minimum: 0, maximum: 0xffff_ffff } as const;

/** Larger values of mtu, advmss and hoplimit are cut by the kernel to these (ip_metrics_convert). */
function metric(description: string, example: number, maximum: number = U32.maximum): JsonSchema {
  return { type: ['integer', 'null'], minimum: 0, maximum, description, examples: [example] };
}

const via = {
  type: ['string', 'null'],
  format: 'ip-address',
  description:
    'The gateway; an IPv4 route may have an IPv6 one. null: the destination is on the link itself.',
  examples: ['192.168.1.254', 'fe80::1'],
} as const;
const dev = {
  type: 'string',
  format: 'interface',
  description: 'The device. May be left out where the gateway is in a network of one device only.',
  examples: ['eth0'],
} as const;
const onlink = {
  type: 'boolean',
  description: 'The gateway is reached on the link though no prefix of the device holds it.',
  examples: [true],
} as const;

/** How packets go and where the route stands. */
const placeProperties = {
  dst: {
    type: 'string',
    format: 'ip-prefix',
    description: 'The destination: a network, an address or default. Host bits are refused.',
    examples: ['192.168.1.0/24', 'default', '2001:db8::/48'],
  },
  via,
  dev,
  nexthops: {
    type: 'array',
    minItems: 1,
    description: 'Several ways at once (multipath). The list is whole: it is replaced, not added to.',
    examples: [
      [
        { via: '192.168.1.254', dev: 'eth0', weight: 2 },
        { via: '192.168.2.254', dev: 'eth1' },
      ],
    ],
    items: {
      type: 'object',
      additionalProperties: false,
      properties: {
        via,
        dev,
        weight: {
          type: 'integer',
          minimum: 1,
          maximum: 256,
          description: 'Its share beside the others; 1 where it is left out.',
          examples: [2],
        },
        onlink,
      },
    },
  },
  onlink,
  src: {
    type: ['string', 'null'],
    format: 'ip-address',
    description: 'The source address of packets that the host itself sends this way. null clears it.',
    examples: ['192.168.1.1'],
  },
  from: {
    type: 'string',
    format: 'ip-prefix',
    description: 'IPv6 only: the route holds for packets from this network. A part of its identity.',
    examples: ['2001:db8:1::/64'],
  },
  table: {
    type: ['string', 'integer'],
    format: 'table',
    minimum: 0,
    maximum: U32.maximum,
    description: 'The table by name or number; main where it is left out (local for type local).',
    examples: ['local100', 100],
  },
  metric: {
    type: 'integer',
    ...U32,
    description: 'A part of its identity: IPv4 0, IPv6 1024 where it is left out. IPv6 takes 0 for 1024.',
    examples: [100],
  },
  tos: {
    type: ['string', 'integer'],
    format: 'tos',
    minimum: 0,
    maximum: 255,
    description: 'IPv4 only: the TOS that packets must have, a part of its identity.',
    examples: ['0x10'],
  },
  type: {
    enum: [
      'unicast',
      'local',
      'broadcast',
      'anycast',
      'multicast',
      'blackhole',
      'unreachable',
      'prohibit',
      'throw',
    ],
    description: 'What happens to packets; unicast where a next hop is given.',
    examples: ['blackhole'],
  },
  scope: {
    type: ['string', 'integer'],
    minimum: 0,
    maximum: 255,
    description:
      'IPv4: how far the destination is (global, site, link, host). `link` also says that a default without via is meant.',
    examples: ['link'],
  },
  family: {
    enum: [4, 6],
    description: 'For `default` where nothing else tells: 4 where it is left out.',
    examples: [6],
  },
} as const;

/** What goes with the route. null puts each back to what the kernel does without it. */
const attributeProperties = {
  mtu: metric('Largest packet on this way, in bytes; 0 is none.', 1400, 65_520),
  mtu_lock: {
    type: 'boolean',
    description: 'Whether path MTU discovery must leave mtu alone.',
    examples: [true],
  },
  lock: {
    type: 'array',
    uniqueItems: true,
    items: { enum: METRICS.filter((name) => !['features', 'quickack', 'congctl', 'rto_min'].includes(name)) },
    description: 'The metrics that the kernel must not change by itself: all others are unlocked.',
    examples: [['mtu', 'advmss']],
  },
  advmss: metric('The MSS that TCP tells the other side, in bytes.', 1360, 65_495),
  window: metric('Largest window that TCP tells the other side, in bytes.', 65_536),
  initcwnd: metric('First congestion window of TCP, in segments.', 10),
  initrwnd: metric('First receive window of TCP, in segments.', 20),
  cwnd: metric('Clamp of the congestion window, in segments; works only when it is locked.', 100),
  ssthresh: metric('First slow-start threshold, in segments.', 10),
  reordering: metric('How many segments out of order are still normal.', 3),
  hoplimit: metric('TTL or hop limit of packets that the host sends.', 64, 255),
  quickack: metric('1 turns delayed acknowledgements off.', 1, 1),
  rtt: metric('First round-trip time estimate, in milliseconds.', 100),
  rttvar: metric('First variance of it, in milliseconds.', 50),
  rto_min: metric('Smallest TCP retransmission time-out, in milliseconds. iproute2 locks it by itself.', 300),
  features: {
    type: ['string', 'null'],
    enum: ['ecn', null],
    description: 'ecn turns explicit congestion notification on for this way.',
    examples: ['ecn'],
  },
  congctl: {
    type: ['string', 'null'],
    pattern: '^[A-Za-z0-9_]{1,15}$',
    description: "TCP's congestion control on this way.",
    examples: ['cubic'],
  },
  realms: {
    type: ['string', 'null'],
    description: 'IPv4 only: TO or FROM/TO, by names or numbers.',
    examples: ['4/5'],
  },
  pref: {
    enum: ['low', 'medium', 'high', null],
    description: 'IPv6 only: router preference; medium is the default.',
    examples: ['high'],
  },
  expires: {
    type: ['integer', 'null'],
    minimum: 1,
    maximum: U32.maximum,
    description:
      'IPv6 only: seconds until the kernel drops it. Only its being there is compared, as it counts down.',
    examples: [600],
  },
  protocol: {
    type: ['string', 'integer'],
    minimum: 0,
    maximum: 255,
    description: 'Who made the route: 201 (netplay) for a new one; one that is there keeps its own.',
    examples: ['static'],
  },
} as const;

/** Every parameter of `route`. */
export const routeSchema: JsonSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['dst'],
  properties: {
    ...placeProperties,
    ...attributeProperties,
    state: {
      enum: ['present', 'absent'],
      default: 'present',
      description: 'absent removes every route that has all that is given; what is left out is a wildcard.',
      examples: ['absent'],
    },
  },
};
