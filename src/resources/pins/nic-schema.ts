/** The parameters by which every pin says its NIC and the way out by it. */

export const DEFAULT_PRIORITY = 5000;

/** JSON Schema properties of nic, table, gateway, gateway6 and priority. */
export const nicProperties = {
  nic: {
    type: 'string',
    format: 'interface',
    description: 'The NIC. Where it is a port of a bridge, the bridge takes its place.',
    examples: ['eth3'],
  },
  table: {
    type: 'integer',
    minimum: 1,
    maximum: 0xffff_ffff,
    description: "The NIC's table. Left out: 500 and the number of an ethN, for other names one above 10000.",
    examples: [503],
  },
  gateway: {
    type: 'string',
    format: 'ipv4-address',
    description:
      "The gateway by this NIC. Left out: that of the main table, where the NIC's network holds it.",
    examples: ['192.168.18.1'],
  },
  gateway6: {
    type: 'string',
    format: 'ipv6-address',
    description: 'The same for IPv6.',
    examples: ['2001:db8::1'],
  },
  priority: {
    type: 'integer',
    minimum: 2,
    maximum: 32_765,
    default: DEFAULT_PRIORITY,
    description: 'The priority of the rules from the addresses; those to them stand right before.',
    examples: [100],
  },
} as const;
