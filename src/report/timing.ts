/** Where the time of a run went: `--timing`. */
import type { HostEnd, NetplayEvent } from '../shared/events.js';
import type { Style } from './style.js';

/** So many of the slowest are named. */
const NAMED = 10;

interface Spent {
  what: string;
  host: string;
  /** Seconds. */
  time: number;
}

export interface Timing {
  event(event: NetplayEvent): void;
  lines(style: Style): string[];
}

/**
 * What actions took is told task by task; resources are made together, so that of them only the whole is known. A task's
 * time begins where its host ended the one before, so with `strategy: linear` it holds the wait for other hosts.
 */
export function createTiming(): Timing {
  const since = new Map<string, number>();
  const tasks: Spent[] = [];
  const ends: HostEnd[] = [];
  const plays: { name: string; start: number; end: number }[] = [];
  const event = (one: NetplayEvent): void => {
    const play = plays.at(-1);
    if (one.type === 'play_start') plays.push({ name: one.name, start: one.time, end: one.time });
    else if (play !== undefined) play.end = one.time;
    if (one.type === 'host_start') since.set(one.host, one.time);
    if (one.type === 'host_end') ends.push(one);
    if (one.type !== 'task_end') return;
    tasks.push({ what: one.task.name, host: one.host, time: one.time - (since.get(one.host) ?? one.time) });
    since.set(one.host, one.time);
  };
  const lines = (style: Style): string[] => [
    '',
    style.bold('TIMING'),
    ...section(
      'plays',
      plays.map(({ name, start, end }) => row(end - start, name)),
    ),
    ...section(
      'slowest tasks',
      slowest(tasks).map(({ what, host, time }) => row(time, `${what}  ${host}`)),
    ),
    ...section(
      'slowest hosts',
      slowest(ends.map(hostTime)).map(({ what, host, time }) => row(time, `${host}  ${what}`)),
    ),
  ];
  return { event, lines };
}

function hostTime({ host, ms, roundTrips }: HostEnd): Spent {
  const phases = Object.entries(ms).map(([phase, time]) => `${phase} ${(time / 1000).toFixed(2)}`);
  const time = Object.values(ms).reduce((sum, one) => sum + one, 0) / 1000;
  return {
    host,
    time,
    what: [...phases, `${roundTrips} round trip${roundTrips === 1 ? '' : 's'}`].join(', '),
  };
}

function slowest(all: readonly Spent[]): Spent[] {
  return all.toSorted((a, b) => b.time - a.time).slice(0, NAMED);
}

function row(seconds: number, words: string): string {
  return `    ${seconds.toFixed(2).padStart(8)} s  ${words}`;
}

function section(title: string, rows: readonly string[]): string[] {
  return rows.length === 0 ? [] : [`  ${title}`, ...rows];
}
