/** The parameters of `filter`, in tc's words. */
import type { JsonSchema } from '../resource.js';
import { dev, id, rate, size, state } from './common-schema.js';

const NUMBER = {
  type: ['string', 'integer'],
  pattern: '^(0|[1-9][0-9]*|0[xX][0-9a-fA-F]+)$',
  minimum: 0,
} as const;

function address(which: string): JsonSchema {
  return {
    type: 'string',
    format: 'ip-prefix',
    description: `u32, flower: the ${which} address or network.`,
    examples: ['10.2.0.1', '2001:db8::/48'],
  };
}

function port(which: string): JsonSchema {
  return {
    type: 'integer',
    minimum: 0,
    maximum: 65_535,
    description: `u32, flower: the ${which} port. u32 looks for it behind an IP header without options.`,
    examples: [443],
  };
}

const match: JsonSchema = {
  type: 'object',
  additionalProperties: false,
  description: 'u32 and flower: what a packet must be, in all of these; {} or nothing is every packet.',
  examples: [{ dst: '10.2.0.0/24', protocol: 'tcp', dport: 443 }],
  properties: {
    src: address('source'),
    dst: address('destination'),
    protocol: {
      type: ['string', 'integer'],
      pattern: '^(tcp|udp|icmp|icmpv6|sctp|gre|esp|ah|[0-9]+)$',
      minimum: 0,
      maximum: 255,
      description: "u32, flower: the packet's IP protocol, by name or number.",
      examples: ['tcp'],
    },
    sport: port('source'),
    dport: port('destination'),
    tos: {
      type: ['string', 'integer'],
      format: 'fwmark',
      minimum: 0,
      maximum: 255,
      description: 'u32, flower: the TOS byte or traffic class, with a mask behind a slash.',
      examples: ['0x10/0xfc'],
    },
    src_mac: { type: 'string', format: 'mac', description: 'flower: the source MAC.' },
    dst_mac: { type: 'string', format: 'mac', description: 'flower: the destination MAC.' },
    vlan_id: {
      type: 'integer',
      minimum: 0,
      maximum: 4095,
      description: 'flower: the VLAN (protocol: 802.1Q).',
    },
    indev: { type: 'string', format: 'interface', description: 'flower: the device that it came in by.' },
    u32: {
      type: 'array',
      minItems: 1,
      description: "u32: further bits, as tc's `match u32 VALUE MASK at OFF`.",
      examples: [[{ value: '0x0a020001', mask: '0xffffffff', at: 12 }]],
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['value', 'mask', 'at'],
        properties: {
          value: { ...NUMBER, maximum: 0xffff_ffff, description: '32 bits.', examples: ['0x0a020001'] },
          mask: {
            ...NUMBER,
            maximum: 0xffff_ffff,
            description: 'Those of them that count.',
            examples: ['0xffffffff'],
          },
          at: {
            type: 'integer',
            minimum: -128,
            maximum: 65_532,
            multipleOf: 4,
            description: 'Bytes from the begin of the IP header.',
            examples: [12],
          },
        },
      },
    },
  },
};

export const VERDICTS = ['pass', 'drop', 'continue', 'pipe', 'reclassify'] as const;

const action: JsonSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['kind'],
  properties: {
    kind: {
      enum: ['gact', 'mirred', 'police', 'skbedit'],
      description: 'gact gives a verdict, mirred sends elsewhere, police limits, skbedit marks.',
      examples: ['mirred'],
    },
    action: { enum: VERDICTS, description: 'gact: the verdict.', examples: ['drop'] },
    redirect: {
      type: 'string',
      format: 'interface',
      description: 'mirred: the device that packets go to instead.',
      examples: ['ifb-eth1'],
    },
    mirror: {
      type: 'string',
      format: 'interface',
      description: 'mirred: the device that gets a copy.',
      examples: ['tap0'],
    },
    direction: {
      enum: ['egress', 'ingress'],
      default: 'egress',
      description: 'mirred: whether they leave by that device, or come in by it.',
    },
    rate: rate('police: the rate that may pass.', ['20mbit']),
    burst: size('police: bytes that may pass at once.', ['200k']),
    mtu: size('police: the longest packet; 64k lets those pass that the NIC joins.', ['64k']),
    conform: {
      enum: VERDICTS,
      description: 'police: what becomes of packets within the rate; pipe goes on with the next action.',
    },
    exceed: { enum: VERDICTS, default: 'drop', description: 'police: what becomes of the others.' },
    mark: {
      ...NUMBER,
      maximum: 0xffff_ffff,
      description: "skbedit: the firewall's mark that packets get.",
      examples: [1],
    },
    queue_mapping: {
      type: 'integer',
      minimum: 0,
      maximum: 65_535,
      description: 'skbedit: the queue that they get.',
      examples: [0],
    },
    priority: id('tc-class', 'skbedit: the class that they get, as their priority.', ['1:10']),
  },
};

export const filterSchema: JsonSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['dev'],
  properties: {
    dev,
    parent: id(
      'tc-parent',
      'What it sorts for: a qdisc or class by its id, or ingress or egress (of a qdisc ingress or clsact). Needed unless absent.',
      ['1:', 'ingress'],
    ),
    protocol: {
      type: 'string',
      pattern: '^[A-Za-z0-9][A-Za-z0-9._-]*$',
      description:
        "The frame's protocol: all, ip, ipv6, arp, 802.1Q. Left out, that of what match names, else all.",
      examples: ['ip'],
    },
    prio: {
      type: 'integer',
      minimum: 1,
      maximum: 65_535,
      description:
        'Its place (tc: prio or pref): the lowest is asked first. Needed unless absent. All filters of one prio share protocol and kind.',
      examples: [10],
    },
    kind: {
      enum: ['u32', 'flower', 'fw', 'matchall'],
      description:
        'How it looks at packets; u32 for a new one where it is left out, since every kernel has it.',
      examples: ['u32'],
    },
    handle: {
      type: ['string', 'integer'],
      pattern: '^(0x)?[0-9a-fA-F:]+(/0x[0-9a-fA-F]+)?$',
      minimum: 1,
      description:
        "fw: the firewall's mark, with its mask. Others: its number within the prio (u32: 800::801 or ::801). With it a match can be changed; without it another match is another filter.",
      examples: ['0x1', '::801'],
    },
    match,
    classid: id('tc-class', 'The class that packets are sorted into (tc: classid or flowid).', ['1:10']),
    action: {
      anyOf: [{ enum: VERDICTS }, action, { type: 'array', items: { anyOf: [{ enum: VERDICTS }, action] } }],
      description: 'What becomes of packets, one or a list in their order; a verdict alone is gact.',
      examples: ['drop', { kind: 'mirred', redirect: 'ifb-eth1' }],
    },
    state: state('absent removes every filter of the device that has all that is given.'),
  },
  if: { required: ['state'], properties: { state: { const: 'absent' } } },
  else: { required: ['parent', 'prio'] },
};
