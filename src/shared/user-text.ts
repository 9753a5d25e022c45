/** Text of a file that a user wrote, and may have encrypted as a whole. */
import { readFile } from 'node:fs/promises';
import type { ErrorCode } from './errors.js';
import { isVaultText, LOCKED, type Vault } from './vaulted.js';

export interface UserText {
  text: string;
  /** It was encrypted: no line of it may be shown, not even in an error. */
  secret: boolean;
}

/**
 * The text itself, or what it holds where it is encrypted.
 * @param file as it shall stand in errors
 * @throws NetplayError with `code` where it can't be opened
 */
export function openText(text: string, file: string, code: ErrorCode, vault: Vault = LOCKED): UserText {
  if (!isVaultText(text)) return { text, secret: false };
  const [source = ''] = text.split('\n', 1);
  const place = { file, line: 1, column: 1, length: source.length, source };
  return { text: vault.open(text, { place, code }), secret: true };
}

/**
 * Reads a file that may be encrypted.
 * @param path where it is; `shown` is how errors name it
 * @throws NetplayError as `openText`; whatever the file system says of a file that can't be read
 */
export async function readUserFile(
  path: string,
  { shown = path, code, vault }: { shown?: string; code: ErrorCode; vault?: Vault | undefined },
): Promise<UserText> {
  return openText(await readFile(path, 'utf8'), shown, code, vault);
}
