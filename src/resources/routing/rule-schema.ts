import type { JsonSchema } from '../resource.js';

const U32 = 0xffff_ffff;

function end(what: string): JsonSchema {
  return {
    type: ['string', 'null'],
    format: 'ip-prefix',
    description: `Packets ${what} this network or address. null and all mean any; with state: absent only rules without it.`,
    examples: ['192.168.1.1', '10.0.0.0/8', '2001:db8::/48'],
  };
}

function device(what: string): JsonSchema {
  return {
    type: 'string',
    format: 'interface',
    description: `Packets ${what} this device. One that is missing is taken, with a warning: the rule is dead then.`,
    examples: ['eth0'],
  };
}

function ports(what: string): JsonSchema {
  const range = { type: ['string', 'integer'], format: 'port-range', minimum: 1, maximum: 65_534 } as const;
  return {
    anyOf: [range, { type: 'array', minItems: 1, uniqueItems: true, items: range }],
    description: `The ${what} port or range; a list makes a rule for each. From iproute2 4.17 on.`,
    examples: ['80', '8000-8080'],
  };
}

const selectorProperties = {
  from: end('from'),
  to: end('to'),
  iif: device('that came in by'),
  oif: device('of sockets bound to'),
  fwmark: {
    type: ['string', 'integer'],
    format: 'fwmark',
    minimum: 1,
    maximum: U32,
    description: "The firewall's mark, with its mask behind a slash where not all bits count.",
    examples: ['0x1', '0x1/0xff'],
  },
  fwmask: {
    type: ['string', 'integer'],
    pattern: '^(0|[1-9][0-9]*|0[xX][0-9a-fA-F]+)$',
    minimum: 0,
    maximum: U32,
    description: 'The mask of fwmark, where it is not given with it.',
    examples: ['0xff'],
  },
  tos: {
    type: ['string', 'integer'],
    format: 'tos',
    minimum: 0,
    maximum: 0x1c,
    description: 'The TOS of packets.',
    examples: ['0x10'],
  },
  ipproto: {
    type: ['string', 'integer'],
    pattern: '^[A-Za-z0-9][A-Za-z0-9.-]*$',
    minimum: 0,
    maximum: 255,
    description: 'The IP protocol by name or number. From iproute2 4.17 on.',
    examples: ['tcp', 17],
  },
  sport: ports('source'),
  dport: ports('destination'),
  uidrange: {
    type: ['string', 'integer'],
    format: 'uid-range',
    minimum: 0,
    maximum: U32 - 1,
    description: "Packets of these users' sockets.",
    examples: ['1000', '1000-1999'],
  },
  not: {
    type: 'boolean',
    description: 'Packets that the selector does not fit.',
    examples: [true],
  },
  l3mdev: {
    type: 'boolean',
    description: "Look up the table of the packet's VRF.",
    examples: [true],
  },
  tun_id: {
    type: 'integer',
    minimum: 1,
    description: 'The key of the tunnel that packets came by.',
    examples: [5],
  },
} as const;

const actionProperties = {
  table: {
    type: ['string', 'integer'],
    format: 'table',
    minimum: 0,
    maximum: U32,
    description: 'The table to look up, by name or number.',
    examples: ['local100', 100],
  },
  action: {
    enum: ['lookup', 'blackhole', 'unreachable', 'prohibit', 'goto', 'nop'],
    description: 'What to do; lookup where a table is given, goto where goto is.',
    examples: ['prohibit'],
  },
  goto: {
    type: 'integer',
    minimum: 1,
    maximum: U32,
    description: 'Go on with the rules from this priority, which must be above that of the rule itself.',
    examples: [32_000],
  },
  suppress_prefixlength: {
    type: 'integer',
    minimum: 0,
    maximum: 128,
    description: 'Pass over what the table finds with a prefix this short: 0 passes over its default route.',
    examples: [0],
  },
  suppress_ifgroup: {
    type: ['string', 'integer'],
    minimum: 0,
    description: 'Pass over what the table finds through a device of this group.',
    examples: ['default'],
  },
  realms: {
    type: 'string',
    description: 'IPv4 only: TO or FROM/TO, by names or numbers.',
    examples: ['4/5'],
  },
} as const;

/** Every parameter of `rule`. */
export const ruleSchema: JsonSchema = {
  type: 'object',
  additionalProperties: false,
  minProperties: 1,
  properties: {
    ...selectorProperties,
    ...actionProperties,
    priority: {
      type: 'integer',
      minimum: 0,
      maximum: U32,
      description:
        'Its place: the lowest is asked first. Left out, the same rule at any priority counts as present; a new one gets the smallest free from 30000 on.',
      examples: [100],
    },
    protocol: {
      type: ['string', 'integer'],
      minimum: 0,
      maximum: 255,
      description:
        'Who made the rule: 201 (netplay) for a new one. No part of its identity. From iproute2 4.17 on.',
      examples: ['static'],
    },
    family: {
      enum: [4, 6, 'both'],
      description: 'For rules without an address: 4 where it is left out; both makes one for each.',
      examples: ['both'],
    },
    state: {
      enum: ['present', 'absent'],
      default: 'present',
      description:
        "absent removes every rule that has all that is given; what is left out is a wildcard. The kernel's own three rules always stay.",
      examples: ['absent'],
    },
  },
};
