/**
 * What happens in a run, as data: the engine emits these, and the screen, `--json` and the run's file
 * are readers of them. Append-only: a new field is fine, a changed meaning takes a new `v`.
 */
import type { Change } from './change.js';
import type { ErrorCode } from './errors.js';
import type { Place } from './place.js';

export const EVENTS_VERSION = 1;

/** `unknown`: in check mode, what nobody can tell before it is done. */
export type TaskStatus =
  | 'ok'
  | 'changed'
  | 'skipped'
  | 'failed'
  | 'ignored'
  | 'not-run'
  | 'undone'
  | 'unknown';
/**
 * `rolled_back`: changes were made, or begun, and all of them undone. `not_run`: nothing was changed, since
 * another host of the same transaction failed.
 */
export type HostStatus = 'ok' | 'changed' | 'failed' | 'rolled_back' | 'not_run' | 'unreachable';

/** A change as it is reported: its steps as the command lines that they stand for. */
export interface ReportedChange extends Pick<Change, 'resource' | 'address' | 'before' | 'after'> {
  /** `run`: a command that changed something, nobody knows what. */
  action: Change['action'] | 'run';
  commands: readonly string[];
}

export interface ReportedError {
  code: ErrorCode;
  message: string;
  hint?: string;
  place?: Place;
  task?: string;
}

/** What a task did, or would do, on one host. With a loop or a plural resource: all its items together. */
export interface TaskResult {
  /** Position in the play, from 0. */
  index: number;
  name: string;
  status: TaskStatus;
  changes: readonly ReportedChange[];
  /** What was made and then taken back, since something failed or nobody could confirm it. */
  undone?: readonly ReportedChange[];
  /** Why nothing changed or why it was skipped, where there is something to say. */
  reason?: string;
  /** The plain tasks that an intent stands for on this host, each by its resource. */
  parts?: readonly Readonly<Record<string, unknown>>[];
  warnings: readonly string[];
  errors: readonly ReportedError[];
  /** It failed, and a `rescue` made that good. */
  rescued?: true;
  /** Where it stands: `site.yml:7:5`. */
  path?: string;
  /** Of a task that is no resource's: `command`. */
  action?: string;
  /** What such a task gave, under Ansible's names. */
  result?: Readonly<Record<string, unknown>>;
}

/** Ansible's recap fields. `ok` counts changed tasks too, as Ansible's does. */
export interface Recap {
  ok: number;
  changed: number;
  unreachable: number;
  failed: number;
  skipped: number;
  rescued: number;
  ignored: number;
  /** Only where it is not 0: how many plays of the host were undone. Not one of Ansible's fields. */
  rolled_back?: number;
  /** Only where it is not 0: tasks of which a check can't tell what they would do. Not one of Ansible's fields. */
  unknown?: number;
}

/** A fact that every event carries: seconds since 1970, with milliseconds. */
interface Timed {
  time: number;
}

export interface RunStart extends Timed {
  type: 'run_start';
  v: typeof EVENTS_VERSION;
  run: string;
  netplay: string;
  /** The command line, with values that may be secret left out. */
  args: readonly string[];
  playbook: string;
  inventory: readonly string[];
  /** SHA-256 of each file that was read. */
  digests: Readonly<Record<string, string>>;
  gitCommit: string | null;
  user: string;
  check: boolean;
  diff: boolean;
  /** Hosts of all plays together. */
  hosts: number;
  /** By host: how many plays it takes part in. What an interrupted run has left is told by it. */
  plays?: Readonly<Record<string, number>>;
}

export interface PlayStart extends Timed {
  type: 'play_start';
  /** Position in the playbook, from 0. */
  play: number;
  name: string;
  hosts: readonly string[];
  tasks: number;
}

export interface HostStart extends Timed {
  type: 'host_start';
  play: number;
  host: string;
}

/** Where a host is now, for the live display. */
export interface HostPhase extends Timed {
  type: 'host_phase';
  play: number;
  host: string;
  phase: 'connect' | 'read' | 'plan' | 'apply' | 'reconnect' | 'verify' | 'confirm' | 'undo';
}

/** What a plan does to the session's own way to the host, as soon as it is known and before anything is applied. */
export interface HostSession extends Timed {
  type: 'host_session';
  play: number;
  host: string;
  /** What would cut the session first, then each change of something that it uses. */
  warnings: readonly string[];
}

/** A task that is no resource's is over on one host. */
export interface TaskEnd extends Timed {
  type: 'task_end';
  play: number;
  host: string;
  task: TaskResult;
}

/** A task is tried again. */
export interface TaskRetry extends Timed {
  type: 'task_retry';
  play: number;
  host: string;
  name: string;
  /** Tries that are left, this one included. */
  left: number;
}

export interface HostEnd extends Timed {
  type: 'host_end';
  play: number;
  host: string;
  status: HostStatus;
  tasks: readonly TaskResult[];
  /** Why the host as a whole failed or could not be reached. */
  error?: ReportedError;
  /** Seconds until the host undoes its changes, which a person has still to confirm. */
  onTrial?: number;
  /** Failures that a `rescue` made good. */
  rescued?: number;
  /** Milliseconds by phase. */
  ms: Readonly<Partial<Record<HostPhase['phase'], number>>>;
  roundTrips: number;
  /** As `host_session` told; left out where the plan leaves the session's own way alone. */
  session?: readonly string[];
}

/** What one probe came to after the changes, asked from one host: of `probes`, of `verify`, or the way out. */
export interface ProbeAnswered extends Timed {
  type: 'probe';
  play: number;
  /** Who asked. */
  host: string;
  /** Its name, or what it asks. */
  probe: string;
  passed: boolean;
  /** What was seen, or why it could not be asked. */
  seen: string;
}

/** Changes wait for a person to say yes. */
export interface Trial extends Timed {
  type: 'trial';
  play: number;
  /** Names the run to `netplay confirm`. */
  run: string;
  hosts: readonly Pick<HostEnd, 'host' | 'tasks'>[];
}

export interface PlayEnd extends Timed {
  type: 'play_end';
  play: number;
}

export interface RunEnd extends Timed {
  type: 'run_end';
  recap: Readonly<Record<string, Recap>>;
  exitCode: number;
  /** Milliseconds. */
  ms: number;
}

export type NetplayEvent =
  | RunStart
  | PlayStart
  | HostStart
  | HostPhase
  | HostSession
  | TaskEnd
  | TaskRetry
  | HostEnd
  | ProbeAnswered
  | Trial
  | PlayEnd
  | RunEnd;

/** Listens to a run. `close` is awaited at the end, so that files are whole. */
export interface Reporter {
  event(event: NetplayEvent): void;
  close(): Promise<void>;
}
