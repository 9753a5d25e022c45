/** What ssh_config, the ssh options of a host and its variables come to, together. */
import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { homedir, userInfo } from 'node:os';
import { join } from 'node:path';
import { NetplayError } from '../shared/errors.js';
import type { Target } from './session.js';
import { parseSshArgs, type SshArgs } from './ssh-args.js';
import { splitWords } from './words.js';

/** How to reach one server, a jump host or the host itself. */
export interface Endpoint {
  host: string;
  port: number;
  user: string;
  /** From ssh_config or -i; undefined: OpenSSH's default ones. */
  identityFiles?: readonly string[];
  identitiesOnly: boolean;
  /** The agent's socket. */
  agent?: string;
  /** `[user@]host[:port]`, in the order in which they are passed through. */
  jumps: readonly string[];
  /** With its tokens put in. */
  proxyCommand?: string;
  /** The name to look for in known_hosts. */
  hostKeyName: string;
  userKnownHosts: readonly string[];
  systemKnownHosts: readonly string[];
  checking?: Target['hostKeyChecking'];
  connectTimeoutMs?: number;
}

/** A host as it was asked for, before any configuration. */
export interface Asked {
  /** For messages. */
  label: string;
  address: string;
  user?: string;
  port?: number;
  args: SshArgs;
}

const SYSTEM_CONFIG = '/etc/ssh/ssh_config';
const SYSTEM_CONFIG_FOLDER = '/etc/ssh/ssh_config.d';

/** The keywords that make it worth a process a host to ask `ssh -G`; what distributions ship has none. */
const MATTERS =
  /^\s*(hostname|user|port|identityfile|identitiesonly|identityagent|proxyjump|proxycommand|userknownhostsfile|globalknownhostsfile|stricthostkeychecking|connecttimeout|hostkeyalias|canonicalizehostname)\b/im;

/** Resolves endpoints; asks which configuration there is once. */
export class SshConfig {
  readonly #home = homedir();
  #present: Promise<boolean> | undefined;

  /** @throws NetplayError `inventory` where ssh refuses its configuration or a value makes no sense */
  async resolve(asked: Asked): Promise<Endpoint> {
    const ask = asked.args.configFile !== undefined || (await this.#isPresent());
    const settings = ask ? await this.#askSsh(asked) : asked.args.settings;
    return endpoint(asked, settings, this.#home);
  }

  /** Whether any configuration that netplay acts upon is there. */
  #isPresent(): Promise<boolean> {
    this.#present ??= (async () => {
      const included = await readdir(SYSTEM_CONFIG_FOLDER).catch(() => []);
      const files = [
        join(this.#home, '.ssh/config'),
        SYSTEM_CONFIG,
        ...included.map((name) => join(SYSTEM_CONFIG_FOLDER, name)),
      ];
      const texts = await Promise.all(files.map((file) => readFile(file, 'utf8').catch(() => '')));
      // A file may include others: the user's own always counts where it says anything.
      return /^\s*include\b/im.test(texts[0] ?? '') || texts.some((text) => MATTERS.test(text));
    })();
    return this.#present;
  }

  async #askSsh(asked: Asked): Promise<SshArgs['settings']> {
    const { args } = asked;
    const options = [
      ...(args.configFile === undefined ? [] : ['-F', expandHome(args.configFile, this.#home)]),
      ...(asked.user === undefined ? [] : ['-l', asked.user]),
      ...(asked.port === undefined ? [] : ['-p', String(asked.port)]),
      ...args.settings.flatMap(([keyword, value]) => ['-o', `${keyword}=${value}`]),
    ];
    const output = await runSsh(['-G', ...options, '--', asked.address]).catch(
      (error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return undefined;
        const reason = error.message.split('\n').slice(1).join(' ').trim();
        throw invalid(asked, `ssh refuses its configuration: ${reason}`);
      },
    );
    return output === undefined ? args.settings : parseSettings(output);
  }
}

function runSsh(args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile('ssh', args, { timeout: 10_000 }, (error, stdout) =>
      error === null ? resolve(stdout) : reject(error),
    );
  });
}

/** The output of `ssh -G`: a keyword and its value a line. */
export function parseSettings(output: string): [string, string][] {
  return output.split('\n').flatMap((line): [string, string][] => {
    const space = line.indexOf(' ');
    return space < 1 ? [] : [[line.slice(0, space).toLowerCase(), line.slice(space + 1).trim()]];
  });
}

/**
 * Puts settings together; what was asked for (Ansible's variables) wins over them.
 * @throws NetplayError `inventory`
 */
export function endpoint(asked: Asked, settings: SshArgs['settings'], home: string): Endpoint {
  const first = (keyword: string): string | undefined => {
    const value = settings.find(([name]) => name === keyword)?.[1];
    return value === undefined || value.toLowerCase() === 'none' ? undefined : value;
  };
  const host = (first('hostname') ?? asked.address).replaceAll('%h', asked.address);
  const port = asked.port ?? portOf(asked, first('port'));
  const user = asked.user ?? first('user') ?? userInfo().username;
  const expand = (text: string): string =>
    expandHome(
      expandTokens(text, {
        h: host,
        n: asked.address,
        p: String(port),
        r: user,
        u: userInfo().username,
        d: home,
      }),
      home,
    );
  const files = (keyword: string): string[] => (splitWords(first(keyword) ?? '') ?? []).map(expand);
  const identities = settings.filter(([name, value]) => name === 'identityfile' && value !== 'none');
  const agent = first('identityagent') ?? 'SSH_AUTH_SOCK';
  const command = first('proxycommand');
  const optional = {
    identityFiles: identities.length > 0 ? identities.map(([, file]) => expand(unquoted(file))) : undefined,
    // An empty one is none, as it is to ssh.
    agent: (agent === 'SSH_AUTH_SOCK' ? process.env.SSH_AUTH_SOCK : expand(agent)) || undefined,
    proxyCommand: command === undefined ? undefined : expandCommand(asked, command, expand, [host, user]),
    checking: checkingOf(first('stricthostkeychecking')),
    connectTimeoutMs: secondsOf(first('connecttimeout')),
  };
  return {
    host,
    port,
    user,
    identitiesOnly: first('identitiesonly') === 'yes',
    jumps: (first('proxyjump') ?? '').split(',').filter((jump) => jump !== ''),
    hostKeyName: first('hostkeyalias') ?? host,
    userKnownHosts: settings.some(([name]) => name === 'userknownhostsfile')
      ? files('userknownhostsfile')
      : [join(home, '.ssh/known_hosts'), join(home, '.ssh/known_hosts2')],
    systemKnownHosts: settings.some(([name]) => name === 'globalknownhostsfile')
      ? files('globalknownhostsfile')
      : ['/etc/ssh/ssh_known_hosts', '/etc/ssh/ssh_known_hosts2'],
    ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)),
  };
}

/**
 * One element of ProxyJump: `[user@]host[:port]` or `ssh://[user@]host[:port]`.
 * @throws NetplayError `inventory`
 */
export function parseJump(jump: string, label: string): Pick<Asked, 'address' | 'user' | 'port'> {
  const [, user, bracketed, plain, port] =
    /^(?:ssh:\/\/)?(?:([^@]+)@)?(?:\[([^\]]+)\]|([^:@[\]/-][^:@[\]/]*))(?::(\d{1,5}))?\/?$/.exec(
      jump.trim(),
    ) ?? [];
  const address = bracketed ?? plain;
  if (address === undefined || user?.startsWith('-'))
    throw new NetplayError('inventory', `“${jump}” is no jump host (host ${label})`, {
      hint: 'Write it as [user@]host[:port].',
      host: label,
    });
  return {
    address,
    ...(user === undefined ? {} : { user }),
    ...(port === undefined ? {} : { port: Number(port) }),
  };
}

function expandTokens(text: string, tokens: Readonly<Record<string, string>>): string {
  return text.replace(/%(.)/g, (whole, token: string) => (token === '%' ? '%' : (tokens[token] ?? whole)));
}

function expandHome(path: string, home: string): string {
  return path === '~' || path.startsWith('~/') ? join(home, path.slice(1)) : path;
}

/** The command is the user's own shell text; names put into it must not be able to add to it. */
function expandCommand(
  asked: Asked,
  command: string,
  expand: (text: string) => string,
  names: readonly string[],
): string {
  const odd = [...names, asked.address].find((name) => !/^[\w.:%@+-]+$/.test(name));
  if (odd !== undefined) throw invalid(asked, `“${odd}” can't be put into a ProxyCommand`);
  return expand(command);
}

function unquoted(file: string): string {
  return /^"(.*)"$/.exec(file)?.[1] ?? file;
}

function portOf(asked: Asked, text: string | undefined): number {
  const port = Number(text ?? 22);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw invalid(asked, `“${text}” is no port`);
}

function secondsOf(text: string | undefined): number | undefined {
  const seconds = Number(text);
  return Number.isInteger(seconds) && seconds > 0 ? seconds * 1000 : undefined;
}

/** `ask` and `yes` are both `yes` here: nobody is asked in the middle of a run. */
function checkingOf(text: string | undefined): Target['hostKeyChecking'] | undefined {
  if (text === 'accept-new') return 'accept-new';
  return text === 'no' || text === 'off' || text === 'false' ? 'no' : undefined;
}

function invalid(asked: Asked, message: string): NetplayError {
  return new NetplayError('inventory', `${message} (host ${asked.label})`, { host: asked.label });
}

/** The ssh options of a target, checked. */
export function sshArgsOf(target: Target): SshArgs {
  return parseSshArgs(target.sshArgs ?? [], target.name);
}
