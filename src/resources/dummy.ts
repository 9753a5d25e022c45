import { virtualLink } from './links/virtual/plan.js';

/** A link that drops what it is sent: a place for addresses. */
export const dummy = virtualLink({
  name: 'dummy',
  plural: 'dummies',
  called: 'a dummy',
  summary: 'A link that leads nowhere: a place for addresses that are always there.',
  ethernet: true,
  properties: {},
  examples: [{ dummy: { name: 'lo1' } }, { dummy: { name: 'lo1', state: 'absent' } }],
  fresh: () => ({ flags: ['BROADCAST', 'NOARP'] }),
});
