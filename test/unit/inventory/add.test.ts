/** Hosts and groups that join at run time: what results is what a loaded inventory of the same content says. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { addHosts, groupBy, readVarsOfNew } from '../../../src/inventory/add.js';
import { loadInventory } from '../../../src/inventory/load.js';
import type { LoadedInventory } from '../../../src/inventory/model.js';
import { selectHosts } from '../../../src/inventory/patterns.js';

const place = { file: 'site.yml', line: 3, column: 5 };

async function load(files: Readonly<Record<string, string>>): Promise<LoadedInventory> {
  const cwd = await mkdtemp(join(tmpdir(), 'netplay-add-'));
  onTestFinished(() => rm(cwd, { recursive: true }));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(join(cwd, dirname(name)), { recursive: true });
    await writeFile(join(cwd, name), text);
  }
  return loadInventory([join(cwd, 'hosts')], { cwd, playbookDirs: ['play'] });
}

const FLEET = `lone x=1
[web]
w1 x=1
w2
[web:vars]
v=web
[db]
d1
[site:children]
web
[site:vars]
v=site
s=1
`;

/** Groups with their sorted members, hosts with their groups and variables. */
function summary({ hosts, groups }: LoadedInventory): unknown {
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

describe('add_host', () => {
  test('a new host has the variables of its groups under its own', async () => {
    const before = await load({ hosts: FLEET });
    const { inventory, changed } = addHosts(before, [
      { name: 'new:2222', groups: ['web', 'fresh'], vars: { x: 9 }, place },
      { name: 'alone', place },
    ]);
    expect(changed).toEqual([true, true]);
    expect(inventory.hosts.get('new')).toEqual({
      name: 'new',
      groupNames: ['fresh', 'site', 'web'],
      vars: { v: 'web', s: 1, ansible_port: 2222, x: 9, inventory_file: null, inventory_dir: null },
      place,
    });
    expect(inventory.groups.get('site')).toEqual(['w1', 'w2', 'new']);
    expect(inventory.groups.get('fresh')).toEqual(['new']);
    expect(inventory.groups.get('ungrouped')).toEqual(['lone', 'alone']);
    expect(selectHosts(inventory, 'all:!site')).toEqual(['lone', 'alone', 'd1']);
    expect(inventory.sources).toEqual(before.sources);
  });

  test('a known host gets variables and groups, and leaves ungrouped', async () => {
    const before = await load({ hosts: FLEET });
    const { inventory, changed } = addHosts(before, [
      { name: 'lone', groups: ['db'], vars: { y: [1] }, place },
      { name: 'w1', groups: ['web'], vars: { x: 1 }, place },
    ]);
    expect(changed).toEqual([true, false]);
    expect(inventory.hosts.get('lone')).toMatchObject({ groupNames: ['db'], vars: { x: 1, y: [1] } });
    expect(inventory.groups.get('ungrouped')).toEqual([]);
    expect(inventory.groups.get('db')).toEqual(['d1', 'lone']);
  });

  test('what did not change is shared, and the old inventory stays as it was', async () => {
    const before = await load({ hosts: FLEET });
    const was = summary(before);
    const { inventory } = addHosts(before, [{ name: 'new', groups: ['db'], place }]);
    expect(summary(before)).toEqual(was);
    expect(inventory.hosts.get('w1')).toBe(before.hosts.get('w1'));
    expect(inventory.groups.get('web')).toBe(before.groups.get('web'));
    expect(addHosts(inventory, [{ name: 'new', groups: ['db'], place }]).inventory).toBe(inventory);
  });

  test('files of variables hold for new hosts and groups, in the same order', async () => {
    const before = await load({
      hosts: FLEET,
      'group_vars/fresh.yml': 'a: group\nb: group\n',
      'play/group_vars/fresh.yml': 'b: playbook\nc: playbook\n',
      'host_vars/new.yml': 'd: file\n',
      'host_vars/other.yml': 'd: other\n',
    });
    const known = await readVarsOfNew(before, { groups: ['fresh', 'web'], hosts: ['new'] }, { cwd: '/' });
    const { inventory } = addHosts(known, [
      { name: 'new', groups: ['fresh'], vars: { c: 'added', d: 'added' }, place },
      { name: 'other', place },
    ]);
    expect(inventory.hosts.get('new')?.vars).toMatchObject({
      a: 'group',
      b: 'playbook',
      c: 'added',
      d: 'file',
    });
    expect(inventory.hosts.get('other')?.vars).not.toHaveProperty('d');
  });

  test.each<[string, string]>([
    ['w[1:3]', '"w[1:3]" is not the name of one host'],
    ['', '"" is not the name of one host'],
    ['a:b', 'The port behind "a:b" is no number'],
  ])('%j is refused', async (name, message) => {
    const before = await load({ hosts: FLEET });
    expect(() => addHosts(before, [{ name, place }])).toThrow(message);
  });
});

describe('group_by', () => {
  test('hosts join a group that is made, below parents that are made', async () => {
    const before = await load({
      hosts: FLEET,
      'group_vars/os_debian.yml': 'os: debian\n',
      'group_vars/os.yml': 'os: any\no: 1\n',
    });
    const known = await readVarsOfNew(before, { groups: ['os', 'os_debian'], hosts: [] }, { cwd: '/' });
    const join = (host: string) => ({ host, group: 'os_debian', parents: ['os'], place });
    const { inventory, changed } = groupBy(known, [join('w1'), join('lone')]);
    expect(changed).toEqual([true, true]);
    expect(inventory.hosts.get('lone')).toMatchObject({
      groupNames: ['os', 'os_debian'],
      vars: { os: 'debian', o: 1 },
    });
    expect(inventory.groups.get('os')).toEqual(['w1', 'lone']);
    expect(groupBy(inventory, [join('w1')]).changed).toEqual([false]);
  });

  test('a group that gets a parent gives it to all of its hosts', async () => {
    const before = await load({ hosts: `${FLEET}[top]\n[top:vars]\nt=1\nv=top\n` });
    const { inventory } = groupBy(before, [{ host: 'd1', group: 'web', parents: ['top'], place }]);
    for (const host of ['w1', 'w2', 'd1'])
      expect(inventory.hosts.get(host)).toMatchObject({ vars: { t: 1, v: 'web' } });
    expect(inventory.hosts.get('w2')?.groupNames).toEqual(['site', 'top', 'web']);
    expect(inventory.groups.get('top')).toEqual(['w1', 'w2', 'd1']);
  });

  test('an unknown host and a group within itself are refused', async () => {
    const before = await load({ hosts: FLEET });
    expect(() => groupBy(before, [{ host: 'nobody', group: 'web', place }])).toThrow(
      'The inventory has no host "nobody"',
    );
    const loop = { host: 'w1', group: 'site', parents: ['web'], place };
    expect(() => groupBy(before, [loop])).toThrow('The group "site" would be within itself, by "web"');
  });
});

test('an inventory that grew is the one that is loaded when all is written down, whatever it is', async () => {
  const name = fc.stringMatching(/^[a-c]$/);
  const group = name.map((letter) => `g_${letter}`);
  const step = fc.oneof(
    fc.record({
      name: name.map((letter) => `h_${letter}`),
      groups: fc.array(group),
      vars: fc.dictionary(name, fc.nat(9)),
    }),
    fc.record({ group, parents: fc.array(name.map((letter) => `top_${letter}`)) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 8 }), async (steps) => {
      const before = await load({
        hosts: 'h_0\n[g_a]\nh_1\n[g_a:vars]\na=1\n[top_a]\n[top_a:vars]\na=2\nb=2\n',
      });
      let grown = before;
      const lines = ['h_0', '[g_a]', 'h_1', '[g_a:vars]', 'a=1', '[top_a]', '[top_a:vars]', 'a=2', 'b=2'];
      for (const one of steps) {
        if ('name' in one) {
          grown = addHosts(grown, [{ ...one, place }]).inventory;
          const vars = Object.entries(one.vars).map(([key, value]) => `${key}=${value}`);
          lines.push('[ungrouped]', [one.name, ...vars].join(' '));
          for (const joined of one.groups) lines.push(`[${joined}]`, one.name);
        } else {
          grown = groupBy(grown, [{ host: 'h_1', ...one, place }]).inventory;
          lines.push(`[${one.group}]`, 'h_1');
          for (const parent of one.parents) lines.push(`[${parent}:children]`, one.group);
        }
      }
      expect(summary(grown)).toEqual(summary(await load({ hosts: lines.join('\n') })));
    }),
    { numRuns: 60 },
  );
}, 60_000);

test('20,000 hosts join a group in one call', async () => {
  const before = await load({ hosts: '[web]\nh[1:20000]\n' });
  const members = [...before.hosts.keys()].map((host, index) => ({ host, group: `by${index % 7}`, place }));
  const { inventory } = groupBy(before, members);
  expect(inventory.groups.get('by3')).toHaveLength(2857);
  expect(inventory.hosts.get('h4')?.groupNames).toEqual(['by3', 'web']);
}, 60_000);
