/** The parameters that every kind of made-up link has. */
import type { JsonSchema } from '../../resource.js';
import { linkSchema } from '../link-schema.js';
import type { LinkKind } from './kind.js';

const shared = linkSchema.properties as Readonly<Record<string, JsonSchema>>;

function of(name: string, description?: string): JsonSchema {
  return { ...shared[name], ...(description !== undefined && { description }) };
}

/** The schema of a kind: its own parameters between those that all have. */
export function schemaOf(
  kind: Pick<LinkKind, 'properties' | 'required' | 'called' | 'ethernet'>,
): JsonSchema {
  const { properties, required = [], called, ethernet } = kind;
  return {
    type: 'object',
    additionalProperties: false,
    required: ['name'],
    properties: {
      name: { type: 'string', format: 'interface', description: `The link: ${called}.` },
      ...properties,
      ...(ethernet && { mac: of('mac', 'Its hardware address; without it the kernel makes one up.') }),
      mtu: of('mtu'),
      txqueuelen: of('txqueuelen', 'Packets that wait to be sent.'),
      alias: of('alias'),
      master: of('master'),
      up: { type: 'boolean', default: true, description: 'Whether it is up.' },
      state: {
        enum: ['present', 'absent'],
        default: 'present',
        description: 'absent removes it, and with it all that stands on it.',
      },
    },
    ...(required.length > 0 && {
      if: { properties: { state: { const: 'absent' } }, required: ['state'] },
      else: { required: [...required] },
    }),
  };
}
