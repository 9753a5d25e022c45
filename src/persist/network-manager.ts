import type { Backend } from './backend.js';

/** Not yet: what belongs to it is left to `boot`. */
export const networkManager: Backend = {
  name: 'networkmanager',
  manages: () => undefined,
  write: (entries) => ({ files: [], left: entries.map((entry) => ({ entry, why: 'not yet' })) }),
};
