/** The devices that something belongs to, also where it names none: a rule is that of what it leads to. */
import { prefixContains } from '../shared/addr.js';
import { type Kept, keptDev } from '../snapshot/kept.js';
import type { Snapshot } from '../snapshot/model.js';

/** Of one host. */
export class Devices {
  #tables: ReadonlyMap<string, readonly string[]> | undefined;

  constructor(private readonly snapshot: Pick<Snapshot, 'addresses' | 'routes'>) {}

  /** The nearest first. A rule's are those that it names, those with the address that it is for, those that its table leads to. */
  of(kept: Kept): string[] {
    if (kept.kind !== 'rule') return [keptDev(kept)].filter((dev) => dev !== null);
    const { table, from, family, iif, oif } = kept.item;
    const holders = this.snapshot.addresses.filter(
      ({ local, family: of }) => from !== null && of === family && prefixContains(from, local),
    );
    const led = this.#tableDevs().get(`${family} ${table}`) ?? [];
    const devices = [iif, oif, ...holders.map(({ dev }) => dev), ...led];
    return [...new Set(devices.filter((dev) => dev !== null))];
  }

  /** By family and table, the devices that its routes lead to. */
  #tableDevs(): ReadonlyMap<string, readonly string[]> {
    if (this.#tables !== undefined) return this.#tables;
    const found = new Map<string, Set<string>>();
    for (const { family, table, nexthops } of this.snapshot.routes) {
      const name = `${family} ${table}`;
      const devices = found.get(name) ?? new Set();
      for (const { dev } of nexthops) if (dev !== null) devices.add(dev);
      found.set(name, devices);
    }
    this.#tables = new Map([...found].map(([name, devices]) => [name, [...devices]]));
    return this.#tables;
  }
}
