/** What is kept as commands that make it, or leave it where it is there: for `boot`, and for others' hooks. */
import { addressStep } from '../resources/links/address-args.js';
import { setLink } from '../resources/links/attributes.js';
import { routeStep } from '../resources/routing/route-args.js';
import { ruleStep } from '../resources/routing/rule-text.js';
import type { Step } from '../shared/change.js';
import type { Kept } from '../snapshot/kept.js';
import type { Snapshot } from '../snapshot/model.js';

/** In the order in which they must be made. */
export const KEPT_ORDER = [
  'link',
  'setting',
  'ethtool',
  'bridge_vlan',
  'address',
  'route',
  'rule',
  'neighbour',
  'fdb',
  'tc',
] as const satisfies readonly Kept['kind'][];

/** The steps that make it where it is not there, and change nothing that counts where it is. */
export function commandsOf(kept: Kept, { tools }: Pick<Snapshot, 'tools'>): Step[] {
  switch (kept.kind) {
    case 'setting':
      return [setLink(kept.dev, kept.words)];
    case 'address':
      return [addressStep(kept.item, 'replace')];
    case 'route':
      return [routeStep(kept.item, 'replace')];
    case 'rule':
      return [ruleStep(kept.item, 'add', tools)];
    default:
      return [];
  }
}
