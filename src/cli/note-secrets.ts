/** Which of the things that a command has read must not be shown. */
import type { PreparedRun } from '../engine/prepare.js';
import type { Inventory, Vars } from '../inventory/model.js';
import type { Playbook } from '../playbook/model.js';
import { NetplayError } from '../shared/errors.js';
import type { Redactor } from '../shared/redactor.js';
import { Vaulted } from '../shared/vaulted.js';
import type { History } from '../transaction/history.js';

export interface Read {
  inventory: Inventory;
  playbook: Playbook;
  extraVars: Vars;
}

/** What is called a password wherever variables are set, and what has to be shown whatever is: hosts and groups. */
export function noteRead(secrets: Redactor, { inventory, playbook, extraVars }: Read): void {
  secrets.show(inventory.hosts.keys());
  secrets.show(inventory.groups.keys());
  for (const { vars } of inventory.hosts.values()) secrets.hideNamed(vars);
  secrets.hideNamed(playbook.plays);
  secrets.hideNamed(extraVars);
}

/** The passwords that logins use, wherever they come from. */
export function noteTargets(secrets: Redactor, { plays }: Pick<PreparedRun, 'plays'>): void {
  for (const { targets } of plays)
    for (const { password, passphrase, become } of targets.values())
      for (const secret of [password, passphrase, become?.password])
        if (secret !== undefined) secrets.hide(secret);
}

/** What those who made the changes of hosts' journals kept from being shown. */
export function noteEntries(secrets: Redactor, histories: Iterable<History | NetplayError>): void {
  for (const history of histories)
    if (!(history instanceof NetplayError))
      for (const { entry } of history.past) entry.secrets?.forEach(secrets.hide);
}

/**
 * Opens all that is encrypted among variables, and so hides it: for what tells of things that were done with them before.
 * What can't be opened stays closed.
 */
export function openAll(vars: unknown): void {
  if (vars instanceof Vaulted) tryOpen(vars);
  else if (typeof vars === 'object' && vars !== null) Object.values(vars).forEach(openAll);
}

function tryOpen(value: Vaulted): void {
  try {
    value.reveal();
  } catch (error) {
    if (!(error instanceof NetplayError)) throw error;
  }
}
