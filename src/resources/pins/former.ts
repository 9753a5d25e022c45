import type { JsonSchema } from '../resource.js';

/** A sysctl as it was before the first pin, for when the last one goes. */
export interface Former {
  /** Below /proc/sys. */
  path: string;
  value: string;
}

/** A parameter that holds them. */
export const formerSchema: JsonSchema = {
  type: 'array',
  description: 'What sysctls were before the first pin; kept until the last one goes.',
  examples: [[{ path: 'net/ipv4/conf/all/arp_ignore', value: '0' }]],
  items: {
    type: 'object',
    additionalProperties: false,
    required: ['path', 'value'],
    properties: {
      path: {
        type: 'string',
        pattern: '^\\S+$',
        description: 'Below /proc/sys.',
        examples: ['net/ipv4/ip_forward'],
      },
      value: { type: 'string', pattern: '^\\S+$', description: 'What it was.', examples: ['0'] },
    },
  },
};
