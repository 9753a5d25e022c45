import type { Problem } from '../shared/change.js';
import { settingsOf } from '../snapshot/kinds/kinds.js';
import type { Wish } from './links/virtual/kind.js';
import { virtualLink } from './links/virtual/plan.js';
import type { JsonSchema } from './resource.js';

function flag(text: string): JsonSchema {
  return { type: 'boolean', description: text };
}

function priorities(from: string, to: string, bounds: JsonSchema, example: unknown): JsonSchema {
  return {
    type: ['object', 'null'],
    description: `${from}, each with ${to}: all of the map, what is not in it stands for 0; null clears it.`,
    propertyNames: { pattern: '^(0|[1-9][0-9]*)$' },
    additionalProperties: { type: 'integer', minimum: 0, ...bounds },
    examples: [example],
  };
}

/** The kernel has each VLAN of a device once. */
function check({ params, wanted, snapshot }: Wish): Problem[] {
  const twin = [...snapshot.links.values()].find((link) => {
    if (link.kind !== 'vlan' || link.name === params.name || link.lower !== wanted.link) return false;
    const { id, protocol } = settingsOf(link);
    return id === wanted.id && protocol === wanted.protocol;
  });
  if (twin === undefined) return [];
  return [{ message: `${wanted.link} has VLAN ${wanted.id} already: ${twin.name}`, path: ['id'] }];
}

const STOLEN = 2;

/** A tagged VLAN of a device. */
export const vlan = virtualLink({
  name: 'vlan',
  plural: 'vlans',
  called: 'a VLAN',
  summary: 'A tagged VLAN of a device.',
  ethernet: true,
  required: ['link', 'id'],
  properties: {
    link: {
      type: 'string',
      format: 'interface',
      description: 'The device whose frames are tagged. A change makes the VLAN anew.',
      examples: ['eth0'],
    },
    id: {
      type: 'integer',
      minimum: 0,
      maximum: 4094,
      description: 'The number of the VLAN. A change makes it anew.',
      examples: [100],
    },
    protocol: {
      enum: ['802.1Q', '802.1ad'],
      default: '802.1Q',
      description: 'Of the tag. A change makes the VLAN anew.',
    },
    reorder_hdr: flag('Whether the tag is taken out before anybody sees the frame: on by itself.'),
    gvrp: flag('Whether the VLAN is registered by GVRP.'),
    mvrp: flag('Whether the VLAN is registered by MVRP.'),
    loose_binding: flag('Whether the VLAN keeps its own state when the device below goes up or down.'),
    bridge_binding: flag('Whether the VLAN has a carrier by the ports of the bridge that it is on.'),
    ingress_qos_map: priorities(
      'Priorities of tags that come in',
      'that of the packet',
      { maximum: 4_294_967_295 },
      { 1: 2 },
    ),
    egress_qos_map: priorities(
      'Priorities of packets that go out',
      'that of the tag',
      { maximum: 7 },
      { 6: 5 },
    ),
  },
  examples: [
    { vlan: { name: 'eth0.100', link: 'eth0', id: 100 } },
    {
      vlan: { name: 'outer', link: 'eth0', id: 7, protocol: '802.1ad', gvrp: true, egress_qos_map: { 6: 5 } },
    },
    { vlan: { name: 'eth0.100', state: 'absent' } },
  ],
  fresh({ link }, snapshot) {
    const lower = snapshot.links.get(link ?? '');
    return {
      flags: ['BROADCAST', 'MULTICAST'],
      mac: lower?.mac ?? null,
      addrAssignType: STOLEN,
      ...(lower && { mtu: lower.mtu }),
    };
  },
  check,
});
