/** The parameters of `class`, in tc's words. */
import type { JsonSchema } from '../resource.js';
import { count, dev, id, linkLayer, rate, size, state } from './common-schema.js';

/** All options of an htb class, by tc's word. */
export const classOptions = {
  rate: rate('htb: the rate that the class has in any case.', ['80mbit']),
  ceil: rate(
    'htb: the rate that it may have while others leave some; for a new class as rate. It follows a rate that it was equal to.',
  ),
  burst: size('htb: bytes that may leave at once at ceil. Without it tc chooses, again with each new rate.'),
  cburst: size('htb: bytes that may leave at once at the speed of the line.', [1600]),
  prio: {
    type: 'integer',
    minimum: 0,
    maximum: 7,
    description: 'htb: who is first to get what others leave; 0 before 7. Leaf classes alone.',
    examples: [1],
  },
  quantum: count(
    'htb: bytes that the class may send in its turn; without it rate / r2q. Leaf classes alone.',
    [1514],
    1,
  ),
  ...linkLayer,
} as const;

export const classSchema: JsonSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['dev', 'classid'],
  properties: {
    dev,
    classid: id('tc-class', "Its id: the qdisc's handle and a minor, hexadecimal.", ['1:10']),
    parent: id(
      'tc-parent',
      'The class above it, or the qdisc: that of classid where it is left out. Another one than the present is a replacement.',
      ['1:1'],
    ),
    kind: { enum: ['htb'], default: 'htb', description: 'The kind of its qdisc.' },
    ...classOptions,
    state: state(
      'absent removes it with its leaf qdisc; refused while classes are below it or filters lead to it.',
    ),
  },
  if: { required: ['state'], properties: { state: { const: 'absent' } } },
  else: { required: ['rate'] },
};
