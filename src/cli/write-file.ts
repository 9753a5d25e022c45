/** Files that are written whole or not at all. */
import { randomBytes } from 'node:crypto';
import { chmod, chown, lstat, open, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { NetplayError } from '../shared/errors.js';

export async function isThere(file: string): Promise<boolean> {
  return lstat(file).then(
    () => true,
    () => false,
  );
}

/**
 * Puts `bytes` in the place of a file's content: a reader sees the one or the other. Mode and owner stay as they were; a
 * new file is its owner's alone. A link is followed.
 * @throws NetplayError `usage`, and the file is as it was
 */
export async function replaceFile(file: string, bytes: Buffer): Promise<void> {
  const target = await realpath(file).catch(() => file);
  const draft = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString('hex')}`);
  try {
    await writeDraft(draft, bytes, await stat(target).catch(() => undefined));
    await rename(draft, target);
  } catch (cause) {
    await rm(draft, { force: true });
    throw new NetplayError(
      'usage',
      `Can't write ${file}: ${cause instanceof Error ? cause.message : cause}`,
      {
        cause,
      },
    );
  }
}

async function writeDraft(
  draft: string,
  bytes: Buffer,
  before: { mode: number; uid: number; gid: number } | undefined,
): Promise<void> {
  const handle = await open(draft, 'wx', 0o600);
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
  if (before === undefined) return;
  await chown(draft, before.uid, before.gid);
  await chmod(draft, before.mode & 0o7777);
}
