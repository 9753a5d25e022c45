/** What each intent expands to, as data. */
import type { Snapshot } from '../../../../src/snapshot/model.js';
import { ARP_PROFILE } from './arp_profile.js';

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
};
