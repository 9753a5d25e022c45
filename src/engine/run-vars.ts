/** What hosts learn as a run goes on; it lasts over all its plays. */
import type { Vars } from '../inventory/model.js';

export class RunVars {
  readonly #hosts = new Map<string, HostVars>();

  of(host: string): HostVars {
    const known = this.#hosts.get(host);
    if (known !== undefined) return known;
    const vars = new HostVars();
    this.#hosts.set(host, vars);
    return vars;
  }
}

/** The variables of one host that no file has; each group stands at a place of its own in the order of precedence. */
export class HostVars {
  #facts: Vars = {};
  #gathered = false;
  #included: Vars = {};
  #set: Vars = {};
  /** Grows with each change, so that what was made of the variables is known to be old. */
  version = 0;

  /** As templates see them: `ansible_facts`, and each by its name. */
  get facts(): Vars {
    return this.#facts;
  }

  /** By include_vars. */
  get included(): Vars {
    return this.#included;
  }

  /** By set_fact and register: values, in which braces are nothing but text. */
  get set(): Vars {
    return this.#set;
  }

  /** Whether the facts are good enough not to be gathered. */
  get gathered(): boolean {
    return this.#gathered;
  }

  gather(facts: Vars): void {
    this.#facts = facts;
    this.#gathered = facts.ansible_facts !== undefined;
    this.version += 1;
  }

  /** Takes facts of a run before this one. @param enough whether they stand for new ones */
  recall(facts: Vars, enough: boolean): void {
    this.gather(facts);
    this.#gathered = enough;
  }

  include(vars: Vars): void {
    this.#included = { ...this.#included, ...vars };
    this.version += 1;
  }

  define(vars: Vars): void {
    this.#set = { ...this.#set, ...vars };
    this.version += 1;
  }
}
