/** For commands that reach hosts without a playbook: a play of its own names them, and has no task. */
import { type PreparedRun, prepareRun, type RunOptions } from '../engine/prepare.js';
import type { Play, Playbook } from '../playbook/model.js';
import type { RunFlags } from './flags.js';
import { noteTargets } from './note-secrets.js';
import { secrets } from './output.js';
import { newRunName, readOptions } from './run.js';
import { checkInventory } from './sources.js';

export interface Reached {
  options: RunOptions;
  prepared: PreparedRun;
}

/** What stands for a file in the places of what was said there. */
export const COMMAND_LINE = 'command line';

export interface Wanted {
  /** Of the play, as hosts and reports show it. */
  name: string;
  /** A pattern. */
  hosts: string;
  /** No other hosts than these. */
  only?: ReadonlySet<string>;
  /** What else the play says; by default it becomes root, since what is to be read and done there is root's. */
  play?: Pick<Play, 'become' | 'verify'>;
  signal: AbortSignal;
}

/**
 * The hosts of a pattern, and how to get there.
 * @throws NetplayError | NetplayErrors
 */
export async function reach(
  flags: RunFlags,
  { name, hosts, only, play: more = { become: true }, signal }: Wanted,
): Promise<Reached> {
  checkInventory(flags);
  const place = { file: COMMAND_LINE, line: 1, column: 1 };
  const play = { name, hosts, vars: {}, steps: [], handlers: [], roles: [], tags: [], place, ...more };
  const playbook: Playbook = { file: name, files: [], plays: [play] };
  const read = await readOptions(() => Promise.resolve(playbook), flags, { run: newRunName(), signal });
  const options = { ...read, ...(only !== undefined && { only }) };
  const prepared = await prepareRun(options);
  noteTargets(secrets, prepared);
  return { options, prepared };
}
