/** Ansible's keywords, and netplay's own: where each may stand and what it says. Source: ansible-core's `playbook/`. */
import { PERSIST_MODES } from '../persist/mode.js';
import type { Keywords } from './model.js';

/** What a keyword's value may be. */
export type KeywordKind = 'flag' | 'text' | 'number' | 'layers';

/** A keyword that plays, roles and blocks hand down to their tasks. */
export interface Inheritable {
  word: string;
  property: keyof Keywords;
  kind: KeywordKind;
  says: string;
  /** The words that it takes, where it takes no others. */
  values?: readonly string[];
  /** True where a play can't have it. */
  notOfPlays?: true;
}

/** Ansible's words for when its debugger is opened. */
export const DEBUGGER_WORDS = ['always', 'never', 'on_failed', 'on_unreachable', 'on_skipped'] as const;

export const INHERITABLE: readonly Inheritable[] = [
  { word: 'become', property: 'become', kind: 'flag', says: 'Whether to work as another user.' },
  {
    word: 'become_user',
    property: 'becomeUser',
    kind: 'text',
    says: 'The user to become; root where it is left out.',
  },
  {
    word: 'become_method',
    property: 'becomeMethod',
    kind: 'text',
    says: 'How: sudo, which it is where it is left out, su or doas.',
  },
  { word: 'become_flags', property: 'becomeFlags', kind: 'text', says: 'Options of that method.' },
  { word: 'become_exe', property: 'becomeExe', kind: 'text', says: 'The program of that method.' },
  { word: 'connection', property: 'connection', kind: 'text', says: 'ssh or local.' },
  { word: 'remote_user', property: 'remoteUser', kind: 'text', says: 'Who logs in.' },
  { word: 'port', property: 'port', kind: 'number', says: 'The port of the SSH server.' },
  {
    word: 'ignore_errors',
    property: 'ignoreErrors',
    kind: 'flag',
    says: 'Go on with the host though a task of it fails.',
  },
  {
    word: 'ignore_unreachable',
    property: 'ignoreUnreachable',
    kind: 'flag',
    says: 'Go on with the host though it can not be reached.',
  },
  {
    word: 'any_errors_fatal',
    property: 'anyErrorsFatal',
    kind: 'flag',
    says: 'Where one host fails, end the play for all.',
  },
  {
    word: 'check_mode',
    property: 'checkMode',
    kind: 'flag',
    says: 'true: only tell what would change; false: change even where a run only checks.',
  },
  { word: 'diff', property: 'diff', kind: 'flag', says: 'Whether to show what changes within files.' },
  {
    word: 'no_log',
    property: 'noLog',
    kind: 'flag',
    says: 'Show nothing of the results: they hold secrets.',
  },
  {
    word: 'run_once',
    property: 'runOnce',
    kind: 'flag',
    says: 'Only on the first host of a batch; all have its result.',
  },
  { word: 'throttle', property: 'throttle', kind: 'number', says: 'How many hosts at a time.' },
  { word: 'timeout', property: 'timeout', kind: 'number', says: 'Seconds that a task may take.' },
  {
    word: 'delegate_to',
    property: 'delegateTo',
    kind: 'text',
    says: 'Another host that the task is done on.',
    notOfPlays: true,
  },
  {
    word: 'delegate_facts',
    property: 'delegateFacts',
    kind: 'flag',
    says: "Facts that are found are the other host's.",
    notOfPlays: true,
  },
  {
    word: 'debugger',
    property: 'debugger',
    kind: 'text',
    says: 'When a person at the terminal is asked about a task that was done.',
    values: DEBUGGER_WORDS,
  },
  {
    word: 'persist',
    property: 'persist',
    kind: 'text',
    says: 'How network state survives a reboot.',
    values: PERSIST_MODES,
  },
  {
    word: 'environment',
    property: 'environment',
    kind: 'layers',
    says: 'Environment variables for what the actions run, by name.',
  },
  {
    word: 'module_defaults',
    property: 'moduleDefaults',
    kind: 'layers',
    says: 'By action, the parameters that it has where a task gives none.',
  },
];

/** Taken and without effect. */
const IGNORED = ['collections'];

const INHERITED = INHERITABLE.map(({ word }) => word);

/** Keywords of all that stands in a play. */
const SHARED = ['name', 'vars', 'tags', ...IGNORED, ...INHERITED];

/** The sections of a play that hold tasks, in the order in which they run; roles come before `tasks`. */
export const SECTIONS = ['pre_tasks', 'tasks', 'post_tasks'] as const;

export const PLAY_KEYWORDS: readonly string[] = [
  'hosts',
  ...SECTIONS,
  'roles',
  'handlers',
  'vars_files',
  'vars_prompt',
  'gather_facts',
  'gather_subset',
  'gather_timeout',
  'fact_path',
  'force_handlers',
  'max_fail_percentage',
  'strategy',
  'order',
  'serial',
  'transaction',
  'probes',
  'verify',
  ...SHARED.filter((word) => !INHERITABLE.some((one) => one.word === word && one.notOfPlays)),
];

/** Keywords of a role beside its name; all other keys are its parameters. */
export const ROLE_KEYWORDS: readonly string[] = ['role', 'when', ...SHARED];

/** The lists of a block. */
export const BLOCK_LISTS = ['block', 'rescue', 'always'] as const;

export const BLOCK_KEYWORDS: readonly string[] = [...BLOCK_LISTS, 'when', 'notify', ...SHARED];

export const TASK_KEYWORDS: readonly string[] = [
  'when',
  'loop',
  'loop_control',
  'register',
  'until',
  'retries',
  'delay',
  'async',
  'poll',
  'changed_when',
  'failed_when',
  'notify',
  'action',
  'local_action',
  'args',
  ...SHARED,
];

/** A handler has these as well. */
export const HANDLER_KEYWORDS: readonly string[] = ['listen', ...TASK_KEYWORDS];

/** What an include may have beside it: all else is for the tasks that it brings, and stands below `apply`. */
export const INCLUDE_KEYWORDS: readonly string[] = [
  'action',
  'args',
  'collections',
  'ignore_errors',
  'loop',
  'loop_control',
  'name',
  'no_log',
  'register',
  'run_once',
  'tags',
  'timeout',
  'vars',
  'when',
  'listen',
];

/** Keywords of Ansible that netplay refuses, and what there is instead. */
const REFUSED: ReadonlyMap<string, string> = new Map([
  ['with_filetree', 'Copy the folder as a whole: copy: {src: folder/, dest: …}.'],
  ['with_ini', 'Read the file with a lookup: {{ lookup("file", path) }}.'],
]);

/** @returns what to do instead of a keyword that netplay will not have; undefined for all other words */
export function refusedKeyword(word: string): string | undefined {
  return REFUSED.get(word);
}

const PREFIX = /^ansible\.(builtin|legacy|posix)\./;

/** Ansible's long name cut to its last word: `ansible.builtin.copy` is `copy`. Others stay as they are. */
export function shortName(word: string): string {
  return word.replace(PREFIX, '');
}

export function isLongName(word: string): boolean {
  return PREFIX.test(word);
}
