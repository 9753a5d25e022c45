/** Reads that several parts of the program make together. */
import type { Read } from './model.js';

/** What decides a packet's way. */
export const ROUTING_READS: readonly Read[] = [
  { kind: 'links' },
  { kind: 'addresses' },
  { kind: 'routes', family: 4 },
  { kind: 'routes', family: 6 },
  { kind: 'rules', family: 4 },
  { kind: 'rules', family: 6 },
];

/** What is in the tables of neighbours and bridges. */
export const LINK_LAYER_READS: readonly Read[] = [
  { kind: 'neighbours' },
  { kind: 'bridge_vlans' },
  { kind: 'fdb' },
];
