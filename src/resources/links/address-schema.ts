/** The parameters of `address`, in the words of `ip address`. */
import type { JsonSchema } from '../resource.js';

const LIFETIME = {
  anyOf: [{ type: 'integer', minimum: 0, maximum: 4_294_967_294 }, { enum: ['forever', null] }],
} as const;

export const addressSchema: JsonSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['dev', 'address'],
  properties: {
    dev: { type: 'string', format: 'interface', description: 'The device.', examples: ['eth0'] },
    address: {
      type: 'string',
      anyOf: [{ format: 'ip-interface' }, { format: 'ip-address' }],
      description: 'The address with its prefix length; a bare one is a single host (/32, /128).',
      examples: ['192.168.1.1/24', '2001:db8::1/64'],
    },
    peer: {
      type: ['string', 'null'],
      format: 'ip-prefix',
      description:
        'The other end of a point-to-point link. A part of what tells addresses apart: without it, the address without a peer is meant.',
      examples: ['10.0.0.2', '10.0.0.2/32'],
    },
    broadcast: {
      anyOf: [{ type: 'string', format: 'ipv4-address' }, { enum: ['+', '-', null] }],
      description: "The broadcast address; + is the network's last address, - its first, null none.",
      examples: ['+', '192.168.1.255'],
    },
    anycast: {
      type: 'string',
      format: 'ip-address',
      description: 'Refused with the reason: `ip` takes the word, but no kernel keeps it.',
    },
    label: {
      type: ['string', 'null'],
      pattern: '^[^\\s]{1,15}$',
      description: "IPv4: the address's label; it begins with the device's name. null for the plain name.",
      examples: ['eth0:1'],
    },
    scope: {
      type: ['string', 'integer', 'null'],
      description:
        'global, site, link, host or a number; null for what the address has by itself. IPv4 only.',
      examples: ['link'],
    },
    metric: {
      type: ['integer', 'null'],
      minimum: 0,
      maximum: 4_294_967_295,
      description: "The metric of the address's own network route; null or 0 for the default.",
      examples: [100],
    },
    valid_lft: {
      ...LIFETIME,
      description:
        'Seconds until the kernel removes the address, or forever. What is left of a lifetime is no difference: it is not renewed.',
      examples: ['forever', 3600],
    },
    preferred_lft: {
      ...LIFETIME,
      description: 'Seconds until no new connection uses the address, or forever; 0 is deprecated at once.',
      examples: [0],
    },
    noprefixroute: { type: 'boolean', description: 'Make no route to the network of the address.' },
    home: { type: 'boolean', description: "IPv6: a mobile node's home address (RFC 6275)." },
    mngtmpaddr: { type: 'boolean', description: 'IPv6: make temporary addresses from this one (RFC 3041).' },
    nodad: {
      type: 'boolean',
      description:
        'IPv6: no check for duplicates. A new address without it can be used as `src` of a route only after a second or two.',
    },
    autojoin: { type: 'boolean', description: 'Join the group of this multicast address.' },
    state: { enum: ['present', 'absent'], default: 'present', description: 'absent removes the address.' },
  },
};
