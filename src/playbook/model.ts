/**
 * What playbooks say, as the engine takes it. The loader has worked out by then what the text of the files alone
 * tells: keywords are handed down from plays and blocks to tasks, roles and imports stand in the place of their
 * names. What only a run can tell (templates, includes) is left as it is written.
 */
import type { Vars } from '../inventory/model.js';
import type { Place } from '../shared/place.js';
import type { TaskItem } from './items.js';

export interface Playbook {
  file: string;
  /** Every file that was read: `file`, and those that it imports. */
  files?: readonly string[];
  plays: readonly Play[];
  /** Reads what plays include as they run. */
  includes?: Includes;
}

/** Keywords that are handed down: a task's own stand before its blocks', those before its play's. */
export interface Keywords {
  become?: boolean | string;
  becomeUser?: string;
  becomeMethod?: string;
  becomeFlags?: string;
  becomeExe?: string;
  connection?: string;
  remoteUser?: string;
  port?: number | string;
  ignoreErrors?: boolean | string;
  ignoreUnreachable?: boolean | string;
  anyErrorsFatal?: boolean | string;
  checkMode?: boolean | string;
  diff?: boolean | string;
  noLog?: boolean | string;
  runOnce?: boolean | string;
  throttle?: number | string;
  /** Seconds. */
  timeout?: number | string;
  delegateTo?: string;
  delegateFacts?: boolean | string;
  /** When somebody at the terminal is asked about an action that was done. */
  debugger?: string;
  /** How network state survives a reboot; may hold a template. */
  persist?: string;
  /** The outermost first; later ones win, name by name. May hold templates. */
  environment?: readonly unknown[];
  /** As `environment`: by action, the parameters that it has where a task gives none; the tasks have them already. */
  moduleDefaults?: readonly unknown[];
}

export interface Play extends Keywords {
  name: string;
  /** Host pattern; may hold templates. */
  hosts: string;
  vars: Vars;
  varsFiles?: readonly VarsFile[];
  varsPrompt?: readonly VarsPrompt[];
  /** pre_tasks, roles, tasks and post_tasks in their order; a `flush` stands where handlers are due. */
  steps: readonly Step[];
  /** Of the play and of its roles, in the order in which they run. */
  handlers: readonly Task[];
  /** The roles of `roles:`, whose defaults and variables all tasks of the play see. */
  roles: readonly Role[];
  gatherFacts?: boolean | string;
  gatherSubset?: readonly string[];
  /** Seconds. */
  gatherTimeout?: number;
  factPath?: string;
  forceHandlers?: boolean | string;
  /** Percent of a batch; more failed hosts than these end the play. */
  maxFailPercentage?: number | string;
  strategy?: Strategy;
  order?: HostOrder;
  tags: readonly string[];
  /** How many hosts at a time; a template may stand in the place of any value. */
  serial?: Serial;
  /** What is undone together when one of its hosts fails; the host alone where it is left out. */
  transaction?: Transaction;
  /** Asked on each host before and after it is changed. */
  probes?: readonly ProbeItem[];
  /** Asked after the changes, before any of the transaction's hosts is confirmed. */
  verify?: readonly ProbeItem[];
  place: Place;
}

export const TRANSACTIONS = ['host', 'batch', 'play'] as const;
export type Transaction = (typeof TRANSACTIONS)[number];

export const STRATEGIES = ['linear', 'free', 'host_pinned'] as const;
export type Strategy = (typeof STRATEGIES)[number];

export const HOST_ORDERS = ['inventory', 'sorted', 'reverse_sorted', 'reverse_inventory', 'shuffle'] as const;
export type HostOrder = (typeof HOST_ORDERS)[number];

export interface Serial {
  /** As written: see `batchSizes`. */
  value: unknown;
  place: Place;
}

/** A file of variables, or several of which the first that is there is taken; paths may hold templates. */
export interface VarsFile {
  paths: readonly string[];
  place: Place;
}

/** A variable that a person is asked for as the play begins, unless the command line gives it. */
export interface VarsPrompt {
  name: string;
  prompt: string;
  default?: string;
  /** Whether what is typed is not shown; true where it is left out. */
  private: boolean;
  confirm: boolean;
  /** Whether what is typed may hold `{{`, which then is no template. */
  unsafe: boolean;
  place: Place;
}

/** A probe as it stands in a play. */
export interface ProbeItem {
  /** As the user named it; may hold templates. */
  name?: string;
  /** The probe's own name: `ping`. */
  probe: string;
  /** As written, in the short or the long form: may hold templates anywhere. */
  params: unknown;
  /** Who asks: each host of the play where it is left out. The pattern may hold templates. */
  from?: { pattern: string; place: Place };
  place: Place;
  /** The place of a path within the parameters' long form; of the nearest node above where that has none. */
  locate(path: readonly (string | number)[]): Place;
}

/** A role with what its folder says; its tasks stand among the play's. */
export interface Role {
  name: string;
  /** Its folder. */
  path: string;
  defaults: Vars;
  /** Of its own files, over the `vars` that stand beside its name where it is used. */
  vars: Vars;
  /** The further keys of `- role: x`: above facts that are set. */
  params: Vars;
  /** The role that depends on it, or whose tasks import or include it. */
  parent?: Role;
  /** Brought by a task of that one, not by what it depends on. */
  isIncluded?: true;
  /** Those that it depends on: its tasks see their defaults and variables too. */
  dependencies: readonly Role[];
  /**
   * Equal for uses of a role that differ in nothing which stands beside its name: Ansible does the tasks of the later
   * ones only where none of the first one's was done on that host, unless `allowDuplicates`.
   */
  key: string;
  allowDuplicates: boolean;
}

/** What the play does, one after another. */
export type Step = Task | Block | FlushHandlers;

/** Where handlers that were told run: behind pre_tasks, tasks and post_tasks, and at `meta: flush_handlers`. */
export interface FlushHandlers {
  kind: 'flush';
}

/** A block with `rescue` or `always`; one with neither is no step but its tasks, who have its keywords. */
export interface Block {
  kind: 'block';
  /** The user's name for it. */
  name?: string;
  block: readonly Step[];
  rescue: readonly Step[];
  always: readonly Step[];
  place: Place;
}

export type Task = ResourceTask | ActionTask | IncludeTask;

/** What all tasks have. */
export interface TaskBase extends Keywords {
  /** As the user named it, else made from the resource and its main parameter. May hold templates. */
  name: string;
  /** All must hold; those of the blocks around it first. */
  when: readonly Condition[];
  /** A list, or a template that gives one; undefined where the task has no loop. */
  loop: unknown;
  /** For `with_dict` and its like the lookup that makes the list of what `loop` holds: `dict`. */
  loopLookup?: string;
  loopControl: LoopControl;
  /** Of the blocks around it, under its own. */
  vars: Vars;
  tags: readonly string[];
  register?: string;
  until?: readonly Condition[];
  /** Seconds that it may take in the background; 0 and left out: it does not run there. */
  async?: number | string;
  /** Seconds between two looks at it; 0 leaves it alone, 15 where it is left out. */
  poll?: number | string;
  /** How often it is tried again; 3 where only `until` is given. */
  retries?: number | string;
  /** Seconds between the tries; 5 where it is left out. */
  delay?: number | string;
  changedWhen?: readonly Condition[];
  failedWhen?: readonly Condition[];
  /** Names of handlers, or what they listen to; may hold templates. */
  notify: readonly string[];
  /** Of a handler: further words that it can be told by. */
  listen: readonly string[];
  /** A template of a map, which `module_defaults` gives: what is below the task's own parameters. */
  paramDefaults?: string;
  /** The role that it is part of. */
  role?: Role;
  /** Parameters of the include that brought it: above all but the command line's. */
  includeParams?: Vars;
  place: Place;
  /** The place of a path within `params`; of the nearest node above where that path has none. */
  locate(path: readonly (string | number)[]): Place;
}

export interface ResourceTask extends TaskBase {
  kind: 'resource';
  /** The registry's singular name: `route`. */
  resource: string;
  /** The key the user wrote: `route`, `routes`. */
  key: string;
  /** True for the plural form: `params` is then a list, or a map (see Resource.mapKey), of items. */
  many: boolean;
  /** As written: may hold templates anywhere. */
  params: unknown;
  /** Their items, checked and of the right types, where there is nothing to render: the same for every host and loop item. */
  ready?: readonly TaskItem[];
}

export interface ActionTask extends TaskBase {
  kind: 'action';
  /** The short name: `command`. */
  action: string;
  /** By name, free text being the parameter that the action has for it; may hold templates. */
  params: Readonly<Record<string, unknown>>;
}

/** `include_tasks`, `include_role`: what it brings is read, and put in its place, as it is reached. */
export interface IncludeTask extends TaskBase {
  kind: 'include';
  include: 'tasks' | 'role';
  /** `file`, or of a role `name`, `tasks_from`, `vars_from`, `defaults_from`, `handlers_from`, `public`, `apply`. */
  params: Readonly<Record<string, unknown>>;
  /** The file that it stands in, from which paths are looked for. */
  from: string;
  /** What stands around it: what it brings has these keywords too, but not its own, which say what becomes of it. */
  around: Around;
  /** The `vars` that stand beside it, without those of blocks. */
  given: Vars;
}

/** What is handed down to tasks from all that they stand in. */
export interface Around {
  keywords: Keywords;
  tags: readonly string[];
  when: readonly Condition[];
  vars: Vars;
  notify: readonly string[];
  role?: Role;
  includeParams?: Vars;
  /** Includes and imports around it. */
  depth: number;
}

export interface LoopControl {
  loopVar: string;
  indexVar?: string;
  label?: string;
  /** Seconds between items. */
  pause?: number | string;
  /** The loop ends behind the item with which all of these hold. */
  breakWhen?: readonly Condition[];
  /** Whether `ansible_loop` tells more of where the loop is. */
  extended?: boolean | string;
  /** Whether `ansible_loop` holds all items too; true where it is left out. */
  extendedAllItems?: boolean | string;
}

export interface Condition {
  /** A bare Jinja expression, or a boolean as written. */
  expression: string | boolean;
  place: Place;
}

/** What an include brings. */
export interface Included {
  steps: readonly Step[];
  handlers: readonly Task[];
  /** Of `include_role`. */
  role?: Role;
  /** Roles that are imported by what it brings: the whole play sees their variables. */
  imported: readonly Role[];
}

/** Reads what a play includes as it runs. */
export interface Includes {
  /**
   * @param task the include; what it brings has what stands around it, and what its `apply` says
   * @param params its parameters without templates; those of `apply` may hold some
   * @param vars the variables that the include itself gives, with those of its loop; a block's are left out
   * @throws NetplayError | NetplayErrors `playbook`, `schema`: no such file, a circle, whatever is wrong in it
   */
  read(task: IncludeTask, params: Readonly<Record<string, unknown>>, vars: Vars): Promise<Included>;
  /** Variables of a file, for vars_files and include_vars. @throws NetplayError where it is none */
  vars(file: string, place: Place): Promise<Vars>;
}
