/** The one way in which files of an inventory become text; whoever decrypts them stands in its place. */
import { open } from 'node:fs/promises';
import { NetplayError } from '../shared/errors.js';

/**
 * Gives a file's text.
 * @param path absolute
 * @throws where it can't be read; a NetplayError is shown as it is, all else with its message
 */
export type ReadText = (path: string) => Promise<string>;

/** What is ever read of a file, in bytes: an INI inventory of 200,000 hosts has a tenth of it. */
const MOST_TEXT = 64 * 2 ** 20;

/** Reads a file as UTF-8, a pipe such as `<(command)` too, and no more of it than fits. */
export async function readText(path: string): Promise<string> {
  const file = await open(path, 'r');
  try {
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of file.createReadStream({ autoClose: false })) {
      chunks.push(chunk as Buffer);
      size += (chunk as Buffer).length;
      if (size > MOST_TEXT) throw tooBig(MOST_TEXT);
    }
    return Buffer.concat(chunks).toString('utf8');
  } finally {
    await file.close();
  }
}

function tooBig(most: number): NetplayError {
  return new NetplayError('inventory', `It is bigger than ${most / 2 ** 20} MiB`);
}

/**
 * Reads a file and has it parsed; what goes wrong with the reading is told in the same way.
 * @param shown the file as it is named to users
 * @param parse gives the mistakes of the text
 */
export async function readWith(
  reader: ReadText,
  path: string,
  shown: string,
  parse: (text: string) => readonly NetplayError[],
): Promise<readonly NetplayError[]> {
  let text: string;
  try {
    text = await reader(path);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    const hint = cause instanceof NetplayError && cause.hint !== undefined ? { hint: cause.hint } : {};
    return [new NetplayError('inventory', `${shown} can't be read: ${why}`, { cause, ...hint })];
  }
  return parse(text);
}
