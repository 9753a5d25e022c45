import { greKind } from './links/virtual/gre-kind.js';
import { virtualLink } from './links/virtual/plan.js';

/** Ethernet frames in IPv4, by GRE. */
export const gretap = virtualLink({
  ...greKind('gretap', 38),
  plural: 'gretaps',
  called: 'a GRE tunnel for frames',
  summary: 'A GRE tunnel over IPv4 that carries Ethernet frames: it can be a port of a bridge.',
  ethernet: true,
  examples: [
    { gretap: { name: 'gt1', remote: '192.0.2.2', local: '192.0.2.1', key: 7, master: 'br0' } },
    { gretap: { name: 'gt1', state: 'absent' } },
  ],
});
