/** All settings: the one place that knows their names, defaults, variables of the environment and flags. */
import { PERSIST_MODES } from '../persist/mode.js';
import {
  count,
  flag,
  oneOf,
  path,
  paths,
  type SettingKind,
  type SettingValue,
  sources,
  text,
  time,
  vaultIds,
  words,
} from './settings-kinds.js';
import { reporting } from './settings-reporting.js';

export interface Setting {
  /** In a settings file; in capitals and behind `NETPLAY_`, in the environment. Ansible's, where it has one. */
  name: string;
  kind: SettingKind;
  /** What it is for, as the help of commands shows it. */
  description: string;
  default?: SettingValue;
  /** What is said in the place of a default. */
  otherwise?: string;
  /** The flag that stands above it, as commander takes it. */
  flag?: string;
  /** Ansible's further names for that flag. */
  alsoFlag?: string;
  /** What it is called among the options of a command, where no flag tells it. */
  key?: string;
  /** Where no flag gives it: the option of the commands that take it; `inventory` where it is left out. */
  beside?: string;
  /** Ansible's variables of the environment that mean the same. netplay's own goes before them. */
  ansible?: readonly string[];
}

/** Seconds that a host waits for its confirmation, where nothing else is said. */
export const CONFIRM_TIMEOUT_S = 30;
/** Seconds that facts of a run before are good for, where nothing else is said: Ansible's own. */
export const FACT_CACHING_TIMEOUT_S = 86_400;
/** Less leaves no time for a new connection. */
export const confirmTime = time(3, ': a new connection takes its time');

const PLACES: readonly Setting[] = [
  {
    name: 'inventory',
    kind: sources,
    description: 'inventory file, folder or script, or `host1,host2,`; may be given again',
    flag: '-i, --inventory <source>',
    ansible: ['ANSIBLE_INVENTORY'],
  },
  {
    name: 'forks',
    kind: count(1),
    description: 'hosts at once',
    default: 50,
    flag: '-f, --forks <n>',
    ansible: ['ANSIBLE_FORKS'],
  },
];

const LOGIN: readonly Setting[] = [
  {
    name: 'remote_user',
    kind: text,
    description: 'log in as this user',
    otherwise: "ssh_config's, else your own",
    flag: '-u, --user <user>',
    ansible: ['ANSIBLE_REMOTE_USER'],
  },
  {
    name: 'ask_pass',
    kind: flag,
    description: 'ask for the SSH password',
    flag: '-k, --ask-pass',
    ansible: ['ANSIBLE_ASK_PASS'],
  },
  {
    name: 'connection_password_file',
    kind: path,
    description: 'file with the SSH password, or a script that prints it',
    flag: '--connection-password-file <file>',
    alsoFlag: '--conn-pass-file <file>',
    ansible: ['ANSIBLE_CONNECTION_PASSWORD_FILE'],
  },
  {
    name: 'private_key_file',
    kind: path,
    description: 'log in with this key',
    otherwise: "ssh_config's, else OpenSSH's own",
    flag: '--private-key <file>',
    alsoFlag: '--key-file <file>',
    ansible: ['ANSIBLE_PRIVATE_KEY_FILE'],
  },
  {
    name: 'connection',
    kind: text,
    description: 'how to connect: ssh or local',
    otherwise: 'ssh',
    flag: '-c, --connection <kind>',
    ansible: ['ANSIBLE_TRANSPORT'],
  },
  {
    name: 'timeout',
    kind: count(1),
    description: 'seconds to connect',
    otherwise: "ssh_config's, else 10",
    flag: '-T, --timeout <seconds>',
    ansible: ['ANSIBLE_TIMEOUT'],
  },
  {
    name: 'ssh_retries',
    kind: count(0),
    description: 'further attempts to connect',
    otherwise: '0',
    ansible: ['ANSIBLE_SSH_RETRIES'],
  },
  {
    name: 'host_key_checking',
    kind: oneOf(['true', 'false', 'accept-new']),
    description: "what to do with a host's key that is not known",
    otherwise: 'true',
    ansible: ['ANSIBLE_HOST_KEY_CHECKING'],
  },
  {
    name: 'ssh_common_args',
    kind: text,
    description: 'options of ssh, such as those of a ProxyCommand',
    flag: '--ssh-common-args <words>',
    ansible: ['ANSIBLE_SSH_COMMON_ARGS'],
  },
  {
    name: 'ssh_extra_args',
    kind: text,
    description: 'further options of ssh',
    flag: '--ssh-extra-args <words>',
    ansible: ['ANSIBLE_SSH_EXTRA_ARGS'],
  },
];

const BECOME: readonly Setting[] = [
  {
    name: 'become',
    kind: flag,
    description: 'run as root, through sudo unless another method is said',
    flag: '-b, --become',
    ansible: ['ANSIBLE_BECOME'],
  },
  {
    name: 'become_method',
    kind: text,
    description: 'how to become another user: sudo, su or doas',
    otherwise: 'sudo',
    flag: '--become-method <method>',
    ansible: ['ANSIBLE_BECOME_METHOD'],
  },
  {
    name: 'become_user',
    kind: text,
    description: 'the user to become',
    otherwise: 'root',
    flag: '--become-user <user>',
    ansible: ['ANSIBLE_BECOME_USER'],
  },
  {
    name: 'become_ask_pass',
    kind: flag,
    description: 'ask for the password of sudo or su',
    flag: '-K, --ask-become-pass',
    ansible: ['ANSIBLE_BECOME_ASK_PASS'],
  },
  {
    name: 'become_password_file',
    kind: path,
    description: 'file with the password of sudo or su, or a script that prints it',
    flag: '--become-password-file <file>',
    alsoFlag: '--become-pass-file <file>',
    ansible: ['ANSIBLE_BECOME_PASSWORD_FILE'],
  },
  {
    name: 'become_exe',
    kind: text,
    description: 'the program of that method',
    otherwise: 'sudo',
    ansible: ['ANSIBLE_BECOME_EXE'],
  },
  {
    name: 'become_flags',
    kind: text,
    description: 'further arguments of that method',
    otherwise: '-H',
    ansible: ['ANSIBLE_BECOME_FLAGS'],
  },
];

/** For commands that open vaults. What is given stands beside these, not in their place, as in Ansible. */
const VAULT: readonly Setting[] = [
  {
    name: 'vault_password_file',
    key: 'settledVaultPasswordFile',
    beside: 'vaultId',
    kind: path,
    description:
      'file with the password of encrypted files, or a script that prints it; as if it were given last',
    ansible: ['ANSIBLE_VAULT_PASSWORD_FILE'],
  },
  {
    name: 'vault_identity_list',
    beside: 'vaultId',
    kind: vaultIds,
    description: '`label@source` of passwords, as --vault-id has them; as if they were given first',
    ansible: ['ANSIBLE_VAULT_IDENTITY_LIST'],
  },
  {
    name: 'ask_vault_pass',
    beside: 'vaultId',
    kind: flag,
    description: 'ask for the password of encrypted files and values',
    flag: '-J, --ask-vault-pass',
    ansible: ['ANSIBLE_ASK_VAULT_PASS'],
  },
];

const GUARD: readonly Setting[] = [
  {
    name: 'confirm_timeout',
    kind: confirmTime,
    description: 'undo on a host what is not confirmed within this time',
    default: CONFIRM_TIMEOUT_S,
    flag: '--confirm-timeout <time>',
  },
  {
    name: 'lock_timeout',
    kind: time(0),
    description: 'wait so long for a host that another run has',
    default: 0,
    flag: '--lock-timeout <time>',
  },
  {
    name: 'persist',
    kind: oneOf(PERSIST_MODES),
    description: 'how network state survives a reboot, where neither a play nor the inventory says',
    default: 'auto',
    flag: '--persist <mode>',
  },
  {
    name: 'protect_session',
    kind: flag,
    description: 'refuse what would change the way that the SSH session itself uses',
    flag: '--protect-session',
  },
];

const PLAYING: readonly Setting[] = [
  {
    name: 'roles_path',
    beside: 'vaultId',
    kind: paths,
    description: 'folders of roles beside those of the playbook',
    ansible: ['ANSIBLE_ROLES_PATH'],
  },
  {
    name: 'tags',
    kind: words,
    description: 'only plays and tasks with one of these tags; may be given again',
    otherwise: 'all',
    flag: '-t, --tags <tags>',
    ansible: ['ANSIBLE_RUN_TAGS'],
  },
  {
    name: 'skip_tags',
    kind: words,
    description: 'no plays and tasks with one of these tags; may be given again',
    flag: '--skip-tags <tags>',
    ansible: ['ANSIBLE_SKIP_TAGS'],
  },
  {
    name: 'force_handlers',
    kind: flag,
    description: 'run the handlers that were notified on hosts that failed, too',
    flag: '--force-handlers',
    ansible: ['ANSIBLE_FORCE_HANDLERS'],
  },
  {
    name: 'task_timeout',
    kind: count(0),
    description: 'seconds that an action may take where its task has no timeout; 0: as long as it takes',
    otherwise: '0',
    flag: '--task-timeout <seconds>',
    ansible: ['ANSIBLE_TASK_TIMEOUT'],
  },
  {
    name: 'gathering',
    kind: oneOf(['implicit', 'explicit', 'smart']),
    description:
      'implicit: facts that a play uses are gathered; explicit: only where it says gather_facts; smart: kept ones will do',
    otherwise: 'implicit',
    ansible: ['ANSIBLE_GATHERING'],
  },
  {
    name: 'fact_caching_connection',
    kind: path,
    description: 'folder that keeps the facts of hosts between runs',
    otherwise: 'none are kept',
  },
  {
    name: 'fact_caching_timeout',
    kind: count(0),
    description: 'seconds that kept facts are good for; 0: for ever',
    otherwise: String(FACT_CACHING_TIMEOUT_S),
  },
  {
    name: 'diff',
    kind: flag,
    description: 'show what is changed as lines removed and added',
    flag: '-D, --diff',
    ansible: ['ANSIBLE_DIFF_ALWAYS'],
  },
  {
    name: 'verbosity',
    kind: count(0),
    description: 'show each task and the commands of each change; -vv and more show more',
    otherwise: '0',
    flag: '-v, --verbose',
    ansible: ['ANSIBLE_VERBOSITY'],
  },
];

export const settings: readonly Setting[] = [
  ...PLACES,
  ...LOGIN,
  ...BECOME,
  ...VAULT,
  ...GUARD,
  ...PLAYING,
  ...reporting,
];

/** The variables of the environment that give a setting, the first that is set before all others. */
export function variablesOf({ name, ansible = [] }: Setting): string[] {
  return [`NETPLAY_${name.toUpperCase()}`, ...ansible];
}

/** What a setting is called among the options of a command, as commander names them. */
export function keyOf({ name, key, flag: words }: Setting): string {
  if (key !== undefined) return key;
  const long = /--([\w-]+)/.exec(words ?? '')?.[1] ?? name;
  return long.replaceAll(/[-_](\w)/g, (_, letter: string) => letter.toUpperCase());
}
