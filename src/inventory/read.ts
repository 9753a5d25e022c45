/** The one way in which files of an inventory become text. */
import { NetplayError } from '../shared/errors.js';
import { readAtMost } from '../shared/read-at-most.js';
import { openText, type UserText } from '../shared/user-text.js';
import type { Vault } from '../shared/vaulted.js';

/** What is ever read of a file, in bytes: an INI inventory of 200,000 hosts has a tenth of it. */
const MOST_TEXT = 64 * 2 ** 20;

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
    text = (await readAtMost(path, MOST_TEXT)).toString('utf8');
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
