/** Parameters that `qdisc`, `class` and `filter` share, and kinds of values of tc. */
import type { JsonSchema } from '../resource.js';

const NUMBER_OR_TEXT = ['string', 'integer'];
/** u32 of the kernel's. */
const MAX = 0xffff_ffff;
/** Bits per second: what a number holds exactly, as `parseRate` wants it. */
export const MAX_RATE = Number.MAX_SAFE_INTEGER;

export function rate(description: string, examples: readonly string[] = ['100mbit']): JsonSchema {
  return { type: NUMBER_OR_TEXT, format: 'rate', minimum: 8, maximum: MAX_RATE, description, examples };
}

export function size(description: string, examples: readonly unknown[] = ['32k']): JsonSchema {
  return { type: NUMBER_OR_TEXT, format: 'tc-size', minimum: 0, maximum: MAX, description, examples };
}

export function time(description: string, examples: readonly string[]): JsonSchema {
  return { type: NUMBER_OR_TEXT, format: 'tc-time', minimum: 0, maximum: MAX, description, examples };
}

export function percent(description: string): JsonSchema {
  return {
    type: ['string', 'number'],
    format: 'tc-percent',
    minimum: 0,
    maximum: 100,
    description,
    examples: ['1%'],
  };
}

export function count(description: string, examples: readonly number[], minimum = 0): JsonSchema {
  return { type: 'integer', minimum, maximum: MAX, description, examples };
}

export const dev: JsonSchema = {
  type: 'string',
  format: 'interface',
  description: 'The device.',
  examples: ['eth1'],
};

/** A handle or a class's id: hexadecimal, whether with its colon or, of a qdisc, as a bare number. */
export function id(
  format: 'tc-handle' | 'tc-class' | 'tc-parent',
  description: string,
  examples: readonly string[],
): JsonSchema {
  const type = format === 'tc-class' ? 'string' : NUMBER_OR_TEXT;
  return { type, format, ...(type !== 'string' && { minimum: 1, maximum: 9999 }), description, examples };
}

export function state(description: string): JsonSchema {
  return { enum: ['present', 'absent'], default: 'present', description, examples: ['absent'] };
}

/** What all kinds that count bytes on the wire share. */
export const linkLayer = {
  mpu: count('The least bytes that a packet is counted as.', [64]),
  overhead: {
    type: 'integer',
    minimum: 0,
    maximum: 65_535,
    description: 'Bytes that each packet has on the wire beside those that the kernel sees.',
    examples: [24],
  },
  linklayer: { enum: ['ethernet', 'atm'], description: 'How the wire cuts packets.' },
} as const satisfies Record<string, JsonSchema>;
