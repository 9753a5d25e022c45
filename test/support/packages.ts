/** Files of Debian's packages that can't be installed beside each other, or not on the machine that tests run on. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * The folder with the files of a package of this machine's distribution; fetched once and kept.
 * @throws where apt-get can't fetch it
 */
export function unpacked(name: string): string {
  const cache = process.env.NETPLAY_PACKAGES_DIR ?? join(tmpdir(), 'netplay-packages');
  const folder = join(cache, name);
  if (existsSync(folder)) return folder;
  mkdirSync(cache, { recursive: true, mode: 0o700 });
  const work = mkdtempSync(join(cache, `${name}-`));
  try {
    execFileSync('apt-get', ['-q', 'download', name], { cwd: work, stdio: 'pipe' });
    const [file] = readdirSync(work);
    if (file === undefined) throw new Error(`apt-get gave no package ${name}`);
    execFileSync('dpkg', ['-x', join(work, file), join(work, 'files')]);
    // Whole or not at all, also where two tests fetch it at once.
    if (!existsSync(folder)) renameSync(join(work, 'files'), folder);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return folder;
}
