/** `netplay drift`: a line a host, from what a check found. */
import type { HostEnd, NetplayEvent, ReportedChange, Reporter } from '../shared/events.js';
import { printable } from './printable.js';
import type { Style } from './style.js';

export interface HostDrift {
  host: string;
  status: 'ok' | 'drift' | 'failed' | 'unreachable';
  /** What is not as the playbooks have it; equal things of several plays once. */
  drift: readonly Pick<ReportedChange, 'resource' | 'address' | 'before' | 'after'>[];
  /** What a check warns of: that something will not be there after a reboot. */
  warnings?: readonly string[];
  /** Why it could not be told. */
  error?: string;
}

/** Collects what the plays of a check find, host by host. */
export class DriftCollector implements Reporter {
  readonly #hosts = new Map<string, HostDrift>();

  /** In the order in which the hosts are named by the plays. */
  get hosts(): HostDrift[] {
    return [...this.#hosts.values()];
  }

  event(event: NetplayEvent): void {
    if (event.type === 'play_start')
      for (const host of event.hosts) this.#add({ host, status: 'ok', drift: [] });
    if (event.type === 'host_end') this.#add(driftOf(event));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #add(found: HostDrift): void {
    const known = this.#hosts.get(found.host);
    this.#hosts.set(found.host, known === undefined ? found : merged(known, found));
  }
}

const WORST = ['ok', 'drift', 'failed', 'unreachable'] as const;

function merged(one: HostDrift, other: HostDrift): HostDrift {
  const status = WORST.indexOf(one.status) > WORST.indexOf(other.status) ? one.status : other.status;
  const known = new Set(one.drift.map(driftKey));
  const error = one.error ?? other.error;
  const warnings = new Set([...(one.warnings ?? []), ...(other.warnings ?? [])]);
  return {
    host: one.host,
    status,
    drift: [...one.drift, ...other.drift.filter((each) => !known.has(driftKey(each)))],
    ...(warnings.size > 0 && { warnings: [...warnings] }),
    ...(error !== undefined && { error }),
  };
}

/** What tells one drift from another: one that is worse than before is a new one. */
export function driftKey({ address, before, after }: HostDrift['drift'][number]): string {
  return JSON.stringify([address, before, after]);
}

export function isDriftKey(key: string): boolean {
  try {
    const read: unknown = JSON.parse(key);
    return (
      Array.isArray(read) &&
      read.length === 3 &&
      typeof read[0] === 'string' &&
      read.slice(1).every((value) => value === null || typeof value === 'string')
    );
  } catch {
    return false;
  }
}

function driftOf({ host, status, tasks, error }: HostEnd): HostDrift {
  const all = [...new Set(tasks.flatMap((task) => task.warnings))];
  const warnings = all.length > 0 && { warnings: all };
  const drift = tasks.flatMap((task) =>
    task.status === 'changed'
      ? task.changes.length > 0
        ? task.changes.map(({ resource, address, before, after }) => ({ resource, address, before, after }))
        : [{ resource: task.action ?? 'task', address: task.name, before: null, after: null }]
      : [],
  );
  if (status === 'unreachable' || status === 'failed' || status === 'rolled_back' || status === 'not_run') {
    const [first] = tasks.flatMap(({ errors }) => errors);
    const message = error?.message ?? first?.message ?? 'it failed';
    return { host, status: status === 'unreachable' ? status : 'failed', drift, ...warnings, error: message };
  }
  return { host, status: drift.length > 0 ? 'drift' : 'ok', drift, ...warnings };
}

/** A value may have lines of its own: an alias, what a program said. */
export function oneLine(text: string): string {
  return printable(text).replaceAll('\n', ' ');
}

/** How much of a host's drift one line names. */
const NAMED = 3;

/** The line of a host. @param all whether everything is named */
export function driftLine(found: HostDrift, width: number, style: Style, all: boolean): string {
  const name = printable(found.host).padEnd(width);
  if (found.status === 'ok') return `${style.green(name)}  ok`;
  if (found.status !== 'drift') return `${style.red(name)}  ${found.status}: ${oneLine(found.error ?? '')}`;
  return `${style.yellow(name)}  drift: ${driftText(found.drift, all)}`;
}

/** `route default table isp (absent, should be …)`, and what else there is. */
function driftText(drift: HostDrift['drift'], all: boolean): string {
  const named = (all ? drift : drift.slice(0, NAMED)).map(itemText);
  const rest = drift.length - named.length;
  return [...named, ...(rest > 0 ? [`and ${rest} more`] : [])].join('; ');
}

function itemText({ resource, address, before, after }: HostDrift['drift'][number]): string {
  const what = oneLine(address);
  if (resource === 'persist') return `${what} (${oneLine(before ?? 'absent')})`;
  if (before === null && after === null) return what;
  return `${what} (${before === null ? 'absent' : oneLine(before)}, should be ${after === null ? 'absent' : oneLine(after)})`;
}
