/** The device that something belongs to, also where it names none: a rule is that of what it leads to. */
import { prefixContains } from '../shared/addr.js';
import { type Kept, keptDev } from '../snapshot/kept.js';
import type { Snapshot } from '../snapshot/model.js';

/** Of one host. */
export class Devices {
  #tables: ReadonlyMap<string, string> | undefined;

  constructor(private readonly snapshot: Snapshot) {}

  /** A rule has no device: it is that of the routes that it leads to, or of the address that it is for. */
  of(kept: Kept): string | undefined {
    const own = keptDev(kept);
    if (own !== null) return own;
    if (kept.kind !== 'rule') return undefined;
    const { table, from, family } = kept.item;
    const owner = this.snapshot.addresses.find(
      ({ local, family: of }) => from !== null && of === family && prefixContains(from, local),
    );
    return owner?.dev ?? this.#tableDevs().get(`${family} ${table}`);
  }

  /** By family and table, the first device that its routes lead to. */
  #tableDevs(): ReadonlyMap<string, string> {
    if (this.#tables !== undefined) return this.#tables;
    const found = new Map<string, string>();
    for (const { family, table, nexthops } of this.snapshot.routes) {
      const dev = nexthops.find((hop) => hop.dev !== null)?.dev;
      const name = `${family} ${table}`;
      if (dev !== undefined && dev !== null && !found.has(name)) found.set(name, dev);
    }
    this.#tables = found;
    return found;
  }
}
