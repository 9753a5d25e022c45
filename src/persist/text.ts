/** What is kept, as a person reads it: the names that tasks and changes have for it. */
import { addressName } from '../resources/links/address-args.js';
import { fdbName } from '../resources/links/fdb-args.js';
import { neighbourName } from '../resources/links/neighbour-args.js';
import { ruleAddress } from '../resources/routing/rule-text.js';
import { routeAddress } from '../resources/routing/show-route.js';
import { type Kept, keptKey } from '../snapshot/kept.js';
import type { Names } from '../snapshot/model.js';

export function keptText(kept: Kept, names: Names): string {
  switch (kept.kind) {
    case 'address':
      return `address ${addressName(kept.item)} dev ${kept.item.dev}`;
    case 'route':
      return routeAddress(kept.item, names);
    case 'rule':
      return ruleAddress(kept.item);
    case 'neighbour':
      return `neighbour ${neighbourName(kept.item)}`;
    case 'fdb':
      return `fdb ${fdbName(kept.item)}`;
    default:
      return keptKey(kept);
  }
}
