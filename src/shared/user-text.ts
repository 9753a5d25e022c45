/** Files that a user wrote, and may have encrypted as a whole. */
import { readFile } from 'node:fs/promises';
import type { ErrorCode } from './errors.js';
import { readAtMost } from './read-at-most.js';
import { isVaultText, LOCKED, type Vault } from './vaulted.js';

export interface UserText {
  text: string;
  /** It was encrypted: no line of it may be shown, not even in an error. */
  secret: boolean;
}

export interface UserFileOptions {
  /** How errors name the file; by default as it is asked for. */
  shown?: string;
  code: ErrorCode;
  vault?: Vault | undefined;
  /** In bytes: what is bigger is not read. */
  most: number;
}

/**
 * The text itself, or what it holds where it is encrypted.
 * @param file as it shall stand in errors
 * @throws NetplayError with `code` where it can't be opened
 */
export function openText(text: string, file: string, code: ErrorCode, vault: Vault = LOCKED): UserText {
  if (!isVaultText(text)) return { text, secret: false };
  return { text: open(text, file, code, vault).toString('utf8'), secret: true };
}

function open(envelope: string, file: string, code: ErrorCode, vault: Vault): Buffer {
  const [source = ''] = envelope.split('\n', 1);
  return vault.open(envelope, { place: { file, line: 1, column: 1, length: source.length, source }, code });
}

/**
 * Reads a file that may be encrypted.
 * @throws NetplayError as `openText`; whatever the file system says of a file that can't be read
 */
export async function readUserFile(path: string, options: UserFileOptions): Promise<UserText> {
  const { shown = path, code, vault, most } = options;
  return openText((await readAtMost(path, most)).toString('utf8'), shown, code, vault);
}

/** As `readUserFile`, for a file that need not be text. */
export async function readUserBytes(
  path: string,
  { shown = path, code, vault = LOCKED }: Omit<UserFileOptions, 'most'>,
): Promise<{ bytes: Buffer; secret: boolean }> {
  const bytes = await readFile(path);
  const text = bytes.toString('latin1');
  if (!isVaultText(text)) return { bytes, secret: false };
  return { bytes: open(text, shown, code, vault), secret: true };
}
