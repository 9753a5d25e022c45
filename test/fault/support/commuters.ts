/** Hosts that go to and fro between two states together, one run after another, whatever breaks on the way. */
import { expect } from 'vitest';
import type { Lab } from '../../../src/lab/index.js';
import type { Folder } from '../../support/lab-runs.js';
import { baselineOf, stateDiff, wholeState } from '../../support/whole-state.js';
import { CONFIRM_TIMEOUT, GUARDED, playbook, settle, unreachable } from './case.js';
import { type Controller, type Ended, endOf, startRun, wordsOf } from './controller.js';
import type { FaultHost } from './lab.js';

export type Way = 'much' | 'back';
const OTHER = { much: 'back', back: 'much' } as const;

/** Beyond the confirm time-out; seconds. */
const SLACK = 15;

/** Where one host is. */
export interface Whereabouts {
  host: string;
  ended: 'before' | 'after' | 'between';
  problems: string[];
}

export class Commuters {
  readonly #lab: Lab;
  readonly #folder: Folder;
  readonly #hosts: readonly FaultHost[];
  readonly #baselines: ReadonlyMap<string, ReadonlySet<string>>;
  /** What each host is like after each play. */
  readonly #states: Record<Way, Map<string, string>> = { much: new Map(), back: new Map() };
  /** Milliseconds that the last whole run took. */
  readonly #took = new Map<Way, number>();
  #next: Way = 'much';

  constructor(lab: Lab, folder: Folder, hosts: readonly FaultHost[]) {
    this.#lab = lab;
    this.#folder = folder;
    this.#hosts = hosts;
    this.#baselines = new Map(hosts.map(({ name }) => [name, baselineOf(lab, name)]));
  }

  /** Their names, for `-l`. */
  get names(): string {
    return this.#hosts.map(({ name }) => name).join(',');
  }

  /** The play that is due; the next call gives the other one. */
  turn(): Way {
    const play = this.#next;
    this.#next = OTHER[play];
    return play;
  }

  start(play: Way, ...options: readonly string[]): Controller {
    return startRun(this.#lab, playbook(this.#folder, play), this.names, [...GUARDED, ...options]);
  }

  /** Milliseconds that a run of the play takes where nothing breaks. */
  took(play: Way): number {
    return this.#took.get(play) ?? 0;
  }

  /** A run that nothing broke. */
  wasWhole(play: Way, { ms }: Ended): void {
    this.#took.set(play, ms);
  }

  /** To and fro until each play leads to the state that it led to before. */
  async warmUp(): Promise<void> {
    for (const play of ['much', 'back', 'much', 'back'] as const) await this.#whole(play);
    for (const play of ['much', 'back'] as const) {
      const known = this.#states[play];
      this.#states[play] = new Map();
      await this.#whole(play);
      for (const [host, state] of this.#states[play])
        expect(stateDiff(known.get(host) ?? '', state), `${play} on ${host}`).toEqual([]);
    }
  }

  async #whole(play: Way): Promise<void> {
    const ended = await this.start(play).ended;
    if (ended.code !== 0)
      throw new Error(`${play}: ${this.#hosts.map(({ name }) => wordsOf(ended, name)).join('\n')}`);
    this.wasWhole(play, ended);
    for (const { name } of this.#hosts) this.#states[play].set(name, await wholeState(this.#lab, name));
  }

  /** Waits until nothing is left of a broken run; says where each host is then. */
  async settled(play: Way): Promise<Whereabouts[]> {
    return Promise.all(
      this.#hosts.map(async ({ name }) => {
        const baseline = this.#baselines.get(name) ?? new Set();
        const left = await settle(this.#lab, name, baseline, CONFIRM_TIMEOUT + SLACK);
        const now = await wholeState(this.#lab, name);
        const [before, after] = [this.#states[OTHER[play]].get(name) ?? '', this.#states[play].get(name)];
        const ended = now === before ? 'before' : now === after ? 'after' : 'between';
        const problems = [
          ...(ended === 'between' ? stateDiff(before, now) : []),
          ...left.map((stray) => `left: ${stray}`),
        ];
        return { host: name, ended, problems };
      }),
    );
  }

  /** The hosts let people in, and the next ordinary run of the play leads to where it should. */
  async goOn(play: Way): Promise<string[]> {
    const refused = await Promise.all(this.#hosts.map(({ name }) => unreachable(this.#lab, name)));
    const ended = await this.start(play).ended;
    if (this.#hosts.every(({ name }) => endOf(ended, name)?.status === 'changed')) this.wasWhole(play, ended);
    const differences = await Promise.all(
      this.#hosts.map(async ({ name }) =>
        stateDiff(this.#states[play].get(name) ?? '', await wholeState(this.#lab, name)),
      ),
    );
    return [
      ...refused.flatMap((words) => (words === undefined ? [] : [`not reachable: ${words}`])),
      ...(ended.code === 0 ? [] : this.#hosts.map(({ name }) => `the next run: ${wordsOf(ended, name)}`)),
      ...differences.flat().map((line) => `after the next run: ${line}`),
    ];
  }
}
