/** The parameters of `tap`, in the words of `ip tuntap`, and a guest's MAC. */
import type { JsonSchema } from '../resource.js';

export const tapSchema: JsonSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['name'],
  properties: {
    name: { type: 'string', format: 'interface', description: 'The tap.', examples: ['tap0'] },
    mode: {
      enum: ['tap', 'tun'],
      default: 'tap',
      description: 'tap carries Ethernet frames, tun IP packets.',
    },
    bridge: {
      type: ['string', 'null'],
      format: 'interface',
      description: 'The bridge that it belongs to; null for none.',
      examples: ['br0'],
    },
    owner: {
      type: ['string', 'integer', 'null'],
      minimum: 0,
      description:
        'The user who may use it, by name or number; null for anybody. A change makes the tap anew: a running guest loses it.',
      examples: ['root', 1000],
    },
    group: {
      type: ['string', 'integer', 'null'],
      minimum: 0,
      description: 'The group that may use it. A change makes the tap anew.',
      examples: ['kvm'],
    },
    multi_queue: { type: 'boolean', description: 'Whether it has many queues. A change makes the tap anew.' },
    vnet_hdr: {
      type: 'boolean',
      description:
        'Whether packets carry a virtio header. A change makes the tap anew; it is not compared while a program uses the tap, since that chooses for itself.',
    },
    guest_mac: {
      type: 'string',
      format: 'mac',
      description: "The guest's MAC: the tap gets it with its first byte fe, or fa where it begins with fe.",
      examples: ['52:54:00:84:e3:62'],
    },
    mac: {
      type: 'string',
      format: 'mac',
      description:
        "The tap's own MAC, never the guest's. Without it and guest_mac, one that is put into a bridge gets a fixed one that begins with fe.",
      examples: ['fe:54:00:84:e3:62'],
    },
    mtu: { type: 'integer', minimum: 68, maximum: 65_521, description: 'Bytes.' },
    up: { type: 'boolean', default: true, description: 'Whether the tap is up.' },
    state: { enum: ['present', 'absent'], default: 'present', description: 'absent removes the tap.' },
  },
};
