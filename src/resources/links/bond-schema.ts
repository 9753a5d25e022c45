/** The parameters of `bond`, by iproute2's words. Times are milliseconds, as the kernel's own. */
import { BOND_MODES } from '../../snapshot/bond.js';
import type { JsonSchema } from '../resource.js';

const DOWN = 'Changing it takes the bond down for a moment.';
const EMPTY = 'Changing it takes the bond down, and its ports out, for a moment.';
const MAX = 0x7fff_ffff;

const number = (description: string, maximum = MAX, minimum = 0): JsonSchema => ({
  type: ['integer', 'null'],
  minimum,
  maximum,
  description,
});
const choice = (values: readonly string[], description: string): JsonSchema => ({
  enum: [...values, null],
  description,
});
const toggle = (description: string): JsonSchema => ({ type: ['boolean', 'null'], description });

export const bondSchema: JsonSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['name'],
  properties: {
    name: { type: 'string', format: 'interface', description: 'The bond.', examples: ['bond0'] },
    mode: {
      enum: [...BOND_MODES, 0, 1, 2, 3, 4, 5, 6],
      description: `How ports share the traffic, by name or number; a new bond has balance-rr. ${EMPTY}`,
      examples: ['802.3ad'],
    },
    ports: {
      type: 'array',
      uniqueItems: true,
      items: { type: 'string', format: 'interface' },
      description:
        'Devices that belong to the bond, the first one first. Other ports stay, unless exclusive is said. A device that is up is taken down to join.',
      examples: [['eth1', 'eth2']],
    },
    exclusive: { type: 'boolean', default: false, description: 'Take all other ports out of the bond.' },
    mac: {
      type: 'string',
      format: 'mac',
      description: "The bond's MAC. Without this a new bond has that of its first port.",
      examples: ['52:54:00:12:34:56'],
    },
    mtu: { type: 'integer', minimum: 68, maximum: 65_535, description: 'Bytes; of the ports, too.' },
    miimon: number(
      'Milliseconds between looks at the carrier; 0 is never. null is 0, in modes that need it 100.',
    ),
    updelay: number('Milliseconds, a multiple of miimon, before a link that came back is used.'),
    downdelay: number('Milliseconds, a multiple of miimon, before a link that is lost is left.'),
    peer_notify_delay: number(
      'Milliseconds, a multiple of miimon, between announcements after a failover.',
      300_000,
    ),
    use_carrier: toggle('Whether the carrier is asked for by netif_carrier_ok, not by MII.'),
    arp_interval: number(
      'Milliseconds between ARP requests that watch the links, instead of miimon; 0 is none.',
    ),
    arp_ip_target: {
      type: ['array', 'null'],
      maxItems: 16,
      uniqueItems: true,
      items: { type: 'string', format: 'ipv4-address' },
      description: 'IPv4 addresses that are asked for; all of them: others are taken away.',
      examples: [['192.168.1.254']],
    },
    arp_validate: choice(
      ['none', 'active', 'backup', 'all', 'filter', 'filter_active', 'filter_backup'],
      'On which ports an ARP packet must be an answer to count.',
    ),
    arp_all_targets: choice(['any', 'all'], 'How many of the targets must answer on a backup port.'),
    arp_missed_max: number('Missed answers until a link is down.', 255, 1),
    primary: {
      type: ['string', 'null'],
      format: 'interface',
      description:
        'The port that sends whenever it can, in modes active-backup, balance-tlb and balance-alb.',
      examples: ['eth1'],
    },
    primary_reselect: choice(['always', 'better', 'failure'], 'When a primary that came back sends again.'),
    active_slave: {
      type: 'string',
      format: 'interface',
      description: 'The port that is to send now; the bond changes it by itself when that fails.',
      examples: ['eth2'],
    },
    fail_over_mac: choice(
      ['none', 'active', 'follow'],
      `Whether all ports have the bond's MAC (none), or the bond that of the port that sends (active-backup). ${EMPTY}`,
    ),
    xmit_hash_policy: choice(
      ['layer2', 'layer2+3', 'layer3+4', 'encap2+3', 'encap3+4', 'vlan+srcmac'],
      'Which fields of a packet choose its port, in modes that spread by flow.',
    ),
    lacp_active: toggle(`Whether LACP packets are sent unasked (802.3ad). ${DOWN}`),
    lacp_rate: choice(['slow', 'fast'], `LACP packets every 30 seconds or every second (802.3ad). ${DOWN}`),
    ad_select: choice(['stable', 'bandwidth', 'count'], `Which group of ports is used (802.3ad). ${DOWN}`),
    ad_actor_sys_prio: number('The system priority that LACP tells (802.3ad).', 65_535, 1),
    ad_actor_system: {
      type: ['string', 'null'],
      format: 'mac',
      description: "The system MAC that LACP tells (802.3ad); null is the bond's own.",
      examples: ['02:00:00:00:00:01'],
    },
    ad_user_port_key: number(`The upper part of the port key (802.3ad). ${DOWN}`, 1023),
    min_links: number('Links that must be up for the bond to have a carrier (802.3ad).'),
    all_slaves_active: toggle('Whether packets that arrive at a port that does not send are taken.'),
    resend_igmp: number('IGMP reports after a failover.', 255),
    num_grat_arp: number(
      'ARP and neighbour advertisements after a failover; num_unsol_na is the same setting.',
      255,
    ),
    packets_per_slave: number(
      'Packets until the next port has its turn; 0 is at random (balance-rr).',
      65_535,
    ),
    lp_interval: number('Seconds between learning packets to the switch (balance-tlb, balance-alb).', MAX, 1),
    tlb_dynamic_lb: toggle(`Whether traffic is spread by load (balance-tlb, balance-alb). ${DOWN}`),
    up: { type: 'boolean', default: true, description: 'Whether the bond is up.' },
    state: {
      enum: ['present', 'absent'],
      default: 'present',
      description: 'absent removes the bond; its ports stay, down and with MACs of their own.',
    },
  },
};
