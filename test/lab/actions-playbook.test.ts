/** What Ansible does half on the controller, beside ansible-playbook: folders, templates, scripts, files for here. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import type { ActionResult } from '../../src/actions/action.js';
import type { Session, Transport } from '../../src/transport/session.js';
import { createTransport } from '../../src/transport/transport.js';
import { contextOf, runTask } from '../support/actions.js';
import { inFolder, namedAlike, treeOf } from '../support/trees.js';

interface Case {
  name: string;
  task: Readonly<Record<string, unknown>>;
  before?: string;
  /** Keys of Ansible's result that netplay gives otherwise on purpose. */
  apart?: readonly string[];
  /** It changes something each time. */
  once?: true;
}

const OLD = 'printf "old\\n" > f; chmod 640 f; chown daemon:daemon f';

const cases: readonly Case[] = [
  {
    name: 'a map as text',
    task: { copy: { content: { a: [1, 'ä', null, true], b: {} }, dest: '{D}/f' } },
  },
  { name: 'a file of bytes', task: { copy: { src: 'bytes', dest: '{D}/f' } } },
  {
    name: 'a folder',
    task: { copy: { src: 'tree', dest: '{D}/t', mode: '0640', directory_mode: '0750' } },
    apart: ['src'],
  },
  {
    name: 'what is in a folder',
    task: { copy: { src: 'tree/', dest: '{D}/t/' } },
    before: 'mkdir -p t/sub; echo other > t/sub/b',
    apart: ['src'],
  },
  { name: 'a template', task: { template: { src: 'page.j2', dest: '{D}/f', mode: '0644' } } },
  {
    name: 'a template with other line ends',
    task: { template: { src: 'page.j2', dest: '{D}/f', newline_sequence: '\\r\\n' } },
  },
  { name: 'a script', task: { script: "tool.sh 'a b' $HOME" }, once: true },
  {
    name: 'a script that was run',
    task: { script: { cmd: 'tool.sh', creates: '{D}/f' } },
    before: OLD,
    apart: ['skipped', 'msg'],
  },
  { name: 'a script that fails', task: { script: 'tool.sh fail' }, once: true },
  { name: 'a line as it is', task: { raw: 'echo "a b"; echo c >&2; exit 4' }, once: true },
  {
    name: 'a file for here',
    task: { fetch: { src: '{D}/f', dest: '{D}/here' } },
    before: OLD,
    apart: ['file'],
  },
  {
    name: 'a file for here, flat',
    task: { fetch: { src: '{D}/f', dest: '{D}/here/', flat: true } },
    before: OLD,
    apart: ['file'],
  },
  {
    name: 'nothing for here, which is no failure',
    task: { fetch: { src: '{D}/nothing', dest: '{D}/here', fail_on_missing: false } },
    apart: ['msg'],
  },
];

const root = mkdtempSync(join(tmpdir(), 'netplay-copy-'));
const book = join(root, 'book');
let judged: readonly Judged[];
let transport: Transport;
let session: Session;

interface Judged {
  result: Readonly<Record<string, unknown>>;
  tree: readonly string[];
}

const folderOf = (side: 'a' | 'n', index: number): string => join(root, `${side}${index}`);

function prepare(side: 'a' | 'n'): void {
  for (const [index, { before = ':' }] of cases.entries()) {
    const folder = folderOf(side, index);
    mkdirSync(folder);
    const { status, stderr } = spawnSync('sh', ['-c', before], { cwd: folder, encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
  }
}

function writeBook(): void {
  mkdirSync(join(book, 'templates'), { recursive: true });
  mkdirSync(join(book, 'files/tree/sub'), { recursive: true });
  mkdirSync(join(book, 'files/tree/empty'));
  const files = join(book, 'files');
  writeFileSync(join(files, 'plain'), 'plain\n');
  writeFileSync(
    join(files, 'bytes'),
    Buffer.from(Array.from({ length: 70_000 }, (_, index) => (index * 7) % 256)),
  );
  writeFileSync(join(files, 'tree/a'), 'a');
  writeFileSync(join(files, 'tree/sub/b'), 'b\n');
  writeFileSync(join(files, "tree/sub/odd 'name"), '$x');
  symlinkSync('a', join(files, 'tree/link'));
  writeFileSync(
    join(files, 'tool.sh'),
    '#!/bin/sh\nfor a; do echo "<$a>"; done\necho err >&2\n[ "$1" != fail ]\n',
  );
  chmodSync(join(files, 'tool.sh'), 0o754);
  writeFileSync(join(book, 'templates/page.j2'), 'one {{ name }}\ntwo\n');
}

/** Each task once, with what it gave. */
function playbook(): unknown {
  const tasks = cases.map(({ task }, index) => ({
    ...inFolder(task, folderOf('a', index)),
    register: `result${index}`,
    ignore_errors: true,
  }));
  const results = cases.map((_, index) => `{{ result${index} }}`);
  const dump = {
    copy: { content: '{{ results | to_json }}', dest: join(root, 'results.json') },
    vars: { results },
  };
  return [{ hosts: 'h1', gather_facts: false, vars: { name: 'N' }, tasks: [...tasks, dump] }];
}

function judge(): Judged[] {
  writeFileSync(join(book, 'site.yml'), stringify(playbook(), { aliasDuplicateObjects: false }));
  writeFileSync(
    join(book, 'hosts'),
    'h1 ansible_connection=local ansible_python_interpreter=/usr/bin/python3\n',
  );
  const { status, stdout } = spawnSync('/usr/bin/ansible-playbook', ['-i', 'hosts', 'site.yml'], {
    cwd: book,
    encoding: 'utf8',
    env: { PATH: '/usr/bin:/bin:/usr/sbin:/sbin', HOME: '/root', LC_ALL: 'C.UTF-8', ANSIBLE_PIPELINING: '1' },
  });
  if (status !== 0) throw new Error(stdout.slice(-2000));
  const results: Judged['result'][] = JSON.parse(readFileSync(join(root, 'results.json'), 'utf8'));
  return results.map((result, index) => ({ result, tree: treeOf(folderOf('a', index)) }));
}

beforeAll(async () => {
  writeBook();
  prepare('a');
  prepare('n');
  judged = judge();
  transport = createTransport();
  session = await transport.open({
    name: 'here',
    connection: 'local',
    address: 'here',
    connectTimeoutMs: 10_000,
    retries: 0,
    hostKeyChecking: 'no',
  });
});
afterAll(async () => {
  await transport?.close();
  rmSync(root, { recursive: true, force: true });
});

/** What differs each time, or says where something stood on the way. */
const NEVER = [
  'invocation',
  'diff',
  'msg',
  'warnings',
  'exception',
  'src',
  'cmd',
  'start',
  'end',
  'delta',
  'expected_checksum',
];

function agree(ours: ActionResult, theirs: Readonly<Record<string, unknown>>, index: number): void {
  const { apart = [] } = cases[index] ?? {};
  const keys = Object.keys(theirs).filter((key) => !NEVER.includes(key) && !apart.includes(key));
  const failed = theirs.failed === true;
  const wanted = failed ? keys.filter((key) => ['failed', 'changed', 'rc', 'stdout'].includes(key)) : keys;
  const pick = (result: Readonly<Record<string, unknown>>, folder: string): unknown => {
    const picked = {
      changed: false,
      failed: false,
      ...Object.fromEntries(wanted.map((key) => [key, result[key] ?? false])),
    };
    const text = JSON.stringify(picked).replaceAll(folder, '{D}');
    return JSON.parse(text.replaceAll(/\.\d+\.20[\d-]+@[\d:]+~/g, '.backup'));
  };
  expect(pick(ours, folderOf('n', index))).toEqual(pick(theirs, folderOf('a', index)));
}

describe('beside ansible-playbook', () => {
  test.each(cases.map((one, index) => [one.name, one, index] as const))(
    '%s',
    async (_, { task, once }, index) => {
      const folder = folderOf('n', index);
      const context = contextOf(session, book, { renderFile: (text) => text.replaceAll('{{ name }}', 'N') });
      const given = inFolder(task, folder);
      const before = treeOf(folder);
      const checked = await runTask(given, { ...context, check: true });
      expect(treeOf(folder), 'check mode changed something').toEqual(before);
      const done = await runTask(given, context);
      const result = judged[index];
      agree(done, result?.result ?? {}, index);
      expect(treeOf(folder)).toEqual(namedAlike(result?.tree ?? [], folderOf('a', index)));
      if (!done.failed && checked.unknown !== true) {
        expect(checked.changed, 'check mode foretold otherwise').toBe(done.changed);
        expect(checked.diff ?? []).toEqual(done.diff ?? []);
      }
      if (!once) expect((await runTask(given, context)).changed).toBe(false);
    },
  );
});
