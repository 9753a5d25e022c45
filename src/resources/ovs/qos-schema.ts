/** The parameters of `ovs_qos`. */
import type { JsonSchema } from '../resource.js';
import { externalIds, nameParameter, stateParameter } from './schema.js';

function rate(description: string, example: string): JsonSchema {
  return { type: ['string', 'null'], format: 'rate', description, examples: [example] };
}

const queue: JsonSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['id'],
  properties: {
    id: {
      type: 'integer',
      minimum: 0,
      maximum: 61_439,
      description: 'Its number; 0 takes what no flow sends elsewhere.',
      examples: [1],
    },
    max_rate: rate('What it never exceeds.', '20mbit'),
    min_rate: rate('What it gets in any case.', '10mbit'),
    burst: rate('How much it may send at once, in bits by the units of tc; for linux-htb.', '1mbit'),
    priority: {
      type: ['integer', 'null'],
      minimum: 0,
      maximum: 4_294_967_295,
      description: 'Who gets first what is left, the lowest; for linux-htb.',
      examples: [5],
    },
    dscp: {
      type: ['integer', 'null'],
      minimum: 0,
      maximum: 63,
      description: "Set in all that passes it; null leaves packets' own.",
      examples: [46],
    },
  },
};

export const qosSchema: JsonSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['port'],
  properties: {
    port: nameParameter('The port; what Open vSwitch sends by it is shaped.', 'eth1'),
    type: { enum: ['linux-htb', 'linux-hfsc'], description: 'linux-htb for a new one.' },
    max_rate: rate('All queues together.', '100mbit'),
    queues: {
      type: 'array',
      items: queue,
      description: 'Queues by their numbers. Others stay, unless exclusive is said.',
      examples: [[{ id: 1, max_rate: '20mbit' }]],
    },
    exclusive: { type: 'boolean', default: false, description: 'Take all other queues away.' },
    external_ids: externalIds,
    state: stateParameter(
      'absent takes the QoS with its queues away, but for what other ports have as well.',
    ),
  },
};
