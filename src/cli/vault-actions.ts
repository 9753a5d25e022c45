/** What `netplay vault` does. Files are written whole or not at all, and only when all of them could be worked out. */
import { readFile } from 'node:fs/promises';
import { NetplayError } from '../shared/errors.js';
import { isVaultText } from '../shared/vaulted.js';
import { DEFAULT_LABEL } from '../vault/format.js';
import { encrypt, type Opened, type VaultSecret, VaultSecrets } from '../vault/secrets.js';
import { readVaultSecrets, type VaultChoice } from '../vault/sources.js';
import { askText } from './ask.js';
import { editText } from './edit-text.js';
import { askVaultPassword, choiceOf, type VaultFlags } from './vault-options.js';
import { isThere, replaceFile } from './write-file.js';

export interface WriteFlags extends VaultFlags {
  output?: string;
  encryptVaultId?: string;
  newVaultPasswordFile?: string;
  newVaultId?: string;
}

export interface StringFlags extends WriteFlags {
  name?: string[];
  stdinName?: string;
  prompt?: boolean;
  showInput?: boolean;
}

const STDIN = '-';

export async function encryptFiles(files: readonly string[], flags: WriteFlags): Promise<void> {
  checkOutput(files, flags);
  const secret = await encryptingSecret(choiceOf(flags), flags);
  await rewrite(files, flags, (bytes, file) => {
    if (isVaultText(bytes.toString('latin1')))
      throw new NetplayError('usage', `${file} is encrypted already`);
    return Buffer.from(encrypt(bytes, secret));
  });
}

export async function decryptFiles(files: readonly string[], flags: WriteFlags): Promise<void> {
  checkOutput(files, flags);
  const secrets = await openingSecrets(flags);
  await rewrite(files, flags, (bytes, file) => opened(secrets, bytes, file).plain);
}

export async function viewFiles(files: readonly string[], flags: VaultFlags): Promise<void> {
  const secrets = await openingSecrets(flags);
  for (const file of files) printBytes(opened(secrets, await bytesOf(file), file).plain);
}

export async function rekeyFiles(files: readonly string[], flags: WriteFlags): Promise<void> {
  if (flags.newVaultId !== undefined && flags.newVaultPasswordFile !== undefined)
    throw new NetplayError('usage', '--new-vault-id and --new-vault-password-file do not go together');
  const secrets = await openingSecrets(flags);
  const ids = flags.newVaultId === undefined ? [] : [flags.newVaultId];
  const passwordFiles = flags.newVaultPasswordFile === undefined ? [] : [flags.newVaultPasswordFile];
  const fresh = await encryptingSecret({ ids, passwordFiles, ask: false }, flags);
  await rewrite(files, {}, (bytes, file) => Buffer.from(encrypt(opened(secrets, bytes, file).plain, fresh)));
}

export async function createFile(file: string, flags: WriteFlags): Promise<void> {
  if (await isThere(file))
    throw new NetplayError('usage', `${file} is there already`, { hint: `netplay vault edit ${file}` });
  const secret = await encryptingSecret(choiceOf(flags), flags);
  const text = await editText(Buffer.alloc(0), file);
  await replaceFile(file, Buffer.from(encrypt(text, secret)));
}

/** A file keeps its label, and is left alone where nothing was changed. */
export async function editFiles(files: readonly string[], flags: VaultFlags): Promise<void> {
  const secrets = await openingSecrets(flags);
  for (const file of files) {
    const { plain, secret, label } = opened(secrets, await bytesOf(file), file);
    const edited = await editText(plain, file);
    if (!edited.equals(plain))
      await replaceFile(file, Buffer.from(encrypt(edited, { ...secret, label: label ?? DEFAULT_LABEL })));
  }
}

/** One value to encrypt. */
interface Named {
  name: string | undefined;
  text: string;
}

export async function encryptStrings(texts: readonly string[], flags: StringFlags): Promise<void> {
  const args = texts.filter((text) => text !== STDIN);
  const fromStdin = texts.length !== args.length || flags.stdinName !== undefined;
  const nothing = texts.length === 0 && flags.prompt !== true;
  if (fromStdin && flags.prompt)
    throw new NetplayError('usage', '--prompt does not go with a text from standard input');
  const secret = await encryptingSecret(choiceOf(flags), flags);
  const values: Named[] = [
    ...(flags.prompt ? [await askValue(flags)] : []),
    ...(fromStdin || nothing ? [{ name: flags.stdinName, text: (await readStdin()).toString('utf8') }] : []),
    ...args.map((text, index) => ({ name: flags.name?.[index], text })),
  ];
  if (values.some(({ text }) => text === ''))
    throw new NetplayError('usage', 'A text to encrypt is empty', { hint: 'Nothing was encrypted.' });
  await write(flags.output ?? STDIN, Buffer.from(values.map((value) => block(value, secret)).join('')));
}

/** `name: !vault |` with the envelope below it, as it stands in a file of variables. */
function block({ name, text }: Named, secret: VaultSecret): string {
  const head = name === undefined ? '!vault |' : `${name}: !vault |`;
  const lines = encrypt(Buffer.from(text, 'utf8'), secret).trimEnd().split('\n');
  return `${[head, ...lines.map((line) => `          ${line}`)].join('\n')}\n`;
}

async function askValue({ showInput, name }: StringFlags): Promise<Named> {
  const variable = name?.[0] ?? (await askText('Variable name (enter for no name): '));
  const text = showInput
    ? await askText('String to encrypt: ')
    : await askVaultPassword('String to encrypt (hidden)');
  return { name: variable === '' ? undefined : variable, text };
}

export async function decryptString(text: string | undefined, flags: WriteFlags): Promise<void> {
  const secrets = await openingSecrets(flags);
  const given = text ?? (await readStdin()).toString('utf8');
  const envelope = given.slice(Math.max(0, given.indexOf('$ANSIBLE_VAULT;')));
  const lines = envelope.split('\n').map((line) => line.trim());
  const { plain } = opened(secrets, Buffer.from(lines.join('\n')), 'the text');
  await write(flags.output ?? STDIN, plain);
}

async function openingSecrets(flags: VaultFlags): Promise<VaultSecrets> {
  const choice = orAsk(choiceOf(flags));
  // What these commands print is what was asked for.
  return new VaultSecrets(await readVaultSecrets(choice, { ask: askVaultPassword }), () => undefined);
}

function orAsk(choice: VaultChoice): VaultChoice {
  const nothing = choice.ids.length === 0 && choice.passwordFiles.length === 0;
  return { ...choice, ask: choice.ask || nothing };
}

/** The one password to encrypt with: of several the one with the label that is asked for. */
async function encryptingSecret(
  given: VaultChoice,
  { encryptVaultId: label }: WriteFlags,
): Promise<VaultSecret> {
  const choice = orAsk(given);
  const secrets = await readVaultSecrets(choice, { ask: askVaultPassword, confirm: true });
  const found = label === undefined ? secrets : secrets.filter((secret) => secret.label === label);
  const [secret, ...others] = found;
  const labels = secrets.map((one) => one.label).join(', ');
  if (secret === undefined)
    throw new NetplayError(
      'usage',
      `--encrypt-vault-id ${label}: there is no password for it, only ${labels}`,
    );
  if (others.length > 0 && label === undefined)
    throw new NetplayError('usage', `Several vault passwords are given: ${labels}`, {
      hint: 'Say --encrypt-vault-id LABEL.',
    });
  return secret;
}

function opened(secrets: VaultSecrets, bytes: Buffer, file: string): Opened {
  const text = bytes.toString('latin1');
  if (!isVaultText(text)) throw new NetplayError('usage', `${file} is not encrypted`);
  return secrets.decrypt(text, { place: { file, line: 1, column: 1 }, code: 'usage' });
}

function checkOutput(files: readonly string[], { output }: WriteFlags): void {
  if (output !== undefined && files.length > 1)
    throw new NetplayError('usage', '--output goes with one file alone');
}

/** Nothing is written where one of the files can't be. */
async function rewrite(
  files: readonly string[],
  { output }: WriteFlags,
  change: (bytes: Buffer, file: string) => Buffer,
): Promise<void> {
  const written: { to: string; bytes: Buffer }[] = [];
  for (const file of files.length === 0 ? [STDIN] : files)
    written.push({ to: output ?? file, bytes: change(await bytesOf(file), nameOf(file)) });
  for (const { to, bytes } of written) await write(to, bytes);
}

function nameOf(file: string): string {
  return file === STDIN ? 'Standard input' : file;
}

async function write(to: string, bytes: Buffer): Promise<void> {
  if (to === STDIN) printBytes(bytes);
  else await replaceFile(to, bytes);
}

function printBytes(bytes: Buffer): void {
  process.stdout.write(bytes);
}

async function bytesOf(file: string): Promise<Buffer> {
  if (file === STDIN) return readStdin();
  return readFile(file).catch((cause: NodeJS.ErrnoException) => {
    const why = cause.code === 'ENOENT' ? 'there is no such file' : cause.message;
    throw new NetplayError('usage', `Can't read ${file}: ${why}`, { cause });
  });
}

async function readStdin(): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}
