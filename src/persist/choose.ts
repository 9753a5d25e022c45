/** Who keeps what: the manager of the device that it belongs to. */
import type { Kept } from '../snapshot/kept.js';
import type { Snapshot } from '../snapshot/model.js';
import type { Backend } from './backend.js';
import { Devices } from './devices.js';
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
  readonly #devices: Devices;
  /** Links that tasks make, by their names and those of veths' other ends. */
  readonly #made: ReadonlyMap<string, Entry & { kept: Extract<Kept, { kind: 'link' }> }>;

  constructor(
    private readonly backends: readonly Backend[],
    private readonly snapshot: Snapshot,
    entries: readonly Entry[],
  ) {
    this.#devices = new Devices(snapshot);
    this.#made = new Map(
      entries.flatMap(({ kept, ...entry }) => {
        if (kept.kind !== 'link') return [];
        const ends = [kept.item.name, ...(kept.peer === undefined ? [] : [kept.peer.name])];
        return ends.map((end) => [end, { ...entry, kept }] as const);
      }),
    );
  }

  /** Devices that two want to configure, and who was asked for and is not there. */
  get warnings(): string[] {
    return [...this.#warnings];
  }

  choose({ by, kept }: Entry): Choice {
    if (by !== 'auto') {
      const asked = this.backends.find(({ name }) => name === by);
      if (asked?.isThere(this.snapshot) === false)
        this.#warnings.add(`persist: ${by}: it does not run on this host, and nothing else reads its files`);
      return { backend: by, why: `persist: ${by}` };
    }
    const [dev] = this.#devices.of(kept);
    const [first] = dev === undefined ? [] : this.managersOf(dev);
    if (first !== undefined) return { backend: first.backend, why: first.evidence };
    if (dev === undefined)
      for (const { name, adopts } of this.backends) {
        const why = adopts?.(kept, this.snapshot);
        if (why !== undefined) return { backend: name, why };
      }
    return {
      backend: 'boot',
      why: dev === undefined ? 'no device of its own' : `nothing else configures ${dev}`,
    };
  }

  /** A link that netplay makes is its lower one's manager's, or that of a port of it. */
  managersOf(dev: string, seen: ReadonlySet<string> = new Set()): readonly Manager[] {
    const known = this.#managers.get(dev);
    if (known !== undefined) return known;
    const said = this.#saidOf(dev);
    const own = this.backends.flatMap(({ name, manages }): Manager[] => {
      const evidence = said === undefined ? manages(dev, this.snapshot) : undefined;
      return evidence === undefined ? [] : [{ backend: name, evidence }];
    });
    if (own.length > 1) this.#warn(dev, own);
    const found = said ?? (own.length > 0 ? own : this.#managersBelow(dev, new Set([...seen, dev])));
    this.#managers.set(dev, found);
    return found;
  }

  /** A link that a task makes and gives to somebody is his, whether he has it by now or will with the next boot. */
  #saidOf(dev: string): readonly Manager[] | undefined {
    const made = this.#made.get(dev);
    if (made === undefined || made.by === 'auto') return undefined;
    return [{ backend: made.by, evidence: `persist: ${made.by} of ${dev}` }];
  }

  #warn(dev: string, managers: readonly Manager[]): void {
    const [first, ...others] = managers.map(({ backend, evidence }) => `${backend} (${evidence})`);
    this.#warnings.add(
      `${dev} is configured by ${[first, ...others].join(' and by ')}: they will undo each other; ${first?.split(' ')[0]} was taken`,
    );
  }

  #managersBelow(dev: string, seen: ReadonlySet<string>): readonly Manager[] {
    const made = this.#made.get(dev)?.kept.item;
    if (made?.name !== dev) return [];
    const link = this.snapshot.links.get(dev) ?? made;
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
}
