/** What `-i` says, for every command that reads an inventory. */
import { NetplayError } from '../shared/errors.js';

/** @throws NetplayError `usage` where none is given */
export function checkInventory({ inventory }: { inventory: readonly string[] }): void {
  if (inventory.length === 0)
    throw new NetplayError('usage', 'no inventory is given', { hint: 'say -i FILE, or -i host1,host2,' });
}
