/** The parameters of `neighbour`, in the words of `ip neighbour`. */
import type { JsonSchema } from '../resource.js';

export const neighbourSchema: JsonSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['dst'],
  properties: {
    dst: {
      type: 'string',
      format: 'ip-address',
      description: "The neighbour's address; of a proxy entry, the address that the host answers for.",
      examples: ['192.168.1.9', '2001:db8::9'],
    },
    dev: {
      type: 'string',
      format: 'interface',
      description:
        'The device. With state: absent it may be left out: the entries of every device are meant then.',
      examples: ['eth0'],
    },
    lladdr: {
      type: 'string',
      format: 'mac',
      description: 'The MAC that packets for dst are sent to. Needed unless it is a proxy entry.',
      examples: ['52:54:00:12:34:56'],
    },
    nud: {
      enum: ['permanent', 'noarp'],
      default: 'permanent',
      description:
        'permanent stays until somebody removes it; a noarp one is dropped by the kernel where its table is full.',
    },
    router: {
      type: 'boolean',
      description: 'IPv6: whether the neighbour is a router, or the host answers as one.',
    },
    proxy: {
      type: 'boolean',
      default: false,
      description:
        'An entry by which the host answers ARP or NDP requests for dst that come in by dev, with its own MAC. The device must forward, for IPv6 with proxy_ndp.',
      examples: [true],
    },
    exclusive: {
      type: 'boolean',
      default: false,
      description:
        'With proxy: remove the proxy entries of dst from every other device, so that dev alone answers for it.',
      examples: [true],
    },
    state: {
      enum: ['present', 'absent'],
      default: 'present',
      description:
        'absent removes the neighbour, or with proxy the proxy entry; what the kernel learned by itself is left to it.',
      examples: ['absent'],
    },
  },
};
