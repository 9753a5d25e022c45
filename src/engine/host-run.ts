/** What a play on one host is given, and what comes of it. */
import type { Probe } from '../probes/probe.js';
import type { NetplayError } from '../shared/errors.js';
import type { HostPhase, HostStatus, TaskResult } from '../shared/events.js';
import type { Session } from '../transport/session.js';
import type { Author } from './entry.js';
import type { ExpandedTask } from './expand.js';

export type Phase = HostPhase['phase'];

export interface HostRun {
  host: string;
  tasks: readonly ExpandedTask[];
  /** Asked before and after the changes, beside the way out and the resolvers. */
  probes: readonly Probe[];
  /** Whether to stop before anything is applied. */
  check: boolean;
  /** Seconds that the host waits for its confirmation; null: what is made stays. */
  confirmTimeout: number | null;
  /** Seconds to wait for another run's lock. */
  lockTimeout: number;
  /** Who makes the changes, for the host's journal. */
  author: Author;
  /** What of a value must not be shown, for whoever reads that journal. */
  secretsIn?: ((value: unknown) => string[]) | undefined;
  /** Called when the host is begun. */
  begin(): void;
  /** Opens the host's session, or gives the one that an earlier play opened. */
  connect(): Promise<Session>;
  /** A new connection, which takes the place of the session's. */
  reconnect(timeoutMs: number): Promise<Session>;
  phase(phase: Phase): void;
  /** Told before anything is applied, where the plan touches the session's own way. */
  foreseen(warnings: readonly string[]): void;
  /** Told what was asked again after the changes: whether it still works, and what was seen. */
  probed?(probe: string, passed: boolean, seen: string): void;
  /** Whether such a plan is refused. */
  protectSession: boolean;
  signal: AbortSignal;
}

export interface HostOutcome {
  status: HostStatus;
  tasks: TaskResult[];
  error?: NetplayError;
  /** Seconds until the host undoes its changes, which a person has still to confirm. */
  onTrial?: number;
  ms: Partial<Record<Phase, number>>;
  roundTrips: number;
  /** Failures that a `rescue` made good. */
  rescued?: number;
  /** By `meta: clear_host_errors`: it takes part in later plays though it failed. */
  forgiven?: true;
  /** What the plan does to the session's own way; left out where that is nothing. */
  session?: readonly string[];
}
