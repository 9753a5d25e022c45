/** Parameters that the resources of Open vSwitch share. */
import type { JsonSchema } from '../resource.js';

/** A column of keys and values. */
export function mapParameter(what: string, example: Readonly<Record<string, string>>): JsonSchema {
  return {
    type: ['object', 'null'],
    additionalProperties: { type: ['string', 'integer', 'boolean', 'null'] },
    description: `${what} Keys that are not named stay; null takes one away, or all.`,
    examples: [example],
  };
}

export const externalIds = mapParameter("Somebody's own words about it, which Open vSwitch does not read.", {
  'iface-id': 'vm1-eth0',
});

export const otherConfig = mapParameter('Further settings, by the names of ovs-vswitchd.conf.db(5).', {
  'mac-table-size': '4096',
});

/** The name of a bridge, port or interface. */
export function nameParameter(description: string, example: string): JsonSchema {
  return { type: 'string', format: 'interface', description, examples: [example] };
}

export function choice(values: readonly string[], description: string): JsonSchema {
  return { enum: [...values, null], description, examples: [values[0]] };
}

export function stateParameter(absent: string): JsonSchema {
  return { enum: ['present', 'absent'], default: 'present', description: absent };
}

/** Kinds of interfaces that need no more than the stock datapath. */
export const INTERFACE_TYPES = [
  ...['system', 'internal', 'patch', 'tap', 'vxlan', 'gre', 'ip6gre', 'geneve', 'erspan', 'ip6erspan'],
  ...['gtpu', 'bareudp', 'stt', 'lisp', 'dpdk', 'dpdkvhostuser', 'dpdkvhostuserclient', 'afxdp'],
] as const;

export const typeParameter: JsonSchema = {
  enum: INTERFACE_TYPES,
  description:
    'system: a device that the host has; internal: one that Open vSwitch makes; patch: the way to another bridge; else a tunnel.',
  examples: ['internal'],
};

export const optionsParameter = mapParameter(
  'What the type needs: peer of a patch, remote_ip and key of a tunnel.',
  {
    remote_ip: '192.0.2.2',
    key: '7',
  },
);
