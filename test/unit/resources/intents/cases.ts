/** What each intent expands to, as data. */
import type { Snapshot } from '../../../../src/snapshot/model.js';
import { ARP_PROFILE } from './arp_profile.js';
import { CONTAINER_PIN } from './container_pin.js';
import { MULTIHOME } from './multihome.js';
import { RP_FILTER } from './rp_filter.js';
import { SHAPE } from './shape.js';
import { VE_PIN } from './ve_pin.js';

export interface ExpansionCase {
  title: string;
  params: unknown;
  snapshot: Snapshot;
  /** Plain tasks, each by its resource. */
  parts: readonly unknown[];
  problems?: readonly string[];
  warnings?: readonly string[];
}

/** By the intent's name. */
export const EXPANSIONS: Readonly<Record<string, readonly ExpansionCase[]>> = {
  arp_profile: ARP_PROFILE,
  multihome: MULTIHOME,
  rp_filter: RP_FILTER,
  shape: SHAPE,
  container_pin: CONTAINER_PIN,
  ve_pin: VE_PIN,
};
