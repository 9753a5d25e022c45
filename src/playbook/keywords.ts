/** Ansible's words for plays and tasks: those that netplay has, and those that it knows of but lacks yet. */

/** Keywords that plays and tasks share. */
const SHARED = [
  'name',
  'vars',
  'become',
  'become_user',
  'connection',
  'remote_user',
  'ignore_errors',
  'tags',
];

export const PLAY_KEYWORDS: readonly string[] = [
  'hosts',
  'tasks',
  ...SHARED,
  'gather_facts',
  'serial',
  'transaction',
  'probes',
  'verify',
];

export const TASK_KEYWORDS: readonly string[] = ['when', 'loop', 'with_items', 'loop_control', ...SHARED];

/** Source: Ansible's reference of playbook keywords. */
const SHARED_LATER = [
  'any_errors_fatal',
  'become_exe',
  'become_flags',
  'become_method',
  'check_mode',
  'collections',
  'debugger',
  'diff',
  'environment',
  'ignore_unreachable',
  'module_defaults',
  'no_log',
  'port',
  'run_once',
  'throttle',
  'timeout',
];

const PLAY_LATER: ReadonlySet<string> = new Set([
  ...SHARED_LATER,
  'fact_path',
  'force_handlers',
  'gather_subset',
  'gather_timeout',
  'handlers',
  'max_fail_percentage',
  'order',
  'post_tasks',
  'pre_tasks',
  'roles',
  'strategy',
  'vars_files',
  'vars_prompt',
  'when',
]);

const TASK_LATER: ReadonlySet<string> = new Set([
  ...SHARED_LATER,
  'action',
  'always',
  'args',
  'async',
  'block',
  'changed_when',
  'delay',
  'delegate_facts',
  'delegate_to',
  'failed_when',
  'listen',
  'local_action',
  'notify',
  'poll',
  'register',
  'rescue',
  'retries',
  'until',
]);

/** Modules of Ansible that stand in many playbooks and that no resource replaces yet. */
const ACTIONS_LATER: ReadonlySet<string> = new Set([
  'apt',
  'assert',
  'blockinfile',
  'command',
  'copy',
  'debug',
  'dnf',
  'fail',
  'fetch',
  'file',
  'group',
  'hostname',
  'import_role',
  'import_tasks',
  'include_role',
  'include_tasks',
  'include_vars',
  'iptables',
  'lineinfile',
  'meta',
  'modprobe',
  'nmcli',
  'package',
  'pause',
  'ping',
  'raw',
  'reboot',
  'script',
  'service',
  'set_fact',
  'setup',
  'shell',
  'slurp',
  'stat',
  'systemd',
  'systemd_service',
  'template',
  'uri',
  'user',
  'wait_for',
  'wait_for_connection',
  'yum',
]);

/** Ansible's full name of a built-in, cut to its last word. */
function shortName(key: string): string {
  return key.replace(/^ansible\.(builtin|legacy)\./, '');
}

export function isLaterPlayKeyword(key: string): boolean {
  return PLAY_LATER.has(shortName(key));
}

/** Keywords, `with_…` loops and modules that a task of Ansible may have and netplay does not take yet. */
export function isLaterTaskKeyword(key: string): boolean {
  const word = shortName(key);
  return TASK_LATER.has(word) || ACTIONS_LATER.has(word) || /^with_\w+$/.test(word);
}
