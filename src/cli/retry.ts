/** Hosts on which a run did not end well: how to run again on them alone, and the file that names them. */
import { writeFile } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import type { Recap, Reporter, RunStart } from '../shared/events.js';
import { makeFolder } from '../shared/make-folder.js';
import type { RunFlags } from './flags.js';

export interface Retry extends Reporter {
  /** Once all else is printed. */
  tell(warn: (message: string) => void, print: (line: string) => void): Promise<void>;
}

export function createRetry(start: Pick<RunStart, 'playbook' | 'run' | 'check'>, flags: RunFlags): Retry {
  let left: string[] = [];
  let exitCode = 0;
  return {
    event: (event) => {
      if (event.type !== 'run_end') return;
      exitCode = event.exitCode;
      left = Object.entries(event.recap).flatMap(([host, counts]) => (endedBadly(counts) ? [host] : []));
    },
    close: () => Promise.resolve(),
    tell: async (warn, print) => {
      // What is resumed is a playbook; who interrupts a run is told of that then.
      if (left.length === 0 || exitCode === 130 || start.playbook.startsWith('netplay ')) return;
      if (flags.retryFilesEnabled === true) {
        const file = retryFile(start.playbook, flags.retryFilesSavePath);
        if (await saved(file, left, warn)) print(`to run again on them: --limit @${file}`);
      } else if (!start.check)
        print(`to go on with the hosts that are left: netplay run --resume ${start.run}`);
    },
  };
}

function endedBadly({ failed, unreachable, rolled_back: undone = 0 }: Recap): boolean {
  return failed > 0 || unreachable > 0 || undone > 0;
}

/** Ansible's name for it. */
function retryFile(playbook: string, folder = dirname(playbook)): string {
  return join(folder, `${basename(playbook, extname(playbook))}.retry`);
}

/** A run has done what it did, whether or not this can be written. */
async function saved(
  file: string,
  hosts: readonly string[],
  warn: (message: string) => void,
): Promise<boolean> {
  try {
    await makeFolder(dirname(file));
    await writeFile(file, hosts.map((host) => `${host}\n`).join(''));
    return true;
  } catch (error) {
    warn(`${file} can't be written: ${error instanceof Error ? error.message : String(error)}`);
    return false;
  }
}
