/** The parameters of `shape`. */
import type { JsonSchema } from '../resource.js';
import { MAX_RATE } from '../tc/common-schema.js';

/** What a packet must be, in all of it. */
export interface MatchParams {
  src?: string;
  dst?: string;
  protocol?: string | number;
  sport?: number;
  dport?: number;
  dscp?: string | number;
  mark?: string | number;
  ve?: string | number;
}

export interface ClassParams {
  name: string;
  rate?: string | number;
  ceil?: string | number;
  priority?: number;
  match?: MatchParams | readonly MatchParams[];
  default?: boolean;
}

export interface IngressParams {
  rate: string | number;
  by?: 'auto' | 'ifb' | 'police';
  burst?: string | number;
  classes?: readonly ClassParams[];
}

export interface ShapeParams {
  dev: string;
  egress?: string | number;
  burst?: string | number;
  classes?: readonly ClassParams[];
  ingress?: string | number | IngressParams;
  state?: 'present' | 'absent';
}

/** Where a class stands that says nothing, with room on both sides. */
export const PRIORITY = 4;
/** More would be more tables of u32 than the kernel has for one qdisc (0x800). */
const MAX_CLASSES = 1000;

const NUMBER_OR_TEXT = ['string', 'integer'];
const rate = { type: NUMBER_OR_TEXT, format: 'rate', minimum: 1, maximum: MAX_RATE } as const;
const share = { type: NUMBER_OR_TEXT, format: 'rate-share', minimum: 1, maximum: MAX_RATE } as const;
const port = { type: 'integer', minimum: 1, maximum: 65_535 } as const;
const prefix = { type: 'string', format: 'ip-prefix' } as const;

function burst(of: string, police = ''): JsonSchema {
  return {
    type: NUMBER_OR_TEXT,
    format: 'tc-size',
    minimum: 1,
    maximum: 0xffff_ffff,
    description: `Bytes that may ${of} at once, of the whole and of each class. Left out: a millisecond's worth and a packet, more where the kernel's clock is coarse${police}.`,
    examples: ['15k'],
  };
}

const matchSchema = {
  type: 'object',
  additionalProperties: false,
  minProperties: 1,
  properties: {
    src: { ...prefix, description: 'The source.', examples: ['192.168.1.0/24'] },
    dst: { ...prefix, description: 'The destination.', examples: ['2001:db8::/48'] },
    protocol: {
      type: NUMBER_OR_TEXT,
      pattern: '^(tcp|udp|icmp|icmpv6|sctp|gre|esp|ah|[0-9]+)$',
      minimum: 0,
      maximum: 255,
      description: 'The IP protocol. With a port and without this: TCP and UDP.',
      examples: ['tcp'],
    },
    sport: { ...port, description: 'The source port.', examples: [443] },
    dport: { ...port, description: 'The destination port.', examples: [22] },
    dscp: {
      type: NUMBER_OR_TEXT,
      pattern: '^(ef|va|le|cs[0-7]|af[1-4][1-3]|[0-9]|[1-5][0-9]|6[0-3])$',
      minimum: 0,
      maximum: 63,
      description: 'The DiffServ code point, by name or number.',
      examples: ['ef', 46],
    },
    mark: {
      type: NUMBER_OR_TEXT,
      format: 'fwmark',
      minimum: 1,
      maximum: 0xffff_ffff,
      description:
        "The firewall's mark, with a mask behind a slash. Alone in its match; not for ingress, where the firewall has not seen the packet yet.",
      examples: ['0x1/0xff'],
    },
    ve: {
      type: NUMBER_OR_TEXT,
      minimum: 1,
      minLength: 1,
      description:
        'An OpenVZ container, by id, UUID, name or hostname; * and ? as in ve_pin. Its addresses: as the source of what leaves by a NIC, as the destination of what leaves by venet0, and the other way for ingress.',
      examples: [101, 'www*'],
    },
  },
} as const;

const classSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['name'],
  properties: {
    name: {
      type: 'string',
      minLength: 1,
      description: 'Its name, by which a later run finds it: the list may change around it.',
      examples: ['web'],
    },
    rate: {
      ...share,
      description:
        'What it gets in any case; % is of the whole. Left out: an equal part of what the others leave.',
      examples: ['30mbit', '30%'],
    },
    ceil: {
      ...share,
      description: 'What it may have while others leave it. Left out: the whole.',
      examples: ['80mbit'],
    },
    priority: {
      type: 'integer',
      minimum: 0,
      maximum: 7,
      default: PRIORITY,
      description:
        'Who is first to get what others leave: 0 before 7. What is guaranteed does not depend on it.',
      examples: [0],
    },
    match: {
      anyOf: [matchSchema, { type: 'array', minItems: 1, items: matchSchema }],
      description:
        'Its packets: those that have all of this, or of a list any. Where two classes fit, the first of the list gets them.',
      examples: [{ dst: '192.168.2.0/24', protocol: 'tcp', dport: 443 }, [{ ve: 101 }, { dscp: 'ef' }]],
    },
    default: {
      type: 'boolean',
      default: false,
      description:
        'It takes what no class matches, ARP too. Without such a class there is one beside the others that has what they leave.',
    },
  },
} as const;

function classes(which: string): JsonSchema {
  return {
    type: 'array',
    maxItems: MAX_CLASSES,
    items: classSchema,
    description: `How ${which} is shared.`,
  };
}

export const shapeSchema: JsonSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['dev'],
  dependentRequired: { classes: ['egress'], burst: ['egress'] },
  if: { required: ['state'], properties: { state: { const: 'absent' } } },
  else: { anyOf: [{ required: ['egress'] }, { required: ['ingress'] }] },
  properties: {
    dev: { type: 'string', format: 'interface', description: 'The device.', examples: ['eth1', 'venet0'] },
    egress: {
      ...rate,
      description: 'The rate of what leaves by it. Left out, a limit that an earlier run made is removed.',
      examples: ['100mbit'],
    },
    burst: burst('leave'),
    classes: classes('egress'),
    ingress: {
      anyOf: [
        rate,
        {
          type: 'object',
          additionalProperties: false,
          required: ['rate'],
          properties: {
            rate: { ...rate, description: 'The rate of what comes in by it.', examples: ['20mbit'] },
            by: {
              enum: ['auto', 'ifb', 'police'],
              default: 'auto',
              description:
                'ifb lets packets wait in a queue behind a device of its own; police drops those that are too many. auto is ifb where the kernel has it.',
              examples: ['police'],
            },
            burst: burst('come in', '; for police a tenth of a second'),
            classes: classes('ingress (takes ifb), each as above'),
          },
        },
      ],
      description:
        'The rate of what comes in by it, or a map of rate, by, burst and classes. Left out, a limit that an earlier run made is removed.',
      examples: ['20mbit', { rate: '20mbit', by: 'ifb', classes: [{ name: 'web', match: { sport: 443 } }] }],
    },
    state: {
      enum: ['present', 'absent'],
      default: 'present',
      description: 'absent removes what shape made of the device, and nothing else.',
      examples: ['absent'],
    },
  },
};
