/** Actions beside the modules of ansible-core: the same tasks in folders of their own, then results and folders compared. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ActionResult } from '../../src/actions/action.js';
import type { Session, Transport } from '../../src/transport/session.js';
import { createTransport } from '../../src/transport/transport.js';
import { type ActionCase, actionCases } from '../support/action-cases.js';
import { contextOf, runTask } from '../support/actions.js';
import { busyboxFolder, scriptSession, toolFolder } from '../support/script-session.js';
import { inFolder, namedAlike, treeOf } from '../support/trees.js';

/** What differs each time. */
const NEVER = [
  'invocation',
  'diff',
  'msg',
  'start',
  'end',
  'delta',
  'warnings',
  'stat',
  'ansible_facts',
  'exception',
  'crashed',
];
const STAT_NEVER = ['atime', 'mtime', 'ctime', 'inode', 'version'];
/** What asks tools that not every host has, or that BusyBox prints otherwise. */
const STAT_TOOLS = ['mimetype', 'charset', 'attributes', 'attr_flags'];

type Result = Readonly<Record<string, unknown>>;

const root = mkdtempSync(join(tmpdir(), 'netplay-actions-'));
let judged: Map<string, [first: Judged, second: Judged]>;
let transport: Transport;
let sessions: Record<'this machine' | 'BusyBox' | 'without base64', Session>;

interface Judged {
  result: Result;
  tree: string[];
}

const keyOf = ({ module, name }: ActionCase): string => `${module}: ${name}`;

const SIDES = ['ansible', 'this machine', 'BusyBox', 'without base64'];

/** Paths of all sides have the same length, since a link's size is its target's. */
function folderOf(side: string, index: number): string {
  const folder = join(root, String(SIDES.indexOf(side)), String(index));
  mkdirSync(folder, { recursive: true });
  return folder;
}

function sh(script: string, folder: string): void {
  const { status, stderr } = spawnSync('sh', ['-c', script], { cwd: folder, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${script}: ${stderr}`);
}

/** All cases with Ansible's own modules, each twice, in one process. */
function judge(): Map<string, [Judged, Judged]> {
  const input = actionCases.flatMap((one, index) => {
    const cwd = folderOf('ansible', index);
    const { args, before = ':' } = inFolder({ args: one.args, before: one.before }, cwd);
    const again = { module: one.module, args, cwd };
    return [{ ...again, before }, again];
  });
  const script = join(import.meta.dirname, '../support/ansible-modules.py');
  const { status, stdout, stderr } = spawnSync('/usr/bin/python3', [script], {
    input: JSON.stringify(input),
    encoding: 'utf8',
    maxBuffer: 1 << 26,
    env: { PATH: process.env.PATH, HOME: '/root', LC_ALL: 'C.UTF-8' },
  });
  if (status !== 0) throw new Error(stderr);
  const results: Judged[] = JSON.parse(stdout);
  return new Map(
    actionCases.map((one, index) => {
      const [first, second] = results.slice(2 * index, 2 * index + 2);
      if (first === undefined || second === undefined) throw new Error(`no result of ${keyOf(one)}`);
      return [keyOf(one), [first, second]];
    }),
  );
}

beforeAll(async () => {
  judged = judge();
  transport = createTransport();
  const target = {
    name: 'here',
    connection: 'local',
    address: 'here',
    connectTimeoutMs: 10_000,
    retries: 0,
    hostKeyChecking: 'no',
  } as const;
  const few = toolFolder(
    join(root, 'tools'),
    'awk bash cat cp chgrp chmod chown cut date dirname env find getent grep head id ln ls md5sum mkdir mktemp mv od printf pwd readlink rm rmdir sed sha1sum sha256sum sort stat tail touch tr true wc'.split(
      ' ',
    ),
  );
  sessions = {
    'this machine': await transport.open(target),
    BusyBox: scriptSession(['/usr/bin/busybox', 'sh'], { PATH: busyboxFolder(join(root, 'busybox')) }),
    'without base64': scriptSession(['/usr/bin/dash'], { PATH: few }),
  };
});
afterAll(async () => {
  await transport?.close();
  rmSync(root, { recursive: true, force: true });
});

/** A module's arguments as a netplay task. */
function taskOf({
  module,
  args: given,
  own = given,
}: Pick<ActionCase, 'module' | 'args' | 'own'>): Record<string, unknown> {
  const { _raw_params: cmd, _uses_shell: isShell, ...rest } = own;
  if (module !== 'command') return { [module]: own };
  return { [isShell ? 'shell' : 'command']: cmd === undefined ? rest : { cmd, ...rest } };
}

/** The keys of Ansible's result that are compared, of both results. */
function compared(
  one: ActionCase,
  ansible: Result,
  netplay: Result,
  folders: [string, string],
): [Result, Result] {
  const ofAttributes = one.args.mode !== undefined || one.args.owner !== undefined;
  const keys = Object.keys(ansible).filter(
    (key) =>
      (!NEVER.includes(key) || one.compare?.includes(key)) &&
      !one.apart?.includes(key) &&
      // Of attributes Ansible tells in a sentence of its own.
      !(key === 'msg' && ofAttributes),
  );
  const failed = ansible.failed === true;
  const wanted = failed ? ['failed', ...keys.filter((key) => key === 'rc')] : keys;
  const pick = (result: Result, folder: string): Result => {
    const picked = Object.fromEntries(
      wanted.map((key) => [key, key === 'stat' ? statOf(result[key]) : result[key]]),
    );
    const text = JSON.stringify({ changed: false, ...picked }).replaceAll(folder, '{D}');
    return JSON.parse(text.replaceAll(/\.\d+\.20[\d-]+@[\d:]+~/g, '.backup'));
  };
  return [pick(ansible, folders[0]), pick(netplay, folders[1])];
}

function statOf(stat: unknown): unknown {
  const entries = Object.entries(stat as Result).filter(([key]) => !STAT_NEVER.includes(key));
  return Object.fromEntries(entries.filter(([key]) => !STAT_TOOLS.includes(key)));
}

describe.each(['this machine', 'BusyBox', 'without base64'] as const)('on %s', (side) => {
  test.each(actionCases.map((one, index) => [keyOf(one), one, index] as const))(
    '%s',
    async (key, one, index) => {
      const [first, second] = judged.get(key) ?? [];
      const folder = folderOf(side, index);
      const ansible = folderOf('ansible', index);
      const { before = ':', ...given } = inFolder(one, folder);
      const task = taskOf(given);
      sh(before, folder);
      const context = contextOf(sessions[side], folder);
      const agree = (done: ActionResult, judge: Judged | undefined): void => {
        const [theirs, ours] = compared(one, judge?.result ?? {}, done, [ansible, folder]);
        expect(ours).toEqual(theirs);
        expect(treeOf(folder)).toEqual(namedAlike(judge?.tree ?? [], ansible));
      };
      const tree = treeOf(folder);
      const check = (): Promise<ActionResult> => runTask(task, { ...context, check: true }).catch(refused);
      const checked = side === 'this machine' ? await check() : undefined;
      expect(treeOf(folder), 'check mode changed something').toEqual(tree);

      const done = await runTask(task, context).catch(refused);
      agree(done, first);
      if (checked === undefined) return;
      if (one.module !== 'command' && done.failed !== true) {
        expect(checked.changed, 'check mode foretold otherwise').toBe(done.changed);
        expect(checked.diff ?? []).toEqual(done.diff ?? []);
      }
      const again = await runTask(task, context).catch(refused);
      if (one.once) expect(done.failed ? again.failed : again.changed).toBe(done.failed ?? false);
      else agree(again, second);
    },
  );
});

/** What netplay refuses before any host is asked, Ansible's modules refuse on the host. */
function refused(error: unknown): ActionResult {
  if (!(error instanceof Error)) throw error;
  return { changed: false, failed: true, msg: error.message };
}
