import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createProgram } from '../../../src/cli/program.js';
import { readOptions } from '../../../src/cli/run.js';
import { sortedJson } from '../../../src/report/sorted-json.js';

const FILES = {
  'inv/hosts': `lone mtu=1400
[web]
w1 mtu=1500
w2
[web:vars]
mtu=1450
[site:children]
web
[site:vars]
mtu=1460
`,
  'inv/group_vars/all.yml': 'mtu: 9000\nntp: [10.0.0.1]\n',
  'inv/host_vars/w1.yml': '# of w1\nmtu: 1490\n',
  'play/group_vars/web.yml': 'mtu: 1480\n',
};

async function folderOf(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'netplay-inventory-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(join(folder, dirname(name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  return folder;
}

/** What `netplay inventory` prints, run in a folder of FILES. */
async function printed(...args: readonly string[]): Promise<string> {
  const folder = await folderOf(FILES);
  const before = process.cwd();
  const written: string[] = [];
  const stdout = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    written.push(String(text));
    return true;
  });
  process.chdir(folder);
  try {
    await createProgram().parseAsync(['node', 'netplay', 'inventory', '-i', 'inv/hosts', ...args]);
    if (args.includes('--output')) written.push(`[${await readFile('out', 'utf8')}]`);
  } finally {
    process.chdir(before);
    stdout.mockRestore();
  }
  return written.join('');
}

test('--explain tells where a value comes from, and all that it hides', async () => {
  expect(await printed('--host', 'w1', '--explain', 'mtu', '--playbook-dir', 'play', '-e', 'mtu=1')).toBe(
    `mtu of w1 is "1"
  -e                           the command line                     "1"
and hides
  inv/host_vars/w1.yml:2:1     host_vars/w1 beside the inventory    1490
  inv/hosts:3:4                the line of the host                 1500
  play/group_vars/web.yml:1:1  group_vars/web beside the playbook   1480
  inv/group_vars/all.yml:1:1   group_vars/all beside the inventory  9000
  inv/hosts:6:1                variables of the group web           1450
  inv/hosts:10:1               variables of the group site          1460
`,
  );
});

test('--explain of a value that nothing hides, and of none', async () => {
  expect(await printed('--host', 'lone', '--explain', 'ntp')).toBe(
    'ntp of lone is ["10.0.0.1"]\n  inv/group_vars/all.yml:2:1  group_vars/all beside the inventory  ["10.0.0.1"]\n',
  );
  await expect(printed('--host', 'lone', '--explain', 'nope')).rejects.toThrow(
    'Nothing in the inventory sets "nope" for lone',
  );
});

test('what --explain calls the winner is what the host has', async () => {
  for (const host of ['lone', 'w1', 'w2']) {
    const vars = JSON.parse(await printed('--host', host, '--playbook-dir', 'play')) as Record<
      string,
      unknown
    >;
    const told = await printed('--host', host, '--explain', 'mtu', '--playbook-dir', 'play');
    expect(told.split('\n')[0]).toBe(`mtu of ${host} is ${JSON.stringify(vars.mtu)}`);
  }
});

test('--limit leaves hosts out, and groups that hold nothing then', async () => {
  const list = JSON.parse(await printed('--list', '--limit', 'w1')) as Record<
    string,
    Record<string, unknown>
  >;
  expect(Object.keys(list._meta?.hostvars ?? {})).toEqual(['w1']);
  expect(list.web).toEqual({ hosts: ['w1'] });
  expect(list).not.toHaveProperty('ungrouped');
  expect(await printed('--graph', '-l', 'lone')).toBe(
    '@all:\n  |--@ungrouped:\n  |  |--lone\n  |--@site:\n  |  |--@web:\n',
  );
});

test('--output writes what would be printed', async () => {
  expect(await printed('--graph', 'web', '--output', 'out')).toBe('[@web:\n  |--w1\n  |--w2\n]');
});

test.each<[string[], string]>([
  [[], 'one of --list, --graph and --host is needed'],
  [['--list', '--graph'], 'one of --list, --graph and --host is needed'],
  [['--list', '--explain', 'x'], '--explain goes with --host'],
  [['--graph', 'wbe'], 'The inventory has no group "wbe"'],
  [['--host', 'web'], '--host web: one host is wanted, and it names 2: w1, w2'],
  [['--host', 'w1', '--limit', 'w2'], '--host w1: one host is wanted, and it names none that --limit leaves'],
  [['--host', 'w3'], 'No host or group of the inventory is named or matches "w3"'],
  [['--list', '--output', '/no/such/folder/x'], "/no/such/folder/x can't be written"],
])('%j is refused', async (args, message) => {
  await expect(printed(...args)).rejects.toThrow(message);
});

test('a tree that would never end is refused', async () => {
  const rung = (n: number): string =>
    `[g${n}:children]\nl${n}\nr${n}\n[l${n}:children]\ng${n + 1}\n[r${n}:children]\ng${n + 1}\n`;
  const hosts = `${Array.from({ length: 60 }, (_, n) => rung(n)).join('')}[g60]\nh\n`;
  const folder = await folderOf({ hosts });
  const program = createProgram();
  const args = ['node', 'netplay', 'inventory', '-i', join(folder, 'hosts'), '--graph'];
  await expect(program.parseAsync(args)).rejects.toThrow('stand within each other too often');
});

test('a run reads the variables beside its playbook', async () => {
  const folder = await folderOf(FILES);
  const { inventory } = await readOptions(
    () => Promise.resolve({ file: 'site.yml', plays: [] }),
    { inventory: [join(folder, 'inv/hosts')], extraVars: [], forks: 1 },
    { run: 'x', signal: new AbortController().signal, playbookDir: join(folder, 'play') },
  );
  expect(inventory.hosts.get('w2')?.vars.mtu).toBe(1480);
});

test('JSON is sorted by code points and indented as Python does it', () => {
  expect(sortedJson({ b: [], a: { '10': 1, '9': [true, { x: null }] }, Z: {}, é: '"\n' })).toBe(`{
    "Z": {},
    "a": {
        "10": 1,
        "9": [
            true,
            {
                "x": null
            }
        ]
    },
    "b": [],
    "é": "\\"\\n"
}`);
});

test('what was encrypted, and passwords in plain text, are known for what must not be shown', async () => {
  const folder = await folderOf({ hosts: 'w1 ansible_password=sesame-open\n' });
  const stdout = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  const out = join(folder, 'out');
  try {
    const args = ['-i', join(folder, 'hosts'), '--host', 'w1', '--output', out];
    await createProgram().parseAsync(['node', 'netplay', 'inventory', ...args]);
  } finally {
    stdout.mockRestore();
  }
  expect(await readFile(out, 'utf8')).toMatch(/"ansible_password": "\*+"/);
});
