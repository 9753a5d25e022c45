/** What `-i` says, for every command that reads an inventory. */
import { NetplayError } from '../shared/errors.js';
import type { RunFlags } from './flags.js';

/** @throws NetplayError `usage` where none is given */
export function checkInventory({ inventory }: { inventory: readonly string[] }): void {
  if (inventory.length === 0)
    throw new NetplayError('usage', 'no inventory is given', {
      hint: 'say -i FILE, or -i host1,host2,; `inventory: FILE` in netplay.yml says it for good',
    });
}

/** @param recorded of the run that a command goes on with: it stands above settings, and below what is given */
export function inventoryOf(
  { inventory, inventoryFrom }: Pick<RunFlags, 'inventory' | 'inventoryFrom'>,
  recorded: readonly string[] | undefined,
): string[] {
  const given = inventory.length > 0 && inventoryFrom === undefined;
  return given || recorded === undefined || recorded.length === 0 ? inventory : [...recorded];
}
