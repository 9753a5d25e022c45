/**
 * One SSH connection, made safe: node-ssh and the ssh2 below it throw where nobody listens, wait for ever,
 * take any host key and leave Nagle's algorithm on. Here nothing is ever thrown outside a call, every wait
 * ends, every key is checked.
 */
import { isIP, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { NodeSSH } from 'node-ssh';
import type { AuthenticationType, Client, ClientChannel, NextAuthHandler } from 'ssh2';
import { type ErrorCode, NetplayError } from '../shared/errors.js';
import type { Attempt, Attempts } from './credentials.js';
import type { HostKeyCheck } from './host-keys.js';
import type { ShellPipe } from './shell-pipe.js';
import { lastLine } from './shell-session.js';

const KEEPALIVE = { keepaliveInterval: 5000, keepaliveCountMax: 3 } as const;
/** Milliseconds that a server gets to take its leave. */
const GRACE_MS = 1000;
/** Milliseconds for output that is still under way when the shell has ended. */
const DRAIN_MS = 200;

export interface ConnectOptions {
  /** The name in the inventory, for messages. */
  label: string;
  host: string;
  port: number;
  user: string;
  /** What to speak over; made when it is its turn. */
  socket: Duplex;
  /** What a ProxyCommand has printed on standard error so far. */
  proxySaid?: () => string;
  hostKey: HostKeyCheck;
  credentials: Attempts;
  timeoutMs: number;
  signal: AbortSignal;
}

export interface SshConnection {
  /** Settles, with the reason in words, once the connection is gone. Never rejects. */
  readonly closed: Promise<string>;
  /** @throws NetplayError `unreachable`, `timeout` */
  openShell(command: string, timeoutMs: number): Promise<ShellPipe>;
  /**
   * A way on to another server, through this one.
   * @param to the server, and the label by which errors name it
   * @throws NetplayError `unreachable`, `timeout`
   */
  forward(to: Pick<ConnectOptions, 'host' | 'port' | 'label'>, timeoutMs: number): Promise<Duplex>;
  /** Never throws, may be called twice. */
  close(): Promise<void>;
}

/** A server that hung up before it said who it is: sshd's MaxStartups does that, and trying again helps. */
export class HungUpError extends NetplayError {}

/** @throws NetplayError `unreachable`, `timeout`, `host-key`, `auth`, `interrupted` */
export async function connectSsh(options: ConnectOptions): Promise<SshConnection> {
  const client = await new Login(options).run();
  return new Connection(client, options);
}

type Phase = 'connect' | 'identify' | 'negotiate' | 'log in';

/** What a server failed to do when its time is up. */
const LATE: Readonly<Record<Phase, string>> = {
  connect: 'did not answer',
  identify: 'took the connection but did not say that it speaks SSH',
  negotiate: 'did not finish the key exchange',
  'log in': 'did not finish the login',
};

/** The way from a socket to a logged-in client. */
class Login {
  readonly #options: ConnectOptions;
  readonly #outcome: Promise<Client | NetplayError>;
  #settle: (outcome: Client | NetplayError) => void = () => undefined;
  #phase: Phase = 'connect';
  readonly #untried: Attempt[];
  readonly #tried: string[] = [];
  /** The methods that the server takes, once it said so. */
  #accepted: readonly string[] | undefined;

  constructor(options: ConnectOptions) {
    this.#options = options;
    this.#untried = [...options.credentials.attempts];
    this.#outcome = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  async run(): Promise<Client> {
    const { socket, timeoutMs, signal } = this.#options;
    const late = (): void =>
      this.#fail('timeout', `${this.#where} ${LATE[this.#phase]} within ${timeoutMs / 1000} s`);
    const interrupt = (): void => this.#fail('interrupted', 'Interrupted while connecting');
    const timer = setTimeout(late, timeoutMs);
    signal.addEventListener('abort', interrupt, { once: true });
    if (signal.aborted) interrupt();
    else this.#start();
    const outcome = await this.#outcome;
    clearTimeout(timer);
    signal.removeEventListener('abort', interrupt);
    if (!(outcome instanceof NetplayError)) return outcome;
    socket.on('error', () => undefined);
    socket.destroy();
    throw outcome;
  }

  get #where(): string {
    return place(this.#options.host, this.#options.port);
  }

  #fail(code: ErrorCode, message: string, hint?: string): void {
    const details = { host: this.#options.label, ...(hint === undefined ? {} : { hint }) };
    this.#settle(new NetplayError(code, message, details));
  }

  #start(): void {
    const { socket, user, hostKey } = this.#options;
    const ssh = new NodeSSH();
    const connecting = ssh.connect({
      ...KEEPALIVE,
      sock: socket,
      username: user,
      // The time-out of this class covers the name's resolution and the connect too.
      readyTimeout: 0,
      algorithms: { serverHostKey: hostKey.algorithms },
      hostVerifier: (key: Buffer, verify: (valid: boolean) => void) => this.#verify(key, verify),
      authHandler: (left: AuthenticationType[] | null, _partial: boolean, next: NextAuthHandler) =>
        this.#nextAttempt(left, next),
    });
    // node-ssh gives up on errors that ssh2 goes on after, such as an agent that refuses one key: so the
    // client's own events decide. The client is there at once, since `connect` has no key file to read.
    connecting.catch(() => undefined);
    const client = ssh.connection;
    if (client === null) throw new Error('node-ssh made no client');
    client.on('error', (error) => this.#onError(error));
    client.on('close', () => this.#onClose());
    client.on('connect', () => this.#enter('identify'));
    client.on('handshake', () => this.#enter('log in'));
    client.on('ready', () => this.#settle(client));
    client.on('change password', () =>
      this.#fail('auth', `The password of ${user} has expired on the host`, 'Log in by hand and change it.'),
    );
    if (!(socket instanceof Socket && socket.connecting)) this.#enter('identify');
  }

  #enter(phase: Phase): void {
    this.#phase = phase;
  }

  #verify(key: Buffer, verify: (valid: boolean) => void): void {
    this.#enter('negotiate');
    this.#options.hostKey.check(key).then(
      () => verify(true),
      (error: unknown) => {
        if (error instanceof NetplayError) this.#settle(error);
        verify(false);
      },
    );
  }

  /** Called by ssh2 for the first attempt and after each refusal; `left` are the methods the server takes. */
  #nextAttempt(left: readonly AuthenticationType[] | null, next: NextAuthHandler): void {
    if (left !== null) this.#accepted = left;
    while (this.#untried.length > 0) {
      const attempt = this.#untried.shift();
      if (attempt === undefined || this.#accepted?.includes(attempt.method) === false) continue;
      this.#tried.push(attempt.label);
      next(attempt.start(this.#options.user));
      return;
    }
    // With nothing to offer, ask what the server takes: the message can then say it.
    if (this.#accepted === undefined) next({ type: 'none', username: this.#options.user });
    else this.#refuse();
  }

  #refuse(said?: string): void {
    const facts = [
      this.#tried.length === 0 ? 'there was nothing to try' : `tried ${this.#tried.join(', ')}`,
      ...(this.#accepted === undefined ? [] : [`the server takes ${this.#accepted.join(', ')}`]),
      ...(said === undefined ? [] : [`it said “${said}”`]),
      ...this.#options.credentials.notes,
    ];
    const hint = 'Check ansible_user and ansible_ssh_private_key_file, or add the key to the ssh-agent.';
    this.#fail('auth', `${this.#where} did not let ${this.#options.user} in: ${facts.join('; ')}`, hint);
  }

  #onError(error: Error & { level?: string; code?: string | number }): void {
    // ssh2 goes on to the next key or method by itself.
    if (error.level === 'agent' || error.level === 'client-authentication') return;
    if (this.#phase === 'log in') this.#refuse(error.message);
    else if (this.#phase === 'identify') this.#hungUp();
    else this.#fail('unreachable', `${this.#where}: ${explain(error)}`, unreachableHint(error));
  }

  #onClose(): void {
    if (this.#phase === 'log in') this.#refuse('connection closed');
    else if (this.#phase === 'identify') this.#hungUp();
    else this.#fail('unreachable', `${this.#where} closed the connection during the key exchange`);
  }

  #hungUp(): void {
    const said = lastLine(this.#options.proxySaid?.() ?? '');
    const proxy = said === '' ? '' : `; its ProxyCommand said “${said}”`;
    const message = `${this.#where} hung up before it said that it speaks SSH${proxy}`;
    const hint = 'Is it an SSH server, and does its MaxStartups leave room for more logins?';
    this.#settle(new HungUpError('unreachable', message, { host: this.#options.label, hint }));
  }
}

class Connection implements SshConnection {
  readonly closed: Promise<string>;
  readonly #client: Client;
  readonly #options: ConnectOptions;

  constructor(client: Client, options: ConnectOptions) {
    this.#client = client;
    this.#options = options;
    let reason: string | undefined;
    client.on('error', (error) => {
      reason ??= `the connection broke (${explain(error)})`;
      options.socket.destroy();
    });
    this.closed = new Promise((resolve) => {
      client.once('close', () => resolve(reason ?? 'the connection was closed'));
    });
  }

  async openShell(command: string, timeoutMs: number): Promise<ShellPipe> {
    const { label } = this.#options;
    let ended = new Promise<string>(() => undefined);
    const channel = await this.#open('did not start a shell', label, timeoutMs, (done) => {
      this.#client.exec(command, (error, opened) => {
        // At once: the end of a shell that fails may stand in the same packet as its start.
        if (error === undefined) ended = shellEnd(opened);
        done(error, opened);
      });
    });
    channel.on('error', () => undefined);
    channel.stderr.on('error', () => undefined);
    const close = async (): Promise<void> => {
      channel.end();
      await this.close();
    };
    const closed = Promise.race([this.closed, ended]);
    return { stdin: channel, stdout: channel, stderr: channel.stderr, closed, close };
  }

  forward(to: Pick<ConnectOptions, 'host' | 'port' | 'label'>, timeoutMs: number): Promise<Duplex> {
    const { host, port, label } = to;
    return this.#open(`did not connect to ${place(host, port)}`, label, timeoutMs, (done) => {
      this.#client.forwardOut('127.0.0.1', 0, host, port, done);
    });
  }

  async close(): Promise<void> {
    this.#client.end();
    const timer = setTimeout(() => this.#options.socket.destroy(), GRACE_MS);
    await this.closed;
    clearTimeout(timer);
  }

  /** Opens a channel: ssh2 may throw, call back with an error, or never call back. */
  async #open(
    failed: string,
    label: string,
    timeoutMs: number,
    open: (done: (error: Error | undefined, channel: ClientChannel) => void) => void,
  ): Promise<ClientChannel> {
    const { host, port } = this.#options;
    let timer: NodeJS.Timeout | undefined;
    const fail = (code: ErrorCode, why: string): NetplayError =>
      new NetplayError(code, `${place(host, port)} ${failed}${why}`, { host: label });
    try {
      return await new Promise((resolve, reject) => {
        timer = setTimeout(() => reject(fail('timeout', ` within ${timeoutMs / 1000} s`)), timeoutMs);
        open((error, channel) => (error ? reject(error) : resolve(channel)));
      });
    } catch (error) {
      if (error instanceof NetplayError) throw error;
      throw fail('unreachable', `: ${error instanceof Error ? explain(error) : String(error)}`);
    } finally {
      clearTimeout(timer);
    }
  }
}

/** A process that a script left behind may hold the channel open after the shell has ended. */
function shellEnd(channel: ClientChannel): Promise<string> {
  return new Promise((resolve) => {
    let reason = 'its shell is gone';
    channel.once('exit', (code: number | null, signal?: string) => {
      reason = code === null ? `${signal} ended its shell` : `its shell exited with ${code}`;
      setTimeout(() => resolve(reason), DRAIN_MS).unref();
    });
    channel.once('close', () => resolve(reason));
  });
}

function place(host: string, port: number): string {
  return `${isIP(host) === 6 ? `[${host}]` : host} port ${port}`;
}

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  EHOSTUNREACH: 'no route to host',
  ENETUNREACH: 'network is unreachable',
  ENOTFOUND: 'there is no such name',
  EAI_AGAIN: 'the name could not be looked up',
  ETIMEDOUT: 'no answer',
  EPIPE: 'connection closed',
};

/** An error of a socket or of ssh2, in words. */
function explain(error: Error & { code?: string | number }): string {
  if (error instanceof AggregateError && error.errors[0] instanceof Error) return explain(error.errors[0]);
  return WORDS[String(error.code)] ?? error.message.replace(/^\(SSH\) /, '');
}

function unreachableHint(error: Error & { code?: string | number }): string | undefined {
  if (error.code === 'ENOTFOUND' || error.code === 'EAI_AGAIN')
    return 'Check the name, or give the address with ansible_host.';
  if (error.code === 'ECONNREFUSED') return 'Does sshd run there, and is ansible_port right?';
  return undefined;
}
