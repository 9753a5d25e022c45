/** Which of the places that set a variable a host listens to, and what that one hides. */
import type { Place } from '../shared/place.js';
import type { PlacedVar } from './draft.js';
import { byPrecedence } from './groups.js';
import type { LoadedInventory, VarsFolder } from './model.js';
import type { Trace } from './trace.js';

type Kind = 'group' | 'host';

interface Said {
  kind: Kind;
  name: string;
  /** None where a source says it. */
  folder?: string;
  value: unknown;
  place: Place;
}

/** One place that sets a variable. */
export interface Origin {
  value: unknown;
  place: Place;
  /** Which of Ansible's levels it is, in words. */
  level: string;
}

/** Writes down where one variable is set, while an inventory is read. */
export class VarTrace implements Trace {
  readonly said: Said[] = [];

  constructor(readonly variable: string) {}

  set(kind: Kind, name: string, { key, value, place }: PlacedVar): void {
    if (key === this.variable) this.said.push({ kind, name, value, place: place() });
  }

  fileVar(folder: string, kind: Kind, name: string, { key, value, place }: PlacedVar): void {
    if (key === this.variable) this.said.push({ kind, name, folder, value, place: place() });
  }
}

/**
 * All places that set the variable for the host, the one that wins first.
 * @param inventory what was loaded with `trace`
 */
export function originsOf(inventory: LoadedInventory, host: string, trace: VarTrace): Origin[] {
  const entry = inventory.hosts.get(host);
  const { groups, inventoryFolders, playbookFolders } = inventory.tree;
  const mine = new Set([...(entry?.groupNames ?? []), 'all']);
  const order = byPrecedence(groups).flatMap(({ name }) => (mine.has(name) ? [name] : []));
  const of = (kind: Kind, name: string, folder?: VarsFolder): Said[] =>
    trace.said.filter((one) => one.kind === kind && one.name === name && one.folder === folder?.path);
  const origins = (said: readonly Said[], level: (name: string) => string): Origin[] =>
    said.map(({ name, value, place }) => ({ value, place, level: level(name) }));
  const beside = [
    { folders: inventoryFolders, what: 'beside the inventory' },
    { folders: playbookFolders, what: 'beside the playbook' },
  ];
  const files = (kind: Kind, names: readonly string[]): Origin[] =>
    beside.flatMap(({ folders, what }) =>
      origins(
        folders.flatMap((folder) => names.flatMap((name) => of(kind, name, folder))),
        (name) => `${kind}_vars/${name} ${what}`,
      ),
    );
  const sources = order.flatMap((name) => of('group', name));
  const levels = [
    origins(sources, (name) => `variables of the group ${name}`),
    files('group', ['all']),
    files(
      'group',
      order.filter((name) => name !== 'all'),
    ),
    origins(of('host', host), () => 'the line of the host'),
    files('host', [host]),
  ];
  return levels.flat().reverse();
}
