/** How the engine reaches a host; `ssh.ts` and `local.ts` implement it. */

export interface FrameOptions {
  /** Milliseconds until the frame fails with code `timeout`; the session is then dead. Default 60,000. */
  timeoutMs?: number;
  signal?: AbortSignal;
}

/** What one script gave back. */
export interface FrameResult {
  /** The script's exit code. */
  code: number;
  stdout: string;
  stderr: string;
  /** Milliseconds from sending to the end of the answer. */
  ms: number;
}

/**
 * One connection and one long-lived `sh` on a host, as the user that tasks run as.
 * A script runs in a subshell with standard input closed, `LC_ALL=C` and a PATH that has the sbin folders.
 */
export interface Session {
  /** Frames sent so far: each is one round trip. */
  readonly frames: number;
  /**
   * Runs a script and waits for its end. Frames of a session run one after another.
   * @throws NetplayError `lost` (connection gone), `timeout`, `interrupted`
   */
  run(script: string, options?: FrameOptions): Promise<FrameResult>;
  /** Ends the shell and the connection; never throws, may be called twice. */
  close(): Promise<void>;
}

export const BECOME_METHODS = ['sudo', 'su', 'doas'] as const;

export interface Become {
  method: (typeof BECOME_METHODS)[number];
  /** Default root. */
  user: string;
  password?: string;
  /** Further arguments of the method, from `ansible_become_flags`. */
  flags?: readonly string[];
  /** From `ansible_become_exe`; the method's own name where it is left out. */
  exe?: string;
}

/** Where a host is and how to get in, made from its variables and the command line. */
export interface Target {
  /** The name in the inventory; used in messages. */
  name: string;
  connection: 'ssh' | 'local';
  /** `ansible_host`, or the name. May be an alias in ~/.ssh/config. */
  address: string;
  port?: number;
  user?: string;
  password?: string;
  privateKeyFile?: string;
  passphrase?: string;
  become?: Become;
  /** Words as `ssh` takes them, from `ansible_ssh_common_args` and `ansible_ssh_extra_args`. */
  sshArgs?: readonly string[];
  /** Milliseconds; default 10,000. */
  connectTimeoutMs: number;
  /** Further attempts after a failed connect, with back-off; default 0. */
  retries: number;
  hostKeyChecking: 'yes' | 'accept-new' | 'no';
}

/** Opens sessions; shares jump hosts, key files and known_hosts between them, and limits connects in flight. */
export interface Transport {
  /** @throws NetplayError `unreachable`, `host-key`, `auth`, `become`, `timeout`, `interrupted` */
  open(target: Target, signal?: AbortSignal): Promise<Session>;
  close(): Promise<void>;
}
