/**
 * The controller killed with -9 at random instants over the run, again and again on the same hosts: each host
 * is then whole in its state from before or after, with nothing left of the run, and the next run succeeds.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { StartedLab } from '../../src/lab/index.js';
import { makeFolder } from '../support/lab-runs.js';
import { baselineOf, stateDiff, wholeState } from '../support/whole-state.js';
import { CONFIRM_TIMEOUT, GUARDED, playbook, settle, truthProblems, unreachable } from './support/case.js';
import { endOf, startRun, wordsOf } from './support/controller.js';
import { type FaultHost, faultLab, numbered } from './support/lab.js';

const KILLS = process.env.NETPLAY_TEST_ALL === '1' ? 200 : 24;
const SEED = Number(process.env.NETPLAY_SEED ?? Date.now() % 1_000_000);
const HOSTS = 6;
/** Beyond the confirm time-out; seconds. */
const SLACK = 15;

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

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Kill {
  host: string;
  play: Play;
  /** Milliseconds after the run's first event. */
  instant: number;
  /** The last phase that the controller told of. */
  phase: string;
  ended: 'before' | 'after' | 'between';
  settled: number;
  problems: string[];
}

type Play = 'much' | 'back';
const OTHER = { much: 'back', back: 'much' } as const;

/** A host that goes to and fro between two states, one run after another. */
class Commuter {
  readonly #host: FaultHost;
  readonly #baseline: ReadonlySet<string>;
  /** What the host is like after each play. */
  readonly #states = new Map<Play, string>();
  /** Milliseconds that the last whole run took. */
  readonly #took = new Map<Play, number>();
  #next: Play = 'much';

  constructor(host: FaultHost) {
    this.#host = host;
    this.#baseline = baselineOf(lab, host.name);
  }

  /** To and fro until each play leads to the state that it led to before. */
  async warmUp(): Promise<void> {
    for (const play of ['much', 'back', 'much', 'back'] as const) await this.#whole(play);
    for (const play of ['much', 'back'] as const) {
      const known = this.#states.get(play) ?? '';
      await this.#whole(play);
      expect(stateDiff(known, this.#states.get(play) ?? ''), `${play} on ${this.#host.name}`).toEqual([]);
    }
  }

  async #whole(play: Play): Promise<void> {
    const ended = await startRun(lab, playbook(folder, play), this.#host.name, GUARDED).ended;
    if (ended.code !== 0) throw new Error(`${play}: ${wordsOf(ended, this.#host.name)}`);
    this.#took.set(play, ended.ms);
    this.#states.set(play, await wholeState(lab, this.#host.name));
  }

  /**
   * @param share of the run's duration that is over when it is killed
   * @returns undefined where the run was quicker than the last, and over
   */
  async kill(share: number): Promise<Kill | undefined> {
    const { name: host } = this.#host;
    const play = this.#next;
    this.#next = OTHER[play];
    const [before, after] = [this.#states.get(OTHER[play]) ?? '', this.#states.get(play) ?? ''];
    const instant = share * (this.#took.get(play) ?? 0);
    const run = startRun(lab, playbook(folder, play), host, GUARDED);
    await run.begun;
    await sleep(instant);
    run.kill();
    const start = performance.now();
    const ended = await run.ended;
    if (ended.code === 0) {
      this.#took.set(play, ended.ms);
      return undefined;
    }
    const left = await settle(lab, host, this.#baseline, CONFIRM_TIMEOUT + SLACK);
    const settled = (performance.now() - start) / 1000;
    const now = await wholeState(lab, host);
    const where = now === before ? 'before' : now === after ? 'after' : 'between';
    const problems = [
      ...(where === 'between' ? stateDiff(before, now) : []),
      ...truthProblems(ended, host, where),
      ...left.map((stray) => `left: ${stray}`),
      ...(await this.#goOn(play, after)),
    ];
    const phases = ended.events.flatMap((event) => (event.type === 'host_phase' ? [event.phase] : []));
    return { host, play, instant, phase: phases.at(-1) ?? 'start', ended: where, settled, problems };
  }

  async #goOn(play: Play, after: string): Promise<string[]> {
    const refused = await unreachable(lab, this.#host.name);
    const ended = await startRun(lab, playbook(folder, play), this.#host.name, GUARDED).ended;
    if (endOf(ended, this.#host.name)?.status === 'changed') this.#took.set(play, ended.ms);
    const differences = stateDiff(after, await wholeState(lab, this.#host.name));
    return [
      ...(refused === undefined ? [] : [`not reachable: ${refused}`]),
      ...(ended.code === 0 ? [] : [`the next run: ${wordsOf(ended, this.#host.name)}`]),
      ...differences.map((line) => `after the next run: ${line}`),
    ];
  }
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
    const commuters = hosts.map((host) => new Commuter(host));
    await Promise.all(commuters.map((commuter) => commuter.warmUp()));
    const work = async (commuter: Commuter): Promise<void> => {
      for (let todo = shuffled.pop(); todo !== undefined; todo = shuffled.pop()) {
        const kill = await commuter.kill(todo.share);
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
