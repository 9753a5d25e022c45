/** One fault, from a host in its state before to the ordinary run after it, and what was seen of it. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { TrialStatus } from '../../../src/engine/trials.js';
import type { Lab } from '../../../src/lab/index.js';
import { runCommand } from '../../../src/lab/run.js';
import type { HostStatus } from '../../../src/shared/events.js';
import type { Folder } from '../../support/lab-runs.js';
import { baselineOf, stateDiff, straysOf, wholeState, withoutNumber } from '../../support/whole-state.js';
import {
  answersOf,
  type Controller,
  type Ended,
  endOf,
  startController,
  startRun,
  wordsOf,
} from './controller.js';
import type { FaultHost, HostKind } from './lab.js';
import { PLAYS, type PlayName } from './plays.js';

export interface Stage {
  lab: Lab;
  host: string;
  run: Controller;
  /** Starts a further run on the same host, whose end is in the case's result. */
  another(play: PlayName, ...options: string[]): Controller;
  /** Runs `netplay confirm RUN` or its like on a machine that knows nothing of the run, to its end. */
  tell(command: TrialCommand): Promise<void>;
}

export type TrialCommand = 'confirm' | 'rollback' | 'extend';

export interface FaultCase {
  name: string;
  host?: HostKind;
  play: PlayName;
  /** Further options of the run. */
  options?: readonly string[];
  /** Whether a person at a terminal decides: `--confirm=manual`. */
  manual?: boolean;
  /** What is broken before the run begins. */
  prepare?(stage: Pick<Stage, 'lab' | 'host'>): Promise<void>;
  /** What breaks, beside the run; nothing where the play itself is the fault. */
  fault?(stage: Stage): Promise<void>;
  /** What somebody else repairs when the host has come to rest: a cable, a disk, a daemon. Never netplay's part. */
  mend?(stage: Pick<Stage, 'lab' | 'host'>): Promise<void>;
  /** Whether the host can't come to rest before it is mended. */
  mendFirst?: boolean;
  /** Whether connections are cut, of which sshd itself hears long after. */
  cut?: boolean;
  /** How a further run must end, and what it must say. */
  another?: { code: number; words: RegExp };
  /** What those who are told from elsewhere must say of the host. */
  told?: readonly TrialStatus[];
  /** What the run must say of the host, where it lives to say it. */
  says?: HostStatus;
  /** Where the host must end. */
  ends: 'before' | 'after' | 'either';
  /** The ordinary run afterwards; the same play where it is left out. */
  next?: PlayName;
}

export interface CaseResult {
  name: string;
  ended: 'before' | 'after' | 'between';
  /** What the run said of the host; `-` where it was killed before it could. */
  said: HostStatus | '-';
  /** Seconds from the start of the run until nothing of it was left on the host. */
  settled: number;
  /** All that is not as promised. */
  problems: string[];
}

export const CONFIRM_TIMEOUT = 4;
export const GUARDED = ['--confirm-timeout', `${CONFIRM_TIMEOUT}s`];

/** Seconds that `extend` leaves. */
export const EXTENDED = 5;
export const MANUAL = ['--confirm=manual'];

/** Beyond the run and its confirm time-out, for a machine that has other work too; seconds. */
const SLACK = 15;

/** The file of a play; written once, since others may be reading it. */
export function playbook(folder: Folder, play: PlayName): string {
  const name = `${play}.yml`;
  const path = join(folder.path, name);
  return existsSync(path) ? path : folder.write(name, [{ name: play, hosts: 'all', tasks: PLAYS[play] }]);
}

/**
 * Tells a run's hosts from a machine that knows nothing of the run; `extend` leaves them some seconds more. One host
 * after another, as it is with more of them than `--forks`: what two say at once then meets on the way.
 */
export function startTelling(
  lab: Lab,
  command: TrialCommand,
  run: string,
  limit: string,
  folder: Folder,
): Controller {
  const words = [command, run, ...(command === 'extend' ? [`${EXTENDED}s`] : [])];
  const args = [...words, '-i', lab.inside, '-l', limit, '-f', '1', '--json'];
  return startController(lab, args, { env: { XDG_STATE_HOME: folder.path } });
}

/** Waits until nothing is left of any run; returns what still is when the time is over. */
export async function settle(
  lab: Lab,
  host: string,
  baseline: ReadonlySet<string>,
  seconds: number,
  sessions: 'count' | 'ignore' = 'count',
): Promise<string[]> {
  const deadline = performance.now() + seconds * 1000;
  for (;;) {
    const left = straysOf(lab, host, baseline, sessions);
    if (left.length === 0 || performance.now() > deadline) return left;
    await sleep(100);
  }
}

/** Whether the host lets somebody in; what ssh said where it does not. */
export async function unreachable(lab: Lab, host: string): Promise<string | undefined> {
  const argv = ['ssh', '-F', lab.sshConfig, '-o', 'ConnectTimeout=5', '-o', 'BatchMode=yes', host, 'true'];
  const { code, stderr } = await runCommand(argv);
  return code === 0 ? undefined : `ssh ended with ${code}: ${stderr.trim()}`;
}

/** How a play changes a host, by lines without the host's number: what it does where nothing breaks. */
export class Reference {
  readonly #changes = new Map<PlayName, string>();

  learn(play: PlayName, host: FaultHost, before: string, after: string): void {
    this.#changes.set(play, changeOf(host, before, after));
  }

  /** What tells a change of a host from that of its play; nothing where the host is as the play leaves one. */
  distance(play: PlayName, host: FaultHost, before: string, now: string): string[] {
    const known = this.#changes.get(play);
    const seen = changeOf(host, before, now);
    return known === undefined ? [`${play} was not learnt`, ...seen.split('\n')] : stateDiff(known, seen);
  }
}

function changeOf({ number }: FaultHost, before: string, after: string): string {
  return stateDiff(withoutNumber(before, number), withoutNumber(after, number)).sort().join('\n');
}

/** What a play does to a host where nothing breaks, learnt on a host of its own. */
export async function learn(
  reference: Reference,
  lab: Lab,
  folder: Folder,
  host: FaultHost,
  play: PlayName,
): Promise<void> {
  const before = await wholeState(lab, host.name);
  const ended = await startRun(lab, playbook(folder, play), host.name, GUARDED).ended;
  if (ended.code !== 0) throw new Error(`${play} alone: ${wordsOf(ended, host.name)}`);
  reference.learn(play, host, before, await wholeState(lab, host.name));
}

/** Where a host is now, and how it differs from the nearer end where it is at neither. */
export function whereabouts(
  reference: Reference,
  play: PlayName,
  host: FaultHost,
  before: string,
  now: string,
): { ended: CaseResult['ended']; differences: string[] } {
  if (now === before) return { ended: 'before', differences: [] };
  const toAfter = reference.distance(play, host, before, now);
  if (toAfter.length === 0) return { ended: 'after', differences: [] };
  const toBefore = stateDiff(before, now);
  const nearer =
    toBefore.length <= toAfter.length
      ? toBefore.map((line) => `from before: ${line}`)
      : toAfter.map((line) => `from after: ${line}`);
  return { ended: 'between', differences: nearer };
}

export async function runCase(
  { lab, folder, reference }: { lab: Lab; folder: Folder; reference: Reference },
  host: FaultHost,
  one: FaultCase,
): Promise<CaseResult> {
  const { name } = host;
  const baseline = baselineOf(lab, name);
  const before = await wholeState(lab, name);
  await one.prepare?.({ lab, host: name });
  const start = performance.now();
  const options = [...GUARDED, ...(one.manual ? MANUAL : []), ...(one.options ?? [])];
  const surroundings = { terminal: one.manual ?? false };
  const run = startRun(lab, playbook(folder, one.play), name, options, surroundings);
  const others: Controller[] = [];
  const told: (TrialStatus | undefined)[] = [];
  const stage: Stage = {
    lab,
    host: name,
    run,
    another(play, ...options) {
      const other = startRun(lab, playbook(folder, play), name, [...GUARDED, ...options]);
      others.push(other);
      return other;
    },
    async tell(command) {
      const ended = await startTelling(lab, command, await run.name, name, folder).ended;
      told.push(answersOf(ended)[0]?.status);
    },
  };
  await one.fault?.(stage);
  const ended = await run.ended;
  const further = await Promise.all(others.map((other) => other.ended));
  if (one.mendFirst) await one.mend?.(stage);
  const sessions = one.cut ? 'ignore' : 'count';
  const first = await settle(lab, name, baseline, CONFIRM_TIMEOUT + SLACK, sessions);
  const settled = (performance.now() - start) / 1000;
  if (!one.mendFirst) await one.mend?.(stage);
  const left = await settle(lab, name, baseline, SLACK, sessions);
  const now = await wholeState(lab, name);
  const { ended: where, differences } = whereabouts(reference, one.play, host, before, now);
  const said = endOf(ended, name)?.status ?? '-';
  const problems = [
    ...further.flatMap((other) => anotherProblems(one, other, name)),
    ...(one.told === undefined || isDeepStrictEqual(one.told, told)
      ? []
      : [`told, it said ${told.join(', ')}`]),
    ...(one.says === undefined || one.says === said ? [] : [`the run said ${wordsOf(ended, name)}`]),
    ...(where === 'between' || (one.ends !== 'either' && one.ends !== where)
      ? [`ended in ${where}, not ${one.ends}: ${wordsOf(ended, name)}`, ...differences]
      : []),
    ...truthProblems(ended, name, where),
    ...first.map((stray) => `left after the time-out: ${stray}`),
    ...left.map((stray) => `left for good: ${stray}`),
    ...(await afterwards({ lab, folder, reference }, host, one, { before, now, baseline })),
  ];
  return { name: one.name, ended: where, said, settled, problems };
}

function anotherProblems({ another }: FaultCase, ended: Ended, host: string): string[] {
  const words = wordsOf(ended, host);
  const fits = another === undefined || (ended.code === another.code && another.words.test(words));
  return fits ? [] : [`another run: ${words}`];
}

/** A run that said how a host ended must have said the truth. */
export function truthProblems(ended: Ended, host: string, where: CaseResult['ended']): string[] {
  const status = endOf(ended, host)?.status;
  const fits: Readonly<Record<string, CaseResult['ended']>> = { changed: 'after', rolled_back: 'before' };
  const expected = fits[status ?? ''];
  return expected === undefined || expected === where ? [] : [`the run said ${status}, and it is ${where}`];
}

/** The host lets people in, and the next ordinary run does all that it should. */
export async function afterwards(
  { lab, folder, reference }: { lab: Lab; folder: Folder; reference: Reference },
  host: FaultHost,
  { play, next = play, cut }: Pick<FaultCase, 'play' | 'next' | 'cut'>,
  { before, now, baseline }: { before: string; now: string; baseline: ReadonlySet<string> },
): Promise<string[]> {
  const problems: string[] = [];
  const refused = await unreachable(lab, host.name);
  if (refused !== undefined) problems.push(`not reachable: ${refused}`);
  const ended = await startRun(lab, playbook(folder, next), host.name, GUARDED).ended;
  if (ended.code !== 0) problems.push(`the next run: ${wordsOf(ended, host.name)}`);
  // Another play than the case's begins where that one ended.
  const from = next === play ? before : now;
  const last = await wholeState(lab, host.name);
  const missing = reference.distance(next, host, from, last);
  problems.push(...missing.map((line) => `after the next run: ${line}`));
  const left = await settle(lab, host.name, baseline, SLACK, cut ? 'ignore' : 'count');
  return [...problems, ...left.map((stray) => `left by the next run: ${stray}`)];
}
