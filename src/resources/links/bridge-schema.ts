/** The parameters of `bridge`. Times are seconds, as brctl, ifupdown and networkd take them. */
import type { JsonSchema } from '../resource.js';
import { vlanSchemas } from './port-vlans.js';

const SECONDS = 'Seconds, to the hundredth (`ip` itself takes hundredths of a second).';

function flag(description: string): JsonSchema {
  return { type: 'boolean', description };
}

function times(description: string, usual: number): JsonSchema {
  return { type: 'number', description: `${SECONDS} ${description}`, examples: [usual] };
}

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
    vlan_protocol: { enum: ['802.1Q', '802.1ad'], description: 'The tags that it looks at.' },
    vlan_default_pvid: {
      type: 'integer',
      minimum: 0,
      maximum: 4094,
      description:
        'The VLAN that each new port begins with, untagged; 0 for none. A change goes for all ports that still have the old one.',
    },
    vlan_stats_enabled: flag('Whether packets are counted by VLAN.'),
    ...vlanSchemas,
    group_fwd_mask: {
      type: 'integer',
      minimum: 0,
      maximum: 65_535,
      description:
        'Link-local groups (01:80:c2:00:00:0X) that are handed on, as bits; the three lowest never are.',
      examples: [16_384],
    },
    group_address: {
      type: 'string',
      format: 'mac',
      description:
        'The group that its spanning tree talks to: 01:80:c2:00:00:00, or one that ends in 04 to 0f.',
      examples: ['01:80:c2:00:00:00'],
    },
    no_linklocal_learn: flag('Whether addresses are not learned from link-local frames.'),
    multicast_snooping: flag('Whether multicast packets go only to the ports that asked for them.'),
    mcast_vlan_snooping: flag('The same by VLAN. Needs vlan_filtering.'),
    mcast_router: {
      type: 'integer',
      minimum: 0,
      maximum: 2,
      description: 'Whether the bridge itself is a multicast router: 0 never, 1 as learned, 2 always.',
    },
    mcast_querier: flag('Whether it asks for listeners where nobody else does.'),
    mcast_query_use_ifaddr: flag('Whether it asks with its own address and not with 0.0.0.0.'),
    mcast_hash_max: { type: 'integer', minimum: 1, description: 'The most groups that it knows.' },
    mcast_last_member_count: {
      type: 'integer',
      minimum: 0,
      description: 'Questions before a group counts as left.',
    },
    mcast_last_member_interval: times('Between those.', 1),
    mcast_startup_query_count: { type: 'integer', minimum: 0, description: 'Questions at the start.' },
    mcast_startup_query_interval: times('Between those; 1 at least.', 31.25),
    mcast_membership_interval: times('Until a group without answers is left.', 260),
    mcast_querier_interval: times('Until another querier counts as gone.', 255),
    mcast_query_interval: times('Between questions; 1 at least.', 125),
    mcast_query_response_interval: times('In which answers are due.', 10),
    mcast_stats_enabled: flag('Whether multicast packets are counted.'),
    mcast_igmp_version: { type: 'integer', minimum: 2, maximum: 3, description: 'Of IGMP.' },
    mcast_mld_version: { type: 'integer', minimum: 1, maximum: 2, description: 'Of MLD.' },
    nf_call_iptables: flag("Whether iptables sees the bridge's IPv4 packets."),
    nf_call_ip6tables: flag("Whether ip6tables sees the bridge's IPv6 packets."),
    nf_call_arptables: flag("Whether arptables sees the bridge's ARP packets."),
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
