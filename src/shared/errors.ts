import type { Place } from './place.js';

/**
 * What kind of thing went wrong; stable, so that scripts may rely on it.
 * `usage`, `inventory`, `playbook`, `template` and `schema` are found before any host is touched.
 */
export type ErrorCode =
  | 'usage'
  | 'inventory'
  | 'playbook'
  | 'template'
  | 'schema'
  | 'unreachable'
  | 'host-key'
  | 'auth'
  | 'become'
  | 'timeout'
  | 'lost'
  | 'probe'
  | 'plan'
  | 'apply'
  /** A task failed that is no resource's. */
  | 'task'
  | 'verify'
  /** Another run has the host. */
  | 'locked'
  /** What was changed was undone. */
  | 'undo'
  | 'lab'
  | 'interrupted';

export interface ErrorDetails {
  /** What the user can do about it: one sentence. */
  hint?: string;
  place?: Place;
  host?: string;
  task?: string;
  cause?: unknown;
}

/** An error that a user can act on. A programmer's error stays a plain `Error`. */
export class NetplayError extends Error {
  readonly code: ErrorCode;
  readonly hint?: string;
  readonly place?: Place;
  readonly host?: string;
  readonly task?: string;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'NetplayError';
    this.code = code;
    if (details.hint !== undefined) this.hint = details.hint;
    if (details.place !== undefined) this.place = details.place;
    if (details.host !== undefined) this.host = details.host;
    if (details.task !== undefined) this.task = details.task;
  }
}

/** Several errors found in one go, so that a user mends all of a file's mistakes at once. */
export class NetplayErrors extends Error {
  readonly errors: readonly NetplayError[];

  constructor(errors: readonly NetplayError[]) {
    super(errors.map((error) => error.message).join('\n'));
    this.name = 'NetplayErrors';
    this.errors = errors;
  }
}

/** Throws the only error as it is, several as one `NetplayErrors`, and nothing where there is none. */
export function throwAll(errors: readonly NetplayError[]): void {
  const [first] = errors;
  if (first === undefined) return;
  throw errors.length === 1 ? first : new NetplayErrors(errors);
}
