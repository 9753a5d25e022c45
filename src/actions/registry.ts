import type { Action } from './action.js';
import { blockinfile } from './blockinfile.js';
import { command, shell } from './command.js';
import { copy } from './copy.js';
import { fetch } from './fetch.js';
import { file } from './file.js';
import { lineinfile } from './lineinfile.js';
import { apt, dnf, packages, yum } from './package.js';
import { ping } from './ping.js';
import { raw } from './raw.js';
import { reboot } from './reboot.js';
import { script } from './script.js';
import { service, systemd } from './service.js';
import { slurp } from './slurp.js';
import { stat } from './stat.js';
import { template } from './template.js';
import { waitFor } from './wait_for.js';
import { waitForConnection } from './wait_for_connection.js';

/** Whatever a task may name that is done on a host. */
export type AnyAction = Action<never>;

/** Every action that a playbook can name. Adding one is adding its file and a line here. */
export const actions: readonly AnyAction[] = [
  apt,
  blockinfile,
  command,
  copy,
  dnf,
  fetch,
  file,
  lineinfile,
  packages,
  ping,
  raw,
  reboot,
  script,
  service,
  shell,
  slurp,
  stat,
  systemd,
  template,
  waitFor,
  waitForConnection,
  yum,
];

/** Collections whose modules netplay has, under the same short names. */
const COLLECTIONS = ['ansible.builtin.', 'ansible.legacy.', 'ansible.posix.'] as const;

/** `ansible.builtin.copy` as `copy`; other names, those of other collections too, as they are. */
export function shortName(name: string): string {
  const collection = COLLECTIONS.find((prefix) => name.startsWith(prefix));
  return collection === undefined ? name : name.slice(collection.length);
}

const byName: ReadonlyMap<string, AnyAction> = new Map(
  actions.flatMap((action) =>
    [action.name, ...(action.aliases ?? [])].map((name): [string, AnyAction] => [name, action]),
  ),
);

/** The action of a task's key: its name, an alias or a long name; undefined where there is none. */
export function actionNamed(key: string): AnyAction | undefined {
  return byName.get(shortName(key));
}
