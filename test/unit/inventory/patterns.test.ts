import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Draft } from '../../../src/inventory/draft.js';
import { readHostList } from '../../../src/inventory/host-list.js';
import { readIni } from '../../../src/inventory/ini.js';
import type { LoadedInventory } from '../../../src/inventory/model.js';
import { selectHosts } from '../../../src/inventory/patterns.js';
import { resolve } from '../../../src/inventory/resolve.js';
import { NetplayError, type NetplayErrors } from '../../../src/shared/errors.js';

function resolved(read: Draft): LoadedInventory {
  read.settle();
  return resolve({ groups: read.groups, hosts: read.hosts, inventoryFolders: [], playbookFolders: [] }, []);
}

const draft = new Draft();
readIni(
  [
    'lone',
    '[web]',
    'web[1:4].dc1',
    '[db]',
    'db-[a:c]',
    '[dc1:children]',
    'web',
    '[prod:children]',
    'web',
    'db',
    '[empty]',
  ].join('\n'),
  'hosts',
  draft,
);
const inventory = resolved(draft);

const WEB = ['web1.dc1', 'web2.dc1', 'web3.dc1', 'web4.dc1'];
const DB = ['db-a', 'db-b', 'db-c'];

// What `ansible PATTERN --list-hosts` of ansible-core 2.14.18 prints for the same inventory.
describe('as Ansible selects', () => {
  test.each<[string, string[]]>([
    ['all', ['lone', ...WEB, ...DB]],
    ['*', ['lone', ...WEB, ...DB]],
    ['web:db', [...WEB, ...DB]],
    ['web,db', [...WEB, ...DB]],
    ['all:!web', ['lone', ...DB]],
    ['!web', ['lone', ...DB]],
    ['prod:&web', WEB],
    ['&web', WEB],
    ['prod:!web:&db', DB],
    ['!db:web:&prod', WEB],
    ['!web:!db:lone', ['lone']],
    ['web[0]:!web1.dc1', []],
    ['web*.dc1', WEB],
    ['web?.dc1', WEB],
    ['w*', WEB],
    ['d*', [...DB, ...WEB]],
    ['[!w]*', ['lone', ...WEB, ...DB]],
    ['~web[12].*', ['web1.dc1', 'web2.dc1']],
    ['~.*-[ab]$', ['db-a', 'db-b']],
    ['~(?i)WEB', WEB],
    ['db-a:web[0]', ['db-a', 'web1.dc1']],
    ['db:lone', [...DB, 'lone']],
    [' db : lone ', [...DB, 'lone']],
    ['db,,web,', [...DB, ...WEB]],
    ['ungrouped', ['lone']],
    ['web1.dc1,web1.dc1', ['web1.dc1']],
    ['web[0]', ['web1.dc1']],
    ['web[-1]', ['web4.dc1']],
    ['web[0:1]', ['web1.dc1', 'web2.dc1']],
    ['web[0:0]', ['web1.dc1']],
    ['web[1-2]', ['web2.dc1', 'web3.dc1']],
    ['web[1:]', ['web2.dc1', 'web3.dc1', 'web4.dc1']],
    ['web[3:1]', []],
    ['web[9]', []],
    ['web[-9]', []],
    ['prod[1:2]', ['web2.dc1', 'web3.dc1']],
    ['all[0]', ['lone']],
    ['all[-1]', ['db-c']],
    ['ungrouped[0]', ['lone']],
    ['web[0]:db[0]', ['web1.dc1', 'db-a']],
    ['!web[0]:web', ['web2.dc1', 'web3.dc1', 'web4.dc1']],
    ['web[00]', ['web1.dc1']],
    ['web[0-2]', ['web1.dc1', 'web2.dc1', 'web3.dc1']],
    ['*.dc1[0]', ['web1.dc1']],
    ['web1.dc1[0]', ['web1.dc1']],
    ['db-[ab]', ['db-a', 'db-b']],
    ['db-[!a]', ['db-b', 'db-c']],
    ['all:!~web', ['lone', ...DB]],
    ['&~web', WEB],
    ['&db:&prod', DB],
    ['all,!db,&prod', WEB],
    ['web1.dc1:', ['web1.dc1']],
    ['empty', []],
    ['empty[0]', []],
    ['un*', ['lone']],
    ['~(?P<x>w)eb1', ['web1.dc1']],
    ['~\\Adb-.\\Z', DB],
    ['localhost', ['localhost']],
    ['127.0.0.1', ['127.0.0.1']],
    ['::1', ['::1']],
    ['localhost:web1.dc1', ['localhost', 'web1.dc1']],
    ['all:localhost', ['lone', ...WEB, ...DB, 'localhost']],
    ['!localhost', ['lone', ...WEB, ...DB]],
    ['*[1:2]', ['web1.dc1', 'web2.dc1']],
  ])('%s', (pattern, hosts) => expect(selectHosts(inventory, pattern)).toEqual(hosts));
});

function failure(pattern: string, limit?: string): NetplayError {
  try {
    selectHosts(inventory, pattern, limit);
  } catch (error) {
    if (error instanceof NetplayError) return error;
  }
  throw new Error(`${pattern} is no error`);
}

describe('a name that matches nothing is an error', () => {
  test.each<[string, string, string | undefined]>([
    ['nosuch', 'No host or group of the inventory is named or matches "nosuch"', undefined],
    ['WEB', 'No host or group of the inventory is named or matches "WEB"', 'Did you mean "web"?'],
    ['all:!bd', 'No host or group of the inventory is named or matches "bd"', 'Did you mean "db"?'],
    ['web[-2:]', 'No host or group of the inventory is named or matches "web[-2:]"', undefined],
    ['~eb1', 'No host or group of the inventory is named or matches "~eb1"', undefined],
    [
      'localhos*',
      'No host or group of the inventory is named or matches "localhos*"',
      'Did you mean "localhost"?',
    ],
    ['~web(', 'The host pattern "~web(" is no valid regular expression', undefined],
  ])('%s', (pattern, message, hint) => {
    expect(failure(pattern)).toMatchObject({ code: 'inventory', message });
    expect(failure(pattern).hint).toBe(hint);
  });

  test('in the limit too', () => {
    expect(failure('web', 'dbb').hint).toBe('Did you mean "db"?');
  });

  test('several of them are told together', () => {
    expect(() => selectHosts(inventory, 'foo:bar')).toThrow(/"foo"[\s\S]*"bar"/);
  });
});

describe('limit', () => {
  test.each<[string, string, string[]]>([
    ['all', 'db', DB],
    ['prod', 'db:web[0]', ['web1.dc1', ...DB]],
    ['all', '!web', ['lone', ...DB]],
    ['web', 'db', []],
    ['web', '', []],
    ['localhost', 'localhost', ['localhost']],
    ['all', 'localhost', []],
    ['localhost', 'web', []],
  ])('%s limited to %j', (pattern, limit, hosts) => {
    expect(selectHosts(inventory, pattern, limit)).toEqual(hosts);
  });

  test('@FILE stands for its lines; an empty file leaves no host', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'netplay-limit-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    await writeFile(join(folder, 'retry'), 'db-b\n web3.dc1 \n\n');
    await writeFile(join(folder, 'empty'), '');
    expect(selectHosts(inventory, 'all', `@${join(folder, 'retry')}`)).toEqual(['web3.dc1', 'db-b']);
    expect(selectHosts(inventory, 'all', `@${join(folder, 'empty')}`)).toEqual([]);
    expect(failure('all', `@${folder}`).message).toMatch(/limit's file .* can't be read/);
    expect(failure('all', '@/no/such/file').message).toMatch(/ENOENT/);
    expect(failure('all', '@/dev/zero').message).toMatch(/bigger than 8 MiB/);
  });
});

test('where nothing need match, what does not is none', () => {
  expect(selectHosts(inventory, 'nosuch:db:!nobody', undefined, true)).toEqual(DB);
  expect(selectHosts(inventory, 'db', 'nosuch', true)).toEqual([]);
  expect(selectHosts(inventory, 'nosuch[0]', undefined, true)).toEqual([]);
  expect(() => selectHosts(inventory, '~web(', undefined, true)).toThrow('no valid regular expression');
});

test('an IPv6 host is not split at its colons', () => {
  const six = new Draft();
  readHostList('2001:db8::1,2001:db8::2,web1', six);
  const hosts = resolved(six);
  expect(selectHosts(hosts, '2001:db8::1')).toEqual(['2001:db8::1']);
  expect(selectHosts(hosts, '!2001:db8::1')).toEqual(['2001:db8::2', 'web1']);
  expect(selectHosts(hosts, '2001:db8::2,web1')).toEqual(['2001:db8::2', 'web1']);
});

describe('this machine', () => {
  function hostsOf(lines: string): LoadedInventory {
    const read = new Draft();
    readIni(lines, 'hosts', read);
    return resolved(read);
  }

  test('is a host for whoever asks for it by name, and for nobody else', () => {
    const { hosts, groups } = hostsOf('[all:vars]\na=1\n[web]\nw1\n');
    expect(hosts.get('localhost')).toMatchObject({
      name: 'localhost',
      groupNames: [],
      vars: { a: 1, ansible_connection: 'local' },
    });
    expect([...hosts.keys()]).toEqual(['w1']);
    expect(groups.get('all')).toEqual(['w1']);
    expect(hosts.get('localhos')).toBeUndefined();
  });

  test('is the host that a source names by its address', () => {
    const named = hostsOf('w1\n127.0.0.1 ansible_connection=ssh\n');
    expect(selectHosts(named, 'localhost')).toEqual(['127.0.0.1']);
    expect(named.hosts.get('::1')?.vars).toEqual({ ansible_connection: 'ssh' });
  });
});

test('a file of unknown names is refused without looking for the nearest of each', () => {
  const names = Array.from({ length: 20_000 }, (_, number) => `host-${number}`).join(',');
  const many = new Draft();
  readHostList(names, many);
  const hosts = resolved(many);
  const unknown = names.replaceAll('host', 'most');
  const caught = (() => {
    try {
      return selectHosts(hosts, unknown);
    } catch (error) {
      return error;
    }
  })();
  // Of all 20,000 it would take hours.
  expect((caught as NetplayErrors).errors).toHaveLength(5);
});
