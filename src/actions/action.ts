/** One thing that a task does on a host that is no state to be compared as a whole: `command`, `copy`, `service`. */
import type { JsonSchema } from '../resources/resource.js';
import type { Session } from '../transport/session.js';

export interface FileDiff {
  path: string;
  before: string;
  after: string;
  beforeHeader?: string;
  afterHeader?: string;
}

/** What an action came to, under Ansible's names: what `register` keeps. */
export interface ActionResult {
  changed: boolean;
  failed?: boolean;
  skipped?: boolean;
  /** In check mode: it can't be told what it would do. */
  unknown?: boolean;
  msg?: unknown;
  diff?: readonly FileDiff[];
  [key: string]: unknown;
}

export interface ActionContext {
  session: Session;
  check: boolean;
  diff: boolean;
  environment: Readonly<Record<string, string>>;
  signal: AbortSignal;
  /** Finds a file of the controller: the role's folder, then the playbook's. @throws NetplayError naming where it looked */
  findFile(name: string, kind: 'files' | 'templates'): string;
  /** The text of a template's file with the task's variables. */
  renderFile(text: string, file: string): string;
  /** A new session after the host went away. */
  reconnect(timeoutMs: number): Promise<Session>;
  /** The content of a vaulted file; any other as it is. */
  decrypt(content: Buffer, file: string): Buffer;
}

export interface Action<Params> {
  name: string;
  aliases?: readonly string[];
  summary: string;
  schema: JsonSchema;
  examples: readonly Readonly<Record<string, unknown>>[];
  /** The parameter that free text stands for. */
  freeForm?: string;
  /** What check mode can tell; `runs`: it only reads. */
  check: 'predicts' | 'unknown' | 'runs';
  run(params: Params, context: ActionContext): Promise<ActionResult>;
}
