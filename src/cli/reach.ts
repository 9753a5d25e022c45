/** For commands that reach hosts without a playbook: a play of its own names them, and has no task. */
import { type PreparedRun, prepareRun, type RunOptions } from '../engine/prepare.js';
import type { Playbook } from '../playbook/model.js';
import { checkInventory, newRunName, type RunFlags, readOptions } from './run.js';

export interface Reached {
  options: RunOptions;
  prepared: PreparedRun;
}

/**
 * The hosts of a pattern, and how to get there. Who does not log in as root becomes root: what is to be
 * read and done there is root's.
 * @param name of the play, as hosts and reports show it
 * @throws NetplayError | NetplayErrors
 */
export async function reach(
  flags: RunFlags,
  {
    name,
    hosts,
    only,
    signal,
  }: { name: string; hosts: string; only?: ReadonlySet<string>; signal: AbortSignal },
): Promise<Reached> {
  checkInventory(flags);
  const place = { file: 'command line', line: 1, column: 1 };
  const play = { name, hosts, vars: {}, tasks: [], become: true, place };
  const playbook: Playbook = { file: name, files: [], plays: [play] };
  const read = await readOptions(() => Promise.resolve(playbook), flags, { run: newRunName(), signal });
  const options = { ...read, ...(only !== undefined && { only }) };
  return { options, prepared: prepareRun(options) };
}
