/** The queues of a link, which are made with it. */
import type { JsonSchema } from '../../resource.js';

function queues(direction: string): JsonSchema {
  return {
    type: 'integer',
    minimum: 1,
    maximum: 4096,
    description: `Queues for packets that are ${direction}. A change makes the link anew.`,
    examples: [4],
  };
}

export const QUEUES: Readonly<Record<string, JsonSchema>> = {
  numtxqueues: queues('sent'),
  numrxqueues: queues('received'),
};
