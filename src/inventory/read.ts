/** The one way in which files of an inventory become text. */
import { open, readFile, stat } from 'node:fs/promises';
import { NetplayError } from '../shared/errors.js';
import { openText, type UserText } from '../shared/user-text.js';
import type { Vault } from '../shared/vaulted.js';

/** What is ever read of a file, in bytes: an INI inventory of 200,000 hosts has a tenth of it. */
const MOST_TEXT = 64 * 2 ** 20;

/** Reads a file as UTF-8, a pipe such as `<(command)` too, and no more of it than fits. */
async function readText(path: string): Promise<string> {
  const found = await stat(path);
  if (!found.isFile()) return readPipe(path);
  if (found.size > MOST_TEXT) throw tooBig();
  return readFile(path, 'utf8');
}

async function readPipe(path: string): Promise<string> {
  const file = await open(path, 'r');
  try {
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of file.createReadStream({ autoClose: false })) {
      chunks.push(chunk as Buffer);
      size += (chunk as Buffer).length;
      if (size > MOST_TEXT) throw tooBig();
    }
    return Buffer.concat(chunks).toString('utf8');
  } finally {
    await file.close();
  }
}

function tooBig(): NetplayError {
  return new NetplayError('inventory', `It is bigger than ${MOST_TEXT / 2 ** 20} MiB`);
}

/**
 * A file's text, opened where it is encrypted, or why there is none.
 * @param path absolute
 * @param shown the file as it is named to users
 */
export async function tryRead(
  path: string,
  shown: string,
  vault: Vault | undefined,
): Promise<UserText | NetplayError> {
  let text: string;
  try {
    text = await readText(path);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    return new NetplayError('inventory', `${shown} can't be read: ${why}`, { cause });
  }
  try {
    return openText(text, shown, 'inventory', vault);
  } catch (error) {
    if (error instanceof NetplayError) return error;
    throw error;
  }
}
