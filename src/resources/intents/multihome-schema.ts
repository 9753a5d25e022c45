import type { JsonSchema } from '../resource.js';

const U32 = 0xffff_ffff;
/** As in rt_table: iproute2 reads ids into a signed int. */
const MAX_TABLE = 0x7fff_ffff;

const uplink = {
  type: 'object',
  additionalProperties: false,
  required: ['dev', 'address', 'gateway', 'table'],
  properties: {
    dev: {
      type: 'string',
      format: 'interface',
      description: 'The device',
      examples: ['eth1'],
    },
    address: {
      type: 'string',
      format: 'ip-interface',
      description: "The uplink's own address with its prefix length, which the device must have",
      examples: ['192.168.1.162/24', '2001:db8:1::2/64'],
    },
    gateway: {
      type: 'string',
      format: 'ip-address',
      description: 'Its router, of the same family',
      examples: ['192.168.1.1', 'fe80::1'],
    },
    table: {
      type: 'integer',
      minimum: 1,
      maximum: MAX_TABLE,
      description: "The number of its own table. An uplink's IPv4 and IPv6 may share one",
      examples: [101],
    },
    name: {
      type: 'string',
      format: 'table-name',
      description: 'What the uplink is called: the name of its table',
      examples: ['dx'],
    },
    priority: {
      type: 'integer',
      minimum: 1,
      maximum: U32,
      description:
        "That of the rule which sends what comes from the address to the table; the table's number where it is left out. Below 32766, main's",
      examples: [101],
    },
    onlink: {
      type: 'boolean',
      description: 'The gateway is reached on the link though the network of the address does not hold it',
      examples: [true],
    },
    default: {
      type: 'boolean',
      description:
        "Whether main's default route, which what the host itself begins takes, may go by this uplink; true where weight or metric is given. Where no uplink of the family has any of the three, main's default route is left alone",
      examples: [true],
    },
    weight: {
      type: 'integer',
      minimum: 1,
      maximum: 256,
      description:
        "Its share of main's default route beside other uplinks of the same metric; 1 where it is left out",
      examples: [3],
    },
    metric: {
      type: 'integer',
      minimum: 0,
      maximum: U32,
      description: "Of main's default route by this uplink: the lowest is taken, the others stand by",
      examples: [10],
    },
  },
} as const;

/** Every parameter of `multihome`. */
export const multihomeSchema: JsonSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['uplinks'],
  properties: {
    name: {
      type: 'string',
      description: 'What this set of uplinks is called, for people',
      examples: ['providers'],
    },
    uplinks: {
      type: 'array',
      minItems: 1,
      items: uplink,
      description: 'The ways out',
      examples: [
        [{ dev: 'eth1', address: '192.168.1.162/24', gateway: '192.168.1.1', table: 101, name: 'dx' }],
      ],
    },
    manage_addresses: {
      type: 'boolean',
      default: false,
      description: 'Whether the addresses are made, and taken away with state: absent, by this task too',
    },
    state: {
      enum: ['present', 'absent'],
      default: 'present',
      description:
        "absent removes the rules, the routes and names of the tables, what netplay made of main's default route, and what it set for ARP and the reverse-path filter",
      examples: ['absent'],
    },
  },
};
