/** The parameters of `bridge_port`, in the words of `ip link set … type bridge_slave`. */
import type { JsonSchema } from '../resource.js';
import { vlanSchemas } from './port-vlans.js';

function flag(description: string): JsonSchema {
  return { type: 'boolean', description };
}

export const bridgePortSchema: JsonSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['dev'],
  properties: {
    dev: { type: 'string', format: 'interface', description: 'The port.', examples: ['eth1'] },
    bridge: {
      type: 'string',
      format: 'interface',
      description:
        'The bridge that it belongs to: it is put there, unless another bridge has it. Left out: whichever it is.',
      examples: ['br0'],
    },
    cost: {
      type: 'integer',
      minimum: 1,
      maximum: 65_535,
      description: "The spanning tree's path cost. Once set, it follows the device's speed no more.",
    },
    priority: {
      type: 'integer',
      minimum: 0,
      maximum: 63,
      description: "The spanning tree's priority of ports.",
    },
    hairpin: flag('Whether what came in by the port may leave by it.'),
    isolated: flag('Whether it talks to ports alone that are not isolated.'),
    learning: flag('Whether the bridge learns addresses from what comes in.'),
    flood: flag('Whether what is for an address that nobody knows leaves by it.'),
    mcast_flood: flag('Whether multicast that nobody asked for leaves by it.'),
    bcast_flood: flag('Whether broadcasts leave by it.'),
    guard: flag('BPDU guard: a port that gets a BPDU is taken out of service.'),
    root_block: flag('Whether the port may not become the root port.'),
    fastleave: flag('Whether a group is left as soon as one leaves it. The same as mcast_fast_leave.'),
    mcast_fast_leave: flag('The same as fastleave.'),
    mcast_router: {
      type: 'integer',
      minimum: 0,
      maximum: 3,
      description: 'Multicast routers behind it: 0 never, 1 as learned, 2 always, 3 for a while.',
    },
    mcast_to_unicast: flag('Whether multicast goes to each listener by itself.'),
    neigh_suppress: flag('Whether the bridge answers ARP and NDP for what it knows behind VXLAN.'),
    vlan_tunnel: flag('Whether VLANs are mapped to tunnels.'),
    locked: flag('Whether only addresses that were set may send by it (802.1X).'),
    proxy_arp: flag('Whether the bridge answers ARP for neighbours behind other ports.'),
    proxy_arp_wifi: flag('The same for wireless.'),
    group_fwd_mask: {
      type: 'integer',
      minimum: 0,
      maximum: 65_535,
      description: 'Link-local groups (01:80:c2:00:00:0X) that pass, as bits.',
    },
    backup_port: {
      type: ['string', 'null'],
      format: 'interface',
      description: 'The port of the same bridge that takes over when this one has no carrier; null for none.',
    },
    ...vlanSchemas,
    state: {
      enum: ['present', 'absent'],
      default: 'present',
      description: 'absent takes it out of the bridge: out of `bridge` alone, where that is given.',
    },
  },
};
