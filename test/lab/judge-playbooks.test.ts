/** The playbook language, judged by ansible-core: both run the same small playbooks on the same hosts. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Lab, labUp } from '../../src/lab/index.js';
import type { TaskResult } from '../../src/shared/events.js';
import { type AnsibleRun, ansiblePlaybooks } from '../support/ansible.js';
import { type RunReport, runJson } from '../support/cli.js';
import { JUDGE_CASES, type JudgeCase } from '../support/judge-cases.js';
import { REUSE_CASES } from '../support/judge-reuse-cases.js';
import { type Folder, makeFolder, ownName } from '../support/lab-runs.js';
import { sampleOf } from '../support/sample.js';

const CASES = sampleOf([...JUDGE_CASES, ...REUSE_CASES], 3);

let lab: Lab;
let folder: Folder;
/** A second source, with groups. */
let groups: string;
let judged: ReadonlyMap<string, AnsibleRun>;

const folderOf = (at: number): string => join(folder.path, `case${at}`);

/** What a case is called with; `{folder}` is its own. */
const argsOf = ({ args = [] }: JudgeCase, at: number): string[] =>
  args.map((arg) => arg.replace('{folder}', folderOf(at)));

beforeAll(async () => {
  folder = makeFolder();
  const nic = (address: string) => ({ nics: { eth0: { switch: 'lan', addresses: [address] } } });
  lab = await labUp({
    name: ownName('judge'),
    hosts: { h1: nic('192.168.7.1/24'), h2: nic('192.168.7.2/24'), h3: nic('192.168.7.3/24') },
  });
  groups = folder.write('groups.ini', '[first]\nh1\n[rest]\nh2\nh3\n');
  for (const [at, one] of CASES.entries()) write(one, folderOf(at));
  const cases = CASES.map((one, at) => ({
    name: one.name,
    args: argsOf(one, at),
    playbook: join(folderOf(at), 'site.yml'),
  }));
  const runs = await ansiblePlaybooks([lab.inventory, groups], cases);
  judged = new Map(runs.map((run) => [run.name, run]));
}, 480_000);
afterAll(async () => {
  folder?.remove();
  await lab?.down();
});

function write({ play, files = {} }: JudgeCase, path: string): void {
  for (const [name, content] of Object.entries({ 'site.yml': play, ...files })) {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), content);
  }
}

/** What each host went through: task after task, with what it came to. */
interface Way {
  [host: string]: string[];
}

/** What a task said, in the words that both have. */
function said(result: Readonly<Record<string, unknown>> | undefined): string {
  if (result === undefined || result.skipped === true) return '';
  const items = Array.isArray(result.results) ? (result.results as Record<string, unknown>[]) : undefined;
  if (items !== undefined) return items.map(said).join(' | ');
  const words = result.stdout ?? result.msg ?? '';
  // Without native types, Ansible makes a text of a number.
  return JSON.stringify(typeof words === 'number' ? String(words) : words);
}

/** Names that neither task has: each calls them in its own way. */
const OWN_NAMES = /(?<=^|: )(debug|command|shell|set_fact|meta|fail|assert|include_vars)\b.*$/;

function line(name: string, status: string, result: Readonly<Record<string, unknown>> | undefined): string {
  const words = ['failed', 'skipped'].includes(status) ? '' : said(result);
  return `${name.replace(OWN_NAMES, '$1')}: ${status} ${words}`.trim();
}

function wayOf(run: AnsibleRun): Way {
  const way: Way = {};
  for (const { task, host, status, result, action } of run.results) {
    // That a host is not reached, netplay tells of the host.
    if (/include_(tasks|role)|^meta$/.test(action) || status === 'unreachable') continue;
    way[host] = [...(way[host] ?? []), line(task, status, result)];
  }
  return way;
}

function netplayWay({ ends }: RunReport): Way {
  const way: Way = {};
  for (const { host, tasks } of ends)
    for (const task of tasks) {
      if (/^include_(tasks|role)$|^meta$/.test(task.action ?? '') || task.result?.unreachable) continue;
      way[host] = [...(way[host] ?? []), lineOf(task)];
    }
  return way;
}

function lineOf({ name, status, result }: TaskResult): string {
  return line(name, status, result);
}

describe('netplay does as ansible-core does', () => {
  test.each(CASES.map((one, at) => ({ ...one, at })))('$name', async ({ at, ...one }) => {
    const { name, code } = one;
    const ansible = judged.get(name);
    if (ansible === undefined) throw new Error('ansible-core did not run it');
    const run = await runJson([
      join(folderOf(at), 'site.yml'),
      '-i',
      lab.inventory,
      '-i',
      groups,
      ...argsOf(one, at),
    ]);
    expect(ansible.code, ansible.printed).toBe(code?.ansible ?? ansible.code);
    expect(run.code, run.stderr).toBe(code?.netplay ?? (ansible.code === 2 ? 2 : ansible.code));
    if (code !== undefined) return;
    expect(netplayWay(run)).toEqual(wayOf(ansible));
  });
});
