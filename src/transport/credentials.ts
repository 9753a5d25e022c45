/** What can be tried to log in with: key files, the agent's keys, the password. */
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import ssh2, { type AnyAuthMethod, type ParsedKey } from 'ssh2';

/** What a login may use; secrets stay here and in ssh2. */
export interface Identity {
  /** From the host's variables; tried first. */
  privateKeyFile?: string;
  passphrase?: string;
  /** From ssh_config; undefined: OpenSSH's defaults, where no `privateKeyFile` is given. */
  identityFiles?: readonly string[];
  /** Only such keys of the agent whose files are named. */
  identitiesOnly: boolean;
  /** The agent's socket. */
  agent?: string;
  password?: string;
}

/** One way to log in. */
export interface Attempt {
  /** The server's name of the method. */
  method: 'publickey' | 'password' | 'keyboard-interactive';
  /** For messages: which key, without any secret. */
  label: string;
  start(username: string): AnyAuthMethod;
}

export interface Attempts {
  attempts: readonly Attempt[];
  /** Why a key that was asked for can't be tried. */
  notes: readonly string[];
}

interface KeyFile {
  file: string;
  /** The private key, where it could be read and unlocked. */
  key?: ParsedKey;
  /** The public half, by which the agent's copy of a locked key is found. */
  publicKey?: ParsedKey;
  problem?: string;
  missing?: boolean;
}

const DEFAULT_KEY_FILES = ['id_ed25519', 'id_ecdsa', 'id_rsa'];
const AGENT_TIMEOUT_MS = 5000;

/** Reads each key and asks each agent once for all hosts: unlocking a key costs a tenth of a second. */
export class Credentials {
  readonly #files = new Map<string, Promise<KeyFile>>();
  readonly #agents = new Map<string, Promise<ParsedKey[] | Error>>();

  async attempts(identity: Identity): Promise<Attempts> {
    const asked = identity.privateKeyFile?.replace(/^~(?=\/)/, homedir());
    const others = identity.identityFiles ?? (asked === undefined ? defaultKeyFiles() : []);
    const paths = [...new Set(asked === undefined ? others : [asked, ...others])];
    const files = await Promise.all(paths.map((path) => this.#read(path, identity.passphrase)));
    const agentKeys = identity.agent === undefined ? [] : await this.#ask(identity.agent);
    // A default or configured key that isn't there is no mistake; one of the host's own variables is.
    const notes = files
      .filter(({ file, missing }) => missing !== true || file === asked)
      .flatMap(({ file, problem }) => (problem === undefined ? [] : [`${file}: ${problem}`]));
    if (agentKeys instanceof Error) notes.push(`ssh-agent: ${agentKeys.message}`);
    const keys = keyAttempts(files, agentKeys instanceof Error ? [] : agentKeys, identity);
    return { attempts: [...keys, ...passwordAttempts(identity.password)], notes };
  }

  #read(file: string, passphrase: string | undefined): Promise<KeyFile> {
    const id = JSON.stringify([file, passphrase]);
    const read = this.#files.get(id) ?? readKeyFile(file, passphrase);
    this.#files.set(id, read);
    return read;
  }

  #ask(socket: string): Promise<ParsedKey[] | Error> {
    const asked = this.#agents.get(socket) ?? agentIdentities(socket);
    this.#agents.set(socket, asked);
    return asked;
  }
}

function defaultKeyFiles(): string[] {
  return DEFAULT_KEY_FILES.map((name) => join(homedir(), '.ssh', name));
}

async function readKeyFile(file: string, passphrase: string | undefined): Promise<KeyFile> {
  const text = await readFile(file).catch((error: NodeJS.ErrnoException) => error);
  const beside = await readFile(`${file}.pub`).catch(() => undefined);
  const publicKey = beside === undefined ? undefined : parsed(beside);
  const half = publicKey === undefined || publicKey instanceof Error ? {} : { publicKey };
  if (text instanceof Error) {
    const missing = text.code === 'ENOENT';
    return { file, ...half, missing, problem: missing ? 'there is no such file' : text.message };
  }
  const key = parsed(text, passphrase);
  if (!(key instanceof Error))
    return key.isPrivateKey()
      ? { file, key, publicKey: key }
      : { file, ...half, problem: 'it is a public key' };
  return { file, ...half, problem: keyProblem(key.message, passphrase !== undefined) };
}

function parsed(text: Buffer, passphrase?: string): ParsedKey | Error {
  try {
    // An array for OpenSSH's own format, whatever the types say.
    const key: ParsedKey | Error | (ParsedKey | Error)[] = ssh2.utils.parseKey(text, passphrase);
    return (Array.isArray(key) ? key[0] : key) ?? new Error('it holds no key');
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** ssh2's and OpenSSL's words for a locked key, as something to act upon. */
function keyProblem(message: string, hadPassphrase: boolean): string {
  if (/no passphrase given/i.test(message))
    return 'it needs a passphrase (ansible_ssh_private_key_passphrase)';
  const wrong = /bad passphrase|bad decrypt|integrity check|decryption failed/i.test(message);
  return hadPassphrase && wrong ? 'the passphrase is wrong' : `it can't be read as a private key: ${message}`;
}

function agentIdentities(socket: string): Promise<ParsedKey[] | Error> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(new Error('it does not answer')), AGENT_TIMEOUT_MS);
    new ssh2.OpenSSHAgent(socket).getIdentities((error, keys) => {
      clearTimeout(timer);
      resolve(error ?? (keys ?? []).filter((key) => 'getPublicSSH' in key));
    });
  });
}

/** Hands one key of the agent to ssh2, which would otherwise try all of them as one method. */
class OneKeyAgent extends ssh2.OpenSSHAgent {
  readonly #key: ParsedKey;

  constructor(socket: string, key: ParsedKey) {
    super(socket);
    this.#key = key;
  }

  override getIdentities(callback: Parameters<ssh2.OpenSSHAgent['getIdentities']>[0]): void {
    callback(undefined, [this.#key]);
  }
}

/** Keys in the order of their files, each from its file or the agent; then the agent's other keys. */
function keyAttempts(
  files: readonly KeyFile[],
  agentKeys: readonly ParsedKey[],
  identity: Identity,
): Attempt[] {
  const { agent } = identity;
  const left = [...agentKeys];
  const fromFiles = files.flatMap(({ file, key, publicKey }) => {
    const index = publicKey === undefined ? -1 : left.findIndex((held) => sameKey(held, publicKey));
    const [held] = index < 0 ? [] : left.splice(index, 1);
    if (key !== undefined) return [fileAttempt(file, key)];
    return held === undefined || agent === undefined ? [] : [agentAttempt(agent, held)];
  });
  if (agent === undefined || identity.identitiesOnly) return fromFiles;
  const fromAgent = left.map((held) => agentAttempt(agent, held));
  // As ssh does: a host's own key first, but the agent's before files that only might fit.
  return identity.privateKeyFile === undefined ? [...fromAgent, ...fromFiles] : [...fromFiles, ...fromAgent];
}

function sameKey(a: ParsedKey, b: ParsedKey): boolean {
  return a.getPublicSSH().equals(b.getPublicSSH());
}

function fileAttempt(file: string, key: ParsedKey): Attempt {
  return {
    method: 'publickey',
    label: `key ${file}`,
    start: (username) => ({ type: 'publickey', username, key }),
  };
}

function agentAttempt(socket: string, key: ParsedKey): Attempt {
  const label = `agent's key ${key.comment || key.type}`;
  const start = (username: string): AnyAuthMethod => ({
    type: 'agent',
    username,
    agent: new OneKeyAgent(socket, key),
  });
  return { method: 'publickey', label, start };
}

function passwordAttempts(password: string | undefined): Attempt[] {
  if (password === undefined) return [];
  return [
    {
      method: 'password',
      label: 'password',
      start: (username) => ({ type: 'password', username, password }),
    },
    {
      method: 'keyboard-interactive',
      label: 'keyboard-interactive',
      start: (username) => {
        let given = false;
        return {
          type: 'keyboard-interactive',
          username,
          prompt: (_name, _instructions, _language, prompts, finish) => {
            // The password answers what is asked without echo, once: asked again, it was wrong.
            finish(prompts.map((prompt) => (prompt.echo || given ? '' : password)));
            given = true;
          },
        };
      },
    },
  ];
}
