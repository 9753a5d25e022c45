/** A transaction over thirty hosts, of which one fails: none of them keeps its change, at whatever phase it is. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { StartedLab } from '../../src/lab/index.js';
import type { HostStatus } from '../../src/shared/events.js';
import { makeFolder } from '../support/lab-runs.js';
import { baselineOf, wholeState } from '../support/whole-state.js';
import { learn, Reference, settle, unreachable, whereabouts } from './support/case.js';
import {
  type Controller,
  type Ended,
  endOf,
  type Phase,
  startController,
  startRun,
  wordsOf,
} from './support/controller.js';
import { cut, mend, startSshd, stopSshd, untilHeld } from './support/faults.js';
import { type FaultHost, faultLab, numbered } from './support/lab.js';
import { PLAYS, type Task } from './support/plays.js';

const HOSTS = 30;
/** Longer than for one host: a machine with two cores serves all of them. */
const CONFIRM_TIMEOUT = 10;
const OPTIONS = ['--confirm-timeout', `${CONFIRM_TIMEOUT}s`, '-T', '5'];
/** What is confirmed on one host waits so long for the others. */
const HELD = 4 * CONFIRM_TIMEOUT;
const SLACK = 20;

/**
 * The host that fails is slow: something can break while it applies, and the others wait for it. One more is
 * not of the fleet: what the play does where nothing breaks is learnt from it.
 */
const all = numbered(Array.from({ length: HOSTS + 1 }, (_, index) => (index === 17 ? { slow: 0.2 } : {})));
const hosts = all.slice(0, HOSTS);
const bad = hosts[17] as FaultHost;
/** Quick, and the first to confirm: it waits for the slow one. */
const early = hosts[0] as FaultHost;
const FLEET = hosts.map(({ name }) => name).join(',');

const onBad = (task: Task): Task => ({ ...task, when: `n == ${bad.number}` });

interface Failure {
  phase: string;
  tasks?: readonly Task[];
  /** The host that fails; the slow one where it is left out. */
  victim?: FaultHost;
  /** Keywords of the play. */
  keywords?: object;
  /** What breaks before the run, and what beside it. */
  prepare?(): Promise<void>;
  fault?(run: Controller): Promise<void>;
  mend?(): Promise<void>;
  /** Whether connections are cut, of which sshd itself hears long after. */
  cut?: boolean;
  /** How the host that fails may be reported. */
  status: readonly (HostStatus | undefined)[];
  /** Whether all may be in their state after, if all of them are. */
  together?: boolean;
  /** Where the others must end, if not in their state before; `any`: each in its own. */
  others?: 'after' | 'any';
  /** Whether it may keep its change although the others do not: its answer was lost. */
  doubt?: boolean;
  /** The run's exit code; undefined where it follows from what the host that fails heard. */
  code?: number | null;
}

const FAILURES: readonly Failure[] = [
  {
    phase: 'connect',
    prepare: () => stopSshd(lab, bad.name),
    mend: () => startSshd(lab, bad.name),
    status: ['unreachable'],
    code: 4,
  },
  {
    phase: 'plan',
    tasks: [onBad({ link: { name: 'nosuch0', state: 'up' } })],
    status: ['failed'],
    code: 2,
  },
  {
    phase: 'apply',
    tasks: [onBad({ route: { dst: '10.72.0.0/16', via: '10.3.0.254', dev: 'eth2', congctl: 'nosuch' } })],
    status: ['rolled_back'],
    code: 2,
  },
  { phase: 'reconnect', ...cutting('reconnect'), status: ['unreachable', 'rolled_back'] },
  {
    phase: 'verify',
    keywords: { verify: [{ command: `test "$(hostname)" != ${bad.name}` }] },
    status: ['rolled_back'],
    code: 2,
  },
  { phase: 'confirm', ...cutting('confirm'), status: ['unreachable', 'rolled_back'] },
  {
    phase: 'confirm, and the controller dies',
    fault: async (run) => {
      await run.phase('confirm');
      await sleep(50);
      run.kill();
    },
    status: [undefined],
    together: true,
    code: null,
  },
  {
    phase: 'confirm, its answer lost',
    ...cutting('confirm', 300),
    status: ['unreachable', 'rolled_back', 'changed'],
    doubt: true,
  },
  {
    phase: 'confirmed, and not released yet',
    victim: early,
    fault: async () => {
      await untilHeld(lab, early.name);
      await cut(lab, early.name);
    },
    mend: () => mend(lab, early.name),
    cut: true,
    status: ['unreachable', 'rolled_back'],
    code: 2,
  },
  {
    // All have been told that it is final, or are at this moment.
    phase: 'release',
    fault: async (run) => {
      await run.phase('confirm', bad.name, 2);
      await cut(lab, bad.name);
    },
    mend: () => mend(lab, bad.name),
    cut: true,
    status: ['unreachable', 'rolled_back', 'changed'],
    others: 'after',
    doubt: true,
  },
  {
    // The last instant: the one end that is not promised to be common.
    phase: 'release, and the controller dies',
    fault: async (run) => {
      await run.phase('confirm', early.name, 2);
      run.kill();
    },
    status: [undefined, 'changed'],
    others: 'any',
    doubt: true,
  },
  {
    // The controller dies as above, and `netplay confirm` says the rest.
    phase: 'release by somebody else',
    fault: async (run) => {
      await run.phase('confirm', early.name, 2);
      run.kill();
      const args = ['confirm', await run.name, '-i', lab.inside, '-l', FLEET, '-f', `${HOSTS}`, '--json'];
      await startController(lab, args).ended;
    },
    status: [undefined, 'changed'],
    others: 'after',
    together: true,
  },
];

/** The failing host is cut off when it enters a phase, or some milliseconds later. */
function cutting(phase: Phase, ms = 0): Pick<Failure, 'fault' | 'mend' | 'cut' | 'code'> {
  return {
    fault: async (run) => {
      await run.phase(phase, bad.name);
      await sleep(ms);
      await cut(lab, bad.name);
    },
    mend: () => mend(lab, bad.name),
    cut: true,
    code: 2,
  };
}

/** A transaction of many hosts is slow to try: not all of them each time. */
const CASES = FAILURES.filter(
  ({ phase }) => process.env.NETPLAY_TEST_ALL === '1' || /^(apply|confirm|confirmed, .*)$/.test(phase),
);

const folder = makeFolder();
const reference = new Reference();
let lab: StartedLab;

beforeEach(async () => {
  lab = await faultLab('fleet', all);
  const alone = all[HOSTS];
  if (alone !== undefined) await learn(reference, lab, folder, alone, 'fleet');
});
afterEach(() => lab?.down());
afterAll(() => folder.remove());

async function states(): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const { name } of hosts) found.set(name, await wholeState(lab, name));
  return found;
}

function write(name: string, tasks: readonly Task[], keywords: object = {}): string {
  return folder.write(`${name.replaceAll(/\W/g, '-')}.yml`, [
    { hosts: 'all', transaction: 'play', ...keywords, tasks },
  ]);
}

function words(ended: Ended): string {
  return hosts.map(({ name }) => `${name} ${wordsOf(ended, name)}`).join('\n');
}

/** What is left of a run on any of the hosts. */
async function leftovers(
  baselines: ReadonlyMap<string, ReadonlySet<string>>,
  one: Failure,
): Promise<string[]> {
  const left = await Promise.all(
    [...baselines].map(async ([host, baseline]) => {
      const sessions = one.cut === true && host === (one.victim ?? bad).name ? 'ignore' : 'count';
      const strays = await settle(lab, host, baseline, HELD + SLACK, sessions);
      return strays.map((stray) => `${host}: ${stray}`);
    }),
  );
  return left.flat();
}

/** How each host ended, and what of it is neither its state before nor after. */
function endings(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>) {
  return hosts.map((host) => {
    const [was, is] = [before.get(host.name) ?? '', after.get(host.name) ?? ''];
    return { host: host.name, ...whereabouts(reference, 'fleet', host, was, is) };
  });
}

describe.sequential(`1 of ${HOSTS} hosts fails`, () => {
  test.each(CASES)('at $phase', async (one) => {
    const before = await states();
    const baselines = new Map(hosts.map(({ name }) => [name, baselineOf(lab, name)]));
    await one.prepare?.();
    const tasks = [...PLAYS.fleet, ...(one.tasks ?? [])];
    const run = startRun(lab, write(one.phase, tasks, one.keywords), FLEET, OPTIONS);
    await one.fault?.(run);
    const ended = await run.ended;
    const left = await leftovers(baselines, one);
    await one.mend?.();
    const found = endings(before, await states());
    const victim = (one.victim ?? bad).name;
    const [failed, others] = [
      found.find(({ host }) => host === victim),
      found.filter(({ host }) => host !== victim),
    ];
    const ends = new Set(others.map((end) => end.ended));
    process.stdout.write(`\nat ${one.phase}: ${victim} ${failed?.ended}, the others ${[...ends]}\n`);
    expect(found.flatMap(({ host, differences }) => differences.map((line) => `${host}: ${line}`))).toEqual(
      [],
    );
    expect(left).toEqual([]);
    expect(one.status, words(ended)).toContain(endOf(ended, victim)?.status);
    if (one.code !== undefined) expect(ended.code, words(ended)).toBe(one.code);
    if (one.together) expect(new Set(found.map((end) => end.ended)).size).toBe(1);
    else if (one.others !== 'any') expect([...ends], words(ended)).toEqual([one.others ?? 'before']);
    if (!one.doubt && !one.together) expect(failed?.ended, words(ended)).toBe('before');
    const refused = await unreachable(lab, victim);
    expect(refused).toBeUndefined();
    const next = await startRun(lab, write('good', PLAYS.fleet), FLEET, OPTIONS).ended;
    expect(next.code, words(next)).toBe(0);
    expect(endings(before, await states()).filter((end) => end.ended !== 'after')).toEqual([]);
  });
});
