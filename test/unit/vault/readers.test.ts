/** Encrypted files and values where a user's files are read. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { readExtraVars } from '../../../src/cli/extra-vars.js';
import { loadInventory } from '../../../src/inventory/load.js';
import { loadPlaybook } from '../../../src/playbook/load.js';
import { resources } from '../../../src/resources/registry.js';
import { validateParams } from '../../../src/resources/validate.js';
import { NetplayError, NetplayErrors } from '../../../src/shared/errors.js';
import { Redactor } from '../../../src/shared/redactor.js';
import { readUserBytes } from '../../../src/shared/user-text.js';
import { Vaulted } from '../../../src/shared/vaulted.js';
import { readYaml, toPlain } from '../../../src/shared/yaml.js';
import { createScope } from '../../../src/template/scope.js';
import { createTemplates } from '../../../src/template/templates.js';
import { encrypt, VaultSecrets } from '../../../src/vault/secrets.js';

const SECRET = { label: 'default', password: Buffer.from('pw') };
const hidden: string[] = [];
const vault = new VaultSecrets([SECRET], (text) => void hidden.push(text));
const folder = mkdtempSync(join(tmpdir(), 'netplay-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

function write(name: string, text: string): string {
  const path = join(folder, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, text);
  return path;
}
const sealed = (text: string): string => encrypt(Buffer.from(text), SECRET);
const block = (text: string, indent = '    '): string =>
  `!vault |\n${sealed(text).trimEnd().replaceAll(/^/gm, indent)}`;

async function faults(work: () => unknown): Promise<string[]> {
  try {
    await work();
  } catch (error) {
    if (error instanceof NetplayErrors) return error.errors.map(shown);
    if (error instanceof NetplayError) return [shown(error)];
    throw error;
  }
  return [];
}
const shown = ({ place, message }: NetplayError): string =>
  `${place?.file.replace(`${folder}/`, '')}:${place?.line}${place?.source === undefined ? '' : ' with its line'} ${message}`;

const NONE = 'This is encrypted, and no vault password is given';

describe('a !vault value', () => {
  const text = `a: 1\nsecret: ${block('{{ not }} a template')}\nlist: [x, *no]\n`.replace(', *no', '');
  const read = (): Record<string, unknown> =>
    toPlain(readYaml(text, 'f.yml', 'inventory', { vault }).source.document.contents) as Record<
      string,
      unknown
    >;

  test('is opened when it is used, and hidden from then on', () => {
    hidden.length = 0;
    const templates = createTemplates();
    const scope = createScope([read()], templates);
    expect(hidden).toEqual([]);
    expect(templates.render('<{{ secret }}>', scope)).toBe('<{{ not }} a template>');
    expect(templates.render({ deep: ['{{ secret | length }}'] }, scope)).toEqual({ deep: [20] });
    expect(hidden).toEqual(['{{ not }} a template']);
  });

  test('is printed as ansible-inventory prints it', () => {
    const { secret } = read();
    expect(JSON.parse(JSON.stringify({ secret }))).toEqual({
      secret: { __ansible_vault: expect.stringMatching(/^\$ANSIBLE_VAULT;1\.1;AES256\n[0-9a-f\n]+\n$/) },
    });
  });

  test('needs no password before it is used; then its line is named', async () => {
    const { source, errors } = readYaml(text, 'f.yml', 'inventory');
    expect(errors).toEqual([]);
    const templates = createTemplates();
    const scope = createScope([toPlain(source.document.contents) as Record<string, unknown>], templates);
    expect(templates.render('{{ a }}', scope)).toBe(1);
    expect(await faults(() => templates.render('{{ secret }}', scope))).toEqual([
      `f.yml:2 with its line ${NONE}: the value of 'secret'`,
    ]);
  });

  test('is shared by an alias and kept by a merge key', () => {
    const { source } = readYaml(
      `base: &b\n  pw: &pw ${block('x-value')}\nother: {<<: *b}\nagain: *pw\n`,
      'f.yml',
      'inventory',
      { vault },
    );
    const { base, other, again } = toPlain(source.document.contents) as Record<string, { pw?: unknown }>;
    expect(again).toBeInstanceOf(Vaulted);
    expect(base?.pw).toBe(again);
    expect(other?.pw).toBe(again);
  });

  test('may stand in the place of a parameter', async () => {
    const params = { dev: 'eth0', address: new Vaulted(sealed('10.0.0.1/24'), AT, vault) };
    const address = resources.find(({ name }) => name === 'address');
    if (address === undefined) throw new Error('no address');
    expect(validateParams(address, params, { templates: true })).toEqual([]);
    const file = write(
      'play.yml',
      `- hosts: all\n  tasks:\n    - address:\n        dev: eth0\n        address: ${block('10.0.0.1/24', '          ')}\n`,
    );
    const { plays } = await loadPlaybook(file, resources, { vault });
    const [task] = plays[0]?.steps ?? [];
    if (task?.kind !== 'resource') throw new Error('no task');
    expect(task.ready).toBeUndefined();
    expect(createTemplates().render(task.params, createScope([], createTemplates()))).toEqual({
      dev: 'eth0',
      address: '10.0.0.1/24',
    });
  });
});
const AT = { place: { file: 'f.yml', line: 1, column: 1 }, code: 'playbook' } as const;

describe('a file that is encrypted as a whole', () => {
  test.each<[name: string, file: string, text: string]>([
    ['inventory in INI', 'hosts.ini', '[web]\nweb1 ansible_password=open-sesame ansible_host=10.0.0.1\n'],
    [
      'inventory in YAML',
      'hosts',
      'web:\n  hosts:\n    web1: {ansible_password: open-sesame, ansible_host: 10.0.0.1}\n',
    ],
  ])('%s', async (_name, file, text) => {
    const path = write(file, sealed(text));
    hidden.length = 0;
    const { hosts } = await loadInventory([path], { vault });
    expect(hosts.get('web1')?.vars).toMatchObject({
      ansible_password: 'open-sesame',
      ansible_host: '10.0.0.1',
    });
    expect(hidden).toEqual(['open-sesame']);
    expect(await faults(() => loadInventory([path]))).toEqual([
      `${path.replace(`${folder}/`, '')}:1 with its line ${NONE}`,
    ]);
  });

  test('group_vars and host_vars', async () => {
    const hosts = write('i/hosts', 'web1\n');
    write(
      'i/group_vars/all/secret.yml',
      sealed('a: open-sesame\nport: 22\ndev: eth0\ndeep: [{b: other-word}]\n'),
    );
    write('i/host_vars/web1.yml', sealed('c: third-word\n'));
    hidden.length = 0;
    const { hosts: found } = await loadInventory([hosts], { vault });
    expect(found.get('web1')?.vars).toMatchObject({ a: 'open-sesame', port: 22, c: 'third-word' });
    expect(hidden).toEqual(['open-sesame', 'other-word', 'third-word']);
    expect(await faults(() => loadInventory([hosts]))).toEqual([
      expect.stringMatching(/i\/group_vars\/all\/secret\.yml:1 with its line This is encrypted, and no/),
      expect.stringMatching(/i\/host_vars\/web1\.yml:1 with its line This is encrypted, and no/),
    ]);
  });

  test('a playbook, of which the values of variables are hidden and not its own words', async () => {
    const text =
      '- hosts: all\n  name: the play\n  vars: {a: open-sesame}\n  tasks:\n    - link: {name: eth0, mtu: 1500}\n';
    const path = write('site.yml', sealed(text));
    hidden.length = 0;
    const { plays } = await loadPlaybook(path, resources, { vault });
    expect(plays[0]?.steps).toHaveLength(1);
    expect(hidden).toEqual(['open-sesame']);
    expect(await faults(() => loadPlaybook(path, resources))).toEqual([`site.yml:1 with its line ${NONE}`]);
  });

  test('extra variables', async () => {
    const path = write('vars.yml', sealed('a: open-sesame\n'));
    expect(await readExtraVars([`@${path}`], vault)).toEqual({ a: 'open-sesame' });
    expect(await faults(() => readExtraVars([`@${path}`]))).toEqual([`vars.yml:1 with its line ${NONE}`]);
  });

  test('no error shows a line of it', async () => {
    const path = write('bad.yml', sealed('all:\n  hosts:\n    a: {x: open-sesame: y}\n'));
    const [fault, ...others] = await faults(() => loadInventory([path], { vault }));
    expect(fault).toMatch(/^bad\.yml:3 [^w]/);
    expect(others).toEqual([]);
    const ini = write('bad.ini', sealed('[a]\nweb1 open-sesame\n'));
    expect(await faults(() => loadInventory([ini], { vault }))).toEqual([
      expect.not.stringContaining('with its line'),
    ]);
  });

  test('one that is damaged is told with its name', async () => {
    const path = write('damaged.yml', sealed('a: 1\n').replace(/..\n$/, 'zz\n'));
    expect(await faults(() => loadInventory([path], { vault }))).toEqual([
      expect.stringMatching(
        /^damaged\.yml:1 with its line The encrypted text is damaged in its line \d+: it holds/,
      ),
    ]);
  });
});

test('a file that is no text is opened byte for byte', async () => {
  const bytes = Buffer.from([0xff, 0xfe, 0, 10]);
  const path = write('bytes', encrypt(bytes, SECRET));
  expect(await readUserBytes(path, { code: 'playbook', vault })).toEqual({ bytes, secret: true });
  writeFileSync(path, bytes);
  expect(await readUserBytes(path, { code: 'playbook' })).toEqual({ bytes, secret: false });
});

test('what a value decrypts to is hidden by a redactor that is told of it', () => {
  const redactor = new Redactor();
  const secrets = new VaultSecrets([SECRET], redactor.hide);
  expect(redactor.redact('planted-word')).toBe('planted-word');
  new Vaulted(sealed('planted-word'), AT, secrets).reveal();
  expect(redactor.redact('a planted-word here')).toBe('a *** here');
});
