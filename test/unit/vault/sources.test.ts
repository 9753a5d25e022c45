/** Where passwords come from. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { encrypt } from '../../../src/vault/secrets.js';
import { readVaultSecrets, type VaultChoice } from '../../../src/vault/sources.js';

const folder = mkdtempSync(join(tmpdir(), 'netplay-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string | Buffer, mode = 0o600): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

const NOTHING: VaultChoice = { ids: [], passwordFiles: [], ask: false };

async function read(choice: Partial<VaultChoice>, answers: readonly string[] = []): Promise<string[]> {
  const left = [...answers];
  const ask = async (prompt: string): Promise<string> => {
    prompts.push(prompt);
    return left.shift() ?? '';
  };
  prompts.length = 0;
  const secrets = await readVaultSecrets({ ...NOTHING, ...choice }, { ask, confirm: answers.length > 1 });
  return secrets.map(({ label, password }) => `${label}=${password.toString('latin1')}`);
}
const prompts: string[] = [];

const plain = file('plain', ' two words \r\n');
const script = file('script', '#!/bin/sh\nprintf "from $# script \\n"\n', 0o700);
const client = file('pw-client.sh', '#!/bin/sh\n[ "$2" != gone ] || exit 2\necho "$1 $2"\n', 0o700);

test('a file, without the blanks around it', async () => {
  expect(await read({ passwordFiles: [plain] })).toEqual(['default=two words']);
});

test('bytes that are no text stay as they are', async () => {
  const bytes = file('bytes', Buffer.from([0xff, 0x00, 0xfe, 0x0a]));
  expect(await read({ passwordFiles: [bytes] })).toEqual(['default=\xff\x00\xfe']);
});

test('a script prints it, and is told nothing; a client is told the label', async () => {
  expect(await read({ passwordFiles: [script], ids: [`dev@${script}`, `prod@${client}`] })).toEqual([
    'dev=from 0 script ',
    'prod=--vault-id prod',
    'default=from 0 script ',
  ]);
});

test('a file that is encrypted itself opens by a password that was given before it', async () => {
  const secret = { label: 'default', password: Buffer.from('two words') };
  const sealed = file('sealed', encrypt(Buffer.from('inner\n'), secret));
  expect(await read({ ids: [`a@${plain}`, `b@${sealed}`] })).toEqual(['a=two words', 'b=inner']);
});

test('labels with sources first, then files, then the one that is asked for', async () => {
  const found = await read({ ids: ['dev@prompt'], passwordFiles: [plain], ask: true }, [
    'one',
    'one',
    'x',
    'x',
  ]);
  expect(found).toEqual(['dev=one', 'default=two words', 'default=x']);
  expect(prompts).toEqual([
    'New vault password (dev)',
    'Confirm new vault password (dev)',
    'New vault password',
    'Confirm new vault password',
  ]);
});

test.each<[name: string, choice: Partial<VaultChoice>, message: RegExp]>([
  [
    'a file that is not there',
    { passwordFiles: ['/nowhere/x'] },
    /password file \/nowhere\/x: there is no such/,
  ],
  ['an empty file', { passwordFiles: [file('empty', '\n')] }, /empty gives an empty password/],
  [
    'a script that fails',
    { ids: [`a@${file('bad', '#!/bin/sh\nexit 7\n', 0o700)}`] },
    /script .*bad ended with 7/,
  ],
  [
    'a script that is none',
    { passwordFiles: [file('none', 'pw', 0o700)] },
    /none can't be run: it is executable and no program/,
  ],
  ['a client without the label', { ids: [`gone@${client}`] }, /knows no password for 'gone'/],
  ['an empty answer', { ask: true }, /Vault password: it is empty/],
  ['a label that can not be one', { ids: ['a;b@x'] }, /--vault-id a;b@x: not of the form LABEL@SOURCE/],
  ['a label without a source', { ids: ['a@'] }, /not of the form/],
])('%s is told', async (_name, choice, message) => {
  await expect(read(choice)).rejects.toThrow(message);
});

test('two answers that differ are no password', async () => {
  await expect(read({ ask: true }, ['one', 'two'])).rejects.toThrow(
    'The two vault passwords are not the same',
  );
});
