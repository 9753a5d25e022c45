/** Text that would run a command if a shell ever read it as text: nothing of it runs, here or on a host. */
import { readdir, readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { type Lab, labUp } from '../../src/lab/index.js';
import { resources } from '../../src/resources/registry.js';
import { coerceParams, validateParams } from '../../src/resources/validate.js';
import { targetFromVars } from '../../src/transport/target.js';
import { changesByHost, netplay, ROOT, runJson } from '../support/cli.js';
import { type Folder, makeFolder, ownName } from '../support/lab-runs.js';

/** Each string makes a file of its own where a shell reads it. Short: the name of a device has 15 bytes at most. */
const FILE = 'OWN';

/** Each with what stands around it in a script whose author forgot to quote, or quoted by hand. */
const HOSTILE = [
  { text: (file: string) => `x;>${file}`, around: '' },
  { text: (file: string) => `$(>${file})`, around: '"' },
  { text: (file: string) => `\`>${file}\``, around: '"' },
  { text: (file: string) => `x\n>${file}\n`, around: '' },
  { text: (file: string) => `x|>${file}`, around: '' },
  { text: (file: string) => `x&>${file}`, around: '' },
  { text: (file: string) => `'>${file};'`, around: "'" },
  { text: (file: string) => `">${file};"`, around: '"' },
  { text: (file: string) => `-x;>${file}`, around: '' },
].map(({ text, around }, n) => ({ text: text(FILE + n), around, file: FILE + n }));

const CONNECTION = [
  'ansible_host',
  'ansible_port',
  'ansible_user',
  'ansible_password',
  'ansible_ssh_private_key_file',
  'ansible_ssh_common_args',
  'ansible_become_user',
  'ansible_become_flags',
  'ansible_become_exe',
  'ansible_become_password',
];

let lab: Lab;
let folder: Folder;

beforeAll(async () => {
  folder = makeFolder();
  lab = await labUp({
    name: ownName('hostile'),
    hosts: { target: { nics: { eth0: { switch: 'lan', addresses: ['10.5.0.1/24'] } } } },
  });
});
afterAll(async () => {
  folder?.remove();
  await lab?.down();
});

/** Files that were made: on the host, in what may be a shell's working folder; or in netplay's own. */
async function made(): Promise<string[]> {
  const where = ['/', '/root', '/tmp', '-maxdepth', '1', '-name', `${FILE}?`];
  const { stdout } = await lab.exec('target', ['find', ...where]);
  const here = (await readdir(ROOT)).filter((name) => name.startsWith(FILE));
  return [...new Set([...stdout.split('\n').filter((line) => line !== ''), ...here])];
}

test('each text does run where a shell reads it', async () => {
  for (const { text, around, file } of HOSTILE) {
    await lab.exec('target', ['sh', '-c', `: ${around}${text}${around}`]);
    expect(await made()).toEqual([`/root/${file}`]);
    await lab.exec('target', ['rm', file]);
  }
});

/** Every example of a resource with each of its parameters in turn set to a text. */
function tasksWith(text: string): Record<string, unknown>[] {
  return resources.flatMap((resource) => {
    const { properties = {} } = resource.schema as { properties?: Record<string, unknown> };
    const bases = resource.examples.flatMap((example) => {
      const params = example[resource.name];
      return params !== null && typeof params === 'object' && !Array.isArray(params) ? [params] : [];
    });
    return Object.keys(properties).flatMap((name) =>
      bases.map((base) => ({ [resource.name]: { ...base, [name]: text } })),
    );
  });
}

/** What gets past validation, and so to the host. */
function isTaken(task: Record<string, unknown>): boolean {
  return resources.some(
    (resource) =>
      resource.name in task &&
      validateParams(resource, coerceParams(resource, task[resource.name]), { templates: false }).length ===
        0,
  );
}

describe.sequential('nothing of it runs', () => {
  const tasks = HOSTILE.flatMap(({ text }) => tasksWith(text));

  test('in a parameter that takes it', async () => {
    const taken = tasks.filter(isTaken).map((task) => ({ ...task, ignore_errors: true }));
    expect(taken.length).toBeGreaterThan(HOSTILE.length);
    const playbook = folder.write('taken.yml', [{ hosts: 'target', tasks: taken }]);
    const run = await runJson([playbook, '-i', lab.inventory]);
    expect(run.ends.map((end) => [end.tasks.length, end.error])).toEqual([[taken.length, undefined]]);
    const commands = changesByHost(run).target?.flatMap((change) => change.commands) ?? [];
    expect(commands.filter((command) => command.includes(FILE)).length).toBeGreaterThan(HOSTILE.length);
    expect(await made()).toEqual([]);
  });

  test('in a parameter that refuses it', async () => {
    const refused = tasks.filter((task) => !isTaken(task));
    expect(refused.length).toBeGreaterThan(50 * HOSTILE.length);
    const playbook = folder.write('refused.yml', [{ hosts: 'target', tasks: refused }]);
    expect((await netplay(['run', playbook, '-i', lab.inventory])).code).toBe(1);
    expect(await made()).toEqual([]);
  });

  test('in a variable that says how to connect', async () => {
    const { all } = parse(await readFile(lab.inventory, 'utf8'));
    const { ansible_host, ansible_port } = all.hosts.target;
    const hosts: [string, Record<string, unknown>][] = CONNECTION.flatMap((name) =>
      HOSTILE.map(({ text, file }) => [`${name}-${file}`, { ansible_host, ansible_port, [name]: text }]),
    );
    const isTarget = ([host, vars]: (typeof hosts)[number]): boolean => {
      try {
        targetFromVars(host, { ...all.vars, ...vars }, { become: true });
        return true;
      } catch {
        return false;
      }
    };
    const write = (some: typeof hosts): string =>
      folder.write('inventory.yml', { all: { vars: all.vars, hosts: Object.fromEntries(some) } });
    const playbook = folder.write('connect.yml', [
      { hosts: 'all', become: true, tasks: [{ link: { name: 'eth0', state: 'up' } }] },
    ]);
    const taken = hosts.filter(isTarget);
    const run = await runJson([playbook, '-i', write(taken), '-T', '5']);
    expect(run.ends).toHaveLength(taken.length);
    expect(await made()).toEqual([]);
    const refused = hosts.filter((host) => !isTarget(host));
    expect((await netplay(['run', playbook, '-i', write(refused)])).code).toBe(1);
    expect(await made()).toEqual([]);
  });
});

test.each([
  "lookup('pipe', '>OWN0')",
  "''.__class__.__mro__",
  'self._TemplateReference__context',
  'cycler.__init__',
])('a template that would leave its language: %s', async (expression) => {
  const playbook = folder.write('template.yml', [
    { hosts: 'target', tasks: [{ link: { name: `{{ ${expression} }}`, state: 'up' } }] },
  ]);
  expect((await netplay(['run', playbook, '-i', lab.inventory])).code).toBe(1);
  expect(await made()).toEqual([]);
});
