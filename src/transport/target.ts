/** Where a host is and how to get in, from Ansible's connection variables. */
import { isIP } from 'node:net';
import { NetplayError, throwAll } from '../shared/errors.js';
import { BECOME_METHODS, type Become, type Target } from './session.js';
import { splitWords } from './words.js';

/** Milliseconds; gives way to a ConnectTimeout of the user's ssh_config. */
export const DEFAULT_CONNECT_TIMEOUT_MS = 10_000;

/** What the command line and the play say; a host's own variables win over them, as in Ansible. */
export interface TargetDefaults {
  connection?: string;
  user?: string;
  port?: number;
  password?: string;
  privateKeyFile?: string;
  connectTimeoutMs?: number;
  retries?: number;
  hostKeyChecking?: Target['hostKeyChecking'];
  /** One line of words, as `--ssh-common-args` takes it. */
  sshCommonArgs?: string;
  sshExtraArgs?: string;
  become?: boolean;
  becomeUser?: string;
  becomeMethod?: string;
  becomePassword?: string;
  becomeFlags?: string;
  becomeExe?: string;
}

/** Ansible's names for each setting. The last one that is set wins: ansible-doc -t connection ssh, -t become sudo. */
const NAMES = {
  connection: ['ansible_connection'],
  address: ['ansible_host', 'ansible_ssh_host'],
  port: ['ansible_port', 'ansible_ssh_port'],
  user: ['ansible_user', 'ansible_ssh_user'],
  password: ['ansible_password', 'ansible_ssh_pass', 'ansible_ssh_password'],
  privateKeyFile: ['ansible_private_key_file', 'ansible_ssh_private_key_file'],
  passphrase: ['ansible_private_key_passphrase', 'ansible_ssh_private_key_passphrase'],
  commonArgs: ['ansible_ssh_common_args'],
  extraArgs: ['ansible_ssh_extra_args'],
  hostKeyChecking: ['ansible_host_key_checking', 'ansible_ssh_host_key_checking'],
  timeout: ['ansible_timeout', 'ansible_ssh_timeout'],
  retries: ['ansible_ssh_retries'],
  become: ['ansible_become'],
  becomeUser: ['ansible_become_user', 'ansible_sudo_user'],
  becomeMethod: ['ansible_become_method'],
  becomePassword: ['ansible_become_password', 'ansible_become_pass', 'ansible_sudo_pass'],
  becomeFlags: ['ansible_become_flags', 'ansible_sudo_flags'],
  becomeExe: ['ansible_become_exe', 'ansible_sudo_exe'],
} as const satisfies Record<string, readonly string[]>;

/** Secrets: their values stay out of messages. */
const SECRET = new Set<keyof typeof NAMES>(['password', 'passphrase', 'becomePassword']);

const SSH_CONNECTIONS = new Set(['ssh', 'smart', 'paramiko', 'paramiko_ssh', 'ansible.builtin.ssh']);
const LOCAL_CONNECTIONS = new Set(['local', 'ansible.builtin.local']);

/**
 * @param name the host's name in the inventory: its address where no variable gives one
 * @param vars the host's variables, free of templates
 * @throws NetplayError or NetplayErrors, code `inventory`, one for each variable that makes no sense
 */
export function targetFromVars(
  name: string,
  vars: Readonly<Record<string, unknown>>,
  defaults: TargetDefaults = {},
): Target {
  const read = new VariableReader(name, vars);
  const connection = readConnection(read, defaults);
  const sshArgs = [
    ...read.words('commonArgs', defaults.sshCommonArgs),
    ...read.words('extraArgs', defaults.sshExtraArgs),
  ];
  const target: Target = {
    name,
    connection,
    address: readAddress(read, name),
    connectTimeoutMs: read.seconds('timeout') ?? defaults.connectTimeoutMs ?? DEFAULT_CONNECT_TIMEOUT_MS,
    retries: read.integer('retries', 0, 100) ?? defaults.retries ?? 0,
    hostKeyChecking: readHostKeyChecking(read) ?? defaults.hostKeyChecking ?? 'yes',
    ...defined({
      port: read.integer('port', 1, 65_535) ?? defaults.port,
      user: read.word('user') ?? defaults.user,
      password: read.text('password') ?? defaults.password,
      privateKeyFile: read.text('privateKeyFile') ?? defaults.privateKeyFile,
      passphrase: read.text('passphrase'),
      become: readBecome(read, defaults),
      sshArgs: sshArgs.length > 0 ? sshArgs : undefined,
    }),
  };
  throwAll(read.errors);
  return target;
}

/** Reads one host's variables and gathers what is wrong with them. */
class VariableReader {
  readonly errors: NetplayError[] = [];
  /** Whose own variables are looked at: `ansible_su_user` where it is su. */
  method: Become['method'] = 'sudo';
  readonly #host: string;
  readonly #vars: Readonly<Record<string, unknown>>;

  constructor(host: string, vars: Readonly<Record<string, unknown>>) {
    this.#host = host;
    this.#vars = vars;
  }

  /** The variable that decides a setting: null counts as not set, as in Ansible. */
  find(setting: keyof typeof NAMES): { variable: string; value: unknown } | undefined {
    const names = NAMES[setting].map((name) => name.replace('ansible_sudo_', `ansible_${this.method}_`));
    const variable = names.findLast((candidate) => (this.#vars[candidate] ?? null) !== null);
    return variable === undefined ? undefined : { variable, value: this.#vars[variable] };
  }

  refuse(setting: keyof typeof NAMES, wanted: string, hint?: string): undefined {
    const found = this.find(setting);
    const value = SECRET.has(setting) ? '' : ` ${JSON.stringify(found?.value)}`;
    const message = `${found?.variable ?? NAMES[setting][0]}${value} of host ${this.#host} ${wanted}`;
    const details = { host: this.#host, ...defined({ hint }) };
    this.errors.push(new NetplayError('inventory', message, details));
    return undefined;
  }

  text(setting: keyof typeof NAMES): string | undefined {
    const value = this.find(setting)?.value;
    if (value === undefined || typeof value === 'string') return value;
    if (typeof value === 'number' || typeof value === 'bigint') return String(value);
    return this.refuse(setting, 'is not a text');
  }

  /** A text that ends up among a program's arguments: never empty, never an option, no control characters. */
  word(setting: keyof typeof NAMES): string | undefined {
    const text = this.text(setting);
    if (text === undefined) return undefined;
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    if (text === '' || text.startsWith('-') || /[\s\u0000-\u001f\u007f]/.test(text))
      return this.refuse(setting, 'is not a name');
    return text;
  }

  boolean(setting: keyof typeof NAMES, wanted = 'is neither true nor false'): boolean | undefined {
    const value = this.find(setting)?.value;
    const word = typeof value === 'string' ? value.trim().toLowerCase() : value;
    if (word === undefined) return undefined;
    if ([true, 1, 'true', 'yes', 'on', 'y', 't', '1'].some((yes) => yes === word)) return true;
    if ([false, 0, 'false', 'no', 'off', 'n', 'f', '0'].some((no) => no === word)) return false;
    return this.refuse(setting, wanted);
  }

  integer(setting: keyof typeof NAMES, least: number, most: number): number | undefined {
    const text = this.text(setting)?.trim();
    if (text === undefined) return undefined;
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    return this.refuse(setting, `is not a whole number from ${least} to ${most}`);
  }

  /** A time given in seconds, as milliseconds. */
  seconds(setting: keyof typeof NAMES): number | undefined {
    const seconds = this.integer(setting, 1, 86_400);
    return seconds === undefined ? undefined : seconds * 1000;
  }

  words(setting: keyof typeof NAMES, preset: string | undefined): string[] {
    const value = this.find(setting)?.value;
    if (Array.isArray(value) && value.every((word) => typeof word === 'string')) return value;
    const line = this.text(setting) ?? preset ?? '';
    return splitWords(line) ?? this.refuse(setting, 'has a quote that is not closed') ?? [];
  }
}

function readConnection(read: VariableReader, defaults: TargetDefaults): Target['connection'] {
  const word = read.text('connection') ?? defaults.connection ?? 'ssh';
  if (LOCAL_CONNECTIONS.has(word)) return 'local';
  if (!SSH_CONNECTIONS.has(word))
    read.refuse('connection', 'is not a connection that netplay has', 'Use ssh or local.');
  return 'ssh';
}

function readAddress(read: VariableReader, name: string): string {
  const address = read.word('address') ?? name;
  // `[2001:db8::1]` is how an inventory keeps an IPv6 address apart from a port.
  const bare = /^\[(.*)\]$/.exec(address)?.[1];
  return bare !== undefined && isIP(bare) === 6 ? bare : address;
}

function readHostKeyChecking(read: VariableReader): Target['hostKeyChecking'] | undefined {
  if (read.find('hostKeyChecking')?.value === 'accept-new') return 'accept-new';
  const checked = read.boolean('hostKeyChecking', 'is not true, false or accept-new');
  return checked === undefined ? undefined : checked ? 'yes' : 'no';
}

function readBecome(read: VariableReader, defaults: TargetDefaults): Become | undefined {
  const wanted = read.boolean('become') ?? defaults.become ?? false;
  const named = read.text('becomeMethod') ?? defaults.becomeMethod ?? 'sudo';
  const short = named.replace(/^(ansible\.builtin|community\.general)\./, '');
  const method = BECOME_METHODS.find((one) => one === short);
  if (wanted && method === undefined)
    read.refuse('becomeMethod', 'is not a method that netplay has', 'Use sudo, su or doas.');
  read.method = method ?? 'sudo';
  const flags = read.words('becomeFlags', defaults.becomeFlags);
  const become: Become = {
    method: read.method,
    user: read.word('becomeUser') ?? defaults.becomeUser ?? 'root',
    ...defined({
      password: read.text('becomePassword') ?? defaults.becomePassword,
      exe: read.word('becomeExe') ?? defaults.becomeExe,
      flags: flags.length > 0 ? flags : undefined,
    }),
  };
  return wanted ? become : undefined;
}

/** The fields that have a value. */
function defined<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
