/** A transaction over thirty hosts, of which one fails: none of them keeps its change, at whatever phase it is. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { StartedLab } from '../../src/lab/index.js';
import { makeFolder } from '../support/lab-runs.js';
import { baselineOf, stateDiff, wholeState } from '../support/whole-state.js';
import { settle, unreachable } from './support/case.js';
import { type Controller, type Ended, endOf, startRun, wordsOf } from './support/controller.js';
import { cut, mend, startSshd, stopSshd } from './support/faults.js';
import { type FaultHost, faultLab, numbered } from './support/lab.js';
import type { Task } from './support/plays.js';

const HOSTS = 30;
/** Longer than for one host: a machine with two cores serves all of them. */
const CONFIRM_TIMEOUT = 10;
const OPTIONS = ['--confirm-timeout', `${CONFIRM_TIMEOUT}s`, '-T', '5'];
const SLACK = 20;

/** The host that fails is slow: something can break while it applies, and the others wait for it. */
const hosts = numbered(Array.from({ length: HOSTS }, (_, index) => (index === 17 ? { slow: 0.2 } : {})));
const bad = hosts[17] as FaultHost;

const TASKS: readonly Task[] = [
  { route: { dst: '10.66.0.0/16', via: '10.3.0.254', dev: 'eth2' } },
  { rule: { from: '10.2.0.{{ n }}', table: 200, priority: 102 } },
  { sysctl: { name: 'net.ipv4.conf.eth1.arp_ignore', value: 1 } },
];
const onBad = (task: Task): Task => ({ ...task, when: `n == ${bad.number}` });

interface Failure {
  phase: string;
  tasks?: readonly Task[];
  /** Keywords of the play. */
  keywords?: object;
  /** What breaks before the run, and what beside it. */
  prepare?(): Promise<void>;
  fault?(run: Controller): Promise<void>;
  mend?(): Promise<void>;
  /** How the host that fails is reported. */
  status: string;
}

const FAILURES: readonly Failure[] = [
  {
    phase: 'connect',
    prepare: () => stopSshd(lab, bad.name),
    mend: () => startSshd(lab, bad.name),
    status: 'unreachable',
  },
  {
    phase: 'plan',
    tasks: [onBad({ link: { name: 'nosuch0', state: 'up' } })],
    status: 'failed',
  },
  {
    phase: 'apply',
    tasks: [onBad({ link: { name: 'eth2', mtu: 65_536 } })],
    status: 'rolled_back',
  },
  {
    phase: 'verify',
    keywords: { verify: [{ command: { cmd: `test "$(hostname)" != ${bad.name}` } }] },
    status: 'rolled_back',
  },
  {
    phase: 'confirm',
    fault: async (run) => {
      await run.phase('verify', bad.name);
      await cut(lab, bad.name);
    },
    mend: () => mend(lab, bad.name),
    status: 'rolled_back',
  },
];

const folder = makeFolder();
let lab: StartedLab;

beforeAll(async () => {
  lab = await faultLab('fleet', hosts);
});
afterAll(async () => {
  await lab?.down();
  folder.remove();
});

async function states(): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const { name } of hosts) found.set(name, await wholeState(lab, name));
  return found;
}

function write(name: string, tasks: readonly Task[], keywords: object = {}): string {
  return folder.write(`${name}.yml`, [{ hosts: 'all', transaction: 'play', ...keywords, tasks }]);
}

function words(ended: Ended): string {
  return hosts.map(({ name }) => `${name} ${wordsOf(ended, name)}`).join('\n');
}

/** What is left of a run on any of the hosts. */
async function leftovers(baselines: ReadonlyMap<string, ReadonlySet<string>>): Promise<string[]> {
  const left = await Promise.all(
    [...baselines].map(async ([host, baseline]) => {
      const strays = await settle(lab, host, baseline, CONFIRM_TIMEOUT + SLACK);
      return strays.map((stray) => `${host}: ${stray}`);
    }),
  );
  return left.flat();
}

describe.sequential(`1 of ${HOSTS} hosts fails`, () => {
  test.each(FAILURES)('at $phase', async ({ phase, tasks = [], keywords, status, ...one }) => {
    const before = await states();
    const baselines = new Map(hosts.map(({ name }) => [name, baselineOf(lab, name)]));
    await one.prepare?.();
    const run = startRun(lab, write(phase, [...TASKS, ...tasks], keywords), 'all', OPTIONS);
    await one.fault?.(run);
    const ended = await run.ended;
    const left = await leftovers(baselines);
    await one.mend?.();
    const after = await states();
    const differing = hosts.flatMap(({ name }) => {
      const lines = stateDiff(before.get(name) ?? '', after.get(name) ?? '');
      return lines.map((line) => `${name}: ${line}`);
    });
    expect(differing, words(ended)).toEqual([]);
    expect(left).toEqual([]);
    expect(endOf(ended, bad.name)?.status, words(ended)).toBe(status);
    expect(ended.code).toBe(2);
    expect(await unreachable(lab, bad.name)).toBeUndefined();
  });

  test('and all of them are changed by the next run', async () => {
    const ended = await startRun(lab, write('good', TASKS), 'all', OPTIONS).ended;
    expect(ended.code, words(ended)).toBe(0);
    expect(hosts.filter(({ name }) => endOf(ended, name)?.status !== 'changed')).toEqual([]);
  });
});
