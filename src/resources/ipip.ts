import { virtualLink } from './links/virtual/plan.js';
import { TUNNEL, tunnelProblems } from './links/virtual/tunnel.js';

/** IPv4 packets in IPv4. */
export const ipip = virtualLink({
  name: 'ipip',
  plural: 'ipips',
  called: 'an IPIP tunnel',
  summary: 'An IPIP tunnel: IPv4 packets in IPv4, with no header between.',
  ethernet: false,
  properties: {
    ...TUNNEL,
    mode: {
      enum: ['any', 'ipip', 'mplsip'],
      description: 'What it carries; any by itself. A change makes it anew.',
    },
  },
  examples: [
    { ipip: { name: 'tun1', remote: '192.0.2.2', local: '192.0.2.1', ttl: 64 } },
    { ipip: { name: 'tun1', state: 'absent' } },
  ],
  changeable: ({ encap }) => encap === 'none',
  fresh: ({ remote }) => ({ flags: [remote == null ? 'NOARP' : 'POINTOPOINT', 'NOARP'], mtu: 1480 }),
  check: (wish) => tunnelProblems(wish, 'ipip'),
});
