/** What `netplay inventory` prints of inventories of all kinds is what `ansible-inventory` of Debian's ansible-core prints. */
import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { parse } from 'yaml';
import { createProgram } from '../../../src/cli/program.js';
import { CASES, type Case } from './judge/cases.js';

const JUDGE = join(import.meta.dirname, 'judge/ansible_inventory.py');
const names = Object.keys(CASES);
let folder: string;
/** What Ansible prints, by the names of cases. */
let theirs: Map<string, string>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'netplay-judge-'));
  await Promise.all(Object.values(CASES).map(({ files }, index) => writeFiles(String(index), files)));
  const input = JSON.stringify(
    Object.values(CASES).map((one, index) => ({ cwd: folderOf(index, one), args: one.args })),
  );
  const env = { ...process.env, ANSIBLE_CONFIG: join(folder, 'none.cfg'), HOME: folder };
  const printed = execFileSync('/usr/bin/python3', [JUDGE], { input, env, encoding: 'utf8' });
  const results = JSON.parse(printed) as { text?: string; error?: string }[];
  theirs = new Map(results.map(({ text, error }, index) => [names[index] ?? '', text ?? `failed: ${error}`]));
}, 60_000);

afterAll(() => rm(folder, { recursive: true }));

function folderOf(index: number, { cwd = '.' }: Case): string {
  return join(folder, String(index), cwd);
}

async function writeFiles(name: string, files: Readonly<Record<string, string>>): Promise<void> {
  await mkdir(join(folder, name), { recursive: true });
  for (const [path, text] of Object.entries(files)) {
    const file = join(folder, name, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
    if (text.startsWith('#!') || text.includes('# may be run')) await chmod(file, 0o755);
  }
}

/** What netplay prints for the same words. */
async function ours(args: readonly string[], cwd: string): Promise<string> {
  const before = process.cwd();
  const written: string[] = [];
  const stdout = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    written.push(String(text));
    return true;
  });
  process.chdir(cwd);
  try {
    await createProgram().parseAsync(['node', 'netplay', 'inventory', ...args]);
  } finally {
    process.chdir(before);
    stdout.mockRestore();
  }
  return written.join('');
}

/** Netplay needs no Python on the hosts, so it says none for this machine. */
function withoutPython(text: string): string {
  return text.replace(/^ *"ansible_python_interpreter": .*\n/m, '').replace(/,(\n\})/, '$1');
}

/** A float without a fraction is a whole number here. */
function withoutFraction(text: string): string {
  return text.replace(/: (\d+)\.0(,?)$/gm, ': $1$2');
}

/** By Python's own parser. */
function fromToml(text: string): unknown {
  const script = 'import sys, json, tomllib; print(json.dumps(tomllib.loads(sys.stdin.read())))';
  return JSON.parse(execFileSync('/usr/bin/python3', ['-c', script], { input: text, encoding: 'utf8' }));
}

test('there are enough of them', () => {
  expect(names.filter((name) => CASES[name]?.args.includes('--list')).length).toBeGreaterThanOrEqual(25);
});

test.each(names)('%s', async (name) => {
  const one = CASES[name];
  if (one === undefined) throw new Error(`no case ${name}`);
  const expected = theirs.get(name) ?? '';
  const found = await ours(one.args, folderOf(names.indexOf(name), one));
  if (one.args.includes('--toml')) expect(fromToml(found)).toEqual(fromToml(expected));
  else if (one.args.includes('--yaml')) expect(parse(found)).toEqual(parse(expected));
  else expect(found).toBe(withoutFraction(withoutPython(expected)));
});
