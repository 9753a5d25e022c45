import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { loadInventory } from '../../../src/inventory/load.js';
import type { Inventory } from '../../../src/inventory/model.js';
import { NetplayErrors } from '../../../src/shared/errors.js';
import { formatPlace } from '../../../src/shared/place.js';
import hostsIni from './golden/hosts-ini.json' with { type: 'json' };
import hostsYml from './golden/hosts-yml.json' with { type: 'json' };
import merged from './golden/merged.json' with { type: 'json' };
import varsFiles from './golden/vars.json' with { type: 'json' };

const GOLDEN = join(import.meta.dirname, 'golden');

/** In the form that golden/judge.py prints. */
function summary({ hosts, groups }: Inventory): unknown {
  return {
    groups: Object.fromEntries([...groups].map(([name, members]) => [name, [...members].sort()])),
    hosts: Object.fromEntries(
      [...hosts].map(([name, { groupNames, vars }]) => {
        const { inventory_file: _file, inventory_dir: _dir, ...others } = vars;
        return [name, { groupNames, vars: others }];
      }),
    ),
  };
}

describe('what ansible-core 2.14.18 makes of the same files', () => {
  test.each<[string, string[], unknown]>([
    ['INI', ['hosts.ini'], hostsIni],
    ['YAML', ['hosts.yml'], hostsYml],
    ['two sources, the later over the earlier', ['hosts.yml', 'more.ini'], merged],
    ['group_vars and host_vars beside the inventory', ['vars/hosts.ini'], varsFiles],
  ])('%s', async (_name, sources, expected) => {
    expect(summary(await loadInventory(sources, { cwd: GOLDEN }))).toEqual(expected);
  });

  test('the order of all hosts', async () => {
    const { groups } = await loadInventory(['hosts.yml', 'more.ini'], { cwd: GOLDEN });
    expect(groups.get('all')).toEqual(['lone', 'x1', 'x2', 'x3', 'free', 'web01', 'web02', 'web03', 'lone2']);
  });
});

async function folderOf(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'netplay-inventory-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(join(folder, dirname(name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  return folder;
}

describe('which form a file is in', () => {
  test.each<[string, string]>([
    ['hosts', '# INI\n\n[web]\nweb1\n'],
    ['hosts', 'web1 a=1\n[web]\nweb1'],
    ['hosts.yml', '[web]\nweb1\n'],
    ['hosts', 'web:\n  hosts:\n    web1:\n'],
    ['hosts', '---\nweb:\n  hosts: {web1: }\n'],
    ['hosts.prod', 'web: {hosts: {web1: }}'],
    ['hosts.json', '{"web": {"hosts": {"web1": {}}}}'],
    ['hosts', '{"web": {"hosts": {"web1": {}}}}'],
  ])('%s of %j', async (file, text) => {
    const { groups } = await loadInventory([file], { cwd: await folderOf({ [file]: text }) });
    expect(groups.get('web')).toEqual(['web1']);
  });
});

test('a list of hosts: ranges, ports, empty items', async () => {
  const { hosts, groups } = await loadInventory(['web[1:2],[fe80::1]:22,,db:2222,']);
  expect([...hosts.keys()]).toEqual(['web1', 'web2', 'fe80::1', 'db']);
  expect(hosts.get('db')).toMatchObject({ groupNames: ['ungrouped'], vars: { ansible_port: 2222 } });
  expect(groups.get('ungrouped')).toEqual(groups.get('all'));
});

test('each host keeps the first place that names it', async () => {
  const cwd = await folderOf({ 'a.ini': '[web]\nweb1\n', 'b.yml': 'web:\n  hosts:\n    web1:\n    web2:\n' });
  const { hosts, sources } = await loadInventory(['a.ini', 'b.yml'], { cwd });
  expect([...hosts.values()].map(({ place }) => formatPlace(place))).toEqual(['a.ini:2:1', 'b.yml:4:5']);
  expect(sources).toEqual(['a.ini', 'b.yml']);
});

test('inventory_file and inventory_dir are those of the first source', async () => {
  const cwd = await folderOf({ 'x/a.ini': 'web1\n', 'b.ini': 'web1\n' });
  const { hosts } = await loadInventory(['web2,', 'x/a.ini', 'b.ini'], { cwd });
  expect(hosts.get('web1')?.vars).toEqual({
    inventory_file: join(cwd, 'x/a.ini'),
    inventory_dir: join(cwd, 'x'),
  });
  expect(hosts.get('web2')?.vars).toEqual({ inventory_file: 'web2,', inventory_dir: null });
});

test('a host may have the name of a group', async () => {
  const cwd = await folderOf({ hosts: '[web]\nweb\n' });
  const { hosts, groups } = await loadInventory(['hosts'], { cwd });
  expect([...hosts.keys()]).toEqual(groups.get('web'));
});

test('templates in variables are left as they are', async () => {
  const cwd = await folderOf({ 'h.yml': 'web: {hosts: {web1: {a: "{{ b }}", c: ["{{ d }}"]}}}' });
  const { hosts } = await loadInventory(['h.yml'], { cwd });
  expect(hosts.get('web1')?.vars).toMatchObject({ a: '{{ b }}', c: ['{{ d }}'] });
});

describe('errors', () => {
  test.each<[string, Record<string, string>, string[], string, string | undefined]>([
    [
      'no such file',
      {},
      ['host'],
      'There is no inventory host',
      'To name a host instead of a file, end it with a comma: -i host,',
    ],
    [
      'a folder of nothing but what Ansible leaves out',
      { 'inv/hosts.ini': '', 'inv/README.md': '' },
      ['inv'],
      'The folder inv holds no inventory',
      'Of a folder, Ansible reads no .ini: name it -i inv/hosts.ini',
    ],
    [
      'a script that may not be run',
      { 'inv.sh': '#!/bin/sh\n' },
      ['inv.sh'],
      'inv.sh is a script that may not be run',
      'Let it be: chmod +x inv.sh',
    ],
    [
      'TOML',
      { 'h.toml': 'a = 1' },
      ['h.toml'],
      'h.toml: inventories in TOML are not read',
      'Write YAML or INI.',
    ],
    [
      'variables that are no map',
      { h: 'web1', 'host_vars/web1.yml': '- 1' },
      ['h'],
      'A file of variables is a map',
      undefined,
    ],
  ])('%s', async (_name, files, sources, message, hint) => {
    const error = await loadInventory(sources, { cwd: await folderOf(files) }).catch(
      (caught: unknown) => caught,
    );
    expect(error).toMatchObject({ code: 'inventory', message });
    expect((error as { hint?: string }).hint).toBe(hint);
  });

  test('of all sources and files of variables are told at once', async () => {
    const cwd = await folderOf({
      a: 'web1 foo',
      'b.yml': 'all: {hots: }',
      'group_vars/all.yml': 'x: {{ y }}',
    });
    const error = await loadInventory(['a', 'b.yml', 'none'], { cwd }).catch((caught: unknown) => caught);
    if (!(error instanceof NetplayErrors)) throw error;
    const places = error.errors.map(({ place }) => place && formatPlace(place));
    expect(places).toEqual(['a:1:6', 'b.yml:1:7', undefined, 'group_vars/all.yml:1:4']);
  });
});

test('the same inventory in INI and in YAML is the same, whatever it is', async () => {
  const word = fc.stringMatching(/^[a-z]{1,3}$/);
  const vars = fc.dictionary(
    word,
    fc.oneof(fc.integer(), fc.boolean(), fc.stringMatching(/^[A-Za-z '"\\\\#:=]*$/)),
    {
      noNullPrototype: true,
    },
  );
  const groups = fc.dictionary(
    word.map((name) => `g_${name}`),
    fc.record({
      hosts: fc.dictionary(
        word.map((name) => `h_${name}`),
        vars,
        { maxKeys: 4 },
      ),
      vars,
    }),
    { minKeys: 1, maxKeys: 5 },
  );
  await fc.assert(
    fc.asyncProperty(groups, async (model) => {
      const cwd = await folderOf({ 'h.json': JSON.stringify(nested(model)), 'h.ini': iniOf(model) });
      const [json, ini] = await Promise.all(
        ['h.json', 'h.ini'].map((file) => loadInventory([file], { cwd })),
      );
      if (json === undefined || ini === undefined) throw new Error('nothing was loaded');
      expect(summary(ini)).toEqual(summary(json));
    }),
    { numRuns: 100 },
  );
});

type Model = Record<
  string,
  { hosts: Record<string, Record<string, unknown>>; vars: Record<string, unknown> }
>;

/** Each group is the child of the one before it. */
function nested(model: Model): unknown {
  const names = Object.keys(model);
  const children = (at: number) => (names[at] === undefined ? {} : { [names[at]]: null });
  return Object.fromEntries(names.map((name, at) => [name, { ...model[name], children: children(at + 1) }]));
}

function iniOf(model: Model): string {
  const python = (value: unknown): string =>
    typeof value === 'boolean' ? (value ? 'True' : 'False') : JSON.stringify(value);
  const shell = (text: string): string => `'${text.replaceAll("'", `'"'"'`)}'`;
  const names = Object.keys(model);
  return Object.entries(model)
    .flatMap(([name, { hosts, vars }], at) => [
      `[${name}]`,
      ...Object.entries(hosts).map(([host, own]) =>
        [host, ...Object.entries(own).map(([key, value]) => `${key}=${shell(python(value))}`)].join(' '),
      ),
      `[${name}:vars]`,
      ...Object.entries(vars).map(([key, value]) => `${key} = ${python(value)}`),
      `[${name}:children]`,
      names[at + 1] ?? '',
    ])
    .join('\n');
}

test('20,000 hosts', async () => {
  const hosts = Array.from(
    { length: 20_000 },
    (_, n) => `    h${n}: {ansible_host: 10.0.0.1, site: s${n % 50}}`,
  );
  const groups = Array.from(
    { length: 100 },
    (_, n) => `g${n}: {hosts: {"h[${n * 100}:${n * 100 + 99}]": }, vars: {g: ${n}}}`,
  );
  const cwd = await folderOf({ 'h.yml': ['all:', '  hosts:', ...hosts, ...groups].join('\n') });
  const inventory = await loadInventory(['h.yml'], { cwd });
  expect(inventory.hosts.get('h9950')?.vars).toMatchObject({ ansible_host: '10.0.0.1', site: 's0', g: 99 });
  expect(inventory.groups.get('all')).toHaveLength(20_000);
}, 60_000);
