/** Hosts over SSH: configuration, jump hosts, retries, login, and the shell at the end of it. */
import { setTimeout as delay } from 'node:timers/promises';
import { NetplayError } from '../shared/errors.js';
import { awaitBecome, becomeMarkers, shellCommand } from './become.js';
import { Credentials } from './credentials.js';
import { HostKeys } from './host-keys.js';
import { Limiter } from './limiter.js';
import type { Target } from './session.js';
import type { ShellPipe } from './shell-pipe.js';
import { proxySocket, tcpSocket } from './sockets.js';
import type { SshArgs } from './ssh-args.js';
import { type Endpoint, parseJump, SshConfig, sshArgsOf } from './ssh-config.js';
import { type ConnectOptions, connectSsh, HungUpError, type SshConnection } from './ssh-connection.js';
import { DEFAULT_CONNECT_TIMEOUT_MS } from './target.js';

/** A stock sshd begins to drop logins at random when 10 are in their start (MaxStartups 10:30:100). */
const STARTS_PER_SERVER = 8;
/** Further attempts where a server hung up all the same: others log in too. */
const HUNG_UP_RETRIES = 4;
const MAX_BACK_OFF_MS = 30_000;

/** Settings of a host's ssh options that are as good for the jump hosts on the way to it. */
const SHARED_WITH_JUMPS = new Set(['globalknownhostsfile', 'stricthostkeychecking', 'userknownhostsfile']);

export class Ssh {
  readonly #config = new SshConfig();
  readonly #credentials = new Credentials();
  readonly #hostKeys = new HostKeys();
  readonly #jumps = new Map<string, Promise<SshConnection>>();
  readonly #limiter: Limiter;
  readonly #closing: AbortSignal;

  /**
   * @param connectsInFlight how many connections may be in their start at once
   * @param closing ends everything that is under way
   */
  constructor(connectsInFlight: number, closing: AbortSignal) {
    this.#limiter = new Limiter(connectsInFlight, STARTS_PER_SERVER);
    this.#closing = closing;
  }

  /** @throws NetplayError as `Transport.open`, and `inventory` for ssh options that make no sense */
  async open(target: Target, signal: AbortSignal): Promise<ShellPipe> {
    const args = sshArgsOf(target);
    const server = await this.#config.resolve({ ...target, label: target.name, args });
    const connection = await this.#connect({ target, args, server, signal, label: target.name, wanting: [] });
    try {
      const markers = becomeMarkers();
      const timeoutMs = target.connectTimeoutMs;
      const pipe = await connection.openShell(shellCommand(target.become, markers), timeoutMs);
      if (target.become !== undefined)
        await awaitBecome(pipe, target.become, markers, { host: target.name, timeoutMs, signal });
      return pipe;
    } catch (error) {
      await connection.close();
      throw error;
    }
  }

  /** Ends the jump hosts' connections, which the sessions share. */
  async close(): Promise<void> {
    const jumps = await Promise.allSettled(this.#jumps.values());
    await Promise.all(jumps.map((jump) => (jump.status === 'fulfilled' ? jump.value.close() : undefined)));
  }

  async #connect(way: Way): Promise<SshConnection> {
    let hungUp = 0;
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.#attempt(way);
      } catch (error) {
        if (error instanceof HungUpError && hungUp < HUNG_UP_RETRIES) {
          // Spread by chance, so that all those turned away do not come back together.
          await pause((0.5 + Math.random()) * 200 * 2 ** hungUp, way);
          hungUp += 1;
          attempt -= 1;
          continue;
        }
        const passing = error instanceof NetplayError && ['unreachable', 'timeout'].includes(error.code);
        if (!passing || attempt >= way.target.retries) throw error;
        await pause(Math.min(1000 * 2 ** attempt, MAX_BACK_OFF_MS), way);
      }
    }
  }

  async #attempt(way: Way): Promise<SshConnection> {
    const { target, server, label, signal } = way;
    const timeoutMs = connectTimeout(target, server);
    const jump = await this.#jumpHost(way);
    const hostKey = await this.#hostKeys.lookUp({
      label,
      name: server.hostKeyName,
      port: server.port,
      checking: target.hostKeyChecking === 'yes' ? (server.checking ?? 'yes') : target.hostKeyChecking,
      userFiles: server.userKnownHosts,
      systemFiles: server.systemKnownHosts,
    });
    const credentials = await this.#credentials.attempts(identity(way));
    const { host, port, user } = server;
    const key = JSON.stringify([server.jumps, server.proxyCommand, host, port]);
    return this.#limiter.run(key, async () => {
      if (signal.aborted) throw interrupted(label);
      const wire = await openWire(way, jump, timeoutMs);
      return connectSsh({ label, host, port, user, ...wire, hostKey, credentials, timeoutMs, signal });
    });
  }

  /** The connection to the last jump host on the way, shared by all that pass through the same ones. */
  async #jumpHost(way: Way): Promise<SshConnection | undefined> {
    const last = way.server.jumps.at(-1);
    if (last === undefined) return undefined;
    const { label, target, args } = way;
    const key = JSON.stringify([way.server.jumps, args, target.privateKeyFile, target.hostKeyChecking]);
    if (way.wanting.includes(key))
      throw new NetplayError('inventory', `The jump hosts lead in a circle at ${last}`, { host: label });
    const connecting = this.#jumps.get(key) ?? this.#connectJump(key, last, way);
    return orInterrupted(connecting, way).catch((error: unknown) => {
      if (!(error instanceof NetplayError) || error.code === 'interrupted') throw error;
      const hint = error.hint === undefined ? {} : { hint: error.hint };
      const message = `Jump host ${last}: ${error.message}`;
      throw new NetplayError(error.code, message, { host: label, cause: error, ...hint });
    });
  }

  #connectJump(key: string, jump: string, way: Way): Promise<SshConnection> {
    const forget = (): void => {
      this.#jumps.delete(key);
    };
    const connecting = (async () => {
      const shared = way.args.settings.filter(([keyword]) => SHARED_WITH_JUMPS.has(keyword));
      const args = { ...way.args, settings: shared };
      const asked = { ...parseJump(jump, way.label), label: jump, args };
      const own = await this.#config.resolve(asked);
      const before = way.server.jumps.slice(0, -1);
      const server = before.length > 0 ? { ...own, jumps: before } : own;
      // Not the asking host's signal: others wait for this connection too.
      const signal = this.#closing;
      return this.#connect({ ...way, args, server, signal, label: jump, wanting: [...way.wanting, key] });
    })();
    this.#jumps.set(key, connecting);
    connecting.then((connection) => connection.closed.then(forget), forget);
    return connecting;
  }
}

/** One server to connect to, on the way to a target. */
interface Way {
  target: Target;
  args: SshArgs;
  server: Endpoint;
  signal: AbortSignal;
  /** The target's name, or the jump host's. */
  label: string;
  /** The jump hosts that this server is one for: empty for the target itself. */
  wanting: readonly string[];
}

/** A default gives way to ssh_config's ConnectTimeout, as anywhere else the variable wins. */
function connectTimeout(target: Target, server: Endpoint): number {
  if (target.connectTimeoutMs !== DEFAULT_CONNECT_TIMEOUT_MS) return target.connectTimeoutMs;
  return server.connectTimeoutMs ?? target.connectTimeoutMs;
}

/** What a server may be shown: a jump host gets the target's key as a last resort, and never its password. */
function identity({ target, server, wanting }: Way): Parameters<Credentials['attempts']>[0] {
  const { identityFiles, identitiesOnly, agent } = server;
  const { privateKeyFile, passphrase, password } = target;
  const own = wanting.length === 0;
  return {
    identitiesOnly,
    ...(agent === undefined ? {} : { agent }),
    ...(identityFiles === undefined ? {} : { identityFiles }),
    ...(privateKeyFile === undefined ? {} : { privateKeyFile }),
    ...(passphrase === undefined ? {} : { passphrase }),
    ...(own && password !== undefined ? { password } : {}),
  };
}

async function openWire(
  { server: { host, port, proxyCommand }, label }: Way,
  jump: SshConnection | undefined,
  timeoutMs: number,
): Promise<Pick<ConnectOptions, 'socket' | 'proxySaid'>> {
  if (jump !== undefined) return { socket: await jump.forward({ host, port, label }, timeoutMs) };
  if (proxyCommand === undefined) return { socket: tcpSocket(host, port, timeoutMs) };
  const { stream, said } = proxySocket(proxyCommand);
  return { socket: stream, proxySaid: said };
}

async function pause(ms: number, { signal, label }: Way): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => {
    throw interrupted(label);
  });
}

function orInterrupted<T>(work: Promise<T>, { signal, label }: Way): Promise<T> {
  return new Promise((resolve, reject) => {
    const interrupt = (): void => reject(interrupted(label));
    if (signal.aborted) interrupt();
    signal.addEventListener('abort', interrupt, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', interrupt));
  });
}

function interrupted(host: string): NetplayError {
  return new NetplayError('interrupted', 'Interrupted while connecting', { host });
}
