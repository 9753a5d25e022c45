/** Settings: where they are found, what they may be, which goes before which. */
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { Command } from 'commander';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { configCommand } from '../../../src/cli/config.js';
import { createProgram } from '../../../src/cli/program.js';
import { keyOf, type Setting, settings, variablesOf } from '../../../src/cli/settings.js';
import { applySettings, withSettings } from '../../../src/cli/settings-apply.js';
import { findSettingsFile, readSettingsFile } from '../../../src/cli/settings-file.js';
import { renderSettings, settingsSchema } from '../../../src/cli/settings-reference.js';
import { settle } from '../../../src/cli/settings-resolve.js';
import { inventoryOf } from '../../../src/cli/sources.js';
import { choiceOf, withVault } from '../../../src/cli/vault-options.js';
import { NetplayError, NetplayErrors } from '../../../src/shared/errors.js';
import { readYaml, toPlain } from '../../../src/shared/yaml.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'netplay-settings-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(text: string, name = 'netplay.yml'): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

function errorsOf(work: () => unknown): readonly NetplayError[] {
  try {
    work();
    return [];
  } catch (error) {
    if (error instanceof NetplayErrors) return error.errors;
    if (error instanceof NetplayError) return [error];
    throw error;
  }
}

/** Settings of a file by name. */
function valuesOf(text: string): Record<string, unknown> {
  return Object.fromEntries([...readSettingsFile(write(text))].map(([{ name }, { value }]) => [name, value]));
}

describe('the file', () => {
  test('is the one that NETPLAY_CONFIG names, or netplay.yml in the folder that it names', () => {
    const file = write('forks: 1', 'mine.yml');
    expect(findSettingsFile({ NETPLAY_CONFIG: file }, folder)).toEqual({ file });
    const local = write('forks: 2');
    expect(findSettingsFile({ NETPLAY_CONFIG: folder }, '/')).toEqual({ file: local });
  });

  test('is netplay.yml here, unless everybody may write here', () => {
    const file = write('forks: 2');
    expect(findSettingsFile({}, folder)).toEqual({ file });
    chmodSync(folder, 0o1777);
    const found = findSettingsFile({}, folder);
    expect(found.file).not.toBe(file);
    expect(found.warning).toContain('everybody may write');
  });

  test('can be none', () => {
    write('forks: 2');
    expect(
      settle({ NETPLAY_CONFIG: '/dev/null' }, folder).settled.every(({ from }) => from === 'default'),
    ).toBe(true);
  });

  test('must be there where it is named', () => {
    const [error] = errorsOf(() => findSettingsFile({ NETPLAY_CONFIG: join(folder, 'none') }, folder));
    expect(error?.message).toContain('there is no such file');
  });

  test('may be empty, or hold nothing but comments', () => {
    expect(valuesOf('')).toEqual({});
    expect(valuesOf('# forks: 3\n')).toEqual({});
    expect(valuesOf('---\n')).toEqual({});
    expect(valuesOf('forks:\n')).toEqual({});
  });

  test('gives values of their kinds', () => {
    const text = `
forks: '7'
remote_user: deploy
become: yes
confirm_timeout: 2m
lock_timeout: 10
host_key_checking: no
tags: [a, b]
skip_tags: c
roles_path: [roles, /srv/roles, ~/roles]
private_key_file: keys/id
gathering: smart
`;
    expect(valuesOf(text)).toEqual({
      forks: 7,
      remote_user: 'deploy',
      become: true,
      confirm_timeout: 120,
      lock_timeout: 10,
      host_key_checking: 'false',
      tags: ['a', 'b'],
      skip_tags: ['c'],
      roles_path: [join(folder, 'roles'), '/srv/roles', join(homedir(), 'roles')],
      private_key_file: join(folder, 'keys/id'),
      gathering: 'smart',
    });
  });

  test.each([
    ['hosts.yml', (at: string) => [`${at}/hosts.yml`]],
    ['[a.yml, /b.ini]', (at: string) => [`${at}/a.yml`, '/b.ini']],
    ['"h1,h2,"', () => ['h1,h2,']],
    ['[a.yml, "h1,"]', (at: string) => [`${at}/a.yml`, 'h1,']],
  ])('an inventory %s is relative to it, unless it is a list of hosts', (text, wanted) => {
    expect(valuesOf(`inventory: ${text}`).inventory).toEqual(wanted(folder));
  });

  test.each([
    ['forsk: 1', 1, 'There is no setting "forsk"', 'Did you mean forks?'],
    ['defaults:\n  forks: 1', 1, 'There is no setting "defaults"', 'without sections'],
    ['fact_caching: jsonfile', 1, 'There is no setting "fact_caching"', 'fact_caching_connection'],
    ['become: true\nforks: many', 2, 'forks: must be a whole number above 0', undefined],
    ['forks: 0', 1, 'forks: must be a whole number above 0', undefined],
    ['forks: [1]', 1, 'forks: must be one value', undefined],
    ['confirm_timeout: 2s', 1, 'at least 3s', undefined],
    ['become: perhaps', 1, 'become: must be true or false', undefined],
    ['host_key_checking: sometimes', 1, 'must be one of true, false, accept-new', undefined],
    ['forks: 1\nforks: 2', 2, 'given twice', undefined],
    ['- hosts: all', 1, 'must be a map of names to values', 'NETPLAY_CONFIG'],
    ['forks: {{ x }}', 1, 'not quoted', undefined],
  ])('%j is refused with its line', (text, line, message, hint) => {
    const [error] = errorsOf(() => readSettingsFile(write(text)));
    expect(error?.message).toContain(message);
    expect(error?.place?.line).toBe(line);
    if (hint !== undefined) expect(error?.hint).toContain(hint);
  });

  test('has all of its mistakes told at once', () => {
    expect(errorsOf(() => readSettingsFile(write('forsk: 1\nforks: x\nbecome: x')))).toHaveLength(3);
  });
});

describe('the environment', () => {
  const named = (env: NodeJS.ProcessEnv, name: string): unknown =>
    settle({ NETPLAY_CONFIG: '/dev/null', ...env }).settled.find(({ setting }) => setting.name === name);

  test("stands above the file, and netplay's own variable above Ansible's", () => {
    const NETPLAY_CONFIG = write('forks: 3');
    const env = { NETPLAY_CONFIG, ANSIBLE_FORKS: '4', NETPLAY_FORKS: '5' };
    expect(named(env, 'forks')).toMatchObject({ value: 5, from: 'environment', origin: 'NETPLAY_FORKS' });
    expect(named({ ...env, NETPLAY_FORKS: '' }, 'forks')).toMatchObject({
      value: 4,
      origin: 'ANSIBLE_FORKS',
    });
    expect(named({ NETPLAY_CONFIG }, 'forks')).toMatchObject({ value: 3, origin: `${NETPLAY_CONFIG}:1:1` });
    expect(named({}, 'forks')).toMatchObject({ value: 50, from: 'default' });
  });

  test.each([
    ['NETPLAY_INVENTORY', 'a.yml,b', 'inventory', ['a.yml', 'b']],
    ['NETPLAY_INVENTORY', 'h1,h2,', 'inventory', ['h1,h2,']],
    ['ANSIBLE_INVENTORY', 'hosts', 'inventory', ['hosts']],
    ['ANSIBLE_ROLES_PATH', '/a:~/b:', 'roles_path', ['/a', join(homedir(), 'b')]],
    ['ANSIBLE_RUN_TAGS', 'a, b', 'tags', ['a', 'b']],
    ['ANSIBLE_BECOME', '1', 'become', true],
    ['NETPLAY_BECOME', 'False', 'become', false],
    ['ANSIBLE_HOST_KEY_CHECKING', 'False', 'host_key_checking', 'false'],
    ['ANSIBLE_TIMEOUT', '20', 'timeout', 20],
    ['NETPLAY_CONFIRM_TIMEOUT', '1m', 'confirm_timeout', 60],
  ])('%s=%s gives %s', (variable, text, name, value) => {
    expect(named({ [variable]: text }, name)).toMatchObject({ value, origin: variable });
  });

  test('is told by its variable where it is wrong, all of it at once', () => {
    const env = { NETPLAY_CONFIG: '/dev/null', ANSIBLE_FORKS: 'x', NETPLAY_BECOME: 'perhaps' };
    expect(errorsOf(() => settle(env)).map(({ message }) => message)).toEqual([
      'ANSIBLE_FORKS: must be a whole number above 0',
      'NETPLAY_BECOME: must be true or false',
    ]);
  });
});

/** What a command is called with. */
async function flagsOf(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<Record<string, unknown>> {
  let flags: Record<string, unknown> = {};
  const program = new Command().exitOverride().hook('preAction', (_, own) => applySettings(own, env));
  const withFlags = settings.filter(({ flag, name }) => flag !== undefined && name !== 'ask_vault_pass');
  const all = withVault(program.command('all'));
  withSettings(
    all,
    withFlags.map(({ name }) => name),
  ).action((given) => {
    flags = given;
  });
  program
    .command('none')
    .option('-f, --file')
    .action((given) => {
      flags = given;
    });
  await program.parseAsync(argv, { from: 'user' });
  return flags;
}

describe('a command', () => {
  const none = { NETPLAY_CONFIG: '/dev/null' };

  test('takes settings where its flags are not given', async () => {
    const NETPLAY_CONFIG = write('forks: 3\nremote_user: a\nbecome: true\nssh_retries: 2\nverbosity: 1');
    const flags = await flagsOf(['all', '-u', 'b', '-vv'], { NETPLAY_CONFIG, NETPLAY_FORKS: '4' });
    expect(flags).toMatchObject({ forks: 4, user: 'b', become: true, sshRetries: 2, verbose: 2 });
  });

  test('has the defaults of the table', async () => {
    expect(await flagsOf(['all'], none)).toEqual({
      forks: 50,
      confirmTimeout: 30,
      lockTimeout: 0,
      persist: 'auto',
    });
  });

  test('that takes no settings reads none', async () => {
    expect(await flagsOf(['none'], { NETPLAY_CONFIG: '/nothing/there' })).toEqual({});
  });

  test('is told where an inventory comes from that was not given', async () => {
    const env = { ...none, NETPLAY_INVENTORY: 'a.yml' };
    expect(await flagsOf(['all'], env)).toMatchObject({
      inventory: ['a.yml'],
      inventoryFrom: 'NETPLAY_INVENTORY',
    });
    const flags = await flagsOf(['all', '-i', 'b.yml', '-i', 'c,d'], env);
    expect(flags).toMatchObject({ inventory: ['b.yml', 'c,d'] });
    expect(flags).not.toHaveProperty('inventoryFrom');
  });

  test('that goes on with a run takes its inventory before that of settings, and after one that is given', () => {
    expect(inventoryOf({ inventory: ['given'] }, ['recorded'])).toEqual(['given']);
    expect(inventoryOf({ inventory: ['set'], inventoryFrom: 'x' }, ['recorded'])).toEqual(['recorded']);
    expect(inventoryOf({ inventory: ['set'], inventoryFrom: 'x' }, undefined)).toEqual(['set']);
    expect(inventoryOf({ inventory: [] }, ['recorded'])).toEqual(['recorded']);
  });

  test('asks for a password where the line says so, whatever file is set', async () => {
    const env = { ...none, NETPLAY_CONNECTION_PASSWORD_FILE: 'pw', NETPLAY_BECOME_ASK_PASS: 'true' };
    expect(await flagsOf(['all', '-k'], env)).not.toHaveProperty('connectionPasswordFile');
    expect(await flagsOf(['all', '--become-pass-file', 'x'], env)).toMatchObject({
      becomePasswordFile: 'x',
      connectionPasswordFile: 'pw',
    });
    expect(await flagsOf(['all', '--become-password-file', 'x'], env)).not.toHaveProperty('askBecomePass');
  });

  test('takes passwords of vaults beside those that are given', async () => {
    const NETPLAY_CONFIG = write('vault_password_file: pw\nvault_identity_list: [dev@keys/dev, prod@prompt]');
    const argv = ['all', '--vault-id', 'x@y', '--vault-password-file', 'f'];
    expect(choiceOf(await flagsOf(argv, { NETPLAY_CONFIG }))).toEqual({
      ids: [`dev@${folder}/keys/dev`, 'prod@prompt', 'x@y'],
      passwordFiles: ['f', join(folder, 'pw')],
      ask: false,
    });
    const env = { NETPLAY_CONFIG, ANSIBLE_VAULT_PASSWORD_FILE: 'a', ANSIBLE_VAULT_IDENTITY_LIST: 'a@b, c@d' };
    const flags = await flagsOf(['all'], { ...env, NETPLAY_VAULT_PASSWORD_FILE: 'n' });
    expect(choiceOf(flags)).toEqual({ ids: ['a@b', 'c@d'], passwordFiles: ['n'], ask: false });
  });

  test.each([
    [['--tags', 'a,b', '-t', 'c'], { tags: ['a', 'b', 'c'] }],
    [['--skip-tags', ' a , '], { skipTags: ['a'] }],
    [['--confirm-timeout', '2m'], { confirmTimeout: 120 }],
    [['--key-file', 'k'], { privateKey: 'k' }],
    [['-T', '5'], { timeout: 5 }],
  ])('reads %j', async (argv, wanted) => {
    expect(await flagsOf(['all', ...argv], none)).toMatchObject(wanted);
  });

  test.each([
    [['-f', '0'], 'whole number above 0'],
    [['--confirm-timeout', '1s'], 'at least 3s'],
    [['--lock-timeout', 'soon'], 'a time such as 30s or 2m'],
  ])('refuses %j', async (argv, message) => {
    const program = createProgram();
    const run = program.commands.find((command) => command.name() === 'run');
    run?.configureOutput({ writeErr: () => undefined });
    await expect(program.parseAsync(['run', ...argv], { from: 'user' })).rejects.toThrow(message);
  });
});

describe('the table', () => {
  test.each(settings.map((setting) => [setting.name, setting] as const))('%s is whole', (name, setting) => {
    expect(name).toMatch(/^[a-z]+(_[a-z]+)*$/);
    expect(setting.description).toMatch(/^[^A-Z].*[^.]$/);
    expect(variablesOf(setting)[0]).toBe(`NETPLAY_${name.toUpperCase()}`);
    expect(setting.default === undefined || setting.otherwise === undefined).toBe(true);
  });

  test('has nothing twice', () => {
    const all = (of: (setting: Setting) => readonly string[]): string[] => settings.flatMap(of);
    for (const list of [all(({ name }) => [name]), all(variablesOf), all((setting) => [keyOf(setting)])])
      expect(new Set(list).size).toBe(list.length);
  });

  test('has every flag that the commands have of it, under the same words', () => {
    const options = createProgram().commands.flatMap((command) => command.options);
    for (const { flag } of settings)
      if (flag !== undefined) expect(options.map((option) => option.flags)).toContain(flag);
  });

  test('is in docs/configuration.md, which `npm run docs` writes', () => {
    const page = readFileSync(new URL('../../../docs/configuration.md', import.meta.url), 'utf8');
    expect(page).toBe(renderSettings());
  });

  test("is an editor's schema, which takes what netplay takes", () => {
    const validate = new Ajv({ allowUnionTypes: true }).compile(settingsSchema());
    const faults = (text: string): boolean =>
      !validate(toPlain(readYaml(text, 'x.yml', 'usage').source.document.contents));
    expect(
      faults('forks: 3\nconfirm_timeout: 2m\ntags: a\nroles_path: [a, b]\nhost_key_checking: true'),
    ).toBe(false);
    expect(faults('become: yes\nhost_key_checking: no\nforks: "3"')).toBe(false);
    expect(faults('')).toBe(false);
    expect(faults('forsk: 3')).toBe(true);
    expect(faults('forks: many')).toBe(true);
    expect(faults('gathering: always')).toBe(true);
  });
});

describe('netplay config', () => {
  test('shows every setting with its value and its place', () => {
    const NETPLAY_CONFIG = write('forks: 3\ntags: [a, b]');
    const text = configCommand({}, { NETPLAY_CONFIG, ANSIBLE_REMOTE_USER: 'root' });
    expect(text.split('\n')).toHaveLength(settings.length + 2);
    expect(text).toMatch(new RegExp(`^forks +3 +${NETPLAY_CONFIG}:1:1$`, 'm'));
    expect(text).toMatch(new RegExp(`^tags +a, b +${NETPLAY_CONFIG}:2:1$`, 'm'));
    expect(text).toMatch(/^remote_user +root +ANSIBLE_REMOTE_USER$/m);
    expect(text).toMatch(/^connection +ssh +default$/m);
  });

  test('shows what is not as it is by default', () => {
    const NETPLAY_CONFIG = write('forks: 3');
    expect(configCommand({ onlyChanged: true }, { NETPLAY_CONFIG })).toBe(
      `settings file: ${NETPLAY_CONFIG}\n\nforks  3  ${NETPLAY_CONFIG}:1:1`,
    );
  });

  test('as JSON', () => {
    const NETPLAY_CONFIG = write('forks: 3');
    expect(JSON.parse(configCommand({ onlyChanged: true, json: true }, { NETPLAY_CONFIG }))).toEqual({
      file: NETPLAY_CONFIG,
      settings: [{ name: 'forks', value: 3, from: 'file', origin: `${NETPLAY_CONFIG}:1:1` }],
    });
  });
});
