/** Takes a lab down, whatever state it was left in. */
import { existsSync, readFileSync, renameSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { NetplayError } from '../shared/errors.js';
import { killAll } from './process.js';
import { goneDir, labDir, recordedProcesses, starterOf } from './state.js';

/** Processes record themselves when they begin: gives one that is at it the time to end its line. */
async function settle(dir: string): Promise<void> {
  const pids = join(dir, 'pids');
  if (!existsSync(pids)) return;
  for (let attempt = 0; attempt < 10; attempt++) {
    const names = await readdir(pids);
    if (names.every((name) => readFileSync(join(pids, name), 'utf8').endsWith('\n'))) return;
    await sleep(20);
  }
}

/** Ends what a folder that nothing can start in any more has recorded, then removes it. */
async function sweep(dir: string): Promise<void> {
  await settle(dir);
  const { '.launch': launcher, ...namespaces } = Object.fromEntries(recordedProcesses(dir));
  if (launcher) await killAll([launcher]);
  await killAll(Object.values(namespaces));
  await rm(dir, { recursive: true, force: true, maxRetries: 5 });
}

/**
 * Ends a lab's processes, known by their start times, waits until they are gone and removes its folder.
 * @returns false where there was no lab of that name
 * @throws NetplayError `lab` where another process is just starting it, or a process does not end
 */
export async function labDown(name: string): Promise<boolean> {
  const [dir, gone] = [labDir(name), goneDir(name)];
  const interrupted = existsSync(gone);
  if (interrupted) await sweep(gone);
  if (!existsSync(dir)) return interrupted;
  const starter = starterOf(dir);
  if (starter !== undefined && starter.pid !== process.pid)
    throw new NetplayError('lab', `process ${starter.pid} is starting the lab "${name}" just now`, {
      hint: 'wait for it, or end it',
    });
  // A script that is still at work finds its folder gone and ends; what recorded itself before is seen here.
  renameSync(dir, gone);
  await sweep(gone);
  return true;
}
