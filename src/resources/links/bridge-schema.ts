/** The parameters of `bridge`. Times are seconds, as brctl, ifupdown and networkd take them. */
import type { JsonSchema } from '../resource.js';

const SECONDS = 'Seconds, to the hundredth (`ip` itself takes hundredths of a second).';

export const bridgeSchema: JsonSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['name'],
  properties: {
    name: { type: 'string', format: 'interface', description: 'The bridge.', examples: ['br0'] },
    ports: {
      type: 'array',
      uniqueItems: true,
      items: { type: 'string', format: 'interface' },
      description: 'Devices that belong to the bridge. Other ports stay, unless exclusive is said.',
      examples: [['eth1']],
    },
    exclusive: { type: 'boolean', default: false, description: 'Take all other ports out of the bridge.' },
    mac: {
      type: 'string',
      format: 'mac',
      description:
        "The bridge's MAC. It is set in any case, so that it does not move when taps come and go: without this to that of the first port.",
      examples: ['52:54:00:12:34:56'],
    },
    mtu: { type: 'integer', minimum: 68, maximum: 65_535, description: 'Bytes.' },
    stp: { type: 'boolean', description: 'The spanning tree protocol.' },
    forward_delay: {
      type: 'number',
      description: `${SECONDS} How long a new port listens and learns; 2 to 30 with stp, 0 to 30 without.`,
      examples: [15],
    },
    hello_time: { type: 'number', description: `${SECONDS} 1 to 10.`, examples: [2] },
    max_age: { type: 'number', description: `${SECONDS} 6 to 40.`, examples: [20] },
    ageing_time: {
      type: 'number',
      description: `${SECONDS} How long an address that is not heard of is remembered; 0 makes a hub.`,
      examples: [300],
    },
    priority: {
      type: 'integer',
      minimum: 0,
      maximum: 65_535,
      description: 'For the election of the root bridge.',
    },
    vlan_filtering: { type: 'boolean', description: 'Whether the bridge looks at VLAN tags.' },
    multicast_snooping: {
      type: 'boolean',
      description: 'Whether multicast packets go only to the ports that asked for them.',
    },
    up: {
      type: 'boolean',
      default: true,
      description: 'Whether the bridge is up; true brings the ports that are listed up, too.',
    },
    state: {
      enum: ['present', 'absent'],
      default: 'present',
      description: 'absent removes the bridge; its ports stay.',
    },
  },
};
