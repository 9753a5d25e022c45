/** The parameters of `link`, in the words of `ip link set`. */
import type { JsonSchema } from '../resource.js';

function flag(description: string): JsonSchema {
  return { type: 'boolean', description };
}

export const linkSchema: JsonSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['name'],
  properties: {
    name: {
      type: 'string',
      format: 'interface',
      description: 'The device. It must be there: link changes devices and never makes or deletes one.',
      examples: ['eth0'],
    },
    state: {
      enum: ['up', 'down'],
      description: 'Administrative state. Whether there is a carrier is never compared.',
    },
    mtu: { type: 'integer', minimum: 68, maximum: 65_536, description: 'Bytes.', examples: [1500, 9000] },
    mac: {
      type: 'string',
      format: 'mac',
      description: 'The hardware address (`ip link set address`).',
      examples: ['52:54:00:12:34:56'],
    },
    broadcast: {
      type: 'string',
      format: 'mac',
      description: 'The hardware broadcast address.',
      examples: ['ff:ff:ff:ff:ff:ff'],
    },
    txqueuelen: {
      type: ['integer', 'null'],
      minimum: 0,
      maximum: 4_294_967_295,
      description: "Packets that wait to be sent; null for the kernel's default, 1000.",
    },
    alias: {
      type: ['string', 'null'],
      minLength: 1,
      maxLength: 255,
      pattern: '^[^\\u0000-\\u001f\\u007f]*$',
      description: 'A description that `ip link` shows; null clears it.',
      examples: ['uplink to rack 4'],
    },
    arp: flag('Whether the device uses ARP.'),
    multicast: flag('The MULTICAST flag.'),
    allmulticast: flag('Whether all multicast packets are received.'),
    promisc: flag('Whether all packets are received, whomever they are for.'),
    dynamic: flag('The DYNAMIC flag.'),
    trailers: flag('Whether trailers may be used (off sets the NOTRAILERS flag).'),
    protodown: flag('Whether a protocol holds the device down; few drivers know it.'),
    group: {
      type: ['integer', 'string', 'null'],
      description: 'The group of devices, by number or by its name in /etc/iproute2/group; null for default.',
      examples: ['default', 100],
    },
    master: {
      type: ['string', 'null'],
      format: 'interface',
      description: 'The bridge, bond or VRF that the device belongs to; null takes it out.',
      examples: ['br0'],
    },
    addrgenmode: {
      enum: ['eui64', 'none', 'stable_secret', 'random'],
      description: "How the device's IPv6 link-local address is made.",
    },
    gso_max_size: {
      type: ['integer', 'null'],
      minimum: 1,
      description:
        "Bytes of the largest packet given to the device to cut up; null for the kernel's default, 65536.",
    },
    gso_max_segs: {
      type: ['integer', 'null'],
      minimum: 1,
      maximum: 65_535,
      description: "The most parts that it is cut into; null for the kernel's default, 65535.",
    },
    gro_max_size: {
      type: ['integer', 'null'],
      minimum: 1,
      description:
        "Bytes of the largest packet put together on receipt; null for the kernel's default, 65536.",
    },
    altnames: {
      type: ['array', 'null'],
      uniqueItems: true,
      items: { type: 'string', minLength: 1, maxLength: 127, pattern: '^(?!-)[^\\s/:\\u0000-\\u001f]+$' },
      description: 'Exactly these other names; null or an empty list for none.',
      examples: [['uplink']],
    },
  },
};
