/** The parameters of `ve`, in the words of vzctl. */
import type { JsonSchema } from '../resource.js';

const NETIF: JsonSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['ifname'],
  properties: {
    ifname: {
      type: 'string',
      format: 've-interface',
      description: 'Its name inside: what tells the pairs of a container apart.',
      examples: ['eth0'],
    },
    mac: {
      type: 'string',
      format: 'mac',
      description:
        'Its MAC inside; a new pair without one gets one made up. Of a container that runs it changes at its next start.',
      examples: ['52:54:00:84:e3:62'],
    },
    host_ifname: {
      type: 'string',
      format: 've-interface',
      description: 'Its name on the node; changed only while the container is stopped.',
      examples: ['veth101.0'],
    },
    host_mac: {
      type: 'string',
      format: 'mac',
      description:
        "Its MAC on the node; of a new pair the one inside with its first byte fe, which no bridge takes over (vzctl's own would be lower).",
      examples: ['fe:54:00:84:e3:62'],
    },
    bridge: {
      type: 'string',
      format: 've-interface',
      description: 'The bridge on the node that it belongs to.',
      examples: ['vmbr0'],
    },
  },
};

export const veSchema: JsonSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['ve'],
  properties: {
    ve: {
      type: ['string', 'integer'],
      format: 've',
      minimum: 1,
      description: 'The container, by its id, its UUID (OpenVZ 7) or its name. It must be there.',
      examples: [101, 'web', '5b01ac1d-4a4b-4d2a-8a0e-1f5a3c7d9e11'],
    },
    addresses: {
      type: ['array', 'null'],
      items: { type: 'string', format: 'ip-address' },
      description: 'Of its venet0, added to those that it has; null for none.',
      examples: [['192.168.18.101', '2001:db8::101']],
    },
    netifs: {
      type: ['array', 'null'],
      items: NETIF,
      description:
        'Its veth pairs, merged with those that it has; what is not given of a pair is left alone. null for none.',
      examples: [[{ ifname: 'eth0', mac: '52:54:00:84:e3:62', bridge: 'vmbr0' }]],
    },
    exclusive: {
      type: 'boolean',
      default: false,
      description: 'Remove the addresses and netifs that are not given, of the lists that are.',
      examples: [true],
    },
    hostname: {
      type: ['string', 'null'],
      format: 've-hostname',
      description: 'Its host name.',
      examples: ['web.example.org'],
    },
    name: {
      type: ['string', 'null'],
      format: 've-name',
      description: "The node's own name for it, by which vzctl and tasks find it too.",
      examples: ['web'],
    },
    nameservers: {
      type: ['array', 'null'],
      items: { type: 'string', anyOf: [{ format: 'ip-address' }, { enum: ['inherit'] }] },
      description: "Exactly these, in this order; inherit takes the node's.",
      examples: [['192.168.18.1']],
    },
    searchdomains: {
      type: ['array', 'null'],
      items: { type: 'string', format: 've-hostname' },
      description: 'Exactly these, in this order.',
      examples: [['example.org']],
    },
    onboot: { type: 'boolean', description: 'Whether it is started with the node.' },
    state: {
      enum: ['present', 'absent'],
      default: 'present',
      description: 'absent removes the given addresses and netifs (by their ifname), never the container.',
      examples: ['absent'],
    },
  },
};
