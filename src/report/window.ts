/** What the live window shows: counts, a bar, and the few hosts that have been busy longest. */
import type { HostPhase, HostStatus, NetplayEvent } from '../shared/events.js';
import { printable } from './printable.js';
import type { Style } from './style.js';

/** How many busy hosts are named; the cost of a frame does not grow with the fleet. */
const NAMED = 5;
/** A host that is busy longer than this (ms) is shown as slow. */
const SLOW = 5_000;
const BAR = 24;

interface Busy {
  phase: HostPhase['phase'] | 'start';
  since: number;
}

export interface Window {
  event(event: NetplayEvent): void;
  /** The lines as they are now. */
  lines(now: number, columns: number): string[];
}

export function createWindow(style: Style): Window {
  const busy = new Map<string, Busy>();
  const ended: Record<HostStatus, number> = {
    ok: 0,
    changed: 0,
    failed: 0,
    rolled_back: 0,
    not_run: 0,
    unreachable: 0,
  };
  let play = '';
  let total = 0;
  let start = 0;
  const onEvent = (event: NetplayEvent): void => {
    if (event.type === 'play_start') {
      play = printable(event.name);
      total = event.hosts.length;
      start = event.time * 1000;
      for (const status of Object.keys(ended)) ended[status as HostStatus] = 0;
    } else if (event.type === 'host_start')
      busy.set(event.host, { phase: 'start', since: event.time * 1000 });
    else if (event.type === 'host_phase') {
      const host = busy.get(event.host);
      if (host !== undefined) host.phase = event.phase;
    } else if (event.type === 'host_end') {
      busy.delete(event.host);
      ended[event.status] += 1;
    }
  };
  const lines = (now: number, columns: number): string[] => {
    if (total === 0) return [];
    const finished = Object.values(ended).reduce((sum, number) => sum + number, 0);
    const counts = Object.entries(ended)
      .filter(([, number]) => number > 0)
      .map(([status, number]) => `${number} ${status}`);
    const seconds = `${((now - start) / 1000).toFixed(1)} s`;
    const head = `${bar(finished, total)} ${finished}/${total} hosts  ${[...counts, seconds].join(', ')}  ${play}`;
    return [cut(head, columns), ...busyLines(busy, now, columns, style)];
  };
  return { event: onEvent, lines };
}

function bar(finished: number, total: number): string {
  const full = Math.floor((finished / total) * BAR);
  return `[${'='.repeat(full)}${' '.repeat(BAR - full)}]`;
}

function busyLines(busy: ReadonlyMap<string, Busy>, now: number, columns: number, style: Style): string[] {
  const named: string[] = [];
  // Hosts stand in the order in which they began, so the first are those that take longest.
  for (const [host, { phase, since }] of busy) {
    if (named.length === NAMED) break;
    const text = cut(`  ${printable(host)}: ${phase} (${((now - since) / 1000).toFixed(1)} s)`, columns);
    named.push(now - since > SLOW ? style.yellow(text) : text);
  }
  return busy.size > NAMED ? [...named, cut(`  and ${busy.size - NAMED} more`, columns)] : named;
}

/** A line that wraps would break the redraw; some terminals wrap behind the last column. Characters that may be wide count for two columns. */
function cut(line: string, columns: number): string {
  let width = 0;
  let kept = '';
  for (const character of line) {
    width += character >= '\u1100' ? 2 : 1;
    if (width >= columns) return kept;
    kept += character;
  }
  return kept;
}
