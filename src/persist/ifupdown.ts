import type { Backend } from './backend.js';

/** Not yet: what belongs to it is left to `boot`. */
export const ifupdown: Backend = {
  name: 'ifupdown',
  manages: () => undefined,
  write: (entries) => ({ files: [], left: entries.map((entry) => ({ entry, why: 'not yet' })) }),
};
