import type { Backend } from './backend.js';

/** Not yet: what belongs to it is left to `boot`. */
export const networkd: Backend = {
  name: 'networkd',
  manages: () => undefined,
  write: (entries) => ({ files: [], left: entries.map((entry) => ({ entry, why: 'not yet' })) }),
};
