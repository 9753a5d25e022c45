/**
 * Changes that three hosts have on trial, and those who say yes, no or more time: killed with -9 at random
 * instants, too late by a moment, two at once. All three keep the changes, or none does.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { StartedLab } from '../../src/lab/index.js';
import { makeFolder } from '../support/lab-runs.js';
import { EXTENDED, MANUAL, startTelling, type TrialCommand } from './support/case.js';
import { Commuters, type Way, type Whereabouts } from './support/commuters.js';
import { answersOf, type Controller, type Ended } from './support/controller.js';
import { faultLab, numbered } from './support/lab.js';
import { random } from './support/random.js';

const TRIES = process.env.NETPLAY_TEST_ALL === '1' ? 20 : 1;
const SEED = Number(process.env.NETPLAY_SEED ?? Date.now() % 1_000_000);
const GROUPS = 4;
/** Two commands have this time, one host after another, on a machine that has other work too. */
const ON_TRIAL = [...MANUAL, '--confirm-timeout', '10s'];

const folder = makeFolder();
/** In each group one host is slow: it keeps the others waiting while all of them are confirmed. */
const hosts = numbered(
  Array.from({ length: 3 * GROUPS }, (_, index) => (index % 3 === 1 ? { slow: 0.15 } : {})),
);
let lab: StartedLab;

beforeAll(async () => {
  lab = await faultLab('trials', hosts);
});
afterAll(async () => {
  await lab?.down();
  folder.remove();
});

/** Some that are told, or killed, and their ends. @param share of the time in which it may happen that is over */
type Kind = (tell: (command: TrialCommand) => Controller, share: number) => Promise<Ended[]>;

/** Milliseconds that a command takes from its start to its end, about. */
const took: Record<TrialCommand, number> = { confirm: 1500, rollback: 1500, extend: 1000 };

function killed(command: TrialCommand): Kind {
  return async (tell, share) => {
    const start = performance.now();
    const told = tell(command);
    await sleep(share * took[command]);
    told.kill();
    const ended = await told.ended;
    if (ended.code === 0) took[command] = performance.now() - start;
    return [ended];
  };
}

/** One of them is up to half a second later than the other. */
function atOnce(one: TrialCommand, other: TrialCommand): Kind {
  return async (tell, share) => {
    const lead = (share - 0.5) * 1000;
    const [first, second] = lead < 0 ? [one, other] : [other, one];
    const begun = tell(first);
    await sleep(Math.abs(lead));
    return Promise.all([begun.ended, tell(second).ended]);
  };
}

const KINDS: Readonly<Record<string, Kind>> = {
  'confirm killed': killed('confirm'),
  'rollback killed': killed('rollback'),
  'extend killed': killed('extend'),
  'confirm as the time is up': async (tell, share) => {
    // From here on it is known when the time is up, in one host a little later than in the other.
    const extended = await tell('extend').ended;
    await sleep(EXTENDED * 1000 - took.confirm + (share - 0.7) * 2000);
    return [extended, await tell('confirm').ended];
  },
  'confirm and rollback at once': atOnce('confirm', 'rollback'),
  'confirm and confirm at once': atOnce('confirm', 'confirm'),
};

interface Try {
  kind: string;
  play: Way;
  share: number;
  ended: Whereabouts['ended'] | 'apart';
  problems: string[];
}

async function oneTry(group: Commuters, kind: string, share: number): Promise<Try> {
  const play = group.turn();
  const run = group.start(play, ...ON_TRIAL);
  const left = await run.ended;
  const name = await run.name;
  const tell = (command: TrialCommand): Controller => startTelling(lab, command, name, group.names, folder);
  const told = (await KINDS[kind]?.(tell, share)) ?? [];
  const found = await group.settled(play);
  const ends = new Set(found.map(({ ended }) => ended));
  const [ended = 'apart'] = ends.size === 1 ? ends : [];
  const problems = [
    ...(left.code === 0 ? [] : [`the run ended with ${left.code}: ${left.stderr}`]),
    ...(ended === 'apart' ? [found.map((host) => `${host.host} ${host.ended}`).join(', ')] : []),
    ...found.flatMap((host) => host.problems.map((problem) => `${host.host}: ${problem}`)),
    ...told.flatMap((one) => lies(one, found)),
    ...(await group.goOn(play)),
  ];
  return { kind, play, share, ended, problems };
}

/** What somebody was told that is not true. */
function lies(ended: Ended, found: readonly Whereabouts[]): string[] {
  return answersOf(ended).flatMap(({ host, status, reason }) => {
    const is = found.find((one) => one.host === host)?.ended;
    const said = /^confirmed/.test(status) ? 'after' : /^rolled_back/.test(status) ? 'before' : is;
    return said === is ? [] : [`${host} is ${is}, and was said to be ${status}: ${reason}`];
  });
}

function table(tries: readonly Try[]): string {
  const width = Math.max(...Object.keys(KINDS).map((kind) => kind.length));
  const ends = ['before', 'after', 'apart', 'between'] as const;
  const lines = Object.keys(KINDS).map((kind) => {
    const some = tries.filter((one) => one.kind === kind);
    const counts = ends.map((end) => some.filter(({ ended }) => ended === end).length);
    return [kind.padEnd(width), ...[some.length, ...counts].map((count) => `${count}`.padStart(7))].join(
      '  ',
    );
  });
  const whole = tries.filter(({ problems }) => problems.length === 0).length;
  const head = ['who is told'.padEnd(width), ...['tries', ...ends].map((word) => word.padStart(7))].join(
    '  ',
  );
  return [head, ...lines, `${whole} of ${tries.length} as promised (seed ${SEED})`].join('\n');
}

test(
  `${TRIES} times each`,
  async () => {
    const next = random(SEED);
    const todo = Array.from({ length: TRIES }, (_, index) =>
      Object.keys(KINDS).map((kind) => ({ kind, share: (index + next()) / TRIES })),
    ).flat();
    const tries: Try[] = [];
    const work = async (group: Commuters): Promise<void> => {
      await group.warmUp();
      for (let one = todo.pop(); one !== undefined; one = todo.pop())
        tries.push(await oneTry(group, one.kind, one.share));
    };
    const groups = Array.from(
      { length: GROUPS },
      (_, index) => new Commuters(lab, folder, hosts.slice(3 * index, 3 * index + 3)),
    );
    await Promise.all(groups.map(work));
    process.stdout.write(`\n${table(tries)}\n`);
    expect(
      tries.filter(({ problems }) => problems.length > 0),
      `seed ${SEED}`,
    ).toEqual([]);
  },
  60_000 + TRIES * 60_000,
);
