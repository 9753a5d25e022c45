/** `netplay vault`, with ansible-vault as the judge of what is written and read. */
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { execa } from 'execa';
import { afterAll, describe, expect, test } from 'vitest';
import { netplay, ROOT } from '../support/cli.js';
import { netplayOnTerminal } from '../support/terminal.js';

const folder = mkdtempSync(join(tmpdir(), 'netplay-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

const at = (name: string): string => join(folder, name);
function write(name: string, content: string | Buffer, mode = 0o600): string {
  mkdirSync(join(at(name), '..'), { recursive: true });
  writeFileSync(at(name), content);
  chmodSync(at(name), mode);
  return at(name);
}
const read = (name: string): string => readFileSync(at(name), 'latin1');
const modeOf = (file: string): string => (statSync(file).mode & 0o777).toString(8);

write('one', 'first password\n');
write('two', 'second password');
const ONE = ['--vault-password-file', at('one')];
const DEV = ['--vault-id', `dev@${at('one')}`];
const PROD = ['--vault-id', `prod@${at('two')}`];

async function vault(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<string> {
  const { code, stdout, stderr } = await netplay(['vault', ...args], env);
  if (code !== 0) throw new Error(stderr);
  return stdout;
}

async function ansibleVault(args: readonly string[]): Promise<string> {
  const done = await execa('ansible-vault', args, { env: { ANSIBLE_LOCAL_TEMP: at('ansible-tmp') } });
  return done.stdout;
}

/** What is easily got wrong: no text, no newline, whole blocks, bytes that are no UTF-8. */
const CONTENTS: Readonly<Record<string, Buffer>> = {
  empty: Buffer.alloc(0),
  yaml: Buffer.from('password: größer\nlist: [1, 2]\n'),
  bare: Buffer.from('no newline'),
  windows: Buffer.from('a: 1\r\nb: 2\r\n'),
  block: Buffer.alloc(16, 0x10),
  blocks: Buffer.alloc(4096, 'x'),
  bytes: randomBytes(3000),
};
const NAMES = Object.keys(CONTENTS);

function contentsIn(under: string): Record<string, Buffer> {
  return Object.fromEntries(NAMES.map((name) => [name, readFileSync(at(`${under}/${name}`))]));
}
function filesIn(under: string): string[] {
  return NAMES.map((name) => write(`${under}/${name}`, CONTENTS[name] ?? ''));
}
/** The envelope of a `!vault` block. */
const envelopeOf = (block: string): string => block.slice(block.indexOf('$')).replaceAll(/^ +/gm, '');

describe('ansible-vault and netplay', () => {
  test('open what the other has encrypted, byte for byte', async () => {
    const theirs = filesIn('theirs');
    const ours = filesIn('ours');
    await ansibleVault(['encrypt', ...DEV, ...theirs]);
    await vault(['encrypt', ...PROD, ...ours]);
    expect(read('theirs/yaml')).toMatch(/^\$ANSIBLE_VAULT;1\.2;AES256;dev\n/);
    expect(read('ours/yaml')).toMatch(/^\$ANSIBLE_VAULT;1\.2;AES256;prod\n/);
    // By a label, and by trying what there is.
    await vault(['decrypt', ...PROD, ...DEV, ...theirs]);
    await ansibleVault(['decrypt', '--vault-id', at('two'), ...ours]);
    expect(contentsIn('theirs')).toEqual(CONTENTS);
    expect(contentsIn('ours')).toEqual(CONTENTS);
  });

  test('encrypt anew what the other has encrypted', async () => {
    const theirs = filesIn('theirs');
    const ours = filesIn('ours');
    await vault(['encrypt', ...ONE, ...theirs, ...ours]);
    expect(read('ours/yaml')).toMatch(/^\$ANSIBLE_VAULT;1\.1;AES256\n/);
    await ansibleVault(['rekey', ...ONE, '--new-vault-id', `prod@${at('two')}`, ...theirs]);
    await vault(['rekey', ...PROD, '--new-vault-password-file', at('one'), ...theirs]);
    await ansibleVault(['decrypt', ...ONE, ...theirs, ...ours]);
    expect(contentsIn('theirs')).toEqual(CONTENTS);
    expect(contentsIn('ours')).toEqual(CONTENTS);
  });

  test('open the values that the other has made', async () => {
    const texts = ['plain', 'größer {{ x }}', "it's: a 'quote'"];
    const named = ['-n', 'a', '-n', 'b', '-n', 'c'];
    const made = await vault(['encrypt-string', ...DEV, ...named, ...texts]);
    expect(made.match(/^\w+: !vault \|$/gm)).toEqual(['a: !vault |', 'b: !vault |', 'c: !vault |']);
    const blocks = made.split(/^(?=\w+: )/m);
    const files = blocks.map((block, index) => write(`string-${index}`, envelopeOf(block)));
    await ansibleVault(['decrypt', ...DEV, ...files]);
    expect(files.map((file) => readFileSync(file, 'utf8'))).toEqual(texts);

    const theirs = await ansibleVault(['encrypt_string', ...DEV, ...named, ...texts]);
    write('vars.yml', `all:\n  hosts: {h: {}}\n  vars:\n${theirs.replaceAll(/^/gm, '    ')}\n`);
    const theirBlocks = theirs.split(/^(?=\w+: )/m);
    expect(await Promise.all(theirBlocks.map((block) => vault(['decrypt-string', ...DEV, block])))).toEqual(
      texts,
    );
  });
});

describe('files', () => {
  test('keep their mode, and links stay links; nothing else is left in the folder', async () => {
    const file = write('modes/file', 'text', 0o640);
    symlinkSync('file', at('modes/link'));
    await vault(['encrypt', ...ONE, at('modes/link')]);
    expect([modeOf(file), read('modes/file').slice(0, 14)]).toEqual(['640', '$ANSIBLE_VAULT']);
    await vault(['decrypt', ...ONE, at('modes/link')]);
    expect([modeOf(file), read('modes/file')]).toEqual(['640', 'text']);
    expect(readdirSync(at('modes')).sort()).toEqual(['file', 'link']);
  });

  test("are the owner's alone where they are new; --output leaves the other as it is", async () => {
    const file = write('out/file', 'text');
    await vault(['encrypt', ...ONE, file, '--output', at('out/new')]);
    expect([read('out/file'), modeOf(at('out/new'))]).toEqual(['text', '600']);
    expect(await vault(['decrypt', ...ONE, at('out/new'), '--output', '-'])).toBe('text');
    expect(await vault(['view', ...ONE, at('out/new')])).toBe('text');
  });

  test('are all as they were where one of them can not be taken', async () => {
    const good = write('all/good', 'text');
    const done = write('all/done', 'text');
    await vault(['encrypt', ...ONE, done]);
    const before = [read('all/good'), read('all/done')];
    const { code, stderr } = await netplay(['vault', 'encrypt', ...ONE, good, done]);
    expect([code, stderr]).toEqual([1, `ERROR ${done} is encrypted already`]);
    const other = await netplay(['vault', 'decrypt', ...ONE, done, good]);
    expect([other.code, other.stderr]).toEqual([1, `ERROR ${good} is not encrypted`]);
    expect([read('all/good'), read('all/done')]).toEqual(before);
  });

  test('may come by standard input', async () => {
    const run = (args: readonly string[], input: string): Promise<{ stdout: string }> =>
      execa('node', [join(ROOT, 'bin/netplay.js'), 'vault', ...args, ...ONE], { input });
    const { stdout } = await run(['encrypt'], 'text');
    expect((await run(['decrypt'], `${stdout}\n`)).stdout).toBe('text');
    const string = await run(['encrypt-string', '--stdin-name', 'word'], 'text');
    expect((await run(['decrypt-string'], string.stdout)).stdout).toBe('text');
  });
});

test.each<[name: string, args: string[], message: RegExp]>([
  [
    'two labels to encrypt with',
    ['encrypt', ...DEV, ...PROD, at('one')],
    /Several vault passwords are given: dev, prod\n.*--encrypt-vault-id/,
  ],
  [
    'a label without a password',
    ['encrypt', ...DEV, '--encrypt-vault-id', 'x', at('one')],
    /--encrypt-vault-id x: there is no password for it, only dev/,
  ],
  [
    'one output for two files',
    ['encrypt', ...ONE, at('one'), at('two'), '--output', '-'],
    /--output goes with one file alone/,
  ],
  [
    'two new passwords',
    ['rekey', ...ONE, '--new-vault-id', 'x@y', '--new-vault-password-file', 'z', 'f'],
    /do not go together/,
  ],
  [
    'no password and no terminal',
    ['view', at('one')],
    /Vault password: there is no terminal to ask on\n.*--vault-password-file/,
  ],
  [
    'a file that is not there',
    ['view', ...ONE, at('nowhere')],
    /Can't read .*nowhere: there is no such file/,
  ],
  ['a new file that is there', ['create', ...ONE, at('one')], /one is there already\n.*netplay vault edit/],
  ['nothing to encrypt', ['encrypt-string', ...ONE, ''], /A text to encrypt is empty/],
])('%s: refused', async (_name, args, message) => {
  const before = [read('one'), read('two')];
  const { code, stderr } = await netplay(['vault', ...args]);
  expect(stderr).toMatch(message);
  expect(code).toBe(1);
  expect([read('one'), read('two')]).toEqual(before);
});

describe('an editor', () => {
  const home = at('runtime');
  mkdirSync(home);
  const editor = (script: string): NodeJS.ProcessEnv => ({
    XDG_RUNTIME_DIR: home,
    EDITOR: write(`editor-${basename(mkdtempSync(at('e-')))}`, `#!/bin/sh\n${script}\n`, 0o700),
  });

  test('writes a new file, and changes it; the text itself stood nowhere for long', async () => {
    const look = `stat -c '%a' "$1" "$(dirname "$1")" >${at('seen')}; echo "$1" >>${at('seen')}`;
    await vault(['create', ...DEV, at('made.yml')], editor(`${look}; echo 'a: 1' >"$1"`));
    expect(read('seen')).toMatch(new RegExp(`^600\n700\n${home}/netplay-edit-\\w+/made\\.yml\n$`));
    chmodSync(at('made.yml'), 0o640);
    await vault(
      ['edit', ...PROD, '--vault-id', at('one'), at('made.yml')],
      editor('echo "b: 2" >>"$1"; touch "$1~"'),
    );
    expect(await vault(['view', ...DEV, at('made.yml')])).toBe('a: 1\nb: 2');
    expect(read('made.yml')).toMatch(/^\$ANSIBLE_VAULT;1\.2;AES256;dev\n/);
    expect(modeOf(at('made.yml'))).toBe('640');
    expect(readdirSync(home)).toEqual([]);
  });

  test('that changes nothing leaves the file as it is, as one that fails does', async () => {
    const before = read('made.yml');
    await vault(['edit', ...DEV, at('made.yml')], editor('true'));
    expect(read('made.yml')).toBe(before);
    const failed = await netplay(['vault', 'edit', ...DEV, at('made.yml')], editor('echo x >"$1"; exit 3'));
    expect([failed.code, failed.stderr]).toEqual([
      1,
      expect.stringMatching(/The editor .* ended with 3: nothing is changed/),
    ]);
    const none = await netplay(['vault', 'edit', ...DEV, at('made.yml')], {
      XDG_RUNTIME_DIR: home,
      EDITOR: '/nowhere/vi',
    });
    expect(none.stderr).toMatch(/The editor \/nowhere\/vi can't be started/);
    expect(read('made.yml')).toBe(before);
    expect(readdirSync(home)).toEqual([]);
  });

  test.each(['SIGTERM', 'SIGHUP'] as const)(
    'that is ended by %s leaves nothing of the text',
    async (signal) => {
      const before = read('made.yml');
      const env = editor(`echo x >"$1"; echo $$ >${at('ready')}; exec sleep 30`);
      const child = execa('node', [join(ROOT, 'bin/netplay.js'), 'vault', 'edit', ...DEV, at('made.yml')], {
        env,
        reject: false,
      });
      await expect.poll(() => readdirSync(folder).includes('ready'), { timeout: 10_000 }).toBe(true);
      expect(readdirSync(home)).toHaveLength(1);
      child.kill(signal);
      expect((await child).exitCode).toBe(130);
      rmSync(at('ready'));
      expect(readdirSync(home)).toEqual([]);
      expect(read('made.yml')).toBe(before);
    },
  );
});

describe('on a terminal', () => {
  test('passwords are asked for twice where they are new, and not shown', async () => {
    const file = write('asked', 'text');
    const encrypting = netplayOnTerminal(['vault', 'encrypt', file]);
    await encrypting.shows(/New vault password: /);
    encrypting.type('typed password\r');
    await encrypting.shows(/Confirm new vault password: /);
    encrypting.type('typed password\r');
    expect(await encrypting.ended).toBe(0);
    const viewing = netplayOnTerminal(['vault', 'view', file, '-J']);
    await viewing.shows(/Vault password: /);
    viewing.type('typed password\r');
    expect(await viewing.ended).toBe(0);
    expect(viewing.screen()).toContain('text');
    expect(encrypting.screen() + viewing.screen()).not.toContain('typed');
  });

  test('a text is asked for, hidden or not', async () => {
    const asking = netplayOnTerminal(['vault', 'encrypt-string', ...ONE, '-p']);
    await asking.shows(/Variable name/);
    asking.type('word\r');
    await asking.shows(/String to encrypt \(hidden\): /);
    asking.type('typed text\r');
    expect(await asking.ended).toBe(0);
    expect(asking.screen()).toContain('word: !vault |');
    expect(asking.screen()).not.toContain('typed');
  });
});
