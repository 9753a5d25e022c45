import { greKind } from './links/virtual/gre-kind.js';
import { virtualLink } from './links/virtual/plan.js';

/** IP packets in IPv4, by GRE. */
export const gre = virtualLink({
  ...greKind('gre', 24),
  plural: 'gres',
  called: 'a GRE tunnel',
  summary: 'A GRE tunnel over IPv4 that carries IP packets.',
  ethernet: false,
  examples: [
    { gre: { name: 'gre1', remote: '192.0.2.2', local: '192.0.2.1', ttl: 64 } },
    { gre: { name: 'gre2', remote: '192.0.2.2', local: '192.0.2.1', key: 42, csum: true } },
    { gre: { name: 'gre1', state: 'absent' } },
  ],
});
