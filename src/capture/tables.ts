/** Names of routing tables. */
import { formats } from '../resources/formats.js';
import { TABLE } from '../resources/routing/names.js';
import type { Captured, Reading } from './reading.js';

const BUILT_IN: ReadonlySet<string> = new Set([...Object.keys(TABLE), 'unspec', 'all']);

/** Each table that somebody named, by the name that `ip` shows. */
export function tableItems({ snapshot, leaveOut }: Reading): Captured[] {
  const { byId, byName } = snapshot.names.tables;
  return [...byId].flatMap(([id, name]): Captured[] => {
    if (BUILT_IN.has(name) || id === 0 || byName.get(name) !== id) return [];
    if (formats['table-name'].test(name) && id <= 0x7fff_ffff)
      return [{ resource: 'rt_table', params: { name, id } }];
    leaveOut(`the name ${JSON.stringify(name)} of table ${id}`, 'it can be taken for a number');
    return [];
  });
}
