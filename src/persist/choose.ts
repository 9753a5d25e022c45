/** Who keeps what: the manager of the device that it belongs to. */
import { prefixContains } from '../shared/addr.js';
import { type Kept, keptDev } from '../snapshot/kept.js';
import type { Snapshot } from '../snapshot/model.js';
import type { Backend } from './backend.js';
import type { BackendName } from './mode.js';
import type { Entry } from './record.js';

export interface Choice {
  backend: BackendName;
  /** Why: `iface eth1 in /etc/network/interfaces`. */
  why: string;
}

export interface Manager {
  backend: BackendName;
  evidence: string;
}

/** Of one host, each device asked once. */
export class Chooser {
  readonly #managers = new Map<string, readonly Manager[]>();
  readonly #warnings = new Set<string>();
  #tableDevs: ReadonlyMap<string, string> | undefined;

  constructor(
    private readonly backends: readonly Backend[],
    private readonly snapshot: Snapshot,
    private readonly entries: readonly Entry[],
  ) {}

  /** Devices that two want to configure. */
  get warnings(): string[] {
    return [...this.#warnings];
  }

  choose({ by, kept }: Entry): Choice {
    if (by !== 'auto') return { backend: by, why: `persist: ${by}` };
    const dev = this.#deviceOf(kept);
    const [first] = dev === undefined ? [] : this.managersOf(dev);
    if (first !== undefined) return { backend: first.backend, why: first.evidence };
    return {
      backend: 'boot',
      why: dev === undefined ? 'no device of its own' : `nothing else configures ${dev}`,
    };
  }

  /** A link that netplay makes is its lower one's manager's, or that of a port of it. */
  managersOf(dev: string, seen: ReadonlySet<string> = new Set()): readonly Manager[] {
    const known = this.#managers.get(dev);
    if (known !== undefined) return known;
    const own = this.backends.flatMap(({ name, manages }): Manager[] => {
      const evidence = manages(dev, this.snapshot);
      return evidence === undefined ? [] : [{ backend: name, evidence }];
    });
    if (own.length > 1) this.#warn(dev, own);
    const found = own.length > 0 ? own : this.#managersBelow(dev, new Set([...seen, dev]));
    this.#managers.set(dev, found);
    return found;
  }

  #warn(dev: string, managers: readonly Manager[]): void {
    const [first, ...others] = managers.map(({ backend, evidence }) => `${backend} (${evidence})`);
    this.#warnings.add(
      `${dev} is configured by ${[first, ...others].join(' and by ')}: they will undo each other; ${first?.split(' ')[0]} was taken`,
    );
  }

  #managersBelow(dev: string, seen: ReadonlySet<string>): readonly Manager[] {
    const made = this.entries.find(({ kept }) => kept.kind === 'link' && kept.item.name === dev)?.kept;
    if (made === undefined || made.kind !== 'link') return [];
    const link = this.snapshot.links.get(dev) ?? made.item;
    const ports = [...this.snapshot.links.values()].filter(({ master }) => master === dev);
    const below = [link.lower, link.info[link.info.indexOf('dev') + 1], ...ports.map(({ name }) => name)];
    for (const name of below) {
      if (name === null || name === undefined || seen.has(name) || !this.snapshot.links.has(name)) continue;
      const [found] = this.managersOf(name, seen);
      if (found !== undefined)
        return [{ backend: found.backend, evidence: `${dev} stands on ${name}: ${found.evidence}` }];
    }
    return [];
  }

  /** A rule has no device: it is that of the routes that it leads to, or of the address that it is for. */
  #deviceOf(kept: Kept): string | undefined {
    const own = keptDev(kept);
    if (own !== null) return own;
    if (kept.kind !== 'rule') return undefined;
    const { table, from, family } = kept.item;
    const owner = this.snapshot.addresses.find(
      ({ local, family: of }) => from !== null && of === family && prefixContains(from, local),
    );
    return owner?.dev ?? this.#tables().get(`${family} ${table}`);
  }

  /** By family and table, the first device that its routes lead to. */
  #tables(): ReadonlyMap<string, string> {
    if (this.#tableDevs !== undefined) return this.#tableDevs;
    const found = new Map<string, string>();
    for (const { family, table, nexthops } of this.snapshot.routes) {
      const dev = nexthops.find((hop) => hop.dev !== null)?.dev;
      const name = `${family} ${table}`;
      if (dev !== undefined && dev !== null && !found.has(name)) found.set(name, dev);
    }
    this.#tableDevs = found;
    return found;
  }
}
