import type { JsonSchema } from '../resources/resource.js';
import type { Session } from '../transport/session.js';

/** A file's content before and after, for a diff on the screen; `binary` where it is no text, or too long to show. */
export interface FileDiff {
  path: string;
  before: string | Binary;
  after: string | Binary;
  /** What stands behind `---` and `+++`; the path where they are left out. */
  beforeHeader?: string;
  afterHeader?: string;
}

/** Content that no diff shows. */
export interface Binary {
  /** Why: it holds zero bytes or no UTF-8, or it is longer than a diff may be. */
  hidden: 'binary' | 'long';
}

/** What an action gives back: what `register` sees, under Ansible's own names. */
export interface ActionResult {
  changed: boolean;
  failed?: boolean;
  /** In check mode: nobody can tell beforehand what it would do, and it was not run. */
  unknown?: boolean;
  skipped?: boolean;
  /** Words; of `debug` and its like whatever they were given. */
  msg?: unknown;
  diff?: readonly FileDiff[];
  warnings?: readonly string[];
  [key: string]: unknown;
}

/** What an action may use of its host and of the controller. */
export interface ActionContext {
  session: Session;
  /** Whether the host is the machine that netplay runs on. */
  local: boolean;
  /** The host's name in the inventory. */
  host: string;
  /** Nothing may be changed: tell what would be. */
  check: boolean;
  /** Whether file contents are wanted for a diff. */
  diff: boolean;
  /** The task's `environment`: for what the action runs. */
  environment: Readonly<Record<string, string>>;
  signal: AbortSignal;
  /**
   * The path of a file or folder of the controller: of the role's `files/` or `templates/`, then of the playbook's.
   * @throws NetplayError that names where it looked
   */
  findFile(name: string, kind: 'files' | 'templates'): string;
  /** An absolute path on the controller for a result (`fetch`); a relative one starts at the playbook's folder. */
  controllerPath(path: string): string;
  /** The text of a template with the task's variables. @throws NetplayError with the template's place */
  renderFile(text: string, file: string, options?: TemplateOptions): string;
  /** A new session once the host is back (reboot, wait_for_connection). @throws NetplayError where it stays away */
  reconnect(timeoutMs: number): Promise<Session>;
  /** What a file that `ansible-vault` has encrypted holds; any other's content as it is. */
  decrypt(content: Buffer, file: string): Buffer;
  /** The random word by which a script's own lines are told from what a user's command prints; made where it is left out. */
  mark?: string;
  /** Set where the script has run already (`async`) and its answer is read: files of the controller may be gone. */
  answered?: true;
}

/** How a template file is read, where it is not Ansible's default. */
export interface TemplateOptions {
  /** Default true. */
  trimBlocks?: boolean;
  /** Default false. */
  lstripBlocks?: boolean;
}

/** One thing that a task can do on a host, as a value. */
export interface Action<Params> {
  /** The key in a playbook: `command`. */
  name: string;
  /** Further keys for the same action: `yum` for `dnf`. */
  aliases?: readonly string[];
  summary: string;
  /** Its properties with their descriptions are what users read. */
  schema: JsonSchema;
  /** Whole tasks that work as they stand, for the documentation and as tests of the schema. */
  examples: readonly Readonly<Record<string, unknown>>[];
  /** Other names of parameters, with the one that they stand for: `dest` for `path`. */
  parameterAliases?: Readonly<Record<string, string>>;
  /** The parameter that free text stands for: `command: ls -l creates=/x`. Others take `k=v k2=v2` alone. */
  freeForm?: string;
  /**
   * What check mode can tell: `predicts` says what would change; `unknown` can not, and runs nothing;
   * `runs` only reads, and so is run.
   */
  check: 'predicts' | 'unknown' | 'runs';
  /** Whether it can run in the background (`async`): it is one frame, whose answer its parameters suffice to read. */
  background?: true;
  /** What no schema can say of the parameters: a sentence, and the parameter that it is about. */
  contradiction?(params: Params): { path: (string | number)[]; message: string } | undefined;
  /**
   * Carries it out, or tells what it would do where `context.check` is set. What goes wrong on the host is a
   * result with `failed`.
   * @throws NetplayError `lost`, `timeout`, `interrupted`, and for what is wrong on the controller
   */
  run(params: Params, context: ActionContext): Promise<ActionResult>;
}

/** A failed result with its reason. */
export function failure(msg: string, more: Readonly<Record<string, unknown>> = {}): ActionResult {
  return { changed: false, failed: true, msg, ...more };
}
