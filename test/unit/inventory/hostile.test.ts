/** Inventories that hang, never end or would fill the memory: each ends in a clear error, in bounded time. */
import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { loadInventory } from '../../../src/inventory/load.js';
import { NetplayError, NetplayErrors } from '../../../src/shared/errors.js';

async function folderOf(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'netplay-hostile-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    const file = join(folder, name);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
    if (text.startsWith('#!')) await chmod(file, 0o755);
  }
  return folder;
}

/** All errors of a loading that must fail. */
async function errorsOf(
  sources: readonly string[],
  cwd: string,
  scriptTimeoutMs = 10_000,
): Promise<NetplayError[]> {
  try {
    await loadInventory(sources, { cwd, scriptTimeoutMs });
  } catch (error) {
    if (error instanceof NetplayErrors) return [...error.errors];
    if (error instanceof NetplayError) return [error];
    throw error;
  }
  throw new Error('it was loaded');
}

async function errorOf(
  files: Readonly<Record<string, string>>,
  source: string,
  timeout?: number,
): Promise<string> {
  const [error, ...others] = await errorsOf([source], await folderOf(files), timeout);
  expect(others).toEqual([]);
  expect(error?.code).toBe('inventory');
  return error?.message ?? '';
}

describe('a script', () => {
  test.each<[string, string, string]>([
    ['prints garbage', 'echo "Traceback: no"', 'inv --list printed no JSON; it begins with "Traceback: no"'],
    ['prints nothing', ':', 'inv --list printed nothing'],
    ['prints a list', 'echo "[]"', 'inv --list printed JSON that is no map'],
    ['prints half of it', `echo '{"web": {"hosts": ['`, 'inv --list printed no JSON; it begins with'],
    ['prints no text', String.raw`printf '\377\376{}'`, 'inv --list printed what is no text in UTF-8'],
    ['fails', 'echo first >&2; echo "no credentials" >&2; exit 3', 'inv --list ended with 3: no credentials'],
    ['is killed', 'kill -9 $$', 'inv --list ended with SIGKILL'],
    [
      'has hosts that are no list',
      `echo '{"web": {"hosts": {"a": 1}}}'`,
      'the hosts of the group "web" are no list of names',
    ],
    [
      'has a host that is no name',
      `echo '{"web": [1]}'`,
      'the hosts of the group "web" are no list of names',
    ],
    [
      'has variables that are no map',
      `echo '{"web": {"vars": []}}'`,
      'the variables of the group "web" are no map',
    ],
    [
      'has children that are no list',
      `echo '{"web": {"children": "db"}}'`,
      'the children of the group "web" are no list of names',
    ],
    [
      'has wrong variables for a host',
      `echo '{"web": ["a"], "_meta": {"hostvars": {"a": 1}}}'`,
      'the variables of the host "a" are no map',
    ],
    ['has a loop', `echo '{"a": {"children": ["b"]}, "b": {"children": ["a"]}}'`, 'within itself: b > a > b'],
    [
      'fails for a host',
      `if [ $1 = --list ]; then echo '{"web": ["a"]}'; else exit 4; fi`,
      'inv --host a ended with 4',
    ],
  ])('that %s', async (_what, body, message) => {
    expect(await errorOf({ inv: `#!/bin/sh\n${body}\n` }, 'inv')).toContain(message);
  });

  test('whose interpreter is not there', async () => {
    expect(await errorOf({ inv: '#!/no/such/python\n' }, 'inv')).toMatch(
      /inv --list can't be started: .*ENOENT/,
    );
  });

  test('that hangs is ended, with all that it started', async () => {
    const mark = `77${process.pid}`;
    const body = `sleep ${mark} & sleep ${mark}`;
    const message = await errorOf({ inv: `#!/bin/sh\n${body}\n` }, 'inv', 300);
    expect(message).toBe('The inventory script inv --list has not ended within 0.3 s');
    await sleep(200);
    const running = execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' });
    expect(running).not.toContain(`sleep ${mark}`);
  });

  test('that hangs for one of its hosts', async () => {
    const body = `if [ $1 = --list ]; then echo '{"web": ["a", "b"]}'; elif [ $2 = b ]; then sleep 60; fi`;
    expect(await errorOf({ inv: `#!/bin/sh\n${body}\n` }, 'inv', 1000)).toContain(
      'inv --host b has not ended',
    );
  });

  test('that never stops printing', async () => {
    expect(await errorOf({ inv: '#!/bin/sh\nexec yes\n' }, 'inv', 60_000)).toContain(
      'printed more than 64 MiB',
    );
  });
});

describe('a file', () => {
  test('of 50 MB of YAML', async () => {
    const line = `    host-with-a-long-name: {ansible_host: 10.0.0.1}\n`;
    const text = `all:\n  hosts:\n${line.repeat(50e6 / line.length)}`;
    expect(await errorOf({ 'h.yml': text }, 'h.yml')).toBe(
      'This is more YAML than the 8 MiB that are read of a file',
    );
  });

  test('of 50 MB of variables', async () => {
    const files = { h: 'web1', 'host_vars/web1.yml': `x: ${'a'.repeat(50e6)}\n` };
    expect(await errorOf(files, 'h')).toBe('This is more YAML than the 8 MiB that are read of a file');
  });

  test('of 100 MB', async () => {
    expect(await errorOf({ h: 'web1\n'.repeat(20e6) }, 'h')).toBe(
      "h can't be read: it is bigger than 64 MiB",
    );
  });

  test('of aliases that stand for a billion values', async () => {
    const levels = Array.from({ length: 9 }, (_, n) => {
      const below = n === 0 ? '"lol"' : `*a${n - 1}`;
      return `  a${n}: &a${n} [${Array.from({ length: 10 }, () => below).join(', ')}]`;
    });
    expect(await errorOf({ 'h.yml': `all:\n vars:\n${levels.join('\n')}` }, 'h.yml')).toMatch(
      /more than a million/,
    );
  });

  test('of nothing but mistakes', async () => {
    const errors = await errorsOf(['h'], await folderOf({ h: 'a b\n'.repeat(200_000) }));
    expect(errors).toHaveLength(100);
  });

  test('of nothing but mistakes, in YAML', async () => {
    const lines = Array.from({ length: 200_000 }, (_, n) => `g${n}: x`);
    expect(await errorsOf(['h.yml'], await folderOf({ 'h.yml': lines.join('\n') }))).toHaveLength(100);
  }, 60_000);

  test('of one line that does not end', async () => {
    expect(await errorOf({ h: `web1 x="${'a'.repeat(30e6)}"\n` }, 'h')).toBe(
      'This line is longer than a million characters',
    );
  });

  test('of brackets in brackets', async () => {
    const cwd = await folderOf({ h: `web1 x=${'['.repeat(500_000)}` });
    const { hosts } = await loadInventory(['h'], { cwd });
    expect(hosts.get('web1')?.vars.x).toHaveLength(500_000);
  });
});

describe('hosts', () => {
  test.each<[string, string, string]>([
    ['in a range beyond reason', 'h[1:99999999]', '[1:99999999] stands for more than 100000 hosts'],
    ['in ranges of ranges', 'h[1:9999]-[1:9999]', '"h[1:9999]-[1:9999]" stands for more than 100000 hosts'],
    [
      'in ranges line by line',
      Array.from({ length: 50 }, (_, n) => `h${n}-[1:99999]`).join('\n'),
      'The inventory holds more than 200000 hosts',
    ],
  ])('%s', async (_what, text, message) => {
    expect(await errorOf({ h: text }, 'h')).toBe(message);
  });
});

describe('groups', () => {
  const chain = (names: readonly string[]): string =>
    names
      .map((name, at) => (names[at + 1] ? `[${name}:children]\n${names[at + 1]}\n` : `[${name}]\nh\n`))
      .join('');
  const names = Array.from({ length: 3000 }, (_, n) => `g${n}`);

  test('in a loop of thousands', async () => {
    const errors = await errorOf({ h: `${chain(names)}[${names.at(-1)}:children]\ng0\n` }, 'h');
    const loop = 'g2999 > g0 > g1 > g2 > g3 > … > g2997 > g2998 > g2999';
    expect(errors).toBe(`The group "g2999" would be within itself: ${loop}`);
  });

  test('in a chain of thousands, in whichever order it is written', async () => {
    const cwd = await folderOf({ down: chain(names), up: chain(names.toReversed()) });
    for (const source of ['down', 'up']) {
      const { hosts, groups } = await loadInventory([source], { cwd });
      expect(hosts.get('h')?.groupNames).toHaveLength(3000);
      expect(groups.get('g1500')).toEqual(['h']);
    }
  });

  test('so entangled that working them out would take the memory', async () => {
    const below = '[below]\nh[1:20000]\n';
    const above = Array.from({ length: 2000 }, (_, n) => `[a${n}:children]\nbelow\n`).join('');
    expect(await errorOf({ h: below + above }, 'h')).toBe(
      'The groups hold each other and their hosts too often to work out',
    );
  });

  test('in a ladder, which has as many ways down as there are numbers', async () => {
    const rungs = Array.from(
      { length: 60 },
      (_, n) => `[g${n}:children]\nl${n}\nr${n}\n[l${n}:children]\ng${n + 1}\n[r${n}:children]\ng${n + 1}\n`,
    );
    const cwd = await folderOf({ h: `${rungs.join('')}[g60]\nh\n` });
    const { hosts } = await loadInventory(['h'], { cwd });
    expect(hosts.get('h')?.groupNames).toHaveLength(181);
  });
});

describe('a folder', () => {
  test('within itself, by a link', async () => {
    const cwd = await folderOf({ 'inv/hosts': 'h\n' });
    await symlink('.', join(cwd, 'inv/loop'));
    const [error] = await errorsOf(['inv'], cwd);
    expect(error?.message).toBe('The folder inv/loop stands within itself');
  });

  test('of variables within itself, by a link', async () => {
    const cwd = await folderOf({ hosts: 'h\n', 'host_vars/h/x.yml': 'a: 1\n' });
    await symlink('.', join(cwd, 'host_vars/h/loop'));
    const [error] = await errorsOf(['hosts'], cwd);
    expect(error?.message).toMatch(/host_vars\/h\/loop stands within itself$/);
  });

  test('of thousands of files', async () => {
    const files = Object.fromEntries(Array.from({ length: 1001 }, (_, n) => [`inv/f${n}`, 'h\n']));
    expect(await errorOf(files, 'inv')).toBe(
      'inv holds more than 1000 files: it is no folder of inventories',
    );
  });

  test('with a pipe that nobody writes to', async () => {
    const cwd = await folderOf({ 'inv/hosts': 'h\n' });
    execFileSync('mkfifo', [join(cwd, 'inv/pipe')]);
    const [error] = await errorsOf(['inv'], cwd);
    expect(error?.message).toBe('The inventory inv/pipe is no file');
  });

  test('with a link that leads nowhere', async () => {
    const cwd = await folderOf({ 'inv/hosts': 'h\n' });
    await symlink('nowhere', join(cwd, 'inv/link'));
    const [error] = await errorsOf(['inv'], cwd);
    expect(error?.message).toBe('The inventory inv/link is a link that leads nowhere');
  });
});
