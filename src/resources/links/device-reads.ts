import type { Read } from '../../snapshot/model.js';

/** Devices, and all that goes with one that is removed or made anew: what its undo must bring back. */
export const deviceReads: readonly Read[] = [
  { kind: 'links' },
  { kind: 'addresses' },
  { kind: 'routes', family: 4 },
  { kind: 'routes', family: 6 },
  { kind: 'neighbours' },
  { kind: 'bridge_vlans' },
  { kind: 'fdb' },
  { kind: 'tc' },
];
