import { virtualLink } from './links/virtual/plan.js';
import { QUEUES } from './links/virtual/queues.js';

/** Where tc redirects what a device receives, so that it can be shaped like what is sent. */
export const ifb = virtualLink({
  name: 'ifb',
  plural: 'ifbs',
  called: 'an ifb',
  summary: 'A link that tc redirects received packets to, so that they can be shaped.',
  ethernet: true,
  fixedMac: true,
  properties: QUEUES,
  examples: [{ ifb: { name: 'ifb-eth0' } }, { ifb: { name: 'ifb-eth0', state: 'absent' } }],
  fresh: () => ({ flags: ['BROADCAST', 'NOARP'], txqueuelen: 32 }),
});
