/** Where passwords of vaults come from: a file, a script that prints it, or somebody at a terminal. */
import { spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { access, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, extname, resolve } from 'node:path';
import { NetplayError } from '../shared/errors.js';
import { isVaultText } from '../shared/vaulted.js';
import { DEFAULT_LABEL } from './format.js';
import { type VaultSecret, VaultSecrets } from './secrets.js';

/** What is said of passwords. */
export interface VaultChoice {
  /** `label@source`, or a source alone; a source is a file, a script or `prompt`. */
  ids: readonly string[];
  passwordFiles: readonly string[];
  ask: boolean;
}

export interface AskOptions {
  /** Asks without showing what is typed. */
  ask: (prompt: string) => Promise<string>;
  /** Ask twice, for a password that is new. */
  confirm?: boolean;
}

/** One password to fetch. */
interface Source {
  label: string | undefined;
  /** Undefined: somebody is asked. */
  file: string | undefined;
  prompt: string;
}

/**
 * All passwords in Ansible's order: labelled ones, then files, then the one that is asked for.
 * @throws NetplayError `usage` where one can't be had
 */
export async function readVaultSecrets(choice: VaultChoice, options: AskOptions): Promise<VaultSecret[]> {
  const secrets: VaultSecret[] = [];
  for (const source of sourcesOf(choice, options.confirm === true)) {
    const password =
      source.file === undefined
        ? await asked(source.prompt, options)
        : await fromFile(source.file, source.label, secrets);
    secrets.push({ label: source.label ?? DEFAULT_LABEL, password });
  }
  return secrets;
}

function sourcesOf({ ids, passwordFiles, ask }: VaultChoice, fresh: boolean): Source[] {
  const word = fresh ? 'New vault password' : 'Vault password';
  const ofFile = (file: string): Source => ({ label: undefined, file, prompt: '' });
  return [
    ...ids.map((id) => sourceOf(id, word)),
    ...passwordFiles.map(ofFile),
    ...(ask ? [{ label: undefined, file: undefined, prompt: word }] : []),
  ];
}

function sourceOf(id: string, word: string): Source {
  const at = id.indexOf('@');
  const label = at > 0 ? id.slice(0, at) : undefined;
  const source = id.slice(at + 1);
  if (source === '' || label?.includes(';'))
    throw new NetplayError('usage', `--vault-id ${id}: not of the form LABEL@SOURCE`, {
      hint: 'The source is a file, a script, or prompt; a label holds no ";".',
    });
  if (source !== 'prompt') return { label, file: source, prompt: '' };
  return { label, file: undefined, prompt: `${word} (${label ?? DEFAULT_LABEL})` };
}

async function asked(prompt: string, { ask, confirm }: AskOptions): Promise<Buffer> {
  const password = (await ask(prompt)).trim();
  if (password === '') throw new NetplayError('usage', `${prompt}: it is empty`);
  if (
    confirm &&
    (await ask(`Confirm ${prompt.charAt(0).toLowerCase()}${prompt.slice(1)}`)).trim() !== password
  )
    throw new NetplayError('usage', 'The two vault passwords are not the same');
  return Buffer.from(password, 'utf8');
}

/** @param before passwords that were read already, one of which may open an encrypted password file */
async function fromFile(
  file: string,
  label: string | undefined,
  before: readonly VaultSecret[],
): Promise<Buffer> {
  const path = resolve(file.replace(/^~(?=\/|$)/, homedir()));
  const executable = await access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
  const password = executable ? await printed(path, file, label) : await read(path, file, before);
  if (password.length > 0) return password;
  throw new NetplayError('usage', `The vault password file ${file} gives an empty password`);
}

async function read(path: string, file: string, before: readonly VaultSecret[]): Promise<Buffer> {
  const bytes = await readFile(path).catch((cause: NodeJS.ErrnoException) => {
    const why = cause.code === 'ENOENT' ? 'there is no such file' : cause.message;
    throw new NetplayError('usage', `Can't read the vault password file ${file}: ${why}`, { cause });
  });
  const text = trimmed(bytes, WHITE);
  if (!isVaultText(text.toString('latin1'))) return text;
  const place = { file, line: 1, column: 1 };
  const { plain } = new VaultSecrets(before, () => undefined).decrypt(text.toString('latin1'), {
    place,
    code: 'usage',
  });
  return trimmed(plain, LINE_ENDS);
}

const LINE_ENDS: ReadonlySet<number> = new Set([...'\r\n'].map((end) => end.charCodeAt(0)));
const WHITE: ReadonlySet<number> = new Set([...' \t\r\n\v\f'].map((blank) => blank.charCodeAt(0)));

/** A password need not be text, so that bytes are trimmed. */
function trimmed(bytes: Buffer, off: ReadonlySet<number>): Buffer {
  let start = 0;
  let end = bytes.length;
  while (start < end && off.has(bytes[start] ?? 0)) start += 1;
  while (end > start && off.has(bytes[end - 1] ?? 0)) end -= 1;
  return bytes.subarray(start, end);
}

/** A script whose name ends in `-client` is told which label is wanted. */
function isClient(path: string): boolean {
  return basename(path, extname(path)).endsWith('-client');
}

/** What a script prints. It may ask on the terminal itself. */
async function printed(path: string, file: string, label: string | undefined): Promise<Buffer> {
  // Where the kernel can't run a file its text would be taken for a shell's commands, and be shown in their errors.
  if (!(await isProgram(path))) throw notRun(file, 'it is executable and no program');
  const args = isClient(path) && label !== undefined ? ['--vault-id', label] : [];
  const { code, output } = await run(path, args).catch((cause: Error) => {
    throw notRun(file, cause.message);
  });
  if (code === 2 && args.length > 0)
    throw new NetplayError('usage', `The vault password script ${file} knows no password for '${label}'`);
  if (code !== 0)
    throw new NetplayError('usage', `The vault password script ${file} ended with ${code ?? 'a signal'}`);
  return trimmed(output, LINE_ENDS);
}

function notRun(file: string, why: string): NetplayError {
  return new NetplayError('usage', `The vault password script ${file} can't be run: ${why}`, {
    hint: 'Where it holds the password itself: chmod -x.',
  });
}

/** Whether a file begins as a script or as a program of the kernel's own kind. */
export async function isProgram(path: string): Promise<boolean> {
  const head = (await readFile(path)).subarray(0, 4).toString('latin1');
  return head.startsWith('#!') || head === '\x7fELF';
}

function run(path: string, args: readonly string[]): Promise<{ code: number | null; output: Buffer }> {
  return new Promise((resolve, reject) => {
    const child = spawn(path, args, { stdio: ['inherit', 'pipe', 'inherit'] });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, output: Buffer.concat(chunks) }));
  });
}
