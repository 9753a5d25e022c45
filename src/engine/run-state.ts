/** What changes while a run goes on. */
import type { Inventory, LoadedInventory, Vars } from '../inventory/model.js';
import type { Play } from '../playbook/model.js';
import { RunVars } from './run-vars.js';

export class RunState {
  /** With the hosts and groups that the run has added. */
  inventory: LoadedInventory;
  readonly vars = new RunVars();
  /** What was typed for a play's `vars_prompt`. */
  readonly prompted = new Map<Play, Vars>();

  #groups: { of: Inventory; byName: Readonly<Record<string, readonly string[]>> } | undefined;

  constructor(inventory: LoadedInventory) {
    this.inventory = inventory;
  }

  /** Ansible's `groups`: every group with its hosts, one object for all hosts. */
  get groups(): Readonly<Record<string, readonly string[]>> {
    if (this.#groups?.of !== this.inventory)
      this.#groups = { of: this.inventory, byName: Object.fromEntries(this.inventory.groups) };
    return this.#groups.byName;
  }
}
