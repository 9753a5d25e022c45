/** The machine that netplay runs on, which no inventory need name: Ansible's implicit `localhost`. */
import type { InventoryHost } from './model.js';

/** Names that stand for this machine where no source names them. */
export const LOCAL_NAMES: readonly string[] = ['localhost', '127.0.0.1', '::1'];

export function isLocalName(name: string): boolean {
  return LOCAL_NAMES.includes(name);
}

export const LOCAL_CONNECTION: ReadonlyMap<string, unknown> = new Map([['ansible_connection', 'local']]);

/**
 * An inventory's hosts. Whoever asks for `localhost`, `127.0.0.1` or `::1` by name gets a host, although no list holds it
 * and it is in no group, not even in `all`: the one that a source names by another of these names, else an implicit one,
 * which is reached without SSH.
 */
export class Hosts extends Map<string, InventoryHost> {
  readonly #implicit: (name: string) => InventoryHost;
  /** What the names that no list holds were found to stand for. */
  readonly #local = new Map<string, InventoryHost>();

  /** @param implicit makes the host that stands for this machine */
  constructor(hosts: Iterable<readonly [string, InventoryHost]>, implicit: (name: string) => InventoryHost) {
    super(hosts);
    this.#implicit = implicit;
  }

  override get(name: string): InventoryHost | undefined {
    const known = super.get(name);
    if (known !== undefined || !isLocalName(name)) return known;
    const local = this.#local.get(name) ?? this.#named() ?? this.#implicit(name);
    this.#local.set(name, local);
    return local;
  }

  /** Of several that a source names, the first in it. */
  #named(): InventoryHost | undefined {
    for (const [name, host] of this) if (isLocalName(name)) return host;
    return undefined;
  }
}
