/** The run's own file: all its events, under the user's state folder. */
import { createWriteStream, type WriteStream } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import type { Reporter } from '../shared/events.js';
import { makeFolder } from '../shared/make-folder.js';

/**
 * `$XDG_STATE_HOME/netplay/runs`, by default below ~/.local/state. As its specification has it, a value that
 * is empty or relative counts for none.
 */
export function runsFolder(env: NodeJS.ProcessEnv): string {
  const given = env.XDG_STATE_HOME ?? '';
  // An empty HOME is the root, as it is for a shell's ~: never the folder that netplay was called in.
  const base = isAbsolute(given) ? given : join('/', homedir(), '.local', 'state');
  return join(base, 'netplay', 'runs');
}

/**
 * Appends to `<folder>/<run>.jsonl`, which only its owner can read. A file that can't be written must not
 * stop a run: it is told once through `warn`.
 */
export async function createEventLog(
  folder: string,
  run: string,
  warn: (message: string) => void,
): Promise<Reporter> {
  let stream: WriteStream | undefined;
  const fail = (error: unknown): void => {
    if (stream === undefined) return;
    stream = undefined;
    warn(`the run's events are not kept: ${error instanceof Error ? error.message : String(error)}`);
  };
  const file = join(folder, `${run}.jsonl`);
  try {
    await makeFolder(folder, 0o700);
    stream = createWriteStream(file, { flags: 'a', mode: 0o600 });
    stream.on('error', fail);
  } catch (error) {
    warn(`the run's events are not kept: ${error instanceof Error ? error.message : String(error)}`);
  }
  return {
    event: (event) => stream?.write(`${JSON.stringify(event)}\n`),
    close: () => new Promise((resolve) => (stream === undefined ? resolve() : stream.end(resolve))),
  };
}
