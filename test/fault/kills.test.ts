/**
 * The controller killed with -9 at random instants over the run, again and again on the same hosts: each host
 * is then whole in its state from before or after, with nothing left of the run, and the next run succeeds.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { StartedLab } from '../../src/lab/index.js';
import { makeFolder } from '../support/lab-runs.js';
import { truthProblems } from './support/case.js';
import { Commuters, type Way } from './support/commuters.js';
import { faultLab, numbered } from './support/lab.js';
import { random } from './support/random.js';

const KILLS = process.env.NETPLAY_TEST_ALL === '1' ? 200 : 12;
const SEED = Number(process.env.NETPLAY_SEED ?? Date.now() % 1_000_000);
const HOSTS = 6;

const folder = makeFolder();
/** Every second host is slow, so that as many instants fall into the changes as around them. */
const hosts = numbered(Array.from({ length: HOSTS }, (_, index) => (index % 2 === 0 ? {} : { slow: 0.03 })));
let lab: StartedLab;

beforeAll(async () => {
  lab = await faultLab('kills', hosts);
});
afterAll(async () => {
  await lab?.down();
  folder.remove();
});

interface Kill {
  host: string;
  play: Way;
  /** Milliseconds after the run's first event. */
  instant: number;
  /** The last phase that the controller told of. */
  phase: string;
  ended: 'before' | 'after' | 'between';
  settled: number;
  problems: string[];
}

/**
 * @param share of the run's duration that is over when it is killed
 * @returns undefined where the run was quicker than the last, and over
 */
async function killAt(commuter: Commuters, share: number): Promise<Kill | undefined> {
  const play = commuter.turn();
  const instant = share * commuter.took(play);
  const run = commuter.start(play);
  await run.begun;
  await sleep(instant);
  run.kill();
  const start = performance.now();
  const ended = await run.ended;
  if (ended.code === 0) {
    commuter.wasWhole(play, ended);
    return undefined;
  }
  const [found] = await commuter.settled(play);
  if (found === undefined) throw new Error('there is no host');
  const settled = (performance.now() - start) / 1000;
  const problems = [
    ...found.problems,
    ...truthProblems(ended, found.host, found.ended),
    ...(await commuter.goOn(play)),
  ];
  const phases = ended.events.flatMap((event) => (event.type === 'host_phase' ? [event.phase] : []));
  return { ...found, play, instant, phase: phases.at(-1) ?? 'start', settled, problems };
}

function table(kills: readonly Kill[]): string {
  const phases = [...new Set(kills.map(({ phase }) => phase))];
  const lines = phases.map((phase) => {
    const some = kills.filter((kill) => kill.phase === phase);
    const count = (ended: Kill['ended']): string => `${some.filter((kill) => kill.ended === ended).length}`;
    const longest = Math.max(...some.map(({ settled }) => settled)).toFixed(1);
    const counts = [some.length.toString(), count('before'), count('after'), count('between'), longest];
    return [phase.padEnd(9), ...counts.map((text) => text.padStart(7))].join('  ');
  });
  const held = kills.filter(({ problems }) => problems.length === 0).length;
  return [
    'killed in    kills   before    after  between  settled within s',
    ...lines,
    `${held} of ${kills.length} kills as promised (seed ${SEED})`,
  ].join('\n');
}

test(
  `${KILLS} kills at random instants`,
  async () => {
    const next = random(SEED);
    // One instant in each slice of the run: none of it is left out by chance.
    const shares = Array.from({ length: KILLS }, (_, index) => (index + next()) / KILLS);
    const shuffled = shares.map((share) => ({ share, at: next() })).sort((a, b) => a.at - b.at);
    const kills: Kill[] = [];
    const commuters = hosts.map((host) => new Commuters(lab, folder, [host]));
    await Promise.all(commuters.map((commuter) => commuter.warmUp()));
    const work = async (commuter: Commuters): Promise<void> => {
      for (let todo = shuffled.pop(); todo !== undefined; todo = shuffled.pop()) {
        const kill = await killAt(commuter, todo.share);
        if (kill === undefined) shuffled.push(todo);
        else kills.push(kill);
      }
    };
    await Promise.all(commuters.map(work));
    process.stdout.write(`\n${table(kills)}\n`);
    expect(
      kills.filter(({ problems }) => problems.length > 0),
      `seed ${SEED}`,
    ).toEqual([]);
  },
  KILLS * 10_000,
);
